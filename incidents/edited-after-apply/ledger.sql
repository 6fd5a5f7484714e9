CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMPTZ NOT NULL DEFAULT now(),
    success BOOLEAN NOT NULL,
    checksum BYTEA NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations VALUES
    (20250301080000, 'customers', '2025-03-01 12:00:00+00', true,
        '\x5c6cee266e8a711c4dc76631e3ce26bdf491b98788f89ad02d88f65806e8339327f0e3703facb03c44b23b1bf9a619a7', 3000000),
    (20250308093000, 'subscriptions', '2025-03-08 12:00:00+00', true,
        '\x5ee982821bfa4444e4e64fd9bb82886294238f82988bc45746c3cfef065cfed406faf953e14742c4bcca7a2feeb2b1db', 3000000),
    (20250315120000, 'invoices', '2025-03-15 12:00:00+00', true,
        '\x5bcd4508e13a9e4f7b0438d6ecb2a76e54f94893e3b2b05accc16b18b28cf7c92412d332f55e1fe92890b560ef5ceb12', 3000000);

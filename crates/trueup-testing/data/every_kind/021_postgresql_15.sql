-- needs: 15
-- What PostgreSQL 15 brought.

CREATE TABLE shop.vouchers (
    id integer PRIMARY KEY,
    code text,
    customer_id bigint,
    tenant integer,
    CONSTRAINT vouchers_code_key UNIQUE NULLS NOT DISTINCT (code)
);
CREATE UNIQUE INDEX vouchers_customer_idx ON shop.vouchers (customer_id) NULLS NOT DISTINCT;

CREATE TABLE shop.voucher_uses (
    tenant char(2),
    region integer,
    CONSTRAINT voucher_uses_region_fkey FOREIGN KEY (tenant, region) REFERENCES shop.regions (country, region)
        ON DELETE SET NULL (region)
);

CREATE UNLOGGED SEQUENCE shop.fleeting_number;
CREATE VIEW shop.own_orders WITH (security_invoker = true) AS SELECT id, amount FROM shop.orders;

CREATE PUBLICATION filtered FOR TABLE shop.customers WHERE (active), TABLES IN SCHEMA "Archive 2024"
    WITH (publish = 'insert');
CREATE PUBLICATION filtered_columns FOR TABLE shop.customers (id, email), shop.orders WHERE (amount > 100)
    WITH (publish = 'insert');

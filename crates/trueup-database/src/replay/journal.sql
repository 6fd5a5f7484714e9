CREATE SCHEMA IF NOT EXISTS trueup_shadow;
GRANT USAGE ON SCHEMA trueup_shadow TO PUBLIC;

-- Migrations by their own ids: positions in a history change when files are added.
CREATE TABLE IF NOT EXISTS trueup_shadow.migrations (number integer PRIMARY KEY, id text NOT NULL UNIQUE);

-- Migration -1 is nobody's: the beginning and the end of a replay.
CREATE TABLE IF NOT EXISTS trueup_shadow.journal (
    migration integer NOT NULL,
    statement integer NOT NULL,
    first bigint,
    counter oid NOT NULL
);

-- What a replay has to say again when its state was kept.
CREATE TABLE IF NOT EXISTS trueup_shadow.outcomes (
    number serial PRIMARY KEY,
    migration integer NOT NULL,
    statement integer NOT NULL,
    outcome text NOT NULL
);

-- Whoever the history has made itself into by SET ROLE has to leave a row as well.
CREATE OR REPLACE FUNCTION trueup_shadow.record(migration integer, statement integer, first bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    said text;
BEGIN
    INSERT INTO trueup_shadow.journal VALUES ($1, $2, $3, trueup_shadow.next_number())
    RETURNING pg_catalog.concat(xmin, ' ', counter) INTO said;
    RETURN said;
END
$$;

CREATE OR REPLACE FUNCTION trueup_shadow.make_role(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', name);
END
$$;

CREATE OR REPLACE FUNCTION trueup_shadow.make_superuser(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    EXECUTE pg_catalog.format('ALTER ROLE %I SUPERUSER', name);
END
$$;

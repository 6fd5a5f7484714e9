-- Extensions of PostgreSQL's contrib folder, and what is made with them.

CREATE SCHEMA extensions;
CREATE EXTENSION hstore;
COMMENT ON EXTENSION hstore IS 'Pairs';
CREATE EXTENSION pgcrypto WITH SCHEMA extensions;
CREATE EXTENSION "uuid-ossp";
CREATE EXTENSION citext VERSION '1.5';
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gist WITH SCHEMA extensions;
CREATE EXTENSION fuzzystrmatch;
CREATE EXTENSION moddatetime;
CREATE EXTENSION pg_stat_statements;
CREATE EXTENSION postgres_fdw;

CREATE TABLE shop.extended (
    id uuid DEFAULT uuid_generate_v4() PRIMARY KEY,
    random_id uuid DEFAULT extensions.gen_random_uuid(),
    attributes hstore DEFAULT ''::hstore,
    login citext NOT NULL,
    description text,
    room integer,
    during tstzrange,
    CONSTRAINT extended_no_overlap EXCLUDE USING gist (room extensions.gist_int4_ops WITH =, during WITH &&)
);
CREATE INDEX extended_description_trgm ON shop.extended USING gin (description gin_trgm_ops);
CREATE INDEX extended_attributes_idx ON shop.extended USING gist (attributes gist_hstore_ops (siglen = 32));

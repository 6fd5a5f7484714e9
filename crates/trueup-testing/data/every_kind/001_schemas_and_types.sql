-- The schemas of the shop, and the types that its tables are made of.

CREATE SCHEMA shop;
COMMENT ON SCHEMA shop IS 'What customers see';
GRANT USAGE ON SCHEMA shop TO app_reader;
GRANT USAGE, CREATE ON SCHEMA shop TO app_writer WITH GRANT OPTION;

CREATE SCHEMA private AUTHORIZATION app_owner;
CREATE SCHEMA "Archive 2024";
CREATE SCHEMA empty;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- Enums

CREATE TYPE shop.order_state AS ENUM ('draft', 'placed', 'paid', 'shipped');
ALTER TYPE shop.order_state ADD VALUE 'packed' BEFORE 'shipped';
ALTER TYPE shop.order_state ADD VALUE 'lost' AFTER 'shipped';
ALTER TYPE shop.order_state ADD VALUE IF NOT EXISTS 'returned';
ALTER TYPE shop.order_state RENAME VALUE 'draft' TO 'basket';
COMMENT ON TYPE shop.order_state IS 'Where an order stands';
REVOKE USAGE ON TYPE shop.order_state FROM PUBLIC;
GRANT USAGE ON TYPE shop.order_state TO app_writer WITH GRANT OPTION;

CREATE TYPE shop."Mood" AS ENUM ('it''s fine', '🙂', 'so-so', '');
CREATE TYPE shop.unused_state AS ENUM ('on', 'off');
ALTER TYPE shop.unused_state OWNER TO app_owner;

-- Composite types

CREATE TYPE shop.address AS (
    street text,
    house_number_to_be_dropped integer,
    city text COLLATE "C",
    zip varchar(10)
);
ALTER TYPE shop.address ADD ATTRIBUTE country char(2);
ALTER TYPE shop.address DROP ATTRIBUTE house_number_to_be_dropped;
COMMENT ON TYPE shop.address IS 'A place to send a parcel to';
COMMENT ON COLUMN shop.address.zip IS 'As the country writes it';

CREATE TYPE shop.unused_pair AS (first integer, second integer);

CREATE TYPE shop.measurement AS (
    taken_at timestamptz,
    celsius numeric(5, 2)
);

-- Domains

CREATE DOMAIN shop.email AS text COLLATE "C"
    CONSTRAINT email_has_at CHECK (VALUE ~ '^[^@]+@[^@]+$');
ALTER DOMAIN shop.email ADD CONSTRAINT email_not_endless CHECK (length(VALUE) < 255) NOT VALID;
COMMENT ON DOMAIN shop.email IS 'An address that something can be sent to';
COMMENT ON CONSTRAINT email_has_at ON DOMAIN shop.email IS 'The only rule that all agree on';

CREATE DOMAIN shop.price AS numeric(12, 2)
    DEFAULT 0.00
    NOT NULL
    CONSTRAINT price_not_negative CHECK (VALUE >= 0)
    CONSTRAINT price_not_absurd CHECK (VALUE < 1000000);
REVOKE USAGE ON DOMAIN shop.price FROM PUBLIC;
GRANT USAGE ON DOMAIN shop.price TO app_reader;

CREATE DOMAIN shop.tags AS text[] CHECK (array_position(VALUE, NULL) IS NULL);
CREATE DOMAIN shop.work_email AS shop.email CHECK (VALUE LIKE '%.example');
CREATE DOMAIN shop.unused_code AS varchar(8);
ALTER DOMAIN shop.unused_code SET DEFAULT 'none';
ALTER DOMAIN shop.unused_code SET NOT NULL;

-- Ranges

CREATE FUNCTION shop.time_difference(upper time, lower time) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT
    AS 'SELECT extract(epoch FROM (upper - lower))::double precision';

CREATE TYPE shop.opening_hours AS RANGE (
    SUBTYPE = time,
    SUBTYPE_DIFF = shop.time_difference
);
COMMENT ON TYPE shop.opening_hours IS 'From when to when a shop is open';

CREATE TYPE shop.name_span AS RANGE (
    SUBTYPE = text,
    SUBTYPE_OPCLASS = text_pattern_ops,
    COLLATION = "C"
);

-- A range over whole numbers, brought into one form as PostgreSQL's own int4range is.
CREATE TYPE shop.page_range;
CREATE FUNCTION shop.page_range_canonical(shop.page_range) RETURNS shop.page_range
    LANGUAGE internal IMMUTABLE STRICT
    AS 'int4range_canonical';
CREATE TYPE shop.page_range AS RANGE (
    SUBTYPE = integer,
    CANONICAL = shop.page_range_canonical
);

-- A base type: text that is nobody else's.
CREATE TYPE shop.token;
CREATE FUNCTION shop.token_in(cstring) RETURNS shop.token
    LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION shop.token_out(shop.token) RETURNS cstring
    LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE shop.token (
    INPUT = shop.token_in,
    OUTPUT = shop.token_out,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended,
    CATEGORY = 'U',
    DELIMITER = ';'
);
COMMENT ON TYPE shop.token IS 'A secret that must not be mistaken for text';

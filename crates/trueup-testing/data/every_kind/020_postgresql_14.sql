-- needs: 14
-- What PostgreSQL 14 brought.

ALTER TABLE shop.customers ALTER COLUMN settings SET COMPRESSION pglz;
CREATE TABLE shop.compressed (id integer, body text COMPRESSION pglz);

CREATE TYPE shop.price_range AS RANGE (SUBTYPE = numeric, MULTIRANGE_TYPE_NAME = shop.price_ranges);
CREATE TABLE shop.offers (id integer, prices shop.price_ranges, valid datemultirange);

CREATE FUNCTION shop.order_total(order_id integer) RETURNS numeric
    LANGUAGE sql STABLE
    BEGIN ATOMIC
        SELECT amount - discount FROM shop.orders WHERE id = order_id;
    END;
CREATE FUNCTION shop.plus_one(value integer) RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN value + 1;
CREATE PROCEDURE shop.count_down(IN start integer, OUT result integer)
    LANGUAGE plpgsql
    AS $$ BEGIN result := start - 1; END $$;

CREATE STATISTICS shop.customers_expressions (ndistinct, mcv)
    ON lower(full_name), (balance / 100), active FROM shop.customers;
CREATE STATISTICS shop.customers_month ON (date_trunc('month', birthday::timestamp)) FROM shop.customers;

CREATE INDEX products_counter_bloom ON shop.products USING brin (big_counter int8_bloom_ops (n_distinct_per_range = 500));
CREATE OR REPLACE TRIGGER customers_touch BEFORE UPDATE ON shop.customers
    FOR EACH ROW WHEN (OLD.full_name IS DISTINCT FROM NEW.full_name) EXECUTE FUNCTION shop.touch('again');

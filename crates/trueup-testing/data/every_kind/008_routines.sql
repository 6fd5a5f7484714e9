-- Functions, procedures and aggregates.

CREATE FUNCTION shop.add(integer, integer) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5
    AS 'SELECT $1 + $2';
COMMENT ON FUNCTION shop.add(integer, integer) IS 'For those who cannot';
CREATE FUNCTION shop.add(numeric, numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    AS 'SELECT $1 + $2';

CREATE FUNCTION shop.guarded(secret text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER LEAKPROOF PARALLEL RESTRICTED COST 250
    SET search_path = pg_catalog, pg_temp
    SET work_mem = '8MB'
    AS $body$
DECLARE
    found_it boolean;
BEGIN
    SELECT EXISTS (SELECT 1 FROM private.secrets WHERE content = secret) INTO found_it;
    RETURN found_it;
END;
$body$;
REVOKE EXECUTE ON FUNCTION shop.guarded(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shop.guarded(text) TO app_reader;
GRANT EXECUTE ON FUNCTION shop.guarded(text) TO app_writer WITH GRANT OPTION;

CREATE FUNCTION shop.numbers(first integer, last integer) RETURNS SETOF integer
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE ROWS 42
    SUPPORT pg_catalog.generate_series_int4_support
    AS 'generate_series_int4';

CREATE FUNCTION shop.orders_of(customer bigint, since date DEFAULT '2000-01-01')
    RETURNS TABLE (order_id integer, state shop.order_state, amount numeric)
    LANGUAGE sql STABLE ROWS 20
    AS $$
    SELECT id, state, amount FROM shop.orders WHERE customer_id = customer AND placed_on >= since;
$$;

CREATE FUNCTION shop.split_name(full_name text, OUT first text, OUT last text)
    LANGUAGE sql IMMUTABLE
    AS $$SELECT split_part(full_name, ' ', 1), split_part(full_name, ' ', 2)$$;

CREATE FUNCTION shop.doubled(INOUT value numeric)
    LANGUAGE plpgsql
    AS 'BEGIN value := value * 2; END';

CREATE FUNCTION shop.longest(VARIADIC words text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS 'SELECT w FROM unnest(words) w ORDER BY length(w) DESC LIMIT 1';

CREATE FUNCTION shop.first_of(anyarray) RETURNS anyelement
    LANGUAGE sql IMMUTABLE
    AS 'SELECT $1[1]';

CREATE FUNCTION shop.place_in_line() RETURNS bigint
    LANGUAGE internal WINDOW IMMUTABLE
    AS 'window_row_number';

CREATE FUNCTION shop."Odd ""Name"" 🙂"("Weird Arg" integer DEFAULT 7) RETURNS integer
    LANGUAGE sql
    AS 'SELECT "Weird Arg"';
CREATE FUNCTION shop.unused_function() RETURNS void LANGUAGE sql AS '';
ALTER FUNCTION shop.unused_function() OWNER TO app_owner;

-- Replaced: the later body counts.
CREATE FUNCTION shop.greeting() RETURNS text LANGUAGE sql AS $$SELECT 'hello'$$;
CREATE OR REPLACE FUNCTION shop.greeting() RETURNS text LANGUAGE sql AS $$SELECT 'good day'$$;

-- Languages, transforms, and functions from a library.

CREATE FUNCTION shop.second_plpgsql_handler() RETURNS language_handler
    LANGUAGE c
    AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE LANGUAGE second_plpgsql HANDLER shop.second_plpgsql_handler;
COMMENT ON LANGUAGE second_plpgsql IS 'The same again';

CREATE TRANSFORM FOR integer LANGUAGE sql (
    FROM SQL WITH FUNCTION prsd_lextype(internal),
    TO SQL WITH FUNCTION int4recv(internal)
);
COMMENT ON TRANSFORM FOR integer LANGUAGE sql IS 'Never called';
CREATE FUNCTION shop.transformed(integer) RETURNS integer
    LANGUAGE sql TRANSFORM FOR TYPE integer
    AS 'SELECT $1';

-- Procedures

CREATE PROCEDURE shop.forget(customer bigint, reason text DEFAULT 'asked')
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM shop.customers WHERE id = customer;
END
$$;
COMMENT ON PROCEDURE shop.forget(bigint, text) IS 'The right to be forgotten';
REVOKE ALL ON PROCEDURE shop.forget(bigint, text) FROM PUBLIC;
CREATE PROCEDURE shop.count_up(INOUT counter integer)
    LANGUAGE sql SECURITY DEFINER SET timezone = 'UTC'
    AS 'SELECT counter + 1';
ALTER PROCEDURE shop.count_up(integer) OWNER TO app_owner;

-- Aggregates

CREATE FUNCTION shop.sum_step(state bigint, value integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT state + coalesce(value, 0)';
CREATE FUNCTION shop.sum_back(state bigint, value integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT state - coalesce(value, 0)';
CREATE FUNCTION shop.sum_join(bigint, bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT $1 + $2';
CREATE FUNCTION shop.sum_end(state bigint) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT state::text';

CREATE AGGREGATE shop.total(integer) (
    SFUNC = shop.sum_step,
    STYPE = bigint,
    SSPACE = 64,
    FINALFUNC = shop.sum_end,
    COMBINEFUNC = shop.sum_join,
    INITCOND = '0',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE shop.total(integer) IS 'A sum that says so';
GRANT EXECUTE ON FUNCTION shop.total(integer) TO app_reader;

CREATE AGGREGATE shop.moving_total(integer) (
    SFUNC = shop.sum_step,
    STYPE = bigint,
    INITCOND = '0',
    MSFUNC = shop.sum_step,
    MINVFUNC = shop.sum_back,
    MSTYPE = bigint,
    MINITCOND = '0'
);

CREATE AGGREGATE shop.smallest(text) (
    SFUNC = text_smaller,
    STYPE = text,
    SORTOP = <
);
ALTER AGGREGATE shop.smallest(text) OWNER TO app_owner;

CREATE FUNCTION shop.share_end(state bigint[], fraction double precision) RETURNS bigint
    LANGUAGE sql IMMUTABLE AS 'SELECT state[1 + floor(fraction * (array_length(state, 1) - 1))::integer]';
CREATE FUNCTION shop.share_step(state bigint[], value bigint) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE AS 'SELECT array_append(state, value)';
CREATE AGGREGATE shop.share(double precision ORDER BY bigint) (
    SFUNC = shop.share_step,
    STYPE = bigint[],
    FINALFUNC = shop.share_end,
    FINALFUNC_MODIFY = READ_ONLY,
    INITCOND = '{}'
);

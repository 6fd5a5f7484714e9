//! Functions, procedures and aggregates.

use trueup_model::ObjectKind::{Aggregate, Function, Procedure};

use super::Change;
use super::build::*;

const AREA: &str = "CREATE FUNCTION depot.area";
const AREA_PATH: &str = "depot.area(integer, integer)";
const SHELF_IDS: &str = "CREATE FUNCTION depot.shelf_ids";
const TIDY: &str = "CREATE PROCEDURE depot.tidy";
const SUM: &str = "CREATE AGGREGATE depot.sum_of";

#[rustfmt::skip]
pub(super) const CHANGES: &[Change] = &[
    missing(Function, AREA_PATH, DEPOT, AREA,
        "DROP FUNCTION depot.area(integer, integer)"),
    missing(Function, "shop.Odd \"Name\" 🙂(integer)", ROUTINES, "Odd \"\"Name",
        "DROP FUNCTION shop.\"Odd \"\"Name\"\" 🙂\"(integer)"),
    unexpected(Function, "depot.area(integer)",
        "CREATE FUNCTION depot.area(side integer) RETURNS integer LANGUAGE sql AS 'SELECT 7 * side'"),
    renamed(Function, AREA_PATH, "depot.surface(integer, integer)", DEPOT, AREA,
        "ALTER FUNCTION depot.area(integer, integer) RENAME TO surface"),
    misplaced(Function, AREA_PATH, "public.area(integer, integer)", DEPOT, AREA,
        "ALTER FUNCTION depot.area(integer, integer) SET SCHEMA public"),
    owner(Function, AREA_PATH, DEPOT, AREA,
        "ALTER FUNCTION depot.area(integer, integer) OWNER TO auditor"),
    different(Function, AREA_PATH, "comment", DEPOT, AREA,
        "COMMENT ON FUNCTION depot.area(integer, integer) IS 'Of a rectangle'"),
    different(Function, "shop.add(integer, integer)", "comment", ROUTINES, "COMMENT ON FUNCTION shop.add",
        "COMMENT ON FUNCTION shop.add(integer, integer) IS NULL"),
    different(Function, AREA_PATH, "body", DEPOT, AREA,
        "CREATE OR REPLACE FUNCTION depot.area(width integer, height integer DEFAULT 1) RETURNS integer \
            LANGUAGE sql AS 'SELECT width * height * 2'"),
    different(Function, "shop.greeting()", "body", ROUTINES, "CREATE OR REPLACE FUNCTION shop.greeting",
        "CREATE OR REPLACE FUNCTION shop.greeting() RETURNS text LANGUAGE sql AS $$SELECT 'hello'$$"),
    different(Function, AREA_PATH, "language", DEPOT, AREA,
        "CREATE OR REPLACE FUNCTION depot.area(width integer, height integer DEFAULT 1) RETURNS integer \
            LANGUAGE second_plpgsql AS 'SELECT width * height'"),
    different(Function, AREA_PATH, "arguments", DEPOT, AREA,
        "CREATE OR REPLACE FUNCTION depot.area(width integer, height integer DEFAULT 2) RETURNS integer \
            LANGUAGE sql AS 'SELECT width * height'"),
    different(Function, "shop.share_end(bigint[], double precision)", "arguments", ROUTINES,
        "CREATE FUNCTION shop.share_end",
        "CREATE OR REPLACE FUNCTION shop.share_end(state bigint[], fraction double precision DEFAULT 0.5) RETURNS bigint \
            LANGUAGE sql IMMUTABLE AS 'SELECT state[1 + floor(fraction * (array_length(state, 1) - 1))::integer]'"),
    different(Function, "depot.shelf_ids()", "result", DEPOT, SHELF_IDS,
        "DROP FUNCTION depot.shelf_ids(); CREATE FUNCTION depot.shelf_ids() RETURNS TABLE (shelf integer) \
            LANGUAGE sql STABLE ROWS 10 SET work_mem = '4MB' AS 'SELECT id FROM depot.shelves'"),
    different(Function, "shop.place_in_line()", "kind", ROUTINES, "CREATE FUNCTION shop.place_in_line",
        "DROP FUNCTION shop.place_in_line(); CREATE FUNCTION shop.place_in_line() RETURNS bigint \
            LANGUAGE internal IMMUTABLE AS 'window_row_number'"),
    different(Function, "depot.transformed(integer)", "transforms", DEPOT, "CREATE FUNCTION depot.transformed",
        "CREATE OR REPLACE FUNCTION depot.transformed(value integer) RETURNS integer \
            LANGUAGE sql AS 'SELECT value'"),
    different(Function, "shop.second_plpgsql_handler()", "library", ROUTINES, "'plpgsql_call_handler'",
        "CREATE OR REPLACE FUNCTION shop.second_plpgsql_handler() RETURNS language_handler \
            LANGUAGE c AS 'plpgsql', 'plpgsql_call_handler'"),
    different(Function, AREA_PATH, "volatility", DEPOT, AREA,
        "ALTER FUNCTION depot.area(integer, integer) IMMUTABLE"),
    different(Function, AREA_PATH, "strict", DEPOT, AREA,
        "ALTER FUNCTION depot.area(integer, integer) STRICT"),
    different(Function, AREA_PATH, "security-definer", DEPOT, AREA,
        "ALTER FUNCTION depot.area(integer, integer) SECURITY DEFINER"),
    different(Function, AREA_PATH, "leakproof", DEPOT, AREA,
        "ALTER FUNCTION depot.area(integer, integer) LEAKPROOF"),
    different(Function, AREA_PATH, "parallel", DEPOT, AREA,
        "ALTER FUNCTION depot.area(integer, integer) PARALLEL SAFE"),
    different(Function, AREA_PATH, "cost", DEPOT, AREA,
        "ALTER FUNCTION depot.area(integer, integer) COST 55"),
    different(Function, "depot.shelf_ids()", "rows", DEPOT, SHELF_IDS,
        "ALTER FUNCTION depot.shelf_ids() ROWS 11"),
    different(Function, "depot.shelf_ids()", "settings", DEPOT, SHELF_IDS,
        "ALTER FUNCTION depot.shelf_ids() SET search_path = depot, pg_temp"),
    different(Function, "depot.shelf_ids()", "settings", DEPOT, SHELF_IDS,
        "ALTER FUNCTION depot.shelf_ids() RESET work_mem"),
    different(Function, "depot.shelf_ids()", "support", DEPOT, SHELF_IDS,
        "ALTER FUNCTION depot.shelf_ids() SUPPORT pg_catalog.generate_series_int4_support"),

    missing(Procedure, "depot.tidy(boolean)", DEPOT, TIDY,
        "DROP PROCEDURE depot.tidy(boolean)"),
    unexpected(Procedure, "depot.mess_up()",
        "CREATE PROCEDURE depot.mess_up() LANGUAGE sql AS 'INSERT INTO depot.loose VALUES (1)'"),
    renamed(Procedure, "depot.tidy(boolean)", "depot.clean(boolean)", DEPOT, TIDY,
        "ALTER PROCEDURE depot.tidy(boolean) RENAME TO clean"),
    misplaced(Procedure, "depot.tidy(boolean)", "public.tidy(boolean)", DEPOT, TIDY,
        "ALTER PROCEDURE depot.tidy(boolean) SET SCHEMA public"),
    owner(Procedure, "depot.tidy(boolean)", DEPOT, TIDY,
        "ALTER PROCEDURE depot.tidy(boolean) OWNER TO auditor"),
    different(Procedure, "depot.tidy(boolean)", "comment", DEPOT, TIDY,
        "COMMENT ON PROCEDURE depot.tidy(boolean) IS 'On Fridays'"),
    different(Procedure, "depot.tidy(boolean)", "body", DEPOT, TIDY,
        "CREATE OR REPLACE PROCEDURE depot.tidy(hard boolean DEFAULT false) LANGUAGE sql \
            AS 'TRUNCATE depot.loose'"),
    different(Procedure, "depot.tidy(boolean)", "arguments", DEPOT, TIDY,
        "CREATE OR REPLACE PROCEDURE depot.tidy(hard boolean DEFAULT true) LANGUAGE sql \
            AS 'DELETE FROM depot.loose'"),
    different(Procedure, "depot.tidy(boolean)", "security-definer", DEPOT, TIDY,
        "ALTER PROCEDURE depot.tidy(boolean) SECURITY DEFINER"),
    different(Procedure, "depot.tidy(boolean)", "settings", DEPOT, TIDY,
        "ALTER PROCEDURE depot.tidy(boolean) SET timezone = 'UTC'"),

    missing(Aggregate, "depot.sum_of(integer)", DEPOT, SUM,
        "DROP AGGREGATE depot.sum_of(integer)"),
    unexpected(Aggregate, "depot.product_of(integer)",
        "CREATE AGGREGATE depot.product_of(integer) (SFUNC = int4mul, STYPE = integer, INITCOND = '1')"),
    renamed(Aggregate, "depot.sum_of(integer)", "depot.all_of(integer)", DEPOT, SUM,
        "ALTER AGGREGATE depot.sum_of(integer) RENAME TO all_of"),
    misplaced(Aggregate, "depot.sum_of(integer)", "public.sum_of(integer)", DEPOT, SUM,
        "ALTER AGGREGATE depot.sum_of(integer) SET SCHEMA public"),
    owner(Aggregate, "depot.sum_of(integer)", DEPOT, SUM,
        "ALTER AGGREGATE depot.sum_of(integer) OWNER TO auditor"),
    different(Aggregate, "depot.sum_of(integer)", "comment", DEPOT, SUM,
        "COMMENT ON AGGREGATE depot.sum_of(integer) IS 'As sum'"),
    different(Aggregate, "depot.sum_of(integer)", "definition", DEPOT, SUM,
        "CREATE OR REPLACE AGGREGATE depot.sum_of(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '1')"),
    different(Aggregate, "depot.sum_of(integer)", "definition", DEPOT, SUM,
        "CREATE OR REPLACE AGGREGATE depot.sum_of(integer) \
            (SFUNC = int4pl, STYPE = integer, INITCOND = '0', COMBINEFUNC = int4pl)"),
    different(Aggregate, "depot.sum_of(integer)", "parallel", DEPOT, SUM,
        "CREATE OR REPLACE AGGREGATE depot.sum_of(integer) \
            (SFUNC = int4pl, STYPE = integer, INITCOND = '0', PARALLEL = SAFE)"),
    different(Aggregate, "depot.sum_of(integer)", "result", DEPOT, SUM,
        "DROP AGGREGATE depot.sum_of(integer); CREATE AGGREGATE depot.sum_of(integer) \
            (SFUNC = int4pl, STYPE = integer, INITCOND = '0', FINALFUNC = to_hex)")
        .also(&[also_different(Aggregate, "depot.sum_of(integer)", "definition")]),
];

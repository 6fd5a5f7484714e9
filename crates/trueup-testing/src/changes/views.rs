//! Views and materialized views.

use trueup_model::ObjectKind::{Column, MaterializedView, View};

use super::Change;
use super::build::*;

const HEAVY: &str = "CREATE VIEW depot.heavy_boxes";
const COUNT: &str = "CREATE MATERIALIZED VIEW depot.box_count";

#[rustfmt::skip]
pub(super) const CHANGES: &[Change] = &[
    missing(View, "depot.heavy_boxes", DEPOT, HEAVY,
        "DROP VIEW depot.heavy_boxes"),
    missing(View, "Archive 2024.View of \"Items\"", VIEWS, "View of \"\"Items",
        "DROP VIEW \"Archive 2024\".\"View of \"\"Items\"\"\""),
    unexpected(View, "depot.light_boxes",
        "CREATE VIEW depot.light_boxes AS SELECT id, weight FROM depot.boxes WHERE weight < 1"),
    renamed(View, "depot.heavy_boxes", "depot.big_boxes", DEPOT, HEAVY,
        "ALTER VIEW depot.heavy_boxes RENAME TO big_boxes"),
    misplaced(View, "depot.heavy_boxes", "public.heavy_boxes", DEPOT, HEAVY,
        "ALTER VIEW depot.heavy_boxes SET SCHEMA public"),
    owner(View, "depot.heavy_boxes", DEPOT, HEAVY,
        "ALTER VIEW depot.heavy_boxes OWNER TO auditor"),
    different(View, "depot.heavy_boxes", "comment", DEPOT, HEAVY,
        "COMMENT ON VIEW depot.heavy_boxes IS 'Two people'"),
    different(View, "shop.active_customers", "comment", VIEWS, "COMMENT ON VIEW shop.active_customers",
        "COMMENT ON VIEW shop.active_customers IS 'Who bought once'"),
    different(View, "depot.heavy_boxes", "definition", DEPOT, HEAVY,
        "CREATE OR REPLACE VIEW depot.heavy_boxes WITH (security_barrier = true) AS \
            SELECT id, weight FROM depot.boxes WHERE weight > 101"),
    // The last statement of the history that replaced it claims it.
    different(View, "shop.order_list", "definition", VIEWS, "CREATE OR REPLACE VIEW shop.order_list",
        "CREATE OR REPLACE VIEW shop.order_list AS SELECT id, state, placed_on FROM shop.orders WHERE amount > 0"),
    different(View, "depot.heavy_boxes", "options", DEPOT, HEAVY,
        "ALTER VIEW depot.heavy_boxes RESET (security_barrier)"),
    different(View, "depot.heavy_boxes", "options", DEPOT, HEAVY,
        "ALTER VIEW depot.heavy_boxes SET (check_option = cascaded)"),
    different(View, "depot.heavy_boxes", "options", DEPOT, HEAVY,
        "ALTER VIEW depot.heavy_boxes SET (security_invoker = true)").needs(15),

    missing(MaterializedView, "depot.box_count", DEPOT, COUNT,
        "DROP MATERIALIZED VIEW depot.box_count"),
    unexpected(MaterializedView, "depot.shelf_count",
        "CREATE MATERIALIZED VIEW depot.shelf_count AS SELECT count(*) AS shelves FROM depot.shelves"),
    renamed(MaterializedView, "depot.box_count", "depot.counted", DEPOT, COUNT,
        "ALTER MATERIALIZED VIEW depot.box_count RENAME TO counted"),
    misplaced(MaterializedView, "depot.box_count", "public.box_count", DEPOT, COUNT,
        "ALTER MATERIALIZED VIEW depot.box_count SET SCHEMA public"),
    owner(MaterializedView, "depot.box_count", DEPOT, COUNT,
        "ALTER MATERIALIZED VIEW depot.box_count OWNER TO auditor"),
    different(MaterializedView, "depot.box_count", "comment", DEPOT, COUNT,
        "COMMENT ON MATERIALIZED VIEW depot.box_count IS 'Of yesterday'"),
    different(MaterializedView, "shop.sales_by_state", "definition", VIEWS,
        "CREATE MATERIALIZED VIEW shop.sales_by_state",
        "DROP MATERIALIZED VIEW shop.sales_by_state; \
         CREATE MATERIALIZED VIEW shop.sales_by_state WITH (fillfactor = 60, autovacuum_enabled = false) AS \
            SELECT state, count(*) AS orders FROM shop.orders WHERE amount > 0 GROUP BY state WITH NO DATA; \
         ALTER MATERIALIZED VIEW shop.sales_by_state OWNER TO app_owner"),
    different(MaterializedView, "depot.box_count", "populated", DEPOT, COUNT,
        "REFRESH MATERIALIZED VIEW depot.box_count WITH NO DATA"),
    different(MaterializedView, "depot.loose_ids", "populated", DEPOT, "CREATE MATERIALIZED VIEW depot.loose_ids",
        "REFRESH MATERIALIZED VIEW depot.loose_ids"),
    different(MaterializedView, "depot.box_count", "options", DEPOT, COUNT,
        "ALTER MATERIALIZED VIEW depot.box_count SET (fillfactor = 33)"),
    different(MaterializedView, "depot.box_count", "access-method", DEPOT, COUNT,
        "ALTER MATERIALIZED VIEW depot.box_count SET ACCESS METHOD second_heap").needs(15),
    different(MaterializedView, "depot.box_count", "tablespace", DEPOT, COUNT,
        "ALTER MATERIALIZED VIEW depot.box_count SET TABLESPACE slow_disk").needs_tablespace(),
    different(MaterializedView, "depot.box_count", "clustered-on", DEPOT, COUNT,
        "ALTER MATERIALIZED VIEW depot.box_count CLUSTER ON box_count_height_idx"),
    different(MaterializedView, "shop.sales_by_day", "clustered-on", VIEWS,
        "ALTER MATERIALIZED VIEW shop.sales_by_day CLUSTER ON",
        "ALTER MATERIALIZED VIEW shop.sales_by_day SET WITHOUT CLUSTER"),
    renamed(Column, "depot.box_count.boxes", "depot.box_count.number_of_boxes", DEPOT, COUNT,
        "ALTER MATERIALIZED VIEW depot.box_count RENAME COLUMN boxes TO number_of_boxes")
        .also(&[also_different(MaterializedView, "depot.box_count", "definition")]),
];

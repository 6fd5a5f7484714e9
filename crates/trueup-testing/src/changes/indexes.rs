//! Indexes and extended statistics.

use trueup_model::Code;
use trueup_model::ObjectKind::{Column, Index, Statistics};
use trueup_model::finding::NamedCode;

use super::Change;
use super::build::*;

const CONTENT: &str = "CREATE INDEX boxes_content_idx";
const SIZE: &str = "CREATE STATISTICS depot.boxes_size";

#[rustfmt::skip]
pub(super) const CHANGES: &[Change] = &[
    missing(Index, "depot.boxes.boxes_content_idx", DEPOT, CONTENT,
        "DROP INDEX depot.boxes_content_idx"),
    missing(Index, "shop.sales_by_day.sales_by_day_total_idx", VIEWS, "CREATE INDEX sales_by_day_total_idx",
        "DROP INDEX shop.sales_by_day_total_idx"),
    missing(Index, "Archive 2024.Order \"Items\".Order \"Items\" 🙂 index", INDEXES, "🙂 index\" ON",
        "DROP INDEX \"Archive 2024\".\"Order \"\"Items\"\" 🙂 index\""),
    unexpected(Index, "depot.lids.lids_second_idx",
        "CREATE INDEX lids_second_idx ON depot.lids (second)"),
    unexpected(Index, "depot.lids.lids_third_idx",
        "CREATE INDEX CONCURRENTLY lids_third_idx ON depot.lids (third)").not_transactional(),
    renamed(Index, "depot.boxes.boxes_content_idx", "depot.boxes.content_index", DEPOT, CONTENT,
        "ALTER INDEX depot.boxes_content_idx RENAME TO content_index"),
    different(Index, "depot.boxes.boxes_content_idx", "comment", DEPOT, CONTENT,
        "COMMENT ON INDEX depot.boxes_content_idx IS 'For the search'"),
    different(Index, "shop.customers.customers_full_name_idx", "comment", INDEXES,
        "COMMENT ON INDEX shop.customers_full_name_idx",
        "COMMENT ON INDEX shop.customers_full_name_idx IS NULL"),
    different(Index, "depot.boxes.boxes_content_idx", "method", DEPOT, CONTENT,
        "DROP INDEX depot.boxes_content_idx; CREATE INDEX boxes_content_idx ON depot.boxes USING hash (content)"),
    different(Index, "depot.boxes.boxes_content_idx", "unique", DEPOT, CONTENT,
        "DROP INDEX depot.boxes_content_idx; CREATE UNIQUE INDEX boxes_content_idx ON depot.boxes (content)"),
    different(Index, "depot.boxes.boxes_note_idx", "nulls-not-distinct", DEPOT, "CREATE UNIQUE INDEX boxes_note_idx",
        "DROP INDEX depot.boxes_note_idx; \
         CREATE UNIQUE INDEX boxes_note_idx ON depot.boxes (note) INCLUDE (height) NULLS NOT DISTINCT").needs(15),
    different(Index, "shop.vouchers.vouchers_customer_idx", "nulls-not-distinct", SINCE_15,
        "CREATE UNIQUE INDEX vouchers_customer_idx",
        "DROP INDEX shop.vouchers_customer_idx; \
         CREATE UNIQUE INDEX vouchers_customer_idx ON shop.vouchers (customer_id)").needs(15),
    different(Index, "depot.boxes.boxes_content_idx", "columns", DEPOT, CONTENT,
        "DROP INDEX depot.boxes_content_idx; CREATE INDEX boxes_content_idx ON depot.boxes (content, height)"),
    different(Index, "depot.boxes.boxes_expression_idx", "columns", DEPOT, "CREATE INDEX boxes_expression_idx",
        "DROP INDEX depot.boxes_expression_idx; CREATE INDEX boxes_expression_idx ON depot.boxes (upper(content), height)"),
    different(Index, "depot.boxes.boxes_content_idx", "collation", DEPOT, CONTENT,
        "DROP INDEX depot.boxes_content_idx; CREATE INDEX boxes_content_idx ON depot.boxes (content COLLATE \"POSIX\")"),
    different(Index, "depot.boxes.boxes_content_idx", "operator-class", DEPOT, CONTENT,
        "DROP INDEX depot.boxes_content_idx; CREATE INDEX boxes_content_idx ON depot.boxes (content text_pattern_ops)"),
    different(Index, "depot.boxes.boxes_content_idx", "order", DEPOT, CONTENT,
        "DROP INDEX depot.boxes_content_idx; CREATE INDEX boxes_content_idx ON depot.boxes (content DESC)"),
    different(Index, "depot.boxes.boxes_content_idx", "order", DEPOT, CONTENT,
        "DROP INDEX depot.boxes_content_idx; CREATE INDEX boxes_content_idx ON depot.boxes (content NULLS FIRST)"),
    different(Index, "depot.tape.tape_search_idx", "operator-class", DEPOT, "CREATE INDEX tape_search_idx",
        "DROP INDEX depot.tape_search_idx; CREATE INDEX tape_search_idx ON depot.tape \
            USING gist (to_tsvector('simple', colour) tsvector_ops (siglen = 65))"),
    different(Index, "depot.boxes.boxes_note_idx", "include", DEPOT, "CREATE UNIQUE INDEX boxes_note_idx",
        "DROP INDEX depot.boxes_note_idx; CREATE UNIQUE INDEX boxes_note_idx ON depot.boxes (note) INCLUDE (weight)"),
    different(Index, "depot.boxes.boxes_partial_idx", "predicate", DEPOT, "CREATE INDEX boxes_partial_idx",
        "DROP INDEX depot.boxes_partial_idx; \
         CREATE INDEX boxes_partial_idx ON depot.boxes (last_seen) WHERE height > 11"),
    different(Index, "depot.boxes.boxes_partial_idx", "predicate", DEPOT, "CREATE INDEX boxes_partial_idx",
        "DROP INDEX depot.boxes_partial_idx; CREATE INDEX boxes_partial_idx ON depot.boxes (last_seen)"),
    different(Index, "depot.boxes.boxes_content_idx", "options", DEPOT, CONTENT,
        "ALTER INDEX depot.boxes_content_idx SET (fillfactor = 44)"),
    different(Index, "shop.products.products_weight_idx", "options", INDEXES, "CREATE INDEX products_weight_idx",
        "ALTER INDEX shop.products_weight_idx RESET (autosummarize)"),
    different(Index, "depot.boxes.boxes_content_idx", "tablespace", DEPOT, CONTENT,
        "ALTER INDEX depot.boxes_content_idx SET TABLESPACE slow_disk").needs_tablespace(),
    different(Index, "depot.boxes.boxes_expression_idx", "statistics-target", DEPOT,
        "CREATE INDEX boxes_expression_idx",
        "ALTER INDEX depot.boxes_expression_idx ALTER COLUMN 1 SET STATISTICS 99"),
    different(Index, "shop.customers.customers_lower_name_idx", "statistics-target", INDEXES,
        "ALTER INDEX shop.customers_lower_name_idx ALTER COLUMN 2",
        "ALTER INDEX shop.customers_lower_name_idx ALTER COLUMN 2 SET STATISTICS 701"),
    // What the partition has now is its own.
    missing(Index, "depot.parts.parts_shelf_idx", DEPOT, "CREATE INDEX parts_shelf_idx",
        "DROP INDEX depot.parts_shelf_idx; CREATE INDEX parts_1_shelf_idx ON depot.parts_1 (shelf)")
        .also(&[also_different(Index, "depot.parts_1.parts_1_shelf_idx", "inherited")]),
    named(NamedCode::InvalidIndex, Index, "depot.boxes.boxes_content_idx",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'depot.boxes_content_idx'::regclass")
        .aspect("valid").claimed_by(DEPOT, CONTENT),
    // As CREATE INDEX CONCURRENTLY leaves it when it finds a duplicate.
    named(NamedCode::InvalidIndex, Index, "depot.tickets.tickets_seat_idx",
        "CREATE UNIQUE INDEX tickets_seat_idx ON depot.tickets (seat); \
         UPDATE pg_index SET indisvalid = false, indisready = true WHERE indexrelid = 'depot.tickets_seat_idx'::regclass"),
    named(NamedCode::DuplicateIndex, Index, "depot.boxes.boxes_content_again",
        "CREATE INDEX boxes_content_again ON depot.boxes (content)"),

    missing(Statistics, "depot.boxes_size", DEPOT, SIZE,
        "DROP STATISTICS depot.boxes_size"),
    unexpected(Statistics, "depot.lids_both",
        "CREATE STATISTICS depot.lids_both ON first, second FROM depot.lids"),
    renamed(Statistics, "depot.boxes_size", "depot.sizes", DEPOT, SIZE,
        "ALTER STATISTICS depot.boxes_size RENAME TO sizes"),
    misplaced(Statistics, "depot.boxes_size", "public.boxes_size", DEPOT, SIZE,
        "ALTER STATISTICS depot.boxes_size SET SCHEMA public"),
    owner(Statistics, "depot.boxes_size", DEPOT, SIZE,
        "ALTER STATISTICS depot.boxes_size OWNER TO app_owner"),
    different(Statistics, "depot.boxes_size", "comment", DEPOT, SIZE,
        "COMMENT ON STATISTICS depot.boxes_size IS 'Tall ones are heavy'"),
    different(Statistics, "depot.boxes_size", "kinds", DEPOT, SIZE,
        "DROP STATISTICS depot.boxes_size; \
         CREATE STATISTICS depot.boxes_size (ndistinct, mcv) ON height, weight FROM depot.boxes"),
    different(Statistics, "depot.boxes_size", "columns", DEPOT, SIZE,
        "DROP STATISTICS depot.boxes_size; \
         CREATE STATISTICS depot.boxes_size (ndistinct) ON height, shelf FROM depot.boxes"),
    different(Statistics, "depot.boxes_size", "table", DEPOT, SIZE,
        "DROP STATISTICS depot.boxes_size; \
         ALTER TABLE depot.tape ADD COLUMN height integer, ADD COLUMN weight integer; \
         CREATE STATISTICS depot.boxes_size (ndistinct) ON height, weight FROM depot.tape")
        .also(&[
            also_different(Statistics, "depot.boxes_size", "columns"),
            also(Code::Unexpected(Column), Column,
                "depot.tape.height"),
            also(Code::Unexpected(Column), Column,
                "depot.tape.weight"),
        ]),
    different(Statistics, "depot.boxes_size", "statistics-target", DEPOT, SIZE,
        "ALTER STATISTICS depot.boxes_size SET STATISTICS 88"),
    different(Statistics, "shop.orders_amounts", "statistics-target", INDEXES,
        "ALTER STATISTICS shop.orders_amounts SET STATISTICS",
        "ALTER STATISTICS shop.orders_amounts SET STATISTICS -1"),
    different(Statistics, "shop.customers_month", "expressions", SINCE_14, "CREATE STATISTICS shop.customers_month",
        "DROP STATISTICS shop.customers_month; \
         CREATE STATISTICS shop.customers_month ON (date_trunc('year', birthday::timestamp)) FROM shop.customers")
        .needs(14),
];

//! Columns of tables, views and foreign tables.

use trueup_model::Code;
use trueup_model::ObjectKind::{CheckConstraint, Column, ExclusionConstraint, Index, Trigger};

use super::Change;
use super::build::*;

const BOXES: &str = "CREATE TABLE depot.boxes";

#[rustfmt::skip]
pub(super) const CHANGES: &[Change] = &[
    missing(Column, "depot.boxes.last_seen", DEPOT, "last_seen date",
        "DROP INDEX depot.boxes_partial_idx; ALTER TABLE depot.boxes DROP COLUMN last_seen")
        .also(&[also(Code::Missing(Index), Index,
            "depot.boxes.boxes_partial_idx")]),
    missing(Column, "depot.lids.third", DEPOT, "CREATE TABLE depot.lids",
        "ALTER TABLE depot.lids DROP COLUMN third"),
    missing(Column, "shop.reviews.rating", LATER, "ADD COLUMN rating smallint",
        "ALTER TABLE shop.reviews DROP CONSTRAINT reviews_rating_check; ALTER TABLE shop.reviews DROP COLUMN rating")
        .also(&[also(Code::Missing(CheckConstraint),
            CheckConstraint, "shop.reviews.reviews_rating_check")]),
    missing(Column, "Archive 2024.Order \"Items\".naïve 🙂 column", TABLES, "\"naïve 🙂 column\" text",
        "ALTER TABLE \"Archive 2024\".\"Order \"\"Items\"\"\" DROP COLUMN \"naïve 🙂 column\""),
    unexpected(Column, "depot.boxes.new_column",
        "ALTER TABLE depot.boxes ADD COLUMN new_column numeric(7, 3) DEFAULT 3 NOT NULL"),
    unexpected(Column, "depot.lids.Second\nline",
        "ALTER TABLE depot.lids ADD COLUMN \"Second\nline\" text"),
    renamed(Column, "depot.tape.length", "depot.tape.metres", DEPOT, "CREATE TABLE depot.tape",
        "ALTER TABLE depot.tape RENAME COLUMN length TO metres"),
    renamed(Column, "shop.reviews.written_by", "shop.reviews.author", LATER,
        "RENAME COLUMN author TO written_by",
        "ALTER TABLE shop.reviews RENAME COLUMN written_by TO author"),

    different(Column, "depot.lids.second", "type", DEPOT, "CREATE TABLE depot.lids",
        "ALTER TABLE depot.lids ALTER COLUMN second TYPE bigint"),
    different(Column, "depot.boxes.label", "type", DEPOT, "label varchar(40)",
        "DROP TRIGGER boxes_columns ON depot.boxes; ALTER TABLE depot.boxes ALTER COLUMN label TYPE varchar(41)")
        .also(&[also(Code::Missing(Trigger), Trigger,
            "depot.boxes.boxes_columns")]),
    different(Column, "shop.reviews.body", "type", LATER, "ALTER COLUMN body TYPE varchar(500)",
        "ALTER TABLE shop.reviews ALTER COLUMN body TYPE varchar(100)"),
    different(Column, "shop.reviews.weight", "type", LATER, "ALTER COLUMN weight TYPE bigint",
        "ALTER TABLE shop.reviews ALTER COLUMN weight TYPE integer"),
    different(Column, "shop.products.released", "type", TABLES, "released time(3) with time zone",
        "ALTER TABLE shop.products ALTER COLUMN released TYPE time with time zone"),
    different(Column, "shop.products.warranty", "type", TABLES, "warranty interval year to month",
        "ALTER TABLE shop.products ALTER COLUMN warranty TYPE interval"),
    different(Column, "shop.customers.other_homes", "type", TABLES, "other_homes shop.address[]",
        "ALTER TABLE shop.customers ALTER COLUMN other_homes DROP DEFAULT, \
            ALTER COLUMN other_homes TYPE jsonb USING to_jsonb(other_homes); \
         ALTER TABLE shop.customers ALTER COLUMN other_homes SET DEFAULT '{}'")
        .also(&[also_different(Column, "shop.customers.other_homes", "default")]),
    different(Column, "depot.boxes.code", "collation", DEPOT, "code text COLLATE",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_code_excluded; \
         ALTER TABLE depot.boxes ALTER COLUMN code TYPE text COLLATE \"default\"")
        .also(&[also(Code::Missing(ExclusionConstraint),
            ExclusionConstraint, "depot.boxes.boxes_code_excluded")]),
    different(Column, "depot.tape.colour", "collation", DEPOT, "CREATE TABLE depot.tape",
        "DROP INDEX depot.tape_search_idx; ALTER TABLE depot.tape ALTER COLUMN colour TYPE text COLLATE \"POSIX\"")
        .also(&[also(Code::Missing(Index), Index,
            "depot.tape.tape_search_idx")]),
    different(Column, "depot.lids.second", "nullability", DEPOT, "CREATE TABLE depot.lids",
        "ALTER TABLE depot.lids ALTER COLUMN second SET NOT NULL"),
    different(Column, "depot.boxes.weight", "nullability", DEPOT, BOXES,
        "ALTER TABLE depot.boxes ALTER COLUMN weight DROP NOT NULL"),
    different(Column, "shop.reviews.written_by", "nullability", LATER, "ALTER COLUMN author SET NOT NULL",
        "ALTER TABLE shop.reviews ALTER COLUMN written_by DROP NOT NULL"),

    different(Column, "depot.lids.second", "default", DEPOT, "CREATE TABLE depot.lids",
        "ALTER TABLE depot.lids ALTER COLUMN second SET DEFAULT 2"),
    different(Column, "depot.boxes.note", "default", DEPOT, "note text DEFAULT",
        "ALTER TABLE depot.boxes ALTER COLUMN note DROP DEFAULT"),
    different(Column, "shop.reviews.weight", "default", LATER, "ALTER COLUMN weight SET DEFAULT 5",
        "ALTER TABLE shop.reviews ALTER COLUMN weight SET DEFAULT 1"),
    different(Column, "shop.customers.reference", "default", TABLES, "shop.new_reference('C')",
        "ALTER TABLE shop.customers ALTER COLUMN reference SET DEFAULT shop.new_reference('D')"),
    different(Column, "shop.parcels_none.weight", "default", PARTITIONS, "(weight DEFAULT 1)",
        "ALTER TABLE shop.parcels_none ALTER COLUMN weight SET DEFAULT 2"),
    different(Column, "shop.measurements.celsius", "default", TABLES, "celsius WITH OPTIONS DEFAULT 20",
        "ALTER TABLE shop.measurements ALTER COLUMN celsius SET DEFAULT 21"),
    // The sequence stays; it feeds the column no longer.
    different(Column, "shop.products.big_counter", "default", TABLES, "big_counter bigserial",
        "ALTER TABLE shop.products ALTER COLUMN big_counter DROP DEFAULT"),

    different(Column, "depot.boxes.counter", "identity", DEPOT, "SEQUENCE NAME depot.box_counter",
        "ALTER TABLE depot.boxes ALTER COLUMN counter SET GENERATED ALWAYS"),
    different(Column, "depot.boxes.counter", "identity", DEPOT, "SEQUENCE NAME depot.box_counter",
        "ALTER TABLE depot.boxes ALTER COLUMN counter DROP IDENTITY"),
    different(Column, "depot.boxes.counter", "identity-options", DEPOT, "SEQUENCE NAME depot.box_counter",
        "ALTER TABLE depot.boxes ALTER COLUMN counter SET INCREMENT BY 3"),
    different(Column, "depot.boxes.counter", "identity-options", DEPOT, "SEQUENCE NAME depot.box_counter",
        "ALTER TABLE depot.boxes ALTER COLUMN counter SET CACHE 9 SET CYCLE"),
    different(Column, "depot.boxes.counter", "identity-sequence", DEPOT, "SEQUENCE NAME depot.box_counter",
        "ALTER SEQUENCE depot.box_counter RENAME TO boxes_counted"),
    different(Column, "shop.customers.id", "identity-options", TABLES, "SEQUENCE NAME shop.customer_numbers",
        "ALTER TABLE shop.customers ALTER COLUMN id SET START WITH 101"),
    different(Column, "shop.reviews.id", "identity-options", LATER, "ADD GENERATED BY DEFAULT AS IDENTITY (START WITH 7)",
        "ALTER TABLE shop.reviews ALTER COLUMN id SET MAXVALUE 5000"),
    different(Column, "depot.shelves.id", "identity", DEPOT, "CREATE TABLE depot.shelves",
        "ALTER TABLE depot.shelves ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY"),
    different(Column, "depot.boxes.volume", "generated", DEPOT, "volume integer GENERATED ALWAYS AS (height * 2)",
        "ALTER TABLE depot.boxes ALTER COLUMN volume DROP EXPRESSION"),
    different(Column, "depot.boxes.volume", "generated", DEPOT, "volume integer GENERATED ALWAYS AS (height * 2)",
        "ALTER TABLE depot.boxes ALTER COLUMN volume SET EXPRESSION AS (height * 3)").needs(17),

    different(Column, "depot.tape.colour", "storage", DEPOT, "CREATE TABLE depot.tape",
        "ALTER TABLE depot.tape ALTER COLUMN colour SET STORAGE EXTERNAL"),
    different(Column, "shop.products.picture", "storage", TABLES, "ALTER COLUMN picture SET STORAGE PLAIN",
        "ALTER TABLE shop.products ALTER COLUMN picture SET STORAGE EXTENDED"),
    different(Column, "depot.tape.colour", "compression", DEPOT, "CREATE TABLE depot.tape",
        "ALTER TABLE depot.tape ALTER COLUMN colour SET COMPRESSION pglz").needs(14),
    different(Column, "shop.customers.settings", "compression", SINCE_14,
        "ALTER COLUMN settings SET COMPRESSION pglz",
        "ALTER TABLE shop.customers ALTER COLUMN settings SET COMPRESSION default").needs(14),
    different(Column, "depot.tape.colour", "statistics-target", DEPOT, "CREATE TABLE depot.tape",
        "ALTER TABLE depot.tape ALTER COLUMN colour SET STATISTICS 77"),
    different(Column, "depot.tape.colour", "statistics-target", DEPOT, "CREATE TABLE depot.tape",
        "ALTER TABLE depot.tape ALTER COLUMN colour SET STATISTICS 0"),
    different(Column, "depot.tape.colour", "options", DEPOT, "CREATE TABLE depot.tape",
        "ALTER TABLE depot.tape ALTER COLUMN colour SET (n_distinct = 5)"),
    different(Column, "shop.products.sku", "options", TABLES, "ALTER COLUMN sku SET (n_distinct",
        "ALTER TABLE shop.products ALTER COLUMN sku RESET (n_distinct_inherited)"),
    different(Column, "depot.far_boxes.id", "foreign-options", DEPOT, "CREATE FOREIGN TABLE depot.far_boxes",
        "ALTER FOREIGN TABLE depot.far_boxes ALTER COLUMN id OPTIONS (SET column_name 'NUMBER')"),
    different(Column, "shop.stock.sku", "foreign-options", FOREIGN, "sku char(12) OPTIONS",
        "ALTER FOREIGN TABLE shop.stock ALTER COLUMN sku OPTIONS (DROP column_name)"),
    different(Column, "depot.derived.id", "inherited", DEPOT, "CREATE TABLE depot.derived",
        "ALTER TABLE depot.derived NO INHERIT depot.base; ALTER TABLE depot.derived INHERIT depot.base"),

    different(Column, "depot.lids.second", "comment", DEPOT, "CREATE TABLE depot.lids",
        "COMMENT ON COLUMN depot.lids.second IS 'The one below'"),
    different(Column, "shop.reviews.rating", "comment", LATER, "'Stars, from one to five'",
        "COMMENT ON COLUMN shop.reviews.rating IS 'Stars'"),
    different(Column, "shop.customers.full_name", "comment", TABLES, "COMMENT ON COLUMN shop.customers.full_name",
        "COMMENT ON COLUMN shop.customers.full_name IS NULL"),

    // Of views
    different(Column, "shop.active_customers.balance", "default", VIEWS,
        "ALTER VIEW shop.active_customers ALTER COLUMN balance SET DEFAULT",
        "ALTER VIEW shop.active_customers ALTER COLUMN balance DROP DEFAULT"),
    different(Column, "shop.active_customers.name", "comment", VIEWS, "COMMENT ON COLUMN shop.active_customers.name",
        "COMMENT ON COLUMN shop.active_customers.name IS 'For bills'"),
    different(Column, "shop.sales_by_day.total", "comment", VIEWS, "COMMENT ON COLUMN shop.sales_by_day.total",
        "COMMENT ON COLUMN shop.sales_by_day.total IS NULL"),
    different(Column, "shop.sales_by_day.total", "statistics-target", VIEWS, "ALTER COLUMN total SET STATISTICS 300",
        "ALTER MATERIALIZED VIEW shop.sales_by_day ALTER COLUMN total SET STATISTICS -1"),
    different(Column, "depot.box_count.boxes", "options", DEPOT, "CREATE MATERIALIZED VIEW depot.box_count",
        "ALTER MATERIALIZED VIEW depot.box_count ALTER COLUMN boxes SET (n_distinct = 4)"),
];

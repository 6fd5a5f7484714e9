//! What only newer servers can do.

use trueup_model::Code;
use trueup_model::ObjectKind::{
    CheckConstraint, Column, ExclusionConstraint, ForeignKey, Function, Index, PrimaryKey, Procedure,
    Publication, RangeType, Statistics, Table, UniqueConstraint, View,
};
use trueup_model::finding::NamedCode;

use super::Change;
use super::build::*;

const MODERN: &str = "CREATE TABLE shop.modern (";

#[rustfmt::skip]
pub(super) const CHANGES: &[Change] = &[
    // 14
    different(Function, "shop.order_total(integer)", "body", SINCE_14, "CREATE FUNCTION shop.order_total",
        "CREATE OR REPLACE FUNCTION shop.order_total(order_id integer) RETURNS numeric LANGUAGE sql STABLE \
            BEGIN ATOMIC SELECT amount + discount FROM shop.orders WHERE id = order_id; END").needs(14),
    // The same in words, but no longer parsed when it is made.
    different(Function, "shop.plus_one(integer)", "body", SINCE_14, "CREATE FUNCTION shop.plus_one",
        "CREATE OR REPLACE FUNCTION shop.plus_one(value integer) RETURNS integer LANGUAGE sql IMMUTABLE \
            AS 'SELECT value + 1'").needs(14),
    different(Procedure, "shop.count_down(integer)", "body", SINCE_14, "CREATE PROCEDURE shop.count_down",
        "CREATE OR REPLACE PROCEDURE shop.count_down(IN start integer, OUT result integer) LANGUAGE plpgsql \
            AS $$ BEGIN result := start - 2; END $$").needs(14),
    different(RangeType, "depot.span", "multirange", DEPOT, "CREATE TYPE depot.span AS RANGE",
        "DROP TYPE depot.span; \
         CREATE TYPE depot.span AS RANGE (SUBTYPE = integer, MULTIRANGE_TYPE_NAME = depot.spans)").needs(14),
    different(Index, "shop.products.products_counter_bloom", "operator-class", SINCE_14, "CREATE INDEX products_counter_bloom",
        "DROP INDEX shop.products_counter_bloom; CREATE INDEX products_counter_bloom ON shop.products \
            USING brin (big_counter int8_bloom_ops (n_distinct_per_range = 501))").needs(14),

    // 15
    different(UniqueConstraint, "shop.vouchers.vouchers_code_key", "nulls-not-distinct", SINCE_15,
        "CONSTRAINT vouchers_code_key",
        "ALTER TABLE shop.vouchers DROP CONSTRAINT vouchers_code_key; \
         ALTER TABLE shop.vouchers ADD CONSTRAINT vouchers_code_key UNIQUE (code)").needs(15),
    different(ForeignKey, "shop.voucher_uses.voucher_uses_region_fkey", "on-delete-columns", SINCE_15,
        "CONSTRAINT voucher_uses_region_fkey",
        "ALTER TABLE shop.voucher_uses DROP CONSTRAINT voucher_uses_region_fkey; ALTER TABLE shop.voucher_uses \
            ADD CONSTRAINT voucher_uses_region_fkey FOREIGN KEY (tenant, region) \
            REFERENCES shop.regions (country, region) ON DELETE SET NULL").needs(15),
    different(View, "shop.own_orders", "options", SINCE_15, "CREATE VIEW shop.own_orders",
        "ALTER VIEW shop.own_orders SET (security_invoker = false)").needs(15),

    // 16
    different(Column, "shop.stored.body", "storage", SINCE_16, "body text STORAGE EXTERNAL",
        "ALTER TABLE shop.stored ALTER COLUMN body SET STORAGE DEFAULT").needs(16),
    different(Column, "shop.stored.packed", "compression", SINCE_16, "packed text STORAGE MAIN",
        "ALTER TABLE shop.stored ALTER COLUMN packed SET COMPRESSION default").needs(16),
    missing(Statistics, "shop.vouchers_tenant_customer_id_stat", SINCE_16, "CREATE STATISTICS ON tenant",
        "DROP STATISTICS shop.vouchers_tenant_customer_id_stat").needs(16),

    // 17
    different(Column, "shop.products.title", "statistics-target", SINCE_17, "SET STATISTICS 600",
        "ALTER TABLE shop.products ALTER COLUMN title SET STATISTICS 601").needs(17),
    // What the partition has now is its own.
    missing(ExclusionConstraint, "shop.visits.visits_excluded", SINCE_17, "CONSTRAINT visits_excluded",
        "ALTER TABLE shop.visits DROP CONSTRAINT visits_excluded; ALTER TABLE shop.visits_1 \
            ADD CONSTRAINT visits_1_room_excl EXCLUDE USING btree (room WITH =)").needs(17)
        .also(&[also_different(ExclusionConstraint, "shop.visits_1.visits_1_room_excl", "inherited")]),

    // 18
    different(Column, "shop.computed.area", "generated", SINCE_18, "(width * height) VIRTUAL",
        "ALTER TABLE shop.computed ALTER COLUMN area SET EXPRESSION AS (width + height)").needs(18),
    different(Column, "shop.computed.area", "generated-kind", SINCE_18, "(width * height) VIRTUAL",
        "ALTER TABLE shop.computed DROP COLUMN area; \
         ALTER TABLE shop.computed ADD COLUMN area integer GENERATED ALWAYS AS (width * height) STORED").needs(18),
    different(Column, "shop.modern.depth", "not-null-name", SINCE_18, "depth integer CONSTRAINT modern_has_depth",
        "ALTER TABLE shop.modern RENAME CONSTRAINT modern_has_depth TO depth_here").needs(18),
    different(Column, "shop.modern.weight", "not-null-no-inherit", SINCE_18, "CONSTRAINT modern_weight_here",
        "ALTER TABLE shop.modern ALTER CONSTRAINT modern_weight_here INHERIT").needs(18),
    different(Column, "shop.modern.label", "not-null-validated", SINCE_18, "ADD CONSTRAINT modern_label_set",
        "ALTER TABLE shop.modern VALIDATE CONSTRAINT modern_label_set").needs(18),
    different(CheckConstraint, "shop.modern.modern_wide", "enforced", SINCE_18, "CONSTRAINT modern_wide",
        "ALTER TABLE shop.modern DROP CONSTRAINT modern_wide; \
         ALTER TABLE shop.modern ADD CONSTRAINT modern_wide CHECK (width > 0)").needs(18)
        .also(&[also_different(CheckConstraint, "shop.modern.modern_wide", "validated")]),
    different(ForeignKey, "shop.modern.modern_customer_fkey", "enforced", SINCE_18,
        "ADD CONSTRAINT modern_customer_fkey",
        "ALTER TABLE shop.modern ALTER CONSTRAINT modern_customer_fkey ENFORCED").needs(18)
        .also(&[also_different(ForeignKey, "shop.modern.modern_customer_fkey", "validated")]),
    different(ForeignKey, "depot.boxes.boxes_shelf_fkey", "enforced", DEPOT, "CONSTRAINT boxes_shelf_fkey",
        "ALTER TABLE depot.boxes ALTER CONSTRAINT boxes_shelf_fkey NOT ENFORCED").needs(18)
        .also(&[also(Code::Named(NamedCode::UnvalidatedConstraint), ForeignKey, "depot.boxes.boxes_shelf_fkey")]),
    different(PrimaryKey, "shop.rentals.rentals_pkey", "without-overlaps", SINCE_18, "CONSTRAINT rentals_pkey",
        "ALTER TABLE shop.rental_notes DROP CONSTRAINT rental_notes_rental_fkey; \
         ALTER TABLE shop.rentals DROP CONSTRAINT rentals_pkey; \
         ALTER TABLE shop.rentals ADD CONSTRAINT rentals_pkey PRIMARY KEY (shelves, during)").needs(18)
        .also(&[also(Code::Missing(ForeignKey), ForeignKey, "shop.rental_notes.rental_notes_rental_fkey")]),
    different(ForeignKey, "shop.rental_notes.rental_notes_rental_fkey", "period", SINCE_18,
        "CONSTRAINT rental_notes_rental_fkey",
        "ALTER TABLE shop.rental_notes DROP CONSTRAINT rental_notes_rental_fkey; \
         ALTER TABLE shop.rentals DROP CONSTRAINT rentals_pkey, \
            ADD CONSTRAINT rentals_pkey PRIMARY KEY (shelves, during); \
         ALTER TABLE shop.rental_notes ADD CONSTRAINT rental_notes_rental_fkey \
            FOREIGN KEY (shelves, during) REFERENCES shop.rentals (shelves, during)").needs(18)
        .also(&[also_different(PrimaryKey, "shop.rentals.rentals_pkey", "without-overlaps")]),
    different(Publication, "with_generated", "generated-columns", SINCE_18, "CREATE PUBLICATION with_generated",
        "ALTER PUBLICATION with_generated SET (publish_generated_columns = none)").needs(18),
    different(Table, "shop.modern", "options", SINCE_18, MODERN,
        "ALTER TABLE shop.modern SET (vacuum_max_eager_freeze_failure_rate = 0.5)").needs(18),
];

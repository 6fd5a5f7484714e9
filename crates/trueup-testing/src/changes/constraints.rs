//! Primary keys, unique constraints, checks, foreign keys and exclusion constraints.

use trueup_model::ObjectKind::{
    CheckConstraint, ExclusionConstraint, ForeignKey, PrimaryKey, UniqueConstraint,
};
use trueup_model::finding::NamedCode;

use super::Change;
use super::build::*;

const PLACE: &str = "CONSTRAINT shelves_place_key";

#[rustfmt::skip]
pub(super) const CHANGES: &[Change] = &[
    // Primary keys
    missing(PrimaryKey, "depot.boxes.boxes_pkey", DEPOT, "CONSTRAINT boxes_pkey",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_pkey"),
    unexpected(PrimaryKey, "depot.leaves.leaves_pkey",
        "ALTER TABLE depot.leaves ADD CONSTRAINT leaves_pkey PRIMARY KEY (tree, branch)"),
    renamed(PrimaryKey, "depot.boxes.boxes_pkey", "depot.boxes.pk", DEPOT, "CONSTRAINT boxes_pkey",
        "ALTER TABLE depot.boxes RENAME CONSTRAINT boxes_pkey TO pk"),
    different(PrimaryKey, "shop.sessions.sessions_pkey", "include", CONSTRAINTS, "ADD CONSTRAINT sessions_pkey",
        "ALTER TABLE shop.sessions DROP CONSTRAINT sessions_pkey; \
         ALTER TABLE shop.sessions ADD CONSTRAINT sessions_pkey PRIMARY KEY (token)"),
    different(PrimaryKey, "depot.boxes.boxes_pkey", "columns", DEPOT, "CONSTRAINT boxes_pkey",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_pkey; \
         ALTER TABLE depot.boxes ADD CONSTRAINT boxes_pkey PRIMARY KEY (weight, id)"),
    different(PrimaryKey, "shop.invoices.invoices_pkey", "deferrable", CONSTRAINTS,
        "ALTER TABLE shop.invoices ADD PRIMARY KEY",
        "ALTER TABLE shop.invoices DROP CONSTRAINT invoices_pkey; ALTER TABLE shop.invoices ADD PRIMARY KEY (number)"),
    different(PrimaryKey, "depot.boxes.boxes_pkey", "options", DEPOT, "CONSTRAINT boxes_pkey",
        "ALTER INDEX depot.boxes_pkey SET (fillfactor = 66)"),
    different(PrimaryKey, "depot.boxes.boxes_pkey", "tablespace", DEPOT, "CONSTRAINT boxes_pkey",
        "ALTER INDEX depot.boxes_pkey SET TABLESPACE slow_disk").needs_tablespace(),
    different(PrimaryKey, "depot.boxes.boxes_pkey", "comment", DEPOT, "CONSTRAINT boxes_pkey",
        "COMMENT ON CONSTRAINT boxes_pkey ON depot.boxes IS 'One of each'"),
    different(PrimaryKey, "depot.boxes.boxes_pkey", "index-comment", DEPOT, "CONSTRAINT boxes_pkey",
        "COMMENT ON INDEX depot.boxes_pkey IS 'Small'"),

    // Unique constraints
    missing(UniqueConstraint, "depot.boxes.boxes_label_key", DEPOT, "CONSTRAINT boxes_label_key",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_label_key"),
    unexpected(UniqueConstraint, "depot.lids.lids_second_key",
        "ALTER TABLE depot.lids ADD CONSTRAINT lids_second_key UNIQUE (second)"),
    renamed(UniqueConstraint, "depot.boxes.boxes_label_key", "depot.boxes.one_label", DEPOT,
        "CONSTRAINT boxes_label_key",
        "ALTER TABLE depot.boxes RENAME CONSTRAINT boxes_label_key TO one_label"),
    different(UniqueConstraint, "depot.boxes.boxes_label_key", "columns", DEPOT, "CONSTRAINT boxes_label_key",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_label_key; \
         ALTER TABLE depot.boxes ADD CONSTRAINT boxes_label_key UNIQUE (label, note)"),
    different(UniqueConstraint, "shop.customers.customers_email_key", "include", CONSTRAINTS,
        "ADD CONSTRAINT customers_email_key",
        "ALTER TABLE shop.customers DROP CONSTRAINT customers_email_key; ALTER TABLE shop.customers \
            ADD CONSTRAINT customers_email_key UNIQUE (email) INCLUDE (active) WITH (fillfactor = 90); \
         COMMENT ON CONSTRAINT customers_email_key ON shop.customers IS 'One account for each address'; \
         COMMENT ON INDEX shop.customers_email_key IS 'Used at login'"),
    different(UniqueConstraint, "depot.boxes.boxes_label_key", "deferrable", DEPOT, "CONSTRAINT boxes_label_key",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_label_key; \
         ALTER TABLE depot.boxes ADD CONSTRAINT boxes_label_key UNIQUE (label) DEFERRABLE INITIALLY DEFERRED"),
    different(UniqueConstraint, "shop.customers.customers_email_key", "options", CONSTRAINTS,
        "ADD CONSTRAINT customers_email_key",
        "ALTER INDEX shop.customers_email_key RESET (fillfactor)"),
    different(UniqueConstraint, "shop.customers.customers_email_key", "comment", CONSTRAINTS,
        "COMMENT ON CONSTRAINT customers_email_key",
        "COMMENT ON CONSTRAINT customers_email_key ON shop.customers IS NULL"),
    different(UniqueConstraint, "shop.customers.customers_email_key", "index-comment", CONSTRAINTS,
        "COMMENT ON INDEX shop.customers_email_key",
        "COMMENT ON INDEX shop.customers_email_key IS 'Rarely used'"),
    different(UniqueConstraint, "depot.boxes.boxes_label_key", "tablespace", DEPOT, "CONSTRAINT boxes_label_key",
        "ALTER INDEX depot.boxes_label_key SET TABLESPACE slow_disk").needs_tablespace(),
    // What the partition has now is its own.
    missing(UniqueConstraint, "depot.parts.parts_kind_key", DEPOT, "CONSTRAINT parts_kind_key",
        "ALTER TABLE depot.parts DROP CONSTRAINT parts_kind_key; \
         ALTER TABLE depot.parts_1 ADD CONSTRAINT parts_1_kind_key UNIQUE (kind)")
        .also(&[also_different(UniqueConstraint, "depot.parts_1.parts_1_kind_key", "inherited")]),
    named(NamedCode::DuplicateConstraint, UniqueConstraint, "depot.boxes.boxes_label_again",
        "ALTER TABLE depot.boxes ADD CONSTRAINT boxes_label_again UNIQUE (label)"),

    // Checks
    missing(CheckConstraint, "depot.boxes.boxes_weight_check", DEPOT, "CONSTRAINT boxes_weight_check",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_weight_check"),
    missing(CheckConstraint, "shop.stock.stock_positive", FOREIGN, "CONSTRAINT stock_positive",
        "ALTER TABLE shop.stock DROP CONSTRAINT stock_positive"),
    unexpected(CheckConstraint, "depot.boxes.boxes_light",
        "ALTER TABLE depot.boxes ADD CONSTRAINT boxes_light CHECK (weight < 9000)"),
    renamed(CheckConstraint, "depot.boxes.boxes_weight_check", "depot.boxes.weight_ok", DEPOT,
        "CONSTRAINT boxes_weight_check",
        "ALTER TABLE depot.boxes RENAME CONSTRAINT boxes_weight_check TO weight_ok"),
    different(CheckConstraint, "depot.boxes.boxes_weight_check", "expression", DEPOT, "CONSTRAINT boxes_weight_check",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_weight_check; \
         ALTER TABLE depot.boxes ADD CONSTRAINT boxes_weight_check CHECK (weight > 0)"),
    different(CheckConstraint, "depot.boxes.boxes_weight_check", "no-inherit", DEPOT, "CONSTRAINT boxes_weight_check",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_weight_check; \
         ALTER TABLE depot.boxes ADD CONSTRAINT boxes_weight_check CHECK (weight >= 0) NO INHERIT"),
    different(CheckConstraint, "depot.boxes.boxes_weight_check", "comment", DEPOT, "CONSTRAINT boxes_weight_check",
        "COMMENT ON CONSTRAINT boxes_weight_check ON depot.boxes IS 'Of course'"),
    different(CheckConstraint, "shop.customers.customers_balance_check", "comment", CONSTRAINTS,
        "COMMENT ON CONSTRAINT customers_balance_check",
        "COMMENT ON CONSTRAINT customers_balance_check ON shop.customers IS 'We are a bank'"),
    different(CheckConstraint, "depot.strict_derived.strict_base_check", "inherited", DEPOT,
        "CREATE TABLE depot.strict_derived",
        "ALTER TABLE depot.strict_derived NO INHERIT depot.strict_base; \
         ALTER TABLE depot.strict_derived INHERIT depot.strict_base"),
    named(NamedCode::UnvalidatedConstraint, CheckConstraint, "depot.boxes.boxes_weight_check",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_weight_check; \
         ALTER TABLE depot.boxes ADD CONSTRAINT boxes_weight_check CHECK (weight >= 0) NOT VALID")
        .aspect("validated").claimed_by(DEPOT, "CONSTRAINT boxes_weight_check"),
    // The other way round: the history left it unchecked, somebody checked it.
    different(CheckConstraint, "shop.customers.customers_birthday_check", "validated", CONSTRAINTS,
        "ADD CONSTRAINT customers_birthday_check",
        "ALTER TABLE shop.customers VALIDATE CONSTRAINT customers_birthday_check"),
    named(NamedCode::DuplicateConstraint, CheckConstraint, "depot.boxes.boxes_weight_again",
        "ALTER TABLE depot.boxes ADD CONSTRAINT boxes_weight_again CHECK (weight >= 0)"),

    // Foreign keys
    missing(ForeignKey, "depot.boxes.boxes_shelf_fkey", DEPOT, "CONSTRAINT boxes_shelf_fkey",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_shelf_fkey"),
    missing(ForeignKey, "shop.event_notes.event_notes_event_fkey", CONSTRAINTS, "CONSTRAINT event_notes_event_fkey",
        "ALTER TABLE shop.event_notes DROP CONSTRAINT event_notes_event_fkey"),
    unexpected(ForeignKey, "depot.lids.lids_second_fkey",
        "ALTER TABLE depot.lids ADD CONSTRAINT lids_second_fkey FOREIGN KEY (second) REFERENCES depot.shelves (id)"),
    renamed(ForeignKey, "depot.boxes.boxes_shelf_fkey", "depot.boxes.fk_1", DEPOT, "CONSTRAINT boxes_shelf_fkey",
        "ALTER TABLE depot.boxes RENAME CONSTRAINT boxes_shelf_fkey TO fk_1"),
    different(ForeignKey, "depot.boxes.boxes_shelf_fkey", "columns", DEPOT, "CONSTRAINT boxes_shelf_fkey",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_shelf_fkey; \
         ALTER TABLE depot.boxes ADD CONSTRAINT boxes_shelf_fkey FOREIGN KEY (height) REFERENCES depot.shelves (id)"),
    different(ForeignKey, "depot.boxes.boxes_shelf_fkey", "references", DEPOT, "CONSTRAINT boxes_shelf_fkey",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_shelf_fkey; ALTER TABLE depot.boxes \
            ADD CONSTRAINT boxes_shelf_fkey FOREIGN KEY (shelf) REFERENCES shop.made_by_a_block (id)"),
    different(ForeignKey, "depot.boxes.boxes_place_fkey", "referenced-columns", DEPOT, "CONSTRAINT boxes_place_fkey",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_place_fkey; ALTER TABLE depot.boxes \
            ADD CONSTRAINT boxes_place_fkey FOREIGN KEY (floor, aisle) REFERENCES depot.shelves (aisle, floor) \
            ON DELETE SET NULL"),
    different(ForeignKey, "depot.boxes.boxes_place_fkey", "match", DEPOT, "CONSTRAINT boxes_place_fkey",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_place_fkey; ALTER TABLE depot.boxes \
            ADD CONSTRAINT boxes_place_fkey FOREIGN KEY (floor, aisle) REFERENCES depot.shelves (floor, aisle) \
            MATCH FULL ON DELETE SET NULL"),
    different(ForeignKey, "depot.boxes.boxes_shelf_fkey", "on-delete", DEPOT, "CONSTRAINT boxes_shelf_fkey",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_shelf_fkey; ALTER TABLE depot.boxes \
            ADD CONSTRAINT boxes_shelf_fkey FOREIGN KEY (shelf) REFERENCES depot.shelves (id) ON DELETE CASCADE"),
    different(ForeignKey, "depot.boxes.boxes_shelf_fkey", "on-update", DEPOT, "CONSTRAINT boxes_shelf_fkey",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_shelf_fkey; ALTER TABLE depot.boxes \
            ADD CONSTRAINT boxes_shelf_fkey FOREIGN KEY (shelf) REFERENCES depot.shelves (id) ON UPDATE RESTRICT"),
    different(ForeignKey, "depot.boxes.boxes_place_fkey", "on-delete-columns", DEPOT, "CONSTRAINT boxes_place_fkey",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_place_fkey; ALTER TABLE depot.boxes \
            ADD CONSTRAINT boxes_place_fkey FOREIGN KEY (floor, aisle) REFERENCES depot.shelves (floor, aisle) \
            ON DELETE SET NULL (aisle)").needs(15),
    different(ForeignKey, "depot.boxes.boxes_shelf_fkey", "deferrable", DEPOT, "CONSTRAINT boxes_shelf_fkey",
        "ALTER TABLE depot.boxes ALTER CONSTRAINT boxes_shelf_fkey DEFERRABLE"),
    different(ForeignKey, "shop.reviews.reviews_product_fkey", "deferrable", LATER,
        "ALTER CONSTRAINT reviews_product_fkey DEFERRABLE INITIALLY DEFERRED",
        "ALTER TABLE shop.reviews ALTER CONSTRAINT reviews_product_fkey NOT DEFERRABLE"),
    different(ForeignKey, "depot.boxes.boxes_shelf_fkey", "comment", DEPOT, "CONSTRAINT boxes_shelf_fkey",
        "COMMENT ON CONSTRAINT boxes_shelf_fkey ON depot.boxes IS 'Where it stands'"),
    different(ForeignKey, "shop.copies.copies_order_fkey", "enabled", TRIGGERS,
        "ALTER TABLE shop.copies DISABLE TRIGGER ALL",
        "ALTER TABLE shop.copies ENABLE TRIGGER ALL"),
    missing(ForeignKey, "depot.parts.parts_shelf_fkey", DEPOT, "CONSTRAINT parts_shelf_fkey",
        "ALTER TABLE depot.parts DROP CONSTRAINT parts_shelf_fkey; ALTER TABLE depot.parts_1 \
            ADD CONSTRAINT parts_shelf_fkey FOREIGN KEY (shelf) REFERENCES depot.shelves (id)")
        .also(&[also_different(ForeignKey, "depot.parts_1.parts_shelf_fkey", "inherited")]),
    named(NamedCode::UnvalidatedConstraint, ForeignKey, "depot.boxes.boxes_shelf_fkey",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_shelf_fkey; ALTER TABLE depot.boxes \
            ADD CONSTRAINT boxes_shelf_fkey FOREIGN KEY (shelf) REFERENCES depot.shelves (id) NOT VALID")
        .aspect("validated").claimed_by(DEPOT, "CONSTRAINT boxes_shelf_fkey"),
    different(ForeignKey, "shop.sessions.sessions_customer_fkey", "validated", CONSTRAINTS,
        "ADD CONSTRAINT sessions_customer_fkey",
        "ALTER TABLE shop.sessions VALIDATE CONSTRAINT sessions_customer_fkey"),
    named(NamedCode::DuplicateConstraint, ForeignKey, "depot.boxes.boxes_shelf_again",
        "ALTER TABLE depot.boxes ADD CONSTRAINT boxes_shelf_again FOREIGN KEY (shelf) REFERENCES depot.shelves (id)"),

    // Exclusion constraints
    missing(ExclusionConstraint, "depot.boxes.boxes_code_excluded", DEPOT, "CONSTRAINT boxes_code_excluded",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_code_excluded"),
    unexpected(ExclusionConstraint, "depot.lids.lids_second_excluded",
        "ALTER TABLE depot.lids ADD CONSTRAINT lids_second_excluded EXCLUDE USING btree (second WITH =)"),
    renamed(ExclusionConstraint, "depot.boxes.boxes_code_excluded", "depot.boxes.code_once", DEPOT,
        "CONSTRAINT boxes_code_excluded",
        "ALTER TABLE depot.boxes RENAME CONSTRAINT boxes_code_excluded TO code_once"),
    different(ExclusionConstraint, "depot.boxes.boxes_code_excluded", "definition", DEPOT,
        "CONSTRAINT boxes_code_excluded",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_code_excluded; ALTER TABLE depot.boxes \
            ADD CONSTRAINT boxes_code_excluded EXCLUDE USING btree (code WITH =) WHERE (height > 1)"),
    different(ExclusionConstraint, "depot.boxes.boxes_code_excluded", "deferrable", DEPOT,
        "CONSTRAINT boxes_code_excluded",
        "ALTER TABLE depot.boxes DROP CONSTRAINT boxes_code_excluded; ALTER TABLE depot.boxes \
            ADD CONSTRAINT boxes_code_excluded EXCLUDE USING btree (code WITH =) DEFERRABLE"),
    different(ExclusionConstraint, "shop.bookings.bookings_no_collision", "options", CONSTRAINTS,
        "CONSTRAINT bookings_no_collision",
        "ALTER INDEX shop.bookings_no_collision SET (fillfactor = 81)"),
    different(ExclusionConstraint, "depot.boxes.boxes_code_excluded", "tablespace", DEPOT,
        "CONSTRAINT boxes_code_excluded",
        "ALTER INDEX depot.boxes_code_excluded SET TABLESPACE slow_disk").needs_tablespace(),
    different(ExclusionConstraint, "shop.bookings.bookings_no_overlap", "comment", CONSTRAINTS,
        "COMMENT ON CONSTRAINT bookings_no_overlap",
        "COMMENT ON CONSTRAINT bookings_no_overlap ON shop.bookings IS NULL"),
    different(ExclusionConstraint, "shop.bookings.bookings_no_overlap", "index-comment", CONSTRAINTS,
        "COMMENT ON INDEX shop.bookings_no_overlap",
        "COMMENT ON INDEX shop.bookings_no_overlap IS 'Read by nobody'"),

    different(UniqueConstraint, "depot.shelves.shelves_place_key", "comment", DEPOT, PLACE,
        "COMMENT ON CONSTRAINT shelves_place_key ON depot.shelves IS 'Two at one place would fall down'"),
];

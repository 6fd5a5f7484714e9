//! The dependencies that are read are those that PostgreSQL would complain about, in the names of the catalog.

mod common;

use std::collections::BTreeSet;

use common::open_session;
use trueup_database::introspect::{
    introspect_and_record, introspect_with_dependencies, read_recording, read_recording_with_dependencies,
};
use trueup_model::{Ident, ObjectPath};
use trueup_testing::fixture;
use trueup_testing::servers::server;

/// What needs, and what is needed: one line for each way in which PostgreSQL keeps it.
const KNOWN: &[(&str, &str)] = &[
    // Rows of their own that stand for themselves.
    ("table shop.customers", "schema shop"),
    ("function shop.add(integer, integer)", "schema shop"),
    ("column shop.customers.id", "table shop.customers"),
    ("column shop.customers.email", "domain shop.email"),
    ("domain shop.work_email", "domain shop.email"),
    ("table depot.pallets", "composite-type depot.pair"),
    ("table shop.events_2023", "table shop.events"),
    ("table depot.derived", "table depot.base"),
    ("foreign-table shop.stock", "foreign-server warehouse"),
    ("foreign-server warehouse", "foreign-data-wrapper elsewhere"),
    ("user-mapping public on warehouse", "foreign-server warehouse"),
    ("trigger shop.orders.orders_touch", "function shop.touch()"),
    ("trigger shop.orders.orders_touch", "table shop.orders"),
    ("policy private.secrets.secrets_add", "column private.secrets.level"),
    ("statistics shop.orders_place", "column shop.orders.region"),
    ("event-trigger notice_tables", "function private.notice_change()"),
    ("aggregate shop.total(integer)", "function shop.sum_step(bigint, integer)"),
    ("operator shop.=~=(integer, integer)", "function shop.near(integer, integer)"),
    ("operator-class shop.hashed_tokens(using hash)", "operator-family shop.hashed_tokens(using hash)"),
    (
        "range-type shop.opening_hours",
        "function shop.time_difference(time without time zone, time without time zone)",
    ),
    ("text-search-configuration shop.own", "text-search-dictionary shop.own_words"),
    ("text-search-dictionary shop.own_words", "text-search-template shop.plain_template"),
    ("language second_plpgsql", "function shop.second_plpgsql_handler()"),
    ("cast text as shop.address", "function shop.to_address(text)"),
    ("function depot.transformed(integer)", "transform for integer language sql"),
    ("materialized-view shop.elsewhere_list", "access-method second_heap"),
    // An array counts as its element.
    ("column shop.customers.other_homes", "composite-type shop.address"),
    // A default counts as its column, and what a generated column is made of is needed by it.
    ("column shop.customers.reference", "function shop.new_reference(text)"),
    ("column shop.customers.full_name_upper", "column shop.customers.full_name"),
    // The rule of a view counts as the view.
    ("view shop.active_customers", "column shop.customers.active"),
    ("view shop.very_rich_customers", "column shop.rich_customers.balance"),
    ("rule shop.active_customers.active_customers_insert", "column shop.customers.email"),
    // The index of a constraint counts as the constraint.
    ("foreign-key depot.boxes.boxes_shelf_fkey", "primary-key depot.shelves.shelves_pkey"),
    ("primary-key shop.events_2023.events_2023_pkey", "primary-key shop.events.events_pkey"),
    ("index shop.hits_0.hits_0_visitor_idx", "index shop.hits.hits_visitor_idx"),
    // A member of an extension counts as the extension.
    ("exclusion-constraint shop.extended.extended_no_overlap", "extension btree_gist"),
    // What a publication holds counts as the publication.
    ("publication some_tables", "table shop.customers"),
    // The sequence of a serial column follows the column, and not the other way.
    ("sequence shop.products_id_seq", "column shop.products.id"),
];

fn check(major: u32) {
    let database = fixture::every_kind_applied(&server(major), true);
    let (catalog, dependencies) =
        introspect_with_dependencies(&mut open_session(&database.url())).expect("dependencies");
    let (_, recording) = introspect_and_record(&mut open_session(&database.url())).expect("a recording");
    let bytes = recording.to_bytes();
    let recorded = read_recording_with_dependencies(bytes.as_slice()).expect("rows").with_dependencies();
    assert!(recorded.0 == catalog, "a recording gives another catalog");
    assert!(recorded.1 == dependencies, "a recording gives other dependencies");
    let without = read_recording(bytes.as_slice()).expect("rows").with_dependencies();
    assert!(without.0 == catalog && without.1.pairs().next().is_none());
    let migrator = Some(Ident::new("postgres"));
    let (catalog, dependencies) =
        (catalog.migrated_by(migrator.clone()), dependencies.migrated_by(migrator.as_ref()));
    let name = |path: &ObjectPath| format!("{} {path}", path.kind);
    let pairs: BTreeSet<(String, String)> =
        dependencies.pairs().map(|(needing, needed)| (name(needing), name(needed))).collect();
    let missing: Vec<_> = KNOWN
        .iter()
        .filter(|(needing, needed)| !pairs.contains(&((*needing).to_owned(), (*needed).to_owned())))
        .collect();
    assert!(missing.is_empty(), "not read on PostgreSQL {major}: {missing:#?}");
    for (needing, needed) in dependencies.pairs() {
        assert!(catalog.contains(needing), "{} is not in the catalog", name(needing));
        assert!(catalog.contains(needed), "{} is not in the catalog", name(needed));
        assert_ne!(needing, needed, "nothing needs itself");
    }
    let back = ("column shop.products.id".to_owned(), "sequence shop.products_id_seq".to_owned());
    assert!(!pairs.contains(&back), "a serial column does not wait for its own sequence");
}

#[test]
fn what_needs_what_is_known_on_13() {
    check(13);
}

#[test]
fn what_needs_what_is_known_on_16() {
    check(16);
}

#[test]
fn what_needs_what_is_known_on_18() {
    check(18);
}

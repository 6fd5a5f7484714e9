//! What is lost is told object by object, each with a question to the rows.

mod common;

use common::{catalog_of, table, view};
use trueup_engine::losses::losses;
use trueup_model::catalog::Entry;

#[track_caller]
fn check(after: Vec<Entry>, expected: &[&str]) {
    let before = catalog_of(
        [table("shop", "orders", &["id:bigint", "note:text"]), vec![view("shop", "all_orders", "select 1")]]
            .concat(),
    );
    let told: Vec<String> = losses(&before, &catalog_of(after))
        .into_iter()
        .map(|loss| format!("{}: {}; {}", loss.object, loss.probe.meaning, loss.probe.count.replace('"', "")))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn what_goes_is_asked_for_its_rows() {
    check(table("shop", "orders", &["id:bigint", "note:text", "new:text"]), &[]);
    check(
        table("shop", "orders", &["id:bigint"]),
        &[
            "shop.orders.note: values of note would be lost; SELECT pg_catalog.count(*) FROM shop.orders AS r WHERE \
           r.note IS NOT NULL",
        ],
    );
    check(
        table("shop", "customers", &["key:uuid"]),
        &["shop.orders: rows would be lost; SELECT pg_catalog.count(*) FROM shop.orders AS r WHERE true"],
    );
}

#[test]
fn values_that_have_to_be_cut_are_lost() {
    check(
        table("shop", "orders", &["id:bigint", "note:character varying(5)"]),
        &["shop.orders.note: values of note would not stay the same as character varying(5); SELECT \
           pg_catalog.count(*) FROM shop.orders AS r WHERE pg_catalog.length(r.note::text) > 5"],
    );
    // That fails instead, and loses nothing.
    check(table("shop", "orders", &["id:integer", "note:text"]), &[]);
    check(
        table("shop", "orders", &["id:bigint", "note:text[]"]),
        &["shop.orders.note: values of note would become text[], and nobody can tell how; SELECT \
           pg_catalog.count(*) FROM shop.orders AS r WHERE r.note IS NOT NULL"],
    );
}

#[test]
fn what_is_only_called_otherwise_is_kept() {
    check(table("shop", "purchases", &["id:bigint", "note:text"]), &[]);
    check(table("sales", "orders", &["id:bigint", "note:text"]), &[]);
}

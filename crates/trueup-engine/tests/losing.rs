//! What is lost is told object by object, each with a question to the rows.

mod common;

use common::{catalog_of, table, view};
use trueup_engine::losses::losses;
use trueup_model::catalog::Entry;
use trueup_model::run::Fate;
use trueup_model::{Catalog, ObjectKind, ObjectPath};

/// `orders.note -> purchases.text`: what is called otherwise now; all else that is not there under its name is gone.
fn fate(before: &Catalog, after: &Catalog, called: &[(&str, &str)]) -> Fate {
    let mut fate = Fate::default();
    let now = |name: String| {
        called.iter().find(|(was, _)| *was == name).map_or(name.clone(), |(_, is)| (*is).to_owned())
    };
    for entry in before.entries() {
        let name = now(entry.path.to_string());
        let there =
            after.entries().iter().find(|entry| entry.path.to_string() == name).map(|entry| &entry.path);
        match (entry.path.kind, entry.path.relation()) {
            (ObjectKind::Table, _) => {
                let table = entry.path.qualified().expect("a table");
                fate.tables.insert(table, there.and_then(ObjectPath::qualified));
            }
            (ObjectKind::Column, Some(table)) => {
                let is = there.and_then(|path| Some((path.relation()?, path.part.clone())));
                fate.columns.insert((table, entry.path.part.clone()), is);
            }
            _ => {}
        }
    }
    fate
}

#[track_caller]
fn check(after: Vec<Entry>, expected: &[&str]) {
    check_called(after, &[], expected);
}

#[track_caller]
fn check_called(after: Vec<Entry>, called: &[(&str, &str)], expected: &[&str]) {
    let before = catalog_of(
        [table("shop", "orders", &["id:bigint", "note:text"]), vec![view("shop", "all_orders", "select 1")]]
            .concat(),
    );
    let after = catalog_of(after);
    let told: Vec<String> = losses(&before, &after, &fate(&before, &after, called))
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
    let all = [
        ("shop.orders", "sales.purchases"),
        ("shop.orders.id", "sales.purchases.id"),
        ("shop.orders.note", "sales.purchases.text"),
    ];
    check_called(table("sales", "purchases", &["id:bigint", "text:text"]), &all, &[]);
    check_called(
        table("sales", "purchases", &["id:bigint", "text:character varying(5)"]),
        &all,
        &["shop.orders.note: values of note would not stay the same as character varying(5); SELECT \
           pg_catalog.count(*) FROM shop.orders AS r WHERE pg_catalog.length(r.note::text) > 5"],
    );
}

/// It looks as if it had been renamed.
#[test]
fn what_was_dropped_and_made_again_otherwise_is_lost() {
    check(
        table("shop", "purchases", &["id:bigint", "note:text"]),
        &["shop.orders: rows would be lost; SELECT pg_catalog.count(*) FROM shop.orders AS r WHERE true"],
    );
    check(
        table("shop", "orders", &["id:bigint", "text:text"]),
        &[
            "shop.orders.note: values of note would be lost; SELECT pg_catalog.count(*) FROM shop.orders AS r WHERE \
           r.note IS NOT NULL",
        ],
    );
}

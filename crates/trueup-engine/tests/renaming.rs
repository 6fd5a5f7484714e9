//! What was renamed or moved is said once, what else differs in it is said besides, and what follows is not said.

mod common;

use common::{
    catalog_of, changed, findings, foreign_key, function, index_on, said, sequence, serial_table, table, view,
};
use trueup_engine::compare;
use trueup_engine::tolerance::Tolerated;
use trueup_model::catalog::{Entry, Grant, Object, Partition, Persistence};
use trueup_model::name::Role;
use trueup_model::{Ident, QualifiedName, Text};

fn orders(name: &str) -> Vec<Entry> {
    table("public", name, &["id", "label:text"])
}

#[test]
fn a_renamed_table_is_one_finding() {
    let (expected, found) = (catalog_of(orders("orders")), catalog_of(orders("purchases")));
    assert_eq!(said(&expected, &found), ["renamed-table public.orders"]);
    assert!(findings(&expected, &found)[0].hint.as_ref().is_some_and(|hint| hint.contains("only the name")));
}

#[test]
fn what_stays_away_stays_so_whatever_looks_like_it() {
    let wanted = catalog_of([orders("orders"), index()].concat());
    let two = catalog_of([orders("one"), orders("other")].concat());
    let differences = compare(&wanted, &two);
    // One of the two is dropped, and the other one is then taken for the one that is missing, without its index.
    let kept = differences.iter().filter(|difference| difference.path.head.as_str() != "one");
    let kept = Tolerated::these(kept);
    let there = catalog_of(orders("other"));
    assert_eq!(kept.others(&wanted, &there), Vec::<String>::new());
    assert_eq!(Tolerated::default().others(&wanted, &there).len(), 2);
}

fn index() -> Vec<Entry> {
    vec![index_on("public", "orders", "orders_label", 1)]
}

#[test]
fn a_renamed_table_keeps_its_other_differences() {
    type Change = fn(&mut Entry);
    let set = |change: fn(&mut trueup_model::catalog::Table)| {
        move |entry: &mut Entry| {
            if let Object::Table(table) = &mut entry.object {
                change(table);
            }
        }
    };
    let expected = catalog_of(orders("orders"));
    let with = |change: &dyn Fn(&mut Entry)| {
        let found = catalog_of(changed(orders("purchases"), "public.purchases", change));
        assert!(
            findings(&expected, &found)
                .iter()
                .all(|finding| finding.hint.as_ref().is_none_or(|hint| !hint.contains("only the name"))),
            "something else differs too"
        );
        said(&expected, &found)
    };
    let both = |aspect: &str| {
        vec![format!("different-table public.orders {aspect}"), "renamed-table public.orders".to_owned()]
    };
    assert_eq!(with(&set(|table| table.row_security = true)), both("row-security"));
    assert_eq!(with(&set(|table| table.persistence = Persistence::Unlogged)), both("persistence"));
    let commented: Change = |entry| entry.comment = Some(Text::new("bought"));
    assert_eq!(with(&commented), both("comment"));
    let granted: Change = |entry| {
        entry.granted.push(Grant { role: Role::Public, privilege: Text::new("SELECT"), grantable: false });
    };
    assert_eq!(with(&granted), both("privileges"));
    let owned: Change = |entry| entry.owner = Some(Ident::new("somebody"));
    assert_eq!(with(&owned), ["foreign-owner public.orders owner", "renamed-table public.orders"]);
}

#[test]
fn a_renamed_index_keeps_its_other_differences() {
    let of = |name: &str| {
        let mut entries = orders("orders");
        entries.push(index_on("public", "orders", name, 1));
        entries
    };
    let found = changed(of("b"), "public.orders.b", |entry| entry.comment = Some(Text::new("mine")));
    assert_eq!(
        said(&catalog_of(of("a")), &catalog_of(found)),
        ["different-index public.orders.a comment", "renamed-index public.orders.a"]
    );
}

#[test]
fn a_partition_for_other_rows_is_not_a_renamed_one() {
    let partition = |name: &str, year: u32| {
        changed(orders(name), &format!("public.{name}"), |entry| {
            if let Object::Table(table) = &mut entry.object {
                table.partition_of = Some(Partition {
                    parent: QualifiedName::new("public", "ev"),
                    bound: Text::new(format!("FOR VALUES FROM ({year}) TO ({})", year + 1)),
                });
            }
        })
    };
    let with_parent = |mut entries: Vec<Entry>| {
        entries.extend(orders("ev"));
        catalog_of(entries)
    };
    let expected = with_parent(partition("ev_2024", 2024));
    assert_eq!(
        said(&expected, &with_parent(partition("ev_2025", 2025))),
        ["missing-table public.ev_2024", "unexpected-table public.ev_2025"]
    );
    assert_eq!(said(&expected, &with_parent(partition("ev_old", 2024))), ["renamed-table public.ev_2024"]);
}

#[test]
fn the_order_of_columns_of_a_moved_table_is_compared() {
    let expected = catalog_of(table("public", "orders", &["id", "label:text"]));
    let found = catalog_of(table("tenant", "orders", &["label:text", "id"]));
    assert_eq!(
        said(&expected, &found),
        ["different-table public.orders column-order", "misplaced-table public.orders"]
    );
}

/// Everything in a database that names a table.
fn with_dependents(name: &str, index: &str) -> Vec<Entry> {
    let mut entries = table("public", name, &["id", "label:text", "a"]);
    entries.push(index_on("public", name, index, 1));
    entries.extend(table("public", "lines", &["a"]));
    entries.push(foreign_key("public", "lines", "lines_fkey", name));
    let alias = if name == "orders" { String::new() } else { " orders".to_owned() };
    entries.push(view("public", "seen", &format!(" SELECT orders.id\n   FROM public.{name}{alias};")));
    entries.push(function("public", "total", &format!("public.{name}")));
    entries
}

#[test]
fn what_follows_from_a_renamed_table_is_not_said() {
    let expected = catalog_of(with_dependents("orders", "by_id"));
    assert_eq!(
        said(&expected, &catalog_of(with_dependents("purchases", "by_id"))),
        ["renamed-table public.orders"]
    );
    assert_eq!(
        said(&expected, &catalog_of(with_dependents("purchases", "purchases_by_id"))),
        ["renamed-index public.orders.by_id", "renamed-table public.orders"]
    );
}

/// What stands elsewhere is known by its old place, also where something that did not move refers to it.
#[test]
fn what_refers_to_a_moved_table_is_not_said() {
    let of = |schema: &str| {
        let mut entries = table(schema, "orders", &["id", "label:text", "a"]);
        entries.extend(table("public", "lines", &["a"]));
        let mut key = foreign_key("public", "lines", "lines_fkey", "orders");
        if let Object::ForeignKey(key) = &mut key.object {
            key.references = QualifiedName::new(schema, "orders");
        }
        entries.push(key);
        entries.push(view("public", "seen", &format!(" SELECT id\n   FROM {schema}.orders;")));
        entries.push(function("public", "total", &format!("{schema}.orders")));
        entries.push(function(schema, "first", &format!("{schema}.orders")));
        entries
    };
    assert_eq!(
        said(&catalog_of(of("shop")), &catalog_of(of("tenant"))),
        ["misplaced-function shop.first(shop.orders)", "misplaced-table shop.orders"]
    );
}

/// A namesake that went the same way, but is something else, does not come back with the table.
#[test]
fn what_a_moved_table_names_and_nobody_finds_is_said() {
    let expected = [table("shop", "kinds", &["a", "b"]), table("shop", "orders", &["id", "kind:shop.kinds"])];
    let found = [table("tenant", "kinds", &["z"]), table("tenant", "orders", &["id", "kind:tenant.kinds"])];
    assert_eq!(
        said(&catalog_of(expected.concat()), &catalog_of(found.concat())),
        [
            "different-column shop.orders.kind type",
            "misplaced-table shop.orders",
            "missing-table shop.kinds",
            "unexpected-table tenant.kinds",
        ]
    );
}

#[test]
fn what_refers_to_another_table_after_a_renaming_is_said() {
    let expected = catalog_of(with_dependents("orders", "by_id"));
    let mut entries = with_dependents("purchases", "by_id");
    entries = changed(entries, "public.seen", |entry| {
        if let Object::View(view) = &mut entry.object {
            view.definition = Text::new(" SELECT orders.id\n   FROM public.lines orders;");
        }
    });
    assert_eq!(
        said(&expected, &catalog_of(entries)),
        ["different-view public.seen definition", "renamed-table public.orders"]
    );
}

/// The way to rename a table while an application still knows the old name.
#[test]
fn a_view_under_the_old_name_does_not_take_the_columns() {
    let expected = catalog_of(orders("orders"));
    let mut entries = orders("purchases");
    entries.push(view("public", "orders", " SELECT id FROM public.purchases;"));
    for column in orders("orders").into_iter().skip(1) {
        entries.push(column);
    }
    assert_eq!(
        said(&expected, &catalog_of(entries)),
        ["renamed-table public.orders", "unexpected-view public.orders"]
    );
}

#[test]
fn a_view_in_the_place_of_a_table_has_none_of_its_columns() {
    let expected = catalog_of(table("public", "orders", &["id", "label:text"]));
    let mut entries = vec![view("public", "orders", " SELECT 1 AS id, 'odd'::text AS odd;")];
    entries.extend(table("public", "orders", &["id", "odd:text"]).into_iter().skip(1));
    assert_eq!(
        said(&expected, &catalog_of(entries)),
        ["missing-table public.orders", "unexpected-view public.orders"]
    );
}

#[test]
fn the_sequence_of_a_serial_column_goes_with_its_table() {
    let expected = catalog_of(serial_table("public", "orders", "orders_id_seq"));
    let moved = catalog_of(serial_table("tenant", "orders", "orders_id_seq"));
    assert_eq!(said(&expected, &moved), ["misplaced-table public.orders"]);
    let renamed = catalog_of(serial_table("public", "purchases", "purchases_id_seq"));
    assert_eq!(said(&expected, &renamed), ["renamed-table public.orders"]);
    let only_table = catalog_of(serial_table("public", "purchases", "orders_id_seq"));
    assert_eq!(said(&expected, &only_table), ["renamed-table public.orders"]);
}

#[test]
fn two_tables_are_not_both_moved_to_one_place() {
    let mut entries = table("a", "orders", &["id"]);
    entries.extend(table("b", "orders", &["id"]));
    let found = catalog_of(table("c", "orders", &["id"]));
    assert_eq!(said(&catalog_of(entries), &found), ["misplaced-table a.orders", "missing-table b.orders"]);
}

/// Sizes at which work that grows with the square would take minutes in a build for tests.
#[test]
fn many_leftovers_are_quick() {
    let sequences = |prefix: &str| {
        catalog_of((0..200).map(|number| sequence("public", &format!("{prefix}{number}"), None)).collect())
    };
    assert_eq!(said(&sequences("a"), &sequences("b")).len(), 400);

    let mut expected = Vec::new();
    let mut found = Vec::new();
    for number in 0..6_000 {
        let name = format!("t{number}");
        expected.extend(serial_table("public", &name, &format!("{name}_id_seq")));
        found.extend(serial_table("tenant", &name, &format!("{name}_id_seq")));
    }
    let said = said(&catalog_of(expected), &catalog_of(found));
    assert_eq!(said.len(), 6_000);
    assert!(said.iter().all(|line| line.starts_with("misplaced-table ")));
}

/// A schema that nobody expects counts what is in it, once for all schemas.
#[test]
fn many_schemas_that_nobody_expects_are_quick() {
    let schemas = |schemas: usize| {
        let mut entries = Vec::new();
        for number in 0..schemas {
            let name = format!("s{number}");
            let path = trueup_model::ObjectPath::global(trueup_model::ObjectKind::Schema, name.as_str());
            entries.push(common::entry(path, Object::Schema(trueup_model::catalog::Schema {}), Some("app")));
            for table in 0..4 {
                entries.extend(table_of(&name, table));
            }
        }
        catalog_of(entries)
    };
    let mut expected = Vec::new();
    for number in 0..10_000 {
        expected.extend(table("public", &format!("e{number}"), &["id", "b:text"]));
    }
    let said = said(&catalog_of(expected), &schemas(6_000));
    assert_eq!(said.len(), 16_000);
}

fn table_of(schema: &str, number: usize) -> Vec<Entry> {
    table(schema, &format!("t{number}"), &["id"])
}

fn schema(name: &str, contents: Vec<Entry>) -> Vec<Entry> {
    let path = trueup_model::ObjectPath::global(trueup_model::ObjectKind::Schema, name);
    let mut entries =
        vec![common::entry(path, Object::Schema(trueup_model::catalog::Schema {}), Some("app"))];
    entries.extend(contents);
    entries
}

#[test]
fn what_is_in_a_renamed_schema_goes_with_it() {
    let contents = |schema: &str, reads: &str| {
        let mut entries = serial_table(schema, "orders", "orders_id_seq");
        entries.extend(table(schema, "lines", &["a"]));
        entries.push(common::foreign_key(schema, "lines", "lines_fkey", "lines"));
        entries.push(function(schema, "total", &format!("{schema}.orders")));
        entries.push(function(schema, "total", "integer"));
        entries.push(view(schema, "all_orders", &format!("SELECT {reads} FROM {schema}.orders")));
        entries
    };
    let outside = |schema: &str| vec![view("public", "report", &format!("SELECT 1 FROM {schema}.orders"))];
    let with =
        |name: &str, reads: &str| catalog_of([schema(name, contents(name, reads)), outside(name)].concat());
    let expected = with("app", "1");
    assert_eq!(said(&expected, &with("sales", "1")), ["renamed-schema app"]);
    assert_eq!(
        said(&expected, &with("sales", "2")),
        ["different-view app.all_orders definition", "renamed-schema app"]
    );
    // Renamed to and fro, nothing says which is which: the contents do.
    let other = |name: &str| schema(name, table(name, "other", &["b"]));
    let two =
        |first: &str, second: &str| catalog_of([schema(first, contents(first, "1")), other(second)].concat());
    assert_eq!(said(&two("app", "b"), &two("sales", "c")), ["renamed-schema app", "renamed-schema b"]);
}

#[test]
fn a_changed_view_is_shown_under_the_names_that_are_known() {
    let with = |name: &str, text: &str| {
        let mut entries = orders(name);
        entries.push(view("public", "v", text));
        catalog_of(entries)
    };
    let expected = with("users", " SELECT users.id\n   FROM public.users;");
    let found = with("people", " SELECT users.id\n   FROM public.people users\n  WHERE (users.id > 1);");
    let all = findings(&expected, &found);
    let changed = all.iter().find(|finding| finding.aspect == Some("definition")).expect("a changed view");
    let shown = changed.found.as_deref().unwrap_or_default();
    assert!(shown.contains("WHERE") && !shown.contains("people"), "{shown}");
}

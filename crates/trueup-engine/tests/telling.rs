//! What a migration makes of a database is told object by object, and what may differ is not told.

mod common;

use common::{catalog_of, changed, index_on, table, view};
use trueup_engine::running::mentioned;
use trueup_engine::tolerance::{Tolerated, differ};
use trueup_engine::{
    compare,
    told::{gone, told},
};
use trueup_model::QualifiedName;
use trueup_model::catalog::Object;
use trueup_model::repair::{Script, ScriptPart};
use trueup_model::run::Fate;

#[test]
fn every_object_is_a_line() {
    let before = catalog_of([table("shop", "orders", &["id"]), table("shop", "old", &["key:uuid"])].concat());
    let after = catalog_of(
        [
            changed(table("shop", "orders", &["id", "note:text"]), "shop.orders.id", |entry| {
                if let Object::Column(column) = &mut entry.object {
                    column.data_type = "bigint".into();
                }
            }),
            vec![index_on("shop", "orders", "by_note", 2), view("shop", "all_orders", "select 1")],
        ]
        .concat(),
    );
    assert_eq!(
        told(&before, &after, &Fate::default()),
        [
            "makes view shop.all_orders",
            "drops table shop.old",
            "changes column shop.orders.id: type",
            "makes column shop.orders.note",
            "makes index shop.orders.by_note",
        ]
    );
}

#[test]
fn what_goes_with_a_column_is_told_as_well() {
    let orders = |columns: &[&str]| table("shop", "orders", columns);
    let hand = || vec![index_on("shop", "orders", "by_hand", 2)];
    let (before, after) =
        (catalog_of([orders(&["id", "note:text"]), hand()].concat()), catalog_of(orders(&["id"])));
    let name = QualifiedName::new("shop", "orders");
    let mut fate = Fate::default();
    fate.tables.insert(name.clone(), Some(name.clone()));
    fate.columns.insert((name, "note".into()), None);
    assert_eq!(
        told(&before, &after, &fate),
        ["drops column shop.orders.note", "drops index shop.orders.by_hand"]
    );
    let names: Vec<String> = gone(&before, &after, &fate).iter().map(ToString::to_string).collect();
    assert_eq!(names, ["shop.orders.note", "shop.orders.by_hand"]);
    // Under another name it is there.
    let renamed = QualifiedName::new("shop", "sales");
    fate.tables.insert(QualifiedName::new("shop", "orders"), Some(renamed.clone()));
    fate.columns
        .insert((QualifiedName::new("shop", "orders"), "note".into()), Some((renamed, "remark".into())));
    let after = catalog_of(
        [table("shop", "sales", &["id", "remark:text"]), vec![index_on("shop", "sales", "by_hand", 2)]]
            .concat(),
    );
    assert_eq!(gone(&before, &after, &fate), []);
}

#[test]
fn what_was_there_before_is_tolerated_and_nothing_else() {
    let wanted = catalog_of(table("shop", "orders", &["id", "note:text"]));
    let there = catalog_of(table("shop", "orders", &["id"]));
    assert_eq!(differ(&wanted, &there), ["column shop.orders.note is missing"]);
    let known = Tolerated::these(&compare(&wanted, &there));
    assert_eq!(known.others(&wanted, &there), [] as [&str; 0]);
    let worse = catalog_of(table("shop", "orders", &["id:bigint"]));
    assert_eq!(known.others(&wanted, &worse), ["type of column shop.orders.id is bigint instead of integer"]);
}

#[test]
fn columns_may_stand_in_another_order() {
    let wanted = catalog_of(table("shop", "orders", &["id", "note:text"]));
    let there = catalog_of(table("shop", "orders", &["note:text", "id"]));
    assert!(!compare(&wanted, &there).is_empty(), "otherwise this tests nothing");
    assert_eq!(differ(&wanted, &there), [] as [&str; 0]);
}

#[test]
fn tables_are_found_in_statements_and_in_code() {
    let catalog = catalog_of(
        [
            table("shop", "orders", &["id"]),
            table("shop", "customers", &["id"]),
            table("shop", "My Table", &["id"]),
        ]
        .concat(),
    );
    let script = |text: &str| Script {
        title: String::new(),
        head: Vec::new(),
        up: vec![ScriptPart::new("", text, true)],
        down: Ok(Vec::new()),
    };
    let found = |text: &str| mentioned(&[script(text)], &catalog);
    assert_eq!(
        found("update Orders set id = 1"),
        [QualifiedName::new("shop", "My Table"), QualifiedName::new("shop", "orders")]
    );
    assert_eq!(found("do $$ begin execute f(); end $$").len(), 3, "nobody knows which");
    assert_eq!(found("insert into order_s values (1)"), [QualifiedName::new("shop", "My Table")]);
}

#[test]
fn what_only_looks_like_the_same_one_is_told_as_another() {
    let before = catalog_of(table("shop", "orders", &["id", "note:text"]));
    let orders = QualifiedName::new("shop", "orders");
    let gone = |column: &str| {
        let mut fate = Fate::default();
        fate.tables.insert(orders.clone(), Some(orders.clone()));
        fate.columns.insert((orders.clone(), column.into()), None);
        fate
    };
    let renamed = catalog_of(table("shop", "orders", &["id", "text:text"]));
    assert_eq!(
        told(&before, &renamed, &gone("note")),
        ["drops column shop.orders.note", "makes column shop.orders.text"]
    );
    assert_eq!(told(&before, &before, &gone("note")), ["drops column shop.orders.note and makes it anew"]);
}

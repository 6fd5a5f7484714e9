//! What is not judged, because what it follows from could not be read.

mod common;

use common::{catalog_of, changed, foreign_key, history, table, table_path};
use trueup_engine::left_open::leave_open;
use trueup_engine::{Claims, compare};
use trueup_model::catalog::Object;
use trueup_model::history::Opaque;
use trueup_model::journal::{Journal, Provenance, StatementRef};
use trueup_model::reach::{Named, Reach};
use trueup_model::{Catalog, Ledger, Place, Text};

/// A migration that touches `note` in ways that are not known, and a later one that makes `item`: what of `item` is
/// judged, where it is not as `expected` says.
fn judged(expected: &Catalog, found: &Catalog) -> Vec<String> {
    let mut history =
        history(&[("0001_unread", &[]), ("0002_item", &["CREATE TABLE item (id integer, note integer)"])]);
    history.migrations[1].parents = vec![history.migrations[0].id.clone()];
    history.migrations[0].opaque =
        Some(Opaque { reason: "a loop".to_owned(), place: Place::start_of("0001_unread.py") });
    let names = ["note", "item"].into_iter().map(Text::new).collect();
    history.migrations[0].reach = Reach::Named(Named { whole: names, ..Named::default() });
    let made = StatementRef { migration: 1, statement: 0 };
    let mut journal = Journal::default();
    let provenance = Provenance { created: Some(made), changed: Some(made) };
    journal.entries.insert(table_path("public", "item"), provenance);
    let ledger = Ledger::default();
    let claims = Claims::new(&history, &ledger, &journal).knowing(expected);
    let mut differences = compare(expected, found);
    assert!(!differences.is_empty());
    leave_open(&mut differences, &claims, &[], None);
    differences.iter().map(|difference| difference.path.to_string()).collect()
}

#[test]
fn what_refers_to_an_unread_table_may_follow_from_it() {
    let note = || table("public", "note", &["id"]);
    let item = || table("public", "item", &["id", "note"]);
    let key = || vec![foreign_key("public", "item", "to_note", "note")];
    let other = changed(item(), "public.item.note", |entry| {
        if let Object::Column(column) = &mut entry.object {
            column.data_type = Text::new("uuid");
        }
    });
    let missing = catalog_of([note(), table("public", "item", &["id"])].concat());
    let other = catalog_of([note(), other].concat());
    let alone = catalog_of([note(), item()].concat());
    assert_eq!(judged(&alone, &missing), ["public.item.note"]);
    assert_eq!(judged(&alone, &other), ["public.item.note"]);
    // That there is a column is certain, and its type is not.
    let referring = catalog_of([note(), item(), key()].concat());
    assert_eq!(judged(&referring, &missing), ["public.item.note"]);
    assert_eq!(judged(&referring, &other), [""; 0]);
}

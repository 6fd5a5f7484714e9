//! One fact is told once: what follows from a difference is left out.

mod common;

use common::{catalog_of, changed, said, serial_table, table, view};
use trueup_model::catalog::{Entry, Identity, IdentityMode, Object, SequenceOptions};
use trueup_model::{Ident, Text};

/// A table with a column of this type, and a view that shows it under the same text.
fn shown(data_type: &str, shown_as: &str) -> Vec<Entry> {
    let mut entries = table("public", "orders", &["id", &format!("total:{data_type}")]);
    entries.push(view("public", "big_orders", " SELECT orders.total\n   FROM orders;"));
    let columns = table("public", "big_orders", &[&format!("total:{shown_as}")]);
    entries.extend(columns.into_iter().filter(|entry| entry.path.is_part()));
    entries
}

#[test]
fn what_a_view_shows_of_a_changed_column_is_not_told_again() {
    let said = |data_type: &str, shown_as: &str| {
        said(&catalog_of(shown("integer", "integer")), &catalog_of(shown(data_type, shown_as)))
    };
    assert_eq!(said("bigint", "bigint"), ["different-column public.orders.total type"]);
    assert_eq!(
        said("bigint", "numeric"),
        ["different-column public.big_orders.total type", "different-column public.orders.total type"]
    );
    assert_eq!(said("integer", "bigint"), ["different-column public.big_orders.total type"]);
}

/// As [`serial_table`], numbered by an identity.
fn identity_table() -> Vec<Entry> {
    let options = SequenceOptions {
        data_type: Text::new("integer"),
        start: 1,
        increment: 1,
        minimum: 1,
        maximum: 10,
        cache: 1,
        cycle: false,
    };
    let identity =
        Box::new(Identity { mode: IdentityMode::Always, sequence: Ident::new("q_id_seq"), options });
    changed(table("public", "q", &["id", "label:text"]), "public.q.id", |entry| {
        if let Object::Column(column) = &mut entry.object {
            column.identity = Some(identity.clone());
        }
    })
}

#[test]
fn the_sequence_of_a_serial_that_was_an_identity_is_not_told_again() {
    let identity = catalog_of(identity_table());
    let serial = catalog_of(serial_table("public", "q", "q_id_seq"));
    assert_eq!(said(&identity, &serial), ["different-column public.q.id identity"]);
    assert_eq!(said(&serial, &identity), ["different-column public.q.id identity"]);
}

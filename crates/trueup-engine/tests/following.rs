//! One fact is told once: what follows from a difference is left out.

mod common;

use common::{catalog_of, changed, entry, said, serial_table, table, view};
use trueup_model::catalog::{Check, Entry, Identity, IdentityMode, Object, SequenceOptions};
use trueup_model::{Ident, ObjectKind, ObjectPath, QualifiedName, Text};

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

#[test]
fn what_names_a_renamed_column_is_not_told_besides() {
    let with = |column: &str, checked: &str, shown: &str| {
        let mut entries = table("public", "orders", &["id", column]);
        let path = ObjectPath::part_of(
            ObjectKind::CheckConstraint,
            &QualifiedName::new("public", "orders"),
            "orders_total_check",
        );
        let check = Check {
            expression: Text::new(checked),
            validated: true,
            enforced: true,
            no_inherit: false,
            inherited: false,
        };
        entries.push(entry(path, Object::Check(check), None));
        entries.push(view("public", "v", &format!(" SELECT orders.id,\n    {shown}\n   FROM orders;")));
        catalog_of(entries)
    };
    let expected = with("total", "(total > 0)", "orders.total");
    let renamed = "renamed-column public.orders.total";
    assert_eq!(said(&expected, &with("amount", "(amount > 0)", "orders.amount AS total")), [renamed]);
    assert_eq!(
        said(&expected, &with("amount", "(amount > 1)", "orders.amount AS sum")),
        [
            "different-check-constraint public.orders.orders_total_check expression",
            "different-view public.v definition",
            renamed
        ]
    );
}

//! One fact is told once: what follows from a difference is left out.

mod common;

use common::{catalog_of, said, table, view};
use trueup_model::catalog::Entry;

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

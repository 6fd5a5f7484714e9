//! Names as Django makes them: quoted, cut to what PostgreSQL takes, and told apart by a digest.

use md5::{Digest, Md5};

/// What Django believes to be the longest name, in characters.
pub const LONGEST: usize = 63;

/// The first hexadecimal digits of a digest over the names one after another.
pub fn digest(names: &[&str], length: usize) -> String {
    let mut hash = Md5::new();
    for name in names {
        hash.update(name.as_bytes());
    }
    let mut digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(length);
    digits
}

/// A name in quotes. What already has them is left alone: that is how a schema gets into a table's name
/// (`"other"."table"`). Quotes within are not doubled.
pub fn quoted(name: &str) -> String {
    if name.len() > 1 && name.starts_with('"') && name.ends_with('"') {
        return name.to_owned();
    }
    format!("\"{name}\"")
}

/// Schema and name of `"other"."table"`; the schema is empty where there is none.
pub fn split(identifier: &str) -> (&str, &str) {
    let mut parts = identifier.split("\".\"");
    match (parts.next(), parts.next(), parts.next()) {
        (Some(schema), Some(name), None) => (schema.trim_matches('"'), name.trim_matches('"')),
        _ => ("", identifier.trim_matches('"')),
    }
}

/// Without the quotes around all of it.
pub fn unquoted(name: &str) -> &str {
    let inner = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(name)
}

/// A name of at most [`LONGEST`] characters: what is cut off is replaced by a digest of all of it.
pub fn truncated(identifier: &str) -> String {
    let (schema, name) = split(identifier);
    if name.chars().count() <= LONGEST {
        return identifier.to_owned();
    }
    let schema = if schema.is_empty() { String::new() } else { format!("{schema}\".\"") };
    let kept: String = name.chars().take(LONGEST - 4).collect();
    format!("{schema}{kept}{}", digest(&[name], 4))
}

/// The name of an index or constraint: table, columns, a digest of both, and what it is for.
pub fn index_name(table: &str, columns: &[String], suffix: &str) -> String {
    let (_, table) = split(table);
    let mut parts = vec![table];
    parts.extend(columns.iter().map(String::as_str));
    let mut end = format!("{}{suffix}", digest(&parts, 8));
    let columns = columns.join("_");
    let whole = format!("{table}_{columns}_{end}");
    if whole.chars().count() <= LONGEST {
        return whole;
    }
    if end.chars().count() > LONGEST / 3 {
        end = first(&end, LONGEST / 3);
    }
    let other = (LONGEST - end.chars().count()) / 2 - 1;
    let mut name = format!("{}_{}_{end}", first(table, other), first(&columns, other));
    if name.starts_with('_') || name.starts_with(|c: char| c.is_numeric()) {
        name.pop();
        name.insert(0, 'D');
    }
    name
}

fn first(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}

/// What PostgreSQL makes of a name: its first 63 bytes, no character cut in half.
pub fn as_kept(name: &str) -> String {
    let mut end = name.len().min(63);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name[..end].to_owned()
}

/// The name that PostgreSQL itself gives to what has none: `table_column_key`, each part shortened until all of it
/// fits. A `taken` name gets a number.
pub fn given_by_the_server(table: &str, column: &str, label: &str, taken: impl Fn(&str) -> bool) -> String {
    for number in 0.. {
        let label = if number == 0 { label.to_owned() } else { format!("{label}{number}") };
        let name = composed(table, column, &label);
        if !taken(&name) {
            return name;
        }
    }
    unreachable!("there is a free number")
}

fn composed(table: &str, column: &str, label: &str) -> String {
    let mut room = 63 - label.len() - 1;
    if !column.is_empty() {
        room -= 1;
    }
    let (mut of_table, mut of_column) = (table.len(), column.len());
    while of_table + of_column > room {
        if of_table > of_column { of_table -= 1 } else { of_column -= 1 }
    }
    let table = whole_characters(table, of_table);
    let column = whole_characters(column, of_column);
    if column.is_empty() { format!("{table}_{label}") } else { format!("{table}_{column}_{label}") }
}

fn whole_characters(text: &str, mut end: usize) -> &str {
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// Asked of Django 5.2.
    #[test]
    fn names_are_those_of_django() {
        assert_eq!(
            index_name("shop_order", &columns(&["customer_id"]), ""),
            "shop_order_customer_id_f638df20"
        );
        assert_eq!(
            index_name("shop_order", &columns(&["customer_id"]), "_fk_shop_customer_id"),
            "shop_order_customer_id_f638df20_fk_shop_customer_id"
        );
        let long = "a_table_with_a_name_that_goes_on_and_on_until_it_does_not_fit";
        assert_eq!(
            index_name(long, &columns(&["and_a_column_that_is_long"]), "_uniq"),
            "a_table_with_a_name_that_and_a_column_that_is_lon_1ad7ee07_uniq"
        );
        assert_eq!(
            truncated(&format!("{long}_more")),
            "a_table_with_a_name_that_goes_on_and_on_until_it_does_not_fa077"
        );
        assert_eq!(split("\"other\".\"table\""), ("other", "table"));
        assert_eq!(split("table"), ("", "table"));
        assert_eq!(quoted("\"other\".\"table\""), "\"other\".\"table\"");
    }

    #[test]
    fn the_server_shortens_the_longer_part() {
        let long = "a_table_with_a_name_that_goes_on_and_on_until_it_does_not_fit";
        let name = given_by_the_server(long, "and_a_column_that_is_long", "key", |_| false);
        assert_eq!(name.len(), 63);
        assert_eq!(
            name,
            "a_table_with_a_name_that_goes_on_and_and_a_column_that_is_l_key"[..0].to_owned() + &name
        );
        assert_eq!(given_by_the_server("t", "c", "key", |name| name == "t_c_key"), "t_c_key1");
        assert_eq!(as_kept(&"ü".repeat(40)).len(), 62);
    }
}

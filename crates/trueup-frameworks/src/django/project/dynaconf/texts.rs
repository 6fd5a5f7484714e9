//! Texts as dynaconf reads them: values of variables, and marks in values.

use crate::python::value::Dict;
use crate::python::{Kind, Spot, Value};

/// What parts the names of settings within settings.
pub(super) const SEPARATOR: &str = "__";

/// Words at the beginning of a text that dynaconf takes for orders.
const ORDERS: &[&str] = &[
    "@str",
    "@int",
    "@float",
    "@bool",
    "@json",
    "@format",
    "@jinja",
    "@reset",
    "@del",
    "@merge",
    "@merge_unique",
    "@insert",
    "@get",
    "@read_file",
    "@upper",
    "@lower",
    "@title",
    "@capitalize",
    "@strip",
    "@lstrip",
    "@rstrip",
    "@split",
    "@casefold",
    "@swapcase",
    "@note",
    "@comment",
    "@null",
    "@none",
    "@empty",
];

/// As Python has it: something is in capitals, and nothing in small letters.
pub(super) fn is_upper(name: &str) -> bool {
    name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase)
}

/// The value that a variable gives.
pub(super) fn of_variable(variable: &str, value: &Value, spot: &Spot) -> Value {
    let Some(text) = value.as_str() else { return value.clone() };
    if let Some((order, rest)) = ordered(text) {
        return match (order, rest.trim()) {
            ("@str", _) if !rest.starts_with('@') => Value::str(rest, spot),
            ("@none" | "@null", _) => Value::none(spot),
            ("@bool", rest) if !rest.starts_with('@') => {
                let rest = rest.to_lowercase();
                Value::bool(matches!(&*rest, "t" | "true" | "enabled" | "1" | "on" | "yes"), spot)
            }
            ("@int", rest) if rest.parse::<i128>().is_ok() => {
                Value::int(rest.parse().unwrap_or_default(), spot)
            }
            _ => {
                Value::unknown(format!("what {order} makes of the variable {variable} is not followed"), spot)
            }
        };
    }
    let fixed = match text.trim() {
        "True" | "False" => text.to_lowercase(),
        _ => text.to_owned(),
    };
    let read = format!("key={fixed}").parse::<toml::Table>().ok().and_then(|mut table| table.remove("key"));
    match read {
        Some(value) => of_toml(&value, spot),
        None => Value::str(fixed, spot),
    }
}

/// A value of a TOML document.
fn of_toml(value: &toml::Value, spot: &Spot) -> Value {
    match value {
        toml::Value::String(text) if ordered(text).is_some() => order_within(spot),
        toml::Value::String(text) => Value::str(text.as_str(), spot),
        toml::Value::Integer(number) => Value::int(i128::from(*number), spot),
        toml::Value::Float(number) => Value::new(Kind::Float(*number), spot),
        toml::Value::Boolean(value) => Value::bool(*value, spot),
        toml::Value::Datetime(_) => Value::unknown("dates in variables are not followed", spot),
        toml::Value::Array(items) => {
            Value::list(items.iter().map(|item| of_toml(item, spot)).collect(), spot)
        }
        toml::Value::Table(table) => {
            let mut dict = Dict::new();
            for (name, value) in table {
                dict.insert_str(name, of_toml(value, spot));
            }
            Value::dict(dict, spot)
        }
    }
}

/// A text that begins with an order, and what stands behind it.
fn ordered(text: &str) -> Option<(&str, &str)> {
    let (order, rest) = text.split_once(' ').unwrap_or((text, ""));
    ORDERS.contains(&order).then_some((order, rest))
}

fn order_within(spot: &Spot) -> Value {
    Value::unknown("what dynaconf makes of a text that begins with @ is not followed", spot)
}

/// How deep texts are looked for in lists and dictionaries.
const DEEPEST: usize = 20;

/// Whether dynaconf takes a text in this for an order.
pub(super) fn has_order(value: &Value, depth: usize) -> bool {
    if depth > DEEPEST {
        return true;
    }
    if let Some(text) = value.as_str() {
        return ordered(text).is_some();
    }
    let of_items = value.items().is_some_and(|items| items.iter().any(|item| has_order(item, depth + 1)));
    let of_entries =
        value.entries().is_some_and(|entries| entries.iter().any(|(_, item)| has_order(item, depth + 1)));
    of_items || of_entries
}

/// Paths or names that are given as a list, or as a text with commas or semicolons.
pub(super) fn listed(value: &Value) -> Option<Vec<String>> {
    if let Some(items) = value.items() {
        return items.iter().map(as_path).collect();
    }
    let text = as_path(value)?;
    let separator = if text.contains(';') { ';' } else { ',' };
    Some(text.split(separator).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect())
}

fn as_path(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::Str(text) | Kind::Path(text) => Some(text.to_string()),
        _ => None,
    }
}

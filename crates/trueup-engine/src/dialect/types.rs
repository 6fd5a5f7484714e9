//! Range types, and types with functions of their own.

use trueup_model::catalog::{BaseType, Entry, Object, RangeType};
use trueup_model::name::{Ident, Text};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_sql::unquote_ident;

use super::names::object;
use super::text::{find_last_outside, find_outside, ident, literal, split_list};
use super::{Alteration, Written, routines};
use crate::findings::Sides;

pub(super) fn create_range(entry: &Entry, range: &RangeType, sides: &Sides<'_>) -> Written {
    let RangeType { subtype, operator_class, collation, canonical, subtype_diff, multirange } = range;
    let mut properties = vec![format!("SUBTYPE = {subtype}")];
    let mut push = |name: &str, value: &Option<Text>| {
        if let Some(value) = value {
            properties.push(format!("{name} = {value}"));
        }
    };
    push("SUBTYPE_OPCLASS", operator_class);
    push("COLLATION", collation);
    push("CANONICAL", canonical);
    push("SUBTYPE_DIFF", subtype_diff);
    if sides.found.major() >= 14 {
        push("MULTIRANGE_TYPE_NAME", multirange);
    }
    let mut statements = Vec::new();
    if let Some(canonical) = canonical {
        statements.push(shell(&entry.path));
        statements.extend(functions_named(canonical.as_str(), sides));
    }
    statements.push(format!("CREATE TYPE {} AS RANGE ({})", object(&entry.path), properties.join(", ")));
    Written::Statements(statements)
}

/// A type that some functions name before it is there has to be announced. It may have been announced already.
fn shell(path: &ObjectPath) -> String {
    let schema = path.schema.as_ref().map(Ident::as_str).unwrap_or_default();
    format!(
        "DO {}",
        super::dollar_quoted(&format!(
            "begin if not exists (select from pg_catalog.pg_type t join pg_catalog.pg_namespace n \
             on n.oid = t.typnamespace where n.nspname = {} and t.typname = {}) then create type {}; end if; end",
            literal(schema),
            literal(path.head.as_str()),
            object(path)
        ))
    )
}

/// Functions of ours with this name, made or made again: the type cannot be without them, nor they without the type.
fn functions_named(name: &str, sides: &Sides<'_>) -> Vec<String> {
    let parts: Vec<String> = split_list(name, ".").into_iter().map(unquote_ident).collect();
    let [schema, name] = parts.as_slice() else { return Vec::new() };
    sides
        .expected
        .entries()
        .iter()
        .filter(|entry| {
            entry.path.kind == ObjectKind::Function
                && entry.path.schema.as_ref().is_some_and(|own| own.as_str() == schema)
                && entry.path.head.as_str() == name
        })
        .filter_map(|entry| match &entry.object {
            Object::Routine(routine) => Some(routines::statement(&entry.path, routine)),
            _ => None,
        })
        .collect()
}

pub(super) fn alter_range(aspect: &str, found: &RangeType, range: &RangeType) -> Alteration {
    match (aspect, &found.multirange, &range.multirange) {
        ("multirange", Some(there), Some(wanted)) => {
            let parts = |text: &Text| -> Vec<String> {
                split_list(text.as_str(), ".").into_iter().map(unquote_ident).collect()
            };
            match (parts(there).as_slice(), parts(wanted).as_slice()) {
                ([from, old], [to, new]) => {
                    let (from, old, to, new) =
                        (Ident::new(from), Ident::new(old), Ident::new(to), Ident::new(new));
                    let mut statements = Vec::new();
                    if from != to {
                        statements.push(format!("ALTER TYPE {there} SET SCHEMA {}", ident(&to)));
                    }
                    if old != new {
                        statements.push(format!(
                            "ALTER TYPE {}.{} RENAME TO {}",
                            ident(&to),
                            ident(&old),
                            ident(&new)
                        ));
                    }
                    Alteration::Statements(statements)
                }
                _ => Alteration::Rebuild,
            }
        }
        _ => Alteration::Rebuild,
    }
}

/// What the catalog says of a type with functions of its own, in the order in which it is said there.
const BASE_TYPE_PROPERTIES: [&str; 18] = [
    "input",
    "output",
    "receive",
    "send",
    "typmod_in",
    "typmod_out",
    "analyze",
    "internallength",
    "passedbyvalue",
    "alignment",
    "storage",
    "category",
    "preferred",
    "element",
    "subscript",
    "delimiter",
    "default",
    "collatable",
];

/// `input = shop.token_in, …, delimiter = ;, collatable = false`, taken apart. A default can be any text, and stands
/// before the last property.
fn base_type_properties(definition: &str) -> Vec<(&'static str, &str)> {
    let mut found: Vec<(&'static str, usize, usize)> = Vec::new();
    let mut from = 0;
    for name in BASE_TYPE_PROPERTIES {
        let marker = format!("{name} = ");
        let at = if from == 0 && definition.starts_with(&marker) {
            Some(0)
        } else {
            let marker = format!(", {marker}");
            let rest = &definition[from..];
            let at = if name == "collatable" { rest.rfind(&marker) } else { rest.find(&marker) };
            at.map(|at| from + at + 2)
        };
        if let Some(at) = at {
            found.push((name, at, at + marker.len()));
            from = at + marker.len();
        }
    }
    let ends = found.iter().skip(1).map(|(_, start, _)| start - 2).chain(std::iter::once(definition.len()));
    found.iter().zip(ends).map(|((name, _, value), end)| (*name, &definition[*value..end])).collect()
}

pub(super) fn create_base(entry: &Entry, base: &BaseType, sides: &Sides<'_>) -> Written {
    let properties = base_type_properties(base.definition.as_str());
    let mut statements = vec![shell(&entry.path)];
    let mut clauses = Vec::new();
    for (name, value) in &properties {
        match *name {
            "input" | "output" | "receive" | "send" | "typmod_in" | "typmod_out" | "analyze"
            | "subscript" => {
                statements.extend(functions_named(value, sides));
                clauses.push(format!("{} = {value}", name.to_uppercase()));
            }
            "internallength" if *value == "-1" => clauses.push("INTERNALLENGTH = VARIABLE".to_owned()),
            "passedbyvalue" if *value == "true" => clauses.push("PASSEDBYVALUE".to_owned()),
            "passedbyvalue" => {}
            "alignment" => clauses.push(format!("ALIGNMENT = {}", alignment(value))),
            "storage" => clauses.push(format!("STORAGE = {}", storage(value))),
            "category" | "delimiter" | "default" => {
                clauses.push(format!("{} = {}", name.to_uppercase(), literal(value)));
            }
            other => clauses.push(format!("{} = {value}", other.to_uppercase())),
        }
    }
    statements.push(format!("CREATE TYPE {} ({})", object(&entry.path), clauses.join(", ")));
    Written::Statements(statements)
}

fn alignment(letter: &str) -> &'static str {
    match letter {
        "c" => "char",
        "s" => "int2",
        "d" => "double",
        _ => "int4",
    }
}

fn storage(letter: &str) -> &'static str {
    match letter {
        "p" => "plain",
        "e" => "external",
        "m" => "main",
        _ => "extended",
    }
}

pub(super) fn alter_base(found: &BaseType, (after, base): (&Entry, &BaseType)) -> Alteration {
    let there = base_type_properties(found.definition.as_str());
    let wanted = base_type_properties(base.definition.as_str());
    let mut clauses = Vec::new();
    for name in BASE_TYPE_PROPERTIES {
        let value = |list: &[(&'static str, &str)]| {
            list.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        };
        let (old, new) = (value(&there), value(&wanted));
        if old == new {
            continue;
        }
        match (name, new) {
            ("storage", Some(new)) => clauses.push(format!("STORAGE = {}", storage(&new))),
            ("receive" | "send" | "typmod_in" | "typmod_out" | "analyze" | "subscript", new) => {
                clauses.push(format!(
                    "{} = {}",
                    name.to_uppercase(),
                    new.unwrap_or_else(|| "NONE".to_owned())
                ));
            }
            _ => {
                return Alteration::Impossible(format!(
                    "the {name} of a type is settled when it is made, and its functions hold it: PostgreSQL drops \
                     such a type only with CASCADE"
                ));
            }
        }
    }
    Alteration::Statements(vec![format!("ALTER TYPE {} SET ({})", object(&after.path), clauses.join(", "))])
}

/// Whether a type text names this type, or arrays of it: `shop.order_state`, `shop.order_state[]`.
pub(crate) fn is_type(text: &str, path: &ObjectPath) -> bool {
    let text = text.trim_end_matches("[]");
    let Some(at) = find_last_outside(text, ".") else { return false };
    find_outside(text, ".") == Some(at)
        && path.schema.as_ref().is_some_and(|schema| unquote_ident(&text[..at]) == schema.as_str())
        && unquote_ident(&text[at + 1..]) == path.head.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_type_is_taken_apart() {
        let definition = "input = a.b, output = a.c, internallength = -1, delimiter = ,, \
                          default = x, collatable = y, collatable = false";
        assert_eq!(
            base_type_properties(definition),
            [
                ("input", "a.b"),
                ("output", "a.c"),
                ("internallength", "-1"),
                ("delimiter", ","),
                ("default", "x, collatable = y"),
                ("collatable", "false")
            ]
        );
    }

    #[test]
    fn arrays_are_of_the_type() {
        let path = ObjectPath::in_schema(ObjectKind::Enum, &Ident::new("shop"), "A.b");
        assert!(is_type("shop.\"A.b\"[]", &path));
        assert!(!is_type("shop.b", &path));
        assert!(!is_type("text", &path));
    }
}

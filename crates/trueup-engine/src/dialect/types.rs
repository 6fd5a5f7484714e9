//! Types: composite types, domains, ranges, types with functions of their own. Extensions, which bring types along.

use trueup_model::catalog::{
    Attribute, BaseType, CompositeType, Domain, DomainCheck, Entry, Extension, Object, RangeType,
};
use trueup_model::name::{Ident, Text};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_sql::unquote_ident;

use super::names::object;
use super::text::{find_last_outside, find_outside, ident, literal, split_list};
use super::{Alteration, Written, routines};
use crate::findings::Sides;

pub(super) fn create_extension(entry: &Entry, extension: &Extension) -> Written {
    let Extension { schema, version, is_default_version } = extension;
    let version =
        if *is_default_version { String::new() } else { format!(" VERSION {}", literal(version.as_str())) };
    Written::Statements(vec![format!(
        "CREATE EXTENSION {} WITH SCHEMA {}{version}",
        object(&entry.path),
        ident(schema)
    )])
}

pub(super) fn alter_extension(
    aspect: &str,
    found: &Extension,
    (after, extension): (&Entry, &Extension),
) -> Alteration {
    let name = object(&after.path);
    match aspect {
        "schema" => Alteration::Statements(vec![format!(
            "ALTER EXTENSION {name} SET SCHEMA {}",
            ident(&extension.schema)
        )]),
        "version" if numbers(&extension.version) < numbers(&found.version) => {
            Alteration::Impossible(format!(
                "extensions have scripts from a version to later ones, not from {} back to {}",
                found.version, extension.version
            ))
        }
        "version" => Alteration::Statements(vec![format!(
            "ALTER EXTENSION {name} UPDATE TO {}",
            literal(extension.version.as_str())
        )]),
        other => Alteration::unknown(other, after),
    }
}

/// `1.10` is later than `1.9`.
fn numbers(version: &Text) -> Vec<u64> {
    version.as_str().split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

pub(super) fn create_composite(entry: &Entry, composite: &CompositeType) -> Written {
    let name = object(&entry.path);
    let attributes: Vec<String> = composite.attributes.iter().map(attribute).collect();
    let mut statements = vec![format!("CREATE TYPE {name} AS ({})", attributes.join(", "))];
    statements.extend(
        composite
            .attributes
            .iter()
            .filter(|attribute| attribute.comment.is_some())
            .map(|attribute| attribute_comment(&name, attribute)),
    );
    Written::Statements(statements)
}

fn attribute(attribute: &Attribute) -> String {
    let Attribute { name, data_type, collation, comment: _ } = attribute;
    let collation = collation.as_ref().map(|collation| format!(" COLLATE {collation}")).unwrap_or_default();
    format!("{} {data_type}{collation}", ident(name))
}

fn attribute_comment(type_name: &str, attribute: &Attribute) -> String {
    let text = text_or_null(attribute.comment.as_ref());
    format!("COMMENT ON COLUMN {type_name}.{} IS {text}", ident(&attribute.name))
}

fn text_or_null(text: Option<&Text>) -> String {
    text.map_or("NULL".to_owned(), |text| literal(text.as_str()))
}

pub(super) fn alter_composite(
    aspect: &str,
    found: &CompositeType,
    (after, composite): (&Entry, &CompositeType),
) -> Alteration {
    let name = object(&after.path);
    match aspect {
        "attribute-comments" => Alteration::Statements(
            found
                .attributes
                .iter()
                .zip(&composite.attributes)
                .filter(|(there, wanted)| there.comment != wanted.comment)
                .map(|(_, wanted)| attribute_comment(&name, wanted))
                .collect(),
        ),
        "attributes" => alter_attributes(&name, found, composite),
        other => Alteration::unknown(other, after),
    }
}

fn alter_attributes(name: &str, found: &CompositeType, wanted: &CompositeType) -> Alteration {
    let prefix = format!("ALTER TYPE {name}");
    let same_but_name = |there: &Attribute, wanted: &Attribute| {
        there.data_type == wanted.data_type && there.collation == wanted.collation
    };
    let has = |composite: &CompositeType, name: &Ident| composite.attributes.iter().any(|a| a.name == *name);
    let aligned = found.attributes.len() == wanted.attributes.len()
        && found.attributes.iter().zip(&wanted.attributes).all(|(there, wanted_one)| {
            there.name == wanted_one.name
                || (same_but_name(there, wanted_one)
                    && !has(wanted, &there.name)
                    && !has(found, &wanted_one.name))
        });
    let mut statements = Vec::new();
    if aligned {
        for (there, wanted) in found.attributes.iter().zip(&wanted.attributes) {
            if there.name != wanted.name {
                statements.push(format!(
                    "{prefix} RENAME ATTRIBUTE {} TO {}",
                    ident(&there.name),
                    ident(&wanted.name)
                ));
            } else if !same_but_name(there, wanted) {
                statements.push(format!("{prefix} ALTER ATTRIBUTE {}", attribute_type(wanted)));
            }
        }
        return Alteration::Statements(statements);
    }
    let kept: Vec<&Attribute> = found.attributes.iter().filter(|there| has(wanted, &there.name)).collect();
    let begins_alike = kept.iter().zip(&wanted.attributes).all(|(there, wanted)| there.name == wanted.name);
    if !begins_alike {
        // New attributes come last: another order takes another type.
        return Alteration::Rebuild;
    }
    for gone in found.attributes.iter().filter(|there| !has(wanted, &there.name)) {
        statements.push(format!("{prefix} DROP ATTRIBUTE {}", ident(&gone.name)));
    }
    for (there, wanted) in kept.iter().zip(&wanted.attributes) {
        if !same_but_name(there, wanted) {
            statements.push(format!("{prefix} ALTER ATTRIBUTE {}", attribute_type(wanted)));
        }
    }
    for new in wanted.attributes.iter().skip(kept.len()) {
        statements.push(format!("{prefix} ADD ATTRIBUTE {}", attribute(new)));
    }
    Alteration::Statements(statements)
}

fn attribute_type(attribute: &Attribute) -> String {
    let collation =
        attribute.collation.as_ref().map(|collation| format!(" COLLATE {collation}")).unwrap_or_default();
    format!("{} TYPE {}{collation}", ident(&attribute.name), attribute.data_type)
}

pub(super) fn create_domain(entry: &Entry, domain: &Domain) -> Written {
    let Domain { base, collation, not_null, default, checks } = domain;
    let name = object(&entry.path);
    let mut statement = format!("CREATE DOMAIN {name} AS {base}");
    if let Some(collation) = collation {
        statement.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(default) = default {
        statement.push_str(&format!(" DEFAULT {default}"));
    }
    if *not_null {
        statement.push_str(" NOT NULL");
    }
    for check in checks.iter().filter(|check| check.validated) {
        statement.push_str(&format!(" {}", domain_check(check)));
    }
    let mut statements = vec![statement];
    for check in checks {
        if !check.validated {
            statements.push(add_domain_check(&name, check));
        }
        if check.comment.is_some() {
            statements.push(domain_check_comment(&name, check));
        }
    }
    Written::Statements(statements)
}

fn domain_check(check: &DomainCheck) -> String {
    format!("CONSTRAINT {} CHECK ({})", ident(&check.name), check.expression)
}

fn add_domain_check(domain: &str, check: &DomainCheck) -> String {
    let validity = if check.validated { "" } else { " NOT VALID" };
    format!("ALTER DOMAIN {domain} ADD {}{validity}", domain_check(check))
}

fn domain_check_comment(domain: &str, check: &DomainCheck) -> String {
    let text = text_or_null(check.comment.as_ref());
    format!("COMMENT ON CONSTRAINT {} ON DOMAIN {domain} IS {text}", ident(&check.name))
}

pub(super) fn alter_domain(aspect: &str, found: &Domain, (after, domain): (&Entry, &Domain)) -> Alteration {
    let name = object(&after.path);
    let one = |clause: String| Alteration::Statements(vec![format!("ALTER DOMAIN {name} {clause}")]);
    match aspect {
        "nullability" => one(format!("{} NOT NULL", if domain.not_null { "SET" } else { "DROP" })),
        "default" => one(match &domain.default {
            Some(default) => format!("SET DEFAULT {default}"),
            None => "DROP DEFAULT".to_owned(),
        }),
        "checks" => Alteration::Statements(alter_domain_checks(&name, &found.checks, &domain.checks)),
        "type" | "collation" => Alteration::Rebuild,
        other => Alteration::unknown(other, after),
    }
}

fn alter_domain_checks(domain: &str, found: &[DomainCheck], wanted: &[DomainCheck]) -> Vec<String> {
    let mut statements = Vec::new();
    let find = |list: &'_ [DomainCheck], name: &Ident| list.iter().find(|check| check.name == *name).cloned();
    for there in found {
        let kept = find(wanted, &there.name).is_some_and(|check| can_stay(there, &check));
        if !kept {
            statements.push(format!("ALTER DOMAIN {domain} DROP CONSTRAINT {}", ident(&there.name)));
        }
    }
    for check in wanted {
        match find(found, &check.name).filter(|there| can_stay(there, check)) {
            Some(there) => {
                if check.validated && !there.validated {
                    statements
                        .push(format!("ALTER DOMAIN {domain} VALIDATE CONSTRAINT {}", ident(&check.name)));
                }
                if check.comment != there.comment {
                    statements.push(domain_check_comment(domain, check));
                }
            }
            None => {
                statements.push(add_domain_check(domain, check));
                if check.comment.is_some() {
                    statements.push(domain_check_comment(domain, check));
                }
            }
        }
    }
    statements
}

fn can_stay(there: &DomainCheck, wanted: &DomainCheck) -> bool {
    there.expression == wanted.expression && (wanted.validated || !there.validated)
}

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
pub(super) fn is_type(text: &str, path: &ObjectPath) -> bool {
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

//! Operators, operator classes and families.

use trueup_model::catalog::Plain;
use trueup_model::path::ObjectPath;
use trueup_sql::quote_ident;

use super::super::Alteration;
use super::super::names::{access_method, named, object};
use super::super::routines::operator as operator_name;
use super::super::text::{find_outside, split_list, without_arguments};
use super::{is_set, value};
use crate::findings::Sides;

pub(super) fn operator(path: &ObjectPath, plain: &Plain) -> String {
    let arguments = path.arguments.as_ref().map_or("", |arguments| arguments.as_str());
    let operands = split_list(arguments, ", ");
    let mut clauses =
        vec![format!("FUNCTION = {}", without_arguments(value(plain, "function").unwrap_or_default()))];
    for (word, operand) in ["LEFTARG", "RIGHTARG"].iter().zip(&operands) {
        if *operand != "none" {
            clauses.push(format!("{word} = {operand}"));
        }
    }
    for (word, name) in [("COMMUTATOR", "commutator"), ("NEGATOR", "negator")] {
        if let Some(other) = value(plain, name) {
            clauses.push(format!("{word} = {}", operator_name(other)));
        }
    }
    for (word, name) in [("RESTRICT", "restrict"), ("JOIN", "join")] {
        if let Some(function) = value(plain, name) {
            clauses.push(format!("{word} = {function}"));
        }
    }
    for (word, name) in [("HASHES", "hashes"), ("MERGES", "merges")] {
        if is_set(plain, name) {
            clauses.push(word.to_owned());
        }
    }
    let schema =
        path.schema.as_ref().map(|schema| format!("{}.", quote_ident(schema.as_str()))).unwrap_or_default();
    format!("CREATE OPERATOR {schema}{} ({})", path.head, clauses.join(", "))
}

pub(super) fn alter(aspect: &str, path: &ObjectPath, plain: &Plain, sides: &Sides<'_>) -> Alteration {
    let set = |clause: String| Alteration::Statements(vec![format!("ALTER {} SET ({clause})", named(path))]);
    match aspect {
        "restrict" => set(format!("RESTRICT = {}", value(plain, "restrict").unwrap_or("NONE"))),
        "join" => set(format!("JOIN = {}", value(plain, "join").unwrap_or("NONE"))),
        // From PostgreSQL 17 on they can be added, never taken away.
        "hashes" | "merges" if sides.found.major() >= 17 && is_set(plain, aspect) => {
            set(aspect.to_uppercase())
        }
        "commutator" | "negator" if sides.found.major() >= 17 => match value(plain, aspect) {
            Some(other) => set(format!("{} = {}", aspect.to_uppercase(), operator_name(other))),
            None => Alteration::Rebuild,
        },
        _ => Alteration::Rebuild,
    }
}

pub(super) fn class(path: &ObjectPath, plain: &Plain) -> String {
    let mut members: Vec<String> = Vec::new();
    for list in ["operators", "functions"] {
        members.extend(split_list(value(plain, list).unwrap_or_default(), ", ").into_iter().map(member));
    }
    let data_type = value(plain, "type").unwrap_or_default();
    // A class without members keeps its own type: that says nothing, and is all that can be said.
    if let Some(storage) = value(plain, "storage") {
        members.push(format!("STORAGE {storage}"));
    } else if members.is_empty() {
        members.push(format!("STORAGE {data_type}"));
    }
    format!(
        "CREATE OPERATOR CLASS {}{} FOR TYPE {data_type} USING {} FAMILY {} AS {}",
        object(path),
        if is_set(plain, "default") { " DEFAULT" } else { "" },
        quote_ident(access_method(path)),
        value(plain, "family").unwrap_or_default(),
        members.join(", ")
    )
}

/// `operator 1 >(integer,bigint) for order by s.f` and `function 1 (integer, bigint) f(integer,bigint)`, as they stand
/// in the catalog, with the words as SQL has them.
fn member(text: &str) -> String {
    match text.strip_prefix("operator ") {
        Some(rest) => {
            let rest = rest.replacen(" for order by ", " FOR ORDER BY ", 1);
            format!("OPERATOR {rest}")
        }
        None => format!("FUNCTION {}", text.strip_prefix("function ").unwrap_or(text)),
    }
}

/// As `ALTER OPERATOR FAMILY … DROP` names it: by number and types.
fn member_place(text: &str) -> String {
    let number = |rest: &str| rest.split(' ').next().unwrap_or_default().to_owned();
    match text.strip_prefix("operator ") {
        Some(rest) => {
            let types = find_outside(rest, "(").map_or("", |at| {
                let end = rest[at..].find(')').map_or(rest.len(), |end| at + end + 1);
                &rest[at..end]
            });
            format!("OPERATOR {} {types}", number(rest))
        }
        None => {
            let rest = text.strip_prefix("function ").unwrap_or(text);
            let types =
                rest.split_once(' ').map_or("", |(_, rest)| rest.find(')').map_or("", |end| &rest[..=end]));
            format!("FUNCTION {} {types}", number(rest))
        }
    }
}

pub(super) fn family(path: &ObjectPath, plain: &Plain) -> Vec<String> {
    let mut statements = vec![format!("CREATE {}", named(path))];
    let members: Vec<String> = ["operators", "functions"]
        .into_iter()
        .flat_map(|list| split_list(value(plain, list).unwrap_or_default(), ", "))
        .map(member)
        .collect();
    if !members.is_empty() {
        statements.push(format!("ALTER {} ADD {}", named(path), members.join(", ")));
    }
    statements
}

pub(super) fn alter_family(aspect: &str, path: &ObjectPath, found: &Plain, plain: &Plain) -> Alteration {
    let there = split_list(value(found, aspect).unwrap_or_default(), ", ");
    let wanted = split_list(value(plain, aspect).unwrap_or_default(), ", ");
    let gone: Vec<String> =
        there.iter().filter(|each| !wanted.contains(each)).map(|each| member_place(each)).collect();
    let new: Vec<String> =
        wanted.iter().filter(|each| !there.contains(each)).map(|each| member(each)).collect();
    let mut statements = Vec::new();
    if !gone.is_empty() {
        statements.push(format!("ALTER {} DROP {}", named(path), gone.join(", ")));
    }
    if !new.is_empty() {
        statements.push(format!("ALTER {} ADD {}", named(path), new.join(", ")));
    }
    Alteration::Statements(statements)
}

//! Foreign-data wrappers, servers and user mappings.

use trueup_model::Role;
use trueup_model::catalog::Plain;
use trueup_model::path::ObjectPath;

use super::super::names::{self, named, object};
use super::super::text::{change_foreign_options, find_outside, ident, split_list};
use super::super::{Alteration, Written};
use super::value;
use crate::findings::Sides;

pub(super) fn wrapper(path: &ObjectPath, plain: &Plain) -> String {
    let mut text = format!("CREATE {}", named(path));
    for (word, name) in [("HANDLER", "handler"), ("VALIDATOR", "validator")] {
        if let Some(function) = value(plain, name) {
            text.push_str(&format!(" {word} {function}"));
        }
    }
    text.push_str(&options_clause(plain));
    text
}

/// Options stand in the catalog as they stand in SQL: `host 'depot.example', "Strange" 'it''s'`.
fn options_clause(plain: &Plain) -> String {
    value(plain, "options").map(|options| format!(" OPTIONS ({options})")).unwrap_or_default()
}

fn pairs(plain: &Plain) -> Vec<(String, String)> {
    split_list(value(plain, "options").unwrap_or_default(), ", ")
        .into_iter()
        .filter_map(|option| {
            let at = find_outside(option, " ")?;
            Some((option[..at].to_owned(), option[at + 1..].to_owned()))
        })
        .collect()
}

fn alter_options(path: &ObjectPath, found: &Plain, plain: &Plain) -> Alteration {
    let changes = change_foreign_options(&pairs(found), &pairs(plain));
    Alteration::Statements(vec![format!("ALTER {} OPTIONS ({changes})", named(path))])
}

pub(super) fn alter_wrapper(aspect: &str, path: &ObjectPath, found: &Plain, plain: &Plain) -> Alteration {
    let one = |clause: String| Alteration::Statements(vec![format!("ALTER {} {clause}", named(path))]);
    match (aspect, value(plain, aspect)) {
        ("options", _) => alter_options(path, found, plain),
        ("handler" | "validator", Some(function)) => one(format!("{} {function}", aspect.to_uppercase())),
        ("handler" | "validator", None) => one(format!("NO {}", aspect.to_uppercase())),
        _ => Alteration::Rebuild,
    }
}

/// Type and version stand in the catalog as literals.
pub(super) fn server(path: &ObjectPath, plain: &Plain) -> String {
    let mut text = format!("CREATE {}", named(path));
    for (word, name) in [("TYPE", "type"), ("VERSION", "version")] {
        if let Some(literal) = value(plain, name) {
            text.push_str(&format!(" {word} {literal}"));
        }
    }
    let wrapper = trueup_sql::quote_ident(value(plain, "wrapper").unwrap_or_default());
    text.push_str(&format!(" FOREIGN DATA WRAPPER {wrapper}{}", options_clause(plain)));
    text
}

pub(super) fn alter_server(aspect: &str, path: &ObjectPath, found: &Plain, plain: &Plain) -> Alteration {
    match (aspect, value(plain, "version")) {
        ("options", _) => alter_options(path, found, plain),
        ("version", version) => Alteration::Statements(vec![format!(
            "ALTER SERVER {} VERSION {}",
            object(path),
            version.unwrap_or("NULL")
        )]),
        _ => Alteration::Rebuild,
    }
}

const NOT_READ: &str =
    "the options of a user mapping hold passwords, and only their names are read from a database";

pub(super) fn user_mapping(path: &ObjectPath, plain: &Plain, sides: &Sides<'_>) -> Written {
    // Who may not see them is told nothing, which is not the same as none.
    if !is_read(plain) || value(plain, "options").is_some() {
        return Written::Impossible(NOT_READ.to_owned());
    }
    Written::Statements(vec![format!("CREATE {}", user_mapping_name(path, sides))])
}

fn is_read(plain: &Plain) -> bool {
    plain.properties.iter().any(|property| property.name == "options")
}

/// `USER MAPPING FOR "app" SERVER "warehouse"`.
pub(in crate::dialect) fn user_mapping_name(path: &ObjectPath, sides: &Sides<'_>) -> String {
    let catalog = if sides.expected.contains(path) { sides.expected } else { sides.found };
    let (role, server) = names::user_mapping(path, catalog);
    let role = match &role {
        Role::Public => "PUBLIC".to_owned(),
        Role::Named(name) if std::ptr::eq(catalog, sides.expected) => ident(&names::role_there(sides, name)),
        Role::Named(name) => ident(name),
    };
    format!("USER MAPPING FOR {role} SERVER {}", ident(&server))
}

/// Options that nobody expects can go; the ones that are missing have values that nobody knows.
pub(super) fn alter_user_mapping(
    path: &ObjectPath,
    found: &Plain,
    plain: &Plain,
    sides: &Sides<'_>,
) -> Alteration {
    let names = |plain: &Plain| -> Vec<String> {
        split_list(value(plain, "options").unwrap_or_default(), ", ").into_iter().map(str::to_owned).collect()
    };
    let (there, wanted) = (names(found), names(plain));
    if !is_read(found) || !is_read(plain) || wanted.iter().any(|name| !there.contains(name)) {
        return Alteration::Impossible(NOT_READ.to_owned());
    }
    let gone: Vec<String> = there
        .iter()
        .filter(|name| !wanted.contains(name))
        .map(|name| format!("DROP {}", trueup_sql::quote_ident(name)))
        .collect();
    Alteration::Statements(vec![format!(
        "ALTER {} OPTIONS ({})",
        user_mapping_name(path, sides),
        gone.join(", ")
    )])
}

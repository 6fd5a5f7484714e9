//! Text search: parsers, templates, dictionaries, configurations.

use trueup_model::catalog::Plain;
use trueup_model::path::ObjectPath;

use super::super::Alteration;
use super::super::names::{named, object};
use super::super::text::split_list;
use super::value;

pub(super) fn parser(path: &ObjectPath, plain: &Plain) -> String {
    with_functions(
        path,
        plain,
        &[
            ("START", "start"),
            ("GETTOKEN", "token"),
            ("END", "end"),
            ("LEXTYPES", "lextypes"),
            ("HEADLINE", "headline"),
        ],
    )
}

pub(super) fn template(path: &ObjectPath, plain: &Plain) -> String {
    with_functions(path, plain, &[("INIT", "init"), ("LEXIZE", "lexize")])
}

fn with_functions(path: &ObjectPath, plain: &Plain, functions: &[(&str, &str)]) -> String {
    let clauses: Vec<String> = functions
        .iter()
        .filter_map(|(word, name)| Some(format!("{word} = {}", value(plain, name)?)))
        .collect();
    format!("CREATE {} ({})", named(path), clauses.join(", "))
}

/// Options are kept as they were written: `accept = 'false'`.
pub(super) fn dictionary(path: &ObjectPath, plain: &Plain) -> String {
    let options = value(plain, "options").map(|options| format!(", {options}")).unwrap_or_default();
    format!("CREATE {} (TEMPLATE = {}{options})", named(path), value(plain, "template").unwrap_or_default())
}

pub(super) fn alter_dictionary(aspect: &str, path: &ObjectPath, found: &Plain, plain: &Plain) -> Alteration {
    if aspect != "options" {
        return Alteration::Rebuild;
    }
    let there = split_list(value(found, "options").unwrap_or_default(), ", ");
    let wanted = split_list(value(plain, "options").unwrap_or_default(), ", ");
    let name = |option: &str| option.split_once(" = ").map_or(option, |(name, _)| name).to_owned();
    let gone =
        there.iter().filter(|old| !wanted.iter().any(|new| name(new) == name(old))).map(|old| name(old));
    let clauses: Vec<String> = gone.chain(wanted.iter().map(|each| (*each).to_owned())).collect();
    Alteration::Statements(vec![format!("ALTER {} ({})", named(path), clauses.join(", "))])
}

/// `asciiword: shop.words, simple; email: simple`, as pairs.
fn mappings(plain: &Plain) -> Vec<(&str, &str)> {
    split_list(value(plain, "mappings").unwrap_or_default(), "; ")
        .into_iter()
        .filter_map(|mapping| mapping.split_once(": "))
        .collect()
}

pub(super) fn configuration(path: &ObjectPath, plain: &Plain) -> Vec<String> {
    let mut statements =
        vec![format!("CREATE {} (PARSER = {})", named(path), value(plain, "parser").unwrap_or_default())];
    statements.extend(mappings(plain).into_iter().map(|(token, dictionaries)| {
        format!("ALTER {} ADD MAPPING FOR {token} WITH {dictionaries}", named(path))
    }));
    statements
}

pub(super) fn alter_configuration(
    aspect: &str,
    path: &ObjectPath,
    found: &Plain,
    plain: &Plain,
) -> Alteration {
    if aspect != "mappings" {
        return Alteration::Rebuild;
    }
    let name = object(path);
    let prefix = format!("ALTER TEXT SEARCH CONFIGURATION {name}");
    let (there, wanted) = (mappings(found), mappings(plain));
    let mut statements = Vec::new();
    for (token, _) in &there {
        if !wanted.iter().any(|(other, _)| other == token) {
            statements.push(format!("{prefix} DROP MAPPING FOR {token}"));
        }
    }
    for (token, dictionaries) in &wanted {
        match there.iter().find(|(other, _)| other == token) {
            None => statements.push(format!("{prefix} ADD MAPPING FOR {token} WITH {dictionaries}")),
            Some((_, old)) if old != dictionaries => {
                statements.push(format!("{prefix} ALTER MAPPING FOR {token} WITH {dictionaries}"));
            }
            Some(_) => {}
        }
    }
    Alteration::Statements(statements)
}

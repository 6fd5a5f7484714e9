//! Functions, procedures and aggregates.

use trueup_model::catalog::{Aggregate, Entry, Parallel, Routine, RoutineKind, Volatility};
use trueup_model::name::Text;
use trueup_model::path::ObjectPath;
use trueup_sql::{quote_ident_if_needed, unquote_ident};

use super::names::object;
use super::text::{find_outside, ident, literal, split_list, split_option, without_arguments};
use super::{Alteration, Written, dollar_quoted};
use crate::findings::Sides;

pub(super) fn create(entry: &Entry, routine: &Routine, sides: &Sides<'_>) -> Written {
    if routine.body_is_parsed && sides.found.major() < 14 {
        return Written::Impossible("a body that the server parses needs PostgreSQL 14".to_owned());
    }
    Written::Statements(vec![statement(&entry.path, routine)])
}

/// With `OR REPLACE`: a function that a type needs was made with the type.
pub(super) fn statement(path: &ObjectPath, routine: &Routine) -> String {
    let Routine {
        kind,
        arguments,
        result,
        language,
        body,
        body_is_parsed,
        library,
        volatility,
        strict,
        security_definer,
        leakproof,
        parallel,
        cost,
        rows,
        support,
        settings,
        transforms,
    } = routine;
    let word = match kind {
        RoutineKind::Function | RoutineKind::WindowFunction => "FUNCTION",
        RoutineKind::Procedure => "PROCEDURE",
    };
    let mut text = format!("CREATE OR REPLACE {word} {}({arguments})", object(path));
    if let Some(result) = result {
        text.push_str(&format!(" RETURNS {result}"));
    }
    text.push_str(&format!("\n LANGUAGE {}", ident(language)));
    if !transforms.is_empty() {
        let types: Vec<String> = transforms.iter().map(|each| format!("FOR TYPE {each}")).collect();
        text.push_str(&format!(" TRANSFORM {}", types.join(", ")));
    }
    match kind {
        RoutineKind::Procedure => {}
        RoutineKind::Function | RoutineKind::WindowFunction => {
            if *kind == RoutineKind::WindowFunction {
                text.push_str(" WINDOW");
            }
            text.push_str(match volatility {
                Volatility::Immutable => " IMMUTABLE",
                Volatility::Stable => " STABLE",
                Volatility::Volatile => "",
            });
            for (said, words) in [(strict, " STRICT"), (leakproof, " LEAKPROOF")] {
                if *said {
                    text.push_str(words);
                }
            }
            text.push_str(match parallel {
                Parallel::Safe => " PARALLEL SAFE",
                Parallel::Restricted => " PARALLEL RESTRICTED",
                Parallel::Unsafe => "",
            });
            text.push_str(&format!(" COST {cost}"));
            if rows.as_str() != "0" {
                text.push_str(&format!(" ROWS {rows}"));
            }
            if let Some(support) = support {
                text.push_str(&format!(" SUPPORT {support}"));
            }
        }
    }
    if *security_definer {
        text.push_str(" SECURITY DEFINER");
    }
    for setting in settings {
        text.push_str(&format!("\n SET {}", set_clause(setting)));
    }
    match (body_is_parsed, library) {
        (true, _) => text.push_str(&format!("\n{body}")),
        (false, Some(library)) => {
            text.push_str(&format!("\nAS {}, {}", literal(library.as_str()), literal(body.as_str())))
        }
        (false, None) => text.push_str(&format!("\nAS {}", dollar_quoted(body.as_str()))),
    }
    text
}

/// Settings whose value is a list are kept with the quotes that the list needs.
const LISTS: [&str; 6] = [
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
];

fn set_clause(setting: &Text) -> String {
    let (name, value) = split_option(setting);
    let value = if LISTS.contains(&name.to_ascii_lowercase().as_str()) {
        let items: Vec<String> =
            split_list(value, ",").into_iter().map(|item| literal(&unquoted(item.trim()))).collect();
        if items.is_empty() { "''".to_owned() } else { items.join(", ") }
    } else {
        literal(value)
    };
    format!("{} TO {value}", quote_ident_if_needed(name))
}

fn unquoted(item: &str) -> String {
    if item.starts_with('"') { unquote_ident(item) } else { item.to_owned() }
}

pub(super) fn alter(
    aspect: &str,
    found: &Routine,
    (after, routine): (&Entry, &Routine),
    sides: &Sides<'_>,
) -> Alteration {
    if routine.body_is_parsed && sides.found.major() < 14 {
        return Alteration::Impossible("a body that the server parses needs PostgreSQL 14".to_owned());
    }
    let replaceable = found.kind == routine.kind
        && found.result == routine.result
        && can_be_replaced(&found.arguments, &routine.arguments);
    match aspect {
        "kind" | "result" => Alteration::Rebuild,
        _ if replaceable => Alteration::Statements(vec![statement(&after.path, routine)]),
        _ => Alteration::Rebuild,
    }
}

/// Replacing can neither change names and types nor take a default away.
fn can_be_replaced(found: &Text, wanted: &Text) -> bool {
    let parts = |text: &Text| -> Vec<(String, bool)> {
        split_list(text.as_str(), ", ")
            .into_iter()
            .map(|argument| match find_outside(argument, " DEFAULT ") {
                Some(at) => (argument[..at].to_owned(), true),
                None => (argument.to_owned(), false),
            })
            .collect()
    };
    let (found, wanted) = (parts(found), parts(wanted));
    found.len() == wanted.len()
        && found.iter().zip(&wanted).all(|((there, had), (wanted, has))| there == wanted && (*has || !had))
}

pub(super) fn create_aggregate(entry: &Entry, aggregate: &Aggregate) -> Written {
    Written::Statements(vec![aggregate_statement(&entry.path, aggregate, "CREATE")])
}

fn aggregate_statement(path: &ObjectPath, aggregate: &Aggregate, verb: &str) -> String {
    let Aggregate { arguments, result: _, properties, parallel } = aggregate;
    let arguments = if arguments.as_str().is_empty() { "*" } else { arguments.as_str() };
    let mut clauses = Vec::new();
    let has = |wanted: &str| properties.iter().any(|property| split_property(property).0 == wanted);
    for property in properties {
        let (name, value) = split_property(property);
        match name {
            "kind" if value == "hypothetical-set" => clauses.push("HYPOTHETICAL".to_owned()),
            // The arguments say it.
            "kind" | "direct arguments" => {}
            "finalfunc_extra" | "mfinalfunc_extra" => {
                if value == "true" {
                    clauses.push(name.to_uppercase());
                }
            }
            "finalfunc_modify" if has("finalfunc") => clauses.push(modify(name, value)),
            "mfinalfunc_modify" if has("mfinalfunc") => clauses.push(modify(name, value)),
            "finalfunc_modify" | "mfinalfunc_modify" => {}
            "initcond" | "minitcond" => {
                clauses.push(format!("{} = {}", name.to_uppercase(), literal(value)));
            }
            "sortop" => clauses.push(format!("SORTOP = {}", operator(value))),
            other => clauses.push(format!("{} = {value}", other.to_uppercase())),
        }
    }
    match parallel {
        Parallel::Safe => clauses.push("PARALLEL = SAFE".to_owned()),
        Parallel::Restricted => clauses.push("PARALLEL = RESTRICTED".to_owned()),
        Parallel::Unsafe => {}
    }
    format!("{verb} AGGREGATE {}({arguments}) ({})", object(path), clauses.join(", "))
}

fn split_property(property: &Text) -> (&str, &str) {
    property.as_str().split_once(" = ").unwrap_or((property.as_str(), ""))
}

fn modify(name: &str, letter: &str) -> String {
    let value = match letter {
        "s" => "SHAREABLE",
        "w" => "READ_WRITE",
        _ => "READ_ONLY",
    };
    format!("{} = {value}", name.to_uppercase())
}

/// `shop.=~=(integer,integer)` as `OPERATOR(shop.=~=)`.
pub(super) fn operator(signature: &str) -> String {
    let name = without_arguments(signature);
    if find_outside(name, ".").is_some() {
        format!("OPERATOR({name})")
    } else {
        format!("OPERATOR(pg_catalog.{name})")
    }
}

pub(super) fn alter_aggregate(
    aspect: &str,
    found: &Aggregate,
    (after, aggregate): (&Entry, &Aggregate),
) -> Alteration {
    let of = |aggregate: &Aggregate, wanted: &str| -> Option<String> {
        aggregate
            .properties
            .iter()
            .map(split_property)
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| value.to_owned())
    };
    let replaceable = found.result == aggregate.result
        && found.arguments == aggregate.arguments
        && ["kind", "direct arguments"].iter().all(|name| of(found, name) == of(aggregate, name));
    match aspect {
        "definition" | "parallel" if replaceable => {
            Alteration::Statements(vec![aggregate_statement(&after.path, aggregate, "CREATE OR REPLACE")])
        }
        _ => Alteration::Rebuild,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_setting(setting: &str, expected: &str) {
        assert_eq!(set_clause(&Text::new(setting)), expected);
    }

    #[test]
    fn settings_are_written_as_they_were_kept() {
        check_setting("search_path=pg_catalog, \"Odd, one\"", "search_path TO 'pg_catalog', 'Odd, one'");
        check_setting("search_path=\"\"", "search_path TO ''");
        check_setting("work_mem=8MB", "work_mem TO '8MB'");
        check_setting("my.option=it's", "\"my.option\" TO 'it''s'");
    }

    #[test]
    fn defaults_can_come_but_not_go() {
        let check = |found: &str, wanted: &str, expected: bool| {
            assert_eq!(
                can_be_replaced(&Text::new(found), &Text::new(wanted)),
                expected,
                "{found} -> {wanted}"
            );
        };
        check("a integer", "a integer DEFAULT 1", true);
        check("a integer DEFAULT 2", "a integer DEFAULT f(1, 2)", true);
        check("a integer DEFAULT 2", "a integer", false);
        check("a integer", "b integer", false);
    }
}

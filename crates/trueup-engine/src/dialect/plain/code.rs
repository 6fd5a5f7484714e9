//! Collations, conversions, casts, languages, transforms and access methods.

use trueup_model::catalog::Plain;
use trueup_model::path::ObjectPath;

use super::super::Written;
use super::super::names::{named, object};
use super::super::text::literal;
use super::{is_set, value};
use crate::findings::Sides;

pub(super) fn collation(path: &ObjectPath, plain: &Plain, sides: &Sides<'_>) -> Written {
    let provider = value(plain, "provider").unwrap_or("libc");
    if provider == "builtin" && sides.found.major() < 17 {
        return Written::Impossible("a builtin collation needs PostgreSQL 17".to_owned());
    }
    let mut clauses = vec![format!("PROVIDER = {provider}")];
    let mut push = |name: &str, text: Option<&str>| {
        if let Some(text) = text {
            clauses.push(format!("{name} = {}", literal(text)));
        }
    };
    match provider {
        "libc" => {
            push("LC_COLLATE", value(plain, "collate"));
            push("LC_CTYPE", value(plain, "ctype"));
        }
        // Up to PostgreSQL 14 the locale was kept as what sorts.
        _ => push("LOCALE", value(plain, "locale").or_else(|| value(plain, "collate"))),
    }
    push("RULES", value(plain, "rules"));
    if !is_set(plain, "deterministic") {
        clauses.push("DETERMINISTIC = false".to_owned());
    }
    Written::Statements(vec![format!("CREATE COLLATION {} ({})", object(path), clauses.join(", "))])
}

pub(super) fn conversion(path: &ObjectPath, plain: &Plain) -> String {
    format!(
        "CREATE {}CONVERSION {} FOR {} TO {} FROM {}",
        if is_set(plain, "default") { "DEFAULT " } else { "" },
        object(path),
        literal(value(plain, "source-encoding").unwrap_or_default()),
        literal(value(plain, "target-encoding").unwrap_or_default()),
        value(plain, "function").unwrap_or_default()
    )
}

pub(super) fn cast(path: &ObjectPath, plain: &Plain) -> String {
    let how = match value(plain, "function") {
        Some("inout") => "WITH INOUT".to_owned(),
        Some("without function") | None => "WITHOUT FUNCTION".to_owned(),
        Some(function) => format!("WITH FUNCTION {function}"),
    };
    let context = match value(plain, "context") {
        Some("implicit") => " AS IMPLICIT",
        Some("assignment") => " AS ASSIGNMENT",
        _ => "",
    };
    format!("CREATE {} {how}{context}", named(path))
}

pub(super) fn language(path: &ObjectPath, plain: &Plain) -> String {
    language_with("CREATE", path, plain)
}

pub(super) fn replace_language(path: &ObjectPath, plain: &Plain) -> String {
    language_with("CREATE OR REPLACE", path, plain)
}

fn language_with(verb: &str, path: &ObjectPath, plain: &Plain) -> String {
    let mut text =
        format!("{verb} {}LANGUAGE {}", if is_set(plain, "trusted") { "TRUSTED " } else { "" }, object(path));
    for (word, name) in [("HANDLER", "handler"), ("INLINE", "inline-handler"), ("VALIDATOR", "validator")] {
        if let Some(function) = value(plain, name) {
            text.push_str(&format!(" {word} {function}"));
        }
    }
    text
}

pub(super) fn transform(path: &ObjectPath, plain: &Plain) -> String {
    transform_with("CREATE", path, plain)
}

pub(super) fn replace_transform(path: &ObjectPath, plain: &Plain) -> String {
    transform_with("CREATE OR REPLACE", path, plain)
}

fn transform_with(verb: &str, path: &ObjectPath, plain: &Plain) -> String {
    let functions: Vec<String> = [("FROM SQL", "from-sql"), ("TO SQL", "to-sql")]
        .into_iter()
        .filter_map(|(words, name)| Some(format!("{words} WITH FUNCTION {}", value(plain, name)?)))
        .collect();
    format!("{verb} {} ({})", named(path), functions.join(", "))
}

pub(super) fn access_method(path: &ObjectPath, plain: &Plain) -> String {
    let kind = if value(plain, "type") == Some("table") { "TABLE" } else { "INDEX" };
    format!(
        "CREATE ACCESS METHOD {} TYPE {kind} HANDLER {}",
        object(path),
        value(plain, "handler").unwrap_or_default()
    )
}

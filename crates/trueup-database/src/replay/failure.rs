//! A statement that the shadow refused, and what sort of refusal it is.

use trueup_model::History;
use trueup_model::journal::StatementRef;
use trueup_sql::{Effect, classify, unquote_ident, words};

use crate::session::ServerError;
use crate::shadow::Capabilities;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub statement: StatementRef,
    pub error: ServerError,
    pub kind: FailureKind,
    /// The earlier failure without which this one would not have happened.
    pub follows: Option<StatementRef>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The shadow does not have this extension.
    MissingExtension(String),
    /// It uses what came with this major version.
    NeedsNewerServer(u32),
    /// It took longer than a statement may.
    TimedOut,
    /// The shadow lacks a library or a file that belongs to a full installation, or was built without ICU.
    MissingLibrary,
    /// Its own code may have caught the error; the shadow cannot do that.
    NotCaught,
    Other,
}

/// What came with which version, as far as histories use it: words in a row, and the errors of a server that does
/// not know them.
struct Novelty {
    major: u32,
    words: &'static [&'static str],
}

const NOVELTIES: &[Novelty] = &[
    Novelty { major: 14, words: &["begin", "atomic"] },
    Novelty { major: 14, words: &["compression"] },
    Novelty { major: 14, words: &["search", "breadth"] },
    Novelty { major: 14, words: &["search", "depth"] },
    Novelty { major: 14, words: &["int4multirange"] },
    Novelty { major: 14, words: &["tstzmultirange"] },
    Novelty { major: 14, words: &["datemultirange"] },
    Novelty { major: 14, words: &["detach", "partition"] },
    Novelty { major: 14, words: &["return"] },
    Novelty { major: 15, words: &["nulls", "not", "distinct"] },
    Novelty { major: 15, words: &["security_invoker"] },
    Novelty { major: 15, words: &["merge", "into"] },
    Novelty { major: 15, words: &["tables", "in", "schema"] },
    Novelty { major: 15, words: &["set", "access", "method"] },
    Novelty { major: 16, words: &["any_value", "("] },
    Novelty { major: 16, words: &["json_array", "("] },
    Novelty { major: 16, words: &["json_object", "("] },
    Novelty { major: 16, words: &["is", "json"] },
    Novelty { major: 16, words: &["storage"] },
    Novelty { major: 17, words: &["transaction_timeout"] },
    Novelty { major: 17, words: &["json_table", "("] },
    Novelty { major: 17, words: &["merge_action", "("] },
    Novelty { major: 17, words: &["set", "expression"] },
    Novelty { major: 17, words: &["on", "login"] },
    Novelty { major: 18, words: &["virtual"] },
    Novelty { major: 18, words: &["not", "enforced"] },
    Novelty { major: 18, words: &["without", "overlaps"] },
    Novelty { major: 18, words: &["period"] },
    Novelty { major: 18, words: &["uuidv7", "("] },
    Novelty { major: 18, words: &["uuidv4", "("] },
    Novelty { major: 18, words: &["casefold", "("] },
    Novelty { major: 18, words: &["returning", "old"] },
    Novelty { major: 18, words: &["returning", "new"] },
    Novelty { major: 18, words: &["no", "inherit", "not", "null"] },
];

/// Syntax error, unknown function, unknown object or parameter, unknown type, feature or value.
const STATES_OF_NOVELTIES: &[&str] = &["42601", "42883", "42704", "0A000", "22023", "42P01"];

impl Failure {
    pub fn new(
        statement: StatementRef,
        text: &str,
        error: ServerError,
        capabilities: &Capabilities,
        history: &History,
        earlier: &[Failure],
    ) -> Self {
        let mut kind = kind_of(text, &error, capabilities.major());
        if kind == FailureKind::Other && lacks_library(&error) {
            kind = FailureKind::MissingLibrary;
        }
        if kind == FailureKind::Other && !capabilities.catches_errors && runs_code(&error) {
            kind = FailureKind::NotCaught;
        }
        let follows = match kind {
            FailureKind::Other => follows(statement, &error, history, earlier),
            FailureKind::MissingExtension(_) | FailureKind::NeedsNewerServer(_) | FailureKind::TimedOut => {
                None
            }
            FailureKind::NotCaught | FailureKind::MissingLibrary => None,
        };
        Self { statement, error: error.without_secrets_of(text), kind, follows }
    }
}

/// `undefined_file` for libraries, `config_file_error` for stop words and dictionaries; a server that was built without
/// ICU says so in a message of its own.
fn lacks_library(error: &ServerError) -> bool {
    match error.sqlstate.as_str() {
        "58P01" | "F0000" => true,
        "0A000" => error.message.starts_with("ICU is not supported"),
        _ => false,
    }
}

const QUERY_CANCELED: &str = "57014";

fn kind_of(text: &str, error: &ServerError, shadow_major: u32) -> FailureKind {
    if error.sqlstate == QUERY_CANCELED {
        return FailureKind::TimedOut;
    }
    if let Some(name) = missing_extension(error) {
        return FailureKind::MissingExtension(name);
    }
    if STATES_OF_NOVELTIES.contains(&error.sqlstate.as_str()) {
        let words: Vec<String> = words(text).collect();
        let newest = NOVELTIES
            .iter()
            .filter(|novelty| novelty.major > shadow_major && contains(&words, novelty.words))
            .map(|novelty| novelty.major)
            .max();
        if let Some(major) = newest {
            return FailureKind::NeedsNewerServer(major);
        }
    }
    FailureKind::Other
}

/// The error comes out of PL/pgSQL code, which may have a handler for it somewhere.
fn runs_code(error: &ServerError) -> bool {
    error.context.as_deref().is_some_and(|context| context.contains("PL/pgSQL function"))
}

/// `extension "x" is not available`, or its control file cannot be opened, or it must be loaded by the server's
/// configuration.
fn missing_extension(error: &ServerError) -> Option<String> {
    let is_missing = matches!(error.sqlstate.as_str(), "0A000" | "58P01")
        && error.message.starts_with("extension ")
        || error.sqlstate == "58P01" && error.message.contains("/extension/");
    if !is_missing {
        return None;
    }
    if let Some(name) = quoted(&error.message) {
        let file = name.rsplit('/').next().unwrap_or(name);
        return Some(file.strip_suffix(".control").unwrap_or(file).to_owned());
    }
    None
}

/// Names that a server cannot find: tables, types and the like, functions, schemas, columns.
const STATES_OF_MISSING: &[&str] = &["42P01", "42704", "42883", "3F000", "42703"];

/// The failed statement that would have made what is missing now. Told only where the failed statement makes or
/// changes something and names the missing thing.
fn follows(
    statement: StatementRef,
    error: &ServerError,
    history: &History,
    earlier: &[Failure],
) -> Option<StatementRef> {
    if !STATES_OF_MISSING.contains(&error.sqlstate.as_str()) {
        return None;
    }
    let missing = missing_name(&error.message)?;
    let makes_it = |text: &str| {
        matches!(classify(text).effect, Effect::Schema | Effect::Unknown)
            && words(text).any(|word| unquote_ident(&word) == missing)
    };
    let failed = earlier.iter().rev().map(|failure| failure.statement).find(|statement| {
        let migration = &history.migrations[statement.migration as usize];
        migration.up.get(statement.statement as usize).is_some_and(|failed| makes_it(&failed.text))
    });
    // What an extension brings along is named by no statement. So it is taken for that where an extension is missing
    // and nothing that has run could have made it.
    failed.or_else(|| {
        let extension =
            earlier.iter().find(|failure| matches!(failure.kind, FailureKind::MissingExtension(_)))?;
        let until = statement.migration as usize;
        let is_made = history.migrations.iter().take(until + 1).enumerate().any(|(index, migration)| {
            let count = if index == until { statement.statement as usize } else { migration.up.len() };
            migration.up.iter().take(count).any(|earlier| makes_it(&earlier.text))
        });
        (!is_made).then_some(extension.statement)
    })
}

/// `relation "shop.orders" does not exist`: `orders`. `function shop.total(integer) does not exist`: `total`.
fn missing_name(message: &str) -> Option<String> {
    // Which one is missing is in the types around it.
    if let Some(operator) = message.strip_prefix("operator does not exist: ") {
        return Some(operator.to_owned());
    }
    let name = match quoted(message) {
        Some(name) => name,
        None => ["function ", "column ", "type "].iter().find_map(|kind| message.strip_prefix(kind))?,
    };
    let name = name.split(['(', ' ']).next()?;
    let last = name.rsplit('.').next()?;
    (!last.is_empty()).then(|| unquote_ident(last))
}

/// What stands between the first double quotes of a message.
pub(super) fn quoted(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once('"')?;
    rest.split_once('"').map(|(name, _)| name)
}

fn contains(words: &[String], sought: &[&str]) -> bool {
    words.windows(sought.len()).any(|window| window.iter().zip(sought).all(|(word, sought)| word == sought))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(sqlstate: &str, message: &str) -> ServerError {
        ServerError {
            sqlstate: sqlstate.to_owned(),
            message: message.to_owned(),
            detail: None,
            hint: None,
            position: None,
            context: None,
        }
    }

    #[track_caller]
    fn check(text: &str, sqlstate: &str, message: &str, expected: FailureKind) {
        assert_eq!(kind_of(text, &error(sqlstate, message), 16), expected);
    }

    #[test]
    fn kinds_of_failures() {
        let missing = FailureKind::MissingExtension("postgis".to_owned());
        check("CREATE EXTENSION postgis", "0A000", "extension \"postgis\" is not available", missing.clone());
        check(
            "CREATE EXTENSION postgis",
            "58P01",
            "could not open extension control file \"/usr/share/postgresql/12/extension/postgis.control\": No such file",
            missing,
        );
        check(
            "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) VIRTUAL)",
            "42601",
            "syntax error at or near \"VIRTUAL\"",
            FailureKind::NeedsNewerServer(18),
        );
        check("CREATE TABLE t (a int NULLS NOT DISTINCT)", "42601", "syntax error", FailureKind::Other);
        check("SELECT pg_sleep(90)", "57014", "canceling statement", FailureKind::TimedOut);
    }

    #[test]
    fn names_of_what_is_missing() {
        let name = |message| missing_name(message).unwrap_or_default();
        assert_eq!(name("relation \"shop.orders\" does not exist"), "orders");
        assert_eq!(name("function shop.total(integer) does not exist"), "total");
        assert_eq!(name("column orders.price does not exist"), "price");
        assert_eq!(name("column \"price\" of relation \"orders\" does not exist"), "price");
        assert_eq!(name("type geometry does not exist"), "geometry");
        assert_eq!(name("operator does not exist: money + text"), "money + text");
    }
}

//! What is done with a statement: run as it is, run alone, run differently, or not at all.
//!
//! A shadow must not change what does not belong to it, reach other servers, or run programs. What would do that
//! says nothing about the schema either, so that it can be left out.

use std::collections::BTreeSet;

use trueup_sql::{Class, words};

use super::copy::{self, Direction};
use super::{guard, subscription};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    Plain,
    /// In no transaction.
    Alone,
    CopyIn,
    Skip(String),
    /// It does nothing that anybody could miss.
    SkipSilently,
    /// These instead.
    Instead {
        texts: Vec<String>,
        reason: String,
    },
}

pub(super) fn treatment(
    text: &str,
    class: &Class,
    owns_roles: bool,
    known_roles: &BTreeSet<String>,
) -> Treatment {
    let skip = |reason: &str| Treatment::Skip(format!("{} was not run on the shadow: {reason}", class.verb));
    match class.verb.as_str() {
        "CREATE DATABASE" | "ALTER DATABASE" | "DROP DATABASE" => {
            skip("it is about a whole database, and the shadow is one of its own")
        }
        "ALTER SYSTEM" => skip("it changes the server's configuration"),
        "CREATE TABLESPACE" | "ALTER TABLESPACE" | "DROP TABLESPACE" => {
            skip("it needs a folder on the server's machine")
        }
        "COPY" => match copy::direction(text) {
            Some(Direction::FromStandardInput) if copy::freezes(text) => {
                skip("FREEZE needs a table that was made in the same subtransaction; its rows are missing")
            }
            Some(Direction::FromStandardInput) => Treatment::CopyIn,
            Some(Direction::ToStandardOutput) => Treatment::SkipSilently,
            Some(Direction::ServerFile) => skip("it reads or writes a file of the server's machine"),
            Some(Direction::Program) => skip("it runs a program on the server's machine"),
            None => Treatment::Plain,
        },
        "GRANT" | "REVOKE" | "COMMENT" | "SECURITY LABEL" if is_about_the_server(text) => {
            skip("it is about a database, a tablespace or a setting, and the shadow has its own")
        }
        // They rebuild what is there.
        "REINDEX" if class.outside_transaction && names_database(text) => Treatment::SkipSilently,
        "CHECKPOINT" => Treatment::SkipSilently,
        "CREATE SUBSCRIPTION" | "ALTER SUBSCRIPTION" | "DROP SUBSCRIPTION" => {
            subscription::treatment(&class.verb, text)
        }
        _ if !owns_roles && guard::touches_known_role(&class.verb, text, known_roles) => {
            skip("it changes a role of a server that is not the shadow's own")
        }
        _ if class.outside_transaction => Treatment::Alone,
        _ => Treatment::Plain,
    }
}

/// `SET SESSION AUTHORIZATION`, in all of its forms.
pub(super) fn becomes_another(text: &str) -> bool {
    let words: Vec<String> = words(text).take(4).collect();
    words.windows(2).any(|pair| pair[0] == "session" && pair[1] == "authorization")
}

/// Why a statement can only be tried where it is meant to run, if that is so.
pub(super) fn untried(text: &str, owns_roles: bool, known_roles: &BTreeSet<String>) -> Option<String> {
    let class = trueup_sql::classify(text);
    match treatment(text, &class, owns_roles, known_roles) {
        Treatment::Plain | Treatment::Alone | Treatment::CopyIn => None,
        Treatment::Skip(reason) | Treatment::Instead { texts: _, reason } => Some(reason),
        Treatment::SkipSilently => Some(format!("{} was not run on the shadow", class.verb)),
    }
}

/// `GRANT … ON DATABASE`, `COMMENT ON TABLESPACE`, `GRANT … ON PARAMETER`
fn is_about_the_server(text: &str) -> bool {
    let words: Vec<String> = words(text).take(200).collect();
    words
        .windows(2)
        .any(|pair| pair[0] == "on" && matches!(pair[1].as_str(), "database" | "tablespace" | "parameter"))
}

fn names_database(text: &str) -> bool {
    words(text).take(12).any(|word| matches!(word.as_str(), "database" | "system"))
}

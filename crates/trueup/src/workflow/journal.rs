//! The journal of runs, where it cannot be read or written: whose fault that is, and what helps.

use trueup_database::SessionError;

use crate::failure::Failure;

pub(super) fn unreadable(error: &SessionError) -> Failure {
    about_journal(Failure::new(format!("reading the journal of runs: {error}")), error)
}

/// With what helps, if it is the journal that a statement was refused for.
pub(super) fn about_journal(failure: Failure, error: &SessionError) -> Failure {
    let Some(server) = error.server() else { return failure };
    match server.sqlstate.as_str() {
        "42501" if server.message.contains("trueup") => failure.hint(
            "let the owner of the schema trueup run: `grant usage on schema trueup to ROLE; \
             grant select, insert, update on trueup.trueup_runs to ROLE`",
        ),
        // A column that is missing, or of another type.
        "42703" | "42804" | "42883" | "42809" | "22P02" => failure.hint(
            "the table trueup.trueup_runs is not one that this version of trueup has made: rename its schema, and a new \
             journal is made",
        ),
        _ => failure,
    }
}

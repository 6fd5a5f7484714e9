//! A failure in its written form: a line of the journal on a shadow, and a part of a remembered result.

use serde::{Deserialize, Serialize};
use trueup_model::journal::StatementRef;

use super::failure::{Failure, FailureKind};
use crate::session::ServerError;

/// All but the place of the failed statement. Statements are two numbers, and whoever writes knows what they count.
#[derive(Serialize, Deserialize)]
pub(crate) struct WrittenFailure {
    sqlstate: String,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    position: Option<u32>,
    context: Option<String>,
    kind: WrittenKind,
    follows: Option<(i64, u32)>,
}

#[derive(Serialize, Deserialize)]
enum WrittenKind {
    MissingExtension(String),
    NeedsNewerServer(u32),
    TimedOut,
    MissingLibrary,
    NotCaught,
    Other,
}

impl WrittenFailure {
    pub fn of(failure: &Failure, number: impl Fn(StatementRef) -> Option<(i64, u32)>) -> Self {
        let Failure { statement: _, error, kind, follows } = failure;
        let ServerError { sqlstate, message, detail, hint, position, context } = error.clone();
        Self {
            sqlstate,
            message,
            detail,
            hint,
            position,
            context,
            kind: match kind {
                FailureKind::MissingExtension(name) => WrittenKind::MissingExtension(name.clone()),
                FailureKind::NeedsNewerServer(major) => WrittenKind::NeedsNewerServer(*major),
                FailureKind::TimedOut => WrittenKind::TimedOut,
                FailureKind::MissingLibrary => WrittenKind::MissingLibrary,
                FailureKind::NotCaught => WrittenKind::NotCaught,
                FailureKind::Other => WrittenKind::Other,
            },
            follows: follows.and_then(number),
        }
    }

    pub fn into_failure(
        self,
        statement: StatementRef,
        reference: impl Fn((i64, u32)) -> Option<StatementRef>,
    ) -> Failure {
        let Self { sqlstate, message, detail, hint, position, context, kind, follows } = self;
        Failure {
            statement,
            error: ServerError { sqlstate, message, detail, hint, position, context },
            kind: match kind {
                WrittenKind::MissingExtension(name) => FailureKind::MissingExtension(name),
                WrittenKind::NeedsNewerServer(major) => FailureKind::NeedsNewerServer(major),
                WrittenKind::TimedOut => FailureKind::TimedOut,
                WrittenKind::MissingLibrary => FailureKind::MissingLibrary,
                WrittenKind::NotCaught => FailureKind::NotCaught,
                WrittenKind::Other => FailureKind::Other,
            },
            follows: follows.and_then(reference),
        }
    }
}

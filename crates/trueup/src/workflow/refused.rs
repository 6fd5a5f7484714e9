//! What it means that the scratch server refused statements of the history.

use std::collections::BTreeSet;

use trueup_database::replay::{Failure, FailureKind};
use trueup_engine::Claims;
use trueup_model::difference::{Change, Difference};
use trueup_model::finding::NamedCode;
use trueup_model::journal::StatementRef;
use trueup_model::origin::Place;
use trueup_model::{Code, Finding, History, Migration, Severity};

pub(super) struct Refusals<'a> {
    pub failures: &'a [Failure],
    /// What was replayed: failures count in it.
    pub history: &'a History,
    pub claims: &'a Claims<'a>,
    pub pending: Vec<&'a Migration>,
    /// Where statements are refused even with everything that is pending, if that was looked at.
    pub with_pending: Option<&'a BTreeSet<Place>>,
}

/// Where the statements stand that were refused.
pub(super) fn places(failures: &[Failure], history: &History) -> BTreeSet<Place> {
    failures.iter().filter_map(|failure| place(failure.statement, history)).cloned().collect()
}

fn place(statement: StatementRef, history: &History) -> Option<&Place> {
    let migration = history.migrations.get(usize::try_from(statement.migration).ok()?)?;
    Some(&migration.up.get(usize::try_from(statement.statement).ok()?)?.place)
}

impl Refusals<'_> {
    /// What the statements would have made cannot be expected, so what the database has of it is not held against it:
    /// it is taken out of `differences`, and that is said.
    pub fn findings(&self, differences: &mut Vec<Difference>) -> Vec<Finding> {
        self.failures
            .iter()
            .map(|failure| {
                let origin = self.claims.origin_of(failure.statement);
                let text = origin
                    .as_ref()
                    .and_then(|origin| origin.excerpt.clone())
                    .map(|text| text.to_lowercase())
                    .unwrap_or_default();
                let left_open = take_out(differences, &text);
                let (code, severity, hint) = self.meaning(failure);
                let mut finding = Finding::new(Code::Named(code), severity);
                finding.origin = origin;
                finding.found = Some(failure.error.to_string());
                finding.hint = Some(match left_open.as_slice() {
                    [] => hint,
                    names => format!("{hint}; not compared: {}", names.join(", ")),
                });
                finding
            })
            .collect()
    }

    fn meaning(&self, failure: &Failure) -> (NamedCode, Severity, String) {
        let not_checked = |hint: String| (NamedCode::NotChecked, Severity::Warning, hint);
        match &failure.kind {
            FailureKind::MissingExtension(name) => not_checked(format!(
                "the scratch server has no extension {name}: give one that has it with --shadow local or --shadow URL"
            )),
            FailureKind::NeedsNewerServer(major) => not_checked(format!(
                "it needs PostgreSQL {major}: give a scratch server of that version with --shadow local:FOLDER or \
                 --shadow URL"
            )),
            FailureKind::TimedOut => not_checked("it took longer than a statement may take here".to_owned()),
            FailureKind::MissingLibrary => not_checked(
                "the scratch server was built or installed without it: give another one with --shadow local or \
                 --shadow URL"
                    .to_owned(),
            ),
            FailureKind::NotCaught => not_checked(
                "its code may catch this error, which the embedded PostgreSQL cannot do: give another scratch \
                 server with --shadow local or --shadow URL"
                    .to_owned(),
            ),
            FailureKind::Other => self.refused_by_itself(failure),
        }
    }

    /// A fault of the history, or what follows from one, or from something that could not be checked.
    fn refused_by_itself(&self, failure: &Failure) -> (NamedCode, Severity, String) {
        if let Some(root) = self.root(failure) {
            let code = if root.kind == FailureKind::Other {
                NamedCode::FailedStatement
            } else {
                NamedCode::NotChecked
            };
            let place = match place(root.statement, self.history) {
                Some(place) => format!("{}:{}", place.file, place.line),
                None => "an earlier statement".to_owned(),
            };
            return (code, Severity::Info, format!("it needs what {place} would have made"));
        }
        let own = place(failure.statement, self.history);
        let runs_with_pending = match (self.with_pending, own) {
            (Some(refused), Some(own)) => !refused.contains(own),
            _ => false,
        };
        if runs_with_pending {
            let names: Vec<&str> = self.pending.iter().map(|migration| migration.id.as_str()).collect();
            let hint = match names.as_slice() {
                [one] => format!("it needs {one}, which is not recorded as applied"),
                many => format!("it needs migrations that are not recorded as applied: {}", many.join(", ")),
            };
            return (NamedCode::FailedStatement, Severity::Info, hint);
        }
        let hint = failure.error.hint.clone();
        let usual = || "this history cannot be run from the beginning as it stands".to_owned();
        (NamedCode::FailedStatement, Severity::Error, hint.unwrap_or_else(usual))
    }

    /// The failure that a failure only follows from, at the end of the chain.
    fn root(&self, failure: &Failure) -> Option<&Failure> {
        let mut cause = None;
        let mut follows = failure.follows;
        while let Some(earlier) = self.failures.iter().find(|other| Some(other.statement) == follows) {
            // Earlier ones come first, so this ends.
            follows = earlier.follows.filter(|next| *next < earlier.statement);
            cause = Some(earlier);
        }
        cause
    }
}

/// Takes out what is unexpected and named by the statement, and returns its names.
fn take_out(differences: &mut Vec<Difference>, statement: &str) -> Vec<String> {
    let mut taken = Vec::new();
    differences.retain(|difference| {
        let concerned = matches!(difference.change, Change::Unexpected)
            && trueup_engine::provenance::names(statement, difference.path.name().as_str());
        if concerned {
            taken.push(difference.path.to_string());
        }
        !concerned
    });
    taken
}

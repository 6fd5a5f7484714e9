//! What it means that the scratch server refused statements of the history.

use std::collections::BTreeSet;

use trueup_database::replay::{Failure, FailureKind};
use trueup_engine::Claims;
use trueup_engine::provenance::names;
use trueup_model::difference::{Change, Difference};
use trueup_model::finding::NamedCode;
use trueup_model::journal::StatementRef;
use trueup_model::origin::Place;
use trueup_model::{Code, Finding, History, Migration, Severity};
use trueup_sql::{Effect, classify};

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
    /// it goes from `differences` to `left_open`, and that is said.
    pub fn findings(
        &self,
        differences: &mut Vec<Difference>,
        left_open: &mut Vec<Difference>,
    ) -> Vec<Finding> {
        self.failures
            .iter()
            .map(|failure| {
                let origin = self.claims.origin_of(failure.statement);
                let text = origin
                    .as_ref()
                    .and_then(|origin| origin.excerpt.clone())
                    .map(|text| text.to_lowercase())
                    .unwrap_or_default();
                let taken = take_out(differences, &text);
                let names: Vec<String> = taken.iter().map(|difference| difference.path.to_string()).collect();
                left_open.extend(taken);
                let (code, severity, hint) = self.meaning(failure);
                let mut finding = Finding::new(Code::Named(code), severity);
                finding.origin = origin;
                finding.found = Some(failure.error.to_string());
                finding.hint = Some(match names.as_slice() {
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
        if let Some(unread) = self.unread_before(failure) {
            let hint = format!("it may need what {} made, which could not be read completely", unread.id);
            return (NamedCode::NotChecked, Severity::Info, hint);
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
        // What the server has to say about it reads on.
        let own = failure.error.hint.as_deref().map(|hint| hint.trim_end_matches('.').to_owned());
        let usual = || "this history cannot be run from the beginning as it stands".to_owned();
        (NamedCode::FailedStatement, Severity::Error, own.unwrap_or_else(usual))
    }

    /// An earlier migration that was not read completely, and may have touched what the server complains about.
    fn unread_before(&self, failure: &Failure) -> Option<&Migration> {
        let at = usize::try_from(failure.statement.migration).ok()?;
        let complaint = failure.error.message.to_lowercase();
        // The server puts names in quotes.
        let names: Vec<&str> = complaint.split('"').skip(1).step_by(2).collect();
        let earlier = self.history.migrations.get(..=at)?.iter();
        let mut unread = earlier.filter(|migration| migration.opaque.is_some());
        unread.find(|migration| names.iter().any(|name| migration.reach.names(name)))
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

/// Takes out what is unexpected and what the statement would have made. What else it speaks of is no excuse for
/// anything.
fn take_out(differences: &mut Vec<Difference>, statement: &str) -> Vec<Difference> {
    let class = classify(statement);
    let head = match class.effect {
        // The name of what is made or changed stands before the first bracket.
        Effect::Schema => statement.split('(').next().unwrap_or_default(),
        // Code may make anything.
        Effect::Unknown => statement,
        Effect::Data | Effect::Session | Effect::Transaction | Effect::Query => return Vec::new(),
    };
    let parts = ["INDEX", "TRIGGER", "RULE", "POLICY", "STATISTICS"];
    let makes_part = parts.iter().any(|part| class.verb.ends_with(part));
    let makes_whole = class.effect == Effect::Unknown
        || class.verb.starts_with("CREATE") && !makes_part
        || statement.contains("rename to")
        || statement.contains("set schema");
    let mut taken = Vec::new();
    differences.retain(|difference| {
        let path = &difference.path;
        let concerned = matches!(difference.change, Change::Unexpected)
            && names(head, path.head.as_str())
            && if path.is_part() { names(statement, path.part.as_str()) } else { makes_whole };
        if concerned {
            taken.push(difference.clone());
        }
        !concerned
    });
    taken
}

#[cfg(test)]
mod tests {
    use trueup_model::{ObjectKind, ObjectPath, QualifiedName};

    use super::*;

    #[track_caller]
    fn check(statement: &str, expected: &[&str]) {
        let a = QualifiedName::new("public", "a");
        let b = QualifiedName::new("public", "b");
        let column = |of: &QualifiedName, name: &str| ObjectPath::part_of(ObjectKind::Column, of, name);
        let paths = [
            ObjectPath::in_schema(ObjectKind::Table, &"public".into(), "note"),
            ObjectPath::in_schema(ObjectKind::Table, &"public".into(), "made"),
            column(&a, "note"),
            column(&b, "note"),
            column(&b, "name"),
            ObjectPath::part_of(ObjectKind::Index, &a, "a_note"),
        ];
        let mut differences: Vec<Difference> =
            paths.into_iter().map(|path| Difference { path, change: Change::Unexpected }).collect();
        let all = differences.len();
        let taken = take_out(&mut differences, &statement.to_lowercase());
        let names: Vec<String> = taken.iter().map(|difference| difference.path.to_string()).collect();
        assert_eq!(names, expected, "{statement}");
        assert_eq!(differences.len() + taken.len(), all);
    }

    #[test]
    fn only_what_the_statement_makes_is_left_open() {
        check("CREATE TABLE made (note text, name text REFERENCES b (name))", &["public.made"]);
        check("ALTER TABLE a ADD COLUMN note geometry", &["public.a.note"]);
        check("CREATE INDEX a_note ON a USING gist (note)", &["public.a.note", "public.a.a_note"]);
        check("UPDATE a SET name = 'x' WHERE note IS NULL", &[]);
        check("DO $$ BEGIN EXECUTE 'create table made (id int)'; END $$", &["public.made"]);
    }
}

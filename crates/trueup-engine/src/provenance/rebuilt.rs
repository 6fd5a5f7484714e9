//! Indexes and constraints that PostgreSQL builds anew, where a column gets another type: to the journal that statement
//! made them, to people an earlier one did.

use trueup_model::ObjectPath;
use trueup_model::catalog::Object;
use trueup_model::journal::StatementRef;
use trueup_model::path::ObjectKind;

use super::words::names;
use super::{Claims, Words};

impl Claims<'_> {
    /// The statement that made an object which the journal says this one created.
    pub(super) fn first_built(&self, path: &ObjectPath, created: StatementRef) -> StatementRef {
        let Some((_, word)) = BUILT_WITH.iter().find(|(kind, _)| *kind == path.kind) else { return created };
        let Some((_, rebuilding)) = self.since(Some(created)).next() else { return created };
        let of_type = rebuilding.verb == "alter table" && rebuilding.text.contains(" type ");
        if !of_type || names(&rebuilding.text, path.part.as_str()) {
            return created;
        }
        let before = self.since(self.beginning(path)).take_while(|(at, _)| *at < created);
        let made: Vec<(StatementRef, &Words)> =
            before.filter(|(_, words)| words.make_or_change(path.kind)).collect();
        let by_name = |(_, words): &&(_, &Words)| names(&words.text, path.part.as_str());
        // PostgreSQL gives a name to what has none.
        let columns = self.columns_of(path);
        let by_columns = |(_, words): &&(_, &Words)| {
            names(&words.target, path.head.as_str())
                && words.text.contains(word)
                && columns.iter().all(|column| names(&words.text, column))
        };
        if let Some((at, _)) = made.iter().rfind(by_name) {
            return *at;
        }
        let candidates: Vec<StatementRef> = made.iter().filter(by_columns).map(|(at, _)| *at).collect();
        match (columns.is_empty(), candidates.as_slice()) {
            (false, [.., last]) => *last,
            // Without columns, several that may have made it are no better than the one that built it.
            (true, [one]) => *one,
            (true | false, _) => created,
        }
    }

    fn columns_of(&self, path: &ObjectPath) -> Vec<String> {
        let entry = self.expected.and_then(|expected| expected.find(path));
        match entry.map(|entry| &entry.object) {
            Some(Object::Key(key)) => key.columns.iter().map(ToString::to_string).collect(),
            Some(Object::ForeignKey(key)) => key.columns.iter().map(ToString::to_string).collect(),
            Some(_) | None => Vec::new(),
        }
    }
}

/// What is built anew, and the word that stands in a statement which makes it without naming it.
const BUILT_WITH: &[(ObjectKind, &str)] = &[
    (ObjectKind::PrimaryKey, "primary key"),
    (ObjectKind::UniqueConstraint, "unique"),
    (ObjectKind::CheckConstraint, "check"),
    (ObjectKind::ForeignKey, "references"),
    (ObjectKind::ExclusionConstraint, "exclude"),
    (ObjectKind::Index, "index"),
];

//! What a migration that could not be read cannot have done, since a later one that was read settles it.

use std::collections::BTreeSet;

use trueup_model::history::{MigrationKind, Opaque};
use trueup_model::journal::StatementRef;
use trueup_model::path::ObjectKind;
use trueup_model::{History, Migration, ObjectPath};
use trueup_sql::{Effect, classify, unquote_ident, words};

use crate::provenance::{Claims, relation_of};

/// A migration that could not be read, and those that ran after it on every database.
pub(super) struct Unread<'a> {
    pub migration: &'a Migration,
    pub why: &'a Opaque,
    later: BTreeSet<u32>,
}

impl<'a> Unread<'a> {
    pub fn of(history: &'a History) -> Vec<Self> {
        let numbered = (0..).zip(&history.migrations);
        numbered
            .filter_map(|(number, migration)| {
                let why = migration.opaque.as_ref()?;
                Some(Self { migration, why, later: descendants(history, number) })
            })
            .collect()
    }

    /// A later statement makes the object, or what it is a part of: before that it was not there.
    pub fn is_made_later(&self, path: &ObjectPath, claims: &Claims<'_>) -> bool {
        self.is_created_later(path, claims)
            || relation_of(path).is_some_and(|relation| self.is_created_later(&relation, claims))
            || path.kind == ObjectKind::Column
                && claims.statement(path, None).is_some_and(|at| {
                    self.is_later(at)
                        && plainly(claims, at).is_some_and(|text| adds(text, path.part.as_str()))
                })
    }

    /// A later statement makes the object or works on it: it was there then.
    pub fn is_there_later(&self, path: &ObjectPath, claims: &Claims<'_>) -> bool {
        let worked_on = claims.journal.of(path).and_then(|own| own.changed);
        self.is_made_later(path, claims)
            || [worked_on, claims.statement(path, None)]
                .into_iter()
                .flatten()
                .any(|at| self.is_later(at) && plainly(claims, at).is_some())
    }

    /// A later statement takes the object away, or makes what it is a part of.
    pub fn is_gone_later(&self, path: &ObjectPath, claims: &Claims<'_>) -> bool {
        let relation = relation_of(path).filter(|_| path.is_part());
        relation.is_some_and(|relation| self.is_created_later(&relation, claims))
            || claims.taken_away(path).is_some_and(|at| self.is_later(at))
    }

    fn is_created_later(&self, path: &ObjectPath, claims: &Claims<'_>) -> bool {
        let created = claims.journal.of(path).and_then(|own| own.created);
        created.is_some_and(|at| self.is_later(at) && plainly(claims, at).is_some())
    }

    fn is_later(&self, at: StatementRef) -> bool {
        self.later.contains(&at.migration)
    }
}

/// Those that come from a migration, and after it: no tool runs them before it.
fn descendants(history: &History, number: u32) -> BTreeSet<u32> {
    let mut ids: BTreeSet<_> =
        history.migrations.get(number as usize).map(|migration| &migration.id).into_iter().collect();
    let mut later = BTreeSet::new();
    let after = (0..).zip(&history.migrations).skip(number as usize + 1);
    for (number, migration) in after {
        let comes_from = migration.parents.iter().any(|parent| ids.contains(parent));
        if comes_from && migration.kind == MigrationKind::Versioned {
            ids.insert(&migration.id);
            later.insert(number);
        }
    }
    later
}

/// The text of a statement that does the same whatever it finds.
fn plainly<'a>(claims: &Claims<'a>, at: StatementRef) -> Option<&'a str> {
    let migration = claims.history.migrations.get(usize::try_from(at.migration).ok()?)?;
    let text = &*migration.up.get(usize::try_from(at.statement).ok()?)?.text;
    let asks = |word: String| word == "exists" || word == "replace";
    (classify(text).effect == Effect::Schema && !words(text).any(asks)).then_some(text)
}

/// `ADD COLUMN name`, `ADD name`.
fn adds(text: &str, column: &str) -> bool {
    let words: Vec<String> = words(text).collect();
    let mut behind =
        words.iter().enumerate().filter(|(_, word)| *word == "add").map(|(at, _)| &words[at + 1..]);
    behind.any(|behind| {
        let behind = match behind.split_first() {
            Some((first, rest)) if first == "column" => rest,
            _ => behind,
        };
        behind.first().is_some_and(|name| unquote_ident(name) == column)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_added_with_and_without_the_word() {
        assert!(adds("ALTER TABLE note ADD COLUMN \"Body\" text", "Body"));
        assert!(adds("ALTER TABLE note DROP x, ADD body text", "body"));
        assert!(!adds("ALTER TABLE note ADD CONSTRAINT body CHECK (x > 0)", "body"));
        assert!(!adds("ALTER TABLE note ALTER body SET DEFAULT 'add'", "body"));
    }
}

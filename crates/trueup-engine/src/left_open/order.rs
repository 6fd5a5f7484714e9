//! What a migration that could not be read cannot have done, since a later one that was read settles it.

use std::collections::BTreeSet;

use trueup_model::history::{Handler, MigrationKind, Opaque};
use trueup_model::journal::StatementRef;
use trueup_model::path::ObjectKind;
use trueup_model::{History, Migration, ObjectPath, Reach, Text};
use trueup_sql::{Effect, classify, words};

use crate::provenance::{Claims, relation_of};

/// A migration that could not be read, and those that ran after it on every database; or what runs beside all of them.
pub(super) struct Unread<'a> {
    pub id: &'a Text,
    pub reach: &'a Reach,
    pub why: &'a Opaque,
    pub is_migration: bool,
    later: BTreeSet<u32>,
}

impl<'a> Unread<'a> {
    pub fn of(history: &'a History) -> Vec<Self> {
        let numbered = (0..).zip(&history.migrations);
        let migrations = numbered.filter_map(|(number, migration)| {
            let Migration { id, reach, opaque, .. } = migration;
            let (why, later) = (opaque.as_ref()?, descendants(history, number));
            Some(Self { id, reach, why, is_migration: true, later })
        });
        let handlers = |first: bool| {
            let handlers = history.handlers.iter().filter(move |handler| handler.comes_first == first);
            handlers.map(|Handler { id, why, reach, comes_first: _ }| Self {
                id,
                reach,
                why,
                is_migration: false,
                later: BTreeSet::new(),
            })
        };
        handlers(true).chain(migrations).chain(handlers(false)).collect()
    }

    /// A later statement makes the object, or what it is a part of: before that it was not there. A part also takes after
    /// what its whole refers to, since a foreign key has the type of the key that it leads to.
    pub fn is_made_later(&self, path: &ObjectPath, claims: &Claims<'_>) -> bool {
        match relation_of(path) {
            Some(relation) if path.is_part() => {
                self.is_created_later(&relation, claims) && self.stands_alone(&relation, claims)
            }
            Some(_) | None => self.is_created_later(path, claims),
        }
    }

    /// A later statement makes the object, or works on a table or column by its name: it was there then.
    pub fn is_there_later(&self, path: &ObjectPath, claims: &Claims<'_>) -> bool {
        if self.is_made_later(path, claims) {
            return true;
        }
        let worked_on = claims.journal.of(path).and_then(|own| own.changed);
        let named = claims.statement(path, None);
        // What other parts are, and how they are called, depends on columns that are not known.
        (path.kind == ObjectKind::Column || !path.is_part())
            && [worked_on, named]
                .into_iter()
                .flatten()
                .any(|at| self.is_later(at) && plainly(claims, at).is_some())
    }

    /// A later statement takes the object away, or makes what it is a part of.
    pub fn is_gone_later(&self, path: &ObjectPath, claims: &Claims<'_>) -> bool {
        path.is_part() && self.is_made_later(path, claims)
            || claims.taken_away(path).is_some_and(|at| self.is_later(at))
    }

    /// Nothing that a relation refers to, directly or by others, may have been touched.
    fn stands_alone(&self, relation: &ObjectPath, claims: &Claims<'_>) -> bool {
        let mut seen = BTreeSet::from([relation.clone()]);
        let mut open = vec![relation.clone()];
        while let Some(relation) = open.pop() {
            for referred in claims.referred(&relation) {
                let is_touched = self.reach.touches(&referred);
                if is_touched && !self.is_created_later(&referred, claims) {
                    return false;
                }
                if seen.insert(referred.clone()) {
                    open.push(referred);
                }
            }
        }
        true
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

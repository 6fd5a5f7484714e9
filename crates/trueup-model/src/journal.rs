//! Which statement made or last changed which object during a replay: the source of provenance.
//!
//! A side table keyed by object, so that a catalog stays free of origins and a live one and a replayed one
//! are the same type.

use std::collections::BTreeMap;

use crate::path::ObjectPath;

/// A statement of a history, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementRef {
    /// Index into [`crate::History::migrations`].
    pub migration: u32,
    /// Index into [`crate::Migration::up`].
    pub statement: u32,
}

/// Which statements stand behind one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The statement that created it, where it is known.
    pub created: Option<StatementRef>,
    /// The statement that last wrote its row in the catalogs.
    pub changed: Option<StatementRef>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    pub entries: BTreeMap<ObjectPath, Provenance>,
    /// The statement that last wrote one property, where the catalogs keep it in a row of its own: `default`,
    /// `comment`, `nullability`.
    pub details: BTreeMap<(ObjectPath, &'static str), StatementRef>,
}

impl Journal {
    pub fn of(&self, path: &ObjectPath) -> Option<Provenance> {
        self.entries.get(path).copied()
    }

    /// The objects that a migration created, in order.
    pub fn created_by(&self, migration: u32) -> impl Iterator<Item = (&ObjectPath, StatementRef)> {
        self.entries.iter().filter_map(move |(path, provenance)| {
            provenance.created.filter(|created| created.migration == migration).map(|created| (path, created))
        })
    }
}

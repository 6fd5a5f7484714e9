//! The locks that a step takes, on which tables.

use std::collections::BTreeMap;

use trueup_model::catalog::Object;
use trueup_model::name::QualifiedName;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Lock;

use crate::repair::draft::Draft;

pub(super) struct Locks<'a, 'd> {
    pub draft: &'a Draft<'d>,
    pub list: BTreeMap<QualifiedName, Lock>,
}

impl Locks<'_, '_> {
    /// Only what was there before can be in anybody's way.
    pub fn on(&mut self, table: &QualifiedName, lock: Lock) {
        let kinds =
            [ObjectKind::Table, ObjectKind::ForeignTable, ObjectKind::View, ObjectKind::MaterializedView];
        let there = kinds.iter().any(|kind| {
            self.draft.sides.found.contains(&ObjectPath::in_schema(*kind, &table.schema, &table.name))
        });
        if there {
            let strongest = self.list.entry(table.clone()).or_insert(lock);
            *strongest = (*strongest).max(lock);
        }
    }

    /// The relation that an object is, or is a part of.
    pub fn relation(&mut self, path: &ObjectPath, lock: Lock) {
        if let Some(table) = path.relation().or_else(|| path.qualified()) {
            self.on(&table, lock);
        }
    }

    /// With all tables that come from it.
    pub fn family(&mut self, path: &ObjectPath, lock: Lock) {
        let Some(table) = path.relation().or_else(|| path.qualified()) else { return };
        let mut open = vec![table];
        let mut at = 0;
        while let Some(table) = open.get(at).cloned() {
            at += 1;
            self.on(&table, lock);
            let children = self.draft.known.children_of(&table).iter().filter_map(ObjectPath::qualified);
            for child in children {
                if !open.contains(&child) {
                    open.push(child);
                }
            }
        }
    }

    /// The tables of all columns of a type.
    pub fn users(&mut self, path: &ObjectPath, lock: Lock) {
        for user in self.draft.found_needs.on(path) {
            if user.kind == ObjectKind::Column {
                self.family(user, lock);
            }
        }
    }

    pub fn referenced(&mut self, path: &ObjectPath, lock: Lock) {
        let draft = self.draft;
        for catalog in [draft.sides.found, draft.sides.expected] {
            if let Some(Object::ForeignKey(key)) = catalog.find(path).map(|entry| &entry.object) {
                let references = key.references.clone();
                let table = ObjectPath::in_schema(ObjectKind::Table, &references.schema, &references.name);
                self.family(&table, lock);
            }
        }
    }

    pub fn parents(&mut self, path: &ObjectPath, lock: Lock) {
        let draft = self.draft;
        for catalog in [draft.sides.found, draft.sides.expected] {
            let Some(Object::Table(table)) = catalog.find(path).map(|entry| &entry.object) else { continue };
            for parent in
                table.inherits.iter().chain(table.partition_of.iter().map(|partition| &partition.parent))
            {
                self.on(parent, lock);
                self.default_partition(parent);
            }
        }
    }

    /// Rows that would belong to a new partition must not stand in the default one.
    pub fn default_partition(&mut self, parent: &QualifiedName) {
        for path in self.draft.known.children_of(parent) {
            if let Some(Object::Table(table)) = self.draft.sides.found.find(path).map(|entry| &entry.object)
                && table.partition_of.as_ref().is_some_and(|partition| partition.bound.as_str() == "DEFAULT")
            {
                self.relation(path, Lock::AccessExclusive);
            }
        }
    }
}

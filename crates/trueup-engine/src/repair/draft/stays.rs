//! What stays as it is, and what cannot be done for that reason.

use trueup_model::Catalog;
use trueup_model::catalog::{Entry, Object};
use trueup_model::difference::{Change, Difference};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Reason;

use super::Draft;
use crate::repair::loss;

impl Draft<'_> {
    /// What a table should have from a parent, which it does not join.
    pub(super) fn stays_alone(&self, path: &ObjectPath, aspect: &str, after: &Entry) -> bool {
        if aspect != "inherited" || !after.object.is_inherited() || path.kind == ObjectKind::Column {
            return false;
        }
        let Some(table) = self.relation_of(path) else { return false };
        let has_parent = |catalog: &Catalog| match catalog.find(&table).map(|entry| &entry.object) {
            Some(Object::Table(table)) => table.partition_of.is_some() || !table.inherits.is_empty(),
            _ => false,
        };
        has_parent(self.sides.expected)
            && !has_parent(self.sides.found)
            && !self.creations.contains_key(&table)
            && !self.joins(&table)
    }

    /// Whether a table is to get the parents that it should have.
    pub fn joins(&self, table: &ObjectPath) -> bool {
        self.aspects_of(table).any(|(number, aspect)| {
            self.wanted.contains(&number)
                && !self.refused.contains_key(&number)
                && matches!(aspect, "partition-of" | "partition-bound" | "inheritance")
        })
    }

    /// What a table has from its parent needs the parent to be as it should be.
    pub(super) fn without_parent(&self, path: &ObjectPath, aspect: &str, after: &Entry) -> Option<Reason> {
        match (aspect, &after.object) {
            ("inherited", Object::Column(column)) if column.inherited => {
                let table = self.relation_of(path)?;
                (!self.joins(&table) && !self.creations.contains_key(&table))
                    .then_some(Reason::Follows(table))
            }
            ("inherited", Object::Index(_) | Object::Key(_)) if after.object.is_inherited() => {
                let mut from = self.expected_needs.of(path).filter(|needed| {
                    needed.is_part() && needed.kind == path.kind && needed.relation() != path.relation()
                });
                let stays_away = |from: &&ObjectPath| {
                    !self.sides.found.contains(from) && !self.creations.contains_key(*from)
                };
                from.find(stays_away).map(|from| Reason::Follows(from.clone()))
            }
            ("owned-by", Object::Sequence(sequence)) => {
                let table = &sequence.owned_by.as_ref()?.table;
                let table = ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name);
                self.stays_different(&table, "owner").then_some(Reason::Follows(table))
            }
            // It counts as far as the type reaches.
            ("identity" | "identity-options", Object::Column(column)) if column.identity.is_some() => {
                self.type_stays(path).then(|| Reason::Follows(path.clone()))
            }
            // A value of a type is written as the type will be.
            ("default", Object::Column(_)) => {
                let needs = self.expected_needs.of(path);
                let of_type = needs.into_iter().find(|needed| self.attributes_stay(needed)).cloned();
                of_type
                    .or_else(|| self.type_stays(path).then(|| path.clone()))
                    .or_else(|| self.numbers_stay_elsewhere(path))
                    .map(Reason::Follows)
            }
            ("partition-of" | "partition-bound", Object::Table(table)) => {
                if let Some(there) = self.bound_taken(path) {
                    return Some(Reason::Follows(there));
                }
                let parent = &table.partition_of.as_ref()?.parent;
                let parent = ObjectPath::in_schema(ObjectKind::Table, &parent.schema, &parent.name);
                let odd = self.column_stays_alone(path, &parent);
                if let Some(odd) = odd.or_else(|| self.column_stays_nullable(path, &parent)) {
                    return Some(Reason::Follows(odd));
                }
                if self.creations.contains_key(&parent) {
                    return None;
                }
                if let Some(check) = self.says_otherwise(path, &parent) {
                    return Some(Reason::Follows(check));
                }
                let lacks = self.sides.expected.parts_of(&parent).find(|part| {
                    part.path.kind == ObjectKind::Column
                        && !self.sides.found.contains(&part.path)
                        && !self.creations.contains_key(&part.path)
                });
                let lacks = lacks.map(|part| part.path.clone());
                let lacks = lacks.or_else(|| self.column_stays_other(path, &parent))?;
                Some(Reason::Follows(lacks))
            }
            ("inheritance", Object::Table(table)) => {
                let there = match self.found(path).map(|entry| &entry.object) {
                    Some(Object::Table(there)) => there.inherits.as_slice(),
                    _ => &[],
                };
                let joined = table.inherits.iter().filter(|parent| !there.contains(parent));
                let mut parents = joined
                    .map(|parent| ObjectPath::in_schema(ObjectKind::Table, &parent.schema, &parent.name));
                let stays = |parent: ObjectPath| {
                    let is_new = self.creations.contains_key(&parent);
                    let other = || self.column_stays_other(path, &parent).filter(|_| !is_new);
                    let check = || self.says_otherwise(path, &parent);
                    let more = || self.column_of_parent_stays(path, &parent).filter(|_| !is_new);
                    self.column_stays_nullable(path, &parent).or_else(other).or_else(check).or_else(more)
                };
                parents.find_map(stays).map(Reason::Follows)
            }
            _ => None,
        }
    }

    /// A check of a table that says something else than that of its parent to be. It becomes the parent's with the
    /// parent's, and before that the table cannot join.
    fn says_otherwise(&self, table: &ObjectPath, parent: &ObjectPath) -> Option<ObjectPath> {
        let checks = self.sides.expected.parts_of(parent).map(|part| &part.path);
        let mut own = checks.filter(|path| path.kind == ObjectKind::CheckConstraint).map(|path| ObjectPath {
            schema: table.schema.clone(),
            head: table.head.clone(),
            ..path.clone()
        });
        own.find(|path| self.aspects_of(path).any(|(_, aspect)| aspect == "expression"))
    }

    /// A column of a table or its parent to be that stays different in what both have to have in common.
    fn column_stays_other(&self, table: &ObjectPath, parent: &ObjectPath) -> Option<ObjectPath> {
        let stays = |(number, difference): &(usize, &Difference)| {
            difference.path.kind == ObjectKind::Column
                && self.relation_of(&difference.path).is_some_and(|of| of == *parent || of == *table)
                && (!self.wanted.contains(number) || self.refused.contains_key(number))
                && matches!(&difference.change, Change::Different(aspect)
                    if matches!(aspect.name, "type" | "collation" | "generated" | "generated-kind"))
        };
        let mut differences = self.request.differences.iter().enumerate();
        differences.find(stays).map(|(_, difference)| difference.path.clone())
    }

    /// A column that may be null in a table, and goes on to, and may not be in its parent to be.
    fn column_stays_nullable(&self, table: &ObjectPath, parent: &ObjectPath) -> Option<ObjectPath> {
        let is_filled = |path: &ObjectPath| {
            let stays = self.stays_different(path, "nullability");
            let catalog = if stays { self.sides.found } else { self.sides.expected };
            match catalog.find(path).map(|entry| &entry.object) {
                Some(Object::Column(column)) => column.not_null.as_ref().is_some_and(|it| !it.no_inherit),
                _ => false,
            }
        };
        let columns = self.sides.expected.parts_of(parent).map(|part| &part.path);
        let mut filled = columns.filter(|path| path.kind == ObjectKind::Column && is_filled(path));
        filled.find_map(|path| {
            let own = ObjectPath { schema: table.schema.clone(), head: table.head.clone(), ..path.clone() };
            let stays = |path: &ObjectPath| self.stays_different(path, "nullability");
            let blames = if stays(&own) { own.clone() } else { path.clone() };
            ((stays(&own) || stays(path)) && !is_filled(&own)).then_some(blames)
        })
    }

    /// A column that nobody expects, that stays, and that only one has of a partition to be and its parent.
    fn column_stays_alone(&self, partition: &ObjectPath, parent: &ObjectPath) -> Option<ObjectPath> {
        let (here, there) = (self.odd_columns_that_stay(partition), self.odd_columns_that_stay(parent));
        only_in(&here, &there).or_else(|| only_in(&there, &here))
    }

    /// A column that nobody expects, that stays, and that only the parent to be has.
    fn column_of_parent_stays(&self, table: &ObjectPath, parent: &ObjectPath) -> Option<ObjectPath> {
        only_in(&self.odd_columns_that_stay(parent), &self.odd_columns_that_stay(table))
    }

    /// Columns of a table that nobody expects, and that stay.
    fn odd_columns_that_stay(&self, table: &ObjectPath) -> Vec<ObjectPath> {
        let goes = |column: &ObjectPath| {
            self.request.differences.iter().enumerate().any(|(number, difference)| {
                difference.change == Change::Unexpected
                    && self.known.path(&difference.path) == *column
                    && self.wanted.contains(&number)
                    && !self.refused.contains_key(&number)
            })
        };
        let columns = self.sides.found.parts_of(table).map(|part| &part.path);
        columns
            .filter(|path| path.kind == ObjectKind::Column && !self.sides.expected.contains(path))
            .filter(|path| !goes(path))
            .cloned()
            .collect()
    }

    /// The sequence that a default should take from, where it is there by another name and keeps that.
    fn numbers_stay_elsewhere(&self, path: &ObjectPath) -> Option<ObjectPath> {
        let sequences = self.sequences_of(path);
        let stays = self.request.differences.iter().enumerate().find(|(number, difference)| {
            matches!(difference.change, Change::Renamed { .. } | Change::Misplaced { .. })
                && sequences.contains(&difference.path)
                && (!self.wanted.contains(number) || self.refused.contains_key(number))
        });
        stays.map(|(_, difference)| difference.path.clone())
    }

    /// Whether a composite type keeps other attributes than it should have.
    pub fn attributes_stay(&self, path: &ObjectPath) -> bool {
        path.kind == ObjectKind::CompositeType && self.stays_different(path, "attributes")
    }

    /// Whether a key keeps other columns than it should have, or goes on to be checked at another time.
    pub fn key_stays_other(&self, path: &ObjectPath) -> bool {
        let properties = ["columns", "deferrable", "unique", "predicate", "without-overlaps"];
        matches!(path.kind, ObjectKind::PrimaryKey | ObjectKind::UniqueConstraint | ObjectKind::Index)
            && properties.iter().any(|property| self.stays_different(path, property))
    }

    /// Whether a property of an object differs, and goes on to.
    pub fn stays_different(&self, path: &ObjectPath, property: &str) -> bool {
        self.aspects_of(path).any(|(number, aspect)| {
            aspect == property && (!self.wanted.contains(&number) || self.refused.contains_key(&number))
        })
    }

    /// Whether any property of an object differs, and goes on to, that may be what it needs others for.
    pub fn stays_in_part(&self, path: &ObjectPath) -> bool {
        self.aspects_of(path).any(|(number, aspect)| {
            !matches!(aspect, "comment" | "owner" | "privileges" | "options" | "persistence")
                && (!self.wanted.contains(&number) || self.refused.contains_key(&number))
        })
    }

    /// Whether a column keeps another type than it should have.
    fn type_stays(&self, path: &ObjectPath) -> bool {
        self.stays_different(path, "type")
    }

    /// Another partition of the same parent that has the rows of an expected one, and stays.
    pub fn bound_taken(&self, path: &ObjectPath) -> Option<ObjectPath> {
        let partition = |catalog: &Catalog, path: &ObjectPath| match &catalog.find(path)?.object {
            Object::Table(table) => table.partition_of.clone(),
            _ => None,
        };
        let wanted = partition(self.sides.expected, path)?;
        let others = self.sides.found.entries().iter().map(|entry| &entry.path);
        let mut same = others.filter(|other| {
            other.kind == ObjectKind::Table
                && *other != path
                && partition(self.sides.found, other).as_ref() == Some(&wanted)
        });
        same.find(|other| {
            let leaves = self.request.differences.iter().enumerate().any(|(number, difference)| {
                let goes = match &difference.change {
                    Change::Unexpected => self.known.path(&difference.path) == **other,
                    Change::Different(aspect) => {
                        difference.path == **other
                            && matches!(aspect.name, "partition-of" | "partition-bound")
                    }
                    Change::Missing | Change::Renamed { .. } | Change::Misplaced { .. } => false,
                };
                goes && self.wanted.contains(&number) && !self.refused.contains_key(&number)
            });
            !leaves && !self.removals.contains_key(*other)
        })
        .cloned()
    }

    /// The parent of an expected partition that is there, stays, and is not partitioned as it should be.
    pub fn undivided_parent(&self, path: &ObjectPath) -> Option<ObjectPath> {
        let Some(Object::Table(table)) = self.sides.expected.find(path).map(|entry| &entry.object) else {
            return None;
        };
        let parent = &table.partition_of.as_ref()?.parent;
        let parent = ObjectPath::in_schema(ObjectKind::Table, &parent.schema, &parent.name);
        let divided = |catalog: &Catalog| match catalog.find(&parent).map(|entry| &entry.object) {
            Some(Object::Table(table)) => table.partitioned_by.clone(),
            _ => None,
        };
        let stays = self.sides.found.contains(&parent) && !self.creations.contains_key(&parent);
        (stays && divided(self.sides.found) != divided(self.sides.expected)).then_some(parent)
    }

    /// Rows that are there would have no value, and nobody can say which.
    pub(super) fn cannot_be_filled(&self, path: &ObjectPath) -> Option<Reason> {
        let Some(Object::Column(column)) = self.sides.expected.find(path).map(|entry| &entry.object) else {
            return None;
        };
        let table = path.relation()?;
        let has_rows = (self.request.sizes)(&self.known.name_found(&table)).is_some_and(|size| size.rows > 0);
        (has_rows && !column.inherited && column.not_null.is_some() && loss::is_empty_handed(&table, column, self)).then(|| {
            Reason::Impossible(format!(
                "{path} may not be null and has no default, and {table} has rows: add it without NOT NULL, fill it, \
                 and plan again"
            ))
        })
    }
}

/// A column that only the first of two tables has.
fn only_in(one: &[ObjectPath], other: &[ObjectPath]) -> Option<ObjectPath> {
    one.iter().find(|path| !other.iter().any(|other| other.part == path.part)).cloned()
}

//! What is to be done to which object, before anybody asks in which order.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::Catalog;
use trueup_model::catalog::{Entry, Object};
use trueup_model::difference::{Change, Difference};
use trueup_model::name::Text;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Reason;

use super::PlanRequest;
use super::altered::{alteration, loss as words_of_loss, rank};
use super::known::Known;
use super::loss;
use super::needs::Needs;
use crate::dialect::Alteration;
use crate::dialect::columns::fed_by_new;
use crate::dialect::probes::Fit;
use crate::findings::Sides;

/// The numbers of the differences for which something is done.
pub(super) type Causes = BTreeSet<usize>;

/// An object that is made.
#[derive(Default)]
pub(super) struct Creation {
    pub causes: Causes,
    pub settles: Causes,
    /// It is made again just as it was found: nobody expects it, or not all that it should need is there.
    pub as_found: bool,
    /// It is made anew because it differs itself.
    pub for_itself: bool,
}

/// An object that is taken away.
#[derive(Default)]
pub(super) struct Removal {
    pub causes: Causes,
    pub settles: Causes,
    pub makes_way_for: Option<ObjectPath>,
    /// It goes with something else, and needs no statement.
    pub along: Option<ObjectPath>,
}

/// Some properties of an object that become as expected.
pub(super) struct Alter {
    pub aspects: Vec<&'static str>,
    pub settles: Causes,
    pub statements: Vec<String>,
}

pub(super) struct Draft<'a> {
    pub request: &'a PlanRequest<'a>,
    pub known: &'a Known<'a>,
    /// The differences to settle.
    pub wanted: &'a Causes,
    /// The found side as it is known.
    pub sides: &'a Sides<'a>,
    pub expected_needs: &'a Needs,
    pub found_needs: &'a Needs,
    pub creations: BTreeMap<ObjectPath, Creation>,
    pub removals: BTreeMap<ObjectPath, Removal>,
    pub changes: BTreeMap<ObjectPath, Vec<Alter>>,
    /// Columns whose default is taken off, and set again when what it calls has been made anew; sequences that are
    /// taken from an owner that goes.
    pub detached: BTreeMap<ObjectPath, (Causes, ObjectPath)>,
    /// Columns that get another type, with the object whose change gives it to them.
    pub retyped: BTreeMap<ObjectPath, ObjectPath>,
    /// What follows from something else that is changed.
    pub silent: Causes,
    pub refused: BTreeMap<usize, Reason>,
    /// Objects that are made anew although they could be changed: as they are, something is in their way.
    pub anew: BTreeSet<ObjectPath>,
}

impl<'a> Draft<'a> {
    pub fn decide(&mut self, wanted: &Causes) {
        let request = self.request;
        let mut different: BTreeMap<&ObjectPath, Vec<(usize, &'static str)>> = BTreeMap::new();
        for number in wanted.iter().copied() {
            let Difference { path, change } = &request.differences[number];
            match change {
                Change::Missing => match self.cannot_be_filled(path) {
                    Some(reason) => {
                        self.refused.insert(number, reason);
                    }
                    None => self.create_whole(path, number),
                },
                Change::Unexpected => self.remove_unexpected(path, number),
                // Planned already.
                Change::Renamed { .. } | Change::Misplaced { .. } => {}
                Change::Different(aspect) => different.entry(path).or_default().push((number, aspect.name)),
            }
        }
        for (path, aspects) in different {
            self.alter(path, &aspects);
        }
    }

    pub fn refuse(&mut self, causes: &Causes, reason: &Reason) {
        for cause in causes {
            self.refused.entry(*cause).or_insert_with(|| reason.clone());
        }
    }

    fn create_whole(&mut self, path: &ObjectPath, number: usize) {
        self.create(path, number).settles.insert(number);
        if path.kind.is_relation() {
            self.create_parts(path, &BTreeSet::from([number]));
        }
        for sequence in self.sequences_of(path) {
            if !self.sides.found.contains(&sequence) {
                self.create(&sequence, number);
            }
        }
    }

    fn create(&mut self, path: &ObjectPath, number: usize) -> &mut Creation {
        let creation = self.creations.entry(path.clone()).or_default();
        creation.causes.insert(number);
        creation
    }

    /// All that belongs to a relation, but for its columns: these come with it.
    pub fn create_parts(&mut self, relation: &ObjectPath, causes: &Causes) {
        let sides = self.sides;
        let catalog = if sides.expected.contains(relation) { sides.expected } else { sides.found };
        for part in catalog.parts_of(relation).filter(|part| part.path.kind != ObjectKind::Column) {
            self.creations.entry(part.path.clone()).or_default().causes.extend(causes);
        }
    }

    /// Sequences that belong to a table, or to one column of it.
    pub fn sequences_of(&self, path: &ObjectPath) -> Vec<ObjectPath> {
        if !matches!(path.kind, ObjectKind::Table | ObjectKind::Column) {
            return Vec::new();
        }
        let Some(table) = path.relation().or_else(|| path.qualified()) else { return Vec::new() };
        self.known
            .feeding(&table)
            .filter(|(_, owner)| !path.is_part() || owner.column == path.part)
            .map(|(sequence, _)| sequence.clone())
            .collect()
    }

    /// Nothing that nobody expects is dropped without being asked for.
    fn remove_unexpected(&mut self, found: &ObjectPath, number: usize) {
        if !self.request.allowed.allow(found) {
            let reason = format!("nothing in the history makes it: dropping {}", words_of_loss(found));
            self.refused.insert(number, Reason::NeedsPermission(reason));
            return;
        }
        let path = self.known.path(found);
        if path.kind == ObjectKind::Schema {
            // What is known elsewhere, and stays here, does not go with it.
            let stays = found_elsewhere(self.request.differences)
                .map(|to| self.known.path(to))
                .find(|to| !to.is_part() && to.schema.as_ref() == Some(&path.head));
            if let Some(stays) = stays {
                self.refused.insert(number, Reason::Follows(stays));
                return;
            }
            // It was said once for all that is in it.
            let inside: Vec<ObjectPath> = self
                .sides
                .found
                .entries()
                .iter()
                .map(|entry| &entry.path)
                .filter(|inside| inside.schema.as_ref() == Some(&path.head) && !inside.is_part())
                .filter(|inside| !self.sides.expected.contains(inside))
                .cloned()
                .collect();
            for inside in inside {
                self.removals.entry(inside).or_default().causes.insert(number);
            }
        }
        let removal = self.removals.entry(path).or_default();
        removal.causes.insert(number);
        removal.settles.insert(number);
    }

    fn alter(&mut self, path: &ObjectPath, aspects: &[(usize, &'static str)]) {
        let sides = self.sides;
        let (Some(after), Some(before)) = (sides.expected.find(path), sides.found.find(path)) else {
            // It is still elsewhere, because that difference stays.
            for (number, _) in aspects {
                self.refused.insert(*number, Reason::Follows(path.clone()));
            }
            return;
        };
        let (aspects, stays): (Vec<(usize, &'static str)>, Vec<_>) =
            aspects.iter().copied().partition(|(_, aspect)| !self.stays_alone(path, aspect, after));
        for (number, _) in stays {
            let table = self.relation_of(path).unwrap_or_else(|| path.clone());
            self.refused.insert(number, Reason::Follows(table));
        }
        let (aspects, numbers_silent) = self.without_settled_by_names(&aspects, before, after);
        self.silent.extend(numbers_silent);
        let all: Vec<(usize, &'static str, Alteration)> = aspects
            .iter()
            .map(|(number, aspect)| (*number, *aspect, alteration(aspect, before, after, sides)))
            .collect();
        let numbers: Causes = aspects.iter().map(|(number, _)| *number).collect();
        let becomes_computed = self.becomes_computed(path, before, after);
        if becomes_computed && !self.request.allowed.allow(path) {
            let reason = format!(
                "only a new column can be a generated one: {path} would be dropped, with the values that stand in it, \
                 and added again"
            );
            for (number, aspect, _) in all {
                let reason = match aspect {
                    "generated" => Reason::NeedsPermission(reason.clone()),
                    _ => Reason::Follows(path.clone()),
                };
                self.refused.insert(number, reason);
            }
            return;
        }
        if becomes_computed
            || self.anew.contains(path)
            || all.iter().any(|(_, _, alteration)| *alteration == Alteration::Rebuild)
        {
            self.rebuild(path, path, &numbers);
            return;
        }
        for (number, aspect, alteration) in all {
            let may_be_done = !matches!(alteration, Alteration::Impossible(_));
            let without_parent = || self.without_parent(path, aspect, after).filter(|_| may_be_done);
            let held = || held_inside(path, &alteration, sides);
            let from_before = || match &after.object {
                Object::Column(column) if matches!(aspect, "default" | "type") => {
                    column.default.as_ref().filter(|it| is_from_before(it)).map(|_| default_from_before(path))
                }
                _ => None,
            };
            let reason =
                self.forbidden(path, aspect).or_else(without_parent).or_else(held).or_else(from_before);
            if let Some(reason) = reason {
                self.refused.insert(number, reason);
                continue;
            }
            match alteration {
                Alteration::Rebuild => {}
                Alteration::Impossible(reason) => {
                    self.refused.insert(number, Reason::Impossible(reason));
                }
                Alteration::Statements(statements) if statements.is_empty() => {
                    self.silent.insert(number);
                    self.sequences_for_default(path, aspect, number);
                }
                Alteration::Statements(statements) => {
                    self.sequences_for_default(path, aspect, number);
                    let changes = self.changes.entry(path.clone()).or_default();
                    // Two properties may ask for the same.
                    match changes.iter_mut().find(|change| change.statements == statements) {
                        Some(change) => {
                            change.aspects.push(aspect);
                            change.settles.insert(number);
                        }
                        None => changes.push(Alter {
                            aspects: vec![aspect],
                            settles: BTreeSet::from([number]),
                            statements,
                        }),
                    }
                }
            }
        }
        if let Some(changes) = self.changes.get_mut(path) {
            changes.sort_by_key(|change| {
                change.aspects.iter().map(|aspect| rank(aspect, after)).min().unwrap_or_default()
            });
            // A default is one of its type, forth and back.
            let at = |changes: &[Alter], aspect| {
                changes.iter().position(|change| change.aspects.contains(&aspect))
            };
            let waits = match &after.object {
                Object::Column(column) => column.default.as_ref().is_some_and(|default| {
                    path.relation().is_some_and(|relation| fed_by_new(&relation, default, sides))
                }),
                _ => false,
            };
            if let (Some(first), Some(then)) = (at(changes, "type"), at(changes, "default"))
                && first < then
                && !waits
            {
                let more = changes.remove(then);
                changes[first].aspects.extend(more.aspects);
                changes[first].settles.extend(more.settles);
                changes[first].statements.extend(more.statements);
            }
        }
    }

    /// The sequence that a default takes from is not told where its table was moved.
    fn sequences_for_default(&mut self, path: &ObjectPath, aspect: &str, number: usize) {
        let sequences = if aspect == "default" { self.sequences_of(path) } else { Vec::new() };
        for sequence in sequences {
            if !self.sides.found.contains(&sequence) {
                self.create(&sequence, number);
            }
        }
    }

    /// What differs only by names that things have until they are moved differs no more.
    fn without_settled_by_names(
        &self,
        aspects: &[(usize, &'static str)],
        before: &Entry,
        after: &Entry,
    ) -> (Vec<(usize, &'static str)>, Causes) {
        if self.known.moves.is_empty() {
            return (aspects.to_vec(), Causes::new());
        }
        let alone = |catalog: &Catalog, entry: &Entry| {
            Catalog::new(catalog.server_version, vec![entry.clone()]).migrated_by(catalog.migrator.clone())
        };
        let rest = crate::compare(&alone(self.sides.expected, after), &alone(self.sides.found, before));
        let differs = |aspect: &str| {
            rest.iter().any(|rest| matches!(&rest.change, Change::Different(rest) if rest.name == aspect))
        };
        // The order of columns is not a matter of one entry.
        let (stay, gone): (Vec<_>, Vec<_>) =
            aspects.iter().copied().partition(|(_, aspect)| *aspect == "column-order" || differs(aspect));
        (stay, gone.into_iter().map(|(number, _)| number).collect())
    }

    /// What loses values, or may, has to be asked for. What can be counted is: then the rows decide.
    fn forbidden(&self, path: &ObjectPath, aspect: &str) -> Option<Reason> {
        if self.request.allowed.allow(path) {
            return None;
        }
        match (path.kind, aspect) {
            (ObjectKind::Column, "type") if loss::fit(path, self) == Fit::Unknown => {
                let reason = format!(
                    "nobody can tell beforehand which values of {path} stay the same in its new type"
                );
                Some(Reason::NeedsPermission(reason))
            }
            (ObjectKind::CompositeType, "attributes") => {
                let gone = self.attributes_gone(path);
                (!gone.is_empty()).then(|| {
                    Reason::NeedsPermission(format!(
                        "columns lose the values of {} in {path}",
                        gone.join(", ")
                    ))
                })
            }
            _ => None,
        }
    }

    /// A column of one table alone with values of its own that should be computed.
    pub fn becomes_computed(&self, path: &ObjectPath, before: &Entry, after: &Entry) -> bool {
        let (Object::Column(there), Object::Column(wanted)) = (&before.object, &after.object) else {
            return false;
        };
        let is_asked = |(number, difference): (usize, &Difference)| {
            self.wanted.contains(&number)
                && difference.path == *path
                && matches!(&difference.change, Change::Different(aspect) if aspect.name == "generated")
        };
        there.generated.is_none()
            && wanted.generated.is_some()
            && !there.inherited
            && !wanted.inherited
            && path.relation().is_some_and(|table| self.known.children_of(&table).is_empty())
            && self.request.differences.iter().enumerate().any(is_asked)
    }

    /// What a table should have from a parent, which it does not join.
    fn stays_alone(&self, path: &ObjectPath, aspect: &str, after: &Entry) -> bool {
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
        self.request.differences.iter().enumerate().any(|(number, difference)| {
            difference.path == *table
                && self.wanted.contains(&number)
                && !self.refused.contains_key(&number)
                && matches!(&difference.change, Change::Different(aspect)
                    if matches!(aspect.name, "partition-of" | "partition-bound" | "inheritance"))
        })
    }

    /// What a table has from its parent needs the parent to be as it should be.
    fn without_parent(&self, path: &ObjectPath, aspect: &str, after: &Entry) -> Option<Reason> {
        match (aspect, &after.object) {
            ("inherited", Object::Column(column)) if column.inherited => {
                let table = self.relation_of(path)?;
                (!self.joins(&table) && !self.creations.contains_key(&table))
                    .then_some(Reason::Follows(table))
            }
            ("owned-by", Object::Sequence(sequence)) => {
                let table = &sequence.owned_by.as_ref()?.table;
                let table = ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name);
                self.stays_different(&table, "owner").then_some(Reason::Follows(table))
            }
            // A value of a type is written as the type will be.
            ("default", Object::Column(_)) => {
                let needs = self.expected_needs.of(path).iter();
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
                if let Some(odd) = self.column_stays_alone(path, &parent) {
                    return Some(Reason::Follows(odd));
                }
                if self.creations.contains_key(&parent) {
                    return None;
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
                    .map(|parent| ObjectPath::in_schema(ObjectKind::Table, &parent.schema, &parent.name))
                    .filter(|parent| !self.creations.contains_key(parent));
                parents.find_map(|parent| self.column_stays_other(path, &parent)).map(Reason::Follows)
            }
            _ => None,
        }
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

    /// A column that nobody expects, that stays, and that only one has of a partition to be and its parent.
    fn column_stays_alone(&self, partition: &ObjectPath, parent: &ObjectPath) -> Option<ObjectPath> {
        let goes = |column: &ObjectPath| {
            self.request.differences.iter().enumerate().any(|(number, difference)| {
                difference.change == Change::Unexpected
                    && self.known.path(&difference.path) == *column
                    && self.wanted.contains(&number)
                    && !self.refused.contains_key(&number)
            })
        };
        let stay = |table: &ObjectPath| -> Vec<ObjectPath> {
            let columns = self.sides.found.parts_of(table).map(|part| &part.path);
            columns
                .filter(|path| path.kind == ObjectKind::Column && !self.sides.expected.contains(path))
                .filter(|path| !goes(path))
                .cloned()
                .collect()
        };
        let (here, there) = (stay(partition), stay(parent));
        let alone = |one: &[ObjectPath], other: &[ObjectPath]| {
            one.iter().find(|path| !other.iter().any(|other| other.part == path.part)).cloned()
        };
        alone(&here, &there).or_else(|| alone(&there, &here))
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
        self.request.differences.iter().enumerate().any(|(number, difference)| {
            difference.path == *path
                && (!self.wanted.contains(&number) || self.refused.contains_key(&number))
                && matches!(&difference.change, Change::Different(aspect) if aspect.name == property)
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
    fn cannot_be_filled(&self, path: &ObjectPath) -> Option<Reason> {
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

    /// Takes an object down and puts it up again, for its own sake or for that of another.
    pub fn rebuild(&mut self, path: &ObjectPath, makes_way_for: &ObjectPath, causes: &Causes) {
        let removal = self.removals.entry(path.clone()).or_default();
        removal.causes.extend(causes);
        removal.makes_way_for.get_or_insert_with(|| makes_way_for.clone());
        let creation = self.creations.entry(path.clone()).or_default();
        creation.causes.extend(causes);
        creation.for_itself |= path == makes_way_for;
    }

    /// What is made as expected has no differences left, whichever were chosen.
    pub fn settle_by_creation(&mut self, wanted: &Causes) {
        self.choose_definitions();
        let made = |draft: &Self, path: &ObjectPath| -> Option<ObjectPath> {
            let is_new =
                |path: &ObjectPath| draft.creations.get(path).is_some_and(|creation| !creation.as_found);
            let relation = draft.relation_of(path);
            if is_new(path) {
                Some(path.clone())
            } else {
                relation.filter(|relation| path.kind == ObjectKind::Column && is_new(relation))
            }
        };
        for (number, difference) in self.request.differences.iter().enumerate() {
            match &difference.change {
                Change::Different(_) => {}
                // What belongs to a relation that is made anew comes with it, whatever it was called.
                Change::Renamed { .. } if self.comes_anew(&difference.path) => {}
                Change::Renamed { .. } | Change::Misplaced { .. } | Change::Missing | Change::Unexpected => {
                    continue;
                }
            }
            let renamed = matches!(difference.change, Change::Renamed { .. });
            let comes_again =
                || Some(difference.path.clone()).filter(|path| renamed && self.creations.contains_key(path));
            let Some(by) = made(self, &difference.path).or_else(comes_again) else { continue };
            // What could not be changed comes with the creation. Where that is what cannot be, it stays refused.
            if self.creations.get(&by).is_some_and(|creation| !creation.causes.contains(&number)) {
                self.refused.remove(&number);
            }
            self.silent.remove(&number);
            if let Some(creation) = self.creations.get_mut(&by) {
                creation.settles.insert(number);
                if wanted.contains(&number) {
                    creation.causes.insert(number);
                }
            }
        }
        let gone: Vec<ObjectPath> =
            self.changes.keys().filter(|path| made(self, path).is_some()).cloned().collect();
        for path in gone {
            self.changes.remove(&path);
        }
    }

    /// What is put up again becomes as expected where all that it then needs is there.
    fn choose_definitions(&mut self) {
        let paths: Vec<ObjectPath> = self.creations.keys().cloned().collect();
        for path in paths {
            let itself = self.creations.get(&path).is_some_and(|creation| creation.for_itself);
            if itself || !self.removals.contains_key(&path) {
                continue;
            }
            let expected = self.sides.expected.contains(&path);
            let complete = || {
                self.needed_to_create(&path).all(|needed| {
                    self.sides.found.contains(needed)
                        || self.is_created(needed)
                        || !self.sides.expected.contains(needed)
                })
            };
            let as_found = !expected || !complete();
            if let Some(creation) = self.creations.get_mut(&path) {
                creation.as_found = as_found;
            }
        }
    }
}

/// PostgreSQL looks at the values of a domain in columns of it, and nowhere else.
fn held_inside(path: &ObjectPath, alteration: &Alteration, sides: &Sides<'_>) -> Option<Reason> {
    let Alteration::Statements(statements) = alteration else { return None };
    let looks =
        |statement: &String| statement.contains(" ADD CONSTRAINT ") || statement.contains(" SET NOT NULL");
    if path.kind != ObjectKind::Domain || !statements.iter().any(looks) {
        return None;
    }
    let array = |entry: &&Entry| match &entry.object {
        Object::Column(column) => {
            let of = column.data_type.as_str().strip_suffix("[]");
            of.is_some_and(|of| crate::dialect::is_type(of, path))
        }
        _ => false,
    };
    let column = sides.found.entries().iter().find(array)?;
    Some(Reason::Impossible(format!(
        "the column {} needs it for arrays, and PostgreSQL cannot look at the values in these",
        column.path
    )))
}

/// A value of a composite type from before that got another attribute: PostgreSQL shows it like this, and takes it from
/// nobody.
pub(super) fn is_from_before(default: &Text) -> bool {
    default.as_str().contains("ROW(") && default.as_str().contains(", NULL)")
}

pub(super) fn default_from_before(path: &ObjectPath) -> Reason {
    Reason::Impossible(format!(
        "the default of {path} is from before its type got another attribute, and would not be the same"
    ))
}

/// Where things were found that are known under other names.
fn found_elsewhere(differences: &[Difference]) -> impl Iterator<Item = &ObjectPath> {
    differences.iter().filter_map(|difference| match &difference.change {
        Change::Renamed { to } | Change::Misplaced { to } => Some(to),
        Change::Missing | Change::Unexpected | Change::Different(_) => None,
    })
}

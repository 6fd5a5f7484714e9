//! What is to be done to which object, before anybody asks in which order.

mod alter;
mod made;
mod stays;

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use trueup_model::difference::{Change, Difference};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Reason;

use super::PlanRequest;
use super::altered::loss as words_of_loss;
use super::known::Known;
use super::needs::Needs;
use crate::findings::Sides;

pub(super) use alter::{default_from_before, is_from_before};

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
    /// The differences of each object.
    differing: FxHashMap<&'a ObjectPath, Vec<usize>>,
    pub known: &'a Known<'a>,
    /// The differences to settle.
    pub wanted: &'a Causes,
    /// The found side as it is known.
    pub sides: &'a Sides<'a>,
    pub expected_needs: &'a Needs<'a>,
    pub found_needs: &'a Needs<'a>,
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
    /// Nothing is done to anything yet.
    pub fn new(
        request: &'a PlanRequest<'a>,
        known: &'a Known<'a>,
        wanted: &'a Causes,
        sides: &'a Sides<'a>,
        (expected_needs, found_needs): (&'a Needs<'a>, &'a Needs<'a>),
    ) -> Self {
        let mut differing: FxHashMap<&ObjectPath, Vec<usize>> = FxHashMap::default();
        for (number, difference) in request.differences.iter().enumerate() {
            differing.entry(&difference.path).or_default().push(number);
        }
        Self {
            request,
            differing,
            known,
            wanted,
            sides,
            expected_needs,
            found_needs,
            creations: BTreeMap::new(),
            removals: BTreeMap::new(),
            changes: BTreeMap::new(),
            detached: BTreeMap::new(),
            retyped: BTreeMap::new(),
            silent: BTreeSet::new(),
            refused: BTreeMap::new(),
            anew: BTreeSet::new(),
        }
    }

    /// What is different about an object, with the numbers of the differences and the names of the properties.
    pub fn aspects_of(&self, path: &ObjectPath) -> impl Iterator<Item = (usize, &'static str)> {
        let numbers = self.differing.get(path).into_iter().flatten();
        numbers.filter_map(|number| match &self.request.differences[*number].change {
            Change::Different(aspect) => Some((*number, aspect.name)),
            Change::Missing | Change::Unexpected | Change::Renamed { .. } | Change::Misplaced { .. } => None,
        })
    }

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

    /// Takes an object down and puts it up again, for its own sake or for that of another.
    pub fn rebuild(&mut self, path: &ObjectPath, makes_way_for: &ObjectPath, causes: &Causes) {
        let removal = self.removals.entry(path.clone()).or_default();
        removal.causes.extend(causes);
        removal.makes_way_for.get_or_insert_with(|| makes_way_for.clone());
        let creation = self.creations.entry(path.clone()).or_default();
        creation.causes.extend(causes);
        creation.for_itself |= path == makes_way_for;
    }
}

/// Where things were found that are known under other names.
fn found_elsewhere(differences: &[Difference]) -> impl Iterator<Item = &ObjectPath> {
    differences.iter().filter_map(|difference| match &difference.change {
        Change::Renamed { to } | Change::Misplaced { to } => Some(to),
        Change::Missing | Change::Unexpected | Change::Different(_) => None,
    })
}

//! What comes before what: of each step, the steps that it has to wait for.

mod changes;
mod given_names;
mod removals;

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use trueup_model::catalog::Object;
use trueup_model::path::{ObjectKind, ObjectPath};

use crate::repair::draft::Draft;
use crate::repair::steps::ancestors;
use crate::repair::tasks::{Doing, Task};

pub(super) struct Edges<'t, 'd> {
    tasks: &'t [Task],
    draft: &'t Draft<'d>,
    at: FxHashMap<(Doing, &'t ObjectPath), Vec<usize>>,
    /// Those that are about a sequence.
    sequences: Vec<usize>,
    /// What goes along with something else, by that.
    along: FxHashMap<&'t ObjectPath, Vec<&'t ObjectPath>>,
    pub(super) before: Vec<BTreeSet<usize>>,
    /// What had better come before, and need not.
    pub(super) better: Vec<BTreeSet<usize>>,
}

impl<'t, 'd> Edges<'t, 'd> {
    pub(super) fn of(tasks: &'t [Task], draft: &'t Draft<'d>) -> Self {
        let mut at: FxHashMap<(Doing, &ObjectPath), Vec<usize>> = FxHashMap::default();
        for (number, task) in tasks.iter().enumerate() {
            at.entry((task.doing, &task.path)).or_default().push(number);
        }
        let is_sequence = |task: &usize| tasks[*task].path.kind == ObjectKind::Sequence;
        let sequences = (0..tasks.len()).filter(is_sequence).collect();
        let mut along: FxHashMap<&ObjectPath, Vec<&ObjectPath>> = FxHashMap::default();
        for (path, removal) in &draft.removals {
            if let Some(with) = &removal.along {
                along.entry(with).or_default().push(path);
            }
        }
        let none = || vec![BTreeSet::new(); tasks.len()];
        let mut edges = Edges { tasks, draft, at, sequences, along, before: none(), better: none() };
        for (number, task) in tasks.iter().enumerate() {
            match task.doing {
                Doing::Move => edges.of_move(number, task),
                Doing::Drop => edges.of_drop(number, task),
                Doing::Alter => edges.of_change(number, task),
                Doing::Create => edges.of_creation(number, task),
                Doing::Detach => edges.named(number, &task.path),
                Doing::Attach => edges.of_attachment(number, task),
            }
        }
        edges.retyped();
        edges.names();
        edges
    }

    fn first(&mut self, earlier: impl IntoIterator<Item = usize>, later: usize) {
        let earlier: Vec<usize> = earlier.into_iter().filter(|task| *task != later).collect();
        self.before[later].extend(earlier);
    }

    fn all(&self, doing: Doing, path: &ObjectPath) -> Vec<usize> {
        // The key borrows from the tasks; the path need not be one of them.
        self.at.get(&(doing, path) as &(Doing, &ObjectPath)).cloned().unwrap_or_default()
    }

    fn creation(&self, path: &ObjectPath) -> Vec<usize> {
        let own = self.all(Doing::Create, path);
        if !own.is_empty() {
            return own;
        }
        match path.kind {
            ObjectKind::Column => {
                let Some(relation) = self.draft.relation_of(path) else { return own };
                let with_table = self.all(Doing::Create, &relation);
                let of_parent = |parent: ObjectPath| {
                    let column = ObjectPath { schema: parent.schema, head: parent.head, ..path.clone() };
                    self.all(Doing::Create, &column)
                };
                match with_table.is_empty() {
                    true => ancestors(&relation, self.draft).into_iter().flat_map(of_parent).collect(),
                    false => with_table,
                }
            }
            // It is made with the column that it feeds.
            ObjectKind::Sequence if self.draft.creations.contains_key(path) => {
                let Some(owner) = self.draft.sides.expected.owner_of(path) else { return own };
                self.all(Doing::Create, &ObjectPath::part_of(ObjectKind::Column, &owner.table, &owner.column))
            }
            _ => own,
        }
    }

    fn removal(&self, path: &ObjectPath) -> Vec<usize> {
        let mut path = path.clone();
        // What goes along goes when the other goes, which may itself go along.
        for _ in 0..8 {
            let own = self.all(Doing::Drop, &path);
            if !own.is_empty() {
                return own;
            }
            let along = self.draft.removals.get(&path).and_then(|removal| removal.along.clone());
            let relation = self.draft.relation_of(&path).filter(|_| path.kind == ObjectKind::Column);
            match along.or(relation) {
                Some(with) => path = with,
                None => return Vec::new(),
            }
        }
        Vec::new()
    }

    /// Changes of an object, but for those that name its parts.
    fn changes(&self, path: &ObjectPath) -> Vec<usize> {
        let mut changes = self.all(Doing::Alter, path);
        changes.retain(|task| !names_part(&self.tasks[*task]));
        if let Some(root) = self.draft.retyped.get(path).filter(|root| *root != path) {
            changes.extend(self.all(Doing::Alter, root));
        }
        changes
    }

    /// Whatever names an object comes when it has the name.
    fn named(&mut self, later: usize, path: &ObjectPath) {
        let schema = path.schema.as_ref().map(|schema| ObjectPath::global(ObjectKind::Schema, schema));
        let relation = self.draft.relation_of(path);
        for place in std::iter::once(path).chain(schema.iter()).chain(relation.iter()) {
            let moves = self.all(Doing::Move, place);
            self.first(moves, later);
        }
    }

    fn places(&self, path: &ObjectPath) -> Vec<ObjectPath> {
        let schema = path.schema.as_ref().map(|schema| ObjectPath::global(ObjectKind::Schema, schema));
        self.draft.relation_of(path).into_iter().chain(schema).collect()
    }

    fn of_move(&mut self, number: usize, task: &Task) {
        // The table takes it along, and is named in what it is.
        if task.path.kind == ObjectKind::Sequence
            && let Some(owner) = self.draft.sides.found.owner_of(&task.path)
        {
            let table = ObjectPath::in_schema(ObjectKind::Table, &owner.table.schema, &owner.table.name);
            let moves = self.all(Doing::Move, &table);
            self.first(moves, number);
        }
        // What a view shows names what it needs.
        if matches!(task.path.kind, ObjectKind::View | ObjectKind::MaterializedView) {
            for needed in self.draft.found_needs.of(&task.path) {
                let relation = self.draft.relation_of(needed);
                for moved in std::iter::once(needed).chain(relation.iter()) {
                    if *moved != task.path && moved.relation() != task.path.qualified() {
                        let moves = self.all(Doing::Move, moved);
                        self.first(moves, number);
                    }
                }
            }
        }
        // A table that leaves another keeps the names that its columns and checks have there until then.
        if task.path.is_part() && task.is_rename {
            let leave = self.tables_that_leave(&task.path);
            self.first(leave, number);
        }
        // What a table is names its parents.
        if let Some(Object::Table(table)) = self.draft.found(&task.path).map(|entry| &entry.object) {
            for parent in table.inherits.iter().chain(table.partition_of.iter().map(|of| &of.parent)) {
                let parent = ObjectPath::in_schema(ObjectKind::Table, &parent.schema, &parent.name);
                let moves = self.all(Doing::Move, &parent);
                self.first(moves, number);
            }
        }
        for place in self.places(&task.path) {
            let earlier = [self.all(Doing::Create, &place), self.all(Doing::Move, &place)].concat();
            self.first(earlier, number);
        }
    }

    fn of_creation(&mut self, number: usize, task: &Task) {
        let draft = self.draft;
        let needed: Vec<ObjectPath> = if task.as_found {
            draft.found_needs.of(&task.path).cloned().collect()
        } else {
            draft.needed_to_create(&task.path).cloned().collect()
        };
        self.named(number, &task.path);
        for path in needed.into_iter().chain(self.places(&task.path)) {
            // A type is made with its functions, which name it.
            let mutual = draft.expected_needs.is_needed(&path, &task.path) && task.path.kind < path.kind;
            if !mutual {
                let mut earlier = [self.creation(&path), self.changes(&path)].concat();
                if task.path.kind == ObjectKind::Sequence {
                    earlier.retain(|other| comes_before_numbers(&self.tasks[*other]));
                }
                self.first(earlier, number);
                self.named(number, &path);
            }
        }
        let own = self.all(Doing::Drop, &task.path);
        self.first(own, number);
        let leave = self.partitions_that_leave(&task.path);
        self.first(leave, number);
        let carried = self.removal(&task.path);
        self.first(carried, number);
        // What a partition has of its own gives up its name to what comes from the parent.
        if task.path.is_part() && task.path.kind != ObjectKind::Column && self.is_divided(&task.path) {
            let of_children: Vec<usize> = (0..self.tasks.len())
                .filter(|other| {
                    let other = &self.tasks[*other];
                    other.doing == Doing::Drop
                        && other.path.kind == task.path.kind
                        && self.draft.is_child(&other.path, &task.path)
                })
                .collect();
            self.first(of_children, number);
        }
    }

    /// Whether a part belongs to a table that will have partitions.
    fn is_divided(&self, part: &ObjectPath) -> bool {
        let table = self.draft.relation_of(part).and_then(|table| self.draft.sides.expected.find(&table));
        matches!(table.map(|entry| &entry.object), Some(Object::Table(table)) if table.partitioned_by.is_some())
    }

    fn of_attachment(&mut self, number: usize, task: &Task) {
        self.named(number, &task.path);
        for path in self.draft.found_needs.of(&task.path) {
            let earlier = [self.creation(path), self.changes(path)].concat();
            self.first(earlier, number);
        }
        let earlier = [self.all(Doing::Detach, &task.path), self.changes(&task.path)].concat();
        self.first(earlier, number);
    }

    /// What was taken down around a column goes before the step that changes the column, whatever object that names.
    fn retyped(&mut self) {
        for (column, root) in &self.draft.retyped {
            for later in self.all(Doing::Alter, root) {
                self.named(later, column);
                let users = self.draft.found_needs.on(column);
                for user in users.filter(|user| user.kind != ObjectKind::Sequence) {
                    let earlier = self.removal(user);
                    self.first(earlier, later);
                }
            }
        }
    }
}

/// A sequence counts for a column of the type that it should have; all else of the column may follow.
fn comes_before_numbers(task: &Task) -> bool {
    task.doing == Doing::Create
        || task.aspects.iter().any(|aspect| matches!(*aspect, "type" | "generated" | "identity"))
}

/// A table gets other parents.
fn joins(task: &Task) -> bool {
    task.doing == Doing::Alter
        && task.aspects.iter().any(|aspect| matches!(*aspect, "partition-of" | "inheritance"))
}

fn gives_type(task: &Task) -> bool {
    task.doing == Doing::Alter
        && task.path.kind == ObjectKind::Column
        && task.aspects.iter().any(|aspect| matches!(*aspect, "type" | "collation"))
}

/// Properties of a table that name one of its indexes.
fn names_part(task: &Task) -> bool {
    task.doing == Doing::Alter
        && task.aspects.iter().any(|aspect| matches!(*aspect, "replica-identity" | "clustered-on"))
}

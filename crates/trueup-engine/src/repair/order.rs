//! Puts steps into an order in which each finds what it needs, and nothing that is in its way.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::Catalog;
use trueup_model::catalog::Object;
use trueup_model::name::{Ident, QualifiedName};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Reason;

use super::around::{leaves_with_table, words};
use super::draft::Draft;
use super::scratch::may_be_made_anew;
use super::steps::ancestors;
use super::tasks::{Doing, Task};

/// Sorted by what has to come first; among what could come next, by [`Doing`], kind and path. What needs each other is
/// refused.
pub(super) fn in_order(mut tasks: Vec<Task>, draft: &mut Draft<'_>) -> Vec<Task> {
    tasks.sort_by(|a, b| {
        (a.doing, a.path.is_part(), a.path.kind, &a.path).cmp(&(
            b.doing,
            b.path.is_part(),
            b.path.kind,
            &b.path,
        ))
    });
    let Edges { before, better, .. } = Edges::of(&tasks, draft);
    let mut open: Vec<BTreeSet<usize>> = before.clone();
    for (task, earlier) in better.iter().enumerate() {
        open[task].extend(earlier);
    }
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); tasks.len()];
    for (task, befores) in open.iter().enumerate() {
        for other in befores {
            after[*other].push(task);
        }
    }
    let mut ready: BTreeSet<usize> = (0..tasks.len()).filter(|task| open[*task].is_empty()).collect();
    let mut left: BTreeSet<usize> = (0..tasks.len()).collect();
    let mut order = Vec::with_capacity(tasks.len());
    while !left.is_empty() {
        let Some(next) = ready.pop_first() else {
            let cycle = cycle(&open, &left);
            let gives_in = (0..cycle.len())
                .map(|at| (cycle[at], cycle[(at + 1) % cycle.len()]))
                .find(|(later, earlier)| !before[*later].contains(earlier));
            if let Some((later, earlier)) = gives_in {
                open[later].remove(&earlier);
                if open[later].is_empty() {
                    ready.insert(later);
                }
                continue;
            }
            refuse(&tasks, &cycle, draft);
            // The plan is made again without them.
            break;
        };
        left.remove(&next);
        order.push(next);
        for task in &after[next] {
            open[*task].remove(&next);
            if open[*task].is_empty() && left.contains(task) {
                ready.insert(*task);
            }
        }
    }
    let mut slots: Vec<Option<Task>> = tasks.into_iter().map(Some).collect();
    order.into_iter().filter_map(|task| slots[task].take()).collect()
}

/// Steps of which each waits for the next, and the last for the first.
fn cycle(open: &[BTreeSet<usize>], left: &BTreeSet<usize>) -> Vec<usize> {
    let mut walked: Vec<usize> = Vec::new();
    let mut at = left.first().copied();
    while let Some(task) = at {
        if let Some(start) = walked.iter().position(|other| *other == task) {
            return walked.split_off(start);
        }
        walked.push(task);
        at = open[task].first().copied();
    }
    walked
}

/// What changes while others of the circle go and come can go and come itself. Otherwise none of them can be done.
fn refuse(tasks: &[Task], cycle: &[usize], draft: &mut Draft<'_>) {
    let anew: Vec<ObjectPath> = cycle
        .iter()
        .map(|task| &tasks[*task])
        .filter(|task| task.doing == Doing::Alter && may_be_made_anew(draft, task.path.kind))
        .map(|task| task.path.clone())
        .filter(|path| !draft.anew.contains(path))
        .collect();
    if !anew.is_empty() {
        draft.anew.extend(anew);
        return;
    }
    let names: BTreeSet<String> = cycle
        .iter()
        .map(|task| format!("the {} {}", words(tasks[*task].path.kind), tasks[*task].path))
        .collect();
    let names: Vec<String> = names.into_iter().collect();
    let reason =
        Reason::Impossible(format!("these need each other, and none can be first: {}", names.join(", ")));
    let causes = cycle.iter().flat_map(|task| tasks[*task].causes.iter().copied()).collect();
    draft.refuse(&causes, &reason);
}

struct Edges<'t, 'd> {
    tasks: &'t [Task],
    draft: &'t Draft<'d>,
    at: BTreeMap<(Doing, &'t ObjectPath), Vec<usize>>,
    /// Those that are about a sequence.
    sequences: Vec<usize>,
    before: Vec<BTreeSet<usize>>,
    /// What had better come before, and need not.
    better: Vec<BTreeSet<usize>>,
}

impl<'t, 'd> Edges<'t, 'd> {
    fn of(tasks: &'t [Task], draft: &'t Draft<'d>) -> Self {
        let mut at: BTreeMap<(Doing, &ObjectPath), Vec<usize>> = BTreeMap::new();
        for (number, task) in tasks.iter().enumerate() {
            at.entry((task.doing, &task.path)).or_default().push(number);
        }
        let is_sequence = |task: &usize| tasks[*task].path.kind == ObjectKind::Sequence;
        let sequences = (0..tasks.len()).filter(is_sequence).collect();
        let none = || vec![BTreeSet::new(); tasks.len()];
        let mut edges = Edges { tasks, draft, at, sequences, before: none(), better: none() };
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
        match (path.kind, self.draft.relation_of(path), self.draft.sides.expected.owner_of(path)) {
            (ObjectKind::Column, Some(relation), _) => {
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
            (ObjectKind::Sequence, _, Some(owner)) if self.draft.creations.contains_key(path) => {
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
            draft.found_needs.of(&task.path).to_vec()
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
        if task.path.is_part() && task.path.kind != ObjectKind::Column {
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

    fn of_change(&mut self, number: usize, task: &Task) {
        let draft = self.draft;
        self.named(number, &task.path);
        for path in draft.expected_needs.of(&task.path).to_vec().into_iter().chain(self.places(&task.path)) {
            let mut earlier = [self.creation(&path), self.changes(&path)].concat();
            let waits = |other: &usize| joins(&self.tasks[*other]) && self.is_own_type(task, &path);
            earlier.retain(|other| !waits(other));
            self.first(earlier, number);
            self.named(number, &path);
        }
        // In the order that they were put into.
        let own = self.all(Doing::Alter, &task.path);
        // What names an index waits for that, and nothing else for it.
        let waits = |other: &usize| names_part(&self.tasks[*other]) && !names_part(task);
        let earlier: Vec<usize> = own.into_iter().filter(|other| *other < number && !waits(other)).collect();
        self.first(earlier, number);
        self.parents_first(number, task);
        // A sequence of its own goes when the column takes from it no more.
        for user in draft.found_needs.on(&task.path).iter().filter(|user| user.kind != ObjectKind::Sequence) {
            let earlier = self.removal(user);
            if changes_under_its_users(task) {
                self.better[number].extend(earlier);
            } else {
                self.first(earlier, number);
            }
        }
        // What belongs to a table has the owner of the table before.
        if let Some(owner) =
            draft.sides.expected.owner_of(&task.path).filter(|_| task.aspects.contains(&"owned-by"))
        {
            let table = ObjectPath::in_schema(ObjectKind::Table, &owner.table.schema, &owner.table.name);
            let mut given = self.all(Doing::Alter, &table);
            given.retain(|other| self.tasks[*other].aspects.contains(&"owner"));
            self.first(given, number);
        }
        // And what belonged to another table leaves that while it has the owner that is wanted.
        let left = draft.sides.found.owner_of(&task.path).filter(|_| task.aspects.contains(&"owned-by"));
        if let Some(left) = left {
            let table =
                |name: &QualifiedName| ObjectPath::in_schema(ObjectKind::Table, &name.schema, &name.name);
            let taker = draft.sides.expected.owner_of(&task.path).map(|owner| table(&owner.table));
            let wanted = taker.and_then(|table| draft.sides.expected.find(&table)?.owner.clone());
            let left = table(&left.table);
            let there = draft.sides.found.find(&left).and_then(|entry| entry.owner.clone());
            if wanted.is_some() && wanted == there {
                for later in self.all(Doing::Alter, &left) {
                    if self.tasks[later].aspects.contains(&"owner") {
                        self.first([number], later);
                    }
                }
            }
        }
        // A table is logged, or not, with the sequences that are its own by then.
        if task.path.kind == ObjectKind::Table && task.aspects.contains(&"persistence") {
            let leaves = |other: &usize| {
                let other = &self.tasks[*other];
                let owner = draft.sides.found.owner_of(&other.path);
                other.aspects.contains(&"owned-by")
                    && owner.is_some_and(|owner| Some(&owner.table) == task.path.qualified().as_ref())
            };
            let given: Vec<usize> = self.sequences.iter().copied().filter(leaves).collect();
            self.first(given, number);
        }
        let detached = self.all(Doing::Detach, &task.path);
        self.first(detached, number);
        if sets_default(task) {
            // It is one of the type that the column gets from there.
            let mut types = self.changes_of_parents(task);
            types.retain(|other| {
                self.tasks[*other].aspects.iter().any(|aspect| matches!(*aspect, "type" | "collation"))
            });
            self.first(types, number);
            let made = self.sequences(Doing::Create, &task.path, draft.sides.expected);
            self.first(made, number);
        }
        if !task.path.kind.is_relation() {
            return;
        }
        if task.aspects.iter().any(|aspect| matches!(*aspect, "partition-of" | "partition-bound")) {
            let leave = self.partitions_that_leave(&task.path);
            self.first(leave, number);
        }
        if joins(task) {
            let of_parents = self.columns_of_parents(&task.path);
            self.first(of_parents, number);
        }
        let parts: Vec<ObjectPath> =
            draft.sides.found.parts_of(&task.path).map(|part| part.path.clone()).collect();
        for part in parts {
            let earlier = self.all(Doing::Drop, &part);
            if changes_under_its_users(task) {
                self.better[number].extend(earlier);
            } else {
                self.first(earlier, number);
            }
        }
        if names_part(task) {
            let parts: Vec<ObjectPath> =
                draft.sides.expected.parts_of(&task.path).map(|part| part.path.clone()).collect();
            for part in parts {
                let earlier = [self.all(Doing::Create, &part), self.all(Doing::Move, &part)].concat();
                self.first(earlier, number);
            }
        }
    }

    /// Who joins parents has columns of their types: what gives these to it, and to them, comes first.
    fn columns_of_parents(&self, path: &ObjectPath) -> Vec<usize> {
        let Some(Object::Table(table)) = self.draft.sides.expected.find(path).map(|entry| &entry.object)
        else {
            return Vec::new();
        };
        let parents: Vec<_> =
            table.inherits.iter().chain(table.partition_of.iter().map(|of| &of.parent)).collect();
        let gives = |task: &Task| {
            (gives_type(task) || renames_not_null(task))
                && task.path.relation().is_some_and(|table| parents.contains(&&table))
                || self.is_own_type(task, path)
        };
        (0..self.tasks.len()).filter(|other| gives(&self.tasks[*other])).collect()
    }

    /// The type of a column that a table does not have from a parent becomes what it should be before it joins one, and
    /// what the parent demands may not be null any more.
    fn is_own_type(&self, task: &Task, table: &ObjectPath) -> bool {
        let inherited = self.draft.found(&task.path).is_some_and(|entry| entry.object.is_inherited());
        (gives_type(task) || self.fills(task) || renames_not_null(task))
            && task.path.relation() == table.qualified()
            && !inherited
    }

    fn fills(&self, task: &Task) -> bool {
        let column = self.draft.sides.expected.find(&task.path).map(|entry| &entry.object);
        task.doing == Doing::Alter
            && task.aspects.contains(&"nullability")
            && matches!(column, Some(Object::Column(column)) if column.not_null.is_some())
    }

    /// Rows belong to one partition: those of the same parent that leave it do so before another comes.
    fn partitions_that_leave(&self, path: &ObjectPath) -> Vec<usize> {
        let of = |catalog: &Catalog, path: &ObjectPath| match catalog.find(path).map(|entry| &entry.object) {
            Some(Object::Table(table)) => table.partition_of.as_ref().map(|of| of.parent.clone()),
            _ => None,
        };
        let Some(parent) = of(self.draft.sides.expected, path) else { return Vec::new() };
        let leaves = |task: &Task| {
            let was = of(self.draft.sides.found, &task.path).as_ref() == Some(&parent);
            let is_other = task.path != *path && was;
            match task.doing {
                Doing::Drop => is_other,
                Doing::Alter => {
                    is_other
                        && task.aspects.contains(&"partition-of")
                        && of(self.draft.sides.expected, &task.path).as_ref() != Some(&parent)
                }
                Doing::Move | Doing::Detach | Doing::Create | Doing::Attach => false,
            }
        };
        (0..self.tasks.len()).filter(|other| leaves(&self.tasks[*other])).collect()
    }

    /// What takes tables from the one that a part belongs to.
    fn tables_that_leave(&self, part: &ObjectPath) -> Vec<usize> {
        let Some(parent) = part.relation() else { return Vec::new() };
        let is_child = |catalog: &Catalog, path: &ObjectPath| match catalog.find(path).map(|it| &it.object) {
            Some(Object::Table(table)) => {
                table.inherits.contains(&parent)
                    || table.partition_of.as_ref().is_some_and(|of| of.parent == parent)
            }
            _ => false,
        };
        let leaves = |task: &Task| {
            joins(task)
                && is_child(self.draft.sides.found, &task.path)
                && !is_child(self.draft.sides.expected, &task.path)
        };
        (0..self.tasks.len()).filter(|other| leaves(&self.tasks[*other])).collect()
    }

    /// What is done to the sequences that belong to the table of a column.
    fn sequences(&self, doing: Doing, column: &ObjectPath, catalog: &Catalog) -> Vec<usize> {
        let table = column.relation();
        let of_table = |task: &usize| {
            let owner = catalog.owner_of(&self.tasks[*task].path);
            self.tasks[*task].doing == doing
                && owner.is_some_and(|owner| Some(&owner.table) == table.as_ref())
        };
        self.sequences.iter().copied().filter(of_table).collect()
    }

    /// What may be null in a parent has to be so before it can be in a table that inherits from it.
    fn parents_first(&mut self, number: usize, task: &Task) {
        let may_be_null = |path: &ObjectPath| {
            let column = self.draft.sides.expected.find(path).map(|entry| &entry.object);
            matches!(column, Some(Object::Column(column)) if column.not_null.is_none())
        };
        if task.path.kind != ObjectKind::Column
            || !task.aspects.contains(&"nullability")
            || !may_be_null(&task.path)
        {
            return;
        }
        let of_parents = self.changes_of_parents(task);
        self.first(of_parents, number);
    }

    /// What changes the same column of tables that a table inherits from.
    fn changes_of_parents(&self, task: &Task) -> Vec<usize> {
        let Some(relation) = self.draft.relation_of(&task.path) else { return Vec::new() };
        let column =
            |parent: ObjectPath| ObjectPath { schema: parent.schema, head: parent.head, ..task.path.clone() };
        let parents = ancestors(&relation, self.draft).into_iter().map(column);
        parents.flat_map(|column| self.all(Doing::Alter, &column)).collect()
    }

    fn is_partition(&self, path: &ObjectPath) -> bool {
        let table = self.draft.sides.found.find(path).map(|entry| &entry.object);
        matches!(table, Some(Object::Table(table)) if table.partition_of.is_some())
    }

    fn of_drop(&mut self, number: usize, task: &Task) {
        let draft = self.draft;
        self.named(number, &task.path);
        // A table that leaves another keeps the columns that it has from there, and the checks that it should have.
        if matches!(task.path.kind, ObjectKind::Column | ObjectKind::CheckConstraint) {
            let keeps = |other: &usize| {
                let leaving = &self.tasks[*other].path;
                let own = ObjectPath {
                    schema: leaving.schema.clone(),
                    head: leaving.head.clone(),
                    ..task.path.clone()
                };
                task.path.kind == ObjectKind::Column || draft.sides.expected.contains(&own)
            };
            let leave: Vec<usize> = self.tables_that_leave(&task.path).into_iter().filter(keeps).collect();
            self.first(leave, number);
        }
        let mut gone = vec![task.path.clone()];
        if task.path.kind.is_relation() {
            gone.extend(draft.sides.found.parts_of(&task.path).map(|part| part.path.clone()));
        }
        gone.extend(
            draft
                .removals
                .iter()
                .filter(|(_, removal)| removal.along.as_ref() == Some(&task.path))
                .map(|(path, _)| path.clone()),
        );
        for path in &gone {
            for user in draft.found_needs.on(path) {
                // A partition leaves its parent first, and then no foreign key refers to it.
                let leaves = user.kind == ObjectKind::ForeignKey && self.is_partition(&task.path);
                let own = if leaves { self.all(Doing::Drop, user) } else { self.removal(user) };
                let earlier = [own, self.all(Doing::Detach, user)].concat();
                self.first(earlier, number);
                let disowned = user.kind == ObjectKind::Sequence && !self.all(Doing::Detach, user).is_empty();
                if !disowned && !draft.expected_needs.is_needed(user, path) && !gone.contains(user) {
                    let earlier = self.all(Doing::Alter, user);
                    self.first(earlier, number);
                }
                if let Some(table) = leaves_with_table(draft, user, path) {
                    let mut earlier = self.all(Doing::Alter, &table);
                    earlier.retain(|other| joins(&self.tasks[*other]));
                    self.first(earlier, number);
                }
            }
            // The type of a column that goes is taken from it before.
            if let Some(root) = draft.retyped.get(path).filter(|root| *root != path) {
                let earlier = self.all(Doing::Alter, root);
                self.first(earlier, number);
            }
            if path != &task.path {
                let earlier = self.all(Doing::Drop, path);
                self.first(earlier, number);
            }
        }
        if task.path.kind == ObjectKind::Table {
            let parents = ancestors(&task.path, draft);
            let refers = |path: &ObjectPath| match draft.found(path).map(|entry| &entry.object) {
                Some(Object::ForeignKey(key)) => {
                    let of = &key.references;
                    parents.contains(&ObjectPath::in_schema(ObjectKind::Table, &of.schema, &of.name))
                }
                _ => false,
            };
            let keys: Vec<usize> = (0..self.tasks.len())
                .filter(|other| self.tasks[*other].doing == Doing::Drop && refers(&self.tasks[*other].path))
                .collect();
            self.first(keys, number);
        }
        if task.path.kind == ObjectKind::Sequence {
            // Its column takes from the new one by then.
            let feeds = draft.sides.found.owner_of(&task.path);
            let takers: Vec<usize> = (0..self.tasks.len())
                .filter(|other| {
                    let other = &self.tasks[*other];
                    other.doing == Doing::Alter
                        && other.path.kind == ObjectKind::Column
                        && feeds.is_some_and(|owner| other.path.relation().as_ref() == Some(&owner.table))
                })
                .collect();
            self.first(takers, number);
            let others: Vec<usize> = (0..self.tasks.len())
                .filter(|other| {
                    let other = &self.tasks[*other];
                    matches!(other.doing, Doing::Create | Doing::Alter)
                        && other.path.kind == ObjectKind::Sequence
                        && feeds.is_some()
                        && draft.sides.expected.owner_of(&other.path) == feeds
                })
                .collect();
            self.first(others, number);
        }
        if task.path.kind == ObjectKind::Schema {
            let inside: Vec<usize> = (0..self.tasks.len())
                .filter(|other| {
                    let other = &self.tasks[*other];
                    let stood = other.from.as_ref().unwrap_or(&other.path);
                    matches!(other.doing, Doing::Drop | Doing::Move)
                        && stood.schema.as_ref() == Some(&task.path.head)
                })
                .collect();
            self.first(inside, number);
        }
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
                let users = self.draft.found_needs.on(column).iter();
                for user in users.filter(|user| user.kind != ObjectKind::Sequence) {
                    let earlier = self.removal(user);
                    self.first(earlier, later);
                }
            }
        }
    }

    /// What goes along with what.
    fn along(&self) -> BTreeMap<&'t ObjectPath, Vec<&'t ObjectPath>> {
        let mut along: BTreeMap<&ObjectPath, Vec<&ObjectPath>> = BTreeMap::new();
        for (path, removal) in &self.draft.removals {
            if let Some(with) = &removal.along {
                along.entry(with).or_default().push(path);
            }
        }
        along
    }

    /// Names that others give up with a task: what goes with what is dropped, and the indexes of a table that leaves
    /// its schema.
    fn names_along(&self, task: &Task, along: &BTreeMap<&ObjectPath, Vec<&ObjectPath>>) -> Vec<Name> {
        match (task.doing, &task.from) {
            (Doing::Drop, _) => {
                let mut gone: Vec<&ObjectPath> = vec![&task.path];
                let mut at = 0;
                while let Some(path) = gone.get(at).copied() {
                    at += 1;
                    let more = along.get(path).into_iter().flatten().copied();
                    let more: Vec<&ObjectPath> = more.filter(|path| !gone.contains(path)).collect();
                    gone.extend(more);
                }
                gone.into_iter().skip(1).flat_map(names).collect()
            }
            (Doing::Move, Some(from)) if task.path.kind.is_relation() && from.schema != task.path.schema => {
                self.draft
                    .sides
                    .found
                    .parts_of(&task.path)
                    .flat_map(|part| {
                        names(&ObjectPath {
                            schema: from.schema.clone(),
                            head: from.head.clone(),
                            ..part.path.clone()
                        })
                    })
                    .collect()
            }
            (Doing::Move | Doing::Detach | Doing::Alter | Doing::Create | Doing::Attach, _) => Vec::new(),
        }
    }

    /// A name is given when nothing has it any more.
    fn names(&mut self) {
        let mut freed: BTreeMap<Name, Vec<usize>> = BTreeMap::new();
        let along = self.along();
        for (number, task) in self.tasks.iter().enumerate() {
            let given_up = match task.doing {
                Doing::Drop => Some(&task.path),
                Doing::Move => task.from.as_ref(),
                Doing::Detach | Doing::Alter | Doing::Create | Doing::Attach => None,
            };
            let not_null = not_null_name(task, Doing::Drop, self.draft.sides.found);
            let given_up = given_up.into_iter().flat_map(names).chain(not_null);
            for name in given_up.chain(self.numbers_given_up(task)) {
                freed.entry(name).or_default().push(number);
            }
            for name in self.names_along(task, &along) {
                freed.entry(name).or_default().push(number);
            }
        }
        for (number, task) in self.tasks.iter().enumerate() {
            let own = if matches!(task.doing, Doing::Create | Doing::Move) {
                names(&task.path)
            } else {
                Vec::new()
            };
            let not_null = not_null_name(task, Doing::Create, self.draft.sides.expected);
            for name in own.into_iter().chain(numbers_wanted(task, self.draft)).chain(not_null) {
                let mut earlier = freed.get(&name).cloned().unwrap_or_default();
                // What is moved and then made anew is one object.
                let same = |other: &Task| {
                    let of = other.path.relation().filter(|_| task.path.kind.is_relation());
                    other.path == task.path || of.is_some() && of == task.path.qualified()
                };
                earlier.retain(|other| task.doing != Doing::Move || !same(&self.tasks[*other]));
                self.first(earlier, number);
            }
        }
    }

    /// The sequences of identities that go, get another name, or leave a schema with their table.
    fn numbers_given_up(&self, task: &Task) -> Vec<Name> {
        let found = self.draft.sides.found;
        match (task.doing, &task.from) {
            (Doing::Drop, _) => numbers(&task.path, found),
            (Doing::Alter, _) if renumbers(task) => numbers(&task.path, found),
            (Doing::Move, Some(from)) if from.schema != task.path.schema => {
                let all = numbers(&task.path, found).into_iter();
                all.map(|(space, _, relation, name, arguments)| {
                    (space, from.schema.clone(), relation, name, arguments)
                })
                .collect()
            }
            (Doing::Move | Doing::Detach | Doing::Alter | Doing::Create | Doing::Attach, _) => Vec::new(),
        }
    }
}

/// The name of the NOT NULL that a column goes or comes with.
fn not_null_name(task: &Task, doing: Doing, catalog: &Catalog) -> Option<Name> {
    match catalog.find(&task.path).map(|entry| &entry.object) {
        Some(Object::Column(column)) if task.doing == doing => {
            let name = column.not_null.as_ref()?.name.clone()?;
            Some((Space::Constraint, task.path.schema.clone(), Some(task.path.head.clone()), name, None))
        }
        _ => None,
    }
}

/// The names that the sequences of identities get by a task.
pub(super) fn numbers_wanted(task: &Task, draft: &Draft<'_>) -> Vec<Name> {
    let (expected, found) = (draft.sides.expected, draft.sides.found);
    match task.doing {
        Doing::Create => numbers(&task.path, if task.as_found { found } else { expected }),
        Doing::Alter if renumbers(task) => numbers(&task.path, expected),
        Doing::Move if task.from.as_ref().is_some_and(|from| from.schema != task.path.schema) => {
            numbers(&task.path, found)
        }
        Doing::Move | Doing::Drop | Doing::Detach | Doing::Alter | Doing::Attach => Vec::new(),
    }
}

fn renumbers(task: &Task) -> bool {
    task.path.kind == ObjectKind::Column
        && task.aspects.iter().any(|aspect| matches!(*aspect, "identity" | "identity-sequence"))
}

/// The sequences of the identities of a table, or of a column: these have no entries of their own.
pub(super) fn numbers(path: &ObjectPath, catalog: &Catalog) -> Vec<Name> {
    let columns: Vec<&Object> = match path.kind {
        ObjectKind::Column => catalog.find(path).map(|entry| &entry.object).into_iter().collect(),
        ObjectKind::Table => catalog.parts_of(path).map(|part| &part.object).collect(),
        _ => Vec::new(),
    };
    let sequence = |object: &Object| match object {
        Object::Column(column) => column.identity.as_ref().map(|identity| identity.sequence.clone()),
        _ => None,
    };
    let named = |name| (Space::Class, path.schema.clone(), None, name, None);
    columns.into_iter().filter_map(sequence).map(named).collect()
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

/// What uses it, and is to go, may still be there: its rows need not obey it then.
fn changes_under_its_users(task: &Task) -> bool {
    let beside = |aspect: &&str| matches!(*aspect, "comment" | "owner" | "privileges");
    match task.path.kind {
        ObjectKind::Domain | ObjectKind::Enum | ObjectKind::Function | ObjectKind::Procedure => true,
        ObjectKind::Table => !joins(task) && !names_part(task),
        _ => task.aspects.iter().all(beside),
    }
}

/// What tables have together has one name, from whichever of them.
fn renames_not_null(task: &Task) -> bool {
    task.doing == Doing::Alter && task.aspects.contains(&"not-null-name")
}

fn sets_default(task: &Task) -> bool {
    task.doing == Doing::Alter && task.path.kind == ObjectKind::Column && task.aspects.contains(&"default")
}

/// Properties of a table that name one of its indexes.
fn names_part(task: &Task) -> bool {
    task.doing == Doing::Alter
        && task.aspects.iter().any(|aspect| matches!(*aspect, "replica-identity" | "clustered-on"))
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Space {
    /// Relations, their indexes, sequences and composite types.
    Class,
    Type,
    Routine,
    Constraint,
    Other(ObjectKind),
}

/// What no two objects may share.
pub(super) type Name = (Space, Option<Ident>, Option<Ident>, Ident, Option<String>);

pub(super) fn names(path: &ObjectPath) -> Vec<Name> {
    let arguments = path.arguments.as_ref().map(ToString::to_string);
    let in_schema = |space| (space, path.schema.clone(), None, path.name().clone(), arguments.clone());
    let in_relation =
        |space| (space, path.schema.clone(), Some(path.head.clone()), path.name().clone(), None);
    match path.kind {
        ObjectKind::Table
        | ObjectKind::ForeignTable
        | ObjectKind::View
        | ObjectKind::MaterializedView
        | ObjectKind::CompositeType => vec![in_schema(Space::Class), in_schema(Space::Type)],
        ObjectKind::Sequence | ObjectKind::Index => vec![in_schema(Space::Class)],
        ObjectKind::PrimaryKey | ObjectKind::UniqueConstraint | ObjectKind::ExclusionConstraint => {
            vec![in_schema(Space::Class), in_relation(Space::Constraint)]
        }
        ObjectKind::CheckConstraint | ObjectKind::ForeignKey => vec![in_relation(Space::Constraint)],
        ObjectKind::Enum | ObjectKind::Domain | ObjectKind::RangeType | ObjectKind::BaseType => {
            vec![in_schema(Space::Type)]
        }
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate => {
            vec![in_schema(Space::Routine)]
        }
        kind if path.is_part() => vec![in_relation(Space::Other(kind))],
        kind => vec![in_schema(Space::Other(kind))],
    }
}

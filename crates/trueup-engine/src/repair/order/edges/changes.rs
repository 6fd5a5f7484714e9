//! What a change waits for, and who has to be changed before whom in a family of tables.

use trueup_model::Catalog;
use trueup_model::catalog::Object;
use trueup_model::name::QualifiedName;
use trueup_model::path::{ObjectKind, ObjectPath};

use super::{Edges, gives_type, joins, names_part};
use crate::repair::steps::ancestors;
use crate::repair::tasks::{Doing, Task};

impl Edges<'_, '_> {
    pub(super) fn of_change(&mut self, number: usize, task: &Task) {
        let draft = self.draft;
        self.named(number, &task.path);
        for path in draft.expected_needs.of(&task.path).cloned().chain(self.places(&task.path)) {
            let mut earlier = [self.creation(&path), self.changes(&path)].concat();
            // The table joins its parents after this, and what comes after that is later still.
            let joining = self.all(Doing::Alter, &path).into_iter().find(|other| joins(&self.tasks[*other]));
            if let Some(joining) = joining.filter(|_| self.is_own_type(task, &path)) {
                earlier.retain(|other| *other < joining || self.tasks[*other].path != path);
            }
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
        for user in draft.found_needs.on(&task.path).filter(|user| user.kind != ObjectKind::Sequence) {
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
            let of_parents =
                [self.columns_of_parents(&task.path), self.checks_of_parent(&task.path)].concat();
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

    /// A partition gets the checks of its parent before it is one: what is made anew there has to be so by then.
    fn checks_of_parent(&self, path: &ObjectPath) -> Vec<usize> {
        let partition = match self.draft.sides.expected.find(path).map(|entry| &entry.object) {
            Some(Object::Table(table)) => table.partition_of.as_ref(),
            _ => None,
        };
        let Some(of) = partition else { return Vec::new() };
        let is_made_anew = |task: &Task| {
            task.doing == Doing::Create
                && task.path.kind == ObjectKind::CheckConstraint
                && self.draft.sides.found.contains(&task.path)
                && task.path.relation().as_ref() == Some(&of.parent)
        };
        (0..self.tasks.len()).filter(|other| is_made_anew(&self.tasks[*other])).collect()
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
    pub(super) fn partitions_that_leave(&self, path: &ObjectPath) -> Vec<usize> {
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

    /// What takes tables from the one that a part belongs to, or from one that has it from there.
    pub(super) fn tables_that_leave(&self, part: &ObjectPath) -> Vec<usize> {
        let Some(parent) = part.relation() else { return Vec::new() };
        let leaves = |task: &Task| {
            joins(task)
                && descends(self.draft.sides.found, &task.path, &parent)
                && !descends(self.draft.sides.expected, &task.path, &parent)
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

/// Whether a table has what it is from another one, however many are between them.
fn descends(catalog: &Catalog, table: &ObjectPath, from: &QualifiedName) -> bool {
    let mut open = vec![table.clone()];
    let mut at = 0;
    while let Some(path) = open.get(at) {
        at += 1;
        let Some(Object::Table(table)) = catalog.find(path).map(|entry| &entry.object) else { continue };
        let parents = table.inherits.iter().chain(table.partition_of.iter().map(|of| &of.parent));
        for parent in parents {
            let path = ObjectPath::in_schema(ObjectKind::Table, &parent.schema, &parent.name);
            if parent == from {
                return true;
            }
            if !open.contains(&path) {
                open.push(path);
            }
        }
    }
    false
}

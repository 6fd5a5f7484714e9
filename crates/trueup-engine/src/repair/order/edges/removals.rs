//! What goes waits for all that hangs on it.

use trueup_model::catalog::Object;
use trueup_model::path::{ObjectKind, ObjectPath};

use super::{Edges, joins};
use crate::repair::around::leaves_with_table;
use crate::repair::steps::ancestors;
use crate::repair::tasks::{Doing, Task};

impl Edges<'_, '_> {
    fn is_partition(&self, path: &ObjectPath) -> bool {
        let table = self.draft.sides.found.find(path).map(|entry| &entry.object);
        matches!(table, Some(Object::Table(table)) if table.partition_of.is_some())
    }

    pub(super) fn of_drop(&mut self, number: usize, task: &Task) {
        let draft = self.draft;
        self.named(number, &task.path);
        // A table that leaves another keeps the columns and the checks that it has from there, and drops them as it
        // leaves where it should not.
        if matches!(task.path.kind, ObjectKind::Column | ObjectKind::CheckConstraint) {
            let leave = self.tables_that_leave(&task.path);
            self.first(leave, number);
        }
        let mut gone = vec![task.path.clone()];
        if task.path.kind.is_relation() {
            gone.extend(draft.sides.found.parts_of(&task.path).map(|part| part.path.clone()));
        }
        // What goes along may itself take something along, as a column takes the sequence that it owns.
        let mut looked_at = 0;
        while let Some(path) = gone.get(looked_at) {
            let along = self.along.get(path).into_iter().flatten();
            let more: Vec<ObjectPath> =
                along.filter(|path| !gone.contains(path)).map(|path| (*path).clone()).collect();
            gone.extend(more);
            looked_at += 1;
        }
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
}

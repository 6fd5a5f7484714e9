//! A name is given to something when nothing else has it any more.

use std::collections::BTreeMap;

use trueup_model::path::ObjectPath;

use super::Edges;
use crate::repair::names::{Name, names, not_null_name, numbers, numbers_wanted, renumbers};
use crate::repair::tasks::{Doing, Task};

impl<'t, 'd> Edges<'t, 'd> {
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
    pub(super) fn names(&mut self) {
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

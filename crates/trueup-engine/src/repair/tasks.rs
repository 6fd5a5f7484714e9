//! From what is to be done to the statements that do it.

mod creations;
mod prevented;

use std::collections::BTreeSet;

use trueup_model::catalog::{Entry, Object};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Reason;

use super::draft::{Causes, Draft};
use crate::dialect::{self, Alteration, Written};
use crate::findings::Sides;
use creations::{checks_of_heirs, creations};
use prevented::{occupied, still_fed_by};

/// The turn in which something is done to an object, where nothing else decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Doing {
    Move,
    Drop,
    /// Takes a default off, or a sequence from its owner.
    Detach,
    Alter,
    Create,
    /// Sets it again.
    Attach,
}

/// One step to be.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub doing: Doing,
    pub path: ObjectPath,
    /// Where it stood before, for what is moved.
    pub from: Option<ObjectPath>,
    pub is_rename: bool,
    pub aspects: Vec<&'static str>,
    pub causes: Causes,
    pub settles: Causes,
    pub makes_way_for: Option<ObjectPath>,
    pub as_found: bool,
    pub statements: Vec<String>,
}

/// All steps without order, and what follows from other steps: the differences that one without statements settles.
pub(super) fn tasks(draft: &mut Draft<'_>) -> (Vec<Task>, Vec<(usize, ObjectPath)>) {
    let mut tasks = Vec::new();
    let mut silent: Vec<(usize, ObjectPath)> = draft
        .silent
        .iter()
        .map(|number| (*number, draft.request.differences[*number].path.clone()))
        .collect();
    silent.extend(draft.known.along.iter().map(|(number, with)| (*number, with.clone())));
    moves(draft, &mut tasks);
    removals(draft, &mut tasks);
    detachments(draft, &mut tasks);
    changes(draft, &mut tasks);
    creations(draft, &mut tasks, &mut silent);
    checks_of_heirs(draft, &mut tasks, &mut silent);
    make_way_for_parents(draft, &mut tasks);
    occupied(draft, &tasks);
    (tasks, silent)
}

impl Task {
    fn new(
        doing: Doing,
        path: &ObjectPath,
        causes: &Causes,
        settles: &Causes,
        statements: Vec<String>,
    ) -> Self {
        Task {
            doing,
            path: path.clone(),
            from: None,
            is_rename: false,
            aspects: Vec::new(),
            causes: causes.clone(),
            settles: settles.clone(),
            makes_way_for: None,
            as_found: false,
            statements,
        }
    }
}

fn moves(draft: &mut Draft<'_>, tasks: &mut Vec<Task>) {
    let mut refusals: Vec<(Causes, Reason)> = Vec::new();
    for moving in &draft.known.moves {
        if draft.comes_anew(&moving.to) {
            continue;
        }
        let settles: Causes = moving.settles.iter().copied().collect();
        let schema = moving.to.schema.as_ref().map(|schema| ObjectPath::global(ObjectKind::Schema, schema));
        let missing = schema.filter(|schema| {
            draft.sides.expected.contains(schema)
                && !draft.sides.found.contains(schema)
                && !draft.is_created(schema)
        });
        if let Some(schema) = missing {
            refusals.push((settles, Reason::Follows(schema)));
            continue;
        }
        tasks.push(Task {
            from: Some(moving.from.clone()),
            is_rename: moving.is_rename,
            ..Task::new(Doing::Move, &moving.to, &settles, &settles, moving.statements.clone())
        });
    }
    for (causes, reason) in refusals {
        draft.refuse(&causes, &reason);
    }
}

fn removals(draft: &mut Draft<'_>, tasks: &mut Vec<Task>) {
    let sides = draft.sides;
    let mut refusals: Vec<(Causes, Reason)> = Vec::new();
    for (path, removal) in &draft.removals {
        let Some(entry) = sides.found.find(path) else { continue };
        if removal.along.is_some() {
            continue;
        }
        if let Some(column) = still_fed_by(draft, path) {
            let reason = format!("the column {column} needs it");
            refusals.push((removal.causes.clone(), Reason::Impossible(reason)));
            continue;
        }
        match dialect::remove(entry, sides) {
            Written::Impossible(reason) => {
                refusals.push((removal.causes.clone(), Reason::Impossible(reason)))
            }
            Written::Statements(statements) => tasks.push(Task {
                makes_way_for: removal.makes_way_for.clone(),
                ..Task::new(Doing::Drop, path, &removal.causes, &removal.settles, statements)
            }),
        }
    }
    for (causes, reason) in refusals {
        draft.refuse(&causes, &reason);
    }
}

/// An entry of a column as it is without its default.
pub(super) fn without_default(entry: &Entry) -> Entry {
    let object = match &entry.object {
        Object::Column(column) => {
            let mut column = column.clone();
            column.default = None;
            Object::Column(column)
        }
        other => other.clone(),
    };
    Entry { object, ..entry.clone() }
}

fn detachments(draft: &mut Draft<'_>, tasks: &mut Vec<Task>) {
    let sides = draft.sides;
    let none = BTreeSet::new();
    for (path, (causes, makes_way_for)) in &draft.detached {
        let Some(there) = sides.found.find(path) else { continue };
        if path.kind == ObjectKind::Sequence {
            tasks.push(Task {
                makes_way_for: Some(makes_way_for.clone()),
                ..Task::new(Doing::Detach, path, causes, &none, vec![dialect::disown(path)])
            });
            continue;
        }
        let bare = without_default(there);
        // Its own difference sets the new one.
        let changed = draft.changes.get(path).is_some_and(|changes| {
            changes
                .iter()
                .any(|change| change.aspects.iter().any(|aspect| matches!(*aspect, "default" | "type")))
        });
        let found = Sides { expected: sides.found, found: sides.found };
        if let Alteration::Statements(statements) = dialect::alter("default", there, &bare, &found) {
            tasks.push(Task {
                makes_way_for: Some(makes_way_for.clone()),
                ..Task::new(Doing::Detach, path, causes, &none, statements)
            });
        }
        if !changed
            && let Alteration::Statements(statements) = dialect::alter("default", &bare, there, &found)
        {
            tasks.push(Task::new(Doing::Attach, path, causes, &none, statements));
        }
    }
}

fn changes(draft: &Draft<'_>, tasks: &mut Vec<Task>) {
    for (path, changes) in &draft.changes {
        for change in changes {
            tasks.push(Task {
                aspects: change.aspects.clone(),
                ..Task::new(Doing::Alter, path, &change.settles, &change.settles, change.statements.clone())
            });
        }
    }
}

/// What a table has of its own, and gets again from its parent as it becomes a part of it, makes way for that.
fn make_way_for_parents(draft: &Draft<'_>, tasks: &mut [Task]) {
    let made: Vec<ObjectPath> =
        tasks.iter().filter(|task| task.doing == Doing::Create).map(|task| task.path.clone()).collect();
    let joins = ["partition-of", "partition-bound", "inheritance"];
    for task in tasks {
        let itself = task.doing == Doing::Drop && task.makes_way_for.as_ref() == Some(&task.path);
        if !itself || made.contains(&task.path) || !draft.creations.contains_key(&task.path) {
            continue;
        }
        let Some(relation) = draft.relation_of(&task.path) else { continue };
        let becomes_part = draft.changes.get(&relation).is_some_and(|changes| {
            changes.iter().any(|change| change.aspects.iter().any(|aspect| joins.contains(aspect)))
        });
        let parents =
            made.iter().find(|made| made.kind == task.path.kind && draft.is_child(&task.path, made));
        if becomes_part {
            task.makes_way_for = Some(relation);
        } else if let Some(parents) = parents {
            task.makes_way_for = Some(parents.clone());
        }
    }
}

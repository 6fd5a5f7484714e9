//! From ordered tasks to the steps that others work with.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::catalog::Object;
use trueup_model::difference::Change;
use trueup_model::name::QualifiedName;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::{Guard, Inverse, Lock, Reason, Step, Verb};

use super::altered::rank;
use super::draft::Draft;
use super::online::{self, Form};
use super::safety::safety;
use super::tasks::{Doing, Task};
use crate::dialect::{self, Alteration, Written};
use crate::findings::Sides;
use crate::script::guard_query;
use crate::together::for_each;

/// Differences without statements of their own are settled by the step that they follow from.
pub(super) fn carry_silent(tasks: &mut [Task], silent: Vec<(usize, ObjectPath)>, draft: &mut Draft<'_>) {
    for (number, path) in silent {
        match carrier(tasks, &path, draft) {
            Some(task) => {
                tasks[task].settles.insert(number);
            }
            None => {
                let of = draft.relation_of(&path).unwrap_or(path);
                draft.refuse(&BTreeSet::from([number]), &Reason::Follows(of));
            }
        }
    }
}

fn carrier(tasks: &[Task], path: &ObjectPath, draft: &Draft<'_>) -> Option<usize> {
    let on = |wanted: &ObjectPath| tasks.iter().position(|task| task.path == *wanted);
    let brings = |wanted: &ObjectPath| {
        tasks.iter().position(|task| {
            let parents = ["partition-of", "partition-bound", "inheritance", "of-type", "owner"];
            task.path == *wanted
                && (matches!(task.doing, Doing::Create | Doing::Move)
                    || task.aspects.iter().any(|aspect| parents.contains(aspect)))
        })
    };
    let relation = draft.relation_of(path);
    let parents = relation.as_ref().map(|relation| ancestors(relation, draft)).unwrap_or_default();
    let counterpart = |parent: &ObjectPath| {
        let own = ObjectPath { schema: parent.schema.clone(), head: parent.head.clone(), ..path.clone() };
        // What a partition has is named by itself: any part of this kind may be the one.
        on(&own).or_else(|| {
            tasks.iter().position(|task| {
                task.path.kind == path.kind && task.path.schema == own.schema && task.path.head == own.head
            })
        })
    };
    let owner = match draft.sides.expected.find(path).map(|entry| &entry.object) {
        Some(Object::Sequence(sequence)) => sequence
            .owned_by
            .as_ref()
            .map(|owner| ObjectPath::in_schema(ObjectKind::Table, &owner.table.schema, &owner.table.name)),
        _ => None,
    };
    on(path)
        .or_else(|| parents.iter().find_map(counterpart))
        .or_else(|| relation.as_ref().and_then(brings))
        .or_else(|| owner.as_ref().and_then(brings))
        .or_else(|| parents.iter().find_map(brings))
        .or_else(|| draft.expected_needs.of(path).find_map(on))
}

/// Tables that a table inherits from, on either side.
pub(super) fn ancestors(relation: &ObjectPath, draft: &Draft<'_>) -> Vec<ObjectPath> {
    let mut all: Vec<ObjectPath> = Vec::new();
    let mut open = vec![relation.clone()];
    while let Some(path) = open.pop() {
        for catalog in [draft.sides.expected, draft.sides.found] {
            let Some(Object::Table(table)) = catalog.find(&path).map(|entry| &entry.object) else { continue };
            let parents = table.partition_of.iter().map(|partition| &partition.parent).chain(&table.inherits);
            for parent in parents {
                let parent = ObjectPath::in_schema(ObjectKind::Table, &parent.schema, &parent.name);
                if !all.contains(&parent) {
                    all.push(parent.clone());
                    open.push(parent);
                }
            }
        }
    }
    all
}

pub(super) fn steps(tasks: Vec<Task>, draft: &Draft<'_>) -> Vec<Step> {
    let committed: Vec<bool> = tasks
        .iter()
        .enumerate()
        .map(|(number, task)| used_later(task, &tasks[number + 1..], draft))
        .collect();
    let numbered: Vec<(&Task, bool)> = tasks.iter().zip(committed).collect();
    let worked_out = for_each(&numbered, |(task, needs_commit)| {
        let forms = online::forms(task, draft).unwrap_or_else(|| vec![whole(task, draft, !needs_commit)]);
        let guarded = forms.into_iter().map(|form| (guard_query(&form.object), form));
        (inverse(task, draft), guarded.collect::<Vec<_>>())
    });
    let mut steps: Vec<Step> = Vec::with_capacity(tasks.len());
    for (task, (inverse, forms)) in tasks.iter().zip(worked_out) {
        for (query, form) in forms {
            let step = Step {
                verb: form.verb,
                settles: task.settles.iter().copied().collect(),
                makes_way_for: form.makes_way_for,
                statements: form.statements,
                inverse: form.inverse.unwrap_or_else(|| inverse.clone()),
                transactional: form.transactional,
                safety: form.safety,
                guard: Guard { query, ..Guard::default() },
                object: form.object,
            };
            match steps.last_mut() {
                Some(last) if is_rebuild(last, &step) => join(last, step),
                _ => steps.push(step),
            }
        }
    }
    steps
}

/// A task as one step.
fn whole(task: &Task, draft: &Draft<'_>, transactional: bool) -> Form {
    Form {
        verb: match task.doing {
            Doing::Move if task.is_rename => Verb::Rename,
            Doing::Move => Verb::Move,
            Doing::Drop => Verb::Drop,
            Doing::Alter if task.aspects == ["validated"] => Verb::Validate,
            Doing::Detach | Doing::Alter | Doing::Attach => Verb::Alter,
            Doing::Create => Verb::Create,
        },
        object: task.path.clone(),
        statements: task.statements.clone(),
        inverse: None,
        transactional,
        safety: safety(task, draft),
        makes_way_for: task.makes_way_for.clone(),
    }
}

/// A new label of an enum means nothing in the transaction that made it.
fn used_later(task: &Task, later: &[Task], draft: &Draft<'_>) -> bool {
    task.path.kind == ObjectKind::Enum
        && task.doing == Doing::Alter
        && task.statements.iter().any(|statement| statement.contains(" ADD VALUE "))
        && later.iter().any(|other| draft.needed_to_create(&other.path).any(|needed| *needed == task.path))
}

/// One directly after the other, they are one step.
fn is_rebuild(drop: &Step, create: &Step) -> bool {
    drop.verb == Verb::Drop
        && drop.transactional == create.transactional
        && create.verb == Verb::Create
        && drop.object == create.object
        && drop.makes_way_for.as_ref() == Some(&drop.object)
}

fn join(drop: &mut Step, create: Step) {
    drop.verb = Verb::Rebuild;
    drop.makes_way_for = None;
    drop.settles.extend(create.settles);
    drop.settles.sort_unstable();
    drop.settles.dedup();
    drop.statements.extend(create.statements);
    let before = std::mem::replace(&mut drop.safety, create.safety);
    drop.safety.loses = before.loses.or(drop.safety.loses.take());
    drop.safety.rewrites |= before.rewrites;
    drop.safety.scans |= before.scans;
    let mut locks: BTreeMap<QualifiedName, Lock> = before.locks.into_iter().collect();
    for (table, lock) in drop.safety.locks.drain(..) {
        let strongest = locks.entry(table).or_insert(lock);
        *strongest = (*strongest).max(lock);
    }
    drop.safety.locks = locks.into_iter().collect();
    let before = std::mem::replace(&mut drop.inverse, create.inverse);
    if let Inverse::Statements(first) = &mut drop.inverse {
        match before {
            Inverse::Statements(then) => first.extend(then),
            impossible @ Inverse::Impossible(_) => drop.inverse = impossible,
        }
    }
}

fn inverse(task: &Task, draft: &Draft<'_>) -> Inverse {
    let sides = draft.sides;
    let back = Sides { expected: sides.found, found: sides.expected };
    match task.doing {
        Doing::Move => {
            let moving = draft.known.moves.iter().find(|moving| moving.to == task.path);
            moving.map_or_else(|| Inverse::Statements(Vec::new()), |moving| written(moving.back.clone()))
        }
        Doing::Drop => made_again(&task.path, draft),
        Doing::Create => {
            let (entry, sides) = if task.as_found {
                (sides.found.find(&task.path), Sides { expected: sides.found, found: sides.found })
            } else {
                (sides.expected.find(&task.path), back)
            };
            let gone = entry.map_or_else(
                || Inverse::Statements(Vec::new()),
                |entry| written(dialect::remove(entry, &sides)),
            );
            with_what_was_taken_over(gone, task, draft)
        }
        Doing::Alter => changed_back(task, draft, &back),
        Doing::Detach | Doing::Attach => default_again(task, draft),
    }
}

/// What partitions had of their own became a part of what was made for their parent, and goes with it.
fn with_what_was_taken_over(gone: Inverse, task: &Task, draft: &Draft<'_>) -> Inverse {
    let Inverse::Statements(mut statements) = gone else { return gone };
    let found = Sides { expected: draft.sides.found, found: draft.sides.found };
    for number in &task.settles {
        let difference = &draft.request.differences[*number];
        let own = match &difference.change {
            Change::Different(aspect) if aspect.name == "inherited" && difference.path != task.path => {
                draft.sides.found.find(&difference.path)
            }
            _ => None,
        };
        if let Some(own) = own.filter(|own| own.path.kind != ObjectKind::Column) {
            match dialect::create(own, &found) {
                Written::Statements(more) => statements.extend(more),
                Written::Impossible(reason) => return Inverse::Impossible(reason),
            }
        }
    }
    Inverse::Statements(statements)
}

fn written(written: Written) -> Inverse {
    match written {
        Written::Statements(statements) => Inverse::Statements(statements),
        Written::Impossible(reason) => Inverse::Impossible(reason),
    }
}

/// What was dropped comes again as it was found, with what went along.
fn made_again(path: &ObjectPath, draft: &Draft<'_>) -> Inverse {
    let found = draft.sides.found;
    let Some(entry) = found.find(path) else { return Inverse::Statements(Vec::new()) };
    let lost = match &entry.object {
        Object::Table(table) if table.foreign_server.is_none() => Some("rows of the table"),
        Object::Column(column) if column.generated.is_none() => Some("values of the column"),
        Object::Sequence(_) => Some("position of the sequence"),
        _ => None,
    };
    if let Some(lost) = lost {
        return Inverse::Impossible(format!("the {lost} {path} are gone for good"));
    }
    let sides = Sides { expected: found, found };
    let mut statements = match dialect::create(entry, &sides) {
        Written::Statements(statements) => statements,
        Written::Impossible(reason) => return Inverse::Impossible(reason),
    };
    let mut along: Vec<&ObjectPath> = draft
        .removals
        .iter()
        .filter(|(_, removal)| removal.along.as_ref() == Some(path))
        .map(|(path, _)| path)
        .filter(|path| path.kind != ObjectKind::Column)
        .collect();
    along.sort_by_key(|path| (path.kind, *path));
    for part in along {
        match made_again(part, draft) {
            Inverse::Statements(more) => statements.extend(more),
            impossible @ Inverse::Impossible(_) => return impossible,
        }
    }
    Inverse::Statements(statements)
}

fn changed_back(task: &Task, draft: &Draft<'_>, back: &Sides<'_>) -> Inverse {
    let (Some(before), Some(after)) = (back.found.find(&task.path), back.expected.find(&task.path)) else {
        return Inverse::Statements(Vec::new());
    };
    let mut statements: Vec<String> = Vec::new();
    let mut aspects = task.aspects.clone();
    aspects.sort_by_key(|aspect| rank(aspect, after));
    for aspect in &aspects {
        let more = match dialect::alter(aspect, before, after, back) {
            Alteration::Statements(more) => more,
            Alteration::Impossible(reason) => return Inverse::Impossible(reason),
            Alteration::Rebuild if draft.expected_needs.on(&task.path).next().is_none() => {
                match (dialect::remove(before, back), dialect::create(after, back)) {
                    (Written::Statements(mut first), Written::Statements(then)) => {
                        first.extend(then);
                        first
                    }
                    (Written::Impossible(reason), _) | (_, Written::Impossible(reason)) => {
                        return Inverse::Impossible(reason);
                    }
                }
            }
            Alteration::Rebuild => {
                return Inverse::Impossible(format!(
                    "{} would have to be dropped and made again, and other objects need it",
                    task.path
                ));
            }
        };
        if !more.iter().all(|statement| statements.contains(statement)) {
            statements.extend(more);
        }
    }
    Inverse::Statements(statements)
}

/// Taking a default off and setting it again are each other's way back.
fn default_again(task: &Task, draft: &Draft<'_>) -> Inverse {
    let Some(there) = draft.sides.found.find(&task.path) else { return Inverse::Statements(Vec::new()) };
    if task.path.kind == ObjectKind::Sequence {
        return Inverse::Statements(dialect::owned_again(there).into_iter().collect());
    }
    let bare = super::tasks::without_default(there);
    let sides = Sides { expected: draft.sides.found, found: draft.sides.found };
    let (before, after) = if task.doing == Doing::Detach { (&bare, there) } else { (there, &bare) };
    match dialect::alter("default", before, after, &sides) {
        Alteration::Statements(statements) => Inverse::Statements(statements),
        Alteration::Impossible(reason) => Inverse::Impossible(reason),
        Alteration::Rebuild => Inverse::Impossible("the column would have to be made anew".to_owned()),
    }
}

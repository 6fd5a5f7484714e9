//! Other forms of the same steps, for tables so large that others would wait: what reads all rows is a step of its own
//! that lets them work, and indexes are built beside the work, outside of a transaction.

use trueup_model::catalog::{Check, Column, Entry, NotNull, Object};
use trueup_model::name::QualifiedName;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::{Inverse, Lock, Safety, Verb};
use trueup_sql::quote_ident;

use super::draft::Draft;
use super::safety::safety;
use super::tasks::{Doing, Task};
use crate::dialect::{self, Alteration, Written};
use crate::findings::Sides;

/// One of the steps that a task becomes.
pub(super) struct Form {
    pub verb: Verb,
    pub object: ObjectPath,
    pub statements: Vec<String>,
    /// `None`: as for the task as a whole.
    pub inverse: Option<Inverse>,
    pub transactional: bool,
    pub safety: Safety,
    pub makes_way_for: Option<ObjectPath>,
}

/// `None` where the task is best done in one go.
pub(super) fn forms(task: &Task, draft: &Draft<'_>) -> Option<Vec<Form>> {
    let table = task.path.relation()?;
    if !draft.is_large(&table) {
        return None;
    }
    let found = Sides { expected: draft.sides.found, found: draft.sides.found };
    let sides = if task.as_found { &found } else { draft.sides };
    let entry = match task.doing {
        Doing::Create | Doing::Alter => sides.expected.find(&task.path)?,
        Doing::Drop => sides.found.find(&task.path)?,
        Doing::Move | Doing::Detach | Doing::Attach => return None,
    };
    let partitioned = is_partitioned(&table, draft);
    match (task.doing, &entry.object) {
        // Before PostgreSQL 18, what a partition of the other table has of the key is never looked at.
        (Doing::Create, Object::ForeignKey(key))
            if key.validated
                && key.enforced
                && !partitioned
                && (sides.found.major() >= 18 || !is_partitioned(&key.references, draft)) =>
        {
            let mut unchecked = key.clone();
            unchecked.validated = false;
            in_two(task, draft, entry, Object::ForeignKey(unchecked), sides)
        }
        (Doing::Create, Object::Check(check)) if check.validated && check.enforced => {
            let unchecked = Check { validated: false, ..check.clone() };
            in_two(task, draft, entry, Object::Check(unchecked), sides)
        }
        (Doing::Alter, Object::Column(column)) if task.aspects == ["nullability"] => {
            filled(task, draft, entry, column, sides)
        }
        (Doing::Create, Object::Index(_)) if !partitioned => {
            Some(vec![concurrent(task, draft, Verb::Create)])
        }
        (Doing::Drop, Object::Index(_)) if !partitioned => Some(vec![concurrent(task, draft, Verb::Drop)]),
        (Doing::Create, Object::Key(key)) if !partitioned => {
            let (index, constraint) = dialect::key_by_index(entry, key, sides)?;
            by_index(task, draft, index, constraint)
        }
        _ => None,
    }
}

fn is_partitioned(table: &QualifiedName, draft: &Draft<'_>) -> bool {
    let path = ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name);
    matches!(
        draft.sides.found.find(&path).map(|entry| &entry.object),
        Some(Object::Table(table)) if table.partitioned_by.is_some()
    )
}

fn lowered(safety: &Safety, lock: Lock) -> Vec<(QualifiedName, Lock)> {
    safety.locks.iter().map(|(table, strongest)| (table.clone(), (*strongest).min(lock))).collect()
}

/// New rows obey at once; those that are there are looked at while others work.
fn in_two(
    task: &Task,
    draft: &Draft<'_>,
    entry: &Entry,
    unchecked: Object,
    sides: &Sides<'_>,
) -> Option<Vec<Form>> {
    let unchecked = Entry { object: unchecked, ..entry.clone() };
    let Written::Statements(first) = dialect::create(&unchecked, sides) else { return None };
    let Alteration::Statements(then) = dialect::alter("validated", &unchecked, entry, sides) else {
        return None;
    };
    let whole = safety(task, draft);
    Some(vec![
        Form {
            verb: Verb::Create,
            object: task.path.clone(),
            statements: first,
            inverse: None,
            transactional: true,
            safety: Safety { scans: false, violations: Vec::new(), ..whole.clone() },
            makes_way_for: None,
        },
        validation(task.path.clone(), then, &whole, None),
    ])
}

fn validation(
    object: ObjectPath,
    statements: Vec<String>,
    whole: &Safety,
    makes_way_for: Option<ObjectPath>,
) -> Form {
    Form {
        verb: Verb::Validate,
        object,
        statements,
        // It goes with the constraint.
        inverse: Some(Inverse::Statements(Vec::new())),
        transactional: true,
        safety: Safety { locks: lowered(whole, Lock::ShareUpdateExclusive), scans: true, ..whole.clone() },
        makes_way_for,
    }
}

/// From PostgreSQL 18 on a NOT NULL is a constraint that can be looked at later. Before that, a check that was looked
/// at proves it.
fn filled(
    task: &Task,
    draft: &Draft<'_>,
    entry: &Entry,
    column: &Column,
    sides: &Sides<'_>,
) -> Option<Vec<Form>> {
    let not_null = column.not_null.as_ref().filter(|not_null| not_null.validated)?;
    let before = sides.found.find(&task.path)?;
    let whole = safety(task, draft);
    let quick = Safety { scans: false, violations: Vec::new(), ..whole.clone() };
    if sides.found.major() >= 18 {
        // Without a name it could not be addressed.
        not_null.name.as_ref()?;
        let mut unchecked = column.clone();
        unchecked.not_null = Some(NotNull { validated: false, ..not_null.clone() });
        let unchecked = Entry { object: Object::Column(Box::new(unchecked)), ..entry.clone() };
        let Alteration::Statements(first) = dialect::alter("nullability", before, &unchecked, sides) else {
            return None;
        };
        let Alteration::Statements(then) = dialect::alter("not-null-validated", &unchecked, entry, sides)
        else {
            return None;
        };
        let first = Form {
            verb: Verb::Alter,
            object: task.path.clone(),
            statements: first,
            inverse: None,
            transactional: true,
            safety: quick,
            makes_way_for: None,
        };
        return Some(vec![first, validation(task.path.clone(), then, &whole, None)]);
    }
    let check = proof(entry, sides);
    let Object::Check(proven) = &check.object else { return None };
    let valid = Entry { object: Object::Check(Check { validated: true, ..proven.clone() }), ..check.clone() };
    let Written::Statements(first) = dialect::create(&check, sides) else { return None };
    let Alteration::Statements(then) = dialect::alter("validated", &check, &valid, sides) else {
        return None;
    };
    let Written::Statements(last) = dialect::remove(&valid, sides) else { return None };
    let form = |verb, object: &ObjectPath, statements, inverse, makes_way_for| Form {
        verb,
        object: object.clone(),
        statements,
        inverse,
        transactional: true,
        safety: quick.clone(),
        makes_way_for,
    };
    let nothing = || Some(Inverse::Statements(Vec::new()));
    let way = || Some(task.path.clone());
    Some(vec![
        form(Verb::Create, &check.path, first, nothing(), way()),
        validation(check.path.clone(), then, &whole, way()),
        form(Verb::Alter, &task.path, task.statements.clone(), None, None),
        form(Verb::Drop, &check.path, last, nothing(), None),
    ])
}

/// A check that says the same as a NOT NULL, under a name that nothing else has.
fn proof(entry: &Entry, sides: &Sides<'_>) -> Entry {
    let table = entry.path.relation().unwrap_or_else(|| QualifiedName::new("", entry.path.head.as_str()));
    let path = (1..)
        .map(|number| {
            ObjectPath::part_of(ObjectKind::CheckConstraint, &table, format!("trueup_filled_{number}"))
        })
        .find(|path| !sides.expected.contains(path) && !sides.found.contains(path))
        .unwrap_or_else(|| entry.path.clone());
    let check = Check {
        expression: format!("{} IS NOT NULL", quote_ident(entry.path.part.as_str())).as_str().into(),
        validated: false,
        enforced: true,
        no_inherit: false,
        inherited: false,
    };
    Entry {
        path,
        owner: None,
        comment: None,
        granted: Vec::new(),
        revoked: Vec::new(),
        object: Object::Check(check),
    }
}

fn concurrent(task: &Task, draft: &Draft<'_>, verb: Verb) -> Form {
    let whole = safety(task, draft);
    Form {
        verb,
        object: task.path.clone(),
        statements: task.statements.iter().map(|statement| dialect::concurrently(statement)).collect(),
        inverse: None,
        transactional: false,
        safety: Safety { locks: lowered(&whole, Lock::ShareUpdateExclusive), ..whole },
        makes_way_for: task.makes_way_for.clone(),
    }
}

/// The index takes its time, and the constraint none.
fn by_index(task: &Task, draft: &Draft<'_>, index: String, constraint: Vec<String>) -> Option<Vec<Form>> {
    let whole = safety(task, draft);
    let table = task.path.relation()?;
    let as_index = ObjectPath::part_of(ObjectKind::Index, &table, &task.path.part);
    Some(vec![
        Form {
            verb: Verb::Create,
            object: as_index,
            statements: vec![index],
            // The index becomes the constraint's.
            inverse: Some(Inverse::Statements(Vec::new())),
            transactional: false,
            safety: Safety { locks: lowered(&whole, Lock::ShareUpdateExclusive), ..whole.clone() },
            makes_way_for: Some(task.path.clone()),
        },
        Form {
            verb: Verb::Create,
            object: task.path.clone(),
            statements: constraint,
            inverse: None,
            transactional: true,
            safety: Safety { scans: false, violations: Vec::new(), ..whole },
            makes_way_for: None,
        },
    ])
}

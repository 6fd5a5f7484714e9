//! What a step does to those who work with the database: locks, rewrites, scans. The tables below are held against what
//! a server really does by a test that looks at its locks and files.

mod locks;

use std::collections::BTreeMap;

use trueup_model::catalog::{Column, GeneratedKind, Object, Volatility};
use trueup_model::name::Text;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::{Lock, Safety};

use self::locks::Locks;
use super::draft::Draft;
use super::loss;
use super::steps::ancestors;
use super::tasks::{Doing, Task};
use crate::dialect::probes;

/// What one step does with the rows of the tables that it locks.
#[derive(Clone, Copy, Default)]
struct Rows {
    rewritten: bool,
    read: bool,
}

const NONE: Rows = Rows { rewritten: false, read: false };
const READ: Rows = Rows { rewritten: false, read: true };
const REWRITTEN: Rows = Rows { rewritten: true, read: true };

pub(super) fn safety(task: &Task, draft: &Draft<'_>) -> Safety {
    let mut locks = Locks { draft, list: BTreeMap::new() };
    let rows = match task.doing {
        Doing::Move => moved(&mut locks, task),
        Doing::Drop => dropped(&mut locks, task),
        Doing::Detach | Doing::Attach => {
            locks.relation(&task.path, Lock::AccessExclusive);
            NONE
        }
        Doing::Alter => changed(&mut locks, task),
        Doing::Create => created(&mut locks, task),
    };
    let has_tables = !locks.list.is_empty();
    Safety {
        locks: locks.list.into_iter().collect(),
        rewrites: rows.rewritten && has_tables,
        scans: rows.read && has_tables,
        violations: loss::violations(task, draft),
        loses: loss::loses(task, draft),
    }
}

fn moved(locks: &mut Locks<'_, '_>, task: &Task) -> Rows {
    match task.path.kind {
        ObjectKind::Index => {}
        ObjectKind::Table => locks.family(&task.path, Lock::AccessExclusive),
        kind if kind.is_relation() || task.path.is_part() => locks.family(&task.path, Lock::AccessExclusive),
        _ => {}
    }
    NONE
}

fn dropped(locks: &mut Locks<'_, '_>, task: &Task) -> Rows {
    let path = &task.path;
    match path.kind {
        ObjectKind::Table | ObjectKind::ForeignTable => {
            locks.relation(path, Lock::AccessExclusive);
            locks.parents(path, Lock::AccessExclusive);
            let keys: Vec<ObjectPath> =
                locks.draft.sides.found.parts_of(path).map(|part| part.path.clone()).collect();
            for key in keys {
                locks.referenced(&key, Lock::AccessExclusive);
            }
        }
        ObjectKind::View | ObjectKind::MaterializedView => locks.relation(path, Lock::AccessExclusive),
        ObjectKind::ForeignKey => {
            locks.family(path, Lock::AccessExclusive);
            locks.referenced(path, Lock::AccessExclusive);
        }
        ObjectKind::Statistics => statistics(locks, path),
        ObjectKind::Publication => published(locks, path),
        ObjectKind::Sequence => {}
        _ if path.is_part() => locks.family(path, Lock::AccessExclusive),
        _ => {}
    }
    NONE
}

fn statistics(locks: &mut Locks<'_, '_>, path: &ObjectPath) {
    let draft = locks.draft;
    for catalog in [draft.sides.found, draft.sides.expected] {
        if let Some(Object::Statistics(statistics)) = catalog.find(path).map(|entry| &entry.object) {
            locks.on(&statistics.table, Lock::ShareUpdateExclusive);
        }
    }
}

fn published(locks: &mut Locks<'_, '_>, path: &ObjectPath) {
    let draft = locks.draft;
    let tables = draft.found_needs.of(path).chain(draft.expected_needs.of(path));
    for table in tables {
        locks.family(table, Lock::ShareUpdateExclusive);
    }
}

fn changed(locks: &mut Locks<'_, '_>, task: &Task) -> Rows {
    let path = &task.path;
    let mut all = NONE;
    for aspect in &task.aspects {
        let rows = match path.kind {
            ObjectKind::Table | ObjectKind::ForeignTable => table_changed(locks, path, aspect),
            ObjectKind::View | ObjectKind::MaterializedView => {
                locks.relation(path, Lock::AccessExclusive);
                if *aspect == "populated" { READ } else { NONE }
            }
            ObjectKind::Column => column_changed(locks, path, aspect),
            // Labels that come or change their names touch no row.
            ObjectKind::Enum if locks.draft.retyped.values().any(|root| root == path) => {
                locks.users(path, Lock::AccessExclusive);
                REWRITTEN
            }
            ObjectKind::Enum => NONE,
            ObjectKind::Domain => {
                locks.users(path, Lock::ShareUpdateExclusive);
                if matches!(*aspect, "checks" | "nullability") {
                    locks.users(path, Lock::Share);
                    READ
                } else {
                    NONE
                }
            }
            ObjectKind::CompositeType => {
                locks.users(path, Lock::AccessExclusive);
                NONE
            }
            ObjectKind::Publication => {
                published(locks, path);
                NONE
            }
            ObjectKind::Statistics => {
                statistics(locks, path);
                NONE
            }
            ObjectKind::Sequence => NONE,
            _ if path.is_part() => part_changed(locks, path, aspect),
            _ => NONE,
        };
        all = Rows { rewritten: all.rewritten || rows.rewritten, read: all.read || rows.read };
    }
    all
}

fn table_changed(locks: &mut Locks<'_, '_>, path: &ObjectPath, aspect: &str) -> Rows {
    let (lock, rows) = match aspect {
        "comment" | "options" | "clustered-on" => (Lock::ShareUpdateExclusive, NONE),
        "privileges" => (Lock::ShareUpdateExclusive, NONE),
        "persistence" | "access-method" | "tablespace" => (Lock::AccessExclusive, REWRITTEN),
        "partition-of" | "partition-bound" => {
            locks.family(path, Lock::AccessExclusive);
            locks.parents(path, Lock::AccessExclusive);
            (Lock::AccessExclusive, READ)
        }
        "inheritance" => {
            locks.parents(path, Lock::AccessExclusive);
            (Lock::AccessExclusive, NONE)
        }
        "owner" => (Lock::AccessExclusive, NONE),
        _ => (Lock::AccessExclusive, NONE),
    };
    locks.relation(path, lock);
    rows
}

fn column_changed(locks: &mut Locks<'_, '_>, path: &ObjectPath, aspect: &str) -> Rows {
    let column = |found: bool| -> Option<&Column> {
        let catalog = if found { locks.draft.sides.found } else { locks.draft.sides.expected };
        match &catalog.find(path)?.object {
            Object::Column(column) => Some(column),
            _ => None,
        }
    };
    let (lock, rows) = match (aspect, column(true), column(false)) {
        ("type", Some(there), Some(wanted)) => {
            let kept = probes::keeps_rows(there.data_type.as_str(), wanted.data_type.as_str());
            (Lock::AccessExclusive, if kept { READ } else { REWRITTEN })
        }
        ("generated", _, Some(Column { generated: Some(wanted), .. })) => {
            let kept = wanted.kind == GeneratedKind::Virtual;
            (Lock::AccessExclusive, if kept { NONE } else { REWRITTEN })
        }
        ("nullability", _, Some(Column { not_null: Some(_), .. })) => (Lock::AccessExclusive, READ),
        ("not-null-validated", _, _) => (Lock::AccessExclusive, READ),
        ("identity", _, Some(Column { identity: Some(_), .. })) => (Lock::AccessExclusive, READ),
        ("comment" | "statistics-target" | "options" | "privileges", _, _) => {
            (Lock::ShareUpdateExclusive, NONE)
        }
        _ => (Lock::AccessExclusive, NONE),
    };
    locks.family(path, lock);
    rows
}

fn part_changed(locks: &mut Locks<'_, '_>, path: &ObjectPath, aspect: &str) -> Rows {
    let (lock, rows) = match (path.kind, aspect) {
        (ObjectKind::CheckConstraint, "inherited") => {
            let relation = locks.draft.relation_of(path);
            for parent in relation.iter().flat_map(|relation| ancestors(relation, locks.draft)) {
                locks.family(&parent, Lock::AccessExclusive);
            }
            (Lock::AccessExclusive, READ)
        }
        (_, "validated") => {
            locks.referenced(path, Lock::RowShare);
            (Lock::ShareUpdateExclusive, READ)
        }
        (ObjectKind::Index, "statistics-target" | "options" | "comment") => return NONE,
        (ObjectKind::Index | ObjectKind::PrimaryKey | ObjectKind::UniqueConstraint, "tablespace") => {
            (Lock::AccessExclusive, NONE)
        }
        (ObjectKind::Trigger, "enabled") => (Lock::ShareRowExclusive, NONE),
        (ObjectKind::Trigger | ObjectKind::Rule | ObjectKind::Policy, "comment") => {
            (Lock::ShareUpdateExclusive, NONE)
        }
        (_, "comment" | "index-comment") => (Lock::ShareUpdateExclusive, NONE),
        (ObjectKind::ForeignKey, _) => {
            locks.referenced(path, Lock::AccessExclusive);
            (Lock::AccessExclusive, if aspect == "enforced" { READ } else { NONE })
        }
        _ => (Lock::AccessExclusive, NONE),
    };
    locks.family(path, lock);
    rows
}

fn created(locks: &mut Locks<'_, '_>, task: &Task) -> Rows {
    let path = &task.path;
    let draft = locks.draft;
    let catalog = if task.as_found { draft.sides.found } else { draft.sides.expected };
    let object = catalog.find(path).map(|entry| &entry.object);
    let (lock, rows) = match object {
        Some(Object::Index(_)) => (Lock::Share, READ),
        Some(Object::Key(_) | Object::Exclusion(_)) => (Lock::AccessExclusive, READ),
        Some(Object::ForeignKey(key)) => {
            locks.referenced(path, Lock::ShareRowExclusive);
            (Lock::ShareRowExclusive, if key.validated && key.enforced { READ } else { NONE })
        }
        Some(Object::Check(check)) => {
            (Lock::AccessExclusive, if check.validated && check.enforced { READ } else { NONE })
        }
        Some(Object::Trigger(trigger)) => {
            if let Some(table) = &trigger.from_table {
                locks.on(table, Lock::ShareRowExclusive);
            }
            (Lock::ShareRowExclusive, NONE)
        }
        Some(Object::Rule(_) | Object::Policy(_)) => (Lock::AccessExclusive, NONE),
        Some(Object::Statistics(_)) => {
            statistics(locks, path);
            return NONE;
        }
        Some(Object::Column(column)) => (Lock::AccessExclusive, new_column(column, path, draft)),
        Some(Object::Table(_)) => {
            locks.parents(path, Lock::AccessExclusive);
            return NONE;
        }
        Some(Object::Sequence(sequence)) => {
            if let Some(owner) = &sequence.owned_by {
                locks.on(&owner.table, Lock::AccessExclusive);
            }
            return NONE;
        }
        _ if path.kind == ObjectKind::Publication => {
            published(locks, path);
            return NONE;
        }
        _ => return NONE,
    };
    locks.family(path, lock);
    // An index is said to be the one that rows are known by, or were clustered on, by the table.
    if let (Some(Object::Index(_)), Some(name), true) = (object, path.relation(), task.statements.len() > 1) {
        locks.on(&name, Lock::AccessExclusive);
    }
    rows
}

/// A value that differs from row to row has to be written into each.
fn new_column(column: &Column, path: &ObjectPath, draft: &Draft<'_>) -> Rows {
    let stored = column.generated.as_ref().is_some_and(|generated| generated.kind == GeneratedKind::Stored);
    let checked = draft.expected_needs.of(path).any(|needed| {
        match draft.sides.expected.find(needed).map(|entry| &entry.object) {
            Some(Object::Domain(domain)) => domain.not_null || !domain.checks.is_empty(),
            _ => false,
        }
    });
    let rewritten = stored || column.identity.is_some() || checked || is_volatile(path, column, draft);
    if rewritten { REWRITTEN } else { NONE }
}

/// Whether the default of a new column gives another value each time.
pub(super) fn is_volatile(path: &ObjectPath, column: &Column, draft: &Draft<'_>) -> bool {
    let ours = draft.expected_needs.of(path).any(|needed| {
        let routine = draft.sides.expected.find(needed).map(|entry| &entry.object);
        matches!(routine, Some(Object::Routine(routine)) if routine.volatility == Volatility::Volatile)
    });
    let theirs = |default: &Text| VOLATILE.iter().any(|name| default.as_str().contains(name));
    ours || column.default.as_ref().is_some_and(theirs)
}

/// Functions of PostgreSQL that people use in defaults and that give something else each time.
const VOLATILE: [&str; 8] = [
    "nextval(",
    "random(",
    "gen_random_uuid(",
    "uuid_generate_",
    "uuidv",
    "clock_timestamp(",
    "timeofday(",
    "random_normal(",
];

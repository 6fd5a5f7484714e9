//! Columns that get another type, and what has to make way for that.

use std::collections::BTreeSet;

use trueup_model::catalog::Object;
use trueup_model::path::{ObjectKind, ObjectPath};

use super::families::{children, comes_from_parent};
use super::hanging::cannot_be_made_anew;
use super::{can_be_made_anew, view_of};
use crate::repair::draft::{Alter, Causes, Draft};

/// Columns that get another type, with those of the tables that inherit them.
pub(super) fn retyped(draft: &Draft<'_>) -> Vec<(ObjectPath, ObjectPath, Causes)> {
    let mut columns: Vec<(ObjectPath, ObjectPath, Causes)> = Vec::new();
    for (path, changes) in &draft.changes {
        let causes: Causes = changes
            .iter()
            .filter(|change| {
                // SET EXPRESSION writes all values anew, as a change of type does.
                change.aspects.iter().any(|aspect| matches!(*aspect, "type" | "collation" | "generated"))
            })
            .flat_map(|change| change.settles.iter().copied())
            .collect();
        if path.kind == ObjectKind::Column && !causes.is_empty() {
            columns.push((path.clone(), path.clone(), causes));
        } else if path.kind == ObjectKind::Enum {
            columns.extend(of_replaced_type(draft, path, changes));
        }
    }
    let mut at = 0;
    while let Some((path, root, causes)) = columns.get(at).cloned() {
        at += 1;
        for child in children(draft, &path) {
            let column =
                ObjectPath { schema: child.schema.clone(), head: child.head.clone(), ..path.clone() };
            if draft.sides.found.contains(&column) {
                columns.push((column, root.clone(), causes.clone()));
            }
        }
    }
    columns
}

/// Labels that go take a new type, and all columns get it.
fn of_replaced_type(
    draft: &Draft<'_>,
    path: &ObjectPath,
    changes: &[Alter],
) -> Vec<(ObjectPath, ObjectPath, Causes)> {
    let labels = changes.iter().find(|change| change.aspects.contains(&"labels"));
    let (Some(change), Some(Object::Enum(there)), Some(Object::Enum(wanted))) = (
        labels,
        draft.found(path).map(|entry| &entry.object),
        draft.sides.expected.find(path).map(|entry| &entry.object),
    ) else {
        return Vec::new();
    };
    // Labels that only come, or only get another name, leave the type what it is.
    let comes = there.labels.iter().all(|label| wanted.labels.contains(label))
        && change.statements.len() == wanted.labels.len() - there.labels.len();
    let renamed =
        there.labels.len() == wanted.labels.len()
            && there.labels.iter().zip(&wanted.labels).all(|(old, new)| {
                old == new || (!wanted.labels.contains(old) && !there.labels.contains(new))
            });
    if comes || renamed {
        return Vec::new();
    }
    draft
        .found_needs
        .on(path)
        .filter(|user| user.kind == ObjectKind::Column && view_of(draft, user).is_none())
        .map(|user| (user.clone(), path.clone(), change.settles.clone()))
        .collect()
}

/// What holds values of a type that gets another one in its place, but for columns: predicates, checks, arguments.
pub(super) fn type_replaced(draft: &mut Draft<'_>, path: &ObjectPath, causes: &Causes) {
    let users: Vec<ObjectPath> = draft.found_needs.on(path).cloned().collect();
    for user in users {
        let whole = view_of(draft, &user).unwrap_or_else(|| user.clone());
        // It goes anyway.
        if draft.removals.contains_key(&whole) {
            continue;
        }
        if whole != user {
            draft.rebuild(&whole, path, causes);
            continue;
        }
        if user.kind == ObjectKind::Column || comes_from_parent(draft, &user) {
            continue;
        }
        if can_be_made_anew(user.kind) {
            draft.rebuild(&user, path, causes);
        } else {
            cannot_be_made_anew(draft, &user, path, causes);
        }
    }
}

pub(super) fn other_type(draft: &mut Draft<'_>, path: &ObjectPath, causes: &Causes) {
    let users: BTreeSet<ObjectPath> = draft.found_needs.on(path).cloned().collect();
    for user in users {
        if draft.removals.contains_key(&user) {
            if let Some(removal) = draft.removals.get_mut(&user) {
                removal.causes.extend(causes);
            }
            if let Some(creation) = draft.creations.get_mut(&user) {
                creation.causes.extend(causes);
            }
            continue;
        }
        match user.kind {
            ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::Rule
            | ObjectKind::Policy
            | ObjectKind::Function
            | ObjectKind::Procedure
            | ObjectKind::Publication => draft.rebuild(&user, path, causes),
            ObjectKind::Trigger => {
                if comes_from_parent(draft, &user) {
                    continue;
                }
                draft.rebuild(&user, path, causes);
            }
            ObjectKind::Column => {
                let generated = draft.found(&user).is_some_and(
                    |entry| matches!(&entry.object, Object::Column(column) if column.generated.is_some()),
                );
                if generated {
                    draft.rebuild(&user, path, causes);
                }
            }
            // PostgreSQL makes these anew by itself, or they do not know the type.
            _ => {}
        }
    }
}

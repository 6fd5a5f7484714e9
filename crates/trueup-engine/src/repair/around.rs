//! What hangs on an object that goes, or on a column that gets another type: it goes along by itself, is taken down
//! and put up again, or forbids it.

mod families;
mod hanging;
mod retyped;

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::path::{ObjectKind, ObjectPath};

use super::draft::{Causes, Draft};

use families::columns_from;
pub(super) use families::leaves_with_table;
use hanging::{goes_along, hangs_on};
use retyped::{other_type, retyped, type_replaced};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    Gone,
    /// A column becomes another type. PostgreSQL itself takes care of indexes and constraints.
    Retyped,
}

/// Clears the way for all removals and changes of type, until nothing hangs on anything any more.
pub(super) fn make_way(draft: &mut Draft<'_>) {
    let retyped = retyped(draft);
    draft.retyped = retyped.iter().map(|(path, root, _)| (path.clone(), root.clone())).collect();
    for (_, root, causes) in retyped.iter().filter(|(_, root, _)| root.kind == ObjectKind::Enum) {
        type_replaced(draft, root, causes);
    }
    // How many causes each object had when it was looked at: new ones have to be passed on.
    let mut seen: BTreeMap<(ObjectPath, How), usize> = BTreeMap::new();
    loop {
        let mut open: Vec<(ObjectPath, How, Causes)> = draft
            .removals
            .iter()
            .map(|(path, removal)| (path.clone(), How::Gone, removal.causes.clone()))
            .collect();
        open.extend(retyped.iter().map(|(path, _, causes)| (path.clone(), How::Retyped, causes.clone())));
        open.retain(|(path, how, causes)| {
            seen.get(&(path.clone(), *how)).is_none_or(|count| *count < causes.len())
        });
        if open.is_empty() {
            sequences_go_with_tables(draft);
            columns_go_with_tables(draft);
            return make_way_for_roots(draft);
        }
        for (path, how, causes) in open {
            seen.insert((path.clone(), how), causes.len());
            match how {
                How::Gone => gone(draft, &path, &causes),
                How::Retyped => other_type(draft, &path, &causes),
            }
        }
    }
}

/// PostgreSQL drops a sequence with the table or the column that owns it, whoever else asked for that.
fn sequences_go_with_tables(draft: &mut Draft<'_>) {
    let found = draft.sides.found;
    let owners: Vec<(ObjectPath, ObjectPath)> = draft
        .removals
        .keys()
        .filter_map(|path| {
            let owner = found.owner_of(path)?;
            let table = ObjectPath::in_schema(ObjectKind::Table, &owner.table.schema, &owner.table.name);
            let column = ObjectPath::part_of(ObjectKind::Column, &owner.table, &owner.column);
            let with = [table, column].into_iter().find(|owner| draft.removals.contains_key(owner))?;
            Some((path.clone(), with))
        })
        .collect();
    for (path, with) in owners {
        let settles = match draft.removals.get_mut(&path) {
            Some(removal) if removal.along.is_none() => {
                removal.along = Some(with.clone());
                std::mem::take(&mut removal.settles)
            }
            Some(_) | None => continue,
        };
        if let Some(removal) = draft.removals.get_mut(&with) {
            removal.settles.extend(settles);
        }
    }
}

/// A column that would go with that of a parent goes with its own table, where that goes too.
fn columns_go_with_tables(draft: &mut Draft<'_>) {
    let along: Vec<(ObjectPath, ObjectPath)> = draft
        .removals
        .iter()
        .filter(|(path, removal)| path.kind == ObjectKind::Column && removal.along.is_some())
        .filter_map(|(path, _)| Some((path.clone(), draft.relation_of(path)?)))
        .filter(|(_, table)| draft.removals.contains_key(table))
        .collect();
    for (path, table) in along {
        if let Some(removal) = draft.removals.get_mut(&path) {
            removal.along = Some(table);
        }
    }
}

/// What makes way for something that only makes way itself makes way for what that does it for: only there can be seen
/// whether it is still to be done.
fn make_way_for_roots(draft: &mut Draft<'_>) {
    let roots: Vec<(ObjectPath, ObjectPath)> = draft
        .removals
        .iter()
        .filter_map(|(path, removal)| Some((path.clone(), root(draft, removal.makes_way_for.clone()?))))
        .collect();
    for (path, root) in roots {
        if let Some(removal) = draft.removals.get_mut(&path) {
            removal.makes_way_for = Some(root);
        }
    }
    let detached: Vec<(ObjectPath, ObjectPath)> = draft
        .detached
        .iter()
        .map(|(path, (_, makes_way_for))| (path.clone(), root(draft, makes_way_for.clone())))
        .collect();
    for (path, root) in detached {
        if let Some((_, makes_way_for)) = draft.detached.get_mut(&path) {
            *makes_way_for = root;
        }
    }
}

fn root(draft: &Draft<'_>, mut path: ObjectPath) -> ObjectPath {
    let mut seen = BTreeSet::new();
    while seen.insert(path.clone()) {
        let next = match draft.removals.get(&path) {
            Some(removal) => removal.makes_way_for.clone().or_else(|| removal.along.clone()),
            None => draft.retyped.get(&path).cloned().or_else(|| {
                draft.relation_of(&path).filter(|relation| draft.removals.contains_key(relation))
            }),
        };
        match next {
            Some(next) if next != path => path = next,
            Some(_) | None => break,
        }
    }
    path
}

fn gone(draft: &mut Draft<'_>, path: &ObjectPath, causes: &Causes) {
    let sides = draft.sides;
    // The columns of a view come with the view.
    let again = draft.creations.contains_key(path) || draft.is_created(path) && sides.expected.contains(path);
    if path.kind.is_relation() {
        for part in sides.found.parts_of(path) {
            goes_along(draft, &part.path, path, again && part.path.kind != ObjectKind::Column, causes);
        }
    }
    for column in columns_from(draft, path) {
        goes_along(draft, &column, path, again, causes);
    }
    let users: Vec<ObjectPath> = draft.found_needs.on(path).cloned().collect();
    for user in users {
        if user == *path || is_part_of(&user, path) {
            continue;
        }
        hangs_on(draft, &user, path, again, causes);
    }
}

fn is_part_of(part: &ObjectPath, whole: &ObjectPath) -> bool {
    whole.kind.is_relation() && part.is_part() && part.schema == whole.schema && part.head == whole.head
}

/// What keeps nothing that only it knows.
pub(super) fn can_be_made_anew(kind: ObjectKind) -> bool {
    !matches!(
        kind,
        ObjectKind::Column
            | ObjectKind::Table
            | ObjectKind::Schema
            | ObjectKind::Extension
            | ObjectKind::Sequence
            | ObjectKind::BaseType
            | ObjectKind::Subscription
    )
}

/// The view that a column is one of.
fn view_of(draft: &Draft<'_>, column: &ObjectPath) -> Option<ObjectPath> {
    let relation = draft.relation_of(column).filter(|_| column.kind == ObjectKind::Column);
    relation.filter(|relation| matches!(relation.kind, ObjectKind::View | ObjectKind::MaterializedView))
}

pub(super) fn words(kind: ObjectKind) -> String {
    kind.word().replace('-', " ")
}

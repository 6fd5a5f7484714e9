//! What a table has from its parent, and what becomes of that when either goes.

use trueup_model::Catalog;
use trueup_model::catalog::Object;
use trueup_model::name::QualifiedName;
use trueup_model::path::{ObjectKind, ObjectPath};

use crate::repair::draft::Draft;

/// The partitions and inheriting tables of the table of a column.
pub(super) fn children<'a>(draft: &Draft<'a>, column: &ObjectPath) -> &'a [ObjectPath] {
    column.relation().map_or(&[], |table| draft.known.children_of(&table))
}

/// The columns that tables have from a column of their parent alone, but for those that leave it.
pub(super) fn columns_from(draft: &Draft<'_>, path: &ObjectPath) -> Vec<ObjectPath> {
    let Some(parent) = path.relation().filter(|_| path.kind == ObjectKind::Column) else { return Vec::new() };
    let mut columns: Vec<ObjectPath> = Vec::new();
    for child in children(draft, path) {
        let column = ObjectPath { schema: child.schema.clone(), head: child.head.clone(), ..path.clone() };
        let inherited = draft.found(&column).is_some_and(|entry| entry.object.is_inherited());
        if inherited && !leaves(draft, child, &parent) && !draft.removals.contains_key(child) {
            columns.push(column);
        }
    }
    columns
}

/// The column of a parent that a table has a column from.
pub(super) fn parents_column(draft: &Draft<'_>, column: &ObjectPath) -> Option<ObjectPath> {
    let entry = draft.found(column)?;
    if column.kind != ObjectKind::Column || !entry.object.is_inherited() {
        return None;
    }
    let table = draft.relation_of(column)?;
    let Some(Object::Table(of)) = draft.found(&table).map(|entry| &entry.object) else { return None };
    let theirs =
        |parent: &QualifiedName| ObjectPath::part_of(ObjectKind::Column, parent, column.part.as_str());
    let mut parents = of.inherits.iter().chain(of.partition_of.iter().map(|of| &of.parent));
    let parent = parents.find(|parent| draft.sides.found.contains(&theirs(parent)))?;
    (!leaves(draft, &table, parent)).then(|| theirs(parent))
}

/// What a table has from a parent is its own when it leaves that, and does not go with the parent's.
pub(super) fn stays_with_its_own_table(draft: &Draft<'_>, user: &ObjectPath, path: &ObjectPath) -> bool {
    draft.sides.expected.contains(user) && leaves_with_table(draft, user, path).is_some()
}

/// The table that leaves a parent with what it has from there.
pub(in crate::repair) fn leaves_with_table(
    draft: &Draft<'_>,
    user: &ObjectPath,
    path: &ObjectPath,
) -> Option<ObjectPath> {
    let (table, parent) = (draft.relation_of(user)?, path.relation()?);
    let does = comes_from_parent(draft, user)
        && !draft.removals.contains_key(&table)
        && leaves(draft, &table, &parent);
    does.then_some(table)
}

/// Whether a table leaves a parent.
pub(super) fn leaves(draft: &Draft<'_>, table: &ObjectPath, parent: &QualifiedName) -> bool {
    let has = |catalog: &Catalog| match catalog.find(table).map(|entry| &entry.object) {
        Some(Object::Table(table)) => {
            table.inherits.contains(parent)
                || table.partition_of.as_ref().is_some_and(|of| of.parent == *parent)
        }
        _ => false,
    };
    let changes = draft.changes.get(table).into_iter().flatten();
    let mut aspects = changes.flat_map(|change| &change.aspects);
    has(draft.sides.found)
        && !has(draft.sides.expected)
        && aspects.any(|aspect| matches!(*aspect, "partition-of" | "partition-bound" | "inheritance"))
}

/// What a partition has from its parent goes and comes with the parent's.
pub(super) fn comes_from_parent(draft: &Draft<'_>, user: &ObjectPath) -> bool {
    user.kind != ObjectKind::Column && draft.found(user).is_some_and(|entry| entry.object.is_inherited())
}

/// What a partition has this from.
pub(super) fn of_parent(draft: &Draft<'_>, user: &ObjectPath) -> Option<ObjectPath> {
    let needed = draft.found_needs.of(user).filter(|_| comes_from_parent(draft, user));
    let mut needed = needed.filter(|other| other.is_part() && other.relation() != user.relation());
    needed.find(|other| other.kind == user.kind).cloned()
}

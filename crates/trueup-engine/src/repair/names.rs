//! Names that no two objects may share, and the tasks that take them or give them up.

use trueup_model::Catalog;
use trueup_model::catalog::Object;
use trueup_model::name::Ident;
use trueup_model::path::{ObjectKind, ObjectPath};

use super::draft::Draft;
use super::tasks::{Doing, Task};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Space {
    /// Relations, their indexes, sequences and composite types.
    Class,
    Type,
    Routine,
    Constraint,
    Other(ObjectKind),
}

/// What no two objects may share.
pub(super) type Name = (Space, Option<Ident>, Option<Ident>, Ident, Option<String>);

pub(super) fn names(path: &ObjectPath) -> Vec<Name> {
    let arguments = path.arguments.as_ref().map(ToString::to_string);
    let in_schema = |space| (space, path.schema.clone(), None, path.name().clone(), arguments.clone());
    let in_relation =
        |space| (space, path.schema.clone(), Some(path.head.clone()), path.name().clone(), None);
    match path.kind {
        ObjectKind::Table
        | ObjectKind::ForeignTable
        | ObjectKind::View
        | ObjectKind::MaterializedView
        | ObjectKind::CompositeType => vec![in_schema(Space::Class), in_schema(Space::Type)],
        ObjectKind::Sequence | ObjectKind::Index => vec![in_schema(Space::Class)],
        ObjectKind::PrimaryKey | ObjectKind::UniqueConstraint | ObjectKind::ExclusionConstraint => {
            vec![in_schema(Space::Class), in_relation(Space::Constraint)]
        }
        ObjectKind::CheckConstraint | ObjectKind::ForeignKey => vec![in_relation(Space::Constraint)],
        ObjectKind::Enum | ObjectKind::Domain | ObjectKind::RangeType | ObjectKind::BaseType => {
            vec![in_schema(Space::Type)]
        }
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate => {
            vec![in_schema(Space::Routine)]
        }
        kind if path.is_part() => vec![in_relation(Space::Other(kind))],
        kind => vec![in_schema(Space::Other(kind))],
    }
}

/// The names that the sequences of identities get by a task.
pub(super) fn numbers_wanted(task: &Task, draft: &Draft<'_>) -> Vec<Name> {
    let (expected, found) = (draft.sides.expected, draft.sides.found);
    match task.doing {
        Doing::Create => numbers(&task.path, if task.as_found { found } else { expected }),
        Doing::Alter if renumbers(task) => numbers(&task.path, expected),
        Doing::Move if task.from.as_ref().is_some_and(|from| from.schema != task.path.schema) => {
            numbers(&task.path, found)
        }
        Doing::Move | Doing::Drop | Doing::Detach | Doing::Alter | Doing::Attach => Vec::new(),
    }
}

/// The sequences of the identities of a table, or of a column: these have no entries of their own.
pub(super) fn numbers(path: &ObjectPath, catalog: &Catalog) -> Vec<Name> {
    let columns: Vec<&Object> = match path.kind {
        ObjectKind::Column => catalog.find(path).map(|entry| &entry.object).into_iter().collect(),
        ObjectKind::Table => catalog.parts_of(path).map(|part| &part.object).collect(),
        _ => Vec::new(),
    };
    let sequence = |object: &Object| match object {
        Object::Column(column) => column.identity.as_ref().map(|identity| identity.sequence.clone()),
        _ => None,
    };
    let named = |name| (Space::Class, path.schema.clone(), None, name, None);
    columns.into_iter().filter_map(sequence).map(named).collect()
}

/// The name of the NOT NULL that a column goes or comes with.
pub(super) fn not_null_name(task: &Task, doing: Doing, catalog: &Catalog) -> Option<Name> {
    if task.doing != doing || task.path.kind != ObjectKind::Column {
        return None;
    }
    match catalog.find(&task.path).map(|entry| &entry.object) {
        Some(Object::Column(column)) => {
            let name = column.not_null.as_ref()?.name.clone()?;
            Some((Space::Constraint, task.path.schema.clone(), Some(task.path.head.clone()), name, None))
        }
        _ => None,
    }
}

pub(super) fn renumbers(task: &Task) -> bool {
    task.path.kind == ObjectKind::Column
        && task.aspects.iter().any(|aspect| matches!(*aspect, "identity" | "identity-sequence"))
}

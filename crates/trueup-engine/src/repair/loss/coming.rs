//! Rows that would be in the way of what is only made now, asked about before it is there.

use trueup_model::catalog::{Column, ForeignKey, Object};
use trueup_model::name::Ident;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Probe;
use trueup_sql::quote_ident_if_needed;

use super::{column, columns_now, fit, row_key};
use crate::dialect::columns::converted;
use crate::dialect::probes::{self, Fit};
use crate::repair::draft::Draft;
use crate::repair::safety::is_volatile;
use crate::repair::tasks::Task;

/// Whatever refers to a table that is only made now, or to numbers that its rows only get now, refers to nothing.
pub(super) fn of_new_table(task: &Task, draft: &Draft<'_>) -> Option<Probe> {
    let Some(Object::ForeignKey(key)) =
        draft.sides.expected.find(&task.path).filter(|_| !task.as_found).map(|entry| &entry.object)
    else {
        return None;
    };
    let table = task.path.relation()?;
    let now = draft.known.name_found(&table);
    let key = ForeignKey { columns: columns_now(&table, &key.columns, draft), ..(**key).clone() };
    let there = |column: &Ident| {
        draft.request.sides.found.contains(&ObjectPath::part_of(ObjectKind::Column, &now, column))
    };
    let target = ObjectPath::in_schema(ObjectKind::Table, &key.references.schema, &key.references.name);
    let is_new = |column: &Ident| {
        let column = ObjectPath::part_of(ObjectKind::Column, &key.references, column);
        draft.creations.contains_key(&column)
    };
    let has_new = draft.creations.contains_key(&target) || key.referenced_columns.iter().any(is_new);
    (has_new && key.columns.iter().all(there))
        .then(|| probes::referring(&table, &key, row_key(&table, draft)))
}

/// A check or a key on columns that come with one value for all rows, or hold their values as another type by then.
pub(super) fn of_new_columns(task: &Task, draft: &Draft<'_>) -> Option<Probe> {
    let expected = draft.sides.expected;
    let object = expected.find(&task.path).filter(|_| !task.as_found).map(|entry| &entry.object)?;
    let table = task.path.relation()?;
    let found = draft.request.sides.found;
    let needed = draft.expected_needs.of(&task.path).filter(|needed| needed.kind != ObjectKind::Table);
    let mut values: Vec<(&Ident, String)> = Vec::new();
    let mut others: Vec<&ObjectPath> = Vec::new();
    for needed in needed {
        let value = match (needed.kind, column(needed, found), column(needed, expected)) {
            // Whatever type it will be of.
            (ObjectKind::Column, None, Some(new))
                if draft.creations.contains_key(needed)
                    && comes_empty(new, draft)
                    && forbids_null(object, needed) =>
            {
                values.push((&needed.part, "NULL".to_owned()));
                continue;
            }
            // Whichever value and type, that are not there to be asked for yet.
            (ObjectKind::Column, None, Some(new))
                if draft.creations.contains_key(needed)
                    && is_of_columns(object)
                    && new.generated.is_none() =>
            {
                values.push((&needed.part, same_in_all(needed, new, draft)?));
                continue;
            }
            (ObjectKind::Column, None, Some(new)) if draft.creations.contains_key(needed) => {
                value_of_new(needed, new, draft)?
            }
            (ObjectKind::Column, Some(there), Some(wanted)) if there.data_type != wanted.data_type => {
                value_by_then(needed, there, wanted, draft)?
            }
            _ => {
                others.push(needed);
                continue;
            }
        };
        values.push((&needed.part, value));
        others.extend(draft.expected_needs.of(needed));
    }
    // Types and functions, by the names that they have now.
    let stays = |needed: &ObjectPath| {
        let other_type = || match (column(needed, found), column(needed, expected)) {
            (Some(there), Some(wanted)) => there.data_type != wanted.data_type,
            _ => false,
        };
        needed.kind == ObjectKind::Table
            || found.contains(needed) && !draft.is_created(needed) && !other_type()
    };
    if values.is_empty() || !others.into_iter().all(stays) || draft.known.name_found(&table) != table {
        return None;
    }
    let path = ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name);
    let kept = found.columns_of(&path).into_iter().map(|(name, _)| name);
    let kept: Vec<&Ident> = kept.filter(|name| values.iter().all(|(other, _)| other != name)).collect();
    let rows = probes::Rows::with(&table, &kept, &values);
    match object {
        Object::Check(check) => Some(probes::failing_with(&rows, &task.path.part, check)),
        Object::Key(key) => probes::duplicates_of_key(&rows, key),
        Object::Index(index) if index.unique => Some(probes::duplicates_of_index(&rows, index)),
        _ => None,
    }
}

fn comes_empty(column: &Column, draft: &Draft<'_>) -> bool {
    let value = column.default.is_some() || column.generated.is_some() || column.identity.is_some();
    !value && !column.serial && !draft.fills_by_itself(&column.data_type)
}

/// `CHECK ((c IS NOT NULL))`.
fn forbids_null(object: &Object, column: &ObjectPath) -> bool {
    let forbids = format!("({} IS NOT NULL)", quote_ident_if_needed(column.part.as_str()));
    matches!(object, Object::Check(check) if check.expression.as_str() == forbids)
}

/// What the rows that are there have in a new column, where it is one value or follows from their others.
fn value_of_new(path: &ObjectPath, column: &Column, draft: &Draft<'_>) -> Option<String> {
    if let Some(generated) = &column.generated {
        return Some(format!("({})::{}", generated.expression, column.data_type));
    }
    let one = column.identity.is_none() && !column.serial && !is_volatile(path, column, draft);
    one.then(|| draft.value_of_new(column))
}

/// For keys only: whether rows have a value in a new column matters, and not which it is, as it is the same in all.
fn same_in_all(path: &ObjectPath, column: &Column, draft: &Draft<'_>) -> Option<String> {
    let one = column.generated.is_none()
        && column.identity.is_none()
        && !column.serial
        && !is_volatile(path, column, draft);
    one.then(|| {
        let empty = draft.default_of(column).is_none_or(|default| default.as_str().starts_with("NULL"));
        if empty { "NULL::text".to_owned() } else { "'the same'::text".to_owned() }
    })
}

/// Whether a key, or an index, is one of columns alone.
fn is_of_columns(object: &Object) -> bool {
    match object {
        Object::Key(_) => true,
        Object::Index(index) => {
            index.predicate.is_none() && index.keys.iter().all(|key| !key.expression.as_str().contains('('))
        }
        _ => false,
    }
}

/// What a value will be as another type. One that does not fit is asked for by a question of its own.
fn value_by_then(path: &ObjectPath, there: &Column, wanted: &Column, draft: &Draft<'_>) -> Option<String> {
    if draft.unwrapped(&wanted.data_type) != wanted.data_type.as_str() {
        return None;
    }
    let value = converted(&path.part, there, wanted, draft.sides);
    match fit(path, draft) {
        Fit::All | Fit::Changed(_) => Some(value),
        Fit::Fails(condition) => Some(format!("CASE WHEN {condition} THEN NULL ELSE {value} END")),
        Fit::Unknown => None,
    }
}

//! Rows that are in the way of a step, and what a step loses.

mod coming;

use trueup_model::catalog::{Column, EnumType, ForeignKey, Key, Object};
use trueup_model::name::{Ident, QualifiedName};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Probe;

use self::coming::{of_new_columns, of_new_table};
use super::draft::Draft;
use super::tasks::{Doing, Task};
use crate::dialect::columns::has_heirs;
use crate::dialect::probes::{self, Fit};

/// How the values of a column fit into the type that it is to have.
pub(super) fn fit(path: &ObjectPath, draft: &Draft<'_>) -> Fit {
    let (Some(there), Some(wanted)) = (column(path, draft.sides.found), column(path, draft.sides.expected))
    else {
        return Fit::All;
    };
    let (from, to) = (draft.unwrapped(&there.data_type), draft.unwrapped(&wanted.data_type));
    let labels = draft.labels(&wanted.data_type);
    match probes::fit(&path.part, &from, &to, labels.as_deref(), draft.sides.found.major()) {
        // Only the type itself could tell, and it is another one now.
        Fit::Fails(_) if labels.is_none() && draft.types_differ(path) => Fit::Unknown,
        fit => fit,
    }
}

fn column<'c>(path: &ObjectPath, catalog: &'c trueup_model::Catalog) -> Option<&'c Column> {
    match &catalog.find(path)?.object {
        Object::Column(column) => Some(column),
        _ => None,
    }
}

/// Rows that would make the step fail, or that it may not touch without permission. They are asked for before the first
/// step, when things have the names that they are found under and only what is found is there.
pub(super) fn violations(task: &Task, draft: &Draft<'_>) -> Vec<Probe> {
    let mut probes = in_known_names(task, draft);
    if !probes.is_empty() && !can_be_asked(task, draft) {
        probes = of_new_table(task, draft).or_else(|| of_new_columns(task, draft)).into_iter().collect();
    }
    for probe in &mut probes {
        for table in [Some(probe.table.clone()), referenced(task, draft)].into_iter().flatten() {
            let found = draft.known.name_found(&table);
            if found != table {
                for question in [&mut probe.count, &mut probe.sample] {
                    *question = question.replace(&probes::from(&table), &probes::from(&found));
                }
            }
        }
        probe.table = draft.known.name_found(&probe.table);
    }
    probes
}

fn referenced(task: &Task, draft: &Draft<'_>) -> Option<QualifiedName> {
    let catalog = if task.as_found { draft.sides.found } else { draft.sides.expected };
    match &catalog.find(&task.path)?.object {
        Object::ForeignKey(key) => Some(key.references.clone()),
        _ => None,
    }
}

/// Whether all that the questions name is there before the first step, as the step will need it.
fn can_be_asked(task: &Task, draft: &Draft<'_>) -> bool {
    let path = &task.path;
    let catalog = if task.as_found { draft.sides.found } else { draft.sides.expected };
    let Some(table) = path.relation() else { return true };
    let of = |table: &QualifiedName, columns: &[Ident]| -> Vec<ObjectPath> {
        columns.iter().map(|column| ObjectPath::part_of(ObjectKind::Column, table, column)).collect()
    };
    let mut needed: Vec<ObjectPath> = Vec::new();
    let mut by_type = true;
    match catalog.find(path).map(|entry| &entry.object) {
        Some(Object::Column(_)) if task.doing == Doing::Create => return true,
        Some(Object::Column(_)) => {
            needed.push(path.clone());
            // Labels are asked for by their texts.
            let types = [ObjectKind::CompositeType, ObjectKind::Domain, ObjectKind::RangeType];
            let needs = draft.expected_needs.of(path).filter(|_| task.aspects.contains(&"type"));
            needed.extend(needs.filter(|needed| types.contains(&needed.kind)).cloned());
        }
        Some(Object::Key(key)) => needed.extend(of(&table, &key.columns)),
        Some(Object::ForeignKey(key)) => {
            needed.extend(of(&table, &key.columns));
            needed.extend(of(&key.references, &key.referenced_columns));
        }
        _ => {
            let needs = if task.as_found { draft.found_needs } else { draft.expected_needs };
            needed.extend(needs.of(path).filter(|needed| needed.kind != ObjectKind::Table).cloned());
        }
    }
    if matches!(path.kind, ObjectKind::Column | ObjectKind::PrimaryKey | ObjectKind::UniqueConstraint) {
        by_type = false;
    }
    let by_now = names_columns_alone(task, draft);
    needed.iter().all(|needed| {
        let there = match needed.relation() {
            // By the name that it has now.
            Some(table) => {
                let now = draft.known.name_found(&table);
                let part = if by_now { draft.known.column_found(needed) } else { needed.part.clone() };
                ObjectPath { schema: Some(now.schema), head: now.name, part, ..needed.clone() }
            }
            None => needed.clone(),
        };
        let found = draft.request.sides.found;
        if !found.contains(&there) || draft.is_created(needed) {
            return false;
        }
        match (column(&there, found), column(needed, draft.sides.expected)) {
            (Some(now), Some(then)) => {
                let (now, then) = (now.data_type.as_str(), then.data_type.as_str());
                // Whole numbers are the same in all types of them.
                let is_whole = |name| matches!(name, "smallint" | "integer" | "bigint");
                let refers_by_number = path.kind == ObjectKind::ForeignKey && is_whole(now) && is_whole(then);
                !by_type || now == then || refers_by_number
            }
            _ => true,
        }
    })
}

/// Whether questions name columns as such, and not within expressions: then they can name them as they are called now.
fn names_columns_alone(task: &Task, draft: &Draft<'_>) -> bool {
    let catalog = if task.as_found { draft.sides.found } else { draft.sides.expected };
    match catalog.find(&task.path).map(|entry| &entry.object) {
        Some(Object::Key(_) | Object::ForeignKey(_)) => true,
        Some(Object::Column(_)) => !task.aspects.contains(&"type"),
        _ => false,
    }
}

/// The columns that tell the rows of a table apart, as they are called now: a key keeps these names on the found side.
fn row_key<'d>(table: &QualifiedName, draft: &Draft<'d>) -> &'d [Ident] {
    probes::key_of(table, draft.sides.found)
}

fn columns_now(table: &QualifiedName, columns: &[Ident], draft: &Draft<'_>) -> Vec<Ident> {
    let now = |column| draft.known.column_found(&ObjectPath::part_of(ObjectKind::Column, table, column));
    columns.iter().map(now).collect()
}

fn in_known_names(task: &Task, draft: &Draft<'_>) -> Vec<Probe> {
    let path = &task.path;
    let found = draft.sides.found;
    let catalog = if task.as_found { found } else { draft.sides.expected };
    let Some(entry) = catalog.find(path) else { return Vec::new() };
    let Some(table) = path.relation() else { return of_type(task, draft) };
    // What is made with its table has no rows yet.
    let holds_rows = draft.relation_of(path).is_some_and(|relation| {
        relation.kind == ObjectKind::Table
            && found.contains(&relation)
            && !draft.creations.contains_key(&relation)
    });
    if !holds_rows {
        return Vec::new();
    }
    let is = |aspect: &str| task.doing == Doing::Alter && task.aspects.contains(&aspect);
    let row_key = row_key(&table, draft);
    match &entry.object {
        Object::Column(column) if task.doing == Doing::Create => {
            let empty_handed = column.not_null.is_some() && is_empty_handed(&table, column, draft);
            let meaning = format!("rows that would have no value for {}", path.part);
            empty_handed.then(|| probes::any_rows(&table, &meaning, row_key)).into_iter().collect()
        }
        Object::Column(column) => {
            let mut all = Vec::new();
            if is("type") {
                all.extend(of_values(path, &table, draft));
            }
            if (is("nullability") && column.not_null.as_ref().is_some_and(|it| it.validated))
                || (is("not-null-validated") && column.not_null.is_some())
                || (is("identity") && column.identity.is_some())
            {
                let column = if is("type") { path.part.clone() } else { draft.known.column_found(path) };
                all.push(probes::nulls(&table, &column, row_key));
            }
            all
        }
        Object::Key(key) if task.doing == Doing::Create => {
            let key = &Key { columns: columns_now(&table, &key.columns, draft), ..(**key).clone() };
            let mut all: Vec<Probe> =
                probes::duplicates_of_key(&probes::Rows::of(&table), key).into_iter().collect();
            if path.kind == ObjectKind::PrimaryKey {
                all.extend(key.columns.iter().map(|column| probes::nulls(&table, column, row_key)));
            }
            all
        }
        Object::Index(index) if task.doing == Doing::Create && index.unique => {
            vec![probes::duplicates_of_index(&probes::Rows::of(&table), index)]
        }
        Object::Check(check)
            if check.enforced && check.validated && (task.doing == Doing::Create || is("validated")) =>
        {
            vec![probes::failing(&table, &path.part, check, row_key)]
        }
        Object::ForeignKey(key)
            if key.enforced
                && key.validated
                && (task.doing == Doing::Create || is("validated") || is("enforced")) =>
        {
            let key = ForeignKey {
                columns: columns_now(&table, &key.columns, draft),
                referenced_columns: columns_now(&key.references, &key.referenced_columns, draft),
                ..(**key).clone()
            };
            probes::orphans(&table, &key).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// A new column that may not be null and that nothing gives a value to.
pub(super) fn is_empty_handed(table: &QualifiedName, column: &Column, draft: &Draft<'_>) -> bool {
    column.default.is_none()
        && (column.identity.is_none() || has_heirs(table, draft.sides))
        && column.generated.is_none()
        && !column.serial
        && !draft.fills_by_itself(&column.data_type)
}

fn of_values(path: &ObjectPath, table: &QualifiedName, draft: &Draft<'_>) -> Vec<Probe> {
    let (condition, how) = match fit(path, draft) {
        Fit::All | Fit::Unknown => return Vec::new(),
        Fit::Fails(condition) => (condition, "cannot be"),
        // Somebody asked for that.
        Fit::Changed(_) if draft.request.allowed.allow(path) => return Vec::new(),
        Fit::Changed(condition) => (condition, "would not stay the same as"),
    };
    let to =
        column(path, draft.sides.expected).map(|column| column.data_type.to_string()).unwrap_or_default();
    let meaning = format!("rows whose {} {how} {to}", path.part);
    vec![probes::rows_where(table, &condition, &meaning, row_key(table, draft))]
}

/// A question about one column of a table.
type AskOf<'a> = dyn Fn(&QualifiedName, &ObjectPath) -> Probe + 'a;

/// Labels of an enum that go, and a domain that is to be filled, in all columns of the type.
fn of_type(task: &Task, draft: &Draft<'_>) -> Vec<Probe> {
    let found = draft.sides.found;
    let objects = (
        found.find(&task.path).map(|entry| &entry.object),
        draft.sides.expected.find(&task.path).map(|entry| &entry.object),
    );
    let is = |aspect: &str| task.aspects.contains(&aspect);
    let replaced = draft.retyped.values().any(|root| *root == task.path);
    let probe: Box<AskOf<'_>> = match objects {
        (Some(Object::Enum(there)), Some(Object::Enum(wanted))) if is("labels") && replaced => {
            let gone = gone(there, wanted);
            if gone.is_empty() {
                return Vec::new();
            }
            Box::new(move |table, column| probes::labelled(table, &column.part, &gone, row_key(table, draft)))
        }
        (Some(Object::Domain(there)), Some(Object::Domain(wanted)))
            if is("nullability") && wanted.not_null && !there.not_null =>
        {
            Box::new(|table, column| probes::nulls(table, &column.part, row_key(table, draft)))
        }
        _ => return Vec::new(),
    };
    draft
        .found_needs
        .on(&task.path)
        .filter(|user| user.kind == ObjectKind::Column)
        .filter(|user| draft.relation_of(user).is_some_and(|relation| relation.kind == ObjectKind::Table))
        .filter_map(|user| {
            let asked = ObjectPath { part: draft.known.column_found(user), ..user.clone() };
            Some(probe(&user.relation()?, &asked))
        })
        .collect()
}

fn gone(there: &EnumType, wanted: &EnumType) -> Vec<String> {
    there.labels.iter().filter(|label| !wanted.labels.contains(label)).map(ToString::to_string).collect()
}

/// What is gone for good, in words.
pub(super) fn loses(task: &Task, draft: &Draft<'_>) -> Option<String> {
    let path = &task.path;
    match task.doing {
        Doing::Drop => {
            let entry = draft.sides.found.find(path)?;
            let computed = || {
                let wanted = draft.sides.expected.find(path);
                wanted.is_some_and(|wanted| draft.becomes_computed(path, entry, wanted))
            };
            // Taken down for a moment, or without anything of its own.
            if draft.creations.contains_key(path) && !computed() {
                return None;
            }
            // Its relation says so.
            if draft.relation_of(path).is_some_and(|relation| draft.removals.contains_key(&relation)) {
                return None;
            }
            match &entry.object {
                Object::Table(table) if table.foreign_server.is_none() => Some(format!("all rows of {path}")),
                Object::Column(column) if column.generated.is_none() => Some(format!("all values of {path}")),
                Object::Sequence(_) => Some(format!("the position of {path}")),
                _ => Some(format!("the definition of {path}")),
            }
        }
        Doing::Alter if task.aspects.contains(&"type") => match fit(path, draft) {
            Fit::Changed(_) if draft.request.allowed.allow(path) => Some(format!(
                "values of {path} that do not fit into {}",
                column(path, draft.sides.expected)?.data_type
            )),
            Fit::Unknown => Some(format!(
                "values of {path} that are not the same as {}",
                column(path, draft.sides.expected)?.data_type
            )),
            Fit::All | Fit::Fails(_) | Fit::Changed(_) => None,
        },
        Doing::Alter if task.aspects.contains(&"attributes") => {
            let gone = draft.attributes_gone(path);
            (!gone.is_empty()).then(|| format!("the values of {} in {path}", gone.join(", ")))
        }
        Doing::Move | Doing::Detach | Doing::Alter | Doing::Create | Doing::Attach => None,
    }
}

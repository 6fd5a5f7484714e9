//! What a migration makes of a database, in a line for each object.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::difference::Change;
use trueup_model::run::Fate;
use trueup_model::{Catalog, ObjectKind, ObjectPath, QualifiedName};

use crate::compare;

/// Everything that is not there any more, under any name: what goes with its table or its column as well.
pub fn gone(before: &Catalog, after: &Catalog, fate: &Fate) -> Vec<ObjectPath> {
    let renamed: BTreeSet<ObjectPath> = compare(after, before)
        .into_iter()
        .filter_map(|difference| match difference.change {
            Change::Renamed { to } | Change::Misplaced { to } if !is_gone(&to, fate) => Some(to),
            Change::Renamed { .. } | Change::Misplaced { .. } => None,
            Change::Missing | Change::Unexpected | Change::Different(_) => None,
        })
        .collect();
    let is_there = |path: &ObjectPath| {
        if lives_on(path, fate) {
            return true;
        }
        let now = path.relation().and_then(|table| fate.tables.get(&table)?.clone());
        let moved = now.map(|QualifiedName { schema, name }| ObjectPath {
            schema: Some(schema),
            head: name,
            ..path.clone()
        });
        after.contains(moved.as_ref().unwrap_or(path)) || renamed.contains(path)
    };
    before.entries().iter().map(|entry| &entry.path).filter(|path| !is_there(path)).cloned().collect()
}

/// From one catalog to the next, in the order of the objects, given what became of tables and columns.
pub fn told(before: &Catalog, after: &Catalog, fate: &Fate) -> Vec<String> {
    let mut changed: BTreeMap<ObjectPath, Vec<String>> = BTreeMap::new();
    let mut lines = Vec::new();
    for difference in compare(after, before) {
        let path = difference.path;
        let object = format!("{} {path}", path.kind.spoken());
        match difference.change {
            Change::Missing => lines.push((path, format!("makes {object}"))),
            Change::Unexpected => lines.push((path, format!("drops {object}"))),
            // It only looks like the same one.
            Change::Renamed { to } | Change::Misplaced { to } if is_gone(&to, fate) => {
                let gone = format!("drops {} {to}", to.kind.spoken());
                lines.push((to, gone));
                lines.push((path, format!("makes {object}")));
            }
            Change::Renamed { to } => lines.push((path, format!("renames {to} to {object}"))),
            Change::Misplaced { to } => lines.push((path, format!("moves {to} to {object}"))),
            Change::Different(aspect) if aspect.name == "column-order" => {}
            Change::Different(aspect) => {
                changed.entry(path).or_default().push(aspect.name.replace('-', " "));
            }
        }
    }
    lines.extend(made_anew(before, after, fate));
    // What goes with a column is no difference of its own.
    let said: BTreeSet<ObjectPath> = lines.iter().map(|(path, _)| path.clone()).collect();
    let is_silent = |path: &ObjectPath| {
        let table = path.relation().and_then(|table| fate.tables.get(&table)?.clone());
        table.is_some() && !said.contains(path)
    };
    for path in gone(before, after, fate).into_iter().filter(is_silent) {
        let line = format!("drops {} {path}", path.kind.spoken());
        lines.push((path, line));
    }
    for (path, aspects) in changed {
        let line = format!("changes {} {path}: {}", path.kind.spoken(), aspects.join(", "));
        lines.push((path, line));
    }
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

/// Whether a table or a column that was there still is, under any name.
fn lives_on(path: &ObjectPath, fate: &Fate) -> bool {
    match path.kind {
        ObjectKind::Table => {
            path.qualified().and_then(|table| fate.tables.get(&table)).is_some_and(Option::is_some)
        }
        ObjectKind::Column => {
            let column = path.relation().map(|table| (table, path.part.clone()));
            column.and_then(|column| fate.columns.get(&column)).is_some_and(Option::is_some)
        }
        _ => false,
    }
}

/// Whether a table or a column that was there is not there any more, under any name.
fn is_gone(path: &ObjectPath, fate: &Fate) -> bool {
    let gone_table = path.qualified().is_some_and(|table| fate.tables.get(&table) == Some(&None));
    let column = path.relation().map(|table| (table, path.part.clone()));
    match path.kind {
        ObjectKind::Table => gone_table,
        ObjectKind::Column => column.is_some_and(|column| fate.columns.get(&column) == Some(&None)),
        _ => false,
    }
}

/// What was dropped and made again under the same name.
fn made_anew(before: &Catalog, after: &Catalog, fate: &Fate) -> Vec<(ObjectPath, String)> {
    let all = before.entries().iter().map(|entry| &entry.path);
    let of_gone_table =
        |path: &ObjectPath| path.relation().is_some_and(|table| fate.tables.get(&table) == Some(&None));
    all.filter(|path| is_gone(path, fate) && after.contains(path) && !of_gone_table(path))
        .map(|path| (path.clone(), format!("drops {} {path} and makes it anew", path.kind.spoken())))
        .collect()
}

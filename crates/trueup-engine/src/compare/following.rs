//! Leaves out differences that follow from others: one fact is told once.

use std::collections::BTreeSet;

use trueup_model::Catalog;
use trueup_model::catalog::{Object, OwnedBy};
use trueup_model::difference::{Aspect, Change, Difference};
use trueup_model::name::{Ident, QualifiedName};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_sql::quote_ident_if_needed;

use crate::provenance::names;

pub(super) fn leave_out(differences: &mut Vec<Difference>, (expected, found): (&Catalog, &Catalog)) {
    let changed_views: BTreeSet<QualifiedName> = differences
        .iter()
        .filter(|difference| {
            is_view(difference.path.kind) && changed_aspect(difference) == Some("definition")
        })
        .filter_map(|difference| difference.path.qualified())
        .collect();
    let of_tables = types_of_tables(differences, expected);
    let numbered_otherwise: BTreeSet<ObjectPath> = differences
        .iter()
        .filter(|difference| changed_aspect(difference) == Some("identity"))
        .map(|difference| difference.path.clone())
        .collect();
    let feeds_one_of_these = |difference: &Difference| {
        let owner = match difference.change {
            Change::Missing => expected.owner_of(&difference.path),
            Change::Unexpected => found.owner_of(&difference.path),
            Change::Different(_) | Change::Renamed { .. } | Change::Misplaced { .. } => None,
        };
        owner.is_some_and(|OwnedBy { table, column }| {
            let column = ObjectPath::part_of(ObjectKind::Column, table, column);
            numbered_otherwise.contains(&column)
        })
    };
    let renamed = renamed_columns(differences, expected);
    differences.retain(|difference| {
        !feeds_one_of_these(difference)
            && !renamed.iter().any(|renamed| names_the_column(difference, renamed, expected))
            && !of_changed_view(difference, &changed_views)
            && !of_changed_table(difference, &of_tables, expected)
    });
}

fn is_view(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::View | ObjectKind::MaterializedView)
}

fn changed_aspect(difference: &Difference) -> Option<&'static str> {
    match &difference.change {
        Change::Different(aspect) => Some(aspect.name),
        Change::Missing | Change::Unexpected | Change::Renamed { .. } | Change::Misplaced { .. } => None,
    }
}

/// The columns of a view whose text differs.
fn of_changed_view(difference: &Difference, changed_views: &BTreeSet<QualifiedName>) -> bool {
    difference.path.kind == ObjectKind::Column
        && follows_from_definition(&difference.change)
        && difference.path.relation().is_some_and(|relation| changed_views.contains(&relation))
}

/// What is said of a column by itself, a comment or a privilege, follows from nothing.
fn follows_from_definition(change: &Change) -> bool {
    match change {
        Change::Missing | Change::Unexpected | Change::Misplaced { .. } => true,
        Change::Different(aspect) => {
            matches!(aspect.name, "type" | "collation" | "storage" | "compression" | "statistics-target")
        }
        Change::Renamed { .. } => false,
    }
}

/// A column that has another name: its relation, the name that is known, and the one that was found.
struct Renamed {
    relation: QualifiedName,
    /// Tables that have the column from there.
    children: Vec<QualifiedName>,
    /// As lists of columns say them, without quotes.
    names: (Ident, Ident),
    known: String,
    now: String,
}

fn renamed_columns(differences: &[Difference], expected: &Catalog) -> Vec<Renamed> {
    let columns = differences.iter().filter(|difference| difference.path.kind == ObjectKind::Column);
    columns
        .filter_map(|difference| match &difference.change {
            Change::Renamed { to } => Some(Renamed {
                relation: difference.path.relation()?,
                children: children(&difference.path.relation()?, expected),
                names: (difference.path.part.clone(), to.part.clone()),
                known: quote_ident_if_needed(difference.path.part.as_str()),
                now: quote_ident_if_needed(to.part.as_str()),
            }),
            Change::Different(_) | Change::Missing | Change::Unexpected | Change::Misplaced { .. } => None,
        })
        .collect()
}

fn children(table: &QualifiedName, expected: &Catalog) -> Vec<QualifiedName> {
    let mut family = vec![table.clone()];
    let mut at = 0;
    while let Some(parent) = family.get(at).cloned() {
        at += 1;
        let more: Vec<QualifiedName> = expected
            .entries()
            .iter()
            .filter(|entry| match &entry.object {
                Object::Table(table) => {
                    table.inherits.contains(&parent)
                        || table.partition_of.as_ref().is_some_and(|partition| partition.parent == parent)
                }
                _ => false,
            })
            .filter_map(|entry| entry.path.qualified())
            .filter(|name| !family.contains(name))
            .collect();
        family.extend(more);
    }
    family.split_off(1)
}

/// A constraint or the like of the table, or a view, that says the same of the column under its other name.
fn names_the_column(difference: &Difference, renamed: &Renamed, catalog: &Catalog) -> bool {
    let Change::Different(aspect) = &difference.change else { return false };
    let is_view = is_view(difference.path.kind) && aspect.name == "definition";
    // Comments are written by people and keep what they say.
    if aspect.name.contains("comment") {
        return false;
    }
    let Renamed { relation, children, names: (name_known, name_now), known, now } = renamed;
    let other_table = match (catalog.find(&difference.path).map(|entry| &entry.object), aspect.name) {
        (Some(Object::Statistics(statistics)), _) => Some(statistics.table.clone()),
        (Some(Object::ForeignKey(key)), "referenced-columns") => Some(key.references.clone()),
        _ => None,
    };
    let of = other_table.or_else(|| difference.path.relation()).or_else(|| difference.path.qualified());
    if !is_view && !of.is_some_and(|of| of == *relation || children.contains(&of)) {
        return false;
    }
    if is_view && !names(&aspect.expected.to_lowercase(), &quote_ident_if_needed(relation.name.as_str())) {
        return false;
    }
    if matches!(aspect.name, "columns" | "referenced-columns") {
        let list = aspect.found.split(", ");
        let said = list.map(|name| if name == name_now.as_str() { name_known.as_str() } else { name });
        if said.collect::<Vec<_>>() == aspect.expected.split(", ").collect::<Vec<_>>() {
            return true;
        }
    }
    let said = with_word(&aspect.found, now, known);
    // A view keeps the names of its own columns: `now AS known`.
    let without_alias = with_word(&said, &format!("{known} AS {known}"), known);
    aspect.expected == said || (is_view && aspect.expected == without_alias)
}

/// The text with `to` wherever `from` stands as a word of its own.
fn with_word(text: &str, from: &str, to: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '"' | '\'');
    let mut result = String::with_capacity(text.len());
    let mut copied = 0;
    for (start, found) in text.match_indices(from) {
        let end = start + found.len();
        let apart = !text[..start].ends_with(is_word) && !text[end..].starts_with(is_word);
        if apart {
            result.push_str(&text[copied..start]);
            result.push_str(to);
            copied = end;
        }
    }
    result + &text[copied..]
}

/// From which type to which, or from which collation.
type Step = (&'static str, String, String);

/// What columns of tables have become. A view that shows such a column has the same text and another type.
fn types_of_tables(differences: &[Difference], expected: &Catalog) -> BTreeSet<Step> {
    let steps = differences.iter().filter(|difference| !is_column_of_view(&difference.path, expected));
    steps.filter_map(step).collect()
}

fn step(difference: &Difference) -> Option<Step> {
    match &difference.change {
        Change::Different(Aspect { name: name @ ("type" | "collation"), expected, found, nature: _ })
            if difference.path.kind == ObjectKind::Column =>
        {
            Some((name, expected.clone(), found.clone()))
        }
        Change::Different(_)
        | Change::Missing
        | Change::Unexpected
        | Change::Renamed { .. }
        | Change::Misplaced { .. } => None,
    }
}

fn of_changed_table(difference: &Difference, of_tables: &BTreeSet<Step>, expected: &Catalog) -> bool {
    !of_tables.is_empty()
        && is_column_of_view(&difference.path, expected)
        && step(difference).is_some_and(|step| of_tables.contains(&step))
}

fn is_column_of_view(path: &ObjectPath, expected: &Catalog) -> bool {
    let Some(QualifiedName { schema, name }) = path.relation().filter(|_| path.kind == ObjectKind::Column)
    else {
        return false;
    };
    [ObjectKind::View, ObjectKind::MaterializedView]
        .iter()
        .any(|kind| expected.contains(&ObjectPath::in_schema(*kind, &schema, name.as_str())))
}

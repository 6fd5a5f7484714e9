//! Why something cannot be made, or cannot go: what it needs is not there, or what has its place stays.

use std::collections::{BTreeMap, HashSet};

use trueup_model::Catalog;
use trueup_model::catalog::{Entry, Object, Volatility};
use trueup_model::name::{Ident, Text};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Reason;
use trueup_sql::quote_literal;

use super::{Doing, Task};
use crate::dialect::columns::takes_from;
use crate::repair::around::words;
use crate::repair::draft::{Causes, Draft, default_from_before, is_from_before};
use crate::repair::names::{Name, names, numbers, numbers_wanted};

/// A column that goes on to take from a sequence that is to go.
pub(super) fn still_fed_by(draft: &Draft<'_>, path: &ObjectPath) -> Option<ObjectPath> {
    if path.kind != ObjectKind::Sequence || draft.creations.contains_key(path) {
        return None;
    }
    let lets_go = |column: &ObjectPath| {
        let changes = draft.changes.get(column).into_iter().flatten();
        let mut aspects = changes.flat_map(|change| change.aspects.iter());
        draft.removals.contains_key(column)
            || draft.relation_of(column).is_some_and(|table| draft.removals.contains_key(&table))
            || draft.detached.contains_key(column)
            || aspects.any(|aspect| matches!(*aspect, "default" | "identity" | "generated"))
            // The sequence that comes in its place sets the default.
            || draft.creations.keys().any(|new| {
                new.kind == ObjectKind::Sequence
                    && matches!(draft.sides.expected.find(column).map(|entry| &entry.object),
                        Some(Object::Column(wanted)) if takes_from(wanted, new))
            })
    };
    let takers = draft
        .sides
        .found
        .entries()
        .iter()
        .filter(|entry| matches!(&entry.object, Object::Column(column) if takes_from(column, path)));
    takers.map(|entry| &entry.path).find(|column| !lets_go(column)).cloned()
}

/// What is put up again as it was found, and would name what is not there any more, or not by that name.
pub(super) fn cannot_come_again(draft: &Draft<'_>, path: &ObjectPath) -> Option<String> {
    let moved = |needed: &&ObjectPath| {
        needed.kind == ObjectKind::Column
            && draft.known.moves.iter().any(|moving| moving.is_rename && moving.to == **needed)
    };
    let mut needed = draft.found_needs.of(path);
    let kind = words(path.kind);
    if let Some(gone) = needed.clone().find(|needed| is_gone(draft, needed)) {
        return Some(format!("the {kind} {path} needs it, and {gone} would be gone"));
    }
    needed.find(moved).map(|column| {
        format!("the {kind} {path} needs it, and would have to be made anew while {column} gets another name")
    })
}

/// What could be made only before something that it needs became what it is.
pub(super) fn cannot_be_made_now(draft: &Draft<'_>, path: &ObjectPath, as_found: bool) -> Option<Reason> {
    let (catalog, needs) = match as_found {
        true => (draft.sides.found, draft.found_needs),
        false => (draft.sides.expected, draft.expected_needs),
    };
    let is_column = |entry: &&Entry| entry.path.kind == ObjectKind::Column;
    let columns = catalog.parts_of(path).filter(|_| path.kind == ObjectKind::Table).filter(is_column);
    for entry in catalog.find(path).into_iter().chain(columns) {
        let computes = match &entry.object {
            Object::Column(column) => {
                if column.default.as_ref().is_some_and(is_from_before) {
                    return Some(default_from_before(&entry.path));
                }
                column.generated.is_some()
            }
            Object::Index(_) => true,
            _ => false,
        };
        let changes = |catalog: &Catalog, path: &ObjectPath| {
            let object = catalog.find(path).map(|entry| &entry.object);
            matches!(object, Some(Object::Routine(routine)) if routine.volatility != Volatility::Immutable)
        };
        for needed in needs.of(&entry.path).filter(|_| computes) {
            if changes(catalog, needed) {
                return Some(Reason::Impossible(format!(
                    "the {} {needed} is not immutable any more, and {} could only be made while it was",
                    words(needed.kind),
                    entry.path
                )));
            }
            if changes(draft.sides.found, needed)
                && !draft.creations.contains_key(needed)
                && draft.stays_different(needed, "volatility")
            {
                return Some(Reason::Follows(needed.clone()));
            }
        }
    }
    None
}

/// The enum of which statements say a label that it does not have, and will not.
pub(super) fn says_missing_label(
    draft: &Draft<'_>,
    path: &ObjectPath,
    statements: &[String],
) -> Option<ObjectPath> {
    let says = |label: &Text| {
        let literal = quote_literal(label.as_str());
        statements.iter().any(|statement| statement.contains(&literal))
    };
    let needed = draft.needed_to_create(path).filter(|needed| needed.kind == ObjectKind::Enum);
    let mut stay = needed.filter(|needed| draft.stays_different(needed, "labels"));
    stay.find(|needed| {
        let of = |catalog: &Catalog| match catalog.find(needed).map(|entry| &entry.object) {
            Some(Object::Enum(labels)) => labels.labels.clone(),
            _ => Vec::new(),
        };
        let there = of(draft.sides.found);
        of(draft.sides.expected).iter().any(|label| !there.contains(label) && says(label))
    })
    .cloned()
}

/// What would get the name of something that stays where it is has to wait for that.
pub(super) fn occupied(draft: &mut Draft<'_>, tasks: &[Task]) {
    let mut wanted: BTreeMap<Name, Vec<&Task>> = BTreeMap::new();
    for task in tasks {
        let own =
            if matches!(task.doing, Doing::Create | Doing::Move) { names(&task.path) } else { Vec::new() };
        for name in own.into_iter().chain(numbers_wanted(task, draft)) {
            wanted.entry(name).or_default().push(task);
        }
    }
    if wanted.is_empty() {
        return;
    }
    let mut refusals: Vec<(Causes, Reason)> = Vec::new();
    // Most objects share their name with nothing.
    let words: HashSet<&Ident> = wanted.keys().map(|(_, _, _, name, _)| name).collect();
    for entry in draft.sides.found.entries() {
        let has_numbers = matches!(&entry.object, Object::Column(column)
            if column.identity.as_ref().is_some_and(|identity| words.contains(&identity.sequence)));
        if !has_numbers && !words.contains(entry.path.name()) || draft.removals.contains_key(&entry.path) {
            continue;
        }
        let renumbered = || {
            let changes = draft.changes.get(&entry.path).into_iter().flatten();
            changes
                .flat_map(|change| &change.aspects)
                .any(|aspect| matches!(*aspect, "identity" | "identity-sequence"))
        };
        let of_column = if entry.path.kind == ObjectKind::Column && !renumbered() {
            numbers(&entry.path, draft.sides.found)
        } else {
            Vec::new()
        };
        for name in names(&entry.path).into_iter().chain(of_column) {
            for task in wanted.get(&name).into_iter().flatten().filter(|task| {
                task.path != entry.path && Some(&task.path) != draft.relation_of(&entry.path).as_ref()
            }) {
                refusals.push((task.causes.clone(), Reason::Follows(entry.path.clone())));
            }
        }
    }
    // A NOT NULL has a name of its own, which the column of another name may still have.
    for task in tasks
        .iter()
        .filter(|task| matches!(task.doing, Doing::Create) && task.path.kind == ObjectKind::Column)
    {
        let name = |entry: &Entry| match &entry.object {
            Object::Column(column) => column.not_null.as_ref().and_then(|not_null| not_null.name.clone()),
            _ => None,
        };
        let Some(wanted) = draft.sides.expected.find(&task.path).and_then(name) else { continue };
        let Some(relation) = draft.relation_of(&task.path) else { continue };
        let has_it = draft.sides.found.parts_of(&relation).find(|part| {
            name(part).as_ref() == Some(&wanted)
                && !draft.removals.contains_key(&part.path)
                && !draft.changes.contains_key(&part.path)
        });
        if let Some(has_it) = has_it {
            refusals.push((task.causes.clone(), Reason::Follows(has_it.path.clone())));
        }
    }
    // A table has one primary key, whatever it is called.
    for task in tasks
        .iter()
        .filter(|task| matches!(task.doing, Doing::Create) && task.path.kind == ObjectKind::PrimaryKey)
    {
        let Some(relation) = draft.relation_of(&task.path) else { continue };
        let stays = draft.sides.found.parts_of(&relation).find(|part| {
            part.path.kind == ObjectKind::PrimaryKey && !draft.removals.contains_key(&part.path)
        });
        if let Some(stays) = stays {
            refusals.push((task.causes.clone(), Reason::Follows(stays.path.clone())));
        }
    }
    for (causes, reason) in refusals {
        draft.refuse(&causes, &reason);
    }
}

/// What an object needs that is not there and will not be.
pub(super) fn lacking(draft: &Draft<'_>, path: &ObjectPath) -> Option<ObjectPath> {
    let schema = path.schema.as_ref().map(|schema| ObjectPath::global(ObjectKind::Schema, schema));
    let relation = if path.is_part() { draft.relation_of(path) } else { None };
    if let Some(parent) = draft.undivided_parent(path) {
        return Some(parent);
    }
    if let Some(other) = draft.bound_taken(path).filter(|_| draft.creations.contains_key(path)) {
        return Some(other);
    }
    // A sequence has the owner of its table.
    if let Some(owner) = draft.sides.expected.owner_of(path).filter(|_| draft.creations.contains_key(path)) {
        let table = ObjectPath::in_schema(ObjectKind::Table, &owner.table.schema, &owner.table.name);
        if draft.stays_different(&table, "owner") {
            return Some(table);
        }
    }
    // A default is set when the sequence that it takes from belongs to the table.
    if draft.creations.contains_key(path)
        && let Some(sequence) = draft.sequences_of(path).into_iter().find(|sequence| {
            !draft.creations.contains_key(sequence) && draft.stays_different(sequence, "owned-by")
        })
    {
        return Some(sequence);
    }
    // A default is written with the attributes that its type should have.
    if gives_rows(draft, path)
        && let Some(other) = draft.needed_to_create(path).find(|needed| draft.attributes_stay(needed))
    {
        return Some(other.clone());
    }
    // What is said of the values of a column is said of those of its type.
    let says = [
        ObjectKind::CheckConstraint,
        ObjectKind::PrimaryKey,
        ObjectKind::UniqueConstraint,
        ObjectKind::ExclusionConstraint,
        ObjectKind::Index,
        ObjectKind::Policy,
        ObjectKind::Rule,
        ObjectKind::Trigger,
    ];
    if says.contains(&path.kind)
        && draft.creations.contains_key(path)
        && let Some(column) = draft.needed_to_create(path).find(|needed| {
            needed.kind == ObjectKind::Column
                && !draft.is_created(needed)
                && draft.stays_different(needed, "type")
        })
    {
        return Some(column.clone());
    }
    // What a function gives is what it is called for.
    if draft.creations.contains_key(path)
        && let Some(function) = draft.needed_to_create(path).find(|needed| {
            needed.kind == ObjectKind::Function
                && !draft.is_created(needed)
                && draft.stays_different(needed, "result")
        })
    {
        return Some(function.clone());
    }
    // A foreign key takes only what is unique there, of one type with what refers to it, and stays so.
    if path.kind == ObjectKind::ForeignKey
        && let Some(key) = draft.needed_to_create(path).find(|needed| {
            !draft.is_created(needed)
                && (draft.key_stays_other(needed) || draft.stays_different(needed, "type"))
        })
    {
        return Some(key.clone());
    }
    draft
        .needed_to_create(path)
        .chain(schema.iter())
        .chain(relation.iter())
        .find(|needed| {
            draft.sides.expected.contains(needed)
                && !draft.is_created(needed)
                && (!draft.sides.found.contains(needed) || is_gone(draft, needed))
                && !comes_by_itself(draft, needed)
        })
        .cloned()
}

/// A new table or column with a default of a composite type.
fn gives_rows(draft: &Draft<'_>, path: &ObjectPath) -> bool {
    let expected = draft.sides.expected;
    let gives = |entry: &Entry| {
        matches!(&entry.object, Object::Column(column)
            if column.default.as_ref().is_some_and(|default| default.as_str().contains("ROW(")))
    };
    draft.creations.contains_key(path)
        && (expected.find(path).is_some_and(gives) || expected.parts_of(path).any(gives))
}

fn is_gone(draft: &Draft<'_>, path: &ObjectPath) -> bool {
    draft.removals.contains_key(path) && !draft.creations.contains_key(path)
}

/// What comes from a parent has no creation of its own.
fn comes_by_itself(draft: &Draft<'_>, path: &ObjectPath) -> bool {
    let Some(entry) = draft.sides.expected.find(path).filter(|entry| entry.object.is_inherited()) else {
        return false;
    };
    let Some(table) = draft.relation_of(path).filter(|_| entry.path.kind == ObjectKind::Column) else {
        return true;
    };
    let has_parent = match draft.found(&table).map(|entry| &entry.object) {
        Some(Object::Table(table)) => table.partition_of.is_some() || !table.inherits.is_empty(),
        _ => false,
    };
    has_parent || draft.is_created(&table) || draft.joins(&table)
}

//! Sequences that stand for themselves or feed a serial column.

use trueup_model::catalog::{Entry, Object, Persistence, Sequence, SequenceOptions};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::columns::{self, fed_by};
use super::names::{alter_only, object, relation, role_there};
use super::text::{ident, qualified};
use super::{Alteration, Written, access};
use crate::findings::Sides;

pub(super) fn create(entry: &Entry, sequence: &Sequence) -> Written {
    let unlogged = match sequence.persistence {
        Persistence::Permanent => "",
        Persistence::Unlogged => "UNLOGGED ",
    };
    Written::Statements(vec![format!(
        "CREATE {unlogged}SEQUENCE {} AS {} {}",
        object(&entry.path),
        sequence.options.data_type,
        options(&sequence.options)
    )])
}

/// The table that owns it has to have the same owner, so this comes after the owner was set. Columns of that table
/// that take from it could not do so before.
pub(super) fn of_new(entry: &Entry, sequence: &Sequence, sides: &Sides<'_>) -> Vec<String> {
    let Some(owner) = &sequence.owned_by else { return Vec::new() };
    let mut statements = vec![owned_by(entry, sequence)];
    let prefix = alter_only(sides.expected, &owner.table);
    for (column, default) in fed_by(&relation(&entry.path), &owner.table, sides) {
        // A default that differs by itself is set by itself.
        if !columns::is_told_by_default(&owner.table, column, sides) {
            statements.push(format!("{prefix} ALTER COLUMN {} SET DEFAULT {default}", ident(column)));
        }
    }
    // Where the table is there already it may have rows, and their numbers are taken.
    if columns::is_there(&owner.table, sides)
        && fed_by(&relation(&entry.path), &owner.table, sides).iter().any(|(name, _)| **name == owner.column)
    {
        statements.push(columns::go_on_after_rows(
            &owner.table,
            &columns::numbers_in(&owner.table, &owner.column, sides),
            &relation(&entry.path),
            &sequence.options,
        ));
    }
    statements
}

/// What lets a sequence go whose table stays for now: it was made after the table, and is taken back before it.
pub(super) fn let_go(entry: &Entry, sequence: &Sequence, sides: &Sides<'_>) -> Vec<String> {
    let Some(owner) = &sequence.owned_by else { return Vec::new() };
    if super::names::relation_entry(sides.expected, &owner.table).is_some() {
        return Vec::new();
    }
    let prefix = alter_only(sides.found, &owner.table);
    let back = Sides { expected: sides.found, found: sides.expected };
    fed_by(&relation(&entry.path), &owner.table, &back)
        .into_iter()
        .map(|(column, _)| format!("{prefix} ALTER COLUMN {} DROP DEFAULT", ident(column)))
        .collect()
}

pub(super) fn owned_by(entry: &Entry, sequence: &Sequence) -> String {
    let owner = match &sequence.owned_by {
        Some(owner) => format!("{}.{}", qualified(&owner.table), ident(&owner.column)),
        None => "NONE".to_owned(),
    };
    format!("ALTER SEQUENCE {} OWNED BY {owner}", object(&entry.path))
}

/// What gives a sequence to its owner, where it has one.
pub(crate) fn owned_again(entry: &Entry) -> Option<String> {
    match &entry.object {
        Object::Sequence(sequence) => sequence.owned_by.as_ref().map(|_| owned_by(entry, sequence)),
        _ => None,
    }
}

/// The options in the order of the manual.
pub(super) fn options(options: &SequenceOptions) -> String {
    let SequenceOptions { data_type: _, start, increment, minimum, maximum, cache, cycle } = options;
    format!(
        "INCREMENT BY {increment} MINVALUE {minimum} MAXVALUE {maximum} START WITH {start} CACHE {cache} {}",
        if *cycle { "CYCLE" } else { "NO CYCLE" }
    )
}

pub(super) fn alter(aspect: &str, (after, sequence): (&Entry, &Sequence), sides: &Sides<'_>) -> Alteration {
    let prefix = format!("ALTER SEQUENCE {}", object(&after.path));
    let one = |statement: String| Alteration::Statements(vec![statement]);
    match aspect {
        // In one statement: a type brings limits along, and a start has to lie between them.
        "type" | "start" | "increment" | "minimum" | "maximum" | "cache" | "cycle" => {
            one(format!("{prefix} AS {} {}", sequence.options.data_type, options(&sequence.options)))
        }
        "persistence" if sides.found.major() >= 15 => one(format!(
            "{prefix} SET {}",
            match sequence.persistence {
                Persistence::Permanent => "LOGGED",
                Persistence::Unlogged => "UNLOGGED",
            }
        )),
        "owned-by" => {
            let mut statements = Vec::new();
            // A sequence has the owner of its table, before it is that table's and all the time that it is.
            let there = sides.found.find(&after.path);
            let linked = matches!(there.map(|entry| &entry.object),
                Some(Object::Sequence(there)) if there.owned_by.is_some());
            let same_owner = there.is_some_and(|there| match (&there.owner, &after.owner) {
                (Some(there), Some(wanted)) => sides.expected.same_owner(wanted, sides.found, there),
                _ => true,
            });
            if !same_owner && let Some(owner) = &after.owner {
                if linked {
                    statements.push(format!("{prefix} OWNED BY NONE"));
                }
                statements.push(access::set_owner(&after.path, &role_there(sides, owner)));
            }
            statements.push(owned_by(after, sequence));
            // New columns could not take from it before it was theirs.
            if let Some(owner) = &sequence.owned_by {
                for (name, default) in fed_by(&relation(&after.path), &owner.table, sides) {
                    let column = ObjectPath::part_of(ObjectKind::Column, &owner.table, name);
                    if !sides.found.contains(&column) || !columns::is_there(&owner.table, sides) {
                        let prefix = alter_only(sides.expected, &owner.table);
                        statements
                            .push(format!("{prefix} ALTER COLUMN {} SET DEFAULT {default}", ident(name)));
                    }
                }
            }
            Alteration::Statements(statements)
        }
        other => Alteration::unknown(other, after),
    }
}

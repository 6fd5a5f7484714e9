//! The table `django_migrations`: a row for each migration that ran, by the label of its app and its name.

use std::collections::BTreeSet;

use trueup_model::finding::NamedCode;
use trueup_model::ledger::{EntryState, LedgerRows, LedgerTable};
use trueup_model::{Finding, History, Severity, Text};

use super::graph::Key;
use crate::ledger_reading::{LedgerReading, cell, entry, iso_time};
use crate::reporting::ledger_finding;

pub(super) fn table() -> LedgerTable {
    LedgerTable {
        schema: None,
        name: Text::new("django_migrations"),
        columns: vec!["app", "name", "applied"],
        order_by: "id",
    }
}

/// One entry for each row, in the order in which the rows were written, then one for each squashed migration of which
/// everything that it stands for is recorded: Django takes it for applied.
pub(super) fn entries(rows: &LedgerRows, history: &History) -> LedgerReading {
    let mut reading = LedgerReading::default();
    for row in rows {
        let (Some(app), Some(name)) = (cell(row, 0), cell(row, 1)) else {
            reading.complain("", "a row of the ledger names no migration", "look at the row and delete it");
            continue;
        };
        let mut entry = entry(&Key::new(app, name).to_string(), EntryState::Applied);
        entry.recorded_at = cell(row, 2).map(iso_time);
        reading.entries.push(entry);
    }
    let squashed = history.migrations.iter().filter(|migration| !migration.replaces.is_empty());
    for migration in squashed {
        let at = |key: &Text| reading.entries.iter().rposition(|entry| entry.key == *key);
        let parts: Option<Vec<usize>> = migration.replaces.iter().map(at).collect();
        if let (None, Some(parts)) = (at(&migration.key), parts) {
            let mut entry = entry(migration.key.as_str(), EntryState::Applied);
            let last = parts.into_iter().max().map(|last| &reading.entries[last]);
            entry.recorded_at = last.and_then(|last| last.recorded_at.clone());
            reading.entries.push(entry);
        }
    }
    reading
}

/// How grave it is that a row has no file. One that a squashed migration stands for has none any more; of an app that is
/// not installed Django knows nothing either.
pub(super) fn phantom_severity(key: &str, history: &History) -> Option<Severity> {
    let mut migrations = history.migrations.iter();
    if migrations.clone().any(|migration| migration.replaces.iter().any(|other| other.as_str() == key)) {
        return None;
    }
    let app = key.split_once('.').map_or(key, |(app, _)| app);
    let is_installed = migrations
        .any(|migration| migration.key.as_str().split_once('.').is_some_and(|(other, _)| other == app));
    Some(if is_installed { Severity::Error } else { Severity::Info })
}

/// Recorded migrations of which a parent is not recorded: Django refuses to migrate such a database.
pub(super) fn inconsistent(history: &History, applied: &BTreeSet<&str>) -> Vec<Finding> {
    let recorded = history.migrations.iter().filter(|migration| applied.contains(migration.key.as_str()));
    let pairs = recorded.flat_map(|migration| {
        let missing = migration.parents.iter().filter(|parent| !applied.contains(parent.as_str()));
        missing.map(move |parent| (migration, parent))
    });
    pairs
        .map(|(migration, parent)| {
            ledger_finding(
                NamedCode::InconsistentLedger,
                Severity::Error,
                migration.id.as_str(),
                None,
                format!("{} is recorded as applied, and {parent}, which it depends on, is not", migration.id),
                "Django refuses to migrate: if what the parent makes is there, record it; else apply it by hand first",
            )
        })
        .collect()
}

/// What the rows record.
pub(super) fn recorded(rows: &LedgerRows) -> BTreeSet<Key> {
    rows.iter().filter_map(|row| Some(Key::new(cell(row, 0)?, cell(row, 1)?))).collect()
}

//! `flyway_schema_history`.

use std::collections::BTreeSet;

use trueup_model::ledger::{EntryState, LedgerRows, LedgerTable};
use trueup_model::{History, Severity, Text};

use crate::flyway::configuration::Configuration;
use crate::flyway::name::{canonical_version, compare_keys};
use crate::ledger_reading::{LedgerReading, cell, entry, is_true, iso_time};

pub(crate) fn table(configuration: &Configuration) -> LedgerTable {
    LedgerTable {
        schema: configuration.default_schema().map(Text::new),
        name: Text::new(&configuration.table),
        columns: vec![
            "installed_rank",
            "version",
            "description",
            "type",
            "script",
            "checksum",
            "installed_on",
            "success",
        ],
        order_by: "installed_rank",
    }
}

pub(crate) fn entries(rows: &LedgerRows) -> LedgerReading {
    let mut reading = LedgerReading::default();
    let mut ranks = BTreeSet::new();
    for row in rows {
        let description = cell(row, 2).unwrap_or_default();
        let kind = cell(row, 3).unwrap_or("SQL");
        let success = is_true(cell(row, 7));
        // The row in which Flyway notes that it made the schema.
        if matches!(kind, "SCHEMA" | "TABLE") {
            continue;
        }
        let key = match cell(row, 1) {
            Some(version) => match canonical_version(version) {
                Some(version) => version,
                None => {
                    reading.complain(version, format!("the version {version:?} is not one of Flyway's"), "");
                    continue;
                }
            },
            None => format!("R__{description}"),
        };
        if let Some(rank) = cell(row, 0)
            && !ranks.insert(rank.to_owned())
        {
            reading.complain(
                &key,
                format!("the rank {rank} is used twice"),
                "the order of these rows is not known",
            );
        }
        let (key, state) = match kind {
            "BASELINE" => (key, EntryState::Baseline),
            "DELETE" => (key, EntryState::RolledBack),
            _ if kind.starts_with("UNDO") => {
                (key, if success { EntryState::RolledBack } else { EntryState::Failed })
            }
            _ => {
                let key = if kind.ends_with("_BASELINE") { format!("B{key}") } else { key };
                (key, if success { EntryState::Applied } else { EntryState::Failed })
            }
        };
        let mut entry = entry(&key, state);
        entry.recorded_at = cell(row, 6).map(iso_time);
        entry.checksum = cell(row, 5).map(Text::new);
        entry.note = cell(row, 4).or(cell(row, 2)).map(Text::new);
        reading.entries.push(entry);
    }
    reading
}

/// `ignoreMigrationPatterns` says what may be recorded without a file. What is newer than every file comes from a
/// newer version of the project; Flyway lets it pass by default, people want to know.
pub(crate) fn phantom_severity(
    configuration: &Configuration,
    key: &str,
    history: &History,
) -> Option<Severity> {
    let kind = if key.starts_with("R__") { "repeatable" } else { "versioned" };
    let future = kind == "versioned"
        && history
            .migrations
            .iter()
            .filter(|migration| !migration.key.as_str().starts_with("R__"))
            .all(|migration| compare_keys(migration.key.as_str(), key).is_lt());
    let ignored = configuration.ignore_patterns.iter().any(|pattern| {
        let (of, state) = pattern.split_once(':').unwrap_or(("*", pattern));
        matches!(of, "*" | "") && state.eq_ignore_ascii_case("missing")
            || of.eq_ignore_ascii_case(kind) && state.eq_ignore_ascii_case("missing")
    });
    match (future, ignored) {
        (true, _) => Some(Severity::Warning),
        (false, true) => None,
        (false, false) => Some(Severity::Error),
    }
}

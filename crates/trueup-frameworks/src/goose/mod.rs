//! goose: `00001_name.sql` with `-- +goose Up` and `-- +goose Down`, ledger `goose_db_version`.

mod annotations;
mod variables;
mod write;

use std::cmp::Ordering;

use camino::Utf8Path;
use trueup_model::history::TransactionMode;
use trueup_model::ledger::{EntryState, LedgerRows, LedgerTable};
use trueup_model::{History, Preparation, Severity, Text};

use crate::detect::{Certainty, Detected};
use crate::folder::{self, Entry, normalize, shown};
use crate::framework::{Framework, Gaps, ReadError, Writer};
use crate::ledger_reading::{LedgerReading, cell, entry, is_true, iso_time};
use crate::naming::compare_numbers;
use crate::reporting::{file_finding, ignored_file};
use crate::settings::{Settings, UrlHint, dotenv, dotenv_url, read_text, split_table};
use crate::source::{Reading, UNREADABLE_HINT, migration, open};

pub(crate) struct Goose;

const NAME: &str = "goose";

impl Framework for Goose {
    fn name(&self) -> &'static str {
        NAME
    }

    fn configured(&self, root: &Utf8Path) -> Vec<Detected> {
        let folder = dotenv(root, root)
            .and_then(|(_, settings)| settings.get("GOOSE_MIGRATION_DIR").cloned())
            .map(|folder| normalize(&root.join(folder)))
            .filter(|folder| folder.is_dir());
        let reason = "GOOSE_MIGRATION_DIR in .env names it";
        folder
            .map(|folder| {
                Detected::in_folder(NAME, root, &folder, Certainty::Configured, reason)
                    .configured_by(root.join(".env"))
            })
            .into_iter()
            .collect()
    }

    fn detect(&self, root: &Utf8Path, folder: &Utf8Path) -> Option<Detected> {
        let files = folder::files(folder).ok()?;
        let own = |entry: &&Entry| {
            entry.name.ends_with(".sql")
                && read_text(&entry.path).is_some_and(|text| annotations::is_annotated(&text))
        };
        let example = files.iter().find(own)?;
        let reason = format!("files with annotations of goose, such as {}", example.name);
        Some(Detected::in_folder(NAME, root, folder, Certainty::Typical, reason))
    }

    fn read(&self, detected: &Detected) -> Result<History, ReadError> {
        read(detected)
    }

    fn ledger_table(&self, detected: &Detected) -> LedgerTable {
        let name = settings_of(detected).get("GOOSE_TABLE").cloned();
        let (schema, name) = split_table(name.as_deref().unwrap_or("goose_db_version"));
        LedgerTable {
            schema: schema.map(Text::new),
            name: Text::new(name),
            columns: vec!["id", "version_id", "is_applied", "tstamp"],
            order_by: "id",
        }
    }

    /// The last row about a version decides. Version 0 stands for the empty database.
    fn entries(&self, rows: &LedgerRows, _history: &History) -> LedgerReading {
        let mut reading = LedgerReading::default();
        for row in rows {
            let Some(version) = cell(row, 1).filter(|version| *version != "0") else { continue };
            let state = if is_true(cell(row, 2)) { EntryState::Applied } else { EntryState::RolledBack };
            let mut entry = entry(version, state);
            entry.recorded_at = cell(row, 3).map(iso_time);
            reading.entries.push(entry);
        }
        reading
    }

    fn compare_keys(&self, left: &str, right: &str) -> Ordering {
        compare_numbers(left, right)
    }

    fn gaps(&self, _detected: &Detected) -> Gaps {
        Gaps::Refused {
            hint: "goose refuses to run: give it a number after the newest one, or run goose with -allow-missing",
        }
    }

    fn database_url_hint(&self, detected: &Detected) -> Option<UrlHint> {
        let is_url = |hint: &UrlHint| {
            hint.reveal().starts_with("postgres://") || hint.reveal().starts_with("postgresql://")
        };
        connection(detected).filter(is_url)
    }

    /// Also where the connection is written as `key=value` words.
    fn preparation(&self, detected: &Detected) -> Preparation {
        let search_path = UrlHint::search_path(connection(detected).as_ref());
        Preparation { search_path, ..Preparation::default() }
    }

    fn writer(&self) -> Writer {
        Writer {
            compose: write::write,
            record: |detected, _, ledger, items| write::record(detected, ledger, items),
            forget: write::forget,
        }
    }
}

fn connection(detected: &Detected) -> Option<UrlHint> {
    dotenv_url(&detected.root, &detected.folder, &["GOOSE_DBSTRING", "DATABASE_URL"])
}

fn settings_of(detected: &Detected) -> Settings {
    dotenv(&detected.root, &detected.folder).map(|(_, settings)| settings).unwrap_or_default()
}

/// The number before the first underscore, in 64 bits and greater than zero.
fn version_of(name: &str) -> Option<String> {
    let (number, _) = name.split_once('_')?;
    number.parse::<i64>().ok().filter(|number| *number > 0).map(|number| number.to_string())
}

fn read(detected: &Detected) -> Result<History, ReadError> {
    let root = &detected.root;
    let settings = settings_of(detected);
    let mut reading = Reading::new();
    for entry in folder::files(&detected.folder)? {
        if let Some(stem) = entry.name.strip_suffix(".go") {
            if let (Some(version), false) = (version_of(stem), stem.ends_with("_test")) {
                let file = shown(root, &entry.path).into();
                let migration = migration(stem, &version, &file, TransactionMode::Single);
                reading.add_opaque(migration, "the migration is written in Go and cannot be read as SQL");
            }
        } else if let Some(stem) = entry.name.strip_suffix(".sql") {
            match version_of(&entry.name) {
                Some(version) => read_sql(&mut reading, root, &entry, stem, &version, &settings),
                None => {
                    let problem = "the name does not begin with a number and an underscore";
                    let file = shown(root, &entry.path);
                    reading.findings.push(ignored_file(
                        &file,
                        problem,
                        "goose refuses the folder; rename the file",
                    ));
                }
            }
        }
    }
    reading.migrations.sort_by(|left, right| {
        compare_numbers(left.key.as_str(), right.key.as_str()).then(left.id.cmp(&right.id))
    });
    reading.report_duplicates(Severity::Error, "goose refuses to run; give one of them another number");
    Ok(reading.finish(NAME, detected))
}

fn read_sql(
    reading: &mut Reading,
    root: &Utf8Path,
    entry: &Entry,
    stem: &str,
    version: &str,
    settings: &Settings,
) {
    let file = open(root, &entry.path);
    let mut migration = migration(stem, version, &file.shown, TransactionMode::Single);
    match &file.text {
        Err(fault) => reading.mar(&mut migration, fault, UNREADABLE_HINT),
        Ok(text) => {
            let parts = annotations::parse(&file.shown, text, settings);
            if !parts.in_transaction {
                migration.transaction = TransactionMode::PerStatement;
            }
            reading.fill_up(&mut migration, &file.shown, &parts.up);
            for fault in &parts.faults {
                reading.mar(&mut migration, fault, "goose refuses the file; mend it");
            }
            if !parts.down.is_empty() {
                reading.fill_down(&mut migration, &file.shown, &parts.down);
            }
            for fault in &parts.unknown {
                if migration.opaque.is_none() {
                    reading.mar(&mut migration, fault, "set the variable in .env");
                } else {
                    reading.findings.push(file_finding(
                        trueup_model::finding::NamedCode::UnreadableMigration,
                        Severity::Error,
                        stem,
                        fault,
                        "set the variable in .env",
                    ));
                }
            }
        }
    }
    reading.migrations.push(migration);
}

#[cfg(test)]
mod tests;

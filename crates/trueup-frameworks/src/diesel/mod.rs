//! Diesel: folders `2024-01-31-120000_name` with `up.sql` and `down.sql`, ledger `__diesel_schema_migrations`.

mod write;

use camino::Utf8Path;
use trueup_model::history::TransactionMode;
use trueup_model::ledger::{EntryState, LedgerRows, LedgerTable};
use trueup_model::{History, Severity, Text};

use crate::detect::{Certainty, Detected};
use crate::folder::{self, Entry, normalize, shown};
use crate::framework::{Framework, ReadError, Writer};
use crate::ledger_reading::{LedgerReading, cell, entry, iso_time, settle_ties};
use crate::reporting::ignored_file;
use crate::settings::{parse_toml, read_text};
use crate::source::{Reading, migration, open};

pub(crate) struct Diesel;

const NAME: &str = "diesel";

impl Framework for Diesel {
    fn name(&self) -> &'static str {
        NAME
    }

    fn configured(&self, root: &Utf8Path) -> Vec<Detected> {
        let file = root.join("diesel.toml");
        let Some(text) = read_text(&file) else { return Vec::new() };
        let folder = parse_toml(&text)
            .and_then(|settings| settings.get("migrations_directory.dir").cloned())
            .unwrap_or_else(|| "migrations".to_owned());
        let folder = normalize(&root.join(folder.replace('\\', "/")));
        let found = folder.is_dir().then(|| {
            Detected::in_folder(NAME, root, &folder, Certainty::Configured, "diesel.toml configures Diesel")
                .configured_by(file)
        });
        found.into_iter().collect()
    }

    fn detect(&self, root: &Utf8Path, folder: &Utf8Path) -> Option<Detected> {
        let folders = folder::folders(folder).ok()?;
        let mut own = folders.iter().filter(|entry| {
            is_migration(entry) && version_of(&entry.name).starts_with(|first: char| first.is_ascii_digit())
        });
        let example = &own.next()?.name;
        let reason = format!("folders with up.sql, such as {example}");
        Some(Detected::in_folder(NAME, root, folder, Certainty::Typical, reason))
    }

    fn read(&self, detected: &Detected) -> Result<History, ReadError> {
        read(detected)
    }

    fn ledger_table(&self, _detected: &Detected) -> LedgerTable {
        LedgerTable {
            schema: None,
            name: Text::new("__diesel_schema_migrations"),
            columns: vec!["version", "run_on"],
            order_by: "run_on",
        }
    }

    fn entries(&self, rows: &LedgerRows, _history: &History) -> LedgerReading {
        let by_version =
            |left: &[Option<String>], right: &[Option<String>]| cell(left, 0).cmp(&cell(right, 0));
        let mut reading = LedgerReading::default();
        for row in settle_ties(rows, 1, by_version) {
            let Some(version) = cell(&row, 0) else { continue };
            let mut entry = entry(version, EntryState::Applied);
            entry.recorded_at = cell(&row, 1).map(iso_time);
            reading.entries.push(entry);
        }
        reading
    }

    fn writer(&self) -> Writer {
        Writer {
            compose: write::write,
            record: |detected, _, ledger, items| Ok(write::record(detected, ledger, items)),
            forget: |detected, ledger, items| Ok(write::forget(detected, ledger, items)),
        }
    }
}

fn is_migration(entry: &Entry) -> bool {
    entry.path.join("up.sql").is_file()
}

/// Everything before the first underscore, without dashes.
fn version_of(name: &str) -> String {
    name.split('_').next().unwrap_or(name).replace('-', "")
}

fn read(detected: &Detected) -> Result<History, ReadError> {
    let root = &detected.root;
    let mut reading = Reading::new();
    for entry in folder::folders(&detected.folder)? {
        if !is_migration(&entry) {
            let problem = "the folder has no up.sql";
            let hint = "Diesel refuses to run as long as it is there; remove it, or restore its up.sql";
            reading.findings.push(ignored_file(&shown(root, &entry.path), problem, hint));
            continue;
        }
        let file = open(root, &entry.path.join("up.sql"));
        let mode = transaction(&entry.path);
        let migration = migration(&entry.name, &version_of(&entry.name), &file.shown, mode);
        let index = reading.add_file(migration, &file);
        let down = entry.path.join("down.sql");
        if down.is_file() {
            reading.fill_down_of(index, root, &down);
        }
    }
    reading.migrations.sort_by(|left, right| left.key.cmp(&right.key).then(left.id.cmp(&right.id)));
    reading.report_duplicates(
        Severity::Error,
        "Diesel runs only one of them; give the other one another version",
    );
    Ok(reading.finish(NAME, detected))
}

/// A `metadata.toml` without the setting means "no transaction"; one that is not TOML at all is ignored.
fn transaction(folder: &Utf8Path) -> TransactionMode {
    let in_transaction = read_text(&folder.join("metadata.toml"))
        .and_then(|text| parse_toml(&text))
        .is_none_or(|settings| settings.get("run_in_transaction").is_some_and(|value| value == "true"));
    if in_transaction { TransactionMode::Single } else { TransactionMode::Implicit }
}

#[cfg(test)]
mod tests;

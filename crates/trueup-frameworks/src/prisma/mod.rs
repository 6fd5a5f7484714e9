//! Prisma: folders `20240131120000_name` with `migration.sql`, ledger `_prisma_migrations`.

mod checksum;
mod schema;
mod write;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::finding::NamedCode;
use trueup_model::history::TransactionMode;
use trueup_model::ledger::{EntryState, LedgerRows, LedgerTable};
use trueup_model::{History, Migration, Place, Preparation, Severity, Text};

use crate::detect::{Certainty, Detected};
use crate::folder::{self, normalize, shown};
use crate::framework::{Framework, ReadError, Writer};
use crate::ledger_reading::{LedgerReading, cell, entry, iso_time, settle_ties};
use crate::reporting::{Fault, file_finding, ignored_file};
use crate::settings::{UrlHint, parse_toml, read_text};
use crate::source::{Reading, migration, open};

pub(crate) struct Prisma;

const NAME: &str = "prisma";

impl Framework for Prisma {
    fn name(&self) -> &'static str {
        NAME
    }

    /// `package.json` may say where the schema is; the migrations lie beside it.
    fn configured(&self, root: &Utf8Path) -> Vec<Detected> {
        let Some(text) = read_text(&root.join("package.json")) else { return Vec::new() };
        let Some(place) = schema::place_in_package(&text) else { return Vec::new() };
        let place = normalize(&root.join(place));
        let folder = if place.is_dir() { place } else { place.parent().unwrap_or(root).to_owned() };
        let folder = folder.join("migrations");
        let found = folder.is_dir().then(|| {
            Detected::in_folder(
                NAME,
                root,
                &folder,
                Certainty::Configured,
                "package.json names the schema beside it",
            )
            .configured_by(root.join("package.json"))
        });
        found.into_iter().collect()
    }

    fn detect(&self, root: &Utf8Path, folder: &Utf8Path) -> Option<Detected> {
        let folders = folder::folders(folder).ok()?;
        let example = folders.iter().find(|entry| entry.path.join("migration.sql").is_file());
        let lock = folder.join("migration_lock.toml").is_file();
        let reason = match (lock, example) {
            (true, Some(_)) => "migration_lock.toml beside folders with migration.sql".to_owned(),
            (false, Some(example)) => format!("folders with migration.sql, such as {}", example.name),
            (_, None) => return None,
        };
        Some(Detected::in_folder(NAME, root, folder, Certainty::Typical, reason))
    }

    fn read(&self, detected: &Detected) -> Result<History, ReadError> {
        read(detected)
    }

    fn ledger_table(&self, _detected: &Detected) -> LedgerTable {
        LedgerTable {
            schema: None,
            name: Text::new("_prisma_migrations"),
            columns: vec![
                "migration_name",
                "checksum",
                "started_at",
                "finished_at",
                "rolled_back_at",
                "logs",
            ],
            order_by: "started_at",
        }
    }

    fn entries(&self, rows: &LedgerRows, _history: &History) -> LedgerReading {
        entries(rows)
    }

    fn accepts_checksum(&self, detected: &Detected, migration: &Migration, recorded: &str) -> bool {
        let file = open(&detected.root, &detected.root.join(&*migration.file));
        checksum::accepts(&file.bytes, recorded)
    }

    fn database_url_hint(&self, detected: &Detected) -> Option<UrlHint> {
        schema::url_hint(&detected.root, &detected.folder)
    }

    /// The schema of the URL is made where it is missing.
    fn preparation(&self, detected: &Detected) -> Preparation {
        let schema = schema::schema(&detected.root, &detected.folder);
        Preparation {
            search_path: schema.into_iter().collect(),
            makes_first_of_path: true,
            ..Preparation::default()
        }
    }

    fn writer(&self) -> Writer {
        Writer {
            compose: write::write,
            record: |detected, _, ledger, items| write::record(detected, ledger, items),
            forget: |detected, ledger, items| Ok(write::forget(detected, ledger, items)),
        }
    }
}

fn read(detected: &Detected) -> Result<History, ReadError> {
    let root = &detected.root;
    let mut reading = Reading::new();
    check_provider(&mut reading, detected);
    for entry in folder::folders(&detected.folder)? {
        let path: Utf8PathBuf = entry.path.join("migration.sql");
        if !path.is_file() {
            let problem = "the folder has no migration.sql";
            let hint = "Prisma refuses to run as long as it is there; remove the folder, or restore the file";
            reading.findings.push(ignored_file(&shown(root, &entry.path), problem, hint));
            continue;
        }
        let file = open(root, &path);
        let mut migration = migration(&entry.name, &entry.name, &file.shown, TransactionMode::Implicit);
        migration.checksum = Some(Text::new(checksum::of(&file.bytes)));
        let index = reading.add_file(migration, &file);
        let down = entry.path.join("down.sql");
        if down.is_file() {
            reading.fill_down_of(index, root, &down);
        }
    }
    Ok(reading.finish(NAME, detected))
}

/// Migrations for another database cannot be replayed on PostgreSQL.
fn check_provider(reading: &mut Reading, detected: &Detected) {
    let path = detected.folder.join("migration_lock.toml");
    let Some(provider) =
        read_text(&path).and_then(|text| parse_toml(&text)).and_then(|lock| lock.get("provider").cloned())
    else {
        return;
    };
    if !matches!(provider.as_str(), "postgresql" | "postgres" | "cockroachdb") {
        let file = shown(&detected.root, &path);
        let fault = Fault::new(
            format!("the migrations were made for {provider}, not for PostgreSQL"),
            Place::start_of(file),
        );
        let hint = "their statements may not run on PostgreSQL";
        reading.findings.push(file_finding(
            NamedCode::NotChecked,
            Severity::Warning,
            "migration_lock",
            &fault,
            hint,
        ));
    }
}

/// A migration may have several rows: attempts that failed and were resolved, then one that worked.
fn entries(rows: &LedgerRows) -> LedgerReading {
    let mut reading = LedgerReading::default();
    let by_name = |left: &[Option<String>], right: &[Option<String>]| cell(left, 0).cmp(&cell(right, 0));
    let mut open_failures: BTreeMap<String, ()> = BTreeMap::new();
    for row in settle_ties(rows, 2, by_name) {
        let Some(name) = cell(&row, 0) else { continue };
        let state = match (cell(&row, 3), cell(&row, 4)) {
            (_, Some(_)) => EntryState::RolledBack,
            (Some(_), None) => EntryState::Applied,
            (None, None) => EntryState::Failed,
        };
        match state {
            EntryState::Failed => {
                open_failures.insert(name.to_owned(), ());
            }
            EntryState::Applied if open_failures.remove(name).is_some() => reading.complain(
                name,
                format!("an attempt at {name} is recorded as failed, beside one that worked"),
                "Prisma refuses to go on: prisma migrate resolve, or delete the row of the attempt",
            ),
            EntryState::Applied | EntryState::RolledBack | EntryState::Baseline => {}
        }
        let mut entry = entry(name, state);
        entry.recorded_at = cell(&row, 3).or(cell(&row, 2)).map(iso_time);
        entry.checksum = cell(&row, 1).filter(|checksum| !checksum.is_empty()).map(Text::new);
        // The log of an error can be long; its first line says what happened.
        let log = cell(&row, 5).and_then(|log| log.lines().find(|line| !line.trim().is_empty()));
        entry.note = if state == EntryState::Failed { log.map(Text::new) } else { None };
        reading.entries.push(entry);
    }
    reading
}

#[cfg(test)]
mod tests;

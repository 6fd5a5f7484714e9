//! dbmate: `20240131120000_name.sql` with `-- migrate:up` and `-- migrate:down`, ledger `schema_migrations`.

mod sections;
mod write;

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::history::TransactionMode;
use trueup_model::ledger::{EntryState, LedgerRows, LedgerTable};
use trueup_model::{History, Ident, Preparation, Severity, Text};

use crate::detect::{Certainty, Detected};
use crate::folder::{self, normalize, shown};
use crate::framework::{Framework, ReadError, Writer};
use crate::ledger_reading::{LedgerReading, cell, entry};
use crate::naming::leading_digits;
use crate::reporting::ignored_file;
use crate::settings::{UrlHint, dotenv, read_text, split_table};
use crate::source::{Reading, UNREADABLE_HINT, migration, open};

pub(crate) struct Dbmate;

const NAME: &str = "dbmate";

impl Framework for Dbmate {
    fn name(&self) -> &'static str {
        NAME
    }

    fn configured(&self, root: &Utf8Path) -> Vec<Detected> {
        let Some((_, settings)) = dotenv(root, root) else { return Vec::new() };
        let Some(folders) = settings.get("DBMATE_MIGRATIONS_DIR") else { return Vec::new() };
        let mut folders: Vec<Utf8PathBuf> = folders
            .split(',')
            .map(|folder| normalize(&root.join(folder.trim())))
            .filter(|folder| folder.is_dir())
            .collect();
        if folders.is_empty() {
            return Vec::new();
        }
        let reason = "DBMATE_MIGRATIONS_DIR in .env names it";
        let mut detected = Detected::in_folder(NAME, root, &folders[0], Certainty::Configured, reason)
            .configured_by(root.join(".env"));
        detected.further_folders = folders.split_off(1);
        vec![detected]
    }

    fn detect(&self, root: &Utf8Path, folder: &Utf8Path) -> Option<Detected> {
        let files = folder::files(folder).ok()?;
        let mut own = files
            .iter()
            .filter(|entry| version_of(&entry.name).is_some())
            .filter(|entry| read_text(&entry.path).is_some_and(|text| sections::is_marked(&text)));
        let example = own.next()?.name.clone();
        let reason = format!("files with the mark of dbmate, such as {example}");
        Some(Detected::in_folder(NAME, root, folder, Certainty::Typical, reason))
    }

    fn read(&self, detected: &Detected) -> Result<History, ReadError> {
        read(detected)
    }

    fn ledger_table(&self, detected: &Detected) -> LedgerTable {
        let (schema, name) = ledger_name(detected);
        LedgerTable {
            schema: schema.map(Text::new),
            name: Text::new(name),
            columns: vec!["version", "dirty"],
            order_by: "version",
        }
    }

    /// The column `dirty` is read to know the ledger of golang-migrate, which has the same name.
    fn is_ledger(&self, columns: &BTreeSet<&str>, _detected: &Detected) -> bool {
        columns.iter().eq(["version"].iter())
    }

    fn entries(&self, rows: &LedgerRows, _history: &History) -> LedgerReading {
        let mut reading = LedgerReading::default();
        if rows.iter().any(|row| cell(row, 1).is_some()) {
            reading.complain(
                "",
                "the table schema_migrations has a column \"dirty\": another tool keeps it",
                "it looks like the ledger of golang-migrate: name the tool with --framework",
            );
            return reading;
        }
        reading
            .entries
            .extend(rows.iter().filter_map(|row| cell(row, 0)).map(|key| entry(key, EntryState::Applied)));
        reading
    }

    /// dbmate makes the schema of its ledger, which is the first one of the search path unless the name of the table
    /// says another.
    fn preparation(&self, detected: &Detected) -> Preparation {
        let search_path = UrlHint::search_path(self.database_url_hint(detected).as_ref());
        let (schema, _) = ledger_name(detected);
        Preparation {
            search_path,
            default_schema: None,
            makes_first_of_path: schema.is_none(),
            schemas: schema.into_iter().map(Ident::new).collect(),
        }
    }

    fn writer(&self) -> Writer {
        Writer {
            compose: write::write,
            record: |detected, _, ledger, items| Ok(write::record(detected, ledger, items)),
            forget: |detected, ledger, items| Ok(write::forget(detected, ledger, items)),
        }
    }
}

/// The schema and the name of the ledger.
fn ledger_name(detected: &Detected) -> (Option<String>, String) {
    let name = dotenv(&detected.root, &detected.folder)
        .and_then(|(_, settings)| settings.get("DBMATE_MIGRATIONS_TABLE").cloned())
        .unwrap_or_else(|| "schema_migrations".to_owned());
    split_table(&name)
}

/// `^(\d+).*\.sql$`
fn version_of(name: &str) -> Option<&str> {
    name.strip_suffix(".sql").and_then(leading_digits).map(|(digits, _)| digits)
}

fn read(detected: &Detected) -> Result<History, ReadError> {
    let root = &detected.root;
    let mut reading = Reading::new();
    let mut entries = Vec::new();
    for folder in std::iter::once(&detected.folder).chain(&detected.further_folders) {
        entries.extend(folder::files(folder)?);
    }
    entries.sort_by(|left, right| left.name.cmp(&right.name));
    for entry in entries {
        let Some(version) = version_of(&entry.name) else {
            if entry.name.ends_with(".sql")
                && read_text(&entry.path).is_some_and(|text| sections::is_marked(&text))
            {
                let problem = "the name does not begin with a number";
                let file = shown(root, &entry.path);
                reading.findings.push(ignored_file(&file, problem, "dbmate ignores the file; rename it"));
            }
            continue;
        };
        let file = open(root, &entry.path);
        let stem = entry.name.trim_end_matches(".sql");
        let mut migration = migration(stem, version, &file.shown, TransactionMode::Single);
        match &file.text {
            Err(fault) => reading.mar(&mut migration, fault, UNREADABLE_HINT),
            Ok(text) => match sections::parse(&file.shown, text) {
                Err(fault) => reading.mar(&mut migration, &fault, "dbmate refuses the file; mend its marks"),
                Ok(sections) => {
                    if !sections.up_in_transaction {
                        migration.transaction = TransactionMode::Implicit;
                    }
                    reading.fill_up(&mut migration, &file.shown, &sections.up);
                    reading.expect_body(&migration);
                    if !sections.down.is_empty() {
                        reading.fill_down(&mut migration, &file.shown, &sections.down);
                    }
                }
            },
        }
        reading.migrations.push(migration);
    }
    reading.report_duplicates(
        Severity::Error,
        "dbmate takes the second one for applied as soon as the first one is; give one of them another version",
    );
    Ok(reading.finish(NAME, detected))
}

#[cfg(test)]
mod tests;

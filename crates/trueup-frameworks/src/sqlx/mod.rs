//! sqlx: `0001_name.sql`, or `.up.sql` with `.down.sql`, ledger `_sqlx_migrations`.

mod write;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest, Sha384};
use trueup_model::history::TransactionMode;
use trueup_model::ledger::{EntryState, LedgerRows, LedgerTable};
use trueup_model::{History, Ident, Migration, Preparation, Severity, Text};

use crate::detect::{Certainty, Detected};
use crate::folder::{self, Entry, normalize, shown};
use crate::framework::{Framework, ReadError, Writer};
use crate::ledger_reading::{LedgerReading, cell, entry, is_true, iso_time, settle_ties};
use crate::naming::compare_versions;
use crate::reporting::ignored_file;
use crate::settings::{Settings, UrlHint, nearest, parse_toml, read_text, split_table};
use crate::source::{Reading, migration, open};

pub(crate) struct Sqlx;

const NAME: &str = "sqlx";

impl Framework for Sqlx {
    fn name(&self) -> &'static str {
        NAME
    }

    fn configured(&self, root: &Utf8Path) -> Vec<Detected> {
        let file = root.join("sqlx.toml");
        if !file.is_file() {
            return Vec::new();
        }
        let folder = settings(&file).get("migrate.migrations-dir").cloned();
        let folder = normalize(&root.join(folder.unwrap_or_else(|| "migrations".to_owned())));
        let found = folder.is_dir().then(|| {
            Detected::in_folder(NAME, root, &folder, Certainty::Configured, "sqlx.toml configures sqlx")
                .configured_by(file)
        });
        found.into_iter().collect()
    }

    fn detect(&self, root: &Utf8Path, folder: &Utf8Path) -> Option<Detected> {
        let files = folder::files(folder).ok()?;
        let own: Vec<&Entry> =
            files.iter().filter(|entry| matches!(parse(&entry.name), Name::Migration { .. })).collect();
        let example = own.first()?;
        let used = root.join(".sqlx").is_dir() || uses_sqlx(root, folder);
        let reason = format!("{} files such as {}, and the project uses sqlx", own.len(), example.name);
        let mut detected =
            used.then(|| Detected::in_folder(NAME, root, folder, Certainty::Typical, reason))?;
        detected.configuration = nearest(root, folder, "sqlx.toml");
        Some(detected)
    }

    fn read(&self, detected: &Detected) -> Result<History, ReadError> {
        read(detected)
    }

    fn ledger_table(&self, detected: &Detected) -> LedgerTable {
        let configured = detected
            .configuration
            .as_deref()
            .and_then(|file| settings(file).get("migrate.table-name").cloned());
        let (schema, name) = split_table(configured.as_deref().unwrap_or("_sqlx_migrations"));
        LedgerTable {
            schema: schema.map(Text::new),
            name: Text::new(name),
            columns: vec!["version", "description", "installed_on", "success", "checksum"],
            order_by: "installed_on",
        }
    }

    fn entries(&self, rows: &LedgerRows, _history: &History) -> LedgerReading {
        let mut reading = LedgerReading::default();
        let by_version = |left: &[Option<String>], right: &[Option<String>]| {
            compare_versions(cell(left, 0).unwrap_or_default(), cell(right, 0).unwrap_or_default())
        };
        for row in settle_ties(rows, 2, by_version) {
            let Some(version) = cell(&row, 0) else { continue };
            let state = if is_true(cell(&row, 3)) { EntryState::Applied } else { EntryState::Failed };
            let mut entry = entry(version, state);
            entry.recorded_at = cell(&row, 2).map(iso_time);
            // A server writes bytes as `\x…`.
            entry.checksum =
                cell(&row, 4).map(|bytes| Text::new(bytes.trim_start_matches("\\x").to_ascii_lowercase()));
            entry.note = cell(&row, 1).map(Text::new);
            reading.entries.push(entry);
        }
        reading
    }

    fn compare_keys(&self, left: &str, right: &str) -> Ordering {
        compare_versions(left, right)
    }

    /// `ignored-chars` takes characters out of the text before it is hashed.
    fn accepts_checksum(&self, detected: &Detected, migration: &Migration, recorded: &str) -> bool {
        let Some(file) = detected.configuration.as_deref() else { return false };
        let Some(ignored) = settings(file).get("migrate.ignored-chars").cloned() else { return false };
        let ignored: String = ignored.split(',').collect();
        let source = open(&detected.root, &detected.root.join(&*migration.file));
        let text =
            String::from_utf8_lossy(&source.bytes).replace(|character| ignored.contains(character), "");
        checksum(text.as_bytes()) == recorded
    }

    fn preparation(&self, detected: &Detected) -> Preparation {
        let search_path = UrlHint::search_path(self.database_url_hint(detected).as_ref());
        let made = detected
            .configuration
            .as_deref()
            .and_then(|file| settings(file).get("migrate.create-schemas").cloned())
            .unwrap_or_default();
        let schemas = made.split(',').filter(|schema| !schema.is_empty()).map(Ident::new).collect();
        Preparation { search_path, schemas, ..Preparation::default() }
    }

    fn writer(&self) -> Writer {
        Writer {
            compose: write::write,
            record: |detected, _, ledger, items| write::record(detected, ledger, items),
            forget: write::forget,
        }
    }
}

fn settings(file: &Utf8Path) -> Settings {
    read_text(file).and_then(|text| parse_toml(&text)).unwrap_or_default()
}

/// A dependency on sqlx in the manifest beside the history, above it, or in the project.
fn uses_sqlx(root: &Utf8Path, folder: &Utf8Path) -> bool {
    let manifests: Vec<Utf8PathBuf> = folder
        .ancestors()
        .take_while(|ancestor| ancestor.starts_with(root))
        .map(|folder| folder.join("Cargo.toml"))
        .collect();
    manifests.iter().filter_map(|file| read_text(file)).any(|text| {
        text.lines().map(str::trim_start).any(|line| {
            line.strip_prefix("sqlx").is_some_and(|rest| rest.trim_start().starts_with(['=', '.', '-']))
                || line.starts_with("[dependencies.sqlx]")
        })
    })
}

enum Name {
    /// The number, and whether the file is a way back.
    Migration { version: i64, back: bool },
    /// sqlx refuses the whole folder for it.
    Refused,
    /// sqlx does not look at it.
    Ignored,
}

fn parse(name: &str) -> Name {
    let Some((number, rest)) = name.split_once('_').filter(|(_, rest)| rest.ends_with(".sql")) else {
        return Name::Ignored;
    };
    match number.parse::<i64>() {
        Ok(version) => Name::Migration { version, back: rest.ends_with(".down.sql") },
        Err(_) => Name::Refused,
    }
}

fn checksum(bytes: &[u8]) -> String {
    crate::source::hexadecimal(&Sha384::digest(bytes))
}

fn read(detected: &Detected) -> Result<History, ReadError> {
    let root = &detected.root;
    let mut reading = Reading::new();
    let mut downs: BTreeMap<i64, Entry> = BTreeMap::new();
    for entry in folder::files(&detected.folder)? {
        match parse(&entry.name) {
            Name::Migration { version, back: true } => {
                downs.insert(version, entry);
            }
            Name::Migration { version, back: false } => {
                let file = open(root, &entry.path);
                let stem = entry.name.trim_end_matches(".sql").trim_end_matches(".up");
                // The first line is a switch; a byte order mark before it hides it.
                let alone = file.bytes.starts_with(b"-- no-transaction");
                let mode = if alone { TransactionMode::Implicit } else { TransactionMode::Single };
                let mut migration = migration(stem, &version.to_string(), &file.shown, mode);
                migration.checksum = Some(Text::new(checksum(&file.bytes)));
                reading.add_file(migration, &file);
            }
            Name::Refused => {
                let problem = "the part before the first underscore is not a number";
                let hint = "sqlx refuses the whole folder; rename the file, such as 0001_name.sql";
                reading.findings.push(ignored_file(&shown(root, &entry.path), problem, hint));
            }
            Name::Ignored => {
                let numbered = entry.name.starts_with(|first: char| first.is_ascii_digit());
                if entry.name.ends_with(".sql") && numbered {
                    let problem = "the name has no underscore after its number";
                    let hint = "sqlx ignores the file; rename it, such as 0001_name.sql";
                    reading.findings.push(ignored_file(&shown(root, &entry.path), problem, hint));
                }
            }
        }
    }
    reading.migrations.sort_by(|left, right| {
        compare_versions(left.key.as_str(), right.key.as_str()).then(left.id.cmp(&right.id))
    });
    for index in 0..reading.migrations.len() {
        let version = reading.migrations[index].key.as_str().parse();
        let down = version.ok().and_then(|version: i64| downs.remove(&version));
        if let Some(entry) = down {
            reading.fill_down_of(index, root, &entry.path);
        }
    }
    for (version, entry) in downs {
        reading.report_stray_down(root, &entry.path, version);
    }
    reading.report_duplicates(
        Severity::Error,
        "sqlx fails on the second one, whose version is recorded already; give one of them another number",
    );
    Ok(reading.finish(NAME, detected))
}

#[cfg(test)]
mod tests;

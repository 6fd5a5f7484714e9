//! Flyway's migrations from their files.

use std::cmp::Ordering;

use camino::Utf8Path;
use trueup_model::finding::NamedCode;
use trueup_model::history::{MigrationKind, TransactionMode};
use trueup_model::{Finding, History, Migration, Severity, Statement, Text};
use trueup_sql::classify;

use crate::detect::Detected;
use crate::flyway::NAME;
use crate::flyway::checksum::checksum;
use crate::flyway::configuration::{self, Configuration};
use crate::flyway::detect::stem_of;
use crate::flyway::name::{Meaning, compare_keys, meaning};
use crate::flyway::placeholders::replace;
use crate::folder::{self, Entry};
use crate::framework::ReadError;
use crate::reporting::{Fault, file_finding, ignored_file};
use crate::settings::{parse_properties, read_text};
use crate::source::{Reading, Segment, SourceFile, UNREADABLE_HINT, migration, open, statements};
use crate::words::changes_schema;

pub(crate) fn read(detected: &Detected) -> Result<History, ReadError> {
    let configuration = configuration::of(detected);
    let mut reading = Reading::new();
    let mut undo: Vec<(String, Entry)> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for folder in std::iter::once(&detected.folder).chain(&detected.further_folders) {
        for entry in folder::files_below(folder)? {
            // Locations may lie inside each other.
            if !seen.insert(entry.path.clone()) {
                continue;
            }
            if let Some((version, entry)) = take(&mut reading, detected, &configuration, entry) {
                undo.push((version, entry));
            }
        }
    }
    reading.migrations.sort_by(order);
    for (version, entry) in undo {
        fill_undo(&mut reading, detected, &configuration, &version, &entry);
    }
    reading.report_duplicates(Severity::Error, "Flyway refuses to run; give one of them another version");
    Ok(reading.finish(NAME, detected))
}

/// Versions first, then the repeatable ones by their descriptions.
fn order(left: &Migration, right: &Migration) -> Ordering {
    compare_keys(left.key.as_str(), right.key.as_str()).then_with(|| left.file.cmp(&right.file))
}

/// Reads one file. An undo script is handed back, to be joined with its migration later.
fn take(
    reading: &mut Reading,
    detected: &Detected,
    configuration: &Configuration,
    entry: Entry,
) -> Option<(String, Entry)> {
    let root = &detected.root;
    let Some(stem) = stem_of(&entry.name, configuration) else {
        take_java(reading, root, &entry);
        return None;
    };
    let (key, kind) = match meaning(stem, configuration) {
        Meaning::Versioned { version } => (version, MigrationKind::Versioned),
        Meaning::Baseline { version } => (format!("B{version}"), MigrationKind::Baseline),
        Meaning::Repeatable { description } => (format!("R__{description}"), MigrationKind::Repeatable),
        Meaning::Undo { version } => return Some((version, entry)),
        Meaning::Callback => {
            reading.findings.extend(callback(root, &entry));
            return None;
        }
        Meaning::Malformed { problem } => {
            let shown = folder::shown(root, &entry.path);
            let hint = "Flyway ignores the file; rename it, such as V2__add_price.sql";
            reading.findings.push(ignored_file(&shown, problem, hint));
            return None;
        }
        Meaning::Other => return None,
    };
    let script = script_configuration(configuration, &entry.path);
    let file = open(root, &entry.path);
    let mut migration = migration(stem, &key, &file.shown, TransactionMode::Single);
    migration.kind = kind;
    read_script(reading, &mut migration, &file, &script);
    reading.migrations.push(migration);
    None
}

fn read_script(
    reading: &mut Reading,
    migration: &mut Migration,
    file: &SourceFile,
    configuration: &Configuration,
) {
    let text = match &file.text {
        Ok(text) => text,
        Err(fault) => return reading.mar(migration, fault, UNREADABLE_HINT),
    };
    let mut replaced = None;
    if configuration.placeholder_replacement {
        let result = replace(&file.shown, text, configuration);
        for fault in &result.unknown {
            reading.mar(migration, fault, "set it as placeholders.NAME in flyway.toml or flyway.conf");
        }
        replaced = Some(result.text);
    }
    // A repeatable migration runs again when its placeholders change: their values count.
    let replaced = replaced.as_ref().unwrap_or(text);
    let sum = if migration.kind == MigrationKind::Repeatable { checksum(replaced) } else { checksum(text) };
    migration.checksum = Some(Text::new(sum.to_string()));
    reading.fill_up(migration, &file.shown, &Segment::whole(replaced));
    reading.expect_body(migration);
    migration.transaction = transaction(&migration.up, configuration);
}

/// Flyway leaves the transaction out by itself where a statement cannot run in one.
fn transaction(up: &[Statement], configuration: &Configuration) -> TransactionMode {
    if !configuration.execute_in_transaction
        || up.iter().any(|statement| classify(&statement.text).outside_transaction)
    {
        TransactionMode::PerStatement
    } else {
        TransactionMode::Single
    }
}

/// `V1__name.sql.conf` beside a script overrides settings for it.
fn script_configuration(configuration: &Configuration, path: &Utf8Path) -> Configuration {
    let mut result = configuration.clone();
    if let Some(text) = read_text(Utf8Path::new(&format!("{path}.conf"))) {
        let settings = parse_properties(&text)
            .into_iter()
            .map(|(name, value)| (name.strip_prefix("flyway.").unwrap_or(&name).to_owned(), value))
            .collect();
        result.take(&settings);
    }
    result
}

/// `V3__Fill_prices.java` is a migration that only Java can run.
fn take_java(reading: &mut Reading, root: &Utf8Path, entry: &Entry) {
    const LANGUAGES: &[&str] = &[".java", ".class", ".kt", ".groovy", ".scala"];
    let Some(stem) = LANGUAGES.iter().find_map(|suffix| entry.name.strip_suffix(suffix)) else { return };
    // Java knows the prefixes V, R and B whatever the names of SQL files are.
    let names = Configuration::default();
    if !stem.contains("__") {
        return;
    }
    let (key, kind) = match meaning(stem, &names) {
        Meaning::Versioned { version } => (version, MigrationKind::Versioned),
        Meaning::Baseline { version } => (format!("B{version}"), MigrationKind::Baseline),
        Meaning::Repeatable { description } => (format!("R__{description}"), MigrationKind::Repeatable),
        Meaning::Undo { .. } | Meaning::Callback | Meaning::Malformed { .. } | Meaning::Other => return,
    };
    let shown = folder::shown(root, &entry.path).into();
    let mut migration = migration(stem, &key, &shown, TransactionMode::Single);
    migration.kind = kind;
    reading.add_opaque(migration, "the migration is written in Java and cannot be read as SQL");
}

fn fill_undo(
    reading: &mut Reading,
    detected: &Detected,
    configuration: &Configuration,
    version: &str,
    entry: &Entry,
) {
    let found = reading.migrations.iter().position(|migration| migration.key.as_str() == version);
    let Some(index) = found else {
        let shown = folder::shown(&detected.root, &entry.path);
        let problem = format!("there is no versioned migration {version} that this could undo");
        reading.findings.push(ignored_file(&shown, problem, "remove it, or restore its migration"));
        return;
    };
    let file = open(&detected.root, &entry.path);
    let script = script_configuration(configuration, &entry.path);
    let mut migration = reading.migrations.remove(index);
    match &file.text {
        Ok(text) if script.placeholder_replacement => {
            let replaced = replace(&file.shown, text, &script);
            if replaced.unknown.is_empty() {
                reading.fill_down(&mut migration, &file.shown, &Segment::whole(&replaced.text));
            }
        }
        Ok(_) | Err(_) => reading.fill_down_from(&mut migration, &detected.root, &entry.path),
    }
    reading.migrations.insert(index, migration);
}

/// A callback that changes the schema is part of the truth and has no place in the order of migrations.
fn callback(root: &Utf8Path, entry: &Entry) -> Option<Finding> {
    let file = open(root, &entry.path);
    let text = file.text.as_ref().ok()?;
    let (statements, _) = statements(&file.shown, &Segment::whole(text));
    let first = statements.iter().find(|statement| changes_schema(&statement.text))?;
    let fault =
        Fault::new("Flyway runs this callback around migrations; it is not replayed", first.place.clone());
    let hint = "move what changes the schema into a repeatable migration to have it checked";
    Some(file_finding(NamedCode::NotChecked, Severity::Info, &entry.name, &fault, hint))
}

/// The checksum that Flyway accepts beside the usual one: of a repeatable migration without its placeholders
/// replaced, as earlier versions recorded it.
pub(crate) fn other_checksum(detected: &Detected, migration: &Migration) -> Option<String> {
    if migration.kind != MigrationKind::Repeatable {
        return None;
    }
    let file = open(&detected.root, &detected.root.join(&*migration.file));
    file.text.ok().map(|text| checksum(&text).to_string())
}

//! golang-migrate: `000001_name.up.sql` and `.down.sql`, ledger `schema_migrations` with one row.

mod write;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use camino::Utf8Path;
use trueup_model::history::TransactionMode;
use trueup_model::ledger::{EntryState, LedgerRows, LedgerTable};
use trueup_model::{History, Severity, Text};

use crate::detect::{Certainty, Detected};
use crate::folder::{self, Entry, shown};
use crate::framework::{Framework, ReadError, Writer};
use crate::ledger_reading::{LedgerReading, cell, entry, is_true};
use crate::naming::{compare_numbers, leading_digits};
use crate::reporting::ignored_file;
use crate::settings::{UrlHint, dotenv_url, nearest, read_text, split_table};
use crate::source::{Reading, migration, open};
use crate::url;

pub(crate) struct GolangMigrate;

const NAME: &str = "golang-migrate";

impl Framework for GolangMigrate {
    fn name(&self) -> &'static str {
        NAME
    }

    fn detect(&self, root: &Utf8Path, folder: &Utf8Path) -> Option<Detected> {
        let files = folder::files(folder).ok()?;
        let ups: Vec<&Entry> = files
            .iter()
            .filter(|entry| parse(&entry.name).is_some_and(|name| name.direction == Direction::Up))
            .collect();
        let example = ups.first()?;
        let named_in_go = nearest(root, folder, "go.mod")
            .and_then(|file| read_text(&file))
            .is_some_and(|text| text.contains("golang-migrate/migrate"));
        let others = files
            .iter()
            .filter(|entry| entry.name.ends_with(".sql") && leading_digits(&entry.name).is_some())
            .filter(|entry| parse(&entry.name).is_none())
            .count();
        // golang-migrate would ignore those: a folder that is mostly made of them is somebody else's.
        if others > ups.len() && !named_in_go {
            return None;
        }
        let certainty = if named_in_go { Certainty::Typical } else { Certainty::Likely };
        let reason = format!("{} files such as {}", ups.len(), example.name);
        Some(Detected::in_folder(NAME, root, folder, certainty, reason))
    }

    fn read(&self, detected: &Detected) -> Result<History, ReadError> {
        read(detected)
    }

    fn ledger_table(&self, detected: &Detected) -> LedgerTable {
        let (schema, name) = ledger_name(self.database_url_hint(detected));
        LedgerTable {
            schema: schema.map(Text::new),
            name: Text::new(name),
            columns: vec!["version", "dirty"],
            order_by: "version",
        }
    }

    fn entries(&self, rows: &LedgerRows, history: &History) -> LedgerReading {
        entries(rows, history)
    }

    fn compare_keys(&self, left: &str, right: &str) -> Ordering {
        compare_numbers(left, right)
    }

    fn database_url_hint(&self, detected: &Detected) -> Option<UrlHint> {
        dotenv_url(&detected.root, &detected.folder, &["DATABASE_URL", "POSTGRESQL_URL", "POSTGRES_URL"])
    }

    fn writer(&self) -> Writer {
        Writer { compose: write::write, record: write::record, forget: write::forget }
    }
}

/// `x-migrations-table` is one name, unless `x-migrations-table-quoted` says that it is a quoted path.
fn ledger_name(hint: Option<UrlHint>) -> (Option<String>, String) {
    let parameter = |name: &str| hint.as_ref().and_then(|hint| url::parameter(hint.reveal(), name));
    let Some(table) = parameter("x-migrations-table").filter(|table| !table.is_empty()) else {
        return (None, "schema_migrations".to_owned());
    };
    let quoted = parameter("x-migrations-table-quoted");
    if matches!(quoted.as_deref(), Some("1" | "t" | "T" | "true" | "TRUE" | "True")) {
        split_table(&table)
    } else {
        (None, table)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

struct Name<'a> {
    /// The number without leading zeros, as the ledger writes it.
    version: String,
    /// Without direction and extension.
    stem: &'a str,
    direction: Direction,
}

/// `^([0-9]+)_(.*)\.(down|up)\.(.*)$`, the number in 64 bits.
fn parse(name: &str) -> Option<Name<'_>> {
    let (digits, rest) = leading_digits(name)?;
    rest.strip_prefix('_')?;
    let version = digits.parse::<u64>().ok()?.to_string();
    // The expression is greedy: the last direction in the name counts.
    let up = name.rfind(".up.").map(|at| (at, Direction::Up));
    let down = name.rfind(".down.").map(|at| (at, Direction::Down));
    let (at, direction) = up.max_by_position(down)?;
    name.ends_with(".sql").then(|| Name { version, stem: &name[..at], direction })
}

trait Later {
    fn max_by_position(self, other: Self) -> Self;
}

impl Later for Option<(usize, Direction)> {
    fn max_by_position(self, other: Self) -> Self {
        match (self, other) {
            (Some(one), Some(two)) => Some(if one.0 > two.0 { one } else { two }),
            (one, two) => one.or(two),
        }
    }
}

fn read(detected: &Detected) -> Result<History, ReadError> {
    let root = &detected.root;
    let mut reading = Reading::new();
    let mut downs: BTreeMap<String, Entry> = BTreeMap::new();
    for entry in folder::files(&detected.folder)? {
        let Some(name) = parse(&entry.name) else {
            if entry.name.ends_with(".sql") && leading_digits(&entry.name).is_some() {
                let file = shown(root, &entry.path);
                let problem = "the name is not NUMBER_name.up.sql or NUMBER_name.down.sql";
                let hint = "golang-migrate ignores the file; rename it";
                reading.findings.push(ignored_file(&file, problem, hint));
            }
            continue;
        };
        match name.direction {
            Direction::Down => {
                downs.insert(name.version, entry);
            }
            Direction::Up => {
                let file = open(root, &entry.path);
                let migration = migration(name.stem, &name.version, &file.shown, TransactionMode::Implicit);
                reading.add_file(migration, &file);
            }
        }
    }
    reading.migrations.sort_by(|left, right| {
        compare_numbers(left.key.as_str(), right.key.as_str()).then(left.id.cmp(&right.id))
    });
    for index in 0..reading.migrations.len() {
        if let Some(entry) = downs.remove(reading.migrations[index].key.as_str()) {
            reading.fill_down_of(index, root, &entry.path);
        }
    }
    for (version, entry) in downs {
        reading.report_stray_down(root, &entry.path, version);
    }
    reading
        .report_duplicates(Severity::Error, "golang-migrate refuses to run; give one of them another number");
    Ok(reading.finish(NAME, detected))
}

/// One row stands for everything up to its version. When it is dirty, that version itself was not finished.
fn entries(rows: &LedgerRows, history: &History) -> LedgerReading {
    let mut reading = LedgerReading::default();
    if rows.iter().any(|row| cell(row, 1).is_none()) {
        reading.complain(
            "",
            "the table schema_migrations has no column \"dirty\": another tool keeps it",
            "it looks like the ledger of dbmate or Rails: name the tool with --framework",
        );
        return reading;
    }
    if rows.len() > 1 {
        reading.complain(
            "",
            format!("schema_migrations has {} rows where golang-migrate keeps one", rows.len()),
            "the highest version is taken; keep only its row",
        );
    }
    let number = |row: &Vec<Option<String>>| cell(row, 0).and_then(|version| version.parse::<i128>().ok());
    let Some(row) = rows.iter().max_by_key(|row| number(row)) else { return reading };
    let dirty = is_true(cell(row, 1));
    let Some(version) = number(row) else {
        reading.complain("", "the version in schema_migrations is not a number", "");
        return reading;
    };
    if version < 0 {
        if dirty {
            reading.complain(
                "",
                "the first migration was being taken back and that did not finish",
                "look at what is left of it, then: migrate force",
            );
        }
        return reading;
    }
    let version = version.to_string();
    let below = history
        .migrations
        .iter()
        .filter(|migration| compare_numbers(migration.key.as_str(), &version).is_lt());
    reading.entries.extend(below.map(|migration| entry(migration.key.as_str(), EntryState::Applied)));
    let mut last = entry(&version, if dirty { EntryState::Failed } else { EntryState::Applied });
    last.note = dirty.then(|| Text::new("the ledger is marked dirty"));
    reading.entries.push(last);
    reading
}

#[cfg(test)]
mod tests;

//! refinery: `V1__name.sql` and `U1__name.sql` (unversioned order, not undo), ledger `refinery_schema_history`.

mod write;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use camino::Utf8Path;
use siphasher::sip::SipHasher13;
use trueup_model::history::TransactionMode;
use trueup_model::ledger::{EntryState, LedgerRows, LedgerTable};
use trueup_model::{History, Migration, Severity, Text};

use crate::detect::{Certainty, Detected};
use crate::folder::{self, shown};
use crate::framework::{Framework, Gaps, ReadError, Writer};
use crate::ledger_reading::{LedgerReading, cell, entry, iso_time};
use crate::naming::{compare_versions, leading_digits};
use crate::reporting::ignored_file;
use crate::settings::{UrlHint, dotenv_url, nearest, parse_toml, read_text};
use crate::source::{Reading, migration, open};
use crate::url;

pub(crate) struct Refinery;

const NAME: &str = "refinery";

impl Framework for Refinery {
    fn name(&self) -> &'static str {
        NAME
    }

    fn detect(&self, root: &Utf8Path, folder: &Utf8Path) -> Option<Detected> {
        let files = folder::files(folder).ok()?;
        let own: Vec<&str> = files
            .iter()
            .map(|entry| entry.name.as_str())
            .filter(|name| name.strip_suffix(".sql").or(name.strip_suffix(".rs")).and_then(parse).is_some())
            .collect();
        let example = own.first()?;
        let in_rust = own.iter().any(|name| name.ends_with(".rs"));
        if !in_rust && !is_used(root, folder) {
            return None;
        }
        let reason = format!("{} files such as {example}, and the project uses refinery", own.len());
        let mut detected = Detected::in_folder(NAME, root, folder, Certainty::Typical, reason);
        detected.configuration = nearest(root, folder, "refinery.toml");
        Some(detected)
    }

    fn read(&self, detected: &Detected) -> Result<History, ReadError> {
        read(detected)
    }

    fn ledger_table(&self, _detected: &Detected) -> LedgerTable {
        LedgerTable {
            schema: None,
            name: Text::new("refinery_schema_history"),
            columns: vec!["version", "name", "applied_on", "checksum"],
            order_by: "version",
        }
    }

    fn entries(&self, rows: &LedgerRows, _history: &History) -> LedgerReading {
        let mut reading = LedgerReading::default();
        for row in rows {
            let Some(version) = cell(row, 0) else { continue };
            let mut entry = entry(version, EntryState::Applied);
            entry.recorded_at = cell(row, 2).map(iso_time);
            entry.checksum = cell(row, 3).map(Text::new);
            entry.note = cell(row, 1).map(Text::new);
            reading.entries.push(entry);
        }
        // The moment is kept as a text with an offset of its own, mostly UTC: sorting by version is what refinery
        // does, and what it allows only by way of exception is told from the gaps.
        reading
    }

    fn compare_keys(&self, left: &str, right: &str) -> Ordering {
        compare_versions(left, right)
    }

    fn gaps(&self, _detected: &Detected) -> Gaps {
        Gaps::Refused {
            hint: "refinery refuses to run: give it a version after the newest one, or call it U instead of V",
        }
    }

    fn may_come_late(&self, migration: &Migration) -> bool {
        parse(stem_of(&migration.file)).is_some_and(|name| name.any_order)
    }

    /// With the feature `int8-versions` versions are hashed as wider numbers. The manifest that turns it on may be
    /// any; both are taken.
    fn accepts_checksum(&self, detected: &Detected, migration: &Migration, recorded: &str) -> bool {
        let file = open(&detected.root, &detected.root.join(&*migration.file));
        let (Ok(text), Some(name)) = (String::from_utf8(file.bytes), parse(stem_of(&migration.file))) else {
            return false;
        };
        checksum(name.name, name.version, &text) == recorded
    }

    fn database_url_hint(&self, detected: &Detected) -> Option<UrlHint> {
        let from_file = detected.configuration.as_deref().and_then(|file| url_of(&detected.root, file));
        from_file.or_else(|| dotenv_url(&detected.root, &detected.folder, &["DATABASE_URL"]))
    }

    fn writer(&self) -> Writer {
        Writer { compose: write::write, record: write::record, forget: write::forget }
    }
}

/// `refinery.toml`, or a dependency in the manifest beside the history, above it, or in the project.
pub(crate) fn is_used(root: &Utf8Path, folder: &Utf8Path) -> bool {
    folder.ancestors().take_while(|ancestor| ancestor.starts_with(root)).any(|ancestor| {
        ancestor.join("refinery.toml").is_file()
            || read_text(&ancestor.join("Cargo.toml")).is_some_and(|text| {
                text.lines().any(|line| {
                    line.trim_start().starts_with("refinery")
                        || line.trim_start().starts_with("[dependencies.refinery")
                })
            })
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Name<'a> {
    version: i64,
    name: &'a str,
    /// `U` instead of `V`: it may come after newer ones.
    any_order: bool,
}

/// `^([U|V])(\d+(?:\.\d+)?)__(\w+)$`; a version with a point is refused later on.
fn parse(stem: &str) -> Option<Name<'_>> {
    let any_order = stem.starts_with('U');
    let rest = stem.strip_prefix(['U', 'V'])?;
    let (digits, rest) = leading_digits(rest)?;
    let name = rest.strip_prefix("__")?;
    let is_word =
        !name.is_empty() && name.chars().all(|character| character.is_alphanumeric() || character == '_');
    let version = digits.parse().ok()?;
    is_word.then_some(Name { version, name, any_order })
}

fn stem_of(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// SipHash-1-3 of name, version and text, as Rust hashes them one after the other; versions have 32 bits unless
/// they are wider.
fn checksum_of(name: Name<'_>, sql: &str) -> String {
    match i32::try_from(name.version) {
        Ok(version) => checksum(name.name, version, sql),
        Err(_) => checksum(name.name, name.version, sql),
    }
}

fn checksum(name: &str, version: impl Hash, sql: &str) -> String {
    let mut hasher = SipHasher13::new();
    name.hash(&mut hasher);
    version.hash(&mut hasher);
    sql.hash(&mut hasher);
    hasher.finish().to_string()
}

fn read(detected: &Detected) -> Result<History, ReadError> {
    let root = &detected.root;
    let mut reading = Reading::new();
    for entry in folder::files_below(&detected.folder)? {
        let in_sql = entry.name.ends_with(".sql");
        if !in_sql && !entry.name.ends_with(".rs") {
            continue;
        }
        let Some(name) = parse(stem_of(&entry.name)) else {
            if in_sql {
                let problem =
                    "the name is not V1__name.sql with a whole number and a name of letters, digits and _";
                let file = shown(root, &entry.path);
                reading.findings.push(ignored_file(&file, problem, "refinery ignores the file; rename it"));
            }
            continue;
        };
        let id = stem_of(&entry.name);
        let key = name.version.to_string();
        if in_sql {
            let file = open(root, &entry.path);
            let mut migration = migration(id, &key, &file.shown, TransactionMode::Single);
            // The byte order mark is part of the text to refinery.
            migration.checksum =
                std::str::from_utf8(&file.bytes).ok().map(|text| Text::new(checksum_of(name, text)));
            reading.add_file(migration, &file);
        } else {
            let migration = migration(id, &key, &shown(root, &entry.path).into(), TransactionMode::Single);
            reading.add_opaque(migration, "the migration is written in Rust and cannot be read as SQL");
        }
    }
    let version = |migration: &Migration| migration.key.as_str().parse::<i64>().unwrap_or(i64::MAX);
    reading.migrations.sort_by(|left, right| version(left).cmp(&version(right)).then(left.id.cmp(&right.id)));
    reading.report_duplicates(Severity::Error, "refinery refuses to run; give one of them another version");
    Ok(reading.finish(NAME, detected))
}

/// `refinery.toml` keeps the parts of a URL.
fn url_of(root: &Utf8Path, file: &Utf8Path) -> Option<UrlHint> {
    let settings = parse_toml(&read_text(file)?)?;
    let part = |name: &str| settings.get(&format!("main.{name}")).filter(|value| !value.is_empty());
    if !part("db_type").is_some_and(|kind| kind.eq_ignore_ascii_case("postgres")) {
        return None;
    }
    let login = match (part("db_user"), part("db_pass")) {
        (Some(user), Some(password)) => format!("{}:{}@", url::encoded(user), url::encoded(password)),
        (Some(user), None) => format!("{}@", url::encoded(user)),
        (None, _) => String::new(),
    };
    let host = part("db_host").map_or("localhost", String::as_str);
    let port = part("db_port").map(|port| format!(":{port}")).unwrap_or_default();
    let name = part("db_name").map(|name| url::encoded(name)).unwrap_or_default();
    Some(UrlHint::new(format!("postgresql://{login}{host}{port}/{name}"), shown(root, file)))
}

#[cfg(test)]
mod tests;

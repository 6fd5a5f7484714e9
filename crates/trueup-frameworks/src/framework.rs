//! What a framework must be able to do, and the list of those that can.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::history::MigrationKind;
use trueup_model::ledger::{LedgerRows, LedgerTable};
use trueup_model::{Finding, History, Ledger, Migration, Preparation, Severity};

use crate::detect::Detected;
use crate::ledger_reading::LedgerReading;
use crate::models::Models;
use crate::record::Recorder;
use crate::settings::{UrlHint, dotenv_url};
use crate::write::{LedgerItem, WriteError, WriteRequest, WrittenMigration};

/// Every framework that is understood, in the order in which they are listed to people.
pub static FRAMEWORKS: &[&dyn Framework] = &[
    &crate::django::Django,
    &crate::flyway::Flyway,
    &crate::golang_migrate::GolangMigrate,
    &crate::dbmate::Dbmate,
    &crate::goose::Goose,
    &crate::sqlx::Sqlx,
    &crate::diesel::Diesel,
    &crate::refinery::Refinery,
    &crate::prisma::Prisma,
    &crate::plain::Plain,
];

/// The framework with this word as its name.
pub fn framework(name: &str) -> Option<&'static dyn Framework> {
    FRAMEWORKS.iter().copied().find(|framework| framework.name() == name)
}

pub trait Framework: Sync {
    /// The word for reports and for `--framework`.
    fn name(&self) -> &'static str;

    /// Histories that the tool's own configuration in the project names.
    fn configured(&self, _root: &Utf8Path) -> Vec<Detected> {
        Vec::new()
    }

    /// Whether the files in this folder look like a history of this tool.
    fn detect(&self, root: &Utf8Path, folder: &Utf8Path) -> Option<Detected>;

    /// All migrations, in the order in which the tool would run them. What is wrong with files is in the findings.
    fn read(&self, detected: &Detected) -> Result<History, ReadError>;

    /// The history again, where the rows of the ledger decide what belongs to it.
    fn read_for(&self, _detected: &Detected, _history: &History, _rows: &LedgerRows) -> Option<History> {
        None
    }

    fn ledger_table(&self, detected: &Detected) -> LedgerTable;

    /// Whether a table that is called like the ledger is one, by the names of its columns.
    fn is_ledger(&self, columns: &BTreeSet<&str>, detected: &Detected) -> bool {
        self.ledger_table(detected).columns.iter().all(|column| columns.contains(column))
    }

    /// What the rows of the ledger say. Entries come in the order in which things were applied.
    fn entries(&self, rows: &LedgerRows, history: &History) -> LedgerReading;

    /// Whether what is applied is replayed in the order of the history, and not in that of the ledger.
    fn replays_in_order_of_history(&self) -> bool {
        false
    }

    /// What the tool itself does after it has run migrations, and nobody else: a sentence for whoever runs them
    /// without it.
    fn does_afterwards(&self) -> Option<&'static str> {
        None
    }

    /// What the tool finds wrong with a ledger that records these keys, and no other tool would.
    fn faults(&self, _history: &History, _applied: &BTreeSet<&str>) -> Vec<Finding> {
        Vec::new()
    }

    /// The order of two keys, whether or not a file defines them. To many tools versions are texts.
    fn compare_keys(&self, left: &str, right: &str) -> Ordering {
        left.cmp(right)
    }

    /// What the tool makes of a pending migration that is older than an applied one. Most run whatever is missing.
    fn gaps(&self, _detected: &Detected) -> Gaps {
        Gaps::Allowed
    }

    /// Whether this migration is allowed to come after newer ones, whatever [`Framework::gaps`] says.
    fn may_come_late(&self, _migration: &Migration) -> bool {
        false
    }

    /// Whether the tool would take a recorded checksum for the one of this file. Asked only where the two are not
    /// the same text.
    fn accepts_checksum(&self, _detected: &Detected, _migration: &Migration, _recorded: &str) -> bool {
        false
    }

    /// How grave a recorded migration without a file is; `None` where the tool is configured to let it pass.
    fn phantom_severity(&self, _detected: &Detected, _key: &str, _history: &History) -> Option<Severity> {
        Some(Severity::Error)
    }

    /// The database that the tool's own configuration names: to many, a variable of `.env`.
    fn database_url_hint(&self, detected: &Detected) -> Option<UrlHint> {
        dotenv_url(&detected.root, &detected.folder, &["DATABASE_URL"])
    }

    /// Why the tool's own configuration leads to no database, where it should.
    fn why_no_database(&self, _detected: &Detected) -> Option<Obstacle> {
        None
    }

    /// The names of the databases that the tool's configuration knows, where it can know several.
    fn databases(&self, _detected: &Detected) -> Option<Vec<String>> {
        None
    }

    /// What the tool arranges before its first migration. Most only take over the search path of their URL.
    fn preparation(&self, detected: &Detected) -> Preparation {
        let search_path = UrlHint::search_path(self.database_url_hint(detected).as_ref());
        Preparation { search_path, ..Preparation::default() }
    }

    /// A program that runs the migrations of the project, for those that cannot be read from their texts.
    fn recorder(&self, _detected: &Detected) -> Option<Recorder> {
        None
    }

    /// How the models of the project are held against its history, where the tool has models.
    fn models(&self, _detected: &Detected) -> Option<Models> {
        None
    }

    /// The other direction. Use [`Framework::write`], [`Framework::ledger_record`] and [`Framework::ledger_forget`].
    fn writer(&self) -> Writer;

    /// Which of several files a statement, or a name, is written into, where the tool keeps apart what is about different
    /// tables. What is about none goes into the same file as what comes before it.
    fn file_of<'h>(&self, _history: &'h History) -> FileOf<'h> {
        Box::new(|_| None)
    }

    /// A script as the next migrations of the history: one, or several where statements may not run in a transaction.
    fn write(&self, request: &WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError> {
        let written = (self.writer().compose)(request)?;
        // Names without a number have no place in the order of numbers.
        let is_numbered = |key: &&str| {
            key.trim_start_matches(['V', 'v', 'B']).starts_with(|first: char| first.is_ascii_digit())
        };
        let recorded = request.recorded.iter().map(|key| key.as_str()).filter(is_numbered);
        let keys = request.history.migrations.iter().filter(|migration| match migration.kind {
            MigrationKind::Versioned | MigrationKind::Baseline => true,
            MigrationKind::Repeatable => false,
        });
        let known = keys.map(|migration| migration.key.as_str()).chain(recorded);
        let newest = known.max_by(|left, right| self.compare_keys(left, right));
        let mut keys = newest.into_iter().chain(written.iter().map(|migration| migration.key.as_str()));
        if let Some(mut last) = keys.next() {
            for key in keys {
                if self.compare_keys(key, last).is_le() {
                    let reason =
                        format!("{} knows no number after {last}; name the file by hand", self.name());
                    return Err(WriteError::Folder { reason });
                }
                last = key;
            }
        }
        Ok(written)
    }

    /// What records migrations as applied, to be run in the transaction that applies them. Makes the ledger as the
    /// tool would, where `ledger` says that there is none.
    fn ledger_record(
        &self,
        detected: &Detected,
        history: &History,
        ledger: &Ledger,
        items: &[LedgerItem],
    ) -> Result<Vec<String>, WriteError> {
        (self.writer().record)(detected, history, ledger, items)
    }

    /// What makes the ledger say that migrations are not applied any more.
    fn ledger_forget(
        &self,
        detected: &Detected,
        ledger: &Ledger,
        items: &[LedgerItem],
    ) -> Result<Vec<String>, WriteError> {
        (self.writer().forget)(detected, ledger, items)
    }
}

/// The name of the file that a text goes into.
pub type FileOf<'h> = Box<dyn Fn(&str) -> Option<String> + Sync + 'h>;

/// How a tool writes migrations and its ledger.
pub struct Writer {
    /// The next migrations of the history, in their order.
    pub compose: fn(&WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError>,
    pub record: fn(&Detected, &History, &Ledger, &[LedgerItem]) -> Statements,
    pub forget: fn(&Detected, &Ledger, &[LedgerItem]) -> Statements,
}

type Statements = Result<Vec<String>, WriteError>;

/// Whether a tool runs a migration that is older than the newest applied one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gaps {
    /// It simply runs it.
    Allowed,
    /// It refuses; the text says what people do about it.
    Refused { hint: &'static str },
    /// It will never run it, and does not say so.
    Skipped { hint: &'static str },
}

/// What is in the way, and what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    pub what: String,
    pub next: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("reading the migrations: cannot list {folder}: {reason}; check the path and its permissions")]
    Folder { folder: Utf8PathBuf, reason: std::io::Error },
    #[error("{}; {}", .0.what, .0.next)]
    Project(Obstacle),
}

#[cfg(test)]
mod tests;

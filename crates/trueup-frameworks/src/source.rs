//! One migration file: its bytes, its text, its statements.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

use camino::Utf8Path;
use trueup_model::finding::NamedCode;
use trueup_model::history::TransactionMode;
use trueup_model::history::{MigrationKind, Opaque};
use trueup_model::{Finding, History, Migration, Place, Reach, Severity, Statement, Text};
use trueup_sql::split::{Item, SplitMode, split};
use trueup_sql::text::decode;

use crate::detect::Detected;
use crate::folder::shown;
use crate::reach::{reach, words_of};
use crate::reporting::{Fault, excerpt_of, file_finding, ignored_file};

/// A file as it lies on the disk.
pub(crate) struct SourceFile {
    /// As people see it.
    pub shown: Arc<str>,
    /// Empty where the file could not be read.
    pub bytes: Vec<u8>,
    pub text: Result<String, Fault>,
}

pub(crate) fn open(root: &Utf8Path, path: &Utf8Path) -> SourceFile {
    let shown: Arc<str> = shown(root, path).into();
    match std::fs::read(path) {
        Ok(bytes) => {
            let text = match decode(&bytes) {
                Ok(source) => Ok(source.text),
                Err(error) => Err(Fault::new(
                    format!("the file is not readable as text: {error}"),
                    Place::new(shown.clone(), error.line, 1),
                )),
            };
            SourceFile { shown, bytes, text }
        }
        Err(error) => {
            let fault =
                Fault::new(format!("the file cannot be read: {error}"), Place::start_of(shown.clone()));
            SourceFile { shown, bytes: Vec::new(), text: Err(fault) }
        }
    }
}

/// A run of whole lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Counted from 1.
    pub first_line: u32,
    pub text: String,
}

impl Segment {
    pub(crate) fn whole(text: &str) -> Vec<Segment> {
        vec![Segment { first_line: 1, text: text.to_owned() }]
    }
}

/// The statements of a text without psql's commands.
pub(crate) fn statements(file: &Arc<str>, segments: &[Segment]) -> (Vec<Statement>, Vec<Fault>) {
    let (mut statements, mut faults) = (Vec::new(), Vec::new());
    for segment in segments {
        let mode = SplitMode { psql_commands: false, first_line: segment.first_line };
        let parts = split(file, &segment.text, mode);
        for item in parts.items {
            match item {
                Item::Statement(statement) => statements.push(statement),
                Item::Command(command) => faults.push(Fault::new(
                    format!("\\{} is a command of psql, which this tool does not know", command.name),
                    command.place,
                )),
            }
        }
        faults.extend(parts.faults.into_iter().map(|fault| Fault {
            message: fault.message,
            place: fault.place,
            excerpt: excerpt_of(&fault.excerpt),
        }));
    }
    (statements, faults)
}

/// A migration that has no statements yet.
pub(crate) fn migration(id: &str, key: &str, file: &Arc<str>, transaction: TransactionMode) -> Migration {
    Migration {
        id: Text::new(id),
        key: Text::new(key),
        kind: MigrationKind::Versioned,
        parents: Vec::new(),
        replaces: Vec::new(),
        file: file.clone(),
        transaction,
        up: Vec::new(),
        down: None,
        checksum: None,
        opaque: None,
        reach: Reach::Nothing,
        only_by_tool: None,
    }
}

/// A history that is being read: it collects migrations and what is wrong with them.
pub(crate) struct Reading {
    pub migrations: Vec<Migration>,
    pub findings: Vec<Finding>,
}

impl Reading {
    pub(crate) fn new() -> Self {
        Self { migrations: Vec::new(), findings: Vec::new() }
    }

    /// The up part of a migration could not be read completely: the migration stays, and says why.
    pub(crate) fn mar(&mut self, migration: &mut Migration, fault: &Fault, hint: &str) {
        if migration.opaque.is_none() {
            migration.opaque = Some(Opaque { reason: fault.message.clone(), place: fault.place.clone() });
        }
        self.findings.push(file_finding(
            NamedCode::UnreadableMigration,
            Severity::Error,
            migration.id.as_str(),
            fault,
            hint,
        ));
    }

    /// Fills the up part.
    pub(crate) fn fill_up(&mut self, migration: &mut Migration, file: &Arc<str>, segments: &[Segment]) {
        let (up, faults) = statements(file, segments);
        migration.up.extend(up);
        for fault in faults {
            self.mar(migration, &fault, UNREADABLE_HINT);
        }
    }

    /// Fills the way back. What is wrong there leaves the up part whole.
    pub(crate) fn fill_down(&mut self, migration: &mut Migration, file: &Arc<str>, segments: &[Segment]) {
        let (down, faults) = statements(file, segments);
        for fault in &faults {
            self.findings.push(file_finding(
                NamedCode::UnreadableMigration,
                Severity::Warning,
                migration.id.as_str(),
                fault,
                "the way back of this migration cannot be used as it is",
            ));
        }
        migration.down = faults.is_empty().then_some(down);
    }

    /// Fills the way back from a file of its own, where there is one.
    pub(crate) fn fill_down_from(&mut self, migration: &mut Migration, root: &Utf8Path, path: &Utf8Path) {
        let file = open(root, path);
        match &file.text {
            Ok(text) => self.fill_down(migration, &file.shown, &Segment::whole(text)),
            Err(fault) => self.findings.push(file_finding(
                NamedCode::UnreadableMigration,
                Severity::Warning,
                migration.id.as_str(),
                fault,
                "the way back of this migration cannot be used as it is",
            )),
        }
    }

    /// The same for a migration that was added already.
    pub(crate) fn fill_down_of(&mut self, index: usize, root: &Utf8Path, path: &Utf8Path) {
        let mut migration = self.migrations[index].clone();
        self.fill_down_from(&mut migration, root, path);
        self.migrations[index] = migration;
    }

    /// A way back that leads back from nothing.
    pub(crate) fn report_stray_down(&mut self, root: &Utf8Path, path: &Utf8Path, version: impl Display) {
        let problem = format!("there is a way back from version {version}, and no way up to it");
        let hint = "restore its .up.sql, or remove the file";
        self.findings.push(ignored_file(&shown(root, path), problem, hint));
    }

    /// A migration whose up part is one whole file.
    pub(crate) fn add_file(&mut self, mut migration: Migration, file: &SourceFile) -> usize {
        match &file.text {
            Ok(text) => {
                self.fill_up(&mut migration, &file.shown, &Segment::whole(text));
                self.expect_body(&migration);
            }
            Err(fault) => self.mar(&mut migration, fault, UNREADABLE_HINT),
        }
        self.migrations.push(migration);
        self.migrations.len() - 1
    }

    /// Says so where a migration has nothing to run.
    pub(crate) fn expect_body(&mut self, migration: &Migration) {
        if migration.up.is_empty() && migration.opaque.is_none() {
            self.findings.push(file_finding(
                NamedCode::UnreadableMigration,
                Severity::Info,
                migration.id.as_str(),
                &Fault::new("the migration has no statement", Place::start_of(migration.file.clone())),
                "if that is meant, a statement such as SELECT 1 says so",
            ));
        }
    }

    /// A migration in a language that is not SQL.
    pub(crate) fn add_opaque(&mut self, mut migration: Migration, reason: &str) {
        let place = Place::start_of(migration.file.clone());
        migration.opaque = Some(Opaque { reason: reason.to_owned(), place: place.clone() });
        self.findings.push(file_finding(
            NamedCode::NotChecked,
            Severity::Info,
            migration.id.as_str(),
            &Fault::new(reason, place),
            "what it may have made is taken from the database as it is",
        ));
        self.migrations.push(migration);
    }

    /// Two migrations with the same key: the tool refuses, or runs only one of them.
    pub(crate) fn report_duplicates(&mut self, severity: Severity, hint: &str) {
        let mut seen = std::collections::BTreeMap::new();
        for migration in &self.migrations {
            let first = seen.entry(migration.key.clone()).or_insert_with(|| migration.clone());
            if first.file != migration.file {
                let message =
                    format!("{} and {} have the same version {}", first.file, migration.file, migration.key);
                self.findings.push(file_finding(
                    NamedCode::DuplicateId,
                    severity,
                    migration.id.as_str(),
                    &Fault::new(message, Place::start_of(migration.file.clone())),
                    hint,
                ));
            }
        }
    }

    /// Names are unique in a history: where two folders hold files of one name, the path tells them apart.
    pub(crate) fn finish(mut self, framework: &'static str, detected: &Detected) -> History {
        let mut count = std::collections::BTreeMap::new();
        for migration in &self.migrations {
            *count.entry(migration.id.clone()).or_insert(0) += 1;
        }
        for migration in &mut self.migrations {
            if count[&migration.id] > 1 {
                migration.id = Text::new(&*migration.file);
            }
        }
        // A history of files is a line: each migration follows the one before it.
        let ids: Vec<Text> = self.migrations.iter().map(|migration| migration.id.clone()).collect();
        for (migration, parent) in self.migrations.iter_mut().skip(1).zip(ids) {
            migration.parents = vec![parent];
        }
        for migration in self.migrations.iter_mut().filter(|migration| migration.opaque.is_some()) {
            let words = words_of([&*detected.root.join(&*migration.file)]);
            migration.reach = reach(words, BTreeSet::new());
        }
        History {
            framework,
            root: Text::new(shown(&detected.root, &detected.folder)),
            preparation: crate::framework(framework)
                .map(|framework| framework.preparation(detected))
                .unwrap_or_default(),
            migrations: self.migrations,
            handlers: Vec::new(),
            findings: self.findings,
        }
    }
}

pub(crate) const UNREADABLE_HINT: &str = "mend the file; the other migrations are checked all the same";

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

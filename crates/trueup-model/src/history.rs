//! The migrations of a project as read from its files: what claims to have built the database.

use std::sync::Arc;

use crate::finding::Finding;
use crate::name::Text;
use crate::origin::Place;

/// All migrations of a project, in the order in which the tool at hand would run them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The framework's word in reports: `flyway`, `goose`, `plain`.
    pub framework: &'static str,
    /// The folder as shown: relative to the project.
    pub root: Text,
    pub migrations: Vec<Migration>,
    /// What was wrong with the files themselves. The readable rest is in `migrations`.
    pub findings: Vec<Finding>,
}

/// One node of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// What findings call it: unique in the history, close to the file's name (`0003_add_price`).
    pub id: Text,
    /// What the tool's ledger calls it (`3`, `20240131120000`, or the same as `id`).
    pub key: Text,
    pub kind: MigrationKind,
    pub parents: Vec<Text>,
    pub file: Arc<str>,
    pub transaction: TransactionMode,
    pub up: Vec<Statement>,
    /// The way back, where the migration has one.
    pub down: Option<Vec<Statement>>,
    /// The checksum that the tool itself computes over the file and keeps in its ledger, in its own spelling.
    pub checksum: Option<Text>,
    /// Why the up part could not be read completely.
    pub opaque: Option<Opaque>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MigrationKind {
    Versioned,
    /// Runs again whenever its content changes, after all versioned ones (Flyway's `R__`).
    Repeatable,
    /// Stands for all migrations up to its version on databases that start with it (Flyway's `B…__`).
    Baseline,
}

/// How the tool at hand wraps a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionMode {
    /// The tool opens one transaction around the whole migration.
    Single,
    /// The whole file is sent at once: one implicit transaction, unless the file has its own.
    Implicit,
    /// Every statement commits by itself, unless the file has its own transactions.
    PerStatement,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    pub reason: String,
    pub place: Place,
}

/// One statement of a migration with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The text without the final semicolon, comments inside it kept.
    pub text: Arc<str>,
    /// Where its first word stands.
    pub place: Place,
    /// The lines that follow `COPY … FROM STDIN`, without the final `\.`.
    pub copy_data: Option<Arc<str>>,
}

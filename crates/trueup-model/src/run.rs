//! What is about to be done to a live database: shown before anybody agrees to it.

use std::collections::BTreeMap;

use crate::name::{Ident, QualifiedName};
use crate::repair::{Lock, TableSize};

/// Migrations that will be run, or runs that will be taken back, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunPlan {
    pub database: String,
    pub direction: RunDirection,
    pub steps: Vec<PlannedRun>,
    /// What is lost for good, a sentence each, with the object that a permission has to name.
    pub losses: Vec<PlannedLoss>,
    /// Where a copy of what is in danger goes.
    pub backup: Option<BackupPlan>,
    /// What was shown on a scratch server, and by what; what could not be.
    pub proven_on: String,
    pub unproven: Vec<String>,
    pub notes: Vec<String>,
}

/// What has become of tables and their columns, by the names that they had: `None` of those that are gone. What was
/// made again under the same name is another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    pub tables: BTreeMap<QualifiedName, Option<QualifiedName>>,
    pub columns: BTreeMap<(QualifiedName, Ident), Option<(QualifiedName, Ident)>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunDirection {
    Apply,
    Undo,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRun {
    pub title: String,
    pub file: String,
    /// Its content is there already: only the ledger is told.
    pub only_recorded: bool,
    /// It is part of a proven repair, and its files are what was proven.
    pub is_proven_repair: bool,
    pub statements: usize,
    /// How many of them run outside of a transaction.
    pub alone: usize,
    /// A line for each object.
    pub changes: Vec<String>,
    /// Tables that it locks, with their sizes where they are known.
    pub locks: Vec<(QualifiedName, Lock, Option<TableSize>)>,
    pub rewritten: Vec<QualifiedName>,
    /// Whether the way back was run and led back. `None`: there is none.
    pub way_back: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLoss {
    /// As `--allow drop:OBJECT` names it.
    pub object: String,
    pub what: String,
    pub allowed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupPlan {
    pub tables: Vec<QualifiedName>,
    pub folder: String,
    /// What the tables take on the server; a backup is about as large.
    pub bytes: u64,
    /// What is free where the backup goes, if that is known.
    pub free: Option<u64>,
}

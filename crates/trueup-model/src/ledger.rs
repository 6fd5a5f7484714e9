//! What a tool's own table says about which migrations were applied.

use crate::name::{QualifiedName, Text};

/// The table in which a tool records what it applied: its usual name and the columns worth reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerTable {
    /// The schema, where configuration names it; otherwise the table is looked for in every schema.
    pub schema: Option<Text>,
    pub name: Text,
    /// Columns to be read as text, in this order. One that does not exist reads as NULL.
    pub columns: Vec<&'static str>,
    /// A column to sort by, so that later rows come later.
    pub order_by: &'static str,
}

/// The rows of a ledger as text, in the order of the ledger.
pub type LedgerRows = Vec<Vec<Option<String>>>;

/// What the ledger of a database says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Where it was found; `None` when the database has none.
    pub table: Option<QualifiedName>,
    pub entries: Vec<LedgerEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// As [`crate::Migration::key`].
    pub key: Text,
    pub state: EntryState,
    pub recorded_at: Option<Text>,
    /// As [`crate::Migration::checksum`].
    pub checksum: Option<Text>,
    /// What the ledger adds for people: a description, an error log.
    pub note: Option<Text>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryState {
    Applied,
    /// The tool started it and did not finish: dirty, failed, not successful.
    Failed,
    /// Recorded as not applied any more (goose's `is_applied = false`, Prisma's `rolled_back_at`).
    RolledBack,
    /// A baseline marker: every migration up to this key counts as applied without having run here.
    Baseline,
}

//! Runs a history on a shadow and keeps a journal: which statement wrote what.
//!
//! Every statement runs in a transaction or subtransaction of its own, and leaves a row in a table of ours within
//! it. PostgreSQL stamps each row of its catalogs with the number of the (sub)transaction that wrote it, numbers
//! are given out in order, and only we are writing: so a catalog row was written by the statement whose journal
//! row has the nearest lower number. The same holds for the numbers of objects and the counter that they come
//! from: that tells which statement created an object, however often it was changed later.
//!
//! Each file begins as in a fresh connection: settings, roles, temporary tables and prepared statements of one
//! file do not reach the next. That is how tools behave that connect once per file, and what a file must survive
//! with the others, where the connection may come from a pool.

mod block;
mod copy;
mod failure;
mod guard;
mod journal;
mod repair;
mod restart;
mod statement;
mod subscription;
mod written;

use std::time::Duration;

use trueup_model::History;
use trueup_model::history::TransactionMode;
use trueup_model::journal::{Provenance, StatementRef};

use crate::session::SessionError;
use crate::shadow::Shadow;

pub use failure::{Failure, FailureKind};
pub use journal::SCHEMA;
pub(crate) use written::WrittenFailure;

/// How far a replay has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Index into [`History::migrations`] of the migration that begins now.
    pub migration: usize,
    /// Migrations finished so far, of `total`.
    pub done: usize,
    pub total: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayOptions {
    /// How long one statement may take.
    pub statement_limit: Duration,
}

impl Default for ReplayOptions {
    fn default() -> Self {
        Self { statement_limit: Duration::from_secs(60) }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// From which transaction number on a statement wrote, in order; `None` where nothing of the history ran.
    pub written: Vec<(u32, Option<StatementRef>)>,
    /// The counter of object numbers after a statement, in order.
    pub counters: Vec<(u32, Option<StatementRef>)>,
    /// Statements that the server refused. All others of their files ran.
    pub failures: Vec<Failure>,
    pub notes: Vec<Note>,
    /// How many statements were run now, without those of a kept prefix.
    pub statements: usize,
}

/// Something that was done otherwise than written, or not at all, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub statement: StatementRef,
    pub text: String,
}

/// The surroundings broke. What the server refuses is no error, but a [`Failure`].
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("preparing the journal on the shadow: {0}")]
    Journal(SessionError),
    #[error("replaying migration {migration}, statement {} of it: {source}", statement.statement + 1)]
    Lost { migration: String, statement: StatementRef, source: SessionError },
    #[error("starting migration {migration} on the shadow: {source}")]
    Session { migration: String, source: SessionError },
}

/// Runs the migrations of `order` (indexes into the history) on a shadow that is fresh or was kept after an
/// earlier part of the same history; what the journal holds of that part is in the result too. Of the history's
/// preparation only what is decided counts: its search path and its schemas.
pub fn replay(
    shadow: &mut dyn Shadow,
    history: &History,
    order: &[usize],
    progress: &mut dyn FnMut(Progress),
) -> Result<Replay, ReplayError> {
    replay_with(&ReplayOptions::default(), shadow, history, order, progress)
}

/// As [`replay`], with options.
pub fn replay_with(
    options: &ReplayOptions,
    shadow: &mut dyn Shadow,
    history: &History,
    order: &[usize],
    progress: &mut dyn FnMut(Progress),
) -> Result<Replay, ReplayError> {
    let capabilities = shadow.capabilities().clone();
    let mut journal =
        journal::begin(shadow.session(), &capabilities, history, order).map_err(ReplayError::Journal)?;
    let known_roles = guard::roles(shadow.session(), &capabilities).map_err(ReplayError::Journal)?;
    let mut run = block::Run::new(shadow, &capabilities, options, history, &mut journal, known_roles);
    if run.journal.is_new() {
        run.prepare().map_err(ReplayError::Journal)?;
    }
    for (done, &index) in order.iter().enumerate() {
        progress(Progress { migration: index, done, total: order.len() });
        run.migration(index)?;
    }
    run.leave().map_err(ReplayError::Journal)?;
    journal.end(shadow.session()).map_err(ReplayError::Journal)
}

impl Replay {
    /// Which statements stand behind a row of the catalogs: the object's number, where it has one, and the `xmin`
    /// of the row.
    pub fn provenance(&self, oid: impl Into<Option<u32>>, xmin: u32) -> Provenance {
        Provenance { created: oid.into().and_then(|oid| self.creator(oid)), changed: self.writer(xmin) }
    }

    /// The first statement after which the counter had reached the number.
    fn creator(&self, oid: u32) -> Option<StatementRef> {
        let (start, _) = *self.counters.first()?;
        // Both counters begin again after four thousand million: what counts is the distance from the start.
        let reached = |counter: u32| counter.wrapping_sub(start) >= oid.wrapping_sub(start);
        let index = self.counters.partition_point(|(counter, _)| !reached(*counter));
        self.counters.get(index).and_then(|(_, statement)| *statement)
    }

    /// The last statement that had begun at that number.
    fn writer(&self, xmin: u32) -> Option<StatementRef> {
        let (start, _) = *self.written.first()?;
        let begun = |first: u32| first.wrapping_sub(start) <= xmin.wrapping_sub(start);
        let index = self.written.partition_point(|(first, _)| begun(*first));
        self.written.get(index.checked_sub(1)?).and_then(|(_, statement)| *statement)
    }
}

/// Why statements can only be tried where they are meant to run: for each of them, if that is so.
pub(crate) fn untried<'a>(
    shadow: &mut dyn Shadow,
    texts: impl Iterator<Item = &'a str>,
) -> Result<Vec<Option<String>>, SessionError> {
    let capabilities = shadow.capabilities().clone();
    let known_roles = guard::roles(shadow.session(), &capabilities)?;
    Ok(texts.map(|text| statement::untried(text, capabilities.owns_roles, &known_roles)).collect())
}

/// The place of a statement, for messages.
fn label(history: &History, migration: usize) -> String {
    history.migrations[migration].id.to_string()
}

/// How a file is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileMode {
    /// In a transaction that the tool opens and that a COMMIT of the file ends for good.
    Single,
    /// In a transaction that begins again after each COMMIT of the file.
    Implicit,
    PerStatement,
}

impl From<TransactionMode> for FileMode {
    fn from(mode: TransactionMode) -> Self {
        match mode {
            TransactionMode::Single => FileMode::Single,
            TransactionMode::Implicit => FileMode::Implicit,
            TransactionMode::PerStatement => FileMode::PerStatement,
        }
    }
}

#[cfg(all(test, feature = "embedded"))]
pub(crate) mod tests;

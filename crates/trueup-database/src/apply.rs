//! Runs a proven script on a live database, or leaves the database as it was and says why.
//!
//! One run at a time: a second connection, the keeper, holds a lock for as long as a run takes. What may be in a
//! transaction is in one, from the check that the database is still what the proof was made for, over the statements
//! and the rows of the ledger, to the check that the outcome is the proven one; only then it is committed. What cannot
//! be in a transaction is done step by step, each written down before and after, so that a run that was cut off at
//! any point is the old state, the new one, or one that can be gone on from.

pub mod interrupt;
mod journal;
mod keeper;
mod leftovers;
mod preflight;
mod work;

use std::time::Duration;

use trueup_model::proof::Fingerprint;
use trueup_model::repair::{Probe, Script};
use trueup_model::{Catalog, QualifiedName};

use crate::prove::Proven;
use crate::session::{Session, SessionError};

use interrupt::Watched;
use journal::Outcome;
pub use journal::{PastRun, RunState, Unfinished, WayBack, runs, unfinished, ways_back};
pub use keeper::Keeper;
pub use keeper::at_work;
pub use preflight::look as look_before;
use work::{Stopped, Work};

/// Opens a connection to the database, each time it is called.
pub type Connect<'a> = &'a dyn Fn() -> Result<Session, SessionError>;

/// What is run, and on what.
pub struct Run<'a> {
    pub script: &'a Proven<Script>,
    pub direction: Direction,
    /// The states that the proof speaks of, as the caller reads the database.
    pub found: &'a Catalog,
    pub expected: &'a Catalog,
    /// Names and values under which all statements are run.
    pub settings: &'a [(&'a str, &'a str)],
    /// What is written into the ledger together with the change.
    pub ledger: &'a [String],
    /// Makes of a catalog what the caller compares: without the ledger, and with the role that migrates.
    pub settle: &'a dyn Fn(Catalog) -> Catalog,
    /// Where two catalogs differ, the wanted one first, in words.
    pub differ: &'a dyn Fn(&Catalog, &Catalog) -> Vec<String>,
    /// The tables that are worked on.
    pub touched: &'a [QualifiedName],
    /// Questions that found no rows when it was agreed to: rows that came since would be lost.
    pub empty: &'a [Probe],
    /// Those of them that only their owner may change like that.
    pub owned: &'a [QualifiedName],
    pub limits: Limits,
    /// Who asked for it, for those who look at the journal later.
    pub who: &'a str,
    /// The migration that this is, where it is one: how `undo` will find it in the ledger.
    pub migration: Option<&'a RunMigration>,
    /// The run before this one, where it is one of several. It has left the database as this one finds it.
    pub after: Option<&'a Applied>,
    /// Whether that run and this one belong together: they are taken back together.
    pub together: bool,
    /// Where what it could lose was backed up before.
    pub backup: Option<&'a str>,
    /// Who owns what is migrated here, where that may be another role than the one that does it: it can read the
    /// journal, too.
    pub owner: Option<&'a str>,
    /// Takes passwords out of what is kept.
    pub redact: &'a dyn Fn(&str) -> String,
}

impl Run<'_> {
    /// The state that it starts from.
    fn start(&self) -> Fingerprint {
        self.after.map_or(self.script.proof().fingerprints.found, |after| after.reached)
    }
}

/// What a ledger knows a migration by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunMigration {
    /// The tool whose ledger it is.
    pub tool: String,
    pub key: String,
    /// Relative to the project.
    pub file: String,
    pub checksum: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Apply,
    /// Takes a run back, by the number that the journal gave it.
    Undo(i64),
}

impl Direction {
    pub fn word(self) -> &'static str {
        match self {
            Direction::Apply => "apply",
            Direction::Undo(_) => "undo",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a statement waits for a lock; everybody else queues behind it.
    pub lock: Duration,
    /// The same for statements outside of a transaction: nobody queues behind these, and to begin them again costs.
    pub alone: Duration,
    pub statement: Option<Duration>,
    /// How often it is tried where a lock is not to be had.
    pub attempts: u32,
    /// How long to wait before the second attempt; each later wait is twice as long.
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lock: Duration::from_secs(3),
            alone: Duration::from_secs(600),
            statement: None,
            attempts: 5,
            pause: Duration::from_millis(500),
        }
    }
}

/// What happens meanwhile, for those who watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Note(String),
    /// An earlier run of the same script is gone on with.
    Resumed {
        run: i64,
        done: usize,
        of: usize,
    },
    Part {
        number: usize,
        of: usize,
        comment: String,
    },
    Blocked {
        by: Vec<String>,
        attempt: u32,
        pause: Duration,
    },
}

/// What came of a run that went well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its number in the journal.
    pub run: i64,
    /// The number of the first one of those that belong together.
    pub group: i64,
    /// What the database is now.
    pub reached: Fingerprint,
}

#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    #[error("another run is at work on this database: {who}; wait until it has ended")]
    AlreadyRunning { who: String },
    /// It cannot go well here.
    #[error("nothing was changed: {}", .0.join("; "))]
    Refused(Vec<String>),
    /// The database is not what the proof was made for.
    #[error("nothing was changed, because the database is not any more what the repair was proven for: {}; \
             plan and prove it again", .0.join("; "))]
    Changed(Vec<String>),
    #[error("{standing}, because a lock could not be had in {attempts} attempts{}; try again", blockers(.by))]
    Locked { by: Vec<String>, attempts: u32, standing: Standing },
    /// Rolled back, where it could be.
    #[error("{standing}, because the outcome was not the proven one: {}", .differences.join("; "))]
    NotAsProven { differences: Vec<String>, standing: Standing },
    #[error("{standing}: {doing}: {error}")]
    Failed { doing: String, error: SessionError, standing: Standing },
    #[error("{doing}: {error}")]
    Session { doing: &'static str, error: SessionError },
}

fn blockers(by: &[String]) -> String {
    if by.is_empty() { String::new() } else { format!(" (held by {})", by.join(", ")) }
}

/// How a run that did not go well has left the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Old,
    /// Some statements that stand alone are done. The same script goes on from there.
    Resumable {
        done: usize,
        of: usize,
    },
    /// Nobody could be asked: the next run says.
    Unknown,
}

impl std::fmt::Display for Standing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Standing::Old => f.write_str("nothing was changed"),
            Standing::Resumable { done, of } => {
                write!(f, "{done} of {of} statements are done, and the next run goes on from there")
            }
            Standing::Unknown => f.write_str("the connection was lost, and the next run says what was done"),
        }
    }
}

/// Runs a proven script.
pub fn apply(
    run: &Run<'_>,
    connect: Connect<'_>,
    tell: &mut dyn FnMut(Event),
) -> Result<Applied, ApplyError> {
    apply_held(run, connect, &mut Keeper::take(connect, run.direction, run.who)?, tell)
}

/// As [`apply`], where the lock that keeps others out is held already: for several runs one after the other.
pub fn apply_held(
    run: &Run<'_>,
    connect: Connect<'_>,
    keeper: &mut Keeper,
    tell: &mut dyn FnMut(Event),
) -> Result<Applied, ApplyError> {
    let mut session = connect().map_err(broken("connecting"))?;
    let (stopped, place) = match work(run, &mut session, keeper, tell)? {
        Ok(applied) => return Ok(applied),
        Err(stopped) => stopped,
    };
    drop(session);
    let message = (run.redact)(&stopped.to_string());
    ended(stopped, place, connect().and_then(|mut session| journal::end(&mut session, place.run, &message)))
}

/// Runs a proven script on a database that nobody else can reach, on its one connection.
pub fn apply_alone(
    run: &Run<'_>,
    session: &mut Session,
    tell: &mut dyn FnMut(Event),
) -> Result<Applied, ApplyError> {
    let (stopped, place) = match work(run, session, &mut Keeper::nobody(), tell)? {
        Ok(applied) => return Ok(applied),
        Err(stopped) => stopped,
    };
    let message = (run.redact)(&stopped.to_string());
    ended(stopped, place, journal::end(session, place.run, &message))
}

/// Where a run stands in the journal.
#[derive(Clone, Copy)]
struct Place {
    run: i64,
    group: i64,
}

fn work(
    run: &Run<'_>,
    session: &mut Session,
    keeper: &mut Keeper,
    tell: &mut dyn FnMut(Event),
) -> Result<Result<Applied, (Stopped, Place)>, ApplyError> {
    for note in preflight::look(session, run.touched, run.owned)? {
        tell(Event::Note(note));
    }
    let entry = journal::start(session, run, tell).map_err(broken("writing the journal of runs"))?;
    let place = Place { run: entry.run, group: entry.group };
    let worker = session.value("select pg_catalog.pg_backend_pid()").map_err(broken("beginning"))?;
    let _watched = Watched::begin();
    let mut work = Work { run, session, keeper, entry, worker, reached: run.start() };
    Ok(match work.all(tell) {
        Ok(reached) => Ok(Applied { run: place.run, group: place.group, reached }),
        Err(stopped) => Err((stopped, place)),
    })
}

/// What is written down is what counts: an answer to COMMIT can be lost.
fn ended(
    stopped: Stopped,
    place: Place,
    outcome: Result<Outcome, SessionError>,
) -> Result<Applied, ApplyError> {
    let standing = match outcome {
        Ok(Outcome::Ended(standing)) => standing,
        Ok(Outcome::Applied(reached)) => {
            return Ok(Applied { run: place.run, group: place.group, reached });
        }
        Err(_) => Standing::Unknown,
    };
    Err(stopped.standing(standing))
}

/// What is to be made is there, or what is to be dropped is not.
pub(crate) const DONE_ALREADY: &[&str] = &["42P07", "42710", "42704", "42P01"];

fn broken(doing: &'static str) -> impl FnOnce(SessionError) -> ApplyError {
    move |error| ApplyError::Session { doing, error }
}

//! The work of a run: transactions, and between them the statements that stand alone.

use std::time::Duration;

use trueup_model::Catalog;
use trueup_model::proof::Fingerprint;
use trueup_model::repair::ScriptPart;
use trueup_sql::quote_literal;

use super::interrupt::{self, is_interrupted};
use super::journal::{self, Entry};
use super::keeper::Keeper;
use super::{ApplyError, DONE_ALREADY, Event, Limits, Run, Standing, blockers, leftovers};
use crate::fingerprint;
use crate::introspect::introspect_within;
use crate::live::without_runs;
use crate::prove::{rows, run};
use crate::session::{Session, SessionError};

/// Why the work ended early.
pub enum Stopped {
    Changed(Vec<String>),
    Locked { by: Vec<String>, attempts: u32 },
    NotAsProven(Vec<String>),
    Refused { doing: String, error: SessionError },
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stopped::Changed(differences) => {
                write!(f, "the database had changed: {}", differences.join("; "))
            }
            Stopped::Locked { by, .. } => write!(f, "a lock could not be had{}", blockers(by)),
            Stopped::NotAsProven(differences) => {
                write!(f, "the outcome was not the proven one: {}", differences.join("; "))
            }
            Stopped::Refused { doing, error } => write!(f, "{doing}: {error}"),
        }
    }
}

impl Stopped {
    fn doing(doing: &str) -> impl FnOnce(SessionError) -> Self {
        move |error| Stopped::Refused { doing: doing.to_owned(), error }
    }

    fn is_about_locks(&self) -> bool {
        match self {
            Stopped::Refused { error, .. } => {
                error.server().is_some_and(|error| error.is_about_a_lock() || error.sqlstate == DEADLOCK)
            }
            Stopped::Changed(_) | Stopped::Locked { .. } | Stopped::NotAsProven(_) => false,
        }
    }

    pub fn standing(self, standing: Standing) -> ApplyError {
        match self {
            Stopped::Changed(differences) => ApplyError::Changed(differences),
            Stopped::Locked { by, attempts } => ApplyError::Locked { by, attempts, standing },
            Stopped::NotAsProven(differences) => ApplyError::NotAsProven { differences, standing },
            Stopped::Refused { doing, error } => ApplyError::Failed { doing, error, standing },
        }
    }
}

const DEADLOCK: &str = "40P01";

pub struct Work<'a, 'b> {
    pub run: &'a Run<'b>,
    pub session: &'a mut Session,
    pub keeper: &'a mut Keeper,
    pub entry: Entry,
    /// The number of the process that serves the session.
    pub worker: Option<String>,
    /// What the database is after what was done last.
    pub reached: Fingerprint,
}

impl Work<'_, '_> {
    /// Everything that is left to be done.
    pub fn all(&mut self, tell: &mut dyn FnMut(Event)) -> Result<Fingerprint, Stopped> {
        let parts = &self.run.script.value().up;
        let mut groups: Vec<&[ScriptPart]> = parts[self.entry.position.min(parts.len())..]
            .chunk_by(|a, b| a.transactional && b.transactional)
            .collect();
        // The ledger and the last look need a transaction in any case.
        if groups.last().is_none_or(|group| !group[0].transactional) {
            groups.push(&[]);
        }
        let last = groups.len() - 1;
        if !groups[0].iter().all(|part| part.transactional) {
            self.check_before_the_first(tell)?;
        }
        for (number, group) in groups.into_iter().enumerate() {
            match group {
                [part] if !part.transactional => self.alone(part, tell)?,
                group => self
                    .patiently(tell, |work, tell| work.together(group, number == 0, number == last, tell))?,
            }
        }
        Ok(self.reached)
    }

    /// Tries again where a lock could not be had, later each time.
    fn patiently(
        &mut self,
        tell: &mut dyn FnMut(Event),
        mut work: impl FnMut(&mut Self, &mut dyn FnMut(Event)) -> Result<(), Stopped>,
    ) -> Result<(), Stopped> {
        let Limits { attempts, mut pause, .. } = self.run.limits;
        let mut attempt = 1;
        loop {
            let stopped = match work(self, tell) {
                Err(stopped) if stopped.is_about_locks() => stopped,
                outcome => return outcome,
            };
            let by = self.keeper.blockers();
            if attempt >= attempts.max(1) || is_interrupted() {
                drop(stopped);
                return Err(Stopped::Locked { by, attempts: attempt });
            }
            tell(Event::Blocked { by, attempt, pause });
            std::thread::sleep(pause);
            if is_interrupted() {
                return Err(Stopped::Locked { by: Vec::new(), attempts: attempt });
            }
            pause *= 2;
            attempt += 1;
        }
    }

    /// One transaction.
    fn together(
        &mut self,
        parts: &[ScriptPart],
        is_first: bool,
        is_last: bool,
        tell: &mut dyn FnMut(Event),
    ) -> Result<(), Stopped> {
        let outcome = self.within(parts, is_first, is_last, tell).and_then(|()| {
            // Without the keeper, somebody else may have begun.
            self.keeper.is_there().map_err(Stopped::doing("making sure that nobody else is at work"))?;
            self.session.run("commit").map_err(Stopped::doing("committing"))
        });
        match outcome {
            Ok(()) => {
                self.entry.position += parts.len();
                self.entry.doing = false;
                Ok(())
            }
            Err(stopped) => {
                // The first error is the one to report, also when the connection is gone.
                let _ = self.session.run("rollback");
                Err(stopped)
            }
        }
    }

    fn within(
        &mut self,
        parts: &[ScriptPart],
        is_first: bool,
        is_last: bool,
        tell: &mut dyn FnMut(Event),
    ) -> Result<(), Stopped> {
        self.begin()?;
        if is_first {
            self.check_start()?;
        }
        self.look_for_rows()?;
        let of = self.run.script.value().up.len();
        for (number, part) in (self.entry.position + 1..).zip(parts) {
            tell(Event::Part { number, of, comment: part.comment.clone() });
            // What a migration sets itself must not make others wait for longer.
            self.session
                .run(&self.lock_limit())
                .map_err(Stopped::doing("setting the time to wait for a lock"))?;
            self.watched(part).map_err(Stopped::doing(&part.comment))?;
        }
        if is_last {
            for statement in self.run.ledger {
                self.session.run(statement).map_err(Stopped::doing("recording it in the ledger"))?;
            }
        }
        let now = self.look()?;
        if is_last {
            let differences = (self.run.differ)(self.run.expected, &now);
            if !differences.is_empty() {
                return Err(Stopped::NotAsProven(differences));
            }
        }
        let reached = fingerprint::of_catalog(&now);
        self.reached = reached;
        let position = self.entry.position + parts.len();
        journal::advance(self.session, self.run, &self.entry, position, &reached, is_last)
            .map_err(Stopped::doing("writing the journal of runs"))
    }

    /// What was empty when somebody agreed may have been filled since. From here on nobody can.
    fn look_for_rows(&mut self) -> Result<(), Stopped> {
        for probe in self.run.empty {
            let table = rows::written(&probe.table);
            let doing = || Stopped::doing("looking for rows that came since");
            let there = format!("select pg_catalog.to_regclass({}) is not null", quote_literal(&table));
            if self.session.value(&there).map_err(doing())?.as_deref() != Some("t") {
                continue;
            }
            let lock = ScriptPart::new("", format!("lock table {table} in access exclusive mode"), true);
            self.watched(&lock).map_err(doing())?;
            self.session.run("savepoint look").map_err(doing())?;
            match self.session.value(&probe.count) {
                Ok(count) if count.as_deref() == Some("0") => {}
                Ok(count) => {
                    let count = count.unwrap_or_default();
                    return Err(Stopped::Changed(vec![format!(
                        "{} has been filled since: {count} {}",
                        probe.table, probe.meaning
                    )]));
                }
                // An earlier migration has changed it: what is asked for is not there any more.
                Err(SessionError::Server(_)) => {
                    self.session.run("rollback to savepoint look").map_err(doing())?;
                }
                Err(lost @ SessionError::Lost(_)) => return Err(doing()(lost)),
            }
        }
        Ok(())
    }

    /// A statement that cannot be in a transaction.
    fn alone(&mut self, part: &ScriptPart, tell: &mut dyn FnMut(Event)) -> Result<(), Stopped> {
        let journal = || Stopped::doing("writing the journal of runs");
        if !self.entry.doing {
            self.entry.invalid = leftovers::invalid_indexes(self.session, self.run.touched)
                .map_err(Stopped::doing("looking for broken indexes"))?;
            journal::doing(self.session, &self.entry).map_err(journal())?;
        }
        let was_begun = std::mem::replace(&mut self.entry.doing, true);
        let (number, of) = (self.entry.position + 1, self.run.script.value().up.len());
        let outcome = self.patiently(tell, |work, tell| {
            tell(Event::Part { number, of, comment: part.comment.clone() });
            work.keeper.is_there().map_err(Stopped::doing("making sure that nobody else is at work"))?;
            work.sweep()?;
            match work.under_settings(|work| work.watched(part)) {
                // It was done when the earlier run was cut off. The last look says whether it was done well.
                Err(SessionError::Server(error))
                    if was_begun && DONE_ALREADY.contains(&error.sqlstate.as_str()) =>
                {
                    Ok(())
                }
                outcome => outcome.map_err(Stopped::doing(&part.comment)),
            }
        });
        if let Err(stopped) = outcome {
            // A build that fails leaves an index that is of no use and costs every write. What cannot be taken away
            // now is taken away by the next run.
            if self.sweep().is_ok() {
                let _ = journal::not_doing(self.session, &self.entry);
            }
            return Err(stopped);
        }
        let now = self.look_in_a_transaction()?;
        self.entry.position += 1;
        self.entry.doing = false;
        journal::done(self.session, &self.entry, &fingerprint::of_catalog(&now)).map_err(journal())
    }

    /// For what stands alone: what is set holds for the session, and is taken back.
    fn under_settings(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<(), SessionError>,
    ) -> Result<(), SessionError> {
        let limits = self.limits(self.run.limits.alone.max(self.run.limits.lock));
        let settings = with_limits(self.run.settings, &limits);
        run::set(self.session, &settings)?;
        let outcome = work(self);
        let end = run::reset(self.session, &settings);
        outcome.and(end)
    }

    /// Drops what a build left that was broken off. That waits for others, too.
    fn sweep(&mut self) -> Result<(), Stopped> {
        self.under_settings(|work| {
            let Self { run, session, keeper, entry, worker, .. } = work;
            keeper.watch(worker.as_deref(), || leftovers::drop_new(session, run.touched, &entry.invalid))
        })
        .map_err(Stopped::doing("dropping an index whose build was broken off"))
    }

    fn watched(&mut self, part: &ScriptPart) -> Result<(), SessionError> {
        if is_interrupted() {
            return Err(interrupt::refusal());
        }
        let session = &mut *self.session;
        self.keeper.watch(self.worker.as_deref(), || run::run_part(session, part))
    }

    fn begin(&mut self) -> Result<(), Stopped> {
        let limits = self.limits(self.run.limits.lock);
        let settings = with_limits(self.run.settings, &limits);
        run::begin(self.session, &settings).map_err(Stopped::doing("beginning a transaction"))
    }

    fn lock_limit(&self) -> String {
        format!("set local lock_timeout = {}", self.run.limits.lock.as_millis().max(1))
    }

    fn limits(&self, lock: Duration) -> Vec<(&'static str, String)> {
        let statement = self.run.limits.statement.map_or(0, |limit| limit.as_millis());
        vec![
            ("lock_timeout", lock.as_millis().max(1).to_string()),
            ("statement_timeout", statement.to_string()),
            ("idle_in_transaction_session_timeout", "0".to_owned()),
        ]
    }

    fn check_before_the_first(&mut self, tell: &mut dyn FnMut(Event)) -> Result<(), Stopped> {
        self.patiently(tell, |work, _| {
            work.begin()?;
            let outcome = work.check_start();
            let end = work.session.run("rollback").map_err(Stopped::doing("ending a transaction"));
            outcome.and(end)
        })
    }

    /// Whether the database is what the proof was made for, or what this very run has made of it so far.
    fn check_start(&mut self) -> Result<(), Stopped> {
        let now = self.look()?;
        let there = fingerprint::of_catalog(&now);
        if self.entry.starts_from(&there, self.run) {
            return Ok(());
        }
        if self.entry.resumed {
            // A statement that was done but not written down makes it another state; the last look decides.
            if self.entry.doing {
                return Ok(());
            }
            return Err(Stopped::Changed(vec![
                "it was changed since the run that is gone on with was cut off".to_owned(),
            ]));
        }
        let mut differences = (self.run.differ)(self.run.found, &now);
        if differences.is_empty() {
            differences.push("in ways that are not compared".to_owned());
        }
        Err(Stopped::Changed(differences))
    }

    /// The catalog as this transaction sees it. What a look sets does not outlive it.
    fn look(&mut self) -> Result<Catalog, Stopped> {
        self.looked().map_err(Stopped::doing("reading the catalog"))
    }

    fn looked(&mut self) -> Result<Catalog, SessionError> {
        self.session.run("savepoint look")?;
        let catalog = introspect_within(self.session)?;
        self.session.run("rollback to savepoint look; release savepoint look")?;
        Ok((self.run.settle)(without_runs(catalog)))
    }

    fn look_in_a_transaction(&mut self) -> Result<Catalog, Stopped> {
        self.begin()?;
        let outcome = self.look();
        let end = self.session.run("rollback").map_err(Stopped::doing("ending a transaction"));
        let catalog = outcome?;
        end.map(|()| catalog)
    }
}

fn with_limits<'a>(
    settings: &[(&'a str, &'a str)],
    limits: &'a [(&'static str, String)],
) -> Vec<(&'a str, &'a str)> {
    let limits = limits.iter().map(|(name, value)| (*name, value.as_str()));
    settings.iter().copied().chain(limits).collect()
}

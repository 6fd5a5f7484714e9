//! The connection that keeps others out while a run takes its time, and sees who is in the way.
//!
//! The lock belongs to a transaction, so that it works through poolers, and is gone with the connection, so that a run
//! that was killed keeps nobody out.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::interrupt::is_interrupted;
use super::{ApplyError, Connect, Direction, broken};
use crate::session::{Session, SessionError};

/// `trueup` in ASCII, in two numbers.
const LOCK: (u32, u32) = (0x7472_7565, 0x7570);

/// How often the keeper looks who is in the way.
const INTERVAL: Duration = Duration::from_millis(100);

/// Who is at work on a database, if somebody is.
pub fn at_work(session: &mut Session) -> Result<Option<String>, SessionError> {
    let (first, second) = LOCK;
    session.value(
        &include_str!("holder.sql")
            .replace("$first", &first.to_string())
            .replace("$second", &second.to_string()),
    )
}

/// How often the lock is tried while it changes hands.
const ATTEMPTS: usize = 20;

pub struct Keeper {
    /// None where nobody can come in.
    session: Option<Session>,
    blockers: Vec<String>,
}

impl Keeper {
    /// Keeps others out until it is dropped.
    pub fn take(connect: Connect<'_>, direction: Direction, who: &str) -> Result<Self, ApplyError> {
        let doing = || broken("taking the lock that keeps other runs out");
        let mut keeper = connect().map_err(broken("connecting"))?;
        let name: String = format!("trueup {} by {}", direction.word(), who).chars().take(60).collect();
        keeper
            .run(&format!(
                "begin isolation level read committed; set local idle_in_transaction_session_timeout = 0; set local application_name = {}",
                trueup_sql::quote_literal(&name)
            ))
            .map_err(doing())?;
        let (first, second) = LOCK;
        let take = format!("select pg_catalog.pg_try_advisory_xact_lock({first}, {second})");
        for _ in 0..ATTEMPTS {
            if keeper.value(&take).map_err(doing())?.as_deref() == Some("t") {
                return Ok(Self { session: Some(keeper), blockers: Vec::new() });
            }
            // Where nobody holds it any more, the other run has ended in between.
            if let Some(who) = at_work(&mut keeper).map_err(doing())? {
                return Err(ApplyError::AlreadyRunning { who });
            }
        }
        Err(ApplyError::AlreadyRunning { who: "others come and go".to_owned() })
    }

    /// For a database that nobody else can reach.
    pub fn nobody() -> Self {
        Self { session: None, blockers: Vec::new() }
    }

    /// Whether the lock is still held.
    pub fn is_there(&mut self) -> Result<(), SessionError> {
        self.session.as_mut().map_or(Ok(()), |session| session.run("select 1"))
    }

    /// Who was in the way when it was last looked.
    pub fn blockers(&mut self) -> Vec<String> {
        std::mem::take(&mut self.blockers)
    }

    /// Does some work of another connection, and looks meanwhile whom that one waits for.
    pub fn watch<T>(&mut self, worker: Option<&str>, work: impl FnOnce() -> T) -> T {
        let (Some(worker), Some(session)) = (worker, &mut self.session) else { return work() };
        let query = include_str!("blockers.sql").replace("$worker", worker);
        let cancel = format!("select pg_catalog.pg_cancel_backend({worker})");
        let blockers = &mut self.blockers;
        let (stop, stopped) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                    if is_interrupted() && session.run(&cancel).is_err() {
                        return;
                    }
                    // A keeper that is gone is found before anything is committed.
                    let Ok(rows) = session.rows(&query) else { return };
                    let seen: Vec<String> = rows
                        .into_iter()
                        .filter_map(|row| row.into_iter().next().flatten())
                        .filter(|text| !text.is_empty())
                        .collect();
                    if !seen.is_empty() {
                        *blockers = seen;
                    }
                }
            });
            let outcome = work();
            drop(stop);
            outcome
        })
    }
}

impl Drop for Keeper {
    /// Lets others in before the run has said that it is over: a server takes its time to notice that a connection was
    /// closed. Where the connection is gone, so is the lock.
    fn drop(&mut self) {
        if let Some(session) = &mut self.session {
            let _ = session.run("rollback");
        }
    }
}

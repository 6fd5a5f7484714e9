//! The journal of runs, in the database itself: who, when, what, how far, and what came of it.
//!
//! A row is written before anything else is done, and is changed in the transactions that do the work. So it tells the
//! truth about a run whose end nobody has seen.

use trueup_model::proof::Fingerprint;
use trueup_sql::{quote_ident, quote_literal};

use super::{Direction, Event, Run, Standing};
use crate::session::{Session, SessionError};

mod way_back;

pub use way_back::{WayBack, ways_back};

/// A row of the journal while it is worked on.
pub struct Entry {
    pub run: i64,
    /// The first of the runs that belong together.
    pub group: i64,
    /// How many parts are done.
    pub position: usize,
    /// The part after these was begun outside of a transaction.
    pub doing: bool,
    /// Indexes that were broken before that part.
    pub invalid: Vec<String>,
    pub resumed: bool,
    reached: Option<Fingerprint>,
}

impl Entry {
    /// Whether a run may start from this state.
    pub fn starts_from(&self, there: &Fingerprint, run: &Run<'_>) -> bool {
        self.reached.as_ref() == Some(there) || (!self.resumed && run.start() == *there)
    }
}

/// A run as it is told of later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRun {
    pub run: i64,
    /// The first of the runs that belong together.
    pub group: i64,
    pub direction: String,
    pub title: String,
    pub who: String,
    pub started_at: String,
    pub ended_at: Option<String>,
    pub script: String,
    pub state: RunState,
    pub done: usize,
    pub of: usize,
    pub message: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It is at work, or was cut off.
    Running,
    Applied,
    Failed,
    Undone,
}

impl RunState {
    pub fn word(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Applied => "applied",
            RunState::Failed => "failed",
            RunState::Undone => "undone",
        }
    }
}

/// All runs, the latest first. None where there never was one.
pub fn runs(session: &mut Session) -> Result<Vec<PastRun>, SessionError> {
    if !exists(session)? {
        return Ok(Vec::new());
    }
    let rows = session.rows(
        "select id, direction, title, who, started_at, ended_at, script, state, position, parts, message, \
         coalesce(together, id) from trueup.trueup_runs order by id desc",
    )?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let text = |index: usize| row.get(index).cloned().flatten();
            let number = |index: usize| text(index).and_then(|text| text.parse().ok()).unwrap_or_default();
            PastRun {
                run: text(0).and_then(|text| text.parse().ok()).unwrap_or_default(),
                group: text(11).and_then(|text| text.parse().ok()).unwrap_or_default(),
                direction: text(1).unwrap_or_default(),
                title: text(2).unwrap_or_default(),
                who: text(3).unwrap_or_default(),
                started_at: text(4).unwrap_or_default(),
                ended_at: text(5),
                script: text(6).unwrap_or_default(),
                state: match text(7).as_deref() {
                    Some("applied") => RunState::Applied,
                    Some("failed") => RunState::Failed,
                    Some("undone") => RunState::Undone,
                    Some(_) | None => RunState::Running,
                },
                done: number(8),
                of: number(9),
                message: text(10),
            }
        })
        .collect())
}

pub fn exists(session: &mut Session) -> Result<bool, SessionError> {
    Ok(session.value("select pg_catalog.to_regclass('trueup.trueup_runs') is not null")?.as_deref()
        == Some("t"))
}

/// A run that stopped in the middle, and nobody has gone on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    pub run: i64,
    pub title: String,
    /// The fingerprint of its script.
    pub script: String,
    /// How many parts are done.
    pub done: usize,
    /// The one after these was begun outside of a transaction, and may be done too.
    pub doing: bool,
    /// Indexes that were broken before that one.
    pub invalid: Vec<String>,
}

/// The last run, if it stopped in the middle.
pub fn unfinished(session: &mut Session) -> Result<Option<Unfinished>, SessionError> {
    if !exists(session)? {
        return Ok(None);
    }
    let mut last = None;
    session.for_each_row(
        "select id, title, script, position, doing, invalid, state from trueup.trueup_runs \
         where direction = 'apply' and id = (select max(id) from trueup.trueup_runs)",
        |_, row| {
            let text = |index| row.get(index).unwrap_or_default().to_owned();
            let (done, doing) = (text(3).parse().unwrap_or(0), row.get(4) == Some("t"));
            if ["running", "failed"].contains(&text(6).as_str()) && (done > 0 || doing) {
                last = Some(Unfinished {
                    run: text(0).parse().unwrap_or_default(),
                    title: text(1),
                    script: text(2),
                    done,
                    doing,
                    invalid: serde_json::from_str(&text(5)).unwrap_or_default(),
                });
            }
            Ok(())
        },
    )?;
    Ok(last)
}

/// Begins a run in the journal, or goes on with the one that was cut off in the middle of the same script. Nobody else
/// is at work here.
pub fn start(
    session: &mut Session,
    run: &Run<'_>,
    tell: &mut dyn FnMut(Event),
) -> Result<Entry, SessionError> {
    if !exists(session)? {
        make(session, run.owner)?;
    }
    let script = run.script.proof().fingerprints.script.to_string();
    let last = session
        .rows(
            "select id, script, direction, state, position, parts, doing, invalid, reached, title, \
             coalesce(together, id) from trueup.trueup_runs order by id desc limit 1",
        )?
        .into_iter()
        .next()
        .unwrap_or_default();
    let text = |index: usize| last.get(index).and_then(|value| value.as_deref()).unwrap_or_default();
    let (id, position): (i64, usize) = (text(0).parse().unwrap_or(0), text(4).parse().unwrap_or(0));
    let of = text(5).parse().unwrap_or(0);
    let doing = text(6) == "t";
    let is_in_the_middle = ["running", "failed"].contains(&text(3)) && (position > 0 || doing);
    if is_in_the_middle && text(1) == script && text(2) == run.direction.word() {
        session.run(&format!(
            "update trueup.trueup_runs set state = 'running', ended_at = null, message = null where id = {id}"
        ))?;
        tell(Event::Resumed { run: id, done: position, of });
        return Ok(Entry {
            run: id,
            group: text(10).parse().unwrap_or(id),
            position,
            doing,
            invalid: serde_json::from_str(text(7)).unwrap_or_default(),
            resumed: true,
            reached: parsed(text(8)),
        });
    }
    if is_in_the_middle {
        tell(Event::Note(format!(
            "run {id} ({}) stopped after {position} of {of} statements; what is run now starts from there",
            text(9)
        )));
    }
    if text(3) == "running" {
        session.run(&format!(
            "update trueup.trueup_runs set state = 'failed', ended_at = clock_timestamp(), \
             message = 'it was cut off' where id = {id}"
        ))?;
    }
    let reached = match run.direction {
        Direction::Apply => None,
        Direction::Undo(undone) => session
            .value(&format!("select reached from trueup.trueup_runs where id = {undone}"))?
            .as_deref()
            .and_then(parsed),
    };
    let group = run.after.filter(|_| run.together).map(|after| after.group);
    let or_null = |text: Option<String>| text.map_or_else(|| "null".to_owned(), |text| quote_literal(&text));
    let value = session.value(&format!(
        "insert into trueup.trueup_runs (direction, title, who, script, found, parts, together, migration, way_back, \
         backup) values ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}) returning id",
        quote_literal(run.direction.word()),
        quote_literal(&(run.redact)(&run.script.value().title)),
        quote_literal(run.who),
        quote_literal(&script),
        quote_literal(&run.start().to_string()),
        run.script.value().up.len(),
        group.map_or_else(|| "null".to_owned(), |group| group.to_string()),
        or_null(run.migration.map(way_back::migration_text)),
        or_null(way_back::text(run.script)),
        or_null(run.backup.map(str::to_owned)),
    ))?;
    let run = value.and_then(|id| id.parse().ok()).unwrap_or_default();
    Ok(Entry {
        run,
        group: group.unwrap_or(run),
        position: 0,
        doing: false,
        invalid: Vec::new(),
        resumed: false,
        reached,
    })
}

/// Makes the journal. Whoever owns what is migrated is not kept out of it by one of its members who came first.
fn make(session: &mut Session, owner: Option<&str>) -> Result<(), SessionError> {
    let others = owner.map(|owner| {
        format!(
            "select from pg_catalog.pg_roles where rolname = {} and rolname <> current_user",
            quote_literal(owner)
        )
    });
    let grants = match (owner, others) {
        (Some(owner), Some(others)) if !session.rows(&others)?.is_empty() => {
            include_str!("grants.sql").replace("$role", &quote_ident(owner))
        }
        (Some(_) | None, _) => String::new(),
    };
    // One message is one transaction: all of it is there or nothing.
    session.run(&format!("{};\n{grants}", include_str!("journal.sql")))
}

/// Parts of a transaction are done. Written within it.
pub fn advance(
    session: &mut Session,
    run: &Run<'_>,
    entry: &Entry,
    position: usize,
    reached: &Fingerprint,
    is_last: bool,
) -> Result<(), SessionError> {
    let end = if is_last { ", state = 'applied', ended_at = clock_timestamp(), message = null" } else { "" };
    session.run(&format!(
        "update trueup.trueup_runs set position = {position}, doing = false, reached = '{reached}'{end} \
         where id = {}",
        entry.run
    ))?;
    match run.direction {
        Direction::Undo(undone) if is_last => session.run(&format!(
            "update trueup.trueup_runs set state = 'undone' where id = {undone} and state = 'applied'"
        )),
        Direction::Undo(_) | Direction::Apply => Ok(()),
    }
}

/// A part that stands alone begins.
pub fn doing(session: &mut Session, entry: &Entry) -> Result<(), SessionError> {
    let invalid = serde_json::Value::from(entry.invalid.clone()).to_string();
    session.run(&format!(
        "update trueup.trueup_runs set doing = true, invalid = {} where id = {}",
        quote_literal(&invalid),
        entry.run
    ))
}

/// It was refused and has left nothing behind.
pub fn not_doing(session: &mut Session, entry: &Entry) -> Result<(), SessionError> {
    session.run(&format!("update trueup.trueup_runs set doing = false where id = {}", entry.run))
}

/// It has ended well.
pub fn done(session: &mut Session, entry: &Entry, reached: &Fingerprint) -> Result<(), SessionError> {
    session.run(&format!(
        "update trueup.trueup_runs set position = {}, doing = false, reached = '{reached}' where id = {}",
        entry.position, entry.run
    ))
}

/// What is written down about a run that has ended.
pub enum Outcome {
    /// It went well after all.
    Applied(Fingerprint),
    Ended(Standing),
}

/// Writes down why a run did not go well, and tells how it has left the database.
pub fn end(session: &mut Session, run: i64, message: &str) -> Result<Outcome, SessionError> {
    let row = session
        .rows(&format!(
            "update trueup.trueup_runs set state = case state when 'running' then 'failed' else state end, \
             ended_at = coalesce(ended_at, clock_timestamp()), \
             message = case state when 'running' then {} else message end \
             where id = {run} returning state, position, parts, doing, reached",
            quote_literal(message)
        ))?
        .into_iter()
        .next()
        .unwrap_or_default();
    let text = |index: usize| row.get(index).and_then(|value| value.as_deref()).unwrap_or_default();
    let (done, of) = (text(1).parse().unwrap_or(0), text(2).parse().unwrap_or(0));
    Ok(match (text(0), parsed(text(4))) {
        ("applied", Some(reached)) => Outcome::Applied(reached),
        _ if done > 0 || text(3) == "t" => Outcome::Ended(Standing::Resumable { done, of }),
        _ => Outcome::Ended(Standing::Old),
    })
}

/// The fingerprint that a text of the journal stands for.
fn parsed(text: &str) -> Option<Fingerprint> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Fingerprint(bytes))
}

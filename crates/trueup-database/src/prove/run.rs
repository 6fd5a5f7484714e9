//! Runs steps and scripts as `apply` will: what may be in a transaction in one, the rest alone.

use std::fmt;

use trueup_model::repair::{ScriptPart, Step};

use crate::session::{Session, SessionError};

/// Which statement was refused, and how.
#[derive(Debug)]
pub struct Refused {
    /// What it was to do.
    pub doing: String,
    pub error: SessionError,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.error)
    }
}

/// Begins a transaction under these settings.
pub fn begin(session: &mut Session, settings: &[(&str, &str)]) -> Result<(), SessionError> {
    let mut message = "begin isolation level read committed".to_owned();
    for (name, value) in settings {
        message.push_str(&format!("; set local {name} = {value}"));
    }
    session.run(&message)
}

/// Runs parts: those that follow each other and may be in a transaction in one.
pub fn run_parts(
    session: &mut Session,
    settings: &[(&str, &str)],
    parts: &[ScriptPart],
) -> Result<(), Refused> {
    chunks(parts).try_for_each(|parts| run_chunk(session, settings, parts, &mut |_| Ok(())))
}

/// What is run in one transaction, and what alone.
pub fn chunks(parts: &[ScriptPart]) -> impl Iterator<Item = &[ScriptPart]> {
    parts.chunk_by(|a, b| a.transactional && b.transactional)
}

/// Runs one of [`chunks`]; `at_end` looks at what it did before that is committed.
pub fn run_chunk(
    session: &mut Session,
    settings: &[(&str, &str)],
    parts: &[ScriptPart],
    at_end: &mut dyn FnMut(&mut Session) -> Result<(), SessionError>,
) -> Result<(), Refused> {
    let transactional = parts.iter().all(|part| part.transactional);
    let mut work = |session: &mut Session| {
        parts.iter().try_for_each(|part| {
            run_part(session, part).map_err(|error| Refused { doing: part.comment.clone(), error })
        })?;
        at_end(session).map_err(|error| Refused { doing: "looking at what was done".to_owned(), error })
    };
    run_together(session, settings, transactional, &mut work)
}

/// One statement, with the rows that it brings.
pub fn run_part(session: &mut Session, part: &ScriptPart) -> Result<(), SessionError> {
    let outcome = match &part.copy_data {
        None => session.run(&part.text),
        Some(rows) if rows.is_empty() || rows.ends_with('\n') => session.copy_in(&part.text, rows),
        Some(rows) => session.copy_in(&part.text, &format!("{rows}\n")),
    };
    outcome.map_err(|error| error.without_secrets_of(&part.text))
}

/// Runs the statements of a step as they are, without a guard.
pub fn run_step(session: &mut Session, settings: &[(&str, &str)], step: &Step) -> Result<(), Refused> {
    run_together(session, settings, step.transactional, &mut |session| {
        step.statements.iter().try_for_each(|statement| {
            session.run(statement).map_err(|error| Refused { doing: step.title(), error })
        })
    })
}

fn run_together(
    session: &mut Session,
    settings: &[(&str, &str)],
    transactional: bool,
    work: &mut dyn FnMut(&mut Session) -> Result<(), Refused>,
) -> Result<(), Refused> {
    let begun = if transactional { begin(session, settings) } else { set(session, settings) };
    begun.map_err(|error| Refused { doing: "beginning".to_owned(), error })?;
    let outcome = work(session);
    let end = match (&outcome, transactional) {
        (Ok(()), true) => session.run("commit"),
        (Err(_), true) => session.run("rollback"),
        (_, false) => reset(session, settings),
    };
    // The first error is the one to report, also when the connection is gone.
    outcome?;
    end.map_err(|error| Refused { doing: "committing".to_owned(), error })
}

/// For a statement that stands alone: it needs a message of its own, so that what is set has to last longer.
pub fn set(session: &mut Session, settings: &[(&str, &str)]) -> Result<(), SessionError> {
    let each: Vec<String> = settings.iter().map(|(name, value)| format!("set {name} = {value}")).collect();
    session.run(&each.join("; "))
}

pub fn reset(session: &mut Session, settings: &[(&str, &str)]) -> Result<(), SessionError> {
    let each: Vec<String> = settings.iter().map(|(name, _)| format!("reset {name}")).collect();
    session.run(&each.join("; "))
}

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
    for parts in parts.chunk_by(|a, b| a.transactional && b.transactional) {
        let statements: Vec<(&str, &str)> =
            parts.iter().map(|part| (part.comment.as_str(), part.text.as_str())).collect();
        run_together(session, settings, &statements, parts[0].transactional)?;
    }
    Ok(())
}

/// Runs the statements of a step as they are, without a guard.
pub fn run_step(session: &mut Session, settings: &[(&str, &str)], step: &Step) -> Result<(), Refused> {
    let doing = step.title();
    let statements: Vec<(&str, &str)> =
        step.statements.iter().map(|statement| (doing.as_str(), statement.as_str())).collect();
    run_together(session, settings, &statements, step.transactional)
}

fn run_together(
    session: &mut Session,
    settings: &[(&str, &str)],
    statements: &[(&str, &str)],
    transactional: bool,
) -> Result<(), Refused> {
    let begun = if transactional { begin(session, settings) } else { set(session, settings) };
    begun.map_err(|error| Refused { doing: "beginning".to_owned(), error })?;
    let refused = statements.iter().find_map(|(doing, statement)| {
        let error = session.run(statement).err()?;
        Some(Refused { doing: (*doing).to_owned(), error })
    });
    let end = match (&refused, transactional) {
        (None, true) => session.run("commit"),
        (Some(_), true) => session.run("rollback"),
        (_, false) => reset(session, settings),
    };
    match (refused, end) {
        // The first error is the one to report, also when the connection is gone.
        (Some(refused), _) => Err(refused),
        (None, Err(error)) => Err(Refused { doing: "committing".to_owned(), error }),
        (None, Ok(())) => Ok(()),
    }
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

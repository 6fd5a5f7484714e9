//! Running one statement, and running it again when all that was in its way is something that a shadow may supply:
//! a role or a tablespace that the environment has and the history does not make, a right, a transaction less.

use trueup_model::journal::StatementRef;
use trueup_sql::{classify, quote_literal, unquote_ident, words};

use super::block::{Block, Outcome, Run, SAVEPOINT, or_lost, outcome};
use super::failure::quoted;
use super::restart::would_be_caught;
use crate::session::{Row, ServerError, SessionError};

/// A statement can name more than one role that is not there.
const ATTEMPTS: usize = 64;

const NO_SUCH_DATABASE: &str = "3D000";
const UNDEFINED_OBJECT: &str = "42704";
const INVALID_VALUE: &str = "22023";
const NO_PRIVILEGE: &str = "42501";
const NO_SCHEMA: &str = "3F000";
const SYNTAX_ERROR: &str = "42601";
const DUPLICATE_OBJECT: &str = "42710";
/// Not in a transaction, and not with others in one message.
const ACTIVE_TRANSACTION: &str = "25001";
/// A procedure that commits.
const INVALID_TERMINATION: &str = "2D000";

/// A label of an enum that nobody may use before it is committed.
const UNSAFE_NEW_LABEL: &str = "55P04";

/// What was in the way, and is no more.
enum Remedy {
    Again,
    Alone,
    /// It does not matter on a shadow.
    LetBe,
    None,
}

/// The last row of a message is that of the journal; those before it are the statement's own.
fn take_answer(answer: &mut String, row: &Row<'_>) {
    answer.clear();
    if !row.is_empty() {
        answer.push_str(row.get(0).unwrap_or_default());
    }
}

impl Run<'_> {
    /// Runs a statement that stands in a transaction, or in one of its own.
    pub fn plain(&mut self, reference: StatementRef, text: &str) -> Result<Outcome, SessionError> {
        let mut supplied: Vec<String> = Vec::new();
        for _ in 0..ATTEMPTS {
            let error = match self.attempt(reference, text)? {
                Outcome::Done => return Ok(Outcome::Done),
                Outcome::Refused(error) => error,
            };
            match self.remedy(reference, &error, &mut supplied)? {
                Remedy::Again => {}
                Remedy::Alone => return self.alone(reference, text),
                Remedy::LetBe => return Ok(Outcome::Done),
                Remedy::None => return Ok(Outcome::Refused(self.in_its_own_words(text, error)?)),
            }
        }
        self.attempt(reference, text)
    }

    /// The statement, its row in the journal, and the next savepoint, in one message.
    fn attempt(&mut self, reference: StatementRef, text: &str) -> Result<Outcome, SessionError> {
        let row = self.journal.row(reference, None);
        let (completed, result) = match self.tried.take() {
            Some((completed, error)) => (completed, Err(SessionError::Server(error))),
            None => self.send(text, &row, "", reference),
        };
        match result {
            Ok(()) => Ok(Outcome::Done),
            Err(SessionError::Server(error)) if completed == 0 => {
                if self.is_spoilt(&classify(text).verb, &error) {
                    self.restart()?;
                    if would_be_caught(text, &error) {
                        return Ok(Outcome::Done);
                    }
                } else {
                    self.take_back()?;
                }
                Ok(Outcome::Refused(*error))
            }
            // The statement ran; it was ours that failed. It may have thrown our schema away, as scripts do that
            // empty a database, or have made the transaction read-only.
            Err(SessionError::Server(_)) => {
                self.take_back()?;
                let schema = self.journal.schema();
                match self.send(text, &row, &schema, reference).1 {
                    Ok(()) => Ok(Outcome::Done),
                    Err(SessionError::Server(_)) => {
                        self.take_back()?;
                        self.without_row(text)
                    }
                    Err(error @ SessionError::Lost(_)) => Err(error),
                }
            }
            Err(error @ SessionError::Lost(_)) => Err(error),
        }
    }

    fn send(
        &mut self,
        text: &str,
        row: &str,
        between: &str,
        reference: StatementRef,
    ) -> (usize, Result<(), SessionError>) {
        let message = self.message(text, between, row);
        let mut answer = String::new();
        let (completed, result) = self.shadow.session().for_each_row_counted(&message, |_, row| {
            take_answer(&mut answer, row);
            Ok(())
        });
        if result.is_ok() {
            self.journal.wrote(&answer, reference, None);
        }
        (completed, result.map_err(or_lost))
    }

    fn message(&self, text: &str, between: &str, row: &str) -> String {
        let end = match self.block {
            Block::None => String::new(),
            Block::ByTool | Block::ByFile => format!(";RELEASE SAVEPOINT {SAVEPOINT};SAVEPOINT {SAVEPOINT}"),
        };
        // A comment at the end of the statement must not reach what follows.
        format!("{text}\n;{between}{row}{end}")
    }

    /// Runs statements that stand in a transaction, without waiting for one before the next is sent: the first one that
    /// fails keeps all behind it from doing anything, and counts as tried. How many were done.
    pub fn several(&mut self, statements: &[(StatementRef, &str)]) -> (usize, Result<(), SessionError>) {
        let message = |(reference, text): &(StatementRef, &str)| {
            self.message(text, "", &self.journal.row(*reference, None))
        };
        let messages: Vec<String> = statements.iter().map(message).collect();
        let mut answers = vec![String::new(); messages.len()];
        let outcomes =
            self.shadow.session().run_all(&messages, |number, row| take_answer(&mut answers[number], row));
        for (done, (completed, outcome)) in outcomes.into_iter().enumerate() {
            match outcome.map_err(or_lost) {
                Ok(()) => self.journal.wrote(&answers[done], statements[done].0, None),
                Err(SessionError::Server(error)) => {
                    self.tried = Some((completed, error));
                    return (done, Ok(()));
                }
                Err(error @ SessionError::Lost(_)) => return (done, Err(error)),
            }
        }
        (statements.len(), Ok(()))
    }

    fn without_row(&mut self, text: &str) -> Result<Outcome, SessionError> {
        let outcome = match self.block {
            Block::None => self.bare(text)?,
            Block::ByTool | Block::ByFile => {
                self.bare(&format!("{text}\n;RELEASE SAVEPOINT {SAVEPOINT};SAVEPOINT {SAVEPOINT}"))?
            }
        };
        if let Outcome::Refused(_) = outcome {
            self.take_back()?;
        }
        Ok(outcome)
    }

    fn take_back(&mut self) -> Result<(), SessionError> {
        match self.block {
            Block::None => Ok(()),
            Block::ByTool | Block::ByFile => self.back_to_savepoint(),
        }
    }

    /// A syntax error at the end of a statement is reported at what we put behind it. Alone it gets the message
    /// that its author would get.
    fn in_its_own_words(&mut self, text: &str, error: ServerError) -> Result<ServerError, SessionError> {
        if error.sqlstate != SYNTAX_ERROR {
            return Ok(error);
        }
        let own = self.bare(text)?;
        self.take_back()?;
        match own {
            Outcome::Refused(own) => Ok(own),
            Outcome::Done => Ok(error),
        }
    }

    /// Whether the type that an error speaks of was made in the transaction that is open.
    fn has_made_enum(&self, message: &str) -> bool {
        let Some(name) = message.rsplit_once("enum type ").map(|(_, name)| name) else { return false };
        self.ran.iter().filter(|one| one.inside).any(|one| {
            let migration = &self.history.migrations[one.statement.migration as usize];
            let text = &migration.up[one.statement.statement as usize].text;
            let is_type = classify(text).verb == "CREATE TYPE";
            is_type && words(text).take_while(|word| word != "as").any(|word| unquote_ident(&word) == name)
        })
    }

    /// Commits what the transaction has done so far, if that is possible, and begins another one.
    fn commit_so_far(&mut self) -> Result<bool, SessionError> {
        let (block, mode) = (self.block, "SET CONSTRAINTS ALL IMMEDIATE");
        if let Outcome::Refused(_) = self.bare(mode)? {
            self.back_to_savepoint()?;
            return Ok(false);
        }
        let done = matches!(self.bare("COMMIT")?, Outcome::Done);
        self.settle();
        self.open(block)?;
        Ok(done)
    }

    fn remedy(
        &mut self,
        reference: StatementRef,
        error: &ServerError,
        supplied: &mut Vec<String>,
    ) -> Result<Remedy, SessionError> {
        let once = |supplied: &mut Vec<String>, what: String| {
            let first = !supplied.contains(&what);
            supplied.push(what);
            first
        };
        match error.sqlstate.as_str() {
            UNDEFINED_OBJECT | INVALID_VALUE => {
                if let Some(role) = missing(&error.message, "role") {
                    if once(supplied, format!("role {role}")) && self.make_role(reference, &role)? {
                        return Ok(Remedy::Again);
                    }
                } else if let Some(space) = missing(&error.message, "tablespace")
                    && once(supplied, format!("tablespace {space}"))
                    && self.make_tablespace(reference, &space)?
                {
                    return Ok(Remedy::Again);
                }
                Ok(Remedy::None)
            }
            // The search path of the tool names a schema that was made by hand.
            NO_SCHEMA if error.message.starts_with("no schema has been selected") => {
                let first = self.history.preparation.search_path.iter().find(|name| name.as_str() != "$user");
                let Some(schema) = first.cloned() else { return Ok(Remedy::None) };
                let name = trueup_sql::quote_ident(schema.as_str());
                if !once(supplied, format!("schema {schema}"))
                    || !self.supply(&format!("CREATE SCHEMA {name}"))?
                {
                    return Ok(Remedy::None);
                }
                self.journal.note(
                    reference,
                    format!("the schema {schema} of the search path is made by no migration; it was made up on the shadow"),
                );
                Ok(Remedy::Again)
            }
            NO_PRIVILEGE if once(supplied, "privileges".to_owned()) && self.raise_made_up_roles()? => {
                self.journal.note(
                    reference,
                    "it runs as a role that the history does not make; on the shadow that role may do everything",
                );
                Ok(Remedy::Again)
            }
            // From 17 on the server allows it for a type that is made in the same transaction, but loses sight of that
            // where savepoints are in between; these are ours.
            UNSAFE_NEW_LABEL
                if self.block != Block::None
                    && self.capabilities.major() >= 17
                    && self.has_made_enum(&error.message)
                    && once(supplied, "labels".to_owned())
                    && self.commit_so_far()? =>
            {
                Ok(Remedy::Again)
            }
            ACTIVE_TRANSACTION | INVALID_TERMINATION if self.block == Block::None => Ok(Remedy::Alone),
            ACTIVE_TRANSACTION if self.block == Block::ByTool => Ok(Remedy::Alone),
            NO_SUCH_DATABASE => {
                self.journal.note(reference, format!("not done on the shadow: {}", error.message));
                Ok(Remedy::LetBe)
            }
            // On a server that is not the shadow's own, roles are there before the history makes them.
            DUPLICATE_OBJECT
                if quoted(&error.message).is_some_and(|name| self.known_roles.contains(name))
                    && error.message.starts_with("role ") =>
            {
                self.journal.note(reference, format!("not done on the shadow: {}", error.message));
                Ok(Remedy::LetBe)
            }
            _ => Ok(Remedy::None),
        }
    }

    fn make_role(&mut self, reference: StatementRef, role: &str) -> Result<bool, SessionError> {
        // The role that is active now may not make roles, so that a function of ours does.
        if !self.supply(&format!("SELECT trueup_shadow.make_role({})", quote_literal(role)))? {
            return Ok(false);
        }
        self.made_up.push(role.to_owned());
        self.journal.note(
            reference,
            format!("the role {role} is made by no earlier migration; it was made up on the shadow"),
        );
        Ok(true)
    }

    fn make_tablespace(&mut self, reference: StatementRef, space: &str) -> Result<bool, SessionError> {
        if !self.capabilities.tablespaces || !self.capabilities.owns_roles {
            return Ok(false);
        }
        let name = trueup_sql::quote_ident(space);
        let block = self.step_out()?;
        let made = match self.bare("SET allow_in_place_tablespaces TO on")? {
            Outcome::Done => {
                matches!(self.bare(&format!("CREATE TABLESPACE {name} LOCATION ''"))?, Outcome::Done)
            }
            Outcome::Refused(_) => false,
        };
        self.step_in(block)?;
        if made {
            self.journal.note(reference, format!("the tablespace {space} was made up on the shadow"));
        }
        Ok(made)
    }

    /// Roles that were made up have the rights that somebody gave them outside of the history: which ones nobody
    /// here knows.
    fn raise_made_up_roles(&mut self) -> Result<bool, SessionError> {
        if !self.capabilities.owns_roles || !self.capabilities.superuser || self.made_up.is_empty() {
            return Ok(false);
        }
        let mut raised = false;
        for role in self.made_up.clone() {
            raised |=
                self.supply(&format!("SELECT trueup_shadow.make_superuser({})", quote_literal(&role)))?;
        }
        Ok(raised)
    }

    /// Runs something of ours that has to stay when the statement that needs it fails again.
    fn supply(&mut self, text: &str) -> Result<bool, SessionError> {
        Ok(matches!(self.without_row(text)?, Outcome::Done))
    }

    /// Runs a statement in no transaction at all. Everything that was written from now until its row in the
    /// journal is its work.
    pub fn alone(&mut self, reference: StatementRef, text: &str) -> Result<Outcome, SessionError> {
        if self.block == Block::ByFile {
            // The file itself has put it into a transaction: the server refuses it there, and so do we.
            return self.attempt(reference, text);
        }
        let block = self.step_out()?;
        if block != Block::None {
            self.journal.note(
                reference,
                "it cannot run inside of a transaction, and the tool opens one around the file; it was run outside",
            );
        }
        let first = self
            .shadow
            .session()
            .value("SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())")?
            .and_then(|text| text.parse().ok());
        let outcome = outcome(self.shadow.session().run(text))?;
        if let Outcome::Refused(error) = &outcome
            && self.is_spoilt(&classify(text).verb, error)
        {
            self.restart()?;
        }
        self.leave_row(reference, first)?;
        self.step_in(block)?;
        Ok(outcome)
    }

    /// The row of a statement that has run already. A failed one gets it too: CREATE INDEX CONCURRENTLY leaves an
    /// index behind even then.
    fn leave_row(&mut self, reference: StatementRef, first: Option<u64>) -> Result<(), SessionError> {
        let row = self.journal.row(reference, first);
        let answer = match self.shadow.session().value(&row) {
            Ok(answer) => answer,
            Err(SessionError::Server(_)) => {
                let schema = self.journal.schema();
                self.shadow.session().run(&schema)?;
                self.shadow.session().value(&row)?
            }
            Err(error @ SessionError::Lost(_)) => return Err(error),
        };
        self.journal.wrote(&answer.unwrap_or_default(), reference, first);
        Ok(())
    }

    /// Ends the transaction of the tool for something that cannot be inside of it.
    fn step_out(&mut self) -> Result<Block, SessionError> {
        let block = std::mem::replace(&mut self.block, Block::None);
        self.settle();
        if block != Block::None {
            // What cannot be committed is lost here as it would be at the end of the file.
            if let Outcome::Refused(_) = self.bare("COMMIT")? {
                self.bare("ROLLBACK")?;
            }
        }
        Ok(block)
    }

    fn step_in(&mut self, block: Block) -> Result<(), SessionError> {
        match block {
            Block::None => Ok(()),
            Block::ByTool | Block::ByFile => self.open(block),
        }
    }
}

/// `role "x" does not exist`
fn missing(message: &str, kind: &str) -> Option<String> {
    let name = message.strip_prefix(kind)?.strip_prefix(" \"")?.strip_suffix("\" does not exist")?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::missing;

    #[test]
    fn names_in_messages_may_hold_quotes() {
        assert_eq!(missing("role \"a\"b\" does not exist", "role").as_deref(), Some("a\"b"));
        assert_eq!(missing("relation \"a\" does not exist", "role"), None);
    }
}

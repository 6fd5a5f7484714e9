//! One migration after the other: transactions around and inside of files.
//!
//! Inside of a transaction a savepoint of ours is always open, set before each statement, so that a statement that
//! fails takes only itself back. It has to be there before the server takes the message: a statement with a syntax
//! error fails before anything of its message has run.

use std::collections::BTreeSet;

use trueup_model::journal::StatementRef;
use trueup_model::{History, Preparation};
use trueup_sql::{TransactionControl, classify};

use super::failure::Failure;
use super::journal::Journal;
use super::statement::{self, Treatment};
use super::{FileMode, ReplayError, ReplayOptions, label};
use crate::session::{ServerError, SessionError};
use crate::shadow::{Capabilities, Shadow};

/// The name of the savepoint. A history that uses the same name loses nothing but its own way back.
pub(super) const SAVEPOINT: &str = "trueup_statement";

/// As many statements are under way at once, and of as many bytes, where nothing failed lately.
const AT_ONCE: usize = 100;
const BYTES_AT_ONCE: usize = 1 << 20;

/// Whether a transaction is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    None,
    /// Opened for the file, as its tool does.
    ByTool,
    /// Opened by a BEGIN in the file.
    ByFile,
}

pub(super) struct Run<'a> {
    pub shadow: &'a mut dyn Shadow,
    pub capabilities: &'a Capabilities,
    pub options: &'a ReplayOptions,
    pub history: &'a History,
    pub journal: &'a mut Journal,
    /// Roles of the server that are not the history's to change; empty where all are the shadow's own.
    pub known_roles: BTreeSet<String>,
    /// Roles that were made because nobody had made them.
    pub made_up: Vec<String>,
    pub block: Block,
    pub mode: FileMode,
    /// What of the file has run so far.
    pub ran: Vec<Ran>,
    /// What has run is being run again.
    pub restarting: bool,
    /// How many statements may be under way: only one after one that failed, and twice as many after each success.
    pub at_once: usize,
    /// What the statement that comes next has failed on already, and how much of its message was completed.
    pub tried: Option<(usize, Box<ServerError>)>,
    /// The session is another role's, and the embedded server has no way back from that.
    pub is_of_another: bool,
}

/// A statement of the file that has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ran {
    pub statement: StatementRef,
    /// In the transaction that is open.
    pub inside: bool,
}

/// Where objects go that name no schema, if the tool says so.
fn search_path(preparation: &Preparation) -> Option<String> {
    let names: Vec<String> =
        preparation.search_path.iter().map(|name| trueup_sql::quote_ident(name.as_str())).collect();
    (!names.is_empty()).then(|| format!("SET search_path TO {};", names.join(", ")))
}

/// What a statement came to, short of a broken connection.
pub(super) enum Outcome {
    Done,
    Refused(ServerError),
}

impl<'a> Run<'a> {
    pub fn new(
        shadow: &'a mut dyn Shadow,
        capabilities: &'a Capabilities,
        options: &'a ReplayOptions,
        history: &'a History,
        journal: &'a mut Journal,
        known_roles: BTreeSet<String>,
    ) -> Self {
        Self {
            shadow,
            capabilities,
            options,
            history,
            journal,
            known_roles,
            made_up: Vec::new(),
            block: Block::None,
            mode: FileMode::PerStatement,
            ran: Vec::new(),
            restarting: false,
            at_once: AT_ONCE,
            tried: None,
            is_of_another: false,
        }
    }

    pub fn migration(&mut self, index: usize) -> Result<(), ReplayError> {
        let history = self.history;
        let migration = &history.migrations[index];
        let said = self.journal.said();
        let Err(error) = self.file(index, migration.transaction.into())? else { return Ok(()) };
        // The transaction of the tool could not be committed: a deferred constraint, most of the time. All of the
        // file is lost then, and with it everything that later files need. Statement by statement, only what
        // cannot be is missing.
        self.journal.forget_since(said);
        let last = reference(index, migration.up.len().saturating_sub(1));
        let again = self.file(index, FileMode::PerStatement)?;
        debug_assert!(again.is_ok(), "without a transaction of the tool there is nothing to commit");
        self.journal.note(
            last,
            format!(
                "the transaction around {} could not be committed ({error}); its statements were replayed one by one",
                migration.id
            ),
        );
        if !self.journal.failures().iter().any(|failure| failure.statement.migration == last.migration) {
            self.failed(last, &error);
        }
        Ok(())
    }

    /// Replays one file. The inner error is that of committing the tool's transaction.
    fn file(&mut self, index: usize, mode: FileMode) -> Result<Result<(), ServerError>, ReplayError> {
        let history = self.history;
        let up = &history.migrations[index].up;
        self.mode = match mode {
            // Alone in its message, a statement is in no transaction but its own.
            FileMode::Implicit if up.len() == 1 => FileMode::PerStatement,
            mode => mode,
        };
        self.ran.clear();
        self.begin_file()
            .map_err(|source| ReplayError::Session { migration: label(history, index), source })?;
        let mut number = 0;
        while number < up.len() {
            let (done, outcome) = self.ahead(index, number);
            number += done;
            let statement = reference(index, number);
            let lost = |source| ReplayError::Lost { migration: label(history, index), statement, source };
            outcome.map_err(lost)?;
            let Some(one) = up.get(number) else { break };
            number += 1;
            self.journal.ran_one();
            match self.statement(statement, one).map_err(lost)? {
                Outcome::Done => {
                    self.ran.push(Ran { statement, inside: self.block != Block::None });
                    self.at_once = (2 * self.at_once).min(AT_ONCE);
                }
                Outcome::Refused(error) => self.failed(statement, &error),
            }
        }
        let ended = self.end_file(index, up.len());
        ended.map_err(|source| ReplayError::Session { migration: label(history, index), source })
    }

    /// Runs the plain statements that come next, all at once, where one that fails undoes none of the others. How many are
    /// done; the first one that is not has to be looked at by itself.
    fn ahead(&mut self, index: usize, first: usize) -> (usize, Result<(), SessionError>) {
        if self.block == Block::None || !self.capabilities.catches_errors || self.at_once < 2 {
            return (0, Ok(()));
        }
        let is_plain = |text: &str| {
            let class = classify(text);
            let (owns_roles, known_roles) = (self.capabilities.owns_roles, &self.known_roles);
            class.transaction.is_none()
                && statement::treatment(text, &class, owns_roles, known_roles) == Treatment::Plain
        };
        let up = self.history.migrations[index].up.iter().enumerate().skip(first).take(self.at_once);
        let mut bytes = 0;
        let plain: Vec<(StatementRef, &str)> = up
            .map(|(number, one)| (reference(index, number), &*one.text))
            .take_while(|(_, text)| {
                bytes += text.len();
                bytes <= BYTES_AT_ONCE && is_plain(text)
            })
            .collect();
        if plain.len() < 2 {
            return (0, Ok(()));
        }
        let (done, outcome) = self.several(&plain);
        for (statement, _) in &plain[..done] {
            self.journal.ran_one();
            self.ran.push(Ran { statement: *statement, inside: true });
        }
        self.at_once = if done < plain.len() { 1 } else { (2 * self.at_once).min(AT_ONCE) };
        (done, outcome)
    }

    fn begin_file(&mut self) -> Result<(), SessionError> {
        match self.mode {
            FileMode::Single | FileMode::Implicit => {
                self.fresh_session_with(&[begin()])?;
                self.block = Block::ByTool;
                Ok(())
            }
            FileMode::PerStatement => self.fresh_session(),
        }
    }

    pub fn fresh_session(&mut self) -> Result<(), SessionError> {
        self.fresh_session_with(&[])
    }

    /// A session as a new connection has it, and what is run in it at once.
    fn fresh_session_with(&mut self, first: &[String]) -> Result<(), SessionError> {
        let limit = self.options.statement_limit;
        self.come_back()?;
        let mut settings = format!(
            "SET statement_timeout TO {}; SET client_min_messages TO warning;",
            limit.as_millis().min(i32::MAX as u128)
        );
        if self.capabilities.superuser {
            // Messages are read by us, and the embedded server is laxer than a real one by default.
            settings.push_str("SET lc_messages TO 'C'; SET allow_system_table_mods TO off;");
        }
        if let Some(path) = search_path(&self.history.preparation) {
            settings.push_str(&path);
        }
        let mut messages = vec!["DISCARD ALL".to_owned(), settings];
        messages.extend_from_slice(first);
        let session = self.shadow.session();
        // A file may switch the server's own limit off, as dumps do in their first lines.
        session.set_limit(Some(
            limit.saturating_add(limit / 10).saturating_add(std::time::Duration::from_secs(1)),
        ));
        if self.capabilities.catches_errors {
            session.run_all(&messages, |_, _| {}).into_iter().try_for_each(|(_, outcome)| outcome)
        } else {
            messages.iter().try_for_each(|message| session.run(message))
        }
    }

    fn come_back(&mut self) -> Result<(), SessionError> {
        if std::mem::take(&mut self.is_of_another) { self.shadow.renew() } else { Ok(()) }
    }

    /// Makes what the tool makes before its first migration.
    pub fn prepare(&mut self) -> Result<(), SessionError> {
        for schema in &self.history.preparation.schemas {
            let name = trueup_sql::quote_ident(schema.as_str());
            self.shadow.session().run(&format!("CREATE SCHEMA IF NOT EXISTS {name}"))?;
        }
        Ok(())
    }

    fn end_file(&mut self, index: usize, length: usize) -> Result<Result<(), ServerError>, SessionError> {
        match self.block {
            Block::None => return Ok(Ok(())),
            Block::ByTool => {}
            Block::ByFile => self.journal.note(
                reference(index, length.saturating_sub(1)),
                "the file begins a transaction that it does not end; it was committed",
            ),
        }
        self.block = Block::None;
        match self.shadow.session().run("COMMIT") {
            Ok(()) => Ok(Ok(())),
            Err(SessionError::Server(error)) => Ok(Err(*error)),
            Err(error @ SessionError::Lost(_)) => Err(error),
        }
    }

    /// Leaves the session as the next user expects it, and tells the shadow what was made on its server.
    pub fn leave(mut self) -> Result<(), SessionError> {
        self.come_back()?;
        let session = self.shadow.session();
        session.set_limit(None);
        session.run("DISCARD ALL")?;
        super::guard::hand_over(
            self.shadow,
            self.capabilities,
            &self.known_roles,
            self.history,
            &self.made_up,
        )
    }

    pub fn statement(
        &mut self,
        reference: StatementRef,
        one: &trueup_model::Statement,
    ) -> Result<Outcome, SessionError> {
        let class = classify(&one.text);
        self.is_of_another |= !self.capabilities.catches_errors && statement::becomes_another(&one.text);
        if let Some(control) = class.transaction {
            return self.control(reference, control, &one.text);
        }
        match statement::treatment(&one.text, &class, self.capabilities.owns_roles, &self.known_roles) {
            Treatment::Plain => self.plain(reference, &one.text),
            Treatment::Alone => self.alone(reference, &one.text),
            Treatment::CopyIn => {
                self.copy_in(reference, &one.text, one.copy_data.as_deref().unwrap_or_default())
            }
            Treatment::Skip(reason) => {
                self.journal.note(reference, reason);
                Ok(Outcome::Done)
            }
            Treatment::SkipSilently => Ok(Outcome::Done),
            Treatment::Instead { texts, reason } => {
                self.journal.note(reference, reason);
                for text in texts {
                    if let refused @ Outcome::Refused(_) = self.plain(reference, &text)? {
                        return Ok(refused);
                    }
                }
                Ok(Outcome::Done)
            }
        }
    }

    /// BEGIN, COMMIT and the like in a file.
    fn control(
        &mut self,
        reference: StatementRef,
        control: TransactionControl,
        text: &str,
    ) -> Result<Outcome, SessionError> {
        match control {
            TransactionControl::Begin => match self.block {
                // A second BEGIN does nothing, on the server too.
                Block::ByTool | Block::ByFile => Ok(Outcome::Done),
                Block::None => match self.bare(text)? {
                    Outcome::Done => {
                        self.block = Block::ByFile;
                        self.bare(&format!("SAVEPOINT {SAVEPOINT}"))
                    }
                    refused @ Outcome::Refused(_) => Ok(refused),
                },
            },
            TransactionControl::Commit => self.end_block(text, false),
            TransactionControl::CommitAndChain => self.end_block(text, true),
            TransactionControl::Rollback => {
                self.ran.retain(|one| !one.inside);
                self.end_block(text, false)
            }
            TransactionControl::RollbackAndChain => {
                self.ran.retain(|one| !one.inside);
                self.end_block(text, true)
            }
            TransactionControl::PrepareTransaction => {
                self.journal.note(reference, "the prepared transaction was committed at once");
                self.end_block("COMMIT", false)
            }
            TransactionControl::CommitPrepared => Ok(Outcome::Done),
            TransactionControl::RollbackPrepared => {
                self.journal
                    .note(reference, "the prepared transaction had been committed and was not taken back");
                Ok(Outcome::Done)
            }
            // Must come before anything else has run, and says nothing about the schema.
            TransactionControl::SetTransaction => Ok(Outcome::Done),
            TransactionControl::Savepoint
            | TransactionControl::ReleaseSavepoint
            | TransactionControl::RollbackToSavepoint => match self.block {
                Block::None => self.bare(text),
                // Ours is set again on top of whatever the file did to its own.
                Block::ByTool | Block::ByFile => {
                    let outcome = self.bare(&format!("{text}\n;SAVEPOINT {SAVEPOINT}"))?;
                    if let Outcome::Refused(_) = outcome {
                        self.back_to_savepoint()?;
                    }
                    Ok(outcome)
                }
            },
        }
    }

    fn end_block(&mut self, text: &str, chain: bool) -> Result<Outcome, SessionError> {
        let before = std::mem::replace(&mut self.block, Block::None);
        self.settle();
        let outcome = self.bare(text)?;
        let done = matches!(outcome, Outcome::Done);
        if before != Block::None && chain && done {
            self.block = before;
            self.shadow.session().run(&format!("SAVEPOINT {SAVEPOINT}"))?;
        } else if self.mode == FileMode::Implicit {
            self.open(Block::ByTool)?;
        }
        Ok(outcome)
    }

    /// The transaction has ended: what ran in it will not be taken back any more.
    pub fn settle(&mut self) {
        for one in &mut self.ran {
            one.inside = false;
        }
    }

    pub fn open(&mut self, block: Block) -> Result<(), SessionError> {
        self.block = block;
        self.shadow.session().run(&begin())
    }

    /// Runs something without a row in the journal.
    pub fn bare(&mut self, text: &str) -> Result<Outcome, SessionError> {
        outcome(self.shadow.session().run(text))
    }

    pub fn back_to_savepoint(&mut self) -> Result<(), SessionError> {
        match self.bare(&format!("ROLLBACK TO SAVEPOINT {SAVEPOINT}"))? {
            Outcome::Done => Ok(()),
            // Something has done away with the savepoint.
            Outcome::Refused(_) => self.restart(),
        }
    }

    pub fn failed(&mut self, statement: StatementRef, error: &ServerError) {
        let text = self.history.migrations[statement.migration as usize]
            .up
            .get(statement.statement as usize)
            .map_or("", |one| &one.text);
        let failure = Failure::new(
            statement,
            text,
            error.clone(),
            self.capabilities,
            self.history,
            self.journal.failures(),
        );
        self.journal.failed(failure);
    }
}

fn begin() -> String {
    format!("BEGIN;SAVEPOINT {SAVEPOINT}")
}

pub(super) fn outcome(result: Result<(), SessionError>) -> Result<Outcome, SessionError> {
    match result.map_err(or_lost) {
        Ok(()) => Ok(Outcome::Done),
        Err(SessionError::Server(error)) => Ok(Outcome::Refused(*error)),
        Err(error @ SessionError::Lost(_)) => Err(error),
    }
}

/// With some errors the server says goodbye: it was told to end the connection, or it ends itself.
pub(super) fn or_lost(error: SessionError) -> SessionError {
    match error {
        SessionError::Server(error) if error.sqlstate.starts_with("57P") => SessionError::Lost(error.message),
        error => error,
    }
}

fn reference(migration: usize, statement: usize) -> StatementRef {
    let number =
        |index: usize| u32::try_from(index).expect("a history has fewer than four thousand million parts");
    StatementRef { migration: number(migration), statement: number(statement) }
}

//! Going on after an error that leaves a connection unfit for use.
//!
//! The embedded server cannot catch errors: when a function fails, or the script of an extension, what the code
//! around it wanted to put back in order stays as it is. Then a new connection is begun, and what the file has done
//! in the transaction that was open is done again.

use trueup_sql::lexer::{TokenKind, significant_tokens};
use trueup_sql::{Effect, classify, words};

use super::block::{Block, Outcome, Ran, Run};
use crate::session::{ServerError, SessionError};

impl Run<'_> {
    /// Whether the connection is unfit after this error.
    pub fn is_spoilt(&self, verb: &str, error: &ServerError) -> bool {
        if self.capabilities.catches_errors {
            return false;
        }
        // Not available, or there already: that is found out before anything is begun.
        let early = matches!(error.sqlstate.as_str(), "0A000" | "58P01" | "42710");
        error.context.is_some() || verb == "CREATE EXTENSION" && !early
    }

    /// Begins a new connection and brings it to where the old one was before the statement that failed.
    pub fn restart(&mut self) -> Result<(), SessionError> {
        let block = std::mem::replace(&mut self.block, Block::None);
        self.shadow.renew()?;
        self.fresh_session()?;
        if self.restarting {
            // It failed again on the way: whoever restarts goes on without what failed.
            return if block == Block::None { Ok(()) } else { self.open(block) };
        }
        self.restarting = true;
        let again = self.run_again(block);
        self.restarting = false;
        again
    }

    fn run_again(&mut self, block: Block) -> Result<(), SessionError> {
        let history = self.history;
        let ran = std::mem::take(&mut self.ran);
        let text_of = |one: &Ran| {
            &history.migrations[one.statement.migration as usize].up[one.statement.statement as usize]
        };
        // What was committed is still there; settings and temporary tables went with the connection.
        for one in ran.iter().filter(|one| !one.inside) {
            let statement = text_of(one);
            if classify(&statement.text).effect == Effect::Session {
                self.bare(&statement.text)?;
            }
            self.ran.push(*one);
        }
        if block == Block::None {
            return Ok(());
        }
        self.open(block)?;
        for one in ran.iter().filter(|one| one.inside) {
            match self.statement(one.statement, text_of(one))? {
                Outcome::Done => self.ran.push(*one),
                Outcome::Refused(error) => self.failed(one.statement, &error),
            }
        }
        Ok(())
    }
}

/// Whether a statement is a `DO` that would have caught the error and then done nothing: the one block of its code
/// has a handler for this error that is empty. On a server that catches errors it has no effect at all.
pub(super) fn would_be_caught(text: &str, error: &ServerError) -> bool {
    let Some(code) = code_of_do(text) else { return false };
    let words: Vec<String> = words(code).collect();
    let count = |sought: &str| words.iter().filter(|word| *word == sought).count();
    if count("begin") != 1 || count("exception") != 1 {
        return false;
    }
    let Some(start) = words.windows(2).position(|pair| pair[0] == "exception" && pair[1] == "when") else {
        return false;
    };
    handlers(&words[start + 1..])
        .into_iter()
        .find(|handler| handler.catches(error))
        .is_some_and(|one| one.is_empty())
}

/// The code between the dollars of a `DO`.
fn code_of_do(text: &str) -> Option<&str> {
    let mut tokens = significant_tokens(text);
    if !tokens.next()?.text(text).eq_ignore_ascii_case("do") {
        return None;
    }
    let token = tokens.find(|token| matches!(token.kind, TokenKind::DollarString { closed: true }))?;
    let quoted = token.text(text);
    let tag = quoted[1..].find('$')? + 2;
    quoted.get(tag..quoted.len() - tag)
}

struct Handler<'a> {
    conditions: &'a [String],
    actions: &'a [String],
}

/// `WHEN a OR b THEN …; WHEN c THEN …; END`, one after the other.
fn handlers(words: &[String]) -> Vec<Handler<'_>> {
    let starts: Vec<usize> = words
        .iter()
        .enumerate()
        .filter(|(index, word)| *word == "when" && (*index == 0 || words[index - 1] == ";"))
        .map(|(index, _)| index)
        .collect();
    let ends = starts.iter().skip(1).copied().chain([words.len()]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|(&start, end)| {
            let clause = &words[start + 1..end];
            let then = clause.iter().position(|word| word == "then")?;
            Some(Handler { conditions: &clause[..then], actions: &clause[then + 1..] })
        })
        .collect()
}

/// Names of conditions as histories use them, with what they catch.
const CONDITIONS: &[(&str, &str)] = &[
    ("duplicate_object", "42710"),
    ("duplicate_table", "42P07"),
    ("duplicate_column", "42701"),
    ("duplicate_function", "42723"),
    ("duplicate_schema", "42P06"),
    ("duplicate_alias", "42712"),
    ("undefined_object", "42704"),
    ("undefined_table", "42P01"),
    ("undefined_column", "42703"),
    ("undefined_function", "42883"),
    ("invalid_schema_name", "3F000"),
    ("invalid_table_definition", "42P16"),
    ("insufficient_privilege", "42501"),
    ("dependent_objects_still_exist", "2BP01"),
    ("object_not_in_prerequisite_state", "55000"),
    ("feature_not_supported", "0A000"),
    ("unique_violation", "23505"),
    ("foreign_key_violation", "23503"),
    ("check_violation", "23514"),
    ("not_null_violation", "23502"),
    ("wrong_object_type", "42809"),
    ("datatype_mismatch", "42804"),
    ("division_by_zero", "22012"),
    ("undefined_file", "58P01"),
    ("raise_exception", "P0001"),
];

impl Handler<'_> {
    fn catches(&self, error: &ServerError) -> bool {
        self.conditions.iter().any(|condition| match condition.as_str() {
            // All but a request to stop.
            "others" => error.sqlstate != "57014" && error.sqlstate != "P0004",
            quoted if quoted.starts_with('\'') => quoted.trim_matches('\'') == error.sqlstate,
            name => CONDITIONS.iter().any(|(known, state)| *known == name && *state == error.sqlstate),
        })
    }

    /// Nothing but NULL and messages that are no errors.
    fn is_empty(&self) -> bool {
        let body = self.actions.iter().map(String::as_str).collect::<Vec<_>>();
        body.split(|word| *word == ";").all(|statement| match statement {
            [] | ["end", ..] | ["null"] => true,
            ["raise", level, ..] => matches!(*level, "notice" | "info" | "warning" | "log" | "debug"),
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, sqlstate: &str, expected: bool) {
        let error = ServerError {
            sqlstate: sqlstate.to_owned(),
            message: String::new(),
            detail: None,
            hint: None,
            position: None,
            context: None,
        };
        assert_eq!(would_be_caught(text, &error), expected, "{text}");
    }

    #[test]
    fn handlers_that_do_nothing() {
        let with =
            |handlers: &str| format!("DO $x$ BEGIN CREATE TYPE a AS ENUM (); EXCEPTION {handlers} END; $x$");
        check(&with("WHEN duplicate_object THEN NULL;"), "42710", true);
        check(&with("WHEN duplicate_object THEN null;"), "42704", false);
        check(&with("WHEN duplicate_table OR duplicate_object THEN RAISE NOTICE 'x %', 1;"), "42710", true);
        check(&with("WHEN OTHERS THEN NULL;"), "42710", true);
        check(&with("WHEN OTHERS THEN NULL;"), "57014", false);
        check(&with("WHEN SQLSTATE '42710' THEN NULL;"), "42710", true);
        check(&with("WHEN unique_violation THEN NULL; WHEN duplicate_object THEN RAISE;"), "42710", false);
        check(&with("WHEN duplicate_object THEN ALTER TYPE a ADD VALUE 'b';"), "42710", false);
        check("DO $$ BEGIN BEGIN PERFORM 1; EXCEPTION WHEN OTHERS THEN NULL; END; END $$", "42710", false);
        check("SELECT 1", "42710", false);
    }
}

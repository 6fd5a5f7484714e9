//! The journal: a schema of ours on the shadow, and what is read from it.

use std::collections::BTreeMap;

use trueup_model::History;
use trueup_model::journal::StatementRef;
use trueup_sql::quote_literal;

use super::failure::Failure;
use super::written::WrittenFailure;
use super::{Note, Replay};
use crate::session::{Session, SessionError};
use crate::shadow::Capabilities;

/// The schema of the journal, to be left out of every catalog that is read from a shadow.
pub const SCHEMA: &str = "trueup_shadow";

const TABLES: &str = include_str!("journal.sql");

/// The next number that an object would get. The plain way is closed to everybody but superusers; a large object
/// takes its number from the same counter.
const NUMBER_AS_SUPERUSER: &str = "CREATE OR REPLACE FUNCTION trueup_shadow.next_number() RETURNS oid \
     LANGUAGE sql SECURITY DEFINER AS $$ \
     SELECT pg_catalog.pg_nextoid('pg_catalog.pg_class', 'oid', 'pg_catalog.pg_class_oid_index') $$;";
const NUMBER_AS_ANYBODY: &str = "CREATE OR REPLACE FUNCTION trueup_shadow.next_number() RETURNS oid \
     LANGUAGE plpgsql SECURITY DEFINER AS $$ DECLARE number oid; BEGIN \
     number := pg_catalog.lo_create(0); PERFORM pg_catalog.lo_unlink(number); RETURN number; END $$;";

/// Stands for no migration.
const NOBODY: i64 = -1;

#[derive(Debug)]
pub struct Journal {
    /// By index into the history: the number in our table.
    numbers: BTreeMap<usize, i64>,
    replay: Replay,
    /// How many failures and notes the shadow knew already.
    known: usize,
    /// Nothing was replayed on this shadow before.
    is_new: bool,
    superuser: bool,
}

/// What makes the journal, to be sent once; again where the history has thrown it away.
pub fn schema(superuser: bool) -> String {
    let number = if superuser { NUMBER_AS_SUPERUSER } else { NUMBER_AS_ANYBODY };
    format!("SET search_path TO pg_catalog;\n{TABLES}\n{number}\nRESET search_path;")
}

/// Makes the journal or goes on with the one that is there.
pub fn begin(
    session: &mut Session,
    capabilities: &Capabilities,
    history: &History,
    order: &[usize],
) -> Result<Journal, SessionError> {
    session.run(&schema(capabilities.superuser))?;
    let mut journal = Journal {
        numbers: BTreeMap::new(),
        replay: Replay::default(),
        known: 0,
        is_new: session.value("SELECT number FROM trueup_shadow.migrations LIMIT 1")?.is_none(),
        superuser: capabilities.superuser,
    };
    journal.read(session, history)?;
    journal.add_migrations(session, history, order)?;
    journal.mark(session)?;
    Ok(journal)
}

impl Journal {
    /// What an earlier replay has left, as far as its migrations are still in the history.
    fn read(&mut self, session: &mut Session, history: &History) -> Result<(), SessionError> {
        let by_id: BTreeMap<&str, usize> =
            history.migrations.iter().enumerate().map(|(index, one)| (one.id.as_str(), index)).collect();
        let mut by_number = BTreeMap::new();
        for row in session.rows("SELECT number, id FROM trueup_shadow.migrations")? {
            if let [Some(number), Some(id)] = row.as_slice()
                && let (Ok(number), Some(&index)) = (number.parse::<i64>(), by_id.get(id.as_str()))
            {
                by_number.insert(number, index);
                self.numbers.insert(index, number);
            }
        }
        let numbered = |(migration, statement): (i64, u32)| {
            let index = *by_number.get(&migration)?;
            Some(StatementRef { migration: u32::try_from(index).ok()?, statement })
        };
        let reference =
            |migration: &str, statement: &str| numbered((migration.parse().ok()?, statement.parse().ok()?));
        let rows = session.rows(
            "SELECT coalesce(first, xmin::text::bigint), counter, migration, statement \
             FROM trueup_shadow.journal ORDER BY ctid",
        )?;
        for row in rows {
            if let [Some(xid), Some(counter), Some(migration), Some(statement)] = row.as_slice() {
                self.add(xid, counter, reference(migration, statement));
            }
        }
        let rows = session
            .rows("SELECT migration, statement, outcome FROM trueup_shadow.outcomes ORDER BY number")?;
        for row in rows {
            let [Some(migration), Some(statement), Some(outcome)] = row.as_slice() else { continue };
            let Some(statement) = reference(migration, statement) else { continue };
            // Whatever is not a failure is a note.
            match serde_json::from_str::<WrittenFailure>(outcome) {
                Ok(failure) => self.replay.failures.push(failure.into_failure(statement, numbered)),
                Err(_) => self.replay.notes.push(Note { statement, text: outcome.clone() }),
            }
        }
        self.known = self.replay.failures.len() + self.replay.notes.len();
        Ok(())
    }

    fn add_migrations(
        &mut self,
        session: &mut Session,
        history: &History,
        order: &[usize],
    ) -> Result<(), SessionError> {
        let highest = session.value("SELECT coalesce(max(number), -1) FROM trueup_shadow.migrations")?;
        let mut next: i64 = highest.and_then(|text| text.parse().ok()).unwrap_or(NOBODY) + 1;
        let mut rows = Vec::new();
        for &index in order {
            self.numbers.entry(index).or_insert_with(|| {
                rows.push(format!("({next}, {})", quote_literal(history.migrations[index].id.as_str())));
                next += 1;
                next - 1
            });
        }
        if rows.is_empty() {
            return Ok(());
        }
        session.run(&format!("INSERT INTO trueup_shadow.migrations VALUES {}", rows.join(", ")))
    }

    /// What has to be sent with a statement, so that it leaves its row. `first` is the transaction number from
    /// which on it wrote, where that is not the one of the row itself.
    pub fn row(&self, statement: StatementRef, first: Option<u64>) -> String {
        let number = self.numbers.get(&(statement.migration as usize)).copied().unwrap_or(NOBODY);
        let first = first.map_or("NULL".to_owned(), |first| first.to_string());
        format!("SELECT trueup_shadow.record({number}, {}, {first})", statement.statement)
    }

    /// Takes what the server answered to [`Journal::row`].
    pub fn wrote(&mut self, answer: &str, statement: StatementRef, first: Option<u64>) {
        if let Some((xid, counter)) = answer.split_once(' ') {
            let first = first.map(|first| first.to_string());
            self.add(first.as_deref().unwrap_or(xid), counter, Some(statement));
        }
    }

    pub fn is_new(&self) -> bool {
        self.is_new
    }

    pub fn failed(&mut self, failure: Failure) {
        self.replay.failures.push(failure);
    }

    pub fn failures(&self) -> &[Failure] {
        &self.replay.failures
    }

    /// Takes back what was said about a migration since there were so many failures and notes.
    pub fn forget_since(&mut self, (failures, notes): (usize, usize)) {
        self.replay.failures.truncate(failures);
        self.replay.notes.truncate(notes);
    }

    pub fn said(&self) -> (usize, usize) {
        (self.replay.failures.len(), self.replay.notes.len())
    }

    pub fn note(&mut self, statement: StatementRef, text: impl Into<String>) {
        let note = Note { statement, text: text.into() };
        if !self.replay.notes.contains(&note) {
            self.replay.notes.push(note);
        }
    }

    pub fn ran_one(&mut self) {
        self.replay.statements += 1;
    }

    pub fn schema(&self) -> String {
        schema(self.superuser)
    }

    /// Writes down what has to be said again, and hands everything over.
    pub fn end(mut self, session: &mut Session) -> Result<Replay, SessionError> {
        session.run(&self.schema())?;
        self.mark(session)?;
        let number = |statement: StatementRef| {
            let number = *self.numbers.get(&(statement.migration as usize))?;
            Some((number, statement.statement))
        };
        let failures = self.replay.failures.iter().map(|failure| {
            let written = WrittenFailure::of(failure, number);
            // Texts and numbers can always be written.
            (failure.statement, serde_json::to_string(&written).unwrap_or_default())
        });
        let notes = self.replay.notes.iter().map(|note| (note.statement, note.text.clone()));
        let rows: Vec<String> = failures
            .chain(notes)
            .map(|(statement, outcome)| {
                let number = self.numbers.get(&(statement.migration as usize)).copied().unwrap_or(NOBODY);
                format!("({number}, {}, {})", statement.statement, quote_literal(&outcome))
            })
            .collect();
        if rows.len() > self.known {
            session.run(&format!(
                "DELETE FROM trueup_shadow.outcomes;\n\
                 INSERT INTO trueup_shadow.outcomes (migration, statement, outcome) VALUES {}",
                rows.join(",\n")
            ))?;
        }
        Ok(self.replay)
    }

    /// From here on nobody of the history writes.
    fn mark(&mut self, session: &mut Session) -> Result<(), SessionError> {
        let answer = session.value(&format!("SELECT trueup_shadow.record({NOBODY}, 0, NULL)"))?;
        if let Some((xid, counter)) = answer.unwrap_or_default().split_once(' ') {
            self.add(xid, counter, None);
        }
        Ok(())
    }

    fn add(&mut self, xid: &str, counter: &str, statement: Option<StatementRef>) {
        // A number with its epoch has 64 bits; rows are stamped with the lower half.
        #[expect(clippy::cast_possible_truncation, reason = "the lower half is what rows are stamped with")]
        let xid = xid.parse::<u64>().unwrap_or_default() as u32;
        let counter = counter.parse().unwrap_or_default();
        self.replay.written.push((xid, statement));
        self.replay.counters.push((counter, statement));
    }
}

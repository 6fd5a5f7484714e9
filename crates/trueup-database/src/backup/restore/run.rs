//! Runs a restore in one transaction, and commits it only when every table holds the rows of the backup.

use std::collections::BTreeSet;

use trueup_model::QualifiedName;
use trueup_sql::{quote_ident, quote_literal};

use super::super::archive::{self, Piece, Section};
use super::super::definition::{self, Kind, Made};
use super::super::live::{settings, with_columns, written};
use super::super::manifest::{Manifest, SequenceHeld, TableHeld, Way};
use super::super::programs::{self, Programs};
use super::super::scratch::{beginning, words};
use super::super::{BackupError, failed, rows};
use super::around::{self, Around};
use super::look::{look, oids_of};
use super::{Plan, Restore, Restored, What, chosen, open, read};
use crate::session::{CopyError, ServerError, Session, SessionError};

const DOING: &str = "restoring the backup";

/// Does what the plan says, or nothing.
pub fn restore(
    request: &Restore<'_>,
    plan: &Plan,
    tell: &mut dyn FnMut(&str),
) -> Result<Restored, BackupError> {
    if !plan.refused.is_empty() {
        return Err(BackupError::Refused(plan.refused.clone()));
    }
    tell("checking the files of the backup");
    let manifest = read(request.folder)?;
    if manifest != plan.manifest {
        return Err(BackupError::Refused(vec![
            "the backup is not any more the one that was planned for".to_owned(),
        ]));
    }
    let mut session = open(request, false)?;
    session.run("begin isolation level read committed read write").map_err(failed(DOING))?;
    let mut work = Work { session: &mut session, request, plan, manifest: &manifest, notes: Vec::new() };
    work.all(tell)?;
    let notes = std::mem::take(&mut work.notes);
    session.run("commit").map_err(|error| match error {
        SessionError::Server(error) => rolled_back(&error),
        SessionError::Lost(said) => failed(
            "committing what was restored: whether it is there has to be looked up",
        )(SessionError::Lost(said)),
    })?;
    Ok(Restored {
        tables: plan.actions.len(),
        rows: plan.actions.iter().map(|action| action.rows).sum(),
        notes,
    })
}

/// What makes tables that are not there.
struct New {
    statements: Vec<Made>,
}

struct Work<'a> {
    session: &'a mut Session,
    request: &'a Restore<'a>,
    plan: &'a Plan,
    manifest: &'a Manifest,
    notes: Vec<String>,
}

impl Work<'_> {
    fn all(&mut self, tell: &mut dyn FnMut(&str)) -> Result<(), BackupError> {
        self.session.run(&settings(self.request.limits.lock)).map_err(failed(DOING))?;
        // A constraint that waits for the end of the transaction would be in the way of the statements before it.
        self.must("set constraints all immediate")?;
        let there: Vec<&QualifiedName> = self
            .plan
            .actions
            .iter()
            .filter(|action| action.what != What::Create)
            .map(|action| &action.table)
            .collect();
        self.lock(&there)?;
        if look(self.session, self.request, self.manifest.clone())? != *self.plan {
            return Err(BackupError::Refused(vec![
                "the database has changed since the plan was made; look at it again".to_owned(),
            ]));
        }
        let numbers = oids_of(self.session, &there)?;
        let around = around::read(self.session, &numbers).map_err(failed(DOING))?;
        self.make_way(&around)?;
        let programs = match &self.manifest.way {
            Way::PgDump { program_version, .. } => Some(programs::to_restore(program_version)?),
            Way::Copy => None,
        };
        let new = self.new_tables()?;
        match &programs {
            Some(programs) if self.plan.whole => self.section(programs, Section::PreData, tell)?,
            Some(_) | None => self.make(&new, true)?,
        }
        match &programs {
            Some(programs) => self.unpack(programs, tell)?,
            None => self.put(tell)?,
        }
        match &programs {
            Some(programs) if self.plan.whole => self.section(programs, Section::PostData, tell)?,
            Some(_) | None => self.make(&new, false)?,
        }
        tell("checking foreign keys");
        for obstacle in around.foreign_keys.iter().chain(&around.triggers) {
            self.must(&obstacle.restore)?;
        }
        self.compare(tell)?;
        self.sequences()
    }

    fn lock(&mut self, tables: &[&QualifiedName]) -> Result<(), BackupError> {
        if tables.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = tables.iter().map(|table| written(table)).collect();
        let sql = format!("lock table only {} in access exclusive mode", names.join(", only "));
        self.session.run(&sql).map_err(|error| super::live::locked("locking the tables", error))
    }

    fn make_way(&mut self, around: &Around) -> Result<(), BackupError> {
        for obstacle in around.triggers.iter().chain(&around.foreign_keys) {
            self.must(&obstacle.remove)?;
        }
        let full = self.plan.actions.iter().filter(|action| matches!(action.what, What::Replace { .. }));
        let full: Vec<String> = full.map(|action| written(&action.table)).collect();
        // Nothing points to them any more, so nothing else can lose a row.
        if full.is_empty() { Ok(()) } else { self.must(&format!("truncate only {}", full.join(", only "))) }
    }

    /// A statement without which there is no restore.
    fn must(&mut self, statement: &str) -> Result<(), BackupError> {
        self.session.run(statement).map_err(|error| match error {
            SessionError::Server(error) if error.is_about_a_lock() => {
                super::live::locked(DOING, SessionError::Server(error))
            }
            SessionError::Server(error) => {
                let error = error.without_secrets_of(statement);
                BackupError::RolledBack(format!("{}: {}", beginning(statement), in_full(&error)))
            }
            lost @ SessionError::Lost(_) => failed(DOING)(lost),
        })
    }

    /// A statement that may fail with some errors, which is then said, or with others, which is not worth a word.
    fn may(
        &mut self,
        statement: &str,
        tolerated: &dyn Fn(&ServerError) -> Tolerated,
    ) -> Result<(), BackupError> {
        self.must("savepoint trueup_restore")?;
        match self.session.run(statement) {
            Ok(()) => self.must("release savepoint trueup_restore"),
            Err(SessionError::Server(error)) => {
                let error = error.without_secrets_of(statement);
                match tolerated(&error) {
                    Tolerated::No => {
                        let said = format!("{}: {}", beginning(statement), in_full(&error));
                        return Err(BackupError::RolledBack(said));
                    }
                    Tolerated::Said => {
                        self.notes.push(format!("left out: {}: {}", beginning(statement), error.message));
                    }
                    Tolerated::Silently => {}
                }
                self.must("rollback to savepoint trueup_restore; release savepoint trueup_restore")
            }
            Err(lost @ SessionError::Lost(_)) => Err(failed(DOING)(lost)),
        }
    }

    /// Makes the tables that are not there from what the backup says about them.
    fn make(&mut self, new: &New, before_rows: bool) -> Result<(), BackupError> {
        for made in new.statements.iter().filter(|made| made.kind.is_before_rows() == before_rows) {
            if self.is_there(made)? {
                continue;
            }
            self.may(&made.statement, &|error| match (made.kind, error.sqlstate.as_str()) {
                // What it belongs to or points to may not be restored, and functions are not held: that is said.
                (Kind::Part | Kind::ForeignKey, "42P01") => Tolerated::Said,
                (Kind::Default | Kind::Constraint | Kind::Index, "42883") => Tolerated::Said,
                _ => Tolerated::No,
            })?;
        }
        Ok(())
    }

    /// What makes the tables that are not there, with the partitioned ones above them. Asked before anything is made:
    /// afterwards nobody can tell what was there.
    fn new_tables(&mut self) -> Result<New, BackupError> {
        let created = self.plan.actions.iter().filter(|action| action.what == What::Create);
        let created: BTreeSet<&QualifiedName> = created.map(|action| &action.table).collect();
        if created.is_empty() {
            return Ok(New { statements: Vec::new() });
        }
        let tables = self.manifest.tables.iter().filter(|table| created.contains(&table.path()));
        let above: BTreeSet<&String> = tables.flat_map(|table| &table.partition_of).collect();
        let definition = definition::read(self.request.folder)?;
        let mut new = BTreeSet::new();
        for made in definition.statements.iter().filter(|made| made.kind == Kind::Table) {
            let Some((schema, name)) = &made.table else { continue };
            let is_wanted = created.contains(&QualifiedName::new(schema, name))
                || above.contains(&format!("{schema}.{name}"))
                || self.plan.whole;
            if is_wanted && !self.is_there(made)? {
                new.insert((schema.clone(), name.clone()));
            }
        }
        let is_due = |made: &Made| made.table.as_ref().is_none_or(|table| new.contains(table));
        Ok(New { statements: definition.statements.into_iter().filter(is_due).collect() })
    }

    fn is_there(&mut self, made: &Made) -> Result<bool, BackupError> {
        let Some(lookup) = made.kind.lookup() else { return Ok(false) };
        let sql = format!("select {lookup}({})", quote_literal(&made.name));
        Ok(self.session.value(&sql).map_err(failed(DOING))?.is_some())
    }

    /// Everything of a section, as pg_restore would do it, but within our transaction.
    fn section(
        &mut self,
        programs: &Programs,
        section: Section,
        tell: &mut dyn FnMut(&str),
    ) -> Result<(), BackupError> {
        tell(match section {
            Section::PreData => "making the tables",
            Section::Data => "putting the rows back",
            Section::PostData => "making indexes and constraints",
        });
        let folder = self.request.folder;
        archive::read(programs, folder, section, true, &mut |piece, _| match piece {
            Piece::Statement(statement) => self.of_archive(&statement),
            Piece::Rows { .. } => Ok(()),
        })
    }

    fn of_archive(&mut self, statement: &str) -> Result<(), BackupError> {
        let words = words(statement, 12);
        let begins =
            |with: &[&str]| words.iter().map(String::as_str).take(with.len()).eq(with.iter().copied());
        if begins(&["set"]) {
            // For the transaction only; a setting of a newer version is not known here.
            let local = format!("set local {}", statement.trim_start()[3..].trim_start());
            return self.may(&local, &|_| Tolerated::Silently);
        }
        if begins(&["select", "pg_catalog", ".", "set_config"]) {
            return Ok(());
        }
        if begins(&["create", "schema"]) {
            return self.may(statement, &|error| match error.sqlstate.as_str() {
                "42P06" => Tolerated::Silently,
                _ => Tolerated::No,
            });
        }
        let is_access = begins(&["grant"])
            || begins(&["revoke"])
            || begins(&["comment", "on"])
            || begins(&["security", "label"])
            || begins(&["alter", "default", "privileges"])
            || begins(&["alter"]) && words.iter().any(|word| word == "owner");
        if is_access {
            return self.may(statement, &|_| Tolerated::Said);
        }
        self.must(statement)
    }

    /// Rows out of an archive.
    fn unpack(&mut self, programs: &Programs, tell: &mut dyn FnMut(&str)) -> Result<(), BackupError> {
        let tables = chosen(self.manifest, self.request.only)?;
        let whole = self.plan.whole;
        let folder = self.request.folder;
        archive::read(programs, folder, Section::Data, true, &mut |piece, script| match piece {
            Piece::Statement(statement) if whole => self.of_archive(&statement),
            Piece::Statement(_) => Ok(()),
            Piece::Rows { table, copy } => {
                if !whole && !tables.iter().any(|wanted| wanted.path() == table) {
                    return Ok(());
                }
                tell(&format!("putting back {table}"));
                let copied = self.session.copy_in_from(&copy, &mut |chunk| script.row(chunk));
                copied.map_err(|error| refused(&table, error))
            }
        })
    }

    /// Rows out of files.
    fn put(&mut self, tell: &mut dyn FnMut(&str)) -> Result<(), BackupError> {
        for table in chosen(self.manifest, self.request.only)? {
            let name = table.path();
            tell(&format!("putting back {name}"));
            let file = table.file.as_deref().ok_or_else(|| BackupError::NotABackup {
                folder: self.request.folder.to_owned(),
                why: format!("its manifest names no file with the rows of {name}"),
            })?;
            let copied =
                rows::put(self.session, self.request.folder, file, &with_columns(&name, &table.columns));
            copied.map_err(|error| refused(&name, error))?;
        }
        Ok(())
    }

    /// Every table has to hold what the backup says, before anything is committed.
    fn compare(&mut self, tell: &mut dyn FnMut(&str)) -> Result<(), BackupError> {
        for table in chosen(self.manifest, self.request.only)? {
            let name = table.path();
            tell(&format!("comparing {name}"));
            let there = rows::tally(self.session, &with_columns(&name, &table.columns));
            let there = there.map_err(|error| refused(&name, error))?;
            if there.rows != table.rows {
                return Err(BackupError::RolledBack(format!(
                    "table {name}: {} rows came back, and the backup has {}",
                    there.rows, table.rows
                )));
            }
            if there.checksum() != table.checksum {
                return Err(BackupError::RolledBack(format!(
                    "table {name}: the values that came back are not those of the backup"
                )));
            }
        }
        Ok(())
    }

    /// Sequences go forward, never back: what they gave away since is not given away again. This is not undone by a
    /// rollback, and harmless: a number is left out.
    fn sequences(&mut self) -> Result<(), BackupError> {
        let tables = chosen(self.manifest, self.request.only)?;
        let names: Vec<String> = tables.iter().map(|table: &&TableHeld| table.path().to_string()).collect();
        let above: Vec<&String> = tables.iter().flat_map(|table| &table.partition_of).collect();
        let all = self.request.only.is_empty();
        for sequence in &self.manifest.sequences {
            let is_due = sequence.of.iter().any(|of| names.contains(of) || above.contains(&of))
                || all && sequence.of.is_empty();
            if is_due && (!sequence.of.is_empty() || self.plan.whole) {
                self.forward(sequence)?;
            }
        }
        Ok(())
    }

    fn forward(&mut self, sequence: &SequenceHeld) -> Result<(), BackupError> {
        let name = format!("{}.{}", quote_ident(&sequence.schema), quote_ident(&sequence.name));
        let there = self
            .session
            .value(&format!(
                "select c.oid from pg_catalog.pg_class c where c.oid = pg_catalog.to_regclass({}) and c.relkind = 'S'",
                quote_literal(&name)
            ))
            .map_err(failed(DOING))?;
        let Some(oid) = there else {
            let shown = format!("{}.{}", sequence.schema, sequence.name);
            self.notes.push(format!("the sequence {shown} is not there, and was not set"));
            return Ok(());
        };
        let (value, called) = (sequence.last_value, sequence.is_called);
        self.must(&format!(
            "select pg_catalog.setval({oid}::pg_catalog.regclass, {value}, {called}) \
             from {name} s, pg_catalog.pg_sequence p \
             where p.seqrelid = {oid} and {value} between p.seqmin and p.seqmax \
             and ({value} = s.last_value and {called} and not s.is_called \
             or case when p.seqincrement > 0 then {value} > s.last_value else {value} < s.last_value end)"
        ))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tolerated {
    No,
    Said,
    Silently,
}

fn refused(table: &QualifiedName, error: CopyError) -> BackupError {
    match error {
        CopyError::Session(SessionError::Server(error)) => {
            BackupError::RolledBack(format!("table {table}: {}", in_full(&error)))
        }
        CopyError::Session(lost @ SessionError::Lost(_)) => failed(DOING)(lost),
        CopyError::Ours(error) => {
            BackupError::RolledBack(format!("table {table}: reading its rows: {error}"))
        }
    }
}

fn rolled_back(error: &ServerError) -> BackupError {
    BackupError::RolledBack(in_full(error))
}

fn in_full(error: &ServerError) -> String {
    match &error.detail {
        Some(detail) => format!("{} ({detail})", error.message),
        None => error.message.clone(),
    }
}

//! Sends statements in Django's order: some at once, some at the end of the migration.

use std::collections::BTreeSet;

use super::book::{Book, Wanted};
use super::environment::Environment;
use super::lookup::{Then, block};
use super::names::{as_kept, quoted};
use super::state::{State, View};
use super::statement::Statement;

/// A statement, and the number of the operation that it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub text: String,
    pub step: usize,
    /// A value in it stands for one that only Django knows: it is of the right type, and gone from the catalog again
    /// with the next statement.
    pub stands_in: bool,
}

pub struct Editor<'e> {
    pub environment: &'e Environment,
    pub book: &'e mut Book,
    pub sent: Vec<Sent>,
    pub deferred: Vec<(usize, Statement)>,
    /// The operation at hand.
    pub step: usize,
}

impl<'e> Editor<'e> {
    pub fn new(environment: &'e Environment, book: &'e mut Book) -> Self {
        Self { environment, book, sent: Vec::new(), deferred: Vec::new(), step: 0 }
    }

    pub fn view<'s>(&'s self, state: &'s State) -> View<'s> {
        View { state, environment: self.environment }
    }

    pub fn send(&mut self, text: impl Into<String>) {
        self.sent.push(Sent { text: text.into(), step: self.step, stands_in: false });
    }

    pub fn send_with(&mut self, text: impl Into<String>, stands_in: bool) {
        self.sent.push(Sent { text: text.into(), step: self.step, stands_in });
    }

    pub fn execute(&mut self, statement: &Statement) {
        self.book.note(statement);
        self.send(statement.text());
    }

    pub fn defer(&mut self, statement: Statement) {
        self.deferred.push((self.step, statement));
    }

    /// The end of the migration.
    pub fn finish(&mut self) {
        for (step, statement) in std::mem::take(&mut self.deferred) {
            self.step = step;
            self.book.note(&statement);
            let mut text = statement.text();
            if self.environment.version.before(5, 0) {
                // Django doubled them in values, and the driver takes that back here, and only here.
                text = text.replace("%%", "%");
            }
            self.send(text);
        }
    }

    /// Drops each constraint that fits: those that the book knows, else those that the catalog has. Whether there may
    /// be any.
    pub fn drop_fitting(
        &mut self,
        table: &str,
        columns: Option<&[String]>,
        wanted: Wanted,
        exclude: &BTreeSet<String>,
        then: &Then<'_>,
    ) -> bool {
        let Some(names) = self.book.names(table, columns, wanted, exclude) else {
            self.send(block(table, columns, wanted, exclude, then));
            return true;
        };
        for name in &names {
            match then {
                Then::DropForeignKey => self.drop_foreign_key(table, name),
                Then::DropConstraint | Then::DropExactlyOne { .. } | Then::RenameIndex { .. } => {
                    self.drop_constraint(table, name);
                }
                Then::DropIndex => self.drop_index(table, name, false),
            }
        }
        !names.is_empty()
    }

    pub fn drop_foreign_key(&mut self, table: &str, name: &str) {
        self.send(format!("SET CONSTRAINTS {} IMMEDIATE", quoted(name)));
        self.drop_constraint(table, name);
    }

    pub fn drop_constraint(&mut self, table: &str, name: &str) {
        self.book.drop_name(table, name);
        self.send(format!("ALTER TABLE {} DROP CONSTRAINT {}", quoted(table), quoted(name)));
    }

    pub fn drop_index(&mut self, table: &str, name: &str, concurrently: bool) {
        if self.environment.version.at_least(5, 1) {
            self.deferred.retain(|(_, statement)| !statement.makes_index(table, name));
        }
        self.book.drop_name(table, name);
        let how = if concurrently { "CONCURRENTLY " } else { "" };
        self.send(format!("DROP INDEX {how}IF EXISTS {}", quoted(name)));
    }

    pub fn rename_index(&mut self, old: &str, new: &str) {
        self.book.rename(old, new);
        self.send(format!("ALTER INDEX {} RENAME TO {}", quoted(old), quoted(new)));
    }

    /// The statement that names everything found, or a block that looks; for what has to be there exactly once.
    pub fn exactly_one(
        &mut self,
        table: &str,
        columns: &[String],
        wanted: Wanted,
        exclude: &BTreeSet<String>,
        preferred: Option<&str>,
    ) -> Option<String> {
        let mut names = self.book.names(table, Some(columns), wanted, exclude)?;
        if let Some(preferred) = preferred.map(as_kept)
            && names.contains(&preferred)
        {
            names = vec![preferred];
        }
        (names.len() == 1).then(|| names.remove(0))
    }
}

//! Replays on real servers: the embedded one and the local ones.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod environment;
mod faults;
mod provenance;
mod transactions;

use std::sync::Arc;

use trueup_model::history::{Migration, MigrationKind};
use trueup_model::name::Text;
use trueup_sql::{SplitMode, split};

use super::*;
use crate::shadow::Shadow;
use crate::shadow::tests::{embedded, local, surroundings};

const SINGLE: TransactionMode = TransactionMode::Single;
const IMPLICIT: TransactionMode = TransactionMode::Implicit;
const EACH: TransactionMode = TransactionMode::PerStatement;

pub(crate) fn history(files: &[(TransactionMode, &str)]) -> History {
    let migrations = files.iter().enumerate().map(|(index, (transaction, text))| {
        let id = Text::new(format!("m{index}"));
        let file: Arc<str> = format!("m{index}.sql").into();
        let split = split(&file, text, SplitMode::PLAIN);
        Migration {
            key: id.clone(),
            id,
            kind: MigrationKind::Versioned,
            parents: Vec::new(),
            replaces: Vec::new(),
            file,
            transaction: *transaction,
            up: split.statements().cloned().collect(),
            down: None,
            checksum: None,
            opaque: None,
            reach: trueup_model::Reach::Nothing,
            only_by_tool: None,
        }
    });
    History {
        framework: "plain",
        root: Text::new("migrations"),
        preparation: trueup_model::Preparation::default(),
        migrations: migrations.collect(),
        handlers: Vec::new(),
        findings: Vec::new(),
    }
}

pub(crate) fn run(shadow: &mut dyn Shadow, history: &History) -> Replay {
    let order: Vec<usize> = (0..history.migrations.len()).collect();
    replay(shadow, history, &order, &mut |_| {}).unwrap()
}

/// Each kind of shadow that can be had here.
fn on_each(check: impl Fn(&mut dyn Shadow)) {
    let (_folder, surroundings) = surroundings();
    check(&mut *embedded(&[], &surroundings));
    check(&mut *local(&surroundings));
}

/// `m0:2` for the third statement of the first migration.
fn word(statement: Option<StatementRef>) -> String {
    statement.map_or("-".to_owned(), |one| format!("m{}:{}", one.migration, one.statement))
}

/// Who created and who last wrote the rows that a query finds: its first two columns are a number and an xmin.
fn provenance(shadow: &mut dyn Shadow, replay: &Replay, query: &str) -> String {
    let rows = shadow.session().rows(query).unwrap();
    let of_row = |row: &Vec<Option<String>>| {
        let number = |index: usize| row[index].as_deref().and_then(|text| text.parse::<u32>().ok());
        let provenance = replay.provenance(number(0), number(1).unwrap());
        format!("{} {}", word(provenance.created), word(provenance.changed))
    };
    rows.iter().map(of_row).collect::<Vec<_>>().join(", ")
}

fn class(name: &str) -> String {
    format!("SELECT oid, xmin FROM pg_class WHERE relname = '{name}'")
}

fn column(table: &str, name: &str) -> String {
    format!("SELECT NULL, xmin FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attname = '{name}'")
}

pub(crate) fn failures(replay: &Replay) -> Vec<String> {
    let of_one = |failure: &Failure| {
        let follows = failure.follows.map(|one| format!(" after {}", word(Some(one)))).unwrap_or_default();
        let kind = match &failure.kind {
            FailureKind::Other => String::new(),
            kind => format!(" {kind:?}"),
        };
        format!("{} {}{kind}{follows}", word(Some(failure.statement)), failure.error.message)
    };
    replay.failures.iter().map(of_one).collect()
}

pub(crate) fn notes(replay: &Replay) -> Vec<String> {
    replay.notes.iter().map(|note| format!("{} {}", word(Some(note.statement)), note.text)).collect()
}

const NONE: &[&str] = &[];

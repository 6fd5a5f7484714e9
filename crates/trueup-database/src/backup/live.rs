//! The database as of one moment: which tables there are, how they are made, and a snapshot that others can share.

use std::collections::BTreeSet;

use trueup_model::QualifiedName;
use trueup_sql::near::did_you_mean;
use trueup_sql::quote_ident;

use super::definition::{self, Definition};
use super::manifest::SequenceHeld;
use super::{BackupError, Request, Scope, failed};
use crate::connect::{self, OpenOptions};
use crate::introspect::SETTINGS;
use crate::session::{Session, SessionError};

/// A transaction that sees the database as it was when it began, and keeps its tables from being changed in kind.
pub struct Snapshot {
    pub session: Session,
    /// What another session has to be told to see the same.
    pub name: String,
    pub about: About,
    /// In order of their names, partitioned ones among them.
    pub tables: Vec<Table>,
    pub sequences: Vec<SequenceHeld>,
    pub definition: Definition,
}

/// What is said of a database in its backup, and asked of a server to restore it.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub database: String,
    pub server_version: String,
    pub major: u32,
    pub encoding: String,
    pub taken_at: String,
    /// Of the tables, without their indexes.
    pub bytes: u64,
    pub extensions: BTreeSet<String>,
    pub icu: bool,
    pub large_objects: u64,
    /// Of extensions: their rows are not compared.
    pub extension_tables: usize,
    /// Through a pooler no session can be shared.
    pub pooled: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub oid: u32,
    pub name: QualifiedName,
    /// Those whose values can be written.
    pub columns: Vec<String>,
    /// It has partitions, and no rows of its own.
    pub is_partitioned: bool,
    parent: Option<u32>,
    is_readable: bool,
}

impl Table {
    /// The tables of a list that it is a partition of, the nearest first.
    pub fn ancestors<'t>(&self, tables: &'t [Table]) -> Vec<&'t QualifiedName> {
        let mut above = Vec::new();
        let mut parent = self.parent;
        while let Some(table) = parent.and_then(|oid| tables.iter().find(|table| table.oid == oid)) {
            above.push(&table.name);
            parent = table.parent;
        }
        above
    }

    #[cfg(all(test, feature = "embedded"))]
    pub fn for_test(oid: u32, name: QualifiedName, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Self { oid, name, columns, is_partitioned: false, parent: None, is_readable: true }
    }

    /// `"public"."orders" ("id", "total")`: what COPY is told.
    pub fn with_columns(&self) -> String {
        with_columns(&self.name, &self.columns)
    }
}

/// As SQL writes it.
pub fn written(table: &QualifiedName) -> String {
    format!("{}.{}", quote_ident(table.schema.as_str()), quote_ident(table.name.as_str()))
}

/// A table without such columns has rows all the same, and COPY takes no empty list.
pub fn with_columns(table: &QualifiedName, columns: &[String]) -> String {
    let columns: Vec<String> = columns.iter().map(|column| quote_ident(column)).collect();
    match columns.as_slice() {
        [] => written(table),
        columns => format!("{} ({})", written(table), columns.join(", ")),
    }
}

pub fn number(text: &str) -> u32 {
    text.parse().unwrap_or(0)
}

/// The statements that make a session write and read values as all others of ours do, for one transaction.
pub fn settings(lock: std::time::Duration) -> String {
    format!(
        "{SETTINGS}; set local row_security = off; set local idle_in_transaction_session_timeout = 0; \
         set local lock_timeout = {}",
        lock.as_millis().max(1)
    )
}

impl Snapshot {
    pub fn begin(request: &Request<'_>) -> Result<Self, BackupError> {
        let options = OpenOptions { application_name: "trueup backup".to_owned(), read_only: true };
        let mut session = connect::open(request.database, &options).map_err(BackupError::Connect)?;
        session.set_limit(request.limits.silence);
        let pooled = session.is_pooled().map_err(failed("connecting"))?;
        let begin = format!(
            "begin isolation level repeatable read read only; {}; select pg_catalog.pg_export_snapshot()",
            settings(request.limits.lock)
        );
        let reading = "reading which tables there are";
        let name = session.value(&begin).map_err(failed("beginning a transaction"))?.unwrap_or_default();
        let (mut about, user, mut tables) = look(&mut session).map_err(failed(reading))?;
        about.pooled = pooled;
        let wanted = match request.scope {
            Scope::Everything => None,
            Scope::Tables(names) => Some(with_partitions(names, &tables)?),
        };
        if let Some(wanted) = &wanted {
            tables.retain(|table| wanted.contains(&table.oid));
            about.extension_tables = 0;
        }
        if let Some(table) = tables.iter().find(|table| !table.is_readable) {
            return Err(BackupError::NoPrivilege { table: table.name.clone(), role: user });
        }
        lock(&mut session, &tables)?;
        let oids = oids(&tables);
        let mut sequences =
            parts(&mut session, &mut about, &mut tables, &oids, wanted.is_none()).map_err(failed(reading))?;
        values(&mut session, &mut sequences, &user)?;
        let definition = definition::of(&mut session, &tables, &oids)?;
        Ok(Self { session, name, about, tables, sequences, definition })
    }
}

fn look(session: &mut Session) -> Result<(About, String, Vec<Table>), SessionError> {
    let mut about = About {
        server_version: session.version_text().to_owned(),
        major: session.version() / 10_000,
        ..About::default()
    };
    let (mut user, mut tables) = (String::new(), Vec::new());
    session.for_each_row(include_str!("tables.sql"), |result, row| {
        let text = |index| row.get(index).unwrap_or_default();
        let is_true = |index| row.get(index) == Some("t");
        if result == 0 {
            about.database = text(0).to_owned();
            user = text(1).to_owned();
            about.encoding = text(2).to_owned();
            about.taken_at = text(3).to_owned();
            about.large_objects = text(4).parse().unwrap_or(0);
        } else if is_true(6) {
            about.extension_tables += 1;
        } else {
            tables.push(Table {
                oid: number(text(0)),
                name: QualifiedName::new(text(1), text(2)),
                columns: Vec::new(),
                is_partitioned: is_true(3),
                parent: row.get(4).map(number),
                is_readable: is_true(5),
            });
        }
        Ok(())
    })?;
    Ok((about, user, tables))
}

/// The numbers of the named tables and of everything below them.
fn with_partitions(names: &[QualifiedName], tables: &[Table]) -> Result<BTreeSet<u32>, BackupError> {
    let mut wanted = BTreeSet::new();
    for name in names {
        let Some(table) = tables.iter().find(|table| table.name == *name) else {
            return Err(unknown("choosing what to back up", name, tables.iter().map(|table| &table.name)));
        };
        wanted.insert(table.oid);
    }
    // A parent can stand behind its partitions in the list.
    loop {
        let before = wanted.len();
        let below = tables.iter().filter(|table| table.parent.is_some_and(|parent| wanted.contains(&parent)));
        let below: Vec<u32> = below.map(|table| table.oid).collect();
        wanted.extend(below);
        if wanted.len() == before {
            return Ok(wanted);
        }
    }
}

pub fn unknown<'a>(
    doing: &'static str,
    name: &QualifiedName,
    known: impl Iterator<Item = &'a QualifiedName>,
) -> BackupError {
    let known: Vec<String> = known.map(ToString::to_string).collect();
    // The right name in another schema is nearer than any other one.
    let elsewhere = known.iter().find(|known| known.rsplit('.').next() == Some(name.name.as_str()));
    let near = elsewhere
        .cloned()
        .or_else(|| did_you_mean(&name.to_string(), known.iter().map(String::as_str)).map(str::to_owned));
    BackupError::UnknownTable { doing, name: name.clone(), near }
}

fn oids(tables: &[Table]) -> String {
    match tables {
        [] => "0".to_owned(),
        tables => tables.iter().map(|table| table.oid.to_string()).collect::<Vec<_>>().join(", "),
    }
}

/// Nobody may change how the tables are made while they are read.
fn lock(session: &mut Session, tables: &[Table]) -> Result<(), BackupError> {
    if tables.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = tables.iter().map(|table| written(&table.name)).collect();
    session
        .run(&format!("lock table only {} in access share mode", names.join(", only ")))
        .map_err(|error| locked("locking the tables against changes of their kind", error))
}

/// A lock that could not be had in time is not a failure like others: it can be tried again.
pub fn locked(doing: &'static str, error: SessionError) -> BackupError {
    match &error {
        SessionError::Server(server) if server.is_about_a_lock() => {
            BackupError::Locked { doing, said: server.message.clone() }
        }
        SessionError::Server(_) | SessionError::Lost(_) => BackupError::Session { doing, source: error },
    }
}

fn parts(
    session: &mut Session,
    about: &mut About,
    tables: &mut [Table],
    oids: &str,
    everything: bool,
) -> Result<Vec<SequenceHeld>, SessionError> {
    let mut sequences = Vec::new();
    let sql = include_str!("parts.sql")
        .replace("$tables", oids)
        .replace("$everything", if everything { "true" } else { "false" });
    session.for_each_row(&sql, |result, row| {
        let text = |index| row.get(index).unwrap_or_default();
        match result {
            0 => {
                let oid = number(text(0));
                let table = tables.iter_mut().find(|table| table.oid == oid);
                table.expect("only tables of the list were asked for").columns.push(text(1).to_owned());
            }
            1 => about.bytes = text(0).parse().unwrap_or(0),
            2 => drop(about.extensions.insert(text(0).to_owned())),
            3 => about.icu = row.get(0) == Some("t"),
            _ if row.get(2).is_some() || everything => {
                let of = text(2).split_whitespace().map(number);
                let of = of.filter_map(|oid| tables.iter().find(|table| table.oid == oid));
                sequences.push(SequenceHeld {
                    schema: text(0).to_owned(),
                    name: text(1).to_owned(),
                    last_value: 0,
                    is_called: false,
                    of: of.map(|table| table.name.to_string()).collect(),
                });
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(sequences)
}

/// Where the sequences stand. They do not belong to a snapshot: they can be ahead of the rows, and that does no harm.
fn values(session: &mut Session, sequences: &mut [SequenceHeld], user: &str) -> Result<(), BackupError> {
    if sequences.is_empty() {
        return Ok(());
    }
    let queries: Vec<String> = sequences
        .iter()
        .map(|sequence| {
            let name = QualifiedName::new(&sequence.schema, &sequence.name);
            format!("select last_value, is_called from {}", written(&name))
        })
        .collect();
    let (done, outcome) = session.for_each_row_counted(&queries.join("; "), |result, row| {
        sequences[result].last_value = row.get(0).and_then(|value| value.parse().ok()).unwrap_or_default();
        sequences[result].is_called = row.get(1) == Some("t");
        Ok(())
    });
    match outcome {
        Err(SessionError::Server(error)) if error.sqlstate == "42501" => {
            let refused = &sequences[done.min(sequences.len() - 1)];
            let table = QualifiedName::new(&refused.schema, &refused.name);
            Err(BackupError::NoPrivilege { table, role: user.to_owned() })
        }
        outcome => outcome.map_err(failed("reading where the sequences stand")),
    }
}

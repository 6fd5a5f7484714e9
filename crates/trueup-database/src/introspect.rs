//! Reads the whole catalog of a database: a fixed number of set-based queries, sent in one message, answered
//! from one snapshot. A session that keeps plans is sent their names instead, once it knows them.
//!
//! Each kind of object has a query file and a reader. The search path is pinned to nothing, so that every name in
//! every text is qualified and texts of two databases can be compared; everything else that changes how the server
//! writes values is pinned as well. What is read is readable for everybody: no right beyond connecting is needed,
//! and nothing is written, so that a standby answers too.
//!
//! The rows can be recorded, and a recording read again: that is how an expected catalog is kept, so that one code
//! reads both sides and no inner type is ever written to a file.

mod acl;
mod columns;
mod constraints;
mod dependencies;
mod indexes;
mod names;
mod plain;
mod policies;
mod reading;
mod recording;
mod relations;
mod routines;
mod row;
mod sequences;
mod settle;
mod triggers;
mod types;

use trueup_model::Catalog;
use trueup_model::path::ObjectPath;

use crate::session::{Row, Session, SessionError};
use dependencies::Needs;
use reading::Reading;
use row::{Cells, Shared};

pub use dependencies::{introspect_with_dependencies, introspect_with_dependencies_within};
pub use recording::{Recording, RecordingError};
pub use row::ReadError;

/// A catalog, and for each object the rows behind it: what provenance is made of.
#[derive(Debug)]
pub struct Introspection {
    pub catalog: Catalog,
    pub marks: Vec<Mark>,
    /// What needs what, where it was asked for.
    needs: Option<Needs>,
}

/// One row of the system catalogs that stands behind an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub path: ObjectPath,
    /// The property that the row holds, where it is not the object itself.
    pub detail: Option<&'static str>,
    /// The number of the object: numbers are given out in order of creation.
    pub oid: Option<u32>,
    /// The transaction that wrote the row.
    pub xmin: u32,
}

type Reader = fn(&mut Reading, &Cells<'_>) -> Result<(), ReadError>;

struct Query {
    name: &'static str,
    sql: &'static str,
    reader: Reader,
}

macro_rules! queries {
    ($($file:literal $reader:path),+ $(,)?) => {
        &[$(Query { name: $file, sql: include_str!(concat!("introspect/", $file, ".sql")), reader: $reader }),+]
    };
}

// The order is that of need: names before what is named by them, indexes before the constraints that take them.
const QUERIES: &[Query] = queries! {
    "roles" names::role,
    "members" names::member,
    "comments" names::comment,
    "schemas" names::schema,
    "extensions" names::extension,
    "relations" relations::read,
    "inheritance" names::inheritance,
    "sequences" sequences::read,
    "defaults" columns::defaults,
    "columns" columns::read,
    "types" types::read,
    "enum_labels" types::enum_label,
    "operator_classes_known" names::operator_class_or_collation,
    "indexes" indexes::read,
    "constraints" constraints::read,
    "routines" routines::routine,
    "aggregates" routines::aggregate,
    "triggers" triggers::trigger,
    "rules" triggers::rule,
    "policies" policies::policy,
    "statistics" policies::statistics,
    "event_triggers" triggers::event_trigger,
    "default_privileges" policies::default_privileges,
};

/// The number of the query that comes after all others, where it is asked for.
const DEPENDENCIES: usize = QUERIES.len() + plain::PLAIN_KINDS.len();

fn queries(with_dependencies: bool) -> impl Iterator<Item = &'static str> {
    let kinds = plain::PLAIN_KINDS.iter().map(|kind| kind.sql);
    let dependencies = with_dependencies.then_some(dependencies::QUERY);
    QUERIES.iter().map(|query| query.sql).chain(kinds).chain(dependencies)
}

/// Pinned for the transaction only, so that a pooled connection is given back as it was. Definitions of views and
/// constraints are not to be had while somebody rebuilds their table: that is waited for, but not for ever.
pub(crate) const SETTINGS: &str = "set local search_path = ''; set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; \
     set local intervalstyle = 'postgres'; set local extra_float_digits = 1; set local bytea_output = 'hex'; \
     set local quote_all_identifiers = off; set local lc_monetary = 'C'; set local jit = off; \
     set local statement_timeout = 0; set local lock_timeout = '10s'";
const SETTING_COUNT: usize = 11;

/// Reads the catalog in a read-only snapshot of its own.
pub fn introspect(session: &mut Session) -> Result<Catalog, SessionError> {
    Ok(read(session, Transaction::Own, Wanted::default())?.catalog)
}

/// Reads the catalog as the running transaction of the session sees it, and leaves the transaction open. Settings
/// stay pinned until its end.
pub fn introspect_within(session: &mut Session) -> Result<Catalog, SessionError> {
    Ok(read(session, Transaction::Running, Wanted::default())?.catalog)
}

/// As [`introspect`], with the rows behind the objects, and all rows recorded.
pub fn introspect_and_record(session: &mut Session) -> Result<(Introspection, Recording), SessionError> {
    let mut recording = Recording::new(session.version());
    let wanted = Wanted { recording: Some(&mut recording), needs: true };
    let introspection = read(session, Transaction::Own, wanted)?;
    Ok((introspection, recording))
}

/// Reads a recording as if the server answered again, but for what needs what.
pub fn read_recording(input: impl std::io::Read) -> Result<Introspection, RecordingError> {
    read_recorded(input, None)
}

/// As [`read_recording`], with what needs what.
pub fn read_recording_with_dependencies(input: impl std::io::Read) -> Result<Introspection, RecordingError> {
    read_recorded(input, Some(Needs::default()))
}

fn read_recorded(input: impl std::io::Read, needs: Option<Needs>) -> Result<Introspection, RecordingError> {
    let unwanted = needs.is_none().then_some(DEPENDENCIES);
    let mut reading = Reading { marks: Some(Vec::new()), needs, ..Reading::default() };
    let shared = Shared::default();
    let version = recording::for_each_recorded_row(input, unwanted, |query, row| {
        visit(&mut reading, query, row, &shared)
    })?;
    Ok(settle::settle(reading, version))
}

/// Changes whenever a query does: recordings of other queries cannot be read.
pub fn query_fingerprint() -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for sql in queries(true) {
        hasher.update(sql.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

#[derive(Clone, Copy, PartialEq)]
enum Transaction {
    Own,
    Running,
}

/// What is read besides the catalog.
#[derive(Default)]
struct Wanted<'a> {
    recording: Option<&'a mut Recording>,
    needs: bool,
}

fn read(
    session: &mut Session,
    transaction: Transaction,
    wanted: Wanted<'_>,
) -> Result<Introspection, SessionError> {
    let version = session.version();
    let (before, after) = match transaction {
        Transaction::Own => ("begin isolation level repeatable read read only; ", "; commit"),
        Transaction::Running => ("", ""),
    };
    // Results are numbered over all statements of the message.
    let first = SETTING_COUNT + usize::from(transaction == Transaction::Own);
    let mut message = format!("{before}{SETTINGS}");
    if session.keeps_plans {
        prepare(session)?;
        for number in 0..queries(wanted.needs).count() {
            message.push_str(&format!("; execute trueup_{number}"));
        }
    } else {
        for sql in queries(wanted.needs) {
            message.push_str(";\n");
            message.push_str(&for_version(sql, version / 10_000));
        }
    }
    message.push_str(after);

    let Wanted { mut recording, needs } = wanted;
    let mut reading = Reading {
        marks: recording.is_some().then(Vec::new),
        needs: needs.then(Needs::default),
        ..Reading::default()
    };
    let shared = Shared::default();
    let outcome = session.for_each_row(&message, |result, row| {
        let query = result - first;
        if let Some(recording) = &mut recording {
            recording.push(query, row);
        }
        Ok(visit(&mut reading, query, row, &shared)?)
    });
    if let Err(error) = outcome {
        if transaction == Transaction::Own {
            // The first error is the one to report, also when the connection is gone.
            let _ = session.run("rollback");
        }
        return Err(error);
    }
    Ok(settle::settle(reading, version))
}

/// Gives all queries a name that the session knows from then on: again where something threw names away, and where the
/// catalogs have grown so much that other plans may be better by now.
fn prepare(session: &mut Session) -> Result<(), SessionError> {
    let known = "select name from pg_catalog.pg_prepared_statements where name like 'trueup\\_%'";
    let names: Vec<String> = session.rows(known)?.into_iter().flatten().flatten().collect();
    let size = session.value("select pg_catalog.pg_relation_size('pg_catalog.pg_attribute')")?;
    let size = size.and_then(|size| size.parse().ok()).unwrap_or_default();
    if names.len() == queries(true).count() && size <= 2 * session.planned_for {
        return Ok(());
    }
    let major = session.version() / 10_000;
    let mut message = SETTINGS.to_owned();
    for name in names {
        message.push_str(&format!("; deallocate {}", trueup_sql::quote_ident(&name)));
    }
    for (number, sql) in queries(true).enumerate() {
        message.push_str(&format!("; prepare trueup_{number} as {}", for_version(sql, major)));
    }
    session.run(&message)?;
    session.planned_for = size;
    Ok(())
}

fn visit(reading: &mut Reading, query: usize, row: &Row<'_>, shared: &Shared) -> Result<(), ReadError> {
    match QUERIES.get(query) {
        Some(Query { name, reader, .. }) => reader(reading, &Cells { row, query: name, shared }),
        None => match plain::PLAIN_KINDS.get(query - QUERIES.len()) {
            Some(kind) => plain::read(reading, kind, &Cells { row, query: kind.name, shared }),
            None => dependencies::read_row(reading, &Cells { row, query: "dependencies", shared }),
        },
    }
}

/// Keeps the lines of a query that are meant for a major version: a line may end in `--@ 15..`, `--@ ..14` or
/// `--@ 15..16`.
fn for_version(sql: &str, major: u32) -> String {
    let mut kept = String::with_capacity(sql.len());
    for line in sql.lines() {
        let line = match line.split_once("--@") {
            None => line,
            Some((text, range)) => {
                let (from, to) = range.trim().split_once("..").unwrap_or(("", ""));
                let from = from.parse().unwrap_or(0);
                let to = to.parse().unwrap_or(u32::MAX);
                if !(from..=to).contains(&major) {
                    continue;
                }
                text
            }
        };
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_for_other_versions_are_left_out() {
        let sql = "select a, --@ 15..\n false, --@ ..14\n b --@ 15..16\nfrom t";
        assert_eq!(for_version(sql, 14), " false, \nfrom t\n");
        assert_eq!(for_version(sql, 16), "select a, \n b \nfrom t\n");
        assert_eq!(for_version(sql, 17), "select a, \nfrom t\n");
    }

    #[test]
    fn every_version_mark_can_be_read() {
        for sql in queries(true) {
            for (_, range) in sql.lines().filter_map(|line| line.split_once("--@")) {
                let (from, to) = range.trim().split_once("..").expect("a range");
                assert!(from.is_empty() || from.parse::<u32>().is_ok(), "{range}");
                assert!(to.is_empty() || to.parse::<u32>().is_ok(), "{range}");
            }
        }
    }

    #[test]
    fn settings_are_counted() {
        assert_eq!(SETTINGS.split(';').count(), SETTING_COUNT);
    }
}

//! Rows for the tables of a shadow, made up from the types of their columns.
//!
//! The same number gives the same value of a type in every table, so that foreign keys find what they point to. A row
//! that a check refuses is tried in other forms; what cannot be filled stays empty, and that is said.

use trueup_model::QualifiedName;
use trueup_model::proof::NotProven;
use trueup_sql::{quote_ident, quote_literal};

use super::Rehearsal;
use super::identity::Numbered;
use super::rows::{with_parents, written};
use crate::session::{Row, Session, SessionError};

const ROWS: u32 = 3;

struct Column {
    name: String,
    data_type: String,
    needed: bool,
    /// The name of the base type, or `array` and the letters of `pg_type.typtype` for those that are alike.
    kind: String,
    has_default: bool,
    labels: Vec<String>,
    attributes: usize,
}

/// How a row is filled, where the form before was refused.
#[derive(Clone, Copy)]
struct Form {
    text: fn(u32) -> String,
    number: fn(u32) -> u32,
    year: u32,
    /// Columns that may be null are.
    sparse: bool,
    /// Columns that have a default take it.
    defaults: bool,
}

const PLAIN: Form =
    Form { text: |n| format!("s{n}"), number: |n| n, year: 2024, sparse: false, defaults: false };

const FORMS: &[Form] = &[
    PLAIN,
    Form { text: |n| format!("seed{n}@example.org"), ..PLAIN },
    Form { text: |n| n.to_string(), ..PLAIN },
    Form { sparse: true, ..PLAIN },
    Form { text: |n| format!("seed{n}@example.org"), sparse: true, ..PLAIN },
    Form { text: |n| n.to_string(), sparse: true, ..PLAIN },
    Form { number: |_| 0, sparse: true, ..PLAIN },
    Form { defaults: true, sparse: true, ..PLAIN },
    Form { defaults: true, sparse: true, text: |n| format!("seed{n}@example.org"), ..PLAIN },
    Form { year: 2023, ..PLAIN },
];

/// Fills the tables that the repair touches, and those that they point to.
pub fn seed(
    session: &mut Session,
    rehearsal: &Rehearsal<'_>,
    unproven: &mut Vec<NotProven>,
) -> Result<(), SessionError> {
    session.run("begin")?;
    without_triggers(session)?;
    for table in with_parents(rehearsal) {
        let mut refusal = None;
        for number in 1..=ROWS {
            refusal = refusal.or(row(session, &table, number)?);
        }
        let is_filled = format!("do $$ begin assert exists (select from {}); end $$", written(&table));
        if attempt(session, &is_filled)?.is_some()
            && rehearsal.touched.iter().any(|touched| touched.found == table)
        {
            unproven.push(NotProven {
                what: format!("that the rows of {table} are kept"),
                why: match refusal {
                    Some(refusal) => format!("no row could be made up for it: {refusal}"),
                    None => "no row could be made up for it".to_owned(),
                },
            });
        }
    }
    session.run("commit")
}

/// Takes all rows away again, wherever the tables are by now.
pub fn empty(
    session: &mut Session,
    rehearsal: &Rehearsal<'_>,
    seeded: &Numbered,
) -> Result<(), SessionError> {
    let fate = seeded.fate(session)?;
    session.run("begin")?;
    without_triggers(session)?;
    for table in with_parents(rehearsal).into_iter().rev() {
        if let Some(Some(there)) = fate.tables.get(&table) {
            session.run(&format!("delete from {}", written(there)))?;
        }
    }
    session.run("commit")
}

/// Rows come in any order, and no trigger of the project has a say. It takes a superuser; without one, the order is
/// that of the foreign keys.
fn without_triggers(session: &mut Session) -> Result<(), SessionError> {
    attempt(session, "set local session_replication_role = replica").map(|_| ())
}

/// The refusal of the first form, where all were refused.
fn row(session: &mut Session, table: &QualifiedName, number: u32) -> Result<Option<String>, SessionError> {
    let sql = include_str!("seed.sql").replace("$table", &quote_literal(&written(table)));
    let mut columns = Vec::new();
    session.for_each_row(&sql, |_, row| {
        columns.push(column(row));
        Ok(())
    })?;
    let mut first = None;
    for form in FORMS {
        let refused = match insert(table, &columns, number, form) {
            Err(reason) => Some(reason),
            Ok(statement) => attempt(session, &statement)?,
        };
        match refused {
            None => return Ok(None),
            Some(reason) => first = first.or(Some(reason)),
        }
    }
    Ok(first)
}

fn column(row: &Row<'_>) -> Column {
    let text = |index| row.get(index).unwrap_or_default().to_owned();
    Column {
        name: text(0),
        data_type: text(1),
        needed: row.get(2) == Some("t"),
        kind: text(3),
        has_default: row.get(4) == Some("t"),
        labels: row.get(5).and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default(),
        attributes: row.get(6).and_then(|count| count.parse().ok()).unwrap_or(0),
    }
}

fn insert(table: &QualifiedName, columns: &[Column], number: u32, form: &Form) -> Result<String, String> {
    let mut names = Vec::new();
    let mut values = Vec::new();
    for column in columns {
        if form.defaults && column.has_default {
            continue;
        }
        let value = match value(column, number, form) {
            Some(_) if form.sparse && !column.needed => "null".to_owned(),
            Some(literal) => format!("{}::{}", quote_literal(&literal), column.data_type),
            None if column.needed => {
                return Err(format!("the column {} has the type {}", column.name, column.data_type));
            }
            None => "null".to_owned(),
        };
        names.push(quote_ident(&column.name));
        values.push(value);
    }
    if names.is_empty() {
        return Ok(format!("insert into {} default values", written(table)));
    }
    Ok(format!(
        "insert into {} ({}) overriding system value values ({})",
        written(table),
        names.join(", "),
        values.join(", ")
    ))
}

/// A value as its type reads it.
fn value(column: &Column, number: u32, form: &Form) -> Option<String> {
    let count = (form.number)(number);
    let year = form.year;
    Some(match column.kind.as_str() {
        "int2" | "int4" | "int8" | "oid" | "float4" | "float8" | "numeric" | "money" => count.to_string(),
        "bool" => if number.is_multiple_of(2) { "t" } else { "f" }.to_owned(),
        "text" | "varchar" | "bpchar" | "name" | "citext" => {
            shortened((form.text)(number), &column.data_type)
        }
        "char" => number.to_string(),
        "e" => {
            let index = usize::try_from(number).unwrap_or_default() % column.labels.len().max(1);
            column.labels.get(index)?.clone()
        }
        "array" | "m" => "{}".to_owned(),
        "r" => "empty".to_owned(),
        "int4range" | "int8range" | "numrange" => format!("[{number},{})", number + 1),
        "daterange" | "tsrange" | "tstzrange" => {
            format!("[{year}-01-{number:02},{year}-01-{:02})", number + 1)
        }
        "c" => format!("({})", ",".repeat(column.attributes.saturating_sub(1))),
        "date" => format!("{year}-01-{number:02}"),
        "timestamp" | "timestamptz" => format!("{year}-01-{number:02} 00:00:00"),
        "time" | "timetz" => format!("{number:02}:00:00"),
        "interval" => format!("{number} days"),
        "uuid" => format!("00000000-0000-4000-8000-{number:012}"),
        "json" | "jsonb" => format!("{{\"seed\": {number}}}"),
        "xml" => format!("<seed>{number}</seed>"),
        "bytea" => format!("\\x{number:02}"),
        "inet" => format!("10.0.0.{number}"),
        "cidr" => format!("10.0.{number}.0/24"),
        "macaddr" => format!("08:00:2b:01:02:{number:02}"),
        "macaddr8" => format!("08:00:2b:01:02:03:04:{number:02}"),
        "bit" => format!("{number:0length$b}", length = length(&column.data_type).unwrap_or(1)),
        "varbit" => format!("{number:b}"),
        "point" => format!("({number},{number})"),
        "line" => format!("{{1,-1,{number}}}"),
        "lseg" | "box" => format!("(({number},{number}),(0,0))"),
        "path" | "polygon" => format!("((0,0),({number},0),(0,{number}))"),
        "circle" => format!("<({number},{number}),1>"),
        "tsvector" | "tsquery" => format!("seed{number}"),
        "pg_lsn" => format!("0/{number}"),
        "hstore" => format!("seed=>{number}"),
        "ltree" => format!("seed.s{number}"),
        _ => return None,
    })
}

/// The number in `character varying(12)`.
fn length(data_type: &str) -> Option<usize> {
    data_type.split_once('(')?.1.split(')').next()?.parse().ok()
}

/// The end tells rows apart, so that the beginning goes.
fn shortened(text: String, data_type: &str) -> String {
    match length(data_type) {
        Some(length) if length < text.len() => text[text.len() - length..].to_owned(),
        Some(_) | None => text,
    }
}

/// Runs a statement in a transaction; what was refused is taken back and named.
fn attempt(session: &mut Session, statement: &str) -> Result<Option<String>, SessionError> {
    session.run("savepoint seed")?;
    match session.run(statement) {
        Ok(()) => session.run("release savepoint seed").map(|()| None),
        Err(SessionError::Server(error)) => {
            session.run("rollback to savepoint seed; release savepoint seed")?;
            Ok(Some(error.to_string()))
        }
        Err(lost @ SessionError::Lost(_)) => Err(lost),
    }
}

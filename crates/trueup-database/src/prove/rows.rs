//! What is in the tables that a repair touches, before and after, without remembering the rows.

use trueup_model::catalog::Object;
use trueup_model::repair::Step;
use trueup_model::{Catalog, Ident, ObjectKind, ObjectPath, QualifiedName};
use trueup_sql::quote_ident;

use super::Rehearsal;
use crate::session::{Session, SessionError};

/// A table whose rows a repair could reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    pub found: QualifiedName,
    pub expected: QualifiedName,
    /// What of it may be lost, by permission: then its rows are not compared.
    pub loses: Option<String>,
}

/// The tables that the steps of a repair work on or lock, and that both sides have by the same name. A table that is
/// renamed has to be named by whoever knows both names.
pub fn touched(steps: &[Step], found: &Catalog, expected: &Catalog) -> Vec<Touched> {
    let mut touched: Vec<Touched> = Vec::new();
    let mut add = |table: QualifiedName, loses: Option<&String>| {
        if !is_table(found, &table) || !is_table(expected, &table) {
            return;
        }
        match touched.iter_mut().find(|known| known.found == table) {
            Some(known) => known.loses = known.loses.take().or_else(|| loses.cloned()),
            None => touched.push(Touched { found: table.clone(), expected: table, loses: loses.cloned() }),
        }
    };
    for step in steps {
        let own = step.object.relation().or_else(|| step.object.qualified());
        own.into_iter().for_each(|table| add(table, step.safety.loses.as_ref()));
        step.safety.locks.iter().for_each(|(table, _)| add(table.clone(), None));
    }
    touched.sort_by(|a, b| a.found.cmp(&b.found));
    touched
}

fn is_table(catalog: &Catalog, table: &QualifiedName) -> bool {
    catalog.contains(&path(table))
}

pub fn path(table: &QualifiedName) -> ObjectPath {
    ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name)
}

pub fn written(table: &QualifiedName) -> String {
    format!("{}.{}", quote_ident(table.schema.as_str()), quote_ident(table.name.as_str()))
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Side {
    Found,
    Expected,
}

/// What is kept of the rows of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRows {
    pub rows: u64,
    /// Over the columns that both states have with the same type.
    checksum: String,
    /// How many these are.
    pub columns: usize,
    /// Columns that both states have with different types, and how many values each of them holds.
    pub changed: Vec<String>,
    values: Vec<u64>,
}

impl TableRows {
    /// What is gone or different afterwards.
    pub fn lost(&self, after: &TableRows) -> Option<String> {
        if self.rows != after.rows {
            return Some(format!("{} rows before, {} rows after", self.rows, after.rows));
        }
        if self.checksum != after.checksum {
            return Some("the same number of rows, but not the same values".to_owned());
        }
        let gone = self.values.iter().zip(&after.values).position(|(before, after)| before != after)?;
        Some(format!("the column {} holds another number of values", self.changed[gone]))
    }
}

/// `None` for tables that one of the states does not have, and for those that cannot be read: a parent of a foreign
/// table is read from another server.
pub fn read_all(
    session: &mut Session,
    tables: &[&Touched],
    rehearsal: &Rehearsal<'_>,
    side: Side,
) -> Result<Vec<Option<TableRows>>, SessionError> {
    tables
        .iter()
        .map(|table| {
            if !is_table(rehearsal.found, &table.found) || !is_table(rehearsal.expected, &table.expected) {
                return Ok(None);
            }
            match read(session, table, rehearsal, side) {
                Ok(rows) => Ok(Some(rows)),
                Err(SessionError::Server(_)) => Ok(None),
                Err(lost @ SessionError::Lost(_)) => Err(lost),
            }
        })
        .collect()
}

fn read(
    session: &mut Session,
    table: &Touched,
    rehearsal: &Rehearsal<'_>,
    side: Side,
) -> Result<TableRows, SessionError> {
    let (same, changed) = shared_columns(table, rehearsal);
    let name = match side {
        Side::Found => &table.found,
        Side::Expected => &table.expected,
    };
    let list = |columns: &[&Ident]| -> Vec<String> {
        columns.iter().map(|column| format!("t.{}", quote_ident(column.as_str()))).collect()
    };
    let counts: String =
        list(&changed).iter().map(|column| format!(", count({column})")).collect::<Vec<_>>().concat();
    let row = session
        .rows(&format!(
            "select count(*), md5(coalesce(string_agg(row({same})::text, E'\\n' \
             order by row({same})::text collate \"C\"), '')){counts} from {} t",
            written(name),
            same = list(&same).join(", "),
        ))?
        .into_iter()
        .next()
        .unwrap_or_default();
    let number = |value: Option<&Option<String>>| {
        value.and_then(|value| value.as_deref()).and_then(|text| text.parse().ok()).unwrap_or(0)
    };
    Ok(TableRows {
        rows: number(row.first()),
        checksum: row.get(1).cloned().flatten().unwrap_or_default(),
        columns: same.len(),
        values: row.iter().skip(2).map(|value| number(Some(value))).collect(),
        changed: changed.iter().map(|column| column.as_str().to_owned()).collect(),
    })
}

/// Columns with the same type in both states, and columns with different ones. A generated column is made of others.
fn shared_columns<'a>(table: &Touched, rehearsal: &Rehearsal<'a>) -> (Vec<&'a Ident>, Vec<&'a Ident>) {
    let expected = rehearsal.expected.columns_of(&path(&table.expected));
    let (mut same, mut changed) = (Vec::new(), Vec::new());
    for (name, found) in rehearsal.found.columns_of(&path(&table.found)) {
        let Some((_, expected)) = expected.iter().find(|(other, _)| *other == name) else { continue };
        if found.generated.is_some() || expected.generated.is_some() {
            continue;
        }
        if found.data_type == expected.data_type {
            same.push(name);
        } else {
            changed.push(name);
        }
    }
    (same, changed)
}

/// Tables that foreign keys of these tables point to, in either state: rows need rows to point to.
pub fn with_parents(rehearsal: &Rehearsal<'_>) -> Vec<QualifiedName> {
    let mut tables: Vec<QualifiedName> = rehearsal
        .touched
        .iter()
        .filter(|table| table.loses.is_none())
        .map(|table| table.found.clone())
        .collect();
    let mut next = 0;
    while next < tables.len() {
        let table = tables[next].clone();
        for catalog in [rehearsal.found, rehearsal.expected] {
            for part in catalog.parts_of(&path(&table)) {
                if let Object::ForeignKey(key) = &part.object
                    && is_table(rehearsal.found, &key.references)
                    && !tables.contains(&key.references)
                {
                    tables.push(key.references.clone());
                }
            }
        }
        next += 1;
    }
    // Rows of a partition come in through its parent.
    tables.retain(|table| {
        !matches!(
            rehearsal.found.find(&path(table)).map(|entry| &entry.object),
            Some(Object::Table(table)) if table.partition_of.is_some()
        )
    });
    tables.reverse();
    tables
}

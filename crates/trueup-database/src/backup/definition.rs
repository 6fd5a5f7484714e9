//! Statements that make tables again: enough to take their rows, and their constraints and indexes.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::folder::Beside;
use super::live::{Table, number};
use super::manifest::FileHeld;
use super::{BackupError, failed};
use crate::session::Session;

pub const FILE: &str = "definition.json";

#[derive(Clone, Debug, Default)]
pub struct Definition {
    /// In the order in which they run.
    pub statements: Vec<Made>,
    /// The file, once it is written.
    pub held: FileHeld,
}

/// A statement that makes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Made {
    pub kind: Kind,
    /// As SQL writes it, with its schema.
    pub name: String,
    /// The table that it belongs to: a schema and a name.
    pub table: Option<(String, String)>,
    pub statement: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Schema,
    Type,
    Sequence,
    Table,
    /// A partition or a child finds its parent.
    Part,
    /// A sequence finds its column.
    Owned,
    Default,
    // The rest comes after the rows.
    Constraint,
    Index,
    ForeignKey,
}

impl Kind {
    const ALL: &'static [(&'static str, Kind)] = &[
        ("schema", Kind::Schema),
        ("type", Kind::Type),
        ("sequence", Kind::Sequence),
        ("table", Kind::Table),
        ("part", Kind::Part),
        ("owned", Kind::Owned),
        ("default", Kind::Default),
        ("constraint", Kind::Constraint),
        ("index", Kind::Index),
        ("foreign-key", Kind::ForeignKey),
    ];

    pub fn is_before_rows(self) -> bool {
        self < Kind::Constraint
    }

    /// Asks for a name whether there is such a thing. Nothing where only the table can tell.
    pub fn lookup(self) -> Option<&'static str> {
        match self {
            Kind::Schema => Some("pg_catalog.to_regnamespace"),
            Kind::Type => Some("pg_catalog.to_regtype"),
            Kind::Sequence | Kind::Table => Some("pg_catalog.to_regclass"),
            Kind::Part | Kind::Owned | Kind::Default | Kind::Constraint | Kind::Index | Kind::ForeignKey => {
                None
            }
        }
    }
}

/// Reads it in the transaction of the snapshot. `oids` is a list with commas.
pub fn of(session: &mut Session, tables: &[Table], oids: &str) -> Result<Definition, BackupError> {
    let mut statements = Vec::new();
    session
        .for_each_row(&include_str!("definition.sql").replace("$tables", oids), |_, row| {
            let text = |index| row.get(index).unwrap_or_default().to_owned();
            let kind = Kind::ALL.iter().find(|(word, _)| row.get(0) == Some(*word));
            let (_, kind) = kind.expect("the query names no other kind");
            let oid = row.get(2).map(number);
            let table = oid.and_then(|oid| tables.iter().find(|table| table.oid == oid));
            let table = table.map(|table| (table.name.schema.to_string(), table.name.name.to_string()));
            statements.push(Made { kind: *kind, name: text(1), table, statement: text(3) });
            Ok(())
        })
        .map_err(failed("reading the definitions of the tables"))?;
    Ok(Definition { statements, held: FileHeld::default() })
}

pub fn write(definition: &mut Definition, beside: &Beside) -> Result<(), BackupError> {
    let text = serde_json::to_vec_pretty(&definition.statements).expect("statements are text");
    definition.held = beside.write(FILE, &text)?;
    Ok(())
}

pub fn read(folder: &Path) -> Result<Definition, BackupError> {
    let path = folder.join(FILE);
    let text = std::fs::read(&path).map_err(BackupError::file("reading", &path))?;
    let statements = serde_json::from_slice(&text).map_err(|error| BackupError::NotABackup {
        folder: folder.to_owned(),
        why: format!("its {FILE} is damaged: {error}"),
    })?;
    Ok(Definition { statements, held: FileHeld::default() })
}

//! Statements that wait for the end of the migration, and are still open to renames until then.

use std::fmt::Write as _;

use super::names::{index_name, quoted, split};

#[derive(Clone, Debug)]
pub struct Statement {
    pub parts: Vec<Part>,
    /// What it makes, for the book of names.
    pub makes: Option<Makes>,
}

#[derive(Clone, Debug)]
pub enum Part {
    Text(String),
    Table(String),
    Columns {
        table: String,
        columns: Vec<IndexColumn>,
    },
    Name(Name),
    /// Expressions, with the columns that are in them.
    Expressions {
        table: String,
        pieces: Vec<Piece>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexColumn {
    pub name: String,
    pub opclass: String,
    pub suffix: String,
}

impl IndexColumn {
    pub fn plain(name: &str) -> Self {
        Self { name: name.to_owned(), opclass: String::new(), suffix: String::new() }
    }
}

/// A piece of SQL: a column, which may get another name, or text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Column(String),
}

#[derive(Clone, Debug)]
pub enum Name {
    Given(String),
    /// By table, columns and suffix.
    OfColumns {
        table: String,
        columns: Vec<String>,
        suffix: String,
    },
    OfForeignKey {
        table: String,
        column: String,
        to_table: String,
        to_column: String,
        named_target: bool,
    },
}

/// What kind of object a statement makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Makes {
    Unique,
    ForeignKey,
    Primary,
    /// With the columns that it is about, where Django needs to find it by them.
    Check {
        columns: Vec<IndexColumn>,
    },
    Index {
        unique: bool,
        method: String,
        has_parameters: bool,
        include: Vec<String>,
    },
}

impl Name {
    pub fn text(&self) -> String {
        match self {
            Self::Given(name) => name.clone(),
            Self::OfColumns { table, columns, suffix } => index_name(table, columns, suffix),
            Self::OfForeignKey { table, column, to_table, to_column, named_target } => {
                let (_, target) = split(to_table);
                let suffix =
                    if *named_target { format!("_fk_{target}_{to_column}") } else { "_fk".to_owned() };
                index_name(table, std::slice::from_ref(column), &suffix)
            }
        }
    }
}

impl Statement {
    pub fn text(&self) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Table(table) => text.push_str(&quoted(table)),
                Part::Columns { table: _, columns } => text.push_str(&columns_text(columns)),
                Part::Name(name) => text.push_str(&quoted(&name.text())),
                Part::Expressions { table: _, pieces } => text.push_str(&pieces_text(pieces)),
            }
        }
        text
    }

    /// The table that it is about.
    pub fn table(&self) -> Option<&str> {
        self.parts.iter().find_map(|part| match part {
            Part::Table(table) => Some(table.as_str()),
            Part::Text(_) | Part::Columns { .. } | Part::Name(_) | Part::Expressions { .. } => None,
        })
    }

    pub fn name(&self) -> Option<String> {
        self.parts.iter().find_map(|part| match part {
            Part::Name(name) => Some(name.text()),
            Part::Text(_) | Part::Columns { .. } | Part::Table(_) | Part::Expressions { .. } => None,
        })
    }

    /// The first list of columns; an expression counts as a column without a name.
    pub fn columns(&self) -> Vec<String> {
        let found = self.parts.iter().find_map(|part| match part {
            Part::Columns { table: _, columns } => {
                Some(columns.iter().map(|column| column.name.clone()).collect())
            }
            Part::Expressions { .. } => Some(vec![String::new()]),
            Part::Text(_) | Part::Table(_) | Part::Name(_) => None,
        });
        found.unwrap_or_default()
    }

    pub fn speaks_of_table(&self, table: &str) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Text(_) => false,
            Part::Table(known)
            | Part::Columns { table: known, .. }
            | Part::Expressions { table: known, .. } => known == table,
            Part::Name(name) => name_speaks_of_table(name, table),
        })
    }

    pub fn speaks_of_column(&self, table: &str, column: &str) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Text(_) | Part::Table(_) => false,
            Part::Columns { table: known, columns } => {
                known == table && columns.iter().any(|known| known.name == column)
            }
            Part::Expressions { table: known, pieces } => {
                known == table && pieces.iter().any(|piece| *piece == Piece::Column(column.to_owned()))
            }
            Part::Name(name) => name_speaks_of_column(name, table, column),
        })
    }

    /// Whether it makes the index of this name.
    pub fn makes_index(&self, table: &str, index: &str) -> bool {
        matches!(self.makes, Some(Makes::Index { .. }))
            && self.speaks_of_table(table)
            && self.name().as_deref() == Some(index)
    }

    pub fn rename_table(&mut self, old: &str, new: &str) {
        let renamed = |table: &mut String| {
            if table == old {
                *table = new.to_owned();
            }
        };
        for part in &mut self.parts {
            match part {
                Part::Text(_) => {}
                Part::Table(table) | Part::Columns { table, .. } | Part::Expressions { table, .. } => {
                    renamed(table)
                }
                Part::Name(Name::Given(_)) => {}
                Part::Name(Name::OfColumns { table, .. }) => renamed(table),
                Part::Name(Name::OfForeignKey { table, to_table, .. }) => {
                    renamed(table);
                    // The name holds the target without its schema, and is compared so.
                    renamed(to_table);
                }
            }
        }
    }

    pub fn rename_column(&mut self, of: &str, old: &str, new: &str) {
        let renamed = |column: &mut String| {
            if column == old {
                *column = new.to_owned();
            }
        };
        for part in &mut self.parts {
            match part {
                Part::Text(_) | Part::Table(_) | Part::Name(Name::Given(_)) => {}
                Part::Columns { table, columns } if table == of => {
                    columns.iter_mut().for_each(|column| renamed(&mut column.name));
                }
                Part::Expressions { table, pieces } if table == of => {
                    for piece in pieces {
                        if let Piece::Column(column) = piece {
                            renamed(column);
                        }
                    }
                }
                Part::Name(Name::OfColumns { table, columns, .. }) if table == of => {
                    columns.iter_mut().for_each(renamed);
                }
                Part::Name(Name::OfForeignKey { table, column, to_table, to_column, .. }) => {
                    if table == of {
                        renamed(column);
                    }
                    if to_table == of {
                        renamed(to_column);
                    }
                }
                Part::Columns { .. } | Part::Expressions { .. } | Part::Name(Name::OfColumns { .. }) => {}
            }
        }
    }
}

fn name_speaks_of_table(name: &Name, of: &str) -> bool {
    match name {
        Name::Given(_) => false,
        Name::OfColumns { table, .. } => table == of,
        Name::OfForeignKey { table, to_table, .. } => table == of || to_table == of,
    }
}

fn name_speaks_of_column(name: &Name, of: &str, wanted: &str) -> bool {
    match name {
        Name::Given(_) => false,
        Name::OfColumns { table, columns, .. } => {
            table == of && columns.iter().any(|column| column == wanted)
        }
        Name::OfForeignKey { table, column, to_table, to_column, .. } => {
            (table == of && column == wanted) || (to_table == of && to_column == wanted)
        }
    }
}

fn columns_text(columns: &[IndexColumn]) -> String {
    let mut text = String::new();
    for (number, column) in columns.iter().enumerate() {
        let comma = if number == 0 { "" } else { ", " };
        // Writing to a text cannot fail.
        let _ = write!(text, "{comma}{}", quoted(&column.name));
        for more in [&column.opclass, &column.suffix] {
            if !more.is_empty() {
                let _ = write!(text, " {more}");
            }
        }
    }
    text
}

pub fn pieces_text(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Column(column) => quoted(column),
        })
        .collect()
}

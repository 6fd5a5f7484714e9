//! The names of constraints and indexes that our statements made, table by table: what Django would read from the
//! catalog when it wants to drop or rename one.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{as_kept, given_by_the_server, split};
use super::statement::{Makes, Statement};

#[derive(Clone, Debug, Default)]
pub struct Book {
    tables: BTreeMap<String, Vec<Entry>>,
    /// Tables that somebody else may have changed.
    doubtful: BTreeSet<String>,
    /// Something ran that may have changed any table there was.
    all_doubtful: bool,
    /// Collations of the migrations for which equal texts need not be the same.
    pub nondeterministic: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    /// In the order of the index; an expression is an empty text.
    pub columns: Vec<String>,
    pub kind: EntryKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    Primary,
    Unique,
    ForeignKey,
    Check,
    Exclusion,
    /// An index that is no constraint; plain ones are what `db_index` makes.
    Index {
        unique: bool,
        plain: bool,
    },
}

/// Which constraints are wanted: what Django calls `_constraint_names` with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    ForeignKey,
    /// `primary_key=False, unique=True`
    Unique,
    /// `unique=True`, before 4.1: a primary key counts as well.
    UniqueOrPrimary,
    /// What `db_index` made.
    PlainIndex,
    /// `index=True, unique=False`
    Index,
    Check,
    Primary,
}

impl Wanted {
    fn fits(self, kind: &EntryKind) -> bool {
        match self {
            Self::ForeignKey => *kind == EntryKind::ForeignKey,
            Self::Unique => matches!(kind, EntryKind::Unique | EntryKind::Index { unique: true, .. }),
            Self::UniqueOrPrimary => {
                matches!(kind, EntryKind::Primary | EntryKind::Unique | EntryKind::Index { unique: true, .. })
            }
            Self::PlainIndex => matches!(kind, EntryKind::Index { plain: true, .. }),
            Self::Index => matches!(kind, EntryKind::Index { unique: false, .. }),
            Self::Check => *kind == EntryKind::Check,
            Self::Primary => *kind == EntryKind::Primary,
        }
    }
}

impl Book {
    /// The names of what fits, in the order of Django's look at the catalog; `None` where that is not known.
    pub fn names(
        &self,
        table: &str,
        columns: Option<&[String]>,
        wanted: Wanted,
        exclude: &BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if self.all_doubtful || self.doubtful.contains(table) {
            return None;
        }
        let entries = self.tables.get(table)?;
        let fits = |entry: &&Entry| {
            columns.is_none_or(|columns| entry.columns == columns)
                && wanted.fits(&entry.kind)
                && !exclude.contains(&entry.name)
        };
        Some(entries.iter().filter(fits).map(|entry| entry.name.clone()).collect())
    }

    /// A table was made.
    pub fn table(&mut self, table: &str) {
        self.tables.insert(table.to_owned(), Vec::new());
        // What came before it has nothing to do with it.
        self.doubtful.remove(table);
    }

    pub fn drop_table(&mut self, table: &str) {
        self.tables.remove(table);
        self.doubtful.remove(table);
    }

    /// Somebody else ran something that speaks of a table.
    pub fn doubt(&mut self, table: &str) {
        self.doubtful.insert(table.to_owned());
    }

    pub fn doubt_all(&mut self) {
        self.all_doubtful = true;
    }

    /// A text names indexes or constraints: their tables are in doubt.
    pub fn doubt_named(&mut self, text: &str) {
        for (table, entries) in &self.tables {
            if entries.iter().any(|entry| text.contains(&entry.name.to_lowercase())) {
                self.doubtful.insert(table.clone());
            }
        }
    }

    pub fn tables(&self) -> impl Iterator<Item = &String> {
        self.tables.keys()
    }

    pub fn is_doubtful(&self, table: &str) -> bool {
        self.all_doubtful || self.doubtful.contains(table) || !self.tables.contains_key(table)
    }

    pub fn add(&mut self, table: &str, entry: Entry) {
        if let Some(entries) = self.tables.get_mut(table) {
            entries.push(entry);
        }
    }

    /// What PostgreSQL calls a constraint that was written without a name.
    pub fn add_unnamed(&mut self, table: &str, column: &str, kind: EntryKind) {
        let (_, short) = split(table);
        let (of, label) = match kind {
            EntryKind::Primary => ("", "pkey"),
            EntryKind::Unique | EntryKind::Index { .. } => (column, "key"),
            EntryKind::Check => (column, "check"),
            EntryKind::ForeignKey => (column, "fkey"),
            EntryKind::Exclusion => (column, "excl"),
        };
        let name = given_by_the_server(short, of, label, |name| self.is_taken(name));
        self.add(table, Entry { name, columns: vec![column.to_owned()], kind });
    }

    fn is_taken(&self, name: &str) -> bool {
        self.tables.keys().any(|table| split(table).1 == name)
            || self.tables.values().flatten().any(|entry| entry.name == name)
    }

    /// A statement of ours ran.
    pub fn note(&mut self, statement: &Statement) {
        let (Some(makes), Some(table), Some(name)) = (&statement.makes, statement.table(), statement.name())
        else {
            return;
        };
        let mut columns = statement.columns();
        let kind = match makes {
            Makes::Unique => EntryKind::Unique,
            Makes::ForeignKey => EntryKind::ForeignKey,
            Makes::Primary => EntryKind::Primary,
            Makes::Check { columns: named } => {
                columns = named.iter().map(|column| column.name.clone()).collect();
                EntryKind::Check
            }
            Makes::Index { unique, method, has_parameters, include } => {
                columns.extend(include.iter().cloned());
                let plain =
                    matches!(method.as_str(), "" | "btree") && !name.ends_with("_btree") && !has_parameters;
                EntryKind::Index { unique: *unique, plain }
            }
        };
        let table = table.to_owned();
        self.add(&table, Entry { name: as_kept(&name), columns, kind });
    }

    pub fn drop_name(&mut self, table: &str, name: &str) {
        let name = as_kept(name);
        if let Some(entries) = self.tables.get_mut(table) {
            entries.retain(|entry| entry.name != name);
        }
    }

    pub fn rename(&mut self, old: &str, new: &str) {
        let (old, new) = (as_kept(old), as_kept(new));
        for entry in self.tables.values_mut().flatten() {
            if entry.name == old {
                entry.name.clone_from(&new);
            }
        }
    }

    pub fn rename_table(&mut self, old: &str, new: &str) {
        if let Some(entries) = self.tables.remove(old) {
            self.tables.insert(new.to_owned(), entries);
        }
        if self.doubtful.remove(old) {
            self.doubtful.insert(new.to_owned());
        }
    }

    pub fn rename_column(&mut self, table: &str, old: &str, new: &str) {
        for entry in self.tables.get_mut(table).into_iter().flatten() {
            for column in &mut entry.columns {
                if column == old {
                    new.clone_into(column);
                }
            }
        }
    }

    /// Everything over a column goes with it.
    pub fn drop_column(&mut self, table: &str, column: &str) {
        if let Some(entries) = self.tables.get_mut(table) {
            entries.retain(|entry| !entry.columns.iter().any(|known| known == column));
        }
    }
}

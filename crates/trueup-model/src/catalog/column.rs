//! Columns of tables and views.

use crate::catalog::sequence::SequenceOptions;
use crate::name::{Ident, Text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Counted from 1 over the columns that exist: dropped ones leave no gap.
    pub position: u16,
    /// With modifiers, qualified outside of `pg_catalog`: `numeric(12,2)`.
    pub data_type: Text,
    /// Where it is not the collation of the type.
    pub collation: Option<Text>,
    pub not_null: Option<NotNull>,
    pub default: Option<Text>,
    /// The default is `nextval` of a sequence that this column owns.
    pub serial: bool,
    pub identity: Option<Box<Identity>>,
    pub generated: Option<Generated>,
    /// Where it is not the storage of the type.
    pub storage: Option<Text>,
    /// Where it was chosen for this column.
    pub compression: Option<Text>,
    pub statistics_target: Option<i32>,
    /// `n_distinct=…` and the like, sorted.
    pub options: Vec<Text>,
    /// Options of a foreign table's column, sorted.
    pub foreign_options: Vec<Text>,
    /// It comes from a parent table, and only from there.
    pub inherited: bool,
}

/// A NOT NULL. From PostgreSQL 18 it is a constraint with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotNull {
    pub name: Option<Ident>,
    pub no_inherit: bool,
    pub validated: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub mode: IdentityMode,
    pub sequence: Ident,
    pub options: SequenceOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityMode {
    Always,
    ByDefault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    pub expression: Text,
    pub kind: GeneratedKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeneratedKind {
    Stored,
    Virtual,
}

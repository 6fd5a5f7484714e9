//! Constraints: primary keys, unique constraints, foreign keys, checks and exclusions.

use crate::name::{Ident, QualifiedName, Text};

/// A primary key or a unique constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub columns: Vec<Ident>,
    pub include: Vec<Ident>,
    pub nulls_not_distinct: bool,
    /// `WITHOUT OVERLAPS` on the last column.
    pub without_overlaps: bool,
    pub deferral: Deferral,
    /// Storage parameters of the index behind it, sorted.
    pub index_options: Vec<Text>,
    pub tablespace: Option<Ident>,
    pub index_comment: Option<Text>,
    /// It comes with the constraint of a parent table and cannot be dropped alone.
    pub inherited: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub expression: Text,
    pub validated: bool,
    pub enforced: bool,
    pub no_inherit: bool,
    pub inherited: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    pub columns: Vec<Ident>,
    pub references: QualifiedName,
    pub referenced_columns: Vec<Ident>,
    pub matching: ForeignKeyMatch,
    pub on_update: ForeignKeyAction,
    pub on_delete: ForeignKeyAction,
    /// The columns named in `ON DELETE SET NULL (…)`.
    pub on_delete_columns: Vec<Ident>,
    /// `PERIOD` on the last column.
    pub period: bool,
    pub deferral: Deferral,
    pub validated: bool,
    pub enforced: bool,
    /// Its triggers, where somebody changed when they fire.
    pub fires: FireState,
    pub inherited: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// As `pg_get_constraintdef` writes it, without the deferral.
    pub definition: Text,
    pub deferral: Deferral,
    pub index_options: Vec<Text>,
    pub tablespace: Option<Ident>,
    pub index_comment: Option<Text>,
    pub inherited: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deferral {
    NotDeferrable,
    InitiallyImmediate,
    InitiallyDeferred,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKeyMatch {
    Simple,
    Full,
    Partial,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKeyAction {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

/// When a trigger or rule fires, by `session_replication_role`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FireState {
    Origin,
    Disabled,
    Replica,
    Always,
}

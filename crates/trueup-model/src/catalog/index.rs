//! Indexes that stand for themselves. Those behind a constraint belong to the constraint.

use crate::name::{Ident, Text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub method: Ident,
    pub unique: bool,
    pub nulls_not_distinct: bool,
    pub keys: Vec<IndexKey>,
    pub include: Vec<Ident>,
    pub predicate: Option<Text>,
    /// Usable by queries: not left over from a build that failed.
    pub valid: bool,
    /// Storage parameters as `name=value`, sorted.
    pub options: Vec<Text>,
    pub tablespace: Option<Ident>,
    /// Statistics targets of expression columns as `2=500`, sorted.
    pub statistics_targets: Vec<Text>,
    /// It comes with the index of a parent table and cannot be dropped alone.
    pub inherited: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexKey {
    /// A column, quoted where it must be, or an expression in parentheses.
    pub expression: Text,
    /// Where it is not the collation of the column.
    pub collation: Option<Text>,
    /// Where it is not the default of the type, or has parameters.
    pub operator_class: Option<Text>,
    /// Parameters of the operator class as `name=value`, sorted.
    pub operator_class_options: Vec<Text>,
    pub descending: bool,
    pub nulls_first: bool,
}

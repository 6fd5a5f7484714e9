//! Sequences that stand for themselves or feed a serial column. Those of identity columns belong to the column.

use crate::catalog::relation::Persistence;
use crate::name::{Ident, QualifiedName, Text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    pub options: SequenceOptions,
    pub owned_by: Option<OwnedBy>,
    pub persistence: Persistence,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceOptions {
    pub data_type: Text,
    pub start: i64,
    pub increment: i64,
    pub minimum: i64,
    pub maximum: i64,
    pub cache: i64,
    pub cycle: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnedBy {
    pub table: QualifiedName,
    pub column: Ident,
}

//! Extended statistics.

use crate::name::{Ident, QualifiedName, Text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    pub table: QualifiedName,
    /// `ndistinct`, `dependencies`, `mcv`, sorted.
    pub kinds: Vec<Text>,
    pub columns: Vec<Ident>,
    /// In their order.
    pub expressions: Vec<Text>,
    pub target: Option<i32>,
}

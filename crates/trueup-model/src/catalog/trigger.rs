//! Triggers on tables and views, constraint triggers included.

use crate::catalog::constraint::{Deferral, FireState};
use crate::name::{Ident, QualifiedName, Text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// `BEFORE`, `AFTER` or `INSTEAD OF`.
    pub timing: Text,
    /// `INSERT`, `DELETE`, `UPDATE`, `TRUNCATE`, in this order.
    pub events: Vec<Text>,
    /// The columns of `UPDATE OF`.
    pub columns: Vec<Ident>,
    pub for_each_row: bool,
    pub function: QualifiedName,
    pub arguments: Vec<Text>,
    pub condition: Option<Text>,
    pub old_table: Option<Ident>,
    pub new_table: Option<Ident>,
    /// A constraint trigger, and the table that it names in `FROM`.
    pub constraint: Option<Deferral>,
    pub from_table: Option<QualifiedName>,
    pub fires: FireState,
    /// It comes with the trigger of a parent table.
    pub inherited: bool,
}

//! Event triggers.

use crate::catalog::constraint::FireState;
use crate::name::{QualifiedName, Text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTrigger {
    pub event: Text,
    /// Sorted.
    pub tags: Vec<Text>,
    pub function: QualifiedName,
    pub fires: FireState,
}

//! Row security policies.

use crate::name::{Role, Text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub command: PolicyCommand,
    pub permissive: bool,
    /// Sorted.
    pub roles: Vec<Role>,
    pub using: Option<Text>,
    pub with_check: Option<Text>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyCommand {
    All,
    Select,
    Insert,
    Update,
    Delete,
}

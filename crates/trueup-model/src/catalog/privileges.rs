//! Privileges on objects, and the ones that new objects will get.

use crate::name::{Ident, Role, Text};

/// One privilege of one role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    pub role: Role,
    /// `SELECT`, `EXECUTE`, …
    pub privilege: Text,
    pub grantable: bool,
}

/// `ALTER DEFAULT PRIVILEGES`: for whose objects, where, and of which kind is in the path; what is given and
/// taken is in the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultPrivileges {
    pub role: Ident,
    pub schema: Option<Ident>,
    /// `tables`, `sequences`, `functions`, `types`, `schemas`, `large objects`.
    pub objects: Text,
}

//! Extensions. What belongs to one is the extension's, and is not listed.

use crate::name::{Ident, Text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    pub schema: Ident,
    pub version: Text,
    /// The version is the one that this server installs when asked for none: then it says nothing about the
    /// migration, and is compared only between servers that offer the same.
    pub is_default_version: bool,
}

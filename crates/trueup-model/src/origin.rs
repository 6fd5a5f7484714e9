//! Where something comes from: a place in a file, and the migration that claims it.

use std::sync::Arc;

use crate::name::Text;

/// A place in a file of the project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The path as shown: relative to the project, with forward slashes.
    pub file: Arc<str>,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
}

impl Place {
    pub fn new(file: impl Into<Arc<str>>, line: u32, column: u32) -> Self {
        Self { file: file.into(), line, column }
    }

    pub fn start_of(file: impl Into<Arc<str>>) -> Self {
        Self::new(file, 1, 1)
    }
}

/// The migration, and within it the statement, that claims what a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub migration: Text,
    pub place: Option<Place>,
    /// The source that begins at `place`, to be shown with a caret below it.
    pub excerpt: Option<Arc<str>>,
    /// When the ledger says that the migration was applied, as the ledger wrote it (ISO 8601).
    pub recorded_at: Option<Text>,
}

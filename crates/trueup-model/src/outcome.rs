//! What a check ends with: everything that the reports need, and nothing that they would have to look up.

use crate::finding::{Finding, Severity};
use crate::name::Text;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOutcome {
    pub database: DatabaseSummary,
    pub history: HistorySummary,
    pub shadow: ShadowSummary,
    pub diagnoses: Vec<Diagnosis>,
    /// In report order.
    pub findings: Vec<Finding>,
    /// Sentences about what was done and what could not be done, for people.
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseSummary {
    pub engine: &'static str,
    pub server_version: Text,
    pub name: Text,
    /// Schemas that were compared, sorted.
    pub schemas: Vec<Text>,
    /// How many tables of the database were compared.
    pub tables: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistorySummary {
    pub framework: &'static str,
    pub root: Text,
    pub migrations: usize,
    pub applied: usize,
    pub pending: usize,
    pub opaque: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShadowSummary {
    /// `embedded`, `local` or `url`.
    pub kind: &'static str,
    pub server_version: Text,
    /// The expected catalog was known already: nothing was replayed.
    pub from_cache: bool,
}

/// Several findings explained by one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    pub cause: Cause,
    pub confidence: Confidence,
    pub summary: String,
    pub evidence: Vec<String>,
    /// Ids of findings.
    pub findings: Vec<String>,
    /// Commands that can be typed next.
    pub next: Vec<String>,
}

macro_rules! words {
    ($(#[$outer:meta])* $name:ident { $($(#[doc = $doc:literal])+ $variant:ident $word:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[doc = $doc])+ $variant),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// Why a database is not what its history says.
    Cause {
        /// Recorded as applied, but its statements never ran here.
        Faked "faked",
        /// It ran, in another schema.
        WrongSchema "wrong-schema",
        /// The file was changed after it had been applied.
        EditedAfterApply "edited-after-apply",
        /// It stopped in the middle.
        HalfApplied "half-applied",
        /// Somebody changed the database directly.
        ChangedByHand "changed-by-hand",
        /// The database is a copy from an earlier time.
        RestoredOlderState "restored-older-state",
        /// It was made from a migration that is in no file.
        NeverCommitted "never-committed",
        /// Left over from an older state of the history.
        Zombie "zombie",
        /// Made by another version of the framework.
        FrameworkVersion "framework-version",
        /// Nothing that was seen tells why.
        Unknown "unknown",
    }
}

words! {
    /// How sure a diagnosis is of its cause.
    Confidence {
        /// The evidence allows no other explanation that trueup knows.
        Certain "certain",
        /// The evidence speaks for it, and another explanation is possible.
        Likely "likely",
        /// One explanation among several.
        Possible "possible",
    }
}

impl CheckOutcome {
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

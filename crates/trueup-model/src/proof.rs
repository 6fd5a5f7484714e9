//! What was shown about a repair before it may touch a database that matters.

use std::fmt;

use crate::name::QualifiedName;

/// What holds, each a sentence about a run on a shadow. All of them have to, or there is no proof.
pub const STATEMENTS: [&str; 3] = [
    "the found state with the repair is the expected one",
    "a second run of the repair changes nothing",
    "the expected state with the repair stays as it is",
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub fingerprints: Fingerprints,
    /// The tables whose rows were looked at before and after.
    pub rows: Vec<RowsKept>,
    pub shadow: ProofShadow,
    /// Whether the way back was run too and led to the found state. `None`: there is none.
    pub way_back: Option<bool>,
    /// What was not shown, and why.
    pub unproven: Vec<NotProven>,
}

/// What the proof is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprints {
    pub found: Fingerprint,
    pub expected: Fingerprint,
    pub script: Fingerprint,
}

/// A hash: equal where what it was made of is equal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsKept {
    pub table: QualifiedName,
    pub rows: u64,
    /// How many columns had the same values afterwards.
    pub columns: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofShadow {
    /// `embedded`, `local` or `url`.
    pub kind: &'static str,
    pub server_version: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotProven {
    pub what: String,
    pub why: String,
}

//! Findings that somebody has decided to live with.

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The id of the finding.
    pub finding: String,
    /// The same in words, for those who read the file.
    pub about: String,
    /// What was found then. Anything else is another matter.
    pub found: Option<String>,
    pub reason: String,
    pub owner: String,
    /// `2026-02-28`
    pub since: String,
    /// The last day on which it counts.
    pub until: Option<String>,
}

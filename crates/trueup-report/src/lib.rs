//! What a check found, written down: one file per format, each a function from data to text.
//!
//! Nothing here prints, reads a file or looks at a terminal. Every text passes through [`redact`] before a format
//! sees it, and no control character of a hostile name reaches a reader.

mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod kept_run;
mod markdown;
mod sarif;
mod text;

mod overview;

mod escape;
mod plan;
mod plural;
mod proof_file;
mod redact;
mod report;
mod run_plan;
mod shell;
mod words;

use trueup_model::{CheckOutcome, Severity};

pub use kept_run::KeptRun;
pub use plan::{Planned, plan};
pub use proof_file::{ProofFile, ProvenFile, WayBackPart};
pub use redact::redact;
pub use report::{NumberedDiagnosis, Report, ReportedFinding};
pub use run_plan::run_plan;
pub use shell::{permission, shell_word};
pub use words::sentence;

/// A way to write a report down.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What is typed after `--format`.
    pub name: &'static str,
    /// What it is for, for the help text.
    pub purpose: &'static str,
    /// It has a place for sentences about what was done and what could not be done. Where it has none, they are talk.
    pub has_notes: bool,
    render: fn(&Report, &Style) -> String,
}

/// Every format, in the order of the help text. A new one is a file and a line here.
pub const FORMATS: &[Format] = &[
    text::FORMAT,
    json::FORMAT,
    sarif::FORMAT,
    junit::FORMAT,
    github::FORMAT,
    gitlab::FORMAT,
    markdown::FORMAT,
    html::FORMAT,
];

impl Format {
    pub fn named(name: &str) -> Option<&'static Format> {
        FORMATS.iter().find(|format| format.name == name)
    }
}

/// How a report is to look. Only formats for people ask for the width and the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// In columns of a terminal.
    pub width: usize,
    pub colour: bool,
    /// The mildest severity that fails a check (`--fail-on`).
    pub threshold: Severity,
    /// Nothing is folded or left out.
    pub verbose: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 80, colour: false, threshold: Severity::Warning, verbose: false }
    }
}

/// Writes an outcome down. The text ends with a line break.
pub fn render(outcome: &CheckOutcome, format: &Format, style: &Style) -> String {
    (format.render)(&Report::new(outcome), style)
}

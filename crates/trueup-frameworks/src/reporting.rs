//! Findings about files and about ledger rows, all made here, so that they read alike.

use std::sync::Arc;

use trueup_model::finding::NamedCode;
use trueup_model::{Code, Finding, Origin, Place, Severity, Text};

/// Something wrong at a place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub message: String,
    pub place: Place,
    pub excerpt: Option<Arc<str>>,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>, place: Place) -> Self {
        Self { message: message.into(), place, excerpt: None }
    }

    /// At the beginning of a line, with the line shown.
    pub(crate) fn at_line(message: impl Into<String>, file: &Arc<str>, line: u32, text: &str) -> Self {
        Self { message: message.into(), place: Place::new(file.clone(), line, 1), excerpt: excerpt_of(text) }
    }
}

/// What stands at a place, to the end of its line; the whole line where that is its end.
pub(crate) fn excerpt_at(line: &str, place: &Place) -> Option<Arc<str>> {
    let column = usize::try_from(place.column).unwrap_or(1).saturating_sub(1);
    let start = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    excerpt_of(&line[start..]).or_else(|| excerpt_of(line))
}

/// A place with its line and a caret below it, for a message that stands outside of a report.
pub(crate) fn pointed(line: &str, place: &Place) -> String {
    let Place { file, line: number, column } = place;
    let line = line.trim_end();
    if line.trim().is_empty() {
        return format!("  --> {file}:{number}:{column}");
    }
    let number = number.to_string();
    let gap = " ".repeat(number.len());
    let before = usize::try_from(*column).unwrap_or(1).saturating_sub(1);
    // A tab before the caret is as wide as the one in the line above it.
    let indent: String = line.chars().take(before).map(|c| if c == '\t' { c } else { ' ' }).collect();
    let shown: String = line.chars().take(200).collect();
    format!("{gap}--> {file}:{number}:{column}\n{gap} |\n{number} | {shown}\n{gap} | {indent}^")
}

/// A line as it is shown under a finding: not empty, and not without end.
pub(crate) fn excerpt_of(line: &str) -> Option<Arc<str>> {
    let line = line.trim_end();
    (!line.trim().is_empty()).then(|| Arc::from(line.chars().take(200).collect::<String>()))
}

pub(crate) fn file_finding(
    code: NamedCode,
    severity: Severity,
    migration: &str,
    fault: &Fault,
    hint: &str,
) -> Finding {
    let mut finding = Finding::new(Code::Named(code), severity);
    finding.found = Some(fault.message.clone());
    finding.origin = Some(Origin {
        migration: Text::new(migration),
        place: Some(fault.place.clone()),
        excerpt: fault.excerpt.clone(),
        recorded_at: None,
    });
    finding.hint = (!hint.is_empty()).then(|| hint.to_owned());
    finding
}

pub(crate) fn ledger_finding(
    code: NamedCode,
    severity: Severity,
    migration: &str,
    recorded_at: Option<Text>,
    found: impl Into<String>,
    hint: &str,
) -> Finding {
    let mut finding = Finding::new(Code::Named(code), severity);
    finding.found = Some(found.into());
    finding.origin =
        Some(Origin { migration: Text::new(migration), place: None, excerpt: None, recorded_at });
    finding.hint = (!hint.is_empty()).then(|| hint.to_owned());
    finding
}

/// A file that looks like a migration and that the tool will never run.
pub(crate) fn ignored_file(file: &str, message: impl Into<String>, hint: &str) -> Finding {
    let stem = file.rsplit('/').next().unwrap_or(file);
    file_finding(
        NamedCode::UnreadableMigration,
        Severity::Warning,
        stem,
        &Fault::new(message, Place::start_of(file)),
        hint,
    )
}

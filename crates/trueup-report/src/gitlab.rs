//! GitLab's code quality report: a list of problems, shown in merge requests.

use std::collections::HashMap;

use serde::Serialize;

use trueup_model::Severity;

use crate::report::{Report, ReportedFinding};
use crate::{Format, Style, json};

pub const FORMAT: Format = Format {
    name: "gitlab",
    purpose: "for GitLab: a code quality report for merge requests",
    has_notes: false,
    render,
};

#[derive(Serialize)]
struct Problem<'a> {
    description: &'a str,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

fn render(report: &Report, _: &Style) -> String {
    let mut occurrences = HashMap::new();
    let problems: Vec<_> = report
        .findings
        .iter()
        .map(|reported| {
            let occurrence = occurrences.entry(reported.id.as_str()).or_insert(0_usize);
            *occurrence += 1;
            problem(report, reported, *occurrence)
        })
        .collect();
    json::document(&problems)
}

/// GitLab drops problems that share a fingerprint, and problems without a place: the second of an id gets a number,
/// and what no file claims is shown at the folder of the history.
fn problem<'a>(report: &'a Report, reported: &'a ReportedFinding, occurrence: usize) -> Problem<'a> {
    let finding = &reported.finding;
    let place = finding.origin.as_ref().and_then(|origin| origin.place.as_ref());
    Problem {
        description: &reported.sentence,
        check_name: finding.code.to_string(),
        fingerprint: match occurrence {
            1 => reported.id.clone(),
            _ => format!("{}-{occurrence}", reported.id),
        },
        severity: match finding.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Info => "info",
        },
        location: match place {
            Some(place) => Location { path: &place.file, lines: Lines { begin: place.line } },
            None => Location { path: report.history.root.as_str(), lines: Lines { begin: 1 } },
        },
    }
}

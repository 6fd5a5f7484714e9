//! Says why: groups findings under causes, with the evidence for each.
//!
//! A finding belongs to one diagnosis at most, the first that claims it: causes are asked in order, the most certain
//! first.

mod edited;
mod half_applied;
mod not_run;
mod wrong_schema;

mod by_hand;
mod left_over;
mod never_committed;

mod extent;
mod next;

use std::collections::BTreeSet;

use trueup_model::outcome::Diagnosis;
use trueup_model::{Finding, Text};

use crate::provenance::Claims;

/// What is known about the surroundings of the live database that can be evidence.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The search path of a fresh session, as the server shows it.
    pub search_path: Option<String>,
}

pub fn diagnose(findings: &[Finding], claims: &Claims<'_>, surroundings: &Surroundings) -> Vec<Diagnosis> {
    let mut open: Vec<&Finding> = findings.iter().collect();
    let mut diagnoses = Vec::new();
    diagnoses.extend(wrong_schema::wrong_schema(&mut open, claims, surroundings));
    diagnoses.extend(half_applied::half_applied(&mut open, claims));
    diagnoses.extend(edited::edited(&mut open));
    diagnoses.extend(not_run::not_run(&mut open, claims));
    diagnoses.extend(never_committed::never_committed(&mut open));
    diagnoses.extend(left_over::left_over(&mut open));
    diagnoses.extend(by_hand::by_hand(&mut open, claims));
    for diagnosis in &mut diagnoses {
        let its: Vec<&Finding> =
            findings.iter().filter(|finding| diagnosis.findings.contains(&finding.id())).collect();
        diagnosis.next = next::next(&its);
    }
    diagnoses
}

/// Takes the findings that `wanted` wants out of the open ones.
fn take<'a>(open: &mut Vec<&'a Finding>, mut wanted: impl FnMut(&Finding) -> bool) -> Vec<&'a Finding> {
    let (taken, rest) = std::mem::take(open).into_iter().partition(|finding| wanted(finding));
    *open = rest;
    taken
}

fn ids(findings: &[&Finding]) -> Vec<String> {
    findings.iter().map(|finding| finding.id()).collect()
}

fn migration_of(finding: &Finding) -> Option<&Text> {
    finding.origin.as_ref().map(|origin| &origin.migration)
}

fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// `a, b and 3 more`.
fn listed(names: &BTreeSet<&Text>) -> String {
    let shown: Vec<&str> = names.iter().take(3).map(|name| name.as_str()).collect();
    let more = names.len() - shown.len();
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

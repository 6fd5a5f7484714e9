//! A migration that stopped in the middle, as the tool itself or a pending migration says.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::finding::NamedCode;
use trueup_model::outcome::{Cause, Confidence, Diagnosis};
use trueup_model::{Code, Finding, ObjectPath, Text};

use super::extent::Extent;
use super::{ids, migration_of, take};
use crate::pending::{MISSING, OTHERWISE};
use crate::provenance::Claims;

/// The tool itself wrote down that it did not finish.
pub(super) fn half_applied(open: &mut Vec<&Finding>, claims: &Claims<'_>) -> Vec<Diagnosis> {
    // What the ledger says is certain; what is only seen in the database may have other reasons.
    let by_ledger: BTreeSet<Text> = open
        .iter()
        .filter(|finding| {
            finding.code == Code::Named(NamedCode::HalfAppliedMigration) && finding.expected.is_none()
        })
        .filter_map(|finding| migration_of(finding).cloned())
        .collect();
    let failed: BTreeMap<Text, String> = open
        .iter()
        .filter(|finding| finding.code == Code::Named(NamedCode::HalfAppliedMigration))
        .filter_map(|finding| {
            Some((migration_of(finding)?.clone(), finding.found.clone().unwrap_or_default()))
        })
        .collect();
    let mut diagnoses = Vec::new();
    for (migration, said) in failed {
        let taken = take(open, |finding| migration_of(finding) == Some(&migration));
        let mut evidence = if said.is_empty() {
            vec![format!("{migration} was started and not finished")]
        } else {
            in_short(&said)
        };
        evidence.extend(present_and_missing(&migration, &taken, claims));
        let lacks = said.contains(MISSING)
            || said.contains(OTHERWISE)
            || taken.iter().any(|finding| matches!(finding.code, Code::Missing(_)));
        let certain = by_ledger.contains(&migration);
        diagnoses.push(Diagnosis {
            cause: Cause::HalfApplied,
            confidence: if certain { Confidence::Certain } else { Confidence::Likely },
            summary: match (certain, lacks) {
                (true, true) => format!("{migration} stopped in the middle"),
                (true, false) => {
                    format!("{migration} was started, and the ledger does not say that it ended")
                }
                (false, _) => {
                    format!("{migration} stopped in the middle, and the ledger does not know that it ran")
                }
            },
            evidence,
            findings: ids(&taken),
            next: Vec::new(),
        });
    }
    diagnoses
}

/// What the finding says, without the names: those are told there.
fn in_short(said: &str) -> Vec<String> {
    let end = [MISSING, OTHERWISE].iter().filter_map(|names| said.find(names)).min();
    said[..end.unwrap_or(said.len())].split("; ").map(str::to_owned).collect()
}

fn present_and_missing(migration: &Text, taken: &[&Finding], claims: &Claims<'_>) -> Option<String> {
    let index = claims.history.migrations.iter().position(|content| content.id == *migration)?;
    let missing: BTreeSet<&ObjectPath> = taken
        .iter()
        .filter(|finding| matches!(finding.code, Code::Missing(_)))
        .filter_map(|finding| finding.object.as_ref())
        .collect();
    let extent = Extent::of(u32::try_from(index).ok()?, &missing, claims);
    let all = extent.present + extent.missing;
    (all > 0).then(|| format!("{} of {all} objects that it makes are there", extent.present))
}

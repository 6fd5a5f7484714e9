//! Tables of an earlier time.

use std::collections::BTreeSet;

use trueup_model::finding::NamedCode;
use trueup_model::outcome::{Cause, Confidence, Diagnosis};
use trueup_model::{Code, Finding, Text};

use super::{counted, ids, listed, migration_of, take};

/// Tables whose name the history once used and does not use any more. Only the name says so.
pub(super) fn left_over(open: &mut Vec<&Finding>) -> Option<Diagnosis> {
    let taken = take(open, |finding| finding.code == Code::Named(NamedCode::ZombieTable));
    if taken.is_empty() {
        return None;
    }
    let made: BTreeSet<&Text> = taken.iter().filter_map(|finding| migration_of(finding)).collect();
    Some(Diagnosis {
        cause: Cause::Zombie,
        confidence: Confidence::Possible,
        summary: format!(
            "{} of an older state of the history, or made by hand under such a name",
            counted(taken.len(), "table is left over", "tables are left over")
        ),
        evidence: vec![format!("made by {}, and later dropped or renamed", listed(&made))],
        findings: ids(&taken),
        next: Vec::new(),
    })
}

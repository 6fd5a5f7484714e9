//! A migration whose file was changed after it had been applied.

use std::collections::BTreeSet;

use trueup_model::finding::NamedCode;
use trueup_model::outcome::{Cause, Confidence, Diagnosis};
use trueup_model::{Code, Finding, Text};

use super::{counted, ids, migration_of, take};

/// That it was changed is certain. What differs in the objects that it makes may follow from that, or have reasons of
/// its own: nobody knows what the file said before.
pub(super) fn edited(open: &mut Vec<&Finding>) -> Vec<Diagnosis> {
    let edited: BTreeSet<Text> = open
        .iter()
        .filter(|finding| finding.code == Code::Named(NamedCode::EditedMigration))
        .filter_map(|finding| migration_of(finding).cloned())
        .collect();
    edited
        .into_iter()
        .map(|migration| {
            let taken = take(open, |finding| migration_of(finding) == Some(&migration));
            let others = taken.len() - 1;
            let consequence = match others {
                0 => "the database shows no difference that follows from it".to_owned(),
                _ => format!(
                    "{} in what it makes may follow from it",
                    counted(others, "difference", "differences")
                ),
            };
            Diagnosis {
                cause: Cause::EditedAfterApply,
                confidence: Confidence::Certain,
                summary: format!("{migration} was changed after it had been applied"),
                evidence: vec![
                    "the recorded checksum is not the checksum of the file".to_owned(),
                    consequence,
                ],
                findings: ids(&taken),
                next: Vec::new(),
            }
        })
        .collect()
}

//! What somebody did to the database itself.

use trueup_model::finding::NamedCode;
use trueup_model::outcome::{Cause, Confidence, Diagnosis};
use trueup_model::{Code, Finding};

use super::{counted, ids, listed, take};
use crate::provenance::Claims;

/// What is there and no migration makes, or is not as the migration made it.
pub(super) fn by_hand(open: &mut Vec<&Finding>, claims: &Claims<'_>) -> Vec<Diagnosis> {
    let unread = claims.unread();
    let taken = take(open, |finding| match finding.code {
        // What a migration may make that was not read is nobody's doing.
        Code::Unexpected(_) if !unread.is_empty() => {
            finding.object.as_ref().is_none_or(|path| claims.may_be_made_by(path).is_none())
        }
        Code::Missing(_) | Code::Unexpected(_) | Code::Different(_) | Code::Renamed(_) => true,
        Code::Misplaced(_) => false,
        Code::Named(code) => matches!(
            code,
            NamedCode::DuplicateConstraint
                | NamedCode::DuplicateIndex
                | NamedCode::DisabledTrigger
                | NamedCode::InvalidIndex
                | NamedCode::BackupTable
                | NamedCode::ForeignOwner
        ),
    });
    let significant = taken.iter().filter(|finding| finding.severity > trueup_model::Severity::Info).count();
    if significant == 0 {
        return Vec::new();
    }
    let count = |wanted: fn(&Code) -> bool| taken.iter().filter(|finding| wanted(&finding.code)).count();
    let missing = count(|code| matches!(code, Code::Missing(_)));
    // An index that the history knows and that became invalid has an origin; one that nobody knows has none.
    let unexpected = taken
        .iter()
        .filter(|finding| match finding.code {
            Code::Unexpected(_) => true,
            Code::Named(code) => {
                matches!(
                    code,
                    NamedCode::DuplicateConstraint | NamedCode::DuplicateIndex | NamedCode::BackupTable
                ) || (code == NamedCode::InvalidIndex && finding.origin.is_none())
            }
            Code::Missing(_) | Code::Different(_) | Code::Renamed(_) | Code::Misplaced(_) => false,
        })
        .count();
    let different = taken.len() - missing - unexpected;
    let mut evidence = Vec::new();
    if unexpected > 0 {
        evidence.push(format!(
            "{} in the database that no migration {}makes",
            counted(unexpected, "object", "objects"),
            if unread.is_empty() { "" } else { "that could be read " }
        ));
        if !unread.is_empty() {
            evidence.push(format!("not read as a whole: {}", listed(&unread)));
        }
    }
    if different > 0 {
        evidence.push(format!(
            "{} left it",
            counted(
                different,
                "property is not as the last migration that sets it",
                "properties are not as the last migration that sets each"
            )
        ));
    }
    if missing > 0 {
        evidence.push(format!(
            "{} although other objects of the same migration are there",
            counted(missing, "object is missing", "objects are missing")
        ));
    }
    vec![Diagnosis {
        cause: Cause::ChangedByHand,
        confidence: if unread.is_empty() || unexpected == 0 {
            Confidence::Likely
        } else {
            Confidence::Possible
        },
        summary: "the database was changed directly, without a migration".to_owned(),
        evidence,
        findings: ids(&taken),
        next: Vec::new(),
    }]
}

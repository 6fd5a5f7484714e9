//! Migrations that were applied and are in no file.

use trueup_model::finding::NamedCode;
use trueup_model::outcome::{Cause, Confidence, Diagnosis};
use trueup_model::{Code, Finding};

use super::{counted, ids, migration_of, take};

/// The ledger knows migrations that no file defines, and the database has objects that no file makes.
pub(super) fn never_committed(open: &mut Vec<&Finding>) -> Vec<Diagnosis> {
    let phantoms: Vec<String> = open
        .iter()
        .filter(|finding| finding.code == Code::Named(NamedCode::PhantomMigration))
        .filter_map(|finding| {
            migration_of(finding).map(ToString::to_string).or_else(|| finding.found.clone())
        })
        .collect();
    if phantoms.is_empty() {
        return Vec::new();
    }
    let taken = take(open, |finding| {
        matches!(finding.code, Code::Unexpected(_) | Code::Named(NamedCode::PhantomMigration))
    });
    let objects = taken.len() - phantoms.len();
    let mut evidence = vec![format!("recorded, and in no file: {}", phantoms.join(", "))];
    if objects > 0 {
        evidence.push(format!("{} that no migration makes", counted(objects, "object", "objects")));
    }
    vec![Diagnosis {
        cause: Cause::NeverCommitted,
        confidence: if objects > 0 { Confidence::Likely } else { Confidence::Possible },
        summary: "migrations were applied here that are not in these files: never committed, or from another branch"
            .to_owned(),
        evidence,
        findings: ids(&taken),
        next: Vec::new(),
    }]
}

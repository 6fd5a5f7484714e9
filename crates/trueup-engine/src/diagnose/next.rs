//! What can be typed next about a diagnosis.

use std::collections::BTreeSet;

use trueup_model::finding::NamedCode;
use trueup_model::{Code, Finding};

use super::migration_of;

/// Commands, the most useful one first; none where a person has to decide.
pub(super) fn next(findings: &[&Finding]) -> Vec<String> {
    let ran_in_part = |finding: &&&Finding| {
        matches!(finding.code, Code::Named(NamedCode::HalfAppliedMigration | NamedCode::UnrecordedMigration))
    };
    let record: BTreeSet<String> = findings
        .iter()
        .filter(ran_in_part)
        .filter_map(|finding| migration_of(finding))
        .map(|migration| format!(" --record {migration}"))
        .collect();
    let differs = findings.iter().any(|finding| finding.object.is_some());
    match (record.is_empty(), differs) {
        (true, false) => Vec::new(),
        (true, true) => vec!["trueup repair".to_owned()],
        (false, _) => vec![format!("trueup repair{}", record.into_iter().collect::<String>())],
    }
}

#[cfg(test)]
mod tests {
    use trueup_model::{ObjectKind, ObjectPath, Origin, Severity};

    use super::*;

    #[test]
    fn what_differs_is_repaired_and_what_ran_in_part_is_recorded_with_it() {
        let mut missing = Finding::new(Code::Missing(ObjectKind::Schema), Severity::Error);
        missing.object = Some(ObjectPath::global(ObjectKind::Schema, "shop"));
        let of_migration = |code| {
            let mut finding = Finding::new(Code::Named(code), Severity::Error);
            finding.origin =
                Some(Origin { migration: "0007".into(), place: None, excerpt: None, recorded_at: None });
            finding
        };
        let half = of_migration(NamedCode::HalfAppliedMigration);
        let phantom = of_migration(NamedCode::PhantomMigration);
        assert_eq!(next(&[&missing]), ["trueup repair"]);
        assert_eq!(next(&[&missing, &half]), ["trueup repair --record 0007"]);
        assert_eq!(next(&[&phantom]), [] as [&str; 0]);
    }
}

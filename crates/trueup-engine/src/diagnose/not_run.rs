//! Recorded migrations of which nothing, or only the beginning, is there.

use std::collections::BTreeSet;

use trueup_model::history::TransactionMode;
use trueup_model::outcome::{Cause, Confidence, Diagnosis};
use trueup_model::{Code, Finding, ObjectPath, Text};

use super::extent::Extent;
use super::{ids, listed, migration_of, take};
use crate::provenance::Claims;

/// Recorded migrations whose objects are missing: all of them, or the ones from some statement on.
pub(super) fn not_run(open: &mut Vec<&Finding>, claims: &Claims<'_>) -> Vec<Diagnosis> {
    let mut migrations: BTreeSet<u32> = BTreeSet::new();
    let missing_paths: BTreeSet<&ObjectPath> = open
        .iter()
        .filter(|finding| matches!(finding.code, Code::Missing(_)))
        .filter_map(|finding| finding.object.as_ref())
        .collect();
    for path in &missing_paths {
        migrations.extend(claims.statement(path, None).map(|at| at.migration));
    }
    let mut faked: Vec<(Text, usize)> = Vec::new();
    let mut faked_findings: Vec<&Finding> = Vec::new();
    let mut diagnoses = Vec::new();
    for migration in migrations {
        let Some(content) =
            usize::try_from(migration).ok().and_then(|index| claims.history.migrations.get(index))
        else {
            continue;
        };
        let extent = Extent::of(migration, &missing_paths, claims);
        let id = content.id.clone();
        let is_its_own = |finding: &Finding| {
            matches!(finding.code, Code::Missing(_)) && migration_of(finding) == Some(&id)
        };
        if extent.present == 0 && extent.missing > 0 {
            faked.push((id.clone(), extent.missing));
            faked_findings.extend(take(open, is_its_own));
        } else if extent.is_a_tail() && content.transaction == TransactionMode::PerStatement {
            // Where the tool opens a transaction, everything was there once.
            let taken = take(open, is_its_own);
            diagnoses.push(Diagnosis {
                cause: Cause::HalfApplied,
                confidence: Confidence::Likely,
                summary: if claims.ledger.table.is_some() {
                    format!("{id} stopped in the middle, and was recorded all the same")
                } else {
                    format!("{id} stopped in the middle")
                },
                evidence: vec![format!(
                    "{} of {} objects that it makes are there, and all that are missing come after them in the file",
                    extent.present,
                    extent.present + extent.missing
                )],
                findings: ids(&taken),
                next: Vec::new(),
            });
        }
    }
    if !faked.is_empty() {
        diagnoses.insert(0, faked_diagnosis(&faked, &faked_findings, claims));
    }
    diagnoses
}

fn faked_diagnosis(faked: &[(Text, usize)], findings: &[&Finding], claims: &Claims<'_>) -> Diagnosis {
    let names: BTreeSet<&Text> = faked.iter().map(|(name, _)| name).collect();
    let has_ledger = claims.ledger.table.is_some();
    let mut evidence: Vec<String> = faked
        .iter()
        .take(10)
        .map(|(name, count)| {
            let key = claims.history.migrations.iter().find(|migration| migration.id == *name);
            let recorded = key
                .and_then(|migration| claims.recorded_at(&migration.key))
                .map(|at| format!(", recorded at {at}"))
                .unwrap_or_default();
            match count {
                1 => format!("{name}: the one object that it makes does not exist{recorded}"),
                _ => format!("{name}: none of the {count} objects that it makes exist{recorded}"),
            }
        })
        .collect();
    if faked.len() > 10 {
        evidence.push(format!("and {} more", faked.len() - 10));
    }
    let summary = if has_ledger {
        format!("{} recorded as applied, but never ran here", subject(&names))
    } else {
        format!("{} never run here", subject(&names))
    };
    // One object could have been dropped by hand as well; several that belong together hardly.
    let sure = faked.iter().any(|(_, count)| *count > 1) || faked.len() > 1;
    Diagnosis {
        cause: Cause::Faked,
        confidence: if sure { Confidence::Likely } else { Confidence::Possible },
        summary,
        evidence,
        findings: ids(findings),
        next: Vec::new(),
    }
}

fn subject(names: &BTreeSet<&Text>) -> String {
    match names.len() {
        1 => format!("{} was", listed(names)),
        _ => format!("{} were", listed(names)),
    }
}

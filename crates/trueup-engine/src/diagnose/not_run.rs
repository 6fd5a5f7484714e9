//! Recorded migrations of which nothing, or only the beginning, is there.

use std::collections::BTreeSet;

use trueup_model::history::{MigrationKind, TransactionMode};
use trueup_model::outcome::{Cause, Confidence, Diagnosis};
use trueup_model::path::ObjectKind;
use trueup_model::{Code, Finding, Ident, ObjectPath, Text};

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
    let last_there = last_there(open, &missing_paths, claims);
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
        } else if extent.is_a_tail()
            && content.transaction == TransactionMode::PerStatement
            && last_there.is_none_or(|last| last <= migration)
        {
            // Where the tool opens a transaction, everything was there once; and where a later migration ran, this
            // one had come to its end.
            let taken = take(open, is_its_own);
            diagnoses.push(Diagnosis {
                cause: Cause::HalfApplied,
                // One object could have been dropped by hand as well.
                confidence: if extent.missing > 1 { Confidence::Likely } else { Confidence::Possible },
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

/// The last migration that certainly ran: something that it made is there, or it changed something and nothing of
/// what it does is told. Repeatable migrations run again at any time, and say nothing about the order.
fn last_there(open: &[&Finding], missing: &BTreeSet<&ObjectPath>, claims: &Claims<'_>) -> Option<u32> {
    let told: BTreeSet<&Text> = open.iter().filter_map(|finding| migration_of(finding)).collect();
    let versioned: Vec<Option<&Text>> = claims
        .history
        .migrations
        .iter()
        .map(|content| (content.kind == MigrationKind::Versioned).then_some(&content.id))
        .collect();
    let id =
        |number: u32| usize::try_from(number).ok().and_then(|index| versioned.get(index).copied().flatten());
    let missing_wholes: BTreeSet<_> = missing.iter().filter(|path| !path.is_part()).map(place).collect();
    let is_there = |path: &ObjectPath| {
        // The sequence of a column is missing without being told.
        path.kind != ObjectKind::Sequence
            && !missing.contains(path)
            && !missing_wholes.contains(&place(&path))
    };
    let ran = claims.journal.entries.iter().filter(|(path, _)| is_there(path)).flat_map(|(_, provenance)| {
        let made = provenance.created.map(|at| at.migration).filter(|number| id(*number).is_some());
        let changed = provenance.changed.map(|at| at.migration);
        made.max(changed.filter(|number| id(*number).is_some_and(|id| !told.contains(id))))
    });
    ran.max()
}

fn place<'a>(path: &&'a ObjectPath) -> (Option<&'a Ident>, &'a Ident) {
    (path.schema.as_ref(), &path.head)
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

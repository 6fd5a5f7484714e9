//! Says why: groups findings under causes, with the evidence for each.
//!
//! A finding belongs to one diagnosis at most, the first that claims it: causes are asked in order, the most certain
//! first.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::finding::NamedCode;
use trueup_model::journal::StatementRef;
use trueup_model::outcome::{Cause, Confidence, Diagnosis};
use trueup_model::path::ObjectKind;
use trueup_model::{Code, Finding, ObjectPath, Text};

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
    diagnoses.extend(wrong_schema(&mut open, surroundings));
    diagnoses.extend(half_applied_by_ledger(&mut open, claims));
    diagnoses.extend(edited(&mut open));
    diagnoses.extend(not_run(&mut open, claims));
    diagnoses.extend(never_committed(&mut open));
    diagnoses.extend(by_hand(&mut open));
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

fn wrong_schema(open: &mut Vec<&Finding>, surroundings: &Surroundings) -> Vec<Diagnosis> {
    let mut schemas: BTreeMap<(String, String), BTreeSet<ObjectPath>> = BTreeMap::new();
    for finding in open.iter().filter(|finding| matches!(finding.code, Code::Misplaced(_))) {
        if let (Some(expected), Some(found), Some(object)) =
            (&finding.expected, &finding.found, &finding.object)
        {
            schemas.entry((found.clone(), expected.clone())).or_default().insert(object.clone());
        }
    }
    let mut diagnoses = Vec::new();
    for ((found, expected), objects) in schemas {
        let inside = |object: &ObjectPath| {
            objects.contains(object)
                || objects.iter().any(|moved| {
                    object.is_part() && moved.schema == object.schema && moved.head == object.head
                })
        };
        let taken = take(open, |finding| {
            let here = finding.object.as_ref().is_some_and(&inside);
            let schema = matches!(finding.code, Code::Unexpected(ObjectKind::Schema))
                && finding.object.as_ref().is_some_and(|object| object.head.as_str() == found);
            (matches!(finding.code, Code::Misplaced(_)) && here) || schema
        });
        let mut evidence = vec![format!(
            "{} in schema {found} under the name that was meant for {expected}",
            counted(objects.len(), "object stands", "objects stand")
        )];
        let recorded: BTreeSet<&Text> = taken.iter().filter_map(|finding| migration_of(finding)).collect();
        if !recorded.is_empty() {
            evidence.push(format!("made by {}, recorded as applied", listed(&recorded)));
        }
        if let Some(path) = &surroundings.search_path {
            evidence.push(format!("a fresh session has search_path {path}"));
        }
        diagnoses.push(Diagnosis {
            cause: Cause::WrongSchema,
            confidence: Confidence::Certain,
            summary: format!(
                "{} went to schema {found} instead of {expected}: the search path was another one when the migrations ran",
                counted(objects.len(), "object", "objects"),
            ),
            evidence,
            findings: ids(&taken),
            next: Vec::new(),
        });
    }
    diagnoses
}

/// The tool itself wrote down that it did not finish.
fn half_applied_by_ledger(open: &mut Vec<&Finding>, claims: &Claims<'_>) -> Vec<Diagnosis> {
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
        let mut evidence = vec![if said.is_empty() {
            format!("{migration} was started and not finished")
        } else {
            format!("{migration}: {said}")
        }];
        evidence.extend(present_and_missing(&migration, &taken, claims));
        let certain = by_ledger.contains(&migration);
        diagnoses.push(Diagnosis {
            cause: Cause::HalfApplied,
            confidence: if certain { Confidence::Certain } else { Confidence::Likely },
            summary: if certain {
                format!("{migration} stopped in the middle")
            } else {
                format!("{migration} stopped in the middle, and the ledger does not know that it ran")
            },
            evidence,
            findings: ids(&taken),
            next: Vec::new(),
        });
    }
    diagnoses
}

fn edited(open: &mut Vec<&Finding>) -> Vec<Diagnosis> {
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
                _ => format!("{} follow from it", counted(others, "difference", "differences")),
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

/// Recorded migrations whose objects are missing: all of them, or the ones from some statement on.
fn not_run(open: &mut Vec<&Finding>, claims: &Claims<'_>) -> Vec<Diagnosis> {
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
        } else if extent.is_a_tail() {
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

/// How much of what a migration makes is there.
struct Extent {
    present: usize,
    missing: usize,
    last_present: Option<StatementRef>,
    first_missing: Option<StatementRef>,
}

impl Extent {
    fn of(migration: u32, missing_paths: &BTreeSet<&ObjectPath>, claims: &Claims<'_>) -> Self {
        let mut extent = Extent { present: 0, missing: 0, last_present: None, first_missing: None };
        let mut count = |missing: bool, at: StatementRef| {
            if missing {
                extent.missing += 1;
                extent.first_missing =
                    Some(extent.first_missing.map_or(at, |first: StatementRef| first.min(at)));
            } else {
                extent.present += 1;
                extent.last_present = extent.last_present.max(Some(at));
            }
        };
        for (path, at) in claims.journal.created_by(migration) {
            // Parts of a missing table are missing with it, and sequences of its serial columns.
            let whole = missing_paths
                .iter()
                .any(|gone| !gone.is_part() && gone.schema == path.schema && (gone.head == path.head));
            if path.is_part() && whole {
                continue;
            }
            if path.kind == ObjectKind::Sequence
                && !missing_paths.contains(path)
                && whole_owner_gone(path, missing_paths)
            {
                continue;
            }
            count(missing_paths.contains(path), at);
        }
        // Columns have no number of their own: those that a later migration added are known by their statement.
        for path in missing_paths.iter().filter(|path| path.kind == ObjectKind::Column) {
            if let Some(at) = claims.statement(path, None).filter(|at| at.migration == migration) {
                count(true, at);
            }
        }
        extent
    }

    fn is_a_tail(&self) -> bool {
        match (self.last_present, self.first_missing) {
            (Some(present), Some(missing)) => present < missing && self.present > 0,
            _ => false,
        }
    }
}

/// `orders_id_seq` goes with `orders`.
fn whole_owner_gone(sequence: &ObjectPath, missing_paths: &BTreeSet<&ObjectPath>) -> bool {
    missing_paths.iter().any(|gone| {
        gone.kind == ObjectKind::Table
            && gone.schema == sequence.schema
            && sequence.head.as_str().starts_with(gone.head.as_str())
            && sequence.head.as_str().ends_with("_seq")
    })
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

/// The ledger knows migrations that no file defines, and the database has objects that no file makes.
fn never_committed(open: &mut Vec<&Finding>) -> Vec<Diagnosis> {
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

/// What is there and no migration makes, or is not as the migration made it.
fn by_hand(open: &mut Vec<&Finding>) -> Vec<Diagnosis> {
    let taken = take(open, |finding| match finding.code {
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
            "{} in the database that no migration makes",
            counted(unexpected, "object", "objects")
        ));
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
        confidence: Confidence::Likely,
        summary: "the database was changed directly, without a migration".to_owned(),
        evidence,
        findings: ids(&taken),
        next: Vec::new(),
    }]
}

fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

fn subject(names: &BTreeSet<&Text>) -> String {
    match names.len() {
        1 => format!("{} was", listed(names)),
        _ => format!("{} were", listed(names)),
    }
}

/// `a, b and 3 more`.
fn listed(names: &BTreeSet<&Text>) -> String {
    let shown: Vec<&str> = names.iter().take(3).map(|name| name.as_str()).collect();
    let more = names.len() - shown.len();
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

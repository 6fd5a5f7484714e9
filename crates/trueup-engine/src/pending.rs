//! Recognises migrations that ran without being recorded: objects that nobody expects yet, and that a pending
//! migration makes.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::difference::{Change, Difference};
use trueup_model::finding::NamedCode;
use trueup_model::{Catalog, Code, Finding, ObjectPath, Origin, Severity};

use crate::provenance::Claims;

/// Takes the differences that pending migrations explain out of `differences` and returns a finding for each such
/// migration. `head` is the catalog with all migrations applied, `claims` is made of that replay.
pub fn explain(
    differences: &mut Vec<Difference>,
    head: &Catalog,
    claims: &Claims<'_>,
    pending: &BTreeSet<usize>,
) -> Vec<Finding> {
    let mut present: BTreeMap<usize, BTreeSet<ObjectPath>> = BTreeMap::new();
    for difference in differences.iter() {
        if !matches!(difference.change, Change::Unexpected) || !head.contains(&difference.path) {
            continue;
        }
        let maker = claims
            .statement(&difference.path, None)
            .and_then(|at| usize::try_from(at.migration).ok())
            .filter(|migration| pending.contains(migration));
        if let Some(migration) = maker {
            present.entry(migration).or_default().insert(difference.path.clone());
        }
    }
    let explained: BTreeSet<ObjectPath> = present.values().flatten().cloned().collect();
    differences.retain(|difference| !explained.contains(&difference.path));
    present
        .into_iter()
        .filter_map(|(migration, there)| {
            let content = claims.history.migrations.get(migration)?;
            let number = u32::try_from(migration).ok()?;
            // What belongs to an object that is there as a whole was compared with it, and is not listed here.
            let made: BTreeSet<&ObjectPath> = claims
                .journal
                .created_by(number)
                .map(|(path, _)| path)
                .filter(|path| !path.is_part() || !there.iter().any(|whole| is_part_of(path, whole)))
                .collect();
            let absent = made.iter().filter(|path| !there.contains(**path) && !owned(path, &there)).count();
            let all = there.len() + absent;
            let (code, hint) = if absent == 0 {
                (
                    NamedCode::UnrecordedMigration,
                    "everything that it makes is there: record it once the rest of the schema agrees",
                )
            } else {
                (
                    NamedCode::HalfAppliedMigration,
                    "running it now fails at the first object that exists already",
                )
            };
            let mut finding = Finding::new(Code::Named(code), Severity::Error);
            finding.expected = Some("not applied".to_owned());
            finding.found = Some(format!("{} of {all} objects that it makes are there", there.len()));
            finding.hint = Some(hint.to_owned());
            finding.origin = Some(Origin {
                migration: content.id.clone(),
                place: content.up.first().map(|statement| statement.place.clone()),
                excerpt: content.up.first().map(|statement| statement.text.clone()),
                recorded_at: None,
            });
            Some(finding)
        })
        .collect()
}

fn is_part_of(part: &ObjectPath, whole: &ObjectPath) -> bool {
    !whole.is_part() && part.schema == whole.schema && part.head == whole.head
}

/// The sequence of a serial column of a table that is there.
fn owned(path: &ObjectPath, there: &BTreeSet<ObjectPath>) -> bool {
    path.kind == trueup_model::ObjectKind::Sequence
        && there
            .iter()
            .any(|whole| path.schema == whole.schema && path.head.as_str().starts_with(whole.head.as_str()))
}

//! Objects that stand in another schema than the one that the history makes them in.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::outcome::{Cause, Confidence, Diagnosis};
use trueup_model::path::ObjectKind;
use trueup_model::{Code, Finding, ObjectPath, Text};

use super::{Surroundings, counted, ids, listed, migration_of, take};
use crate::provenance::{Claims, created_table};

pub(super) fn wrong_schema(
    open: &mut Vec<&Finding>,
    claims: &Claims<'_>,
    surroundings: &Surroundings,
) -> Vec<Diagnosis> {
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
        let taken = take(open, |finding| match (&finding.code, &finding.object) {
            // The same object name in two schemas is two objects: where it was found tells them apart.
            (Code::Misplaced(_), Some(object)) => {
                objects.contains(object) && finding.found.as_deref() == Some(&found)
            }
            (Code::Unexpected(ObjectKind::Schema), Some(object)) => object.head.as_str() == found,
            _ => false,
        });
        let mut evidence = vec![format!(
            "{} in schema {found} under the name that was meant for {expected}",
            counted(objects.len(), "object stands", "objects stand")
        )];
        let made_by: BTreeSet<&Text> = taken.iter().filter_map(|finding| migration_of(finding)).collect();
        let extent = extent(&made_by, &objects, claims);
        // A statement that names its schema does not ask the search path.
        let named = taken.iter().filter(|finding| names_its_schema(finding)).count();
        let certain = extent == Extent::Whole && named == 0;
        if !made_by.is_empty() {
            let recorded = if claims.ledger.table.is_some() { ", recorded as applied" } else { "" };
            evidence.push(format!("made by {}{recorded}", listed(&made_by)));
        }
        match extent {
            Extent::Whole | Extent::One => {}
            Extent::Part => {
                evidence.push("what else these migrations make stands where it should".to_owned())
            }
        }
        if named > 0 {
            evidence.push(format!(
                "{}, which no search path changes",
                counted(
                    named,
                    "of these is made with its schema named",
                    "of these are made with their schema named"
                )
            ));
        }
        if let Some(path) = &surroundings.search_path {
            evidence.push(format!("a fresh session has search_path {path}"));
        }
        let subject = counted(objects.len(), "object", "objects");
        let begins_there =
            surroundings.search_path.as_deref().is_some_and(|path| first_schema(path) == found);
        diagnoses.push(Diagnosis {
            cause: Cause::WrongSchema,
            confidence: if certain { Confidence::Certain } else { Confidence::Likely },
            summary: match (certain, begins_there) {
                (true, true) => format!(
                    "{subject} went to schema {found} instead of {expected}: the search path of this database \
                     begins with {found}"
                ),
                (true, false) => format!(
                    "{subject} went to schema {found} instead of {expected}: the search path was another one \
                     when the migrations ran"
                ),
                (false, _) => format!(
                    "{} in schema {found} instead of {expected}: moved by hand, or made with another search path",
                    counted(objects.len(), "object stands", "objects stand")
                ),
            },
            evidence,
            findings: ids(&taken),
            next: Vec::new(),
        });
    }
    diagnoses
}

/// How much of what some migrations make in a schema stands elsewhere. A person moves single objects, a search path
/// moves all that a migration makes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    /// They make one object only, which says nothing.
    One,
    Part,
}

fn extent(migrations: &BTreeSet<&Text>, misplaced: &BTreeSet<ObjectPath>, claims: &Claims<'_>) -> Extent {
    let schema = misplaced.first().and_then(|path| path.schema.clone());
    let numbers =
        (0..).zip(&claims.history.migrations).filter(|(_, content)| migrations.contains(&content.id));
    // Sequences go where their tables go.
    let made: Vec<&ObjectPath> = numbers
        .flat_map(|(number, _)| claims.journal.created_by(number))
        .map(|(path, _)| path)
        .filter(|path| !path.is_part() && path.schema == schema && path.kind != ObjectKind::Sequence)
        .collect();
    match made.iter().filter(|path| misplaced.contains(**path)).count() {
        0 | 1 if made.len() <= 1 => Extent::One,
        there if there == made.len() => Extent::Whole,
        _ => Extent::Part,
    }
}

fn names_its_schema(finding: &Finding) -> bool {
    let statement = finding.origin.as_ref().and_then(|origin| origin.excerpt.as_deref());
    statement.and_then(created_table).is_some_and(|table| table.schema.is_some())
}

/// `shop` of `shop, public`; the schema of the user's own name hardly ever exists.
fn first_schema(search_path: &str) -> String {
    search_path
        .split(',')
        .map(|schema| trueup_sql::unquote_ident(schema.trim()))
        .find(|schema| schema != "$user")
        .unwrap_or_default()
}

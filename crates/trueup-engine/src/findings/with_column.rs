//! Constraints that a statement makes together with a column, where the column is missing.
//!
//! `ADD COLUMN code text UNIQUE` is one thing to its reader: without the column, nobody misses the constraint. One
//! that has a statement of its own is missing by itself, and is told.

use std::collections::BTreeSet;

use trueup_model::catalog::Object;
use trueup_model::{Catalog, Code, Finding, Ident, ObjectKind, ObjectPath, Place, QualifiedName, Text};

use crate::provenance::names;

/// The statement that made a column, by its place, and the relation of the column.
type Made = (Place, QualifiedName);

pub(super) fn leave_out(findings: &mut Vec<Finding>, expected: &Catalog) {
    let columns: BTreeSet<(Made, Ident)> = findings
        .iter()
        .filter(|finding| finding.code == Code::Missing(ObjectKind::Column))
        .filter_map(|finding| Some((made(finding)?, finding.object.as_ref()?.part.clone())))
        .collect();
    if columns.is_empty() {
        return;
    }
    findings.retain(|finding| {
        let (Code::Missing(kind), Some(path), Some(made)) = (finding.code, &finding.object, made(finding))
        else {
            return true;
        };
        !(kind.is_constraint()
            && columns.iter().any(|(with, column)| *with == made && rests_on(path, column, expected)))
    });
}

fn made(finding: &Finding) -> Option<Made> {
    Some((finding.origin.as_ref()?.place.clone()?, finding.object.as_ref()?.relation()?))
}

fn rests_on(path: &ObjectPath, column: &Ident, expected: &Catalog) -> bool {
    match expected.find(path).map(|entry| &entry.object) {
        Some(Object::Key(key)) => key.columns.contains(column) || key.include.contains(column),
        Some(Object::ForeignKey(key)) => key.columns.contains(column),
        Some(Object::Check(check)) => says(&check.expression, column),
        Some(Object::Exclusion(exclusion)) => says(&exclusion.definition, column),
        // Kinds of constraints are asked about only.
        Some(_) | None => false,
    }
}

fn says(text: &Text, column: &Ident) -> bool {
    names(&text.as_str().to_lowercase(), column.as_str())
}

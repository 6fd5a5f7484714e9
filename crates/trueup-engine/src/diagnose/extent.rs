//! How much of what a migration makes is there.

use std::collections::BTreeSet;

use trueup_model::catalog::OwnedBy;
use trueup_model::journal::StatementRef;
use trueup_model::path::ObjectKind;
use trueup_model::{Ident, ObjectPath};

use crate::provenance::Claims;

/// How much of what a migration makes is there.
pub(super) struct Extent {
    pub present: usize,
    pub missing: usize,
    last_present: Option<StatementRef>,
    first_missing: Option<StatementRef>,
}

impl Extent {
    pub fn of(migration: u32, missing_paths: &BTreeSet<&ObjectPath>, claims: &Claims<'_>) -> Self {
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
        let wholes: BTreeSet<(Option<&Ident>, &Ident)> = missing_paths
            .iter()
            .filter(|path| !path.is_part())
            .map(|path| (path.schema.as_ref(), &path.head))
            .collect();
        let goes_with = |sequence: &ObjectPath| {
            claims.owner_of(sequence).is_some_and(|OwnedBy { table, column }| {
                wholes.contains(&(Some(&table.schema), &table.name))
                    || missing_paths.contains(&ObjectPath::part_of(ObjectKind::Column, table, column))
            })
        };
        // Constraints that a statement makes with a column are missing with it, without being told.
        let columns: BTreeSet<(Option<&Ident>, &Ident, StatementRef)> = missing_paths
            .iter()
            .filter(|path| path.kind == ObjectKind::Column)
            .filter_map(|path| Some((path.schema.as_ref(), &path.head, claims.statement(path, None)?)))
            .collect();
        for (path, at) in claims.journal.created_by(migration) {
            if path.kind.is_constraint()
                && !missing_paths.contains(path)
                && columns.contains(&(path.schema.as_ref(), &path.head, at))
            {
                continue;
            }
            // Parts of a missing table are missing with it, and sequences of its columns.
            if path.is_part() && wholes.contains(&(path.schema.as_ref(), &path.head)) {
                continue;
            }
            if path.kind == ObjectKind::Sequence && !missing_paths.contains(path) && goes_with(path) {
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

    pub fn is_a_tail(&self) -> bool {
        match (self.last_present, self.first_missing) {
            (Some(present), Some(missing)) => present < missing && self.present > 0,
            _ => false,
        }
    }
}

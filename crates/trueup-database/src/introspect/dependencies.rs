//! Which object needs which other one, as PostgreSQL itself records it.
//!
//! `pg_depend` speaks of rows of the system catalogs, and many of them are no objects of their own for us. Those that
//! are a part of something count as that: the index of a constraint as the constraint, the type of a row as its table,
//! the default as its column, a member of an extension as the extension. What is left without a path is passed
//! through: whoever needs it needs what it needs.

use rustc_hash::{FxHashMap, FxHashSet};
use trueup_model::Catalog;
use trueup_model::catalog::Object;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Dependencies;

use super::reading::{Address, Addresses, Reading};
use super::row::{Cells, ReadError};
use super::{Introspection, Transaction, Wanted, read};
use crate::session::{Session, SessionError};

pub(super) const QUERY: &str = include_str!("dependencies.sql");

/// Reads the dependencies in a read-only snapshot of their own.
pub fn dependencies(session: &mut Session) -> Result<Dependencies, SessionError> {
    Ok(introspect_with_dependencies(session)?.1)
}

/// Reads the catalog and the dependencies from one snapshot.
pub fn introspect_with_dependencies(session: &mut Session) -> Result<(Catalog, Dependencies), SessionError> {
    read_both(session, Transaction::Own)
}

/// Reads the dependencies as the running transaction of the session sees them, and leaves the transaction open.
/// Settings stay pinned until its end.
pub fn dependencies_within(session: &mut Session) -> Result<Dependencies, SessionError> {
    Ok(read_both(session, Transaction::Running)?.1)
}

/// Reads both as the running transaction of the session sees them, for somebody who does it again and again on a session
/// of his own: the server plans the queries once, and keeps the plans until the session ends.
pub fn introspect_repeatedly(session: &mut Session) -> Result<(Catalog, Dependencies), SessionError> {
    read_both(session, Transaction::Repeated)
}

fn read_both(
    session: &mut Session,
    transaction: Transaction,
) -> Result<(Catalog, Dependencies), SessionError> {
    let introspection = read(session, transaction, Wanted { recording: None, needs: true })?;
    let dependencies = introspection.dependencies();
    Ok((introspection.catalog, dependencies))
}

impl Introspection {
    /// What needs what; nothing where it was not asked for.
    pub fn dependencies(&self) -> Dependencies {
        Dependencies::new(self.needs.as_ref().map(|needs| needs.pairs(&self.catalog)).unwrap_or_default())
    }
}

/// Reader of the rows of [`QUERY`].
pub(super) fn read_row(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    match &mut reading.needs {
        Some(needs) => needs.take(row),
        None => Ok(()),
    }
}

/// Rows of `pg_depend`, and which objects stand where they point.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub paths: Addresses,
    /// What an address without a path is a part of.
    whole: FxHashMap<Address, Address>,
    needs: FxHashMap<Address, Vec<Address>>,
}

impl Needs {
    fn take(&mut self, row: &Cells<'_>) -> Result<(), ReadError> {
        let address = |column| -> Result<Address, ReadError> {
            Ok(Address {
                catalog: row.oid(column)?,
                oid: row.oid(column + 1)?,
                part: row.number(column + 2)?,
            })
        };
        let (needing, needed) = (address(0)?, address(3)?);
        if row.flag(6)? {
            self.whole.insert(needing, needed);
        }
        self.needs.entry(needing).or_default().push(needed);
        Ok(())
    }

    fn pairs(&self, catalog: &Catalog) -> Vec<(ObjectPath, ObjectPath)> {
        let mut pairs = Vec::with_capacity(self.needs.len() * 2);
        for (address, needed) in &self.needs {
            let Some(needing) = self.path(*address) else { continue };
            for needed in needed {
                self.each_path(*needed, &mut FxHashSet::default(), &mut |needed| {
                    if needed != needing && !is_fed_by_its_own(needing, needed, catalog) {
                        pairs.push((needing.clone(), needed.clone()));
                    }
                });
            }
        }
        pairs.extend(columns_need_relations(catalog));
        pairs
    }

    /// The object that stands at an address, or the one that it is a part of.
    fn path(&self, address: Address) -> Option<&ObjectPath> {
        let mut at = address;
        // No part of a part of a part is deeper than this: the bound is against a catalog that is broken.
        for _ in 0..8 {
            let whole = Address { part: 0, ..at };
            if let Some(path) = self.paths.get(&at).or_else(|| self.paths.get(&whole)) {
                return Some(path);
            }
            at = *self.whole.get(&at).or_else(|| self.whole.get(&whole))?;
        }
        None
    }

    /// The object at an address; where there is none, all that is needed by what stands there.
    fn each_path<'a>(
        &'a self,
        address: Address,
        seen: &mut FxHashSet<Address>,
        visit: &mut dyn FnMut(&'a ObjectPath),
    ) {
        if !seen.insert(address) {
            return;
        }
        if let Some(path) = self.path(address) {
            return visit(path);
        }
        for needed in self.needs.get(&address).into_iter().flatten() {
            self.each_path(*needed, seen, visit);
        }
    }
}

/// A serial column and its sequence need each other. The sequence is made for the column, and is the one that follows.
fn is_fed_by_its_own(needing: &ObjectPath, needed: &ObjectPath, catalog: &Catalog) -> bool {
    needing.kind == ObjectKind::Column
        && needed.kind == ObjectKind::Sequence
        && catalog.owner_of(needed).is_some_and(|owner| Some(&owner.table) == needing.relation().as_ref())
}

/// PostgreSQL does not write down that a column needs its relation: it is the same row's business.
fn columns_need_relations(catalog: &Catalog) -> impl Iterator<Item = (ObjectPath, ObjectPath)> + '_ {
    catalog.entries().iter().filter(|entry| entry.path.kind.is_relation()).flat_map(|relation| {
        catalog
            .parts_of(&relation.path)
            .filter(|part| matches!(part.object, Object::Column(_)))
            .map(|part| (part.path.clone(), relation.path.clone()))
    })
}

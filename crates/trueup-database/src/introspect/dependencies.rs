//! Which object needs which other one, as PostgreSQL itself records it.
//!
//! `pg_depend` speaks of rows of the system catalogs, and many of them are no objects of their own for us. Those that
//! are a part of something count as that: the index of a constraint as the constraint, the type of a row as its table,
//! the default as its column, a member of an extension as the extension. What is left without a path is passed
//! through: whoever needs it needs what it needs.

use rustc_hash::{FxHashMap, FxHashSet};
use trueup_model::Catalog;
use trueup_model::Dependencies;
use trueup_model::path::{ObjectKind, ObjectPath};

use super::reading::{Address, Reading};
use super::row::{Cells, ReadError};
use super::{Introspection, Transaction, Wanted, read};
use crate::session::{Session, SessionError};

pub(super) const QUERY: &str = include_str!("dependencies.sql");

/// Reads the catalog and the dependencies from one snapshot.
pub fn introspect_with_dependencies(session: &mut Session) -> Result<(Catalog, Dependencies), SessionError> {
    read_both(session, Transaction::Own)
}

/// Reads both as the running transaction of the session sees them, and leaves the transaction open. Settings stay pinned
/// until its end.
pub fn introspect_with_dependencies_within(
    session: &mut Session,
) -> Result<(Catalog, Dependencies), SessionError> {
    read_both(session, Transaction::Running)
}

fn read_both(
    session: &mut Session,
    transaction: Transaction,
) -> Result<(Catalog, Dependencies), SessionError> {
    Ok(read(session, transaction, Wanted { recording: None, needs: true })?.with_dependencies())
}

impl Introspection {
    /// The catalog, and what needs what: nothing where it was not asked for.
    pub fn with_dependencies(mut self) -> (Catalog, Dependencies) {
        let needs = self.take_dependencies();
        (self.catalog, needs)
    }

    pub(crate) fn take_dependencies(&mut self) -> Dependencies {
        self.needs.take().map(|needs| needs.dependencies(&self.catalog)).unwrap_or_default()
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
    objects: Dependencies,
    numbers: FxHashMap<Address, u32>,
    /// What an address without an object is a part of.
    whole: FxHashMap<Address, Address>,
    rows: Vec<(Address, Address)>,
}

impl Needs {
    /// Says what stands at an address.
    pub fn stands(&mut self, address: Address, path: &ObjectPath) {
        let number = self.objects.add(path.clone());
        self.numbers.insert(address, number);
        // PostgreSQL does not write down that a column needs its relation: it is the same row's business.
        if path.kind == ObjectKind::Column {
            self.rows.push((address, Address { part: 0, ..address }));
        }
    }

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
        self.rows.push((needing, needed));
        Ok(())
    }

    fn dependencies(self, catalog: &Catalog) -> Dependencies {
        let mut through: FxHashMap<Address, Vec<Address>> = FxHashMap::default();
        for (needing, needed) in self.rows.iter().filter(|(needing, _)| self.number(*needing).is_none()) {
            through.entry(*needing).or_default().push(*needed);
        }
        let objects = self.objects.objects();
        let mut pairs = Vec::with_capacity(self.rows.len());
        for (needing, needed) in &self.rows {
            let Some(needing) = self.number(*needing) else { continue };
            self.each_number(*needed, &through, &mut FxHashSet::default(), &mut |needed| {
                let [one, other] = [needing, needed].map(|number| &objects[number as usize]);
                if needed != needing && !is_fed_by_its_own(one, other, catalog) {
                    pairs.push((needing, needed));
                }
            });
        }
        self.objects.linked(&pairs)
    }

    /// The object that stands at an address, or the one that it is a part of.
    fn number(&self, address: Address) -> Option<u32> {
        let mut at = address;
        // No part of a part of a part is deeper than this: the bound is against a catalog that is broken.
        for _ in 0..8 {
            let whole = Address { part: 0, ..at };
            if let Some(number) = self.numbers.get(&at).or_else(|| self.numbers.get(&whole)) {
                return Some(*number);
            }
            at = *self.whole.get(&at).or_else(|| self.whole.get(&whole))?;
        }
        None
    }

    /// The object at an address; where there is none, all that is needed by what stands there.
    fn each_number(
        &self,
        address: Address,
        through: &FxHashMap<Address, Vec<Address>>,
        seen: &mut FxHashSet<Address>,
        visit: &mut dyn FnMut(u32),
    ) {
        if let Some(number) = self.number(address) {
            return visit(number);
        }
        if seen.insert(address) {
            for needed in through.get(&address).into_iter().flatten() {
                self.each_number(*needed, through, seen, visit);
            }
        }
    }
}

/// A serial column and its sequence need each other. The sequence is made for the column, and is the one that follows.
fn is_fed_by_its_own(needing: &ObjectPath, needed: &ObjectPath, catalog: &Catalog) -> bool {
    needing.kind == ObjectKind::Column
        && needed.kind == ObjectKind::Sequence
        && catalog.owner_of(needed).is_some_and(|owner| Some(&owner.table) == needing.relation().as_ref())
}

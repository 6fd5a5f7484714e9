//! Single changes to a live database that had the whole of `every_kind` applied, and what must be found for each.
//!
//! Each change touches exactly one object and one property of it, or makes one object come, go, move or change its
//! name. Where PostgreSQL cannot do that without a second thing, the second is listed in [`Change::also`].

mod aspects;
mod build;
mod columns;
mod constraints;
mod indexes;
mod others;
mod privileges;
mod routines;
mod sequences;
mod tables;
mod triggers;
mod types;
mod versions;
mod views;

pub use aspects::ASPECTS;

use trueup_model::{Code, ObjectKind};

/// One change, and what must be said about it.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// One or two statements for the live side.
    pub sql: &'static str,
    /// The oldest major that can do it.
    pub needs: u32,
    /// It changes something of a file that needs a full installation.
    pub needs_full: bool,
    /// It needs the tablespace of [`crate::fixture::prepare`].
    pub needs_tablespace: bool,
    /// Whether it can be tried in a transaction and rolled back.
    pub transactional: bool,
    /// It changes rows or the state of a sequence, and nothing in the catalogs.
    pub only_data: bool,
    pub expected: Expected,
    /// What may be said besides, because it comes with the change and cannot be avoided.
    pub also: &'static [Expected],
    /// The object's new name, for renamed and moved ones, as `ObjectPath` displays it.
    pub found_as: Option<&'static str>,
    /// The statement that created the object or last set the property. None for what nobody claims.
    pub claimed_by: Option<Claim>,
}

/// A finding, as far as a test can know it beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    pub code: Code,
    pub kind: ObjectKind,
    /// As `ObjectPath` displays it.
    pub object: &'static str,
    /// One of [`ASPECTS`].
    pub aspect: Option<&'static str>,
}

/// A statement of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The name of the file in `data/every_kind`.
    pub file: &'static str,
    /// A part of the statement's text that occurs once in the file.
    pub fragment: &'static str,
}

/// All changes, by kind of object.
pub fn changes() -> impl Iterator<Item = &'static Change> {
    [
        tables::CHANGES,
        columns::CHANGES,
        constraints::CHANGES,
        indexes::CHANGES,
        types::CHANGES,
        sequences::CHANGES,
        views::CHANGES,
        routines::CHANGES,
        triggers::CHANGES,
        privileges::CHANGES,
        others::CHANGES,
        versions::CHANGES,
    ]
    .into_iter()
    .flatten()
}

impl Change {
    /// Unique, and the same as long as the change is: `different-column depot.boxes.note default: ALTER TABLE …`.
    pub fn name(&self) -> String {
        let Expected { code, object, aspect, .. } = self.expected;
        let aspect = aspect.map(|aspect| format!(" {aspect}")).unwrap_or_default();
        format!("{code} {object}{aspect}: {}", self.sql)
    }

    /// Whether a server of this major, with the files for a full installation applied or not, can be changed so.
    pub fn applies(&self, major: u32, full: bool) -> bool {
        self.needs <= major && (full || !self.needs_full)
    }
}

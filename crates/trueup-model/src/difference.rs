//! What is not the same in two catalogs, before anybody judges it.

use crate::path::ObjectPath;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub path: ObjectPath,
    pub change: Change,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Expected, not found.
    Missing,
    /// Found, not expected.
    Unexpected,
    /// The same object under another name: same kind, same place, same definition.
    Renamed { to: ObjectPath },
    /// The same object in another schema.
    Misplaced { to: ObjectPath },
    /// Present on both sides with another value of one property.
    Different(Aspect),
}

/// One property that is not the same, both values in the words of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aspect {
    /// `type`, `nullability`, `default`, …: stable words of the report.
    pub name: &'static str,
    pub expected: String,
    pub found: String,
    pub nature: Nature,
}

/// Whether a difference matters wherever it occurs, or comes with the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Part of the schema.
    Logical,
    /// Where and how rows are kept: storage, tablespace, fill factor.
    Physical,
    /// Who owns it and who may use it.
    Access,
}

//! Plain data that the other crates pass along, in the order of the pipeline: files become a history,
//! databases become catalogs, catalogs become differences, differences become findings and a
//! repair.
//!
//! Nothing here does I/O, reads a clock or knows another crate of ours.

pub mod name;
pub mod path;

pub mod history;
pub mod ledger;
pub mod origin;
pub mod reach;

pub mod catalog;
pub mod journal;

pub mod acceptance;
pub mod dependencies;
pub mod difference;
pub mod finding;
pub mod outcome;
pub mod proof;
pub mod repair;
pub mod run;

pub use catalog::Catalog;
pub use dependencies::Dependencies;
pub use difference::Difference;
pub use finding::{Code, Finding, Severity};
pub use history::{History, Migration, Preparation, Statement};
pub use journal::Journal;
pub use ledger::Ledger;
pub use name::{Ident, QualifiedName, Role, Text};
pub use origin::{Origin, Place};
pub use outcome::CheckOutcome;
pub use path::{ObjectKind, ObjectPath};
pub use reach::Reach;

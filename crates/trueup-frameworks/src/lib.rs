//! Reads the migration histories of tools and frameworks, and what their ledgers mean for them.
//!
//! Reads files; opens no connection and starts no process. A new framework is one folder and one line in
//! [`FRAMEWORKS`].

pub mod detect;
mod framework;
mod ledger_reading;
mod other_ledgers;
pub mod python;
mod standing;
pub mod write;

mod folder;
pub mod models;
mod naming;
mod reach;
pub mod record;
mod reporting;
mod settings;
mod source;
mod url;
mod words;

mod dbmate;
mod diesel;
pub mod django;
mod flyway;
mod golang_migrate;
mod goose;
mod plain;
mod prisma;
mod refinery;
mod sqlx;

#[cfg(test)]
mod testing;

pub use detect::{Certainty, DetectError, Detected, Variables, detect, detect_in, detect_named, rival};
pub use framework::{FRAMEWORKS, Framework, Gaps, Obstacle, ReadError, framework};
pub use ledger_reading::LedgerReading;
pub use other_ledgers::{OtherLedger, other_ledgers};
pub use settings::UrlHint;
pub use standing::{Standing, standing};
pub use write::{Clock, LedgerItem, WriteError, WriteRequest, WrittenFile, WrittenMigration, is_refusal};

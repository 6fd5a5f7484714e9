//! Backups of tables that were restored once before they are called backups, and the way back from them.
//!
//! A backup is a folder: a manifest that says what it holds, the rows, and what is needed to put them back. Rows come
//! from `pg_dump` where one is at hand that knows the server, else from `COPY`. Either way they are read from one
//! snapshot, together with a checksum of each table; the files are then restored into a scratch database, and only
//! when every table there has the same rows does the folder get its name.

mod archive;
mod child;
mod definition;
mod error;
mod folder;
mod live;
mod manifest;
mod programs;
mod restore;
mod rows;
mod scratch;
mod tally;

use std::path::{Path, PathBuf};
use std::time::Duration;

use trueup_model::QualifiedName;

use crate::session::SessionError;
use crate::shadow::{Opener, Shadow, ShadowRequest, Surroundings};
use crate::url::DatabaseUrl;

pub use error::BackupError;
pub use folder::abandon;
pub use manifest::{Manifest, Scope as HeldScope, TableHeld, Way};
pub use restore::{Action, Plan, Restore, Restored, What, plan, read, restore};

use folder::Beside;
use live::Snapshot;

/// What is to be backed up, and to where.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub database: &'a DatabaseUrl,
    /// The folder that will be made. It must not exist yet.
    pub folder: &'a Path,
    pub scope: Scope<'a>,
    pub method: Method,
    pub limits: Limits,
}

#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// All tables of all schemas.
    Everything,
    /// These, with all of their partitions.
    Tables(&'a [QualifiedName]),
}

/// Where the rows come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// `pg_dump` where one is at hand that knows the server, else `COPY`.
    #[default]
    BestAtHand,
    PgDump,
    Copy,
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long to wait for a lock on a table: somebody may be changing it.
    pub lock: Duration,
    /// How long the server may be silent.
    pub silence: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { lock: Duration::from_secs(10), silence: None }
    }
}

/// Where a backup is restored to see whether it can be.
pub enum Scratch<'a> {
    /// Started for this, and gone afterwards.
    Open {
        request: &'a ShadowRequest,
        /// Makes connections to the server of a shadow by URL.
        opener: Option<&'a dyn Fn() -> Opener>,
        surroundings: &'a Surroundings,
    },
    /// One that the caller has no further use for. What it holds already serves the tables that are restored there
    /// (types, functions, parents of foreign keys); tables of the same names are dropped from it first.
    Given(&'a mut dyn Shadow),
}

/// A backup that was restored once.
#[derive(Clone, Debug)]
pub struct Backup {
    pub folder: PathBuf,
    pub manifest: Manifest,
}

/// Takes a backup and restores it once. The folder exists afterwards as a whole, or not at all.
pub fn take(
    request: &Request<'_>,
    scratch: Scratch<'_>,
    tell: &mut dyn FnMut(&str),
) -> Result<Backup, BackupError> {
    let beside = Beside::make(request.folder)?;
    tell("reading which tables there are");
    let mut live = Snapshot::begin(request)?;
    let way = programs::choose(request.method, &live)?;
    let taken = rows::take(request, &mut live, &way, &beside, tell)?;
    // From here on nobody has to be kept from changing the tables.
    let Snapshot { session, about, tables, mut definition, .. } = live;
    drop(session);
    definition::write(&mut definition, &beside)?;
    tell("restoring the backup once");
    let attempt = scratch::Attempt {
        folder: beside.path(),
        way: &way,
        about: &about,
        tables: &tables,
        definition: &definition,
        tallies: &taken.tallies,
        everything: matches!(request.scope, Scope::Everything),
    };
    let verified = scratch::verify(&attempt, scratch)?;
    let manifest = manifest::of(&attempt, &taken, verified);
    manifest::write(&manifest, &beside)?;
    let folder = beside.place()?;
    Ok(Backup { folder, manifest })
}

fn failed(doing: &'static str) -> impl FnOnce(SessionError) -> BackupError {
    move |source| BackupError::Session { doing, source }
}

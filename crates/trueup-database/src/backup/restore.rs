//! The way back from a backup: what it would do in a database, and then that and nothing else, in one transaction.

mod around;
mod look;
mod run;

use std::path::Path;

use trueup_model::QualifiedName;

use super::manifest::{self, Manifest, TableHeld};
use super::{BackupError, Limits, folder, live};
use crate::connect::{self, OpenOptions};
use crate::session::Session;
use crate::url::DatabaseUrl;

pub use run::restore;

/// What is to be restored, and where.
#[derive(Clone, Copy)]
pub struct Restore<'a> {
    pub folder: &'a Path,
    pub target: &'a DatabaseUrl,
    /// These tables only, or partitions of them. All where none is named.
    pub only: &'a [QualifiedName],
    /// Tables whose rows may be replaced by those of the backup.
    pub replace: &'a [QualifiedName],
    pub limits: Limits,
}

/// What a restore would do, to be shown before it does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub manifest: Manifest,
    /// The database that it goes to.
    pub database: String,
    pub server_version: String,
    pub actions: Vec<Action>,
    /// Whether everything that the backup holds is made, not only its tables.
    pub whole: bool,
    /// Why it is refused. Nothing can be done as long as there is a reason.
    pub refused: Vec<String>,
    /// Columns that the tables of this database do not have any more: their values have nowhere to go.
    pub lacking: Vec<(QualifiedName, Vec<String>)>,
    /// What is worth knowing before.
    pub notes: Vec<String>,
}

/// What happens to one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub table: QualifiedName,
    /// That come from the backup.
    pub rows: u64,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It is not there, and is made.
    Create,
    /// It is there and empty.
    Fill,
    /// Its rows go first.
    Replace { rows: u64 },
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub tables: usize,
    pub rows: u64,
    /// What did not come back as it was, a sentence each.
    pub notes: Vec<String>,
}

/// Reads a backup and makes sure that its files are as they were written.
pub fn read(folder: &Path) -> Result<Manifest, BackupError> {
    let manifest = manifest::read(folder)?;
    let (mut missing, mut different) = (Vec::new(), Vec::new());
    for file in &manifest.files {
        match folder::is_as_listed(folder, file) {
            Ok(true) => {}
            Ok(false) => different.push(file.name.clone()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => missing.push(file.name.clone()),
            Err(error) => return Err(BackupError::file("reading", &folder.join(&file.name))(error)),
        }
    }
    if missing.is_empty() && different.is_empty() {
        Ok(manifest)
    } else {
        Err(BackupError::Changed { folder: folder.to_owned(), missing, different })
    }
}

/// Says what a restore would do. Nothing is changed.
pub fn plan(request: &Restore<'_>) -> Result<Plan, BackupError> {
    let manifest = read(request.folder)?;
    let mut session = open(request, true)?;
    session.run("begin read only").map_err(super::failed("looking at the database"))?;
    session.run(&live::settings(request.limits.lock)).map_err(super::failed("looking at the database"))?;
    look::look(&mut session, request, manifest)
}

fn open(request: &Restore<'_>, read_only: bool) -> Result<Session, BackupError> {
    let options = OpenOptions { application_name: "trueup restore".to_owned(), read_only };
    let mut session = connect::open(request.target, &options).map_err(BackupError::Connect)?;
    session.set_limit(request.limits.silence);
    Ok(session)
}

/// The tables that are asked for, by their own names or by that of a table that they are partitions of.
fn chosen<'m>(manifest: &'m Manifest, only: &[QualifiedName]) -> Result<Vec<&'m TableHeld>, BackupError> {
    named(manifest, only, "choosing what to restore")?;
    Ok(manifest.tables.iter().filter(|table| only.is_empty() || is_named(table, only)).collect())
}

fn is_named(table: &TableHeld, names: &[QualifiedName]) -> bool {
    names.iter().any(|name| table.path() == *name || table.partition_of.contains(&name.to_string()))
}

/// Every name has to stand for something.
fn named(manifest: &Manifest, names: &[QualifiedName], doing: &'static str) -> Result<(), BackupError> {
    for name in names {
        if !manifest.tables.iter().any(|table| is_named(table, std::slice::from_ref(name))) {
            let known: Vec<QualifiedName> = manifest.tables.iter().map(TableHeld::path).collect();
            return Err(live::unknown(doing, name, known.iter()));
        }
    }
    Ok(())
}

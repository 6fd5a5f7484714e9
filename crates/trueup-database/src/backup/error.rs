//! Why there is no backup, or why it was not restored.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use trueup_model::QualifiedName;

use crate::connect::ConnectError;
use crate::session::SessionError;
use crate::shadow::ShadowError;

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{}", .0.what())]
    Connect(ConnectError),
    #[error("{doing}: {source}")]
    Session { doing: &'static str, source: SessionError },
    #[error("{doing} {}: {}", path.display(), said(source))]
    File { doing: &'static str, path: PathBuf, source: std::io::Error },
    #[error("making a backup: {} is there already", .0.display())]
    Exists(PathBuf),
    #[error("making a backup: there is no folder {}", .0.display())]
    NoFolder(PathBuf),
    #[error("{doing}: there is no table {name}")]
    UnknownTable { doing: &'static str, name: QualifiedName, near: Option<String> },
    #[error("reading the table {table}: the role {role} may not")]
    NoPrivilege { table: QualifiedName, role: String },
    #[error("{doing}: a lock on a table could not be had in time: {said}")]
    Locked { doing: &'static str, said: String },
    /// A program that was asked for is not there or cannot do it.
    #[error("looking for pg_dump: {0}")]
    NoProgram(String),
    #[error("running {}: {said}", program.display())]
    Program { program: PathBuf, said: String },
    #[error("starting a scratch database to restore the backup into: {0}")]
    Shadow(#[from] ShadowError),
    /// It does not hold what it should.
    #[error("restoring the backup once to see whether it can be: {0}")]
    NotVerified(String),
    #[error("reading the backup {}: {why}", folder.display())]
    NotABackup { folder: PathBuf, why: String },
    #[error("reading the backup {}: its format is version {version}, and this trueup knows versions up to {known}",
            folder.display())]
    Newer { folder: PathBuf, version: u32, known: u32 },
    #[error("reading the backup {}: {} since it was made", folder.display(), changed(.missing, .different))]
    Changed { folder: PathBuf, missing: Vec<String>, different: Vec<String> },
    /// It cannot go well there, or would overwrite something.
    #[error("restoring the backup: {}", .0.join("; "))]
    Refused(Vec<String>),
    #[error("restoring the backup: nothing was changed: {0}")]
    RolledBack(String),
}

impl BackupError {
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| BackupError::File { doing, path, source }
    }

    /// What can be typed next.
    pub fn next(&self) -> Option<String> {
        match self {
            BackupError::Connect(error) => error.next(),
            BackupError::Exists(_) => Some("name another folder: --output FOLDER".to_owned()),
            BackupError::NoFolder(_) => {
                Some("make it first, or name another place: --output FOLDER".to_owned())
            }
            BackupError::UnknownTable { near, .. } => Some(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name it with its schema: --only public.orders".to_owned(),
            }),
            BackupError::NoPrivilege { table, role } => Some(format!(
                "let its owner run: GRANT SELECT ON {}.{} TO {}; or leave it out: name the others with --only TABLE",
                trueup_sql::quote_ident_if_needed(table.schema.as_str()),
                trueup_sql::quote_ident_if_needed(table.name.as_str()),
                trueup_sql::quote_ident_if_needed(role),
            )),
            BackupError::Locked { .. } => Some("try again when nobody changes the table".to_owned()),
            BackupError::NoProgram(_) => {
                Some("install the client programs of that PostgreSQL, or leave out --method".to_owned())
            }
            BackupError::Program { .. } => {
                Some("to do without pg_dump: trueup backup --method copy".to_owned())
            }
            BackupError::NotVerified(_) => {
                Some("no backup was made; try another --shadow, or --method".to_owned())
            }
            BackupError::NotABackup { .. } => {
                Some("name the folder that `trueup backup` has made and printed".to_owned())
            }
            BackupError::Newer { .. } => {
                Some("restore it with the trueup that made it, or a newer one".to_owned())
            }
            BackupError::Changed { .. } => {
                Some("take the folder as it was made from where it was copied".to_owned())
            }
            BackupError::File { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                Some("name a folder on a larger disk: --output FOLDER".to_owned())
            }
            BackupError::Session { .. }
            | BackupError::File { .. }
            | BackupError::Shadow(_)
            | BackupError::Refused(_)
            | BackupError::RolledBack(_) => None,
        }
    }
}

fn said(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        _ => error.to_string(),
    }
}

fn changed(missing: &[String], different: &[String]) -> String {
    let mut text = String::new();
    if !missing.is_empty() {
        let _ = write!(text, "{} was removed", missing.join(", "));
    }
    if !different.is_empty() {
        let and = if text.is_empty() { "" } else { " and " };
        let _ = write!(text, "{and}{} was changed", different.join(", "));
    }
    text
}

//! Why a shadow could not be had.

use std::path::{Path, PathBuf};

use crate::session::SessionError;

#[derive(Debug, thiserror::Error)]
pub enum ShadowError {
    /// Nothing that fits was found. The text says what to type.
    #[error("{0}")]
    NotAtHand(String),
    #[error("{doing} {}: {source}", path.display())]
    File { doing: &'static str, path: PathBuf, source: std::io::Error },
    /// `initdb` or `postgres` ended with an error; `said` are its last lines.
    #[error("{doing} with {}: {said}", program.display())]
    Program { doing: &'static str, program: PathBuf, said: String },
    #[error("{doing}: {source}")]
    Session { doing: &'static str, source: SessionError },
    #[error("{doing} the embedded PostgreSQL: {said}")]
    Embedded { doing: &'static str, said: String },
    /// The role of a URL may not make databases.
    #[error(
        "the role {role} may not create the scratch database on the server of the shadow's URL; \
         let an administrator run: ALTER ROLE {role} CREATEDB"
    )]
    NoPrivilege { role: String },
    /// A shadow of this kind cannot be kept.
    #[error("the state of a shadow by URL cannot be kept")]
    NotKept,
}

impl ShadowError {
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| ShadowError::File { doing, path, source }
    }

    pub(crate) fn session(doing: &'static str) -> impl FnOnce(SessionError) -> Self {
        move |source| ShadowError::Session { doing, source }
    }
}

//! The other direction: a script as the next migrations of the project's own tool, and the rows that its ledger
//! gets for them.
//!
//! Nothing is written to the disk here: the caller gets texts and paths.

mod division;
pub(crate) mod next;
pub(crate) mod rows;
pub(crate) mod sheet;
mod statement;
mod title;

pub mod psql;

use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::repair::Script;
use trueup_model::{History, Migration, Text};

use crate::detect::Detected;
use crate::folder::shown;

pub(crate) use division::{WayBack, divide};
pub use statement::is_refusal;
pub(crate) use statement::{Marks, Prepared, prepare, refusal};

/// A moment as the caller's clock has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Since the beginning of 1970, in UTC.
    pub unix_seconds: u64,
}

/// A script, and where it is to be added.
#[derive(Clone, Copy, Debug)]
pub struct WriteRequest<'a> {
    pub detected: &'a Detected,
    pub history: &'a History,
    /// Keys that the ledger holds. Some may have no file, and are taken all the same.
    pub recorded: &'a [Text],
    pub script: &'a Script,
    pub now: Clock,
}

/// A migration as it will be read when its files are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenMigration {
    pub id: Text,
    pub key: Text,
    /// The tool's own, of the file with the way up.
    pub checksum: Option<Text>,
    /// Which statements of the script's way up it holds.
    pub parts: Range<usize>,
    /// Whether the tool runs it inside of a transaction.
    pub transactional: bool,
    /// The file with the way up comes first.
    pub files: Vec<WrittenFile>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFile {
    /// Relative to the project, unless the history lies outside of it.
    pub path: Utf8PathBuf,
    pub text: String,
}

/// What a ledger has to know about a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerItem {
    pub key: Text,
    /// The file with the way up, relative to the project.
    pub file: Utf8PathBuf,
    pub checksum: Option<Text>,
}

impl From<&WrittenMigration> for LedgerItem {
    fn from(written: &WrittenMigration) -> Self {
        let file = written.files.first().map(|file| file.path.clone()).unwrap_or_default();
        Self { key: written.key.clone(), file, checksum: written.checksum.clone() }
    }
}

impl From<&Migration> for LedgerItem {
    fn from(migration: &Migration) -> Self {
        Self {
            key: migration.key.clone(),
            file: Utf8PathBuf::from(&*migration.file),
            checksum: migration.checksum.clone(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    #[error("writing the migration: the script has no statement, so there is nothing to write")]
    Empty,
    #[error("writing the migration: {comment:?} is not one complete statement: {problem}")]
    NotOneStatement { comment: String, problem: String },
    #[error(
        "writing the migration: {comment:?} holds text that {tool} takes for its own marks, and it cannot be \
         spelled differently because it must not run in a transaction; run it by hand, with --as sql"
    )]
    Marks { tool: &'static str, comment: String },
    #[error(
        "writing the migration: {comment:?} must not run in a transaction, and {tool} runs every migration in one; \
         write it with --as sql and run it with psql, or leave it out"
    )]
    NeedsNoTransaction { tool: &'static str, comment: String },
    #[error(
        "recording in the ledger: it keeps only the newest version, and {pending} is older than {key} and not applied; \
         apply it first"
    )]
    OlderPending { key: Text, pending: Text },
    #[error("recording in the ledger: {what} of {key} is not known; read the migration from its file first")]
    Unknown { key: Text, what: &'static str },
    #[error("writing the migration: {reason}")]
    Folder { reason: String },
}

/// A migration without the form of any tool.
pub(crate) struct Piece {
    pub up: Vec<Prepared>,
    pub down: Down,
    pub parts: Range<usize>,
    /// The way up may run inside of a transaction.
    pub transactional: bool,
    pub down_transactional: bool,
    /// The part of the file name for people.
    pub slug: String,
    /// Comment lines to begin with.
    pub head: Vec<String>,
}

pub(crate) enum Down {
    Statements(Vec<Prepared>),
    /// An earlier migration of the same script takes this one back as well.
    Elsewhere,
    None(String),
}

pub(crate) const ELSEWHERE: &str =
    "nothing to do here: the first migration of this repair takes back all of them together";

/// The migrations that a script becomes in a tool with these marks.
pub(crate) fn pieces(script: &Script, marks: &Marks) -> Result<Vec<Piece>, WriteError> {
    if script.up.is_empty() {
        return Err(WriteError::Empty);
    }
    let divisions = divide(script);
    let count = divisions.len();
    let slug = title::slug(&script.title);
    divisions
        .into_iter()
        .zip(1usize..)
        .map(|(division, number)| {
            let up = prepare(&script.up[division.up.clone()], marks)?;
            let (down, down_transactional) = match division.down {
                WayBack::Parts(parts) => {
                    let transactional = parts.iter().all(|part| part.transactional);
                    (Down::Statements(prepare(&parts, marks)?), transactional)
                }
                WayBack::Elsewhere => (Down::Elsewhere, true),
                WayBack::None(reason) => (Down::None(reason), true),
            };
            let mut head: Vec<String> =
                script.head.iter().flat_map(|line| sheet::comment_lines(line)).collect();
            if count > 1 {
                head.push(format!("part {number} of {count}: run them in this order"));
            }
            if let Down::None(reason) = &down {
                head.extend(sheet::comment_lines(&format!("no way back: {reason}")));
            }
            head.iter_mut().for_each(|line| *line = (marks.tame)(line));
            Ok(Piece {
                transactional: script.up[division.up.clone()].iter().all(|part| part.transactional),
                down_transactional,
                up,
                down,
                parts: division.up,
                slug: if number == 1 { slug.clone() } else { format!("{slug}_{number}") },
                head,
            })
        })
        .collect()
}

impl Down {
    /// What the tool runs on the way back where it would otherwise take an empty one for done.
    pub(crate) fn or_refusal(self, marks: &Marks) -> Result<Vec<Prepared>, WriteError> {
        match self {
            Down::Statements(statements) => Ok(statements),
            Down::Elsewhere => Ok(Vec::new()),
            Down::None(reason) => prepare(&[refusal(&reason)], marks),
        }
    }
}

/// The folder in front of the name of a new file, relative to the project.
pub(crate) fn placed(detected: &Detected, folder: &Utf8Path, name: &str) -> Utf8PathBuf {
    match shown(&detected.root, folder).as_str() {
        "." => Utf8PathBuf::from(name),
        folder => Utf8Path::new(folder).join(name),
    }
}

/// The folder of the newest migration where it lies somewhere below the history's own; tools that read folders
/// within folders leave the choice to people, and the neighbour shows it.
pub(crate) fn folder_beside(detected: &Detected, newest: Option<&Migration>) -> Utf8PathBuf {
    newest
        .map(|migration| detected.root.join(&*migration.file))
        .and_then(|file| file.parent().map(Utf8Path::to_owned))
        .filter(|folder| folder.starts_with(&detected.folder))
        .unwrap_or_else(|| detected.folder.clone())
}

#[cfg(test)]
mod tests;

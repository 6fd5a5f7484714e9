//! Readings that are kept: as long as a project lies on the disk as it lay when it was read, and the variables of the
//! environment that it asked for are the same, its history is too.
//!
//! Whatever is wrong with what was kept (another program, damage, a folder that cannot be written) only means that the
//! project is read again. A reading that found something wrong is not kept, and none with what may be a password.

mod written;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use trueup_model::History;
use trueup_sql::holds_password;

use self::written::WrittenHistory;
use super::graph::Key;
use crate::detect::{Detected, Variables};
use crate::python::Trace;

/// Where a reading is kept, and under which name.
pub(super) struct Place<'d> {
    folder: &'d Path,
    file: PathBuf,
    variables: &'d Variables,
}

/// How many readings stay: the oldest go first.
const KEPT: usize = 50;

#[derive(Serialize, Deserialize)]
struct Kept {
    trace: Trace,
    /// The variables of the environment that were asked for, also by how they begin, and a hash of what they were.
    asked: BTreeSet<String>,
    values: String,
    history: WrittenHistory,
}

impl<'d> Place<'d> {
    /// `None` where nothing is to be kept.
    pub fn of(detected: &'d Detected, applied: &BTreeSet<Key>) -> Option<Self> {
        let folder = detected.memory.as_deref()?;
        let mut hasher = blake3::Hasher::new();
        let alias = detected.alias.as_deref().unwrap_or_default();
        for text in [program()?.as_str(), detected.root.as_str(), detected.folder.as_str(), alias] {
            hasher.update(text.as_bytes());
            hasher.update(&[0]);
        }
        for key in applied {
            hasher.update(key.to_string().as_bytes());
            hasher.update(&[0]);
        }
        let file = folder.join(format!("{}.json", &hasher.finalize().to_hex()[..32]));
        Some(Self { folder, file, variables: &detected.variables })
    }

    pub fn load(&self) -> Option<History> {
        let kept: Kept = serde_json::from_slice(&fs::read(&self.file).ok()?).ok()?;
        let holds = kept.values == self.values(&kept.asked) && kept.trace.holds();
        if holds { kept.history.history() } else { None }
    }

    /// `root` is the folder that paths are shown relative to.
    pub fn store(
        &self,
        root: &Utf8Path,
        history: &History,
        trace: Trace,
        asked: BTreeSet<String>,
    ) -> std::io::Result<()> {
        let statements = history.migrations.iter().flat_map(|migration| &migration.up);
        let is_secret = |text: &str| holds_password(text) || names_account(text);
        // Of what could not be read, all words are kept.
        let mut unread = unread_files(history).into_iter().map(|file| fs::read_to_string(root.join(file)));
        let speaks = |text: std::io::Result<String>| {
            text.is_ok_and(|text| text.to_lowercase().contains("passw") || names_account(&text))
        };
        if statements.into_iter().any(|one| is_secret(&one.text)) || unread.any(speaks) {
            return Ok(());
        }
        let Some(history) = WrittenHistory::of(history) else { return Ok(()) };
        fs::create_dir_all(self.folder)?;
        let values = self.values(&asked);
        let mut file = tempfile::NamedTempFile::new_in(self.folder)?;
        file.write_all(&serde_json::to_vec(&Kept { trace, asked, values, history })?)?;
        file.persist(&self.file).map_err(|error| error.error)?;
        forget_oldest(self.folder);
        Ok(())
    }

    fn values(&self, asked: &BTreeSet<String>) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut take = |name: &str, value: Option<&String>| {
            hasher.update(name.as_bytes());
            // A variable that is empty is not one that is not set.
            hasher.update(&[0, u8::from(value.is_some())]);
            hasher.update(value.map_or(&[][..], |value| value.as_bytes()));
            hasher.update(&[0]);
        };
        let given = &self.variables.0;
        for name in asked {
            // Settings that take every variable are read again wherever one differs.
            match name.strip_suffix('*') {
                Some(prefix) => {
                    let begun = given.iter().filter(|(name, _)| name.starts_with(prefix));
                    begun.for_each(|(name, value)| take(name, Some(value)));
                }
                None => take(name, given.get(name)),
            }
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// The files of which the history has words that were not read as anything else.
fn unread_files(history: &History) -> BTreeSet<&str> {
    let of_migrations = history.migrations.iter().filter_map(|migration| {
        let why = migration.opaque.as_ref()?;
        Some([&*migration.file, &*why.place.file])
    });
    let handlers = history.handlers.iter().map(|one| &*one.why.place.file);
    of_migrations.flatten().chain(handlers).collect()
}

/// Whether a URL with a password stands in a text.
fn names_account(text: &str) -> bool {
    text.match_indices("://").any(|(at, slashes)| {
        let rest = &text[at + slashes.len()..];
        let end = rest.find(|c: char| c.is_whitespace() || "/'\"".contains(c)).unwrap_or(rest.len());
        rest[..end].split_once('@').is_some_and(|(account, _)| account.contains(':'))
    })
}

/// What tells this program from one that may read otherwise.
fn program() -> Option<String> {
    let data = fs::metadata(std::env::current_exe().ok()?).ok()?;
    let built = data.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {} {}", env!("CARGO_PKG_VERSION"), data.len(), built.as_nanos()))
}

fn forget_oldest(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let age = |entry: fs::DirEntry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()));
    let mut files: Vec<_> = entries.filter_map(|entry| age(entry.ok()?)).collect();
    files.sort();
    let surplus = files.len().saturating_sub(KEPT);
    for (_, file) in files.into_iter().take(surplus) {
        // Somebody else may be quicker; what stays is removed next time.
        let _ = fs::remove_file(file);
    }
}

#[cfg(test)]
mod tests;

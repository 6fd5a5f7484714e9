//! Results of replays in the cache folder: one file for each history, and kept shadows beside.
//!
//! A file holds what was learnt during the replay as JSON, and the rows of the catalog as recorded. Whatever is
//! wrong with a file (another version, damage, a folder that cannot be written) only means that it is made again.

use std::fs;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use trueup_model::journal::StatementRef;
use trueup_model::outcome::ShadowSummary;
use trueup_model::{History, Preparation, Text};
use trueup_sql::normal::semantic_hash;

use crate::introspect::{Introspection, Recording, query_fingerprint, read_recording};
use crate::replay::{Note, Replay, WrittenFailure};
use crate::shadow::{Shadow, Surroundings};

/// How many results and kept shadows stay: the oldest go first.
const RESULTS_KEPT: usize = 200;
const SHADOWS_KEPT: usize = 4;

/// What was learnt during a replay, besides the catalog.
pub struct Meta {
    pub shadow: ShadowSummary,
    pub migrator: String,
    pub replay: Replay,
}

/// A hash for each prefix of a history: of what its statements mean, how they run, and where.
pub struct Chain {
    hashes: Vec<blake3::Hash>,
}

impl Chain {
    pub fn over(history: &History, identity: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
        hasher.update(&query_fingerprint());
        hasher.update(identity.as_bytes());
        let Preparation { search_path, schemas, default_schema: _, makes_first_of_path: _ } =
            &history.preparation;
        hasher.update(format!("{search_path:?} {schemas:?}").as_bytes());
        let mut last = hasher.finalize();
        let mut hashes = vec![last];
        for migration in &history.migrations {
            let mut hasher = blake3::Hasher::new();
            hasher.update(last.as_bytes());
            hasher.update(&semantic_hash(&migration.up));
            hasher.update(format!("{:?}", migration.transaction).as_bytes());
            last = hasher.finalize();
            hashes.push(last);
        }
        Self { hashes }
    }

    /// The hash of the whole history.
    pub fn last(&self) -> &blake3::Hash {
        // There is always the hash of nothing.
        &self.hashes[self.hashes.len() - 1]
    }

    /// Numbers of migrations with the hash of so many, the longest first; the empty prefix is no help.
    pub fn prefixes_from_the_longest(&self) -> impl Iterator<Item = (usize, &blake3::Hash)> {
        self.hashes.iter().enumerate().skip(1).rev()
    }
}

fn results_folder(surroundings: &Surroundings) -> PathBuf {
    surroundings.cache.join("expected")
}

pub fn shadow_folder(surroundings: &Surroundings, hash: &blake3::Hash) -> PathBuf {
    surroundings.cache.join("shadows").join(&hash.to_hex()[..32])
}

fn file_of(surroundings: &Surroundings, hash: &blake3::Hash) -> PathBuf {
    results_folder(surroundings).join(format!("{}.trueup", &hash.to_hex()[..32]))
}

pub fn load(surroundings: &Surroundings, hash: &blake3::Hash) -> Option<(Meta, Introspection)> {
    let mut file = BufReader::with_capacity(1 << 16, fs::File::open(file_of(surroundings, hash)).ok()?);
    let mut length = [0; 8];
    file.read_exact(&mut length).ok()?;
    let mut meta = Vec::new();
    file.by_ref().take(u64::from_le_bytes(length)).read_to_end(&mut meta).ok()?;
    let written: WrittenMeta = serde_json::from_slice(&meta).ok()?;
    if written.version != VERSION {
        return None;
    }
    let introspection = read_recording(file).ok()?;
    Some((written.into_meta()?, introspection))
}

pub fn store(
    surroundings: &Surroundings,
    hash: &blake3::Hash,
    meta: &Meta,
    recording: &Recording,
) -> std::io::Result<()> {
    let folder = results_folder(surroundings);
    fs::create_dir_all(&folder)?;
    let written = serde_json::to_vec(&WrittenMeta::of(meta))?;
    let mut file = tempfile::NamedTempFile::new_in(&folder)?;
    file.write_all(&u64::try_from(written.len()).unwrap_or(u64::MAX).to_le_bytes())?;
    file.write_all(&written)?;
    file.write_all(&recording.to_bytes())?;
    file.persist(file_of(surroundings, hash)).map_err(|error| error.error)?;
    forget_oldest(&folder, RESULTS_KEPT);
    Ok(())
}

/// Ends a shadow and keeps its state for the next replay.
pub fn keep_shadow(
    surroundings: &Surroundings,
    hash: &blake3::Hash,
    shadow: Box<dyn Shadow>,
) -> Result<(), crate::shadow::ShadowError> {
    let folder = shadow_folder(surroundings, hash);
    if folder.is_dir() {
        return Ok(());
    }
    shadow.keep(&folder)?;
    if let Some(parent) = folder.parent() {
        forget_oldest(parent, SHADOWS_KEPT);
    }
    Ok(())
}

/// Removes the oldest entries of a folder until so many are left.
fn forget_oldest(folder: &Path, kept: usize) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    entries.sort();
    let surplus = entries.len().saturating_sub(kept);
    for (_, path) in entries.into_iter().take(surplus) {
        // Somebody else may be quicker; what stays is removed next time.
        let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
    }
}

const VERSION: u32 = 2;

/// The written form. Statements are two numbers: migration and statement, counted over the replayed history.
#[derive(Serialize, Deserialize)]
struct WrittenMeta {
    version: u32,
    shadow_kind: String,
    shadow_version: String,
    migrator: String,
    written: Vec<(u32, Option<(u32, u32)>)>,
    counters: Vec<(u32, Option<(u32, u32)>)>,
    failures: Vec<((u32, u32), WrittenFailure)>,
    notes: Vec<((u32, u32), String)>,
    statements: usize,
}

impl WrittenMeta {
    fn of(meta: &Meta) -> Self {
        let marks = |marks: &[(u32, Option<StatementRef>)]| {
            marks.iter().map(|(number, statement)| (*number, statement.map(pair))).collect()
        };
        Self {
            version: VERSION,
            shadow_kind: meta.shadow.kind.to_owned(),
            shadow_version: meta.shadow.server_version.to_string(),
            migrator: meta.migrator.clone(),
            written: marks(&meta.replay.written),
            counters: marks(&meta.replay.counters),
            failures: meta
                .replay
                .failures
                .iter()
                .map(|failure| {
                    let number = |statement| {
                        let (migration, statement) = pair(statement);
                        Some((i64::from(migration), statement))
                    };
                    (pair(failure.statement), WrittenFailure::of(failure, number))
                })
                .collect(),
            notes: meta.replay.notes.iter().map(|note| (pair(note.statement), note.text.clone())).collect(),
            statements: meta.replay.statements,
        }
    }

    /// `None` when it names a kind of shadow that there is not.
    fn into_meta(self) -> Option<Meta> {
        let kind = ["embedded", "local", "url"].into_iter().find(|kind| *kind == self.shadow_kind)?;
        let marks = |marks: Vec<(u32, Option<(u32, u32)>)>| {
            marks.into_iter().map(|(number, statement)| (number, statement.map(reference))).collect()
        };
        Some(Meta {
            shadow: ShadowSummary { kind, server_version: Text::new(self.shadow_version), from_cache: true },
            migrator: self.migrator,
            replay: Replay {
                written: marks(self.written),
                counters: marks(self.counters),
                failures: self
                    .failures
                    .into_iter()
                    .map(|(statement, failure)| {
                        failure.into_failure(reference(statement), |(migration, statement)| {
                            Some(reference((u32::try_from(migration).ok()?, statement)))
                        })
                    })
                    .collect(),
                notes: self
                    .notes
                    .into_iter()
                    .map(|(statement, text)| Note { statement: reference(statement), text })
                    .collect(),
                statements: self.statements,
            },
        })
    }
}

fn pair(statement: StatementRef) -> (u32, u32) {
    (statement.migration, statement.statement)
}

fn reference((migration, statement): (u32, u32)) -> StatementRef {
    StatementRef { migration, statement }
}

//! `backup.json`: what a backup holds, in a format of its own.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use trueup_model::QualifiedName;

use super::BackupError;
use super::folder::Beside;
use super::rows::Taken;
use super::scratch::{Attempt, Verified};

pub const FILE: &str = "backup.json";
const FORMAT: &str = "trueup.backup";
const VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    format: String,
    version: u32,
    /// The version of trueup that made it.
    made_by: String,
    /// The server's clock, at the time of the snapshot: `2025-11-21T06:03:10Z`.
    pub taken_at: String,
    pub database: Database,
    pub scope: Scope,
    pub way: Way,
    /// In order of their names.
    pub tables: Vec<TableHeld>,
    pub sequences: Vec<SequenceHeld>,
    pub files: Vec<FileHeld>,
    pub verified: VerifiedOn,
    /// What belongs to the tables and is not in the backup, a sentence each.
    pub lacks: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Database {
    pub name: String,
    pub server_version: String,
    /// Of its texts. Those in the backup are always UTF-8, unless this is SQL_ASCII.
    pub encoding: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    Everything,
    Tables,
}

/// How the rows were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", tag = "kind")]
pub enum Way {
    /// An archive in pg_dump's custom format.
    PgDump { program_version: String, file: String },
    /// A file for each table, as `COPY` writes rows, compressed with gzip.
    Copy,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableHeld {
    pub schema: String,
    pub name: String,
    /// The partitioned tables above it, the nearest first, written `schema.table`.
    pub partition_of: Vec<String>,
    /// Those whose values are held: generated columns are computed again.
    pub columns: Vec<String>,
    pub rows: u64,
    /// The sum of the BLAKE3 hashes of the lines that `COPY` writes of these columns.
    pub checksum: String,
    /// The file of its rows, where each table has its own.
    pub file: Option<String>,
}

impl TableHeld {
    pub fn path(&self) -> QualifiedName {
        QualifiedName::new(&self.schema, &self.name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SequenceHeld {
    pub schema: String,
    pub name: String,
    pub last_value: i64,
    pub is_called: bool,
    /// The tables that it gives numbers to, written `schema.table`; their rows bring it along.
    pub of: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FileHeld {
    pub name: String,
    pub bytes: u64,
    pub blake3: String,
}

/// Where the backup was restored once, and what this has not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct VerifiedOn {
    /// `embedded`, `local` or `url`.
    pub shadow: String,
    pub server_version: String,
    pub not_verified: Vec<String>,
}

impl Manifest {
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }
}

pub fn of(attempt: &Attempt<'_>, taken: &Taken, verified: Verified) -> Manifest {
    let Attempt { way, about, tables, .. } = attempt;
    let held = tables.iter().zip(&taken.tallies).filter_map(|(table, tally)| {
        let tally = tally.as_ref()?;
        Some(TableHeld {
            schema: table.name.schema.to_string(),
            name: table.name.name.to_string(),
            partition_of: table.ancestors(tables).iter().map(ToString::to_string).collect(),
            columns: table.columns.clone(),
            rows: tally.rows,
            checksum: tally.checksum(),
            file: taken.file_of(table),
        })
    });
    let mut files = taken.files.clone();
    files.push(attempt.definition.held.clone());
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Manifest {
        format: FORMAT.to_owned(),
        version: VERSION,
        made_by: env!("CARGO_PKG_VERSION").to_owned(),
        taken_at: about.taken_at.clone(),
        database: Database {
            name: about.database.clone(),
            server_version: about.server_version.clone(),
            encoding: about.encoding.clone(),
        },
        scope: if attempt.everything { Scope::Everything } else { Scope::Tables },
        way: way.as_held(),
        tables: held.collect(),
        sequences: taken.sequences.clone(),
        files,
        verified: VerifiedOn {
            shadow: verified.shadow,
            server_version: verified.server_version,
            not_verified: verified.not_verified,
        },
        lacks: way.lacks(about, attempt.everything),
    }
}

pub fn write(manifest: &Manifest, beside: &Beside) -> Result<(), BackupError> {
    let mut text =
        serde_json::to_vec_pretty(manifest).expect("a manifest holds nothing that JSON does not know");
    text.push(b'\n');
    beside.write(FILE, &text).map(|_| ())
}

/// Reads the manifest of a folder. The files that it lists are not looked at.
pub fn read(folder: &Path) -> Result<Manifest, BackupError> {
    let not_one = |why: String| BackupError::NotABackup { folder: folder.to_owned(), why };
    let path = folder.join(FILE);
    if !folder.is_dir() {
        return Err(not_one(
            if folder.exists() { "it is no folder" } else { "there is no such folder" }.to_owned(),
        ));
    }
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(not_one(format!("there is no {FILE} in it")));
        }
        Err(error) => return Err(BackupError::file("reading", &path)(error)),
    };
    /// What every version has.
    #[derive(Deserialize)]
    struct Head {
        format: String,
        version: u32,
    }
    let head: Head =
        serde_json::from_slice(&text).map_err(|_| not_one(format!("its {FILE} is not a manifest")))?;
    if head.format != FORMAT {
        return Err(not_one(format!("its {FILE} is not the manifest of a backup")));
    }
    if head.version > VERSION {
        return Err(BackupError::Newer { folder: folder.to_owned(), version: head.version, known: VERSION });
    }
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| not_one(format!("its {FILE} is damaged: {error}")))?;
    let named = manifest.files.iter().map(|file| &file.name);
    let used = manifest.tables.iter().filter_map(|table| table.file.as_ref());
    for name in named.chain(used) {
        // A file of another folder is none of a backup's.
        let mut parts = Path::new(name).components();
        if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
            return Err(not_one(format!("its {FILE} names a file outside of it")));
        }
    }
    Ok(manifest)
}

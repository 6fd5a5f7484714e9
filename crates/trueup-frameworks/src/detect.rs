//! Which framework keeps its history where: looked up in the tools' own configuration, in the usual folders, and in
//! the names and texts of files.

mod error;
mod named;
mod rivals;

pub use error::DetectError;
pub use named::detect_named;
pub use rivals::rival;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_sql::near::did_you_mean;

use crate::folder::{self, normalize};
use crate::framework::{FRAMEWORKS, Obstacle, framework};
use crate::settings::UrlHint;

/// A history that was found, and why it is taken for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    pub framework: &'static str,
    /// The project: paths are shown relative to it.
    pub root: Utf8PathBuf,
    pub folder: Utf8PathBuf,
    /// Further folders whose migrations belong to the same history.
    pub further_folders: Vec<Utf8PathBuf>,
    /// The tool's own configuration, where it was found.
    pub configuration: Option<Utf8PathBuf>,
    pub certainty: Certainty,
    /// Why, for people: `flyway.toml names it`, `14 files such as 0001_init.up.sql`.
    pub reason: String,
    /// The variables of the environment, for tools whose settings ask for them. Empty until the caller gives them.
    pub variables: Variables,
    /// Which of several databases of the tool's configuration is meant, where somebody said it.
    pub alias: Option<String>,
    /// The folder in which readings may be kept that cost much. Nowhere until the caller says so.
    pub memory: Option<PathBuf>,
}

/// Variables of the environment. Their values are not shown: passwords stand in them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Variables(pub BTreeMap<String, String>);

impl std::fmt::Debug for Variables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Detected {
    /// The database that the tool's own configuration in the project names.
    pub fn database_url_hint(&self) -> Option<UrlHint> {
        framework(self.framework).and_then(|framework| framework.database_url_hint(self))
    }

    /// Why that configuration leads to no database, where it should.
    pub fn why_no_database(&self) -> Option<Obstacle> {
        framework(self.framework).and_then(|framework| framework.why_no_database(self))
    }

    pub(crate) fn in_folder(
        framework: &'static str,
        root: &Utf8Path,
        folder: &Utf8Path,
        certainty: Certainty,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            framework,
            root: root.to_owned(),
            folder: folder.to_owned(),
            further_folders: Vec::new(),
            configuration: None,
            certainty,
            reason: reason.into(),
            variables: Variables::default(),
            alias: None,
            memory: None,
        }
    }

    pub(crate) fn configured_by(mut self, configuration: Utf8PathBuf) -> Self {
        self.configuration = Some(configuration);
        self.certainty = Certainty::Configured;
        self
    }
}

/// How sure a detection is. Later is surer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// SQL files with an order, and nothing that speaks for a tool.
    Plausible,
    /// Names that this tool and others use.
    Likely,
    /// Texts or names that only this tool writes.
    Typical,
    /// The tool's own configuration says so.
    Configured,
}

/// Folders in which histories usually lie, relative to the project.
const USUAL: &[&str] = &[
    "",
    "migrations",
    "db/migrations",
    "database/migrations",
    "db/migration",
    "sql",
    "sql/migrations",
    "db",
    "db/sql",
    "database",
    "migration",
    "schema",
    "schema/migrations",
    "src/main/resources/db/migration",
    "src/main/resources/db/migrations",
    "prisma/migrations",
    "internal/db/migrations",
    "internal/database/migrations",
];

/// Folders that hold other people's files.
const FOREIGN: &[&str] =
    &["node_modules", "target", "vendor", "venv", "site-packages", "dist", "build", "__pycache__"];

/// Histories are rarely deeper than this below a project, and projects can be large.
const DEEPEST: usize = 5;
const MOST_FOLDERS: usize = 4_000;

/// All histories that can be seen from here, the surest first.
pub fn detect(root: &Utf8Path) -> Vec<Detected> {
    // Folders are compared by the letter: all of them have to begin in the same way.
    let root = &absolute(root).unwrap_or_else(|_| root.to_owned());
    let mut found: Vec<Detected> =
        FRAMEWORKS.iter().flat_map(|framework| framework.configured(root)).collect();
    for folder in likely_folders(root) {
        let taken = found.iter().any(|detected| {
            detected.certainty == Certainty::Configured
                && (detected.folder == folder || detected.further_folders.contains(&folder))
        });
        if !taken {
            found.extend(most_certain(in_folder(root, &folder)));
        }
    }
    rivals::sort(&mut found);
    found
}

/// The usual folders that exist, then those that are called after migrations.
fn likely_folders(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let usual =
        USUAL.iter().map(|folder| if folder.is_empty() { root.to_owned() } else { root.join(folder) });
    let mut seen = BTreeSet::new();
    usual
        .chain(folders_by_name(root))
        .filter(|folder| folder.is_dir() && seen.insert(folder.clone()))
        .collect()
}

/// The history in one folder, which people named.
pub fn detect_in(history: &Utf8Path, wanted: Option<&str>) -> Result<Detected, DetectError> {
    let wanted = wanted.map(known_framework).transpose()?;
    let folder = absolute(history)?;
    if folder.is_file() {
        return Err(DetectError::NotAFolder { folder: history.to_owned() });
    }
    if !folder.is_dir() {
        return Err(DetectError::NoSuchFolder { folder: history.to_owned() });
    }
    let root = project_of(&folder);
    let configured = FRAMEWORKS
        .iter()
        .flat_map(|framework| framework.configured(&root))
        .filter(|detected| detected.folder == folder || detected.further_folders.contains(&folder));
    let mut found: Vec<Detected> = configured.collect();
    found.extend(in_folder(&root, &folder));
    match wanted {
        Some(name) => found
            .into_iter()
            .find(|detected| detected.framework == name)
            .map_or_else(|| by_decree(name, &root, &folder, history), Ok),
        None => {
            let best = most_certain(found);
            match best.as_slice() {
                [] => plain_by_decree(&root, &folder)
                    .ok_or_else(|| DetectError::Empty { folder: history.to_owned() }),
                [one] => Ok(one.clone()),
                several => Err(DetectError::Ambiguous {
                    folder: history.to_owned(),
                    frameworks: several.iter().map(|detected| detected.framework).collect(),
                }),
            }
        }
    }
}

fn known_framework(name: &str) -> Result<&'static str, DetectError> {
    let wanted = name.to_ascii_lowercase().replace('_', "-");
    let names = || FRAMEWORKS.iter().map(|framework| framework.name());
    if let Some(name) = names().find(|known| *known == wanted) {
        return Ok(name);
    }
    let part_of = |known: &&str| wanted.len() > 2 && (known.contains(&wanted) || wanted.contains(*known));
    let suggestion = did_you_mean(&wanted, names()).or_else(|| names().find(part_of));
    let known = names().collect::<Vec<_>>().join(", ");
    Err(DetectError::UnknownFramework { name: name.to_owned(), suggestion, known })
}

/// What people say counts, as long as the tool finds anything to read there.
fn by_decree(
    name: &'static str,
    root: &Utf8Path,
    folder: &Utf8Path,
    history: &Utf8Path,
) -> Result<Detected, DetectError> {
    let detected = Detected::in_folder(name, root, folder, Certainty::Plausible, "named with --framework");
    let read = framework(name).and_then(|framework| framework.read(&detected).ok());
    if read.is_some_and(|history| !history.migrations.is_empty()) {
        return Ok(detected);
    }
    let empty = folder::files_below(folder).map_or(true, |files| files.is_empty());
    Err(if empty {
        DetectError::Empty { folder: history.to_owned() }
    } else {
        DetectError::NotThisFramework { folder: history.to_owned(), framework: name }
    })
}

/// Any SQL files at all are a history when somebody says that they are.
fn plain_by_decree(root: &Utf8Path, folder: &Utf8Path) -> Option<Detected> {
    by_decree("plain", root, folder, folder)
        .ok()
        .map(|detected| Detected { reason: "SQL files in a folder that was named".to_owned(), ..detected })
}

fn in_folder(root: &Utf8Path, folder: &Utf8Path) -> Vec<Detected> {
    FRAMEWORKS.iter().filter_map(|framework| framework.detect(root, folder)).collect()
}

/// Those that no other one in the same folder beats.
fn most_certain(found: Vec<Detected>) -> Vec<Detected> {
    let best = found.iter().map(|detected| detected.certainty).max();
    let mut names = BTreeSet::new();
    found
        .into_iter()
        .filter(|detected| Some(detected.certainty) == best && names.insert(detected.framework))
        .collect()
}

/// Folders below the project that are called after migrations, nearest first.
fn folders_by_name(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut named = Vec::new();
    let mut level = vec![root.to_owned()];
    let mut looked_at = 0;
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for folder in &level {
            looked_at += 1;
            if looked_at > MOST_FOLDERS {
                return named;
            }
            for entry in folder::folders(folder).unwrap_or_default() {
                if FOREIGN.contains(&entry.name.as_str()) {
                    continue;
                }
                if matches!(entry.name.as_str(), "migrations" | "migration") {
                    named.push(entry.path.clone());
                }
                next.push(entry.path);
            }
        }
        level = next;
    }
    named
}

/// Files that stand at the top of a project.
const PROJECT_MARKS: &[&str] = &[
    ".git",
    "trueup.toml",
    "Cargo.toml",
    "package.json",
    "go.mod",
    "pyproject.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "flyway.toml",
    "flyway.conf",
    "diesel.toml",
    "sqlx.toml",
    "refinery.toml",
    ".env",
];

fn project_of(folder: &Utf8Path) -> Utf8PathBuf {
    folder
        .ancestors()
        .find(|ancestor| PROJECT_MARKS.iter().any(|mark| ancestor.join(mark).exists()))
        .or_else(|| folder.parent())
        .unwrap_or(folder)
        .to_owned()
}

fn absolute(path: &Utf8Path) -> Result<Utf8PathBuf, DetectError> {
    let fail = |reason: String| DetectError::NoWorkingFolder { folder: path.to_owned(), reason };
    let absolute = std::path::absolute(path).map_err(|error| fail(error.to_string()))?;
    let absolute = Utf8PathBuf::from_path_buf(absolute)
        .map_err(|path| fail(format!("{} is not Unicode", path.display())))?;
    Ok(normalize(&absolute))
}

#[cfg(test)]
mod tests;

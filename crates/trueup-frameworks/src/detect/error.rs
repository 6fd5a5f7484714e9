//! Why no history was found, and what can be typed next.

use camino::{Utf8Path, Utf8PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    #[error("choosing the framework: {name:?} is unknown{suggestion}; known are {known}", suggestion = suggested(.suggestion))]
    UnknownFramework { name: String, suggestion: Option<&'static str>, known: String },
    #[error("reading the history: there is no folder {folder}; check the path given with --history")]
    NoSuchFolder { folder: Utf8PathBuf },
    #[error("reading the history: {folder} is a file, not a folder; give the folder that holds the migrations, such as {}", parent(.folder))]
    NotAFolder { folder: Utf8PathBuf },
    #[error(
        "reading the history: {folder} holds no migration; give the folder that holds the SQL files with --history"
    )]
    Empty { folder: Utf8PathBuf },
    #[error(
        "reading the history: {folder} holds no migration of {framework}; leave --framework out to have it detected"
    )]
    NotThisFramework { folder: Utf8PathBuf, framework: &'static str },
    #[error("reading the history: {folder} could belong to {}; choose with --framework {}", .frameworks.join(" or "), .frameworks.join(" or --framework "))]
    Ambiguous { folder: Utf8PathBuf, frameworks: Vec<&'static str> },
    #[error("reading the history: cannot find out where {folder} is: {reason}; give an absolute path")]
    NoWorkingFolder { folder: Utf8PathBuf, reason: String },
}

fn suggested(word: &Option<&'static str>) -> String {
    word.map(|word| format!(", did you mean {word:?}?")).unwrap_or_default()
}

fn parent(path: &Utf8Path) -> &Utf8Path {
    path.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or(Utf8Path::new("."))
}

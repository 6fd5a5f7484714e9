//! The journal of runs beside the project: a line for each, in `.trueup/runs.jsonl`. The journal in the database is the
//! one that counts; this one is there for those who have the project and not the database.

use std::fs::{self, OpenOptions};
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_database::apply::{Applied, ApplyError};
use trueup_model::run::RunDirection;
use trueup_report::{KeptRun, redact};

use super::Undertaking;
use crate::failure::Failure;
use crate::workflow::load::Setting;

const FOLDER: &str = ".trueup";

/// The folder for what is kept of runs, below the root of the project. Nothing in it is for others: versions of it are
/// not kept.
pub(crate) fn folder(root: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
    let folder = root.join(FOLDER);
    let ignore = folder.join(".gitignore");
    let made = fs::create_dir_all(&folder)
        .and_then(|()| if ignore.exists() { Ok(()) } else { fs::write(&ignore, "*\n") });
    made.map_err(|error| Failure::new(format!("making the folder {folder}: {}", error.kind())))?;
    Ok(folder)
}

pub(super) fn write(
    setting: &Setting,
    database: &str,
    undertaking: &Undertaking,
    direction: RunDirection,
    outcome: &Result<Applied, ApplyError>,
) -> Result<(), Failure> {
    let message = outcome.as_ref().err().map(|error| redact(&error.to_string()));
    let line = KeptRun {
        at: trueup_frameworks::Clock { unix_seconds: setting.began }.written(),
        database: database.to_owned(),
        direction: match direction {
            RunDirection::Apply => "apply",
            RunDirection::Undo => "undo",
        },
        run: outcome.as_ref().ok().map(|applied| applied.run),
        title: redact(&undertaking.title),
        file: undertaking.migration.as_ref().map(|migration| migration.file.clone()),
        outcome: if message.is_none() { "done" } else { "failed" },
        message,
    }
    .line();
    let file = folder(&setting.detected.root)?.join("runs.jsonl");
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .and_then(|mut open| open.write_all(line.as_bytes()));
    written.map_err(|error| Failure::new(format!("writing {file}: {}", error.kind())))
}

//! The histories of a framework that people named, also where nothing but their word speaks for it.

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::{
    Certainty, DetectError, Detected, absolute, by_decree, detect, known_framework, likely_folders, rivals,
};
use crate::folder;
use crate::framework::framework;

/// The histories of one framework that can be seen from here, the surest first. Files that look more like another
/// tool's are taken for its own only where there are no better ones.
pub fn detect_named(root: &Utf8Path, wanted: &str) -> Result<Vec<Detected>, DetectError> {
    let name = known_framework(wanted)?;
    let mut found = detect(root);
    found.retain(|detected| detected.framework == name);
    if !found.is_empty() {
        return Ok(found);
    }
    let root = &absolute(root).unwrap_or_else(|_| root.to_owned());
    let folders = likely_folders(root);
    let framework = framework(name);
    found = folders
        .iter()
        .filter_map(|folder| framework.and_then(|framework| framework.detect(root, folder)))
        .collect();
    if found.is_empty() {
        found = decreed(name, root, &folders);
    }
    rivals::sort(&mut found);
    Ok(found)
}

/// Folders in which the tool finds anything to read.
fn decreed(name: &'static str, root: &Utf8Path, folders: &[Utf8PathBuf]) -> Vec<Detected> {
    let mut found: Vec<(Detected, Vec<Utf8PathBuf>)> = folders
        .iter()
        // Some tools read everything below their folder, and below a project lies everything.
        .filter(|folder| *folder != root || holds_sql(root))
        .filter_map(|folder| by_decree(name, root, folder, folder).ok())
        .map(|detected| {
            let files = files_of(&detected);
            (detected, files)
        })
        .collect();
    // `db` has nothing of its own where all its files lie in `db/migrations`.
    let inner: Vec<Utf8PathBuf> = found.iter().map(|(detected, _)| detected.folder.clone()).collect();
    found.retain(|(detected, files)| {
        let is_elsewhere = |file: &Utf8PathBuf| {
            inner.iter().any(|other| {
                *other != detected.folder && other.starts_with(&detected.folder) && file.starts_with(other)
            })
        };
        !files.iter().all(is_elsewhere)
    });
    found.into_iter().map(|(detected, _)| Detected { certainty: Certainty::Plausible, ..detected }).collect()
}

fn holds_sql(folder: &Utf8Path) -> bool {
    folder::files(folder).is_ok_and(|files| files.iter().any(|entry| entry.name.ends_with(".sql")))
}

/// The files of the migrations that the tool reads there.
pub(super) fn files_of(detected: &Detected) -> Vec<Utf8PathBuf> {
    framework(detected.framework)
        .and_then(|framework| framework.read(detected).ok())
        .map(|history| {
            history.migrations.iter().map(|migration| detected.root.join(&*migration.file)).collect()
        })
        .unwrap_or_default()
}

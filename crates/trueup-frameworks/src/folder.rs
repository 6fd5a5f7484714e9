//! Folders: what is in them, and how paths are shown.

use camino::{Utf8Path, Utf8PathBuf};

use crate::framework::ReadError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub name: String,
    pub path: Utf8PathBuf,
    pub is_folder: bool,
}

/// Deeper than any history goes; a guard against links that lead in circles.
const DEEPEST: usize = 8;

/// What is in a folder, sorted by name, without hidden things. Names that are not Unicode belong to no tool's
/// history and are left out.
pub(crate) fn list(folder: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
    let listing =
        folder.read_dir_utf8().map_err(|reason| ReadError::Folder { folder: folder.to_owned(), reason })?;
    let mut entries: Vec<Entry> = listing
        .filter_map(Result::ok)
        .filter(|entry| !entry.file_name().starts_with('.'))
        .map(|entry| Entry {
            name: entry.file_name().to_owned(),
            is_folder: entry.path().is_dir(),
            path: entry.path().to_owned(),
        })
        .collect();
    entries.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(entries)
}

pub(crate) fn files(folder: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
    Ok(list(folder)?.into_iter().filter(|entry| !entry.is_folder).collect())
}

pub(crate) fn folders(folder: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
    Ok(list(folder)?.into_iter().filter(|entry| entry.is_folder).collect())
}

/// The files of a folder and of everything below it.
pub(crate) fn files_below(folder: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
    fn collect(folder: &Utf8Path, depth: usize, found: &mut Vec<Entry>) -> Result<(), ReadError> {
        for entry in list(folder)? {
            if !entry.is_folder {
                found.push(entry);
            } else if depth < DEEPEST {
                collect(&entry.path, depth + 1, found)?;
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    collect(folder, 0, &mut found)?;
    Ok(found)
}

/// The path as people see it: relative to the project, with forward slashes.
pub(crate) fn shown(root: &Utf8Path, path: &Utf8Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let text: Vec<&str> = relative.components().map(|component| component.as_str()).collect();
    let text = text.join("/").replace("//", "/");
    if text.is_empty() { ".".to_owned() } else { text }
}

/// `.` and `..` taken out by the letter, without asking the disk.
pub(crate) fn normalize(path: &Utf8Path) -> Utf8PathBuf {
    let mut result = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            camino::Utf8Component::CurDir => {}
            camino::Utf8Component::ParentDir => {
                if !result.pop() {
                    result.push("..");
                }
            }
            camino::Utf8Component::Prefix(_)
            | camino::Utf8Component::RootDir
            | camino::Utf8Component::Normal(_) => result.push(component.as_str()),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_relative_to_the_project() {
        assert_eq!(shown("/shop".into(), "/shop/db/migrations/1.sql".into()), "db/migrations/1.sql");
        assert_eq!(shown("/shop".into(), "/shop".into()), ".");
        assert_eq!(shown("/shop".into(), "/other/1.sql".into()), "/other/1.sql");
    }

    #[test]
    fn dots_are_taken_out_of_paths() {
        assert_eq!(normalize("/shop/db/../sql/./a.sql".into()), "/shop/sql/a.sql");
        assert_eq!(normalize("../a.sql".into()), "../a.sql");
    }
}

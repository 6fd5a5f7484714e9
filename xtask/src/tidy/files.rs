//! The files of the workspace that people write.

use std::path::Path;

use anyhow::{Context, Result};

/// A file, with its path from the root of the workspace, with `/` on every system.
#[derive(Debug)]
pub struct File {
    pub path: String,
    pub text: String,
}

#[derive(Debug)]
pub struct Files {
    files: Vec<File>,
    /// The folder of the workspace, as its absolute path.
    pub root: String,
}

/// Endings of files that are read. Snapshots are not among them: they hold what programs wrote.
const ENDINGS: &[&str] =
    &["rs", "toml", "md", "sql", "sh", "lock", "json", "css", "html", "txt", "yml", "yaml"];

/// Hidden folders that are ours.
const HIDDEN: &[&str] = &[".cargo", ".ci", ".github"];

impl Files {
    pub fn of_workspace(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        walk(root, root, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files, root: root.display().to_string() })
    }

    pub fn all(&self) -> &[File] {
        &self.files
    }

    pub fn with_ending<'a>(&'a self, endings: &'a [&str]) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| endings.iter().any(|ending| has_ending(&file.path, ending)))
    }

    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| has_ending(&file.path, "rs"))
    }

    /// Rust that ships: no tests, no tasks.
    pub fn shipped(&self) -> impl Iterator<Item = &File> {
        self.rust().filter(|file| is_shipped(&file.path))
    }

    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        Self { files: files.iter().map(file).collect(), root: "/srv/build/trueup".to_owned() }
    }
}

fn has_ending(path: &str, ending: &str) -> bool {
    path.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.'))
}

fn is_shipped(path: &str) -> bool {
    let ours = path.starts_with("crates/") && !path.starts_with("crates/trueup-testing/");
    let inside = path.split('/').nth(2) == Some("src");
    let test = path.ends_with("/tests.rs") || path.contains("/tests/") || path.ends_with("src/testing.rs");
    ours && inside && !test
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) -> Result<()> {
    let reading = || format!("reading the folder {}", folder.display());
    for entry in std::fs::read_dir(folder).with_context(reading)? {
        let entry = entry.with_context(reading)?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let hidden = name.starts_with('.') && !HIDDEN.contains(&name.as_str());
        if entry.file_type()?.is_dir() {
            if !hidden && !["target", "node_modules"].contains(&name.as_str()) {
                walk(root, &path, files)?;
            }
            continue;
        }
        let in_hidden = folder != root && HIDDEN.iter().any(|hidden| folder.ends_with(hidden));
        if !in_hidden && !ENDINGS.iter().any(|ending| has_ending(&name, ending)) {
            continue;
        }
        // Test data in other encodings than UTF-8 holds no rule of ours.
        if let Ok(text) = std::fs::read_to_string(&path) {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            files.push(File { path: relative.to_string_lossy().replace('\\', "/"), text });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_shipped;

    #[test]
    fn tests_and_tasks_do_not_ship() {
        assert!(is_shipped("crates/trueup-sql/src/split.rs"));
        for path in [
            "crates/trueup-sql/src/split/tests.rs",
            "crates/trueup-report/tests/contract.rs",
            "crates/trueup-testing/src/servers.rs",
            "crates/trueup-frameworks/src/testing.rs",
            "xtask/src/main.rs",
        ] {
            assert!(!is_shipped(path), "{path}");
        }
    }
}

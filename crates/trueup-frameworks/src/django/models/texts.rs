//! The files of a project, looked through for what no module that was read tells.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::super::project::{App, Project};
use super::classes::Found;
use crate::python::Files;

/// More files are not looked through for a class that was not found.
const MOST_FILES: usize = 20_000;

/// The files of the project, for what no module that was read tells.
pub(super) struct Texts<'a> {
    pub project: &'a Project,
    pub found: &'a Found,
    pub apps: &'a [&'a App],
    pub files: std::cell::OnceCell<Vec<(String, String)>>,
}

impl Texts<'_> {
    /// The file in which a class of this name is written.
    pub fn class(&self, name: &str) -> Option<&str> {
        let is_class = |line: &str| {
            line.trim_start().strip_prefix("class ").is_some_and(|rest| {
                let end = rest.find(['(', ':', ' ']).unwrap_or(rest.len());
                rest[..end].eq_ignore_ascii_case(name)
            })
        };
        self.find(is_class)
    }

    /// The file in which a field of this name may be added to a class that is written elsewhere.
    pub fn adds(&self, name: &str) -> Option<&str> {
        let quoted = [format!("\"{name}\""), format!("'{name}'")];
        self.find(|line| {
            (line.contains("add_to_class") || line.contains("contribute_to_class"))
                && quoted.iter().any(|quoted| line.contains(quoted.as_str()))
        })
    }

    fn find(&self, wanted: impl Fn(&str) -> bool) -> Option<&str> {
        let files = self.files.get_or_init(|| self.all());
        files.iter().find(|(_, text)| text.lines().any(&wanted)).map(|(file, _)| file.as_str())
    }

    fn all(&self) -> Vec<(String, String)> {
        let surroundings = self.project.world.surroundings();
        let mut folders: Vec<Utf8PathBuf> = surroundings.roots.clone();
        folders.extend(self.apps.iter().filter_map(|app| app.path.clone()));
        let mut seen: BTreeSet<Utf8PathBuf> = BTreeSet::new();
        // What models modules import of packages: abstract classes, and whole apps that are taken over.
        let modules = self.found.world.found_modules();
        let mut found: Vec<(String, String)> = modules
            .iter()
            .map(|module| (module.source.shown.to_string(), module.source.text().to_owned()))
            .collect();
        while let Some(folder) = folders.pop() {
            if !seen.insert(folder.clone()) || surroundings.installed.contains(&folder) {
                continue;
            }
            for name in surroundings.files.list(&folder) {
                let path = folder.join(&name);
                if name.ends_with(".py") {
                    if let Some(text) = text(&*surroundings.files, &path) {
                        found.push((crate::folder::shown(&self.project.root, &path), text));
                    }
                } else if !is_foreign(&name) && surroundings.files.is_folder(&path) {
                    folders.push(path);
                }
                if found.len() > MOST_FILES + modules.len() {
                    return found;
                }
            }
        }
        found
    }
}

fn is_foreign(name: &str) -> bool {
    name.starts_with('.')
        || matches!(name, "migrations" | "node_modules" | "site-packages" | "__pycache__" | "venv" | "env")
}

fn text(files: &dyn Files, path: &Utf8Path) -> Option<String> {
    Some(trueup_sql::text::decode(&files.read(path)?).ok()?.text)
}

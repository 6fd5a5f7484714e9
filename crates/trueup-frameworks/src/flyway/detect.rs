//! Where Flyway keeps its files.

use camino::Utf8Path;

use crate::detect::{Certainty, Detected};
use crate::flyway::NAME;
use crate::flyway::configuration::{self, Configuration};
use crate::flyway::name::{Meaning, meaning};
use crate::folder::{self, shown};

pub(crate) fn configured(root: &Utf8Path) -> Vec<Detected> {
    let Some(file) = configuration::find(root) else { return Vec::new() };
    let configuration = configuration::read(root, &file);
    let mut locations = configuration.locations;
    if locations.is_empty() {
        let usual = ["src/main/resources/db/migration", "db/migration", "migrations", "sql"];
        locations.extend(usual.iter().map(|folder| root.join(folder)).find(|folder| folder.is_dir()));
    }
    locations.retain(|folder| folder.is_dir());
    let Some(first) = locations.first().cloned() else { return Vec::new() };
    let reason = format!("{} configures Flyway", shown(root, &file));
    let mut detected =
        Detected::in_folder(NAME, root, &first, Certainty::Configured, reason).configured_by(file);
    detected.further_folders = locations.split_off(1);
    vec![detected]
}

pub(crate) fn detect(root: &Utf8Path, folder: &Utf8Path) -> Option<Detected> {
    let file = configuration::find(root);
    let configuration =
        file.as_ref().map_or_else(Configuration::default, |file| configuration::read(root, file));
    let conventional = folder.ends_with("db/migration");
    let files = if conventional { folder::files_below(folder) } else { folder::files(folder) }.ok()?;
    let stems = files
        .iter()
        .filter_map(|entry| Some((entry, stem_of(&entry.name, &configuration)?)))
        .filter(|(_, stem)| stem.contains(configuration.separator.as_str()));
    let mut versioned = 0;
    let mut repeatable = 0;
    let mut example = None;
    for (entry, stem) in stems {
        match meaning(stem, &configuration) {
            Meaning::Versioned { .. } | Meaning::Baseline { .. } => versioned += 1,
            Meaning::Repeatable { .. } => repeatable += 1,
            Meaning::Undo { .. } | Meaning::Callback | Meaning::Malformed { .. } | Meaning::Other => continue,
        }
        example.get_or_insert(entry.name.clone());
    }
    // refinery names its files in the same way.
    if crate::refinery::is_used(root, folder) && repeatable == 0 && !conventional {
        return None;
    }
    let certainty = if conventional || repeatable > 0 { Certainty::Typical } else { Certainty::Likely };
    let reason = format!("{} files such as {}", versioned + repeatable, example?);
    let mut detected = Detected::in_folder(NAME, root, folder, certainty, reason);
    detected.configuration = file;
    Some(detected)
}

/// The name without the suffix of an SQL migration.
pub(crate) fn stem_of<'a>(name: &'a str, configuration: &Configuration) -> Option<&'a str> {
    configuration.suffixes.iter().find_map(|suffix| name.strip_suffix(suffix.as_str()))
}

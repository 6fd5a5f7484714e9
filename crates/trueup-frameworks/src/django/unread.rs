//! Migrations that a database records of apps which could not be read: what they made is not known, and neither is held
//! against the database nor called somebody else's.

use std::collections::BTreeSet;

use trueup_model::history::TransactionMode;
use trueup_model::{Migration, Reach, Text};

use super::graph::Key;
use super::project::Project;
use crate::reach::reach;
use crate::source;

/// One for each that is recorded of an app that the project does not know, where INSTALLED_APPS has an entry that could
/// not be read: it may be that one.
pub(super) fn migrations(project: &Project, applied: &BTreeSet<Key>) -> Vec<Migration> {
    let Some(why) = &project.unread_apps else { return Vec::new() };
    let is_known = |key: &Key| project.apps.iter().any(|app| app.label == key.app);
    let unread = applied.iter().filter(|key| !is_known(key));
    unread
        .map(|key| {
            let id = key.to_string();
            let mut migration = source::migration(&id, &id, &why.place.file, TransactionMode::Single);
            migration.opaque = Some(why.clone());
            migration.reach = of_app(&key.app);
            migration
        })
        .collect()
}

/// The tables of an app are called after it.
fn of_app(label: &str) -> Reach {
    let label = Text::new(label.to_lowercase());
    reach(BTreeSet::new(), BTreeSet::from([label]))
}

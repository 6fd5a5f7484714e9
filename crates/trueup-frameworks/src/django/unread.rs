//! Migrations that a database records of apps which could not be read: what they made is not known, and neither is held
//! against the database nor called somebody else's.

use std::collections::BTreeSet;

use trueup_model::history::TransactionMode;
use trueup_model::{Migration, Reach, Text};

use super::graph::Key;
use super::project::{App, Migrations, Project};
use crate::reach::reach;
use crate::source;

/// One for each that is recorded of an app that the project does not know, where INSTALLED_APPS has an entry that could
/// not be read: it may be that one.
pub(super) fn migrations(project: &Project, applied: &BTreeSet<Key>) -> Vec<Migration> {
    let Some(why) = &project.unread_apps else { return Vec::new() };
    // Where an app has no migrations, the setting that says where they are may be what could not be read.
    let has_migrations = |app: &App| !matches!(app.migrations, Migrations::Missing { .. });
    let is_known = |key: &Key| project.apps.iter().any(|app| app.label == key.app && has_migrations(app));
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

/// The tables of an app are called after it, or at least as its name begins.
fn of_app(label: &str) -> Reach {
    let label = label.to_lowercase();
    let beginning = label.split('_').next().unwrap_or_default();
    reach(BTreeSet::new(), BTreeSet::from([Text::new(beginning), Text::new(&label)]))
}

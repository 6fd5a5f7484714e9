//! Django: migrations of every installed app, read without running them; ledger `django_migrations`.

mod graph;
mod history;
mod ledger;
mod project;
mod python_text;
pub mod read;
pub mod schema;
mod version;
mod write;

pub use version::Version;

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::ledger::{LedgerRows, LedgerTable};
use trueup_model::{Finding, History};

use crate::detect::{Certainty, Detected};
use crate::folder;
use crate::framework::{Framework, ReadError, Writer};
use crate::ledger_reading::LedgerReading;
use crate::record::Recorder;
use crate::write::{WriteError, WriteRequest, WrittenMigration};

pub(crate) struct Django;

const NAME: &str = "django";

impl Framework for Django {
    fn name(&self) -> &'static str {
        NAME
    }

    fn configured(&self, root: &Utf8Path) -> Vec<Detected> {
        managed(root).into_iter().map(|folder| detected(root, &folder)).collect()
    }

    fn detect(&self, root: &Utf8Path, folder: &Utf8Path) -> Option<Detected> {
        is_managed(folder).then(|| detected(root, folder))
    }

    fn read(&self, detected: &Detected) -> Result<History, ReadError> {
        Ok(read(detected, &BTreeSet::new()))
    }

    fn ledger_table(&self, _detected: &Detected) -> LedgerTable {
        ledger::table()
    }

    fn entries(&self, rows: &LedgerRows, _history: &History) -> LedgerReading {
        ledger::entries(rows)
    }

    fn writer(&self) -> Writer {
        Writer {
            compose: write::write,
            record: |detected, _, ledger, items| ledger::record(detected, ledger, items),
            forget: ledger::forget,
        }
    }

    /// Numbers count within an app only: there is no order of all keys to be kept.
    fn write(&self, request: &WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError> {
        write::write(request)
    }

    fn recorder(&self, detected: &Detected) -> Option<Recorder> {
        let project = project::project(detected);
        Some(Recorder {
            program: project.interpreter.unwrap_or_else(|| Utf8PathBuf::from("python3")),
            arguments: vec!["-c".to_owned(), include_str!("record.py").to_owned()],
            folder: detected.folder.clone(),
            environment: Vec::new(),
            request: BTreeMap::from([
                ("settings", project.settings),
                ("alias", Some("default".to_owned())),
            ]),
        })
    }
}

fn detected(root: &Utf8Path, folder: &Utf8Path) -> Detected {
    Detected::in_folder(NAME, root, folder, Certainty::Configured, "manage.py of a Django project")
        .configured_by(folder.join("manage.py"))
}

/// How deep below a folder a project is looked for.
const DEEPEST: usize = 3;

/// Folders with a `manage.py` of Django's.
fn managed(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut found = Vec::new();
    let mut level = vec![root.to_owned()];
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for folder in level {
            if is_managed(&folder) {
                found.push(folder);
                continue;
            }
            let below = folder::folders(&folder).unwrap_or_default();
            next.extend(below.into_iter().filter(|entry| !is_foreign(&entry.name)).map(|entry| entry.path));
        }
        level = next;
    }
    found
}

fn is_foreign(name: &str) -> bool {
    name.starts_with('.')
        || matches!(name, "node_modules" | "target" | "vendor" | "venv" | "env" | "site-packages" | "lib" | "dist" | "build")
}

fn is_managed(folder: &Utf8Path) -> bool {
    std::fs::read_to_string(folder.join("manage.py")).is_ok_and(|text| text.contains("django"))
}

fn read(detected: &Detected, applied: &BTreeSet<graph::Key>) -> History {
    let project = project::project(detected);
    let sources = history::Sources {
        world: &project.world,
        root: &detected.root,
        apps: &project.apps,
        without: &project.without,
    };
    let all = history::read_all(&sources);
    let mut history = all.history(&detected.root, project.environment.clone(), applied);
    history.findings.extend(project.findings.iter().cloned());
    history.findings.sort_by(Finding::report_order);
    history
}

//! Django: migrations of every installed app, read without running them; ledger `django_migrations`.

mod graph;
mod handlers;
mod history;
mod kept;
mod ledger;
mod models;
pub mod project;
mod python_text;
mod reach;
pub mod read;
mod routers;
pub mod schema;
mod tables;
mod unread;
mod unresolved;
mod version;
mod write;

pub use version::Version;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::ledger::{LedgerRows, LedgerTable};
use trueup_model::{Finding, History, Preparation, Severity};

use self::graph::Key;
use self::project::{Project, Request};
use self::schema::{Driver, Environment};
use crate::detect::{Certainty, Detected};
use crate::framework::{FileOf, Framework, Obstacle, ReadError, Writer};
use crate::ledger_reading::LedgerReading;
use crate::models::Models;
use crate::python::{Disk, Files, Traced};
use crate::record::Recorder;
use crate::settings::UrlHint;
use crate::write::{WriteError, WriteRequest, WrittenMigration};

pub(crate) struct Django;

const NAME: &str = "django";

/// The database that Django migrates where nobody names another.
const DEFAULT: &str = "default";

impl Framework for Django {
    fn name(&self) -> &'static str {
        NAME
    }

    fn configured(&self, root: &Utf8Path) -> Vec<Detected> {
        project::folder_below(root).iter().map(|folder| detected(folder)).collect()
    }

    fn detect(&self, _root: &Utf8Path, folder: &Utf8Path) -> Option<Detected> {
        project::is_project(folder).then(|| detected(folder))
    }

    fn read(&self, detected: &Detected) -> Result<History, ReadError> {
        history_for(detected, &BTreeSet::new())
    }

    fn read_for(&self, detected: &Detected, history: &History, rows: &LedgerRows) -> Option<History> {
        // Which of them count depends on the ledger only where some stand for others.
        let recorded = ledger::recorded(rows);
        let matters = recorded
            .iter()
            .any(|key| !history.migrations.iter().any(|one| one.key.as_str() == key.to_string()));
        matters.then(|| history_for(detected, &recorded).ok()).flatten()
    }

    fn ledger_table(&self, _detected: &Detected) -> LedgerTable {
        ledger::table()
    }

    fn entries(&self, rows: &LedgerRows, history: &History) -> LedgerReading {
        ledger::entries(rows, history)
    }

    fn replays_in_order_of_history(&self) -> bool {
        true
    }

    fn does_afterwards(&self) -> Option<&'static str> {
        Some(
            "handlers of Django's pre_migrate and post_migrate, which make content types and permissions of new \
             models, do not run with it: run manage.py migrate afterwards",
        )
    }

    fn phantom_severity(&self, _detected: &Detected, key: &str, history: &History) -> Option<Severity> {
        ledger::phantom_severity(key, history)
    }

    fn faults(&self, history: &History, applied: &BTreeSet<&str>) -> Vec<Finding> {
        ledger::inconsistent(history, applied)
    }

    fn database_url_hint(&self, detected: &Detected) -> Option<UrlHint> {
        on_a_deep_stack(|| {
            let mut databases = project::read_databases(&request(detected, Rc::new(Disk))).ok()?;
            databases.remove(alias(detected))?.url.ok()
        })
    }

    fn why_no_database(&self, detected: &Detected) -> Option<Obstacle> {
        on_a_deep_stack(|| match read_project(detected) {
            Ok(project) => project.why_no_database(alias(detected)),
            Err(ReadError::Project(obstacle)) => Some(obstacle),
            Err(ReadError::Folder { .. }) => None,
        })
    }

    fn databases(&self, detected: &Detected) -> Option<Vec<String>> {
        on_a_deep_stack(|| {
            let databases = project::read_databases(&request(detected, Rc::new(Disk))).ok()?;
            Some(databases.into_keys().collect())
        })
    }

    fn preparation(&self, detected: &Detected) -> Preparation {
        let hint = self.database_url_hint(detected);
        Preparation { search_path: UrlHint::search_path(hint.as_ref()), ..Preparation::default() }
    }

    fn writer(&self) -> Writer {
        Writer {
            compose: write::write,
            record: |detected, _, ledger, items| write::record(detected, ledger, items),
            forget: write::forget,
        }
    }

    fn file_of<'h>(&self, history: &'h History) -> FileOf<'h> {
        write::file_of(history)
    }

    /// Numbers count within an app only: there is no order of all keys to be kept.
    fn write(&self, request: &WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError> {
        write::write(request)
    }

    fn recorder(&self, detected: &Detected) -> Option<Recorder> {
        on_a_deep_stack(|| recorder(detected))
    }

    fn models(&self, detected: &Detected) -> Option<Models> {
        on_a_deep_stack(|| models::models(detected))
    }
}

fn recorder(detected: &Detected) -> Option<Recorder> {
    let project = read_project(detected).ok()?;
    Some(Recorder {
        program: python(&project),
        arguments: vec!["-c".to_owned(), include_str!("record.py").to_owned()],
        folder: project.root,
        environment: Vec::new(),
        request: BTreeMap::from([
            ("settings", Some(project.settings_module)),
            ("alias", Some(alias(detected).to_owned())),
        ]),
    })
}

/// The database that is meant.
fn alias(detected: &Detected) -> &str {
    detected.alias.as_deref().unwrap_or(DEFAULT)
}

/// The interpreter of the project's own environment.
fn python(project: &Project) -> Utf8PathBuf {
    let folder = project.environment.folder.as_ref();
    folder.map_or_else(|| Utf8PathBuf::from("python3"), |folder| folder.join("bin/python3"))
}

fn detected(folder: &Utf8Path) -> Detected {
    Detected::in_folder(NAME, folder, folder, Certainty::Configured, "manage.py of a Django project")
        .configured_by(folder.join("manage.py"))
}

fn request(detected: &Detected, files: Rc<dyn Files>) -> Request {
    Request { files, ..Request::new(detected.folder.clone(), detected.variables.0.clone()) }
}

fn read_project(detected: &Detected) -> Result<Project, ReadError> {
    read_project_from(detected, Rc::new(Disk))
}

fn read_project_from(detected: &Detected, files: Rc<dyn Files>) -> Result<Project, ReadError> {
    project::read(&request(detected, files)).map_err(|error| ReadError::Project(error.into()))
}

/// Code within code takes the stack that it needs.
const STACK: usize = 1 << 28;

/// The history as a database sees it in which these are applied: as it was kept, where the project is what it was then.
fn history_for(detected: &Detected, applied: &BTreeSet<Key>) -> Result<History, ReadError> {
    let Some(place) = kept::Place::of(detected, applied) else {
        return on_a_deep_stack(|| history_from(&read_project(detected)?, detected, applied));
    };
    if let Some(history) = place.load() {
        return Ok(history);
    }
    on_a_deep_stack(|| {
        let files = Rc::new(Traced::default());
        let project = read_project_from(detected, files.clone())?;
        let history = history_from(&project, detected, applied)?;
        // What cannot be kept is read again next time: no reason to fail now.
        let _ = place.store(&project.root, &history, files.trace(), project.asked());
        Ok(history)
    })
}

/// What is evaluated is not shared with other threads; what comes out is plain data.
fn on_a_deep_stack<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        thread
            .expect("a thread can be started")
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn history_from(
    project: &Project,
    detected: &Detected,
    applied: &BTreeSet<Key>,
) -> Result<History, ReadError> {
    if let Some(obstacle) = project.obstacle() {
        return Err(ReadError::Project(obstacle));
    }
    let alias = alias(detected);
    let mut all = history::read_all(project);
    all.find_handlers(project, alias);
    if let Some(routers) = routers::Routers::of(project, alias) {
        all.route(&routers);
    }
    let mut history = all.history(&detected.root, environment(project, alias), applied);
    history.migrations.splice(0..0, unread::migrations(project, applied));
    history.findings.extend(project.findings.iter().cloned());
    history.findings.sort_by(Finding::report_order);
    Ok(history)
}

/// What decides, besides the migrations, which statements Django would send.
fn environment(project: &Project, alias: &str) -> Environment {
    let settings = &project.settings;
    let text = |name: &str| settings.get(name).and_then(|value| value.as_str().map(Rc::from));
    let named = |name: &str| text(name).filter(|text: &Rc<str>| !text.is_empty());
    let files = &project.world.surroundings().files;
    let has = |package: &str| {
        project.environment.packages.iter().any(|folder| files.is_folder(&folder.join(package)))
    };
    // Whatever setting is made of an app and a model puts that in the place of a swappable one.
    let models = settings.module().scope.entries().into_iter().filter(|(name, _)| name.ends_with("_MODEL"));
    let mut swapped: BTreeMap<Rc<str>, Rc<str>> =
        models.filter_map(|(name, _)| Some((name.clone(), text(&name)?))).collect();
    swapped.insert("AUTH_USER_MODEL".into(), project.auth_user_model.as_str().into());
    let usual = Environment::new(project.django.unwrap_or(NEWEST));
    let engine = project.databases.get(alias).and_then(|database| database.engine.clone());
    Environment {
        driver: if has("psycopg") { Driver::Psycopg3 } else { Driver::Psycopg2 },
        default_auto_field: Some(project.default_auto_field.as_str().into()),
        swapped,
        default_tablespace: named("DEFAULT_TABLESPACE"),
        default_index_tablespace: named("DEFAULT_INDEX_TABLESPACE"),
        use_tz: settings.get("USE_TZ").and_then(|value| value.as_bool()).unwrap_or(usual.use_tz),
        time_zone: named("TIME_ZONE").unwrap_or_else(|| usual.time_zone.clone()),
        spatial: engine.is_some_and(|engine| engine.contains("gis")),
        ..usual
    }
}

/// Taken where no Django was found.
const NEWEST: Version = Version::new(5, 2);

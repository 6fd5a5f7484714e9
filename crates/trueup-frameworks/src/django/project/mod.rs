//! A Django project as Django would see it: its settings, its installed apps, its databases.
//!
//! Everything is read, nothing is run; what cannot be known is a finding that says where and what to do.

mod answers;
mod apps;
mod databases;
mod dynaconf;
mod environment;
mod find;
mod libraries;
mod obstacle;
mod settings;
mod urls;

pub use apps::{App, MigrationFile, Migrations};
pub use databases::{Database, DatabaseProblem};
pub use environment::Environment;
pub use find::{ProjectError, SettingsSource};
pub use settings::Settings;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::finding::NamedCode;
use trueup_model::history::Opaque;
use trueup_model::{Code, Finding, Place, Severity};

use super::Version;
use crate::python::{Disk, Files, Problem, ProblemKind, Surroundings, Value, World};
use crate::reporting::{Fault, excerpt_at, excerpt_of, file_finding};

/// Where a project is, and what is around it.
pub struct Request {
    /// The folder in which the search for `manage.py` begins, as an absolute path.
    pub root: Utf8PathBuf,
    /// Variables of the environment in which Django would run.
    pub environment: BTreeMap<String, String>,
    /// Folders of packages that are used where there is no virtual environment.
    pub system_packages: Vec<Utf8PathBuf>,
    pub files: Rc<dyn Files>,
}

impl Request {
    pub fn new(root: impl Into<Utf8PathBuf>, environment: BTreeMap<String, String>) -> Self {
        Self { root: root.into(), environment, system_packages: Vec::new(), files: Rc::new(Disk) }
    }
}

/// A project that was read.
pub struct Project {
    /// The folder of `manage.py`; paths are shown relative to it.
    pub root: Utf8PathBuf,
    pub settings_module: String,
    /// What names the settings module.
    pub settings_source: SettingsSource,
    pub environment: Environment,
    /// The installed Django; `None` where none was found.
    pub django: Option<Version>,
    /// In the order of INSTALLED_APPS.
    pub apps: Vec<App>,
    /// Entries of INSTALLED_APPS that lead to no app, or to none that could be read; the first such reason.
    pub unread_apps: Option<Opaque>,
    /// By alias.
    pub databases: BTreeMap<String, Database>,
    pub settings: Settings,
    pub auth_user_model: String,
    /// The setting: an app may have one of its own.
    pub default_auto_field: String,
    /// Values of DATABASE_ROUTERS: texts, or objects.
    pub database_routers: Vec<Value>,
    /// What the migrations are read with: their `django.conf.settings` are these settings.
    pub world: Rc<World>,
    pub findings: Vec<Finding>,
    /// Variables of the environment that were asked for before the settings were read.
    asked_before: BTreeSet<String>,
}

impl Project {
    /// The variables of the environment that were asked for so far, set or not.
    pub fn asked(&self) -> BTreeSet<String> {
        let before = self.asked_before.iter().cloned();
        let of_folders = environment::VARIABLES.iter().map(|name| (*name).to_owned());
        self.world.asked().into_iter().chain(before).chain(of_folders).collect()
    }

    /// Whether every app is among `apps`.
    pub fn knows_all_apps(&self) -> bool {
        self.settings.get("INSTALLED_APPS").and_then(|value| value.items()).is_some_and(|entries| {
            // One label twice is one app.
            let labels: BTreeSet<&str> = entries.iter().filter_map(|entry| entry.as_str()).collect();
            entries.iter().all(|entry| entry.as_str().is_some())
                && labels.iter().all(|entry| self.apps.iter().any(|app| app.entry == *entry))
        })
    }
}

/// Packages that are not followed: their names are what is to be known about them.
const OPAQUE: &[&str] = &[
    "django",
    "psycopg",
    "psycopg2",
    "environ",
    "decouple",
    "dj_database_url",
    "dotenv",
    "split_settings",
    "django_heroku",
    "dynaconf",
    "celery",
    "kombu",
    "sentry_sdk",
    "boto3",
    "botocore",
    "structlog",
    "redis",
    "yaml",
    "requests",
];

/// Decorators that give back what they are put on, as far as the schema is concerned.
const TRANSPARENT: &[&str] = &[
    "django.db.transaction.atomic",
    "django.utils.deconstruct.deconstructible",
    "django.utils.encoding.python_2_unicode_compatible",
    "django.utils.functional.total_ordering",
    "django.dispatch.receiver",
];

/// A project whose settings were read, and nothing else.
struct Opened {
    found: find::Found,
    environment: Environment,
    version: Option<Version>,
    answers: Rc<answers::DjangoAnswers>,
    world: Rc<World>,
    settings: Settings,
}

fn open(request: &Request) -> Result<Opened, ProjectError> {
    let found = find::find(request)?;
    let mut environment = found.environment.clone();
    // Among the packages lie packages that one of them brings along.
    let (brought, first_roots): (Vec<Utf8PathBuf>, Vec<Utf8PathBuf>) = found
        .first_roots
        .iter()
        .cloned()
        .partition(|folder| environment.packages.iter().any(|packages| folder.starts_with(packages)));
    environment.packages.splice(0..0, brought);
    let version = environment.django_version(&*request.files);
    let answers =
        Rc::new(answers::DjangoAnswers::new(version, environment.packages.clone(), request.files.clone()));
    let mut surroundings = Surroundings::new(request.files.clone(), found.root.clone());
    surroundings.roots = first_roots
        .into_iter()
        .chain([found.root.clone()])
        .chain(found.further_roots.iter().cloned())
        .collect();
    surroundings.installed = environment.packages.clone();
    surroundings.complete = version.is_some() && environment.is_followed;
    surroundings.opaque = OPAQUE.iter().map(|name| (*name).to_owned()).collect();
    surroundings.transparent = TRANSPARENT.iter().map(|name| (*name).to_owned()).collect();
    surroundings.environment = request.environment.clone();
    surroundings.environment.insert("DJANGO_SETTINGS_MODULE".to_owned(), found.module.clone());
    surroundings.arguments = vec!["manage.py".to_owned(), "migrate".to_owned()];
    surroundings.python = environment.python.unwrap_or((3, 12));
    surroundings.answers = Some(answers.clone());
    let world = Rc::new(World::new(surroundings));
    world.inherit_variables(&found.variables);

    world.set_eager(true);
    let module = world.module(&found.module).map_err(|unknown| ProjectError::Settings {
        module: found.module.clone(),
        source_of_name: found.source.clone(),
        reason: unknown.reason.clone(),
    })?;
    world.set_eager(false);
    let settings = Settings::new(&world, module, answers.clone(), version);
    answers.open(settings.clone());
    Ok(Opened { found, environment, version, answers, world, settings })
}

/// The databases of the project by their aliases. Its apps are not looked at.
pub fn read_databases(request: &Request) -> Result<BTreeMap<String, Database>, ProjectError> {
    let Opened { world, settings, .. } = open(request)?;
    Ok(databases::read(&world, &settings, &mut Vec::new()))
}

/// Reads the project.
pub fn read(request: &Request) -> Result<Project, ProjectError> {
    let Opened { found, environment, version, answers, world, settings } = open(request)?;
    let module = settings.module();
    let mut findings = Vec::new();
    if version.is_none() {
        findings.push(file_finding(
            NamedCode::UnreadSettings,
            Severity::Warning,
            &found.module,
            &Fault::new("no installed Django was found beside the project", Place::start_of(&*module.source.shown)),
            "activate the virtual environment, or set VIRTUAL_ENV to it; its version decides what migrations become",
        ));
    }

    let reader =
        apps::Reader { world: &world, settings: &settings, request, environment: &environment, version };
    let known = findings.len();
    let apps = reader.read(&mut findings);
    // What is wrong with an app, and not with its migrations, is said of the settings.
    let unread_apps = findings[known..].iter().find_map(|finding| {
        let place = finding.origin.as_ref()?.place.clone()?;
        let is_of_entry = finding.code == Code::Named(NamedCode::UnreadSettings);
        is_of_entry.then(|| Opaque { reason: finding.found.clone().unwrap_or_default(), place })
    });
    answers.know_apps(&apps);
    let problems = world.problems();
    let databases = databases::read(&world, &settings, &mut findings);
    let text = |name: &str, findings: &mut Vec<Finding>| settings.text(name, &found.module, findings);
    let auth_user_model = text("AUTH_USER_MODEL", &mut findings).unwrap_or_else(|| "auth.User".to_owned());
    let default_auto_field = text("DEFAULT_AUTO_FIELD", &mut findings)
        .unwrap_or_else(|| settings::automatic_field(version).to_owned());
    let database_routers =
        settings.get("DATABASE_ROUTERS").and_then(|value| value.items()).unwrap_or_default();
    for origin in findings.iter_mut().filter_map(|finding| finding.origin.as_mut()) {
        if let (Some(place), None) = (&origin.place, &origin.excerpt) {
            // As a whole: what hides passwords goes by what stands before them.
            origin.excerpt = world.line_at(place).and_then(|line| excerpt_of(&line));
        }
    }
    let of_files = problems.iter().map(|problem| of_problem(problem, &found.module));
    findings.splice(0..0, of_files);
    Ok(Project {
        root: found.root,
        settings_module: found.module,
        settings_source: found.source,
        environment,
        django: version,
        apps,
        unread_apps,
        databases,
        settings,
        auth_user_model,
        default_auto_field,
        database_routers,
        world,
        findings,
        asked_before: found.asked,
    })
}

/// A finding about a file that the settings, or the apps, are read from.
fn of_problem(problem: &Problem, module: &str) -> Finding {
    let excerpt = match problem.kind {
        ProblemKind::Import => excerpt_at(&problem.line, &problem.place),
        // A password may stand in the line, and what hides passwords goes by how such lines are written.
        ProblemKind::Syntax | ProblemKind::Raises => None,
    };
    let fault = Fault { message: problem.message.clone(), place: problem.place.clone(), excerpt };
    let (severity, hint) = match problem.kind {
        ProblemKind::Syntax => (Severity::Error, "mend the file: nothing in it is known until then"),
        ProblemKind::Raises => (
            Severity::Warning,
            "what is set after it is read all the same; a variable of the environment may be missing here",
        ),
        ProblemKind::Import => (
            Severity::Warning,
            "Django does not start before it is there: install it in the project's environment, or mend the import",
        ),
    };
    file_finding(NamedCode::UnreadSettings, severity, module, &fault, hint)
}

/// A finding about a value of the settings, at the place that is the reason where that is known.
fn about(value: &Value, module: &str, message: String, hint: &str) -> Finding {
    let place = value.why_unknown().map_or_else(|| value.place(), |unknown| unknown.place.clone());
    let fault = Fault::new(message, place);
    file_finding(NamedCode::UnreadSettings, Severity::Warning, module, &fault, hint)
}

/// The nearest folder with a project, here or below.
pub fn folder_below(root: &Utf8Path) -> Option<Utf8PathBuf> {
    find::folder_of_manage(&Disk, root)
}

/// Whether this folder holds a project of Django.
pub fn is_project(root: &Utf8Path) -> bool {
    find::has_manage(&Disk, root)
}

#[cfg(test)]
mod tests;

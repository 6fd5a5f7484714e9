//! A project: its settings, its apps, and the environment that they are installed in. Nothing is run for it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::finding::NamedCode;
use trueup_model::{Finding, Place, Severity};

use super::Version;
use super::history::AppFiles;
use super::schema::{Driver, Environment};
use crate::detect::Detected;
use crate::folder::{self, shown};
use crate::python::value::{Arguments, Class};
use crate::python::{Answers, Disk, Kind, Module, Surroundings, Value, World};
use crate::reporting::{Fault, file_finding};

pub(super) struct Project {
    pub world: World,
    pub settings: Option<String>,
    pub environment: Environment,
    pub apps: Vec<AppFiles>,
    /// Labels of apps without migrations.
    pub without: Vec<String>,
    pub findings: Vec<Finding>,
    /// The interpreter of the environment.
    pub interpreter: Option<Utf8PathBuf>,
    settings_module: Option<Rc<Module>>,
}

/// Packages whose code is not followed: what they make is known here, or has nothing to do with a schema.
const NOT_FOLLOWED: &[&str] = &["django", "psycopg", "psycopg2", "pytz", "zoneinfo"];

/// Where this Django lies, and what it says of itself.
struct Installed {
    folders: Vec<Utf8PathBuf>,
    interpreter: Option<Utf8PathBuf>,
    python: Option<(u32, u32)>,
}

/// What Django's own settings say where a project's say nothing.
const DEFAULTS: &[(&str, &str)] = &[
    ("AUTH_USER_MODEL", "auth.User"),
    ("DEFAULT_TABLESPACE", ""),
    ("DEFAULT_INDEX_TABLESPACE", ""),
    ("LANGUAGE_CODE", "en-us"),
    ("TIME_ZONE", "America/Chicago"),
    ("MEDIA_ROOT", ""),
    ("MEDIA_URL", ""),
    ("STATIC_URL", ""),
];

/// Answers `django.conf.settings.NAME` from the settings of the project.
#[derive(Default)]
struct Settings {
    module: RefCell<Option<Rc<Module>>>,
}

impl Answers for Settings {
    fn name(&self, world: &World, dotted: &str, spot: &crate::python::Spot) -> Option<Value> {
        let name = dotted.strip_prefix("django.conf.settings.")?;
        if name.contains('.') || name.chars().any(|character| character.is_ascii_lowercase()) {
            return None;
        }
        let module = self.module.borrow().clone()?;
        if let Some(value) = world.get(&module, name) {
            return Some(value);
        }
        if module.scope.may_have_more().is_some() {
            return None;
        }
        let (_, value) = DEFAULTS.iter().find(|(known, _)| *known == name)?;
        Some(Value::str(*value, spot))
    }

    fn call(&self, _: &World, _: &str, _: &Arguments, _: &crate::python::Spot) -> Option<Value> {
        None
    }
}

/// The folder of `manage.py` and everything that its settings name.
pub(super) fn project(detected: &Detected) -> Project {
    let installed = installed(detected);
    let settings = settings_name(detected);
    let answers = Rc::new(Settings::default());
    let mut surroundings = Surroundings::new(Rc::new(Disk), detected.root.clone());
    surroundings.roots = vec![detected.folder.clone()];
    surroundings.complete = !installed.folders.is_empty();
    surroundings.installed.clone_from(&installed.folders);
    surroundings.opaque = NOT_FOLLOWED.iter().map(|name| (*name).to_owned()).collect();
    surroundings.environment.clone_from(&detected.variables.0);
    surroundings.answers = Some(answers.clone());
    if let Some(python) = installed.python {
        surroundings.python = python;
    }
    let world = World::new(surroundings);
    let mut findings = Vec::new();
    let module = settings.as_deref().and_then(|name| match world.module(name) {
        Ok(module) => Some(module),
        Err(unknown) => {
            findings.push(settings_finding(&unknown.reason, &unknown.place));
            None
        }
    });
    if settings.is_none() {
        let place = Place::start_of(shown(&detected.root, &detected.folder.join("manage.py")).as_str());
        findings.push(settings_finding("nothing names the settings of the project", &place));
    }
    answers.module.borrow_mut().clone_from(&module);
    let version = django_version(&installed).unwrap_or(Version::new(5, 2));
    let mut project = Project {
        environment: Environment::new(version),
        world,
        settings,
        apps: Vec::new(),
        without: Vec::new(),
        findings,
        interpreter: installed.interpreter.clone(),
        settings_module: module,
    };
    project.take_settings();
    project.take_apps(detected, &installed);
    project
}

fn settings_finding(reason: &str, place: &Place) -> Finding {
    file_finding(
        NamedCode::UnreadableMigration,
        Severity::Error,
        "settings",
        &Fault::new(format!("the settings cannot be read: {reason}"), place.clone()),
        "name them with the variable DJANGO_SETTINGS_MODULE",
    )
}

impl Project {
    pub fn setting(&self, name: &str) -> Option<Value> {
        self.world.get(self.settings_module.as_ref()?, name)
    }

    fn text_setting(&self, name: &str) -> Option<Rc<str>> {
        self.setting(name).and_then(|value| value.as_str().map(Rc::from))
    }

    fn take_settings(&mut self) {
        self.environment.default_auto_field = self.text_setting("DEFAULT_AUTO_FIELD");
        self.environment.default_tablespace =
            self.text_setting("DEFAULT_TABLESPACE").filter(|name| !name.is_empty());
        self.environment.default_index_tablespace =
            self.text_setting("DEFAULT_INDEX_TABLESPACE").filter(|name| !name.is_empty());
        if let Some(zone) = self.text_setting("TIME_ZONE") {
            self.environment.time_zone = zone;
        }
        if let Some(use_tz) = self.setting("USE_TZ").and_then(|value| value.as_bool()) {
            self.environment.use_tz = use_tz;
        }
        // Whatever setting is made of an app and a model puts that in the place of a swappable one.
        let entries = self.settings_module.as_ref().map(|module| module.scope.entries()).unwrap_or_default();
        for (name, _) in entries.iter().filter(|(name, _)| name.ends_with("_MODEL")) {
            if let Some(model) = self.text_setting(name) {
                self.environment.swapped.insert(name.clone(), model);
            }
        }
        if let Some(engine) = self.database("default").and_then(|database| database.entry("ENGINE")) {
            self.environment.spatial = engine.as_str().is_some_and(|engine| engine.contains("gis"));
        }
    }

    pub fn database(&self, alias: &str) -> Option<Value> {
        self.setting("DATABASES")?.entry(alias)
    }

    fn take_apps(&mut self, detected: &Detected, installed: &Installed) {
        let has = |name: &str| installed.folders.iter().any(|folder| folder.join(name).is_dir());
        if has("psycopg") && !has("psycopg2") {
            self.environment.driver = Driver::Psycopg3;
        }
        let Some(list) = self.setting("INSTALLED_APPS") else { return };
        let entries = match self.world.iterate(&list) {
            Ok(entries) => entries,
            Err(unknown) => {
                self.findings.push(settings_finding(&unknown.reason, &unknown.place));
                return;
            }
        };
        let modules = self.setting("MIGRATION_MODULES").and_then(|modules| modules.entries()).unwrap_or_default();
        let elsewhere: BTreeMap<String, Option<String>> = modules
            .iter()
            .filter_map(|(label, module)| Some((label.as_str()?.to_owned(), module.as_str().map(str::to_owned))))
            .collect();
        let folders: Vec<&Utf8Path> =
            std::iter::once(&detected.folder).chain(&installed.folders).map(Utf8PathBuf::as_path).collect();
        for entry in entries {
            let Some(entry_name) = entry.as_str() else {
                let unknown = entry.why_unknown();
                let reason = unknown.map_or_else(|| "an app is not a text".to_owned(), |unknown| unknown.reason.clone());
                self.findings.push(settings_finding(&reason, &entry.place()));
                continue;
            };
            let (label, package) = self.app(entry_name, &folders);
            let package = match elsewhere.get(&label) {
                Some(None) => {
                    self.without.push(label);
                    continue;
                }
                Some(Some(package)) => package.clone(),
                None => format!("{package}.migrations"),
            };
            match migration_files(&package, &folders) {
                Some(files) => self.apps.push(AppFiles { label, package, files }),
                None => self.without.push(label),
            }
        }
    }

    /// The label and the package of an app: a package with its only configuration, or a configuration by its path.
    fn app(&self, entry: &str, folders: &[&Utf8Path]) -> (String, String) {
        let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
        let django_own = entry.starts_with("django.");
        let is_package = package_folder(entry, folders).is_some();
        if !is_package {
            let (module, class) = entry.rsplit_once('.').unwrap_or((entry, ""));
            if let Ok(found) = self.world.module(module)
                && let Some(Kind::Class(class)) = self.world.get(&found, class).map(|value| value.kind)
            {
                let name = self.attribute(&class, "name").unwrap_or_else(|| module.to_owned());
                let label = self.attribute(&class, "label").unwrap_or_else(|| last(&name));
                return (label, name);
            }
            let package = module.strip_suffix(".apps").unwrap_or(module);
            return (last(package), package.to_owned());
        }
        if !django_own
            && let Ok(apps) = self.world.module(&format!("{entry}.apps"))
        {
            let mut configurations: Vec<Rc<Class>> = apps
                .scope
                .entries()
                .into_iter()
                .filter_map(|(name, _)| match self.world.get(&apps, &name)?.kind {
                    Kind::Class(class) if class.dotted.starts_with(&*apps.name) => Some(class),
                    _ => None,
                })
                .filter(|class| self.attribute(class, "name").is_some())
                .collect();
            if configurations.len() > 1 {
                let is_default = |class: &Rc<Class>| {
                    let value = class.attributes.get(&"default".into());
                    value.and_then(|value| value.as_bool()) == Some(true)
                };
                configurations.retain(is_default);
            }
            if let [class] = configurations.as_slice() {
                let label = self.attribute(class, "label").unwrap_or_else(|| last(entry));
                return (label, entry.to_owned());
            }
        }
        (last(entry), entry.to_owned())
    }

    fn attribute(&self, class: &Rc<Class>, name: &str) -> Option<String> {
        let value = self.world.attribute(&Value::new(Kind::Class(class.clone()), &class.spot), name);
        value.as_str().map(str::to_owned)
    }
}

fn package_folder(package: &str, folders: &[&Utf8Path]) -> Option<Utf8PathBuf> {
    let path = package.replace('.', "/");
    folders.iter().map(|folder| folder.join(&path)).find(|folder| folder.is_dir())
}

/// The files that Django takes for migrations; `None` where the app has no package of them.
fn migration_files(package: &str, folders: &[&Utf8Path]) -> Option<Vec<Utf8PathBuf>> {
    let folder = package_folder(package, folders).filter(|folder| folder.join("__init__.py").is_file())?;
    let mut files: Vec<Utf8PathBuf> = folder::files(&folder)
        .ok()?
        .into_iter()
        .filter(|entry| entry.name.ends_with(".py") && !entry.name.starts_with(['_', '~']))
        .map(|entry| entry.path)
        .collect();
    files.sort();
    Some(files)
}

/// The module that the environment names, or the one in `manage.py`.
fn settings_name(detected: &Detected) -> Option<String> {
    if let Some(name) = detected.variables.0.get("DJANGO_SETTINGS_MODULE").filter(|name| !name.is_empty()) {
        return Some(name.clone());
    }
    let text = std::fs::read_to_string(detected.folder.join("manage.py")).ok()?;
    let rest = text.split_once("DJANGO_SETTINGS_MODULE")?.1;
    let quoted = rest.split(['"', '\'']).nth(2)?;
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    (!quoted.is_empty() && quoted.chars().all(is_name)).then(|| quoted.to_owned())
}

/// The environment that is active, or one beside the project.
fn installed(detected: &Detected) -> Installed {
    let active = detected.variables.0.get("VIRTUAL_ENV").map(Utf8PathBuf::from);
    let beside = detected.folder.ancestors().take(4).flat_map(|folder| {
        [".venv", "venv", "env", ".env"].map(|name| folder.join(name))
    });
    for environment in active.into_iter().chain(beside) {
        let library = environment.join("lib");
        let Ok(versions) = folder::folders(&library) else { continue };
        for version in versions.iter().filter(|entry| entry.name.starts_with("python3")) {
            let packages = version.path.join("site-packages");
            if packages.is_dir() {
                let minor = version.name.strip_prefix("python3.").and_then(|minor| minor.parse().ok());
                return Installed {
                    folders: vec![packages],
                    interpreter: Some(environment.join("bin/python")),
                    python: minor.map(|minor| (3, minor)),
                };
            }
        }
    }
    Installed { folders: Vec::new(), interpreter: None, python: None }
}

/// From the name of the folder with what the package says of itself.
fn django_version(installed: &Installed) -> Option<Version> {
    let folders = installed.folders.iter().filter_map(|folder| folder::folders(folder).ok()).flatten();
    let mut names = folders.map(|entry| entry.name.to_lowercase());
    let name = names.find(|name| name.starts_with("django-") && name.ends_with(".dist-info"))?;
    Version::parse(name.strip_prefix("django-")?.strip_suffix(".dist-info")?)
}

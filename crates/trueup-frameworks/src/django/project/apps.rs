//! INSTALLED_APPS: each entry with its configuration, its label, and where its migrations are.

use std::collections::BTreeMap;
use std::rc::Rc;

use camino::Utf8PathBuf;
use trueup_model::finding::NamedCode;
use trueup_model::{Finding, Place, Severity};

use super::{Environment, Request, Settings};
use crate::django::Version;
use crate::python::value::{Class, Descent, Lazy};
use crate::python::{Kind, Surroundings, Value, World};
use crate::reporting::{Fault, file_finding};

/// An installed app.
#[derive(Clone, Debug)]
pub struct App {
    pub label: String,
    /// The dotted path of its package.
    pub name: String,
    /// As INSTALLED_APPS has it.
    pub entry: String,
    /// The dotted path of its configuration, where it has one.
    pub configuration: Option<String>,
    /// The folder of its package; `None` where it cannot be found.
    pub path: Option<Utf8PathBuf>,
    /// Its own, where the configuration names one.
    pub default_auto_field: Option<String>,
    /// Whether it lies in the project, and not among the installed packages.
    pub of_project: bool,
    pub migrations: Migrations,
}

/// Where the migrations of an app are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Migrations {
    /// A package with these files, sorted by name. There may be none.
    Package { module: String, folder: Utf8PathBuf, files: Vec<MigrationFile> },
    /// There is no such package: Django makes the tables without migrations, or there are none.
    Missing { module: String },
    /// The folder has no `__init__.py`, so that Django takes the app for one without migrations.
    Uninitialised { module: String, folder: Utf8PathBuf, files: Vec<MigrationFile> },
    /// MIGRATION_MODULES says that there are none.
    Disabled,
}

/// A file of a migration: its name is its place in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MigrationFile {
    pub name: String,
    /// The dotted path by which the evaluator reads it.
    pub module: String,
    pub path: Utf8PathBuf,
}

impl App {
    pub fn files(&self) -> &[MigrationFile] {
        match &self.migrations {
            Migrations::Package { files, .. } => files,
            Migrations::Missing { .. } | Migrations::Uninitialised { .. } | Migrations::Disabled => &[],
        }
    }
}

/// Names under which the base of all configurations is imported.
const BASES: &[&str] = &["django.apps.AppConfig", "django.apps.config.AppConfig"];

pub(super) struct Reader<'a> {
    pub world: &'a Rc<World>,
    pub settings: &'a Settings,
    pub request: &'a Request,
    pub environment: &'a Environment,
    pub version: Option<Version>,
}

/// What an entry of INSTALLED_APPS comes to.
struct Configured {
    name: String,
    label: Option<String>,
    configuration: Option<String>,
    default_auto_field: Option<String>,
}

impl Reader<'_> {
    pub(super) fn read(&self, findings: &mut Vec<Finding>) -> Vec<App> {
        let module = self.settings.module().name.to_string();
        let Some(value) = self.settings.get("INSTALLED_APPS") else { return Vec::new() };
        let Some(entries) = value.items() else {
            let why =
                value.why_unknown().map_or_else(|| "it is no list".to_owned(), |why| why.reason.clone());
            let message = format!("the setting INSTALLED_APPS is not known: {why}");
            findings.push(super::about(
                &value,
                &module,
                message,
                "which apps there are decides everything else: set what it is read from",
            ));
            return Vec::new();
        };
        let of_django = self.world_of_django();
        let modules = self.migration_modules(&module, findings);
        let mut apps: Vec<App> = Vec::new();
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for entry in entries {
            let Some(text) = entry.as_str() else {
                let why =
                    entry.why_unknown().map_or_else(|| "it is no text".to_owned(), |why| why.reason.clone());
                let message = format!("an entry of INSTALLED_APPS is not known: {why}");
                findings.push(super::about(
                    &entry,
                    &module,
                    message,
                    "its migrations are not read; write the entry as a text",
                ));
                continue;
            };
            let world = if text.starts_with("django.") {
                of_django.as_ref().unwrap_or(self.world)
            } else {
                self.world
            };
            let configured = self.configured(world, of_django.as_ref(), text);
            let configured = match configured {
                Ok(configured) => configured,
                Err(reason) => {
                    let message = format!("the app {text} cannot be read: {reason}");
                    findings.push(super::about(
                        &entry,
                        &module,
                        message,
                        "install it in the project's environment, or mend the entry",
                    ));
                    continue;
                }
            };
            let label = configured.label.clone().unwrap_or_else(|| last(&configured.name).to_owned());
            if let Some(first) = seen.insert(label.clone(), text.to_owned()) {
                let fault = Fault::new(
                    format!("the apps {first} and {text} have the same label {label}"),
                    entry.place(),
                );
                let hint = "give one of them another label in its AppConfig";
                findings.push(file_finding(NamedCode::DuplicateId, Severity::Error, &label, &fault, hint));
                continue;
            }
            let app = self.app(world, text, configured, label, &modules, findings);
            apps.push(app);
        }
        apps
    }

    /// Django's own apps are read in a world in which only what their configurations need of Django stays closed.
    fn world_of_django(&self) -> Option<Rc<World>> {
        self.environment.django_folder(&*self.request.files)?;
        let mut surroundings =
            Surroundings::new(self.request.files.clone(), self.world.surroundings().project.clone());
        surroundings.roots = Vec::new();
        surroundings.installed = self.environment.packages.clone();
        surroundings.complete = true;
        let closed = [
            "apps",
            "conf",
            "core",
            "db",
            "utils",
            "forms",
            "http",
            "template",
            "views",
            "urls",
            "dispatch",
            "middleware",
            "shortcuts",
            "test",
        ];
        surroundings.opaque = closed.iter().map(|name| format!("django.{name}")).collect();
        Some(Rc::new(World::new(surroundings)))
    }

    fn configured(
        &self,
        world: &World,
        of_django: Option<&Rc<World>>,
        entry: &str,
    ) -> Result<Configured, String> {
        let plain = || Configured {
            name: entry.to_owned(),
            label: None,
            configuration: None,
            default_auto_field: None,
        };
        match world.module(entry) {
            Ok(module) => {
                let candidates = self.candidates(world, entry);
                if let Some(class) = candidates? {
                    return self.of_class(world, of_django, &class, entry);
                }
                // Until Django 4.0 the package itself could name its configuration.
                if self.version.is_none_or(|version| version.before(4, 1))
                    && let Some(path) = world.get(&module, "default_app_config")
                    && let Some(path) = path.as_str()
                {
                    return match &world.by_path(path).kind {
                        Kind::Class(class) => self.of_class(world, of_django, class, entry),
                        _ => Err(format!("its default_app_config {path} is not there")),
                    };
                }
                Ok(plain())
            }
            // What is not followed has no migrations, and no configuration that matters.
            Err(_) if world.is_opaque(entry) => Ok(plain()),
            Err(missing) => match entry.rsplit_once('.') {
                Some((package, name)) if name.starts_with(char::is_uppercase) => {
                    let found = world.by_path(entry);
                    match &found.kind {
                        Kind::Class(class) => self.of_class(world, of_django, class, entry),
                        _ => {
                            let why = found.why_unknown().map(|why| why.reason.clone());
                            Err(why.unwrap_or_else(|| format!("there is no class {name} in {package}")))
                        }
                    }
                }
                Some(_) | None => Err(missing.reason.clone()),
            },
        }
    }

    /// The configuration that Django finds in `apps.py` by itself.
    fn candidates(&self, world: &World, entry: &str) -> Result<Option<Rc<Class>>, String> {
        let Ok(module) = world.module(&format!("{entry}.apps")) else { return Ok(None) };
        if let Some(unknown) = module.why_broken() {
            return Err(unknown.reason.clone());
        }
        let mut classes: Vec<Rc<Class>> = Vec::new();
        for (name, value) in module.scope.entries() {
            // What is imported may be a configuration, too, and need not be read where it surely is none.
            if matches!(&value.kind, Kind::Lazy(lazy) if is_function(lazy)) {
                continue;
            }
            if let Some(Value { kind: Kind::Class(class), .. }) = world.get(&module, &name)
                && is_configuration(&class)
                && !classes.iter().any(|known| Rc::ptr_eq(known, &class))
            {
                classes.push(class);
            }
        }
        let default = |class: &Rc<Class>| {
            let value = class.attribute("default").ok().flatten();
            value.and_then(|value| world.is_true(&value))
        };
        let own: Vec<&Rc<Class>> = classes.iter().filter(|class| default(class) != Some(false)).collect();
        if let [only] = own[..] {
            return Ok(Some(only.clone()));
        }
        let chosen: Vec<&Rc<Class>> = classes.iter().filter(|class| default(class) == Some(true)).collect();
        match chosen[..] {
            [] => Ok(None),
            [only] => Ok(Some(only.clone())),
            _ => Err("its apps.py has more than one default AppConfig".to_owned()),
        }
    }

    fn of_class(
        &self,
        world: &World,
        of_django: Option<&Rc<World>>,
        class: &Rc<Class>,
        entry: &str,
    ) -> Result<Configured, String> {
        let attribute = |name: &str| -> Result<Option<Value>, String> {
            match class.attribute(name) {
                Ok(found) => Ok(found),
                // An ancestor that is not followed: one of Django's own, or the base of all.
                Err(unknown) => {
                    let ancestors = class.mro().map_err(|unknown| unknown.reason.clone())?;
                    for ancestor in ancestors {
                        let Kind::Name(path) = &ancestor.kind else { continue };
                        if BASES.contains(&&**path) {
                            return Ok(None);
                        }
                        return match of_django.map(|world| world.by_path(path)) {
                            Some(Value { kind: Kind::Class(class), .. }) => {
                                class.attribute(name).or(Ok::<_, String>(None))
                            }
                            Some(_) | None => Err(unknown.reason.clone()),
                        };
                    }
                    Ok(None)
                }
            }
        };
        let text = |name: &str| -> Result<Option<String>, String> {
            let Some(value) = attribute(name)? else { return Ok(None) };
            if let Kind::Function(_) = value.kind {
                return Err(format!("{name} of its AppConfig is worked out"));
            }
            match (value.as_str(), value.why_unknown()) {
                (Some(text), _) => Ok(Some(text.to_owned())),
                (None, Some(unknown)) => {
                    Err(format!("{name} of its AppConfig is not known: {}", unknown.reason))
                }
                (None, None) => Ok(None),
            }
        };
        let _ = world;
        let name =
            text("name")?.ok_or_else(|| format!("the AppConfig that {entry} stands for has no name"))?;
        Ok(Configured {
            name,
            label: text("label")?,
            configuration: Some(class.dotted.to_string()),
            // One that is worked out leaves the setting in force, as far as can be known.
            default_auto_field: text("default_auto_field")?,
        })
    }

    /// MIGRATION_MODULES: labels with a package, or with none.
    fn migration_modules(
        &self,
        module: &str,
        findings: &mut Vec<Finding>,
    ) -> BTreeMap<String, Option<String>> {
        let mut found = BTreeMap::new();
        let Some(value) = self.settings.get("MIGRATION_MODULES") else { return found };
        let Some(entries) = value.entries() else {
            let why = value
                .why_unknown()
                .map_or_else(|| "it is not a dictionary".to_owned(), |why| why.reason.clone());
            let message = format!("the setting MIGRATION_MODULES is not known: {why}");
            findings.push(super::about(&value, module, message, "the usual packages are read instead"));
            return found;
        };
        for (label, package) in entries {
            match (label.as_str(), package.as_str()) {
                (Some(label), Some(package)) => {
                    drop(found.insert(label.to_owned(), Some(package.to_owned())))
                }
                (Some(label), None) if package.is_none() => drop(found.insert(label.to_owned(), None)),
                _ => {
                    let message = "an entry of MIGRATION_MODULES is not known".to_owned();
                    findings.push(super::about(
                        &package,
                        module,
                        message,
                        "the usual package is read instead",
                    ));
                }
            }
        }
        found
    }

    fn app(
        &self,
        world: &World,
        entry: &str,
        configured: Configured,
        label: String,
        modules: &BTreeMap<String, Option<String>>,
        findings: &mut Vec<Finding>,
    ) -> App {
        let path = match world.folders_of(&configured.name) {
            Some((folders, _)) => folders.into_iter().next(),
            None => world
                .module(&configured.name)
                .ok()
                .and_then(|module| module.source.path.parent().map(Utf8PathBuf::from)),
        };
        let module = match modules.get(&label) {
            None => Some(format!("{}.migrations", configured.name)),
            Some(named) => named.clone(),
        };
        let migrations = match module {
            None => Migrations::Disabled,
            Some(module) => self.migrations(world, module, &label, findings),
        };
        let of_project = path
            .as_ref()
            .is_some_and(|path| !self.environment.packages.iter().any(|folder| path.starts_with(folder)));
        App {
            label,
            name: configured.name,
            entry: entry.to_owned(),
            configuration: configured.configuration,
            path,
            default_auto_field: configured.default_auto_field,
            of_project,
            migrations,
        }
    }

    fn migrations(
        &self,
        world: &World,
        module: String,
        label: &str,
        findings: &mut Vec<Finding>,
    ) -> Migrations {
        let world = if module.starts_with("django.") { world } else { self.world };
        let Some((folders, initialised)) = world.folders_of(&module) else {
            return Migrations::Missing { module };
        };
        let Some(folder) = folders.into_iter().next() else { return Migrations::Missing { module } };
        let mut files = Vec::new();
        for file in self.request.files.list(&folder) {
            let Some(name) = file.strip_suffix(".py") else { continue };
            // What Django leaves out.
            if name.starts_with(['_', '~']) || name.contains('.') {
                continue;
            }
            let path = folder.join(&file);
            files.push(MigrationFile { name: name.to_owned(), module: format!("{module}.{name}"), path });
        }
        files.sort();
        if initialised {
            return Migrations::Package { module, folder, files };
        }
        if !files.is_empty() {
            let shown = crate::folder::shown(&world.surroundings().project, &folder);
            let fault = Fault::new(
                format!(
                    "the folder {shown} has no __init__.py: Django takes {label} for an app without migrations"
                ),
                Place::start_of(
                    files[0]
                        .path
                        .strip_prefix(&world.surroundings().project)
                        .unwrap_or(&files[0].path)
                        .as_str(),
                ),
            );
            let hint = "add an empty __init__.py; until then none of its migrations is run";
            findings.push(file_finding(
                NamedCode::UnreadableMigration,
                Severity::Warning,
                label,
                &fault,
                hint,
            ));
        }
        Migrations::Uninitialised { module, folder, files }
    }
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Whether a name that is imported is that of a function, and of nothing else, by the text of its module.
fn is_function(lazy: &Lazy) -> bool {
    let name = &*lazy.name;
    let mut is_defined = false;
    for line in lazy.module.source.text().lines().filter(|line| !line.starts_with([' ', '\t', '@', '#'])) {
        let ends = |at: usize| !line[at..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        for (start, _) in line.match_indices(name).filter(|(start, _)| ends(start + name.len())) {
            if &line[..start] != "def " {
                return false;
            }
            is_defined = true;
        }
    }
    is_defined
}

/// A configuration of an app, and not the base of all.
fn is_configuration(class: &Rc<Class>) -> bool {
    let named = BASES.iter().any(|base| class.is_subclass_of(base) == Descent::Yes);
    // One that descends from a configuration of Django's own.
    let of_django = |value: &Value| matches!(&value.kind, Kind::Name(name) if name.starts_with("django.contrib.") && name.contains(".apps."));
    named || class.mro().is_ok_and(|mro| mro.iter().any(of_django))
}

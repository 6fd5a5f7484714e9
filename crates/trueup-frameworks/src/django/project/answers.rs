//! What is known about names of Django that are not followed: its settings, its version, and its connection.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use camino::Utf8PathBuf;

use super::apps::App;
use super::libraries::Libraries;
use super::settings::Settings;
use crate::django::Version;
use crate::django::read::table_mark;
use crate::python::value::{Arguments, Class, Descent};
use crate::python::{Answers, Files, Kind, Module, Object, Spot, Surroundings, Value, World};

/// `django.conf.settings.X`.
const SETTINGS: &str = "django.conf.settings.";

pub(super) struct DjangoAnswers {
    version: Option<Version>,
    packages: Vec<Utf8PathBuf>,
    files: Rc<dyn Files>,
    libraries: Libraries,
    settings: RefCell<Option<Settings>>,
    /// Packages and labels of the apps.
    apps: RefCell<Vec<(String, String)>>,
    /// Settings that modules gave a value.
    set: RefCell<BTreeMap<String, Value>>,
    /// Packages whose models were read for what they set.
    modelled: RefCell<BTreeSet<String>>,
    /// What modules of Django's hand on to those who import everything.
    exported: RefCell<BTreeMap<String, Option<Vec<Rc<str>>>>>,
    /// Django's own list of settings.
    global: OnceCell<Option<(World, Rc<Module>)>>,
}

impl DjangoAnswers {
    pub(super) fn new(version: Option<Version>, packages: Vec<Utf8PathBuf>, files: Rc<dyn Files>) -> Self {
        Self {
            version,
            packages,
            libraries: Libraries::new(files.clone()),
            files,
            settings: RefCell::default(),
            apps: RefCell::default(),
            set: RefCell::default(),
            modelled: RefCell::default(),
            exported: RefCell::default(),
            global: OnceCell::new(),
        }
    }

    /// The settings are read: from here on they can be asked for.
    pub(super) fn open(&self, settings: Settings) {
        self.settings.replace(Some(settings));
    }

    /// The apps are read: from here on it is known of which one a model is.
    pub(super) fn know_apps(&self, apps: &[App]) {
        let apps = apps.iter().map(|app| (app.name.clone(), app.label.clone())).collect();
        self.apps.replace(apps);
    }

    /// App, name and table of a model whose class is read.
    fn model_of_class(&self, class: &Rc<Class>) -> Option<(String, String, Option<String>)> {
        if class.is_subclass_of("django.db.models.Model") != Descent::Yes {
            return None;
        }
        let meta = match class.attribute("Meta") {
            Ok(meta) => meta,
            Err(_) if class.attributes.may_have_more().is_none() => None,
            Err(_) => return None,
        };
        let option = |name: &str| match meta.as_ref().map(|meta| &meta.kind) {
            None => Some(None),
            Some(Kind::Class(meta)) => match meta.attribute(name).ok()? {
                None => Some(None),
                Some(value) => value.as_str().map(|text| Some(text.to_owned())),
            },
            Some(_) => None,
        };
        let module = class.dotted.rsplit_once('.').map_or("", |(module, _)| module);
        let apps = self.apps.borrow();
        let within = |name: &str| {
            module.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let containing = apps.iter().filter(|(name, _)| within(name)).max_by_key(|(name, _)| name.len());
        let app = option("app_label")?.or_else(|| containing.map(|(_, label)| label.clone()))?;
        // A long name would be shortened.
        let usual = format!("{app}_{}", class.name.to_lowercase());
        let table = option("db_table")?.or_else(|| (usual.len() <= 63).then_some(usual));
        Some((app, class.name.to_string(), table))
    }

    /// A setting: of the project, of Django, or set by some module.
    fn setting(&self, name: &str) -> Option<Value> {
        let set = self.set.borrow().get(name).cloned();
        set.or_else(|| self.settings.borrow().clone()?.get(name))
    }

    /// Read for nothing but its names, in a world of its own.
    fn names_of(&self, module: &str) -> Option<Vec<Rc<str>>> {
        let folder = self.packages.iter().find(|folder| self.files.is_folder(&folder.join("django")))?;
        let mut surroundings = Surroundings::new(self.files.clone(), folder.clone());
        surroundings.roots = Vec::new();
        surroundings.installed.clone_from(&self.packages);
        surroundings.complete = true;
        let world = World::new(surroundings);
        let module = world.module(module).ok()?;
        if module.why_broken().is_some() {
            return None;
        }
        if let Some(all) = world.get(&module, "__all__") {
            return all.items()?.iter().map(|name| name.as_str().map(Rc::from)).collect();
        }
        if module.scope.may_have_more().is_some() {
            return None;
        }
        let names = module.scope.entries().into_iter().map(|(name, _)| name);
        Some(names.filter(|name| !name.starts_with('_')).collect())
    }

    /// A setting as Django has it for everybody.
    pub(super) fn global(&self, name: &str) -> Option<Value> {
        let global = self.global.get_or_init(|| {
            let folders = self.packages.iter().map(|folder| folder.join("django/conf"));
            let folder =
                folders.into_iter().find(|folder| self.files.is_file(&folder.join("global_settings.py")))?;
            let mut surroundings = Surroundings::new(self.files.clone(), folder.clone());
            surroundings.opaque = vec!["django".to_owned()];
            let world = World::new(surroundings);
            let module = world.module("global_settings").ok()?;
            Some((world, module))
        });
        let (world, module) = global.as_ref()?;
        world.get(module, name)
    }
}

impl Answers for DjangoAnswers {
    fn name(&self, world: &World, dotted: &str, spot: &Spot) -> Option<Value> {
        if let Some(name) = dotted.strip_prefix(SETTINGS) {
            return self.setting(name);
        }
        if let Some(name) = dotted.strip_prefix("django.conf.global_settings.") {
            return self.global(name);
        }
        match (dotted, self.version) {
            ("django.VERSION", Some(version)) => {
                let number = |number: u16| Value::int(i128::from(number), spot);
                let items = vec![
                    number(version.major),
                    number(version.minor),
                    number(version.patch),
                    Value::str("final", spot),
                    Value::int(0, spot),
                ];
                Some(Value::tuple(items, spot))
            }
            ("django.__version__", Some(version)) => Some(Value::str(shown(version), spot)),
            ("django.db.connection.vendor", _) => Some(Value::str("postgresql", spot)),
            ("django.db.connection.alias", _) => Some(Value::str("default", spot)),
            ("django.db.connection.schema_editor.connection", _) => {
                Some(Value::name("django.db.connection", spot))
            }
            _ => self.libraries.name(world, dotted, spot),
        }
    }

    fn call(&self, world: &World, dotted: &str, arguments: &Arguments, spot: &Spot) -> Option<Value> {
        match (dotted, &arguments.args[..]) {
            ("django.get_version" | "django.utils.version.get_version", []) => {
                self.version.map(|version| Value::str(shown(version), spot))
            }
            (
                "django.db.connection.ops.quote_name" | "django.db.connection.schema_editor.quote_name",
                [name],
            ) => {
                let text = name.as_str().map(str::to_owned).or_else(|| self.text(name))?;
                Some(Value::str(quoted(&text), spot))
            }
            ("operator.getitem", [connections, alias])
                if connections.dotted().is_some_and(|name| is_connections(&name)) =>
            {
                (alias.as_str() == Some("default")).then(|| Value::name("django.db.connection", spot))
            }
            // Numbers of sequences are no part of the schema.
            ("django.db.connection.ops.sequence_reset_sql", _) => Some(Value::list(Vec::new(), spot)),
            ("django.utils.module_loading.import_string", [path]) => Some(world.by_path(path.as_str()?)),
            ("django.apps.apps.is_installed" | "django.apps.registry.apps.is_installed", [app]) => {
                let installed = self.settings.borrow().clone()?.get("INSTALLED_APPS")?;
                let names = installed.items()?;
                // An entry may also be the path of a configuration in this package.
                let app = app.as_str()?;
                let exact = names.iter().any(|name| name.as_str() == Some(app));
                let within = names.iter().any(|name| name.as_str().is_none_or(|name| name.starts_with(app)));
                (exact || !within).then(|| Value::bool(exact, spot))
            }
            _ => self.libraries.call(world, dotted, arguments, spot),
        }
    }

    fn call_method(
        &self,
        world: &World,
        of: &Value,
        name: &str,
        arguments: &Arguments,
        spot: &Spot,
    ) -> Option<Value> {
        self.libraries.call_method(world, of, name, arguments, spot)
    }

    fn attribute(&self, world: &World, of: &Value, name: &str, spot: &Spot) -> Option<Value> {
        let Kind::Attribute(meta) = &of.kind else {
            return self.libraries.attribute(world, of, name, spot);
        };
        if &*meta.name != "_meta" {
            return None;
        }
        let (app, model, table) = match &meta.of.kind {
            Kind::Class(class) => self.model_of_class(class)?,
            Kind::Object(object) => {
                let (app, model) = historical_model(object)?;
                (app, model, None)
            }
            _ => return None,
        };
        let lower = model.to_lowercase();
        let text = match name {
            "app_label" => app,
            "object_name" => model,
            "model_name" => lower,
            "label" => format!("{app}.{model}"),
            "label_lower" => format!("{app}.{lower}"),
            "db_table" => table?,
            _ => return None,
        };
        Some(Value::str(text, spot))
    }

    /// The table of a historical model is known when its migration is compiled.
    fn text(&self, of: &Value) -> Option<String> {
        let Kind::Attribute(table) = &of.kind else { return None };
        let Kind::Attribute(meta) = &table.of.kind else { return None };
        if &*table.name != "db_table" || &*meta.name != "_meta" {
            return None;
        }
        let (app, model) = historical_model(meta.of.as_object()?)?;
        Some(table_mark(&app, &model))
    }

    fn exported(&self, module: &str) -> Option<Vec<Rc<str>>> {
        if !module.starts_with("django.") {
            return None;
        }
        if let Some(known) = self.exported.borrow().get(module) {
            return known.clone();
        }
        let names = self.names_of(module);
        self.exported.borrow_mut().insert(module.to_owned(), names.clone());
        names
    }

    fn set_name(&self, _world: &World, dotted: &str, value: Value) {
        if let Some(name) = dotted.strip_prefix(SETTINGS) {
            self.set.borrow_mut().insert(name.to_owned(), value);
        }
    }

    fn lacks(&self, world: &World, dotted: &str, spot: &Spot) -> bool {
        let Some(name) = dotted.strip_prefix(SETTINGS) else { return false };
        // Methods and marks of the object itself are not settings.
        let plain = |character: char| {
            character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_'
        };
        if !name.chars().all(plain) || name.starts_with('_') || self.settings.borrow().is_none() {
            return false;
        }
        if self.setting(name).is_some() {
            return false;
        }
        // Django has read the models of every app before it reads migrations, and some set what is asked for here.
        let module = world.module_of(spot).map(|module| module.name.clone());
        let package =
            module.as_deref().and_then(|name| name.split_once(".migrations.")).map(|(package, _)| package);
        if let Some(package) = package
            && self.modelled.borrow_mut().insert(package.to_owned())
        {
            let models = format!("{package}.models");
            // Names are read when they are asked for; here it is what the modules do that counts.
            let _ = world.module(&models);
            // What models import to set defaults for the settings of their package.
            for name in ["conf", "settings", "app_settings", "defaults"] {
                let _ = world.module(&format!("{package}.{name}"));
            }
            for folder in world.folders_of(&models).into_iter().flat_map(|(folders, _)| folders) {
                for file in self.files.list(&folder) {
                    if let Some(name) = file.strip_suffix(".py").filter(|name| !name.starts_with('_')) {
                        let _ = world.module(&format!("{models}.{name}"));
                    }
                }
            }
        }
        self.setting(name).is_none()
    }
}

fn is_connections(name: &str) -> bool {
    matches!(name, "django.db.connections" | "django.db.utils.connections")
}

/// `apps.get_model(…)` within a function of a migration.
fn historical_model(object: &Object) -> Option<(String, String)> {
    if &*object.class.dotted() != "django.db.migrations.apps.get_model" {
        return None;
    }
    let text = |index: usize, name: &str| {
        let value = object.args.get(index).or_else(|| object.keyword(name))?;
        value.as_str().map(str::to_owned)
    };
    let app = text(0, "app_label")?;
    match text(1, "model_name") {
        Some(model) => Some((app, model)),
        None => app.split_once('.').map(|(app, model)| (app.to_owned(), model.to_owned())),
    }
}

/// As PostgreSQL's backend of Django does it.
fn quoted(name: &str) -> String {
    if name.len() > 1 && name.starts_with('"') && name.ends_with('"') {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    }
}

fn shown(version: Version) -> String {
    if version.patch == 0 { format!("{}.{}", version.major, version.minor) } else { version.to_string() }
}

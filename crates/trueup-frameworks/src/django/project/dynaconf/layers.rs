//! One layer laid over the other.

use std::collections::BTreeSet;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use super::options::{FORMATS, Options};
use super::texts::{self, SEPARATOR};
use crate::python::{Files, Kind, Module, Object, Spot, Unknown, Value, World};
use crate::settings::parse_dotenv;

/// Settings that decide what is read of a project.
const MATTER: &[&str] = &[
    "INSTALLED_APPS",
    "DATABASES",
    "DATABASE_ROUTERS",
    "MIGRATION_MODULES",
    "AUTH_USER_MODEL",
    "DEFAULT_AUTO_FIELD",
    "DEFAULT_TABLESPACE",
    "DEFAULT_INDEX_TABLESPACE",
    "USE_TZ",
    "TIME_ZONE",
    "LANGUAGE_CODE",
    "DEBUG",
];

/// What a list or dictionary has in it that is to be joined to the one before; the second leaves out what is there.
pub(super) const MERGE: &str = "dynaconf_merge";
const MERGE_UNIQUE: &str = "dynaconf_merge_unique";

pub(super) struct Layers<'a> {
    pub world: &'a World,
    pub files: &'a dyn Files,
    pub settings: &'a Rc<Object>,
    /// The folder in which files are looked for first.
    pub root: Option<Utf8PathBuf>,
    /// The file that asks for the settings.
    pub own: Option<Utf8PathBuf>,
    pub spot: &'a Spot,
}

/// Whether a layer replaces lists, or is joined to them.
#[derive(Clone, PartialEq)]
pub(super) enum Joins {
    No,
    Yes,
    Unknown(Rc<Unknown>),
}

impl Layers<'_> {
    pub fn load(&self, given: Vec<(Rc<str>, Value)>) {
        let options = match Options::read(self.world, given) {
            Ok(options) => options,
            Err(unknown) => return self.lose(&unknown),
        };
        for (name, value) in &options.settings {
            self.set(name, value.clone(), &Joins::No);
        }
        if let Err(unknown) = self.load_all(&options) {
            self.lose(&unknown);
        }
    }

    fn load_all(&self, options: &Options) -> Result<(), Rc<Unknown>> {
        if options.load_dotenv
            && let Some(path) = self.find(".env")
            && let Some(text) = self.text(&path)
        {
            for (name, value) in parse_dotenv(&text) {
                if self.world.variable(&name).is_none() {
                    self.world.set_variable(&name, Value::str(value, self.spot));
                }
            }
        }
        for named in self.listed(options.preload.as_ref())? {
            self.load_named(&named, options)?;
        }
        let named = match self.listed(options.files.as_ref())? {
            none if none.is_empty() => self.listed(options.usual_files.as_ref())?,
            named => named,
        };
        let secrets = self.listed(options.secrets.as_ref())?;
        let mut modules = Vec::new();
        let mut found = Vec::new();
        for named in named.into_iter().chain(secrets) {
            if named.contains(['*', '?', '[']) {
                return Err(self.unknown(format!("which files {named} are is not followed")));
            }
            match has_format(&named) {
                true => found.extend(self.find(&named)),
                false => modules.push(named),
            }
        }
        let local: Vec<Utf8PathBuf> = found.iter().filter_map(|path| local(path)).collect();
        for module in &modules {
            self.load_module(module)?;
            for environment in options.environments.iter().map(String::as_str).chain(["global"]) {
                let own = module.rsplit_once('.').map_or_else(
                    || format!("{environment}_{module}"),
                    |(package, name)| format!("{package}.{environment}_{name}"),
                );
                if self.world.folders_of(&own).is_some() || self.world.module(&own).is_ok() {
                    self.load_module(&own)?;
                }
            }
        }
        for path in found.iter().chain(&local) {
            self.load_file(path, options)?;
        }
        self.load_variables(options)?;
        let includes: Vec<String> = [self.get("DYNACONF_INCLUDE"), options.includes.clone()]
            .iter()
            .map(|value| self.listed(value.as_ref()))
            .collect::<Result<Vec<_>, _>>()?
            .concat();
        for named in &includes {
            self.load_named(named, options)?;
        }
        if !includes.is_empty() {
            self.load_variables(options)?;
        }
        // Functions in a file of this name are called with the settings.
        let folders = found.iter().chain(&self.own).filter_map(|path| path.parent());
        for path in folders.map(|folder| folder.join("dynaconf_hooks.py")).collect::<BTreeSet<_>>() {
            self.lose_named(&path);
        }
        self.call_hooks(options)?;
        self.validate(options.validators.as_ref());
        Ok(())
    }

    /// A module by its name, or else a file.
    fn load_named(&self, named: &str, options: &Options) -> Result<(), Rc<Unknown>> {
        let is_module = named.split('.').all(|part| part.chars().all(|c| c.is_alphanumeric() || c == '_'));
        if is_module && self.world.module(named).is_ok() {
            return self.load_module(named);
        }
        if named.contains(['*', '?', '[']) {
            return Err(self.unknown(format!("which files {named} are is not followed")));
        }
        let folder = self.root.as_ref().unwrap_or(&self.world.surroundings().project);
        let path = folder.join(named);
        match self.files.is_file(&path) {
            true => self.load_file(&path, options),
            false => Ok(()),
        }
    }

    fn load_module(&self, name: &str) -> Result<(), Rc<Unknown>> {
        let module = self.world.module(name)?;
        self.take_from(&module)
    }

    fn load_file(&self, path: &Utf8Path, options: &Options) -> Result<(), Rc<Unknown>> {
        if path.extension() != Some("py") {
            self.lose_named(path);
            return Ok(());
        }
        let (folder, name) = (path.parent(), path.file_name().unwrap_or_default());
        let of_environment = options.environments.iter().map(String::as_str).chain(["global"]);
        let further = of_environment.filter_map(|environment| {
            let name = name.strip_prefix('.').unwrap_or(name);
            Some(folder?.join(format!("{environment}_{name}")))
        });
        for path in std::iter::once(path.to_owned()).chain(further) {
            // As dynaconf does it: a module of its own, which nobody can import.
            if let Some(module) = self.world.run_file(&path, &format!("dynaconf {path}")) {
                self.take_from(&module)?;
            }
        }
        Ok(())
    }

    /// The settings of a module.
    fn take_from(&self, module: &Rc<Module>) -> Result<(), Rc<Unknown>> {
        if let Some(unknown) = module.scope.may_have_more() {
            return Err(unknown);
        }
        let get = |name: &str| self.world.get(module, name);
        let joins = match get(MERGE).or_else(|| get(&MERGE.to_uppercase())) {
            None => Joins::No,
            Some(value) => match self.world.is_true(&value) {
                Some(true) => Joins::Yes,
                Some(false) => Joins::No,
                None => Joins::Unknown(self.unknown(format!("whether {MERGE} is set is not known"))),
            },
        };
        let mut entries = module.scope.entries();
        // As `dir()` tells them.
        entries.sort_by(|(name, _), (other, _)| name.cmp(other));
        for (name, _) in entries {
            if texts::is_upper(name.split(SEPARATOR).next().unwrap_or_default())
                && let Some(value) = get(&name)
            {
                self.set(&name, value, &joins);
            }
            if name.starts_with("_dynaconf_hook") {
                return Err(self.unknown(format!("{name} is not followed")));
            }
        }
        Ok(())
    }

    /// A setting gets a value, or is joined to the one that it has.
    pub fn set(&self, name: &str, value: Value, joins: &Joins) {
        if name.contains(SEPARATOR) || name.contains('.') {
            let path: Vec<String> = name.replace(SEPARATOR, ".").split('.').map(str::to_owned).collect();
            let Some((first, rest)) = path.split_first() else { return };
            let first = first.to_uppercase();
            let value = self.within(self.get(&first), rest, value);
            return self.settings_set(&first, value);
        }
        let name = name.to_uppercase();
        if texts::has_order(&value, 0) {
            let value = match value.as_str() {
                Some(_) => texts::of_variable(&name, &value, self.spot),
                None => self.not_followed(),
            };
            return self.settings_set(&name, value);
        }
        let before = self.get(&name);
        let of_value = joins_of(&value);
        let is_container =
            matches!(value.kind, Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_)) || value.is_unknown();
        let joined = match (&of_value, joins) {
            (Some(unique), _) => self.joined(before, value, *unique),
            (None, Joins::Yes) if is_container && before.is_some() => self.joined(before, value, false),
            (None, Joins::Unknown(unknown)) if is_container && before.is_some() => {
                Value::still_unknown(unknown, self.spot)
            }
            (None, Joins::No | Joins::Yes | Joins::Unknown(_)) => value,
        };
        self.settings_set(&name, joined);
    }

    /// A list behind the one before it.
    fn joined(&self, before: Option<Value>, value: Value, unique: bool) -> Value {
        if let Some(unknown) = before.iter().chain([&value]).find_map(Value::why_unknown) {
            return Value::still_unknown(&unknown, self.spot);
        }
        let Some(mut own) = value.items() else { return self.not_followed() };
        own.retain(|item| !matches!(item.as_str(), Some(MERGE | MERGE_UNIQUE)));
        let Some(before) = before else { return Value::list(own, self.spot) };
        let Some(mut items) = before.items() else { return self.not_followed() };
        if unique {
            let texts: Option<BTreeSet<&str>> = own.iter().map(Value::as_str).collect();
            let Some(texts) = texts else { return self.not_followed() };
            items.retain(|item| item.as_str().is_none_or(|text| !texts.contains(text)));
        }
        items.extend(own);
        Value::list(items, self.spot)
    }

    /// Whatever a file names that is not read may be set in it.
    fn lose_named(&self, path: &Utf8Path) {
        let Some(text) = self.text(path) else { return };
        let reason = format!("it may be set in {path}, which is not read");
        let why = self.unknown(reason);
        if text.to_lowercase().contains("dynaconf_include") {
            return self.lose(&why);
        }
        self.lose_words(&text, &why);
    }

    pub fn lose_words(&self, text: &str, why: &Rc<Unknown>) {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        let names = words.flat_map(|word| word.split(SEPARATOR).next()).map(str::to_uppercase);
        for name in names.filter(|name| texts::is_upper(name)).collect::<BTreeSet<_>>() {
            self.settings_set(&name, Value::still_unknown(why, self.spot));
        }
    }

    fn lose(&self, unknown: &Rc<Unknown>) {
        for name in MATTER {
            self.settings_set(name, Value::still_unknown(unknown, self.spot));
        }
        self.world.lose_names(&self.settings.attributes, unknown, self.spot);
    }

    /// A file: in the folder of the settings and above it, then in those above the program, and in `config` beside each.
    fn find(&self, named: &str) -> Option<Utf8PathBuf> {
        if Utf8Path::new(named).is_absolute() {
            return self.files.is_file(named.into()).then(|| named.into());
        }
        let project = self.world.surroundings().project.as_path();
        let of_root = self.root.iter().flat_map(|root| {
            let inside = root.starts_with(project);
            root.ancestors().take_while(move |folder| !inside || folder.starts_with(project))
        });
        let mut folders = of_root.chain(project.ancestors());
        folders.find_map(|folder| {
            let paths = [folder.join(named), folder.join("config").join(named)];
            paths.into_iter().find(|path| self.own.as_ref() != Some(path) && self.files.is_file(path))
        })
    }

    fn listed(&self, value: Option<&Value>) -> Result<Vec<String>, Rc<Unknown>> {
        let Some(value) = value else { return Ok(Vec::new()) };
        texts::listed(value).ok_or_else(|| {
            value
                .why_unknown()
                .unwrap_or_else(|| self.unknown("which files dynaconf reads is not known".to_owned()))
        })
    }

    fn text(&self, path: &Utf8Path) -> Option<String> {
        self.files.read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    pub fn get(&self, name: &str) -> Option<Value> {
        self.settings.attributes.get(&name.into())
    }

    pub fn settings_set(&self, name: &str, value: Value) {
        self.world.set_name(&self.settings.attributes, name, value);
    }

    pub fn not_followed(&self) -> Value {
        Value::unknown("how dynaconf joins this to what was there before is not followed", self.spot)
    }

    pub fn unknown(&self, reason: String) -> Rc<Unknown> {
        Rc::new(Unknown { reason, place: self.spot.place() })
    }
}

/// Whether a list or dictionary says that it is to be joined to the one before; whether without what is there already.
pub(super) fn joins_of(value: &Value) -> Option<bool> {
    let has = |mark: &str| match value.items() {
        Some(items) => items.iter().any(|item| item.as_str() == Some(mark)),
        None => value.entry(mark).is_some(),
    };
    has(MERGE).then_some(false).or_else(|| has(MERGE_UNIQUE).then_some(true))
}

fn has_format(named: &str) -> bool {
    Utf8Path::new(named).extension().is_some_and(|extension| FORMATS.contains(&extension))
        || FORMATS.iter().any(|format| named == format!(".secrets.{format}"))
}

/// `settings.local.py` of `settings.py`.
fn local(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let (stem, extension) = path.file_name()?.rsplit_once('.')?;
    let is_local = stem.ends_with(".local");
    (!is_local).then(|| path.with_file_name(format!("{stem}.local.{extension}")))
}

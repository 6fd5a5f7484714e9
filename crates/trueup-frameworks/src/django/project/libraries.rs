//! Libraries that read settings from the environment: django-environ, python-decouple, dj-database-url, python-dotenv,
//! django-split-settings and, in a module of its own, dynaconf.

use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{dynaconf, urls};
use crate::python::value::{Arguments, ClassRef};
use crate::python::{Answers, Files, Kind, Spot, Value, World};
use crate::settings::{parse_dotenv, parse_properties};

pub(super) struct Libraries {
    files: Rc<dyn Files>,
}

/// What a text of the environment is to become.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cast {
    Text,
    Bool,
    Int,
    Float,
    List,
    Tuple,
    Database,
    Other,
}

impl Cast {
    fn of_method(name: &str) -> Option<Self> {
        Some(match name {
            "__call__" | "str" | "unicode" | "get_value" | "url" => Self::Text,
            "bool" => Self::Bool,
            "int" => Self::Int,
            "float" => Self::Float,
            "list" => Self::List,
            "tuple" => Self::Tuple,
            "db" | "db_url" => Self::Database,
            "path" | "dict" | "json" | "cache" | "cache_url" | "email" | "email_url" | "search_url"
            | "bytes" | "channels" | "channels_url" => Self::Other,
            _ => return None,
        })
    }

    /// What is given as `cast`, or as the first part of a scheme: a type, or an example of a list.
    fn of(value: &Value) -> Self {
        match &value.kind {
            Kind::None => Self::Text,
            Kind::Builtin(builtin) => match builtin.name() {
                "str" => Self::Text,
                "bool" => Self::Bool,
                "int" => Self::Int,
                "float" => Self::Float,
                "list" => Self::List,
                "tuple" => Self::Tuple,
                _ => Self::Other,
            },
            Kind::List(_) => Self::List,
            Kind::Tuple(_) => Self::Tuple,
            _ => Self::Other,
        }
    }
}

impl Libraries {
    pub(super) fn new(files: Rc<dyn Files>) -> Self {
        Self { files }
    }

    /// Reads a file of variables into the environment; what is set there already stays, unless told otherwise.
    fn load(&self, world: &World, path: &Utf8Path, overwrite: bool, spot: &Spot) -> bool {
        let Some(text) = self.files.read(path).and_then(|bytes| String::from_utf8(bytes).ok()) else {
            return false;
        };
        for (name, value) in parse_dotenv(&text) {
            if overwrite || world.variable(&name).is_none() {
                world.set_variable(&name, Value::str(value, spot));
            }
        }
        true
    }

    /// The `.env` beside the file of a call, or above it within the project.
    fn nearest(&self, world: &World, spot: &Spot, names: &[&str]) -> Option<Utf8PathBuf> {
        let project = &world.surroundings().project;
        let folder = spot.source.path.parent().unwrap_or(project);
        let folders =
            folder.ancestors().take_while(|folder| folder.starts_with(project)).chain([project.as_path()]);
        folders
            .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
            .find(|path| self.files.is_file(path))
    }

    /// A text as something else; `None` where that is not modelled.
    fn cast(&self, text: &str, cast: Cast, spot: &Spot) -> Option<Value> {
        let trimmed = text.trim();
        Some(match cast {
            Cast::Text => Value::str(text, spot),
            Cast::Bool => Value::bool(
                matches!(trimmed.to_ascii_lowercase().as_str(), "true" | "on" | "ok" | "y" | "yes" | "1"),
                spot,
            ),
            Cast::Int => Value::int(trimmed.parse().ok()?, spot),
            Cast::Float => Value::new(Kind::Float(trimmed.parse().ok()?), spot),
            Cast::List | Cast::Tuple => {
                let parts = text.split(',').filter(|part| !part.is_empty());
                let items = parts.map(|part| Value::str(part, spot)).collect();
                if cast == Cast::List { Value::list(items, spot) } else { Value::tuple(items, spot) }
            }
            Cast::Database => match urls::database(text) {
                Some(entries) => urls::as_dict(entries, spot),
                None => Value::unknown("the URL of a database that is not understood", spot),
            },
            Cast::Other => return None,
        })
    }

    /// `env(...)` of django-environ and its methods.
    fn environ(
        &self,
        world: &World,
        of: &Value,
        method: &str,
        arguments: &Arguments,
        spot: &Spot,
    ) -> Option<Value> {
        let object = of.as_object()?;
        if method == "read_env" {
            return Some(self.read_env(world, arguments, spot));
        }
        if matches!(method, "prefix" | "escape_proxy" | "smart_cast") {
            return None;
        }
        let mut cast = Cast::of_method(method)?;
        let names = ["var", "default"];
        let given =
            |index: usize| arguments.args.get(index).or_else(|| arguments.keyword(names[index])).cloned();
        let (variable, mut default) = match method {
            "__call__" | "get_value" => {
                let default = arguments.args.get(2).or_else(|| arguments.keyword("default")).cloned();
                if let Some(wanted) = arguments.args.get(1).or_else(|| arguments.keyword("cast")) {
                    cast = Cast::of(wanted);
                }
                (given(0), default)
            }
            _ => (given(0), given(1)),
        };
        let variable = match variable {
            Some(variable) => variable.as_str()?.to_owned(),
            // `env.db()` asks for what most people call it.
            None if cast == Cast::Database => "DATABASE_URL".to_owned(),
            None => return None,
        };
        // The scheme: `Env(DEBUG=(bool, False))`.
        if let Some(scheme) = object.keyword(&variable) {
            match scheme.items().as_deref() {
                Some([wanted, fallback]) => {
                    if matches!(method, "__call__") {
                        cast = Cast::of(wanted);
                    }
                    default = default.or_else(|| Some(fallback.clone()));
                }
                _ if matches!(method, "__call__") => cast = Cast::of(scheme),
                _ => {}
            }
        }
        Some(match (world.variable(&variable), default) {
            (Some(value), _) => match value.as_str() {
                Some(text) => self.cast(text, cast, spot).unwrap_or_else(|| not_read(&variable, spot)),
                None => value,
            },
            (None, Some(default)) => match (cast, default.as_str()) {
                (Cast::Database, Some(url)) => self.cast(url, cast, spot).unwrap_or(default),
                (Cast::Other, Some(_)) => not_read(&variable, spot),
                _ => default,
            },
            (None, None) => not_set(&variable, spot),
        })
    }

    fn read_env(&self, world: &World, arguments: &Arguments, spot: &Spot) -> Value {
        let given = arguments
            .args
            .first()
            .or_else(|| arguments.keyword("env_file"))
            .or_else(|| arguments.keyword("dotenv_path"));
        let overwrite = ["overwrite", "override"]
            .iter()
            .any(|name| arguments.keyword(name).and_then(|value| world.is_true(value)) == Some(true));
        let path = match given {
            Some(value) if !value.is_none() => match &value.kind {
                Kind::Str(path) | Kind::Path(path) => Some(world.surroundings().project.join(&**path)),
                _ => None,
            },
            Some(_) | None => self.nearest(world, spot, &[".env"]),
        };
        Value::bool(path.is_some_and(|path| self.load(world, &path, overwrite, spot)), spot)
    }

    /// `config(...)` of python-decouple.
    fn decouple(&self, world: &World, arguments: &Arguments, spot: &Spot) -> Option<Value> {
        let variable = arguments.args.first()?.as_str()?.to_owned();
        let default = arguments.args.get(1).or_else(|| arguments.keyword("default")).cloned();
        let cast = arguments.args.get(2).or_else(|| arguments.keyword("cast")).cloned();
        let value = world.variable(&variable).or_else(|| {
            let path = self.nearest(world, spot, &["settings.ini", ".env"])?;
            let text = self.files.read(&path).and_then(|bytes| String::from_utf8(bytes).ok())?;
            let settings =
                if path.ends_with("settings.ini") { parse_properties(&text) } else { parse_dotenv(&text) };
            settings.get(&variable).map(|value| Value::str(value.as_str(), spot))
        });
        let value = match value.or(default) {
            Some(value) => value,
            None => return Some(not_set(&variable, spot)),
        };
        let Some(cast) = cast else { return Some(value) };
        match (&cast.kind, value.as_str()) {
            (Kind::Builtin(builtin), Some(text)) if builtin.name() == "bool" => {
                Some(match text.to_ascii_lowercase().as_str() {
                    "y" | "yes" | "t" | "true" | "on" | "1" => Value::bool(true, spot),
                    "n" | "no" | "f" | "false" | "off" | "0" | "" => Value::bool(false, spot),
                    _ => not_read(&variable, spot),
                })
            }
            (Kind::Object(csv), Some(text)) if matches!(&csv.class, ClassRef::Name(name) if &**name == "decouple.Csv") =>
            {
                if !csv.args.is_empty() || !csv.kwargs.is_empty() {
                    return Some(not_read(&variable, spot));
                }
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Some(Value::list(parts.map(|part| Value::str(part, spot)).collect(), spot))
            }
            (Kind::Object(_) | Kind::Name(_), _)
                if cast.dotted().is_none_or(|name| &*name != "dj_database_url.parse") =>
            {
                Some(not_read(&variable, spot))
            }
            _ => Some(world.call(&cast, Arguments { args: vec![value], kwargs: Vec::new() })),
        }
    }

    /// `config()` and `parse()` of dj-database-url.
    fn database_url(&self, world: &World, dotted: &str, arguments: &Arguments, spot: &Spot) -> Option<Value> {
        let url = if dotted == "dj_database_url.parse" {
            arguments.args.first().or_else(|| arguments.keyword("url")).cloned()?
        } else {
            let name = arguments.args.first().or_else(|| arguments.keyword("env"));
            let name = name.map_or(Some("DATABASE_URL"), Value::as_str)?;
            let default = arguments.args.get(1).or_else(|| arguments.keyword("default")).cloned();
            match world.variable(name).or(default) {
                Some(url) if !url.is_none() => url,
                Some(_) | None => return Some(not_set(name, spot)),
            }
        };
        let text = match (&url.kind, url.why_unknown()) {
            (_, Some(unknown)) => return Some(Value::still_unknown(&unknown, spot)),
            (Kind::Str(text), None) => text.to_string(),
            _ => return None,
        };
        let Some(mut entries) = urls::database(&text) else {
            return Some(Value::unknown("the URL of a database that is not understood", spot));
        };
        if let Some(engine) = arguments.keyword("engine").and_then(Value::as_str) {
            entries.retain(|(name, _)| *name != "ENGINE");
            entries.push(("ENGINE", urls::Part::Text(engine.to_owned())));
        }
        Some(urls::as_dict(entries, spot))
    }

    /// `include("a.py", optional("b.py"))` of django-split-settings.
    fn include(&self, world: &World, arguments: &Arguments, spot: &Spot) -> Option<Value> {
        let folder = spot.source.path.parent()?;
        for pattern in &arguments.args {
            let (optional, pattern) = match &pattern.kind {
                Kind::Object(object) => (true, object.args.first()?.as_str()?.to_owned()),
                _ => (false, pattern.as_str()?.to_owned()),
            };
            let path = folder.join(&pattern);
            let paths = if pattern.contains('*') { self.matching(&path) } else { vec![path] };
            for path in paths {
                if self.files.is_file(&path) {
                    world.include(spot, &path)?;
                } else if !optional {
                    return Some(Value::unknown(format!("the settings {pattern} are not there"), spot));
                }
            }
        }
        Some(Value::none(spot))
    }

    /// Files of a pattern with a `*` in its last part.
    fn matching(&self, pattern: &Utf8Path) -> Vec<Utf8PathBuf> {
        let (Some(folder), Some(name)) = (pattern.parent(), pattern.file_name()) else { return Vec::new() };
        let (before, after) = name.split_once('*').unwrap_or((name, ""));
        let names = self.files.list(folder).into_iter();
        let fits = |name: &String| {
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        };
        names.filter(fits).map(|name| folder.join(name)).collect()
    }
}

impl Answers for Libraries {
    fn name(&self, _world: &World, dotted: &str, spot: &Spot) -> Option<Value> {
        // `environ.Path` and `env = environ.FileAwareEnv` are what they look like.
        match dotted {
            "environ.FileAwareEnv" => Some(Value::name("environ.Env", spot)),
            _ => None,
        }
    }

    fn call(&self, world: &World, dotted: &str, arguments: &Arguments, spot: &Spot) -> Option<Value> {
        match dotted {
            "environ.Env.read_env" => Some(self.read_env(world, arguments, spot)),
            "dotenv.load_dotenv" | "dotenv.read_dotenv" | "dotenv.main.load_dotenv" => {
                Some(self.read_env(world, arguments, spot))
            }
            "dotenv.find_dotenv" => {
                let found = self.nearest(world, spot, &[".env"]);
                Some(Value::str(found.map(Utf8PathBuf::into_string).unwrap_or_default(), spot))
            }
            "decouple.config" => self.decouple(world, arguments, spot),
            "dj_database_url.config" | "dj_database_url.parse" => {
                self.database_url(world, dotted, arguments, spot)
            }
            "split_settings.tools.include" => self.include(world, arguments, spot),
            _ => dynaconf::call(world, &self.files, dotted, arguments, spot),
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
        let object = of.as_object()?;
        let ClassRef::Name(class) = &object.class else { return None };
        match &**class {
            "environ.Env" => self.environ(world, of, name, arguments, spot),
            "decouple.AutoConfig" | "decouple.Config" if name == "__call__" => {
                self.decouple(world, arguments, spot)
            }
            _ => dynaconf::call_method(of, name, arguments, spot),
        }
    }

    fn attribute(&self, _world: &World, of: &Value, name: &str, spot: &Spot) -> Option<Value> {
        dynaconf::attribute(of, name, spot)
    }
}

fn not_set(variable: &str, spot: &Spot) -> Value {
    Value::unknown(format!("the environment variable {variable} is not set"), spot)
}

fn not_read(variable: &str, spot: &Spot) -> Value {
    Value::unknown(format!("how the environment variable {variable} is read is not followed"), spot)
}

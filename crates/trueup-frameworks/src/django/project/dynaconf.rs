//! dynaconf: settings in layers. What the program itself gives comes first; then files, variables of the environment with
//! a prefix, and functions that are called with the result, each laid over what was there before.
//!
//! Files of Python are run. What a file in another format names, and what is merged in a way that is not followed, is
//! unknown.

mod hooks;
mod layers;
mod options;
mod texts;
mod variables;

use std::rc::Rc;

use camino::Utf8PathBuf;

use self::layers::Layers;
use crate::python::value::{Arguments, ClassRef};
use crate::python::{Files, Kind, Object, Spot, Value, World};

/// The class of what `Dynaconf(…)` gives: its settings are its attributes.
const CLASS: &str = "dynaconf.LazySettings";

/// What a call of something of dynaconf comes to, or of an operator on its settings.
pub(super) fn call(
    world: &World,
    files: &Rc<dyn Files>,
    dotted: &str,
    arguments: &Arguments,
    spot: &Spot,
) -> Option<Value> {
    match (dotted, &arguments.args[..]) {
        ("dynaconf.Dynaconf" | "dynaconf.LazySettings" | "dynaconf.base.LazySettings", []) => {
            Some(settings(world, files, arguments, spot))
        }
        (
            "dynaconf.DjangoDynaconf"
            | "dynaconf.contrib.DjangoDynaconf"
            | "dynaconf.contrib.django_dynaconf_v2.DjangoDynaconf"
            | "dynaconf.contrib.django_dynaconf_v2.load",
            module,
        ) => Some(of_django(world, files, module.first(), arguments, spot)),
        ("operator.getitem", [of, name]) => {
            let found = found(settings_of(of)?, name.as_str()?, spot);
            Some(found.unwrap_or_else(|| lacking(name.as_str().unwrap_or_default(), spot)))
        }
        ("operator.contains", [of, name]) => Some(is_there(settings_of(of)?, name.as_str()?, spot)),
        _ => None,
    }
}

/// `settings.get("NAME", default)`.
pub(super) fn call_method(of: &Value, method: &str, arguments: &Arguments, spot: &Spot) -> Option<Value> {
    let settings = settings_of(of)?;
    let (name, default) = match (method, &arguments.args[..]) {
        ("get" | "__call__", [name]) => (name, arguments.keyword("default")),
        ("get" | "__call__", [name, default]) => (name, Some(default)),
        ("exists", [name]) => return Some(is_there(settings, name.as_str()?, spot)),
        _ => return Some(Value::unknown(format!("{method} of dynaconf's settings is not followed"), spot)),
    };
    if arguments.kwargs.iter().any(|(name, _)| &**name != "default") {
        return Some(Value::unknown("how dynaconf's get casts this is not followed", spot));
    }
    let found = found(settings, name.as_str()?, spot);
    Some(found.or_else(|| default.cloned()).unwrap_or_else(|| Value::none(spot)))
}

/// `settings.name`, where it is not one of its attributes as it is written.
pub(super) fn attribute(of: &Value, name: &str, spot: &Spot) -> Option<Value> {
    let settings = settings_of(of)?;
    let is_setting = name.chars().any(char::is_uppercase) || settings.attributes.get(&upper(name)).is_some();
    is_setting.then(|| found(settings, name, spot).unwrap_or_else(|| lacking(name, spot)))
}

fn settings_of(value: &Value) -> Option<&Rc<Object>> {
    let object = value.as_object()?;
    matches!(&object.class, ClassRef::Name(class) if &**class == CLASS).then_some(object)
}

/// A setting, whatever its case; `None` where there is certainly none.
fn found(settings: &Rc<Object>, name: &str, spot: &Spot) -> Option<Value> {
    if name.contains('.') || name.contains(texts::SEPARATOR) {
        return Some(Value::unknown(format!("{name} of dynaconf's settings is not followed"), spot));
    }
    let name = upper(name);
    if let Some(known) = settings.attributes.get(&name) {
        return Some(known);
    }
    let unknown = settings.attributes.may_have_more()?;
    Some(Value::still_unknown(&unknown, spot))
}

fn is_there(settings: &Rc<Object>, name: &str, spot: &Spot) -> Value {
    let found = found(settings, name, spot);
    match found.as_ref().and_then(Value::why_unknown) {
        Some(unknown) => Value::still_unknown(&unknown, spot),
        None => Value::bool(found.is_some(), spot),
    }
}

fn lacking(name: &str, spot: &Spot) -> Value {
    Value::unknown(format!("{name} is in none of the settings that dynaconf reads"), spot)
}

fn upper(name: &str) -> Rc<str> {
    name.to_uppercase().into()
}

/// `Dynaconf(envvar_prefix="SHOP", settings_files=[…])`.
fn settings(world: &World, files: &Rc<dyn Files>, arguments: &Arguments, spot: &Spot) -> Value {
    let object = object(arguments);
    let root = arguments.keyword("root_path").or_else(|| arguments.keyword("ROOT_PATH_FOR_DYNACONF"));
    let root = match root.map(|root| &root.kind) {
        Some(Kind::Str(path) | Kind::Path(path)) => Some(Utf8PathBuf::from(&**path)),
        Some(_) | None => None,
    };
    let layers = Layers { world, files: &**files, settings: &object, root, own: None, spot };
    layers.load(arguments.kwargs.clone());
    Value::new(Kind::Object(object.clone()), spot)
}

/// `DjangoDynaconf(__name__)`: the settings of the module are the first layer, and get what comes of all of them.
fn of_django(
    world: &World,
    files: &Rc<dyn Files>,
    name: Option<&Value>,
    arguments: &Arguments,
    spot: &Spot,
) -> Value {
    let module = world.module_of(spot);
    let named = name.and_then(Value::as_str);
    let Some(module) = module.filter(|module| named.is_none_or(|named| *named == *module.name)) else {
        return Value::unknown("which module dynaconf gives its settings is not known", spot);
    };
    let mut given: Vec<(Rc<str>, Value)> = Vec::new();
    for (name, _) in module.scope.entries() {
        if texts::is_upper(&name) {
            given.extend(world.get(&module, &name).map(|value| (name, value)));
        }
    }
    // A keyword of the call replaces what the module calls so.
    given.retain(|(name, _)| arguments.keyword(name).is_none());
    given.extend(arguments.kwargs.iter().cloned());
    for (name, value) in options::of_django(spot) {
        if !given.iter().any(|(known, _)| *known == name) {
            given.push((name, value));
        }
    }
    let object = object(&Arguments { args: Vec::new(), kwargs: given.clone() });
    let own = module.source.path.clone();
    let root = own.parent().map(Utf8PathBuf::from);
    let layers = Layers { world, files: &**files, settings: &object, root, own: Some(own), spot };
    layers.load(given);
    if let Some(unknown) = object.attributes.may_have_more() {
        world.lose_names(&module.scope, &unknown, spot);
    }
    for (name, value) in object.attributes.entries() {
        if texts::is_upper(&name) && !options::is_option(&name) {
            world.set_name(&module.scope, &name, value);
        }
    }
    let settings = Value::new(Kind::Object(object), spot);
    for name in ["settings", "DYNACONF"] {
        world.set_name(&module.scope, name, settings.clone());
    }
    settings
}

fn object(arguments: &Arguments) -> Rc<Object> {
    Object::new(ClassRef::Name(CLASS.into()), arguments.clone())
}

//! Files of the project, the environment, and scopes that are used as dictionaries.

use std::rc::Rc;

use super::super::evaluate::{Evaluated, Known, Stop};
use super::super::source::Spot;
use super::super::value::{Arguments, ClassRef, Kind, Object, Unknown, Value};
use super::super::world::World;
use super::entry_points::ENTRY_POINT;

/// The class of what `globals()` and `locals()` give.
pub(in super::super) const NAMESPACE: &str = "builtins.globals";

/// The class of an open file.
const FILE: &str = "io.TextIOWrapper";

/// The class of `os.environ`.
pub(super) const ENVIRONMENT: &str = "os.environ";

/// The attribute of an open file in which its text is kept.
const TEXT: &str = "\0text";

/// An open file of which the text is known.
pub(in super::super) fn is_file(value: &Value) -> bool {
    text_of(value).is_some()
}

pub(super) fn text_of(value: &Value) -> Option<Value> {
    let Kind::Object(object) = &value.kind else { return None };
    match &object.class {
        ClassRef::Name(name) if &**name == FILE => object.attributes.get(&TEXT.into()),
        ClassRef::Name(_) | ClassRef::Class(_) | ClassRef::Attribute(_) => None,
    }
}

fn class_name(object: &Object) -> &str {
    match &object.class {
        ClassRef::Name(name) => name,
        ClassRef::Class(_) | ClassRef::Attribute(_) => "",
    }
}

/// Whether an object that is no class's has a method that is modelled.
pub(in super::super) fn has_object_method(object: &Object, name: &str) -> bool {
    match class_name(object) {
        FILE => matches!(name, "read" | "readlines" | "close" | "readline"),
        ENTRY_POINT => name == "load",
        NAMESPACE | ENVIRONMENT => {
            matches!(name, "get" | "setdefault" | "update" | "pop" | "keys" | "items" | "copy")
        }
        _ => false,
    }
}

impl World {
    /// `open(path)`: for reading, within the project.
    pub(super) fn open(&self, path: &Value, mode: Option<&Value>, spot: &Spot) -> Evaluated {
        if let Some(unknown) = path.why_unknown() {
            return Ok(self.still_unknown(&unknown, spot));
        }
        let mode = mode.map_or(Some("r"), |mode| mode.as_str());
        let (Some(path), Some("r" | "rt" | "rb")) = (Self::as_path(path), mode) else {
            return Ok(self.unknown("a file that is opened like this is not followed", spot));
        };
        if !self.is_ours(&path) {
            return Ok(self.unknown(format!("what is in {path} where the project runs is not known"), spot));
        }
        let path = super::paths::normal(&path);
        let Some(bytes) = self.surroundings.files.read(path.as_str().into()) else {
            if self.is_caught("FileNotFoundError", spot) {
                return Err(self.raise("FileNotFoundError", path, spot));
            }
            return Ok(self.unknown(format!("{path} cannot be read"), spot));
        };
        let content = match mode {
            Some("rb") => Value::new(Kind::Bytes(bytes.into()), spot),
            Some(_) | None => match trueup_sql::text::decode(&bytes) {
                // Python gives every line the same end.
                Ok(decoded) => Value::str(decoded.text.replace("\r\n", "\n").replace('\r', "\n"), spot),
                Err(error) => {
                    return Ok(self.unknown(format!("{path} is not readable as text: {error}"), spot));
                }
            },
        };
        let object = Object::new(ClassRef::Name(FILE.into()), Arguments::default());
        object.attributes.restore(&TEXT.into(), Some(content));
        Ok(Value::new(Kind::Object(object), spot))
    }

    pub(super) fn method_of_object(
        &self,
        object: &Rc<Object>,
        receiver: &Value,
        name: &str,
        args: Vec<Value>,
        kwargs: Vec<(Rc<str>, Value)>,
        spot: &Spot,
    ) -> Evaluated {
        match class_name(object) {
            ENTRY_POINT => self.load_entry_point(object, spot),
            FILE => {
                let Some(text) = text_of(receiver) else { return self.other_arguments(name, &args, spot) };
                match (name, &args[..]) {
                    ("close", []) => Ok(Value::none(spot)),
                    ("read", []) => {
                        // What was read once is gone.
                        let empty = if text.as_str().is_some() {
                            Value::str("", spot)
                        } else {
                            Value::new(Kind::Bytes(Rc::new([])), spot)
                        };
                        object.attributes.set(&self.journal, &TEXT.into(), empty);
                        Ok(text)
                    }
                    ("readlines", []) => match self.items_of_object(object, spot)? {
                        Some(Ok(lines)) => Ok(Value::list(lines, spot)),
                        Some(Err(unknown)) => Ok(self.still_unknown(&unknown, spot)),
                        None => self.other_arguments(name, &args, spot),
                    },
                    _ => {
                        let unknown = self
                            .unknown("what is left of a file that is read in parts is not followed", spot);
                        object.attributes.set(&self.journal, &TEXT.into(), unknown.clone());
                        Ok(unknown)
                    }
                }
            }
            NAMESPACE | ENVIRONMENT => self.method_of_scope(object, name, args, kwargs, spot),
            _ => self.other_arguments(name, &args, spot),
        }
    }

    fn method_of_scope(
        &self,
        object: &Rc<Object>,
        name: &str,
        args: Vec<Value>,
        kwargs: Vec<(Rc<str>, Value)>,
        spot: &Spot,
    ) -> Evaluated {
        let named = args.first().and_then(Self::text_key);
        match (name, named, &args[..]) {
            ("get", Some(key), [_] | [_, _]) => match self.scope_item(object, &key, spot)? {
                Some(found) => Ok(found),
                None => Ok(args.get(1).cloned().unwrap_or_else(|| Value::none(spot))),
            },
            ("pop", Some(key), [_] | [_, _]) => match self.scope_item(object, &key, spot)? {
                Some(found) => {
                    object.attributes.remove(&self.journal, &key);
                    Ok(found)
                }
                None => Ok(args
                    .get(1)
                    .cloned()
                    .unwrap_or_else(|| self.unknown(format!("{key} is not there"), spot))),
            },
            ("setdefault", Some(key), [_, value]) => match self.scope_item(object, &key, spot)? {
                Some(found) => Ok(found),
                None => {
                    object.attributes.set(&self.journal, &key, value.clone());
                    Ok(value.clone())
                }
            },
            ("update", _, _) => {
                let made = Value::dict(super::super::value::Dict::new(), spot);
                self.method_of_dict(&made, "update", args, kwargs, spot)?;
                match (made.entries(), made.why_unknown()) {
                    (Some(entries), _) => {
                        for (key, value) in entries {
                            if let Some(key) = Self::text_key(&key) {
                                object.attributes.set(&self.journal, &key, value);
                            }
                        }
                    }
                    (None, Some(unknown)) => self.blur_object(object, &unknown, spot),
                    (None, None) => {}
                }
                Ok(Value::none(spot))
            }
            ("keys" | "items" | "copy", _, []) if class_name(object) == NAMESPACE => {
                if let Some(unknown) = object.attributes.may_have_more() {
                    return Ok(self.still_unknown(&unknown, spot));
                }
                let entries: Vec<(Rc<str>, Value)> = object
                    .attributes
                    .entries()
                    .into_iter()
                    .map(|(name, value)| (name, self.resolve(&value)))
                    .collect();
                let made = self.dict_of(entries, spot);
                if name == "copy" {
                    Ok(made)
                } else {
                    self.method_of_dict(&made, name, Vec::new(), Vec::new(), spot)
                }
            }
            _ => {
                let unknown =
                    self.reason(format!("{name} of {} is not followed here", class_name(object)), spot);
                if !matches!(name, "get" | "keys" | "items" | "copy") {
                    self.blur_object(object, &unknown, spot);
                }
                Ok(self.still_unknown(&unknown, spot))
            }
        }
    }

    fn blur_object(&self, object: &Rc<Object>, unknown: &Rc<Unknown>, spot: &Spot) {
        for (name, _) in object.attributes.entries() {
            object.attributes.set(&self.journal, &name, Value::still_unknown(unknown, spot));
        }
        object.attributes.expect_more(&self.journal, Some(unknown.clone()));
    }

    /// An item of a scope or of the environment; `None` where there is none.
    fn scope_item(&self, object: &Rc<Object>, key: &Rc<str>, spot: &Spot) -> Result<Option<Value>, Stop> {
        if let Some(found) = object.attributes.get(key) {
            return Ok(Some(self.resolve(&found)));
        }
        if let Some(unknown) = object.attributes.may_have_more() {
            return Ok(Some(self.still_unknown(&unknown, spot)));
        }
        if class_name(object) == ENVIRONMENT {
            return Ok(self.given_variable(key, spot));
        }
        Ok(None)
    }

    /// `object[index]` where the object is a scope or the environment.
    pub(in super::super) fn item_of_object(
        &self,
        object: &Rc<Object>,
        index: &Value,
        spot: &Spot,
    ) -> Result<Option<Value>, Stop> {
        let class = class_name(object);
        if !matches!(class, NAMESPACE | ENVIRONMENT) {
            return Ok(None);
        }
        let Some(key) = Self::text_key(index) else {
            return Ok(index.why_unknown().map(|unknown| self.still_unknown(&unknown, spot)));
        };
        if let Some(found) = self.scope_item(object, &key, spot)? {
            return Ok(Some(found));
        }
        if class == NAMESPACE || self.is_caught("KeyError", spot) {
            return Err(self.raise("KeyError", super::super::shown::quoted(&key), spot));
        }
        Ok(Some(self.unknown(format!("the environment variable {key} is not set"), spot)))
    }

    /// `object[index] = value` there; whether it is such an object.
    pub(in super::super) fn set_item_of_object(
        &self,
        object: &Rc<Object>,
        index: &Value,
        value: Value,
        spot: &Spot,
    ) -> bool {
        if !matches!(class_name(object), NAMESPACE | ENVIRONMENT) {
            return false;
        }
        match Self::text_key(index) {
            Some(key) => object.attributes.set(&self.journal, &key, value),
            None => {
                let unknown = index
                    .why_unknown()
                    .unwrap_or_else(|| self.reason("a name that is not known is set", spot));
                self.blur_object(object, &unknown, spot);
            }
        }
        true
    }

    /// `key in object` there.
    pub(in super::super) fn namespace_contains(
        &self,
        container: &Value,
        key: &Value,
    ) -> Option<Result<bool, Rc<Unknown>>> {
        let Kind::Object(object) = &container.kind else { return None };
        if !matches!(class_name(object), NAMESPACE | ENVIRONMENT) {
            return None;
        }
        let key = Self::text_key(key)?;
        match self.scope_item(object, &key, &container.spot) {
            Ok(Some(found)) => match found.why_unknown() {
                Some(unknown) if object.attributes.get(&key).is_none() => Some(Err(unknown)),
                Some(_) | None => Some(Ok(true)),
            },
            Ok(None) => Some(Ok(false)),
            Err(_) => None,
        }
    }

    /// The lines of an open file.
    pub(in super::super) fn items_of_object(
        &self,
        object: &Rc<Object>,
        spot: &Spot,
    ) -> Result<Option<Known<Vec<Value>>>, Stop> {
        if class_name(object) != FILE {
            return Ok(None);
        }
        let Some(text) = object.attributes.get(&TEXT.into()) else { return Ok(None) };
        match (text.as_str(), text.why_unknown()) {
            (Some(text), _) => {
                self.room_for(text.lines().count(), spot)?;
                object.attributes.set(&self.journal, &TEXT.into(), Value::str("", spot));
                Ok(Some(Ok(text.split_inclusive('\n').map(|line| Value::str(line, spot)).collect())))
            }
            (None, Some(unknown)) => Ok(Some(Err(unknown))),
            (None, None) => Ok(None),
        }
    }

    pub(super) fn namespace_of(&self, scope: &Rc<super::super::value::Scope>, spot: &Spot) -> Value {
        self.scope_object(NAMESPACE, scope, spot)
    }

    /// A scope as something that can be read and written like a dictionary.
    pub(in super::super) fn scope_object(
        &self,
        class: &str,
        scope: &Rc<super::super::value::Scope>,
        spot: &Spot,
    ) -> Value {
        let object = Object {
            class: ClassRef::Name(class.into()),
            args: Vec::new(),
            kwargs: Vec::new(),
            attributes: scope.clone(),
            base: std::cell::RefCell::new(super::super::value::Base::AsCalled),
        };
        Value::new(Kind::Object(Rc::new(object)), spot)
    }
}

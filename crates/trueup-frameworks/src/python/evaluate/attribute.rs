//! Attributes: looked up and bound as Python does it.

use std::rc::Rc;

use super::super::source::Spot;
use super::super::value::{
    Attribute, Bound, Builtin, Class, ClassRef, Function, Kind, Method, Object, Unknown, Value, Wrapping,
};
use super::super::world::World;
use super::{Evaluated, Stop};

/// What a lookup in the classes of an object comes to.
pub(super) enum Looked {
    Found(Value),
    Missing,
    /// A class that is not followed may have it.
    Perhaps,
    Unknown(Rc<Unknown>),
}

impl World {
    pub(in super::super) fn attribute_of(&self, value: &Value, name: &str, spot: &Spot) -> Evaluated {
        match &value.kind {
            Kind::Unknown(unknown) => Ok(self.still_unknown(unknown, spot)),
            Kind::Name(dotted) => {
                let whole = format!("{dotted}.{name}");
                if self.surroundings.answers.as_ref().is_some_and(|answers| answers.lacks(self, &whole, spot))
                {
                    return Err(self.raise(
                        "AttributeError",
                        format!("{dotted} has no attribute {name}"),
                        spot,
                    ));
                }
                Ok(self.dotted(&whole, spot))
            }
            Kind::Module(module) => match self.name_of_module(module, name, spot) {
                Err(Stop::Raised(raised)) if raised.is("ImportError") => {
                    let message = format!("module {} has no attribute {name}", module.name);
                    Err(self.raise("AttributeError", message, spot))
                }
                other => other,
            },
            Kind::Class(class) => self.attribute_of_class(class, value, name, spot),
            Kind::Object(object) => self.attribute_of_object(object, value, name, spot),
            Kind::Attribute(_) => Ok(self.symbol(value, name, spot)),
            Kind::Super(given) => self.attribute_of_super(&given.0, &given.1, name, spot),
            Kind::Function(function) => self.attribute_of_function(function, value, name, spot),
            Kind::Builtin(builtin) => self.attribute_of_builtin(*builtin, value, name, spot),
            Kind::Path(path) => match super::super::library::path_attribute(path, name) {
                Some(kind) => Ok(Value::new(kind, spot)),
                None => self.method_of_type(value, name, spot),
            },
            Kind::Method(method) => match &method.function {
                Bound::Function(function) if name != "__self__" => {
                    let function = Value::new(Kind::Function(function.clone()), spot);
                    self.attribute_of(&function, name, spot)
                }
                Bound::Function(_) | Bound::Builtin(_) => Ok(method.receiver.clone()),
            },
            Kind::Partial(partial) => Ok(match name {
                "func" => partial.function.clone(),
                "args" => Value::tuple(partial.args.clone(), spot),
                _ => self.symbol(value, name, spot),
            }),
            Kind::Lazy(_) => self.attribute_of(&self.resolve(value), name, spot),
            Kind::None
            | Kind::Ellipsis
            | Kind::NotImplemented
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Str(_)
            | Kind::Bytes(_)
            | Kind::Tuple(_)
            | Kind::List(_)
            | Kind::Dict(_)
            | Kind::Set(_)
            | Kind::Range { .. }
            | Kind::Slice(_)
            | Kind::Iterator(_) => self.method_of_type(value, name, spot),
        }
    }

    /// A name that is not followed, or what the caller or the library knows about it.
    pub(in super::super) fn dotted(&self, dotted: &str, spot: &Spot) -> Value {
        if let Some(answers) = &self.surroundings.answers
            && let Some(value) = answers.name(self, dotted, spot)
        {
            return value;
        }
        if let Some(value) = self.library_value(dotted, spot) {
            return value;
        }
        Value::name(dotted, spot)
    }

    pub(in super::super) fn symbol(&self, of: &Value, name: &str, spot: &Spot) -> Value {
        if let Some(answers) = &self.surroundings.answers
            && let Some(value) = answers.attribute(self, of, name, spot)
        {
            return value;
        }
        Value::new(Kind::Attribute(Rc::new(Attribute { of: of.clone(), name: name.into() })), spot)
    }

    fn method_of_type(&self, value: &Value, name: &str, spot: &Spot) -> Evaluated {
        if name == "__class__" {
            return Ok(match super::super::library::builtin(&value.type_name()) {
                Some(builtin) => Value::new(Kind::Builtin(builtin), spot),
                None => self.symbol(value, name, spot),
            });
        }
        if super::super::library::has_method(value, name) {
            let method = Method { receiver: value.clone(), function: Bound::Builtin(name.into()) };
            return Ok(Value::new(Kind::Method(Rc::new(method)), spot));
        }
        if name.starts_with("__") || super::super::library::may_have(value, name) {
            return Ok(self.unknown(format!("{}.{name} is not followed", value.type_name()), spot));
        }
        let message = format!("'{}' object has no attribute '{name}'", value.type_name());
        Err(self.raise("AttributeError", message, spot))
    }

    /// The first class after `after`, or from the beginning, that has the name.
    pub(super) fn look_up(&self, class: &Rc<Class>, after: Option<&Rc<Class>>, name: &str) -> Looked {
        let name: Rc<str> = name.into();
        let mro = match class.mro() {
            Ok(mro) => mro,
            Err(unknown) => return Looked::Unknown(unknown),
        };
        let skip = after.map_or(0, |after| {
            let place = mro
                .iter()
                .position(|class| matches!(&class.kind, Kind::Class(class) if Rc::ptr_eq(class, after)));
            place.map_or(0, |place| place + 1)
        });
        for ancestor in &mro[skip.min(mro.len())..] {
            match &ancestor.kind {
                Kind::Class(ancestor) => {
                    if let Some(value) = ancestor.attributes.get(&name) {
                        return Looked::Found(self.resolve(&value));
                    }
                    if let Some(unknown) = ancestor.attributes.may_have_more() {
                        return Looked::Unknown(unknown);
                    }
                }
                Kind::Builtin(_) => {}
                Kind::Unknown(unknown) => return Looked::Unknown(unknown.clone()),
                _ => return Looked::Perhaps,
            }
        }
        Looked::Missing
    }

    fn attribute_of_class(&self, class: &Rc<Class>, value: &Value, name: &str, spot: &Spot) -> Evaluated {
        if let Some(member) = self.attribute_of_enumeration(class, name, spot)? {
            return Ok(member);
        }
        match self.look_up(class, None, name) {
            Looked::Found(found) => Ok(match &found.kind {
                Kind::Function(function) => match function.wrapping {
                    Wrapping::Plain | Wrapping::Static => unwrapped(function, &found),
                    Wrapping::Class => bound(function, value, spot),
                    Wrapping::Property | Wrapping::CachedProperty => self.symbol(value, name, spot),
                },
                // A class that is not followed may make something else of what is not plain data.
                Kind::Object(_) if self.may_transform(class) => self.symbol(value, name, spot),
                _ => found,
            }),
            Looked::Unknown(unknown) => Ok(self.still_unknown(&unknown, spot)),
            looked @ (Looked::Missing | Looked::Perhaps) => Ok(match name {
                "__name__" | "__qualname__" => Value::str(class.name.clone(), spot),
                "__module__" => {
                    let module = class.dotted.strip_suffix(&format!(".{}", class.name)).unwrap_or_default();
                    Value::str(module, spot)
                }
                "__bases__" => Value::tuple(class.bases.clone(), spot),
                "__mro__" => match class.mro() {
                    Ok(mro) => Value::tuple(mro, spot),
                    Err(unknown) => self.still_unknown(&unknown, spot),
                },
                _ if matches!(looked, Looked::Perhaps) => self.symbol(value, name, spot),
                _ if name.starts_with("__") || has_foreign_base(class) || has_metaclass(class) => {
                    self.unknown(format!("{}.{name} is not followed", class.name), spot)
                }
                _ => {
                    let message = format!("type object '{}' has no attribute '{name}'", class.name);
                    return Err(self.raise("AttributeError", message, spot));
                }
            }),
        }
    }

    fn may_transform(&self, class: &Rc<Class>) -> bool {
        class.mro().map_or(true, |mro| {
            mro.iter().any(|ancestor| match &ancestor.kind {
                Kind::Class(class) => !class.keywords.is_empty(),
                Kind::Builtin(_) => false,
                _ => true,
            })
        })
    }

    fn attribute_of_object(&self, object: &Rc<Object>, value: &Value, name: &str, spot: &Spot) -> Evaluated {
        if let Some(found) = object.attributes.get(&name.into()) {
            return Ok(self.resolve(&found));
        }
        if let Some(unknown) = object.attributes.may_have_more() {
            return Ok(self.still_unknown(&unknown, spot));
        }
        let ClassRef::Class(class) = &object.class else {
            if super::super::library::has_object_method(object, name) {
                let method = Method { receiver: value.clone(), function: Bound::Builtin(name.into()) };
                return Ok(Value::new(Kind::Method(Rc::new(method)), spot));
            }
            return Ok(self.symbol(value, name, spot));
        };
        if name == "__class__" {
            return Ok(Value::new(Kind::Class(class.clone()), spot));
        }
        match self.look_up(class, None, name) {
            Looked::Found(found) => self.bind_to_object(object, value, &found, name, spot),
            Looked::Unknown(unknown) => Ok(self.still_unknown(&unknown, spot)),
            looked @ (Looked::Missing | Looked::Perhaps) => {
                if name == "__dict__" {
                    return Ok(self.unknown("__dict__ of an object is not followed", spot));
                }
                if let Looked::Found(getter) = self.look_up(class, None, "__getattr__") {
                    let getter = self.bind_to_object(object, value, &getter, "__getattr__", spot)?;
                    return self.call_positional(&getter, vec![Value::str(name, spot)], spot);
                }
                if matches!(looked, Looked::Perhaps) {
                    return Ok(self.symbol(value, name, spot));
                }
                if name == "args" && self.is_exception_class(class) {
                    return Ok(Value::tuple(object.args.clone(), spot));
                }
                if name.starts_with("__") || has_foreign_base(class) {
                    return Ok(self.unknown(format!("{}.{name} is not followed", class.name), spot));
                }
                let message = format!("'{}' object has no attribute '{name}'", class.name);
                Err(self.raise("AttributeError", message, spot))
            }
        }
    }

    fn bind_to_object(
        &self,
        object: &Rc<Object>,
        value: &Value,
        found: &Value,
        name: &str,
        spot: &Spot,
    ) -> Evaluated {
        let Kind::Function(function) = &found.kind else { return Ok(found.clone()) };
        match function.wrapping {
            Wrapping::Plain => Ok(bound(function, value, spot)),
            Wrapping::Static => Ok(unwrapped(function, found)),
            Wrapping::Class => {
                let ClassRef::Class(class) = &object.class else { return Ok(found.clone()) };
                Ok(bound(function, &Value::new(Kind::Class(class.clone()), spot), spot))
            }
            Wrapping::Property => {
                self.call_positional(&unwrapped(function, found), vec![value.clone()], spot)
            }
            Wrapping::CachedProperty => {
                let made = self.call_positional(&unwrapped(function, found), vec![value.clone()], spot)?;
                object.attributes.set(&self.journal, &name.into(), made.clone());
                Ok(made)
            }
        }
    }

    fn attribute_of_super(&self, after: &Rc<Class>, about: &Value, name: &str, spot: &Spot) -> Evaluated {
        let class = match &about.kind {
            Kind::Object(object) => match &object.class {
                ClassRef::Class(class) => class.clone(),
                ClassRef::Name(_) | ClassRef::Attribute(_) => {
                    return Ok(self.unknown("super() of an object that is not followed", spot));
                }
            },
            Kind::Class(class) => class.clone(),
            _ => return Ok(self.unknown("super() of something that is not followed", spot)),
        };
        match self.look_up(&class, Some(after), name) {
            Looked::Found(found) => match (&found.kind, &about.kind) {
                (Kind::Function(_), Kind::Object(object)) => {
                    self.bind_to_object(object, about, &found, name, spot)
                }
                (Kind::Function(function), _) => Ok(match function.wrapping {
                    Wrapping::Class => bound(function, about, spot),
                    Wrapping::Plain | Wrapping::Static | Wrapping::Property | Wrapping::CachedProperty => {
                        unwrapped(function, &found)
                    }
                }),
                _ => Ok(found),
            },
            Looked::Unknown(unknown) => Ok(self.still_unknown(&unknown, spot)),
            Looked::Perhaps => {
                // The call of what is not followed is what matters: see `call`.
                let given = Value::new(Kind::Super(Rc::new((after.clone(), about.clone()))), spot);
                Ok(self.symbol(&given, name, spot))
            }
            Looked::Missing
                if matches!(name, "__init__" | "__init_subclass__" | "__setattr__" | "__new__") =>
            {
                let given = Value::new(Kind::Super(Rc::new((after.clone(), about.clone()))), spot);
                Ok(self.symbol(&given, name, spot))
            }
            Looked::Missing => {
                if name.starts_with("__") || has_foreign_base(&class) {
                    return Ok(self.unknown(format!("super().{name} is not followed"), spot));
                }
                Err(self.raise("AttributeError", format!("'super' object has no attribute '{name}'"), spot))
            }
        }
    }

    fn attribute_of_function(
        &self,
        function: &Rc<Function>,
        value: &Value,
        name: &str,
        spot: &Spot,
    ) -> Evaluated {
        if let Some(found) = function.attributes.get(&name.into()) {
            return Ok(found);
        }
        Ok(match name {
            "__name__" | "__qualname__" => Value::str(function.name.clone(), spot),
            "__module__" => Value::str(function.module.name.clone(), spot),
            "__doc__" => self.unknown("the text of a function is not followed", spot),
            "setter" | "deleter" | "getter" if function.wrapping == Wrapping::Property => {
                self.symbol(value, name, spot)
            }
            _ if name.starts_with("__") => {
                self.unknown(format!("{name} of a function is not followed"), spot)
            }
            _ => {
                let message = format!("'function' object has no attribute '{name}'");
                return Err(self.raise("AttributeError", message, spot));
            }
        })
    }

    fn attribute_of_builtin(&self, builtin: Builtin, value: &Value, name: &str, spot: &Spot) -> Evaluated {
        if let Some(method) = super::super::library::method_of_builtin(builtin, name) {
            return Ok(Value::new(Kind::Builtin(method), spot));
        }
        Ok(match name {
            "__name__" | "__qualname__" => Value::str(builtin.name(), spot),
            "__module__" => Value::str("builtins", spot),
            _ => self.symbol(value, name, spot),
        })
    }

    pub(in super::super) fn set_attribute(
        &self,
        object: &Value,
        name: &str,
        value: Value,
        spot: &Spot,
    ) -> Result<(), Stop> {
        let name: Rc<str> = name.into();
        match &object.kind {
            Kind::Object(object) => {
                if let ClassRef::Class(class) = &object.class
                    && let Looked::Found(found) = self.look_up(class, None, &name)
                    && let Kind::Function(function) = &found.kind
                    && function.wrapping == Wrapping::Property
                {
                    // What a setter does is not followed.
                    let unknown = self.reason(format!("setting the property {name} is not followed"), spot);
                    object.attributes.expect_more(&self.journal, Some(unknown));
                    return Ok(());
                }
                object.attributes.set(&self.journal, &name, value);
            }
            Kind::Class(class) => class.attributes.set(&self.journal, &name, value),
            Kind::Module(module) => module.scope.set(&self.journal, &name, value),
            Kind::Function(function) => function.attributes.set(&self.journal, &name, value),
            Kind::Name(dotted) => {
                if let Some(answers) = &self.surroundings.answers {
                    answers.set_name(self, &format!("{dotted}.{name}"), value);
                }
            }
            Kind::Method(_)
            | Kind::Partial(_)
            | Kind::Attribute(_)
            | Kind::Super(_)
            | Kind::Lazy(_)
            | Kind::Iterator(_)
            | Kind::Unknown(_) => {}
            Kind::None
            | Kind::Ellipsis
            | Kind::NotImplemented
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Str(_)
            | Kind::Bytes(_)
            | Kind::Tuple(_)
            | Kind::List(_)
            | Kind::Dict(_)
            | Kind::Set(_)
            | Kind::Range { .. }
            | Kind::Slice(_)
            | Kind::Path(_)
            | Kind::Builtin(_) => {
                let message = format!("'{}' object has no attribute '{name}'", object.type_name());
                return Err(self.raise("AttributeError", message, spot));
            }
        }
        Ok(())
    }

    /// A method that a class of the project defines for an object, bound to it: for operators and protocols.
    pub(in super::super) fn own_method(&self, value: &Value, name: &str) -> Option<Value> {
        let Kind::Object(object) = &value.kind else { return None };
        let ClassRef::Class(class) = &object.class else { return None };
        match self.look_up(class, None, name) {
            Looked::Found(found) => match &found.kind {
                Kind::Function(function) if function.wrapping == Wrapping::Plain => {
                    Some(bound(function, value, &value.spot))
                }
                _ => Some(self.unknown(format!("{name} is not a plain method"), &value.spot)),
            },
            Looked::Missing | Looked::Perhaps | Looked::Unknown(_) => None,
        }
    }
}

/// Whether a type of Python's own, other than `object`, is among the ancestors: its attributes are not modelled.
pub(super) fn has_foreign_base(class: &Rc<Class>) -> bool {
    class.mro().map_or(true, |mro| mro.iter().any(|ancestor| matches!(ancestor.kind, Kind::Builtin(_))))
}

fn bound(function: &Rc<Function>, receiver: &Value, spot: &Spot) -> Value {
    let method = Method { receiver: receiver.clone(), function: Bound::Function(function.clone()) };
    Value::new(Kind::Method(Rc::new(method)), spot)
}

/// Whether a metaclass may give the class more than what stands in it.
fn has_metaclass(class: &Rc<Class>) -> bool {
    let names_one = |class: &Rc<Class>| class.keywords.iter().any(|(name, _)| &**name == "metaclass");
    class.mro().map_or(true, |mro| mro.iter().filter_map(Value::as_class).any(names_one))
}

/// The function itself, without what its decorator says about lookups.
fn unwrapped(function: &Rc<Function>, found: &Value) -> Value {
    if function.wrapping == Wrapping::Plain {
        return found.clone();
    }
    Value::new(Kind::Function(function.rewrapped(Wrapping::Plain)), &found.spot)
}

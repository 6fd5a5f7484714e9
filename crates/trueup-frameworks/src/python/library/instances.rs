//! Types: what a value is, and whether it has an attribute.

use std::rc::Rc;

use super::super::evaluate::{Evaluated, Stop};
use super::super::source::Spot;
use super::super::value::{ClassRef, Kind, Value};
use super::super::world::World;
use super::names::descends;

impl World {
    pub(super) fn attribute_or(&self, object: &Value, name: &str, default: &Value, spot: &Spot) -> Evaluated {
        match self.attribute_of(object, name, spot) {
            Err(Stop::Raised(raised)) if is_attribute_error(&raised.class) => Ok(default.clone()),
            other => other,
        }
    }

    pub(super) fn has_attribute(&self, object: &Value, name: &str, spot: &Spot) -> Evaluated {
        if let (Kind::Name(dotted), Some(answers)) = (&object.kind, &self.surroundings.answers)
            && answers.name(self, &format!("{dotted}.{name}"), spot).is_some()
        {
            return Ok(Value::bool(true, spot));
        }
        match self.attribute_of(object, name, spot) {
            Err(Stop::Raised(raised)) if is_attribute_error(&raised.class) => Ok(Value::bool(false, spot)),
            Err(stop) => Err(stop),
            Ok(value) => Ok(match &value.kind {
                Kind::Unknown(unknown) => self.still_unknown(unknown, spot),
                Kind::Attribute(_) | Kind::Name(_) => self.unknown(
                    format!("whether {} has {name} is not known", super::super::shown::shown(object)),
                    spot,
                ),
                _ => Value::bool(true, spot),
            }),
        }
    }

    pub(super) fn type_of(&self, value: &Value, spot: &Spot) -> Evaluated {
        match &value.kind {
            Kind::Object(object) => match &object.class {
                ClassRef::Class(class) => Ok(Value::new(Kind::Class(class.clone()), spot)),
                ClassRef::Name(_) | ClassRef::Attribute(_) => Ok(self.symbol(value, "__class__", spot)),
            },
            _ => match super::names::builtin(&value.type_name()) {
                Some(builtin) if !value.is_unknown() => Ok(Value::new(Kind::Builtin(builtin), spot)),
                Some(_) | None => self.other_arguments("type", std::slice::from_ref(value), spot),
            },
        }
    }

    /// Whether a value is of a class; unknown where a class is not followed.
    pub(super) fn is_instance(&self, value: &Value, class: &Value, spot: &Spot) -> Evaluated {
        if let Some(unknown) = class.why_unknown() {
            return Ok(self.still_unknown(&unknown, spot));
        }
        if let Kind::Unknown(unknown) = &value.kind {
            return Ok(self.still_unknown(unknown, spot));
        }
        let classes = match &class.kind {
            Kind::Tuple(classes) => classes.to_vec(),
            _ => vec![class.clone()],
        };
        let mut known = true;
        for class in &classes {
            match self.is_of(value, class) {
                Some(true) => return Ok(Value::bool(true, spot)),
                Some(false) => {}
                None => known = false,
            }
        }
        if known {
            return Ok(Value::bool(false, spot));
        }
        Ok(self.unknown(
            format!(
                "whether {} is a {} is not known",
                super::super::shown::shown(value),
                super::super::shown::shown(class)
            ),
            spot,
        ))
    }

    pub(super) fn is_of(&self, value: &Value, class: &Value) -> Option<bool> {
        use super::super::value::Descent;
        match (&class.kind, &value.kind) {
            (Kind::Builtin(builtin), _) if builtin.name() == "object" => Some(true),
            (Kind::Builtin(builtin), Kind::Object(object)) => match &object.class {
                ClassRef::Name(name) => {
                    name.strip_prefix("builtins.").map(|name| descends(name, builtin.name()))
                }
                ClassRef::Class(class) => {
                    let mro = class.mro().ok()?;
                    if mro.iter().any(|ancestor| matches!(&ancestor.kind, Kind::Builtin(known) if known == builtin || descends(known.name(), builtin.name()))) {
                        return Some(true);
                    }
                    mro.iter()
                        .all(|ancestor| matches!(ancestor.kind, Kind::Class(_) | Kind::Builtin(_)))
                        .then_some(false)
                }
                ClassRef::Attribute(_) => None,
            },
            (Kind::Builtin(_), Kind::Name(_) | Kind::Attribute(_) | Kind::Super(_)) => None,
            (Kind::Builtin(builtin), Kind::Class(_) | Kind::Builtin(_)) => Some(builtin.name() == "type"),
            (Kind::Builtin(builtin), _) => {
                let name = value.type_name();
                Some(*name == *builtin.name() || (&*name == "bool" && builtin.name() == "int"))
            }
            (Kind::Class(class), Kind::Object(object)) => match &object.class {
                ClassRef::Class(own) => match own.is_subclass_of(&class.dotted) {
                    Descent::Yes => own.mro().ok().map(|mro| {
                        mro.iter().any(
                            |known| matches!(&known.kind, Kind::Class(known) if Rc::ptr_eq(known, class)),
                        )
                    }),
                    Descent::No => Some(false),
                    Descent::NotKnown => Some(false),
                },
                ClassRef::Name(_) | ClassRef::Attribute(_) => None,
            },
            (Kind::Class(_), Kind::Name(_) | Kind::Attribute(_)) => None,
            (Kind::Class(_), _) => Some(false),
            (Kind::Name(class), Kind::Object(object)) => match &object.class {
                ClassRef::Name(name) if name == class => Some(true),
                ClassRef::Class(own) if own.is_subclass_of(class) == Descent::Yes => Some(true),
                ClassRef::Class(own) if own.is_subclass_of(class) == Descent::No => Some(false),
                ClassRef::Class(_) | ClassRef::Name(_) | ClassRef::Attribute(_) => None,
            },
            (Kind::Name(class), Kind::Path(_)) => match &**class {
                "pathlib.Path" | "pathlib.PurePath" | "os.PathLike" => Some(true),
                _ => None,
            },
            // A type of Python's own is none that somebody else made, but for the abstract ones.
            (
                Kind::Name(class),
                Kind::None
                | Kind::Bool(_)
                | Kind::Int(_)
                | Kind::Float(_)
                | Kind::Str(_)
                | Kind::Bytes(_)
                | Kind::Tuple(_)
                | Kind::List(_)
                | Kind::Dict(_),
            ) if !class.starts_with("collections.")
                && !class.starts_with("typing.")
                && !class.starts_with("numbers.") =>
            {
                // Django's lazy texts and other proxies are never plain.
                Some(false)
            }
            _ => None,
        }
    }

    pub(super) fn is_subclass(&self, value: &Value, class: &Value, spot: &Spot) -> Evaluated {
        use super::super::value::Descent;
        let Kind::Class(own) = &value.kind else {
            return self.other_arguments("issubclass", &[value.clone(), class.clone()], spot);
        };
        let classes = match &class.kind {
            Kind::Tuple(classes) => classes.to_vec(),
            _ => vec![class.clone()],
        };
        let mut known = true;
        for class in &classes {
            let found = match &class.kind {
                Kind::Builtin(builtin) if builtin.name() == "object" => Descent::Yes,
                Kind::Class(class) => match own.mro() {
                    Ok(mro)
                        if mro.iter().any(
                            |known| matches!(&known.kind, Kind::Class(known) if Rc::ptr_eq(known, class)),
                        ) =>
                    {
                        Descent::Yes
                    }
                    // What is not followed cannot descend from a class of the project.
                    Ok(_) => Descent::No,
                    Err(_) => Descent::NotKnown,
                },
                Kind::Name(name) => own.is_subclass_of(name),
                _ => Descent::NotKnown,
            };
            match found {
                Descent::Yes => return Ok(Value::bool(true, spot)),
                Descent::No => {}
                Descent::NotKnown => known = false,
            }
        }
        if known {
            Ok(Value::bool(false, spot))
        } else {
            self.other_arguments("issubclass", &[value.clone(), class.clone()], spot)
        }
    }

    /// `type("Name", (Base,), {...})`.
    pub(super) fn make_class(&self, name: &Value, bases: &Value, body: &Value, spot: &Spot) -> Evaluated {
        let (Some(name), Some(bases), Some(body)) = (name.as_str(), bases.items(), body.entries()) else {
            return self.other_arguments("type", &[name.clone(), bases.clone(), body.clone()], spot);
        };
        self.class_from(name, bases, body, spot)
    }
}

fn is_attribute_error(class: &Value) -> bool {
    matches!(&class.kind, Kind::Builtin(builtin) if builtin.name() == "AttributeError")
}

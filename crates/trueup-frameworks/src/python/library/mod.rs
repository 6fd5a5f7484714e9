//! Python's own functions, types and library, as far as they are modelled.

mod builtin;
mod containers;
mod entry_points;
mod files;
mod format;
mod going;
mod instances;
mod modules;
mod names;
mod numbers;
mod paths;
mod sorting;
mod standard;
mod text;

pub(super) use files::{NAMESPACE, has_object_method, is_file};
pub(super) use modules::is_of_python;
pub(super) use names::{builtin, descends, exception_name, is_exception, method_of_builtin};
pub(super) use paths::{join_paths, path_attribute};

use super::evaluate::{Evaluated, Stop};
use super::source::Spot;
use super::value::{Arguments, Kind, Value};
use super::world::World;

/// Whether a value of one of Python's own types has a method that is modelled.
pub(super) fn has_method(value: &Value, name: &str) -> bool {
    names::methods_of(value).contains(&name)
}

/// Whether Python's type has this attribute, though it is not modelled.
pub(super) fn may_have(value: &Value, name: &str) -> bool {
    names::further_methods_of(value).contains(&name)
}

impl World {
    /// A method of one of Python's own types.
    pub(super) fn call_method(
        &self,
        receiver: &Value,
        name: &str,
        arguments: Arguments,
        spot: &Spot,
    ) -> Evaluated {
        if let Some(unknown) = receiver.why_unknown() {
            // What is added to a list that is not known matters no more; what is given away may change.
            self.lose_arguments(&arguments, &unknown, spot);
            return Ok(self.still_unknown(&unknown, spot));
        }
        let Arguments { args, kwargs } = arguments;
        match &receiver.kind {
            Kind::Str(text) => self.method_of_text(text, name, args, kwargs, spot),
            Kind::Bytes(bytes) => self.method_of_bytes(bytes, name, args, spot),
            Kind::List(_) => self.method_of_list(receiver, name, args, kwargs, spot),
            Kind::Tuple(_) | Kind::Range { .. } => self.method_of_tuple(receiver, name, args, spot),
            Kind::Dict(_) => self.method_of_dict(receiver, name, args, kwargs, spot),
            Kind::Set(_) => self.method_of_set(receiver, name, args, spot),
            Kind::Int(_) | Kind::Bool(_) | Kind::Float(_) => {
                self.method_of_number(receiver, name, args, spot)
            }
            Kind::Path(path) => self.method_of_path(path, name, args, spot),
            Kind::Object(object) => self.method_of_object(object, receiver, name, args, kwargs, spot),
            _ => Ok(self.unknown(format!("{}.{name} is not followed", receiver.type_name()), spot)),
        }
    }

    /// A call with too few, too many or other arguments than are modelled.
    pub(super) fn other_arguments(&self, name: &str, args: &[Value], spot: &Spot) -> Evaluated {
        match args.iter().find_map(Value::why_unknown) {
            Some(unknown) => Ok(self.still_unknown(&unknown, spot)),
            None => Ok(self.unknown(format!("{name} with these arguments is not followed"), spot)),
        }
    }

    fn wrong_type(&self, message: impl Into<String>, spot: &Spot) -> Stop {
        self.raise("TypeError", message, spot)
    }
}

/// Arguments by position or by name: one place for each name, and `None` where others are given.
fn places<const N: usize>(arguments: &Arguments, names: [&str; N]) -> Option<[Option<Value>; N]> {
    if arguments.args.len() > N {
        return None;
    }
    let mut found: [Option<Value>; N] = std::array::from_fn(|index| arguments.args.get(index).cloned());
    for (name, value) in &arguments.kwargs {
        let place = names.iter().position(|known| *known == &**name)?;
        if found[place].is_some() {
            return None;
        }
        found[place] = Some(value.clone());
    }
    Some(found)
}

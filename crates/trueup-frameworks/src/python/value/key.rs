//! What a value is as the key of a dictionary, or as an item of a set.

use std::rc::Rc;

use super::{Kind, Value};

/// Two values are the same key when Python says that they are equal: `1`, `1.0` and `True` are one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    None,
    Ellipsis,
    Int(i128),
    /// The bits of a number that is not whole.
    Float(u64),
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    Tuple(Vec<Key>),
    /// The items in their order.
    Frozen(Vec<Key>),
    Path(Rc<str>),
    Name(Rc<str>),
    /// Things that are equal to themselves only, by their address.
    Identity(usize),
}

/// Why a value cannot be a key.
pub enum NoKey {
    /// Python says so: `unhashable type`.
    Unhashable,
    /// Whether it equals another one is not known.
    Unknown(String),
}

/// Tuples in tuples beyond this are not looked through.
const DEEPEST: usize = 50;

impl Key {
    pub fn of(value: &Value) -> Result<Key, NoKey> {
        Self::at_depth(value, 0)
    }

    fn at_depth(value: &Value, depth: usize) -> Result<Key, NoKey> {
        if depth > DEEPEST {
            return Err(NoKey::Unknown("too much to follow: tuples are nested too deeply".to_owned()));
        }
        let identity = |address: *const ()| Ok(Key::Identity(address as usize));
        match &value.kind {
            Kind::None => Ok(Key::None),
            Kind::Ellipsis => Ok(Key::Ellipsis),
            Kind::Bool(value) => Ok(Key::Int(i128::from(*value))),
            Kind::Int(value) => Ok(Key::Int(*value)),
            Kind::Float(value) => whole(*value).map_or_else(
                || {
                    if value.is_nan() {
                        Err(NoKey::Unknown("a number that is not one is no key".to_owned()))
                    } else {
                        Ok(Key::Float(value.to_bits()))
                    }
                },
                |whole| Ok(Key::Int(whole)),
            ),
            Kind::Str(text) => Ok(Key::Str(text.clone())),
            Kind::Bytes(bytes) => Ok(Key::Bytes(bytes.clone())),
            Kind::Tuple(items) => {
                let keys: Result<Vec<Key>, NoKey> =
                    items.iter().map(|item| Self::at_depth(item, depth + 1)).collect();
                keys.map(Key::Tuple)
            }
            Kind::Set(cell) if cell.frozen => match cell.known() {
                Ok(items) => {
                    let mut keys: Vec<Key> = items.keys().cloned().collect();
                    keys.sort();
                    Ok(Key::Frozen(keys))
                }
                Err(unknown) => Err(NoKey::Unknown(unknown.reason.clone())),
            },
            Kind::List(_) | Kind::Dict(_) | Kind::Set(_) => Err(NoKey::Unhashable),
            Kind::Path(path) => Ok(Key::Path(path.clone())),
            Kind::Name(name) => Ok(Key::Name(name.clone())),
            Kind::Function(function) => identity(Rc::as_ptr(function).cast()),
            Kind::Class(class) => identity(Rc::as_ptr(class).cast()),
            Kind::Module(module) => identity(Rc::as_ptr(module).cast()),
            Kind::Builtin(builtin) => Ok(Key::Name(format!("builtins.{}", builtin.name()).into())),
            Kind::Unknown(unknown) => Err(NoKey::Unknown(unknown.reason.clone())),
            Kind::NotImplemented
            | Kind::Range { .. }
            | Kind::Slice(_)
            | Kind::Iterator(_)
            | Kind::Attribute(_)
            | Kind::Object(_)
            | Kind::Method(_)
            | Kind::Partial(_)
            | Kind::Lazy(_)
            | Kind::Super(_) => {
                Err(NoKey::Unknown(format!("whether a {} equals another is not known", value.type_name())))
            }
        }
    }
}

/// The whole number that a float is exactly.
pub(crate) fn whole(value: f64) -> Option<i128> {
    // Beyond 2^100 the conversion would still be exact, but nobody counts that far.
    (value.fract() == 0.0 && value.abs() < 1e30).then_some(value as i128)
}

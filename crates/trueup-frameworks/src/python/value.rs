//! What an expression is worth: the values of Python as far as they are followed, names of what is not followed, and
//! `Unknown`.
//!
//! Values are cheap to clone. Lists, dictionaries, sets, classes, modules and objects are shared, as in Python: a
//! change of one is seen by everything that holds it.

mod cell;
mod class;
mod dict;
mod function;
mod key;
mod object;
mod unknowns;

pub use cell::{Content, DictCell, ListCell, Scope, SetCell};
pub use class::{Class, Descent};
pub use dict::Dict;
pub use function::{Bound, Builtin, Function, Method, Partial, Wrapping};
pub use key::Key;
pub use object::{Arguments, Attribute, ClassRef, Object};
pub use unknowns::unknowns_within;

pub(super) use cell::bury;
pub(super) use key::{NoKey, whole};
pub(super) use object::Base;

use std::fmt;
use std::rc::Rc;

use trueup_model::Place;

use super::modules::Module;
use super::source::Spot;

/// Something that an expression is worth, and the place of the expression that made it.
#[derive(Clone)]
pub struct Value {
    pub kind: Kind,
    pub spot: Spot,
}

#[derive(Clone)]
pub enum Kind {
    None,
    Ellipsis,
    NotImplemented,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    Tuple(Rc<Items>),
    List(Rc<ListCell>),
    Dict(Rc<DictCell>),
    Set(Rc<SetCell>),
    Range {
        start: i128,
        stop: i128,
        step: i128,
    },
    /// Start, stop, step.
    Slice(Rc<Items>),
    /// What is left of something that can be gone through once.
    Iterator(Rc<ListCell>),
    /// `pathlib.Path`: always with forward slashes.
    Path(Rc<str>),
    /// Something that is not followed, by its dotted path as imported: `django.db.models.CharField`.
    Name(Rc<str>),
    /// An attribute of an object that is not followed: `F("a").desc`.
    Attribute(Rc<Attribute>),
    /// An object: of a class of the project, or what a call gives that is not followed.
    Object(Rc<Object>),
    Function(Rc<Function>),
    Method(Rc<Method>),
    Partial(Rc<Partial>),
    Builtin(Builtin),
    Class(Rc<Class>),
    Module(Rc<Module>),
    /// `super()`: the class after which the lookup begins, and the object or class that it is about.
    Super(Rc<(Rc<Class>, Value)>),
    /// What was imported and not asked for yet; reading a name never gives this.
    Lazy(Rc<Lazy>),
    Unknown(Rc<Unknown>),
}

/// Why something is not known: the first reason, wherever it went from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    pub reason: String,
    pub place: Place,
}

/// A name of a module that is read when the value is asked for.
pub struct Lazy {
    pub module: Rc<Module>,
    pub name: Rc<str>,
}

/// The items of a tuple. Its own type, so that a long chain of tuples does not take the stack when it goes.
#[derive(Default)]
pub struct Items(Vec<Value>);

impl Items {
    pub fn new(items: Vec<Value>) -> Rc<Self> {
        Rc::new(Self(items))
    }
}

impl std::ops::Deref for Items {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        bury(std::mem::take(&mut self.0));
    }
}

impl Value {
    pub fn new(kind: Kind, spot: &Spot) -> Self {
        Self { kind, spot: spot.clone() }
    }

    pub fn none(spot: &Spot) -> Self {
        Self::new(Kind::None, spot)
    }

    pub fn bool(value: bool, spot: &Spot) -> Self {
        Self::new(Kind::Bool(value), spot)
    }

    pub fn int(value: i128, spot: &Spot) -> Self {
        Self::new(Kind::Int(value), spot)
    }

    pub fn str(text: impl Into<Rc<str>>, spot: &Spot) -> Self {
        Self::new(Kind::Str(text.into()), spot)
    }

    pub fn tuple(items: Vec<Value>, spot: &Spot) -> Self {
        Self::new(Kind::Tuple(Items::new(items)), spot)
    }

    pub fn list(items: Vec<Value>, spot: &Spot) -> Self {
        Self::new(Kind::List(ListCell::new(items)), spot)
    }

    pub fn dict(dict: Dict, spot: &Spot) -> Self {
        Self::new(Kind::Dict(DictCell::new(dict)), spot)
    }

    pub fn name(dotted: impl Into<Rc<str>>, spot: &Spot) -> Self {
        Self::new(Kind::Name(dotted.into()), spot)
    }

    pub fn unknown(reason: impl Into<String>, spot: &Spot) -> Self {
        let unknown = Unknown { reason: reason.into(), place: spot.place() };
        Self::new(Kind::Unknown(Rc::new(unknown)), spot)
    }

    /// The same lack of knowledge, elsewhere: the reason and its place stay.
    pub fn still_unknown(unknown: &Rc<Unknown>, spot: &Spot) -> Self {
        Self::new(Kind::Unknown(unknown.clone()), spot)
    }

    pub fn place(&self) -> Place {
        self.spot.place()
    }

    /// Why this is not known: the value itself, or what is in a list, dictionary or set as a whole. What single
    /// items are is another question: [`unknowns_within`].
    pub fn why_unknown(&self) -> Option<Rc<Unknown>> {
        match &self.kind {
            Kind::Unknown(unknown) => Some(unknown.clone()),
            Kind::List(cell) | Kind::Iterator(cell) => cell.unknown(),
            Kind::Dict(cell) => cell.unknown(),
            Kind::Set(cell) => cell.unknown(),
            _ => None,
        }
    }

    pub fn is_unknown(&self) -> bool {
        self.why_unknown().is_some()
    }

    pub fn is_none(&self) -> bool {
        matches!(self.kind, Kind::None)
    }

    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// A whole number; `True` and `False` are 1 and 0, as in Python.
    pub fn as_int(&self) -> Option<i128> {
        match self.kind {
            Kind::Int(value) => Some(value),
            Kind::Bool(value) => Some(i128::from(value)),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&Rc<Object>> {
        match &self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    pub fn as_class(&self) -> Option<&Rc<Class>> {
        match &self.kind {
            Kind::Class(class) => Some(class),
            _ => None,
        }
    }

    /// The dotted path of something that is not followed, or of a class, function or module of the project.
    pub fn dotted(&self) -> Option<Rc<str>> {
        match &self.kind {
            Kind::Name(dotted) => Some(dotted.clone()),
            Kind::Class(class) => Some(class.dotted.clone()),
            Kind::Function(function) => Some(function.dotted.clone()),
            Kind::Module(module) => Some(module.name.clone()),
            _ => None,
        }
    }

    /// The items of a list or tuple; `None` for anything else, and where they are not known.
    pub fn items(&self) -> Option<Vec<Value>> {
        match &self.kind {
            Kind::Tuple(items) => Some(items.to_vec()),
            Kind::List(cell) => cell.known().ok(),
            _ => None,
        }
    }

    /// The entries of a dictionary in their order; `None` for anything else, and where they are not known.
    pub fn entries(&self) -> Option<Vec<(Value, Value)>> {
        match &self.kind {
            Kind::Dict(cell) => cell.known().ok().map(|dict| dict.entries().cloned().collect()),
            _ => None,
        }
    }

    /// The entry of a dictionary under a text.
    pub fn entry(&self, key: &str) -> Option<Value> {
        match &self.kind {
            Kind::Dict(cell) => cell.known().ok().and_then(|dict| dict.get(&Key::Str(key.into())).cloned()),
            _ => None,
        }
    }

    /// What Python calls the type, for messages.
    pub fn type_name(&self) -> Rc<str> {
        match &self.kind {
            Kind::None => "NoneType".into(),
            Kind::Ellipsis => "ellipsis".into(),
            Kind::NotImplemented => "NotImplementedType".into(),
            Kind::Bool(_) => "bool".into(),
            Kind::Int(_) => "int".into(),
            Kind::Float(_) => "float".into(),
            Kind::Str(_) => "str".into(),
            Kind::Bytes(_) => "bytes".into(),
            Kind::Tuple(_) => "tuple".into(),
            Kind::List(_) => "list".into(),
            Kind::Dict(_) => "dict".into(),
            Kind::Set(set) => if set.frozen { "frozenset" } else { "set" }.into(),
            Kind::Range { .. } => "range".into(),
            Kind::Slice(_) => "slice".into(),
            Kind::Iterator(_) => "iterator".into(),
            Kind::Path(_) => "pathlib.Path".into(),
            Kind::Name(dotted) => dotted.clone(),
            Kind::Attribute(_) => "attribute".into(),
            Kind::Object(object) => object.class.dotted(),
            Kind::Function(_) | Kind::Partial(_) => "function".into(),
            Kind::Method(_) => "method".into(),
            Kind::Builtin(_) => "builtin_function_or_method".into(),
            Kind::Class(_) => "type".into(),
            Kind::Module(_) => "module".into(),
            Kind::Super(_) => "super".into(),
            Kind::Lazy(_) => "import".into(),
            Kind::Unknown(_) => "unknown".into(),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::shown::shown(self))
    }
}

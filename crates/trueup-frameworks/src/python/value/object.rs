//! What comes of calling a class, or something that is not followed.

use std::cell::RefCell;
use std::rc::Rc;

use super::{Class, Scope, Unknown, Value, bury};

/// An object, described by the call that made it.
///
/// Operators on objects that are not followed give objects again: `Q(a=1) | Q(b=2)` is an object of the name
/// `operator.or_` with the two as its arguments, `F("a") + 1` one of `operator.add`.
pub struct Object {
    pub class: ClassRef,
    /// As written in the call.
    pub args: Vec<Value>,
    pub kwargs: Vec<(Rc<str>, Value)>,
    /// What was set on it, by the project's `__init__` or later.
    pub attributes: Rc<Scope>,
    /// What its first ancestor that is not followed was initialised with.
    pub(in super::super) base: RefCell<Base>,
}

/// What reached `__init__` of the first ancestor that is not followed.
#[derive(Clone)]
pub(in super::super) enum Base {
    /// The arguments of the call: no class in between has an `__init__`.
    AsCalled,
    Arguments(Rc<Arguments>),
    /// An `__init__` of the project did not call it.
    NotCalled,
    Unknown(Rc<Unknown>),
}

/// The arguments of a call.
#[derive(Clone, Default)]
pub struct Arguments {
    pub args: Vec<Value>,
    pub kwargs: Vec<(Rc<str>, Value)>,
}

/// What was called.
#[derive(Clone)]
pub enum ClassRef {
    /// Something that is not followed, by its dotted path as imported.
    Name(Rc<str>),
    /// A class of the project or of a package that is followed.
    Class(Rc<Class>),
    /// A method of an object that is not followed: `F("a").desc`.
    Attribute(Rc<Attribute>),
}

/// An attribute of an object that is not followed.
pub struct Attribute {
    pub of: Value,
    pub name: Rc<str>,
}

impl Drop for Attribute {
    fn drop(&mut self) {
        let nothing = Value::none(&self.of.spot);
        bury(vec![std::mem::replace(&mut self.of, nothing)]);
    }
}

impl ClassRef {
    pub fn dotted(&self) -> Rc<str> {
        match self {
            Self::Name(dotted) => dotted.clone(),
            Self::Class(class) => class.dotted.clone(),
            Self::Attribute(attribute) => attribute.name.clone(),
        }
    }
}

impl Object {
    pub fn new(class: ClassRef, arguments: Arguments) -> Rc<Self> {
        Rc::new(Self {
            class,
            args: arguments.args,
            kwargs: arguments.kwargs,
            attributes: Scope::new(None),
            base: RefCell::new(Base::AsCalled),
        })
    }

    pub fn keyword(&self, name: &str) -> Option<&Value> {
        self.kwargs.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }

    /// What the first ancestor that is not followed was initialised with, after every `__init__` of the project on
    /// the way to it: for a field class of the project, the arguments that Django's own field class gets.
    pub fn base_arguments(&self) -> Result<Arguments, Rc<Unknown>> {
        match &*self.base.borrow() {
            Base::AsCalled => Ok(Arguments { args: self.args.clone(), kwargs: self.kwargs.clone() }),
            Base::Arguments(arguments) => Ok((**arguments).clone()),
            Base::NotCalled => Ok(Arguments::default()),
            Base::Unknown(unknown) => Err(unknown.clone()),
        }
    }
}

impl Arguments {
    pub fn keyword(&self, name: &str) -> Option<&Value> {
        self.kwargs.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        let mut values = std::mem::take(&mut self.args);
        values.extend(std::mem::take(&mut self.kwargs).into_iter().map(|(_, value)| value));
        bury(values);
    }
}

//! Things that can be called.

use std::rc::Rc;

use super::super::modules::Module;
use super::super::source::Spot;
use super::super::syntax::FunctionDefinition;
use super::{Class, Scope, Value};

/// A function of the project, or a lambda, with the names that it sees.
pub struct Function {
    pub name: Rc<str>,
    /// Module and name: `shop.migrations.0002_fill.fill`.
    pub dotted: Rc<str>,
    pub definition: Rc<FunctionDefinition>,
    /// The values of the defaults, in the order of the parameters that have one.
    pub defaults: Vec<(Rc<str>, Value)>,
    pub(in super::super) closure: Rc<Scope>,
    pub module: Rc<Module>,
    /// The class in whose statement it stands; what `super()` begins after. Filled when the class is made.
    pub(in super::super) class: std::cell::RefCell<Option<std::rc::Weak<Class>>>,
    pub attributes: Rc<Scope>,
    pub wrapping: Wrapping,
    pub spot: Spot,
}

/// How a function in a class is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapping {
    Plain,
    Static,
    Class,
    Property,
    /// A property whose value stays: `cached_property`.
    CachedProperty,
}

/// A function, and what it is bound to.
pub struct Method {
    pub receiver: Value,
    pub function: Bound,
}

pub enum Bound {
    Function(Rc<Function>),
    /// A method of a type of Python's own, by name.
    Builtin(Rc<str>),
}

/// `functools.partial`.
pub struct Partial {
    pub function: Value,
    pub args: Vec<Value>,
    pub kwargs: Vec<(Rc<str>, Value)>,
}

/// A function or type of Python's own: `len`, `dict`, `str.strip`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin(pub(in super::super) &'static str);

impl Builtin {
    pub fn name(self) -> &'static str {
        self.0
    }
}

impl Drop for Method {
    fn drop(&mut self) {
        let nothing = Value::none(&self.receiver.spot);
        super::bury(vec![std::mem::replace(&mut self.receiver, nothing)]);
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        super::bury(std::mem::take(&mut self.defaults).into_iter().map(|(_, value)| value).collect());
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let mut values = std::mem::take(&mut self.args);
        values.extend(std::mem::take(&mut self.kwargs).into_iter().map(|(_, value)| value));
        let nothing = Value::none(&self.function.spot);
        values.push(std::mem::replace(&mut self.function, nothing));
        super::bury(values);
    }
}

impl Function {
    /// The same function, looked up in another way.
    pub(in super::super) fn rewrapped(&self, wrapping: Wrapping) -> Rc<Self> {
        Rc::new(Self {
            name: self.name.clone(),
            dotted: self.dotted.clone(),
            definition: self.definition.clone(),
            defaults: self.defaults.clone(),
            closure: self.closure.clone(),
            module: self.module.clone(),
            class: self.class.clone(),
            attributes: self.attributes.clone(),
            wrapping,
            spot: self.spot.clone(),
        })
    }
}

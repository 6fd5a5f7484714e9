//! The evaluator: statements and expressions, one file for each part of the language.

mod assign;
mod attribute;
mod branch;
mod call;
mod class;
mod compare;
mod comprehension;
mod enumeration;
mod exception;
mod expression;
mod import;
mod iterate;
mod operator;
mod order;
mod pattern;
mod statement;
mod witness;

pub(super) use compare::{Truth, range_length};
pub(super) use operator::{as_float, place_in};
pub(super) use order::Ordered;
pub(super) use witness::Watch;
pub use witness::{Seen, Witnessed};

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::limits::TOO_MUCH;
use super::modules::Module;
use super::source::{Span, Spot};
use super::value::{Function, Kind, Scope, Unknown, Value};
use super::world::World;

/// Where code runs: its names, its module, and the call that it belongs to.
#[derive(Clone)]
pub(super) struct Frame {
    pub scope: Rc<Scope>,
    /// What a function that is defined here sees: not the names of a class around it.
    pub closure: Rc<Scope>,
    /// Where `name := value` binds: outside of comprehensions.
    pub binding: Rc<Scope>,
    pub module: Rc<Module>,
    pub globals: Rc<RefCell<BTreeSet<Rc<str>>>>,
    pub nonlocals: Rc<RefCell<BTreeSet<Rc<str>>>>,
    pub function: Option<Rc<Function>>,
    /// The first argument of the function, for `super()`.
    pub receiver: Option<Value>,
    /// What a generator has given so far.
    pub yields: Option<Rc<RefCell<Vec<Value>>>>,
    /// Dotted path of the class or function in which this stands.
    pub dotted: Rc<str>,
}

/// Why an expression has no value.
#[derive(Clone)]
pub(super) enum Stop {
    /// It raises.
    Raised(Box<Raised>),
    /// A limit is reached; nothing catches that before the statement of the module does.
    TooMuch(Rc<Unknown>),
}

/// An exception on its way.
#[derive(Clone)]
pub(super) struct Raised {
    /// Its class.
    pub class: Value,
    /// The exception itself.
    pub value: Value,
    pub message: String,
    pub spot: Spot,
}

pub(super) type Evaluated = Result<Value, Stop>;

/// Something, or why it is not known.
pub(super) type Known<T> = Result<T, Rc<Unknown>>;

/// The same of what may raise on the way.
pub(super) type Outcome<T> = Result<Known<T>, Stop>;

impl Frame {
    pub(super) fn of_module(module: &Rc<Module>) -> Self {
        let scope = module.scope.clone();
        Self {
            closure: scope.clone(),
            binding: scope.clone(),
            scope,
            module: module.clone(),
            globals: Rc::default(),
            nonlocals: Rc::default(),
            function: None,
            receiver: None,
            yields: None,
            dotted: module.name.clone(),
        }
    }

    pub(super) fn spot(&self, span: Span) -> Spot {
        self.module.spot(span)
    }
}

impl World {
    pub(super) fn unknown(&self, reason: impl Into<String>, spot: &Spot) -> Value {
        self.unknowns.set(self.unknowns.get() + 1);
        Value::unknown(reason, spot)
    }

    pub(super) fn still_unknown(&self, unknown: &Rc<Unknown>, spot: &Spot) -> Value {
        self.unknowns.set(self.unknowns.get() + 1);
        Value::still_unknown(unknown, spot)
    }

    /// One step; an error when there were too many.
    pub(super) fn step(&self, spot: impl FnOnce() -> Spot) -> Result<(), Stop> {
        self.spend(1, spot)
    }

    pub(super) fn spend(&self, steps: usize, spot: impl FnOnce() -> Spot) -> Result<(), Stop> {
        let steps = steps as u64;
        let (left, all) = (self.steps.get(), self.all_steps.get());
        if left < steps || all < steps {
            return Err(self.too_much("this takes too many steps", &spot()));
        }
        self.steps.set(left - steps);
        self.all_steps.set(all - steps);
        Ok(())
    }

    pub(super) fn too_much(&self, what: &str, spot: &Spot) -> Stop {
        let unknown = Rc::new(Unknown { reason: format!("{TOO_MUCH}: {what}"), place: spot.place() });
        self.lose_sight(&unknown);
        Stop::TooMuch(unknown)
    }

    /// Why a stop leaves nothing known.
    pub(super) fn reason_of(&self, stop: &Stop, spot: &Spot) -> Rc<Unknown> {
        match stop {
            Stop::TooMuch(unknown) => unknown.clone(),
            Stop::Raised(raised) => {
                let place = if raised.spot.source.path.as_str().is_empty() { spot } else { &raised.spot };
                Rc::new(Unknown { reason: raised.words(), place: place.place() })
            }
        }
    }

    /// A value for those outside, who know no exceptions.
    pub(super) fn settle(&self, evaluated: Evaluated, spot: &Spot) -> Value {
        match evaluated {
            Ok(value) => value,
            Err(stop) => Value::still_unknown(&self.reason_of(&stop, spot), spot),
        }
    }

    /// Names that were imported, and are now asked for.
    pub(super) fn resolve(&self, value: &Value) -> Value {
        let Kind::Lazy(lazy) = &value.kind else { return value.clone() };
        let asked = (lazy.module.name.clone(), lazy.name.clone());
        if self.resolving.borrow().contains(&asked) {
            let reason = format!("{} of {} is imported in a circle", lazy.name, lazy.module.name);
            return Value::unknown(reason, &value.spot);
        }
        self.resolving.borrow_mut().push(asked);
        let found = self.resolve_lazy(lazy, value);
        self.resolving.borrow_mut().pop();
        found
    }

    fn resolve_lazy(&self, lazy: &super::value::Lazy, value: &Value) -> Value {
        match self.name_of_module(&lazy.module, &lazy.name, &value.spot) {
            Ok(found) => found,
            Err(stop) => self.still_unknown(&self.reason_of(&stop, &value.spot), &value.spot),
        }
    }
}

impl Raised {
    pub(super) fn words(&self) -> String {
        let class = self.class.dotted().unwrap_or_else(|| match &self.class.kind {
            Kind::Builtin(builtin) => builtin.name().into(),
            _ => "an exception".into(),
        });
        if self.message.is_empty() {
            format!("this raises {class}")
        } else {
            format!("this raises {class}: {}", self.message)
        }
    }
}

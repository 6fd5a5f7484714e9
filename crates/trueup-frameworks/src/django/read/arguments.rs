//! The arguments of a call, by the names that the callee gives them.

use std::rc::Rc;

use crate::python::value::Arguments;
use crate::python::{Unknown, Value};

/// Arguments that are taken out one by one; what is left was not asked for.
#[derive(Clone)]
pub struct Given {
    named: Vec<(Rc<str>, Value)>,
    /// Positional arguments beyond the named ones.
    pub rest: Vec<Value>,
}

impl Given {
    /// `names` are those of the positional parameters.
    pub fn new(arguments: &Arguments, names: &[&str]) -> Self {
        let mut named: Vec<(Rc<str>, Value)> = Vec::new();
        let mut rest = Vec::new();
        for (position, value) in arguments.args.iter().enumerate() {
            match names.get(position) {
                Some(name) => named.push(((*name).into(), value.clone())),
                None => rest.push(value.clone()),
            }
        }
        named.extend(arguments.kwargs.iter().cloned());
        Self { named, rest }
    }

    pub fn take(&mut self, name: &str) -> Option<Value> {
        let index = self.named.iter().position(|(key, _)| &**key == name)?;
        Some(self.named.remove(index).1)
    }

    /// The same, where `None` says nothing.
    pub fn take_some(&mut self, name: &str) -> Option<Value> {
        self.take(name).filter(|value| !value.is_none())
    }

    pub fn left(&self) -> &[(Rc<str>, Value)] {
        &self.named
    }
}

/// Reading what has to be of a certain type.
pub trait Expect {
    fn text(&self) -> Result<Rc<str>, Rc<Unknown>>;
    fn flag(&self) -> Result<bool, Rc<Unknown>>;
    fn number(&self) -> Result<i128, Rc<Unknown>>;
    fn list(&self) -> Result<Vec<Value>, Rc<Unknown>>;
    fn wrong(&self, wanted: &str) -> Rc<Unknown>;
}

impl Expect for Value {
    fn text(&self) -> Result<Rc<str>, Rc<Unknown>> {
        self.as_str().map(Into::into).ok_or_else(|| self.wrong("a text"))
    }

    /// Anything that is plainly true or false.
    fn flag(&self) -> Result<bool, Rc<Unknown>> {
        if let Some(flag) = self.as_bool() {
            return Ok(flag);
        }
        if self.is_none() {
            return Ok(false);
        }
        match (self.as_int(), self.as_str()) {
            (Some(number), _) => Ok(number != 0),
            (_, Some(text)) => Ok(!text.is_empty()),
            _ => Err(self.wrong("true or false")),
        }
    }

    /// A number, or the digits of one: Django writes both into the type of the column.
    fn number(&self) -> Result<i128, Rc<Unknown>> {
        let digits =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
        let number = self.as_int().or_else(|| self.as_str().and_then(digits));
        number.ok_or_else(|| self.wrong("a number"))
    }

    fn list(&self) -> Result<Vec<Value>, Rc<Unknown>> {
        if self.is_none() {
            return Ok(Vec::new());
        }
        if let crate::python::Kind::Set(cell) = &self.kind {
            return cell.known().map(|set| set.values().cloned().collect());
        }
        self.items().ok_or_else(|| self.wrong("a list"))
    }

    fn wrong(&self, wanted: &str) -> Rc<Unknown> {
        self.why_unknown().unwrap_or_else(|| {
            let reason = format!("{wanted} was expected here, not {}", self.type_name());
            Rc::new(Unknown { reason, place: self.place() })
        })
    }
}

//! Class statements, and objects of classes.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::source::Spot;
use super::super::syntax::ClassDefinition;
use super::super::value::{Arguments, Base, Class, ClassRef, Dict, Kind, Object, Scope, Value};
use super::super::world::World;
use super::attribute::Looked;
use super::call::Given;
use super::{Evaluated, Frame, Outcome, Stop};

/// Bases that give a class nothing that matters here.
const INERT: &[&str] = &["abc.ABC", "typing.Protocol", "typing.Generic", "typing_extensions.Protocol"];

impl World {
    pub(super) fn class(&self, frame: &Frame, definition: &Rc<ClassDefinition>) -> Evaluated {
        let spot = frame.spot(definition.span);
        let (bases, keywords) = match self.arguments(frame, &definition.arguments)? {
            Given::Known(Arguments { args, kwargs }) => (args, kwargs),
            Given::Unknown(unknown, Arguments { mut args, kwargs }) => {
                args.push(self.still_unknown(&unknown, &spot));
                (args, kwargs)
            }
        };
        let bases: Vec<Value> = bases.into_iter().map(|base| self.base(base)).filter(matters).collect();
        let dotted: Rc<str> = format!("{}.{}", frame.dotted, definition.name).into();
        let scope = Scope::new(Some(frame.closure.clone()));
        let inner = Frame {
            scope: scope.clone(),
            closure: frame.closure.clone(),
            binding: scope.clone(),
            module: frame.module.clone(),
            globals: Rc::default(),
            nonlocals: Rc::default(),
            function: None,
            receiver: None,
            yields: None,
            dotted: dotted.clone(),
        };
        let unknown = match self.block(&inner, &definition.body)? {
            super::statement::Flow::Perhaps(unknown) => Some(unknown),
            _ => None,
        };
        // Names of a class are not seen through it: its scope without what is around it.
        let attributes = Scope::new(None);
        for (name, value) in scope.entries() {
            attributes.restore(&name, Some(value));
        }
        attributes.restore_more(scope.may_have_more().or(unknown));
        self.spend(bases.len(), || spot.clone())?;
        let ancestors = self.linear(&bases, &spot)?;
        let class = Rc::new(Class {
            name: definition.name.clone(),
            dotted,
            bases,
            keywords,
            attributes,
            ancestors,
            spot: spot.clone(),
        });
        for (name, value) in class.attributes.entries() {
            if let Kind::Function(function) = &value.kind
                && function.class.borrow().is_none()
                && function.dotted.strip_prefix(&*class.dotted).is_some_and(|rest| rest.starts_with('.'))
            {
                function.class.replace(Some(Rc::downgrade(&class)));
            }
            // `__set_name__` of what is not followed matters to nobody here.
            let _ = name;
        }
        let value = Value::new(Kind::Class(class.clone()), &spot);
        self.init_subclass(&class, &value, &spot)?;
        Ok(value)
    }

    /// `__init_subclass__` of an ancestor of the project.
    fn init_subclass(&self, class: &Rc<Class>, value: &Value, spot: &Spot) -> Result<(), Stop> {
        if let Looked::Found(found) = self.look_up(class, Some(class), "__init_subclass__")
            && matches!(found.kind, Kind::Function(_))
        {
            let kwargs = class.keywords.iter().filter(|(name, _)| &**name != "metaclass").cloned().collect();
            self.call_value(&found, Arguments { args: vec![value.clone()], kwargs }, spot)?;
        }
        Ok(())
    }

    /// What a base stands for: `Generic[T]` is `Generic`.
    fn base(&self, base: Value) -> Value {
        let base = self.resolve(&base);
        if let Kind::Object(object) = &base.kind
            && let ClassRef::Name(name) = &object.class
            && &**name == "operator.getitem"
            && let Some(generic) = object.args.first()
        {
            return generic.clone();
        }
        base
    }

    /// The order of lookup without the class itself, as Python's C3 makes it.
    fn linear(&self, bases: &[Value], spot: &Spot) -> Outcome<Vec<Value>> {
        let mut lines: Vec<Vec<Value>> = Vec::new();
        for base in bases {
            match &base.kind {
                Kind::Class(class) => match class.mro() {
                    Ok(mro) => {
                        self.spend(mro.len(), || spot.clone())?;
                        lines.push(mro);
                    }
                    Err(unknown) => return Ok(Err(unknown)),
                },
                Kind::Unknown(unknown) => return Ok(Err(unknown.clone())),
                Kind::Name(_) | Kind::Builtin(_) | Kind::Attribute(_) | Kind::Object(_) => {
                    lines.push(vec![base.clone()])
                }
                _ => return Ok(Err(self.reason("a base that is no class", spot))),
            }
        }
        lines.push(bases.to_vec());
        let mut order: Vec<Value> = Vec::new();
        loop {
            lines.retain(|line| !line.is_empty());
            if lines.is_empty() {
                return Ok(Ok(order));
            }
            let is_later = |candidate: &Value| {
                lines.iter().any(|line| line[1..].iter().any(|other| self.same(candidate, other)))
            };
            let next = lines.iter().map(|line| &line[0]).find(|candidate| !is_later(candidate)).cloned();
            let Some(next) = next else {
                return Err(self.raise(
                    "TypeError",
                    "cannot create a consistent method resolution order",
                    spot,
                ));
            };
            for line in &mut lines {
                if self.same(&line[0], &next) {
                    line.remove(0);
                }
            }
            self.spend(lines.len(), || spot.clone())?;
            order.push(next);
        }
    }

    pub(super) fn instantiate(&self, class: &Rc<Class>, arguments: Arguments, spot: &Spot) -> Evaluated {
        if let Err(unknown) = class.mro() {
            self.lose_arguments(&arguments, &unknown, spot);
            return Ok(self.still_unknown(&unknown, spot));
        }
        if let Some(member) = self.member_by_value(class, &arguments, spot)? {
            return Ok(member);
        }
        if let Looked::Found(_) = self.look_up(class, None, "__new__") {
            return Ok(self.unknown(format!("{} has __new__, which is not followed", class.name), spot));
        }
        if let Some((_, metaclass)) = class.keywords.iter().find(|(name, _)| &**name == "metaclass")
            && matches!(metaclass.kind, Kind::Class(_) | Kind::Unknown(_))
        {
            return Ok(self.unknown(format!("{} has a metaclass, which is not followed", class.name), spot));
        }
        let object = Rc::new(Object {
            class: ClassRef::Class(class.clone()),
            args: arguments.args.clone(),
            kwargs: arguments.kwargs.clone(),
            attributes: Scope::new(None),
            base: RefCell::new(Base::AsCalled),
        });
        let value = Value::new(Kind::Object(object.clone()), spot);
        match self.look_up(class, None, "__init__") {
            Looked::Found(init) => {
                object.base.replace(Base::NotCalled);
                let mut all = arguments;
                all.args.insert(0, value.clone());
                let lost = self.unknowns.get();
                match self.call_value(&init, all, spot) {
                    Ok(result) if result.is_none() => {}
                    Ok(result) => {
                        let unknown = result
                            .why_unknown()
                            .unwrap_or_else(|| self.reason("__init__ returns something", spot));
                        object.base.replace(Base::Unknown(unknown.clone()));
                        object.attributes.expect_more(&self.journal, Some(unknown));
                    }
                    Err(stop) => return Err(stop),
                }
                let _ = lost;
            }
            Looked::Missing => {
                let nothing = object.args.is_empty() && object.kwargs.is_empty();
                if !nothing && !super::attribute::has_foreign_base(class) {
                    return Err(self.raise(
                        "TypeError",
                        format!("{}() takes no arguments", class.name),
                        spot,
                    ));
                }
            }
            Looked::Perhaps => {}
            Looked::Unknown(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        }
        Ok(value)
    }
}

fn matters(base: &Value) -> bool {
    match &base.kind {
        Kind::Builtin(builtin) => builtin.name() != "object",
        Kind::Name(name) => !INERT.contains(&&**name),
        _ => true,
    }
}

impl World {
    /// A class that a call of `type` makes.
    pub(in super::super) fn class_from(
        &self,
        name: &str,
        bases: Vec<Value>,
        body: Vec<(Value, Value)>,
        spot: &Spot,
    ) -> Evaluated {
        let attributes = Scope::new(None);
        for (name, value) in body {
            if let Some(name) = name.as_str() {
                attributes.restore(&name.into(), Some(value));
            }
        }
        let bases: Vec<Value> = bases.into_iter().map(|base| self.base(base)).filter(matters).collect();
        self.spend(bases.len(), || spot.clone())?;
        let ancestors = self.linear(&bases, spot)?;
        let module = attributes.get(&"__module__".into());
        let module = module.as_ref().and_then(Value::as_str).unwrap_or_default();
        let class = Class {
            name: name.into(),
            dotted: if module.is_empty() { name.into() } else { format!("{module}.{name}").into() },
            bases,
            keywords: Vec::new(),
            attributes,
            ancestors,
            spot: spot.clone(),
        };
        Ok(Value::new(Kind::Class(Rc::new(class)), spot))
    }
}

/// The attributes of a class as a dictionary, for enumerations.
pub(super) fn public(class: &Rc<Class>) -> Dict {
    let mut dict = Dict::new();
    for (name, value) in class.attributes.entries() {
        if !name.starts_with('_') {
            dict.insert_str(&name, value);
        }
    }
    dict
}

//! Calls: functions of the project are followed, classes make objects, all else is written down as what it is.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::journal::Location;
use super::super::limits::CALLS;
use super::super::source::Spot;
use super::super::syntax::{Argument, Body, Call, ExpressionKind, FunctionDefinition, Parameter};
use super::super::value::{
    Arguments, Base, Bound, Class, ClassRef, Content, DictCell, Function, Kind, ListCell, Object, Scope,
    Unknown, Value, Wrapping,
};
use super::super::world::World;
use super::attribute::Looked;
use super::statement::Flow;
use super::{Evaluated, Frame, Stop};

/// The arguments of a call, or why they are not known.
pub(in super::super) enum Given {
    Known(Arguments),
    Unknown(Rc<Unknown>, Arguments),
}

impl World {
    pub(super) fn call_expression(&self, frame: &Frame, call: &Call, spot: &Spot) -> Evaluated {
        if let ExpressionKind::Name(name) = &call.function.kind
            && let Some(value) = self.call_of_frame(frame, name, call, spot)?
        {
            return Ok(value);
        }
        let function = self.expression(frame, &call.function)?;
        match self.arguments(frame, &call.arguments)? {
            Given::Known(arguments) => self.call_value(&function, arguments, spot),
            Given::Unknown(unknown, arguments) => {
                self.lose_sight(&unknown);
                self.lose_arguments(&arguments, &unknown, spot);
                Ok(self.still_unknown(&unknown, spot))
            }
        }
    }

    /// `super()`, `locals()`, `globals()`, `vars()`: what depends on where the call stands.
    fn call_of_frame(
        &self,
        frame: &Frame,
        name: &Rc<str>,
        call: &Call,
        spot: &Spot,
    ) -> Result<Option<Value>, Stop> {
        if !matches!(&**name, "super" | "locals" | "globals" | "vars" | "dir")
            || !matches!(self.read_name(frame, name, spot)?.kind, Kind::Builtin(_))
        {
            return Ok(None);
        }
        let none = call.arguments.is_empty();
        Ok(Some(match &**name {
            "super" if none => {
                let class =
                    frame.function.as_ref().and_then(|function| function.class.borrow().as_ref()?.upgrade());
                match (class, &frame.receiver) {
                    (Some(class), Some(receiver)) => {
                        Value::new(Kind::Super(Rc::new((class, receiver.clone()))), spot)
                    }
                    (Some(_) | None, _) => self.unknown("super() outside of a method is not followed", spot),
                }
            }
            "globals" if none => {
                self.scope_object(super::super::library::NAMESPACE, &frame.module.scope, spot)
            }
            "locals" | "vars" if none => {
                self.scope_object(super::super::library::NAMESPACE, &frame.scope, spot)
            }
            "dir" if none => {
                let mut names: Vec<Rc<str>> =
                    frame.scope.entries().into_iter().map(|(name, _)| name).collect();
                names.sort();
                match frame.scope.may_have_more() {
                    Some(unknown) => self.still_unknown(&unknown, spot),
                    None => Value::list(names.into_iter().map(|name| Value::str(name, spot)).collect(), spot),
                }
            }
            _ => return Ok(None),
        }))
    }

    pub(super) fn arguments(&self, frame: &Frame, given: &[Argument]) -> Result<Given, Stop> {
        let mut arguments = Arguments::default();
        let mut lost: Option<Rc<Unknown>> = None;
        for argument in given {
            match argument {
                Argument::Positional(value) => arguments.args.push(self.expression(frame, value)?),
                Argument::Keyword(name, value) => {
                    let value = self.expression(frame, value)?;
                    self.add_keyword(&mut arguments, name.clone(), value)?;
                }
                Argument::Star(value) => {
                    let spot = frame.spot(value.span);
                    let value = self.expression(frame, value)?;
                    match self.items_of(&value, &spot)? {
                        Ok(items) => {
                            self.room_for(arguments.args.len() + items.len(), &spot)?;
                            arguments.args.extend(items);
                        }
                        Err(unknown) => lost = lost.or(Some(unknown)),
                    }
                }
                Argument::Keywords(value) => {
                    let spot = frame.spot(value.span);
                    let value = self.expression(frame, value)?;
                    match self.entries_of(&value, &spot)? {
                        Ok(entries) => {
                            for (_, name, value) in entries {
                                match name.as_str() {
                                    Some(name) => self.add_keyword(&mut arguments, name.into(), value)?,
                                    None => {
                                        return Err(self.raise(
                                            "TypeError",
                                            "keywords must be strings",
                                            &spot,
                                        ));
                                    }
                                }
                            }
                        }
                        Err(unknown) => lost = lost.or(Some(unknown)),
                    }
                }
            }
        }
        Ok(match lost {
            Some(unknown) => Given::Unknown(unknown, arguments),
            None => Given::Known(arguments),
        })
    }

    fn add_keyword(&self, arguments: &mut Arguments, name: Rc<str>, value: Value) -> Result<(), Stop> {
        if arguments.keyword(&name).is_some() {
            let message = format!("got multiple values for keyword argument '{name}'");
            return Err(self.raise("TypeError", message, &value.spot));
        }
        arguments.kwargs.push((name, value));
        Ok(())
    }

    pub(in super::super) fn call_positional(
        &self,
        function: &Value,
        args: Vec<Value>,
        spot: &Spot,
    ) -> Evaluated {
        self.call_value(function, Arguments { args, kwargs: Vec::new() }, spot)
    }

    pub(in super::super) fn call_value(
        &self,
        function: &Value,
        arguments: Arguments,
        spot: &Spot,
    ) -> Evaluated {
        self.step(|| spot.clone())?;
        super::super::stack::with_room(|| self.call_kind(function, arguments, spot))
    }

    fn call_kind(&self, function: &Value, mut arguments: Arguments, spot: &Spot) -> Evaluated {
        match &function.kind {
            Kind::Unknown(unknown) => {
                self.lose_sight(unknown);
                self.lose_arguments(&arguments, unknown, spot);
                Ok(self.still_unknown(unknown, spot))
            }
            Kind::Function(function) => self.call_function(function, arguments, spot),
            Kind::Method(method) => match &method.function {
                Bound::Function(function) => {
                    arguments.args.insert(0, method.receiver.clone());
                    self.call_function(function, arguments, spot)
                }
                Bound::Builtin(name) => self.call_method(&method.receiver, name, arguments, spot),
            },
            Kind::Partial(partial) => {
                let mut all = Arguments { args: partial.args.clone(), kwargs: partial.kwargs.clone() };
                all.args.append(&mut arguments.args);
                for (name, value) in arguments.kwargs.drain(..) {
                    match all.kwargs.iter_mut().find(|(known, _)| *known == name) {
                        Some((_, old)) => *old = value,
                        None => all.kwargs.push((name, value)),
                    }
                }
                self.call_value(&partial.function, all, spot)
            }
            Kind::Builtin(builtin) => self.call_builtin(*builtin, arguments, spot),
            Kind::Class(class) => self.instantiate(class, arguments, spot),
            Kind::Name(dotted) => {
                self.witness(function, &arguments, spot);
                if let Some(base) = dotted.strip_suffix(".__init__") {
                    self.initialise_base(base, &arguments, spot);
                }
                if let Some(answers) = &self.surroundings.answers
                    && let Some(value) = answers.call(self, dotted, &arguments, spot)
                {
                    return Ok(value);
                }
                if let Some(value) = self.call_library(dotted, &arguments, spot)? {
                    return Ok(value);
                }
                Ok(Value::new(Kind::Object(Object::new(ClassRef::Name(dotted.clone()), arguments)), spot))
            }
            Kind::Attribute(attribute) => {
                if let Kind::Super(about) = &attribute.of.kind {
                    return self.call_above(&about.0, &about.1, &attribute.name, arguments, function, spot);
                }
                self.witness(function, &arguments, spot);
                if let Some(answers) = &self.surroundings.answers
                    && let Some(value) =
                        answers.call_method(self, &attribute.of, &attribute.name, &arguments, spot)
                {
                    return Ok(value);
                }
                if let Some(value) =
                    self.call_library_method(&attribute.of, &attribute.name, &arguments, spot)?
                {
                    return Ok(value);
                }
                Ok(Value::new(
                    Kind::Object(Object::new(ClassRef::Attribute(attribute.clone()), arguments)),
                    spot,
                ))
            }
            Kind::Object(object) => {
                if let Some(method) = self.own_method(function, "__call__") {
                    return self.call_value(&method, arguments, spot);
                }
                match &object.class {
                    ClassRef::Class(class)
                        if !matches!(self.look_up(class, None, "__call__"), Looked::Perhaps) =>
                    {
                        Err(self.raise("TypeError", format!("'{}' object is not callable", class.name), spot))
                    }
                    ClassRef::Class(_) | ClassRef::Name(_) | ClassRef::Attribute(_) => {
                        let symbol = self.symbol(function, "__call__", spot);
                        self.call_kind(&symbol, arguments, spot)
                    }
                }
            }
            Kind::Lazy(_) => self.call_kind(&self.resolve(function), arguments, spot),
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
            | Kind::Iterator(_)
            | Kind::Path(_)
            | Kind::Module(_)
            | Kind::Super(_) => Err(self.raise(
                "TypeError",
                format!("'{}' object is not callable", function.type_name()),
                spot,
            )),
        }
    }

    /// A method of an ancestor that is not followed, called through `super()`.
    fn call_above(
        &self,
        after: &Rc<Class>,
        about: &Value,
        name: &Rc<str>,
        arguments: Arguments,
        symbol: &Value,
        spot: &Spot,
    ) -> Evaluated {
        if let (Kind::Object(object), "__init__") = (&about.kind, &**name) {
            let first = matches!(&*object.base.borrow(), Base::NotCalled);
            if first {
                object.base.replace(Base::Arguments(Rc::new(arguments)));
            }
            return Ok(Value::none(spot));
        }
        if matches!(&**name, "__init_subclass__" | "__setattr__") {
            return Ok(Value::none(spot));
        }
        if &**name == "__new__" {
            return Ok(self.unknown("__new__ is not followed", spot));
        }
        let _ = after;
        let Kind::Attribute(attribute) = &symbol.kind else { return Ok(symbol.clone()) };
        Ok(Value::new(Kind::Object(Object::new(ClassRef::Attribute(attribute.clone()), arguments)), spot))
    }

    /// `CharField.__init__(self, …)`: an ancestor that is not followed, called by its name and not through `super()`.
    fn initialise_base(&self, base: &str, arguments: &Arguments, spot: &Spot) {
        let Some((Kind::Object(object), given)) =
            arguments.args.split_first().map(|(object, given)| (&object.kind, given))
        else {
            return;
        };
        let ClassRef::Class(class) = &object.class else { return };
        let Ok(mro) = class.mro() else { return };
        if !matches!(&*object.base.borrow(), Base::NotCalled) {
            return;
        }
        let foreign: Vec<&Value> = mro
            .iter()
            .filter(|ancestor| !matches!(ancestor.kind, Kind::Class(_) | Kind::Builtin(_)))
            .collect();
        object.base.replace(match foreign[..] {
            [only] if only.dotted().is_some_and(|dotted| &*dotted == base) => {
                Base::Arguments(Rc::new(Arguments { args: given.to_vec(), kwargs: arguments.kwargs.clone() }))
            }
            _ => {
                Base::Unknown(self.reason(format!("what {base}.__init__ initialises is not followed"), spot))
            }
        });
    }

    /// Whatever an unknown function is given, it may change.
    pub(in super::super) fn lose_arguments(&self, arguments: &Arguments, unknown: &Rc<Unknown>, spot: &Spot) {
        let given = arguments.args.iter().chain(arguments.kwargs.iter().map(|(_, value)| value));
        let mut waiting: Vec<Value> = given.cloned().collect();
        let mut left = 10_000_usize;
        while let Some(value) = waiting.pop() {
            left = left.saturating_sub(1);
            match &value.kind {
                Kind::List(cell) | Kind::Iterator(cell) if cell.unknown().is_none() && left > 0 => {
                    waiting.extend(cell.known().unwrap_or_default());
                    Location::List(cell.clone(), Content::Unknown(unknown.clone())).make_unknown(
                        &self.journal,
                        unknown,
                        spot,
                    );
                }
                Kind::Dict(cell) if cell.unknown().is_none() && left > 0 => {
                    waiting.extend(cell.known().unwrap_or_default().values().cloned());
                    cell.replace(&self.journal, Content::Unknown(unknown.clone()));
                }
                Kind::Set(cell) if !cell.frozen && cell.unknown().is_none() => {
                    cell.replace(&self.journal, Content::Unknown(unknown.clone()));
                }
                Kind::Tuple(items) if left > 0 => waiting.extend(items.iter().cloned()),
                Kind::Object(object) => match &object.class {
                    ClassRef::Name(name) if &**name == super::super::library::NAMESPACE => {
                        self.blur_scope(&object.attributes, unknown, spot);
                    }
                    ClassRef::Class(_) => {
                        object.attributes.expect_more(&self.journal, Some(unknown.clone()));
                    }
                    ClassRef::Name(_) | ClassRef::Attribute(_) => {}
                },
                _ => {}
            }
        }
    }

    pub(super) fn function(&self, frame: &Frame, definition: &Rc<FunctionDefinition>) -> Evaluated {
        let parameters = &definition.parameters;
        let mut defaults = Vec::new();
        let all =
            parameters.positional_only.iter().chain(&parameters.positional).chain(&parameters.keyword_only);
        for parameter in all {
            if let Some(default) = &parameter.default {
                defaults.push((parameter.name.clone(), self.expression(frame, default)?));
            }
        }
        let spot = frame.spot(definition.span);
        let function = Function {
            name: definition.name.clone(),
            dotted: format!("{}.{}", frame.dotted, definition.name).into(),
            definition: definition.clone(),
            defaults,
            closure: frame.closure.clone(),
            module: frame.module.clone(),
            class: RefCell::default(),
            attributes: Scope::new(None),
            wrapping: Wrapping::Plain,
            spot: spot.clone(),
        };
        Ok(Value::new(Kind::Function(Rc::new(function)), &spot))
    }

    fn call_function(&self, function: &Rc<Function>, arguments: Arguments, spot: &Spot) -> Evaluated {
        let definition = &function.definition;
        if definition.asynchronous {
            self.lose_sight(&self.reason("an asynchronous function is not followed", spot));
            return Ok(
                self.unknown(format!("{} is asynchronous, which is not followed", function.name), spot)
            );
        }
        if self.calls.get() >= CALLS {
            return Err(self.too_much("calls are nested too deeply", spot));
        }
        let scope = Scope::new(Some(function.closure.clone()));
        let receiver = arguments.args.first().cloned();
        self.bind_parameters(function, &scope, arguments, spot)?;
        let yields = definition.generator.then(Rc::<RefCell<Vec<Value>>>::default);
        let frame = Frame {
            closure: scope.clone(),
            binding: scope.clone(),
            scope,
            module: function.module.clone(),
            globals: Rc::default(),
            nonlocals: Rc::default(),
            function: Some(function.clone()),
            receiver,
            yields: yields.clone(),
            dotted: function.dotted.clone(),
        };
        self.calls.set(self.calls.get() + 1);
        let result = match &definition.body {
            Body::Lambda(value) => self.expression(&frame, value).map(Flow::Return),
            Body::Block(body) => self.block(&frame, body),
        };
        self.calls.set(self.calls.get() - 1);
        let value = match result? {
            Flow::Return(value) => value,
            Flow::Perhaps(unknown) => self.still_unknown(&unknown, spot),
            Flow::Next | Flow::Break | Flow::Continue => Value::none(spot),
        };
        Ok(match yields {
            Some(_) if value.is_unknown() => value,
            Some(yields) => Value::new(Kind::Iterator(ListCell::new(yields.take())), spot),
            None => value,
        })
    }

    fn bind_parameters(
        &self,
        function: &Rc<Function>,
        scope: &Rc<Scope>,
        arguments: Arguments,
        spot: &Spot,
    ) -> Result<(), Stop> {
        let parameters = &function.definition.parameters;
        let mut keywords = arguments.kwargs;
        let mut given = arguments.args.into_iter();
        let wrong = |message: String| self.raise("TypeError", format!("{}() {message}", function.name), spot);
        let bind = |name: &Rc<str>, value: Value| scope.restore(name, Some(value));
        let take = |keywords: &mut Vec<(Rc<str>, Value)>, name: &Rc<str>| {
            let place = keywords.iter().position(|(known, _)| known == name)?;
            Some(keywords.remove(place).1)
        };
        let default = |parameter: &Parameter| {
            let known = function.defaults.iter().find(|(name, _)| *name == parameter.name);
            known.map(|(_, value)| value.clone())
        };
        for (parameter, only) in parameters
            .positional_only
            .iter()
            .map(|parameter| (parameter, true))
            .chain(parameters.positional.iter().map(|parameter| (parameter, false)))
        {
            let by_name = if only { None } else { take(&mut keywords, &parameter.name) };
            let value = match (given.next(), by_name) {
                (Some(_), Some(_)) => {
                    return Err(wrong(format!("got multiple values for argument '{}'", parameter.name)));
                }
                (Some(value), None) | (None, Some(value)) => value,
                (None, None) => default(parameter)
                    .ok_or_else(|| wrong(format!("missing the argument '{}'", parameter.name)))?,
            };
            bind(&parameter.name, value);
        }
        let rest: Vec<Value> = given.collect();
        match &parameters.rest {
            Some(name) => bind(name, Value::tuple(rest, spot)),
            None if rest.is_empty() => {}
            None => return Err(wrong("got too many positional arguments".to_owned())),
        }
        for parameter in &parameters.keyword_only {
            let value = take(&mut keywords, &parameter.name)
                .or_else(|| default(parameter))
                .ok_or_else(|| wrong(format!("missing the keyword argument '{}'", parameter.name)))?;
            bind(&parameter.name, value);
        }
        match &parameters.keywords {
            Some(name) => {
                let mut dict = super::super::value::Dict::new();
                for (name, value) in keywords {
                    dict.insert_str(&name, value);
                }
                bind(name, Value::new(Kind::Dict(DictCell::new(dict)), spot));
            }
            None => {
                if let Some((name, _)) = keywords.first() {
                    return Err(wrong(format!("got an unexpected keyword argument '{name}'")));
                }
            }
        }
        Ok(())
    }

    /// A decorator at work.
    pub(super) fn decorate(&self, decorator: &Value, value: Value, spot: &Spot) -> Evaluated {
        let wrapping = match &decorator.kind {
            Kind::Builtin(builtin) => match builtin.name() {
                "staticmethod" => Some(Wrapping::Static),
                "classmethod" => Some(Wrapping::Class),
                "property" => Some(Wrapping::Property),
                _ => None,
            },
            Kind::Name(name) if name.ends_with("cached_property") => Some(Wrapping::CachedProperty),
            _ => None,
        };
        if let (Some(wrapping), Kind::Function(function)) = (wrapping, &value.kind) {
            return Ok(Value::new(Kind::Function(function.rewrapped(wrapping)), &value.spot));
        }
        if self.is_transparent(decorator) {
            return Ok(value);
        }
        // `@price.setter`: what it reads stays the property.
        if let Kind::Attribute(attribute) = &decorator.kind
            && matches!(&*attribute.name, "setter" | "deleter")
            && matches!(&attribute.of.kind, Kind::Function(function) if function.wrapping == Wrapping::Property)
        {
            return Ok(attribute.of.clone());
        }
        self.call_positional(decorator, vec![value], spot)
    }

    fn is_transparent(&self, decorator: &Value) -> bool {
        let dotted = match &decorator.kind {
            Kind::Name(dotted) => dotted.clone(),
            Kind::Object(object) => match &object.class {
                ClassRef::Name(dotted) => dotted.clone(),
                ClassRef::Class(_) | ClassRef::Attribute(_) => return false,
            },
            _ => return false,
        };
        matches!(
            &*dotted,
            "functools.lru_cache"
                | "functools.cache"
                | "functools.wraps"
                | "functools.total_ordering"
                | "typing.final"
                | "typing.overload"
                | "typing.override"
                | "typing_extensions.override"
                | "typing_extensions.final"
                | "typing.no_type_check"
                | "typing.runtime_checkable"
                | "abc.abstractmethod"
                | "atexit.register"
                | "enum.unique"
        ) || self.surroundings.transparent.iter().any(|known| **known == *dotted)
    }
}

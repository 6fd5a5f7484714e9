//! Exceptions: raised, caught, and cleaned up after.

use std::rc::Rc;

use super::super::source::Spot;
use super::super::stack::with_room;
use super::super::syntax::{Block, Expression, ExpressionKind, Handler, StatementKind, Try, statements};
use super::super::value::{Arguments, Class, ClassRef, Items, Kind, Object, Unknown, Value};
use super::super::world::World;
use super::statement::{Flow, Ran};
use super::{Evaluated, Frame, Raised, Stop};

impl Raised {
    /// Whether it is exactly this exception of Python's own.
    pub(super) fn is(&self, name: &str) -> bool {
        matches!(&self.class.kind, Kind::Builtin(builtin) if builtin.name() == name)
    }
}

/// Whether a handler catches an exception.
enum Catches {
    Yes,
    No,
    Perhaps,
}

impl World {
    /// One of Python's own exceptions.
    pub(in super::super) fn raise(
        &self,
        class: &'static str,
        message: impl Into<String>,
        spot: &Spot,
    ) -> Stop {
        let message = message.into();
        let class = match super::super::library::builtin(class) {
            Some(builtin) => Value::new(Kind::Builtin(builtin), spot),
            None => Value::name(format!("builtins.{class}"), spot),
        };
        let args =
            Arguments { args: vec![Value::unknown("the text of an exception", spot)], kwargs: Vec::new() };
        let object = Object::new(ClassRef::Name(super::super::library::exception_name(&class)), args);
        let value = Value::new(Kind::Object(object), spot);
        Stop::Raised(Box::new(Raised { class, value, message, spot: spot.clone() }))
    }

    /// What a `raise` statement comes to.
    pub(super) fn run_raise(
        &self,
        frame: &Frame,
        exception: Option<&Expression>,
        spot: &Spot,
    ) -> Result<Stop, Stop> {
        let Some(exception) = exception else {
            let class = Value::unknown("the exception that is being handled", spot);
            return Ok(Stop::Raised(Box::new(Raised {
                value: class.clone(),
                class,
                message: String::new(),
                spot: spot.clone(),
            })));
        };
        let value = self.expression(frame, exception)?;
        let (class, message) = match &value.kind {
            Kind::Object(object) => {
                let class = match &object.class {
                    ClassRef::Name(name) => {
                        match name.strip_prefix("builtins.").and_then(super::super::library::builtin) {
                            Some(builtin) => Value::new(Kind::Builtin(builtin), spot),
                            None => Value::name(name.clone(), spot),
                        }
                    }
                    ClassRef::Class(class) => Value::new(Kind::Class(class.clone()), spot),
                    ClassRef::Attribute(_) => value.clone(),
                };
                let message = object.args.first().and_then(Value::as_str).unwrap_or_default().to_owned();
                (class, message)
            }
            _ => (value.clone(), String::new()),
        };
        Ok(Stop::Raised(Box::new(Raised { class, value, message, spot: spot.clone() })))
    }

    pub(super) fn run_try(&self, frame: &Frame, given: &Try, spot: &Spot) -> Ran {
        let ran = self.try_and_handle(frame, given, spot);
        if given.finally.is_empty() {
            return ran;
        }
        if let Err(Stop::TooMuch(_)) = ran {
            return ran;
        }
        match self.block(frame, &given.finally)? {
            Flow::Next => ran,
            Flow::Perhaps(unknown) => Ok(Flow::Perhaps(unknown)),
            flow @ (Flow::Break | Flow::Continue | Flow::Return(_)) => Ok(flow),
        }
    }

    fn try_and_handle(&self, frame: &Frame, given: &Try, spot: &Spot) -> Ran {
        let mut caught = Vec::new();
        for handler in &given.handlers {
            caught.push(match &handler.exceptions {
                Some(exceptions) => self.foreseen(frame, exceptions)?,
                None => self.base_exception(spot),
            });
        }
        let before = self.unknowns.get();
        self.journal.open();
        self.catching.borrow_mut().push(caught.clone());
        let ran = if given.handlers.iter().all(passes_on) {
            self.block(frame, &given.body)
        } else {
            let unknown = Rc::new(Unknown {
                reason: "whether this fails, and is caught, is not known".to_owned(),
                place: spot.place(),
            });
            self.unsure(&unknown, || self.block(frame, &given.body))
        };
        self.catching.borrow_mut().pop();
        match ran {
            Err(Stop::Raised(raised)) => {
                self.journal.keep();
                self.handle(frame, &given.handlers, raised)
            }
            Err(stop) => {
                self.journal.keep();
                Err(stop)
            }
            // Something in it is not known, and may have raised just as well.
            Ok(flow) if self.unknowns.get() != before && !given.handlers.is_empty() => {
                let unknown = self.why_perhaps(&flow, spot);
                let touched = self.journal.changes().before;
                let raising = self.raising(frame, given, &touched, &unknown, spot);
                self.journal.keep();
                let going_on = || match flow.clone() {
                    Flow::Next => self.block(frame, &given.otherwise),
                    other => Ok(other),
                };
                self.either(&unknown, spot, going_on, raising)
            }
            Ok(Flow::Next) => {
                self.journal.keep();
                self.block(frame, &given.otherwise)
            }
            Ok(flow) => {
                self.journal.keep();
                Ok(flow)
            }
        }
    }

    /// The way in which the body raised somewhere, and one of the handlers ran.
    fn raising<'a>(
        &'a self,
        frame: &'a Frame,
        given: &'a Try,
        touched: &[super::super::journal::Location],
        unknown: &'a Rc<Unknown>,
        spot: &'a Spot,
    ) -> impl FnOnce() -> Ran + 'a {
        let touched = touched.to_vec();
        move || {
            for location in &touched {
                location.make_unknown(&self.journal, unknown, spot);
            }
            match &given.handlers[..] {
                [handler] => {
                    self.bind_exception(frame, handler, Value::still_unknown(unknown, spot));
                    self.block(frame, &handler.body)
                }
                handlers => {
                    for handler in handlers {
                        self.perhaps(unknown, spot, || {
                            self.bind_exception(frame, handler, Value::still_unknown(unknown, spot));
                            self.block(frame, &handler.body).map(drop)
                        })?;
                    }
                    let only_next = handlers.iter().all(|handler| {
                        handler.body.iter().all(|statement| {
                            !matches!(
                                statement.kind,
                                super::super::syntax::StatementKind::Return(_)
                                    | super::super::syntax::StatementKind::Raise { .. }
                            )
                        })
                    });
                    Ok(if only_next { Flow::Next } else { Flow::Perhaps(unknown.clone()) })
                }
            }
        }
    }

    fn why_perhaps(&self, flow: &Flow, spot: &Spot) -> Rc<Unknown> {
        match flow {
            Flow::Perhaps(unknown) => unknown.clone(),
            _ => Rc::new(Unknown {
                reason: "what is tried here is not known, and may raise".to_owned(),
                place: spot.place(),
            }),
        }
    }

    /// What a handler would catch, before it is known whether anything is raised: Python works that out only then, and
    /// the body may bring the names for it.
    fn foreseen(&self, frame: &Frame, exceptions: &Expression) -> Evaluated {
        if let ExpressionKind::Tuple(several) = &exceptions.kind {
            let each: Result<Vec<Value>, Stop> =
                several.iter().map(|one| with_room(|| self.foreseen(frame, one))).collect();
            return Ok(Value::tuple(each?, &frame.spot(exceptions.span)));
        }
        match self.expression(frame, exceptions) {
            Err(Stop::Raised(raised)) => Ok(Value::unknown(raised.words(), &raised.spot)),
            other => other,
        }
    }

    fn handle(&self, frame: &Frame, handlers: &[Handler], raised: Box<Raised>) -> Ran {
        for handler in handlers {
            let exceptions = match &handler.exceptions {
                Some(exceptions) => self.expression(frame, exceptions)?,
                None => self.base_exception(&raised.spot),
            };
            match self.catches(&exceptions, &raised.class) {
                Catches::Yes => {
                    self.bind_exception(frame, handler, raised.value.clone());
                    return match self.block(frame, &handler.body) {
                        // A bare `raise` goes on with the same one.
                        Err(Stop::Raised(again)) if again.class.is_unknown() && again.message.is_empty() => {
                            Err(Stop::Raised(raised))
                        }
                        other => other,
                    };
                }
                Catches::No => {}
                Catches::Perhaps => {
                    let spot = frame.spot(handler.span);
                    let unknown = self.reason("whether this handler catches is not known", &spot);
                    self.perhaps(&unknown, &spot, || {
                        self.bind_exception(frame, handler, raised.value.clone());
                        self.block(frame, &handler.body).map(drop)
                    })?;
                    return Ok(Flow::Perhaps(unknown));
                }
            }
        }
        Err(Stop::Raised(raised))
    }

    fn bind_exception(&self, frame: &Frame, handler: &Handler, value: Value) {
        if let Some(name) = &handler.name {
            self.bind(frame, name, value);
        }
    }

    /// Whether an exception of Python's own would be caught by a `try` around.
    pub(in super::super) fn is_caught(&self, class: &'static str, spot: &Spot) -> bool {
        let Some(builtin) = super::super::library::builtin(class) else { return false };
        let class = Value::new(Kind::Builtin(builtin), spot);
        let catching = self.catching.borrow();
        catching.iter().flatten().any(|exceptions| !matches!(self.catches(exceptions, &class), Catches::No))
    }

    fn base_exception(&self, spot: &Spot) -> Value {
        match super::super::library::builtin("BaseException") {
            Some(builtin) => Value::new(Kind::Builtin(builtin), spot),
            None => Value::name("builtins.BaseException", spot),
        }
    }

    fn catches(&self, exceptions: &Value, class: &Value) -> Catches {
        match &exceptions.kind {
            Kind::Tuple(several) => {
                let mut perhaps = false;
                for one in several.iter() {
                    match self.catches_one(one, class) {
                        Catches::Yes => return Catches::Yes,
                        Catches::No => {}
                        Catches::Perhaps => perhaps = true,
                    }
                }
                if perhaps { Catches::Perhaps } else { Catches::No }
            }
            _ => self.catches_one(exceptions, class),
        }
    }

    fn catches_one(&self, exception: &Value, class: &Value) -> Catches {
        match (&exception.kind, &class.kind) {
            (Kind::Builtin(exception), Kind::Builtin(class)) => {
                if super::super::library::descends(class.name(), exception.name()) {
                    Catches::Yes
                } else {
                    Catches::No
                }
            }
            (Kind::Builtin(exception), _) if matches!(exception.name(), "BaseException" | "Exception") => {
                Catches::Yes
            }
            (_, Kind::Class(class)) => self.class_is_caught(exception, class),
            // A class of the project or of a package is no ancestor of Python's own.
            (Kind::Class(_) | Kind::Name(_), Kind::Builtin(_)) => Catches::No,
            (Kind::Name(exception), Kind::Name(class)) if exception == class => Catches::Yes,
            (Kind::Class(_), Kind::Name(_)) => Catches::No,
            _ => Catches::Perhaps,
        }
    }

    fn class_is_caught(&self, exception: &Value, class: &Rc<Class>) -> Catches {
        let Ok(mro) = class.mro() else { return Catches::Perhaps };
        let mut perhaps = false;
        for ancestor in &mro {
            match (&ancestor.kind, &exception.kind) {
                (Kind::Class(ancestor), Kind::Class(exception)) if Rc::ptr_eq(ancestor, exception) => {
                    return Catches::Yes;
                }
                (Kind::Builtin(ancestor), Kind::Builtin(exception))
                    if super::super::library::descends(ancestor.name(), exception.name()) =>
                {
                    return Catches::Yes;
                }
                (Kind::Name(ancestor), Kind::Name(exception)) if ancestor == exception => {
                    return Catches::Yes;
                }
                (Kind::Name(_) | Kind::Unknown(_) | Kind::Attribute(_), _) => perhaps = true,
                _ => {}
            }
        }
        if perhaps { Catches::Perhaps } else { Catches::No }
    }

    pub(super) fn is_exception_class(&self, class: &Rc<Class>) -> bool {
        class.mro().is_ok_and(|mro| {
            mro.iter().any(|ancestor| {
                matches!(&ancestor.kind, Kind::Builtin(builtin) if super::super::library::is_exception(builtin.name()))
            })
        })
    }

    pub(super) fn run_with(
        &self,
        frame: &Frame,
        items: &[(Expression, Option<Expression>)],
        body: &Block,
    ) -> Ran {
        let Some(((context, target), others)) = items.split_first() else { return self.block(frame, body) };
        let spot = frame.spot(context.span);
        let manager = self.expression(frame, context)?;
        if let Kind::Object(object) = &manager.kind
            && matches!(&object.class, ClassRef::Name(name) if &**name == "contextlib.suppress")
        {
            let caught = Value::new(Kind::Tuple(Items::new(object.args.clone())), &spot);
            self.catching.borrow_mut().push(vec![caught.clone()]);
            let before = self.unknowns.get();
            self.journal.open();
            let failing = Rc::new(Unknown {
                reason: "whether this fails, and is caught, is not known".to_owned(),
                place: spot.place(),
            });
            let ran = self.unsure(&failing, || self.run_with(frame, others, body));
            self.catching.borrow_mut().pop();
            if self.unknowns.get() != before {
                let unknown = self.reason("what is tried here is not known, and may raise", &spot);
                self.blur_all(&unknown, &spot);
            }
            self.journal.keep();
            return match ran {
                Err(Stop::Raised(raised)) => match self.catches(&caught, &raised.class) {
                    Catches::Yes => Ok(Flow::Next),
                    Catches::No => Err(Stop::Raised(raised)),
                    Catches::Perhaps => {
                        Ok(Flow::Perhaps(self.reason("whether this suppresses is not known", &spot)))
                    }
                },
                other => other,
            };
        }
        let own = self.own_method(&manager, "__enter__");
        let entered = match &own {
            Some(enter) => self.call_positional(enter, Vec::new(), &spot)?,
            None => self.entered(&manager, &spot),
        };
        if let Some(target) = target {
            self.assign(frame, target, entered)?;
        }
        let ran = self.run_with(frame, others, body);
        if own.is_some()
            && let Some(exit) = self.own_method(&manager, "__exit__")
        {
            let none = Value::none(&spot);
            let calm = vec![none.clone(), none.clone(), none];
            match &ran {
                Ok(_) => drop(self.call_positional(&exit, calm, &spot)?),
                Err(_) => {
                    let unknown =
                        self.reason("whether a context manager swallows an exception is not followed", &spot);
                    self.perhaps(&unknown, &spot, || self.call_positional(&exit, calm, &spot).map(drop))?;
                }
            }
        }
        ran
    }

    /// What `as` names in a `with` over something that is not followed.
    fn entered(&self, manager: &Value, spot: &Spot) -> Value {
        if super::super::library::is_file(manager) {
            return manager.clone();
        }
        match &manager.kind {
            Kind::Unknown(unknown) => self.still_unknown(unknown, spot),
            _ => self.symbol(manager, "__enter__", spot),
        }
    }
}

/// Whether a handler raises again what it catches, in the end.
fn passes_on(handler: &Handler) -> bool {
    let raises = matches!(handler.body.last().map(|last| &last.kind), Some(StatementKind::Raise { .. }));
    raises && !statements([&handler.body]).iter().any(|one| matches!(one.kind, StatementKind::Return(_)))
}

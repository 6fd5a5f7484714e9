//! Statements, and the blocks of modules, functions and classes.

use std::rc::Rc;

use super::super::limits;
use super::super::syntax::{
    Block, ClassDefinition, Expression, FunctionDefinition, Statement, StatementKind, bound_names,
};
use super::super::value::{Kind, Unknown, Value};
use super::super::world::{ProblemKind, World};
use super::{Frame, Stop, Truth};

/// How a block goes on.
#[derive(Clone)]
pub(in super::super) enum Flow {
    Next,
    Break,
    Continue,
    Return(Value),
    /// One of these, and it is not known which.
    Perhaps(Rc<Unknown>),
}

pub(in super::super) type Ran = Result<Flow, Stop>;

impl World {
    /// The statements of a module. What one of them raises, or is too much in it, does not keep the others from being read.
    pub(in super::super) fn run_body(&self, frame: &Frame, body: &Block) {
        for statement in body.iter() {
            self.steps.set(limits::STEPS);
            self.journal.open();
            let ran = self.statement(frame, statement);
            match ran {
                Ok(Flow::Perhaps(unknown)) => self.blur_all(&unknown, &frame.spot(statement.span)),
                Ok(_) => {}
                Err(stop) => {
                    let spot = frame.spot(statement.span);
                    let unknown = self.reason_of(&stop, &spot);
                    if let Stop::Raised(raised) = &stop {
                        self.note(unknown.reason.clone(), &raised.spot, ProblemKind::Raises);
                        frame.module.raised.replace(Some(raised.class.clone()));
                    } else {
                        self.blur_all(&unknown, &spot);
                    }
                    self.blur_names(frame, statement, &unknown);
                }
            }
            self.journal.keep();
        }
    }

    /// What a statement would have bound, had it come to its end.
    fn blur_names(&self, frame: &Frame, statement: &Statement, unknown: &Rc<Unknown>) {
        let spot = frame.spot(statement.span);
        for name in bound_names(statement) {
            if &*name == "*" {
                self.blur_scope(&frame.scope, unknown, &spot);
            } else {
                self.bind(frame, &name, Value::still_unknown(unknown, &spot));
            }
        }
    }

    pub(in super::super) fn block(&self, frame: &Frame, body: &Block) -> Ran {
        for (index, statement) in body.iter().enumerate() {
            match self.statement(frame, statement)? {
                Flow::Next => {}
                Flow::Perhaps(unknown) => {
                    // The rest runs, or does not.
                    self.perhaps(&unknown, &frame.spot(statement.span), || {
                        for statement in &body[index + 1..] {
                            match self.statement(frame, statement)? {
                                Flow::Next | Flow::Perhaps(_) => {}
                                Flow::Break | Flow::Continue | Flow::Return(_) => break,
                            }
                        }
                        Ok(())
                    })?;
                    return Ok(Flow::Perhaps(unknown));
                }
                flow @ (Flow::Break | Flow::Continue | Flow::Return(_)) => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&self, frame: &Frame, statement: &Statement) -> Ran {
        self.step(|| frame.spot(statement.span))?;
        super::super::stack::with_room(|| self.run_statement(frame, statement))
    }

    fn run_statement(&self, frame: &Frame, statement: &Statement) -> Ran {
        let spot = || frame.spot(statement.span);
        match &statement.kind {
            StatementKind::Expression(value) => {
                self.expression(frame, value)?;
            }
            StatementKind::Assign { targets, value } => {
                let value = self.expression(frame, value)?;
                for target in targets {
                    self.assign(frame, target, value.clone())?;
                }
            }
            StatementKind::Augment { target, operator, value } => {
                self.augment(frame, target, *operator, value, &spot())?;
            }
            StatementKind::Delete(targets) => {
                for target in targets {
                    self.delete(frame, target)?;
                }
            }
            StatementKind::If(branches) => return self.choose(frame, branches),
            StatementKind::For { target, iterable, body, otherwise, asynchronous } => {
                if *asynchronous {
                    return self.not_followed(frame, statement, "async for is not followed");
                }
                return self.run_for(frame, target, iterable, body, otherwise);
            }
            StatementKind::While { condition, body, otherwise } => {
                return self.run_while(frame, condition, body, otherwise);
            }
            StatementKind::With { items, body, asynchronous } => {
                if *asynchronous {
                    return self.not_followed(frame, statement, "async with is not followed");
                }
                return self.run_with(frame, items, body);
            }
            StatementKind::Try(given) => {
                if given.groups {
                    return self.not_followed(frame, statement, "except* is not followed");
                }
                return self.run_try(frame, given, &spot());
            }
            StatementKind::Raise { exception } => {
                return Err(self.run_raise(frame, exception.as_ref(), &spot())?);
            }
            StatementKind::Assert { condition } => {
                let value = self.expression(frame, condition)?;
                // One that is not known holds, as it does in whatever works.
                if let Truth::No = self.truth(&value)? {
                    return Err(self.raise("AssertionError", "an assertion does not hold", &spot()));
                }
            }
            StatementKind::Import(aliases) => self.run_import(frame, aliases)?,
            StatementKind::ImportFrom { module, level, names } => {
                self.run_import_from(frame, module.as_deref(), *level, names, &spot())?;
            }
            StatementKind::Function(definition) => self.define_function(frame, definition)?,
            StatementKind::Class(definition) => self.define_class(frame, definition)?,
            StatementKind::Return(value) => {
                let value = match value {
                    Some(value) => self.expression(frame, value)?,
                    None => Value::none(&spot()),
                };
                return Ok(Flow::Return(value));
            }
            StatementKind::Global(names) => frame.globals.borrow_mut().extend(names.iter().cloned()),
            StatementKind::Nonlocal(names) => frame.nonlocals.borrow_mut().extend(names.iter().cloned()),
            StatementKind::Match { subject, cases } => return self.run_match(frame, subject, cases),
            StatementKind::Break => return Ok(Flow::Break),
            StatementKind::Continue => return Ok(Flow::Continue),
            StatementKind::Pass => {}
            StatementKind::Other(what) => {
                return self.not_followed(frame, statement, &format!("{what} is not followed"));
            }
        }
        Ok(Flow::Next)
    }

    /// A statement that is not modelled: whatever it binds is unknown.
    fn not_followed(&self, frame: &Frame, statement: &Statement, reason: &str) -> Ran {
        let unknown =
            Rc::new(Unknown { reason: reason.to_owned(), place: frame.spot(statement.span).place() });
        self.unknowns.set(self.unknowns.get() + 1);
        self.lose_sight(&unknown);
        self.blur_names(frame, statement, &unknown);
        Ok(Flow::Perhaps(unknown))
    }

    fn choose(&self, frame: &Frame, branches: &[(Option<Expression>, Block)]) -> Ran {
        let Some(((condition, body), others)) = branches.split_first() else { return Ok(Flow::Next) };
        let Some(condition) = condition else { return self.block(frame, body) };
        let value = self.expression(frame, condition)?;
        match self.truth(&value)? {
            Truth::Yes => self.block(frame, body),
            Truth::No => self.choose(frame, others),
            Truth::Unknown(unknown) => {
                let spot = frame.spot(condition.span);
                self.either(&unknown, &spot, || self.block(frame, body), || self.choose(frame, others))
            }
        }
    }

    fn define_function(&self, frame: &Frame, definition: &Rc<FunctionDefinition>) -> Result<(), Stop> {
        let mut decorators = Vec::new();
        for decorator in &definition.decorators {
            decorators.push((self.expression(frame, decorator)?, frame.spot(decorator.span)));
        }
        let mut value = self.function(frame, definition)?;
        for (decorator, spot) in decorators.into_iter().rev() {
            value = self.decorate(&decorator, value, &spot)?;
        }
        self.bind(frame, &definition.name, value);
        Ok(())
    }

    fn define_class(&self, frame: &Frame, definition: &Rc<ClassDefinition>) -> Result<(), Stop> {
        let mut decorators = Vec::new();
        for decorator in &definition.decorators {
            decorators.push((self.expression(frame, decorator)?, frame.spot(decorator.span)));
        }
        let mut value = self.class(frame, definition)?;
        for (decorator, spot) in decorators.into_iter().rev() {
            value = self.decorate(&decorator, value, &spot)?;
        }
        self.bind(frame, &definition.name, value);
        Ok(())
    }

    fn run_for(
        &self,
        frame: &Frame,
        target: &Expression,
        iterable: &Expression,
        body: &Block,
        otherwise: &Block,
    ) -> Ran {
        let iterable_spot = frame.spot(iterable.span);
        let value = self.expression(frame, iterable)?;
        // A list is gone through as it is at each step: the body may lengthen it.
        let live = match &value.kind {
            Kind::List(cell) if cell.unknown().is_none() => Some(cell.clone()),
            _ => None,
        };
        let mut items = match &live {
            Some(_) => Vec::new(),
            None => match self.items_of(&value, &iterable_spot)? {
                Ok(items) => items,
                Err(unknown) => {
                    return self.loop_blindly(frame, Some(target), body, otherwise, &unknown, &iterable_spot);
                }
            },
        }
        .into_iter();
        let mut index = 0;
        loop {
            let item = match &live {
                Some(cell) => match &*cell.content() {
                    super::super::value::Content::Known(items) => Ok(items.get(index).cloned()),
                    super::super::value::Content::Unknown(unknown) => Err(unknown.clone()),
                },
                None => Ok(items.next()),
            };
            index += 1;
            let item = match item {
                Ok(Some(item)) => item,
                Ok(None) => break,
                Err(unknown) => {
                    return self.loop_blindly(frame, Some(target), body, otherwise, &unknown, &iterable_spot);
                }
            };
            self.step(|| iterable_spot.clone())?;
            self.assign(frame, target, item)?;
            match self.block(frame, body)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                Flow::Return(value) => return Ok(Flow::Return(value)),
                Flow::Perhaps(unknown) => {
                    // From here on it is not known whether the loop still runs.
                    self.perhaps(&unknown, &iterable_spot, || {
                        let unknown_item = Value::still_unknown(&unknown, &iterable_spot);
                        self.assign(frame, target, unknown_item.clone())?;
                        self.block(frame, body)?;
                        self.assign(frame, target, unknown_item)?;
                        self.block(frame, body)?;
                        self.block(frame, otherwise).map(drop)
                    })?;
                    return Ok(Flow::Perhaps(unknown));
                }
            }
        }
        self.block(frame, otherwise)
    }

    fn run_while(&self, frame: &Frame, condition: &Expression, body: &Block, otherwise: &Block) -> Ran {
        let spot = frame.spot(condition.span);
        loop {
            let value = self.expression(frame, condition)?;
            match self.truth(&value)? {
                Truth::Yes => {}
                Truth::No => return self.block(frame, otherwise),
                Truth::Unknown(unknown) => {
                    return self.loop_blindly(frame, None, body, otherwise, &unknown, &spot);
                }
            }
            self.step(|| spot.clone())?;
            match self.block(frame, body)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                Flow::Return(value) => return Ok(Flow::Return(value)),
                Flow::Perhaps(unknown) => {
                    self.loop_blindly(frame, None, body, otherwise, &unknown, &spot)?;
                    return Ok(Flow::Perhaps(unknown));
                }
            }
        }
    }

    /// A loop of which it is not known how often it runs, or over what. The body is tried twice, so that what the first
    /// time leaves unknown is seen by the second.
    fn loop_blindly(
        &self,
        frame: &Frame,
        target: Option<&Expression>,
        body: &Block,
        otherwise: &Block,
        unknown: &Rc<Unknown>,
        spot: &super::super::source::Spot,
    ) -> Ran {
        let mut returns = false;
        for _ in 0..2 {
            self.perhaps(unknown, spot, || {
                if let Some(target) = target {
                    self.assign(frame, target, Value::still_unknown(unknown, spot))?;
                }
                if let Flow::Return(_) | Flow::Perhaps(_) = self.block(frame, body)? {
                    returns = true;
                }
                Ok(())
            })?;
        }
        self.perhaps(unknown, spot, || self.block(frame, otherwise).map(drop))?;
        Ok(if returns { Flow::Perhaps(unknown.clone()) } else { Flow::Next })
    }
}

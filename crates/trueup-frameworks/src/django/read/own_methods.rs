//! Migration classes that do more than list operations: with an `__init__` or an `apply` of their own.

use std::rc::Rc;

use crate::python::syntax::{Body, Call, Expression, ExpressionKind, StatementKind, expressions, parts};
use crate::python::value::{Arguments, Class, ClassRef, Function};
use crate::python::{Kind, Object, Unknown, Value, World};

use super::run_python::{self, EDITOR, Work};

/// A migration as Django has it after loading: its class, or an object where that makes a difference.
pub struct Made {
    class: Rc<Class>,
    object: Option<Value>,
}

/// What `apply` does.
pub enum Applied {
    /// The operations.
    AsUsual,
    Nothing,
}

/// Lists that Django's own `__init__` copies from the class.
const COPIED: [&str; 4] = ["operations", "dependencies", "run_before", "replaces"];

pub fn made(world: &World, class: &Rc<Class>, app: &str, name: &str) -> Result<Made, Rc<Unknown>> {
    let plain = Made { class: class.clone(), object: None };
    let Some(init) = plain.attribute("__init__")? else { return Ok(plain) };
    let not_followed = || {
        let reason = "the migration has a method __init__ of its own".to_owned();
        Rc::new(Unknown { reason, place: init.place() })
    };
    // What was set before Django's own `__init__` would be lost in it.
    if !begins_with_ancestor(&init) {
        return Err(not_followed());
    }
    let arguments = vec![Value::str(name, &init.spot), Value::str(app, &init.spot)];
    let given = Arguments { args: arguments.clone(), kwargs: Vec::new() };
    let object = Object::new(ClassRef::Class(class.clone()), given.clone());
    for list in COPIED {
        let items = match plain.attribute(list)? {
            Some(value) => value.items().ok_or_else(not_followed)?,
            None => Vec::new(),
        };
        object.attributes.preset(list, Value::list(items, &init.spot));
    }
    object.attributes.preset("name", arguments[0].clone());
    object.attributes.preset("app_label", arguments[1].clone());
    let object = Value::new(Kind::Object(object), &init.spot);
    let called = world.witnessed(&world.attribute(&object, "__init__"), given);
    match called.lost.or_else(|| called.value.why_unknown()) {
        Some(unknown) => Err(unknown),
        None => Ok(Made { class: class.clone(), object: Some(object) }),
    }
}

impl Made {
    /// An attribute as the object, the class or one of its followed ancestors gives it. Django's own class has only
    /// defaults.
    pub fn attribute(&self, name: &str) -> Result<Option<Value>, Rc<Unknown>> {
        if let Some(object) = self.object.as_ref().and_then(Value::as_object) {
            if let Some(value) = object.attributes.get(&name.into()) {
                return Ok(Some(value));
            }
            if let Some(unknown) = object.attributes.may_have_more() {
                return Err(unknown);
            }
        }
        for ancestor in self.class.mro()? {
            match &ancestor.kind {
                Kind::Class(class) => {
                    if let Some(value) = class.attributes.get(&name.into()) {
                        return Ok(Some(value));
                    }
                    if let Some(unknown) = class.attributes.may_have_more() {
                        return Err(unknown);
                    }
                }
                Kind::Unknown(unknown) => return Err(unknown.clone()),
                _ => {}
            }
        }
        Ok(None)
    }
}

/// What the migration's own `apply` comes to: followed only as far as that it gives back what Django's own gives, or the
/// state as it got it.
pub fn applied(world: &World, made: &Made) -> Result<Applied, Rc<Unknown>> {
    if let Some(value) = made.attribute("mutate_state")? {
        let reason = "the migration has a method mutate_state of its own".to_owned();
        return Err(Rc::new(Unknown { reason, place: value.place() }));
    }
    let Some(apply) = made.attribute("apply")? else { return Ok(Applied::AsUsual) };
    let not_followed = || {
        let reason = "the migration has a method apply of its own".to_owned();
        Rc::new(Unknown { reason, place: apply.place() })
    };
    let Kind::Function(function) = &apply.kind else { return Err(not_followed()) };
    if !leaves_state_to_ancestor(function) {
        return Err(not_followed());
    }
    let object = made.object.clone().unwrap_or_else(|| {
        let object = Object::new(ClassRef::Class(made.class.clone()), Arguments::default());
        Value::new(Kind::Object(object), &apply.spot)
    });
    let state = Value::name(STATE, &apply.spot);
    let arguments = vec![state, Value::name(EDITOR, &apply.spot), Value::bool(false, &apply.spot)];
    let method = world.attribute(&object, "apply");
    match run_python::work_of(world, &method, arguments.clone()) {
        Work::Rows => {}
        Work::Sql(_) | Work::Opaque(_) => return Err(not_followed()),
    }
    let given = world.call(&method, Arguments { args: arguments, kwargs: Vec::new() });
    match &given.kind {
        Kind::Name(name) if **name == *STATE => Ok(Applied::Nothing),
        Kind::Object(object) => match &object.class {
            ClassRef::Attribute(attribute)
                if &*attribute.name == "apply" && matches!(attribute.of.kind, Kind::Super(_)) =>
            {
                Ok(Applied::AsUsual)
            }
            ClassRef::Attribute(_) | ClassRef::Name(_) | ClassRef::Class(_) => Err(not_followed()),
        },
        _ => Err(not_followed()),
    }
}

/// What stands for the state of the models.
const STATE: &str = "django.db.migrations.state";

/// Whether `super().__init__(…)` is the first thing that happens.
fn begins_with_ancestor(init: &Value) -> bool {
    let Kind::Function(function) = &init.kind else { return false };
    let Body::Block(block) = &function.definition.body else { return false };
    let is_text = |expression: &Expression| matches!(expression.kind, ExpressionKind::Str(_));
    let first = block.iter().find(
        |statement| !matches!(&statement.kind, StatementKind::Expression(expression) if is_text(expression)),
    );
    match first.map(|statement| &statement.kind) {
        Some(StatementKind::Expression(Expression { kind: ExpressionKind::Call(call), .. })) => {
            is_of_ancestor(call, "__init__")
        }
        Some(_) | None => false,
    }
}

fn is_of_ancestor(call: &Call, method: &str) -> bool {
    let ExpressionKind::Attribute(of, name) = &call.function.kind else { return false };
    let ExpressionKind::Call(of) = &of.kind else { return false };
    **name == *method && matches!(&of.function.kind, ExpressionKind::Name(name) if &**name == "super")
}

/// Whether nothing is done with the state but to give it back, or to return what the ancestor makes of it.
fn leaves_state_to_ancestor(function: &Rc<Function>) -> bool {
    let parameters = &function.definition.parameters;
    let Some(state) = parameters.positional.get(1).map(|parameter| &parameter.name) else { return false };
    let is_state =
        |expression: &Expression| matches!(&expression.kind, ExpressionKind::Name(name) if name == state);
    matches!(function.definition.body, Body::Block(_))
        && function.definition.statements().into_iter().all(|statement| {
            let is_its_end = match &statement.kind {
                StatementKind::Return(Some(returned)) => match &returned.kind {
                    ExpressionKind::Call(call) => is_of_ancestor(call, "apply"),
                    _ => is_state(returned),
                },
                _ => false,
            };
            is_its_end || !expressions(parts(statement).0).into_iter().any(is_state)
        })
}

//! Field classes of the project and of packages: their source says which field of Django's they are.

use std::rc::Rc;

use crate::python::value::{Arguments, Class};
use crate::python::{Kind, Object, Unknown, Value, World};

use super::arguments::Expect;
use super::field::{Column, Field};
use super::field_call::{base_arguments, of_class, unknown};
use super::field_class::{Family, FieldClass, by_internal, descends, field_class};

pub fn field(world: &World, value: &Value, object: &Object, class: &Rc<Class>) -> Result<Field, Rc<Unknown>> {
    let (base, own) = lineage(class, value)?;
    let arguments = base_arguments(object)?;
    let mut field = of_class(world, base, &arguments, value)?;
    field.class = class.dotted.clone();
    if base.family == Family::Abstract {
        // Django takes the name of the class for the internal type.
        field.internal = class.name.clone();
    }
    assigned(object, &mut field)?;
    know_attributes(object, &field, value);
    let overrides = |name: &str| own.iter().any(|class| class.attributes.get(&name.into()).is_some());
    if overrides("get_internal_type") {
        field.internal = asked(world, value, "get_internal_type", &[])?.text()?;
        if matches!(field.column, Column::Fixed(_)) && by_internal(&field.internal).is_some() {
            field.column = Column::Internal;
        }
    }
    if overrides("db_type") {
        let connection = Value::name("django.db.connection", &value.spot);
        let given = asked(world, value, "db_type", &[connection])?;
        match &given.kind {
            Kind::Str(text) => field.column = Column::Fixed(text.clone()),
            Kind::None => field.column = Column::Nothing,
            // `super().db_type(connection)`
            Kind::Object(object) if object.class.dotted().ends_with("db_type") => {}
            _ => return Err(given.wrong("the name of a type")),
        }
    }
    if overrides("db_check") {
        let connection = Value::name("django.db.connection", &value.spot);
        let given = asked(world, value, "db_check", &[connection])?;
        field.check = if given.is_none() { None } else { Some(given.text()?) };
    }
    // The table between the two may have more columns.
    if base.family == Family::ManyToMany && overrides("contribute_to_class") {
        let reason = format!("the field class {} makes the table in between by itself", class.dotted);
        return Err(unknown(reason, value));
    }
    for name in ["db_parameters", "rel_db_type", "db_type_suffix", "column", "get_attname_column"] {
        if overrides(name) && !says_the_same(world, value, name) {
            let reason = format!("the field class {} has a {name} of its own", class.dotted);
            return Err(unknown(reason, value));
        }
    }
    Ok(field)
}

/// The first of Django's field classes among the ancestors, and the followed ones before it. Django's own classes are not
/// read, so that a class may stand before one that descends from it: `class Json(Mixin, TextField)` with
/// `class Mixin(Field)` is a text.
fn lineage(class: &Rc<Class>, value: &Value) -> Result<(&'static FieldClass, Vec<Rc<Class>>), Rc<Unknown>> {
    let mut own = Vec::new();
    let mut found: Option<&'static FieldClass> = None;
    for ancestor in class.mro()? {
        match &ancestor.kind {
            Kind::Class(class) if found.is_none() => own.push(class.clone()),
            Kind::Name(dotted) => {
                if let Some(class) = field_class(dotted)
                    && found.is_none_or(|found| descends(class, found))
                {
                    found = Some(class);
                }
            }
            Kind::Unknown(unknown) => return Err(unknown.clone()),
            _ => {}
        }
    }
    if let Some(class) = found {
        return Ok((class, own));
    }
    Err(unknown(
        format!("{} is no field of Django's as far as its source can be followed", class.dotted),
        value,
    ))
}

/// What Django's own `__init__` keeps of its arguments: methods of the class ask for it.
fn know_attributes(object: &Object, field: &Field, value: &Value) {
    let spot = &value.spot;
    let number =
        |number: Option<i128>| number.map_or_else(|| Value::none(spot), |number| Value::int(number, spot));
    let known = [
        ("max_length", number(field.max_length)),
        ("max_digits", number(field.max_digits)),
        ("decimal_places", number(field.decimal_places)),
        ("null", Value::bool(field.null, spot)),
        ("blank", Value::bool(field.blank, spot)),
        ("primary_key", Value::bool(field.primary_key, spot)),
        ("db_index", Value::bool(field.db_index, spot)),
    ];
    for (name, value) in known {
        if object.attributes.get(&name.into()).is_none() {
            object.attributes.preset(name, value);
        }
    }
}

fn asked(world: &World, value: &Value, method: &str, arguments: &[Value]) -> Result<Value, Rc<Unknown>> {
    let method = world.attribute(value, method);
    let given = world.call(&method, Arguments { args: arguments.to_vec(), kwargs: Vec::new() });
    match given.why_unknown() {
        Some(unknown) => Err(unknown),
        None => Ok(given),
    }
}

/// A method that only hands on what the ancestor says.
fn says_the_same(world: &World, value: &Value, method: &str) -> bool {
    let connection = Value::name("django.db.connection", &value.spot);
    asked(world, value, method, &[connection]).is_ok_and(|given| match &given.kind {
        Kind::Object(object) => object.class.dotted().ends_with(method),
        _ => false,
    })
}

/// What an `__init__` sets on the object after Django's own.
fn assigned(object: &Object, field: &mut Field) -> Result<(), Rc<Unknown>> {
    if let Some(unknown) = object.attributes.may_have_more() {
        return Err(unknown);
    }
    let set = |name: &str| object.attributes.get(&name.into());
    let number = |value: &Value| if value.is_none() { Ok(None) } else { value.number().map(Some) };
    if let Some(value) = set("null") {
        field.null = value.flag()?;
    }
    if let Some(value) = set("blank") {
        field.blank = value.flag()?;
    }
    if let Some(value) = set("primary_key") {
        field.primary_key = value.flag()?;
    }
    if let Some(value) = set("_unique") {
        field.unique = value.flag()?;
    }
    if let Some(value) = set("db_index") {
        field.db_index = value.flag()?;
    }
    if let Some(value) = set("max_length") {
        field.max_length = number(&value)?;
    }
    if let Some(value) = set("max_digits") {
        field.max_digits = number(&value)?;
    }
    if let Some(value) = set("decimal_places") {
        field.decimal_places = number(&value)?;
    }
    Ok(())
}

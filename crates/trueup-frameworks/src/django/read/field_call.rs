//! From the call of a field class to the field.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::python::value::{Arguments, ClassRef};
use crate::python::{Kind, Object, Unknown, Value, World, display, shown};

use super::arguments::{Expect, Given};
use super::expression::Expression;
use super::expression_call::expression;
use super::field::{Column, Default, Field, Geometry, ManyToMany, Relation, Target};
use super::field_class::{Family, FieldClass, field_class};
use super::follow;
use super::literal::literal;

/// A field, or why it is not known what it is.
pub fn field(world: &World, value: &Value) -> Result<Field, Rc<Unknown>> {
    let Some(object) = value.as_object() else { return Err(value.wrong("a field")) };
    match &object.class {
        ClassRef::Name(dotted) => match field_class(dotted) {
            Some(class) => {
                let arguments = Arguments { args: object.args.clone(), kwargs: object.kwargs.clone() };
                let mut field = of_class(world, class, &arguments, value)?;
                field.class = class_path(dotted, class);
                Ok(field)
            }
            None => Err(unknown(format!("the field class {dotted} is not followed"), value)),
        },
        ClassRef::Class(class) => follow::field(world, value, object, class),
        ClassRef::Attribute(_) => Err(value.wrong("a field")),
    }
}

/// Two classes of Django's are called `JSONField`.
fn class_path(dotted: &str, class: &FieldClass) -> Rc<str> {
    if dotted.starts_with("django.contrib.postgres") && class.name == "JSONField" {
        return "postgres.JSONField".into();
    }
    class.name.into()
}

pub(super) fn unknown(reason: String, value: &Value) -> Rc<Unknown> {
    Rc::new(Unknown { reason, place: value.place() })
}

/// What a class of Django's makes of the arguments that it gets.
pub(super) fn of_class(
    world: &World,
    class: &FieldClass,
    arguments: &Arguments,
    value: &Value,
) -> Result<Field, Rc<Unknown>> {
    let mut given = Given::new(arguments, class.family.positional());
    if class.family == Family::Composite {
        let mut field = Field::bare(class.name, class.internal, Column::Composite(Vec::new()), value.place());
        field.primary_key = true;
        let names = arguments.args.iter().map(Expect::text).collect::<Result<Vec<_>, _>>()?;
        field.column = Column::Composite(names);
        return Ok(field);
    }
    let column = column(world, class, &mut given, value)?;
    let mut field = Field::bare(class.name, class.internal, column, value.place());
    field.empty_strings_allowed = class.empty_strings_allowed;
    common(world, class, &mut given, &mut field)?;
    if let Column::Relation(relation) = &field.column {
        field.unique |= relation.one_to_one;
    }
    if let Column::Generated { output, .. } = &field.column {
        field.internal = output.internal.clone();
    }
    if let Column::Array { base, .. } = &field.column {
        field.collation = base.collation.clone();
    }
    field.others = others(&given);
    Ok(field)
}

fn common(
    world: &World,
    class: &FieldClass,
    given: &mut Given,
    field: &mut Field,
) -> Result<(), Rc<Unknown>> {
    let mut flag = |name: &str, default: bool| given.take(name).map_or(Ok(default), |value| value.flag());
    let indexed = class.name == "SlugField" || matches!(class.family, Family::ForeignKey | Family::OneToOne);
    let nullable = class.family == Family::NullBoolean;
    field.null = flag("null", nullable)?;
    field.blank = flag("blank", nullable)?;
    field.primary_key = flag("primary_key", false)?;
    field.unique = flag("unique", false)?;
    field.db_index = flag("db_index", indexed)?;
    field.auto_now = flag("auto_now", false)? | flag("auto_now_add", false)?;
    field.auto_created = flag("auto_created", false)?;
    let text = |value: Option<Value>| value.map(|value| value.text()).transpose();
    field.db_column = text(given.take_some("db_column"))?.filter(|name| !name.is_empty());
    field.tablespace = text(given.take_some("db_tablespace"))?.filter(|name| !name.is_empty());
    field.comment = text(given.take_some("db_comment"))?.filter(|text| !text.is_empty());
    field.collation = text(given.take_some("db_collation"))?.filter(|name| !name.is_empty());
    let number = |value: Option<Value>| value.map(|value| value.number()).transpose();
    field.max_length = number(given.take_some("max_length"))?.or(class.max_length);
    field.max_digits = number(given.take_some("max_digits"))?;
    field.decimal_places = number(given.take_some("decimal_places"))?;
    field.default = given.take("default").map_or(Default::None, |value| default(&value));
    field.db_default = match given.take("db_default") {
        Some(value) if !is_not_provided(&value) => Some(database_default(world, &value)?),
        Some(_) | None => None,
    };
    Ok(())
}

fn is_not_provided(value: &Value) -> bool {
    value.dotted().is_some_and(|name| name.ends_with(".NOT_PROVIDED"))
}

fn default(value: &Value) -> Default {
    if is_not_provided(value) {
        return Default::None;
    }
    literal(value).map_or_else(|_| Default::Computed(written(value)), Default::Literal)
}

fn database_default(world: &World, value: &Value) -> Result<Expression, Rc<Unknown>> {
    match literal(value) {
        Ok(literal) => Ok(Expression::Value { literal, output: None }),
        Err(_) => expression(world, value),
    }
}

fn column(
    world: &World,
    class: &FieldClass,
    given: &mut Given,
    value: &Value,
) -> Result<Column, Rc<Unknown>> {
    Ok(match class.family {
        Family::Plain
        | Family::Abstract
        | Family::Char
        | Family::Text
        | Family::DateTime
        | Family::Decimal
        | Family::File
        | Family::Image
        | Family::FilePath
        | Family::Address
        | Family::Json
        | Family::Url
        | Family::Binary
        | Family::NullBoolean
        | Family::CaseInsensitive => Column::Internal,
        Family::Fixed(name) => Column::Fixed(name.into()),
        Family::Nothing | Family::Composite => Column::Nothing,
        Family::Array => {
            let base = given.take("base_field").ok_or_else(|| value.wrong("a base field"))?;
            let size = given.take_some("size").and_then(|size| size.as_int()).filter(|size| *size != 0);
            Column::Array { base: Rc::new(field(world, &base)?), size }
        }
        Family::Geometry(kind) => Column::Geometry(geometry(kind, given, false)?),
        Family::Raster => Column::Geometry(geometry("RASTER", given, true)?),
        Family::ForeignKey | Family::OneToOne => Column::Relation(relation(class, given, value)?),
        Family::ManyToMany => Column::ManyToMany(many_to_many(given, value)?),
        Family::Generated => {
            let mut part = |name: &str| given.take(name).ok_or_else(|| value.wrong(name));
            let written = part("expression")?;
            let output = field(world, &part("output_field")?)?;
            let stored = part("db_persist")?.flag()?;
            Column::Generated { expression: expression(world, &written)?, output: Rc::new(output), stored }
        }
    })
}

fn geometry(kind: &str, given: &mut Given, raster: bool) -> Result<Geometry, Rc<Unknown>> {
    let number = |value: Option<Value>, default: i128| {
        value.map_or(Ok(default), |value| value.as_int().ok_or_else(|| value.wrong("a number")))
    };
    Ok(Geometry {
        kind: kind.into(),
        srid: number(given.take("srid"), 4326)?,
        dimensions: number(given.take("dim"), 2)?,
        geography: given.take("geography").map_or(Ok(false), |value| value.flag())?,
        spatial_index: given.take("spatial_index").map_or(Ok(true), |value| value.flag())?,
        raster,
    })
}

fn relation(class: &FieldClass, given: &mut Given, value: &Value) -> Result<Relation, Rc<Unknown>> {
    let to = given.take("to").ok_or_else(|| value.wrong("a model"))?;
    let mut flag = |name: &str, default: bool| given.take(name).map_or(Ok(default), |value| value.flag());
    let db_constraint = flag("db_constraint", true)?;
    let parent_link = flag("parent_link", false)?;
    let mut text = |name: &str| given.take_some(name).map(|value| value.text()).transpose();
    Ok(Relation {
        to: target(&to)?,
        to_field: text("to_field")?,
        db_constraint,
        parent_link,
        related_name: text("related_name")?,
        related_query_name: text("related_query_name")?,
        one_to_one: class.family == Family::OneToOne,
    })
}

fn many_to_many(given: &mut Given, value: &Value) -> Result<ManyToMany, Rc<Unknown>> {
    let to = given.take("to").ok_or_else(|| value.wrong("a model"))?;
    Ok(ManyToMany {
        to: target(&to)?,
        through: given.take_some("through").map(|value| target(&value)).transpose()?,
        db_table: given.take_some("db_table").map(|value| value.text()).transpose()?,
        db_constraint: given.take("db_constraint").map_or(Ok(true), |value| value.flag())?,
        related_name: given.take_some("related_name").map(|value| value.text()).transpose()?,
    })
}

/// A model as a relation names it.
pub fn target(value: &Value) -> Result<Target, Rc<Unknown>> {
    if let Some(name) = value.as_str() {
        return Ok(named(name));
    }
    match &value.kind {
        // The value of the setting, where the settings could not be read.
        Kind::Name(name) if name.ends_with("settings.AUTH_USER_MODEL") => {
            Ok(Target::Far { app: "auth".into(), model: "user".into() })
        }
        // A class, as models write it: its module stands where the label of its app should.
        Kind::Class(class) => match class.dotted.rsplit_once('.') {
            Some((module, model)) => {
                Ok(Target::Far { app: module.into(), model: model.to_lowercase().into() })
            }
            None => Err(value.wrong("the name of a model")),
        },
        // `get_user_model()` and `apps.get_model("shop", "Order")`.
        Kind::Object(object) if object.class.dotted().ends_with("get_model") => {
            match (object.args.first().and_then(Value::as_str), object.args.get(1).and_then(Value::as_str)) {
                (Some(app), Some(model)) => {
                    Ok(Target::Far { app: app.into(), model: model.to_lowercase().into() })
                }
                (Some(name), None) => Ok(named(name)),
                (None, _) => Err(value.wrong("the name of a model")),
            }
        }
        _ => Err(value.wrong("the name of a model")),
    }
}

pub fn named(name: &str) -> Target {
    if name == "self" {
        return Target::Own;
    }
    match name.rsplit_once('.') {
        Some((app, model)) => Target::Far { app: app.into(), model: model.to_lowercase().into() },
        None => Target::Near(name.to_lowercase().into()),
    }
}

/// Attributes that have nothing to do with the database, whatever Django's version.
const NOT_OF_THE_DATABASE: &[&str] = &[
    "name",
    "editable",
    "error_messages",
    "help_text",
    "limit_choices_to",
    "on_delete",
    "related_name",
    "related_query_name",
    "validators",
    "verbose_name",
    "rel",
    "upload_to",
    "storage",
    "through_fields",
];

/// What else was written, as text: only compared with itself.
fn others(given: &Given) -> BTreeMap<Rc<str>, String> {
    let matters = |name: &str| !NOT_OF_THE_DATABASE.contains(&name);
    given
        .left()
        .iter()
        .filter(|(name, _)| matters(name))
        .map(|(name, value)| (name.clone(), written(value)))
        .collect()
}

pub(super) fn base_arguments(object: &Object) -> Result<Arguments, Rc<Unknown>> {
    object.base_arguments()
}

/// As Python would show it; what is not known as it is shown to people.
fn written(value: &Value) -> String {
    display(value).unwrap_or_else(|| shown(value))
}

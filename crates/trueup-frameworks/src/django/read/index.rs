//! Indexes and constraints as migrations write them.

use std::rc::Rc;

use crate::python::value::{Arguments, ClassRef};
use crate::python::{Kind, Unknown, Value, World};

use super::arguments::{Expect, Given};
use super::expression::Expression;
use super::expression_call::{condition, expression};
use super::field_call::unknown;

type Read<T> = Result<T, Rc<Unknown>>;

#[derive(Clone, Debug)]
pub struct Index {
    pub name: Rc<str>,
    /// `gin`; `None` for Django's plain `Index`.
    pub method: Option<Rc<str>>,
    /// Names of fields, and whether their order is turned.
    pub fields: Vec<(Rc<str>, bool)>,
    pub expressions: Vec<Expression>,
    pub opclasses: Vec<Rc<str>>,
    pub condition: Option<Expression>,
    pub include: Vec<Rc<str>>,
    pub tablespace: Option<Rc<str>>,
    /// Storage parameters in Django's order.
    pub parameters: Vec<(Rc<str>, Rc<str>)>,
}

#[derive(Clone, Debug)]
pub enum Constraint {
    Check { name: Rc<str>, condition: Expression },
    Unique(Unique),
    Exclusion(Exclusion),
}

#[derive(Clone, Debug)]
pub struct Unique {
    pub name: Rc<str>,
    pub fields: Vec<Rc<str>>,
    pub expressions: Vec<Expression>,
    pub condition: Option<Expression>,
    pub deferrable: Option<Deferrable>,
    pub include: Vec<Rc<str>>,
    pub opclasses: Vec<Rc<str>>,
    pub nulls_distinct: Option<bool>,
}

#[derive(Clone, Debug)]
pub struct Exclusion {
    pub name: Rc<str>,
    pub index_type: Rc<str>,
    /// Expressions with their operators.
    pub expressions: Vec<(Expression, Rc<str>)>,
    pub condition: Option<Expression>,
    pub deferrable: Option<Deferrable>,
    pub include: Vec<Rc<str>>,
    pub opclasses: Vec<Rc<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deferrable {
    Deferred,
    Immediate,
}

impl Constraint {
    /// The same under another name.
    pub fn called(self, name: Rc<str>) -> Self {
        match self {
            Self::Check { name: _, condition } => Self::Check { name, condition },
            Self::Unique(unique) => Self::Unique(Unique { name, ..unique }),
            Self::Exclusion(exclusion) => Self::Exclusion(Exclusion { name, ..exclusion }),
        }
    }

    pub fn name(&self) -> &Rc<str> {
        match self {
            Self::Check { name, condition: _ } => name,
            Self::Unique(unique) => &unique.name,
            Self::Exclusion(exclusion) => &exclusion.name,
        }
    }
}

/// Django's index classes: name, access method, and their storage parameters.
const INDEXES: &[(&str, Option<&str>, &[&str])] = &[
    ("Index", None, &[]),
    ("BloomIndex", Some("bloom"), &["length", "columns"]),
    ("BrinIndex", Some("brin"), &["autosummarize", "pages_per_range"]),
    ("BTreeIndex", Some("btree"), &["fillfactor", "deduplicate_items"]),
    ("GinIndex", Some("gin"), &["gin_pending_list_limit", "fastupdate"]),
    ("GistIndex", Some("gist"), &["buffering", "fillfactor"]),
    ("HashIndex", Some("hash"), &["fillfactor"]),
    ("SpGistIndex", Some("spgist"), &["fillfactor"]),
];

/// The class of Django's that an object is of, as far as it is followed, with the arguments that this class gets and
/// what classes of the project set: `(name, arguments, attribute)`.
pub(super) struct Called {
    pub class: Rc<str>,
    pub arguments: Arguments,
    /// Classes of the project between the object and Django's class.
    pub own: Vec<Rc<crate::python::value::Class>>,
}

impl Called {
    /// The value of an attribute that the project's classes give.
    pub fn attribute(&self, name: &str) -> Option<Value> {
        self.own.iter().find_map(|class| class.attributes.get(&name.into()))
    }
}

/// What is called, down to the first class that is not followed and that `known` knows.
pub(super) fn called(value: &Value, known: impl Fn(&str) -> bool) -> Read<Called> {
    let Some(object) = value.as_object() else { return Err(value.wrong("an object of Django's")) };
    match &object.class {
        ClassRef::Name(dotted) if known(dotted) => Ok(Called {
            class: dotted.clone(),
            arguments: Arguments { args: object.args.clone(), kwargs: object.kwargs.clone() },
            own: Vec::new(),
        }),
        ClassRef::Class(class) => {
            let mut own = Vec::new();
            for ancestor in class.mro()? {
                match &ancestor.kind {
                    Kind::Class(class) => own.push(class.clone()),
                    Kind::Name(dotted) if known(dotted) => {
                        return Ok(Called {
                            class: dotted.clone(),
                            arguments: object.base_arguments()?,
                            own,
                        });
                    }
                    Kind::Unknown(unknown) => return Err(unknown.clone()),
                    _ => {}
                }
            }
            Err(unknown(format!("{} is not known", class.dotted), value))
        }
        ClassRef::Name(dotted) => Err(unknown(format!("{dotted} is not followed"), value)),
        ClassRef::Attribute(attribute) => Err(unknown(format!("{} is not followed", attribute.name), value)),
    }
}

fn last(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or(dotted)
}

fn texts(value: Option<Value>) -> Read<Vec<Rc<str>>> {
    value.map_or(Ok(Vec::new()), |value| value.list()?.iter().map(Expect::text).collect())
}

pub fn index(world: &World, value: &Value) -> Read<Index> {
    let index = index_of_model(world, value)?;
    if index.name.is_empty() {
        return Err(value.wrong("an index with a name"));
    }
    Ok(index)
}

/// An index as `Meta` has it: one without a name gets it from Django, and is empty here.
pub fn index_of_model(world: &World, value: &Value) -> Read<Index> {
    let known = |dotted: &str| {
        dotted.starts_with("django.") && INDEXES.iter().any(|(name, ..)| *name == last(dotted))
    };
    let called = called(value, known)?;
    refuse_own(&called, &["create_sql", "get_with_params"], value)?;
    let (_, method, parameters) = INDEXES
        .iter()
        .find(|(name, ..)| *name == last(&called.class))
        .ok_or_else(|| value.wrong("an index"))?;
    let method = match (called.attribute("suffix"), method) {
        (Some(suffix), Some(_)) => Some(suffix.text()?),
        (None, Some(method)) => Some((*method).into()),
        (_, None) => None,
    };
    let mut given = Given::new(&called.arguments, &[]);
    let expressions = given.rest.iter().map(|value| expression(world, value)).collect::<Read<_>>()?;
    let name = given.take_some("name").map_or_else(|| Ok("".into()), |value| value.text())?;
    let fields = texts(given.take("fields"))?
        .into_iter()
        .map(|field| match field.strip_prefix('-') {
            Some(field) => (field.into(), true),
            None => (field, false),
        })
        .collect();
    Ok(Index {
        name,
        method,
        fields,
        expressions,
        opclasses: texts(given.take("opclasses"))?,
        condition: given.take_some("condition").map(|value| condition(world, &value)).transpose()?,
        include: texts(given.take("include"))?,
        tablespace: given.take_some("db_tablespace").map(|value| value.text()).transpose()?,
        parameters: storage(parameters, &mut given)?,
    })
}

fn storage(names: &[&str], given: &mut Given) -> Read<Vec<(Rc<str>, Rc<str>)>> {
    let mut parameters = Vec::new();
    for name in names {
        let Some(value) = given.take_some(name) else { continue };
        if *name == "columns" {
            for (number, value) in value.list()?.iter().enumerate() {
                let bits = value.as_int().ok_or_else(|| value.wrong("a number"))?;
                parameters.push((format!("col{}", number + 1).into(), bits.to_string().into()));
            }
            continue;
        }
        let text = match value.as_bool() {
            Some(true) => "on".to_owned(),
            Some(false) => "off".to_owned(),
            None => value.as_int().ok_or_else(|| value.wrong("a number"))?.to_string(),
        };
        parameters.push(((*name).into(), text.into()));
    }
    Ok(parameters)
}

fn refuse_own(called: &Called, methods: &[&str], value: &Value) -> Read<()> {
    for method in methods {
        if called.attribute(method).is_some() {
            let class = called.own.first().map_or("", |class| &class.dotted);
            return Err(unknown(format!("{class} writes its SQL by itself ({method})"), value));
        }
    }
    Ok(())
}

pub fn constraint(world: &World, value: &Value) -> Read<Constraint> {
    let known = |dotted: &str| {
        let names = ["CheckConstraint", "UniqueConstraint", "ExclusionConstraint"];
        dotted.starts_with("django.") && names.contains(&last(dotted))
    };
    let called = called(value, known)?;
    refuse_own(&called, &["create_sql", "constraint_sql"], value)?;
    let mut given = Given::new(&called.arguments, &[]);
    let name = given.take("name").ok_or_else(|| value.wrong("a constraint with a name"))?.text()?;
    Ok(match last(&called.class) {
        "CheckConstraint" => {
            let written = given.take_some("condition").or_else(|| given.take_some("check"));
            let written = written.ok_or_else(|| value.wrong("a condition"))?;
            Constraint::Check { name, condition: condition(world, &written)? }
        }
        "UniqueConstraint" => Constraint::Unique(Unique {
            name,
            expressions: given.rest.iter().map(|value| expression(world, value)).collect::<Read<_>>()?,
            fields: texts(given.take("fields"))?,
            condition: given.take_some("condition").map(|value| condition(world, &value)).transpose()?,
            deferrable: deferrable(&mut given)?,
            include: texts(given.take("include"))?,
            opclasses: texts(given.take("opclasses"))?,
            nulls_distinct: given.take_some("nulls_distinct").map(|value| value.flag()).transpose()?,
        }),
        _ => {
            let pairs = given.take("expressions").ok_or_else(|| value.wrong("expressions"))?;
            let pair = |pair: &Value| -> Read<(Expression, Rc<str>)> {
                let parts = pair.list()?;
                let [written, operator] = parts.as_slice() else { return Err(pair.wrong("two things")) };
                // `RangeOperators.OVERLAPS`
                let operator = match (&operator.kind, operator.as_str()) {
                    (_, Some(text)) => text.into(),
                    (Kind::Name(name), None) => {
                        range_operator(name).ok_or_else(|| operator.wrong("an operator"))?.into()
                    }
                    _ => return Err(operator.wrong("an operator")),
                };
                Ok((expression(world, written)?, operator))
            };
            Constraint::Exclusion(Exclusion {
                name,
                index_type: given.take_some("index_type").map_or(Ok("GIST".into()), |value| value.text())?,
                expressions: pairs.list()?.iter().map(pair).collect::<Read<_>>()?,
                condition: given.take_some("condition").map(|value| condition(world, &value)).transpose()?,
                deferrable: deferrable(&mut given)?,
                include: texts(given.take("include"))?,
                opclasses: texts(given.take("opclasses"))?,
            })
        }
    })
}

fn deferrable(given: &mut Given) -> Read<Option<Deferrable>> {
    let Some(value) = given.take_some("deferrable") else { return Ok(None) };
    let name = value.dotted().or_else(|| {
        // `Deferrable["DEFERRED"]` as Django writes it, an item of a class, and `Deferrable("deferred")`.
        let object = value.as_object()?;
        let name = object.args.iter().find_map(|argument| argument.as_str())?;
        Some(name.to_uppercase().into())
    });
    match name.as_deref().map(last) {
        Some("DEFERRED") => Ok(Some(Deferrable::Deferred)),
        Some("IMMEDIATE") => Ok(Some(Deferrable::Immediate)),
        _ => Err(value.wrong("Deferrable")),
    }
}

fn range_operator(name: &str) -> Option<&'static str> {
    Some(match last(name) {
        "EQUAL" => "=",
        "NOT_EQUAL" => "<>",
        "CONTAINS" => "@>",
        "CONTAINED_BY" => "<@",
        "OVERLAPS" => "&&",
        "FULLY_LT" => "<<",
        "FULLY_GT" => ">>",
        "NOT_LT" => "&>",
        "NOT_GT" => "&<",
        "ADJACENT_TO" => "-|-",
        _ => return None,
    })
}

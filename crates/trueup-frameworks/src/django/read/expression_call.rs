//! From calls to expressions.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::python::value::{Arguments, Class, ClassRef};
use crate::python::{Kind, Object, Unknown, Value, World};

use super::arguments::{Expect, Given};
use super::expression::{Child, Condition, Connector, Expression, Function, Nulls, Operand};
use super::field::Field;
use super::field_call::{field, unknown};
use super::literal::{Literal, literal};

type Read<T> = Result<T, Rc<Unknown>>;

/// An expression. A text is a reference to a field, as everywhere in Django's functions.
pub fn expression(world: &World, value: &Value) -> Read<Expression> {
    if let Some(name) = value.as_str() {
        return Ok(Expression::Reference(name.into()));
    }
    if let Some(object) = value.as_object()
        && let Some(expression) = object_expression(world, value, object)?
    {
        return Ok(expression);
    }
    Ok(Expression::Value { literal: literal(value)?, output: None })
}

/// What something is compared with: a text is a text.
pub fn operand(world: &World, value: &Value) -> Read<Operand> {
    if let Some(object) = value.as_object()
        && let Some(expression) = object_expression(world, value, object)?
    {
        return Ok(Operand::Expression(expression));
    }
    if let (Err(_), Some(items)) = (literal(value), value.items()) {
        return Ok(Operand::List(items.iter().map(|item| operand(world, item)).collect::<Read<_>>()?));
    }
    Ok(Operand::Literal(literal(value)?))
}

/// A condition: `Q`, or whatever is true or false.
pub fn condition(world: &World, value: &Value) -> Read<Expression> {
    expression(world, value)
}

fn object_expression(world: &World, value: &Value, object: &Object) -> Read<Option<Expression>> {
    match &object.class {
        ClassRef::Name(dotted) => {
            let arguments = Arguments { args: object.args.clone(), kwargs: object.kwargs.clone() };
            named(world, value, &arguments, dotted)
        }
        ClassRef::Class(class) => own_function(world, value, object, class),
        ClassRef::Attribute(attribute) => ordered(world, object, &attribute.of, &attribute.name),
    }
}

/// `F("a").desc(nulls_last=True)`
fn ordered(world: &World, object: &Object, of: &Value, name: &str) -> Read<Option<Expression>> {
    let descending = match name {
        "asc" => false,
        "desc" => true,
        _ => return Ok(None),
    };
    let nulls = nulls(|name| object.keyword(name).cloned())?;
    Ok(Some(Expression::Ordered { of: Box::new(expression(world, of)?), descending, nulls }))
}

fn nulls(mut given: impl FnMut(&str) -> Option<Value>) -> Read<Option<Nulls>> {
    if given("nulls_first").map_or(Ok(false), |value| value.flag())? {
        return Ok(Some(Nulls::First));
    }
    let last = given("nulls_last").map_or(Ok(false), |value| value.flag())?;
    Ok(last.then_some(Nulls::Last))
}

fn named(world: &World, value: &Value, arguments: &Arguments, dotted: &str) -> Read<Option<Expression>> {
    if let Some(operator) = dotted.strip_prefix("operator.").or_else(|| dotted.strip_prefix("_operator.")) {
        return operated(world, value, arguments, operator);
    }
    if !dotted.starts_with("django.") {
        return Ok(None);
    }
    let (module, name) = dotted.rsplit_once('.').unwrap_or(("", dotted));
    let boxed = |value: &Value| expression(world, value).map(Box::new);
    let missing = |what: &str| value.wrong(what);
    Ok(Some(match name {
        "F" => {
            let mut given = Given::new(arguments, &["name"]);
            Expression::Reference(given.take("name").ok_or_else(|| missing("a name"))?.text()?)
        }
        "Value" => {
            let mut given = Given::new(arguments, &["value", "output_field"]);
            let held = given.take("value").ok_or_else(|| missing("a value"))?;
            Expression::Value { literal: literal(&held)?, output: output(world, &mut given)? }
        }
        "Q" => Expression::Condition(written(world, arguments)?),
        "ExpressionWrapper" => {
            let mut given = Given::new(arguments, &["expression", "output_field"]);
            let of = given.take("expression").ok_or_else(|| missing("an expression"))?;
            Expression::Wrapped { of: boxed(&of)?, output: output(world, &mut given)? }
        }
        "NegatedExpression" => {
            let mut given = Given::new(arguments, &["expression"]);
            let of = given.take("expression").ok_or_else(|| missing("an expression"))?;
            Expression::Not(boxed(&of)?)
        }
        "CombinedExpression" => {
            let mut given = Given::new(arguments, &["lhs", "connector", "rhs", "output_field"]);
            let mut part = |name: &str| given.take(name).ok_or_else(|| missing(name));
            let (left, operator, right) = (part("lhs")?, part("connector")?, part("rhs")?);
            Expression::Combined {
                left: boxed(&left)?,
                operator: operator.text()?,
                right: boxed(&right)?,
                output: output(world, &mut given)?,
            }
        }
        "OrderBy" => {
            let mut given = Given::new(arguments, &["expression", "descending", "nulls_first", "nulls_last"]);
            let of = given.take("expression").ok_or_else(|| missing("an expression"))?;
            let descending = given.take("descending").map_or(Ok(false), |value| value.flag())?;
            Expression::Ordered { of: boxed(&of)?, descending, nulls: nulls(|name| given.take(name))? }
        }
        "OpClass" => {
            let mut given = Given::new(arguments, &["expression", "name"]);
            let mut part = |name: &str| given.take(name).ok_or_else(|| missing(name));
            let (of, name) = (part("expression")?, part("name")?);
            Expression::OperatorClass { of: boxed(&of)?, name: name.text()? }
        }
        "Collate" => {
            let mut given = Given::new(arguments, &["expression", "collation"]);
            let mut part = |name: &str| given.take(name).ok_or_else(|| missing(name));
            let (of, name) = (part("expression")?, part("collation")?);
            Expression::Collated { of: boxed(&of)?, collation: name.text()? }
        }
        "RawSQL" => {
            let mut given = Given::new(arguments, &["sql", "params", "output_field"]);
            let sql = given.take("sql").ok_or_else(|| missing("a text"))?.text()?;
            let parameters = given.take("params").map_or(Ok(Vec::new()), |value| value.list())?;
            let parameters = parameters.iter().map(literal).collect::<Read<_>>()?;
            Expression::Raw { sql, parameters, output: output(world, &mut given)? }
        }
        // Whether the ends of a range belong to it.
        "RangeBoundary" => {
            let mut given = Given::new(arguments, &["inclusive_lower", "inclusive_upper"]);
            let mut flag = |name: &str, usual: bool| given.take(name).map_or(Ok(usual), |value| value.flag());
            let lower = if flag("inclusive_lower", true)? { '[' } else { '(' };
            let upper = if flag("inclusive_upper", false)? { ']' } else { ')' };
            Expression::Value { literal: Literal::Text(format!("{lower}{upper}").into()), output: None }
        }
        "ExpressionList" => Expression::List(
            arguments.args.iter().map(|value| expression(world, value)).collect::<Read<_>>()?,
        ),
        "Case" => {
            let mut given = Given::new(arguments, &[]);
            let whens = given.rest.iter().map(|when| read_when(world, when)).collect::<Read<_>>()?;
            let default = match given.take("default") {
                Some(value) => boxed(&value)?,
                None => Box::new(Expression::Value { literal: Literal::Null, output: None }),
            };
            Expression::Case { whens, default, output: output(world, &mut given)? }
        }
        _ if module.ends_with(".lookups") || LOOKUPS.iter().any(|(class, _)| *class == name) => {
            let Some((_, lookup)) = LOOKUPS.iter().find(|(class, _)| *class == name) else {
                return Err(unknown(format!("the lookup {dotted} is not known"), value));
            };
            let mut given = Given::new(arguments, &["lhs", "rhs"]);
            let mut part = |name: &str| given.take(name).ok_or_else(|| missing(name));
            let (left, right) = (part("lhs")?, part("rhs")?);
            let left = match literal(&left) {
                Ok(literal) => Expression::Value { literal, output: None },
                Err(_) => expression(world, &left)?,
            };
            Expression::Lookup {
                left: Box::new(left),
                name: (*lookup).into(),
                right: Box::new(operand(world, &right)?),
            }
        }
        _ if module.contains("expressions")
            || module.contains("functions")
            || module.contains("postgres")
            || module == "django.db.models"
            || module.contains("gis") =>
        {
            Expression::Function(function(world, arguments, module, name)?)
        }
        _ => return Ok(None),
    }))
}

const LOOKUPS: &[(&str, &str)] = &[
    ("Exact", "exact"),
    ("IExact", "iexact"),
    ("GreaterThan", "gt"),
    ("GreaterThanOrEqual", "gte"),
    ("LessThan", "lt"),
    ("LessThanOrEqual", "lte"),
    ("In", "in"),
    ("Contains", "contains"),
    ("IContains", "icontains"),
    ("StartsWith", "startswith"),
    ("IStartsWith", "istartswith"),
    ("EndsWith", "endswith"),
    ("IEndsWith", "iendswith"),
    ("Range", "range"),
    ("IsNull", "isnull"),
    ("Regex", "regex"),
    ("IRegex", "iregex"),
];

fn read_when(world: &World, value: &Value) -> Read<(Expression, Expression)> {
    let Some(object) = value.as_object() else { return Err(value.wrong("When")) };
    if !object.class.dotted().ends_with(".When") {
        return Err(value.wrong("When"));
    }
    let arguments = Arguments { args: object.args.clone(), kwargs: object.kwargs.clone() };
    let mut given = Given::new(&arguments, &["condition", "then"]);
    let condition = given.take_some("condition");
    let then = given.take("then").ok_or_else(|| value.wrong("then"))?;
    let lookups = given.left().to_vec();
    let condition = match (condition, lookups.is_empty()) {
        (Some(condition), true) => expression(world, &condition)?,
        (condition, _) => {
            let mut children = Vec::new();
            if let Some(condition) = condition {
                children.push(Child::Expression(expression(world, &condition)?));
            }
            children.extend(sorted(world, &lookups)?);
            Expression::Condition(Condition::All { children, connector: Connector::And, negated: false })
        }
    };
    Ok((condition, expression(world, &then)?))
}

fn output(world: &World, given: &mut Given) -> Read<Option<Rc<Field>>> {
    given.take_some("output_field").map(|value| field(world, &value).map(Rc::new)).transpose()
}

/// Any other `Func`; the functions that take fields or names besides expressions say so here.
fn function(world: &World, arguments: &Arguments, module: &str, name: &str) -> Read<Function> {
    let mut given = Given::new(arguments, &[]);
    let mut positional = std::mem::take(&mut given.rest);
    let output_field = match name {
        "Cast" if positional.len() > 1 => Some(Rc::new(field(world, &positional.remove(1))?)),
        _ => output(world, &mut given)?,
    };
    if matches!(name, "Extract" | "Trunc") && positional.len() > 1 {
        let lookup = positional.remove(1);
        given = Given::new(
            &Arguments {
                args: Vec::new(),
                kwargs: given.left().iter().cloned().chain([("lookup_name".into(), lookup)]).collect(),
            },
            &[],
        );
    }
    // Some arguments of functions have names.
    for named in ["expression", "string", "substring", "text", "replacement", "pos", "length", "fill_text"] {
        if let Some(value) = given.take(named) {
            positional.push(value);
        }
    }
    let values = literal_arguments(name);
    let arguments = positional
        .iter()
        .enumerate()
        .map(|(position, value)| match (values.contains(&position), literal(value)) {
            (true, Ok(literal)) => Ok(Expression::Value { literal, output: None }),
            _ => expression(world, value),
        })
        .collect::<Read<_>>()?;
    let mut text = |name: &str| given.take_some(name).map(|value| value.text()).transpose();
    let (function, template, joiner) = (text("function")?, text("template")?, text("arg_joiner")?);
    let mut extra = BTreeMap::new();
    for (name, value) in given.left() {
        extra.insert(name.clone(), extra_argument(value)?);
    }
    Ok(Function {
        class: name.into(),
        module: module.into(),
        function,
        template,
        joiner,
        arguments,
        extra,
        output: output_field,
    })
}

/// Arguments that are values although they are texts.
fn literal_arguments(name: &str) -> &'static [usize] {
    match name {
        "KeyTransform" | "KeyTextTransform" => &[0],
        "JSONObject" => &[],
        _ => &[],
    }
}

fn extra_argument(value: &Value) -> Read<Literal> {
    // A configuration of text search, for example, may be an expression.
    match value.as_object().map(|object| object.class.dotted()) {
        Some(name) if name.ends_with(".Value") || name.ends_with(".SearchConfig") => {
            let object = value.as_object().ok_or_else(|| value.wrong("a value"))?;
            let held =
                object.args.first().or_else(|| object.keyword("config")).or_else(|| object.keyword("value"));
            extra_argument(held.ok_or_else(|| value.wrong("a value"))?)
        }
        Some(_) | None => literal(value),
    }
}

/// A `Func` of the project: understood as far as it only says how the SQL is written.
fn own_function(
    world: &World,
    value: &Value,
    object: &Object,
    class: &Rc<Class>,
) -> Read<Option<Expression>> {
    let mut own: Vec<Rc<Class>> = Vec::new();
    for ancestor in class.mro()? {
        match &ancestor.kind {
            Kind::Class(class) => own.push(class.clone()),
            Kind::Name(dotted) if is_expression(dotted) => {
                for method in ["as_sql", "as_postgresql", "resolve_expression", "get_source_expressions"] {
                    if own.iter().any(|class| class.attributes.get(&method.into()).is_some()) {
                        let reason = format!("{} writes its SQL by itself", class.dotted);
                        return Err(unknown(reason, value));
                    }
                }
                let (module, name) = dotted.rsplit_once('.').unwrap_or(("", dotted));
                let mut read = match named(world, value, &object.base_arguments()?, dotted)? {
                    Some(Expression::Function(function)) => function,
                    Some(other) => return Ok(Some(other)),
                    None => function(world, &object.base_arguments()?, module, name)?,
                };
                let attribute = |name: &str| {
                    let mut found = own.iter().filter_map(|class| class.attributes.get(&name.into()));
                    found.next().filter(|value| !value.is_none()).map(|value| value.text()).transpose()
                };
                read.function = read.function.or(attribute("function")?);
                read.template = read.template.or(attribute("template")?);
                read.joiner = read.joiner.or(attribute("arg_joiner")?);
                let output = own.iter().find_map(|class| class.attributes.get(&"output_field".into()));
                if let (None, Some(output)) = (&read.output, output) {
                    read.output = Some(Rc::new(field(world, &output)?));
                }
                return Ok(Some(Expression::Function(read)));
            }
            Kind::Name(_) => {}
            Kind::Unknown(unknown) => return Err(unknown.clone()),
            _ => {}
        }
    }
    Ok(None)
}

fn is_expression(dotted: &str) -> bool {
    dotted.starts_with("django.db.models.") || dotted.starts_with("django.contrib.postgres.")
}

fn operated(world: &World, value: &Value, arguments: &Arguments, operator: &str) -> Read<Option<Expression>> {
    let argument = |position: usize| arguments.args.get(position).ok_or_else(|| value.wrong("an operand"));
    let arithmetic = match operator {
        "add" => "+",
        "sub" => "-",
        "mul" => "*",
        "truediv" => "/",
        "mod" => "%%",
        "pow" => "^",
        "and_" | "or_" | "xor" => {
            let connector = match operator {
                "and_" => Connector::And,
                "or_" => Connector::Or,
                _ => Connector::Xor,
            };
            let left = Box::new(expression(world, argument(0)?)?);
            let right = Box::new(expression(world, argument(1)?)?);
            return Ok(Some(Expression::Condition(Condition::Both { connector, left, right })));
        }
        "inv" | "invert" | "not_" => {
            return Ok(Some(match expression(world, argument(0)?)? {
                Expression::Condition(condition) => {
                    Expression::Condition(Condition::Not(Box::new(condition)))
                }
                other => Expression::Not(Box::new(other)),
            }));
        }
        "neg" => {
            let of = Box::new(expression(world, argument(0)?)?);
            let right = Box::new(Expression::Value { literal: Literal::Int(-1), output: None });
            return Ok(Some(Expression::Combined { left: of, operator: "*".into(), right, output: None }));
        }
        _ => return Ok(None),
    };
    // What stands beside an operator is a value, also when it is a text.
    let side = |value: &Value| match literal(value) {
        Ok(literal) => Ok(Expression::Value { literal, output: None }),
        Err(_) => expression(world, value),
    };
    Ok(Some(Expression::Combined {
        left: Box::new(side(argument(0)?)?),
        operator: arithmetic.into(),
        right: Box::new(side(argument(1)?)?),
        output: None,
    }))
}

fn written(world: &World, arguments: &Arguments) -> Read<Condition> {
    let mut children = Vec::new();
    for value in &arguments.args {
        children.push(match value.items() {
            Some(pair) if pair.len() == 2 => lookup(world, &pair[0].text()?, &pair[1])?,
            Some(_) | None => Child::Expression(expression(world, value)?),
        });
    }
    let mut connector = Connector::And;
    let mut negated = false;
    let mut lookups = Vec::new();
    for (name, value) in &arguments.kwargs {
        match &**name {
            "_connector" => {
                connector = match value.text()?.as_ref() {
                    "AND" => Connector::And,
                    "OR" => Connector::Or,
                    "XOR" => Connector::Xor,
                    _ => return Err(value.wrong("AND, OR or XOR")),
                }
            }
            "_negated" => negated = value.flag()?,
            _ => lookups.push((name.clone(), value.clone())),
        }
    }
    children.extend(sorted(world, &lookups)?);
    Ok(Condition::All { children, connector, negated })
}

/// `Q` sorts what it is given by name.
fn sorted(world: &World, lookups: &[(Rc<str>, Value)]) -> Read<Vec<Child>> {
    let mut lookups = lookups.to_vec();
    lookups.sort_by(|(one, _), (other, _)| one.cmp(other));
    lookups.iter().map(|(name, value)| lookup(world, name, value)).collect()
}

fn lookup(world: &World, path: &str, value: &Value) -> Read<Child> {
    Ok(Child::Lookup { path: path.into(), operand: operand(world, value)? })
}

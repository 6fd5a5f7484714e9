//! Expressions as the SQL that Django writes for them.

mod condition;
mod function;
mod lookup;
mod output;
mod transform;
mod value;

use std::rc::Rc;

use super::super::read::{Expression, Field, Literal, Nulls};
use super::names::quoted;
use super::state::{Attempt, Local, Model, Stop, View};
use super::statement::{Piece, pieces_text};
use value::needs_parameter;

/// Writes expressions over the fields of a model.
pub struct Writer<'a> {
    pub(super) view: View<'a>,
    pub(super) model: &'a Model,
    /// A `%` in a value is doubled: until 4.2, where Django did so, and nothing took it back.
    double: bool,
}

pub struct Written {
    pub text: String,
    pub has_parameters: bool,
}

/// What an expression comes to.
pub(super) enum Sql {
    Text(Vec<Piece>),
    /// It holds for nothing.
    Nothing,
    /// It holds for everything.
    Everything,
}

pub type Pieces = Vec<Piece>;

pub(super) fn text(text: impl Into<String>) -> Pieces {
    vec![Piece::Text(text.into())]
}

pub(super) fn around(before: &str, mut pieces: Pieces, after: &str) -> Pieces {
    pieces.insert(0, Piece::Text(before.to_owned()));
    pieces.push(Piece::Text(after.to_owned()));
    pieces
}

pub(super) fn joined(parts: Vec<Pieces>, by: &str) -> Pieces {
    let mut all = Vec::new();
    for (number, part) in parts.into_iter().enumerate() {
        if number > 0 {
            all.push(Piece::Text(by.to_owned()));
        }
        all.extend(part);
    }
    all
}

impl<'a> Writer<'a> {
    pub fn new(view: View<'a>, model: &'a Model) -> Self {
        Self { view, model, double: view.environment.version.before(5, 0) }
    }

    /// What stands behind `WHERE` or in `CHECK`.
    pub fn condition(&self, expression: &Expression) -> Attempt<String> {
        match self.conditional(expression)? {
            Sql::Text(pieces) => Ok(pieces_text(&pieces)),
            Sql::Nothing | Sql::Everything => {
                Err(Stop::new("a condition that holds for nothing or for everything: Django stops here"))
            }
        }
    }

    /// What stands behind `DEFAULT`.
    pub fn database_default(&self, field: &Rc<Field>, expression: &Expression) -> Attempt<Written> {
        let writer = Writer { view: self.view, model: self.model, double: false };
        let has_parameters = needs_parameter(expression);
        if let Expression::Value { literal, output } = expression {
            // A value of a field of its own is written by that field.
            let output = output.as_ref().unwrap_or(field);
            let text = pieces_text(&writer.value_of(literal, Some(output))?);
            return Ok(Written { text, has_parameters });
        }
        let text = pieces_text(&writer.expression(expression)?);
        Ok(Written { text: format!("({text})"), has_parameters })
    }

    /// What stands in `GENERATED ALWAYS AS (…)`.
    pub fn generated(&self, expression: &Expression) -> Attempt<Written> {
        let writer = Writer { view: self.view, model: self.model, double: false };
        let pieces = match expression {
            Expression::Condition(_) => match writer.conditional(expression)? {
                Sql::Text(pieces) => pieces,
                Sql::Nothing | Sql::Everything => return Err(Stop::new("a condition without content")),
            },
            _ => writer.expression(expression)?,
        };
        Ok(Written { text: pieces_text(&pieces), has_parameters: needs_parameter(expression) })
    }

    /// The expressions of an index, each in parentheses unless it is a column.
    pub fn index_expressions(&self, expressions: &[Expression]) -> Attempt<Pieces> {
        let parts =
            expressions.iter().map(|expression| self.indexed(expression, None)).collect::<Attempt<_>>()?;
        Ok(joined(parts, ", "))
    }

    /// An expression of an exclusion constraint, without its operator.
    pub fn excluded(&self, expression: &Expression, opclass: Option<&str>) -> Attempt<Pieces> {
        if self.view.environment.version.before(4, 1) {
            return self.excluded_before(expression, opclass);
        }
        self.indexed(expression, opclass)
    }

    /// Until 4.0, exclusion constraints took expressions as they are.
    fn excluded_before(&self, expression: &Expression, opclass: Option<&str>) -> Attempt<Pieces> {
        let mut pieces = match expression {
            Expression::OperatorClass { of, name } => around("", self.expression(of)?, &format!(" {name}")),
            _ => self.expression(expression)?,
        };
        if let Some(opclass) = opclass.filter(|name| !name.is_empty()) {
            pieces.push(Piece::Text(format!(" {opclass}")));
        }
        Ok(pieces)
    }

    fn indexed(&self, expression: &Expression, opclass: Option<&str>) -> Attempt<Pieces> {
        let (mut order, mut class, mut collation) = (None, None, None);
        let mut root = expression;
        loop {
            root = match root {
                Expression::Ordered { of, descending, nulls } => {
                    order = Some((*descending, *nulls));
                    of
                }
                Expression::OperatorClass { of, name } => {
                    class = Some(name.as_ref());
                    of
                }
                Expression::Collated { of, collation: name } => {
                    collation = Some(name.as_ref());
                    of
                }
                _ => break,
            };
        }
        let mut pieces = self.expression(root)?;
        if !matches!(pieces.as_slice(), [Piece::Column(_)]) {
            pieces = around("(", pieces, ")");
        }
        if let Some(collation) = collation {
            pieces.push(Piece::Text(format!(" COLLATE {}", quoted(collation))));
        }
        if let Some(class) = class.or(opclass).filter(|name| !name.is_empty()) {
            pieces.push(Piece::Text(format!(" {class}")));
        }
        if let Some((descending, nulls)) = order {
            pieces.push(Piece::Text(ordering(descending, nulls)));
        }
        Ok(pieces)
    }

    /// Any expression but a condition at the top.
    pub(super) fn expression(&self, expression: &Expression) -> Attempt<Pieces> {
        match expression {
            Expression::Reference(path) => self.reference(path),
            Expression::Value { literal, output } => self.value_of(literal, output.as_ref()),
            Expression::Condition(_) | Expression::Lookup { .. } | Expression::Not(_) => {
                match self.conditional(expression)? {
                    Sql::Text(pieces) => Ok(pieces),
                    Sql::Nothing => Ok(text("false")),
                    Sql::Everything => Ok(text("true")),
                }
            }
            Expression::Function(function) => self.function(function),
            Expression::Combined { left, operator, right, output: _ } => self.combined(left, operator, right),
            Expression::Case { whens, default, output: _ } => self.case(whens, default),
            Expression::Ordered { of, descending, nulls } => {
                Ok(around("", self.expression(of)?, &ordering(*descending, *nulls)))
            }
            Expression::Raw { sql, parameters, output: _ } => {
                Ok(around("(", text(self.filled(sql, parameters)?), ")"))
            }
            Expression::Wrapped { of, output: _ } => self.expression(of),
            Expression::OperatorClass { of, name } => {
                Ok(around("", self.expression(of)?, &format!(" {name}")))
            }
            Expression::Collated { of, collation } => {
                Ok(around("", self.expression(of)?, &format!(" COLLATE {}", quoted(collation))))
            }
            Expression::List(expressions) => {
                let parts = expressions.iter().map(|one| self.expression(one)).collect::<Attempt<_>>()?;
                Ok(joined(parts, ", "))
            }
        }
    }

    /// A field by its name, with transforms behind it.
    fn reference(&self, path: &str) -> Attempt<Pieces> {
        let (local, rest) = self.resolve(path)?;
        let mut lhs = lookup::Side::of_column(&local);
        for name in rest {
            lhs = self.transformed(lhs, &name)?;
        }
        Ok(lhs.pieces)
    }

    /// The field at the beginning of a path, and what stands behind it.
    pub(super) fn resolve(&self, path: &str) -> Attempt<(Local, Vec<String>)> {
        let mut parts = path.split("__");
        let name = parts.next().unwrap_or_default();
        let mut rest: Vec<String> = parts.map(str::to_owned).collect();
        // A name of a field can itself hold two underscores.
        let mut whole = name.to_owned();
        loop {
            if let Ok(local) = self.view.local(self.model, &whole) {
                // `customer__id` is the column of the foreign key itself.
                if let (Some(relation), Some(next)) = (local.field.relation(), rest.first()) {
                    let target = self.view.target(&local.model, relation)?;
                    if *next == *target.name || next == "pk" {
                        rest.remove(0);
                    }
                }
                return Ok((local, rest));
            }
            if rest.is_empty() {
                let (app, model) = (&self.model.app, &self.model.name);
                return Err(Stop::new(format!("{app}.{model} has no field {name}")));
            }
            whole = format!("{whole}__{}", rest.remove(0));
        }
    }

    fn case(&self, whens: &[(Expression, Expression)], default: &Expression) -> Attempt<Pieces> {
        let mut parts = Vec::new();
        let mut default = default;
        for (condition, then) in whens {
            match self.conditional(condition)? {
                Sql::Text(condition) => {
                    let then = self.expression(then)?;
                    parts.push(around("WHEN ", joined(vec![condition, then], " THEN "), ""));
                }
                Sql::Nothing => {}
                Sql::Everything => {
                    default = then;
                    break;
                }
            }
        }
        let default = self.expression(default)?;
        if parts.is_empty() {
            return Ok(default);
        }
        Ok(around("CASE ", joined(vec![joined(parts, " "), default], " ELSE "), " END"))
    }

    /// A value of no field.
    pub fn plain_value(&self, literal: &Literal) -> Attempt<Pieces> {
        self.value_of(literal, None)
    }

    /// SQL with its parameters put in.
    pub fn filled(&self, sql: &str, parameters: &[Literal]) -> Attempt<String> {
        let mut filled = String::new();
        let mut parameters = parameters.iter();
        let mut rest = sql;
        while let Some(at) = rest.find('%') {
            filled.push_str(&rest[..at]);
            let mut after = rest[at + 1..].chars();
            match after.next() {
                Some('s') => {
                    let literal = parameters.next().ok_or_else(|| Stop::new("a parameter is missing"))?;
                    filled.push_str(&pieces_text(&self.value_of(literal, None)?));
                }
                Some('%') => filled.push('%'),
                Some(_) | None => return Err(Stop::new("a % that stands for nothing")),
            }
            rest = after.as_str();
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

fn ordering(descending: bool, nulls: Option<Nulls>) -> String {
    let order = if descending { " DESC" } else { " ASC" };
    match nulls {
        None => order.to_owned(),
        Some(Nulls::First) => format!("{order} NULLS FIRST"),
        Some(Nulls::Last) => format!("{order} NULLS LAST"),
    }
}

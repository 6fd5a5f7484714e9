//! Comparisons: `price__gt=0`.

use std::rc::Rc;

use super::super::super::read::{Column, Expression, Field, Literal, Operand};
use super::super::state::{Attempt, Local, Stop};
use super::super::statement::{Piece, pieces_text};
use super::output::plain;
use super::value::json_text;
use super::{Pieces, Sql, Writer, around, joined, text};

/// The left side of a comparison.
pub(in super::super) struct Side {
    pub pieces: Pieces,
    pub output: Option<Rc<Field>>,
    /// `EXTRACT(YEAR FROM …)` of this: years are compared by their ends.
    pub year_of: Option<Box<Side>>,
    /// A key within JSON.
    pub json_key: Option<JsonKey>,
    /// The value itself, where it is one.
    pub is_value: bool,
}

pub(in super::super) struct JsonKey {
    pub of: Pieces,
    pub path: Vec<String>,
}

impl Side {
    pub fn of_column(local: &Local) -> Self {
        Self::new(vec![Piece::Column(local.column.clone())], Some(local.field.clone()))
    }

    pub fn new(pieces: Pieces, output: Option<Rc<Field>>) -> Self {
        Self { pieces, output, year_of: None, json_key: None, is_value: false }
    }

    pub fn internal(&self) -> &str {
        self.output.as_ref().map_or("", |field| &field.internal)
    }

    fn is_array(&self) -> bool {
        self.output.as_ref().is_some_and(|field| matches!(field.column, Column::Array { .. }))
    }

    fn is_range(&self) -> bool {
        self.output
            .as_ref()
            .is_some_and(|field| matches!(&field.column, Column::Fixed(kind) if kind.ends_with("range")))
    }

    fn is_boolean(&self) -> bool {
        matches!(self.internal(), "BooleanField" | "NullBooleanField")
    }
}

const LOOKUPS: &[&str] = &[
    "exact",
    "iexact",
    "gt",
    "gte",
    "lt",
    "lte",
    "in",
    "contains",
    "icontains",
    "startswith",
    "istartswith",
    "endswith",
    "iendswith",
    "range",
    "isnull",
    "regex",
    "iregex",
];

const PATTERNS: &[&str] =
    &["contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "regex", "iregex"];

impl Writer<'_> {
    /// The left side of a lookup that is written as an expression.
    pub(super) fn side(&self, expression: &Expression) -> Attempt<Side> {
        if let Expression::Reference(path) = expression {
            let (local, rest) = self.resolve(path)?;
            let mut side = Side::of_column(&local);
            for name in rest {
                side = self.transformed(side, &name)?;
            }
            return Ok(side);
        }
        let mut side = Side::new(self.expression(expression)?, self.output(expression)?);
        side.is_value = matches!(expression, Expression::Value { .. });
        Ok(side)
    }

    /// Whether a name is a lookup on this side; else it is a transform.
    pub(super) fn is_lookup(&self, side: &Side, name: &str) -> bool {
        if side.is_range() && matches!(name, "startswith" | "endswith") {
            return false;
        }
        LOOKUPS.contains(&name)
            || (side.is_array() && matches!(name, "contained_by" | "overlap"))
            || (side.is_range() && operator(name).is_some())
            || (side.internal() == "JSONField"
                && matches!(name, "contained_by" | "has_key" | "has_keys" | "has_any_keys"))
            || matches!(name, "trigram_similar" | "unaccent" | "search")
    }

    pub(super) fn lookup(&self, side: Side, name: &str, operand: &Operand) -> Attempt<Sql> {
        if name == "isnull" {
            return is_null(side, operand);
        }
        if let Some(year_of) = side.year_of {
            return self.year(*year_of, side.pieces, name, operand);
        }
        if side.json_key.is_some() {
            return self.json_lookup(side, name, operand);
        }
        if (side.is_range() || side.is_array())
            && let Some(operator) = operator(name)
        {
            return self.operated(side, operator, operand);
        }
        if side.internal() == "JSONField"
            && let Some(sql) = self.on_json(&side, name, operand)?
        {
            return Ok(sql);
        }
        if name == "exact"
            && side.is_boolean()
            && let Operand::Literal(Literal::Bool(wanted)) = operand
        {
            return Ok(Sql::Text(if *wanted { side.pieces } else { around("NOT ", side.pieces, "") }));
        }
        match name {
            "in" => self.within(side, operand),
            "range" => self.between(side, operand),
            _ if PATTERNS.contains(&name) => self.pattern(side, name, operand),
            "iexact" => {
                let left = self.cast(side.pieces, side.output.as_deref(), name);
                let right = match operand {
                    Operand::Literal(literal) => text(format!("UPPER({})", self.raw(literal)?)),
                    Operand::Expression(expression) => around("UPPER((", self.expression(expression)?, "))"),
                    Operand::List(_) => return Err(Stop::new("a list for iexact")),
                };
                Ok(Sql::Text(joined(vec![left, right], " = ")))
            }
            "exact" | "gt" | "gte" | "lt" | "lte" => self.plain(side, name, operand),
            _ => Err(Stop::new(format!("the lookup {name} is not known"))),
        }
    }

    fn plain(&self, side: Side, name: &str, operand: &Operand) -> Attempt<Sql> {
        let sign = match name {
            "exact" => " = ",
            "gt" => " > ",
            "gte" => " >= ",
            "lt" => " < ",
            _ => " <= ",
        };
        let mut operand = operand.clone();
        if let (Operand::Literal(Literal::Float(number)), true) = (&operand, is_integer(side.internal())) {
            // Numbers with a fraction are rounded up for these.
            if matches!(name, "gte" | "lt") && number.is_finite() {
                operand = Operand::Literal(Literal::Int(number.ceil() as i128));
            }
        }
        if let Some(sql) = self.overflow(side.internal(), name, &operand) {
            return Ok(sql);
        }
        let right = self.right(&side, &operand)?;
        Ok(Sql::Text(joined(vec![side.pieces, right], sign)))
    }

    /// Numbers that the column cannot hold: since 4.2 (for equality) and 4.2.x, Django knows the answer.
    fn overflow(&self, internal: &str, name: &str, operand: &Operand) -> Option<Sql> {
        let Operand::Literal(Literal::Int(number)) = operand else { return None };
        if self.view.environment.version.before(4, 2) {
            return None;
        }
        let (least, most): (i128, i128) = match internal {
            "SmallIntegerField" | "SmallAutoField" => (-32768, 32767),
            "IntegerField" | "AutoField" => (-2_147_483_648, 2_147_483_647),
            "BigIntegerField" | "BigAutoField" => (i128::from(i64::MIN), i128::from(i64::MAX)),
            "PositiveSmallIntegerField" => (0, 32767),
            "PositiveIntegerField" => (0, 2_147_483_647),
            "PositiveBigIntegerField" => (0, i128::from(i64::MAX)),
            _ => return None,
        };
        // Django 4.2 only looks where numbers are equal.
        let all = self.view.environment.version.at_least(5, 0);
        let known = name == "exact" || all;
        if *number < least && known {
            return Some(if matches!(name, "gt" | "gte") { Sql::Everything } else { Sql::Nothing });
        }
        if *number > most && known {
            return Some(if matches!(name, "lt" | "lte") { Sql::Everything } else { Sql::Nothing });
        }
        None
    }

    /// What stands on the right: a value of the left side's type, or an expression.
    fn right(&self, side: &Side, operand: &Operand) -> Attempt<Pieces> {
        match operand {
            Operand::Literal(literal) => match &side.output {
                Some(field) => Ok(text(self.prepared(literal, field)?)),
                None => Ok(text(self.quoted(literal)?)),
            },
            Operand::Expression(Expression::Value { literal, output }) => {
                self.value_of(literal, output.as_ref())
            }
            Operand::Expression(expression) => {
                let pieces = self.expression(expression)?;
                Ok(if pieces_text(&pieces).starts_with('(') { pieces } else { around("(", pieces, ")") })
            }
            Operand::List(_) => Err(Stop::new("a list where one value is compared")),
        }
    }

    fn raw(&self, literal: &Literal) -> Attempt<String> {
        self.quoted(literal)
    }

    fn within(&self, side: Side, operand: &Operand) -> Attempt<Sql> {
        let items: Vec<Operand> = match operand {
            Operand::Literal(Literal::List(items)) => items.iter().cloned().map(Operand::Literal).collect(),
            Operand::List(items) => items.clone(),
            Operand::Literal(_) | Operand::Expression(_) => {
                return Err(Stop::new("the values of `in` are not known"));
            }
        };
        let mut written: Vec<String> = Vec::new();
        let mut parts = Vec::new();
        for item in &items {
            if matches!(item, Operand::Literal(Literal::Null)) {
                continue;
            }
            let pieces = match item {
                Operand::Expression(expression) => self.expression(expression)?,
                Operand::Literal(_) | Operand::List(_) => self.right(&side, item)?,
            };
            let shown = pieces_text(&pieces);
            if !written.contains(&shown) {
                written.push(shown);
                parts.push(pieces);
            }
        }
        if parts.is_empty() {
            return Ok(Sql::Nothing);
        }
        let list = around("(", joined(parts, ", "), ")");
        Ok(Sql::Text(joined(vec![side.pieces, list], " IN ")))
    }

    fn between(&self, side: Side, operand: &Operand) -> Attempt<Sql> {
        let items: Vec<Operand> = match operand {
            Operand::Literal(Literal::List(items)) => items.iter().cloned().map(Operand::Literal).collect(),
            Operand::List(items) => items.clone(),
            Operand::Literal(_) | Operand::Expression(_) => Vec::new(),
        };
        let [low, high] = items.as_slice() else { return Err(Stop::new("a range has two ends")) };
        let end = |item: &Operand| match item {
            Operand::Expression(expression) => self.expression(expression),
            Operand::Literal(_) | Operand::List(_) => self.right(&side, item),
        };
        let ends = joined(vec![end(low)?, end(high)?], " AND ");
        Ok(Sql::Text(joined(vec![side.pieces, ends], " BETWEEN ")))
    }

    fn pattern(&self, side: Side, name: &str, operand: &Operand) -> Attempt<Sql> {
        let left = self.cast(side.pieces, side.output.as_deref(), name);
        let upper = matches!(name, "icontains" | "istartswith" | "iendswith");
        if let "regex" | "iregex" = name {
            let sign = if name == "regex" { " ~ " } else { " ~* " };
            let right = match operand {
                Operand::Literal(literal) => text(self.raw(literal)?),
                Operand::Expression(expression) => around("(", self.expression(expression)?, ")"),
                Operand::List(_) => return Err(Stop::new("a list for a pattern")),
            };
            return Ok(Sql::Text(joined(vec![left, right], sign)));
        }
        let (before, after) = match name {
            "contains" | "icontains" => ("%", "%"),
            "startswith" | "istartswith" => ("", "%"),
            _ => ("%", ""),
        };
        let right = match operand {
            Operand::Literal(literal) => {
                let value = match literal {
                    Literal::Text(value) => value.to_string(),
                    Literal::Int(number) => number.to_string(),
                    _ => return Err(Stop::new("a pattern that is no text")),
                };
                let escaped = value.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                let value = self.text(&format!("{before}{escaped}{after}"));
                text(if upper { format!("UPPER({value})") } else { value })
            }
            Operand::Expression(Expression::Value { literal, output }) => {
                self.pattern_of(self.value_of(literal, output.as_ref())?, before, after, upper)
            }
            Operand::Expression(expression) => {
                let pieces = self.expression(expression)?;
                let pieces =
                    if pieces_text(&pieces).starts_with('(') { pieces } else { around("(", pieces, ")") };
                self.pattern_of(pieces, before, after, upper)
            }
            Operand::List(_) => return Err(Stop::new("a list for a pattern")),
        };
        Ok(Sql::Text(joined(vec![left, right], " LIKE ")))
    }

    /// A pattern that only the database knows: its special characters are escaped there.
    fn pattern_of(&self, value: Pieces, before: &str, after: &str, upper: bool) -> Pieces {
        let escaped =
            around("REPLACE(REPLACE(REPLACE(", value, r", E'\\', E'\\\\'), E'%', E'\\%'), E'_', E'\\_')");
        let escaped = if upper { around("UPPER(", escaped, ")") } else { escaped };
        let before = if before.is_empty() { "" } else { "'%' || " };
        let after = if after.is_empty() { "" } else { " || '%'" };
        around(before, escaped, after)
    }

    /// Texts are compared as texts, whatever the column.
    fn cast(&self, pieces: Pieces, field: Option<&Field>, name: &str) -> Pieces {
        let internal = field.map_or("", |field| &field.internal);
        let insensitive = internal.starts_with("CI") && self.view.environment.version.before(5, 1);
        let cast = match internal {
            "IPAddressField" | "GenericIPAddressField" => around("HOST(", pieces, ")"),
            _ if insensitive => around("", pieces, "::citext"),
            _ => around("", pieces, "::text"),
        };
        let upper = matches!(name, "iexact" | "icontains" | "istartswith" | "iendswith");
        if upper { around("UPPER(", cast, ")") } else { cast }
    }

    /// An operator of arrays and ranges.
    fn operated(&self, side: Side, operator: &str, operand: &Operand) -> Attempt<Sql> {
        let field = side.output.clone().unwrap_or_else(|| plain("TextField"));
        let kind = self.view.db_type(&self.model.key(), &field)?.unwrap_or_default();
        let array = side.is_array();
        let right = match operand {
            Operand::Literal(Literal::List(items)) if array && !items.is_empty() => {
                let Column::Array { base, size: _ } = &field.column else {
                    return Err(Stop::new("an array of nothing"));
                };
                let items =
                    items.iter().map(|item| self.prepared(item, base)).collect::<Attempt<Vec<_>>>()?;
                text(format!("(ARRAY[{}])::{kind}", items.join(", ")))
            }
            Operand::Literal(literal) if array => {
                text(format!("{}::{kind}", self.prepared(literal, &field)?))
            }
            Operand::Literal(literal @ (Literal::Range { .. } | Literal::List(_))) => {
                text(self.prepared(literal, &field)?)
            }
            Operand::Literal(literal @ (Literal::Date(_) | Literal::DateTime(_))) => {
                let cast = if kind == "tstzrange" { "timestamp with time zone" } else { "date" };
                text(format!("{}::{cast}", self.quoted(literal)?))
            }
            Operand::Literal(literal) => text(self.quoted(literal)?),
            Operand::Expression(expression) => {
                let pieces = self.expression(expression)?;
                let pieces =
                    if pieces_text(&pieces).starts_with('(') { pieces } else { around("(", pieces, ")") };
                if array { around("", pieces, &format!("::{kind}")) } else { pieces }
            }
            Operand::List(_) => return Err(Stop::new("a list of expressions for an operator")),
        };
        Ok(Sql::Text(joined(vec![side.pieces, right], &format!(" {operator} "))))
    }

    /// Lookups of JSON as a whole.
    fn on_json(&self, side: &Side, name: &str, operand: &Operand) -> Attempt<Option<Sql>> {
        let Operand::Literal(literal) = operand else { return Ok(None) };
        let right = match name {
            "exact" => format!(" = {}", self.json(literal)?),
            "contains" => format!(" @> {}", self.json(literal)?),
            "contained_by" => format!(" <@ {}", self.json(literal)?),
            "has_key" => {
                let Literal::Text(key) = literal else { return Err(Stop::new("a key that is no text")) };
                format!(" ? {}", self.text(key))
            }
            "has_keys" | "has_any_keys" => {
                let Literal::List(keys) = literal else { return Err(Stop::new("keys that are no list")) };
                let sign = if name == "has_keys" { "?&" } else { "?|" };
                let keys = keys.iter().map(|key| self.quoted(key)).collect::<Attempt<Vec<_>>>()?;
                format!(" {sign} ARRAY[{}]", keys.join(", "))
            }
            _ => return Ok(None),
        };
        Ok(Some(Sql::Text(around("", side.pieces.clone(), &right))))
    }

    /// Lookups of a key within JSON.
    fn json_lookup(&self, side: Side, name: &str, operand: &Operand) -> Attempt<Sql> {
        let Some(key) = &side.json_key else { return Err(Stop::new("no key")) };
        let Operand::Literal(literal) = operand else {
            return Err(Stop::new("a key of JSON is compared with an expression"));
        };
        let as_text = self.json_path(key, true);
        Ok(Sql::Text(match name {
            "exact" => {
                let value = self.json(literal)?;
                around("", side.pieces, &format!(" = {value}"))
            }
            "gt" | "gte" | "lt" | "lte" => {
                let sign = match name {
                    "gt" => ">",
                    "gte" => ">=",
                    "lt" => "<",
                    _ => "<=",
                };
                around("", side.pieces, &format!(" {sign} {}", self.text(&json_text(literal)?)))
            }
            "iexact" | "icontains" | "startswith" | "istartswith" | "endswith" | "iendswith" | "regex"
            | "iregex" => {
                let side = Side::new(as_text, Some(plain("TextField")));
                return self.lookup(side, name, operand);
            }
            _ => return Err(Stop::new(format!("the lookup {name} of a key of JSON is not known"))),
        }))
    }
}

fn is_null(side: Side, operand: &Operand) -> Attempt<Sql> {
    let Operand::Literal(Literal::Bool(asked)) = operand else {
        return Err(Stop::new("isnull is asked for True or False"));
    };
    Ok(Sql::Text(around("", side.pieces, if *asked { " IS NULL" } else { " IS NOT NULL" })))
}

fn is_integer(internal: &str) -> bool {
    internal.ends_with("IntegerField") || internal.ends_with("AutoField")
}

/// Operators of arrays and ranges, by their lookups.
fn operator(name: &str) -> Option<&'static str> {
    Some(match name {
        "contains" => "@>",
        "contained_by" => "<@",
        "overlap" => "&&",
        "fully_lt" => "<<",
        "fully_gt" => ">>",
        "not_lt" => "&>",
        "not_gt" => "&<",
        "adjacent_to" => "-|-",
        _ => return None,
    })
}

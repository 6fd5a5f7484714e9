//! Values as a field hands them to the database.

use std::rc::Rc;

use super::super::super::read::{Child, Column, Condition, Expression, Field, Literal, Operand};
use super::super::environment::Driver;
use super::super::literals::{float, text_literal};
use super::super::state::{Attempt, Stop};
use super::{Pieces, Writer, text};

impl Writer<'_> {
    /// A value, maybe of a field.
    pub(super) fn value_of(&self, literal: &Literal, field: Option<&Rc<Field>>) -> Attempt<Pieces> {
        if *literal == Literal::Null {
            return Ok(text("NULL"));
        }
        let Some(field) = field else { return Ok(text(self.quoted(literal)?)) };
        if let Column::Array { .. } = &field.column {
            let kind = self.view.db_type(&self.model.key(), field)?.unwrap_or_default();
            return Ok(text(format!("{}::{kind}", self.prepared(literal, field)?)));
        }
        if let (Column::Fixed(kind), Literal::Range { .. } | Literal::List(_)) = (&field.column, literal)
            && kind.ends_with("range")
        {
            return Ok(text(format!("{}::{kind}", self.prepared(literal, field)?)));
        }
        Ok(text(self.prepared(literal, field)?))
    }

    /// A value of a field, brought to the field's type.
    pub(super) fn prepared(&self, literal: &Literal, field: &Field) -> Attempt<String> {
        let wrong = || Stop::new(format!("a value that is none of a {}", field.internal));
        match &field.column {
            Column::Relation(_) => {
                let target = self.target_of(field)?;
                return self.prepared(literal, &target);
            }
            Column::Array { base, size: _ } => {
                let Literal::List(items) = literal else { return Err(wrong()) };
                return self.array(items, base);
            }
            Column::Generated { expression: _, output, stored: _ } => return self.prepared(literal, output),
            Column::Fixed(kind) if kind.ends_with("range") => return self.range(literal, kind),
            Column::Fixed(_)
            | Column::Internal
            | Column::Geometry(_)
            | Column::ManyToMany(_)
            | Column::Composite(_)
            | Column::Nothing => {}
        }
        let brought = match (&*field.internal, literal) {
            (_, Literal::Null) => return Ok("NULL".to_owned()),
            (name, Literal::Text(number)) if is_whole(name) => {
                Literal::Int(number.trim().parse().map_err(|_| wrong())?)
            }
            (name, Literal::Bool(value)) if is_whole(name) => Literal::Int(i128::from(*value)),
            (name, Literal::Float(number)) if is_whole(name) => whole(*number).ok_or_else(wrong)?,
            (name, Literal::Decimal(number)) if is_whole(name) => {
                let whole = number.split('.').next().unwrap_or_default();
                Literal::Int(whole.parse().map_err(|_| wrong())?)
            }
            ("FloatField", Literal::Int(number)) => Literal::Float(*number as f64),
            ("FloatField", Literal::Text(number)) => {
                Literal::Float(number.trim().parse().map_err(|_| wrong())?)
            }
            ("FloatField", Literal::Decimal(number)) => Literal::Float(number.parse().map_err(|_| wrong())?),
            ("DecimalField", Literal::Int(number)) => Literal::Decimal(number.to_string()),
            ("DecimalField", Literal::Text(number)) => Literal::Decimal(number.trim().to_owned()),
            ("DecimalField", Literal::Float(number)) => {
                Literal::Decimal(significant(*number, field.max_digits))
            }
            ("BooleanField" | "NullBooleanField", Literal::Int(number)) if matches!(number, 0 | 1) => {
                Literal::Bool(*number == 1)
            }
            ("BooleanField" | "NullBooleanField", Literal::Text(word)) => match &**word {
                "t" | "True" | "1" => Literal::Bool(true),
                "f" | "False" | "0" => Literal::Bool(false),
                _ => return Err(wrong()),
            },
            (name, Literal::Int(number)) if is_text(name) => Literal::Text(number.to_string().into()),
            (name, Literal::Decimal(number)) if is_text(name) => Literal::Text(number.as_str().into()),
            (name, Literal::Float(number)) if is_text(name) => Literal::Text(float(*number).into()),
            (name, Literal::Bool(value)) if is_text(name) => {
                Literal::Text(if *value { "True" } else { "False" }.into())
            }
            ("DateField", Literal::Text(date)) => Literal::Date(date.to_string()),
            ("DateField", Literal::DateTime(time)) => {
                Literal::Date(time.split(' ').next().unwrap_or_default().to_owned())
            }
            ("DateTimeField", Literal::Text(time)) => self.moment(&time.replace('T', " "))?,
            ("DateTimeField", Literal::DateTime(time)) => self.moment(time)?,
            ("DateTimeField", Literal::Date(date)) => self.moment(&format!("{date} 00:00:00"))?,
            ("TimeField", Literal::Text(time)) => Literal::Time(time.to_string()),
            ("UUIDField", Literal::Text(uuid)) => Literal::Uuid(uuid.to_string()),
            ("JSONField", _) => return self.json(literal),
            ("GenericIPAddressField" | "IPAddressField", Literal::Text(address)) => {
                return Ok(format!("{}::inet", self.text(address)));
            }
            ("DurationField", Literal::Int(_)) => return Err(wrong()),
            _ => literal.clone(),
        };
        self.quoted(&brought)
    }

    fn target_of(&self, field: &Field) -> Attempt<Rc<Field>> {
        let relation = field.relation().ok_or_else(|| Stop::new("no relation"))?;
        Ok(self.view.target(&self.model.key(), relation)?.field)
    }

    /// A moment without a zone is one of the project's zone.
    fn moment(&self, time: &str) -> Attempt<Literal> {
        let has_zone = time.ends_with('Z') || time.get(11..).is_some_and(|rest| rest.contains(['+', '-']));
        if has_zone || !self.view.environment.use_tz {
            return Ok(Literal::DateTime(time.to_owned()));
        }
        match &*self.view.environment.time_zone {
            "UTC" | "Etc/UTC" | "GMT" => Ok(Literal::DateTime(format!("{time}+00:00"))),
            zone => Err(Stop::new(format!("a moment of the time zone {zone}"))),
        }
    }

    pub(super) fn text(&self, value: &str) -> String {
        let value = if self.double { value.replace('%', "%%") } else { value.to_owned() };
        text_literal(&value)
    }

    /// A value as the driver writes it.
    pub(super) fn quoted(&self, literal: &Literal) -> Attempt<String> {
        Ok(match literal {
            Literal::Null => "NULL".to_owned(),
            Literal::Bool(value) => value.to_string(),
            Literal::Int(number) => number.to_string(),
            Literal::Float(number) if number.is_finite() => float(*number),
            Literal::Float(_) => return Err(Stop::new("a number that is none")),
            Literal::Text(value) => self.text(value),
            Literal::Decimal(number) => number.clone(),
            Literal::Bytes(bytes) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("'\\x{digits}'::bytea")
            }
            Literal::Date(date) => format!("'{date}'::date"),
            Literal::Time(time) => format!("'{time}'::time"),
            Literal::DateTime(time) => {
                let zone =
                    time.ends_with('Z') || time.get(11..).is_some_and(|rest| rest.contains(['+', '-']));
                format!(
                    "'{}'::{}",
                    time.replacen(' ', "T", 1),
                    if zone { "timestamptz" } else { "timestamp" }
                )
            }
            Literal::Duration { days, seconds, microseconds } => {
                format!("'{days} days {seconds}.{microseconds:06} seconds'::interval")
            }
            Literal::Uuid(uuid) => format!("'{}'::uuid", dashed(uuid)),
            Literal::List(items) => match self.view.environment.driver {
                Driver::Psycopg2 if !items.is_empty() => {
                    let items = items.iter().map(|item| self.quoted(item)).collect::<Attempt<Vec<_>>>()?;
                    format!("ARRAY[{}]", items.join(", "))
                }
                Driver::Psycopg2 | Driver::Psycopg3 => array_text(items)?,
            },
            Literal::Dict(_) => return self.json(literal),
            Literal::Range { lower, upper, bounds } => range_text(lower, upper, bounds)?,
        })
    }

    fn array(&self, items: &[Literal], base: &Rc<Field>) -> Attempt<String> {
        if items.is_empty() {
            return Ok("'{}'".to_owned());
        }
        if let Driver::Psycopg3 = self.view.environment.driver {
            return array_text(items);
        }
        let items = items.iter().map(|item| self.prepared(item, base)).collect::<Attempt<Vec<_>>>()?;
        Ok(format!("ARRAY[{}]", items.join(", ")))
    }

    fn range(&self, literal: &Literal, _kind: &str) -> Attempt<String> {
        match literal {
            Literal::Range { lower, upper, bounds } => range_text(lower, upper, bounds),
            Literal::List(items) if items.len() == 2 => range_text(&items[0], &items[1], "[)"),
            Literal::Text(value) => Ok(self.text(value)),
            Literal::Null => Ok("NULL".to_owned()),
            Literal::Bool(_)
            | Literal::Int(_)
            | Literal::Float(_)
            | Literal::Bytes(_)
            | Literal::Decimal(_)
            | Literal::Date(_)
            | Literal::DateTime(_)
            | Literal::Time(_)
            | Literal::Duration { .. }
            | Literal::Uuid(_)
            | Literal::List(_)
            | Literal::Dict(_) => self.quoted(literal),
        }
    }

    pub(super) fn json(&self, literal: &Literal) -> Attempt<String> {
        let value = self.text(&json_text(literal)?);
        let says_type = match self.view.environment.driver {
            Driver::Psycopg2 => self.view.environment.version.at_least(5, 1),
            Driver::Psycopg3 => true,
        };
        Ok(if says_type { format!("{value}::jsonb") } else { value })
    }
}

fn is_whole(internal: &str) -> bool {
    matches!(
        internal,
        "AutoField"
            | "BigAutoField"
            | "SmallAutoField"
            | "IntegerField"
            | "BigIntegerField"
            | "SmallIntegerField"
            | "PositiveIntegerField"
            | "PositiveBigIntegerField"
            | "PositiveSmallIntegerField"
    )
}

pub(super) fn is_text(internal: &str) -> bool {
    matches!(
        internal,
        "CharField"
            | "TextField"
            | "SlugField"
            | "FileField"
            | "FilePathField"
            | "CICharField"
            | "CITextField"
    )
}

fn whole(number: f64) -> Option<Literal> {
    let bounded = number.is_finite() && number.abs() < 9e18;
    bounded.then(|| Literal::Int(number.trunc() as i128))
}

/// A float as a decimal number of so many digits.
fn significant(number: f64, _digits: Option<i128>) -> String {
    float(number)
}

fn dashed(uuid: &str) -> String {
    let digits: String = uuid.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_lowercase();
    if digits.len() != 32 {
        return uuid.to_owned();
    }
    format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}

/// `'{a,b}'`
fn array_text(items: &[Literal]) -> Attempt<String> {
    fn inner(items: &[Literal]) -> Attempt<String> {
        let parts = items
            .iter()
            .map(|item| match item {
                Literal::List(items) => inner(items),
                Literal::Null => Ok("NULL".to_owned()),
                Literal::Text(text) => Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))),
                Literal::Int(number) => Ok(number.to_string()),
                Literal::Float(number) => Ok(float(*number)),
                Literal::Bool(value) => Ok(if *value { "t" } else { "f" }.to_owned()),
                Literal::Decimal(text) | Literal::Date(text) | Literal::Uuid(text) => Ok(text.clone()),
                Literal::Bytes(_)
                | Literal::DateTime(_)
                | Literal::Time(_)
                | Literal::Duration { .. }
                | Literal::Dict(_)
                | Literal::Range { .. } => Err(Stop::new("an array of values that are not known here")),
            })
            .collect::<Attempt<Vec<_>>>()?;
        Ok(format!("{{{}}}", parts.join(",")))
    }
    Ok(text_literal(&inner(items)?))
}

fn range_text(lower: &Literal, upper: &Literal, bounds: &str) -> Attempt<String> {
    let end = |literal: &Literal| {
        Ok(match literal {
            Literal::Null => String::new(),
            Literal::Int(number) => number.to_string(),
            Literal::Float(number) => float(*number),
            Literal::Decimal(text) | Literal::Date(text) => text.clone(),
            Literal::DateTime(text) => format!("\"{text}\""),
            Literal::Text(text) => text.to_string(),
            Literal::Bool(_)
            | Literal::Bytes(_)
            | Literal::Time(_)
            | Literal::Duration { .. }
            | Literal::Uuid(_)
            | Literal::List(_)
            | Literal::Dict(_)
            | Literal::Range { .. } => return Err(Stop::new("a range of values that have no order")),
        })
    };
    let (open, close) = bounds.split_at(1.min(bounds.len()));
    Ok(text_literal(&format!("{open}{},{}{close}", end(lower)?, end(upper)?)))
}

/// As Python's `json.dumps` writes it.
pub(super) fn json_text(literal: &Literal) -> Attempt<String> {
    Ok(match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(number) => number.to_string(),
        Literal::Float(number) => float(*number),
        Literal::Text(text) => json_string(text),
        Literal::List(items) => {
            let items = items.iter().map(json_text).collect::<Attempt<Vec<_>>>()?;
            format!("[{}]", items.join(", "))
        }
        Literal::Dict(entries) => {
            let entry = |(key, value): &(Literal, Literal)| {
                let key = match key {
                    Literal::Text(text) => json_string(text),
                    other => json_string(&json_text(other)?),
                };
                Ok(format!("{key}: {}", json_text(value)?))
            };
            let entries = entries.iter().map(entry).collect::<Attempt<Vec<_>>>()?;
            format!("{{{}}}", entries.join(", "))
        }
        Literal::Bytes(_)
        | Literal::Decimal(_)
        | Literal::Date(_)
        | Literal::DateTime(_)
        | Literal::Time(_)
        | Literal::Duration { .. }
        | Literal::Uuid(_)
        | Literal::Range { .. } => return Err(Stop::new("a value that JSON does not have")),
    })
}

fn json_string(text: &str) -> String {
    let mut written = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            ' '..='~' => written.push(character),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    written.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    written.push('"');
    written
}

/// Whether Django hands values to the driver apart from the text. Then it does not write constraints beside it.
pub(super) fn needs_parameter(expression: &Expression) -> bool {
    let operand = |operand: &Operand| match operand {
        Operand::Literal(literal) => !matches!(literal, Literal::Null | Literal::Bool(_)),
        Operand::Expression(expression) => needs_parameter(expression),
        Operand::List(_) => true,
    };
    match expression {
        Expression::Reference(_) => false,
        Expression::Value { literal, output: _ } => *literal != Literal::Null,
        Expression::Condition(condition) => condition_needs(condition, &operand),
        Expression::Function(function) => function.arguments.iter().any(needs_parameter),
        Expression::Combined { left, operator: _, right, output: _ } => {
            needs_parameter(left) || needs_parameter(right)
        }
        Expression::Case { whens, default, output: _ } => {
            needs_parameter(default)
                || whens.iter().any(|(when, then)| needs_parameter(when) || needs_parameter(then))
        }
        Expression::Ordered { of, .. }
        | Expression::OperatorClass { of, .. }
        | Expression::Collated { of, .. }
        | Expression::Wrapped { of, .. }
        | Expression::Not(of) => needs_parameter(of),
        Expression::Raw { sql: _, parameters, output: _ } => !parameters.is_empty(),
        Expression::Lookup { left, name: _, right } => needs_parameter(left) || operand(right),
        Expression::List(expressions) => expressions.iter().any(needs_parameter),
    }
}

fn condition_needs(condition: &Condition, operand: &dyn Fn(&Operand) -> bool) -> bool {
    match condition {
        Condition::All { children, .. } => children.iter().any(|child| match child {
            Child::Lookup { path: _, operand: with } => operand(with),
            Child::Expression(expression) => needs_parameter(expression),
        }),
        Condition::Both { left, right, .. } => needs_parameter(left) || needs_parameter(right),
        Condition::Not(condition) => condition_needs(condition, operand),
    }
}

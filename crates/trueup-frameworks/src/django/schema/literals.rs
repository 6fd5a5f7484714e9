//! Values as SQL.

use super::super::read::{Column, Default, Field, Literal};
use super::editor::Editor;

/// A text in quotes.
pub fn text_literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}

/// A default that goes again after the rows have got it.
pub struct PassingDefault {
    pub text: String,
    /// Not the value that Django would take, but one of the same type.
    pub stands_in: bool,
}

impl Editor<'_> {
    /// What Django calls the effective default of a field.
    pub fn default_literal(&self, field: &Field, kind: &str) -> Option<PassingDefault> {
        let exact = |text: String| Some(PassingDefault { text, stands_in: false });
        match &field.default {
            Default::Literal(Literal::Null) => None,
            Default::Literal(literal) => match plain(field, literal) {
                Some(text) => exact(text),
                None => Some(stand_in(kind)),
            },
            Default::Computed(_) => Some(stand_in(kind)),
            Default::None if field.is_generated() => None,
            Default::None if !field.null && field.blank && field.empty_strings_allowed => {
                exact("''".to_owned())
            }
            Default::None if field.auto_now => Some(stand_in(kind)),
            Default::None => None,
        }
    }
}

/// A value that needs no knowledge of the field to be written, if it is one.
fn plain(field: &Field, literal: &Literal) -> Option<String> {
    if !matches!(field.column, Column::Internal) {
        return None;
    }
    let numeric = matches!(
        &*field.internal,
        "IntegerField"
            | "BigIntegerField"
            | "SmallIntegerField"
            | "PositiveIntegerField"
            | "PositiveBigIntegerField"
            | "PositiveSmallIntegerField"
            | "DecimalField"
            | "FloatField"
    );
    let text =
        matches!(&*field.internal, "CharField" | "TextField" | "SlugField" | "FileField" | "FilePathField");
    match literal {
        Literal::Bool(value) if &*field.internal == "BooleanField" => Some(value.to_string()),
        Literal::Int(number) if numeric => Some(number.to_string()),
        Literal::Int(number) if text => Some(text_literal(&number.to_string())),
        Literal::Float(number) if numeric && number.is_finite() => Some(float(*number)),
        Literal::Decimal(number) if numeric => Some(number.clone()),
        Literal::Text(value) if text => Some(text_literal(value)),
        Literal::Null
        | Literal::Bool(_)
        | Literal::Int(_)
        | Literal::Float(_)
        | Literal::Text(_)
        | Literal::Bytes(_)
        | Literal::Decimal(_)
        | Literal::Date(_)
        | Literal::DateTime(_)
        | Literal::Time(_)
        | Literal::Duration { .. }
        | Literal::Uuid(_)
        | Literal::List(_)
        | Literal::Dict(_)
        | Literal::Range { .. } => None,
    }
}

/// As Python writes it: always with a point or an exponent.
pub fn float(number: f64) -> String {
    let text = format!("{number:?}");
    // Rust writes `1e16`, Python `1e+16`.
    match text.split_once('e') {
        Some((digits, power)) if !power.starts_with('-') => format!("{digits}e+{power:0>2}"),
        Some(_) | None => text,
    }
}

/// A value of a type, whichever.
fn stand_in(kind: &str) -> PassingDefault {
    let name = kind.split('(').next().unwrap_or(kind);
    let text = if kind.ends_with(']') {
        "'{}'"
    } else {
        match name {
            "integer" | "bigint" | "smallint" | "numeric" | "double precision" | "real" => "0",
            "boolean" => "false",
            "varchar" | "text" | "citext" | "char" | "bytea" => "''",
            "date" => "CURRENT_DATE",
            "time" => "LOCALTIME",
            "timestamp with time zone" | "timestamp" | "timestamptz" => "CURRENT_TIMESTAMP",
            "interval" => "'0'",
            "uuid" => "'00000000-0000-0000-0000-000000000000'",
            "jsonb" | "json" => "'{}'",
            "hstore" => "''",
            "inet" => "'0.0.0.0'",
            "int4range" | "int8range" | "numrange" | "tstzrange" | "daterange" | "tsrange" => "'empty'",
            _ => "NULL",
        }
    };
    PassingDefault { text: text.to_owned(), stands_in: true }
}

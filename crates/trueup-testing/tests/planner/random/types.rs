//! Types of columns, and values of them.

use super::tape::Tape;

/// A type as a column has it.
#[derive(Clone, Debug)]
pub struct Type {
    pub written: String,
    pub values: Values,
}

/// What stands in rows of a type: all rows of a table are numbered, and each has other values where it can.
#[derive(Clone, Debug)]
pub enum Values {
    Number,
    Text,
    Boolean,
    Date,
    Uuid,
    Json,
    Bytes,
    Interval,
    Address,
    Labels(Vec<String>),
    Composite,
    Range,
    Array(Box<Values>),
}

impl Type {
    pub fn new(written: &str, values: Values) -> Self {
        Self { written: written.to_owned(), values }
    }

    pub fn array(&self) -> Self {
        Self { written: format!("{}[]", self.written), values: Values::Array(Box::new(self.values.clone())) }
    }

    pub fn is_number(&self) -> bool {
        matches!(self.values, Values::Number)
    }

    /// The value in the row of this number.
    pub fn value(&self, row: usize) -> String {
        value(&self.values, &self.written, row)
    }

    /// Something that all of these values obey.
    pub fn condition(&self, column: &str, tape: &mut Tape<'_>) -> String {
        match (&self.values, tape.below(2)) {
            (Values::Number, 0) => format!("{column} > -1"),
            (Values::Number, _) => format!("{column} between 0 and 9000"),
            (Values::Text, 0) => format!("{column} <> 'never'"),
            (Values::Text, _) => format!("length({column}::text) < 50"),
            (Values::Labels(labels), 0) => format!("{column} <> '{}'", labels[labels.len() - 1]),
            (Values::Date, 0) => format!("{column} > '2000-01-01'"),
            _ => format!("{column} is not null"),
        }
    }
}

fn value(values: &Values, written: &str, row: usize) -> String {
    match values {
        Values::Number => row.to_string(),
        Values::Text => format!("'v{row}'"),
        Values::Boolean => row.is_multiple_of(2).to_string(),
        Values::Date => format!("'2024-01-0{}'", row % 9 + 1),
        Values::Uuid => format!("'00000000-0000-0000-0000-00000000000{}'", row % 10),
        Values::Json => format!("'{{\"k\": {row}}}'"),
        Values::Bytes => format!("'\\x0{}'", row % 10),
        Values::Interval => format!("'{row} hours'"),
        Values::Address => format!("'10.0.0.{row}'"),
        // The last one may be excluded by a check.
        Values::Labels(labels) => format!("'{}'", labels[row % (labels.len() - 1)]),
        Values::Composite => format!("row({row}, 'w')"),
        Values::Range => format!("'[{row},{})'", row + 5),
        Values::Array(of) => {
            format!("array[{}]::{written}", value(of, written.trim_end_matches("[]"), row))
        }
    }
}

/// A type that every database has.
pub fn plain(tape: &mut Tape<'_>) -> Type {
    let (written, values) = match tape.below(22) {
        0 | 1 => ("integer", Values::Number),
        2 => ("text", Values::Text),
        3 => ("bigint", Values::Number),
        4 => ("smallint", Values::Number),
        5 => ("character varying(20)", Values::Text),
        6 => ("character varying", Values::Text),
        7 => ("character(8)", Values::Text),
        8 => ("numeric(12,2)", Values::Number),
        9 => ("numeric", Values::Number),
        10 => ("double precision", Values::Number),
        11 => ("boolean", Values::Boolean),
        12 => ("date", Values::Date),
        13 => ("timestamp with time zone", Values::Date),
        14 => ("timestamp(3) without time zone", Values::Date),
        15 => ("uuid", Values::Uuid),
        16 => ("jsonb", Values::Json),
        17 => ("bytea", Values::Bytes),
        18 => ("interval", Values::Interval),
        19 => ("inet", Values::Address),
        20 => ("int4range", Values::Range),
        _ => ("json", Values::Json),
    };
    Type::new(written, values)
}

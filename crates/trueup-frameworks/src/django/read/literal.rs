//! Plain data within migrations: numbers, texts, dates and what is made of them.

use std::rc::Rc;

use crate::python::{Kind, Unknown, Value};

/// A value as Python has it, before a field says how the database gets it.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(Rc<str>),
    Bytes(Rc<[u8]>),
    /// As it is written: `1.50`.
    Decimal(String),
    /// `2024-01-31`
    Date(String),
    /// `2024-01-31 10:00:00`, with `+00:00` where a time zone is known.
    DateTime(String),
    Time(String),
    Duration {
        days: i128,
        seconds: i128,
        microseconds: i128,
    },
    Uuid(String),
    List(Vec<Literal>),
    Dict(Vec<(Literal, Literal)>),
    /// A range of psycopg: lower and upper bound, and how they are closed (`[)`).
    Range {
        lower: Box<Literal>,
        upper: Box<Literal>,
        bounds: Rc<str>,
    },
}

impl Literal {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Bytes(_)
            | Self::Decimal(_)
            | Self::Date(_)
            | Self::DateTime(_)
            | Self::Time(_)
            | Self::Duration { .. }
            | Self::Uuid(_)
            | Self::List(_)
            | Self::Dict(_)
            | Self::Range { .. } => None,
        }
    }
}

/// Plain data, or why it is none.
pub fn literal(value: &Value) -> Result<Literal, Rc<Unknown>> {
    if let Some(unknown) = value.why_unknown() {
        return Err(unknown);
    }
    Ok(match &value.kind {
        Kind::None => Literal::Null,
        Kind::Bool(value) => Literal::Bool(*value),
        Kind::Int(value) => Literal::Int(*value),
        Kind::Float(value) => Literal::Float(*value),
        Kind::Str(text) => Literal::Text(text.clone()),
        Kind::Bytes(bytes) => Literal::Bytes(bytes.clone()),
        Kind::List(_) | Kind::Tuple(_) => {
            let items = value.items().unwrap_or_default();
            Literal::List(items.iter().map(literal).collect::<Result<_, _>>()?)
        }
        Kind::Set(cell) => {
            let set = cell.known()?;
            Literal::List(set.values().map(literal).collect::<Result<_, _>>()?)
        }
        Kind::Dict(_) => {
            let entries = value.entries().unwrap_or_default();
            let read = |(key, value): &(Value, Value)| Ok((literal(key)?, literal(value)?));
            Literal::Dict(entries.iter().map(read).collect::<Result<_, Rc<Unknown>>>()?)
        }
        Kind::Object(_) => return object(value),
        _ => return Err(not_data(value)),
    })
}

fn object(value: &Value) -> Result<Literal, Rc<Unknown>> {
    let Some(object) = value.as_object() else { return Err(not_data(value)) };
    let class = object.class.dotted();
    let argument = |position: usize, name: &str| {
        object.args.get(position).or_else(|| object.keyword(name)).map(literal).transpose()
    };
    let number = |position: usize, name: &str| -> Result<i128, Rc<Unknown>> {
        match argument(position, name)? {
            None => Ok(0),
            Some(Literal::Int(number)) => Ok(number),
            Some(_) => Err(not_data(value)),
        }
    };
    let date = || -> Result<String, Rc<Unknown>> {
        Ok(format!("{:04}-{:02}-{:02}", number(0, "year")?, number(1, "month")?, number(2, "day")?))
    };
    let time = |from: usize| -> Result<String, Rc<Unknown>> {
        let (hour, minute) = (number(from, "hour")?, number(from + 1, "minute")?);
        let (second, micro) = (number(from + 2, "second")?, number(from + 3, "microsecond")?);
        let fraction = if micro == 0 { String::new() } else { format!(".{micro:06}") };
        Ok(format!("{hour:02}:{minute:02}:{second:02}{fraction}"))
    };
    Ok(match class.as_ref() {
        "decimal.Decimal" | "_decimal.Decimal" => match argument(0, "value")? {
            Some(Literal::Text(text)) => Literal::Decimal(text.trim().to_owned()),
            Some(Literal::Int(number)) => Literal::Decimal(number.to_string()),
            None => Literal::Decimal("0".to_owned()),
            Some(_) => return Err(not_data(value)),
        },
        "datetime.date" => Literal::Date(date()?),
        "datetime.time" => Literal::Time(time(0)?),
        "datetime.datetime" => {
            let zone = object.args.get(7).or_else(|| object.keyword("tzinfo"));
            let zone = match zone.map(|zone| zone.dotted()) {
                None => "",
                Some(Some(name)) if UTC.contains(&name.as_ref()) => "+00:00",
                Some(_) => return Err(not_data(value)),
            };
            Literal::DateTime(format!("{} {}{zone}", date()?, time(3)?))
        }
        "datetime.timedelta" => {
            let microseconds = number(2, "microseconds")? + 1000 * number(3, "milliseconds")?;
            let seconds = number(1, "seconds")? + 60 * number(4, "minutes")? + 3600 * number(5, "hours")?;
            let days = number(0, "days")? + 7 * number(6, "weeks")?;
            let seconds = seconds + microseconds.div_euclid(1_000_000);
            Literal::Duration {
                days: days + seconds.div_euclid(86_400),
                seconds: seconds.rem_euclid(86_400),
                microseconds: microseconds.rem_euclid(1_000_000),
            }
        }
        "uuid.UUID" => match argument(0, "hex")? {
            Some(Literal::Text(text)) => Literal::Uuid(text.to_string()),
            _ => return Err(not_data(value)),
        },
        name if RANGES.contains(&name.rsplit('.').next().unwrap_or_default()) => Literal::Range {
            lower: Box::new(argument(0, "lower")?.unwrap_or(Literal::Null)),
            upper: Box::new(argument(1, "upper")?.unwrap_or(Literal::Null)),
            bounds: match argument(2, "bounds")? {
                Some(Literal::Text(bounds)) => bounds,
                _ => "[)".into(),
            },
        },
        _ => return Err(not_data(value)),
    })
}

const UTC: [&str; 4] = ["datetime.timezone.utc", "datetime.UTC", "django.utils.timezone.utc", "pytz.utc"];

const RANGES: [&str; 5] = ["NumericRange", "DateRange", "DateTimeRange", "DateTimeTZRange", "Range"];

fn not_data(value: &Value) -> Rc<Unknown> {
    let reason = format!("{} is not plain data", value.type_name());
    Rc::new(Unknown { reason, place: value.place() })
}

//! Transforms: `created__year`, `tags__len`, `data__key`.

use super::super::super::read::{Column, Literal, Operand};
use super::super::state::{Attempt, Stop};
use super::lookup::{JsonKey, Side};
use super::output::plain;
use super::{Pieces, Sql, Writer, around, joined, text};

impl Writer<'_> {
    pub(super) fn transformed(&self, side: Side, name: &str) -> Attempt<Side> {
        if side.json_key.is_some() || side.internal() == "JSONField" {
            return Ok(self.key(side, name));
        }
        let field = side.output.clone();
        let internal = side.internal().to_owned();
        if let Some(Column::Array { base, size: _ }) = field.as_ref().map(|field| &field.column) {
            if name == "len" {
                let array = side.pieces;
                let length = around("coalesce(array_length(", array.clone(), ", 1), 0)");
                let pieces =
                    joined(vec![around("CASE WHEN ", array, " IS NULL"), text("NULL"), length], " THEN ");
                return Ok(Side::new(replace_second(pieces), Some(plain("IntegerField"))));
            }
            if let Ok(index) = name.parse::<i64>() {
                let pieces = around("(", side.pieces, &format!(")[{}]", index + 1));
                return Ok(Side::new(pieces, Some(base.clone())));
            }
        }
        if let Some(Column::Fixed(kind)) = field.as_ref().map(|field| &field.column) {
            if kind.ends_with("range") {
                return range_part(side.pieces, kind, name);
            }
            if &**kind == "hstore" {
                let key = self.text(name);
                return Ok(Side::new(
                    around("(", side.pieces, &format!(" -> {key})")),
                    Some(plain("TextField")),
                ));
            }
        }
        match (internal.as_str(), name) {
            ("DateTimeField", "date") => {
                Ok(Side::new(around("(", self.in_zone(side.pieces), ")::date"), Some(plain("DateField"))))
            }
            ("DateTimeField", "time") => {
                Ok(Side::new(around("(", self.in_zone(side.pieces), ")::time"), Some(plain("TimeField"))))
            }
            ("DateField" | "DateTimeField" | "TimeField" | "DurationField", _) if is_part(name) => {
                let inner = Side::new(side.pieces.clone(), field);
                let pieces = self.extracted(side.pieces, &internal, name);
                let mut part = Side::new(pieces, Some(plain("IntegerField")));
                if name == "year" || name == "iso_year" {
                    part.year_of = (name == "year").then(|| Box::new(inner));
                }
                Ok(part)
            }
            (_, "unaccent") => {
                let output = field.unwrap_or_else(|| plain("TextField"));
                Ok(Side::new(around("UNACCENT(", side.pieces, ")"), Some(output)))
            }
            _ => Err(Stop::new(format!("the lookup {name} of a {internal} is not known"))),
        }
    }

    /// A moment in the project's time zone.
    pub(super) fn in_zone(&self, pieces: Pieces) -> Pieces {
        if !self.view.environment.use_tz {
            return pieces;
        }
        let zone = self.text(&self.view.environment.time_zone);
        around("", pieces, &format!(" AT TIME ZONE {zone}"))
    }

    pub(super) fn extracted(&self, pieces: Pieces, internal: &str, part: &str) -> Pieces {
        let pieces = if internal == "DateTimeField" { self.in_zone(pieces) } else { pieces };
        match part {
            "week_day" => around("EXTRACT(DOW FROM ", pieces, ") + 1"),
            "iso_week_day" => around("EXTRACT(ISODOW FROM ", pieces, ")"),
            "iso_year" => around("EXTRACT(ISOYEAR FROM ", pieces, ")"),
            "second" if internal != "DurationField" && self.view.environment.version.at_least(4, 2) => {
                around("EXTRACT(SECOND FROM DATE_TRUNC('second', ", pieces, "))")
            }
            _ => around(&format!("EXTRACT({} FROM ", part.to_uppercase()), pieces, ")"),
        }
    }

    /// Years are compared by their first and last moment.
    pub(super) fn year(&self, of: Side, whole: Pieces, name: &str, operand: &Operand) -> Attempt<Sql> {
        let Operand::Literal(literal) = operand else {
            return self.lookup(Side::new(whole, Some(plain("IntegerField"))), name, operand);
        };
        if !matches!(name, "exact" | "gt" | "gte" | "lt" | "lte") {
            return self.lookup(Side::new(whole, Some(plain("IntegerField"))), name, operand);
        }
        let year = match literal {
            Literal::Int(year) => *year,
            Literal::Text(year) => year.parse().map_err(|_| Stop::new("a year that is none"))?,
            _ => return Err(Stop::new("a year that is none")),
        };
        let field = of.output.clone().unwrap_or_else(|| plain("DateField"));
        let (first, last) = if &*field.internal == "DateTimeField" {
            (
                Literal::DateTime(format!("{year:04}-01-01 00:00:00")),
                Literal::DateTime(format!("{year:04}-12-31 23:59:59.999999")),
            )
        } else {
            (Literal::Date(format!("{year:04}-01-01")), Literal::Date(format!("{year:04}-12-31")))
        };
        let (first, last) = (self.prepared(&first, &field)?, self.prepared(&last, &field)?);
        let right = match name {
            "exact" => format!(" BETWEEN {first} AND {last}"),
            "gt" => format!(" > {last}"),
            "gte" => format!(" >= {first}"),
            "lt" => format!(" < {first}"),
            _ => format!(" <= {last}"),
        };
        Ok(Sql::Text(around("", of.pieces, &right)))
    }

    /// A key, or an index, within JSON.
    fn key(&self, side: Side, name: &str) -> Side {
        let key = match side.json_key {
            Some(mut key) => {
                key.path.push(name.to_owned());
                key
            }
            None => JsonKey { of: side.pieces, path: vec![name.to_owned()] },
        };
        let mut made = Side::new(self.json_path(&key, false), side.output);
        made.json_key = Some(key);
        made
    }

    pub(super) fn json_path(&self, key: &JsonKey, as_text: bool) -> Pieces {
        if key.path.len() > 1 {
            let sign = if as_text { "#>>" } else { "#>" };
            let path: Vec<String> = key.path.iter().map(|part| self.text(part)).collect();
            return around("(", key.of.clone(), &format!(" {sign} ARRAY[{}])", path.join(", ")));
        }
        let sign = if as_text { "->>" } else { "->" };
        let name = key.path.first().map_or("", String::as_str);
        // A number is an index into a list.
        let shown = if name.parse::<i64>().is_ok() { name.to_owned() } else { self.text(name) };
        around("(", key.of.clone(), &format!(" {sign} {shown})"))
    }
}

fn is_part(name: &str) -> bool {
    matches!(
        name,
        "year"
            | "month"
            | "day"
            | "week"
            | "week_day"
            | "iso_week_day"
            | "iso_year"
            | "quarter"
            | "hour"
            | "minute"
            | "second"
    )
}

/// `CASE WHEN a IS NULL THEN NULL ELSE … END`: what `joined` put together with `THEN` twice.
fn replace_second(mut pieces: Pieces) -> Pieces {
    let then = super::Piece::Text(" THEN ".to_owned());
    if let Some(last) = pieces.iter().rposition(|piece| *piece == then) {
        pieces[last] = super::Piece::Text(" ELSE ".to_owned());
    }
    pieces.push(super::Piece::Text(" END".to_owned()));
    pieces
}

fn range_part(pieces: Pieces, kind: &str, name: &str) -> Attempt<Side> {
    let base = match kind {
        "int4range" => "IntegerField",
        "int8range" => "BigIntegerField",
        "numrange" => "DecimalField",
        "tstzrange" => "DateTimeField",
        _ => "DateField",
    };
    let (function, output) = match name {
        "startswith" => ("lower", base),
        "endswith" => ("upper", base),
        "isempty" => ("isempty", "BooleanField"),
        "lower_inc" => ("LOWER_INC", "BooleanField"),
        "lower_inf" => ("LOWER_INF", "BooleanField"),
        "upper_inc" => ("UPPER_INC", "BooleanField"),
        "upper_inf" => ("UPPER_INF", "BooleanField"),
        _ => return Err(Stop::new(format!("the lookup {name} of a range is not known"))),
    };
    Ok(Side::new(around(&format!("{function}("), pieces, ")"), Some(plain(output))))
}

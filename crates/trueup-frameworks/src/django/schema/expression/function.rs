//! Functions and arithmetic.

use std::rc::Rc;

use super::super::super::read::{Expression, Field, Function, Literal};
use super::super::literals::text_literal;
use super::super::state::{Attempt, Stop};
use super::super::statement::Piece;
use super::value::is_text;
use super::{Pieces, Sql, Writer, around, joined, text};

/// Functions whose name in SQL is not the one of the class in capitals.
const NAMES: &[(&str, &str)] = &[
    ("Ceil", "CEILING"),
    ("Ord", "ASCII"),
    ("StrIndex", "STRPOS"),
    ("Substr", "SUBSTRING"),
    ("NullIf", "NULLIF"),
    ("LTrim", "LTRIM"),
    ("RTrim", "RTRIM"),
    ("LPad", "LPAD"),
    ("RPad", "RPAD"),
    ("ATan2", "ATAN2"),
    ("ACos", "ACOS"),
    ("ASin", "ASIN"),
    ("ATan", "ATAN"),
    ("TrigramSimilarity", "SIMILARITY"),
    ("TrigramWordSimilarity", "WORD_SIMILARITY"),
    ("Unaccent", "UNACCENT"),
];

/// Functions whose name in SQL is the one of the class in capitals.
const CAPITALS: &[&str] = &[
    "Lower", "Upper", "Length", "Trim", "Reverse", "MD5", "Chr", "Left", "Right", "Repeat", "Replace",
    "Coalesce", "Greatest", "Least", "Abs", "Floor", "Round", "Sqrt", "Power", "Mod", "Exp", "Ln", "Log",
    "Sign", "Pi", "Degrees", "Radians", "Cos", "Sin", "Tan", "Cot", "Random",
];

impl Writer<'_> {
    pub(super) fn function(&self, function: &Function) -> Attempt<Pieces> {
        let class = &*function.class;
        if function.template.is_some() || class == "Func" || function.function.is_some() {
            return self.by_template(function);
        }
        match class {
            "Concat" => {
                let inner = self.concatenated(&function.arguments)?;
                return Ok(inner);
            }
            "ConcatPair" => return self.concatenated(&function.arguments),
            "Cast" => {
                let field = function.output.as_ref().ok_or_else(|| Stop::new("Cast without a field"))?;
                let of = self.first(function)?;
                return Ok(around("(", of, &format!(")::{}", self.cast_type(field)?)));
            }
            "Now" => return Ok(text("STATEMENT_TIMESTAMP()")),
            "TransactionNow" => return Ok(text("CURRENT_TIMESTAMP")),
            "RandomUUID" => return Ok(text("GEN_RANDOM_UUID()")),
            "UUID4" => {
                let new = self.view.environment.server >= 18;
                return Ok(text(if new { "UUIDV4()" } else { "GEN_RANDOM_UUID()" }));
            }
            "UUID7" => return Ok(text("UUIDV7()")),
            "SearchVector" => return self.search_vector(function),
            "SHA1" | "SHA224" | "SHA256" | "SHA384" | "SHA512" => {
                let of = self.first(function)?;
                return Ok(around("ENCODE(DIGEST(", of, &format!(", '{}'), 'hex')", class.to_lowercase())));
            }
            "KeyTransform" | "KeyTextTransform" | "KT" => return self.key_transform(function),
            "JSONObject" => return Err(Stop::new("JSONObject is not followed")),
            _ if class == "Extract" || class.starts_with("Extract") => return self.extract(function),
            _ if class == "Trunc" || class.starts_with("Trunc") => return self.truncate(function),
            _ => {}
        }
        let name = NAMES.iter().find(|(known, _)| *known == class).map(|(_, name)| (*name).to_owned());
        let name = name.or_else(|| CAPITALS.contains(&class).then(|| class.to_uppercase()));
        let Some(name) = name else {
            return Err(Stop::new(format!("the function {}.{class} is not known", function.module)));
        };
        let mut arguments = self.arguments(function)?;
        if matches!(class, "Mod" | "Round" | "Log" | "Power" | "ATan2") {
            arguments = self.fixed(function, arguments)?;
        }
        if class == "Replace" && arguments.len() == 2 {
            arguments.push(text("''"));
        }
        if (class == "LPad" || class == "RPad") && arguments.len() == 2 {
            arguments.push(text("' '"));
        }
        if class == "Round" && arguments.len() == 1 && self.view.environment.version.at_least(4, 0) {
            arguments.push(text("0"));
        }
        Ok(around(&format!("{name}("), joined(arguments, ", "), ")"))
    }

    fn arguments(&self, function: &Function) -> Attempt<Vec<Pieces>> {
        function.arguments.iter().map(|argument| self.argument(argument)).collect()
    }

    fn argument(&self, argument: &Expression) -> Attempt<Pieces> {
        match argument {
            Expression::Condition(_) => match self.conditional(argument)? {
                Sql::Text(pieces) => Ok(pieces),
                Sql::Nothing => Ok(text("false")),
                Sql::Everything => Ok(text("true")),
            },
            _ => self.expression(argument),
        }
    }

    fn first(&self, function: &Function) -> Attempt<Pieces> {
        let first = function.arguments.first();
        self.argument(first.ok_or_else(|| Stop::new(format!("{} without an argument", function.class)))?)
    }

    /// Functions of decimal numbers do not take floats.
    fn fixed(&self, function: &Function, arguments: Vec<Pieces>) -> Attempt<Vec<Pieces>> {
        let mut fixed = Vec::new();
        for (argument, pieces) in function.arguments.iter().zip(arguments) {
            let is_float = self.output(argument)?.is_some_and(|field| &*field.internal == "FloatField");
            let cast = is_float && !matches!(&*function.class, "Power" | "ATan2");
            fixed.push(if cast { around("(", pieces, ")::numeric(1000, 15)") } else { pieces });
        }
        Ok(fixed)
    }

    /// The type that `Cast` names: identity and serial columns are numbers there.
    fn cast_type(&self, field: &Field) -> Attempt<String> {
        let kind = match &*field.internal {
            "AutoField" => Some("integer".to_owned()),
            "BigAutoField" => Some("bigint".to_owned()),
            "SmallAutoField" => Some("smallint".to_owned()),
            "CharField" if field.max_length.is_none() => Some("varchar".to_owned()),
            // The types of the database; the fields of Django 5.0 and later cast to what they are.
            _ => self.view.db_type(&self.model.key(), field)?,
        };
        // A decimal without digits is a number of any length.
        let kind = kind.map(|kind| if kind == "numeric(None, None)" { "numeric".to_owned() } else { kind });
        kind.ok_or_else(|| Stop::new("Cast to a field without a column"))
    }

    /// Pairs from the right, each of texts that are not null.
    fn concatenated(&self, arguments: &[Expression]) -> Attempt<Pieces> {
        let [first, rest @ ..] = arguments else { return Err(Stop::new("Concat without arguments")) };
        let part = |argument: &Expression| -> Attempt<Pieces> {
            let output = self.output(argument)?;
            let pieces = self.argument(argument)?;
            let is_text = output.is_some_and(|field| is_text(&field.internal));
            let cast = !is_text && self.view.environment.version.at_least(4, 2);
            let pieces = if cast { around("(", pieces, ")::text") } else { pieces };
            Ok(around("COALESCE(", pieces, ", '')"))
        };
        if self.view.environment.version.before(4, 2) {
            return self.concatenated_before(arguments);
        }
        let right = match rest {
            [] => return Err(Stop::new("Concat of one argument")),
            [last] => part(last)?,
            _ => around("COALESCE(", self.concatenated(rest)?, ", '')"),
        };
        Ok(around("(", joined(vec![part(first)?, right], " || "), ")"))
    }

    /// Until 4.1, the function of the server.
    fn concatenated_before(&self, arguments: &[Expression]) -> Attempt<Pieces> {
        let [first, rest @ ..] = arguments else { return Err(Stop::new("Concat without arguments")) };
        let right = match rest {
            [] => return Err(Stop::new("Concat of one argument")),
            [last] => self.argument(last)?,
            _ => self.concatenated_before(rest)?,
        };
        Ok(around("CONCAT(", joined(vec![self.argument(first)?, right], ", "), ")"))
    }

    fn extract(&self, function: &Function) -> Attempt<Pieces> {
        let part = match function.extra.get("lookup_name") {
            Some(Literal::Text(name)) => name.to_string(),
            Some(_) | None => part_name(function.class.trim_start_matches("Extract")),
        };
        let of = function.arguments.first().ok_or_else(|| Stop::new("Extract of nothing"))?;
        let internal = self.output(of)?.map_or_else(String::new, |field| field.internal.to_string());
        if function.extra.contains_key("tzinfo") {
            return Err(Stop::new("Extract with a time zone of its own"));
        }
        Ok(self.extracted(self.expression(of)?, &internal, &part))
    }

    fn truncate(&self, function: &Function) -> Attempt<Pieces> {
        let of = function.arguments.first().ok_or_else(|| Stop::new("Trunc of nothing"))?;
        let internal = self.output(of)?.map_or_else(String::new, |field| field.internal.to_string());
        let pieces = self.expression(of)?;
        let pieces = if internal == "DateTimeField" { self.in_zone(pieces) } else { pieces };
        if &*function.class == "TruncDate" {
            return Ok(around("(", pieces, ")::date"));
        }
        if &*function.class == "TruncTime" {
            return Ok(around("(", pieces, ")::time"));
        }
        let part = match function.extra.get("lookup_name").or_else(|| function.extra.get("kind")) {
            Some(Literal::Text(name)) => name.to_string(),
            Some(_) | None => part_name(function.class.trim_start_matches("Trunc")),
        };
        let truncated = around(&format!("DATE_TRUNC({}, ", text_literal(&part)), pieces, ")");
        Ok(if internal == "TimeField" { around("", truncated, "::time") } else { truncated })
    }

    fn key_transform(&self, function: &Function) -> Attempt<Pieces> {
        let [Expression::Value { literal, output: _ }, of] = function.arguments.as_slice() else {
            return Err(Stop::new("a key that is not known"));
        };
        let name = match literal {
            Literal::Text(name) => name.to_string(),
            Literal::Int(number) => number.to_string(),
            _ => return Err(Stop::new("a key that is no text")),
        };
        let key = super::lookup::JsonKey { of: self.expression(of)?, path: vec![name] };
        Ok(self.json_path(&key, &*function.class == "KeyTextTransform"))
    }

    fn search_vector(&self, function: &Function) -> Attempt<Pieces> {
        let mut parts = Vec::new();
        for argument in &function.arguments {
            let output = self.output(argument)?;
            let pieces = self.expression(argument)?;
            let is_text = output.is_some_and(|field| is_text(&field.internal));
            let pieces = if is_text { pieces } else { around("(", pieces, ")::text") };
            parts.push(around("COALESCE(", pieces, ", '')"));
        }
        let document = joined(parts, " || ' ' || ");
        let config = match function.extra.get("config") {
            Some(Literal::Text(name)) => format!("{}::regconfig, ", text_literal(name)),
            Some(_) => return Err(Stop::new("a configuration of text search that is not known")),
            None => String::new(),
        };
        let vector = around(&format!("to_tsvector({config}"), document, ")");
        Ok(match function.extra.get("weight") {
            Some(Literal::Text(weight)) => {
                around("setweight(", vector, &format!(", {})", text_literal(weight)))
            }
            Some(_) | None => vector,
        })
    }

    /// `Func` with a template of its own.
    fn by_template(&self, function: &Function) -> Attempt<Pieces> {
        let template = match (&function.template, function.extra.get("template")) {
            (Some(template), _) => template.to_string(),
            (None, Some(Literal::Text(template))) => template.to_string(),
            (None, _) => "%(function)s(%(expressions)s)".to_owned(),
        };
        let joiner = function.joiner.as_deref().unwrap_or(", ");
        let expressions = joined(self.arguments(function)?, joiner);
        let name = function
            .function
            .as_deref()
            .map(str::to_owned)
            .or_else(|| CAPITALS.contains(&&*function.class).then(|| function.class.to_uppercase()));
        let mut pieces: Pieces = Vec::new();
        let mut rest = template.as_str();
        while let Some(at) = rest.find('%') {
            pieces.push(Piece::Text(rest[..at].to_owned()));
            let after = &rest[at + 1..];
            if let Some(after) = after.strip_prefix('%') {
                pieces.push(Piece::Text("%".to_owned()));
                rest = after;
                continue;
            }
            let (key, after) = after
                .strip_prefix('(')
                .and_then(|after| after.split_once(")s"))
                .ok_or_else(|| Stop::new("a template that is not understood"))?;
            match key {
                "expressions" | "field" => pieces.extend(expressions.clone()),
                "function" => {
                    let name = name.clone().ok_or_else(|| Stop::new("a Func without a function"))?;
                    pieces.push(Piece::Text(name));
                }
                other => match function.extra.get(other) {
                    Some(Literal::Text(value)) => pieces.push(Piece::Text(value.to_string())),
                    Some(Literal::Int(value)) => pieces.push(Piece::Text(value.to_string())),
                    Some(_) | None => return Err(Stop::new(format!("a template without {other}"))),
                },
            }
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        pieces.retain(|piece| *piece != Piece::Text(String::new()));
        Ok(pieces)
    }

    pub(super) fn combined(&self, left: &Expression, operator: &str, right: &Expression) -> Attempt<Pieces> {
        let (of_left, of_right) = (self.output(left)?, self.output(right)?);
        let (left, right) = (self.operand(left)?, self.operand(right)?);
        let is_date =
            |field: &Option<Rc<Field>>| field.as_ref().is_some_and(|field| &*field.internal == "DateField");
        if operator == "-" && is_date(&of_left) && is_date(&of_right) {
            return Ok(around("(interval '1 day' * (", joined(vec![left, right], " - "), "))"));
        }
        let sign = match operator {
            "%%" => "%",
            other => other,
        };
        Ok(around("(", joined(vec![left, right], &format!(" {sign} ")), ")"))
    }

    fn operand(&self, expression: &Expression) -> Attempt<Pieces> {
        self.argument(expression)
    }
}

/// `WeekDay` → `week_day`
fn part_name(class: &str) -> String {
    let mut name = String::new();
    for (number, character) in class.chars().enumerate() {
        if character.is_uppercase() && number > 0 {
            name.push('_');
        }
        name.extend(character.to_lowercase());
    }
    name
}

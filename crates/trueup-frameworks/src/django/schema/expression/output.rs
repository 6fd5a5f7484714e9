//! What type an expression is of, as far as its comparisons need to know.

use std::rc::Rc;

use trueup_model::Place;

use super::super::super::read::{Column, Expression, Field, Function, Literal, by_internal};
use super::super::state::Attempt;
use super::Writer;

pub(super) fn plain(internal: &str) -> Rc<Field> {
    let class = by_internal(internal);
    let mut field = Field::bare(internal, internal, Column::Internal, Place::start_of(""));
    field.empty_strings_allowed = class.is_some_and(|class| class.empty_strings_allowed);
    Rc::new(field)
}

impl Writer<'_> {
    pub(super) fn output(&self, expression: &Expression) -> Attempt<Option<Rc<Field>>> {
        Ok(match expression {
            Expression::Reference(path) => {
                let (local, rest) = self.resolve(path)?;
                let mut side = super::lookup::Side::of_column(&local);
                for name in rest {
                    side = self.transformed(side, &name)?;
                }
                side.output
            }
            Expression::Value { literal, output } => output.clone().or_else(|| of_literal(literal)),
            Expression::Condition(_) | Expression::Lookup { .. } | Expression::Not(_) => {
                Some(plain("BooleanField"))
            }
            Expression::Function(function) => self.function_output(function)?,
            Expression::Combined { left, operator, right, output } => match output {
                Some(output) => Some(output.clone()),
                None => self.combined_output(left, operator, right)?,
            },
            Expression::Case { whens, default, output } => match output {
                Some(output) => Some(output.clone()),
                None => match whens.first() {
                    Some((_, then)) => self.output(then)?,
                    None => self.output(default)?,
                },
            },
            Expression::Raw { sql: _, parameters: _, output } => output.clone(),
            Expression::Wrapped { of, output } => match output {
                Some(output) => Some(output.clone()),
                None => self.output(of)?,
            },
            Expression::Ordered { of, .. }
            | Expression::OperatorClass { of, .. }
            | Expression::Collated { of, .. } => self.output(of)?,
            Expression::List(_) => None,
        })
    }

    fn function_output(&self, function: &Function) -> Attempt<Option<Rc<Field>>> {
        if let Some(output) = &function.output {
            return Ok(Some(output.clone()));
        }
        let fixed = match &*function.class {
            "Length" | "Ord" | "StrIndex" | "Extract" | "ExtractYear" | "ExtractMonth" | "ExtractDay"
            | "ExtractHour" | "ExtractMinute" | "ExtractSecond" | "ExtractWeek" | "ExtractWeekDay"
            | "ExtractIsoWeekDay" | "ExtractIsoYear" | "ExtractQuarter" => Some("IntegerField"),
            "Chr" | "Left" | "Right" | "LPad" | "RPad" | "Repeat" | "Substr" => Some("CharField"),
            "Now" | "TransactionNow" => Some("DateTimeField"),
            "RandomUUID" | "UUID4" | "UUID7" => Some("UUIDField"),
            "TruncDate" => Some("DateField"),
            "TruncTime" => Some("TimeField"),
            "Random" | "Pi" | "TrigramSimilarity" | "SearchRank" => Some("FloatField"),
            "JSONObject" => Some("JSONField"),
            "SearchVector" => Some("SearchVectorField"),
            _ => None,
        };
        if let Some(internal) = fixed {
            return Ok(Some(plain(internal)));
        }
        for argument in &function.arguments {
            if let Some(output) = self.output(argument)? {
                return Ok(Some(output));
            }
        }
        Ok(None)
    }

    fn combined_output(
        &self,
        left: &Expression,
        operator: &str,
        right: &Expression,
    ) -> Attempt<Option<Rc<Field>>> {
        let (left, right) = (self.output(left)?, self.output(right)?);
        let (Some(left), Some(right)) = (left.clone(), right.clone()) else { return Ok(left.or(right)) };
        let is = |internal: &str| [&left, &right].iter().any(|field| &*field.internal == internal);
        let temporal = ["DateField", "DateTimeField", "TimeField"];
        if operator == "-" && left.internal == right.internal && temporal.contains(&&*left.internal) {
            return Ok(Some(plain("DurationField")));
        }
        if is("DurationField") && (is("DateField") || is("DateTimeField")) {
            return Ok(Some(plain("DateTimeField")));
        }
        if is("DecimalField") {
            return Ok(Some(plain("DecimalField")));
        }
        if is("FloatField") {
            return Ok(Some(plain("FloatField")));
        }
        Ok(Some(left))
    }
}

pub(super) fn of_literal(literal: &Literal) -> Option<Rc<Field>> {
    Some(plain(match literal {
        Literal::Text(_) => "CharField",
        Literal::Bool(_) => "BooleanField",
        Literal::Int(_) => "IntegerField",
        Literal::Float(_) => "FloatField",
        Literal::DateTime(_) => "DateTimeField",
        Literal::Date(_) => "DateField",
        Literal::Time(_) => "TimeField",
        Literal::Duration { .. } => "DurationField",
        Literal::Decimal(_) => "DecimalField",
        Literal::Bytes(_) => "BinaryField",
        Literal::Uuid(_) => "UUIDField",
        Literal::Null | Literal::List(_) | Literal::Dict(_) | Literal::Range { .. } => return None,
    }))
}

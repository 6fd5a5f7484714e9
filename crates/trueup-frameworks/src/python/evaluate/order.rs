//! Comparisons: order, and what is in a container.

use std::cmp::Ordering;
use std::rc::Rc;

use super::super::limits::NESTING;
use super::super::source::Spot;
use super::super::syntax::Comparison;
use super::super::value::{Arguments, Dict, Kind, Unknown, Value};
use super::super::world::World;
use super::compare::{Truth, is_plain, is_symbol};
use super::{Evaluated, Outcome};

impl World {
    pub(super) fn compare(
        &self,
        comparison: Comparison,
        left: &Value,
        right: &Value,
        spot: &Spot,
    ) -> Evaluated {
        let result = match comparison {
            Comparison::Is => self.is_same_object(left, right),
            Comparison::IsNot => self.is_same_object(left, right).map(|same| !same),
            Comparison::Equal | Comparison::NotEqual => {
                for (name, from, to) in [("__eq__", left, right), ("__eq__", right, left)] {
                    if let Some(method) = self.own_method(from, name) {
                        let given = self.call_positional(&method, vec![to.clone()], spot)?;
                        return Ok(match self.truth(&given)? {
                            Truth::Unknown(unknown) => self.still_unknown(&unknown, spot),
                            Truth::Yes => Value::bool(comparison == Comparison::Equal, spot),
                            Truth::No => Value::bool(comparison == Comparison::NotEqual, spot),
                        });
                    }
                }
                self.equal(left, right).map(|equal| equal == (comparison == Comparison::Equal))
            }
            Comparison::In | Comparison::NotIn => {
                let found = self.contains(right, left, spot)?;
                match found {
                    Ok(found) => Some(found == (comparison == Comparison::In)),
                    Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
                }
            }
            Comparison::Less | Comparison::LessOrEqual | Comparison::Greater | Comparison::GreaterOrEqual => {
                if let (Kind::Set(left), Kind::Set(right)) = (&left.kind, &right.kind) {
                    return self.compare_sets(comparison, left.known(), right.known(), spot);
                }
                match self.order(left, right, 0) {
                    Ordered::Known(Some(order)) => Some(match comparison {
                        Comparison::Less => order.is_lt(),
                        Comparison::LessOrEqual => order.is_le(),
                        Comparison::Greater => order.is_gt(),
                        _ => order.is_ge(),
                    }),
                    // Not a number.
                    Ordered::Known(None) => Some(false),
                    Ordered::Impossible => {
                        let message = format!(
                            "'<' not supported between '{}' and '{}'",
                            left.type_name(),
                            right.type_name()
                        );
                        return Err(self.raise("TypeError", message, spot));
                    }
                    Ordered::Unknown => None,
                }
            }
        };
        Ok(match result {
            Some(result) => Value::bool(result, spot),
            None => {
                let first = left.why_unknown().or_else(|| right.why_unknown());
                match first {
                    Some(unknown) => self.still_unknown(&unknown, spot),
                    None => self.unknown(
                        format!(
                            "how {} and {} compare is not known",
                            super::super::shown::shown(left),
                            super::super::shown::shown(right)
                        ),
                        spot,
                    ),
                }
            }
        })
    }

    fn compare_sets(
        &self,
        comparison: Comparison,
        left: Result<Dict, Rc<Unknown>>,
        right: Result<Dict, Rc<Unknown>>,
        spot: &Spot,
    ) -> Evaluated {
        let (left, right) = match (left, right) {
            (Ok(left), Ok(right)) => (left, right),
            (Err(unknown), _) | (_, Err(unknown)) => return Ok(self.still_unknown(&unknown, spot)),
        };
        let within = |small: &Dict, large: &Dict| small.keys().all(|key| large.contains(key));
        Ok(Value::bool(
            match comparison {
                Comparison::Less => within(&left, &right) && left.len() < right.len(),
                Comparison::LessOrEqual => within(&left, &right),
                Comparison::Greater => within(&right, &left) && right.len() < left.len(),
                _ => within(&right, &left),
            },
            spot,
        ))
    }

    /// Whether a container holds a value; the reason where that is not known.
    pub(in super::super) fn contains(&self, container: &Value, value: &Value, spot: &Spot) -> Outcome<bool> {
        if let Some(method) = self.own_method(container, "__contains__") {
            let given = self.call_positional(&method, vec![value.clone()], spot)?;
            return Ok(match self.truth(&given)? {
                Truth::Yes => Ok(true),
                Truth::No => Ok(false),
                Truth::Unknown(unknown) => Err(unknown),
            });
        }
        match &container.kind {
            Kind::Str(text) => match (&value.kind, value.why_unknown()) {
                (Kind::Str(part), _) => Ok(Ok(text.contains(&**part))),
                (_, Some(unknown)) => Ok(Err(unknown)),
                (kind, None) if is_symbol(kind) => {
                    Ok(Err(self.reason("whether a text holds this is not known", spot)))
                }
                _ => Err(self.raise("TypeError", "'in <string>' requires string as left operand", spot)),
            },
            Kind::Dict(cell) => match (self.key(value, spot)?, cell.known()) {
                (Ok(key), Ok(dict)) => Ok(Ok(dict.contains(&key))),
                (Err(unknown), _) | (_, Err(unknown)) => Ok(Err(unknown)),
            },
            Kind::Set(cell) => match (self.key(value, spot)?, cell.known()) {
                (Ok(key), Ok(items)) => Ok(Ok(items.contains(&key))),
                (Err(unknown), _) | (_, Err(unknown)) => Ok(Err(unknown)),
            },
            Kind::Range { start, stop, step } if value.as_int().is_some() => {
                let number = value.as_int().unwrap_or_default();
                let inside = if *step > 0 {
                    (*start..*stop).contains(&number)
                } else {
                    number <= *start && number > *stop
                };
                Ok(Ok(inside && (number - start).checked_rem(*step) == Some(0)))
            }
            Kind::Object(_) => match self.namespace_contains(container, value) {
                Some(found) => Ok(found),
                None => match self.answered_contains(container, value, spot) {
                    Some(found) => Ok(found),
                    None => self.contains_item(container, value, spot),
                },
            },
            _ => self.contains_item(container, value, spot),
        }
    }

    /// What the caller knows about what is in an object that is not followed.
    fn answered_contains(
        &self,
        container: &Value,
        value: &Value,
        spot: &Spot,
    ) -> Option<Result<bool, Rc<Unknown>>> {
        let arguments = Arguments { args: vec![container.clone(), value.clone()], kwargs: Vec::new() };
        let answers = self.surroundings.answers.as_ref()?;
        let answer = answers.call(self, "operator.contains", &arguments, spot)?;
        match (answer.as_bool(), answer.why_unknown()) {
            (Some(contains), _) => Some(Ok(contains)),
            (None, Some(unknown)) => Some(Err(unknown)),
            (None, None) => None,
        }
    }

    fn contains_item(&self, container: &Value, value: &Value, spot: &Spot) -> Outcome<bool> {
        let items = match &container.kind {
            // What is in a set or a dictionary was answered above: order does not matter here.
            Kind::List(cell) => cell.known(),
            _ => self.items_of(container, spot)?,
        };
        let items = match items {
            Ok(items) => items,
            Err(unknown) => return Ok(Err(unknown)),
        };
        self.spend(items.len() / 8, || spot.clone())?;
        let mut lost = None;
        for item in &items {
            match self.equal(item, value) {
                Some(true) => return Ok(Ok(true)),
                Some(false) => {}
                None => lost = lost.or(Some(item.why_unknown().or_else(|| value.why_unknown()))),
            }
        }
        Ok(match lost {
            None => Ok(false),
            Some(Some(unknown)) => Err(unknown),
            Some(None) => Err(self.reason(
                format!("whether {} is among these is not known", super::super::shown::shown(value)),
                spot,
            )),
        })
    }

    pub(in super::super) fn order(&self, left: &Value, right: &Value, depth: usize) -> Ordered {
        if depth > NESTING {
            return Ordered::Unknown;
        }
        let items = |left: &[Value], right: &[Value]| {
            for (left, right) in left.iter().zip(right) {
                match self.equal_at(left, right, depth + 1) {
                    Some(true) => {}
                    Some(false) => return self.order(left, right, depth + 1),
                    None => return Ordered::Unknown,
                }
            }
            Ordered::Known(Some(left.len().cmp(&right.len())))
        };
        match (&left.kind, &right.kind) {
            (Kind::Str(left), Kind::Str(right)) => Ordered::Known(Some(left.chars().cmp(right.chars()))),
            (Kind::Bytes(left), Kind::Bytes(right)) => Ordered::Known(Some(left.cmp(right))),
            (Kind::Tuple(left), Kind::Tuple(right)) => items(left, right),
            (Kind::List(left), Kind::List(right)) => match (left.known(), right.known()) {
                (Ok(left), Ok(right)) => items(&left, &right),
                _ => Ordered::Unknown,
            },
            (Kind::Float(left), Kind::Float(right)) => Ordered::Known(left.partial_cmp(right)),
            (Kind::Float(left), _) if right.as_int().is_some() => {
                float_order(*left, right.as_int().unwrap_or_default())
            }
            (_, Kind::Float(right)) if left.as_int().is_some() => {
                match float_order(*right, left.as_int().unwrap_or_default()) {
                    Ordered::Known(order) => Ordered::Known(order.map(Ordering::reverse)),
                    other => other,
                }
            }
            _ => match (left.as_int(), right.as_int()) {
                (Some(left), Some(right)) => Ordered::Known(Some(left.cmp(&right))),
                _ if is_plain(left)
                    && is_plain(right)
                    && !matches!(
                        (&left.kind, &right.kind),
                        (Kind::Set(_), _) | (_, Kind::Set(_)) | (Kind::Path(_), Kind::Path(_))
                    ) =>
                {
                    Ordered::Impossible
                }
                _ => Ordered::Unknown,
            },
        }
    }
}

pub(in super::super) enum Ordered {
    Known(Option<Ordering>),
    Impossible,
    Unknown,
}

fn float_order(left: f64, right: i128) -> Ordered {
    // Exact as long as the whole number fits into the fraction of a float.
    if right.unsigned_abs() < (1 << 53) {
        Ordered::Known(left.partial_cmp(&(right as f64)))
    } else {
        Ordered::Unknown
    }
}

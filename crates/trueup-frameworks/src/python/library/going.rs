//! Functions that go through values: `zip`, `map`, `sum` and their like.

use std::rc::Rc;

use super::super::evaluate::{Evaluated, Truth};
use super::super::source::Spot;
use super::super::value::{Content, Dict, Kind, Value};
use super::super::world::World;
use super::builtin::iterator;

impl World {
    pub(super) fn length(&self, value: &Value, spot: &Spot) -> Evaluated {
        if let Some(method) = self.own_method(value, "__len__") {
            return self.call_positional(&method, Vec::new(), spot);
        }
        let length = match &value.kind {
            Kind::Str(text) => text.chars().count(),
            Kind::Bytes(bytes) => bytes.len(),
            Kind::Tuple(items) => items.len(),
            Kind::List(cell) => match &*cell.content() {
                Content::Known(items) => items.len(),
                Content::Unknown(unknown) => return Ok(self.still_unknown(&unknown.clone(), spot)),
            },
            Kind::Dict(cell) => match &*cell.content() {
                Content::Known(dict) => dict.len(),
                Content::Unknown(unknown) => return Ok(self.still_unknown(&unknown.clone(), spot)),
            },
            Kind::Set(cell) => match &*cell.content() {
                Content::Known(items) => items.len(),
                Content::Unknown(unknown) => return Ok(self.still_unknown(&unknown.clone(), spot)),
            },
            Kind::Range { start, stop, step } => {
                return Ok(Value::int(super::super::evaluate::range_length(*start, *stop, *step), spot));
            }
            Kind::Class(class) => match self.members(class, spot)? {
                Some(members) => members.len(),
                None => return self.other_arguments("len", std::slice::from_ref(value), spot),
            },
            Kind::Name(_)
            | Kind::Attribute(_)
            | Kind::Object(_)
            | Kind::Unknown(_)
            | Kind::Super(_)
            | Kind::Lazy(_) => {
                return self.other_arguments("len", std::slice::from_ref(value), spot);
            }
            _ => {
                return Err(
                    self.wrong_type(format!("object of type '{}' has no len()", value.type_name()), spot)
                );
            }
        };
        Ok(Value::int(length as i128, spot))
    }

    pub(super) fn range(&self, args: &[Value], spot: &Spot) -> Evaluated {
        let numbers: Option<Vec<i128>> = args.iter().map(Value::as_int).collect();
        let (start, stop, step) = match numbers.as_deref() {
            Some([stop]) => (0, *stop, 1),
            Some([start, stop]) => (*start, *stop, 1),
            Some([_, _, 0]) => return Err(self.raise("ValueError", "range() arg 3 must not be zero", spot)),
            Some([start, stop, step]) => (*start, *stop, *step),
            _ => return self.other_arguments("range", args, spot),
        };
        Ok(Value::new(Kind::Range { start, stop, step }, spot))
    }

    pub(super) fn to_dict(&self, value: &Value, kwargs: Vec<(Rc<str>, Value)>, spot: &Spot) -> Evaluated {
        let made = Value::dict(Dict::new(), spot);
        self.method_of_dict(&made, "update", vec![value.clone()], kwargs, spot)?;
        match made.why_unknown() {
            Some(unknown) => Ok(self.still_unknown(&unknown, spot)),
            None => Ok(made),
        }
    }

    pub(super) fn dict_of_keys(&self, args: &[Value], spot: &Spot) -> Evaluated {
        let [keys, rest @ ..] = args else { return self.other_arguments("dict.fromkeys", args, spot) };
        let value = rest.first().cloned().unwrap_or_else(|| Value::none(spot));
        let keys = match self.items_of(keys, spot)? {
            Ok(keys) => keys,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        let mut dict = Dict::new();
        for shown in keys {
            match self.key(&shown, spot)? {
                Ok(key) => dict.insert(key, shown, value.clone()),
                Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            }
        }
        Ok(Value::dict(dict, spot))
    }

    pub(super) fn enumerate(&self, value: &Value, start: i128, spot: &Spot) -> Evaluated {
        Ok(match self.items_of(value, spot)? {
            Ok(items) => {
                let numbered = items
                    .into_iter()
                    .zip(start..)
                    .map(|(item, number)| Value::tuple(vec![Value::int(number, spot), item], spot));
                iterator(numbered.collect(), spot)
            }
            Err(unknown) => self.still_unknown(&unknown, spot),
        })
    }

    pub(super) fn zip(&self, args: &[Value], spot: &Spot) -> Evaluated {
        let mut columns = Vec::new();
        for value in args {
            match self.items_of(value, spot)? {
                Ok(items) => columns.push(items.into_iter()),
                Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            }
        }
        let mut rows = Vec::new();
        while !columns.is_empty() {
            let row: Option<Vec<Value>> = columns.iter_mut().map(Iterator::next).collect();
            match row {
                Some(row) => rows.push(Value::tuple(row, spot)),
                None => break,
            }
        }
        Ok(iterator(rows, spot))
    }

    pub(super) fn map(&self, function: &Value, values: &[Value], spot: &Spot) -> Evaluated {
        let rows = if let [one] = values {
            match self.items_of(one, spot)? {
                Ok(items) => items.into_iter().map(|item| vec![item]).collect(),
                Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            }
        } else {
            let zipped = self.zip(values, spot)?;
            match self.items_of(&zipped, spot)? {
                Ok(rows) => rows.iter().map(|row| row.items().unwrap_or_default()).collect::<Vec<_>>(),
                Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            }
        };
        let mut results = Vec::with_capacity(rows.len());
        for row in rows {
            results.push(self.call_positional(function, row, spot)?);
        }
        Ok(iterator(results, spot))
    }

    pub(super) fn filter(&self, function: &Value, value: &Value, spot: &Spot) -> Evaluated {
        let items = match self.items_of(value, spot)? {
            Ok(items) => items,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        let mut kept = Vec::new();
        for item in items {
            let test = match &function.kind {
                Kind::None => item.clone(),
                _ => self.call_positional(function, vec![item.clone()], spot)?,
            };
            match self.truth(&test)? {
                Truth::Yes => kept.push(item),
                Truth::No => {}
                Truth::Unknown(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            }
        }
        Ok(iterator(kept, spot))
    }

    pub(super) fn next(&self, value: &Value, default: Option<&Value>, spot: &Spot) -> Evaluated {
        let Kind::Iterator(cell) = &value.kind else {
            return self.other_arguments("next", std::slice::from_ref(value), spot);
        };
        let first =
            cell.change(&self.journal, |items| if items.is_empty() { None } else { Some(items.remove(0)) });
        match (first, default) {
            (Ok(Some(item)), _) => Ok(item),
            (Ok(None), Some(default)) => Ok(default.clone()),
            (Ok(None), None) => Err(self.raise("StopIteration", "", spot)),
            (Err(unknown), _) => Ok(self.still_unknown(&unknown, spot)),
        }
    }

    pub(super) fn sum(&self, value: &Value, start: Value, spot: &Spot) -> Evaluated {
        let items = match self.members_of(value, spot)? {
            // Whole numbers come to the same in any order.
            Ok(items)
                if matches!(value.kind, Kind::Set(_)) && items.iter().any(|item| item.as_int().is_none()) =>
            {
                return Ok(self.unknown("the order of a set is not known", spot));
            }
            Ok(items) => items,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        if items.iter().any(|item| matches!(item.kind, Kind::Float(_))) && items.len() > 2 {
            return Ok(
                self.unknown("how the sum of fractions is rounded depends on the version of Python", spot)
            );
        }
        let mut total = start;
        for item in items {
            total = self.operate(super::super::syntax::Operator::Add, total, item, spot)?;
        }
        Ok(total)
    }

    pub(super) fn any_or_all(&self, value: &Value, any: bool, spot: &Spot) -> Evaluated {
        let items = match self.members_of(value, spot)? {
            Ok(items) => items,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        let mut lost = None;
        for item in items {
            match self.truth(&item)? {
                Truth::Yes if any => return Ok(Value::bool(true, spot)),
                Truth::No if !any => return Ok(Value::bool(false, spot)),
                Truth::Yes | Truth::No => {}
                Truth::Unknown(unknown) => lost = lost.or(Some(unknown)),
            }
        }
        Ok(match lost {
            Some(unknown) => self.still_unknown(&unknown, spot),
            None => Value::bool(!any, spot),
        })
    }
}

//! Operators and subscripts.

use super::super::source::Spot;
use super::super::syntax::{Operator, Unary};
use super::super::value::{Arguments, ClassRef, Content, Dict, Items, Kind, Object, SetCell, Value};
use super::super::world::World;
use super::compare::is_symbol;
use super::{Evaluated, Outcome, Stop};

/// The function of Python's `operator`, and the methods for the left and the right operand.
fn names(operator: Operator) -> [&'static str; 3] {
    match operator {
        Operator::Add => ["operator.add", "__add__", "__radd__"],
        Operator::Subtract => ["operator.sub", "__sub__", "__rsub__"],
        Operator::Multiply => ["operator.mul", "__mul__", "__rmul__"],
        Operator::MatrixMultiply => ["operator.matmul", "__matmul__", "__rmatmul__"],
        Operator::Divide => ["operator.truediv", "__truediv__", "__rtruediv__"],
        Operator::Modulo => ["operator.mod", "__mod__", "__rmod__"],
        Operator::Power => ["operator.pow", "__pow__", "__rpow__"],
        Operator::ShiftLeft => ["operator.lshift", "__lshift__", "__rlshift__"],
        Operator::ShiftRight => ["operator.rshift", "__rshift__", "__rrshift__"],
        Operator::Or => ["operator.or_", "__or__", "__ror__"],
        Operator::Xor => ["operator.xor", "__xor__", "__rxor__"],
        Operator::And => ["operator.and_", "__and__", "__rand__"],
        Operator::FloorDivide => ["operator.floordiv", "__floordiv__", "__rfloordiv__"],
    }
}

/// The method for `+=` and its like.
pub(super) fn in_place_name(operator: Operator) -> Option<&'static str> {
    match operator {
        Operator::Add => Some("__iadd__"),
        Operator::Subtract => Some("__isub__"),
        Operator::Multiply => Some("__imul__"),
        Operator::Or => Some("__ior__"),
        Operator::And => Some("__iand__"),
        Operator::Xor => Some("__ixor__"),
        Operator::MatrixMultiply
        | Operator::Divide
        | Operator::Modulo
        | Operator::Power
        | Operator::ShiftLeft
        | Operator::ShiftRight
        | Operator::FloorDivide => None,
    }
}

/// The place of an index, counted from the end where it is negative.
pub(in super::super) fn place_in(index: i128, length: usize) -> Option<usize> {
    let index = if index < 0 { index + length as i128 } else { index };
    usize::try_from(index).ok().filter(|index| *index < length)
}

impl World {
    pub(in super::super) fn operate(
        &self,
        operator: Operator,
        left: Value,
        right: Value,
        spot: &Spot,
    ) -> Evaluated {
        if let Some(unknown) = left.why_unknown().or_else(|| right.why_unknown()) {
            return Ok(self.still_unknown(&unknown, spot));
        }
        let [function, direct, reflected] = names(operator);
        for (receiver, other, name) in [(&left, &right, direct), (&right, &left, reflected)] {
            if let Some(method) = self.own_method(receiver, name) {
                let result = self.call_positional(&method, vec![other.clone()], spot)?;
                if !matches!(result.kind, Kind::NotImplemented) {
                    return Ok(result);
                }
            }
        }
        // Texts are filled in by `%`, whatever stands on its right.
        if let (Operator::Modulo, Kind::Str(text)) = (operator, &left.kind) {
            return self.percent(text, &right, spot);
        }
        if is_symbol(&left.kind) || is_symbol(&right.kind) {
            let arguments = Arguments { args: vec![left, right], kwargs: Vec::new() };
            return Ok(Value::new(
                Kind::Object(Object::new(ClassRef::Name(function.into()), arguments)),
                spot,
            ));
        }
        match self.plain(operator, &left, &right, spot)? {
            Some(kind) => Ok(Value::new(kind, spot)),
            None => {
                let sign = function.trim_start_matches("operator.").trim_end_matches('_');
                let message = format!(
                    "unsupported operand types for {sign}: '{}' and '{}'",
                    left.type_name(),
                    right.type_name()
                );
                Err(self.raise("TypeError", message, spot))
            }
        }
    }

    /// Values of Python's own types; `None` where Python has no such operation.
    fn plain(
        &self,
        operator: Operator,
        left: &Value,
        right: &Value,
        spot: &Spot,
    ) -> Result<Option<Kind>, Stop> {
        if let (Some(left), Some(right)) = (left.as_int(), right.as_int()) {
            return self.whole_numbers(operator, left, right, spot).map(Some);
        }
        if let (Some(left), Some(right)) = (as_float(left), as_float(right)) {
            return self.fractions(operator, left, right, spot).map(Some);
        }
        Ok(Some(match (operator, &left.kind, &right.kind) {
            (Operator::Add, Kind::Str(left), Kind::Str(right)) => {
                self.text_room(left.len() + right.len(), spot)?;
                Kind::Str(format!("{left}{right}").into())
            }
            (Operator::Add, Kind::Bytes(left), Kind::Bytes(right)) => {
                self.text_room(left.len() + right.len(), spot)?;
                Kind::Bytes([&**left, &**right].concat().into())
            }
            (Operator::Add, Kind::List(left), Kind::List(right)) => {
                let (mut items, others) =
                    (left.known().unwrap_or_default(), right.known().unwrap_or_default());
                self.pay(items.len() + others.len(), spot)?;
                items.extend(others);
                return Ok(Some(Value::list(items, spot).kind));
            }
            (Operator::Add, Kind::Tuple(left), Kind::Tuple(right)) => {
                self.pay(left.len() + right.len(), spot)?;
                Kind::Tuple(Items::new(left.iter().chain(right.iter()).cloned().collect()))
            }
            (Operator::Multiply, _, _) => match (left.as_int(), right.as_int()) {
                (Some(times), None) => return self.repeated(right, times, spot),
                (None, Some(times)) => return self.repeated(left, times, spot),
                _ => return Ok(None),
            },
            (Operator::Modulo, Kind::Bytes(_), _) => {
                return Ok(Some(self.unknown("% on bytes is not followed", spot).kind));
            }
            (Operator::Or, Kind::Dict(left), Kind::Dict(right)) => {
                let (mut dict, other) = (left.known().unwrap_or_default(), right.known().unwrap_or_default());
                self.pay(dict.len() + other.len(), spot)?;
                for (key, value) in other.entries() {
                    if let Ok(place) = super::super::value::Key::of(key) {
                        dict.insert(place, key.clone(), value.clone());
                    }
                }
                return Ok(Some(Value::dict(dict, spot).kind));
            }
            (
                Operator::Or | Operator::And | Operator::Subtract | Operator::Xor,
                Kind::Set(left_cell),
                Kind::Set(right_cell),
            ) => {
                let (left, right) =
                    (left_cell.known().unwrap_or_default(), right_cell.known().unwrap_or_default());
                self.pay(left.len() + right.len(), spot)?;
                Kind::Set(SetCell::new(combine(operator, &left, &right), left_cell.frozen))
            }
            (Operator::Divide, Kind::Path(left), Kind::Path(right) | Kind::Str(right)) => {
                self.text_room(left.len() + right.len(), spot)?;
                Kind::Path(super::super::library::join_paths(left, right).into())
            }
            (Operator::Divide, Kind::Str(left), Kind::Path(right)) => {
                self.text_room(left.len() + right.len(), spot)?;
                Kind::Path(super::super::library::join_paths(left, right).into())
            }
            // `int | None` in annotations and elsewhere.
            (
                Operator::Or,
                Kind::Class(_) | Kind::Builtin(_) | Kind::None,
                Kind::Class(_) | Kind::Builtin(_) | Kind::None,
            ) => {
                let arguments = Arguments { args: vec![left.clone(), right.clone()], kwargs: Vec::new() };
                Kind::Object(Object::new(ClassRef::Name("operator.or_".into()), arguments))
            }
            _ => return Ok(None),
        }))
    }

    fn pay(&self, items: usize, spot: &Spot) -> Result<(), Stop> {
        self.room_for(items, spot)?;
        self.spend(items / 16, || spot.clone())
    }

    fn repeated(&self, value: &Value, times: i128, spot: &Spot) -> Result<Option<Kind>, Stop> {
        let times = usize::try_from(times.clamp(0, i128::from(u32::MAX))).unwrap_or_default();
        Ok(Some(match &value.kind {
            Kind::Str(text) => {
                self.text_room(text.len().saturating_mul(times), spot)?;
                Kind::Str(text.repeat(times).into())
            }
            Kind::Bytes(bytes) => {
                self.text_room(bytes.len().saturating_mul(times), spot)?;
                Kind::Bytes(bytes.repeat(times).into())
            }
            Kind::List(cell) => {
                let items = cell.known().unwrap_or_default();
                self.pay(items.len().saturating_mul(times), spot)?;
                return Ok(Some(
                    Value::list(items.iter().cycle().take(items.len() * times).cloned().collect(), spot).kind,
                ));
            }
            Kind::Tuple(items) => {
                self.pay(items.len().saturating_mul(times), spot)?;
                Kind::Tuple(Items::new(items.iter().cycle().take(items.len() * times).cloned().collect()))
            }
            _ => return Ok(None),
        }))
    }

    fn whole_numbers(&self, operator: Operator, left: i128, right: i128, spot: &Spot) -> Result<Kind, Stop> {
        let zero = || self.raise("ZeroDivisionError", "division by zero", spot);
        let result = match operator {
            Operator::Add => left.checked_add(right),
            Operator::Subtract => left.checked_sub(right),
            Operator::Multiply => left.checked_mul(right),
            Operator::Divide => {
                if right == 0 {
                    return Err(zero());
                }
                // Exact as long as both fit into the fraction of a float.
                let fits = |number: i128| number.unsigned_abs() < (1 << 53);
                if fits(left) && fits(right) {
                    return Ok(Kind::Float(left as f64 / right as f64));
                }
                None
            }
            Operator::FloorDivide => {
                if right == 0 {
                    return Err(zero());
                }
                floor_divide(left, right)
            }
            Operator::Modulo => {
                if right == 0 {
                    return Err(zero());
                }
                floor_divide(left, right)
                    .and_then(|quotient| quotient.checked_mul(right))
                    .and_then(|part| left.checked_sub(part))
            }
            Operator::Power => {
                if right < 0 {
                    return if left == 0 {
                        Err(zero())
                    } else {
                        self.fractions(operator, left as f64, right as f64, spot)
                    };
                }
                u32::try_from(right).ok().and_then(|power| left.checked_pow(power))
            }
            Operator::ShiftLeft => {
                if right < 0 {
                    return Err(self.raise("ValueError", "negative shift count", spot));
                }
                u32::try_from(right)
                    .ok()
                    .filter(|places| *places < 126)
                    .and_then(|places| left.checked_mul(1_i128 << places))
            }
            Operator::ShiftRight => {
                if right < 0 {
                    return Err(self.raise("ValueError", "negative shift count", spot));
                }
                Some(left >> u32::try_from(right.min(127)).unwrap_or(127))
            }
            Operator::Or => Some(left | right),
            Operator::Xor => Some(left ^ right),
            Operator::And => Some(left & right),
            Operator::MatrixMultiply => None,
        };
        Ok(match result {
            Some(number) => Kind::Int(number),
            None => self.unknown("a number beyond what is followed", spot).kind,
        })
    }

    fn fractions(&self, operator: Operator, left: f64, right: f64, spot: &Spot) -> Result<Kind, Stop> {
        let zero = || self.raise("ZeroDivisionError", "float division by zero", spot);
        Ok(Kind::Float(match operator {
            Operator::Add => left + right,
            Operator::Subtract => left - right,
            Operator::Multiply => left * right,
            Operator::Divide if right == 0.0 => return Err(zero()),
            Operator::Divide => left / right,
            // The last digits of these depend on how they are computed.
            Operator::FloorDivide
            | Operator::Modulo
            | Operator::Power
            | Operator::MatrixMultiply
            | Operator::ShiftLeft
            | Operator::ShiftRight
            | Operator::Or
            | Operator::Xor
            | Operator::And => {
                return Ok(self.unknown("this operation on fractions is not followed", spot).kind);
            }
        }))
    }

    pub(super) fn unary(&self, unary: Unary, value: Value, spot: &Spot) -> Evaluated {
        if let Some(unknown) = value.why_unknown() {
            return Ok(self.still_unknown(&unknown, spot));
        }
        let (function, own) = match unary {
            Unary::Invert => ("operator.invert", "__invert__"),
            Unary::Plus => ("operator.pos", "__pos__"),
            Unary::Minus | Unary::Not => ("operator.neg", "__neg__"),
        };
        if let Some(method) = self.own_method(&value, own) {
            return self.call_positional(&method, Vec::new(), spot);
        }
        if is_symbol(&value.kind) {
            let arguments = Arguments { args: vec![value], kwargs: Vec::new() };
            return Ok(Value::new(
                Kind::Object(Object::new(ClassRef::Name(function.into()), arguments)),
                spot,
            ));
        }
        let kind = match (unary, value.as_int(), &value.kind) {
            (Unary::Minus | Unary::Not, Some(number), _) => number.checked_neg().map(Kind::Int),
            (Unary::Plus, Some(number), _) => Some(Kind::Int(number)),
            (Unary::Invert, Some(number), _) => Some(Kind::Int(!number)),
            (Unary::Minus | Unary::Not, None, Kind::Float(number)) => Some(Kind::Float(-number)),
            (Unary::Plus, None, Kind::Float(number)) => Some(Kind::Float(*number)),
            _ => {
                let message = format!("bad operand type for unary operator: '{}'", value.type_name());
                return Err(self.raise("TypeError", message, spot));
            }
        };
        Ok(kind.map_or_else(
            || self.unknown("a number beyond what is followed", spot),
            |kind| Value::new(kind, spot),
        ))
    }

    pub(in super::super) fn item_of(&self, value: &Value, index: &Value, spot: &Spot) -> Evaluated {
        if let Some(method) = self.own_method(value, "__getitem__") {
            return self.call_positional(&method, vec![index.clone()], spot);
        }
        match &value.kind {
            Kind::Unknown(unknown) => Ok(self.still_unknown(unknown, spot)),
            Kind::Dict(cell) => match (self.key(index, spot)?, &*cell.content()) {
                (_, Content::Unknown(unknown)) => Ok(self.still_unknown(&unknown.clone(), spot)),
                (Err(unknown), _) => Ok(self.still_unknown(&unknown, spot)),
                (Ok(key), Content::Known(dict)) => match dict.get(&key) {
                    Some(found) => Ok(self.resolve(found)),
                    None => Err(self.raise("KeyError", super::super::shown::shown(index), spot)),
                },
            },
            Kind::List(cell) => match &cell.known() {
                Ok(items) => self.item_of_sequence(value, items, index, spot),
                Err(unknown) => Ok(self.still_unknown(unknown, spot)),
            },
            Kind::Tuple(items) => self.item_of_sequence(value, items, index, spot),
            Kind::Str(text) => {
                self.text_room(text.len(), spot)?;
                let characters: Vec<char> = text.chars().collect();
                if matches!(index.kind, Kind::Slice(_)) {
                    return Ok(match self.slice_places(index, characters.len(), spot)? {
                        Ok(places) => Value::str(
                            places.into_iter().map(|place| characters[place]).collect::<String>(),
                            spot,
                        ),
                        Err(unknown) => self.still_unknown(&unknown, spot),
                    });
                }
                self.at(index, characters.len(), "string", spot)?.map_or_else(
                    |unknown| Ok(self.still_unknown(&unknown, spot)),
                    |place| Ok(Value::str(characters[place].to_string(), spot)),
                )
            }
            Kind::Bytes(bytes) => {
                if matches!(index.kind, Kind::Slice(_)) {
                    return Ok(match self.slice_places(index, bytes.len(), spot)? {
                        Ok(places) => {
                            let part: Vec<u8> = places.into_iter().map(|place| bytes[place]).collect();
                            Value::new(Kind::Bytes(part.into()), spot)
                        }
                        Err(unknown) => self.still_unknown(&unknown, spot),
                    });
                }
                self.at(index, bytes.len(), "bytes", spot)?.map_or_else(
                    |unknown| Ok(self.still_unknown(&unknown, spot)),
                    |place| Ok(Value::int(i128::from(bytes[place]), spot)),
                )
            }
            Kind::Range { .. } => match self.items_of(value, spot)? {
                Ok(items) if !matches!(index.kind, Kind::Slice(_)) => {
                    self.item_of_sequence(value, &items, index, spot)
                }
                Ok(_) => Ok(self.unknown("a slice of a range is not followed", spot)),
                Err(unknown) => Ok(self.still_unknown(&unknown, spot)),
            },
            Kind::Object(object) => {
                if let Some(found) = self.item_of_object(object, index, spot)? {
                    return Ok(found);
                }
                Ok(self.item_symbol(value, index, spot))
            }
            // `list[int]`, `Color["red"]`.
            Kind::Class(class) => {
                if let (Some(_), Some(name)) = (self.members(class, spot)?, index.as_str()) {
                    return match self.attribute_of(value, name, spot) {
                        Err(Stop::Raised(_)) => Err(self.raise("KeyError", name, spot)),
                        other => other,
                    };
                }
                Ok(self.item_symbol(value, index, spot))
            }
            Kind::Name(_) | Kind::Attribute(_) | Kind::Builtin(_) | Kind::Super(_) | Kind::Module(_) => {
                Ok(self.item_symbol(value, index, spot))
            }
            Kind::Lazy(_) => self.item_of(&self.resolve(value), index, spot),
            Kind::None
            | Kind::Ellipsis
            | Kind::NotImplemented
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Set(_)
            | Kind::Slice(_)
            | Kind::Iterator(_)
            | Kind::Path(_)
            | Kind::Function(_)
            | Kind::Method(_)
            | Kind::Partial(_) => Err(self.raise(
                "TypeError",
                format!("'{}' object is not subscriptable", value.type_name()),
                spot,
            )),
        }
    }

    fn item_symbol(&self, value: &Value, index: &Value, spot: &Spot) -> Value {
        let arguments = Arguments { args: vec![value.clone(), index.clone()], kwargs: Vec::new() };
        if let Some(answers) = &self.surroundings.answers
            && let Some(item) = answers.call(self, "operator.getitem", &arguments, spot)
        {
            return item;
        }
        Value::new(Kind::Object(Object::new(ClassRef::Name("operator.getitem".into()), arguments)), spot)
    }

    fn item_of_sequence(&self, value: &Value, items: &[Value], index: &Value, spot: &Spot) -> Evaluated {
        if matches!(index.kind, Kind::Slice(_)) {
            return Ok(match self.slice_places(index, items.len(), spot)? {
                Ok(places) => {
                    self.pay(places.len(), spot)?;
                    let part = places.into_iter().map(|place| items[place].clone()).collect();
                    if matches!(value.kind, Kind::List(_)) {
                        Value::list(part, spot)
                    } else {
                        Value::tuple(part, spot)
                    }
                }
                Err(unknown) => self.still_unknown(&unknown, spot),
            });
        }
        self.at(index, items.len(), &value.type_name(), spot)?.map_or_else(
            |unknown| Ok(self.still_unknown(&unknown, spot)),
            |place| Ok(self.resolve(&items[place])),
        )
    }

    /// The place that an index means.
    fn at(&self, index: &Value, length: usize, what: &str, spot: &Spot) -> Outcome<usize> {
        if let Some(unknown) = index.why_unknown() {
            return Ok(Err(unknown));
        }
        match index.as_int() {
            Some(number) => match place_in(number, length) {
                Some(place) => Ok(Ok(place)),
                None => Err(self.raise("IndexError", format!("{what} index out of range"), spot)),
            },
            None if is_symbol(&index.kind) => Ok(Err(self.reason("an index that is not known", spot))),
            None => Err(self.raise("TypeError", format!("{what} indices must be integers or slices"), spot)),
        }
    }

    /// The places that a slice means, in its order.
    pub(super) fn slice_places(&self, slice: &Value, length: usize, spot: &Spot) -> Outcome<Vec<usize>> {
        let (start, stop, step) = match self.slice_bounds(slice, length, spot)? {
            Ok(bounds) => bounds,
            Err(unknown) => return Ok(Err(unknown)),
        };
        let mut places = Vec::new();
        let mut at = start;
        while (step > 0 && at < stop) || (step < 0 && at > stop) {
            places.extend(usize::try_from(at));
            at = at.saturating_add(step);
        }
        Ok(Ok(places))
    }

    /// Where a slice begins and ends, and its step, never zero.
    pub(super) fn slice_bounds(
        &self,
        slice: &Value,
        length: usize,
        spot: &Spot,
    ) -> Outcome<(i128, i128, i128)> {
        let Kind::Slice(parts) = &slice.kind else { return Ok(Ok((0, 0, 1))) };
        let mut numbers = [None; 3];
        for (number, part) in numbers.iter_mut().zip(parts.iter()) {
            if let Some(unknown) = part.why_unknown() {
                return Ok(Err(unknown));
            }
            *number = match (&part.kind, part.as_int()) {
                (Kind::None, _) => None,
                (_, Some(given)) => Some(given),
                (kind, None) if is_symbol(kind) => {
                    return Ok(Err(self.reason("a slice that is not known", spot)));
                }
                _ => return Err(self.raise("TypeError", "slice indices must be integers or None", spot)),
            };
        }
        let [start, stop, step] = numbers;
        let step = step.unwrap_or(1);
        if step == 0 {
            return Err(self.raise("ValueError", "slice step cannot be zero", spot));
        }
        let size = length as i128;
        let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
        let clamp = |given: i128| {
            let given = if given < 0 { given.saturating_add(size) } else { given };
            given.clamp(low, high)
        };
        let (first, last) = if step > 0 { (low, high) } else { (high, low) };
        Ok(Ok((start.map_or(first, clamp), stop.map_or(last, clamp), step)))
    }
}

fn combine(operator: Operator, left: &Dict, right: &Dict) -> Dict {
    let mut result = Dict::new();
    let mut add = |from: &Dict, test: &dyn Fn(&super::super::value::Key) -> bool| {
        for (value, _) in from.entries() {
            if let Ok(key) = super::super::value::Key::of(value)
                && test(&key)
            {
                result.insert(key, value.clone(), value.clone());
            }
        }
    };
    match operator {
        Operator::Or => {
            add(left, &|_| true);
            add(right, &|_| true);
        }
        Operator::And => add(left, &|key| right.contains(key)),
        Operator::Subtract => add(left, &|key| !right.contains(key)),
        _ => {
            add(left, &|key| !right.contains(key));
            add(right, &|key| !left.contains(key));
        }
    }
    result
}

pub(in super::super) fn as_float(value: &Value) -> Option<f64> {
    match &value.kind {
        Kind::Float(number) => Some(*number),
        _ => value.as_int().filter(|number| number.unsigned_abs() < (1 << 53)).map(|number| number as f64),
    }
}

/// Division towards negative infinity.
fn floor_divide(left: i128, right: i128) -> Option<i128> {
    let quotient = left.checked_div(right)?;
    let exact = quotient.checked_mul(right)? == left;
    if exact || (left < 0) == (right < 0) { Some(quotient) } else { quotient.checked_sub(1) }
}

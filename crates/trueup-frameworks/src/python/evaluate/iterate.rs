//! Going through values.

use std::rc::Rc;

use super::super::limits::ITEMS;
use super::super::source::Spot;
use super::super::value::{Content, Kind, Unknown, Value};
use super::super::world::World;
use super::Stop;
use super::compare::range_length;

/// Items, or why they are not known.
pub(in super::super) type Found = Result<Vec<Value>, Rc<Unknown>>;

impl World {
    /// What a loop over the value goes through, in order. An iterator is empty afterwards.
    pub(in super::super) fn items_of(&self, value: &Value, spot: &Spot) -> Result<Found, Stop> {
        let items = match &value.kind {
            Kind::Set(cell) => match cell.known() {
                Ok(items) if items.len() > 1 => Err(self.reason("the order of a set is not known", spot)),
                Ok(items) => Ok(items.values().cloned().collect()),
                Err(unknown) => Err(unknown),
            },
            _ => return self.members_of(value, spot),
        };
        Ok(items)
    }

    /// The same for somebody who does not care about the order.
    pub(in super::super) fn members_of(&self, value: &Value, spot: &Spot) -> Result<Found, Stop> {
        if let Some(method) = self.own_method(value, "__iter__") {
            let given = self.call_positional(&method, Vec::new(), spot)?;
            if matches!(given.kind, Kind::Object(_)) {
                return Ok(Err(self.reason("an iterator of the project is not followed", spot)));
            }
            return self.members_of(&given, spot);
        }
        let items = match &value.kind {
            Kind::Tuple(items) => Ok(items.to_vec()),
            Kind::List(cell) => cell.known(),
            Kind::Iterator(cell) => {
                let items = cell.known();
                if items.is_ok() {
                    cell.replace(&self.journal, Content::Known(Vec::new()));
                }
                items
            }
            Kind::Dict(cell) => cell.known().map(|dict| dict.entries().map(|(key, _)| key.clone()).collect()),
            Kind::Set(cell) => cell.known().map(|items| items.values().cloned().collect()),
            Kind::Str(text) => {
                self.room_for(text.len().min(ITEMS + 1), spot)?;
                Ok(text.chars().map(|character| Value::str(character.to_string(), spot)).collect())
            }
            Kind::Bytes(bytes) => {
                self.room_for(bytes.len(), spot)?;
                Ok(bytes.iter().map(|byte| Value::int(i128::from(*byte), spot)).collect())
            }
            Kind::Range { start, stop, step } => {
                let length = range_length(*start, *stop, *step);
                let Some(length) = usize::try_from(length).ok().filter(|length| *length <= ITEMS) else {
                    return Err(self.too_much("a range is too long", spot));
                };
                Ok((0..length as i128).map(|index| Value::int(start + index * step, spot)).collect())
            }
            Kind::Unknown(unknown) => Err(unknown.clone()),
            Kind::Lazy(_) => return self.members_of(&self.resolve(value), spot),
            Kind::Class(class) => match self.members(class, spot)? {
                Some(members) => Ok(members),
                None => Err(self.reason(format!("the class {} is not gone through", class.name), spot)),
            },
            Kind::Object(object) => match self.items_of_object(object, spot)? {
                Some(items) => items,
                None => Err(self.not_iterable(value, spot)),
            },
            Kind::Name(_) | Kind::Attribute(_) | Kind::Super(_) | Kind::Slice(_) => {
                Err(self.not_iterable(value, spot))
            }
            Kind::None
            | Kind::Ellipsis
            | Kind::NotImplemented
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Path(_)
            | Kind::Function(_)
            | Kind::Method(_)
            | Kind::Partial(_)
            | Kind::Builtin(_)
            | Kind::Module(_) => {
                return Err(self.raise(
                    "TypeError",
                    format!("'{}' object is not iterable", value.type_name()),
                    spot,
                ));
            }
        };
        if let Ok(items) = &items {
            self.spend(items.len() / 16, || spot.clone())?;
        }
        Ok(items)
    }

    fn not_iterable(&self, value: &Value, spot: &Spot) -> Rc<Unknown> {
        self.reason(format!("what is in {} is not known", super::super::shown::shown(value)), spot)
    }
}

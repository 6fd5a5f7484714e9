//! Giving values to names, attributes and items.

use std::rc::Rc;

use super::super::source::Spot;
use super::super::syntax::{Expression, ExpressionKind, Operator};
use super::super::value::{Content, Key, Kind, ListCell, Scope, SetCell, Value};
use super::super::world::World;
use super::{Frame, Outcome, Stop};

impl World {
    /// Gives a name a value in the scope that Python would choose.
    pub(super) fn bind(&self, frame: &Frame, name: &Rc<str>, value: Value) {
        self.scope_for(frame, name).set(&self.journal, name, value);
    }

    fn scope_for(&self, frame: &Frame, name: &Rc<str>) -> Rc<Scope> {
        if frame.globals.borrow().contains(name) {
            return frame.module.scope.clone();
        }
        if frame.nonlocals.borrow().contains(name) {
            let mut outer = frame.scope.parent.clone();
            while let Some(scope) = outer {
                if scope.get(name).is_some() {
                    return scope;
                }
                outer = scope.parent.clone();
            }
        }
        frame.scope.clone()
    }

    pub(super) fn bind_outside(&self, frame: &Frame, name: &Rc<str>, value: Value) {
        if frame.globals.borrow().contains(name) || frame.nonlocals.borrow().contains(name) {
            self.bind(frame, name, value);
        } else {
            frame.binding.set(&self.journal, name, value);
        }
    }

    pub(super) fn assign(&self, frame: &Frame, target: &Expression, value: Value) -> Result<(), Stop> {
        match &target.kind {
            ExpressionKind::Name(name) => {
                self.bind(frame, name, value);
                Ok(())
            }
            ExpressionKind::Tuple(targets) | ExpressionKind::List(targets) => {
                self.unpack(frame, targets, value, &frame.spot(target.span))
            }
            ExpressionKind::Star(target) => self.assign(frame, target, value),
            ExpressionKind::Attribute(object, name) => {
                let object = self.expression(frame, object)?;
                self.set_attribute(&object, name, value, &frame.spot(target.span))
            }
            ExpressionKind::Subscript(container, index) => {
                let container = self.expression(frame, container)?;
                let index = self.expression(frame, index)?;
                self.set_item(&container, &index, value, &frame.spot(target.span))
            }
            _ => Ok(()),
        }
    }

    fn unpack(&self, frame: &Frame, targets: &[Expression], value: Value, spot: &Spot) -> Result<(), Stop> {
        let items = match self.items_of(&value, spot)? {
            Ok(items) => items,
            Err(unknown) => {
                for target in targets {
                    self.assign(frame, target, self.still_unknown(&unknown, spot))?;
                }
                return Ok(());
            }
        };
        let star = targets.iter().position(|target| matches!(target.kind, ExpressionKind::Star(_)));
        let needed = targets.len() - usize::from(star.is_some());
        if items.len() < needed || (star.is_none() && items.len() > needed) {
            let message = format!("{} values for {needed} names", items.len());
            return Err(self.raise("ValueError", message, spot));
        }
        let Some(star) = star else {
            for (target, item) in targets.iter().zip(items) {
                self.assign(frame, target, item)?;
            }
            return Ok(());
        };
        let after = targets.len() - star - 1;
        let middle = items[star..items.len() - after].to_vec();
        for (target, item) in targets[..star].iter().zip(&items) {
            self.assign(frame, target, item.clone())?;
        }
        self.assign(frame, &targets[star], Value::list(middle, spot))?;
        for (target, item) in targets[star + 1..].iter().zip(&items[items.len() - after..]) {
            self.assign(frame, target, item.clone())?;
        }
        Ok(())
    }

    pub(super) fn augment(
        &self,
        frame: &Frame,
        target: &Expression,
        operator: Operator,
        value: &Expression,
        spot: &Spot,
    ) -> Result<(), Stop> {
        match &target.kind {
            ExpressionKind::Attribute(object, name) => {
                let object = self.expression(frame, object)?;
                let old = self.attribute_of(&object, name, spot)?;
                let other = self.expression(frame, value)?;
                let new = self.augmented(old, operator, other, spot)?;
                self.set_attribute(&object, name, new, spot)
            }
            ExpressionKind::Subscript(container, index) => {
                let container = self.expression(frame, container)?;
                let index = self.expression(frame, index)?;
                let old = self.item_of(&container, &index, spot)?;
                let other = self.expression(frame, value)?;
                let new = self.augmented(old, operator, other, spot)?;
                self.set_item(&container, &index, new, spot)
            }
            _ => {
                let old = self.expression(frame, target)?;
                let other = self.expression(frame, value)?;
                let new = self.augmented(old, operator, other, spot)?;
                self.assign(frame, target, new)
            }
        }
    }

    /// Lists, dictionaries and sets are changed where they are; all else makes something new.
    fn augmented(&self, old: Value, operator: Operator, other: Value, spot: &Spot) -> Result<Value, Stop> {
        match (&old.kind, operator) {
            (Kind::List(cell), Operator::Add) => {
                let added = match self.items_of(&other, spot)? {
                    Ok(items) => {
                        self.spend(items.len() / 16, || spot.clone())?;
                        self.room_for(cell.known().map_or(0, |items| items.len()) + items.len(), spot)?;
                        cell.change(&self.journal, |old| old.extend(items)).err()
                    }
                    Err(unknown) => Some(unknown),
                };
                if let Some(unknown) = added {
                    cell.replace(&self.journal, Content::Unknown(unknown));
                }
                Ok(old)
            }
            (Kind::Dict(_), Operator::Or) => {
                self.method_of_dict(&old, "update", vec![other], Vec::new(), spot)?;
                Ok(old)
            }
            (Kind::Set(cell), Operator::Or | Operator::And | Operator::Subtract | Operator::Xor)
                if !cell.frozen =>
            {
                let new = self.operate(operator, old.clone(), other, spot)?;
                self.take_over(cell, &new);
                Ok(old)
            }
            _ => {
                if let Some(name) = super::operator::in_place_name(operator)
                    && let Some(method) = self.own_method(&old, name)
                {
                    return self.call_positional(&method, vec![other], spot);
                }
                self.operate(operator, old, other, spot)
            }
        }
    }

    fn take_over(&self, cell: &Rc<SetCell>, new: &Value) {
        let content = match &new.kind {
            Kind::Set(new) => new.content().clone(),
            _ => match new.why_unknown() {
                Some(unknown) => Content::Unknown(unknown),
                None => return,
            },
        };
        cell.replace(&self.journal, content);
    }

    pub(in super::super) fn set_item(
        &self,
        container: &Value,
        index: &Value,
        value: Value,
        spot: &Spot,
    ) -> Result<(), Stop> {
        match &container.kind {
            Kind::Dict(cell) => {
                match self.key(index, spot)? {
                    Ok(key) => {
                        let _ = cell.change(&self.journal, |dict| dict.insert(key, index.clone(), value));
                    }
                    Err(unknown) => drop(cell.replace(&self.journal, Content::Unknown(unknown))),
                }
                Ok(())
            }
            Kind::List(cell) if matches!(index.kind, Kind::Slice(_)) => {
                self.set_slice(cell, index, &value, spot)
            }
            Kind::List(cell) => {
                let Some(at) = index.as_int() else {
                    let unknown = index
                        .why_unknown()
                        .unwrap_or_else(|| self.reason("an assignment to a slice is not followed", spot));
                    cell.replace(&self.journal, Content::Unknown(unknown));
                    return Ok(());
                };
                let done = cell.change(&self.journal, |items| {
                    let at = super::operator::place_in(at, items.len());
                    at.and_then(|at| items.get_mut(at)).map(|item| *item = value)
                });
                match done {
                    Ok(Some(())) | Err(_) => Ok(()),
                    Ok(None) => Err(self.raise("IndexError", "list assignment index out of range", spot)),
                }
            }
            Kind::Object(object) => {
                if let Some(method) = self.own_method(container, "__setitem__") {
                    self.call_positional(&method, vec![index.clone(), value], spot)?;
                } else {
                    self.set_item_of_object(object, index, value, spot);
                }
                Ok(())
            }
            Kind::Name(_) | Kind::Attribute(_) | Kind::Unknown(_) => Ok(()),
            _ => Err(self.raise(
                "TypeError",
                format!("'{}' object does not support item assignment", container.type_name()),
                spot,
            )),
        }
    }

    /// `items[1:3] = others`, with steps of one.
    fn set_slice(&self, cell: &Rc<ListCell>, slice: &Value, value: &Value, spot: &Spot) -> Result<(), Stop> {
        let lose = |unknown| drop(cell.replace(&self.journal, Content::Unknown(unknown)));
        let Ok(mut items) = cell.known() else { return Ok(()) };
        let new = match self.items_of(value, spot)? {
            Ok(new) => new,
            Err(unknown) => {
                lose(unknown);
                return Ok(());
            }
        };
        self.room_for(items.len() + new.len(), spot)?;
        match self.slice_bounds(slice, items.len(), spot)? {
            Ok((start, stop, 1)) => {
                let start = usize::try_from(start).unwrap_or_default();
                let stop = usize::try_from(stop).unwrap_or_default().max(start);
                items.splice(start..stop, new);
                cell.replace(&self.journal, Content::Known(items));
            }
            Ok(_) => lose(self.reason("an assignment to a slice with steps is not followed", spot)),
            Err(unknown) => lose(unknown),
        }
        Ok(())
    }

    pub(super) fn delete(&self, frame: &Frame, target: &Expression) -> Result<(), Stop> {
        let spot = frame.spot(target.span);
        match &target.kind {
            ExpressionKind::Name(name) => match self.scope_for(frame, name).remove(&self.journal, name) {
                Some(_) => Ok(()),
                None => Err(self.raise("NameError", format!("name '{name}' is not defined"), &spot)),
            },
            ExpressionKind::Tuple(targets) | ExpressionKind::List(targets) => {
                targets.iter().try_for_each(|target| self.delete(frame, target))
            }
            ExpressionKind::Attribute(object, name) => {
                let object = self.expression(frame, object)?;
                let scope = match &object.kind {
                    Kind::Object(object) => &object.attributes,
                    Kind::Class(class) => &class.attributes,
                    Kind::Module(module) => &module.scope,
                    _ => return Ok(()),
                };
                scope.remove(&self.journal, name);
                Ok(())
            }
            ExpressionKind::Subscript(container, index) => {
                let container = self.expression(frame, container)?;
                let index = self.expression(frame, index)?;
                self.delete_item(&container, &index, &spot)
            }
            _ => Ok(()),
        }
    }

    fn delete_item(&self, container: &Value, index: &Value, spot: &Spot) -> Result<(), Stop> {
        match &container.kind {
            Kind::Dict(cell) => match self.key(index, spot)? {
                Ok(key) => match cell.change(&self.journal, |dict| dict.remove(&key)) {
                    Ok(Some(_)) | Err(_) => Ok(()),
                    Ok(None) => Err(self.raise("KeyError", super::super::shown::shown(index), spot)),
                },
                Err(unknown) => {
                    cell.replace(&self.journal, Content::Unknown(unknown));
                    Ok(())
                }
            },
            Kind::List(cell) => {
                if let (Kind::Slice(_), Ok(items)) = (&index.kind, cell.known()) {
                    let places = match self.slice_places(index, items.len(), spot)? {
                        Ok(places) => places,
                        Err(unknown) => {
                            cell.replace(&self.journal, Content::Unknown(unknown));
                            return Ok(());
                        }
                    };
                    let kept = items.into_iter().enumerate().filter(|(at, _)| !places.contains(at));
                    cell.replace(&self.journal, Content::Known(kept.map(|(_, item)| item).collect()));
                    return Ok(());
                }
                let Some(at) = index.as_int() else {
                    let unknown = index
                        .why_unknown()
                        .unwrap_or_else(|| self.reason("what is deleted is not known", spot));
                    cell.replace(&self.journal, Content::Unknown(unknown));
                    return Ok(());
                };
                let done = cell.change(&self.journal, |items| {
                    super::operator::place_in(at, items.len()).map(|at| items.remove(at))
                });
                match done {
                    Ok(Some(_)) | Err(_) => Ok(()),
                    Ok(None) => Err(self.raise("IndexError", "list assignment index out of range", spot)),
                }
            }
            _ => Ok(()),
        }
    }

    /// The key that a value is; the reason where that is not known.
    pub(in super::super) fn key(&self, value: &Value, spot: &Spot) -> Outcome<Key> {
        use super::super::value::NoKey;
        match Key::of(value) {
            Ok(key) => Ok(Ok(key)),
            Err(NoKey::Unhashable) => {
                Err(self.raise("TypeError", format!("unhashable type: '{}'", value.type_name()), spot))
            }
            Err(NoKey::Unknown(reason)) => {
                Ok(Err(value.why_unknown().unwrap_or_else(|| self.reason(reason, spot))))
            }
        }
    }

    pub(in super::super) fn reason(
        &self,
        reason: impl Into<String>,
        spot: &Spot,
    ) -> Rc<super::super::value::Unknown> {
        self.unknowns.set(self.unknowns.get() + 1);
        Rc::new(super::super::value::Unknown { reason: reason.into(), place: spot.place() })
    }

    pub(in super::super) fn room_for(&self, items: usize, spot: &Spot) -> Result<(), Stop> {
        if items > super::super::limits::ITEMS {
            return Err(self.too_much("a list or dictionary is too long", spot));
        }
        Ok(())
    }
}

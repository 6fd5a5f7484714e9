//! Expressions.

use std::rc::Rc;

use super::super::source::Spot;
use super::super::syntax::{Comparison, Expression, ExpressionKind, FormatPart, Unary};
use super::super::value::{Content, Dict, DictCell, Items, Key, Kind, SetCell, Value};
use super::super::world::World;
use super::{Evaluated, Frame, Outcome, Stop, Truth};

impl World {
    pub(super) fn expression(&self, frame: &Frame, expression: &Expression) -> Evaluated {
        self.step(|| frame.spot(expression.span))?;
        super::super::stack::with_room(|| self.evaluate(frame, expression))
    }

    fn evaluate(&self, frame: &Frame, expression: &Expression) -> Evaluated {
        let spot = frame.spot(expression.span);
        let kind = match &expression.kind {
            ExpressionKind::None => Kind::None,
            ExpressionKind::Ellipsis => Kind::Ellipsis,
            ExpressionKind::Bool(value) => Kind::Bool(*value),
            ExpressionKind::Int(value) => Kind::Int(*value),
            ExpressionKind::Float(value) => Kind::Float(*value),
            ExpressionKind::Str(text) => Kind::Str(text.clone()),
            ExpressionKind::Bytes(bytes) => Kind::Bytes(bytes.clone()),
            ExpressionKind::Format(parts) => return self.format_string(frame, parts, &spot),
            ExpressionKind::Name(name) => return self.read_name(frame, name, &spot),
            ExpressionKind::Attribute(value, name) => {
                let value = self.expression(frame, value)?;
                return self.attribute_of(&value, name, &spot);
            }
            ExpressionKind::Subscript(value, index) => {
                let value = self.expression(frame, value)?;
                let index = self.expression(frame, index)?;
                return self.item_of(&value, &index, &spot);
            }
            ExpressionKind::Slice(parts) => {
                let mut values = Vec::with_capacity(3);
                for part in parts.iter() {
                    values.push(match part {
                        Some(part) => self.expression(frame, part)?,
                        None => Value::none(&spot),
                    });
                }
                Kind::Slice(Items::new(values))
            }
            ExpressionKind::Call(call) => return self.call_expression(frame, call, &spot),
            ExpressionKind::Operation(first, others) => {
                let mut value = self.expression(frame, first)?;
                for (operator, other) in others {
                    let other = self.expression(frame, other)?;
                    value = self.operate(*operator, value, other, &spot)?;
                }
                return Ok(value);
            }
            ExpressionKind::Negation(unary, value) => {
                let value = self.expression(frame, value)?;
                return self.negate(*unary, value, &spot);
            }
            ExpressionKind::Comparison(first, others) => {
                return self.compare_chain(frame, first, others, &spot);
            }
            ExpressionKind::Logic(is_and, operands) => return self.logic(frame, *is_and, operands, &spot),
            ExpressionKind::Choice(parts) => {
                let [condition, then, otherwise] = &**parts;
                let value = self.expression(frame, condition)?;
                return match self.truth(&value)? {
                    Truth::Yes => self.expression(frame, then),
                    Truth::No => self.expression(frame, otherwise),
                    Truth::Unknown(unknown) => self.either_value(
                        &unknown,
                        &frame.spot(condition.span),
                        || self.expression(frame, then),
                        || self.expression(frame, otherwise),
                    ),
                };
            }
            ExpressionKind::Tuple(items) => match self.display(frame, items)? {
                Content::Known(items) => Kind::Tuple(Items::new(items)),
                Content::Unknown(unknown) => Kind::Unknown(unknown),
            },
            ExpressionKind::List(items) => {
                let content = self.display(frame, items)?;
                let value = Value::list(Vec::new(), &spot);
                if let Kind::List(cell) = &value.kind {
                    cell.restore(content);
                }
                return Ok(value);
            }
            ExpressionKind::Set(items) => match self.display(frame, items)? {
                Content::Known(items) => return self.set_of(items, false, &spot),
                Content::Unknown(unknown) => Kind::Unknown(unknown),
            },
            ExpressionKind::Dict(entries) => return self.dict_display(frame, entries, &spot),
            ExpressionKind::Comprehension(comprehension) => {
                return self.comprehension(frame, comprehension, &spot);
            }
            ExpressionKind::Lambda(definition) => return self.function(frame, definition),
            ExpressionKind::Named(name, value) => {
                let value = self.expression(frame, value)?;
                self.bind_outside(frame, name, value.clone());
                return Ok(value);
            }
            ExpressionKind::Star(_) => return Ok(self.unknown("a star at this place is not followed", &spot)),
            ExpressionKind::Yield(value) => {
                let value = match value {
                    Some(value) => self.expression(frame, value)?,
                    None => Value::none(&spot),
                };
                if let Some(yields) = &frame.yields {
                    self.room_for(yields.borrow().len() + 1, &spot)?;
                    yields.borrow_mut().push(value);
                }
                // What is sent into a generator is not followed; nearly nobody does.
                return Ok(Value::unknown("what a yield receives is not followed", &spot));
            }
            ExpressionKind::YieldFrom(value) => {
                let value = self.expression(frame, value)?;
                let items = match self.items_of(&value, &spot)? {
                    Ok(items) => items,
                    Err(unknown) => return Err(Stop::TooMuch(unknown)),
                };
                if let Some(yields) = &frame.yields {
                    self.room_for(yields.borrow().len() + items.len(), &spot)?;
                    yields.borrow_mut().extend(items);
                }
                return Ok(Value::unknown("what a yield receives is not followed", &spot));
            }
            ExpressionKind::Other(what) => {
                return Ok(self.unknown(format!("{what} is not followed"), &spot));
            }
        };
        Ok(Value::new(kind, &spot))
    }

    pub(super) fn read_name(&self, frame: &Frame, name: &Rc<str>, spot: &Spot) -> Evaluated {
        let start = if frame.globals.borrow().contains(name) { &frame.module.scope } else { &frame.scope };
        let mut scope = Some(start.clone());
        while let Some(here) = scope {
            if let Some(value) = here.get(name) {
                return Ok(match &value.kind {
                    Kind::Lazy(_) => {
                        let found = self.resolve(&value);
                        // Known from here on. Nobody can tell the difference, so that it needs not be taken back.
                        here.restore(name, Some(found.clone()));
                        found
                    }
                    Kind::Unknown(unknown) => self.still_unknown(unknown, spot),
                    _ => value,
                });
            }
            if let Some(unknown) = here.may_have_more() {
                return Ok(self.still_unknown(&unknown, spot));
            }
            scope = here.parent.clone();
        }
        match super::super::library::builtin(name) {
            Some(builtin) => Ok(Value::new(Kind::Builtin(builtin), spot)),
            None if matches!(&**name, "__debug__") => Ok(Value::bool(true, spot)),
            None if matches!(&**name, "__builtins__") => Ok(Value::name("builtins", spot)),
            None => Err(self.raise("NameError", format!("name '{name}' is not defined"), spot)),
        }
    }

    /// The items of a display, with what stars unpack.
    fn display(&self, frame: &Frame, items: &[Expression]) -> Result<Content<Vec<Value>>, Stop> {
        let mut values = Vec::with_capacity(items.len());
        let mut lost = None;
        for item in items {
            match &item.kind {
                ExpressionKind::Star(inner) => {
                    let value = self.expression(frame, inner)?;
                    match self.items_of(&value, &frame.spot(item.span))? {
                        Ok(items) => {
                            self.room_for(values.len() + items.len(), &frame.spot(item.span))?;
                            values.extend(items);
                        }
                        Err(unknown) => lost = lost.or(Some(unknown)),
                    }
                }
                _ => values.push(self.expression(frame, item)?),
            }
        }
        Ok(lost.map_or(Content::Known(values), Content::Unknown))
    }

    pub(in super::super) fn set_of(&self, items: Vec<Value>, frozen: bool, spot: &Spot) -> Evaluated {
        let mut content = Dict::new();
        for item in items {
            match self.key(&item, spot)? {
                Ok(key) if content.contains(&key) => {}
                Ok(key) => content.insert(key, item.clone(), item),
                Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            }
        }
        Ok(Value::new(Kind::Set(SetCell::new(content, frozen)), spot))
    }

    fn dict_display(
        &self,
        frame: &Frame,
        entries: &[(Option<Expression>, Expression)],
        spot: &Spot,
    ) -> Evaluated {
        let mut dict = Dict::new();
        let mut lost = None;
        for (key, value) in entries {
            match key {
                Some(key) => {
                    let shown = self.expression(frame, key)?;
                    let value = self.expression(frame, value)?;
                    match self.key(&shown, &frame.spot(key.span))? {
                        Ok(key) => dict.insert(key, shown, value),
                        Err(unknown) => lost = lost.or(Some(unknown)),
                    }
                }
                None => {
                    let given = self.expression(frame, value)?;
                    match self.entries_of(&given, &frame.spot(value.span))? {
                        Ok(entries) => {
                            entries.into_iter().for_each(|(key, shown, value)| dict.insert(key, shown, value))
                        }
                        Err(unknown) => lost = lost.or(Some(unknown)),
                    }
                }
            }
        }
        let cell = DictCell::new(dict);
        if let Some(unknown) = lost {
            cell.restore(Content::Unknown(unknown));
        }
        Ok(Value::new(Kind::Dict(cell), spot))
    }

    /// The entries of what `**` unpacks.
    pub(in super::super) fn entries_of(
        &self,
        value: &Value,
        spot: &Spot,
    ) -> Outcome<Vec<(Key, Value, Value)>> {
        match &value.kind {
            Kind::Dict(cell) => Ok(cell.known().map(|dict| {
                let entry = |(shown, value): &(Value, Value)| {
                    Key::of(shown).ok().map(|key| (key, shown.clone(), value.clone()))
                };
                dict.entries().filter_map(entry).collect()
            })),
            Kind::Name(_) | Kind::Attribute(_) | Kind::Object(_) | Kind::Unknown(_) => {
                Ok(Err(value.why_unknown().unwrap_or_else(|| {
                    self.reason(format!("the entries of {} are not known", value.type_name()), spot)
                })))
            }
            _ => {
                Err(self.raise("TypeError", format!("'{}' object is not a mapping", value.type_name()), spot))
            }
        }
    }

    fn compare_chain(
        &self,
        frame: &Frame,
        first: &Expression,
        others: &[(Comparison, Expression)],
        spot: &Spot,
    ) -> Evaluated {
        let mut left = self.expression(frame, first)?;
        let mut result = Value::bool(true, spot);
        for (index, (comparison, other)) in others.iter().enumerate() {
            let right = self.expression(frame, other)?;
            result = self.compare(*comparison, &left, &right, spot)?;
            if index + 1 == others.len() {
                break;
            }
            match self.truth(&result)? {
                Truth::Yes => {}
                Truth::No => return Ok(result),
                Truth::Unknown(unknown) => {
                    // What comes after may not be worked out any more.
                    self.perhaps(&unknown, spot, || {
                        others[index + 1..]
                            .iter()
                            .try_for_each(|(_, other)| self.expression(frame, other).map(drop))
                    })?;
                    return Ok(self.still_unknown(&unknown, spot));
                }
            }
            left = right;
        }
        Ok(result)
    }

    fn logic(&self, frame: &Frame, is_and: bool, operands: &[Expression], spot: &Spot) -> Evaluated {
        let mut value = Value::bool(is_and, spot);
        for (index, operand) in operands.iter().enumerate() {
            value = self.expression(frame, operand)?;
            if index + 1 == operands.len() {
                break;
            }
            match self.truth(&value)? {
                Truth::Yes if is_and => {}
                Truth::No if !is_and => {}
                Truth::Yes | Truth::No => return Ok(value),
                Truth::Unknown(unknown) => {
                    self.perhaps(&unknown, spot, || {
                        operands[index + 1..]
                            .iter()
                            .try_for_each(|operand| self.expression(frame, operand).map(drop))
                    })?;
                    return Ok(self.still_unknown(&unknown, spot));
                }
            }
        }
        Ok(value)
    }

    fn negate(&self, unary: Unary, value: Value, spot: &Spot) -> Evaluated {
        match unary {
            Unary::Not => Ok(match self.truth(&value)? {
                Truth::Yes => Value::bool(false, spot),
                Truth::No => Value::bool(true, spot),
                Truth::Unknown(unknown) => self.still_unknown(&unknown, spot),
            }),
            Unary::Plus | Unary::Minus | Unary::Invert => self.unary(unary, value, spot),
        }
    }

    fn format_string(&self, frame: &Frame, parts: &[FormatPart], spot: &Spot) -> Evaluated {
        let mut text = String::new();
        let mut lost = None;
        for part in parts {
            match part {
                FormatPart::Text(given) => text.push_str(given),
                FormatPart::Value { value, shown, conversion, specification } => {
                    let value = self.expression(frame, value)?;
                    let specification = self.format_string(frame, specification, spot)?;
                    // `{value=}` shows the representation, unless something else is asked for.
                    let plain = specification.as_str() == Some("");
                    let conversion = conversion.or((shown.is_some() && plain).then_some('r'));
                    text.push_str(shown.as_deref().unwrap_or_default());
                    let written = match specification.as_str() {
                        Some(specification) => self.formatted(&value, conversion, specification, spot)?,
                        None => Err(specification
                            .why_unknown()
                            .unwrap_or_else(|| self.reason("a format is not known", spot))),
                    };
                    match written {
                        Ok(written) => text.push_str(&written),
                        Err(unknown) => lost = lost.or(Some(unknown)),
                    }
                }
            }
            self.text_room(text.len(), spot)?;
        }
        Ok(match lost {
            Some(unknown) => self.still_unknown(&unknown, spot),
            None => Value::str(text, spot),
        })
    }

    /// Pays for a text, and refuses one that is too long.
    pub(in super::super) fn text_room(&self, bytes: usize, spot: &Spot) -> Result<(), Stop> {
        if bytes > super::super::limits::BYTES {
            return Err(self.too_much("a text is too long", spot));
        }
        self.spend(bytes / 256, || spot.clone())
    }
}

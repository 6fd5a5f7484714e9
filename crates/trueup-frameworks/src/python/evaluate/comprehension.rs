//! Comprehensions and generator expressions.

use std::rc::Rc;

use super::super::source::Spot;
use super::super::syntax::{Clause, Comprehension, ComprehensionKind};
use super::super::value::{Dict, DictCell, Key, Kind, ListCell, Scope, Unknown, Value};
use super::super::world::World;
use super::{Evaluated, Frame, Stop, Truth};

/// What was collected so far.
struct Collected {
    items: Vec<Value>,
    entries: Dict,
    lost: Option<Rc<Unknown>>,
}

impl World {
    pub(super) fn comprehension(
        &self,
        frame: &Frame,
        comprehension: &Comprehension,
        spot: &Spot,
    ) -> Evaluated {
        let mut inner = frame.clone();
        inner.scope = Scope::new(Some(frame.scope.clone()));
        inner.closure = inner.scope.clone();
        // Names are its own, whatever the function around declares.
        inner.globals = Rc::default();
        inner.nonlocals = Rc::default();
        let mut collected = Collected { items: Vec::new(), entries: Dict::new(), lost: None };
        self.clauses(&inner, comprehension, &comprehension.clauses, &mut collected, spot)?;
        if let Some(unknown) = collected.lost {
            return Ok(self.still_unknown(&unknown, spot));
        }
        Ok(match &comprehension.kind {
            ComprehensionKind::List(_) => Value::list(collected.items, spot),
            ComprehensionKind::Generator(_) => {
                Value::new(Kind::Iterator(ListCell::new(collected.items)), spot)
            }
            ComprehensionKind::Set(_) => return self.set_of(collected.items, false, spot),
            ComprehensionKind::Dict(_, _) => Value::new(Kind::Dict(DictCell::new(collected.entries)), spot),
        })
    }

    fn clauses(
        &self,
        frame: &Frame,
        comprehension: &Comprehension,
        clauses: &[Clause],
        collected: &mut Collected,
        spot: &Spot,
    ) -> Result<(), Stop> {
        let Some((clause, inner)) = clauses.split_first() else {
            return self.element(frame, comprehension, collected, spot);
        };
        let clause_spot = frame.spot(clause.iterable.span);
        if clause.asynchronous {
            collected.lost = Some(self.reason("async for is not followed", &clause_spot));
            return Ok(());
        }
        let iterable = self.expression(frame, &clause.iterable)?;
        let unordered = matches!(comprehension.kind, ComprehensionKind::Set(_));
        let items = if unordered {
            self.members_of(&iterable, &clause_spot)?
        } else {
            self.items_of(&iterable, &clause_spot)?
        };
        let items = match items {
            Ok(items) => items,
            Err(unknown) => return self.lose(frame, comprehension, clause, inner, collected, &unknown, spot),
        };
        'items: for item in items {
            self.step(|| clause_spot.clone())?;
            self.assign(frame, &clause.target, item)?;
            for condition in &clause.conditions {
                let value = self.expression(frame, condition)?;
                match self.truth(&value)? {
                    Truth::Yes => {}
                    Truth::No => continue 'items,
                    Truth::Unknown(unknown) => {
                        return self.lose(frame, comprehension, clause, inner, collected, &unknown, spot);
                    }
                }
            }
            self.clauses(frame, comprehension, inner, collected, spot)?;
            if collected.lost.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The result is unknown; what the rest does on the way is tried all the same.
    #[allow(clippy::too_many_arguments)]
    fn lose(
        &self,
        frame: &Frame,
        comprehension: &Comprehension,
        clause: &Clause,
        inner: &[Clause],
        collected: &mut Collected,
        unknown: &Rc<Unknown>,
        spot: &Spot,
    ) -> Result<(), Stop> {
        collected.lost = collected.lost.take().or(Some(unknown.clone()));
        self.perhaps(unknown, spot, || {
            self.assign(frame, &clause.target, self.still_unknown(unknown, spot))?;
            for condition in &clause.conditions {
                self.expression(frame, condition)?;
            }
            let mut ignored = Collected { items: Vec::new(), entries: Dict::new(), lost: None };
            self.clauses(frame, comprehension, inner, &mut ignored, spot)
        })
    }

    fn element(
        &self,
        frame: &Frame,
        comprehension: &Comprehension,
        collected: &mut Collected,
        spot: &Spot,
    ) -> Result<(), Stop> {
        match &comprehension.kind {
            ComprehensionKind::List(value)
            | ComprehensionKind::Set(value)
            | ComprehensionKind::Generator(value) => {
                let value = self.expression(frame, value)?;
                collected.items.push(value);
                self.room_for(collected.items.len(), spot)
            }
            ComprehensionKind::Dict(key, value) => {
                let shown = self.expression(frame, key)?;
                let value = self.expression(frame, value)?;
                match self.key(&shown, spot)? {
                    Ok(key) => collected.entries.insert(key, shown, value),
                    Err(unknown) => collected.lost = collected.lost.take().or(Some(unknown)),
                }
                self.room_for(collected.entries.len(), spot)
            }
        }
    }

    /// A dictionary of texts.
    pub(in super::super) fn dict_of(&self, entries: Vec<(Rc<str>, Value)>, spot: &Spot) -> Value {
        let mut dict = Dict::new();
        for (name, value) in entries {
            let shown = Value::str(name.clone(), &value.spot);
            dict.insert(Key::Str(name), shown, value);
        }
        Value::dict(dict, spot)
    }
}

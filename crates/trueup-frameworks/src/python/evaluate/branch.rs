//! Ways that are not known to be taken: they are tried, and what depends on them becomes unknown.

use std::collections::HashSet;
use std::rc::Rc;

use super::super::journal::{Changes, Location};
use super::super::source::Spot;
use super::super::value::{Scope, Unknown, Value};
use super::super::world::World;
use super::statement::{Flow, Ran};
use super::{Evaluated, Stop};

/// What two ways came to.
type Both<R> = (Result<R, Stop>, Result<R, Stop>);

impl World {
    /// Runs something that may or may not run: what it changes is unknown. What it raises it does not do.
    pub(super) fn perhaps(
        &self,
        unknown: &Rc<Unknown>,
        spot: &Spot,
        run: impl FnOnce() -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.journal.open();
        let ran = self.unsure(unknown, run);
        self.blur_all(unknown, spot);
        self.journal.keep();
        match ran {
            Err(stop @ Stop::TooMuch(_)) => Err(stop),
            Ok(()) | Err(Stop::Raised(_)) => Ok(()),
        }
    }

    /// Makes everything that the innermost level of the journal changed unknown.
    pub(super) fn blur_all(&self, unknown: &Rc<Unknown>, spot: &Spot) {
        for location in self.journal.changes().before {
            location.make_unknown(&self.journal, unknown, spot);
        }
    }

    /// Every name of a scope may have been replaced, and others may have come.
    pub(in super::super) fn blur_scope(&self, scope: &Rc<Scope>, unknown: &Rc<Unknown>, spot: &Spot) {
        for (name, _) in scope.entries() {
            if !name.starts_with("__") {
                scope.set(&self.journal, &name, Value::still_unknown(unknown, spot));
            }
        }
        scope.expect_more(&self.journal, Some(unknown.clone()));
    }

    /// One of two ways is taken. What both come to is kept. A way that raises what nobody catches is not taken by
    /// anything that works.
    pub(super) fn either(
        &self,
        unknown: &Rc<Unknown>,
        spot: &Spot,
        first: impl FnOnce() -> Ran,
        second: impl FnOnce() -> Ran,
    ) -> Ran {
        let (first, second) = self.both(unknown, spot, first, second)?;
        Ok(match (first, second) {
            (Ok(Flow::Next), Ok(Flow::Next)) => Flow::Next,
            (Ok(Flow::Break), Ok(Flow::Break)) => Flow::Break,
            (Ok(Flow::Continue), Ok(Flow::Continue)) => Flow::Continue,
            (Ok(Flow::Return(first)), Ok(Flow::Return(second))) => {
                Flow::Return(self.merge_values(Some(&first), &second, unknown, spot))
            }
            (Ok(flow), Err(_)) | (Err(_), Ok(flow)) if self.catching.borrow().is_empty() => flow,
            (Err(first), Err(_)) if self.catching.borrow().is_empty() => return Err(first),
            _ => Flow::Perhaps(unknown.clone()),
        })
    }

    /// The same for expressions.
    pub(super) fn either_value(
        &self,
        unknown: &Rc<Unknown>,
        spot: &Spot,
        first: impl FnOnce() -> Evaluated,
        second: impl FnOnce() -> Evaluated,
    ) -> Evaluated {
        let (first, second) = self.both(unknown, spot, first, second)?;
        match (first, second) {
            (Ok(first), Ok(second)) => Ok(self.merge_values(Some(&first), &second, unknown, spot)),
            (Ok(value), Err(_)) | (Err(_), Ok(value)) if self.catching.borrow().is_empty() => Ok(value),
            (Err(first), Err(_)) => Err(first),
            _ => Ok(self.still_unknown(unknown, spot)),
        }
    }

    fn merge_values(
        &self,
        first: Option<&Value>,
        second: &Value,
        unknown: &Rc<Unknown>,
        spot: &Spot,
    ) -> Value {
        match first {
            Some(first) if self.same(first, second) => second.clone(),
            Some(_) | None => self.still_unknown(unknown, spot),
        }
    }

    /// Runs both, the second on the state in which the first began, and leaves what they have in common.
    fn both<R>(
        &self,
        unknown: &Rc<Unknown>,
        spot: &Spot,
        first: impl FnOnce() -> Result<R, Stop>,
        second: impl FnOnce() -> Result<R, Stop>,
    ) -> Result<Both<R>, Stop> {
        let caught = !self.catching.borrow().is_empty();
        self.journal.open();
        let first = self.unsure(unknown, first);
        if let Err(stop @ Stop::TooMuch(_)) = first {
            self.blur_all(unknown, spot);
            self.journal.keep();
            return Err(stop);
        }
        let first_changes = self.journal.take_back();
        self.journal.open();
        let second = self.unsure(unknown, second);
        if let Err(stop @ Stop::TooMuch(_)) = second {
            self.blur_all(unknown, spot);
            self.journal.keep();
            self.blur_others(&first_changes, unknown, spot);
            return Err(stop);
        }
        match (&first, &second) {
            (Ok(_), Err(_)) if !caught => {
                self.journal.take_back();
                for location in first_changes.after.values() {
                    location.put(&self.journal);
                }
            }
            (Err(_), Ok(_)) if !caught => self.journal.keep(),
            _ => {
                let second_changes = self.journal.changes();
                self.merge(&first_changes, &second_changes, unknown, spot);
                self.journal.keep();
            }
        }
        Ok((first, second))
    }

    fn blur_others(&self, changes: &Changes, unknown: &Rc<Unknown>, spot: &Spot) {
        for location in &changes.before {
            location.make_unknown(&self.journal, unknown, spot);
        }
    }

    /// The present state is the second's.
    fn merge(&self, first: &Changes, second: &Changes, unknown: &Rc<Unknown>, spot: &Spot) {
        let mut seen = HashSet::new();
        for before in second.before.iter().chain(&first.before) {
            let identity = before.identity();
            if !seen.insert(identity.clone()) {
                continue;
            }
            let of_first = first.after.get(&identity).unwrap_or(before);
            if !self.same_state(of_first, &before.now()) {
                before.make_unknown(&self.journal, unknown, spot);
            }
        }
    }

    fn same_state(&self, first: &Location, second: &Location) -> bool {
        use super::super::value::Content;
        match (first, second) {
            (Location::List(_, Content::Known(first)), Location::List(_, Content::Known(second))) => {
                first.len() == second.len()
                    && first.iter().zip(second).all(|(first, second)| self.same(first, second))
            }
            (Location::Dict(_, Content::Known(first)), Location::Dict(_, Content::Known(second)))
            | (Location::Set(_, Content::Known(first)), Location::Set(_, Content::Known(second))) => {
                first.len() == second.len()
                    && first.entries().zip(second.entries()).all(|((key, first), (other, second))| {
                        self.same(key, other) && self.same(first, second)
                    })
            }
            (Location::Variable(_, _, first), Location::Variable(_, _, second)) => match (first, second) {
                (Some(first), Some(second)) => self.same(first, second),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            },
            (Location::More(_, first), Location::More(_, second)) => first == second,
            _ => false,
        }
    }
}

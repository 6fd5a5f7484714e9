//! Which calls of what is not followed a function makes, and whether it surely makes them.

use std::rc::Rc;

use super::super::source::Spot;
use super::super::value::{Arguments, Unknown, Value};
use super::super::world::World;

/// A call of something that is not followed.
#[derive(Clone)]
pub struct Seen {
    pub function: Value,
    pub arguments: Arguments,
    pub spot: Spot,
    /// Why it may not happen, or have no effect: it depends on what is not known, or its failure is caught.
    pub unsure: Option<Rc<Unknown>>,
}

/// What a call came to, and what happened on the way, in order.
pub struct Witnessed {
    pub seen: Vec<Seen>,
    /// Why more may have happened than was seen.
    pub lost: Option<Rc<Unknown>>,
    pub value: Value,
}

/// What is being noted while somebody watches.
#[derive(Default)]
pub(in super::super) struct Watch {
    seen: Vec<Seen>,
    lost: Option<Rc<Unknown>>,
    /// On what the present statement depends, the innermost last.
    unsure: Vec<Rc<Unknown>>,
}

impl World {
    /// Calls a function, and tells what it called in turn.
    pub fn witnessed(&self, function: &Value, arguments: Arguments) -> Witnessed {
        let before = self.watch.replace(Some(Watch::default()));
        let called = self.entry(|| self.call_value(function, arguments, &function.spot));
        let watch = self.watch.replace(before).unwrap_or_default();
        let stopped = called.as_ref().err().map(|stop| self.reason_of(stop, &function.spot));
        Witnessed {
            seen: watch.seen,
            lost: watch.lost.or(stopped),
            value: self.settle(called, &function.spot),
        }
    }

    pub(super) fn witness(&self, function: &Value, arguments: &Arguments, spot: &Spot) {
        if let Some(watch) = &mut *self.watch.borrow_mut() {
            watch.seen.push(Seen {
                function: function.clone(),
                arguments: arguments.clone(),
                spot: spot.clone(),
                unsure: watch.unsure.last().cloned(),
            });
        }
    }

    /// Something happens that cannot be watched.
    pub(super) fn lose_sight(&self, why: &Rc<Unknown>) {
        if let Some(watch) = &mut *self.watch.borrow_mut() {
            watch.lost.get_or_insert_with(|| why.clone());
        }
    }

    /// Runs what may not run at all.
    pub(super) fn unsure<R>(&self, why: &Rc<Unknown>, run: impl FnOnce() -> R) -> R {
        if let Some(watch) = &mut *self.watch.borrow_mut() {
            watch.unsure.push(why.clone());
        }
        let result = run();
        if let Some(watch) = &mut *self.watch.borrow_mut() {
            watch.unsure.pop();
        }
        result
    }
}

//! Things that can change: lists, dictionaries, sets, and the scopes in which names stand.
//!
//! Every change goes through the [`Journal`], so that it can be taken back: where it is not known which of two ways a
//! program goes, both are tried.

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use super::super::journal::{Journal, Location};
use super::{Dict, Key, Unknown, Value};

/// What is in a list, dictionary or set, or why that is not known.
#[derive(Clone)]
pub enum Content<T> {
    Known(T),
    Unknown(Rc<Unknown>),
}

impl<T: Clone> Content<T> {
    fn known(&self) -> Result<T, Rc<Unknown>> {
        match self {
            Self::Known(content) => Ok(content.clone()),
            Self::Unknown(unknown) => Err(unknown.clone()),
        }
    }

    fn unknown(&self) -> Option<Rc<Unknown>> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(unknown) => Some(unknown.clone()),
        }
    }
}

pub struct ListCell {
    content: RefCell<Content<Vec<Value>>>,
    stamp: Cell<u64>,
}

pub struct DictCell {
    content: RefCell<Content<Dict>>,
    stamp: Cell<u64>,
}

/// The order in which Python goes through a set is not known: whoever needs one has to ask for the length first.
pub struct SetCell {
    content: RefCell<Content<Dict>>,
    stamp: Cell<u64>,
    pub frozen: bool,
}

macro_rules! cell {
    ($cell:ty, $content:ty, $location:path) => {
        impl $cell {
            /// A copy of the content, or why it is not known.
            pub fn known(&self) -> Result<$content, Rc<Unknown>> {
                self.content.borrow().known()
            }

            pub fn unknown(&self) -> Option<Rc<Unknown>> {
                self.content.borrow().unknown()
            }

            pub(in super::super) fn content(&self) -> Ref<'_, Content<$content>> {
                self.content.borrow()
            }

            /// Changes the content; nothing happens to one that is not known.
            pub(in super::super) fn change<R>(
                self: &Rc<Self>,
                journal: &Journal,
                change: impl FnOnce(&mut $content) -> R,
            ) -> Result<R, Rc<Unknown>> {
                self.remember(journal);
                match &mut *self.content.borrow_mut() {
                    Content::Known(content) => Ok(change(content)),
                    Content::Unknown(unknown) => Err(unknown.clone()),
                }
            }

            pub(in super::super) fn replace(
                self: &Rc<Self>,
                journal: &Journal,
                content: Content<$content>,
            ) -> Content<$content> {
                self.remember(journal);
                self.restore(content)
            }

            /// Without a trace in the journal, which itself is at work here.
            pub(in super::super) fn restore(&self, content: Content<$content>) -> Content<$content> {
                self.stamp.set(0);
                self.content.replace(content)
            }

            fn remember(self: &Rc<Self>, journal: &Journal) {
                let Some(serial) = journal.serial() else { return };
                if self.stamp.replace(serial) != serial {
                    journal.note($location(self.clone(), self.content.borrow().clone()));
                }
            }
        }
    };
}

cell!(ListCell, Vec<Value>, Location::List);
cell!(DictCell, Dict, Location::Dict);
cell!(SetCell, Dict, Location::Set);

impl ListCell {
    pub fn new(items: Vec<Value>) -> Rc<Self> {
        Rc::new(Self { content: RefCell::new(Content::Known(items)), stamp: Cell::new(0) })
    }
}

impl DictCell {
    pub fn new(dict: Dict) -> Rc<Self> {
        Rc::new(Self { content: RefCell::new(Content::Known(dict)), stamp: Cell::new(0) })
    }
}

impl SetCell {
    pub fn new(items: Dict, frozen: bool) -> Rc<Self> {
        Rc::new(Self { content: RefCell::new(Content::Known(items)), stamp: Cell::new(0), frozen })
    }
}

/// Names and their values: of a module, a class, a call, a comprehension, or the attributes of an object.
pub struct Scope {
    variables: RefCell<Dict>,
    /// Where a name that is not found here is looked for next.
    pub parent: Option<Rc<Scope>>,
    /// Why there may be more names than these, if that is so.
    more: RefCell<Option<Rc<Unknown>>>,
}

impl Scope {
    pub fn new(parent: Option<Rc<Scope>>) -> Rc<Self> {
        Rc::new(Self { variables: RefCell::default(), parent, more: RefCell::default() })
    }

    pub fn get(&self, name: &Rc<str>) -> Option<Value> {
        self.variables.borrow().get(&Key::Str(name.clone())).cloned()
    }

    /// Names and values in the order in which they came.
    pub fn entries(&self) -> Vec<(Rc<str>, Value)> {
        let named = |(name, value): &(Value, Value)| Some((Rc::from(name.as_str()?), value.clone()));
        self.variables.borrow().entries().filter_map(named).collect()
    }

    pub fn may_have_more(&self) -> Option<Rc<Unknown>> {
        self.more.borrow().clone()
    }

    /// Gives a name a value from outside, before anything runs.
    pub fn preset(&self, name: &str, value: Value) {
        self.restore(&name.into(), Some(value));
    }

    pub(in super::super) fn set(self: &Rc<Self>, journal: &Journal, name: &Rc<str>, value: Value) {
        journal.note(Location::Variable(self.clone(), name.clone(), self.get(name)));
        self.restore(name, Some(value));
    }

    pub(in super::super) fn remove(self: &Rc<Self>, journal: &Journal, name: &Rc<str>) -> Option<Value> {
        let old = self.get(name)?;
        journal.note(Location::Variable(self.clone(), name.clone(), Some(old.clone())));
        self.restore(name, None);
        Some(old)
    }

    /// Without a trace in the journal, which itself is at work here.
    pub(in super::super) fn restore(&self, name: &Rc<str>, value: Option<Value>) {
        let key = Key::Str(name.clone());
        let old = match value {
            Some(value) => {
                let shown = Value::str(name.clone(), &value.spot);
                let mut variables = self.variables.borrow_mut();
                let old = variables.get(&key).cloned();
                variables.insert(key, shown, value);
                old
            }
            None => self.variables.borrow_mut().remove(&key),
        };
        // What goes may hold whatever it likes, even this scope: no borrow is open any more.
        drop(old);
    }

    pub(in super::super) fn expect_more(self: &Rc<Self>, journal: &Journal, unknown: Option<Rc<Unknown>>) {
        journal.note(Location::More(self.clone(), self.more.borrow().clone()));
        self.more.replace(unknown);
    }

    /// Without a trace in the journal.
    pub(in super::super) fn restore_more(&self, unknown: Option<Rc<Unknown>>) {
        self.more.replace(unknown);
    }

    /// Lets go of everything: scopes and the functions in them hold each other.
    pub(in super::super) fn clear(&self) {
        let variables = self.variables.take();
        bury(variables.into_values().collect());
    }
}

impl Drop for ListCell {
    fn drop(&mut self) {
        if let Content::Known(items) = std::mem::replace(self.content.get_mut(), Content::Known(Vec::new())) {
            bury(items);
        }
    }
}

impl Drop for DictCell {
    fn drop(&mut self) {
        if let Content::Known(dict) = std::mem::replace(self.content.get_mut(), Content::Known(Dict::new())) {
            bury(dict.into_values().collect());
        }
    }
}

impl Drop for SetCell {
    fn drop(&mut self) {
        if let Content::Known(dict) = std::mem::replace(self.content.get_mut(), Content::Known(Dict::new())) {
            bury(dict.into_values().collect());
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        bury(std::mem::take(self.variables.get_mut()).into_values().collect());
    }
}

thread_local! {
    static GRAVE: RefCell<Option<Vec<Value>>> = const { RefCell::new(None) };
}

/// Drops values one after the other, not one within the other: a list in a list in a list, a million deep, would
/// take more stack than there is.
pub(in super::super) fn bury(values: Vec<Value>) {
    if values.is_empty() {
        return;
    }
    let waiting = GRAVE.try_with(|grave| match &mut *grave.borrow_mut() {
        Some(others) => {
            others.extend(values);
            None
        }
        none => {
            *none = Some(Vec::new());
            Some(values)
        }
    });
    let Ok(Some(mut batch)) = waiting else { return };
    while !batch.is_empty() {
        drop(batch);
        batch = GRAVE
            .try_with(|grave| grave.borrow_mut().as_mut().map(std::mem::take).unwrap_or_default())
            .unwrap_or_default();
    }
    let _ = GRAVE.try_with(|grave| grave.borrow_mut().take());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::source::Spot;

    #[test]
    fn a_list_in_a_list_a_million_deep_goes_without_taking_the_stack() {
        let spot = Spot::outside("test");
        let mut value = Value::none(&spot);
        for depth in 0..1_000_000 {
            value = if depth % 2 == 0 {
                Value::list(vec![value], &spot)
            } else {
                Value::tuple(vec![value], &spot)
            };
        }
        drop(value);
    }
}

//! Changes that can be taken back.
//!
//! Where a condition is not known, one branch runs, its changes are kept aside and taken back, then the other runs;
//! what both agree on stays, the rest becomes unknown. Levels can stand within each other.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use super::value::{Content, Dict, DictCell, ListCell, Scope, SetCell, Unknown, Value};

/// Something that changed, with what it was before.
#[derive(Clone)]
pub(super) enum Location {
    List(Rc<ListCell>, Content<Vec<Value>>),
    Dict(Rc<DictCell>, Content<Dict>),
    Set(Rc<SetCell>, Content<Dict>),
    Variable(Rc<Scope>, Rc<str>, Option<Value>),
    More(Rc<Scope>, Option<Rc<Unknown>>),
}

#[derive(Default)]
pub(super) struct Journal {
    levels: RefCell<Vec<Level>>,
    last: std::cell::Cell<u64>,
}

/// Levels that were laid aside.
pub(super) struct Suspended(Vec<Level>);

struct Level {
    serial: u64,
    entries: Vec<Location>,
}

/// What identifies a location.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Identity {
    Cell(usize),
    Variable(usize, Rc<str>),
    More(usize),
}

/// The changes of a level, each once, with the state before and the state after.
#[derive(Default)]
pub(super) struct Changes {
    pub before: Vec<Location>,
    pub after: HashMap<Identity, Location>,
}

impl Journal {
    /// The number of the innermost level; cells note it, so that each is remembered once for each level. Without a level
    /// nothing is.
    pub(super) fn serial(&self) -> Option<u64> {
        self.levels.borrow().last().map(|level| level.serial)
    }

    /// How many levels are open.
    pub(super) fn depth(&self) -> usize {
        self.levels.borrow().len()
    }

    /// Without a level nothing can be taken back, and nothing is remembered.
    pub(super) fn note(&self, location: Location) {
        if let Some(level) = self.levels.borrow_mut().last_mut() {
            level.entries.push(location);
        }
    }

    pub(super) fn open(&self) {
        self.last.set(self.last.get() + 1);
        self.levels.borrow_mut().push(Level { serial: self.last.get(), entries: Vec::new() });
    }

    /// Keeps the changes of the innermost level.
    pub(super) fn keep(&self) {
        let mut levels = self.levels.borrow_mut();
        let closed = levels.pop();
        if let (Some(closed), Some(outer)) = (closed, levels.last_mut()) {
            outer.entries.extend(closed.entries);
        }
    }

    /// What has changed in the innermost level, each location once.
    pub(super) fn changes(&self) -> Changes {
        let levels = self.levels.borrow();
        let mut changes = Changes::default();
        for location in levels.last().map_or(&[][..], |level| &level.entries) {
            let identity = location.identity();
            if let Entry::Vacant(entry) = changes.after.entry(identity) {
                entry.insert(location.now());
                changes.before.push(location.clone());
            }
        }
        changes
    }

    /// Takes the changes of the innermost level back, and closes it.
    pub(super) fn take_back(&self) -> Changes {
        let changes = self.changes();
        for location in &changes.before {
            location.restore();
        }
        let closed = self.levels.borrow_mut().pop();
        drop(closed);
        changes
    }

    /// Lays all levels aside: what follows is not taken back with them.
    pub(super) fn suspend(&self) -> Suspended {
        Suspended(self.levels.take())
    }

    pub(super) fn resume(&self, suspended: Suspended) {
        self.levels.replace(suspended.0);
    }
}

fn address<T>(shared: &Rc<T>) -> usize {
    Rc::as_ptr(shared).cast::<()>() as usize
}

impl Location {
    pub(super) fn identity(&self) -> Identity {
        match self {
            Self::List(cell, _) => Identity::Cell(address(cell)),
            Self::Dict(cell, _) => Identity::Cell(address(cell)),
            Self::Set(cell, _) => Identity::Cell(address(cell)),
            Self::Variable(scope, name, _) => Identity::Variable(address(scope), name.clone()),
            Self::More(scope, _) => Identity::More(address(scope)),
        }
    }

    /// The same location with what is there now.
    pub(super) fn now(&self) -> Self {
        match self {
            Self::List(cell, _) => Self::List(cell.clone(), cell.content().clone()),
            Self::Dict(cell, _) => Self::Dict(cell.clone(), cell.content().clone()),
            Self::Set(cell, _) => Self::Set(cell.clone(), cell.content().clone()),
            Self::Variable(scope, name, _) => Self::Variable(scope.clone(), name.clone(), scope.get(name)),
            Self::More(scope, _) => Self::More(scope.clone(), scope.may_have_more()),
        }
    }

    fn restore(&self) {
        match self {
            Self::List(cell, content) => drop(cell.restore(content.clone())),
            Self::Dict(cell, content) => drop(cell.restore(content.clone())),
            Self::Set(cell, content) => drop(cell.restore(content.clone())),
            Self::Variable(scope, name, value) => scope.restore(name, value.clone()),
            Self::More(scope, unknown) => scope.restore_more(unknown.clone()),
        }
    }

    /// Puts this state back, in the journal's sight.
    pub(super) fn put(&self, journal: &Journal) {
        match self {
            Self::List(cell, content) => drop(cell.replace(journal, content.clone())),
            Self::Dict(cell, content) => drop(cell.replace(journal, content.clone())),
            Self::Set(cell, content) => drop(cell.replace(journal, content.clone())),
            Self::Variable(scope, name, Some(value)) => scope.set(journal, name, value.clone()),
            Self::Variable(scope, name, None) => drop(scope.remove(journal, name)),
            Self::More(scope, unknown) => scope.expect_more(journal, unknown.clone()),
        }
    }

    /// Makes what is there unknown, in the journal's sight.
    pub(super) fn make_unknown(&self, journal: &Journal, unknown: &Rc<Unknown>, spot: &super::source::Spot) {
        match self {
            Self::List(cell, _) if cell.unknown().is_none() => {
                cell.replace(journal, Content::Unknown(unknown.clone()));
            }
            Self::Dict(cell, _) if cell.unknown().is_none() => {
                cell.replace(journal, Content::Unknown(unknown.clone()));
            }
            Self::Set(cell, _) if cell.unknown().is_none() => {
                cell.replace(journal, Content::Unknown(unknown.clone()));
            }
            Self::List(..) | Self::Dict(..) | Self::Set(..) => {}
            Self::Variable(scope, name, _) => {
                let known =
                    scope.get(name).is_none_or(|value| !matches!(value.kind, super::value::Kind::Unknown(_)));
                if known {
                    scope.set(journal, name, Value::still_unknown(unknown, spot));
                }
            }
            Self::More(scope, _) => scope.expect_more(journal, Some(unknown.clone())),
        }
    }
}

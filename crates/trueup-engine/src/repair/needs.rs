//! Dependencies in the names that a plan is made in, both ways.

use std::borrow::Cow;
use std::collections::BTreeMap;

use trueup_model::path::ObjectPath;
use trueup_model::repair::Dependencies;

use super::known::Known;

pub(super) struct Needs {
    needed: BTreeMap<ObjectPath, Vec<ObjectPath>>,
    needing: BTreeMap<ObjectPath, Vec<ObjectPath>>,
}

impl Needs {
    /// Of a side whose paths are known as they are, or will be known by.
    pub fn new(dependencies: &Dependencies, known: Option<&Known<'_>>) -> Self {
        let mut needs = Needs { needed: BTreeMap::new(), needing: BTreeMap::new() };
        let named = |path| match known {
            Some(known) => Cow::Owned(known.path(path)),
            None => Cow::Borrowed(path),
        };
        for (one, other) in dependencies.pairs() {
            let (one, other) = (named(one).into_owned(), named(other).into_owned());
            needs.needed.entry(one.clone()).or_default().push(other.clone());
            needs.needing.entry(other).or_default().push(one);
        }
        needs
    }

    /// What an object needs.
    pub fn of(&self, path: &ObjectPath) -> &[ObjectPath] {
        self.needed.get(path).map_or(&[], Vec::as_slice)
    }

    /// What needs an object.
    pub fn on(&self, path: &ObjectPath) -> &[ObjectPath] {
        self.needing.get(path).map_or(&[], Vec::as_slice)
    }

    pub fn is_needed(&self, one: &ObjectPath, other: &ObjectPath) -> bool {
        self.of(one).contains(other)
    }
}

//! Dependencies in the names that a plan is made in, both ways.

use rustc_hash::FxHashMap;
use trueup_model::path::ObjectPath;
use trueup_model::repair::Dependencies;

use super::known::Known;

/// There are tens of thousands, and nobody asks for them in an order.
pub(super) struct Needs {
    needed: FxHashMap<ObjectPath, Vec<ObjectPath>>,
    needing: FxHashMap<ObjectPath, Vec<ObjectPath>>,
}

impl Needs {
    /// Of a side whose paths are known as they are, or will be known by.
    pub fn new(dependencies: &Dependencies, known: Option<&Known<'_>>) -> Self {
        let named = |path: &ObjectPath| match known {
            Some(known) => known.path(path),
            None => path.clone(),
        };
        let mut needs = Needs { needed: FxHashMap::default(), needing: FxHashMap::default() };
        for (one, other) in dependencies.pairs() {
            let (one, other) = (named(one), named(other));
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

//! Dependencies in the names that a plan is made in, both ways.

use rustc_hash::FxHashMap;
use trueup_model::Dependencies;
use trueup_model::path::ObjectPath;

use super::known::Known;

pub(super) struct Needs<'a> {
    dependencies: &'a Dependencies,
    /// Objects that are known by other names than they have there.
    names: FxHashMap<u32, ObjectPath>,
    renamed: FxHashMap<ObjectPath, Vec<u32>>,
}

impl<'a> Needs<'a> {
    /// Of a side whose paths are known as they are, or will be known by.
    pub fn new(dependencies: &'a Dependencies, known: Option<&Known<'_>>) -> Self {
        let mut needs = Needs { dependencies, names: FxHashMap::default(), renamed: FxHashMap::default() };
        let Some(known) = known.filter(|known| !known.is_empty()) else { return needs };
        for (number, path) in (0..).zip(dependencies.objects()) {
            let name = known.path(path);
            if name != *path {
                needs.renamed.entry(name.clone()).or_default().push(number);
                needs.names.insert(number, name);
            }
        }
        needs
    }

    /// What an object needs.
    pub fn of<'s>(&'s self, path: &ObjectPath) -> impl Iterator<Item = &'s ObjectPath> + Clone + use<'s, 'a> {
        self.numbers(path)
            .flat_map(|number| self.dependencies.needed(number))
            .map(|number| self.name(*number))
    }

    /// What needs an object.
    pub fn on<'s>(&'s self, path: &ObjectPath) -> impl Iterator<Item = &'s ObjectPath> + Clone + use<'s, 'a> {
        self.numbers(path)
            .flat_map(|number| self.dependencies.needing(number))
            .map(|number| self.name(*number))
    }

    pub fn is_needed(&self, one: &ObjectPath, other: &ObjectPath) -> bool {
        self.of(one).any(|needed| needed == other)
    }

    /// There may be several of one name: one has it, and another one gets it.
    fn numbers<'s>(&'s self, path: &ObjectPath) -> impl Iterator<Item = u32> + Clone + use<'s, 'a> {
        let own = self.dependencies.number(path).filter(|number| !self.names.contains_key(number));
        let renamed = self.renamed.get(path).map_or(&[][..], Vec::as_slice);
        own.into_iter().chain(renamed.iter().copied())
    }

    fn name(&self, number: u32) -> &ObjectPath {
        self.names.get(&number).unwrap_or_else(|| &self.dependencies.objects()[number as usize])
    }
}

//! Which object needs which other one to be there. Both sides have their own: from the catalogs of their servers.

use rustc_hash::FxHashMap;

use crate::name::Ident;
use crate::path::ObjectPath;

/// There are tens of thousands: objects have numbers here, and what needs what is told by these.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    /// Each once.
    objects: Vec<ObjectPath>,
    numbers: FxHashMap<ObjectPath, u32>,
    needed: Links,
    needing: Links,
}

impl Dependencies {
    /// Of pairs: what needs, and what is needed.
    pub fn new(pairs: Vec<(ObjectPath, ObjectPath)>) -> Self {
        let mut objects: Vec<ObjectPath> =
            pairs.iter().flat_map(|(needing, needed)| [needing, needed]).cloned().collect();
        objects.sort_unstable();
        objects.dedup();
        let mut dependencies = Self::over(objects);
        let number = |path| dependencies.number(path);
        let pairs = pairs.iter().filter_map(|(needing, needed)| Some((number(needing)?, number(needed)?)));
        let pairs = pairs.collect();
        dependencies.link(pairs);
        dependencies
    }

    /// Objects in their order, each once, and nothing yet that they need.
    pub fn over(objects: Vec<ObjectPath>) -> Self {
        let numbers = objects.iter().cloned().zip(0..).collect();
        Self { objects, numbers, needed: Links::default(), needing: Links::default() }
    }

    /// Says what needs what, by the numbers of the objects.
    pub fn link(&mut self, mut pairs: Vec<(u32, u32)>) {
        pairs.sort_unstable();
        pairs.dedup();
        self.needed = Links::of(self.objects.len(), &pairs);
        for (needing, needed) in &mut pairs {
            std::mem::swap(needing, needed);
        }
        pairs.sort_unstable();
        self.needing = Links::of(self.objects.len(), &pairs);
    }

    pub fn objects(&self) -> &[ObjectPath] {
        &self.objects
    }

    pub fn number(&self, object: &ObjectPath) -> Option<u32> {
        self.numbers.get(object).copied()
    }

    /// What an object needs.
    pub fn needed(&self, number: u32) -> &[u32] {
        self.needed.from(number)
    }

    /// What needs an object.
    pub fn needing(&self, number: u32) -> &[u32] {
        self.needing.from(number)
    }

    /// What needs what, in the order of the objects.
    pub fn pairs(&self) -> impl Iterator<Item = (&ObjectPath, &ObjectPath)> {
        let numbered = (0..).zip(&self.objects);
        numbered.flat_map(move |(number, needing)| {
            self.needed(number).iter().map(move |needed| (needing, &self.objects[*needed as usize]))
        })
    }

    /// What an object needs, by its path.
    pub fn needs(&self, object: &ObjectPath) -> impl Iterator<Item = &ObjectPath> {
        let needed = self.number(object).map_or(&[][..], |number| self.needed(number));
        needed.iter().map(|needed| &self.objects[*needed as usize])
    }

    /// Names that are made of the role that migrates say "whoever migrates", as in [`crate::Catalog::migrated_by`].
    pub fn migrated_by(mut self, role: Option<&Ident>) -> Self {
        let Some(role) = role else { return self };
        for (number, path) in (0..).zip(&mut self.objects) {
            if let Some(renamed) = path.migrated_by(role) {
                self.numbers.remove(path);
                self.numbers.insert(renamed.clone(), number);
                *path = renamed;
            }
        }
        self
    }
}

/// Whether the same objects need the same ones: objects that need nothing and are not needed make no difference.
impl PartialEq for Dependencies {
    fn eq(&self, other: &Self) -> bool {
        self.pairs().eq(other.pairs())
    }
}

impl Eq for Dependencies {}

/// The second numbers of pairs, by the first.
#[derive(Clone, Debug, Default)]
struct Links {
    /// Where those of each number begin; one more at the end.
    starts: Vec<u32>,
    others: Vec<u32>,
}

impl Links {
    /// The pairs are sorted.
    fn of(count: usize, pairs: &[(u32, u32)]) -> Self {
        let mut starts = Vec::with_capacity(count + 1);
        for (place, (number, _)) in (0..).zip(pairs) {
            while starts.len() <= *number as usize {
                starts.push(place);
            }
        }
        starts.resize(count + 1, u32::try_from(pairs.len()).unwrap_or(u32::MAX));
        Self { starts, others: pairs.iter().map(|(_, other)| *other).collect() }
    }

    fn from(&self, number: u32) -> &[u32] {
        let number = number as usize;
        match (self.starts.get(number), self.starts.get(number + 1)) {
            (Some(start), Some(end)) => &self.others[*start as usize..*end as usize],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dependencies;
    use crate::path::{ObjectKind, ObjectPath};

    fn path(name: &str) -> ObjectPath {
        ObjectPath::in_schema(ObjectKind::View, &"public".into(), name)
    }

    fn words<'a>(dependencies: &'a Dependencies, numbers: &'a [u32]) -> Vec<&'a str> {
        numbers.iter().map(|number| dependencies.objects()[*number as usize].head.as_str()).collect()
    }

    #[test]
    fn both_directions_are_told_in_the_order_of_the_objects() {
        let pairs = [("d", "b"), ("a", "d"), ("d", "a"), ("a", "b"), ("d", "b")];
        let pairs = pairs.iter().map(|(needing, needed)| (path(needing), path(needed))).collect();
        let dependencies = Dependencies::new(pairs);
        let number = |name: &str| dependencies.number(&path(name)).expect("a number");
        assert_eq!(words(&dependencies, dependencies.needed(number("d"))), ["a", "b"]);
        assert_eq!(words(&dependencies, dependencies.needed(number("b"))), [""; 0]);
        assert_eq!(words(&dependencies, dependencies.needing(number("b"))), ["a", "d"]);
        assert_eq!(words(&dependencies, dependencies.needing(number("d"))), ["a"]);
        assert_eq!(dependencies.number(&path("c")), None);
        let told: Vec<_> =
            dependencies.pairs().map(|(one, other)| (one.head.as_str(), other.head.as_str())).collect();
        assert_eq!(told, [("a", "b"), ("a", "d"), ("d", "a"), ("d", "b")]);
        let wider = Dependencies::over(["a", "b", "c", "d", "e"].map(path).to_vec());
        assert_eq!((wider.pairs().count(), wider.needing(2), wider == dependencies), (0, &[][..], false));
        let mut wider = wider;
        wider.link(vec![(3, 0), (0, 3), (0, 1), (3, 1)]);
        assert_eq!(wider, dependencies);
    }
}

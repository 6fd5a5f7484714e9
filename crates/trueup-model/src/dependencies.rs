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
    pub fn new(pairs: &[(ObjectPath, ObjectPath)]) -> Self {
        let mut dependencies = Self::default();
        let mut number = |path: &ObjectPath| dependencies.add(path.clone());
        let pairs: Vec<_> = pairs.iter().map(|(needing, needed)| (number(needing), number(needed))).collect();
        dependencies.linked(&pairs)
    }

    /// The number of an object, which it gets where it has none.
    pub fn add(&mut self, object: ObjectPath) -> u32 {
        let next = u32::try_from(self.objects.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(object.clone()).or_insert(next);
        if number == next {
            self.objects.push(object);
        }
        number
    }

    /// Says what needs what, by the numbers of the objects.
    pub fn linked(mut self, pairs: &[(u32, u32)]) -> Self {
        self.needed = Links::of(&self.objects, pairs.iter().copied());
        self.needing = Links::of(&self.objects, pairs.iter().map(|(needing, needed)| (*needed, *needing)));
        self
    }

    pub fn objects(&self) -> &[ObjectPath] {
        &self.objects
    }

    pub fn number(&self, object: &ObjectPath) -> Option<u32> {
        self.numbers.get(object).copied()
    }

    /// What an object needs, in the order of paths.
    pub fn needed(&self, number: u32) -> &[u32] {
        self.needed.from(number)
    }

    /// What needs an object, in the order of paths.
    pub fn needing(&self, number: u32) -> &[u32] {
        self.needing.from(number)
    }

    /// What needs what, in no order.
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
    pub fn migrated_by(self, role: Option<&Ident>) -> Self {
        let Some(role) = role.filter(|role| self.objects.iter().any(|path| path.migrated_by(role).is_some()))
        else {
            return self;
        };
        let renamed = |path: &ObjectPath| path.migrated_by(role).unwrap_or_else(|| path.clone());
        let pairs: Vec<_> =
            self.pairs().map(|(needing, needed)| (renamed(needing), renamed(needed))).collect();
        Self::new(&pairs)
    }
}

/// Whether the same objects need the same ones: objects that need nothing and are not needed make no difference.
impl PartialEq for Dependencies {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |dependencies: &'_ Self| -> Vec<_> {
            let mut pairs: Vec<_> =
                dependencies.pairs().map(|(one, two)| (one.clone(), two.clone())).collect();
            pairs.sort_unstable();
            pairs
        };
        sorted(self) == sorted(other)
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
    fn of(objects: &[ObjectPath], pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = vec![0; objects.len() + 1];
        for (number, _) in pairs.clone() {
            starts[number as usize] += 1;
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        // From their ends down to where they begin.
        let mut others = vec![0; total as usize];
        for (number, other) in pairs {
            let place = &mut starts[number as usize];
            *place -= 1;
            others[*place as usize] = other;
        }
        Self { starts, others }.in_order(objects)
    }

    /// Each once, by their paths.
    fn in_order(mut self, objects: &[ObjectPath]) -> Self {
        let mut kept = 0;
        for number in 0..objects.len() {
            let range = self.starts[number] as usize..self.starts[number + 1] as usize;
            self.others[range.clone()]
                .sort_unstable_by(|one, other| objects[*one as usize].cmp(&objects[*other as usize]));
            self.starts[number] = kept;
            let mut last = None;
            for place in range {
                let other = self.others[place];
                if last.replace(other) != Some(other) {
                    self.others[kept as usize] = other;
                    kept += 1;
                }
            }
        }
        self.starts[objects.len()] = kept;
        self.others.truncate(kept as usize);
        self
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
    fn both_directions_are_told_in_the_order_of_paths() {
        let pairs = [("d", "b"), ("a", "d"), ("d", "a"), ("a", "b"), ("d", "b"), ("e", "b"), ("b", "c")];
        let pairs = pairs.map(|(needing, needed)| (path(needing), path(needed)));
        let dependencies = Dependencies::new(&pairs);
        let number = |name: &str| dependencies.number(&path(name)).expect("a number");
        assert_eq!(words(&dependencies, dependencies.needed(number("d"))), ["a", "b"]);
        assert_eq!(words(&dependencies, dependencies.needed(number("c"))), [""; 0]);
        assert_eq!(words(&dependencies, dependencies.needing(number("b"))), ["a", "d", "e"]);
        assert_eq!(words(&dependencies, dependencies.needing(number("d"))), ["a"]);
        assert_eq!(dependencies.number(&path("f")), None);
        let mut told: Vec<_> =
            dependencies.pairs().map(|(one, other)| (one.head.as_str(), other.head.as_str())).collect();
        told.sort_unstable();
        assert_eq!(told, [("a", "b"), ("a", "d"), ("b", "c"), ("d", "a"), ("d", "b"), ("e", "b")]);
    }

    #[test]
    fn objects_that_nothing_needs_make_no_difference() {
        let dependencies = Dependencies::new(&[(path("b"), path("a")), (path("a"), path("b"))]);
        let mut wider = Dependencies::default();
        let [c, a, b] = ["c", "a", "b"].map(|name| wider.add(path(name)));
        assert_eq!((wider.add(path("a")), wider.needing(a), wider.pairs().count()), (a, &[][..], 0));
        assert!(wider != dependencies);
        let wider = wider.linked(&[(a, b), (b, a), (a, b)]);
        assert_eq!(wider, dependencies);
        assert_eq!(words(&wider, wider.needing(c)), [""; 0]);
    }

    #[test]
    fn names_made_of_the_role_that_migrates_say_so() {
        let granted = |role: &str| {
            ObjectPath::global(ObjectKind::DefaultPrivileges, format!("tables by {role}").as_str())
        };
        let dependencies = Dependencies::new(&[(granted("app"), path("a")), (granted("root"), path("a"))]);
        let dependencies = dependencies.migrated_by(Some(&"app".into()));
        assert_eq!(dependencies.number(&granted("app")), None);
        for role in ["whoever migrates", "root"] {
            assert_eq!(dependencies.needs(&granted(role)).collect::<Vec<_>>(), [&path("a")], "{role}");
        }
        let number = dependencies.number(&path("a")).expect("a number");
        let needing = words(&dependencies, dependencies.needing(number));
        assert_eq!(needing, ["tables by root", "tables by whoever migrates"]);
    }
}

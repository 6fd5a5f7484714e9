//! Pairs whole objects that are left over on both sides: the same object in another schema, the same definition
//! under another name, and what has another name only because something that it names has.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::Catalog;
use trueup_model::catalog::{Entry, Object, OwnedBy};
use trueup_model::name::{Ident, QualifiedName};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_sql::moved::Names;

use super::alike;
use super::aspects::Sides;

/// One object that stands at two paths.
pub(super) struct Pair<'a> {
    pub expected: &'a Entry,
    pub found: &'a Entry,
    pub how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Moved,
    Renamed,
    /// Its path is another one because that of something else is: nothing to say.
    Follows,
}

pub(super) struct Pairs<'a> {
    pub list: Vec<Pair<'a>>,
    /// Names in texts of the found side, with the ones that the expected side knows the objects by.
    pub names: Names,
    catalogs: (&'a Catalog, &'a Catalog),
    /// No path is left over on both sides: one set does for both.
    settled: BTreeSet<&'a ObjectPath>,
    /// Where the relations of the expected side are found.
    relations: BTreeMap<QualifiedName, QualifiedName>,
    /// What the schemas of the expected side are called now.
    schemas: BTreeMap<&'a Ident, &'a Ident>,
}

/// Pairs what `missing` and `unexpected` have in common; both hold whole objects only.
pub(super) fn pair<'a>(
    catalogs: (&'a Catalog, &'a Catalog),
    missing: &[&'a Entry],
    unexpected: &[&'a Entry],
) -> Pairs<'a> {
    let mut pairs = Pairs {
        list: Vec::new(),
        names: Names::default(),
        catalogs,
        settled: BTreeSet::new(),
        relations: BTreeMap::new(),
        schemas: BTreeMap::new(),
    };
    let (missing, unexpected) = (by_kind(missing), by_kind(unexpected));
    // What is in a schema goes where the schema goes: it is the first kind. Sequences may belong to tables. All else may name what comes later: for that there is a second round.
    let kinds = ObjectKind::ALL
        .iter()
        .filter(|kind| **kind != ObjectKind::Sequence)
        .chain(std::iter::once(&ObjectKind::Sequence));
    for _ in 0..2 {
        let before = pairs.list.len();
        for kind in kinds.clone() {
            let (Some(missing), Some(unexpected)) = (missing.get(kind), unexpected.get(kind)) else {
                continue;
            };
            pairs.with_their_schema(missing, unexpected);
            pairs.with_their_owner(missing, unexpected);
            pairs.with_their_arguments(missing, unexpected);
            pairs.moved(missing, unexpected);
            pairs.renamed(missing, unexpected);
        }
        if pairs.list.len() == before {
            break;
        }
    }
    pairs
}

fn by_kind<'a>(entries: &[&'a Entry]) -> BTreeMap<ObjectKind, Vec<&'a Entry>> {
    let mut kinds: BTreeMap<ObjectKind, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        kinds.entry(entry.path.kind).or_default().push(entry);
    }
    kinds
}

impl<'a> Pairs<'a> {
    /// Whether an object that stands at its path on one side only has a counterpart elsewhere.
    pub fn is_settled(&self, entry: &Entry) -> bool {
        self.settled.contains(&entry.path)
    }

    /// Names of the expected side for which nothing was found: a namesake next to something that was moved is
    /// something else. Where the schema has another name, all that is in it is still what it was.
    pub fn without_counterpart(&self, missing: &[&'a Entry]) -> Names {
        let found: BTreeSet<QualifiedName> =
            self.list.iter().filter_map(|pair| pair.expected.path.qualified()).collect();
        let mut names = Names::default();
        for entry in missing {
            if let Some(name) = entry.path.qualified()
                && !found.contains(&name)
                && !self.schemas.contains_key(&name.schema)
            {
                names.insert(name.clone(), name);
            }
        }
        names
    }

    fn sides(&self) -> Sides<'_> {
        Sides::new(self.catalogs.0, self.catalogs.1, &self.names)
    }

    fn open(&self, missing: &[&'a Entry], unexpected: &[&'a Entry]) -> (Vec<&'a Entry>, Vec<&'a Entry>) {
        let open =
            |entries: &[&'a Entry]| entries.iter().copied().filter(|entry| !self.is_settled(entry)).collect();
        (open(missing), open(unexpected))
    }

    fn settle(&mut self, expected: &'a Entry, found: &'a Entry, how: How) {
        self.settled.extend([&expected.path, &found.path]);
        if expected.path.kind == ObjectKind::Schema {
            self.schemas.insert(&expected.path.head, &found.path.head);
        }
        if let (Some(known), Some(now)) = (expected.path.qualified(), found.path.qualified())
            && known != now
        {
            if expected.path.kind.is_relation() {
                self.relations.insert(known.clone(), now.clone());
            }
            if knows_name(self.catalogs.0, &now) {
                self.names.insert_ambiguous(now, known);
            } else {
                self.names.insert(now, known);
            }
        }
        self.list.push(Pair { expected, found, how });
    }

    /// What is in a schema goes where the schema goes, changed or not.
    fn with_their_schema(&mut self, missing: &[&'a Entry], unexpected: &[&'a Entry]) {
        if self.schemas.is_empty() {
            return;
        }
        let (missing, unexpected) = self.open(missing, unexpected);
        let mut there: BTreeMap<(Option<&Ident>, &Ident), Vec<&'a Entry>> = BTreeMap::new();
        for found in unexpected {
            there.entry((found.path.schema.as_ref(), &found.path.head)).or_default().push(found);
        }
        for expected in missing {
            let Some(schema) =
                expected.path.schema.as_ref().and_then(|schema| self.schemas.get(schema).copied())
            else {
                continue;
            };
            let Some(namesakes) = there.get_mut(&(Some(schema), &expected.path.head)) else { continue };
            let same = namesakes.iter().position(|found| {
                let sides = self.sides().between(expected, found);
                alike::same_arguments(&sides, &expected.path, &found.path)
            });
            if let Some(same) = same {
                let found = namesakes.remove(same);
                self.settle(expected, found, How::Follows);
            }
        }
    }

    /// The sequence of a column goes where the table of the column goes.
    fn with_their_owner(&mut self, missing: &[&'a Entry], unexpected: &[&'a Entry]) {
        let (missing, unexpected) = self.open(missing, unexpected);
        let mut fed: BTreeMap<OwnedBy, Vec<&'a Entry>> = BTreeMap::new();
        for found in unexpected {
            if let Object::Sequence(sequence) = &found.object
                && let Some(owner) = &sequence.owned_by
            {
                fed.entry(owner.clone()).or_default().push(found);
            }
        }
        for expected in missing {
            let Object::Sequence(sequence) = &expected.object else { continue };
            let Some(owner) = &sequence.owned_by else { continue };
            let Some(table) = self.relations.get(&owner.table).cloned() else { continue };
            let found = fed.get_mut(&OwnedBy { table, column: owner.column.clone() }).and_then(|all| {
                // Nearly always there is one.
                let namesake = all.iter().position(|found| found.path.head == expected.path.head);
                (!all.is_empty()).then(|| all.remove(namesake.unwrap_or(0)))
            });
            if let Some(found) = found {
                self.settle(expected, found, How::Follows);
            }
        }
    }

    /// `total(orders)` is `total(purchases)` since its type has another name.
    fn with_their_arguments(&mut self, missing: &[&'a Entry], unexpected: &[&'a Entry]) {
        let (missing, unexpected) = self.open(missing, unexpected);
        let known: BTreeMap<&ObjectPath, &'a Entry> =
            missing.into_iter().map(|entry| (&entry.path, entry)).collect();
        for found in unexpected {
            let Some(arguments) =
                found.path.arguments.as_ref().and_then(|text| self.names.in_text(text.as_str()))
            else {
                continue;
            };
            let path = found.path.clone().with_arguments(arguments);
            if let Some(expected) = known.get(&path).filter(|entry| !self.is_settled(entry)) {
                self.settle(expected, found, How::Follows);
            }
        }
    }

    /// Objects that stand in another schema under their own name.
    fn moved(&mut self, missing: &[&'a Entry], unexpected: &[&'a Entry]) {
        let (missing, unexpected) = self.open(missing, unexpected);
        let mut namesakes_of: BTreeMap<&Ident, Vec<&'a Entry>> = BTreeMap::new();
        for entry in unexpected.iter().filter(|entry| entry.path.schema.is_some()) {
            namesakes_of.entry(&entry.path.head).or_default().push(entry);
        }
        for expected in missing {
            let Some(namesakes) = namesakes_of.get_mut(&expected.path.head) else { continue };
            let there = namesakes.iter().position(|found| {
                let sides = self.sides().between(expected, found);
                sides.moved.is_some()
                    && alike::same_arguments(&sides, &expected.path, &found.path)
                    && alike::namesakes(&sides, expected, found)
            });
            if let Some(there) = there {
                let found = namesakes.remove(there);
                self.settle(expected, found, How::Moved);
            }
        }
    }

    /// Objects with the same definition under another name, in the same place. Only where there is no doubt: one
    /// candidate on each side.
    fn renamed(&mut self, missing: &[&'a Entry], unexpected: &[&'a Entry]) {
        let (missing, unexpected) = self.open(missing, unexpected);
        let candidates = match missing.first().map(|entry| &entry.object) {
            // An extension is its name, and default privileges are what their name says.
            Some(Object::Extension(_) | Object::DefaultPrivileges(_)) | None => return,
            Some(Object::Table(_)) => alike::tables(&self.sides(), &missing, &unexpected),
            Some(Object::Schema(_)) => alike::schemas(&self.sides(), &missing, &unexpected),
            Some(_) => alike::defined(&self.sides(), &missing, &unexpected),
        };
        for (expected, found) in alike::without_rivals(candidates) {
            self.settle(expected, found, How::Renamed);
        }
    }
}

/// Whether a catalog has an object of this name, of whatever kind.
fn knows_name(catalog: &Catalog, name: &QualifiedName) -> bool {
    let key = (Some(&name.schema), &name.name);
    catalog
        .entries()
        .binary_search_by(|entry| (entry.path.schema.as_ref(), &entry.path.head).cmp(&key))
        .is_ok()
}

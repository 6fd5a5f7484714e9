//! What is left over when whole objects are paired: parts of relations, paired by name and then by definition, and
//! what has no counterpart at all. The latter is missing or unexpected, unless something else says so already.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::catalog::{Entry, Object};
use trueup_model::difference::{Change, Difference};
use trueup_model::name::{Ident, QualifiedName};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::alike::{candidates, without_rivals};
use super::aspects::Sides;
use super::matching::{How, Pair};
use super::{different, same_definition};

#[derive(Default)]
pub(super) struct Leftovers<'a> {
    pub missing: Vec<&'a Entry>,
    pub unexpected: Vec<&'a Entry>,
}

impl Leftovers<'_> {
    /// Those that are wanted, and the others.
    pub fn partition(self, wanted: impl Fn(&Entry) -> bool) -> (Self, Self) {
        let (missing, no_missing) = self.missing.into_iter().partition(|entry| wanted(entry));
        let (unexpected, no_unexpected) = self.unexpected.into_iter().partition(|entry| wanted(entry));
        (Self { missing, unexpected }, Self { missing: no_missing, unexpected: no_unexpected })
    }
}

/// What is to say about an object that stands at two paths, and about its parts. Parts without a counterpart go to
/// `left`.
pub(super) fn compare_pair<'a>(
    sides: &Sides<'a>,
    pair: &Pair<'a>,
    left: &mut Leftovers<'a>,
) -> Vec<Difference> {
    let sides = sides.between(pair.expected, pair.found);
    let (expected, found) = (&pair.expected.path, &pair.found.path);
    let change = match pair.how {
        How::Moved => Some(Change::Misplaced { to: found.clone() }),
        How::Renamed => Some(Change::Renamed { to: found.clone() }),
        How::Follows => None,
    };
    let mut differences: Vec<Difference> =
        change.map(|change| Difference { path: expected.clone(), change }).into_iter().collect();
    differences.extend(different(&sides, pair.expected, pair.found));
    if expected.kind.is_relation() {
        let mut there: BTreeMap<(ObjectKind, &Ident), &'a Entry> =
            sides.found.parts_of(found).map(|part| ((part.path.kind, &part.path.part), part)).collect();
        let mut missing = Vec::new();
        for part in sides.expected.parts_of(expected) {
            match there.remove(&(part.path.kind, &part.path.part)) {
                Some(other) => differences.extend(different(&sides, part, other)),
                None => missing.push(part),
            }
        }
        differences.extend(rename_parts(&sides, missing, there.into_values().collect(), left));
    }
    differences
}

/// Pairs the parts of relations that have one path on both sides.
pub(super) fn compare_parts<'a>(
    sides: &Sides<'a>,
    parts: Leftovers<'a>,
    left: &mut Leftovers<'a>,
) -> Vec<Difference> {
    let mut relations: BTreeMap<(Option<&Ident>, &Ident), Leftovers<'a>> = BTreeMap::new();
    let of = |entry: &'a Entry| (entry.path.schema.as_ref(), &entry.path.head);
    for entry in parts.missing {
        relations.entry(of(entry)).or_default().missing.push(entry);
    }
    for entry in parts.unexpected {
        relations.entry(of(entry)).or_default().unexpected.push(entry);
    }
    relations
        .into_values()
        .flat_map(|parts| rename_parts(sides, parts.missing, parts.unexpected, left))
        .collect()
}

/// Pairs parts of one relation that have the same definition; what is left over then goes to `left`.
fn rename_parts<'a>(
    sides: &Sides<'a>,
    missing: Vec<&'a Entry>,
    unexpected: Vec<&'a Entry>,
    left: &mut Leftovers<'a>,
) -> Vec<Difference> {
    let explicit = |entries: Vec<&'a Entry>| -> Vec<&'a Entry> {
        entries.into_iter().filter(|entry| !entry.object.is_inherited()).collect()
    };
    let (missing, unexpected) = (explicit(missing), explicit(unexpected));
    let mut kinds: BTreeMap<ObjectKind, (Vec<&'a Entry>, Vec<&'a Entry>)> = BTreeMap::new();
    for entry in &missing {
        kinds.entry(entry.path.kind).or_default().0.push(entry);
    }
    for entry in &unexpected {
        kinds.entry(entry.path.kind).or_default().1.push(entry);
    }
    let mut differences = Vec::new();
    let mut settled = BTreeSet::new();
    for (missing, unexpected) in kinds.values() {
        let same = candidates(missing, unexpected, |expected, found| may_be_renamed(sides, expected, found));
        for (expected, found) in without_rivals(same) {
            let to = found.path.clone();
            differences.push(Difference { path: expected.path.clone(), change: Change::Renamed { to } });
            differences.extend(different(sides, expected, found));
            settled.extend([&expected.path, &found.path]);
        }
    }
    left.missing.extend(missing.into_iter().filter(|entry| !settled.contains(&entry.path)));
    left.unexpected.extend(unexpected.into_iter().filter(|entry| !settled.contains(&entry.path)));
    differences
}

fn may_be_renamed(sides: &Sides<'_>, expected: &Entry, found: &Entry) -> bool {
    let same_place = match (&expected.object, &found.object) {
        (Object::Column(expected), Object::Column(found)) => expected.position == found.position,
        _ => true,
    };
    same_place && same_definition(sides, &expected.object, &found.object)
}

/// What is left is missing or unexpected, unless something else says it already. `elsewhere` holds the names of
/// relations, on both sides, that were moved or renamed.
pub(super) fn report(left: &Leftovers<'_>, elsewhere: &BTreeSet<QualifiedName>) -> Vec<Difference> {
    let gone = Gone::of(&left.missing);
    let new = Gone::of(&left.unexpected);
    let new_schemas: BTreeSet<&Ident> = left
        .unexpected
        .iter()
        .filter(|entry| entry.path.kind == ObjectKind::Schema)
        .map(|entry| &entry.path.head)
        .collect();
    let mut differences = Vec::new();
    for entry in &left.missing {
        if !gone.says_already(entry) {
            differences.push(Difference { path: entry.path.clone(), change: Change::Missing });
        }
    }
    for entry in &left.unexpected {
        // A schema that nobody expected stands for all that is in it, but for what was expected elsewhere.
        let in_new_schema = entry.path.schema.as_ref().is_some_and(|schema| new_schemas.contains(schema))
            && !entry.path.relation().is_some_and(|relation| elsewhere.contains(&relation));
        if !in_new_schema && !new.says_already(entry) && !new.rests_on_column(entry) {
            differences.push(Difference { path: entry.path.clone(), change: Change::Unexpected });
        }
    }
    differences
}

/// Relations and columns that are on one side only.
struct Gone<'a> {
    relations: BTreeSet<(&'a Ident, &'a Ident)>,
    columns: BTreeSet<(&'a Ident, &'a Ident, &'a Ident)>,
}

impl<'a> Gone<'a> {
    fn of(entries: &[&'a Entry]) -> Self {
        let mut gone = Gone { relations: BTreeSet::new(), columns: BTreeSet::new() };
        for path in entries.iter().map(|entry| &entry.path) {
            let Some(schema) = &path.schema else { continue };
            if path.kind.is_relation() {
                gone.relations.insert((schema, &path.head));
            } else if path.kind == ObjectKind::Column {
                gone.columns.insert((schema, &path.head, &path.part));
            }
        }
        gone
    }

    /// Parts of a relation that is on one side as a whole, and the sequence of a serial column that is.
    fn says_already(&self, entry: &Entry) -> bool {
        let path = &entry.path;
        let of_relation = path.is_part()
            && path.schema.as_ref().is_some_and(|schema| self.relations.contains(&(schema, &path.head)));
        of_relation || self.owned(entry)
    }

    fn owned(&self, entry: &Entry) -> bool {
        let Object::Sequence(sequence) = &entry.object else { return false };
        sequence.owned_by.as_ref().is_some_and(|owner| {
            let table = &owner.table;
            self.relations.contains(&(&table.schema, &table.name))
                || self.columns.contains(&(&table.schema, &table.name, &owner.column))
        })
    }

    /// Constraints and indexes of such a column. A missing one has its own statement in the history and is reported
    /// with it; an unexpected one came with the column.
    fn rests_on_column(&self, entry: &Entry) -> bool {
        let ObjectPath { schema: Some(schema), head, .. } = &entry.path else { return false };
        let gone =
            |columns: &[Ident]| columns.iter().any(|column| self.columns.contains(&(schema, head, column)));
        match &entry.object {
            Object::Key(key) => gone(&key.columns),
            Object::ForeignKey(foreign_key) => gone(&foreign_key.columns),
            Object::Index(index) => {
                let columns: Vec<Ident> =
                    index.keys.iter().map(|key| Ident::new(key.expression.as_str())).collect();
                gone(&columns) || gone(&index.include)
            }
            _ => false,
        }
    }
}

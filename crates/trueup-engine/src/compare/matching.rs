//! Pairs what is left over on both sides: the same object in another schema, the same definition under another
//! name. What has no counterpart is missing or unexpected; parts of it go without saying.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::catalog::{Entry, Object, Rule};
use trueup_model::difference::{Change, Difference};
use trueup_model::name::{Ident, QualifiedName};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::aspects::Sides;
use super::{different, same_definition};

pub(super) fn settle<'a>(
    sides: &Sides<'_>,
    missing: Vec<&'a Entry>,
    unexpected: Vec<&'a Entry>,
) -> Vec<Difference> {
    let explicit = |entries: Vec<&'a Entry>| entries.into_iter().filter(|entry| !is_implied(entry)).collect();
    let mut left =
        Leftovers { missing: explicit(missing), unexpected: explicit(unexpected), differences: Vec::new() };
    pair_moved(sides, &mut left);
    pair_renamed(sides, &mut left, |entry| !entry.path.is_part());
    pair_renamed(sides, &mut left, |entry| entry.path.is_part());
    report_rest(left)
}

struct Leftovers<'a> {
    missing: Vec<&'a Entry>,
    unexpected: Vec<&'a Entry>,
    differences: Vec<Difference>,
}

impl Leftovers<'_> {
    fn drop_pair(&mut self, expected: &ObjectPath, found: &ObjectPath) {
        self.missing.retain(|entry| entry.path != *expected);
        self.unexpected.retain(|entry| entry.path != *found);
    }
}

/// Objects that stand in another schema under their own name.
fn pair_moved(sides: &Sides<'_>, left: &mut Leftovers<'_>) {
    let mut namesakes_of: BTreeMap<(ObjectKind, &Ident), Vec<&Entry>> = BTreeMap::new();
    for entry in left.unexpected.iter().filter(|entry| !entry.path.is_part() && entry.path.schema.is_some()) {
        namesakes_of.entry((entry.path.kind, &entry.path.head)).or_default().push(entry);
    }
    for expected in left.missing.clone() {
        let Some(schema) = expected.path.schema.as_ref().filter(|_| !expected.path.is_part()) else {
            continue;
        };
        let namesakes = namesakes_of
            .get(&(expected.path.kind, &expected.path.head))
            .into_iter()
            .flatten()
            .filter(|found| found.path.arguments == expected.path.arguments);
        let mut best: Option<(&Entry, Sides<'_>)> = None;
        for found in namesakes {
            let Some(from) = &found.path.schema else { continue };
            let moved = Sides {
                moved: Some((from.clone(), schema.clone())),
                ..Sides::new(sides.expected, sides.found)
            };
            if alike(&moved, expected, found) {
                best = Some((found, moved));
                break;
            }
        }
        let Some((found, moved)) = best else { continue };
        let (expected_path, found_path) = (expected.path.clone(), found.path.clone());
        left.differences.push(Difference {
            path: expected_path.clone(),
            change: Change::Misplaced { to: found_path.clone() },
        });
        left.differences.extend(different(&moved, expected, found));
        left.drop_pair(&expected_path, &found_path);
        pair_parts(&moved, left, &expected_path, &found_path);
    }
}

/// Namesakes that are the same thing: a table with the same columns, anything else with the same definition.
fn alike(sides: &Sides<'_>, expected: &Entry, found: &Entry) -> bool {
    match &expected.object {
        Object::Table(_) => {
            let names = |columns: Vec<(&Ident, &_)>| -> BTreeSet<Ident> {
                columns
                    .into_iter()
                    .map(|(name, _): (&Ident, &trueup_model::catalog::Column)| name.clone())
                    .collect()
            };
            let expected_names = names(sides.expected.columns_of(&expected.path));
            let found_names = names(sides.found.columns_of(&found.path));
            let common = expected_names.intersection(&found_names).count();
            2 * common >= expected_names.len().max(found_names.len())
        }
        _ => same_definition(sides, &expected.object, &found.object),
    }
}

/// Compares the parts of a relation that was found elsewhere.
fn pair_parts(sides: &Sides<'_>, left: &mut Leftovers<'_>, expected: &ObjectPath, found: &ObjectPath) {
    let parts_there: Vec<&Entry> = sides.found.parts_of(found).collect();
    let mut kept = Vec::new();
    let mut paired = BTreeSet::new();
    let (mut own, rest): (Vec<&Entry>, Vec<&Entry>) =
        std::mem::take(&mut left.missing).into_iter().partition(|entry| belongs_to(&entry.path, expected));
    left.missing = rest;
    for part in own.drain(..) {
        let there = parts_there
            .iter()
            .find(|other| other.path.kind == part.path.kind && other.path.part == part.path.part);
        match there {
            Some(there) => {
                paired.insert(there.path.clone());
                left.differences.extend(different(sides, part, there));
            }
            None => kept.push(part),
        }
    }
    for part in kept.into_iter().filter(|part| !is_implied(part)) {
        left.differences.push(Difference { path: part.path.clone(), change: Change::Missing });
    }
    for part in &parts_there {
        if !paired.contains(&part.path) && !is_implied(part) {
            left.differences.push(Difference { path: part.path.clone(), change: Change::Unexpected });
        }
    }
    left.unexpected.retain(|entry| !belongs_to(&entry.path, found));
}

fn belongs_to(part: &ObjectPath, relation: &ObjectPath) -> bool {
    part.is_part() && part.schema == relation.schema && part.head == relation.head
}

/// Objects with the same definition under another name, in the same place. Only where there is no doubt: one
/// candidate on each side.
fn pair_renamed(sides: &Sides<'_>, left: &mut Leftovers<'_>, wanted: impl Fn(&Entry) -> bool) {
    // Only what stands in the same place can be the same under another name, and what goes with its relation is
    // said with it.
    let (gone, new) = (Gone::of(&left.missing), Gone::of(&left.unexpected));
    let mut places: BTreeMap<Place<'_>, (Vec<&Entry>, Vec<&Entry>)> = BTreeMap::new();
    for entry in left.missing.iter().filter(|entry| wanted(entry) && !gone.says_already(entry)) {
        places.entry(place(entry)).or_default().0.push(entry);
    }
    for entry in left.unexpected.iter().filter(|entry| wanted(entry) && !new.says_already(entry)) {
        places.entry(place(entry)).or_default().1.push(entry);
    }
    let candidates: Vec<(&Entry, &Entry)> = places
        .values()
        // Two databases that have nothing in common are not one that was renamed all over.
        .filter(|(missing, unexpected)| missing.len() * unexpected.len() <= PAIRS_LOOKED_AT)
        .flat_map(|(missing, unexpected)| {
            missing.iter().flat_map(move |expected| unexpected.iter().map(move |found| (*expected, *found)))
        })
        .filter(|(expected, found)| may_be_renamed(sides, expected, found))
        .collect();
    for (expected, found) in &candidates {
        let rivals = candidates
            .iter()
            .filter(|(other, there)| other.path == expected.path || there.path == found.path)
            .count();
        if rivals != 1 {
            continue;
        }
        left.differences.push(Difference {
            path: expected.path.clone(),
            change: Change::Renamed { to: found.path.clone() },
        });
        left.drop_pair(&expected.path, &found.path);
        if expected.path.kind.is_relation() {
            let names = found.path.qualified().zip(expected.path.qualified());
            let renamed = Sides { renamed: names, ..Sides::new(sides.expected, sides.found) };
            pair_parts(&renamed, left, &expected.path, &found.path);
        }
    }
}

/// How many pairs of one place are held against each other.
const PAIRS_LOOKED_AT: usize = 40_000;

/// Kind, schema, and the relation that a part belongs to.
type Place<'a> = (ObjectKind, Option<&'a Ident>, Option<&'a Ident>);

fn place(entry: &Entry) -> Place<'_> {
    let relation = entry.path.is_part().then_some(&entry.path.head);
    (entry.path.kind, entry.path.schema.as_ref(), relation)
}

fn may_be_renamed(sides: &Sides<'_>, expected: &Entry, found: &Entry) -> bool {
    let (e, f) = (&expected.path, &found.path);
    let same_place = e.kind == f.kind
        && e.schema == f.schema
        && e.is_part() == f.is_part()
        && (!e.is_part() || e.head == f.head)
        && e.arguments == f.arguments;
    if !same_place {
        return false;
    }
    match (&expected.object, &found.object) {
        (Object::Table(_), Object::Table(_)) => {
            let columns = |catalog: &'_ trueup_model::Catalog, path: &ObjectPath| -> Vec<(Ident, String)> {
                catalog
                    .columns_of(path)
                    .into_iter()
                    .map(|(name, column)| (name.clone(), column.data_type.to_string()))
                    .collect()
            };
            let there = columns(sides.expected, e);
            !there.is_empty() && there == columns(sides.found, f)
        }
        (Object::Column(own), Object::Column(others)) => {
            own.position == others.position && same_definition(sides, &expected.object, &found.object)
        }
        // A schema is what is in it.
        (Object::Schema(_), Object::Schema(_)) => {
            let content = |catalog: &trueup_model::Catalog, schema: &Ident| -> Vec<(Ident, Ident)> {
                let inside =
                    catalog.entries().iter().filter(|entry| entry.path.schema.as_ref() == Some(schema));
                inside.map(|entry| (entry.path.head.clone(), entry.path.part.clone())).collect()
            };
            content(sides.expected, &e.head) == content(sides.found, &f.head)
        }
        // An extension is its name, and default privileges are what their name says.
        (Object::Extension(_) | Object::DefaultPrivileges(_), _) => false,
        (Object::Rule(own), Object::Rule(others)) => {
            // The definition begins with the name.
            let body =
                |rule: &Rule| rule.definition.as_str().split_once(" AS\n").map(|(_, body)| body.to_owned());
            own.fires == others.fires && body(own) == body(others)
        }
        _ => same_definition(sides, &expected.object, &found.object),
    }
}

/// What is left is missing or unexpected, unless something else says it already.
fn report_rest(left: Leftovers<'_>) -> Vec<Difference> {
    let Leftovers { missing, unexpected, mut differences } = left;
    let gone = Gone::of(&missing);
    let new = Gone::of(&unexpected);
    let new_schemas: BTreeSet<&Ident> = unexpected
        .iter()
        .filter(|entry| entry.path.kind == ObjectKind::Schema)
        .map(|entry| &entry.path.head)
        .collect();
    let elsewhere: BTreeSet<QualifiedName> = differences
        .iter()
        .filter_map(|difference| match &difference.change {
            Change::Misplaced { to } | Change::Renamed { to } => to.qualified(),
            _ => None,
        })
        .chain(differences.iter().filter_map(|difference| match &difference.change {
            Change::Misplaced { .. } | Change::Renamed { .. } => difference.path.qualified(),
            _ => None,
        }))
        .collect();
    for entry in &missing {
        if !gone.says_already(entry) && !owned_by_any(entry, &elsewhere) {
            differences.push(Difference { path: entry.path.clone(), change: Change::Missing });
        }
    }
    for entry in &unexpected {
        // A schema that nobody expected stands for all that is in it.
        let in_new_schema = entry.path.schema.as_ref().is_some_and(|schema| new_schemas.contains(schema));
        if !in_new_schema
            && !new.says_already(entry)
            && !new.rests_on_column(entry)
            && !owned_by_any(entry, &elsewhere)
        {
            differences.push(Difference { path: entry.path.clone(), change: Change::Unexpected });
        }
    }
    differences
}

/// Relations and columns that are on one side only.
struct Gone {
    relations: BTreeSet<QualifiedName>,
    columns: BTreeSet<(QualifiedName, Ident)>,
}

impl Gone {
    fn of(entries: &[&Entry]) -> Self {
        let relations = entries
            .iter()
            .filter(|entry| entry.path.kind.is_relation())
            .filter_map(|entry| entry.path.qualified())
            .collect();
        let columns = entries
            .iter()
            .filter(|entry| entry.path.kind == ObjectKind::Column)
            .filter_map(|entry| Some((entry.path.relation()?, entry.path.name().clone())))
            .collect();
        Self { relations, columns }
    }

    /// Parts of a relation that is on one side as a whole, and the sequence of a serial column that is.
    fn says_already(&self, entry: &Entry) -> bool {
        let of_relation = entry.path.relation().is_some_and(|relation| self.relations.contains(&relation));
        of_relation || self.owned(entry)
    }

    fn owned(&self, entry: &Entry) -> bool {
        let Object::Sequence(sequence) = &entry.object else { return false };
        sequence.owned_by.as_ref().is_some_and(|owner| {
            self.relations.contains(&owner.table)
                || self.columns.contains(&(owner.table.clone(), owner.column.clone()))
        })
    }

    /// Constraints and indexes of such a column. A missing one has its own statement in the history and is reported
    /// with it; an unexpected one came with the column.
    fn rests_on_column(&self, entry: &Entry) -> bool {
        let Some(relation) = entry.path.relation() else { return false };
        let gone = |columns: &[Ident]| {
            columns.iter().any(|column| self.columns.contains(&(relation.clone(), column.clone())))
        };
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

fn owned_by_any(entry: &Entry, relations: &BTreeSet<QualifiedName>) -> bool {
    match &entry.object {
        Object::Sequence(sequence) => {
            sequence.owned_by.as_ref().is_some_and(|owner| relations.contains(&owner.table))
        }
        _ => false,
    }
}

/// It comes with something of a parent table and cannot be made or dropped alone.
fn is_implied(entry: &Entry) -> bool {
    match &entry.object {
        Object::Column(column) => column.inherited,
        Object::Key(key) => key.inherited,
        Object::Check(check) => check.inherited,
        Object::ForeignKey(foreign_key) => foreign_key.inherited,
        Object::Exclusion(exclusion) => exclusion.inherited,
        Object::Index(index) => index.inherited,
        Object::Trigger(trigger) => trigger.inherited,
        _ => false,
    }
}

//! Which objects of two catalogs may be the same under different paths.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::Catalog;
use trueup_model::catalog::{Entry, Object, Sequence};
use trueup_model::name::Ident;
use trueup_model::path::ObjectPath;

use super::aspects::Sides;
use super::same_definition;

/// Pairs of an expected object and a found one.
pub(super) type Candidates<'a> = Vec<(&'a Entry, &'a Entry)>;

/// Tables of one schema with the same columns, and for the same rows where they are partitions.
pub(super) fn tables<'a>(
    sides: &Sides<'_>,
    missing: &[&'a Entry],
    unexpected: &[&'a Entry],
) -> Candidates<'a> {
    let as_known = |text: &str| sides.names.in_text(text).unwrap_or_else(|| text.to_owned());
    let signature = |catalog: &Catalog, entry: &'a Entry, spelled: &dyn Fn(&str) -> String| {
        let columns: Vec<(Ident, String)> = catalog
            .columns_of(&entry.path)
            .into_iter()
            .map(|(name, column)| (name.clone(), spelled(column.data_type.as_str())))
            .collect();
        let partition = match &entry.object {
            Object::Table(table) => table.partition_of.as_ref(),
            _ => None,
        };
        (!columns.is_empty()).then(|| (entry.path.schema.clone(), columns, partition.cloned()))
    };
    let mut tables: BTreeMap<_, (Vec<&'a Entry>, Vec<&'a Entry>)> = BTreeMap::new();
    for entry in missing {
        if let Some((schema, columns, partition)) =
            signature(sides.expected, entry, &|text: &str| text.to_owned())
        {
            let partition = partition.map(|partition| (partition.parent, partition.bound));
            tables.entry((schema, columns, partition)).or_default().0.push(entry);
        }
    }
    for entry in unexpected {
        if let Some((schema, columns, partition)) = signature(sides.found, entry, &as_known) {
            let partition = partition.map(|partition| {
                let parent = sides.names.known_as(&partition.parent).cloned();
                (parent.unwrap_or(partition.parent), partition.bound)
            });
            tables.entry((schema, columns, partition)).or_default().1.push(entry);
        }
    }
    only_pairs(tables.into_values())
}

/// A schema is what is in it.
pub(super) fn schemas<'a>(
    sides: &Sides<'_>,
    missing: &[&'a Entry],
    unexpected: &[&'a Entry],
) -> Candidates<'a> {
    let mut schemas: BTreeMap<_, (Vec<&'a Entry>, Vec<&'a Entry>)> = BTreeMap::new();
    for (entry, content) in contents(sides.expected, missing) {
        schemas.entry(content).or_default().0.push(entry);
    }
    for (entry, content) in contents(sides.found, unexpected) {
        schemas.entry(content).or_default().1.push(entry);
    }
    only_pairs(schemas.into_values())
}

type Content<'c> = Vec<(&'c Ident, &'c Ident)>;

fn contents<'c, 'a: 'c>(
    catalog: &'c Catalog,
    schemas: &[&'a Entry],
) -> impl Iterator<Item = (&'a Entry, Content<'c>)> {
    let mut contents: BTreeMap<&Ident, (&'a Entry, Content<'c>)> =
        schemas.iter().map(|entry| (&entry.path.head, (*entry, Vec::new()))).collect();
    for entry in catalog.entries() {
        if let Some((_, content)) = entry.path.schema.as_ref().and_then(|schema| contents.get_mut(schema)) {
            content.push((&entry.path.head, &entry.path.part));
        }
    }
    contents.into_values()
}

/// Objects of one schema with the same definition.
pub(super) fn defined<'a>(
    sides: &Sides<'_>,
    missing: &[&'a Entry],
    unexpected: &[&'a Entry],
) -> Candidates<'a> {
    let mut places: BTreeMap<Option<&Ident>, (Vec<&'a Entry>, Vec<&'a Entry>)> = BTreeMap::new();
    for entry in missing {
        places.entry(entry.path.schema.as_ref()).or_default().0.push(entry);
    }
    for entry in unexpected {
        places.entry(entry.path.schema.as_ref()).or_default().1.push(entry);
    }
    places
        .values()
        .flat_map(|(missing, unexpected)| {
            candidates(missing, unexpected, |expected, found| {
                same_arguments(sides, &expected.path, &found.path)
                    && same_columns(sides, &expected.path, &found.path)
                    && same_definition(sides, &expected.object, &found.object)
            })
        })
        .collect()
}

/// How many pairs of one place are held against each other.
const PAIRS_LOOKED_AT: usize = 40_000;

/// All pairs that may be the same.
pub(super) fn candidates<'a>(
    missing: &[&'a Entry],
    unexpected: &[&'a Entry],
    may_be_same: impl Fn(&Entry, &Entry) -> bool,
) -> Candidates<'a> {
    // Two databases that have nothing in common are not one that was renamed all over.
    if missing.len() * unexpected.len() > PAIRS_LOOKED_AT {
        return Vec::new();
    }
    let all = missing.iter().flat_map(|expected| unexpected.iter().map(move |found| (*expected, *found)));
    all.filter(|(expected, found)| may_be_same(expected, found)).collect()
}

/// Those of which neither side has another candidate.
pub(super) fn without_rivals<'a>(candidates: Candidates<'a>) -> Candidates<'a> {
    let mut counts: (BTreeMap<&ObjectPath, usize>, BTreeMap<&ObjectPath, usize>) = Default::default();
    for (expected, found) in &candidates {
        *counts.0.entry(&expected.path).or_default() += 1;
        *counts.1.entry(&found.path).or_default() += 1;
    }
    candidates
        .into_iter()
        .filter(|(expected, found)| counts.0[&expected.path] == 1 && counts.1[&found.path] == 1)
        .collect()
}

fn only_pairs<'a>(groups: impl Iterator<Item = (Vec<&'a Entry>, Vec<&'a Entry>)>) -> Candidates<'a> {
    groups
        .filter_map(|(missing, unexpected)| match (missing.as_slice(), unexpected.as_slice()) {
            ([expected], [found]) => Some((*expected, *found)),
            _ => None,
        })
        .collect()
}

/// Views with other columns have other texts, and are told apart without reading these.
fn same_columns(sides: &Sides<'_>, expected: &ObjectPath, found: &ObjectPath) -> bool {
    let names = |catalog: &Catalog, path: &ObjectPath| -> Vec<Ident> {
        catalog.columns_of(path).into_iter().map(|(name, _)| name.clone()).collect()
    };
    !expected.kind.is_relation() || names(sides.expected, expected) == names(sides.found, found)
}

pub(super) fn same_arguments(sides: &Sides<'_>, expected: &ObjectPath, found: &ObjectPath) -> bool {
    match (&expected.arguments, &found.arguments) {
        (Some(expected), Some(found)) => sides.same_plain_text(expected.as_str(), found.as_str()),
        (expected, found) => expected == found,
    }
}

/// Namesakes that are the same thing: a table with the same columns, anything else with the same definition.
pub(super) fn namesakes(sides: &Sides<'_>, expected: &Entry, found: &Entry) -> bool {
    match &expected.object {
        Object::Table(_) => {
            let names = |catalog: &Catalog, path: &ObjectPath| -> BTreeSet<Ident> {
                catalog.columns_of(path).into_iter().map(|(name, _)| name.clone()).collect()
            };
            let expected_names = names(sides.expected, &expected.path);
            let found_names = names(sides.found, &found.path);
            let common = expected_names.intersection(&found_names).count();
            2 * common >= expected_names.len().max(found_names.len())
        }
        // Whose it is, is told by itself.
        Object::Sequence(_) => same_definition(sides, &without_owner(expected), &without_owner(found)),
        _ => same_definition(sides, &expected.object, &found.object),
    }
}

fn without_owner(entry: &Entry) -> Object {
    match &entry.object {
        Object::Sequence(sequence) => {
            Object::Sequence(Box::new(Sequence { owned_by: None, ..sequence.as_ref().clone() }))
        }
        other => other.clone(),
    }
}

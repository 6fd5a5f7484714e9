//! Compares two catalogs that the same code has read.
//!
//! Four steps: objects are paired by path; what is left over on both sides is paired by definition (moved to
//! another schema, renamed); all pairs are compared, with what was found elsewhere under its known name; what follows
//! from something already said is left out. Values are compared by meaning:
//! texts of servers of different versions by their normal form, roles by what they stand for.

mod access;
mod alike;
mod aspects;
mod code;
mod constraint;
mod following;
mod leftovers;
mod matching;
mod relation;
mod types;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use trueup_model::Catalog;
use trueup_model::catalog::{Column, Entry, Object};
use trueup_model::difference::{Aspect, Change, Difference, Nature};
use trueup_model::name::{Ident, QualifiedName};
use trueup_model::path::{ObjectKind, ObjectPath};

use aspects::{Aspects, Sides};
use leftovers::Leftovers;
use matching::Pair;

use crate::together::for_each;

/// All differences, sorted by path.
pub fn compare(expected: &Catalog, found: &Catalog) -> Vec<Difference> {
    let (mut same, alone) = by_path(expected, found);
    let (parts, wholes) = alone.partition(|entry| entry.path.is_part());
    let pairs = matching::pair((expected, found), &wholes.missing, &wholes.unexpected);
    let elsewhere: BTreeSet<QualifiedName> = pairs
        .list
        .iter()
        .filter(|pair| pair.expected.path.kind.is_relation())
        .flat_map(|pair| [pair.expected.path.qualified(), pair.found.path.qualified()])
        .flatten()
        .collect();
    // The parts of a relation are compared with those of its counterpart, whatever else stands at its path.
    let is_elsewhere = |entry: &Entry| {
        !elsewhere.is_empty() && entry.path.relation().is_some_and(|relation| elsewhere.contains(&relation))
    };
    same.retain(|(expected, _)| !is_elsewhere(expected));
    // A view in the place of a table has no column of that table.
    let gone: BTreeSet<QualifiedName> = relations(&wholes.missing).collect();
    let replaced: BTreeSet<QualifiedName> =
        relations(&wholes.unexpected).filter(|name| gone.contains(name)).collect();
    let is_replaced =
        |entry: &Entry| entry.path.relation().is_some_and(|relation| replaced.contains(&relation));
    if !replaced.is_empty() {
        same.retain(|(expected, _)| !is_replaced(expected));
    }

    let sides = Sides::new(expected, found, &pairs.names);
    let of_each = for_each(&same, |(expected, found)| different(&sides, expected, found));
    let mut differences: Vec<Difference> = of_each.into_iter().flatten().collect();
    let (_, mut left) = wholes.partition(|entry| pairs.is_settled(entry));
    let missing = pairs.without_counterpart(&left.missing);
    let sides = sides.without(&missing);
    for pair in &pairs.list {
        differences.extend(leftovers::compare_pair(&sides, pair, &mut left));
    }
    let (_, parts) = parts.partition(is_elsewhere);
    let (of_replaced, parts) = parts.partition(is_replaced);
    left.missing.extend(of_replaced.missing);
    left.unexpected.extend(of_replaced.unexpected);
    differences.extend(leftovers::compare_parts(&sides, parts, &mut left));
    differences.extend(leftovers::report(&left, &elsewhere));
    differences.extend(column_orders(expected, found, &pairs.list));
    following::leave_out(&mut differences, (expected, found));
    differences.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| rank(&a.change).cmp(&rank(&b.change))));
    differences
}

fn relations(entries: &[&Entry]) -> impl Iterator<Item = QualifiedName> {
    entries.iter().filter(|entry| entry.path.kind.is_relation()).filter_map(|entry| entry.path.qualified())
}

type SamePath<'a> = Vec<(&'a Entry, &'a Entry)>;

/// What both sides have at one path, and what only one of them has there.
fn by_path<'a>(expected: &'a Catalog, found: &'a Catalog) -> (SamePath<'a>, Leftovers<'a>) {
    let mut same = Vec::with_capacity(expected.entries().len());
    let mut alone = Leftovers::default();
    let (mut left, mut right) = (expected.entries().iter().peekable(), found.entries().iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (Some(left), Some(right)) => left.path.cmp(&right.path),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return (same, alone),
        };
        match order {
            Ordering::Less => alone.missing.extend(left.next()),
            Ordering::Greater => alone.unexpected.extend(right.next()),
            Ordering::Equal => same.extend(left.next().zip(right.next())),
        }
    }
}

fn rank(change: &Change) -> (u8, &'static str) {
    match change {
        Change::Missing => (0, ""),
        Change::Unexpected => (1, ""),
        Change::Misplaced { .. } => (2, ""),
        Change::Renamed { .. } => (3, ""),
        Change::Different(aspect) => (4, aspect.name),
    }
}

/// The differences of one object that both sides have, under the expected path.
fn different(sides: &Sides<'_>, expected: &Entry, found: &Entry) -> Vec<Difference> {
    let mut aspects = Aspects::new(sides);
    definition(&mut aspects, &expected.object, &found.object);
    access::compare(&mut aspects, expected, found);
    aspects
        .finish()
        .into_iter()
        .map(|aspect| Difference { path: expected.path.clone(), change: Change::Different(aspect) })
        .collect()
}

/// Compares definitions. Kinds are equal here: the kind is part of the path.
fn definition(aspects: &mut Aspects<'_>, expected: &Object, found: &Object) {
    match (expected, found) {
        (Object::Extension(e), Object::Extension(f)) => types::extension(aspects, e, f),
        (Object::Enum(e), Object::Enum(f)) => types::enumeration(aspects, e, f),
        (Object::CompositeType(e), Object::CompositeType(f)) => types::composite_type(aspects, e, f),
        (Object::Domain(e), Object::Domain(f)) => types::domain(aspects, e, f),
        (Object::RangeType(e), Object::RangeType(f)) => types::range_type(aspects, e, f),
        (Object::BaseType(e), Object::BaseType(f)) => types::base_type(aspects, e, f),
        (Object::Sequence(e), Object::Sequence(f)) => relation::sequence(aspects, e, f),
        (Object::Table(e), Object::Table(f)) => relation::table(aspects, e, f),
        (Object::View(e), Object::View(f)) => relation::view(aspects, e, f),
        (Object::MaterializedView(e), Object::MaterializedView(f)) => {
            relation::materialized_view(aspects, e, f);
        }
        (Object::Column(e), Object::Column(f)) => relation::column(aspects, e, f),
        (Object::Key(e), Object::Key(f)) => constraint::key(aspects, e, f),
        (Object::Check(e), Object::Check(f)) => constraint::check(aspects, e, f),
        (Object::ForeignKey(e), Object::ForeignKey(f)) => constraint::foreign_key(aspects, e, f),
        (Object::Exclusion(e), Object::Exclusion(f)) => constraint::exclusion(aspects, e, f),
        (Object::Index(e), Object::Index(f)) => constraint::index(aspects, e, f),
        (Object::Statistics(e), Object::Statistics(f)) => types::statistics(aspects, e, f),
        (Object::Trigger(e), Object::Trigger(f)) => code::trigger(aspects, e, f),
        (Object::Rule(e), Object::Rule(f)) => code::rule(aspects, e, f),
        (Object::Policy(e), Object::Policy(f)) => code::policy(aspects, e, f),
        (Object::Routine(e), Object::Routine(f)) => code::routine(aspects, e, f),
        (Object::Aggregate(e), Object::Aggregate(f)) => code::aggregate(aspects, e, f),
        (Object::EventTrigger(e), Object::EventTrigger(f)) => code::event_trigger(aspects, e, f),
        (Object::Plain(e), Object::Plain(f)) => types::plain(aspects, e, f),
        // Nothing but a name, and what every object has.
        (Object::Schema(_), Object::Schema(_))
        | (Object::DefaultPrivileges(_), Object::DefaultPrivileges(_)) => {}
        (
            Object::Schema(_)
            | Object::Extension(_)
            | Object::Enum(_)
            | Object::CompositeType(_)
            | Object::Domain(_)
            | Object::RangeType(_)
            | Object::BaseType(_)
            | Object::Sequence(_)
            | Object::Table(_)
            | Object::View(_)
            | Object::MaterializedView(_)
            | Object::Column(_)
            | Object::Key(_)
            | Object::Check(_)
            | Object::ForeignKey(_)
            | Object::Exclusion(_)
            | Object::Index(_)
            | Object::Statistics(_)
            | Object::Trigger(_)
            | Object::Rule(_)
            | Object::Policy(_)
            | Object::Routine(_)
            | Object::Aggregate(_)
            | Object::EventTrigger(_)
            | Object::DefaultPrivileges(_)
            | Object::Plain(_),
            _,
        ) => unreachable!("objects with one path have one kind"),
    }
}

/// Whether two objects have the same definition, whatever they are called. Owners, privileges and comments do not
/// count.
fn same_definition(sides: &Sides<'_>, expected: &Object, found: &Object) -> bool {
    let mut aspects = Aspects::new(sides);
    definition(&mut aspects, expected, found);
    aspects.finish().iter().all(|aspect| aspect.nature != Nature::Logical)
}

/// As [`same_definition`], for objects of two catalogs.
pub(crate) fn alike(expected: (&Catalog, &Entry), found: (&Catalog, &Entry)) -> bool {
    let names = trueup_sql::moved::Names::default();
    let sides = Sides::new(expected.0, found.0, &names);
    same_definition(&sides.between(expected.1, found.1), &expected.1.object, &found.1.object)
}

/// The order of the columns that both sides have, said once for a table and not for each of its columns.
fn column_orders(expected: &Catalog, found: &Catalog, pairs: &[Pair<'_>]) -> Vec<Difference> {
    let is_table = |entry: &&Entry| entry.path.kind == ObjectKind::Table;
    let in_place = expected.entries().iter().filter(is_table).map(|entry| (&entry.path, &entry.path));
    let elsewhere = pairs
        .iter()
        .filter(|pair| is_table(&pair.expected))
        .map(|pair| (&pair.expected.path, &pair.found.path));
    in_place
        .filter(|(path, _)| found.contains(path))
        .chain(elsewhere)
        .filter_map(|(own, others)| column_order(expected, found, own, others))
        .collect()
}

fn column_order(
    expected: &Catalog,
    found: &Catalog,
    own: &ObjectPath,
    others: &ObjectPath,
) -> Option<Difference> {
    // The quick answer for nearly every table: each column stands where it should.
    if positions(expected, own) == positions(found, others) {
        return None;
    }
    let (own_columns, other_columns) = (expected.columns_of(own), found.columns_of(others));
    let common = |columns: &[(&Ident, &Column)], others: &[(&Ident, &Column)]| {
        let others: BTreeSet<&Ident> = others.iter().map(|(name, _)| *name).collect();
        let names = columns.iter().map(|(name, _)| *name).filter(|name| others.contains(name));
        names.map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let aspect = Aspect {
        name: "column-order",
        expected: common(&own_columns, &other_columns),
        found: common(&other_columns, &own_columns),
        nature: Nature::Physical,
    };
    (aspect.expected != aspect.found)
        .then(|| Difference { path: own.clone(), change: Change::Different(aspect) })
}

/// Parts are sorted by name on both sides: equal lists of positions are equal orders.
fn positions(catalog: &Catalog, table: &ObjectPath) -> Vec<u16> {
    catalog
        .parts_of(table)
        .filter_map(|entry| match &entry.object {
            Object::Column(column) => Some(column.position),
            _ => None,
        })
        .collect()
}

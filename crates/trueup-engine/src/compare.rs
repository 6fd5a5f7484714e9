//! Compares two catalogs that the same code has read.
//!
//! Three steps: objects are paired by path; what is left over on both sides is paired by definition (moved to
//! another schema, renamed); what follows from something already said is left out. Values are compared by meaning:
//! texts of servers of different versions by their normal form, roles by what they stand for.

mod access;
mod aspects;
mod code;
mod constraint;
mod matching;
mod relation;
mod types;

use trueup_model::Catalog;
use trueup_model::catalog::{Entry, Object};
use trueup_model::difference::{Aspect, Change, Difference, Nature};
use trueup_model::path::ObjectKind;

use aspects::{Aspects, Sides};

/// All differences, sorted by path.
pub fn compare(expected: &Catalog, found: &Catalog) -> Vec<Difference> {
    let sides = Sides::new(expected, found);
    let mut differences = Vec::new();
    let mut missing = Vec::new();
    let mut unexpected = Vec::new();
    let (mut left, mut right) = (expected.entries().iter().peekable(), found.entries().iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (Some(left), Some(right)) => left.path.cmp(&right.path),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => break,
        };
        match order {
            std::cmp::Ordering::Less => missing.extend(left.next()),
            std::cmp::Ordering::Greater => unexpected.extend(right.next()),
            std::cmp::Ordering::Equal => {
                if let (Some(expected), Some(found)) = (left.next(), right.next()) {
                    differences.extend(different(&sides, expected, found));
                }
            }
        }
    }
    differences.extend(column_orders(expected, found));
    differences.extend(matching::settle(&sides, missing, unexpected));
    leave_out_what_follows(&mut differences);
    differences.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| rank(&a.change).cmp(&rank(&b.change))));
    differences
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
    same_definition(&Sides::new(expected.0, found.0), &expected.1.object, &found.1.object)
}

/// The order of the columns that both sides have, said once for a table and not for each of its columns.
fn column_orders(expected: &Catalog, found: &Catalog) -> Vec<Difference> {
    let mut differences = Vec::new();
    for entry in expected.entries().iter().filter(|entry| entry.path.kind == ObjectKind::Table) {
        if !found.contains(&entry.path) {
            continue;
        }
        let names = |catalog: &Catalog, other: &Catalog| -> Vec<String> {
            let others = other.columns_of(&entry.path);
            catalog
                .columns_of(&entry.path)
                .into_iter()
                .filter(|(name, _)| others.iter().any(|(other, _)| other == name))
                .map(|(name, _)| name.to_string())
                .collect()
        };
        if in_same_order(expected, found, &entry.path) {
            continue;
        }
        let aspect = Aspect {
            name: "column-order",
            expected: names(expected, found).join(", "),
            found: names(found, expected).join(", "),
            nature: Nature::Physical,
        };
        if aspect.expected != aspect.found {
            differences.push(Difference { path: entry.path.clone(), change: Change::Different(aspect) });
        }
    }
    differences
}

/// The quick answer for nearly every table: each column stands where it should.
fn in_same_order(expected: &Catalog, found: &Catalog, table: &trueup_model::ObjectPath) -> bool {
    let positions = |catalog: &Catalog| -> Vec<u16> {
        catalog
            .parts_of(table)
            .filter_map(|entry| match &entry.object {
                Object::Column(column) => Some(column.position),
                _ => None,
            })
            .collect()
    };
    // Parts are sorted by name on both sides: equal lists of positions are equal orders.
    positions(expected) == positions(found)
}

/// Leaves out differences that follow from others: columns of a view whose text differs.
fn leave_out_what_follows(differences: &mut Vec<Difference>) {
    let changed_views: Vec<_> = differences
        .iter()
        .filter(|difference| {
            matches!(difference.path.kind, ObjectKind::View | ObjectKind::MaterializedView)
                && matches!(&difference.change, Change::Different(aspect) if aspect.name == "definition")
        })
        .filter_map(|difference| difference.path.qualified())
        .collect();
    differences.retain(|difference| {
        difference.path.kind != ObjectKind::Column
            || matches!(difference.change, Change::Renamed { .. })
            || difference.path.relation().is_none_or(|relation| !changed_views.contains(&relation))
    });
}

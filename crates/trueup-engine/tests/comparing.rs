//! Properties of comparing, over random catalogs and random damage.

mod common;

use common::{VERSION, column, entry, findings, index, plain_table};
use proptest::prelude::*;
use trueup_engine::compare;
use trueup_model::catalog::{Check, Entry, NotNull, Object};
use trueup_model::difference::{Change, Difference};
use trueup_model::{Catalog, Finding, Ident, ObjectKind, ObjectPath, QualifiedName, Text};

/// A table in a few words: columns as (type, not null, default), checks and indexes by the column they are on.
#[derive(Clone, Debug)]
struct Sketch {
    columns: Vec<(usize, bool, bool)>,
    checks: Vec<usize>,
    indexes: Vec<usize>,
}

fn sketches() -> impl Strategy<Value = Vec<Sketch>> {
    let table = (
        prop::collection::vec((0..TYPES.len(), any::<bool>(), any::<bool>()), 1..6),
        prop::collection::vec(0..6_usize, 0..3),
        prop::collection::vec(0..6_usize, 0..3),
    )
        .prop_map(|(columns, checks, indexes)| Sketch { columns, checks, indexes });
    prop::collection::vec(table, 1..6)
}

const TYPES: &[&str] = &["integer", "text", "numeric(12,2)", "timestamp with time zone", "boolean"];

fn catalog(sketches: &[Sketch], owner: &str) -> Catalog {
    let mut entries = Vec::new();
    for (number, sketch) in sketches.iter().enumerate() {
        let name = QualifiedName::new("public", format!("t{number}"));
        let table = ObjectPath::in_schema(ObjectKind::Table, &name.schema, name.name.as_str());
        entries.push(entry(table, Object::Table(Box::new(plain_table())), Some(owner)));
        for (position, (kind, not_null, default)) in (1_u16..).zip(&sketch.columns) {
            let path = ObjectPath::part_of(ObjectKind::Column, &name, format!("c{position}"));
            entries.push(entry(
                path,
                Object::Column(Box::new(column(position, TYPES[*kind], *not_null, *default))),
                None,
            ));
        }
        let on = |wanted: usize| wanted % sketch.columns.len() + 1;
        for (count, check) in sketch.checks.iter().enumerate() {
            let path =
                ObjectPath::part_of(ObjectKind::CheckConstraint, &name, format!("t{number}_check{count}"));
            // The number keeps two checks of one table from saying the same.
            let expression = Text::new(format!("(c{} IS DISTINCT FROM {count})", on(*check)));
            let check =
                Check { expression, validated: true, enforced: true, no_inherit: false, inherited: false };
            entries.push(entry(path, Object::Check(check), None));
        }
        for (count, column) in sketch.indexes.iter().enumerate() {
            let path = ObjectPath::part_of(ObjectKind::Index, &name, format!("t{number}_index{count}"));
            entries.push(entry(path, Object::Index(Box::new(index(on(*column), count))), None));
        }
    }
    Catalog::new(VERSION, entries).migrated_by(Some(Ident::new(owner)))
}

/// Paths of what `without` lacks: the entry itself, or nothing for parts that go with their table.
fn without(catalog: &Catalog, index: usize) -> (Catalog, ObjectPath) {
    let path = catalog.entries()[index % catalog.entries().len()].path.clone();
    let gone = path.clone();
    let rest = catalog.clone().without(|other| {
        *other == gone || (!gone.is_part() && other.schema == gone.schema && other.head == gone.head)
    });
    (rest, path)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_catalog_equals_itself(sketches in sketches()) {
        prop_assert_eq!(compare(&catalog(&sketches, "app"), &catalog(&sketches, "app")), []);
    }

    /// Whoever migrates has another name in each environment.
    #[test]
    fn the_name_of_the_role_that_migrates_says_nothing(sketches in sketches()) {
        prop_assert_eq!(compare(&catalog(&sketches, "app"), &catalog(&sketches, "postgres")), []);
    }

    #[test]
    fn what_is_dropped_is_missing_and_what_is_added_is_unexpected(sketches in sketches(), at in any::<usize>()) {
        let whole = catalog(&sketches, "app");
        let (rest, path) = without(&whole, at);
        // Two tables of one shape can be taken for one that was renamed, when only one is left over on each side;
        // here one side has nothing left over.
        let missing = compare(&whole, &rest);
        prop_assert!(missing.iter().any(|difference| difference.path == path && difference.change == Change::Missing),
            "{path} is not missing in {missing:?}");
        let unexpected = compare(&rest, &whole);
        prop_assert!(unexpected.iter().any(|difference| difference.path == path && difference.change == Change::Unexpected),
            "{path} is not unexpected in {unexpected:?}");
    }

    #[test]
    fn no_part_of_a_missing_table_is_listed(sketches in sketches(), at in any::<prop::sample::Index>()) {
        let whole = catalog(&sketches, "app");
        let tables: Vec<usize> = whole.entries().iter().enumerate()
            .filter(|(_, entry)| entry.path.kind == ObjectKind::Table).map(|(index, _)| index).collect();
        let (rest, path) = without(&whole, tables[at.index(tables.len())]);
        let differences = compare(&whole, &rest);
        prop_assert_eq!(differences.len(), 1);
        prop_assert_eq!(&differences[0].path, &path);
    }

    #[test]
    fn a_changed_type_is_the_only_thing_said(sketches in sketches(), at in any::<prop::sample::Index>()) {
        let mut changed = sketches.clone();
        let table = at.index(changed.len());
        let column = at.index(changed[table].columns.len());
        changed[table].columns[column].0 = (changed[table].columns[column].0 + 1) % TYPES.len();
        let found = findings(&catalog(&sketches, "app"), &catalog(&changed, "app"));
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].code.to_string(), "different-column");
        prop_assert_eq!(found[0].aspect, Some("type"));
    }

    /// Under another name, and changed besides: both are said, and of the change the same as without the new name.
    #[test]
    fn a_renamed_table_hides_nothing(
        sketches in sketches(),
        at in any::<prop::sample::Index>(),
        change in 0..4_usize,
    ) {
        let expected = catalog(&sketches, "app");
        let number = at.index(sketches.len());
        let changed: Vec<Entry> = expected.entries().iter().cloned().map(|mut entry| {
            if entry.path.head.as_str() == format!("t{number}") {
                match (&mut entry.object, change) {
                    (Object::Table(table), 0) => table.row_security = true,
                    (Object::Table(_), 1) => entry.comment = Some(Text::new("changed")),
                    (Object::Table(_), 2) => entry.owner = Some(Ident::new("somebody")),
                    (Object::Column(column), 3) => {
                        column.not_null = match column.not_null { Some(_) => None, None => Some(NotNull::default()) };
                    }
                    _ => {}
                }
            }
            entry
        }).collect();
        let renamed: Vec<Entry> = changed.iter().cloned().map(|mut entry| {
            if entry.path.head.as_str() == format!("t{number}") {
                entry.path.head = Ident::new("another_name");
            }
            entry
        }).collect();
        let of = |entries: Vec<Entry>| Catalog::new(VERSION, entries).migrated_by(Some(Ident::new("app")));
        let mut without = compare(&expected, &of(changed));
        let mut with = compare(&expected, &of(renamed));
        let is_renaming = |difference: &Difference| matches!(difference.change, Change::Renamed { .. });
        prop_assert_eq!(with.iter().filter(|difference| is_renaming(difference)).count(), 1, "{:?}", with);
        prop_assert!(!without.is_empty());
        with.retain(|difference| !is_renaming(difference));
        let order = |a: &Difference, b: &Difference| format!("{a:?}").cmp(&format!("{b:?}"));
        with.sort_by(order);
        without.sort_by(order);
        prop_assert_eq!(with, without);
    }

    /// Ids name one finding each, and stay when something else changes as well.
    #[test]
    fn ids_are_unique_and_do_not_depend_on_other_findings(left in sketches(), right in sketches(), at in any::<usize>()) {
        let (expected, found) = (catalog(&left, "app"), catalog(&right, "app"));
        let all = findings(&expected, &found);
        let mut ids: Vec<String> = all.iter().map(Finding::id).collect();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), count);

        let (less, path) = without(&expected, at);
        let touched = |finding: &Finding| finding.object.as_ref().is_some_and(|object| object.head == path.head);
        for finding in findings(&less, &found).iter().filter(|finding| !touched(finding)) {
            if let Some(same) = all.iter().find(|other| other.object == finding.object && other.code == finding.code
                && other.aspect == finding.aspect) {
                prop_assert_eq!(same.id(), finding.id());
            }
        }
    }
}

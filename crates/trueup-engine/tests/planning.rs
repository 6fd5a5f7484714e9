//! Plans for catalogs by hand: what is done, in which order, and what is left.

mod common;

use std::collections::BTreeSet;

use common::{
    catalog_of, changed, column, foreign_key, function, index_on, key_on, serial_table, table, table_path,
    view,
};
use proptest::prelude::*;
use trueup_engine::compare;
use trueup_engine::findings::Sides;
use trueup_engine::repair::{Permissions, PlanRequest, TableSize, plan};
use trueup_model::catalog::{Entry, Object};
use trueup_model::repair::{Inverse, Lock, Reason, Repair, Step, Verb};
use trueup_model::{Catalog, Dependencies, Difference, ObjectKind, ObjectPath, QualifiedName, Text};

struct Case {
    expected: Catalog,
    found: Catalog,
    expected_needs: Dependencies,
    found_needs: Dependencies,
    allowed: Permissions,
    rows: Option<u64>,
    file: fn(&str) -> Option<String>,
}

fn case(expected: Vec<Entry>, found: Vec<Entry>) -> Case {
    let (expected, found) = (catalog_of(expected), catalog_of(found));
    let (expected_needs, found_needs) = (needs(&expected), needs(&found));
    let allowed = Permissions::Nothing;
    Case { expected, found, expected_needs, found_needs, allowed, rows: Some(0), file: |_| None }
}

impl Case {
    fn allowing(self, allowed: Permissions) -> Self {
        Self { allowed, ..self }
    }

    fn with_rows(self, rows: Option<u64>) -> Self {
        Self { rows, ..self }
    }

    fn in_files(self, file: fn(&str) -> Option<String>) -> Self {
        Self { file, ..self }
    }

    fn differences(&self) -> Vec<Difference> {
        compare(&self.expected, &self.found)
    }

    fn plan_of(&self, chosen: &BTreeSet<usize>) -> Repair {
        plan(&PlanRequest {
            sides: &Sides { expected: &self.expected, found: &self.found },
            differences: &self.differences(),
            chosen,
            expected_needs: &self.expected_needs,
            found_needs: &self.found_needs,
            allowed: &self.allowed,
            sizes: &|_| self.rows.map(|rows| TableSize { rows, bytes: rows * 100 }),
            file: &self.file,
        })
    }

    fn plan(&self) -> Repair {
        self.plan_of(&(0..self.differences().len()).collect())
    }
}

/// What a server would say of catalogs like these: columns need tables, parts need columns, views name their tables.
fn needs(catalog: &Catalog) -> Dependencies {
    let mut pairs = Vec::new();
    for entry in catalog.entries() {
        let path = &entry.path;
        if let Some(relation) = path.relation() {
            pairs.push((path.clone(), table_path(relation.schema.as_str(), relation.name.as_str())));
        }
        let columns_of = |table: &QualifiedName| -> Vec<ObjectPath> {
            let table = table_path(table.schema.as_str(), table.name.as_str());
            let columns = catalog.parts_of(&table).filter(|part| part.path.kind == ObjectKind::Column);
            columns.map(|part| part.path.clone()).collect()
        };
        match &entry.object {
            Object::ForeignKey(key) => {
                pairs.extend(columns_of(&key.references).into_iter().map(|column| (path.clone(), column)));
            }
            Object::View(view) => {
                for other in catalog.entries().iter().filter(|other| other.path.kind == ObjectKind::Table) {
                    if view.definition.as_str().contains(&format!("{};", other.path)) {
                        let table = other.path.qualified().expect("a table");
                        pairs.extend(columns_of(&table).into_iter().map(|column| (path.clone(), column)));
                    }
                }
                for other in catalog.entries().iter().filter(|other| other.path.kind == ObjectKind::View) {
                    if view.definition.as_str().contains(&format!("{};", other.path)) {
                        pairs.push((path.clone(), other.path.clone()));
                    }
                }
            }
            Object::Sequence(sequence) => {
                if let Some(owner) = &sequence.owned_by {
                    let column = ObjectPath::part_of(ObjectKind::Column, &owner.table, &owner.column);
                    pairs.push((path.clone(), column));
                }
            }
            _ => {}
        }
    }
    Dependencies::new(&pairs)
}

fn said(repair: &Repair) -> Vec<String> {
    repair
        .steps
        .iter()
        .map(|step| format!("{} {} {}", step.verb.word(), step.object.kind, step.object))
        .collect()
}

fn left(repair: &Repair) -> Vec<String> {
    repair
        .left
        .iter()
        .map(|left| {
            let reason = match &left.reason {
                Reason::NeedsPermission(_) => "needs permission".to_owned(),
                Reason::Impossible(reason) => reason.clone(),
                Reason::Follows(path) => format!("follows {path}"),
            };
            format!("{} {}: {reason}", left.object.kind, left.object)
        })
        .collect()
}

fn both(mut one: Vec<Entry>, other: Vec<Entry>) -> Vec<Entry> {
    one.extend(other);
    one
}

fn step<'r>(repair: &'r Repair, said: &str) -> &'r Step {
    repair
        .steps
        .iter()
        .find(|step| format!("{} {} {}", step.verb.word(), step.object.kind, step.object) == said)
        .unwrap_or_else(|| panic!("no step {said}"))
}

#[test]
fn a_missing_table_comes_with_all_that_belongs_to_it() {
    let mut whole = serial_table("s", "orders", "orders_id_seq");
    whole.push(index_on("s", "orders", "by_label", 1));
    whole.push(key_on("s", "orders", "label_key", "label"));
    let repair = case(whole, Vec::new()).plan();
    assert_eq!(
        said(&repair),
        [
            "create table s.orders",
            "create sequence s.orders_id_seq",
            "create unique-constraint s.orders.label_key",
            "create index s.orders.by_label",
        ]
    );
    assert_eq!(repair.steps[0].settles, [0]);
    assert_eq!(left(&repair), Vec::<String>::new());
}

#[test]
fn tables_that_refer_to_each_other_come_before_their_foreign_keys() {
    let tables = both(table("s", "a", &["a", "b"]), table("s", "b", &["a"]));
    let all = both(tables, vec![foreign_key("s", "a", "to_b", "b"), foreign_key("s", "b", "to_a", "a")]);
    assert_eq!(
        said(&case(all, Vec::new()).plan()),
        [
            "create table s.a",
            "create table s.b",
            "create foreign-key s.a.to_b",
            "create foreign-key s.b.to_a"
        ]
    );
}

#[test]
fn steps_of_one_file_are_kept_together_where_nothing_stands_against_it() {
    let app = |text: &str| ["shop", "users"].into_iter().find(|app| text.contains(app)).map(str::to_owned);
    let tables = || {
        let shop = both(table("s", "shop_lines", &["a", "b"]), table("s", "shop_orders", &["a", "b"]));
        both(shop, both(table("s", "users_people", &["a"]), table("s", "users_teams", &["a"])))
    };
    let keys = || {
        vec![
            index_on("s", "shop_orders", "by_a", 0),
            index_on("s", "users_teams", "by_a", 0),
            view("s", "everybody", "select * from s.users_people;"),
            foreign_key("s", "shop_lines", "to_person", "users_people"),
        ]
    };
    let all = || both(tables(), keys());
    let apps = |repair: &Repair| {
        let mut apps: Vec<String> = said(repair).iter().filter_map(|step| app(step)).collect();
        apps.dedup();
        apps
    };
    let apart = case(all(), Vec::new()).in_files(app).plan();
    // Nobody waits for the tables of the shop: it comes once, behind what it needs.
    assert_eq!(apps(&apart), ["users", "shop"]);
    let together = case(all(), Vec::new()).plan();
    assert_eq!(apps(&together), ["shop", "users", "shop", "users"]);

    let mutual = both(all(), vec![foreign_key("s", "users_teams", "to_order", "shop_orders")]);
    let apart = case(mutual, Vec::new()).in_files(app).plan();
    assert_eq!(apps(&apart), ["shop", "users", "shop"]);
    assert_eq!(said(&apart).last().map(String::as_str), Some("create foreign-key s.shop_lines.to_person"));
}

#[test]
fn nothing_is_dropped_unasked() {
    let there = both(table("s", "a", &["a", "extra"]), vec![index_on("s", "a", "by_a", 0)]);
    let wanted = || table("s", "a", &["a"]);
    let repair = case(wanted(), there.clone()).plan();
    assert_eq!(said(&repair), Vec::<String>::new());
    assert_eq!(left(&repair), ["column s.a.extra: needs permission", "index s.a.by_a: needs permission"]);

    let only = Permissions::Objects(BTreeSet::from([ObjectPath::part_of(
        ObjectKind::Column,
        &QualifiedName::new("s", "a"),
        "extra",
    )]));
    let repair = case(wanted(), there).allowing(only).plan();
    assert_eq!(said(&repair), ["drop column s.a.extra"]);
    assert_eq!(left(&repair), ["index s.a.by_a: needs permission"]);
    let dropped = step(&repair, "drop column s.a.extra");
    assert_eq!(dropped.safety.loses.as_deref(), Some("all values of s.a.extra"));
    assert!(matches!(dropped.inverse, Inverse::Impossible(_)));
}

#[test]
fn what_stays_keeps_what_it_needs() {
    let there = both(table("s", "a", &["a"]), vec![view("s", "v", "select * from s.a;")]);
    let only =
        Permissions::Objects(BTreeSet::from([ObjectPath::in_schema(ObjectKind::Table, &"s".into(), "a")]));
    let repair = case(Vec::new(), there.clone()).allowing(only).plan();
    assert_eq!(said(&repair), Vec::<String>::new());
    assert_eq!(left(&repair), ["table s.a: the view s.v needs it", "view s.v: needs permission"]);
    let repair = case(Vec::new(), there).allowing(Permissions::All).plan();
    assert_eq!(said(&repair), ["drop view s.v", "drop table s.a"]);
}

#[test]
fn views_make_way_for_a_change_of_type() {
    let views = || vec![view("s", "v", "select * from s.a;"), view("s", "w", "select * from s.v;")];
    let wanted = both(table("s", "a", &["a:bigint"]), views());
    let there = both(table("s", "a", &["a:integer"]), views());
    let repair = case(wanted, there).plan();
    assert_eq!(
        said(&repair),
        ["drop view s.w", "drop view s.v", "alter column s.a.a", "create view s.v", "create view s.w"]
    );
    let cause = &repair.steps[2];
    assert_eq!((cause.settles.as_slice(), cause.safety.rewrites), ([0].as_slice(), true));
    assert_eq!(repair.steps[1].makes_way_for.as_ref(), Some(&cause.object));
    assert!(repair.steps[1].settles.is_empty());
    assert_eq!(repair.steps[1].safety.loses, None);
}

#[test]
fn unexpected_views_come_again_as_they_were() {
    let wanted = table("s", "a", &["a:bigint"]);
    let there = both(table("s", "a", &["a:integer"]), vec![view("s", "v", "select * from s.a;")]);
    let repair = case(wanted, there).plan();
    assert_eq!(said(&repair), ["drop view s.v", "alter column s.a.a", "create view s.v"]);
    assert_eq!(left(&repair), ["view s.v: needs permission"]);
}

#[test]
fn a_narrower_type_asks_the_rows_first() {
    let of = |data_type: &str| {
        let wanted = table("s", "a", &[&format!("a:{data_type}")]);
        case(wanted, table("s", "a", &["a:character varying(200)"]))
    };
    let repair = of("character varying(50)").plan();
    let narrowed = step(&repair, "alter column s.a.a");
    let probe = &narrowed.safety.violations[0];
    assert_eq!(
        probe.count,
        "SELECT pg_catalog.count(*) FROM \"s\".\"a\" AS r WHERE pg_catalog.length(r.\"a\"::text) > 50"
    );
    assert_eq!(narrowed.safety.loses, None);

    let repair = of("character varying(50)").allowing(Permissions::All).plan();
    let narrowed = step(&repair, "alter column s.a.a");
    assert!(narrowed.safety.violations.is_empty());
    assert!(narrowed.safety.loses.is_some());

    let repair = of("character varying(300)").plan();
    let widened = step(&repair, "alter column s.a.a");
    assert!(
        widened.safety.violations.is_empty() && widened.safety.loses.is_none() && !widened.safety.rewrites
    );
}

#[test]
fn what_nobody_can_count_needs_permission() {
    let of = || case(table("s", "a", &["a:point"]), table("s", "a", &["a:integer"]));
    assert_eq!(left(&of().plan()), ["column s.a.a: needs permission"]);
    assert_eq!(said(&of().allowing(Permissions::All).plan()), ["alter column s.a.a"]);
}

#[test]
fn a_column_that_would_be_empty_is_left() {
    let filled = changed(table("s", "a", &["a", "b"]), "s.a.b", |entry| {
        entry.object = Object::Column(Box::new(column(2, "integer", true, false)));
    });
    let of = |rows| case(filled.clone(), table("s", "a", &["a"])).with_rows(rows).plan();
    assert_eq!(left(&of(Some(5))).len(), 1);
    assert_eq!(said(&of(Some(0))), ["create column s.a.b"]);
    let unknown = of(None);
    assert_eq!(unknown.steps[0].safety.violations[0].meaning, "rows that would have no value for b");
}

#[test]
fn large_tables_are_worked_on_while_others_work() {
    let there = || both(table("s", "a", &["a", "b"]), table("s", "b", &["a"]));
    let wanted = || {
        both(
            there(),
            vec![
                foreign_key("s", "a", "to_b", "b"),
                index_on("s", "a", "by_a", 0),
                key_on("s", "b", "a_key", "a"),
            ],
        )
    };
    let small = case(wanted(), there()).with_rows(Some(1)).plan();
    assert!(small.steps.iter().all(|step| step.transactional));
    assert_eq!(small.steps.len(), 3);
    for rows in [None, Some(1_000_000)] {
        let repair = case(wanted(), there()).with_rows(rows).plan();
        assert_eq!(
            said(&repair),
            [
                "create index s.b.a_key",
                "create unique-constraint s.b.a_key",
                "create foreign-key s.a.to_b",
                "validate foreign-key s.a.to_b",
                "create index s.a.by_a",
            ]
        );
        let transactional: Vec<bool> = repair.steps.iter().map(|step| step.transactional).collect();
        assert_eq!(transactional, [false, true, true, true, false]);
        assert!(repair.steps[0].statements[0].starts_with("CREATE UNIQUE INDEX CONCURRENTLY"));
        assert!(repair.steps[2].statements[0].ends_with("NOT VALID"));
        assert!(!repair.steps[2].safety.scans && repair.steps[3].safety.scans);
        assert_eq!(
            repair.steps[3].safety.locks[0],
            (QualifiedName::new("s", "a"), Lock::ShareUpdateExclusive)
        );
    }
}

#[test]
fn no_null_is_proven_before_it_is_said() {
    let wanted = changed(table("s", "a", &["a"]), "s.a.a", |entry| {
        entry.object = Object::Column(Box::new(column(1, "integer", true, false)));
    });
    let repair = case(wanted, table("s", "a", &["a"])).with_rows(None).plan();
    assert_eq!(
        said(&repair),
        [
            "create check-constraint s.a.trueup_filled_1",
            "validate check-constraint s.a.trueup_filled_1",
            "alter column s.a.a",
            "drop check-constraint s.a.trueup_filled_1",
        ]
    );
    assert_eq!(repair.steps[1].safety.violations[0].meaning, "rows in which a is null");
    assert!(repair.steps[2].safety.violations.is_empty());
}

#[test]
fn a_moved_table_takes_its_own_along() {
    let mut wanted = serial_table("s", "orders", "orders_id_seq");
    wanted.push(index_on("s", "orders", "by_label", 1));
    let mut there = serial_table("t", "orders", "orders_id_seq");
    there.push(index_on("t", "orders", "by_label", 1));
    there.push(index_on("t", "orders", "extra", 0));
    let repair = case(wanted, there).allowing(Permissions::All).plan();
    assert_eq!(said(&repair), ["move table s.orders", "drop index s.orders.extra"]);
    assert_eq!(repair.steps[0].statements, ["ALTER TABLE \"t\".\"orders\" SET SCHEMA \"s\""]);
    assert_eq!(
        repair.steps[0].inverse,
        Inverse::Statements(vec!["ALTER TABLE \"s\".\"orders\" SET SCHEMA \"t\"".to_owned()])
    );
    assert_eq!(left(&repair), Vec::<String>::new());
}

#[test]
fn a_sequence_that_feeds_a_renamed_table_gets_its_name_too() {
    let wanted = serial_table("s", "orders", "orders_id_seq");
    let there = serial_table("s", "purchases", "purchases_id_seq");
    let repair = case(wanted, there).plan();
    assert_eq!(said(&repair), ["rename table s.orders", "rename sequence s.orders_id_seq"]);
}

#[test]
fn what_stays_elsewhere_keeps_its_differences() {
    let wanted = changed(table("s", "a", &["a", "b"]), "s.a", |entry| entry.comment = Some(Text::new("all")));
    let case = case(wanted, table("t", "a", &["a", "b"]));
    let differences = case.differences();
    let comment = differences
        .iter()
        .position(|difference| matches!(difference.change, trueup_model::difference::Change::Different(_)))
        .expect("a comment");
    let repair = case.plan_of(&BTreeSet::from([comment]));
    assert_eq!(said(&repair), Vec::<String>::new());
    assert_eq!(left(&repair), ["table s.a: follows s.a"]);
    assert_eq!(said(&case.plan()), ["move table s.a", "alter table s.a"]);
}

#[test]
fn what_needs_something_that_is_left_is_left() {
    let wanted = both(table("s", "a", &["a"]), vec![view("s", "v", "select * from s.a;")]);
    let case = case(wanted, Vec::new());
    let only_the_view: BTreeSet<usize> = case
        .differences()
        .iter()
        .enumerate()
        .filter(|(_, difference)| difference.path.kind == ObjectKind::View)
        .map(|(number, _)| number)
        .collect();
    let repair = case.plan_of(&only_the_view);
    assert_eq!(said(&repair), Vec::<String>::new());
    assert_eq!(left(&repair), ["view s.v: follows s.a.a"]);
}

#[test]
fn what_needs_each_other_is_left() {
    let functions = vec![function("s", "f", "integer"), function("s", "g", "integer")];
    let path = |name: &str| {
        functions.iter().find(|entry| entry.path.head.as_str() == name).expect("f or g").path.clone()
    };
    let needs = Dependencies::new(&[(path("f"), path("g")), (path("g"), path("f"))]);
    // Of one kind, neither is the one to be made with the other.
    let case = Case { expected_needs: needs, ..case(functions.clone(), Vec::new()) };
    let repair = case.plan();
    assert_eq!(said(&repair), Vec::<String>::new());
    assert_eq!(repair.left.len(), 2);
}

#[derive(Clone, Debug)]
struct Sketch {
    columns: Vec<usize>,
    refers: Option<usize>,
    viewed: bool,
    indexed: bool,
}

const TYPES: [&str; 4] = ["integer", "bigint", "text", "character varying(20)"];

fn sketches() -> impl Strategy<Value = Vec<Sketch>> {
    let sketch = (
        prop::collection::vec(0..TYPES.len(), 1..4),
        prop::option::of(0..5_usize),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(columns, refers, viewed, indexed)| Sketch { columns, refers, viewed, indexed });
    prop::collection::vec(sketch, 0..6)
}

/// Tables with columns `a`, `b`, …; foreign keys go to any of them, views read one table and the view before.
fn entries(sketches: &[Sketch]) -> Vec<Entry> {
    let mut all = Vec::new();
    let mut last: Option<String> = None;
    for (number, sketch) in sketches.iter().enumerate() {
        let name = format!("t{number}");
        let columns: Vec<String> = ["a", "b", "c"]
            .iter()
            .zip(&sketch.columns)
            .map(|(name, of)| format!("{name}:{}", TYPES[*of]))
            .collect();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        all.extend(table("s", &name, &columns));
        if let Some(refers) = sketch.refers.filter(|refers| *refers < sketches.len()) {
            all.push(foreign_key("s", &name, &format!("{name}_fk"), &format!("t{refers}")));
        }
        if sketch.indexed {
            all.push(index_on("s", &name, &format!("{name}_index"), number));
        }
        if sketch.viewed {
            let before = last.map(|view| format!(" union select * from s.{view};")).unwrap_or_default();
            all.push(view("s", &format!("v{number}"), &format!("select * from s.{name};{before}")));
            last = Some(format!("v{number}"));
        }
    }
    all
}

/// What is there after each step, and whether each step found what it needs and nothing in its way.
fn order_fault(case: &Case, repair: &Repair) -> Option<String> {
    let mut there: BTreeSet<ObjectPath> =
        case.found.entries().iter().map(|entry| entry.path.clone()).collect();
    let mut made: BTreeSet<ObjectPath> = BTreeSet::new();
    for step in &repair.steps {
        let path = &step.object;
        let gone = |other: &ObjectPath| {
            other == path
                || (path.kind.is_relation()
                    && other.is_part()
                    && other.schema == path.schema
                    && other.head == path.head)
                || (path.kind == ObjectKind::Column
                    && case.found_needs.needs(other).any(|needed| needed == path)
                    && other.head == path.head)
        };
        if matches!(step.verb, Verb::Drop) {
            let user = there.iter().find(|other| {
                !made.contains(*other) && !gone(other) && case.found_needs.needs(other).any(&gone)
            });
            if let Some(user) = user {
                return Some(format!("{path} goes before {user}"));
            }
            there.retain(|other| !gone(other));
        }
        if matches!(step.verb, Verb::Alter | Verb::Rebuild) {
            // As expected it may need something else.
            made.insert(path.clone());
        }
        if matches!(step.verb, Verb::Create) {
            let catalog = if case.expected.contains(path) { &case.expected } else { &case.found };
            let needs = if case.expected.contains(path) { &case.expected_needs } else { &case.found_needs };
            if let Some(missing) = needs.needs(path).find(|needed| !there.contains(*needed)) {
                return Some(format!("{path} comes before {missing}"));
            }
            let with = catalog.parts_of(path).filter(|part| part.path.kind == ObjectKind::Column);
            let with: Vec<ObjectPath> = with.map(|part| part.path.clone()).collect();
            there.extend(with.iter().cloned());
            made.extend(with);
            there.insert(path.clone());
            made.insert(path.clone());
        }
    }
    None
}

proptest! {
    #[test]
    fn every_difference_is_settled_or_left_with_a_reason(
        wanted in sketches(), there in sketches(), permitted in any::<bool>(), some in any::<u64>(),
    ) {
        let allowed = if permitted { Permissions::All } else { Permissions::Nothing };
        let case = case(entries(&wanted), entries(&there)).allowing(allowed);
        let count = case.differences().len();
        let chosen: BTreeSet<usize> = (0..count).filter(|number| some >> (number % 64) & 1 == 1).collect();
        let repair = case.plan_of(&chosen);
        let settled: BTreeSet<usize> = repair.steps.iter().flat_map(|step| step.settles.iter().copied()).collect();
        let left: BTreeSet<usize> = repair.left.iter().map(|left| left.difference).collect();
        prop_assert!(settled.is_disjoint(&left));
        prop_assert!(chosen.iter().all(|number| settled.contains(number) || left.contains(number)));
        prop_assert!(left.is_subset(&chosen));
        prop_assert_eq!(&repair, &case.plan_of(&chosen));
        if !permitted {
            prop_assert!(repair.steps.iter().all(|step| step.safety.loses.is_none()));
        }
    }

    #[test]
    fn each_step_finds_what_it_needs(wanted in sketches(), there in sketches()) {
        let case = case(entries(&wanted), entries(&there)).allowing(Permissions::All);
        let repair = case.plan();
        prop_assert!(repair.left.is_empty(), "{:?}", left(&repair));
        let moved = repair.steps.iter().any(|step| matches!(step.verb, Verb::Rename | Verb::Move));
        if !moved {
            prop_assert_eq!(order_fault(&case, &repair), None, "{:#?}", said(&repair));
        }
    }

    #[test]
    fn equal_catalogs_need_nothing(sketches in sketches()) {
        let case = case(entries(&sketches), entries(&sketches)).allowing(Permissions::All);
        prop_assert_eq!(case.plan(), Repair::default());
    }
}

//! What is said about causes, and how surely.

mod common;

use std::collections::BTreeSet;

use common::{catalog_of, history, index_on, key_on, serial_table, table, table_path};
use trueup_engine::findings::{Sides, judge};
use trueup_engine::{Claims, Surroundings, compare, diagnose, pending};
use trueup_model::catalog::Entry;
use trueup_model::finding::NamedCode;
use trueup_model::history::{Opaque, TransactionMode};
use trueup_model::journal::{Journal, Provenance, StatementRef};
use trueup_model::outcome::{Cause, Confidence, Diagnosis};
use trueup_model::{
    Catalog, Code, Finding, History, Ledger, ObjectPath, Origin, Place, QualifiedName, Severity, Text,
};

/// Who made what: objects by the migration and the statement.
fn journal(made: &[(&ObjectPath, u32, u32)]) -> Journal {
    let mut journal = Journal::default();
    for (path, migration, statement) in made {
        let at = StatementRef { migration: *migration, statement: *statement };
        journal.entries.insert((*path).clone(), Provenance { created: Some(at), changed: Some(at) });
    }
    journal
}

fn ledger() -> Ledger {
    Ledger { table: Some(QualifiedName::new("public", "schema_migrations")), entries: Vec::new() }
}

fn diagnosed(
    history: &History,
    ledger: &Ledger,
    journal: &Journal,
    (expected, found): (&Catalog, &Catalog),
    search_path: &str,
) -> Vec<Diagnosis> {
    let claims = Claims::new(history, ledger, journal).knowing(expected);
    let findings = judge(&compare(expected, found), &Sides { expected, found }, &claims);
    diagnose(&findings, &claims, &Surroundings { search_path: Some(search_path.to_owned()) })
}

/// Two tables of one migration; those in `moved` are found in the schema `shop`.
fn wrong_schema(moved: &[&str], ledger: &Ledger, search_path: &str) -> Diagnosis {
    wrong_schema_by(
        &["CREATE TABLE a (id integer)", "CREATE TABLE b (id integer)"],
        moved,
        ledger,
        search_path,
    )
}

fn wrong_schema_by(statements: &[&str], moved: &[&str], ledger: &Ledger, search_path: &str) -> Diagnosis {
    let history = history(&[("0001_all", statements)]);
    let (a, b) = (table_path("public", "a"), table_path("public", "b"));
    let journal = journal(&[(&a, 0, 0), (&b, 0, 1)]);
    let all = |place: &dyn Fn(&str) -> &'static str| {
        let names = ["a", "b"];
        catalog_of(names.iter().flat_map(|name| table(place(name), name, &["id"])).collect())
    };
    let expected = all(&|_| "public");
    let found = all(&|name| if moved.contains(&name) { "shop" } else { "public" });
    let mut diagnoses = diagnosed(&history, ledger, &journal, (&expected, &found), search_path);
    assert_eq!(diagnoses.len(), 1, "{diagnoses:?}");
    diagnoses.remove(0)
}

#[test]
fn whole_migrations_in_another_schema_are_certain() {
    let diagnosis = wrong_schema(&["a", "b"], &ledger(), "public");
    assert_eq!((diagnosis.cause, diagnosis.confidence), (Cause::WrongSchema, Confidence::Certain));
    assert!(diagnosis.summary.contains("the search path was another one"), "{}", diagnosis.summary);
    assert!(diagnosis.evidence.contains(&"made by 0001_all, recorded as applied".to_owned()));
    let here = wrong_schema(&["a", "b"], &ledger(), "shop, public");
    assert!(here.summary.ends_with("the search path of this database begins with shop"), "{}", here.summary);
}

#[test]
fn a_table_that_alone_stands_elsewhere_may_have_been_moved() {
    let diagnosis = wrong_schema(&["b"], &ledger(), "public");
    assert_eq!((diagnosis.cause, diagnosis.confidence), (Cause::WrongSchema, Confidence::Likely));
    assert!(diagnosis.summary.contains("moved by hand, or"), "{}", diagnosis.summary);
}

#[test]
fn no_search_path_explains_what_is_made_with_its_schema_named() {
    let statements = ["CREATE TABLE public.a (id integer)", "CREATE TABLE public.b (id integer)"];
    let diagnosis = wrong_schema_by(&statements, &["a", "b"], &ledger(), "public");
    assert_eq!(diagnosis.confidence, Confidence::Likely);
}

#[test]
fn nothing_is_recorded_without_a_ledger() {
    let diagnosis = wrong_schema(&["a", "b"], &Ledger::default(), "public");
    assert!(diagnosis.evidence.contains(&"made by 0001_all".to_owned()), "{:?}", diagnosis.evidence);
}

#[test]
fn what_may_follow_from_an_edit_is_not_said_to() {
    let origin =
        || Some(Origin { migration: Text::new("0001_all"), place: None, excerpt: None, recorded_at: None });
    let mut edited = Finding::new(Code::Named(NamedCode::EditedMigration), Severity::Error);
    edited.origin = origin();
    let missing = |name: &str| {
        let mut missing = Finding::new(Code::Missing(trueup_model::ObjectKind::Table), Severity::Error);
        missing.object = Some(table_path("public", name));
        missing.origin = origin();
        missing
    };
    let history = history(&[("0001_all", &[])]);
    let (ledger, journal) = (ledger(), Journal::default());
    let claims = Claims::new(&history, &ledger, &journal);
    let said = |findings: &[Finding]| {
        let diagnoses = diagnose(findings, &claims, &Surroundings::default());
        assert_eq!(diagnoses[0].cause, Cause::EditedAfterApply);
        diagnoses[0].evidence[1].clone()
    };
    assert_eq!(said(&[edited.clone(), missing("a")]), "1 difference in what it makes may follow from it");
    assert_eq!(
        said(&[edited, missing("a"), missing("b")]),
        "2 differences in what it makes may follow from it"
    );
}

#[test]
fn a_table_from_earlier_has_a_diagnosis() {
    let history = history(&[("0001_all", &["CREATE TABLE gone (id integer)", "DROP TABLE gone"])]);
    let (expected, found) = (catalog_of(Vec::new()), catalog_of(table("public", "gone", &["id"])));
    let diagnoses = diagnosed(&history, &ledger(), &Journal::default(), (&expected, &found), "public");
    let [diagnosis] = diagnoses.as_slice() else { panic!("{diagnoses:?}") };
    assert_eq!((diagnosis.cause, diagnosis.confidence), (Cause::Zombie, Confidence::Possible));
    assert_eq!(diagnosis.findings.len(), 1);
}

/// `orders_id_seq` belongs to `orders`, not to a table `order` that happens to begin alike.
#[test]
fn a_sequence_belongs_to_the_table_that_owns_it() {
    let history =
        history(&[("0001_all", &["CREATE TABLE \"order\" (id integer)", "CREATE TABLE orders (id serial)"])]);
    let order = table_path("public", "order");
    let orders = table_path("public", "orders");
    let mut entries = serial_table("public", "orders", "orders_id_seq");
    let sequence = entries.last().expect("a sequence").path.clone();
    let journal = journal(&[(&order, 0, 0), (&orders, 0, 1), (&sequence, 0, 1)]);
    let found = catalog_of(entries.clone());
    entries.extend(table("public", "order", &["id"]));
    let expected = catalog_of(entries);

    // Of three objects one is missing: `order` was dropped, and the sequence is there.
    let findings = |code| {
        let mut said = Finding::new(Code::Named(code), Severity::Error);
        said.origin =
            Some(Origin { migration: Text::new("0001_all"), place: None, excerpt: None, recorded_at: None });
        let claims = ledger();
        let claims = Claims::new(&history, &claims, &journal).knowing(&expected);
        let mut findings =
            judge(&compare(&expected, &found), &Sides { expected: &expected, found: &found }, &claims);
        findings.push(said);
        diagnose(&findings, &claims, &Surroundings::default())
    };
    let diagnoses = findings(NamedCode::HalfAppliedMigration);
    assert_eq!(diagnoses[0].evidence[1], "2 of 3 objects that it makes are there");
}

#[test]
fn the_sequence_of_a_pending_table_goes_with_it() {
    let history =
        history(&[("0001_all", &["CREATE TABLE orders (id serial)", "CREATE TABLE b (id integer)"])]);
    let (orders, b) = (table_path("public", "orders"), table_path("public", "b"));
    // Its name says nothing about the table.
    let mut entries = serial_table("public", "orders", "numbers");
    let sequence = entries.last().expect("a sequence").path.clone();
    let journal = journal(&[(&orders, 0, 0), (&sequence, 0, 0), (&b, 0, 1)]);
    entries.extend(table("public", "b", &["id"]));
    let head = catalog_of(entries);
    let found = catalog_of(table("public", "b", &["id"]));
    let ledger = ledger();
    let claims = Claims::new(&history, &ledger, &journal);
    let mut differences = compare(&catalog_of(Vec::new()), &found);
    let explained =
        pending::explain(&mut differences, &head, &found, &claims, &BTreeSet::from([0]), &mut |_| None);
    assert_eq!(
        explained[0].finding.found.as_deref(),
        Some("1 of 2 objects that it makes is there; missing: public.orders")
    );
}

/// The second of two pending migrations drops what the first one made, and only the first one ran.
#[test]
fn what_ran_unrecorded_is_held_against_its_own_state() {
    let history = history(&[
        ("0001_b", &["CREATE TABLE b (a integer)", "CREATE INDEX i ON b (a)"]),
        ("0002_quick", &["DROP INDEX i"]),
    ]);
    let b = table_path("public", "b");
    let then = || catalog_of([table("public", "b", &["a"]), vec![index_on("public", "b", "i", 1)]].concat());
    let head = catalog_of(table("public", "b", &["a"]));
    let journal = journal(&[(&b, 0, 0)]);
    let ledger = ledger();
    let claims = Claims::new(&history, &ledger, &journal);
    let said = |knows: bool| {
        let mut differences = compare(&catalog_of(Vec::new()), &then());
        let mut after = |last: usize| (knows && last == 0).then(then);
        let pending = BTreeSet::from([0, 1]);
        let mut explained = pending::explain(&mut differences, &head, &then(), &claims, &pending, &mut after);
        assert_eq!(explained[0].tables, [QualifiedName::new("public", "b")]);
        explained.remove(0).finding.found.expect("what was found")
    };
    assert_eq!(said(true), "the one object that it makes is there");
    assert_eq!(
        said(false),
        "the one object that it makes is there; not as the file says: public.b.i is there besides"
    );
}

/// What runs in one transaction is there as a whole or not at all: what is missing at its end was taken away.
#[test]
fn only_what_runs_piece_by_piece_stops_in_the_middle() {
    let (a, b) = (table_path("public", "a"), table_path("public", "b"));
    let journal = journal(&[(&a, 0, 0), (&b, 0, 1)]);
    let expected = catalog_of([table("public", "a", &["id"]), table("public", "b", &["id"])].concat());
    let found = catalog_of(table("public", "a", &["id"]));
    let cause = |transaction| {
        let mut history =
            history(&[("0001_all", &["CREATE TABLE a (id integer)", "CREATE TABLE b (id integer)"])]);
        history.migrations[0].transaction = transaction;
        let diagnoses = diagnosed(&history, &ledger(), &journal, (&expected, &found), "public");
        assert_eq!(diagnoses.len(), 1, "{diagnoses:?}");
        diagnoses[0].cause
    };
    assert_eq!(cause(TransactionMode::PerStatement), Cause::HalfApplied);
    assert_eq!(cause(TransactionMode::Single), Cause::ChangedByHand);
    assert_eq!(cause(TransactionMode::Implicit), Cause::ChangedByHand);
}

/// Whoever ran the second migration had seen the first one end.
#[test]
fn a_migration_that_was_followed_by_another_did_not_stop_in_the_middle() {
    let names = ["a", "b", "c", "d"];
    let paths = names.map(|name| table_path("public", name));
    let numbers = [(0, 0), (0, 1), (0, 2), (1, 0)];
    let made: Vec<_> = paths
        .iter()
        .zip(numbers)
        .map(|(path, (migration, statement))| (path, migration, statement))
        .collect();
    let journal = journal(&made);
    let mut history = history(&[
        (
            "001_a",
            &["CREATE TABLE a (id integer)", "CREATE TABLE b (id integer)", "CREATE TABLE c (id integer)"],
        ),
        ("002_b", &["CREATE TABLE d (id integer)"]),
    ]);
    for migration in &mut history.migrations {
        migration.transaction = TransactionMode::PerStatement;
    }
    let with =
        |names: &[&str]| catalog_of(names.iter().flat_map(|name| table("public", name, &[name])).collect());
    let expected = with(&names);
    let causes = |found: &[&str]| {
        let diagnoses = diagnosed(&history, &ledger(), &journal, (&expected, &with(found)), "public");
        diagnoses.iter().map(|diagnosis| (diagnosis.cause, diagnosis.confidence)).collect::<Vec<_>>()
    };
    assert_eq!(causes(&["a", "b", "d"]), [(Cause::ChangedByHand, Confidence::Likely)]);
    assert_eq!(
        causes(&["a", "b"]),
        [(Cause::Faked, Confidence::Possible), (Cause::HalfApplied, Confidence::Possible)]
    );
    assert_eq!(
        causes(&["a"]),
        [(Cause::Faked, Confidence::Possible), (Cause::HalfApplied, Confidence::Likely)]
    );
}

#[test]
fn a_constraint_that_was_made_with_a_missing_column_is_not_told_besides() {
    let history = history(&[
        ("0001_a", &["CREATE TABLE t (a integer)"]),
        (
            "0002_b",
            &["ALTER TABLE t ADD COLUMN b text UNIQUE", "ALTER TABLE t ADD CONSTRAINT own UNIQUE (b)"],
        ),
    ]);
    let with_column = |keys: &[&str]| {
        let mut entries = table("public", "t", &["a", "b:text"]);
        entries.extend(keys.iter().map(|key| key_on("public", "t", key, "b")));
        catalog_of(entries)
    };
    let path = |key: &str| key_on("public", "t", key, "b").path;
    let journal =
        journal(&[(&table_path("public", "t"), 0, 0), (&path("t_b_key"), 1, 0), (&path("own"), 1, 1)]);
    let found = catalog_of(table("public", "t", &["a"]));
    let ledger = ledger();
    let claims = Claims::new(&history, &ledger, &journal);
    let told = |keys: &[&str]| {
        let expected = with_column(keys);
        let findings =
            judge(&compare(&expected, &found), &Sides { expected: &expected, found: &found }, &claims);
        findings.iter().filter_map(|finding| Some(finding.object.as_ref()?.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(told(&["t_b_key"]), ["public.t.b"]);
    assert_eq!(told(&["t_b_key", "own"]), ["public.t.b", "public.t.own"]);

    let diagnoses =
        diagnosed(&history, &ledger, &journal, (&with_column(&["t_b_key", "own"]), &found), "public");
    assert_eq!(diagnoses[0].cause, Cause::Faked);
    assert_eq!(diagnoses[0].evidence, ["0002_b: none of the 2 objects that it makes exist"]);
}

/// The ledger says that the second of two migrations did not end; this is what was seen of it.
fn dirty(found: Vec<Entry>) -> (Finding, Diagnosis) {
    let history = history(&[("000002_b", &["CREATE TABLE b (a integer)", "CREATE INDEX i ON b (a)"])]);
    let b = table_path("public", "b");
    let whole = || [table("public", "b", &["a"]), vec![index_on("public", "b", "i", 1)]].concat();
    let journal = journal(&[(&b, 0, 0), (&index_on("public", "b", "i", 1).path, 0, 1)]);
    let (head, found) = (catalog_of(whole()), catalog_of(found));
    let ledger = ledger();
    let claims = Claims::new(&history, &ledger, &journal);
    let mut differences = compare(&catalog_of(Vec::new()), &found);
    let mut seen =
        pending::explain(&mut differences, &head, &found, &claims, &BTreeSet::from([0]), &mut |_| None);
    let mut told = Finding::new(Code::Named(NamedCode::HalfAppliedMigration), Severity::Error);
    told.found = Some("2 was started and not finished: the ledger is marked dirty".to_owned());
    told.origin =
        Some(Origin { migration: Text::new("000002_b"), place: None, excerpt: None, recorded_at: None });
    let mut findings = vec![told];
    pending::merge(&mut findings, seen.remove(0).finding);
    // What is expected now is made without it.
    let applied = Journal::default();
    let claims = Claims::new(&history, &ledger, &applied);
    let mut diagnoses = diagnose(&findings, &claims, &Surroundings::default());
    (findings.remove(0), diagnoses.remove(0))
}

#[test]
fn a_dirty_migration_is_told_once_and_without_contradiction() {
    let (finding, diagnosis) = dirty(table("public", "b", &["a"]));
    let marked = "2 was started and not finished: the ledger is marked dirty";
    assert_eq!(
        finding.found.as_deref(),
        Some(
            format!(
                "{marked}; 1 of 2 objects that it makes is there; not as the file says: public.b.i is missing"
            )
            .as_str()
        )
    );
    assert_eq!(diagnosis.summary, "000002_b stopped in the middle");
    assert_eq!(diagnosis.evidence, [marked, "1 of 2 objects that it makes is there"]);

    let (_, diagnosis) =
        dirty([table("public", "b", &["a"]), vec![index_on("public", "b", "i", 1)]].concat());
    assert_eq!(diagnosis.summary, "000002_b was started, and the ledger does not say that it ended");
    assert_eq!(diagnosis.evidence, [marked, "the one object that it makes is there"]);
}

#[test]
fn what_was_not_read_may_make_what_nobody_expects() {
    let said = |statements: &[&str], unread: bool| {
        let mut history = history(&[("00001_a", &[]), ("00002_b", statements)]);
        history.migrations[1].opaque = unread.then(|| Opaque {
            reason: "it ends too early".to_owned(),
            place: Place::new("00002_b.sql", 1, 1),
        });
        let (ledger, journal) = (ledger(), Journal::default());
        let claims = Claims::new(&history, &ledger, &journal);
        let (expected, found) = (catalog_of(Vec::new()), catalog_of(table("public", "t", &["id"])));
        let findings =
            judge(&compare(&expected, &found), &Sides { expected: &expected, found: &found }, &claims);
        let diagnoses = diagnose(&findings, &claims, &Surroundings::default());
        let confidence: Vec<Confidence> = diagnoses.iter().map(|diagnosis| diagnosis.confidence).collect();
        (findings[0].hint.clone().unwrap_or_default(), confidence)
    };
    let statement = ["GRANT SELECT ON t TO app"];
    assert_eq!(said(&statement, false), ("no migration makes it".to_owned(), vec![Confidence::Likely]));
    assert_eq!(
        said(&statement, true),
        ("00002_b, which was not read as a whole, may make it".to_owned(), Vec::new())
    );
    assert_eq!(
        said(&[], true),
        ("no migration that could be read makes it".to_owned(), vec![Confidence::Possible])
    );
}

/// A check without a name is built anew where its column gets another type: who made it is said where only one can have.
#[test]
fn what_was_built_anew_is_claimed_by_who_made_it_if_that_is_clear() {
    let item = table_path("public", "item");
    let check = ObjectPath::part_of(
        trueup_model::ObjectKind::CheckConstraint,
        &QualifiedName::new("public", "item"),
        "item_a_check",
    );
    let claimed = |second: &'static str| {
        let first = "CREATE TABLE item (a integer CHECK (a >= 0), b integer)";
        let retype = "ALTER TABLE item ALTER COLUMN a TYPE bigint";
        let history =
            history(&[("0001_item", &[first]), ("0002_more", &[second]), ("0003_large", &[retype])]);
        let journal = journal(&[(&item, 0, 0), (&check, 2, 0)]);
        let ledger = ledger();
        let claims = Claims::new(&history, &ledger, &journal);
        claims.statement(&check, None).map(|at| at.migration)
    };
    assert_eq!(claimed("ALTER TABLE item ADD COLUMN c integer"), Some(0));
    assert_eq!(claimed("ALTER TABLE item ADD COLUMN c integer CHECK (c > 0)"), Some(2));
    assert_eq!(claimed("ALTER TABLE item ADD CONSTRAINT item_a_check CHECK (a > 1)"), Some(1));
}

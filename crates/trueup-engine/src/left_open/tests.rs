//! What is left open where a migration cannot be read, and what a later one settles.

use std::collections::BTreeSet;
use std::sync::Arc;

use trueup_model::history::{Handler, MigrationKind, Opaque, TransactionMode};
use trueup_model::journal::{Journal, Provenance, StatementRef};
use trueup_model::reach::{Named, Reach};
use trueup_model::{
    History, Ledger, Migration, ObjectPath, Place, Preparation, QualifiedName, Statement, Text,
};

use super::*;

/// A migration with what it cannot be read for: the names in it, `*` for all.
fn migration(id: &str, unread: &[&str], up: &[&str]) -> Migration {
    let file: Arc<str> = format!("{id}.py").into();
    let whole = unread.iter().map(Text::new).collect();
    let place = Place::new(file.clone(), 7, 1);
    let statement = |text: &&str| Statement { text: (*text).into(), place: place.clone(), copy_data: None };
    Migration {
        id: Text::new(id),
        key: Text::new(id),
        kind: MigrationKind::Versioned,
        parents: Vec::new(),
        replaces: Vec::new(),
        transaction: TransactionMode::Single,
        up: up.iter().map(statement).collect(),
        down: None,
        checksum: None,
        opaque: (!unread.is_empty()).then(|| Opaque { reason: "a loop".to_owned(), place: place.clone() }),
        only_by_tool: None,
        reach: match unread {
            [] => Reach::Nothing,
            ["*"] => Reach::Anything,
            _ => Reach::Named(Named { whole, ..Named::default() }),
        },
        file,
    }
}

fn history(migrations: Vec<Migration>) -> History {
    History {
        framework: "django",
        root: Text::new("."),
        preparation: Preparation::default(),
        migrations,
        handlers: Vec::new(),
        findings: Vec::new(),
    }
}

fn table(name: &str) -> ObjectPath {
    ObjectPath::in_schema(ObjectKind::Table, &"public".into(), name)
}

fn column(table: &str, name: &str) -> ObjectPath {
    ObjectPath::part_of(ObjectKind::Column, &QualifiedName::new("public", table), name)
}

fn index(table: &str, name: &str) -> ObjectPath {
    ObjectPath::part_of(ObjectKind::Index, &QualifiedName::new("public", table), name)
}

fn missing(path: ObjectPath) -> Difference {
    Difference { path, change: Change::Missing }
}

#[track_caller]
fn check(migrations: &[(&str, &[&str])], kept: &[Difference], hints: &[&str]) {
    let history = history(migrations.iter().map(|(id, unread)| migration(id, unread, &[])).collect());
    let mut differences = vec![
        missing(column("note", "body")),
        missing(column("item", "price")),
        missing(column("item", "note")),
    ];
    let all = differences.len();
    let (ledger, journal) = (Ledger::default(), Journal::default());
    let claims = Claims::new(&history, &ledger, &journal);
    let (open, findings) = leave_open(&mut differences, &claims, &[], Some("run it"));
    assert_eq!(differences, kept);
    assert_eq!(open.len() + kept.len(), all);
    let said: Vec<String> = findings
        .iter()
        .map(|finding| {
            let id = finding.origin.as_ref().map_or("", |origin| origin.migration.as_str());
            format!("{id}: {}", finding.hint.as_deref().unwrap_or_default())
        })
        .collect();
    assert_eq!(said, hints);
}

#[test]
fn only_what_an_unread_migration_names_is_left_open() {
    let whole =
        [missing(column("note", "body")), missing(column("item", "price")), missing(column("item", "note"))];
    check(&[("one", &[])], &whole, &[]);
    check(&[("one", &["other"])], &whole, &["one: what it may have made is not expected; run it"]);
    check(
        &[("one", &["note"]), ("two", &[])],
        &[missing(column("item", "price"))],
        &[
            "one: left open, since it may be its doing: column public.note.body, column public.item.note; run it",
        ],
    );
    check(
        &[("one", &["*"]), ("two", &["item"])],
        &[],
        &[
            "one: left open, since it may be its doing: column public.note.body; run it",
            "two: left open, since it may be its doing: column public.item.price, column public.item.note; run it",
        ],
    );
}

/// What runs beside the migrations is settled by none of them, and no tool that runs them shows it.
#[test]
fn what_runs_beside_the_migrations_leaves_open_what_it_names() {
    let mut migrations = vec![migration("one", &[], &["CREATE TABLE note (body text)"])];
    migrations.push(migration("two", &[], &["ALTER TABLE note ADD extra text"]));
    migrations[1].parents.push(Text::new("one"));
    let mut history = history(migrations);
    let place = Place::new("shop/apps.py", 3, 1);
    let whole = BTreeSet::from([Text::new("note")]);
    history.handlers.push(Handler {
        id: Text::new("shop.post_migrate"),
        why: Opaque { reason: "it widens".to_owned(), place: place.clone() },
        reach: Reach::Named(Named { whole, ..Named::default() }),
        comes_first: false,
    });
    let at = |migration| StatementRef { migration, statement: 0 };
    let mut journal = Journal::default();
    journal.entries.insert(table("note"), Provenance { created: Some(at(0)), changed: Some(at(1)) });
    let ledger = Ledger::default();
    let claims = Claims::new(&history, &ledger, &journal);
    let mut differences = vec![missing(column("note", "body")), missing(column("item", "price"))];
    let (open, findings) = leave_open(&mut differences, &claims, &[], Some("run it"));
    assert_eq!(open, [missing(column("note", "body"))]);
    let [finding] = &findings[..] else { panic!("one finding: {findings:?}") };
    let origin = finding.origin.as_ref().expect("an origin");
    assert_eq!(finding.code.to_string(), "unfollowed-handler");
    assert_eq!((origin.migration.as_str(), &origin.place), ("shop.post_migrate", &Some(place)));
    let hint = "left open, since it may be its doing: column public.note.body";
    assert_eq!(finding.hint.as_deref(), Some(hint));
    // Every migration was read.
    assert_eq!(share(&claims, &Catalog::default()), None);
}

/// Of several that may have done it, the last one is told.
#[test]
fn what_runs_before_the_migrations_comes_before_them_here_too() {
    for comes_first in [true, false] {
        let mut history = history(vec![migration("one", &[], &["CREATE TABLE note (body text)"])]);
        let reach = || Reach::Named(Named { whole: BTreeSet::from([Text::new("note")]), ..Named::default() });
        let why = |file: &str| Opaque { reason: "it widens".to_owned(), place: Place::new(file, 3, 1) };
        history.migrations[0].opaque = Some(why("one.py"));
        history.migrations[0].reach = reach();
        let id = Text::new("shop.pre_migrate");
        history.handlers.push(Handler { id, why: why("apps.py"), reach: reach(), comes_first });
        let (ledger, journal) = (Ledger::default(), Journal::default());
        let claims = Claims::new(&history, &ledger, &journal);
        let mut differences = vec![missing(column("note", "body"))];
        let (_, findings) = leave_open(&mut differences, &claims, &[], None);
        let open =
            findings.iter().filter(|one| one.hint.as_ref().is_some_and(|hint| hint.contains("left open")));
        let told: Vec<_> = open.filter_map(|one| Some(one.origin.as_ref()?.migration.as_str())).collect();
        assert_eq!(told, [if comes_first { "one" } else { "shop.pre_migrate" }]);
    }
}

/// A table of before, a migration that names every table and cannot be read, and one statement that comes from it.
/// `journal` is what the statement created, and what it changed.
#[track_caller]
fn settled(
    statement: &str,
    created: &[ObjectPath],
    changed: &[ObjectPath],
    difference: Difference,
    is: bool,
) {
    for comes_after in [true, false] {
        let mut migrations = vec![
            migration("0001_old", &[], &["CREATE TABLE note (body text)"]),
            migration("0002_unread", &["*"], &[]),
            migration("0003_later", &[], &[statement]),
        ];
        migrations[1].parents.push(Text::new("0001_old"));
        // A migration of another app may have run before the unread one as well.
        let parent = if comes_after { "0002_unread" } else { "0001_old" };
        migrations[2].parents.push(Text::new(parent));
        let old = StatementRef { migration: 0, statement: 0 };
        let later = StatementRef { migration: 2, statement: 0 };
        let mut journal = Journal::default();
        let of = |created, changed| Provenance { created, changed: Some(changed) };
        journal.entries.insert(table("note"), of(Some(old), old));
        journal.entries.extend(created.iter().map(|path| (path.clone(), of(Some(later), later))));
        for path in changed {
            let before = journal.of(path).and_then(|own| own.created);
            journal.entries.insert(path.clone(), of(before, later));
        }
        let history = history(migrations);
        let ledger = Ledger::default();
        let claims = Claims::new(&history, &ledger, &journal);
        let mut differences = vec![difference.clone()];
        leave_open(&mut differences, &claims, &[], None);
        let is_judged = !differences.is_empty();
        assert_eq!(is_judged, is && comes_after, "{statement}: {difference:?}, comes after: {comes_after}");
    }
}

fn different(path: ObjectPath) -> Difference {
    let aspect = trueup_model::difference::Aspect {
        name: "type",
        expected: "integer".to_owned(),
        found: "text".to_owned(),
        nature: trueup_model::difference::Nature::Logical,
    };
    Difference { path, change: Change::Different(aspect) }
}

fn unexpected(path: ObjectPath) -> Difference {
    Difference { path, change: Change::Unexpected }
}

#[test]
fn what_a_later_migration_makes_is_judged() {
    let item = [table("item")];
    let create = "CREATE TABLE item (price integer)";
    settled(create, &item, &[], missing(table("item")), true);
    settled(create, &item, &[], missing(column("item", "price")), true);
    settled(create, &item, &[], different(column("item", "price")), true);
    settled(create, &item, &[], unexpected(column("item", "extra")), true);
    settled(create, &item, &[], missing(column("note", "body")), false);
    settled(create, &item, &[], unexpected(table("other")), false);
    let guarded = "CREATE TABLE IF NOT EXISTS item (price integer)";
    settled(guarded, &item, &[], different(column("item", "price")), false);
}

#[test]
fn what_a_later_migration_adds_or_works_on_is_judged_as_far_as_it_goes() {
    let add = "ALTER TABLE note ADD COLUMN price integer";
    settled(add, &[], &[], missing(column("note", "price")), true);
    // Its type may be that of a key which is not known.
    settled(add, &[], &[], different(column("note", "price")), false);
    settled(add, &[], &[], missing(index("note", "by_price")), false);
    settled(
        "CREATE INDEX by_body ON note (body)",
        &[index("note", "by_body")],
        &[],
        missing(index("note", "by_body")),
        false,
    );
    settled(add, &[], &[], different(column("note", "body")), false);
    let alter = "ALTER TABLE note ALTER COLUMN body SET NOT NULL";
    settled(alter, &[], &[column("note", "body")], missing(column("note", "body")), true);
    settled(alter, &[], &[column("note", "body")], different(column("note", "body")), false);
    settled("INSERT INTO note VALUES (1)", &[], &[table("note")], missing(table("note")), false);
}

#[test]
fn what_a_later_migration_takes_away_is_judged() {
    settled("DROP TABLE IF EXISTS other", &[], &[], unexpected(table("other")), true);
    settled("DROP TABLE other", &[], &[], unexpected(table("another")), false);
    settled("ALTER TABLE note DROP COLUMN body", &[], &[], unexpected(column("note", "body")), true);
    settled("ALTER TABLE note DROP COLUMN body", &[], &[], unexpected(table("note")), false);
    let mentions = "ALTER TABLE note DROP COLUMN other, ALTER COLUMN kind SET DEFAULT 'body'";
    settled(mentions, &[], &[], unexpected(column("note", "body")), false);
    settled("ALTER TABLE note ADD COLUMN price integer", &[], &[], unexpected(column("note", "body")), false);
}

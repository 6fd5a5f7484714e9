//! Backups of real servers: that they hold what they say, come back whole, and are refused where they cannot.

#[path = "../../../trueup-testing/tests/common/proxy.rs"]
#[allow(dead_code)]
mod proxy;

mod broken;
mod replacing;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use trueup_database::DatabaseUrl;
use trueup_database::backup::{
    self, Backup, BackupError, Limits, Method, Request, Restore, Restored, Scope, Scratch, Way, What,
};
use trueup_database::shadow::{ShadowRequest, Surroundings};
use trueup_model::QualifiedName;
use trueup_testing::servers::{Database, pooler_of, server};

/// Names with everything in them, types of all sorts, and rows that are hard to write down.
const SHOP: &str = r#"
create schema "Odd.Sch*ema";
create type mood as enum ('sad', 'it''s ok');
create domain email as text check (value like '%@%');
create type spot as (x int, y mood);
create function twice(i int) returns int language sql immutable as 'select i * 2';
create table customers (
    id bigserial primary key, email email not null unique, mood mood default 'sad', spot spot, tags text[], doc jsonb,
    raw bytea, number float8, price money, span interval, at timestamptz default now());
create table orders (
    id int generated always as identity primary key,
    customer bigint not null references customers on delete cascade,
    total numeric(12, 2) check (total >= 0), twice numeric generated always as (total * 2) stored,
    n int default twice(2));
create index orders_total on orders (total);
create table "Odd.Sch*ema"."we""ird.Ta?ble$" ("a "" b" int, "C;
 FROM stdin;" text);
create table "Odd.Sch*ema"."we""ird.TaXble$" (decoy int);
create table "Odd.Sch*ema"."WE""IRD.TA?BLE$" (decoy int);
create table nothing ();
create table events (at date not null, what text, id int) partition by range (at);
create table events_old partition of events for values from ('2024-01-01') to ('2025-01-01');
create table events_new (id int, what text, at date not null);
alter table events attach partition events_new for values from ('2025-01-01') to ('2026-01-01');
alter table events add primary key (at, id);
create table fired (what text);
create function fire() returns trigger language plpgsql as
    $$ begin insert into public.fired values (tg_op || ' ' || tg_table_name); return null; end $$;
create view large as select * from orders where total > 10;

insert into customers (email, spot, tags, doc, raw, number, price, span, at) values
    ('a@b', (1, 'sad'), array['a,b', '"'], '{"a": [1]}', '\x00ff', 0.1, 12.5, '1 mon -2 days', '2025-03-30 02:30+02'),
    (E'tab\t\n\\.\\N@x', null, null, null, '', 'NaN', null, null, 'infinity'),
    (E'\\.@', (null, null), '{}', 'null', null, 1e-300, -1, '-00:00:01', '0044-03-15 BC');
insert into orders (customer, total) select 1 + i % 3, i from generate_series(1, 1000) i;
delete from orders where id % 7 = 0;
insert into "Odd.Sch*ema"."we""ird.Ta?ble$" values (1, E'\\.'), (null, ''), (3, null);
insert into "Odd.Sch*ema"."we""ird.TaXble$" values (1);
insert into nothing default values;
insert into nothing default values;
insert into events values ('2024-05-05', 'x', 1), ('2025-05-05', 'y', 2);
create trigger fire after insert or update or delete on orders for each row execute function fire();
"#;

/// All rows, in an order of their own.
const ROWS: &[&str] = &[
    "select string_agg(c::text, '/' order by id) from customers c",
    "select string_agg(o::text, '/' order by id) from orders o",
    "select string_agg(t::text, '/' order by 1) from \"Odd.Sch*ema\".\"we\"\"ird.Ta?ble$\" t",
    "select count(*) from nothing",
    "select string_agg(concat(tableoid::regclass, at, what, id), '/' order by id) from events",
    "select count(*) from fired",
    "select nextval('customers_id_seq')",
    "insert into orders (customer, total) values (1, 1) returning id",
];

fn shop(major: u32, name: &str) -> Database {
    let database = server(major).create_database(name);
    database.run(SHOP);
    database
}

fn url(url: &str) -> DatabaseUrl {
    DatabaseUrl::parse(url).expect("a URL")
}

fn names(names: &[(&str, &str)]) -> Vec<QualifiedName> {
    names.iter().map(|(schema, name)| QualifiedName::new(schema, name)).collect()
}

/// A folder of tests, and a place in it for a backup.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("the.backup");
    (folder, place)
}

fn take_at(
    from: &DatabaseUrl,
    folder: &Path,
    only: &[QualifiedName],
    method: Method,
    major: u32,
) -> Result<Backup, BackupError> {
    let request = Request {
        database: from,
        folder,
        scope: if only.is_empty() { Scope::Everything } else { Scope::Tables(only) },
        method,
        limits: Limits { lock: std::time::Duration::from_millis(300), silence: None },
    };
    let scratch = Scratch::Open {
        request: &ShadowRequest::Local(Some(server(major).binaries())),
        opener: None,
        surroundings: &Surroundings::usual(),
    };
    backup::take(&request, scratch, &mut |_| {})
}

#[track_caller]
fn take(database: &Database, folder: &Path, only: &[QualifiedName], method: Method) -> Backup {
    let major = database.server().major();
    take_at(&url(&database.url()), folder, only, method, major).expect("a backup")
}

fn restore_at(
    to: &DatabaseUrl,
    folder: &Path,
    only: &[QualifiedName],
    replace: &[QualifiedName],
) -> Result<Restored, BackupError> {
    let limits = Limits { lock: std::time::Duration::from_millis(300), silence: None };
    let request = Restore { folder, target: to, only, replace, limits };
    let plan = backup::plan(&request)?;
    backup::restore(&request, &plan, &mut |_| {})
}

fn all_rows(database: &Database) -> Vec<String> {
    ROWS.iter().map(|query| database.value(query)).collect()
}

#[track_caller]
fn comes_back_whole(major: u32, method: Method, by_pg_dump: bool) {
    let database = shop(major, "backup_whole");
    let (_folder, place) = place();
    let backup = take(&database, &place, &[], method);
    assert_eq!(matches!(backup.manifest.way, Way::PgDump { .. }), by_pg_dump);
    assert_eq!(backup.manifest.rows(), 3 + 858 + 3 + 1 + 2 + 2);
    assert_eq!(backup.manifest.lacks.is_empty(), by_pg_dump, "{:?}", backup.manifest.lacks);
    for entry in std::fs::read_dir(&place).expect("the folder") {
        let mode = entry.expect("a file").metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(std::fs::metadata(&place).expect("the folder").permissions().mode() & 0o777, 0o700);

    let empty = server(major).create_database("backup_empty");
    let restored = restore_at(&url(&empty.url()), &place, &[], &[]).expect("it comes back");
    assert_eq!(restored.rows, backup.manifest.rows());
    if by_pg_dump {
        assert_eq!(restored.notes, [] as [&str; 0]);
        let schema = |database: &Database| {
            let text = database.dump_schema().must("pg_dump");
            text.lines().filter(|line| !line.contains("restrict ")).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(schema(&empty), schema(&database));
    } else {
        let without_function =
            restored.notes.iter().all(|note| note.contains("twice(integer) does not exist"));
        assert!(without_function && restored.notes.len() == 1, "{:?}", restored.notes);
    }
    assert_eq!(all_rows(&empty), all_rows(&database));
}

#[test]
fn by_pg_dump_of_the_same_version() {
    comes_back_whole(15, Method::BestAtHand, true);
}

#[test]
fn by_pg_dump_of_a_newer_version() {
    comes_back_whole(13, Method::PgDump, true);
}

#[test]
fn by_copy() {
    comes_back_whole(13, Method::Copy, false);
    comes_back_whole(15, Method::Copy, false);
}

/// The tests have pg_dump 15 to 17, as the distributions do.
#[test]
fn by_copy_where_pg_dump_is_too_old() {
    comes_back_whole(18, Method::BestAtHand, false);
    let (_folder, place) = place();
    let error = take_at(&url(&shop(18, "backup_old").url()), &place, &[], Method::PgDump, 18)
        .expect_err("no program fits");
    assert!(error.to_string().contains("is older than the server, which is 18"), "{error}");
}

/// Identity columns of partitioned tables came with 17, virtual columns with 18.
#[test]
fn by_copy_with_what_is_new() {
    let database = server(18).create_database("backup_new");
    database.run(
        "create table t (id int generated always as identity, k int, twice int generated always as (k * 2))
             partition by list (k);
         create table t_1 partition of t for values in (1);
         create table t_2 partition of t for values in (2);
         insert into t (k) values (1), (2), (2)",
    );
    let (_folder, place) = place();
    take(&database, &place, &[], Method::Copy);
    let empty = server(18).create_database("backup_new_empty");
    let restored = restore_at(&url(&empty.url()), &place, &[], &[]).expect("it comes back");
    assert_eq!(restored.notes, [] as [&str; 0]);
    assert_eq!(empty.value("select string_agg(t::text, ' ' order by id) from t"), "(1,1,2) (2,2,4) (3,2,4)");
    assert_eq!(empty.value("insert into t (k) values (1) returning id"), "4");
}

/// Quoted names are no patterns, and partitions come with their parent.
#[test]
fn only_the_named_tables() {
    let database = shop(15, "backup_only");
    for method in [Method::PgDump, Method::Copy] {
        let (_folder, place) = place();
        let only = names(&[("Odd.Sch*ema", "we\"ird.Ta?ble$"), ("public", "events"), ("public", "orders")]);
        let backup = take(&database, &place, &only, method);
        let held: Vec<String> = backup.manifest.tables.iter().map(|table| table.path().to_string()).collect();
        assert_eq!(
            held,
            ["Odd.Sch*ema.we\"ird.Ta?ble$", "public.events_new", "public.events_old", "public.orders"]
        );
        let verified = &backup.manifest.verified.not_verified;
        assert!(verified.iter().any(|what| what.contains("orders_customer_fkey")), "{verified:?}");

        let empty = server(15).create_database("backup_only_empty");
        let some = names(&[("Odd.Sch*ema", "we\"ird.Ta?ble$"), ("public", "events")]);
        restore_at(&url(&empty.url()), &place, &some, &[]).expect("it comes back");
        assert_eq!(empty.value(ROWS[2]), database.value(ROWS[2]));
        assert_eq!(empty.value(ROWS[4]), database.value(ROWS[4]));
        assert_eq!(empty.value("select count(*) from pg_tables where schemaname !~ '^(pg|info)'"), "4");
        assert_eq!(
            empty.value(
                "select count(*) from pg_constraint where conrelid = 'events'::regclass and contype = 'p'"
            ),
            "1"
        );
    }
}

/// What tables need and the scratch database lacks is found in one that is handed over.
#[test]
fn a_shadow_that_is_handed_over_serves_the_tables() {
    let database = shop(15, "backup_given");
    let binaries = trueup_database::shadow::local::find(Some(&server(15).binaries())).remove(0);
    for method in [Method::PgDump, Method::Copy] {
        let (_folder, place) = place();
        let mut shadow =
            trueup_database::shadow::local::open(&binaries, &Surroundings::usual()).expect("a shadow");
        let schema = database.dump_schema().must("pg_dump");
        let name: std::sync::Arc<str> = "schema".into();
        let split = trueup_sql::split(&name, &schema, trueup_sql::SplitMode::PSQL);
        for statement in split.statements().filter(|statement| !statement.text.contains("set_config")) {
            use trueup_database::shadow::Shadow;
            shadow.session().run(&statement.text).expect("the schema of the live database");
        }
        let from = url(&database.url());
        let only = names(&[("public", "orders")]);
        let request = Request {
            database: &from,
            folder: &place,
            scope: Scope::Tables(&only),
            method,
            limits: Limits::default(),
        };
        let backup = backup::take(&request, Scratch::Given(&mut shadow), &mut |_| {}).expect("a backup");
        let not_verified = &backup.manifest.verified.not_verified;
        assert!(not_verified.iter().all(|what| !what.contains("texts")), "{not_verified:?}");
    }
}

#[test]
fn what_is_planned_says_what_is_there() {
    let database = shop(15, "backup_planned");
    let (_folder, place) = place();
    take(&database, &place, &[], Method::Copy);
    database.run("truncate orders; drop table fired cascade");
    let to = url(&database.url());
    let request = Restore { folder: &place, target: &to, only: &[], replace: &[], limits: Limits::default() };
    let plan = backup::plan(&request).expect("a plan");
    let what =
        |name: &str| plan.actions.iter().find(|action| action.table.name.as_str() == name).map(|it| it.what);
    assert_eq!(what("orders"), Some(What::Fill));
    assert_eq!(what("fired"), Some(What::Create));
    assert_eq!(what("customers"), Some(What::Replace { rows: 3 }));
    assert!(!plan.whole);
    assert!(plan.refused.iter().any(|why| why.contains("--replace public.customers")), "{:?}", plan.refused);
    assert!(plan.notes.iter().any(|note| note == "the trigger public.orders.fire does not fire"));
}

/// Settings of pg_dump would stay on connections that others get.
#[test]
fn through_a_pooler_by_copy() {
    let database = shop(15, "backup_pooled");
    let pooler = pooler_of(database.server());
    let from = url(&pooler.url(&database));
    let (_folder, place) = place();
    let backup = take_at(&from, &place, &[], Method::BestAtHand, 15).expect("a backup");
    assert!(backup.manifest.lacks[0].contains("a connection pooler stands before the server"));
    let error =
        take_at(&from, &place.with_extension("two"), &[], Method::PgDump, 15).expect_err("not through it");
    assert!(matches!(error, BackupError::NoProgram(_)), "{error}");
    database.run("truncate orders");
    let orders = names(&[("public", "orders")]);
    restore_at(&from, &place, &orders, &[]).expect("it comes back");
    assert_eq!(database.value("select count(*) from orders"), "858");
}

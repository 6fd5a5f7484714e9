//! `trueup repair` as users meet it: what is planned, what is proven, and what is refused.

mod common;

use common::{Run, dump, project, trueup};
use tempfile::TempDir;
use trueup_testing::servers::{Database, server};

const HISTORY: &[(&str, &str)] = &[(
    "migrations/001_shop.sql",
    "create table customers (id bigserial primary key, email text not null unique);
     create table orders (
        id bigserial primary key, customer_id bigint not null references customers (id),
        total numeric(12, 2) not null check (total >= 0), placed_at timestamptz not null default now());
     create index orders_placed on orders (placed_at);
     create view large_orders as select id, total from orders where total > 1000;",
)];

/// A project, and a database to which this happened.
fn shop(name: &str, damage: &str) -> (TempDir, Database) {
    let database = server(15).create_database(name);
    for (_, sql) in HISTORY {
        database.run(sql);
    }
    database.run(
        "insert into customers (email) values ('a@example.org'), ('b@example.org');
        insert into orders (customer_id, total) values (1, 10), (2, 2000);",
    );
    database.run(damage);
    (project(HISTORY), database)
}

fn repair(folder: &TempDir, database: &Database, arguments: &[&str]) -> Run {
    let url = database.url();
    let mut all = vec!["repair", "--database-url", &url];
    all.extend(arguments);
    trueup(folder.path(), &all)
}

#[test]
fn a_healthy_database_needs_nothing() {
    let (folder, database) = shop("repair_nothing", "");
    repair(&folder, &database, &[]).exits(0).says(&["nothing to do in repair_nothing"]);
}

#[test]
fn what_is_missing_is_made_again_and_proven() {
    let (folder, database) = shop(
        "repair_missing",
        "drop view large_orders; drop index orders_placed; alter table orders drop constraint orders_total_check;
         alter table customers alter column email drop not null",
    );
    let before = dump(&database);
    repair(&folder, &database, &["--verbose"]).exits(0).says(&[
        "repair of repair_missing: 4 steps",
        "create index public.orders.orders_placed",
        "create check constraint public.orders.orders_total_check",
        "create view public.large_orders",
        "alter column public.customers.email",
        "the found state with the repair is the expected one",
        "a second run of the repair changes nothing",
        "the expected state with the repair stays as it is",
        "the way back leads to the found state",
    ]);
    assert_eq!(before, dump(&database), "planning writes nothing");
}

#[test]
fn nothing_is_dropped_unless_it_is_named() {
    let (folder, database) =
        shop("repair_drop", "alter table orders add column note text; update orders set note = 'kept'");
    repair(&folder, &database, &[]).exits(3).says(&["left as it is", "column public.orders.note"]);
    let other = ["--allow", "drop:public.orders.id"];
    repair(&folder, &database, &other).exits(3).says(&["left as it is", "(--allow drop:public.orders.note)"]);
    let misspelt = ["--allow", "drop:public.order.note"];
    repair(&folder, &database, &misspelt).exits(1).says(&["did you mean `public.orders.note`?"]);
    let named = ["--allow", "drop:public.orders.note"];
    repair(&folder, &database, &named)
        .exits(0)
        .says(&["drop column public.orders.note", "there is no way back"]);
}

#[test]
fn what_is_chosen_can_be_named() {
    let (folder, database) = shop("repair_chosen", "drop view large_orders; drop index orders_placed");
    repair(&folder, &database, &["--only", "index"])
        .exits(0)
        .says(&["1 step", "orders_placed"])
        .does_not_say(&["large_orders"]);
    repair(&folder, &database, &["--except", "public.large_orders"])
        .exits(0)
        .says(&["1 step", "orders_placed"]);
    repair(&folder, &database, &["--only", "public.lage_orders"])
        .exits(1)
        .says(&["nothing is called public.lage_orders", "hint:"]);
    repair(&folder, &database, &["--allow", "everything"])
        .exits(1)
        .says(&["unknown permission `everything`"]);
    repair(&folder, &database, &["--include", "eror"]).exits(1).says(&["did you mean `error`?"]);
}

/// A table with a dot in its name reads like a column.
#[test]
fn a_name_that_two_objects_have_has_to_be_clear() {
    let (folder, database) = shop(
        "repair_names",
        "create table \"orders.note\" as select 1 id; alter table orders add column note text; \
         update orders set note = 'kept'; create table \"Extra one\" as select 1 id",
    );
    let forms = "say which one: column:public.orders.note or 'table:public.\"orders.note\"'";
    for option in ["--only", "--except", "--adopt", "--accept"] {
        let reason: &[&str] = if option == "--accept" { &["--reason", "why"] } else { &[] };
        let arguments = [&[option, "public.orders.note"], reason].concat();
        repair(&folder, &database, &arguments).exits(1).says(&["can mean several objects", forms]);
    }
    repair(&folder, &database, &["--allow", "drop:public.orders.note"]).exits(1).says(&[forms]);
    repair(&folder, &database, &[]).exits(3).says(&[
        "(--allow drop:column:public.orders.note)",
        "(--allow 'drop:public.\"orders.note\"')",
        "(--allow 'drop:public.\"Extra one\"')",
    ]);
    let allow = |name: &str| repair(&folder, &database, &["--allow", name]);
    allow("drop:public.\"Extra one\"")
        .exits(3)
        .says(&["drop table public.Extra one", "left as it is"])
        .does_not_say(&["drop column"]);
    allow("drop:column:public.orders.note")
        .exits(3)
        .says(&["1 step", "drop column public.orders.note"])
        .does_not_say(&["drop table"]);
}

/// The script is what was proven: psql runs it, twice, here and on a healthy database.
#[test]
fn the_written_script_repairs_once_and_then_does_nothing() {
    let (folder, healthy) = shop("repair_script_healthy", "");
    let wanted = dump(&healthy);
    let (_, database) = shop(
        "repair_script",
        "drop view large_orders; drop index orders_placed; alter table orders drop constraint orders_total_check;
         alter table customers alter column email drop not null; alter table orders alter column total type numeric(14, 3);
         comment on table orders is 'changed by hand'; create index wrong on orders (total);
         alter table orders rename constraint orders_customer_id_fkey to renamed;",
    );
    let arguments = ["--as", "sql", "--include", "info", "--allow", "drop:public.orders.wrong", "--yes"];
    repair(&folder, &database, &arguments).exits(0).says(&["wrote", "repair.sql"]);
    let script = common::read(&folder.path().join("repair.sql"));
    let rows = || {
        database.value(
            "select string_agg(concat_ws(' ', id, customer_id, total::numeric(12, 2), placed_at), ',' order by id) \
             from orders",
        )
    };
    let before = rows();
    for run in 0..2 {
        database.psql(&script).must(&format!("run {run}"));
        assert_eq!(dump(&database), wanted, "run {run}");
    }
    assert_eq!(rows(), before);
    healthy.psql(&script).must("a run where nothing is wrong");
    assert_eq!(dump(&healthy), wanted);
    trueup(folder.path(), &["check", "--fail-on", "info", "--database-url", &database.url()]).exits(0);
    // Nothing that is there is replaced.
    database.run("drop index orders_placed");
    repair(&folder, &database, &["--as", "sql", "--yes"]).exits(1).says(&["repair.sql is there already"]);
}

/// What was not there when the repair was made stops it, and nothing is changed.
#[test]
fn a_script_stops_at_what_it_was_not_made_for() {
    let (folder, database) = shop("repair_guard", "drop view large_orders; drop index orders_placed");
    repair(&folder, &database, &["--as", "sql", "--yes"]).exits(0);
    let script = common::read(&folder.path().join("repair.sql"));
    database.run("create index orders_placed on orders (total)");
    let before = dump(&database);
    let run = database.psql(&script);
    assert!(!run.success);
    assert!(
        run.stderr.contains("index public.orders.orders_placed is not what this repair was made for"),
        "{}",
        run.stderr
    );
    assert_eq!(dump(&database), before);
}

/// The next migration of the tool at hand, which then is pending.
#[test]
fn a_repair_is_the_next_migration_of_the_tool() {
    let files = [(
        "db/migrations/20250101000000_a.sql",
        "-- migrate:up\ncreate table a (id integer primary key, note text);\n\n-- migrate:down\ndrop table a;\n",
    )];
    let database = server(15).create_database("repair_dbmate");
    database.run(
        "create table a (id integer primary key); create table schema_migrations (version varchar(128) primary key);
         insert into schema_migrations values ('20250101000000');",
    );
    let folder = project(&files);
    let url = database.url();
    trueup(folder.path(), &["repair", "--database-url", &url]).exits(0).says(&["to be written, with --yes"]);
    let count = || std::fs::read_dir(folder.path().join("db/migrations")).expect("a folder").count();
    assert_eq!(count(), 1);
    trueup(folder.path(), &["repair", "--database-url", &url, "--yes"]).exits(0).says(&["wrote"]);
    assert_eq!(count(), 3, "the migration and its proof");
    trueup(folder.path(), &["--database-url", &url]).exits(0).says(&["1 applied, 1 pending"]);
}

/// What the database has becomes part of the history: done here, and made everywhere else.
#[test]
fn what_the_database_has_can_be_taken_over() {
    let (folder, database) = shop(
        "repair_adopt",
        "create table coupons (id serial primary key, code text unique, customer_id bigint references customers);
         create index by_total on orders (total); alter table orders alter column total set default 0;
         drop view large_orders; insert into coupons (code) values ('kept')",
    );
    let adopt =
        ["--adopt", "public.coupons", "--adopt", "public.orders.by_total", "--adopt", "public.orders.total"];
    repair(&folder, &database, &[&adopt[..], &["--yes"]].concat()).exits(0).says(&[
        "1 step",
        "create view public.large_orders",
        "taken over into the history from repair_adopt",
        "create table public.coupons",
        "wrote",
    ]);
    let url = database.url();
    trueup(folder.path(), &["apply", "--yes", "--database-url", &url]).exits(0);
    trueup(folder.path(), &["check", "--fail-on", "info", "--database-url", &url]).exits(0);
    trueup(folder.path(), &["--database-url", &url]).exits(0).says(&["2 applied, 0 pending"]);
    assert_eq!(database.value("select code from coupons"), "kept");
    // A laptop that has nothing of it.
    let other = server(15).create_database("repair_adopt_other");
    trueup(folder.path(), &["apply", "--yes", "--database-url", &other.url()]).exits(0);
    trueup(folder.path(), &["check", "--fail-on", "info", "--database-url", &other.url()]).exits(0);
    assert_eq!(other.value("select to_regclass('by_total') is not null"), "t");
}

/// Defaults for what the migrating role will make are named after it, and go before the schema that they are in.
#[test]
fn what_is_named_after_the_role_that_migrates_is_repaired_beside_what_is_taken_over() {
    let text = "-- migrate:up\ncreate table a (id integer primary key, note text); create schema zeta;\n\
                alter default privileges in schema zeta grant select on tables to public;\n\
                -- migrate:down\ndrop table a; drop schema zeta;\n";
    let database = server(15).create_database("repair_adopt_privileges");
    database.run(
        "create table a (id integer primary key, note text); create index by_note on a (note);
         create table schema_migrations (version varchar(128) primary key);
         insert into schema_migrations values ('20250101000000');",
    );
    let folder = project(&[("db/migrations/20250101000000_a.sql", text)]);
    let url = database.url();
    let adopt = ["repair", "--database-url", &url, "--adopt", "public.a.by_note", "--yes"];
    trueup(folder.path(), &adopt).exits(0).says(&["create schema zeta", "create index public.a.by_note"]);
    trueup(folder.path(), &["apply", "--yes", "--database-url", &url]).exits(0);
    trueup(folder.path(), &["check", "--fail-on", "info", "--database-url", &url]).exits(0);
}

/// That something is gone can be taken over too; elsewhere it is dropped, and that takes a permission.
#[test]
fn what_is_gone_is_taken_over_with_permission_only() {
    let (folder, database) =
        shop("repair_adopt_gone", "drop view large_orders; alter table orders drop column placed_at");
    let adopt = ["--adopt", "public.orders.placed_at", "--adopt", "public.large_orders"];
    repair(&folder, &database, &adopt).exits(3).says(&[
        "public.orders.placed_at: this database has none any more, and every other one would lose its own \
         (--allow drop:public.orders.placed_at)",
    ]);
    let allowed = ["--allow", "drop:public.orders.placed_at", "--allow", "drop:public.large_orders", "--yes"];
    repair(&folder, &database, &[&adopt[..], &allowed[..]].concat()).exits(0).says(&["other databases lose"]);
    let url = database.url();
    trueup(folder.path(), &["apply", "--yes", "--database-url", &url]).exits(0);
    trueup(folder.path(), &["check", "--fail-on", "info", "--database-url", &url]).exits(0);
}

#[test]
fn what_is_accepted_is_told_mildly_as_long_as_it_stays_the_same() {
    let (folder, database) = shop("repair_accept", "create index by_total on orders (total)");
    let url = database.url();
    let check =
        |arguments: &[&str]| trueup(folder.path(), &[&["check", "--database-url", &url], arguments].concat());
    check(&[]).exits(2);
    let secret = format!("postgres://u:{}@h/d", common::PASSWORD);
    let accept = ["--accept", "public.orders.by_total", "--reason", &secret, "--owner", &secret, "--yes"];
    repair(&folder, &database, &accept).exits(0);
    let file = folder.path().join("trueup.toml");
    assert!(!common::read(&file).contains(common::PASSWORD), "{}", common::read(&file));
    std::fs::remove_file(&file).expect("removed");
    let accept = ["--accept", "public.orders.by_total", "--reason", "reports need it", "--owner", "ann"];
    repair(&folder, &database, &accept[..2]).exits(1).says(&["--reason"]);
    repair(&folder, &database, &accept)
        .exits(0)
        .says(&["unexpected-index public.orders.by_total", "with --yes"]);
    check(&[]).exits(2);
    repair(&folder, &database, &[&accept[..], &["--yes"]].concat()).exits(0).says(&["wrote", "trueup.toml"]);
    check(&[]).exits(0).says(&["accepted by ann since", "reports need it"]);
    repair(&folder, &database, &[]).exits(0).says(&["nothing to do"]);
    repair(&folder, &database, &accept).exits(1).says(&["nothing new is called public.orders.by_total"]);
    database.run("drop index by_total; create index by_total on orders (total desc)");
    check(&[]).exits(2).says(&["it is another one now"]);
    database.run("drop index by_total");
    check(&[]).exits(0).says(&["is not found any more: its entry can go"]);
    let bad = ["--accept", "index", "--reason", "x", "--until", "tomorrow"];
    repair(&folder, &database, &bad).exits(1).says(&["`tomorrow` is no day"]);
}

/// A migration in Go cannot be read. What it names is left open, and kept; everything else is judged and repaired.
#[test]
fn what_cannot_be_read_is_left_open_and_kept() {
    let folder = project(&[
        ("migrations/00001_items.sql", "-- +goose Up\ncreate table items (id integer, price integer);\n"),
        (
            "migrations/00002_audit.go",
            "package migrations\n\nfunc up(tx *sql.Tx) error {\n    \
             _, err := tx.Exec(`create table audit (at date)`)\n    return err\n}\n",
        ),
        ("migrations/00003_when.sql", "-- +goose Up\ncreate index audit_at on audit (at);\n"),
    ]);
    let database = server(15).create_database("repair_left_open");
    database.run(
        "create table items (id integer); create table audit (at date); create index audit_at on audit (at);
         create table by_hand (id integer);
         create table goose_db_version (id serial primary key, version_id bigint not null,
            is_applied boolean not null, tstamp timestamp not null default now());
         insert into goose_db_version (version_id, is_applied) values (0, true), (1, true), (2, true), (3, true);
         insert into audit values ('2024-02-29')",
    );
    let url = database.url();
    let check = || trueup(folder.path(), &["check", "--database-url", &url]);
    check()
        .exits(2)
        .says(&[
            "left open, since it may be its doing: table public.audit",
            "it may need what 00002_audit made, which could not be read completely",
            "1 migration could not be read completely: 2 of 3 tables rest on what was read",
            "error[missing-column] public.items.price",
            "[unexpected-table] public.by_hand",
        ])
        .does_not_say(&["failed-statement", "[unexpected-table] public.audit"]);
    repair(&folder, &database, &["--only", "public.items.price", "--yes"])
        .exits(0)
        .says(&["create column public.items.price"]);
    trueup(folder.path(), &["apply", "--yes", "--database-url", &url]).exits(0);
    check().does_not_say(&["missing-column"]);
    assert_eq!(database.value("select at from audit"), "2024-02-29");
    database.run("drop table by_hand");
    check().exits(0);
}

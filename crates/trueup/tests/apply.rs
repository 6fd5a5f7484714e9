//! `trueup apply` and `trueup undo` as users meet them: what is run, what is refused, and what stays when something
//! goes wrong in the middle.

#[path = "apply/busy.rs"]
mod busy;
mod common;
#[path = "apply/losses.rs"]
mod losses;
#[path = "apply/refused.rs"]
mod refused;
#[path = "apply/undo.rs"]
mod undo;

use common::{Run, project, read, trueup, with_password, write};
use tempfile::TempDir;
use trueup_testing::servers::{Database, server};

const SHOP: &str = "create table customers (id bigserial primary key, email text not null unique);
    create table orders (
        id bigserial primary key, customer_id bigint not null references customers (id),
        total numeric(12, 2) not null check (total >= 0), note text);
    create index orders_total on orders (total);
    create view large_orders as select id, total from orders where total > 1000;";

const ROWS: &str = "insert into customers (email) values ('a@example.org'), ('b@example.org');
    insert into orders (customer_id, total, note) values (1, 10, 'kept'), (2, 2000, null);";

/// A plain project of this shop.
fn shop(name: &str) -> (TempDir, Database) {
    (project(&[("migrations/001_shop.sql", SHOP)]), server(15).create_database(name))
}

fn run(folder: &TempDir, database: &Database, arguments: &[&str]) -> Run {
    let url = with_password(&database.url());
    trueup(folder.path(), &[arguments, &["--database-url", &url]].concat())
}

fn rows(database: &Database) -> String {
    database.value(
        "select string_agg(concat_ws(' ', id, customer_id, total::numeric(12, 2), note), ',' order by id) from orders",
    )
}

fn states(database: &Database) -> Vec<String> {
    database
        .rows("select concat_ws(' ', direction, title, state) from trueup.trueup_runs order by id")
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn what_is_pending_is_run_and_recorded_and_then_nothing_is() {
    let (folder, database) = shop("apply_pending");
    write(
        folder.path(),
        "migrations/002_note.sql",
        b"begin;\nalter table orders add column placed date;\ncommit;\n\
          create index concurrently orders_placed on orders (placed);\n",
    );
    run(&folder, &database, &["apply"]).exits(3).says(&[
        "to be applied in apply_pending: 2 migrations",
        "makes table public.orders",
        "makes index public.orders.orders_placed",
        "1 statement runs outside of a transaction",
        "nothing was done: nobody is there to be asked",
    ]);
    assert_eq!(database.value("select count(*) from pg_tables where schemaname = 'public'"), "0");
    run(&folder, &database, &["apply", "--to", "001_shop", "--yes"]).exits(0);
    assert_eq!(database.value("select string_agg(version, ',') from trueup_ledger"), "001_shop");
    database.run(ROWS);
    run(&folder, &database, &["apply", "--yes"])
        .exits(0)
        .says(&["002_note.sql:2: alter table orders", "applied: run 2"]);
    run(&folder, &database, &["apply", "--yes"]).exits(0).says(&["nothing to apply in apply_pending"]);
    run(&folder, &database, &["check", "--fail-on", "info"]).exits(0);
    assert_eq!(states(&database), ["apply 001_shop applied", "apply 002_note applied"]);
    let kept = read(&folder.path().join(".trueup/runs.jsonl"));
    assert_eq!(kept.lines().count(), 2, "{kept}");
    assert_eq!(read(&folder.path().join(".trueup/.gitignore")), "*\n");
}

/// Every tool's own table, made where it is missing.
#[test]
fn the_ledger_of_the_tool_at_hand_is_kept() {
    let goose = "-- +goose Up\ncreate table a (id integer);\n-- +goose Down\ndrop table a;\n";
    let dbmate = "-- migrate:up\ncreate table a (id integer);\n-- migrate:down\ndrop table a;\n";
    for (name, file, text, recorded) in [
        (
            "goose",
            "20250101000000_a.sql",
            goose,
            "select max(version_id)::text from goose_db_version where is_applied",
        ),
        ("dbmate", "20250101000000_a.sql", dbmate, "select max(version) from schema_migrations"),
        (
            "flyway",
            "V20250101000000__a.sql",
            "create table a (id integer);",
            "select max(version) from flyway_schema_history where success",
        ),
    ] {
        let folder = project(&[(&format!("db/migrations/{file}"), text)]);
        let database = server(15).create_database(&format!("apply_{name}"));
        run(&folder, &database, &["apply", "--framework", name, "--yes"]).exits(0);
        assert_eq!(database.value(recorded), "20250101000000", "{name}");
        run(&folder, &database, &["check", "--framework", name, "--fail-on", "info"]).exits(0);
        run(&folder, &database, &["apply", "--framework", name, "--yes"])
            .exits(0)
            .says(&["nothing to apply"]);
        if name != "flyway" {
            run(&folder, &database, &["undo", "--framework", name, "--yes"]).exits(0);
            assert_eq!(database.value("select to_regclass('a') is null"), "t", "{name}");
            run(&folder, &database, &["--framework", name]).exits(0).says(&["0 applied, 1 pending"]);
        }
    }
}

/// A tool that always makes its ledger has applied nothing where there is none, unless what its migrations make is there.
#[test]
fn a_second_project_of_a_database_begins_at_its_beginning() {
    let database = server(15).create_database("apply_second");
    let first = project(&[("db/migrations/00001_a.sql", "-- +goose Up\ncreate table a (id integer);\n")]);
    run(&first, &database, &["apply", "--yes"]).exits(0);
    let second =
        project(&[("db/1_b.up.sql", "create table b (id int);"), ("db/1_b.down.sql", "drop table b;")]);
    run(&second, &database, &["check"])
        .exits(2)
        .says(&[
            "no table schema_migrations, which golang-migrate makes before anything else",
            "every migration is pending",
            "the ledger of goose (public.goose_db_version), and is shared with another project",
        ])
        .does_not_say(&["missing-table", "--framework goose"]);
    run(&second, &database, &["apply", "--yes"]).exits(0);
    assert_eq!(database.value("select version from schema_migrations"), "1");
    // Somebody ran the file without the tool.
    let third = project(&[("db/V1__c.sql", "create table c (id integer);")]);
    database.run("create table c (id integer)");
    run(&third, &database, &["apply", "--yes", "--framework", "flyway"])
        .exits(0)
        .says(&["but public.c, as the migrations make it: every migration is taken as applied"]);
}

/// A tool sends such a file at once, so that it is one transaction; in one of its own, a new label may not be used.
#[test]
fn a_label_of_a_type_that_is_made_with_it_is_used_at_once() {
    let text = "-- migrate:up transaction:false\ncreate type mood as enum ('calm');\n\
                alter type mood add value 'new';\ncreate table a (m mood default 'new');\n\
                -- migrate:down transaction:false\ndrop table a;\ndrop type mood;\n";
    let folder = project(&[("db/migrations/20250101000000_a.sql", text)]);
    let database = server(17).create_database("apply_label");
    for shadow in ["embedded", &server(17).url("postgres")] {
        let shadow = ["--shadow", shadow];
        run(&folder, &database, &[&["apply", "--yes"][..], &shadow].concat()).exits(0);
        run(&folder, &database, &[&["check", "--fail-on", "info"][..], &shadow].concat()).exits(0);
        run(&folder, &database, &[&["undo", "--yes"][..], &shadow].concat()).exits(0);
    }
    // Before 17 the server allows it to nobody.
    let older = server(15).create_database("apply_label");
    run(&folder, &older, &["apply", "--yes"])
        .exits(1)
        .says(&["nothing was changed: db/migrations/20250101000000_a.sql:4", "unsafe use of new value"]);
}

/// Made-up rows that turn out to be in the way are taken out of a table wherever it is by then.
#[test]
fn a_table_is_renamed_before_rows_would_be_in_the_way() {
    let (folder, database) = shop("apply_renamed");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    write(folder.path(), "migrations/002_renamed.sql", b"alter table orders rename to purchases;");
    write(
        folder.path(),
        "migrations/003_paid.sql",
        b"alter table purchases add column paid boolean not null;",
    );
    run(&folder, &database, &["apply", "--yes"])
        .exits(0)
        .says(&["the rows that were made up are in the way", "applied"]);
    run(&folder, &database, &["check", "--fail-on", "info"]).exits(0);
}

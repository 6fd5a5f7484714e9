//! `trueup apply` and `trueup undo` as users meet them: what is run, what is refused, and what stays when something
//! goes wrong in the middle.

mod common;

use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{PASSWORD, Run, command, dump, project, read, trueup, with_password, write};
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

const DAMAGE: &str = "drop view large_orders; drop index orders_total;
    alter table orders drop constraint orders_total_check;
    alter table customers alter column email drop not null;
    alter table orders alter column total type numeric(14, 3);
    alter table orders rename column note to remark;";

#[test]
fn a_repair_is_applied_and_taken_back() {
    let (folder, database) = shop("apply_repair");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run(ROWS);
    let (healthy, before) = (dump(&database), rows(&database));
    database.run(DAMAGE);
    let broken = dump(&database);
    run(&folder, &database, &["repair", "--yes"]).exits(0).says(&["002_repair", ".proof.toml"]);
    run(&folder, &database, &["apply", "--yes"])
        .exits(0)
        .says(&["a proven repair", "create view public.large_orders"]);
    assert_eq!(dump(&database), healthy);
    assert_eq!(rows(&database), before);
    run(&folder, &database, &["check", "--fail-on", "info"]).exits(0);
    run(&folder, &database, &["repair"]).exits(0).says(&["nothing to do"]);
    run(&folder, &database, &["undo", "--yes"])
        .exits(0)
        .says(&["drops view public.large_orders", "taken back"]);
    assert_eq!(dump(&database), broken);
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    assert_eq!((dump(&database), rows(&database)), (healthy, before));
    // Somewhere else, where nothing was ever wrong, the same file changes nothing.
    let other = server(15).create_database("apply_repair_elsewhere");
    run(&folder, &other, &["apply", "--yes"]).exits(0);
    run(&folder, &other, &["check", "--fail-on", "info"]).exits(0);
}

/// An index that is built without locking anybody out is a migration of its own, and goes back with the rest.
#[test]
fn all_migrations_of_a_repair_are_taken_back_together() {
    let (folder, database) = shop("apply_parts");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run(
        "insert into customers (email) select n || '@example.org' from generate_series(1, 100) n;
         insert into orders (customer_id, total) select n % 100 + 1, n from generate_series(1, 200000) n; analyze;
         drop index orders_total; drop view large_orders",
    );
    let broken = dump(&database);
    run(&folder, &database, &["repair", "--yes"]).exits(0).says(&["runs outside of a transaction"]);
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    let runs = states(&database).len();
    assert!(runs > 2, "several migrations: {:?}", states(&database));
    run(&folder, &database, &["check"]).exits(0);
    run(&folder, &database, &["undo", "--yes"]).exits(0);
    assert_eq!(dump(&database), broken);
    assert_eq!(states(&database).iter().filter(|state| state.ends_with("undone")).count(), runs - 1);
    run(&folder, &database, &["--framework", "plain"]).exits(0).says(&["1 applied"]);
}

#[test]
fn nothing_is_lost_without_permission() {
    let (folder, database) = shop("apply_loss");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run(ROWS);
    database.run("create table scratch (id integer)");
    write(
        folder.path(),
        "migrations/002_smaller.sql",
        b"alter table orders drop column note; create table scratch_2 (id integer);",
    );
    run(&folder, &database, &["apply", "--yes"]).exits(3).says(&[
        "public.orders.note: 1 values of note would be lost",
        "not done without --allow drop:public.orders.note",
    ]);
    assert_eq!(rows(&database), "1 1 10.00 kept,2 2 2000.00");
    run(&folder, &database, &["apply", "--yes", "--allow", "drop:public.orders.noet"])
        .exits(1)
        .says(&["nothing is called public.orders.noet", "did you mean `public.orders.note`?"]);
    run(&folder, &database, &["apply", "--yes", "--allow", "drop:public.orders.note"])
        .exits(0)
        .says(&["backed up before, in", "backed up 2 rows in"]);
    assert_eq!(database.value("select count(*) from orders"), "2");
    // What is gone is in the backup. Undo says where that is, and restore what it takes.
    let said = run(&folder, &database, &["undo", "--yes"])
        .exits(3)
        .says(&["no way back", "what it lost is in its backup: trueup restore"]);
    let backups = folder.path().join(".trueup/backups");
    let backup =
        std::fs::read_dir(&backups).expect("a folder").next().expect("a backup").expect("an entry").path();
    let other = server(15).create_database("apply_loss_restored");
    let backup = backup.to_str().expect("UTF-8");
    assert!(said.stderr.split_whitespace().collect::<String>().contains(backup), "{}", said.stderr);
    run(&folder, &database, &["restore", backup, "--yes"]).exits(3).says(&[
        "public.orders has no column note to take the values of the backup",
        "make note again as",
        "restore into a database of their own: createdb NAME",
    ]);
    // It holds the one table that lost something.
    other.run(
        "create table customers (id bigserial primary key); insert into customers default values; \
               insert into customers default values",
    );
    run(&folder, &other, &["restore", backup, "--yes"]).exits(0);
    assert_eq!(rows(&other), "1 1 10.00 kept,2 2 2000.00");
    database.run("alter table orders add column note text");
    run(
        &folder,
        &database,
        &["restore", backup, "--only", "public.orders", "--replace=public.orders", "--yes"],
    )
    .exits(0);
    assert_eq!(rows(&database), "1 1 10.00 kept,2 2 2000.00");
    database.run("alter table orders drop column note");
    // What holds nothing can go.
    write(folder.path(), "migrations/003_drop.sql", b"drop table scratch_2;");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
}

/// Somebody meant it; how much it is has to be seen before.
#[test]
fn statements_that_change_rows_are_told_with_how_many() {
    let (folder, database) = shop("apply_rows");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run(ROWS);
    database.run(
        "insert into orders (customer_id, total, note) select 1, n, 'old' from generate_series(1, 90) n; analyze",
    );
    write(
        folder.path(),
        "migrations/002_rows.sql",
        b"update orders set note = upper(note) where note = 'old';\n\
          alter table orders add column extra integer;\nupdate orders set extra = 1;",
    );
    run(&folder, &database, &["apply"]).exits(3).says(&[
        "which rows of public.orders it changes (about 90, as PostgreSQL estimates): migrations/002_rows.sql:1",
        "which rows of public.orders it changes (it has up to about",
        "backed up before",
    ]);
    assert_eq!(database.value("select count(*) from orders where note = 'old'"), "90");
}

#[test]
fn taking_back_does_not_take_rows_that_came_since() {
    let folder =
        project(&[("db/1_a.up.sql", "create table a (id integer);"), ("db/1_a.down.sql", "drop table a;")]);
    let database = server(15).create_database("undo_rows");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run("insert into a values (1)");
    run(&folder, &database, &["undo", "--yes"])
        .exits(3)
        .says(&["1 rows would be lost", "--allow drop:public.a"]);
    assert_eq!(database.value("select count(*) from a"), "1");
    run(&folder, &database, &["undo", "--yes", "--allow", "drop:public.a"]).exits(0);
    run(&folder, &database, &["undo", "--yes"]).exits(0).says(&["nothing to take back"]);
}

/// An index that somebody made goes with the column that it is on.
#[test]
fn taking_back_does_not_take_what_somebody_made_without_permission() {
    let folder = project(&[
        ("db/1_a.up.sql", "create table a (id integer);"),
        ("db/1_a.down.sql", "drop table a;"),
        ("db/2_w.up.sql", "alter table a add column w integer; create index ours on a (w);"),
        ("db/2_w.down.sql", "alter table a drop column w;"),
    ]);
    let database = server(15).create_database("undo_others");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run("create index by_hand on a (w); alter table a add check (w > 0)");
    run(&folder, &database, &["undo", "--yes"]).exits(3).says(&[
        "drops column public.a.w",
        "drops index public.a.ours",
        "drops index public.a.by_hand",
        "no migration makes this index, and it goes too (not done without --allow drop:public.a.by_hand)",
        "--allow drop:public.a.a_w_check",
    ]);
    assert_eq!(database.value("select to_regclass('by_hand') is not null"), "t");
    let allowed = ["--allow", "drop:public.a.by_hand", "--allow", "drop:public.a.a_w_check"];
    run(&folder, &database, &[&["undo", "--yes"][..], &allowed].concat()).exits(0);
    assert_eq!(states(&database)[1], "apply 2_w undone");
}

/// What was pending before a repair took it as recorded is pending again.
#[test]
fn what_a_repair_has_recorded_is_taken_back_with_it() {
    let (folder, database) = shop("undo_recorded");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    write(
        folder.path(),
        "migrations/002_tax.sql",
        b"alter table orders add column tax numeric; create index orders_tax on orders (tax);",
    );
    database.run("alter table orders add column tax numeric");
    let broken = dump(&database);
    run(&folder, &database, &["repair", "--yes", "--record", "002_tax"]).exits(0);
    run(&folder, &database, &["apply", "--yes"]).exits(0).says(&["only recorded"]);
    run(&folder, &database, &["check"]).exits(0);
    run(&folder, &database, &["undo", "--yes"]).exits(0).says(&["2 runs"]);
    assert_eq!(dump(&database), broken);
    run(&folder, &database, &["--framework", "plain"]).exits(0).says(&["1 applied, 2 pending"]);
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    run(&folder, &database, &["check"]).exits(0);
}

#[test]
fn what_is_there_already_is_recorded_if_it_is_really_there() {
    let (folder, database) = shop("apply_record");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    write(
        folder.path(),
        "migrations/002_tax.sql",
        b"alter table orders add column tax numeric not null default 0;",
    );
    database.run("alter table orders add column tax numeric");
    run(&folder, &database, &["apply", "--yes"]).exits(3).says(&["already exists", "--record MIGRATION"]);
    run(&folder, &database, &["apply", "--yes", "--record", "002_tax"])
        .exits(3)
        .says(&["nullability of column public.orders.tax"]);
    database.run(
        "alter table orders alter column tax set default 0; alter table orders alter column tax set not null",
    );
    run(&folder, &database, &["apply", "--yes", "--record", "002_taxx"])
        .exits(1)
        .says(&["did you mean `002_tax`?"]);
    run(&folder, &database, &["apply", "--yes", "--record", "002_tax"]).exits(0).says(&["only recorded"]);
    run(&folder, &database, &["check", "--fail-on", "info"]).exits(0);
    run(&folder, &database, &["undo", "--yes"]).exits(3).says(&["no way back"]);
}

#[test]
fn what_was_changed_after_it_was_proven_is_not_run() {
    let (folder, database) = shop("apply_changed");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run("drop index orders_total");
    run(&folder, &database, &["repair", "--yes"]).exits(0);
    let file = folder.path().join("migrations/002_repair_apply_changed.sql");
    let text = read(&file);
    write(
        folder.path(),
        "migrations/002_repair_apply_changed.sql",
        format!("{text}\ndrop view large_orders;").as_bytes(),
    );
    run(&folder, &database, &["apply", "--yes"]).exits(3).says(&["was changed after it had been proven"]);
    // Only the ends of lines, as tools that keep versions change them.
    write(folder.path(), "migrations/002_repair_apply_changed.sql", text.replace('\n', "\r\n").as_bytes());
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    let proof = folder.path().join("migrations/002_repair_apply_changed.proof.toml");
    let other = server(15).create_database("apply_changed_lost");
    let kept = read(&proof);
    std::fs::remove_file(&proof).expect("removed");
    run(&folder, &other, &["apply", "--yes"]).exits(3).says(&[
        "migrations/002_repair_apply_changed.sql is a proven repair, and its proof is missing \
         (migrations/002_repair_apply_changed.proof.toml)",
        "make the repair again: trueup repair",
        "remove the line in the head of the file",
    ]);
    let own: String =
        text.lines().filter(|line| !line.contains("Proven: see")).flat_map(|line| [line, "\n"]).collect();
    write(folder.path(), "migrations/002_repair_apply_changed.sql", own.as_bytes());
    run(&folder, &other, &["apply", "--yes"]).exits(0).does_not_say(&["a proven repair"]);
    write(folder.path(), "migrations/002_repair_apply_changed.sql", text.as_bytes());
    write(folder.path(), "migrations/002_repair_apply_changed.proof.toml", kept.as_bytes());
    write(
        folder.path(),
        "migrations/002_repair_apply_changed.proof.toml",
        b"format = 'trueup.proof'\nversion = 9\n",
    );
    write(folder.path(), "migrations/003_more.sql", b"select 1;");
    run(&folder, &database, &["apply", "--yes"])
        .exits(1)
        .says(&["it is a proof of version 9", "make the repair again"]);
}

#[test]
fn what_cannot_be_run_here_is_refused_with_its_place() {
    let (folder, database) = shop("apply_unrunnable");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    for (text, said) in [
        ("create table b (id integer);\nrollback;", "002_b.sql:2: it ends a transaction"),
        (
            "create table b (id integer);\nsavepoint s;\ndrop table b;\nrollback to s;",
            "002_b.sql:2: it uses a savepoint outside of a transaction",
        ),
        ("select 1;\nset session authorization pg_monitor;", "002_b.sql:2: it goes on as another role"),
        ("alter system set work_mem = '1GB';", "it changes the server's configuration"),
        ("copy orders to '/tmp/x';", "002_b.sql:1: it copies"),
        ("create table orders (id integer);", "relation \"orders\" already exists"),
    ] {
        write(folder.path(), "migrations/002_b.sql", text.as_bytes());
        run(&folder, &database, &["apply", "--yes"]).exits(3).says(&[said]);
    }
    write(folder.path(), "migrations/002_b.sql", b"create table b (id integer);");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    write(folder.path(), "migrations/001_shop.sql", b"create table edited (id integer);");
    write(folder.path(), "migrations/003_c.sql", b"create table c (id integer);");
    run(&folder, &database, &["apply", "--yes"]).exits(0).says(&["note: edited-migration (001_shop)"]);
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

/// Waits until the server says so.
fn until(database: &Database, condition: &str) {
    let started = Instant::now();
    while database.value(condition) != "t" {
        let activity = || {
            database.rows(
                "select application_name, state, wait_event_type, wait_event, query from pg_stat_activity \
                 where datname = current_database()",
            )
        };
        assert!(started.elapsed() < Duration::from_secs(60), "never: {condition}\n{:#?}", activity());
        std::thread::yield_now();
    }
}

const HELD: &str = "select exists (select from pg_locks join pg_stat_activity using (pid) where granted \
                    and application_name = 'holder' and mode = 'ShareLock' \
                    and relation = 'orders'::regclass)";
const WAITING: &str = "select exists (select from pg_stat_activity where application_name = 'trueup' \
                       and datname = current_database() and wait_event_type = 'Lock')";

/// Holds a lock on the orders until it is ended.
fn hold(database: &Database) -> std::process::Child {
    let url = database.url();
    let mut holder = std::process::Command::new("psql");
    holder.args(["--no-psqlrc", "--quiet", &url]).env("PGAPPNAME", "holder");
    holder.args(["--command", "begin; lock table orders in share mode; select pg_sleep(120)"]);
    let holder = holder.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("psql");
    until(database, HELD);
    holder
}

fn let_go(database: &Database, mut holder: std::process::Child) {
    database.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'holder' \
         and datname = current_database()",
    );
    holder.wait().expect("the holder ends");
}

#[test]
fn a_lock_that_is_not_to_be_had_is_given_up_and_one_run_keeps_out_another() {
    let (folder, database) = shop("apply_locked");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run(ROWS);
    write(folder.path(), "migrations/002_b.sql", b"alter table orders add column b text;");
    let holder = hold(&database);
    let before = database.value("select count(*) from pg_attribute where attrelid = 'orders'::regclass");
    let limits = ["apply", "--yes", "--lock-timeout", "0.3", "--attempts", "2"];
    run(&folder, &database, &limits).exits(4).says(&[
        "a lock is not to be had",
        "nothing was changed",
        "holder",
    ]);
    assert_eq!(
        database.value("select count(*) from pg_attribute where attrelid = 'orders'::regclass"),
        before
    );
    // One waits for the lock; the other finds it at work.
    let url = database.url();
    let mut waiting = command(folder.path());
    waiting.args(["apply", "--yes", "--lock-timeout", "60", "--database-url", &url]);
    let waiting = waiting.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    until(&database, WAITING);
    run(&folder, &database, &["apply", "--yes"]).exits(4).says(&["another run is at work"]);
    let_go(&database, holder);
    assert!(waiting.wait_with_output().expect("an end").status.success());
    run(&folder, &database, &["check", "--fail-on", "info"]).exits(0);
    let mut holder = std::process::Command::new("psql");
    holder.args(["--no-psqlrc", "--quiet", &url]).env("PGAPPNAME", "holder");
    holder.args(["--command", "begin; lock table large_orders; lock table orders; select pg_sleep(120)"]);
    let holder = holder.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("psql");
    until(&database, &HELD.replace("ShareLock", "AccessExclusiveLock"));
    for command in ["check", "apply"] {
        run(&folder, &database, &[command]).exits(4).says(&["reading the database", "holder", "holds"]);
    }
    let_go(&database, holder);
    run(&folder, &database, &["apply", "--lock-timeout", "0"]).exits(1).says(&["0 is no time"]);
}

/// Killed while each of the statements waits: in a transaction nothing is done, outside of one the next run goes on.
#[test]
fn a_run_that_was_killed_is_finished_by_the_next_one() {
    for (index, text) in [
        "create table b (id integer);\nalter table orders add column b text;",
        "create table b (id integer);\ncreate index concurrently orders_b on orders (note);",
    ]
    .into_iter()
    .enumerate()
    {
        let (folder, database) = shop(&format!("apply_killed_{index}"));
        run(&folder, &database, &["apply", "--yes"]).exits(0);
        database.run(ROWS);
        write(folder.path(), "migrations/002_b.sql", text.as_bytes());
        let holder = hold(&database);
        let url = database.url();
        let mut killed = command(folder.path());
        killed.args(["apply", "--yes", "--lock-timeout", "60", "--database-url", &url]);
        let mut killed = killed.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program");
        until(&database, WAITING);
        killed.kill().expect("killed");
        killed.wait().expect("an end");
        let_go(&database, holder);
        until(
            &database,
            "select not exists (select from pg_stat_activity where application_name in ('trueup', 'trueup apply by somebody') \
             and datname = current_database())",
        );
        assert_eq!(
            database.value("select string_agg(version, ',') from trueup_ledger"),
            "001_shop",
            "{text}"
        );
        let there = database.value("select to_regclass('b') is not null");
        assert_eq!(there, if index == 0 { "f" } else { "t" }, "{text}");
        run(&folder, &database, &["apply", "--yes"]).exits(0);
        run(&folder, &database, &["check", "--fail-on", "info"]).exits(0);
        assert_eq!(database.value("select count(*) from orders"), "2");
    }
}

#[test]
fn no_password_is_kept_or_shown() {
    let (folder, database) = shop("apply_secret");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    let secret = format!("do $$ begin alter role nobody_of_that_name password '{PASSWORD}'; end $$;");
    write(folder.path(), "migrations/002_b.sql", secret.as_bytes());
    run(&folder, &database, &["apply", "--yes"]).exits(3);
    let broken = format!("alter role password '{PASSWORD}' '{PASSWORD}' nonsense;");
    write(folder.path(), "migrations/002_b.sql", broken.as_bytes());
    run(&folder, &database, &["apply", "--yes"]).exits(3);
    // Refused by the live server only, which repeats what it was given.
    write(
        folder.path(),
        "migrations/002_b.sql",
        format!(
            "do $$ begin if current_database() = 'apply_secret' then \
             raise exception 'no connection with password={PASSWORD}'; end if; end $$;"
        )
        .as_bytes(),
    );
    run(&folder, &database, &["apply", "--yes"]).exits(1);
    let kept = database.value("select string_agg(r::text, ' ') from trueup.trueup_runs r");
    assert!(kept.contains("failed") && !kept.contains(PASSWORD), "{kept}");
    let kept = read(&folder.path().join(".trueup/runs.jsonl"));
    assert!(kept.contains("failed") && !kept.contains(PASSWORD), "{kept}");
}

#[test]
fn a_run_that_is_interrupted_lets_go_at_once_and_says_how_it_ended() {
    let (folder, database) = shop("apply_interrupted");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    write(
        folder.path(),
        "migrations/002_b.sql",
        b"alter table orders add column b text;\n\
          select case current_database() when 'apply_interrupted' then pg_sleep(60) end;",
    );
    let url = database.url();
    let mut slow = command(folder.path());
    slow.args(["apply", "--yes", "--database-url", &url]);
    let slow = slow.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    until(
        &database,
        "select exists (select from pg_stat_activity where query like '%pg_sleep(60)%' and wait_event = 'PgSleep' \
         and datname = current_database() and application_name = 'trueup')",
    );
    let pid = slow.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
    let output = slow.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
    database.run("begin; lock table orders in access exclusive mode nowait; commit");
    assert_eq!(states(&database)[1], "apply 002_b failed");
}

/// The first run makes the journal, whoever does it; the owner of everything else has to get on with it.
#[test]
fn a_member_of_the_owner_does_not_keep_it_out_of_the_journal() {
    let (folder, database) = shop("apply_member");
    database.server().create_roles(&["apply_group", "apply_member_1"]);
    database.run(
        "alter role apply_group login; alter role apply_member_1 login; grant apply_group to apply_member_1;
         grant all on schema public to apply_group;
         grant create on database apply_member to apply_group, apply_member_1",
    );
    let apply = |role: &str, file: &str, text: &str| {
        write(folder.path(), &format!("migrations/{file}"), text.as_bytes());
        trueup(folder.path(), &["apply", "--yes", "--database-url", &database.url_as(role)])
    };
    apply("apply_group", "001_shop.sql", SHOP).exits(0);
    database.run("drop schema trueup cascade");
    apply("apply_member_1", "002_a.sql", "alter table orders add column a text").exits(0);
    apply("apply_group", "003_b.sql", "alter table orders add column b text").exits(0);
    // Others are told what they lack.
    database.run("revoke all on schema trueup from apply_group");
    apply("apply_group", "004_c.sql", "alter table orders add column c text")
        .exits(1)
        .says(&["reading the journal of runs", "grant usage on schema trueup to ROLE"]);
    database.run(
        "drop schema trueup cascade; create schema trueup; create table trueup.trueup_runs (number int)",
    );
    for command in ["apply", "undo"] {
        run(&folder, &database, &[command, "--yes"])
            .exits(1)
            .says(&["reading the journal of runs", "rename its schema, and a new journal is made"]);
    }
    database.run("alter schema trueup rename to another");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
}

/// It looks like a rename to whoever compares two schemas.
#[test]
fn what_is_dropped_and_made_again_is_lost_whatever_it_looks_like() {
    let (folder, database) = shop("apply_lookalike");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run(ROWS);
    for (text, object) in [
        (
            "alter table orders drop column note; alter table orders add column remark text;",
            "public.orders.note",
        ),
        (
            "alter table orders drop column note; alter table orders add column note text;",
            "public.orders.note",
        ),
        ("do $$ begin execute 'delete from ' || 'orders'; end $$;", "public.orders"),
    ] {
        write(folder.path(), "migrations/002_b.sql", text.as_bytes());
        run(&folder, &database, &["apply", "--yes"])
            .exits(3)
            .says(&[&format!("not done without --allow drop:{object}")]);
    }
    // Whoever counts does not see rows that a policy hides.
    database.run(
        "alter table orders enable row level security; alter table orders force row level security;
         create policy none on orders using (false); create role apply_owner login; grant all on schema public to apply_owner;
         grant create on database apply_lookalike to apply_owner;
         alter view large_orders owner to apply_owner; alter table orders owner to apply_owner;
         alter table customers owner to apply_owner; alter table trueup_ledger owner to apply_owner;
         alter schema trueup owner to apply_owner; alter table trueup.trueup_runs owner to apply_owner",
    );
    write(folder.path(), "migrations/002_b.sql", b"alter table orders drop column note;");
    let url = database.url_as("apply_owner");
    trueup(folder.path(), &["apply", "--yes", "--database-url", &url])
        .exits(3)
        .says(&["an unknown number of values of note would be lost"]);
    assert_eq!(rows(&database), "1 1 10.00 kept,2 2 2000.00");
}

//! Others at work, and runs that do not come to their end.

use std::process::Stdio;
use std::time::{Duration, Instant};

use trueup_testing::servers::Database;

use crate::common::{command, trueup, write};
use crate::{ROWS, SHOP, run, shop, states};

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

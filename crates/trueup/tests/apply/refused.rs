//! What is not run, and what is only recorded.

use trueup_testing::servers::server;

use crate::common::{PASSWORD, read, write};
use crate::{run, shop};

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

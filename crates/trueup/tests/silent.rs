//! Promise 1, as users meet it: the program itself says nothing about a healthy database, of whatever major, asked
//! for by a role that may do no more than connect.

mod common;

use common::{command, finish, project};
use serde_json::json;
use trueup_testing::fixture;
use trueup_testing::servers::{Database, MAJORS, own_server, pooler_of, server, standby_of};

/// The findings of all severities, and the shadow, through the shadow that the program chooses by itself.
fn findings(folder: &std::path::Path, database: &Database, role: &str) -> serde_json::Value {
    let mut command = command(folder);
    // Installed servers that it may choose: that of the same major.
    command.env("PATH", database.server().binaries());
    command.args(["check", "--history", "migrations", "--fail-on", "info", "--format", "json"]);
    let run = finish(command.args(["--database-url", &database.url_as(role)]));
    let report = run.json();
    assert_eq!(run.code, i32::from(report["findings"] != json!([])) * 2, "the exit code");
    report["findings"].clone()
}

#[test]
fn everything_at_once_on_every_major() {
    for &major in MAJORS {
        let database = fixture::every_kind_applied(&server(major), true);
        let folder = tempfile::tempdir().expect("a folder");
        for (name, sql) in fixture::every_kind(major, true) {
            common::write(folder.path(), &format!("migrations/{name}"), sql.as_bytes());
        }
        database.server().create_roles(&["looks_only"]);
        database.run("alter role looks_only login");
        assert_eq!(findings(folder.path(), &database, "looks_only"), json!([]), "on {major}");

        // With a ledger, which that role has to be allowed to read.
        database.run(
            "create table trueup_ledger (version text primary key, applied_at timestamptz not null default now())",
        );
        for (name, _) in fixture::every_kind(major, true) {
            let id = name.trim_end_matches(".sql");
            database.run(&format!("insert into trueup_ledger (version) values ('{id}')"));
        }
        database.run("grant select on trueup_ledger to looks_only");
        assert_eq!(findings(folder.path(), &database, "looks_only"), json!([]), "on {major} with a ledger");
    }
}

/// A server writes some expressions differently once it has read them from a dump.
#[test]
fn a_restored_database_is_as_good_as_the_one_that_was_dumped() {
    let history = "create table states (
            state varchar(20) not null default 'new' check (state in ('new', 'paid', 'it''s (over)')),
            kind varchar(5) check (kind in ('a', 'b') or kind is null), amount numeric check (amount > 0 and amount < 1e6));
        create index states_open on states (amount) where state in ('new', 'paid');
        create view open_states as select * from states where state in ('new', 'paid') and kind <> all (array['a', 'c']);
        create policy own on states using (state in ('new', 'paid'));";
    let dumped = server(15).create_database("dumped");
    dumped.run(history);
    let restored = server(15).create_database("restored");
    restored.psql(&dumped.dump_schema().must("pg_dump")).must("restoring");
    let folder = project(&[("migrations/001_states.sql", history)]);
    assert_eq!(findings(folder.path(), &dumped, "postgres"), json!([]));
    assert_eq!(findings(folder.path(), &restored, "postgres"), json!([]));
}

/// The smallest thing that somebody tries first.
#[test]
fn one_table_on_every_major() {
    for &major in MAJORS {
        let database = server(major).create_database("one_table");
        let sql = "create table x (a int);";
        database.run(sql);
        let folder = project(&[("migrations/001_x.sql", sql)]);
        assert_eq!(findings(folder.path(), &database, "postgres"), json!([]), "on {major}");
    }
}

const HISTORY: &str = "create table x (a int, b text default now()); create view y as select a from x;";

#[test]
fn a_standby_is_as_good_as_its_primary() {
    let primary = own_server(15);
    let database = primary.create_database("followed");
    database.run(HISTORY);
    let folder = project(&[("migrations/001_x.sql", HISTORY)]);
    let standby = standby_of(&primary);
    let check = |url: &str| {
        let mut command = command(folder.path());
        finish(command.args(["check", "--fail-on", "info", "--database-url", url]))
    };
    check(&standby.url(database.name())).exits(0).says(&["the database is a standby"]);
    database.run("alter table x drop column b");
    // What the primary did arrives in its own time.
    let begun = std::time::Instant::now();
    while check(&standby.url(database.name())).code == 0 {
        assert!(begun.elapsed() < std::time::Duration::from_secs(30), "the standby does not follow");
    }
    check(&standby.url(database.name())).exits(2).says(&["missing-column", "public.x.b"]);
}

/// Transactions of one connection may go to different ones of the server, which others use as well.
#[test]
fn a_pooler_between_changes_nothing() {
    let server = server(15);
    let database = server.create_database("pooled");
    database.run(HISTORY);
    let folder = project(&[("migrations/001_x.sql", HISTORY)]);
    let pooler = pooler_of(&server);
    let url = pooler.url(&database);
    for _ in 0..3 {
        let mut command = command(folder.path());
        finish(command.args(["check", "--fail-on", "info", "--database-url", &url])).exits(0);
    }
    // Nothing stays behind on a connection that the next one gets.
    let settings = "select current_setting('search_path'), current_setting('timezone'), \
        current_setting('transaction_read_only'), current_setting('default_transaction_read_only')";
    let row = || {
        let output = std::process::Command::new("psql")
            .args(["--no-psqlrc", "--tuples-only", "--no-align", "--command", settings, &url])
            .output()
            .expect("starting psql");
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    };
    assert_eq!(
        (row(), row()),
        ("\"$user\", public|UTC|off|off".into(), "\"$user\", public|UTC|off|off".into())
    );
}

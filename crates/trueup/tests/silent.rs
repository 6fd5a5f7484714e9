//! Promise 1, as users meet it: the program itself says nothing about a healthy database, of whatever major, asked
//! for by a role that may do no more than connect.

mod common;

use common::{command, finish, project};
use serde_json::json;
use trueup_testing::fixture;
use trueup_testing::servers::{Database, MAJORS, server};

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

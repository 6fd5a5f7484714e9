//! Which scratch server a history is replayed on, and what is said about what could not be replayed.

mod common;

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Run, command, finish};
use serde_json::Value;
use tempfile::TempDir;
use trueup_testing::fixture;
use trueup_testing::servers::{Database, server};

/// Newer than what the embedded server is, where the history uses what it lacks.
const MAJOR: u32 = 17;

/// A history that uses every kind of object, and a database that has it.
fn everything() -> (TempDir, Database) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, sql) in fixture::every_kind(MAJOR, true) {
        common::write(folder.path(), &format!("migrations/{name}"), sql.as_bytes());
    }
    (folder, fixture::every_kind_applied(&server(MAJOR), true))
}

fn check(folder: &Path, database: &Database, path: &Path, shadow: &str, format: &str) -> Run {
    let mut command = command(folder);
    command.env("PATH", path);
    command.args(["check", "--history", "migrations", "--format", format, "--shadow", shadow]);
    finish(command.args(["--database-url", &database.url()]))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn what_the_embedded_server_lacks_is_replayed_on_an_installed_one() {
    let (folder, database) = everything();
    let run = check(folder.path(), &database, &server(MAJOR).binaries(), "auto", "json").exits(0);
    let report = run.json();
    assert_eq!(text(&report["shadow"], "kind"), "local");
    assert!(text(&report["shadow"], "server_version").starts_with("17."), "{}", report["shadow"]);
    assert_eq!(report["findings"], serde_json::json!([]));
    check(folder.path(), &database, &server(MAJOR).binaries(), "auto", "text")
        .exits(0)
        .says(&["the history is replayed on PostgreSQL 17", "because the embedded one lacks ICU collations"]);
}

#[test]
fn what_no_server_at_hand_can_replay_is_named_and_held_against_nobody() {
    let (folder, database) = everything();
    let nowhere = tempfile::tempdir().expect("a folder");
    let report = check(folder.path(), &database, nowhere.path(), "embedded", "json").exits(2).json();
    let findings = report["findings"].as_array().expect("a list");
    assert!(findings.iter().all(|finding| finding["code"] == "not-checked"), "{findings:#?}");
    let of = |severity: &str| {
        let mut places: Vec<String> = findings
            .iter()
            .filter(|finding| finding["severity"] == severity)
            .map(|finding| format!("{}:{}", text(&finding["origin"], "file"), finding["origin"]["line"]))
            .collect();
        places.sort();
        places
    };
    assert_eq!(
        of("warning"),
        [
            "migrations/032_subscriptions.sql:4",
            "migrations/033_icu_collations.sql:4",
            "migrations/033_icu_collations.sql:5",
            "migrations/035_conversions.sql:4",
            "migrations/035_conversions.sql:7",
            "migrations/035_conversions.sql:8",
        ]
    );
    // These only need what those would have made.
    assert_eq!(
        of("info"),
        [
            "migrations/032_subscriptions.sql:8",
            "migrations/033_icu_collations.sql:6",
            "migrations/035_conversions.sql:5",
            "migrations/035_conversions.sql:6",
        ]
    );
}

/// Ctrl-C in the middle of a replay leaves nothing on somebody else's server.
#[test]
#[cfg(unix)]
fn an_interrupted_run_takes_its_scratch_database_along() {
    let server = server(15);
    let database = server.create_database("interrupted");
    let sql = "create table a (id integer);";
    database.run(sql);
    let folder = common::project(&[
        ("migrations/001_a.sql", sql),
        ("migrations/002_wait.sql", "select pg_sleep(50), 'a replay to be interrupted';"),
    ]);
    let mut command = command(folder.path());
    command.args(["check", "--history", "migrations", "--shadow", &server.url("postgres")]);
    command.args(["--database-url", &database.url()]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("starting the program");
    let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%a replay to be interrupted%' AND \
        datname LIKE 'trueup_shadow%'";
    let begun = Instant::now();
    while database.value(sleeps) == "0" {
        assert!(begun.elapsed() < Duration::from_secs(30), "the replay does not begin");
        assert_eq!(child.try_wait().expect("a process"), None, "the program ended too early");
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
    assert_eq!(child.wait().expect("an end").code(), Some(130));
    let left = "SELECT count(*) FROM pg_database WHERE datname LIKE 'trueup_shadow%'";
    assert_eq!(database.value(left), "0");
}

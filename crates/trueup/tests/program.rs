//! The program as a whole: help, exit codes, formats, and what it does when nobody reads.

mod common;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{command, project, trueup};
use tempfile::TempDir;
use trueup_testing::servers::{self, Database};

const FILES: &[(&str, &str)] = &[
    ("db/migrations/20250101000000_a.sql", "-- migrate:up\ncreate table a (id integer primary key);\n"),
    ("db/migrations/20250102000000_b.sql", "-- migrate:up\ncreate table b (id integer primary key);\n"),
];

const LEDGER: &str = "create table schema_migrations (version varchar(128) primary key);
insert into schema_migrations values ('20250101000000'), ('20250102000000');";

const FORMATS: &[&str] = &["text", "json", "sarif", "junit", "github", "gitlab", "markdown", "html"];

/// A project and a database that is as its history says, and then this.
fn shop(name: &str, damage: &str) -> (TempDir, Database) {
    let database = servers::server(15).create_database(name);
    database.run("create table a (id integer primary key); create table b (id integer primary key);");
    database.run(LEDGER);
    database.run(damage);
    (project(FILES), database)
}

#[test]
fn help_lists_what_scripts_rely_on() {
    let folder = project(&[]);
    let help = trueup(folder.path(), &["--help"]).exits(0);
    help.says(&[
        "check",
        "demo",
        "Exit codes:",
        "0 nothing found, or done",
        "1 failed: usage, configuration or surroundings",
        "2 findings at or above --fail-on",
        "3 refused as unsafe or unproven",
        "4 could not get a lock in time: try again",
        "130 interrupted",
    ]);
    let help = trueup(folder.path(), &["check", "--help"]).exits(0);
    help.says(&["text, json, sarif, junit, github, gitlab, markdown or html", "--fail-on", "--output"]);
}

#[test]
fn version_is_one_line() {
    let folder = project(&[]);
    let run = trueup(folder.path(), &["--version"]).exits(0);
    assert_eq!(run.stdout, concat!("trueup ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn wrong_arguments_are_failures_with_a_suggestion() {
    let folder = project(&[]);
    trueup(folder.path(), &["chekc"]).exits(1).says(&["chekc", "check"]);
    trueup(folder.path(), &["check", "--fail-no", "error"]).exits(1).says(&["--fail-no", "--fail-on"]);
    trueup(folder.path(), &["check", "--fail-on", "eror"])
        .exits(1)
        .says(&["`eror`", "did you mean `error`?"]);
}

/// The first line is `label value`.
fn labels(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.split_whitespace().next()).collect()
}

#[test]
fn without_a_command_it_says_in_five_lines_where_the_project_stands() {
    let (folder, database) = shop("standing", "");
    // Nobody has replayed this history before: the name of the table is this test's own.
    let own = format!("-- migrate:up\ncreate table c_{} (id integer);\n", std::process::id());
    common::write(folder.path(), "db/migrations/20250103000000_c.sql", own.as_bytes());
    database.run(&own);
    database.run("insert into schema_migrations values ('20250103000000')");
    let url = database.url();
    let look = |folder: &Path| trueup(folder, &["--database-url", &url]).exits(0);

    let unknown = look(folder.path()).says(&[
        "3 migrations in db/migrations (dbmate)",
        "schema_migrations: 3 applied, 0 pending",
        "not compared since the history changed",
        "next trueup check",
    ]);
    assert_eq!(labels(&unknown.stdout), ["history", "database", "ledger", "schema", "next"]);

    trueup(folder.path(), &["check", "--database-url", &url]).exits(0);
    let healthy = look(folder.path()).says(&["what the history says it is", "nothing to do"]);
    assert_eq!(labels(&healthy.stdout).len(), 5);

    database.run("alter table a add column note text");
    let drifted = look(folder.path()).says(&["1 finding", "trueup check"]);
    assert_eq!(labels(&drifted.stdout).len(), 5);
}

/// What `check` finds and no difference of the schemas shows.
#[test]
fn without_a_command_it_knows_what_check_knows() {
    let (folder, database) = shop("standing_and_faults", "");
    let url = database.url();
    let check = |code: i32| trueup(folder.path(), &["check", "--database-url", &url]).exits(code);
    let look = || trueup(folder.path(), &["--database-url", &url]).exits(0);

    common::write(
        folder.path(),
        "db/migrations/20250103000000_c.sql",
        b"-- migrate:up\ncreate table c (id integer);\n",
    );
    look().says(&["1 pending"]);
    check(0);
    look().says(&["what the history says it is", "apply what is pending: trueup apply"]);

    database.run("insert into schema_migrations values ('20250103000000'); create table c (id integer)");
    common::write(
        folder.path(),
        "db/migrations/20250103000000_c.sql",
        b"-- migrate:up\ncreate table c (id integer);\nselect 1 / 0;\n",
    );
    check(2).says(&["division by zero"]);
    look().says(&["1 finding", "trueup check"]).does_not_say(&["nothing to do"]);

    database.run("insert into schema_migrations values ('20250109000000')");
    check(2).says(&["phantom-migration"]);
    look().says(&["1 problem", "2 findings"]);
}

/// Nothing that was typed is passed over.
#[test]
fn the_demo_takes_no_database() {
    let folder = project(&[]);
    trueup(folder.path(), &["demo", "--database-url", "postgresql://localhost/shop"])
        .exits(1)
        .says(&["--database-url says nothing to the demo", "trueup check --database-url"]);
}

/// A row of the ledger is lost: what was applied after it needs what it made.
#[test]
fn a_gap_in_the_ledger_is_named() {
    let database = servers::server(15).create_database("gap");
    let folder = project(&[
        ("migrations/00001_a.sql", "-- +goose Up\ncreate table a (id integer primary key);\n"),
        ("migrations/00002_b.sql", "-- +goose Up\ncreate table b (id integer primary key);\n"),
        ("migrations/00003_c.sql", "-- +goose Up\nalter table b add column note text;\n"),
    ]);
    database.run(
        "create table goose_db_version (id integer primary key generated by default as identity, version_id bigint \
         not null, is_applied boolean not null, tstamp timestamp not null default now()); \
         insert into goose_db_version (version_id, is_applied) values (0, true), (1, true), (3, true); \
         create table a (id integer primary key); create table b (id integer primary key, note text);",
    );
    let report = trueup(
        folder.path(),
        &["check", "--format", "json", "--framework", "goose", "--database-url", &database.url()],
    )
    .exits(2)
    .json();
    let findings = report["findings"].as_array().expect("a list");
    let said = |code: &str, severity: &str| {
        findings.iter().any(|finding| finding["code"] == code && finding["severity"] == severity)
    };
    assert!(said("unrecorded-migration", "error"), "{findings:#?}");
    assert!(!said("failed-statement", "error"), "{findings:#?}");
    let gap = findings.iter().find(|finding| finding["code"] == "failed-statement").expect("the statement");
    assert_eq!(gap["hint"], "it needs 00002_b, which is not recorded as applied");
}

#[test]
fn exit_codes_follow_fail_on() {
    for (name, damage, codes) in [
        ("exit_none", "", [0, 0, 0, 0]),
        ("exit_info", "comment on table a is 'ours'", [2, 0, 0, 0]),
        ("exit_warning", "create table more (id integer)", [2, 2, 0, 0]),
        ("exit_error", "drop table b", [2, 2, 2, 0]),
    ] {
        let (folder, database) = shop(name, damage);
        for (severity, code) in ["info", "warning", "error", "never"].iter().zip(codes) {
            trueup(folder.path(), &["check", "--database-url", &database.url(), "--fail-on", severity])
                .exits(code);
        }
        let usual = trueup(folder.path(), &["check", "--database-url", &database.url()]);
        usual.exits(codes[1]);
    }
}

#[test]
fn every_format_can_be_read_by_those_it_is_for() {
    let (folder, database) = shop("formats", "drop table b; alter table a add column \"<&>\"\"'\" text");
    for format in FORMATS {
        let run =
            trueup(folder.path(), &["check", "--database-url", &database.url(), "--format", format]).exits(2);
        let only_notes = run.stderr.lines().all(|line| line.starts_with("note: "));
        assert!(only_notes, "{format}: {}", run.stderr);
        match *format {
            "json" => {
                let json = run.json();
                assert_eq!(
                    (json["format"].as_str(), json["version"].as_u64()),
                    (Some("trueup.check"), Some(1))
                );
                assert_eq!(json["findings"].as_array().map(Vec::len), Some(2));
            }
            "sarif" => {
                let json = run.json();
                assert_eq!(json["version"], "2.1.0");
                assert_eq!(json["runs"][0]["results"].as_array().map(Vec::len), Some(2));
            }
            "gitlab" => assert_eq!(run.json().as_array().map(Vec::len), Some(2)),
            "junit" => {
                let document = roxmltree::Document::parse(&run.stdout).expect("XML");
                let failures = document.descendants().filter(|node| node.has_tag_name("failure"));
                assert_eq!(failures.count(), 2, "{}", run.stdout);
            }
            "github" => assert_eq!(
                run.stdout
                    .lines()
                    .filter(|line| line.starts_with("::error ") || line.starts_with("::warning "))
                    .count(),
                2,
                "{}",
                run.stdout
            ),
            "markdown" => assert!(run.stdout.contains("`missing-table`"), "{}", run.stdout),
            "html" => assert!(
                run.stdout.trim_start().starts_with("<!") && run.stdout.trim_end().ends_with("</html>"),
                "{}",
                run.stdout
            ),
            "text" => assert!(run.stdout.contains("error[missing-table] public.b"), "{}", run.stdout),
            other => panic!("no reader for {other}"),
        }
    }
}

#[test]
fn a_report_goes_to_a_file_as_a_whole() {
    let (folder, database) = shop("output", "drop table b");
    let arguments =
        ["check", "--database-url", &database.url(), "--format", "json", "--output", "report.json"];
    let run = trueup(folder.path(), &arguments).exits(2).says(&["wrote report.json"]);
    assert_eq!(run.stdout, "");
    let text = common::read(&folder.path().join("report.json"));
    serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
}

#[test]
fn the_demo_shows_enough_in_ten_seconds() {
    let folder = project(&[]);
    let start = Instant::now();
    let run = trueup(folder.path(), &["demo", "--format", "json"]).exits(0);
    let took = start.elapsed();
    let json = run.json();
    let count = |name: &str| json[name].as_array().map_or(0, Vec::len);
    assert!(count("findings") >= 10 && count("diagnoses") >= 3, "{}", run.stdout);
    assert!(took < Duration::from_secs(10), "took {took:?}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "it wrote files");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    // More than a pipe holds, so that the writing meets the closed end.
    let tables: String =
        (0..400).map(|number| format!("create table more_{number} (id integer);\n")).collect();
    let (folder, database) = shop("pipe", &tables);
    for closing_at_once in [false, true] {
        let mut child = command(folder.path())
            .args(["check", "--verbose", "--database-url", &database.url()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starting the program");
        let mut pipe = BufReader::new(child.stdout.take().expect("a pipe"));
        if !closing_at_once {
            let mut line = String::new();
            pipe.read_line(&mut line).expect("a line");
            assert!(line.starts_with("database "), "{line}");
        }
        drop(pipe);
        let output = child.wait_with_output().expect("an end");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(2));
    }
}

/// Tools put tables where their configuration says.
#[test]
fn the_schema_that_a_tool_is_configured_for_is_where_tables_are_expected() {
    let database = servers::server(15).create_database("configured_schema");
    let prisma = project(&[
        (
            "prisma/schema.prisma",
            "datasource db {\n  provider = \"postgresql\"\n  url = env(\"SHOP_URL\")\n}\n",
        ),
        ("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n"),
        ("prisma/migrations/20250101000000_a/migration.sql", "create table a (id integer primary key);"),
    ]);
    database.run("create schema shop; set search_path = shop; create table a (id integer primary key);");
    let url = |schema: &str| format!("{}?schema={schema}", database.url());
    trueup(prisma.path(), &["check", "--database-url", &url("shop")]).exits(0);
    trueup(prisma.path(), &["check", "--database-url", &url("public")]).exits(2).says(&["public.a"]);
}

/// The first schema of the path was made by hand; the second is always there.
#[test]
fn a_search_path_of_several_schemas_is_followed() {
    let database = servers::server(15).create_database("search_path");
    let folder = project(&[("migrations/0001_a.sql", "create table a (id integer primary key);")]);
    database.run("create schema shop; set search_path = shop; create table a (id integer primary key);");
    let check = |path: &str| {
        let url = format!("{}?search_path={path}", database.url());
        trueup(folder.path(), &["check", "--fail-on", "info", "--database-url", &url])
    };
    check("shop,public").exits(0);
    check("absent,shop,public").exits(0);
    check("public,shop").exits(2).says(&["public.a"]);
}

/// The database says with which tool it was migrated.
#[test]
fn the_ledger_of_another_tool_is_pointed_at() {
    let database = servers::server(15).create_database("other_ledger");
    let folder = project(&[("migrations/0001_a.sql", "create table a (id integer primary key);")]);
    database.run(
        "create table a (id integer primary key); create table _sqlx_migrations (version bigint primary key, \
         description text not null, installed_on timestamptz not null default now(), success boolean not null, \
         checksum bytea not null, execution_time bigint not null)",
    );
    trueup(folder.path(), &["check", "--database-url", &database.url()])
        .exits(0)
        .says(&["the database has the ledger of sqlx (public._sqlx_migrations)", "--framework sqlx"]);
    trueup(folder.path(), &["--database-url", &database.url()])
        .exits(0)
        .says(&["none: there is that of sqlx (public._sqlx_migrations)"]);
}

/// What a format has no place for is said beside it.
#[test]
fn notes_are_said_whatever_the_format() {
    let (folder, database) = shop("notes", "drop table schema_migrations");
    let url = database.url();
    for format in FORMATS {
        let run = trueup(folder.path(), &["check", "--format", format, "--database-url", &url]).exits(0);
        let all = format!("{}{}", run.stdout, run.stderr).replace(['\n', ' '], "");
        assert!(all.contains("everymigrationistakenasapplied"), "{format}:\n{}{}", run.stdout, run.stderr);
    }
}

/// Whoever has to decide about a table that no migration has made is told what is in it.
#[test]
fn rows_of_what_nobody_recorded_are_counted() {
    let (folder, database) = shop(
        "program_rows",
        "delete from schema_migrations where version = '20250102000000'; insert into b values (1), (2);
         create table large (id integer); insert into large select generate_series(1, 40000); analyze large;
         create table secret (id integer); create table empty (id integer);
         create table unknown (id integer); insert into unknown select generate_series(1, 1002);
         create table guarded (id integer); insert into guarded values (1); alter table guarded enable row level security;
         create table parts (id integer) partition by range (id);
         create table parts_one partition of parts for values from (0) to (100000);
         insert into parts select generate_series(1, 30000); analyze parts;
         create role looks login; alter table secret owner to looks;
         create role checks login; grant select on b, large, empty, unknown, guarded, parts, schema_migrations to checks",
    );
    let url = database.url().replace("postgres@", "checks@");
    trueup(folder.path(), &["check", "--verbose", "--database-url", &url])
        .exits(2)
        .says(&["public.b holds 2 rows", "it holds about 40000 rows", "it holds no rows"])
        .says(&["it holds more than 1000 rows", "it holds about 30000 rows"])
        .does_not_say(&["public.a holds"]);
    // Rows that a policy hides are no reason to call a table empty.
    let said = trueup(folder.path(), &["check", "--format", "json", "--database-url", &url]);
    assert_eq!(said.stdout.matches("it holds no rows").count(), 1, "{}", said.stdout);
    // What may not be read is found all the same.
    trueup(folder.path(), &["check", "--format", "json", "--database-url", &url]).says(&["\"secret\""]);
}

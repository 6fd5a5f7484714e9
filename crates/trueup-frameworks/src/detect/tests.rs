//! Which framework is seen where.

use super::*;
use crate::testing::project;

const GOOSE: &str = "-- +goose Up\nSELECT 1;\n";
const DBMATE: &str = "-- migrate:up\nSELECT 1;\n-- migrate:down\n";

fn frameworks(files: &[(&str, &str)]) -> Vec<String> {
    let project = project(files);
    detect(&project.root)
        .iter()
        .map(|detected| format!("{} {}", detected.framework, folder::shown(&project.root, &detected.folder)))
        .collect()
}

fn message(files: &[(&str, &str)], folder: &str, wanted: Option<&str>) -> String {
    let project = project(files);
    let error = detect_in(&project.root.join(folder), wanted).expect_err("nothing that can be read");
    error.to_string().replace(project.root.as_str(), "ROOT")
}

#[test]
fn each_tool_is_known_by_its_files() {
    for (files, expected) in [
        (vec![("migrations/1_a.sql", GOOSE)], "goose migrations"),
        (vec![("db/migrations/1_a.sql", DBMATE)], "dbmate db/migrations"),
        (vec![("migrations/1_a.up.sql", "")], "golang-migrate migrations"),
        (vec![("migrations/1_a.sql", "")], "plain migrations"),
        (vec![("1_a.sql", "")], "plain ."),
        (vec![("migrations/1_a/up.sql", "")], "diesel migrations"),
        (vec![("prisma/migrations/1_a/migration.sql", "")], "prisma prisma/migrations"),
        (vec![("sql/V1__a.sql", "")], "flyway sql"),
        (vec![("backend/api/migrations/1_a.sql", GOOSE)], "goose backend/api/migrations"),
        (
            vec![("Cargo.toml", "[dependencies]\nsqlx = \"0.8\""), ("migrations/1_a.sql", "")],
            "sqlx migrations",
        ),
        (
            vec![("Cargo.toml", "[dependencies]\nsqlx = \"0.8\""), ("migrations/1_a.up.sql", "")],
            "sqlx migrations",
        ),
        (
            vec![("Cargo.toml", "[dependencies]\nrefinery = \"0.9\""), ("migrations/V1__a.sql", "")],
            "refinery migrations",
        ),
        (
            vec![("node_modules/x/migrations/1_a.sql", GOOSE), ("migrations/2_b.sql", GOOSE)],
            "goose migrations",
        ),
    ] {
        assert_eq!(frameworks(&files), [expected], "{files:?}");
    }
}

#[test]
fn folders_without_an_order_are_no_history() {
    assert_eq!(frameworks(&[("sql/users.sql", "SELECT 1;"), ("src/main.rs", "")]), [""; 0]);
}

#[test]
fn the_surest_comes_first() {
    let found = frameworks(&[
        ("flyway.conf", "flyway.locations=filesystem:scripts\n"),
        ("scripts/V1__a.sql", "SELECT 1;"),
        ("db/1_a.sql", "SELECT 1;"),
        ("migrations/1_a.sql", GOOSE),
    ]);
    assert_eq!(found, ["flyway scripts", "goose migrations", "plain db"]);
}

#[test]
fn a_named_folder_is_taken_at_its_word() {
    let project =
        project(&[("Cargo.toml", ""), ("scripts/users.sql", "SELECT 1;"), ("db/V1__a.sql", "SELECT 1;")]);
    let detected = detect_in(&project.root.join("scripts"), None).expect("SQL files");
    assert_eq!((detected.framework, &detected.root), ("plain", &project.root));
    let detected = detect_in(&project.root.join("db/../db"), None).expect("Flyway");
    assert_eq!((detected.framework, &detected.folder), ("flyway", &project.root.join("db")));
    let detected = detect_in(&project.root.join("db"), Some("refinery")).expect("by decree");
    assert_eq!(detected.framework, "refinery");
}

#[test]
fn mistakes_are_answered_with_what_to_do() {
    let files = [
        ("db/V1__a.sql", "SELECT 1;"),
        ("empty/.keep", ""),
        ("both/1_a.sql", GOOSE),
        ("both/2_b.sql", DBMATE),
    ];
    for (folder, wanted, expected) in [
        (
            "db",
            Some("flywya"),
            "choosing the framework: \"flywya\" is unknown, did you mean \"flyway\"?; known are django, flyway, golang-migrate, dbmate, goose, sqlx, diesel, refinery, prisma, plain",
        ),
        (
            "db",
            Some("migrate"),
            "choosing the framework: \"migrate\" is unknown, did you mean \"golang-migrate\"?; known are django, flyway, golang-migrate, dbmate, goose, sqlx, diesel, refinery, prisma, plain",
        ),
        (
            "db",
            Some("zzz"),
            "choosing the framework: \"zzz\" is unknown; known are django, flyway, golang-migrate, dbmate, goose, sqlx, diesel, refinery, prisma, plain",
        ),
        (
            "none",
            None,
            "reading the history: there is no folder ROOT/none; check the path given with --history",
        ),
        (
            "db/V1__a.sql",
            None,
            "reading the history: ROOT/db/V1__a.sql is a file, not a folder; give the folder that holds the migrations, such as ROOT/db",
        ),
        (
            "empty",
            None,
            "reading the history: ROOT/empty holds no migration; give the folder that holds the SQL files with --history",
        ),
        (
            "empty",
            Some("goose"),
            "reading the history: ROOT/empty holds no migration; give the folder that holds the SQL files with --history",
        ),
        (
            "db",
            Some("prisma"),
            "reading the history: ROOT/db holds no migration of prisma; leave --framework out to have it detected",
        ),
        (
            "both",
            None,
            "reading the history: ROOT/both could belong to dbmate or goose; choose with --framework dbmate or --framework goose",
        ),
    ] {
        assert_eq!(message(&files, folder, wanted), expected, "{folder} {wanted:?}");
    }
}

#[test]
fn names_of_frameworks_are_taken_in_any_case() {
    let project = project(&[("db/1_a.up.sql", "SELECT 1;")]);
    let detected = detect_in(&project.root.join("db"), Some("Golang_Migrate")).expect("known");
    assert_eq!(detected.framework, "golang-migrate");
}

fn named(files: &[(&str, &str)], wanted: &str) -> Vec<String> {
    let project = project(files);
    let found = detect_named(&project.root, wanted).expect("a known framework");
    found.iter().map(|detected| folder::shown(&project.root, &detected.folder)).collect()
}

#[test]
fn a_named_framework_is_believed_wherever_its_tool_finds_anything_to_read() {
    let plain = [("migrations/20240101_m1.sql", "SELECT 1;")];
    assert_eq!(named(&plain, "sqlx"), ["migrations"]);
    assert_eq!(named(&plain, "Plain"), ["migrations"]);
    assert_eq!(named(&plain, "flyway"), [""; 0]);
    let versioned = [("db/migrations/V1__m1.sql", "SELECT 1;"), ("db/notes.sql", "SELECT 1;")];
    assert_eq!(named(&versioned, "refinery"), ["db/migrations"]);
    assert_eq!(named(&[("1_m1.sql", "SELECT 1;"), ("src/a.sql", "")], "sqlx"), ["."]);
    // Its own mark goes before what it could read as well.
    let both = [("migrations/1_a.sql", "SELECT 1;"), ("sql/1_a.sql", GOOSE)];
    assert_eq!(named(&both, "goose"), ["sql"]);
    assert_eq!(named(&both, "plain"), ["migrations"]);
    assert!(detect_named(&project(&plain).root, "sqlxx").is_err());
}

#[test]
fn a_history_that_is_as_likely_is_a_rival() {
    let one = ("svc_a/migrations/1_a.sql", GOOSE);
    for (files, expected) in [
        (vec![one], ""),
        (vec![one, ("svc_b/migrations/1_a.sql", GOOSE)], "svc_b/migrations"),
        (vec![one, ("svc_b/migrations/1_a.sql", DBMATE)], "svc_b/migrations"),
        // Less sure.
        (vec![one, ("sql/1_a.sql", "SELECT 1;")], ""),
        // Not the one that the project runs on.
        (vec![one, ("svc_a/testdata/migrations/1_a.sql", GOOSE)], ""),
        (
            vec![("a/tests/migrations/1_a.sql", GOOSE), ("b/tests/migrations/1_a.sql", GOOSE)],
            "b/tests/migrations",
        ),
        (
            vec![
                ("src/main/resources/db/migration/V1__a.sql", "SELECT 1;"),
                ("src/test/resources/db/migration/V1__a.sql", "SELECT 1;"),
            ],
            "",
        ),
        // Flyway reads what lies below, goose does not.
        (vec![("sql/V1__a.sql", "SELECT 1;"), ("sql/migrations/V2__b.sql", "SELECT 1;")], ""),
        (vec![("sql/1_a.sql", GOOSE), ("sql/migrations/2_b.sql", GOOSE)], "sql/migrations"),
    ] {
        let project = project(&files);
        let found = detect(&project.root);
        let rival = rival(&found).map(|rival| folder::shown(&project.root, &rival.folder));
        assert_eq!(rival.unwrap_or_default(), expected, "{files:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_a_history_is_no_rival_of_it() {
    let project = project(&[("db/migrations/1_a.sql", GOOSE)]);
    std::os::unix::fs::symlink(project.root.join("db/migrations"), project.root.join("migrations"))
        .expect("a link");
    let found = detect(&project.root);
    assert_eq!((found.len(), rival(&found)), (2, None));
}

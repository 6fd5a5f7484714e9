//! Flyway: histories and ledgers in small projects.

use trueup_model::history::{MigrationKind, TransactionMode};
use trueup_model::ledger::EntryState;

use crate::framework::Framework;
use crate::testing::{Project, check_standing as check_rows, codes, ids, keys, project, up};

const FOLDER: &str = "src/main/resources/db/migration";

fn flyway(files: &[(&str, &str)]) -> Project {
    let project = project(&[]);
    for (name, text) in files {
        let path = if name.contains('/') || name.starts_with("flyway.") {
            (*name).to_owned()
        } else {
            format!("{FOLDER}/{name}")
        };
        project.write(&path, text.as_bytes());
    }
    project
}

/// The columns of the ledger from `version` on; the rank is counted, the rest is usual.
fn ledger(entries: &[[&str; 5]]) -> Vec<Vec<String>> {
    entries
        .iter()
        .enumerate()
        .map(|(index, [version, description, kind, checksum, success])| {
            [
                (index + 1).to_string().as_str(),
                version,
                description,
                kind,
                "script",
                checksum,
                "2024-01-01 00:00:00",
                success,
            ]
            .iter()
            .map(ToString::to_string)
            .collect()
        })
        .collect()
}

fn check_standing(
    project: &Project,
    entries: &[[&str; 5]],
    applied: &[&str],
    pending: &[&str],
    findings: &[&str],
) {
    let table = ledger(entries);
    let table: Vec<Vec<&str>> = table.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let table: Vec<&[&str]> = table.iter().map(Vec::as_slice).collect();
    check_rows(project, "flyway", &table, [applied, pending, findings]);
}

#[test]
fn versions_come_first_and_repeatable_ones_after_by_description() {
    let project = flyway(&[
        ("V10__ten.sql", "SELECT 10;"),
        ("V2__two.sql", "SELECT 2;"),
        ("V2.1__two_one.sql", "SELECT 2; SELECT 1;"),
        ("R__b_views.sql", "SELECT 'b';"),
        ("R__a_views.sql", "SELECT 'a';"),
        ("U2__two.sql", "SELECT -2;"),
        ("notes.txt", ""),
        ("tool.py", "import os"),
        ("sub/V3__three.sql", "SELECT 3;"),
    ]);
    project.write(&format!("{FOLDER}/sub/V3__three.sql"), b"SELECT 3;");
    let (_, history) = project.history("flyway");
    assert_eq!(
        ids(&history),
        ["V2__two", "V2.1__two_one", "V3__three", "V10__ten", "R__a_views", "R__b_views"]
    );
    assert_eq!(keys(&history), ["2", "2.1", "3", "10", "R__a views", "R__b views"]);
    assert_eq!(up(&history, 1), ["SELECT 2", "SELECT 1"]);
    assert_eq!(history.migrations[0].down.as_ref().map(Vec::len), Some(1));
    assert_eq!(history.migrations[4].kind, MigrationKind::Repeatable);
    assert_eq!(&*history.migrations[0].file, "src/main/resources/db/migration/V2__two.sql");
    assert_eq!(codes(&history.findings), [""; 0]);
}

#[test]
fn names_that_flyway_ignores_are_told() {
    let project = flyway(&[
        ("V1__a.sql", "SELECT 1;"),
        ("V2_b.sql", "SELECT 2;"),
        ("v3__c.sql", "SELECT 3;"),
        ("U9__x.sql", "SELECT 9;"),
    ]);
    let (_, history) = project.history("flyway");
    assert_eq!(ids(&history), ["V1__a"]);
    assert_eq!(
        codes(&history.findings),
        [
            format!("unreadable-migration U9__x.sql {FOLDER}/U9__x.sql:1"),
            format!("unreadable-migration V2_b.sql {FOLDER}/V2_b.sql:1"),
            format!("unreadable-migration v3__c.sql {FOLDER}/v3__c.sql:1"),
        ]
    );
}

#[test]
fn one_broken_file_leaves_the_others() {
    let project = flyway(&[
        ("V1__a.sql", "SELECT 1;"),
        ("V3__c.sql", "SELECT 1;\nSELECT 'open;\n"),
        ("V3.0__d.sql", "SELECT 1;"),
    ]);
    project.write(&format!("{FOLDER}/V2__b.sql"), b"SELECT \xff;");
    let (_, history) = project.history("flyway");
    assert_eq!(ids(&history), ["V1__a", "V2__b", "V3.0__d", "V3__c"]);
    let opaque: Vec<bool> = history.migrations.iter().map(|migration| migration.opaque.is_some()).collect();
    assert_eq!(opaque, [false, true, false, true]);
    assert_eq!(
        codes(&history.findings),
        [
            format!("duplicate-id V3__c {FOLDER}/V3__c.sql:1"),
            format!("unreadable-migration V2__b {FOLDER}/V2__b.sql:1"),
            format!("unreadable-migration V3__c {FOLDER}/V3__c.sql:2"),
        ]
    );
}

#[test]
fn settings_of_flyway_are_followed() {
    let project = flyway(&[
        (
            "flyway.toml",
            "[flyway]\nlocations = [\"filesystem:db/one\", \"filesystem:db/two\"]\ntable = \"history\"\ndefaultSchema = \"shop\"\nsqlMigrationPrefix = \"M\"\nsqlMigrationSeparator = \"-\"\n[flyway.placeholders]\nrole = \"ann\"\n[environments.default]\nurl = \"jdbc:postgresql://db.example/shop\"\nuser = \"ann@shop\"\npassword = \"a/b\"\n",
        ),
        ("db/one/M1-first.sql", "GRANT SELECT ON a TO ${role};"),
        ("db/two/M2-second.sql", "SELECT '${flyway:defaultSchema}', ${unknown};"),
        ("db/two/M2-second.sql.conf", "executeInTransaction=false"),
    ]);
    let (detected, history) = project.history("flyway");
    assert_eq!(ids(&history), ["M1-first", "M2-second"]);
    assert_eq!(up(&history, 0), ["GRANT SELECT ON a TO ann"]);
    assert_eq!(history.migrations[1].transaction, TransactionMode::PerStatement);
    assert_eq!(codes(&history.findings), ["unreadable-migration M2-second db/two/M2-second.sql:1"]);
    let table = super::Flyway.ledger_table(&detected);
    assert_eq!(
        (table.schema.as_ref().map(|name| name.as_str()), table.name.as_str()),
        (Some("shop"), "history")
    );
    let hint = detected.database_url_hint().expect("a URL");
    assert_eq!(hint.reveal(), "postgresql://ann%40shop:a%2Fb@db.example/shop");
    assert_eq!(hint.source, "the URL in flyway.toml");
}

#[test]
fn spring_keeps_settings_in_its_own_files() {
    let project = flyway(&[
        ("V1__a.sql", "SELECT 1;"),
        (
            "src/main/resources/application.yml",
            "spring:\n  datasource:\n    url: jdbc:postgresql://localhost:5432/shop\n    username: ann\n  flyway:\n    out-of-order: true\n",
        ),
    ]);
    let (detected, history) = project.history("flyway");
    assert_eq!(ids(&history), ["V1__a"]);
    assert_eq!(super::Flyway.gaps(&detected), crate::Gaps::Allowed);
    assert_eq!(
        detected.database_url_hint().map(|hint| hint.reveal().to_owned()),
        Some("postgresql://ann@localhost:5432/shop".to_owned())
    );
}

#[test]
fn statements_that_refuse_transactions_take_the_transaction_away() {
    let project = flyway(&[
        ("V1__a.sql", "CREATE TABLE t (a int);"),
        ("V2__b.sql", "CREATE INDEX CONCURRENTLY i ON t (a);"),
    ]);
    let (_, history) = project.history("flyway");
    assert_eq!(history.migrations[0].transaction, TransactionMode::Single);
    assert_eq!(history.migrations[1].transaction, TransactionMode::PerStatement);
}

#[test]
fn migrations_in_java_are_opaque() {
    let project =
        flyway(&[("V1__a.sql", "SELECT 1;"), ("V2__Fill.java", "class V2__Fill {}"), ("Helper.java", "")]);
    let (_, history) = project.history("flyway");
    assert_eq!(ids(&history), ["V1__a", "V2__Fill"]);
    assert!(history.migrations[1].opaque.is_some());
    assert_eq!(codes(&history.findings), [format!("not-checked V2__Fill {FOLDER}/V2__Fill.java:1")]);
}

#[test]
fn a_healthy_ledger_is_silent() {
    let project =
        flyway(&[("V1__a.sql", "SELECT 1;"), ("V2.0__b.sql", "SELECT 2;"), ("R__v.sql", "SELECT 3;")]);
    let (_, history) = project.history("flyway");
    let sums: Vec<String> = history
        .migrations
        .iter()
        .map(|migration| migration.checksum.as_ref().expect("a sum").to_string())
        .collect();
    check_standing(
        &project,
        &[
            ["NULL", "<< Flyway Schema Creation >>", "SCHEMA", "NULL", "true"],
            ["1", "a", "SQL", &sums[0], "true"],
            ["NULL", "v", "SQL", "12345", "true"],
            ["2.0", "b", "SQL", &sums[1], "true"],
            ["NULL", "v", "SQL", &sums[2], "true"],
        ],
        &["V1__a", "V2.0__b", "R__v"],
        &[],
        &[],
    );
}

#[test]
fn an_empty_database_starts_with_the_last_baseline_migration() {
    let project = flyway(&[
        ("V1__a.sql", "SELECT 1;"),
        ("V2__b.sql", "SELECT 2;"),
        ("B2__start.sql", "SELECT 12;"),
        ("V3__c.sql", "SELECT 3;"),
    ]);
    check_standing(&project, &[], &[], &["B2__start", "V3__c"], &[]);
    check_standing(
        &project,
        &[["2", "start", "SQL_BASELINE", "NULL", "true"]],
        &["B2__start"],
        &["V3__c"],
        &[],
    );
    // A database that is older than the baseline never runs it.
    check_standing(
        &project,
        &[["1", "a", "SQL", "NULL", "true"], ["2", "b", "SQL", "NULL", "true"]],
        &["V1__a", "V2__b"],
        &["V3__c"],
        &[],
    );
}

#[test]
fn a_baseline_marker_covers_everything_up_to_its_version() {
    let project =
        flyway(&[("V1__a.sql", "SELECT 1;"), ("V2__b.sql", "SELECT 2;"), ("V3__c.sql", "SELECT 3;")]);
    check_standing(
        &project,
        &[["2", "<< Flyway Baseline >>", "BASELINE", "NULL", "true"]],
        &["V1__a", "V2__b"],
        &["V3__c"],
        &[],
    );
}

#[test]
fn ledger_faults_are_told() {
    let project = flyway(&[
        ("V1__a.sql", "SELECT 1;"),
        ("V2__b.sql", "SELECT 2;"),
        ("V3__c.sql", "SELECT 3;"),
        ("V5__e.sql", "SELECT 5;"),
        ("R__v.sql", "SELECT 6;"),
    ]);
    check_standing(
        &project,
        &[
            ["1", "a", "SQL", "99", "true"],
            ["3", "c", "SQL", "NULL", "true"],
            ["4", "gone", "SQL", "1", "true"],
            ["5", "e", "SQL", "NULL", "false"],
            ["NULL", "v", "SQL", "7", "true"],
            ["9", "newer", "SQL", "1", "true"],
        ],
        &["V1__a", "V3__c", "R__v"],
        &["V2__b", "V5__e", "R__v"],
        &[
            "phantom-migration 4",
            "half-applied-migration V5__e",
            "phantom-migration 9",
            &format!("edited-migration V1__a {FOLDER}/V1__a.sql:1"),
            &format!("inconsistent-ledger V2__b {FOLDER}/V2__b.sql:1"),
            &format!("edited-migration R__v {FOLDER}/R__v.sql:1"),
        ],
    );
}

#[test]
fn undone_and_deleted_migrations_are_not_applied() {
    let project =
        flyway(&[("V1__a.sql", "SELECT 1;"), ("V2__b.sql", "SELECT 2;"), ("R__v.sql", "SELECT 3;")]);
    check_standing(
        &project,
        &[
            ["1", "a", "SQL", "NULL", "true"],
            ["2", "b", "SQL", "NULL", "true"],
            ["2", "b", "UNDO_SQL", "NULL", "true"],
            ["7", "gone", "SQL", "NULL", "true"],
            ["7", "gone", "DELETE", "NULL", "true"],
            ["NULL", "v", "SQL", "NULL", "true"],
            ["NULL", "v", "DELETE", "NULL", "true"],
        ],
        &["V1__a"],
        &["V2__b", "R__v"],
        &[],
    );
}

#[test]
fn repeatable_sums_are_taken_after_placeholders_and_accepted_before() {
    let project = flyway(&[
        ("flyway.conf", "flyway.placeholders.x=1\n"),
        ("V1__a.sql", "SELECT ${x};"),
        ("R__v.sql", "SELECT ${x};"),
    ]);
    let (_, history) = project.history("flyway");
    let raw = super::checksum::checksum("SELECT ${x};").to_string();
    let replaced = super::checksum::checksum("SELECT 1;").to_string();
    let sum = |index: usize| history.migrations[index].checksum.as_ref().map(ToString::to_string);
    assert_eq!((sum(0), sum(1)), (Some(raw.clone()), Some(replaced)));
    check_standing(
        &project,
        &[["1", "a", "SQL", &raw, "true"], ["NULL", "v", "SQL", &raw, "true"]],
        &["V1__a", "R__v"],
        &[],
        &[],
    );
}

#[test]
fn rows_keep_what_people_want_to_know() {
    let rows = crate::testing::rows(&[&[
        "1",
        "001.0",
        "a b",
        "SQL",
        "V1__a_b.sql",
        "-5",
        "2024-05-01 10:00:00",
        "t",
    ]]);
    let entries = super::ledger::entries(&rows).entries;
    assert_eq!(entries[0].key.as_str(), "1");
    assert_eq!(entries[0].state, EntryState::Applied);
    assert_eq!(entries[0].recorded_at.as_ref().map(|time| time.as_str()), Some("2024-05-01T10:00:00"));
    assert_eq!(entries[0].note.as_ref().map(|note| note.as_str()), Some("V1__a_b.sql"));
}

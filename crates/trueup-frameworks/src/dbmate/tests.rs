//! dbmate: histories and ledgers in small projects.

use trueup_model::history::TransactionMode;

use crate::framework::Framework;
use crate::testing::{check_findings, codes, ids, keys, named, project, stand, up};

const ONE: &str =
    "-- a note\n\n-- migrate:up\nCREATE TABLE a (id int);\nSELECT 1;\n\n-- migrate:down\nDROP TABLE a;\n";

#[test]
fn parts_are_told_apart_and_places_are_kept() {
    let project = project(&[
        (".env", "DATABASE_URL=postgres://ann:secret@h/db\nDBMATE_MIGRATIONS_TABLE=app.migrations\n"),
        ("db/migrations/20240101_a.sql", ONE),
        (
            "db/migrations/20240102_b.sql",
            "--migrate:up  transaction:false\r\nCREATE INDEX CONCURRENTLY i ON a (id);\r\n-- migrate:down transaction:false\r\nDROP INDEX i;",
        ),
        (
            "db/migrations/20240103_c.sql",
            "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT -1;\n-- migrate:up\nSELECT 2;\n-- migrate:down\nSELECT -2;\n",
        ),
    ]);
    let (detected, history) = project.history("dbmate");
    assert_eq!(ids(&history), ["20240101_a", "20240102_b", "20240103_c"]);
    assert_eq!(keys(&history), ["20240101", "20240102", "20240103"]);
    assert_eq!(up(&history, 0), ["CREATE TABLE a (id int)", "SELECT 1"]);
    assert_eq!(history.migrations[0].up[1].place.line, 5);
    assert_eq!(history.migrations[0].down.as_ref().map(|down| down[0].place.line), Some(8));
    assert_eq!(history.migrations[0].transaction, TransactionMode::Single);
    assert_eq!(history.migrations[1].transaction, TransactionMode::Implicit);
    assert_eq!(up(&history, 2), ["SELECT 1", "SELECT 2"]);
    assert_eq!(codes(&history.findings), [""; 0]);
    let table = super::Dbmate.ledger_table(&detected);
    assert_eq!(
        (table.schema.as_ref().map(|name| name.as_str()), table.name.as_str()),
        (Some("app"), "migrations")
    );
    assert_eq!(
        detected.database_url_hint().map(|hint| (hint.reveal().to_owned(), hint.source)),
        Some(("postgres://ann:secret@h/db".to_owned(), "DATABASE_URL in .env".to_owned()))
    );
}

#[test]
fn files_that_dbmate_refuses_are_told() {
    let project = project(&[
        ("db/migrations/1_a.sql", ONE),
        ("db/migrations/2_b.sql", "CREATE TABLE b (id int);\n-- migrate:up\n"),
        ("db/migrations/3_c.sql", "CREATE TABLE c (id int);\n"),
        ("db/migrations/4_d.sql", "-- migrate:down\n-- migrate:up\nSELECT 1;\n"),
        ("db/migrations/5_e.sql", "-- migrate:up\n-- migrate:down\n"),
        ("db/migrations/initial.sql", ONE),
        ("db/migrations/1_other.sql", ONE),
    ]);
    check_findings(
        &project,
        "dbmate",
        &[
            "duplicate-id 1_other db/migrations/1_other.sql:1",
            "unreadable-migration 2_b db/migrations/2_b.sql:1",
            "unreadable-migration 3_c db/migrations/3_c.sql:1",
            "unreadable-migration 4_d db/migrations/4_d.sql:1",
            "unreadable-migration initial.sql db/migrations/initial.sql:1",
            "unreadable-migration 5_e db/migrations/5_e.sql:1",
        ],
    );
}

#[test]
fn whatever_is_missing_is_pending_without_complaint() {
    let project = project(&[
        ("db/migrations/1_a.sql", ONE),
        ("db/migrations/2_b.sql", ONE),
        ("db/migrations/3_c.sql", ONE),
    ]);
    let (history, standing) = stand(&project, "dbmate", &[&["1", "NULL"], &["3", "NULL"], &["4", "NULL"]]);
    assert_eq!(named(&history, &standing.applied), ["1_a", "3_c"]);
    assert_eq!(named(&history, &standing.pending), ["2_b"]);
    assert_eq!(codes(&standing.findings), ["phantom-migration 4"]);
    let (_, standing) = stand(&project, "dbmate", &[&["1", "f"]]);
    assert_eq!(codes(&standing.findings), ["inconsistent-ledger "]);
}

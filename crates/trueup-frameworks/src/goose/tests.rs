//! goose: histories and ledgers in small projects.

use trueup_model::history::TransactionMode;

use crate::testing::{check_standing, codes, ids, keys, named, project, stand, up};

const ONE: &str = "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT -1;\n";

#[test]
fn annotations_are_followed() {
    let project = project(&[
        (".env", "GOOSE_DBSTRING=postgres://h/db\nOWNER=ann\n"),
        (
            "migrations/00001_a.sql",
            "-- head\n\n-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\nSELECT 1;\n$$\n-- +goose StatementEnd\nSELECT 2; -- two\n\n-- +goose Down\nDROP FUNCTION f;\n",
        ),
        (
            "migrations/00002_b.sql",
            "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY i ON a (id);\n",
        ),
        (
            "migrations/00010_c.sql",
            "-- +goose Up\n-- +goose ENVSUB ON\nALTER TABLE a OWNER TO ${OWNER};\nSELECT '${X:-y}', $$a$$;\n-- +goose ENVSUB OFF\nSELECT '${OWNER}';\n",
        ),
        ("migrations/00003_d.go", "package migrations"),
        ("migrations/helper.go", "package migrations"),
        ("migrations/00003_d_test.go", "package migrations"),
    ]);
    let (detected, history) = project.history("goose");
    assert_eq!(ids(&history), ["00001_a", "00002_b", "00003_d", "00010_c"]);
    assert_eq!(keys(&history), ["1", "2", "3", "10"]);
    assert_eq!(
        up(&history, 0),
        ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\nSELECT 1;\n$$", "SELECT 2"]
    );
    assert_eq!(history.migrations[0].up[0].place.line, 5);
    assert_eq!(history.migrations[0].up[1].place.line, 9);
    assert_eq!(history.migrations[0].transaction, TransactionMode::Single);
    assert_eq!(history.migrations[1].transaction, TransactionMode::PerStatement);
    assert_eq!(up(&history, 3), ["ALTER TABLE a OWNER TO ann", "SELECT 'y', $$a$$", "SELECT '${OWNER}'"]);
    assert!(history.migrations[2].opaque.is_some());
    assert_eq!(codes(&history.findings), ["not-checked 00003_d migrations/00003_d.go:1"]);
    assert_eq!(
        detected.database_url_hint().map(|hint| hint.source),
        Some("GOOSE_DBSTRING in .env".to_owned())
    );
}

#[test]
fn files_that_goose_refuses_are_told() {
    let project = project(&[
        ("migrations/1_a.sql", ONE),
        ("migrations/2_b.sql", "SELECT 1;\n"),
        ("migrations/3_c.sql", "-- +goose Up\nSELECT 1\n-- +goose Down\nSELECT 2;\n"),
        ("migrations/4_d.sql", "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n"),
        ("migrations/5_e.sql", "-- +goose Up\n-- +goose ENVSUB ON\nSELECT '$NOBODY';\n"),
        ("migrations/name.sql", ONE),
        ("migrations/01_again.sql", ONE),
    ]);
    let (_, history) = project.history("goose");
    assert_eq!(
        codes(&history.findings),
        [
            "duplicate-id 1_a migrations/1_a.sql:1",
            "unreadable-migration 2_b migrations/2_b.sql:1",
            "unreadable-migration 2_b migrations/2_b.sql:1",
            "unreadable-migration 3_c migrations/3_c.sql:2",
            "unreadable-migration 4_d migrations/4_d.sql:3",
            "unreadable-migration 5_e migrations/5_e.sql:3",
            "unreadable-migration name.sql migrations/name.sql:1",
        ]
    );
    assert_eq!(ids(&history), ["01_again", "1_a", "2_b", "3_c", "4_d", "5_e"]);
}

#[test]
fn the_last_row_about_a_version_decides() {
    let project = project(&[
        ("migrations/1_a.sql", ONE),
        ("migrations/2_b.sql", ONE),
        ("migrations/3_c.sql", ONE),
        ("migrations/4_d.sql", ONE),
    ]);
    check_standing(
        &project,
        "goose",
        &[
            &["1", "0", "t", "2024-01-01 00:00:00"],
            &["2", "1", "t", "2024-01-01 00:00:01"],
            &["3", "3", "t", "2024-01-01 00:00:02"],
            &["4", "4", "t", "2024-01-01 00:00:03"],
            &["5", "4", "f", "2024-01-01 00:00:04"],
            &["6", "3", "t", "2024-01-01 00:00:05"],
        ],
        [
            &["1_a", "3_c"],
            &["2_b", "4_d"],
            &["inconsistent-ledger 2_b migrations/2_b.sql:1", "duplicate-ledger-row 3_c"],
        ],
    );
}

#[test]
fn what_was_applied_out_of_order_is_replayed_in_that_order() {
    let project = project(&[("migrations/1_a.sql", ONE), ("migrations/2_b.sql", ONE)]);
    let (history, standing) = stand(
        &project,
        "goose",
        &[&["1", "2", "t", "2024-01-01 00:00:00"], &["2", "1", "t", "2024-01-01 00:00:01"]],
    );
    assert_eq!(named(&history, &standing.applied), ["2_b", "1_a"]);
    assert_eq!(codes(&standing.findings), ["inconsistent-ledger 1_a"]);
}

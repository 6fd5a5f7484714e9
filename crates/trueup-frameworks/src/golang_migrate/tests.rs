//! golang-migrate: histories and ledgers in small projects.

use trueup_model::history::TransactionMode;

use crate::framework::Framework;
use crate::testing::{Project, check_findings, check_standing, codes, ids, keys, project, up};

fn sample() -> Project {
    project(&[
        ("go.mod", "require github.com/golang-migrate/migrate/v4 v4.17.0\n"),
        ("db/migrations/000002_b.up.sql", "SELECT 2;"),
        ("db/migrations/000001_a.up.sql", "SELECT 1;"),
        ("db/migrations/000001_a.down.sql", "SELECT -1;"),
        ("db/migrations/10_c.up.sql", "SELECT 10;"),
    ])
}

#[test]
fn numbers_are_the_order() {
    let project = sample();
    let (_, history) = project.history("golang-migrate");
    assert_eq!(ids(&history), ["000001_a", "000002_b", "10_c"]);
    assert_eq!(keys(&history), ["1", "2", "10"]);
    assert_eq!(up(&history, 2), ["SELECT 10"]);
    assert_eq!(history.migrations[0].down.as_ref().map(Vec::len), Some(1));
    assert_eq!(history.migrations[0].transaction, TransactionMode::Implicit);
    assert_eq!(codes(&history.findings), [""; 0]);
}

#[test]
fn ignored_and_double_files_are_told() {
    let project = sample();
    project.write("db/migrations/3_c.sql", b"SELECT 3;");
    project.write("db/migrations/2_x.up.sql", b"SELECT 3;");
    project.write("db/migrations/7_x.down.sql", b"SELECT 3;");
    check_findings(
        &project,
        "golang-migrate",
        &[
            "duplicate-id 2_x db/migrations/2_x.up.sql:1",
            "unreadable-migration 3_c.sql db/migrations/3_c.sql:1",
            "unreadable-migration 7_x.down.sql db/migrations/7_x.down.sql:1",
        ],
    );
}

fn check(table: &[&[&str]], applied: &[&str], pending: &[&str], findings: &[&str]) {
    check_standing(&sample(), "golang-migrate", table, [applied, pending, findings]);
}

#[test]
fn one_row_stands_for_everything_below() {
    check(&[], &[], &["000001_a", "000002_b", "10_c"], &[]);
    check(&[&["2", "f"]], &["000001_a", "000002_b"], &["10_c"], &[]);
    check(&[&["10", "false"]], &["000001_a", "000002_b", "10_c"], &[], &[]);
    check(&[&["2", "t"]], &["000001_a"], &["000002_b", "10_c"], &["half-applied-migration 000002_b"]);
    check(&[&["5", "f"]], &["000001_a", "000002_b"], &["10_c"], &["phantom-migration 5"]);
    check(&[&["-1", "t"]], &[], &["000001_a", "000002_b", "10_c"], &["inconsistent-ledger "]);
    check(&[&["1", "f"], &["2", "f"]], &["000001_a", "000002_b"], &["10_c"], &["inconsistent-ledger "]);
}

#[test]
fn a_ledger_without_dirty_belongs_to_another_tool() {
    check(&[&["1", "NULL"]], &[], &["000001_a", "000002_b", "10_c"], &["inconsistent-ledger "]);
}

#[test]
fn the_url_may_name_another_ledger() {
    for (parameters, expected) in [
        ("", "- schema_migrations"),
        ("?x-migrations-table=done", "- done"),
        ("?x-migrations-table=app.done", "- app.done"),
        ("?x-migrations-table=%22app%22.%22done%22&x-migrations-table-quoted=1", "app done"),
    ] {
        let project = sample();
        project.write(".env", format!("DATABASE_URL=postgres://h/db{parameters}\n").as_bytes());
        let table = super::GolangMigrate.ledger_table(&project.detected("golang-migrate"));
        let schema = table.schema.as_ref().map_or("-", |schema| schema.as_str());
        assert_eq!(format!("{schema} {}", table.name), expected, "{parameters}");
    }
}

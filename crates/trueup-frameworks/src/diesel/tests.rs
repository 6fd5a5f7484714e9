//! Diesel: histories and ledgers in small projects.

use trueup_model::history::TransactionMode;

use crate::testing::{Project, check_findings, check_standing, codes, ids, keys, project};

fn sample() -> Project {
    project(&[
        ("diesel.toml", "[migrations_directory]\ndir = \"db\"\n"),
        ("db/00000000000000_diesel_initial_setup/up.sql", "SELECT 0;"),
        ("db/00000000000000_diesel_initial_setup/down.sql", "SELECT 0;"),
        ("db/2024-01-02-100000_b/up.sql", "SELECT 2;"),
        ("db/2024-01-02-100000_b/metadata.toml", "run_in_transaction = false"),
        ("db/20240101100000_a/up.sql", "SELECT 1;"),
        ("db/2024-01-03-100000_c/up.sql", "SELECT 3;"),
        ("db/2024-01-03-100000_c/metadata.toml", "# nothing"),
        ("db/.keep", ""),
        ("db/.hidden/x", ""),
    ])
}

#[test]
fn folders_are_migrations_and_dashes_do_not_count() {
    let project = sample();
    let (detected, history) = project.history("diesel");
    assert!(detected.reason.contains("diesel.toml"));
    assert_eq!(
        ids(&history),
        [
            "00000000000000_diesel_initial_setup",
            "20240101100000_a",
            "2024-01-02-100000_b",
            "2024-01-03-100000_c"
        ]
    );
    assert_eq!(keys(&history), ["00000000000000", "20240101100000", "20240102100000", "20240103100000"]);
    let modes: Vec<_> = history.migrations.iter().map(|migration| migration.transaction).collect();
    // A metadata.toml that does not say so means no transaction.
    assert_eq!(
        modes,
        [
            TransactionMode::Single,
            TransactionMode::Single,
            TransactionMode::Implicit,
            TransactionMode::Implicit
        ]
    );
    assert_eq!(&*history.migrations[1].file, "db/20240101100000_a/up.sql");
    assert!(history.migrations[0].down.is_some() && history.migrations[1].down.is_none());
    assert_eq!(codes(&history.findings), [""; 0]);
}

#[test]
fn folders_that_diesel_refuses_are_told() {
    let project = sample();
    project.write("db/2024-02-01-000000_x/notes.txt", b"");
    project.write("db/2024-02-02-000000_y/up.sql", b"");
    project.write("db/20240102100000_b2/up.sql", b"SELECT 1;");
    check_findings(
        &project,
        "diesel",
        &[
            "duplicate-id 20240102100000_b2 db/20240102100000_b2/up.sql:1",
            "unreadable-migration 2024-02-01-000000_x db/2024-02-01-000000_x:1",
            "unreadable-migration 2024-02-02-000000_y db/2024-02-02-000000_y/up.sql:1",
        ],
    );
}

#[test]
fn the_ledger_is_read() {
    check_standing(
        &sample(),
        "diesel",
        &[
            &["20240103100000", "2024-01-03 00:00:00"],
            &["00000000000000", "2024-01-03 00:00:00"],
            &["20240101100000", "2024-01-04 00:00:00"],
            &["20239999", "2024-01-05 00:00:00"],
        ],
        [
            &["00000000000000_diesel_initial_setup", "2024-01-03-100000_c", "20240101100000_a"],
            &["2024-01-02-100000_b"],
            &["phantom-migration 20239999"],
        ],
    );
}

//! Prisma: histories and ledgers in small projects.

use trueup_model::history::TransactionMode;

use crate::testing::{Project, check_findings, check_standing, codes, ids, project};

fn sample() -> Project {
    project(&[
        (".env", "DATABASE_URL=\"postgresql://ann@h/db?schema=public&sslmode=require&connection_limit=1\"\n"),
        (
            "prisma/schema.prisma",
            "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n",
        ),
        ("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n"),
        ("prisma/migrations/20240102000000_b/migration.sql", "SELECT 2;\n"),
        ("prisma/migrations/20240101000000_a/migration.sql", "hello"),
        ("prisma/migrations/0_init/migration.sql", "SELECT 0;\n"),
    ])
}

#[test]
fn folders_are_sorted_by_name() {
    let project = sample();
    let (detected, history) = project.history("prisma");
    assert_eq!(ids(&history), ["0_init", "20240101000000_a", "20240102000000_b"]);
    assert_eq!(history.migrations[0].transaction, TransactionMode::Implicit);
    assert_eq!(&*history.migrations[0].file, "prisma/migrations/0_init/migration.sql");
    assert_eq!(codes(&history.findings), [""; 0]);
    let hint = detected.database_url_hint().expect("a URL");
    assert_eq!(hint.reveal(), "postgresql://ann@h/db?sslmode=require");
    assert_eq!(hint.source, "DATABASE_URL in .env");
}

#[test]
fn the_checksum_is_the_one_of_prisma() {
    let project = sample();
    let (_, history) = project.history("prisma");
    assert_eq!(
        history.migrations[1].checksum.as_ref().map(|sum| sum.as_str()),
        Some("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
    );
    let texts = ["ab\ncd\nef\ngh\rab\n", "ab\r\ncd\r\nef\r\ngh\rab\r\n"];
    for one in texts {
        for two in texts {
            assert!(super::checksum::accepts(one.as_bytes(), &super::checksum::of(two.as_bytes())));
        }
    }
    assert!(!super::checksum::accepts(b"abc\n", &super::checksum::of(b"abc")));
}

#[test]
fn broken_folders_and_other_databases_are_told() {
    let project = sample();
    project.write("prisma/migrations/20240103000000_c/notes.txt", b"");
    project.write("prisma/migrations/migration_lock.toml", b"provider = \"mysql\"\n");
    check_findings(
        &project,
        "prisma",
        &[
            "unreadable-migration 20240103000000_c prisma/migrations/20240103000000_c:1",
            "not-checked migration_lock prisma/migrations/migration_lock.toml:1",
        ],
    );
}

fn row<'a>(name: &'a str, started: &'a str, finished: &'a str, back: &'a str, log: &'a str) -> [&'a str; 6] {
    [name, "NULL", started, finished, back, log]
}

fn check(table: &[[&str; 6]], applied: &[&str], pending: &[&str], findings: &[&str]) {
    let table: Vec<&[&str]> = table.iter().map(<[&str; 6]>::as_slice).collect();
    check_standing(&sample(), "prisma", &table, [applied, pending, findings]);
}

#[test]
fn several_rows_for_one_migration_are_attempts() {
    check(
        &[
            row("0_init", "1", "1", "NULL", "NULL"),
            row("20240101000000_a", "2", "NULL", "3", "it broke"),
            row("20240101000000_a", "4", "4", "NULL", "NULL"),
            row("20240102000000_b", "5", "5", "6", "NULL"),
        ],
        &["0_init", "20240101000000_a"],
        &["20240102000000_b"],
        &[],
    );
    check(
        &[
            row("0_init", "1", "1", "NULL", "NULL"),
            row("20240101000000_a", "2", "NULL", "NULL", "\nit broke\nbadly"),
        ],
        &["0_init"],
        &["20240101000000_a", "20240102000000_b"],
        &["half-applied-migration 20240101000000_a"],
    );
    check(
        &[
            row("0_init", "1", "1", "NULL", "NULL"),
            row("20240101000000_a", "2", "NULL", "NULL", "NULL"),
            row("20240101000000_a", "3", "3", "NULL", "NULL"),
            row("20240101000000_a", "4", "4", "NULL", "NULL"),
            row("gone", "5", "5", "NULL", "NULL"),
        ],
        &["0_init", "20240101000000_a"],
        &["20240102000000_b"],
        &[
            "phantom-migration gone",
            "inconsistent-ledger 20240101000000_a",
            "duplicate-ledger-row 20240101000000_a",
        ],
    );
}

#[test]
fn package_json_may_say_where_the_schema_is() {
    let project = project(&[
        ("package.json", "{ \"name\": \"x\", \"prisma\": { \"schema\": \"db/schema.prisma\" } }"),
        ("db/schema.prisma", "datasource db {\n url = \"postgres://h/d\"\n}"),
        ("db/migrations/1_a/migration.sql", "SELECT 1;"),
    ]);
    let (detected, history) = project.history("prisma");
    assert_eq!(ids(&history), ["1_a"]);
    assert_eq!(
        detected.database_url_hint().map(|hint| hint.source),
        Some("url in db/schema.prisma".to_owned())
    );
}

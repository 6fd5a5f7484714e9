//! sqlx: histories and ledgers in small projects.

use trueup_model::history::TransactionMode;

use crate::framework::Framework;
use crate::testing::{Project, check_findings, check_standing, codes, ids, keys, project};

const SQL: &str = "CREATE TABLE persons (\n    id serial PRIMARY KEY,\n    name varchar(255)\n);\n";

/// What sqlx 0.8 computes for the text above.
const SUM: &str =
    "4f09bbb17e6032accc32329ef673765463f1d39a11b66adbfa28a6918fce36ce27fe00c66185baea754968f45d86d646";

fn sample() -> Project {
    project(&[
        ("Cargo.toml", "[dependencies]\nsqlx = { version = \"0.8\" }\n"),
        (".env", "DATABASE_URL=postgres://h/db\n"),
        ("migrations/1_persons.sql", SQL),
        ("migrations/0002_b.up.sql", "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON persons (name);"),
        ("migrations/0002_b.down.sql", "DROP INDEX i;"),
        ("migrations/10_c.sql", "-- a\n-- no-transaction\nSELECT 1;"),
    ])
}

#[test]
fn simple_and_reversible_migrations_are_read() {
    let project = sample();
    let (detected, history) = project.history("sqlx");
    assert_eq!(ids(&history), ["1_persons", "0002_b", "10_c"]);
    assert_eq!(keys(&history), ["1", "2", "10"]);
    assert_eq!(history.migrations[1].down.as_ref().map(Vec::len), Some(1));
    let modes: Vec<_> = history.migrations.iter().map(|migration| migration.transaction).collect();
    assert_eq!(modes, [TransactionMode::Single, TransactionMode::Implicit, TransactionMode::Single]);
    assert_eq!(codes(&history.findings), [""; 0]);
    assert_eq!(
        detected.database_url_hint().map(|hint| hint.reveal().to_owned()),
        Some("postgres://h/db".to_owned())
    );
}

#[test]
fn the_checksum_is_the_one_of_sqlx() {
    let project = sample();
    let (_, history) = project.history("sqlx");
    assert_eq!(history.migrations[0].checksum.as_ref().map(|sum| sum.as_str()), Some(SUM));
}

#[test]
fn names_that_sqlx_refuses_or_ignores_are_told() {
    let project = sample();
    project.write("migrations/first_x.sql", b"SELECT 1;");
    project.write("migrations/11.sql", b"SELECT 1;");
    project.write("migrations/seed.sql", b"SELECT 1;");
    project.write("migrations/12_x.down.sql", b"SELECT 1;");
    project.write("migrations/010_again.sql", b"SELECT 1;");
    check_findings(
        &project,
        "sqlx",
        &[
            "duplicate-id 10_c migrations/10_c.sql:1",
            "unreadable-migration 11.sql migrations/11.sql:1",
            "unreadable-migration 12_x.down.sql migrations/12_x.down.sql:1",
            "unreadable-migration first_x.sql migrations/first_x.sql:1",
        ],
    );
}

#[test]
fn the_ledger_is_read() {
    let sum = format!("\\x{SUM}");
    check_standing(
        &sample(),
        "sqlx",
        &[
            &["10", "c", "2024-01-01 00:00:00+00", "t", "\\x00"],
            &["2", "b", "2024-01-02 00:00:00+00", "f", "NULL"],
            &["5", "gone", "2024-01-02 00:00:00+00", "t", "NULL"],
            &["1", "persons", "2024-01-02 00:00:00+00", "t", &sum],
        ],
        [
            &["10_c", "1_persons"],
            &["0002_b"],
            &[
                "phantom-migration 5",
                "half-applied-migration 0002_b",
                "edited-migration 10_c migrations/10_c.sql:1",
            ],
        ],
    );
}

#[test]
fn settings_of_sqlx_are_followed() {
    let project = project(&[
        (
            "sqlx.toml",
            "[migrate]\nmigrations-dir = \"db\"\ntable-name = \"app.done\"\nignored-chars = [\"\\r\"]\n",
        ),
        ("db/1_a.sql", "SELECT 1;\r\n"),
    ]);
    let (detected, history) = project.history("sqlx");
    assert_eq!(ids(&history), ["1_a"]);
    let table = super::Sqlx.ledger_table(&detected);
    assert_eq!((table.schema.as_ref().map(|name| name.as_str()), table.name.as_str()), (Some("app"), "done"));
    let recorded = super::checksum(b"SELECT 1;\n");
    assert!(super::Sqlx.accepts_checksum(&detected, &history.migrations[0], &recorded));
}

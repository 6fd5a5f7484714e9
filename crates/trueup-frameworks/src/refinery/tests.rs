//! refinery: histories and ledgers in small projects.

use crate::testing::{Project, check_findings, check_standing, codes, ids, keys, named, project, stand};

const SQL: &str = "CREATE TABLE persons (\n    id serial PRIMARY KEY,\n    name varchar(255)\n);\n";

/// What refinery 0.9 computes for the text above as `V1__initial`.
const SUM: &str = "6692221724517122220";

fn sample() -> Project {
    project(&[
        ("Cargo.toml", "[dependencies]\nrefinery = { version = \"0.9\" }\n"),
        (
            "refinery.toml",
            "[main]\ndb_type = \"Postgres\"\ndb_host = \"db\"\ndb_port = \"5433\"\ndb_user = \"ann\"\ndb_pass = \"a:b\"\ndb_name = \"shop\"\n",
        ),
        ("migrations/V1__initial.sql", SQL),
        (
            "migrations/sub/U20240131__add_brand_to_cars_table.sql",
            "ALTER TABLE cars ADD COLUMN brand text; -- ü",
        ),
        ("migrations/V3__in_rust.rs", "pub fn migration() {}"),
        ("migrations/mod.rs", ""),
    ])
}

#[test]
fn versions_are_the_order_and_u_is_no_undo() {
    let project = sample();
    let (detected, history) = project.history("refinery");
    assert_eq!(ids(&history), ["V1__initial", "V3__in_rust", "U20240131__add_brand_to_cars_table"]);
    assert_eq!(keys(&history), ["1", "3", "20240131"]);
    assert!(history.migrations[1].opaque.is_some());
    assert_eq!(codes(&history.findings), ["not-checked V3__in_rust migrations/V3__in_rust.rs:1"]);
    assert_eq!(
        detected.database_url_hint().map(|hint| hint.reveal().to_owned()),
        Some("postgresql://ann:a%3Ab@db:5433/shop".to_owned())
    );
}

#[test]
fn the_checksum_is_the_one_of_refinery() {
    let project = sample();
    let (_, history) = project.history("refinery");
    let sum = |index: usize| history.migrations[index].checksum.as_ref().map(|sum| sum.to_string());
    assert_eq!(sum(0).as_deref(), Some(SUM));
    assert_eq!(sum(2).as_deref(), Some("5483284838104279845"));
}

#[test]
fn names_that_refinery_ignores_are_told() {
    let project = sample();
    project.write("migrations/V1.2__x.sql", b"SELECT 1;");
    project.write("migrations/V4_x.sql", b"SELECT 1;");
    project.write("migrations/V03__again.sql", b"SELECT 1;");
    check_findings(
        &project,
        "refinery",
        &[
            "duplicate-id V3__in_rust migrations/V3__in_rust.rs:1",
            "unreadable-migration V1.2__x.sql migrations/V1.2__x.sql:1",
            "unreadable-migration V4_x.sql migrations/V4_x.sql:1",
            "not-checked V3__in_rust migrations/V3__in_rust.rs:1",
        ],
    );
}

#[test]
fn the_ledger_is_read() {
    let project = sample();
    project.write("migrations/V2__b.sql", b"SELECT 2;");
    let wide = super::checksum("initial", 1i64, SQL);
    for (sum, edited) in [(SUM, false), (wide.as_str(), false), ("5", true)] {
        let mut expected = vec!["inconsistent-ledger V2__b migrations/V2__b.sql:1"];
        if edited {
            expected.insert(0, "edited-migration V1__initial migrations/V1__initial.sql:1");
        }
        check_standing(
            &project,
            "refinery",
            &[&["1", "initial", "2024-01-01T00:00:00Z", sum], &["3", "in_rust", "2024-01-01T00:00:00Z", "1"]],
            [&["V1__initial", "V3__in_rust"], &["V2__b", "U20240131__add_brand_to_cars_table"], &expected],
        );
    }
}

#[test]
fn unversioned_migrations_may_come_late() {
    let project = sample();
    project.write("migrations/U2__late.sql", b"SELECT 2;");
    let (history, standing) = stand(
        &project,
        "refinery",
        &[&["3", "in_rust", "2024-01-01T00:00:00Z", "1"], &["1", "initial", "2024-01-01T00:00:00Z", SUM]],
    );
    assert_eq!(named(&history, &standing.pending)[0], "U2__late");
    assert!(
        !codes(&standing.findings).iter().any(|code| code.contains("U2__late")),
        "{:?}",
        standing.findings
    );
}

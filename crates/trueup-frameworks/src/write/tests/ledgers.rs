//! What a ledger gets.

use trueup_model::ledger::EntryState;
use trueup_model::{Ident, QualifiedName};

use super::*;
use crate::ledger_reading::entry;

fn files_of(framework: &str) -> &'static [(&'static str, &'static str)] {
    PROJECTS.iter().find(|(name, _)| *name == framework).expect("a project").1
}

fn existing() -> Ledger {
    let table = QualifiedName { schema: Ident::new("my ops"), name: Ident::new("done\"it") };
    Ledger { table: Some(table), entries: Vec::new() }
}

fn item(key: &str, file: &str, checksum: &str) -> LedgerItem {
    LedgerItem { key: Text::new(key), file: file.into(), checksum: Some(Text::new(checksum)) }
}

/// Statements for a ledger that is there, in a schema with a hostile name.
#[track_caller]
fn check(framework: &str, item: &LedgerItem, record: &str, forget: &str) {
    let (detected, mut history) = project(files_of(framework)).history(framework);
    history.migrations.clear();
    let known = crate::framework(framework).expect("known");
    let items = std::slice::from_ref(item);
    let shown = |statements: Vec<String>| statements.join("; ").replace(r#""my ops"."done""it""#, "LEDGER");
    let recorded = known.ledger_record(&detected, &history, &existing(), items).expect("recordable");
    assert_eq!(shown(recorded), record);
    let forgotten = known.ledger_forget(&detected, &existing(), items).expect("forgettable");
    assert_eq!(shown(forgotten), forget);
}

#[test]
fn rows_are_those_of_the_tools() {
    check(
        "flyway",
        &item("1.2", "sql/sub/V1_02.0__it's_here.sql", "-5"),
        "INSERT INTO LEDGER (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) SELECT coalesce(max(installed_rank), 0) + 1, '1.02.0', 'it''s here', 'SQL', 'sub/V1_02.0__it''s_here.sql', -5, current_user, 0, true FROM LEDGER",
        "DELETE FROM LEDGER WHERE script = 'sub/V1_02.0__it''s_here.sql'",
    );
    check(
        "golang-migrate",
        &item("10", "migrations/10_a.up.sql", ""),
        "DELETE FROM LEDGER; INSERT INTO LEDGER (version, dirty) VALUES (10, false)",
        "DELETE FROM LEDGER",
    );
    check(
        "dbmate",
        &item("10", "db/migrations/10_a.sql", ""),
        "INSERT INTO LEDGER (version) VALUES ('10')",
        "DELETE FROM LEDGER WHERE version = '10'",
    );
    check(
        "goose",
        &item("10", "migrations/10_a.sql", ""),
        "INSERT INTO LEDGER (version_id, is_applied) VALUES (10, true)",
        "DELETE FROM LEDGER WHERE version_id = 10",
    );
    check(
        "sqlx",
        &item("10", "migrations/0010_add_it.up.sql", "ab"),
        "INSERT INTO LEDGER (version, description, success, checksum, execution_time) VALUES (10, 'add it', true, decode('ab', 'hex'), 0)",
        "DELETE FROM LEDGER WHERE version = 10",
    );
    check(
        "diesel",
        &item("10'", "migrations/10'_a/up.sql", ""),
        "INSERT INTO LEDGER (version) VALUES ('10''')",
        "DELETE FROM LEDGER WHERE version = '10'''",
    );
    check(
        "refinery",
        &item("10", "migrations/V10__add_it.sql", "77"),
        r#"INSERT INTO LEDGER (version, name, applied_on, checksum) VALUES (10, 'add_it', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '77')"#,
        "DELETE FROM LEDGER WHERE version = 10",
    );
    check(
        "prisma",
        &item("10_a", "prisma/migrations/10_a/migration.sql", "ab"),
        "INSERT INTO LEDGER (id, checksum, finished_at, migration_name, applied_steps_count) VALUES (gen_random_uuid()::text, 'ab', now(), '10_a', 1)",
        "DELETE FROM LEDGER WHERE migration_name = '10_a'",
    );
    check(
        "plain",
        &item("10_a", "migrations/10_a.sql", "ab"),
        "INSERT INTO LEDGER (version, checksum, state) VALUES ('10_a', 'ab', 'applied') ON CONFLICT (version) DO UPDATE SET checksum = excluded.checksum, state = excluded.state, applied_at = now(), applied_by = session_user",
        "UPDATE LEDGER SET state = 'rolled back', applied_at = now(), applied_by = session_user WHERE version = '10_a'",
    );
}

#[test]
fn a_missing_ledger_is_made_with_all_columns_that_are_read() {
    for (framework, files) in PROJECTS {
        let project = project(files);
        let (detected, history) = project.history(framework);
        let items: Vec<LedgerItem> = history.migrations.iter().map(LedgerItem::from).collect();
        let known = crate::framework(framework).expect("known");
        let statements =
            known.ledger_record(&detected, &history, &Ledger::default(), &items).expect("recordable");
        let table = known.ledger_table(&detected);
        // A repair runs without a search path, and nobody names a schema here.
        assert_eq!(statements[0], rows::PATH_OF_CONNECTION, "{framework}");
        let creation = &statements[1];
        assert!(creation.starts_with(&format!("CREATE TABLE \"{}\"", table.name)), "{creation}");
        for column in table.columns.iter().filter(|column| (*framework, **column) != ("dbmate", "dirty")) {
            assert!(creation.contains(&format!("    {column} ")), "{framework}: {column} in {creation}");
        }
    }
}

#[test]
fn a_schema_that_the_tool_makes_is_made_for_its_ledger() {
    let prisma = [
        (".env", "DATABASE_URL=\"postgresql://h/db?schema=my%20shop\"\n"),
        ("prisma/migrations/0_init/migration.sql", "SELECT 1;"),
    ];
    let dbmate = [
        (".env", "DATABASE_URL=postgres://h/db?search_path=my%20shop,public\n"),
        ("db/migrations/1_a.sql", "-- migrate:up\nSELECT 1;\n"),
    ];
    for (framework, files) in [("prisma", prisma), ("dbmate", dbmate)] {
        let project = project(&files);
        let (detected, history) = project.history(framework);
        let known = crate::framework(framework).expect("known");
        let statements =
            known.ledger_record(&detected, &history, &Ledger::default(), &[]).expect("recordable");
        assert_eq!(statements[0], "CREATE SCHEMA IF NOT EXISTS \"my shop\"", "{framework}");
        assert!(statements[1].starts_with("CREATE TABLE \"my shop\"."), "{statements:?}");
    }
}

#[test]
fn one_version_does_not_stand_for_what_is_pending_below_it() {
    let files = [
        ("migrations/1_a.up.sql", "SELECT 1;"),
        ("migrations/2_b.up.sql", "SELECT 1;"),
        ("migrations/3_c.up.sql", "SELECT 1;"),
    ];
    let (detected, history) = project(&files).history("golang-migrate");
    let known = crate::framework("golang-migrate").expect("known");
    let applied = |keys: &[&str]| Ledger {
        entries: keys.iter().map(|key| entry(key, EntryState::Applied)).collect(),
        ..existing()
    };
    let items = [item("3", "migrations/3_c.up.sql", "")];
    let refused = known.ledger_record(&detected, &history, &applied(&["1"]), &items);
    assert_eq!(refused, Err(WriteError::OlderPending { key: Text::new("3"), pending: Text::new("2_b") }));
    assert!(known.ledger_record(&detected, &history, &applied(&["1", "2"]), &items).is_ok());
    let back = known.ledger_forget(&detected, &applied(&["1", "2", "3"]), &items).expect("forgettable");
    assert!(back[1].ends_with("VALUES (2, false)"), "{back:?}");
}

#[test]
fn what_is_not_known_is_not_recorded() {
    let (detected, history) = project(files_of("sqlx")).history("sqlx");
    let known = crate::framework("sqlx").expect("known");
    for (key, what) in [("1; DROP TABLE a", "the number"), ("1", "the checksum")] {
        let item = LedgerItem { key: Text::new(key), file: "x".into(), checksum: None };
        let refused = known.ledger_record(&detected, &history, &existing(), &[item]);
        assert_eq!(refused, Err(WriteError::Unknown { key: Text::new(key), what }));
    }
}

//! What is written is read back: as the next migrations, with the same statements up and down.

use proptest::prelude::*;
use trueup_model::Ledger;
use trueup_model::history::TransactionMode;
use trueup_model::repair::ScriptPart;
use trueup_sql::semantic_text;

use super::statement::tests::unveiled;
use super::*;
use crate::testing::{Project, codes, project};

/// 2026-02-28 23:59:59
const NOW: Clock = Clock { unix_seconds: 1_772_323_199 };

pub(crate) fn part(text: &str, transactional: bool) -> ScriptPart {
    ScriptPart::new("does something", text, transactional)
}

fn script(up: &[ScriptPart], down: Result<&[ScriptPart], &str>) -> Script {
    Script {
        title: "Repair public.orders".to_owned(),
        head: vec!["made by trueup".to_owned()],
        up: up.to_vec(),
        down: down.map(<[_]>::to_vec).map_err(str::to_owned),
    }
}

fn written(project: &Project, framework: &str, script: &Script) -> Result<Vec<WrittenMigration>, WriteError> {
    let (detected, history) = project.history(framework);
    let request = WriteRequest { detected: &detected, history: &history, recorded: &[], script, now: NOW };
    crate::framework(framework).expect("known").write(&request)
}

fn put(project: &Project, written: &[WrittenMigration]) {
    for file in written.iter().flat_map(|migration| &migration.files) {
        assert!(!project.root.join(&file.path).exists(), "{} is there already", file.path);
        project.write(file.path.as_str(), file.text.as_bytes());
    }
}

/// A small project of each tool, with the name of the tool.
const PROJECTS: &[(&str, &[(&str, &str)])] = &[
    (
        "flyway",
        &[
            ("flyway.conf", "flyway.locations=filesystem:sql\n"),
            ("sql/V1.9__a.sql", "SELECT 1;\n"),
            ("sql/R__v.sql", "SELECT 2;\n"),
        ],
    ),
    (
        "golang-migrate",
        &[("migrations/000009_a.up.sql", "SELECT 1;\n"), ("migrations/000009_a.down.sql", "SELECT 1;\n")],
    ),
    (
        "golang-migrate",
        &[
            (".env", "DATABASE_URL=postgres://h/db?x-multi-statement=true\n"),
            ("migrations/000009_a.up.sql", "SELECT 1;\n"),
        ],
    ),
    (
        "dbmate",
        &[("db/migrations/20240101000000_a.sql", "-- migrate:up\r\nSELECT 1;\r\n-- migrate:down\r\n")],
    ),
    ("goose", &[("migrations/00009_a.sql", "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;\n")]),
    ("goose", &[("migrations/00009_a.sql", "-- +goose Up\r\nSELECT 1;\r\n")]),
    (
        "sqlx",
        &[
            ("Cargo.toml", "[dependencies]\nsqlx = \"0.8\"\n"),
            ("migrations/0009_a.up.sql", "SELECT 1;\n"),
            ("migrations/0009_a.down.sql", "SELECT 1;\n"),
        ],
    ),
    (
        "diesel",
        &[
            ("migrations/2024-01-01-000000_a/up.sql", "SELECT 1;\n"),
            ("migrations/2024-01-01-000000_a/down.sql", "SELECT 1;\n"),
        ],
    ),
    (
        "refinery",
        &[("Cargo.toml", "[dependencies]\nrefinery = \"0.9\"\n"), ("migrations/V9__a.sql", "SELECT 1;\n")],
    ),
    (
        "prisma",
        &[
            ("prisma/migrations/0_init/migration.sql", "SELECT 1;\n"),
            ("prisma/migrations/0_init/down.sql", "SELECT 1;\n"),
        ],
    ),
    ("plain", &[("migrations/009_a.sql", "SELECT 1;\n"), ("migrations/009_a.down.sql", "SELECT 1;\n")]),
    ("plain", &[("sql/9-a.sql", "SELECT 1;\r\n"), ("sql/down/9-a.sql", "SELECT 1;\r\n")]),
];

/// Writes, puts the files where they belong, and reads the project again.
fn round_trip(framework: &str, files: &[(&str, &str)], script: &Script) {
    let project = project(files);
    let (detected, before) = project.history(framework);
    let written = match written(&project, framework, script) {
        Ok(written) => written,
        Err(WriteError::NeedsNoTransaction { .. }) if framework == "refinery" => return,
        Err(error) => panic!("{framework}: {error}"),
    };
    put(&project, &written);
    let known = crate::framework(framework).expect("known");
    let after = known.read(&detected).expect("readable");
    assert_eq!(codes(&after.findings), codes(&before.findings), "{framework}: {written:#?}");
    let versioned = |history: &History| -> Vec<Migration> {
        let all = history.migrations.iter();
        all.filter(|migration| !migration.key.as_str().starts_with("R__")).cloned().collect()
    };
    let (before, after) = (versioned(&before), versioned(&after));
    assert_eq!(after.len(), before.len() + written.len(), "{framework}: {written:#?}");
    let new = &after[before.len()..];
    let wrapper = |text: &str| matches!(text, "BEGIN" | "COMMIT");
    let texts = |statements: &[trueup_model::Statement]| -> Vec<String> {
        let bare = statements.iter().map(|statement| unveiled(&statement.text));
        bare.filter(|text| !wrapper(text) && text != "SELECT 1").map(|text| semantic_text(&text)).collect()
    };
    let meant = |parts: &[ScriptPart]| -> Vec<String> {
        parts.iter().map(|part| semantic_text(part.text.trim_end_matches(';'))).collect()
    };
    for (read, written) in new.iter().zip(&written) {
        assert_eq!((&read.id, &read.key, &read.checksum), (&written.id, &written.key, &written.checksum));
        assert_eq!(*read.file, *written.files[0].path.as_str());
        if !matches!(framework, "golang-migrate" | "prisma" | "plain") {
            let inside = read.transaction == TransactionMode::Single;
            assert_eq!(inside, written.transactional, "{framework}: {written:#?}");
        }
        assert_eq!(texts(&read.up), meant(&script.up[written.parts.clone()]), "{framework}: {written:#?}");
    }
    let down: Vec<String> =
        new.iter().rev().flat_map(|migration| texts(migration.down.as_deref().unwrap_or_default())).collect();
    match &script.down {
        Ok(_) if framework == "refinery" => assert!(down.is_empty()),
        Ok(parts) => assert_eq!(down, meant(parts), "{framework}: {written:#?}"),
        Err(_) => assert!(down.iter().all(|text| is_refusal(text)), "{framework}: {down:?}"),
    }
}

/// Texts that a careless reader would take for something else.
const HOSTILE: &[&str] = &[
    "SELECT 11",
    "SELECT 'x\r\ny'",
    "SELECT '${x}', '${flyway:table}'",
    "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  x := 1;\n-- migrate:down\n-- +goose Down\n  RETURN ${n};\nEND\n$$",
    "DO $guard$ BEGIN EXECUTE $x$CREATE TABLE a (b int); SELECT ';'$x$; END $guard$",
    "SELECT 'a\r\nb;\n-- +goose StatementEnd\n--migrate:up\n'",
    "SELECT 1 -- +goose Down\n, 2 /* \n-- migrate:down\n; */, 3 -- no-transaction;",
    "SELECT \"a;b\"\"'\", U&'\\0061', E'\\n;', 'it''s -- not'",
    "CREATE TABLE \"${t}\" (\"--\" int, c text DEFAULT '\\')",
    "SELECT a[1:n], b::text\r\nFROM c -- last",
    "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END",
    "COMMENT ON TABLE a IS '\n\n-- migrate:up transaction:false\n\\i x\n'",
];

const OUTSIDE: &[&str] = &[
    "CREATE INDEX CONCURRENTLY i ON a (b)",
    "DROP INDEX CONCURRENTLY \"i j\"",
    "ALTER TYPE t ADD VALUE '${x}'",
];

fn hostile_part() -> impl Strategy<Value = ScriptPart> {
    let piece = prop::sample::select(vec![
        "'",
        ";",
        "--",
        "\n",
        "\r\n",
        "-- migrate:down",
        "-- +goose Down",
        "$$",
        "${x}",
        "\\",
        "a",
        " ",
        "$trueup$",
        "*/",
    ]);
    let literal = prop::collection::vec(piece, 0..12)
        .prop_map(|pieces| format!("SELECT '{}'", pieces.concat().replace('\'', "''")));
    let comment = prop::sample::select(vec![
        "",
        "create it",
        "no-transaction",
        "+goose Down",
        "migrate:down",
        "a\nDROP TABLE b;",
        "\r${x}; */",
    ]);
    let text = prop_oneof![
        prop::sample::select(HOSTILE.to_vec()).prop_map(|text| (text.to_owned(), true)),
        literal.prop_map(|text| (text, true)),
        prop::sample::select(OUTSIDE.to_vec()).prop_map(|text| (text.to_owned(), false)),
    ];
    (text, comment).prop_map(|((text, transactional), comment)| ScriptPart::new(comment, text, transactional))
}

fn hostile_script() -> impl Strategy<Value = Script> {
    let line =
        prop::sample::select(vec!["", "no-transaction", "-- migrate:up", "+goose Up", "x\n;DROP\r;", "${y}"]);
    let parts = prop::collection::vec(hostile_part(), 1..5);
    let back = prop::collection::vec(hostile_part(), 5);
    (prop::collection::vec(line, 0..3), parts, back, any::<bool>(), "\\PC{0,12}").prop_map(
        |(head, up, mut back, reversible, title)| {
            back.truncate(up.len());
            let down = if reversible { Ok(back) } else { Err("it's\ngone; -- +goose Up".to_owned()) };
            Script { title, head: head.into_iter().map(str::to_owned).collect(), up, down }
        },
    )
}

#[test]
fn every_hostile_statement_comes_back_from_every_tool() {
    for (framework, files) in PROJECTS {
        for text in HOSTILE {
            let parts = [part(text, true), part("SELECT 2", true)];
            round_trip(framework, files, &script(&parts, Ok(&parts)));
        }
    }
}

/// goose reads lines without their carriage returns, wherever they are.
#[test]
fn nothing_is_left_for_goose_to_drop() {
    let (framework, files) = PROJECTS[4];
    for text in HOSTILE {
        let parts = [part(text, true)];
        let written = written(&project(files), framework, &script(&parts, Ok(&parts))).expect("writable");
        assert!(!written[0].files[0].text.contains('\r'), "{written:#?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_scripts_come_back_from_every_tool(script in hostile_script()) {
        for (framework, files) in PROJECTS {
            round_trip(framework, files, &script);
        }
    }
}

/// The files as `path:` and their text.
#[track_caller]
fn check(framework: &str, files: &[(&str, &str)], script: &Script, expected: &str) {
    let project = project(files);
    let written = written(&project, framework, script).expect("writable");
    let shown: Vec<String> = written
        .iter()
        .flat_map(|migration| &migration.files)
        .map(|file| format!("== {}\n{}", file.path, file.text))
        .collect();
    assert_eq!(shown.concat().replace("\r\n", "\n"), expected);
}

fn index_script() -> Script {
    script(
        &[part("DO $$ BEGIN PERFORM 1; END $$", true), part("CREATE INDEX CONCURRENTLY i ON a (b)", false)],
        Ok(&[part("DROP INDEX CONCURRENTLY i", false), part("SELECT -1", true)]),
    )
}

fn no_way_back() -> Script {
    script(&[part("DROP TABLE a", true)], Err("its rows are gone"))
}

mod forms;
mod ledgers;

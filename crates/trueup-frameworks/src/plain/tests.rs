//! Plain folders: histories and ledgers in small projects.

use trueup_model::history::TransactionMode;

use crate::testing::{Project, check_standing, codes, ids, keys, project, up};

fn plain(files: &[(&str, &str)]) -> Project {
    let project = project(&[]);
    for (name, text) in files {
        project.write(&format!("migrations/{name}"), text.as_bytes());
    }
    project
}

fn check(files: &[(&str, &str)], expected: &[&str], findings: &[&str]) -> trueup_model::History {
    let (_, history) = plain(files).history("plain");
    assert_eq!(ids(&history), expected);
    assert_eq!(codes(&history.findings), findings);
    history
}

#[test]
fn numbers_are_sorted_by_value_and_other_files_are_left_alone() {
    let history = check(
        &[
            ("010_c.sql", "SELECT 10;"),
            ("9_b.sql", "SELECT 9;"),
            ("001_a.sql", "SELECT 1;"),
            ("script.py", "import os"),
            ("README.md", "# x"),
            ("queries.sql", "SELECT 1;"),
        ],
        &["001_a", "9_b", "010_c"],
        &[],
    );
    assert_eq!(history.migrations[0].transaction, TransactionMode::PerStatement);
    assert_eq!(&*history.migrations[2].file, "migrations/010_c.sql");
    assert_eq!(history.migrations[2].parents[0].as_str(), "9_b");
}

#[test]
fn ways_back_are_no_migrations() {
    let history = check(
        &[
            ("001_a.up.sql", "SELECT 1;"),
            ("001_a.down.sql", "SELECT -1;"),
            ("002_b_up.sql", "SELECT 2;"),
            ("002_b_down.sql", "SELECT -2;"),
            ("003_c.sql", "SELECT 3;"),
            ("003_c_rollback.sql", "SELECT -3;"),
            ("004_set_up.sql", "SELECT 4;"),
            ("005_tear_down.sql", "SELECT 5;"),
            ("rollback/004_set_up.sql", "SELECT -4;"),
            ("006_x.undo.sql", "SELECT -6;"),
        ],
        &["001_a", "002_b", "003_c", "004_set_up", "005_tear_down"],
        &["unreadable-migration 006_x.undo.sql migrations/006_x.undo.sql:1"],
    );
    let back: Vec<bool> = history.migrations.iter().map(|migration| migration.down.is_some()).collect();
    assert_eq!(back, [true, true, true, true, false]);
    assert_eq!(up(&history, 1), ["SELECT 2"]);
}

#[test]
fn two_files_with_one_number_are_told() {
    check(
        &[("001_a.sql", "SELECT 1;"), ("1_b.sql", "SELECT 1;")],
        &["001_a", "1_b"],
        &["duplicate-id 1_b migrations/1_b.sql:1"],
    );
}

#[test]
fn a_file_without_a_number_is_told_where_it_changes_the_schema() {
    check(
        &[
            ("001_a.sql", "SELECT 1;"),
            ("extra.sql", "SELECT 1;\nCREATE TABLE x (id int);"),
            ("seed.sql", "INSERT INTO x VALUES (1);"),
        ],
        &["001_a"],
        &["not-checked extra migrations/extra.sql:2"],
    );
}

#[test]
fn includes_are_followed_with_their_places() {
    let history = check(
        &[
            (
                "001_a.sql",
                "\\set ON_ERROR_STOP on\n\\ir parts/one.sql\n\\i migrations/parts/two.sql\n\\echo done\n\\q\n",
            ),
            ("parts/one.sql", "\n\nSELECT 1;\n\\ir three.sql\n"),
            ("parts/two.sql", "SELECT 2;"),
            ("parts/three.sql", "SELECT 3;"),
            ("002_b.sql", "\\ir parts\\two.sql\n\\ir 'parts/with space.sql'\n"),
            ("parts/with space.sql", "SELECT 4;"),
        ],
        &["001_a", "002_b"],
        &[],
    );
    assert_eq!(up(&history, 0), ["SELECT 1", "SELECT 3", "SELECT 2"]);
    assert_eq!(&*history.migrations[0].up[0].place.file, "migrations/parts/one.sql");
    assert_eq!(history.migrations[0].up[0].place.line, 3);
    assert_eq!(up(&history, 1), ["SELECT 2", "SELECT 4"]);
}

#[test]
fn a_master_file_stands_for_what_it_includes() {
    let history = check(
        &[
            ("all.sql", "BEGIN;\n\\ir 001_a.sql\n\\ir 002_b.sql\nCOMMIT;\n"),
            ("001_a.sql", "SELECT 1;"),
            ("002_b.sql", "SELECT 2;"),
            ("003_c.sql", "SELECT 3;"),
        ],
        &["all", "003_c"],
        &[],
    );
    assert_eq!(up(&history, 0), ["BEGIN", "SELECT 1", "SELECT 2", "COMMIT"]);
}

#[test]
fn includes_that_lead_nowhere_are_told() {
    let project = plain(&[
        ("001_a.sql", "\\ir missing.sql\nSELECT 1;\n"),
        ("002_b.sql", "SELECT 1;\n\\ir loop.sql\n"),
        ("loop.sql", "\\ir 002_b.sql\n"),
        ("003_c.sql", "\\ir ../../outside.sql\n\\i C:\\x.sql\n\\i :file\n"),
    ]);
    let (_, history) = {
        // A file that exists, beside the project.
        let outside = project.root.parent().expect("a parent").join("outside.sql");
        std::fs::write(&outside, "SELECT 1;").expect("writable");
        let result = project.history("plain");
        std::fs::remove_file(&outside).expect("removable");
        result
    };
    assert_eq!(
        codes(&history.findings),
        [
            "unfollowed-command 001_a migrations/001_a.sql:1",
            "unfollowed-command 002_b migrations/loop.sql:1",
            "unfollowed-command 003_c migrations/003_c.sql:1",
            "unfollowed-command 003_c migrations/003_c.sql:2",
            "unfollowed-command 003_c migrations/003_c.sql:3",
        ]
    );
    let messages: Vec<_> = history.findings.iter().filter_map(|finding| finding.found.clone()).collect();
    assert!(messages.iter().any(|message| message.contains("outside of the project")), "{messages:?}");
    assert!(messages.iter().any(|message| message.contains("includes itself")), "{messages:?}");
    assert!(history.migrations.iter().all(|migration| migration.opaque.is_some()));
    assert_eq!(up(&history, 1), ["SELECT 1"]);
}

#[test]
fn commands_that_cannot_be_followed_are_told() {
    let history = check(
        &[
            ("001_a.sql", "\\connect other\n\\copy t FROM 'x'\nSELECT 'SELECT 1' \\gexec\n"),
            ("002_b.sql", "\\set owner ann\nALTER TABLE t OWNER TO :owner;\nSELECT a::text;\n"),
            ("003_c.sql", "\\restrict abc\n\\pset pager off\nSELECT 1;\n\\unrestrict abc\n"),
            ("004_d.sql", "\\set unused 1\nSELECT 1;\n"),
        ],
        &["001_a", "002_b", "003_c", "004_d"],
        &[
            "unfollowed-command 001_a migrations/001_a.sql:1",
            "unfollowed-command 001_a migrations/001_a.sql:3",
            "unfollowed-command 002_b migrations/002_b.sql:2",
            "unfollowed-command 001_a migrations/001_a.sql:2",
            "unfollowed-command 002_b migrations/002_b.sql:1",
            "unfollowed-command 004_d migrations/004_d.sql:1",
        ],
    );
    let opaque: Vec<bool> = history.migrations.iter().map(|migration| migration.opaque.is_some()).collect();
    assert_eq!(opaque, [true, true, false, false]);
}

/// What is left of one file, and which lines of it are told.
fn check_conditions(text: &str, expected: &[&str], told: &[u32], opaque: bool) {
    let (_, history) = plain(&[("001_a.sql", text), ("part.sql", "SELECT 'part';")]).history("plain");
    assert_eq!(up(&history, 0), expected, "{text}");
    let mut lines: Vec<u32> = history
        .findings
        .iter()
        .filter_map(|finding| finding.origin.as_ref()?.place.as_ref().map(|place| place.line))
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, told, "{text}");
    assert_eq!(history.migrations[0].opaque.is_some(), opaque, "{text}");
}

#[test]
fn conditions_that_stand_in_the_file_are_followed() {
    let check = |text: &str, expected: &[&str]| check_conditions(text, expected, &[], false);
    let three = |one: &str, two: &str| {
        format!("\\if {one}\nSELECT 1;\n\\elif {two}\nSELECT 2;\n\\else\nSELECT 3;\n\\endif\nSELECT 4;\n")
    };
    check(&three("true", "true"), &["SELECT 1", "SELECT 4"]);
    check(&three("off", "on"), &["SELECT 2", "SELECT 4"]);
    check(&three("0", "0"), &["SELECT 3", "SELECT 4"]);
    // Once a branch ran, nobody asks for the others.
    check(&three("1", ":x"), &["SELECT 1", "SELECT 4"]);
    check("\\if false\n\\if :x\nSELECT 1;\n\\else\nSELECT 2;\n\\endif\n\\endif\nSELECT 3;\n", &["SELECT 3"]);
    check("\\if false\n\\ir nowhere.sql\n\\! rm\n\\else\n\\ir part.sql\n\\endif\n", &["SELECT 'part'"]);
    check("\\if false\n\\q\n\\endif\nSELECT 1;\n", &["SELECT 1"]);
    // What was typed last is sent at the end.
    check("SELECT 1\n\\q\nSELECT 2;\n", &["SELECT 1"]);
    check("SELECT 1;\n\\if true\n\\q\n\\endif\nSELECT 2;\n", &["SELECT 1"]);
    check("\\if false\nSELECT\n\\if true\n1\n\\endif\n;\n\\endif\nSELECT 2;\n", &["SELECT 2"]);
}

#[test]
fn what_depends_on_other_conditions_is_left_out_and_told() {
    let check = |text: &str, expected: &[&str], told: &[u32]| check_conditions(text, expected, told, true);
    check(
        "SELECT 1;\n\\if :x\nSELECT 2;\n\\else\nSELECT 3;\n\\endif\nSELECT 4;\n",
        &["SELECT 1", "SELECT 4"],
        &[2],
    );
    check(
        "\\if false\nSELECT 1;\n\\elif :x\nSELECT 2;\n\\elif true\nSELECT 3;\n\\else\nSELECT 4;\n\\endif\nSELECT 5;\n",
        &["SELECT 5"],
        &[3],
    );
    check(
        "\\if :x\n\\if :y\nSELECT 1;\n\\endif\n\\ir nowhere.sql\n\\endif\nSELECT 2;\n",
        &["SELECT 2"],
        &[1],
    );
    check("SELECT 1\n\\if true\n, 2\n\\else\n, 3\n\\endif\n;\nSELECT 4;\n", &["SELECT 4"], &[1]);
}

#[test]
fn conditions_without_beginning_or_end_are_told() {
    let check = |text: &str, expected: &[&str], told: &[u32]| check_conditions(text, expected, told, false);
    check("SELECT 1;\n\\endif\nSELECT 2;\n", &["SELECT 1", "SELECT 2"], &[2]);
    check("\\else\n\\elif true\nSELECT 1;\n", &["SELECT 1"], &[1, 2]);
    check("\\if true\nSELECT 1;\n", &["SELECT 1"], &[1]);
    check("\\if false\n\\else\nSELECT 1;\n\\else\nSELECT 2;\n\\endif\n", &["SELECT 1", "SELECT 2"], &[4]);
}

#[test]
fn unreadable_files_leave_the_others() {
    let project = plain(&[
        ("001_a.sql", "SELECT 1;"),
        ("003_c.sql", "SELECT 1;\nSELECT $a$ open;\n"),
        ("004_d.sql", "-- nothing\n"),
    ]);
    project.write("migrations/002_b.sql", b"\x00\x01\x02binary\x00");
    let wide: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain("SELECT 5;\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    project.write("migrations/005_e.sql", &wide);
    let (_, history) = project.history("plain");
    assert_eq!(ids(&history), ["001_a", "002_b", "003_c", "004_d", "005_e"]);
    assert_eq!(up(&history, 4), ["SELECT 5"]);
    assert_eq!(
        codes(&history.findings),
        [
            "unreadable-migration 002_b migrations/002_b.sql:1",
            "unreadable-migration 003_c migrations/003_c.sql:2",
            "unreadable-migration 004_d migrations/004_d.sql:1",
        ]
    );
    let excerpt = history.findings[1].origin.as_ref().and_then(|origin| origin.excerpt.clone());
    assert_eq!(excerpt.as_deref(), Some("SELECT $a$ open;"));
}

#[test]
fn folders_called_by_number_belong_to_the_history() {
    let project = project(&[
        ("sql/1_base.sql", "SELECT 1;"),
        ("sql/2_more/1_a.sql", "SELECT 2;"),
        ("sql/2_more/2_b.sql", "SELECT 3;"),
        ("sql/10_last.sql", "SELECT 4;"),
        ("sql/tests/1_x.sql", "SELECT 5;"),
    ]);
    let (_, history) = project.history("plain");
    assert_eq!(keys(&history), ["1_base", "2_more/1_a", "2_more/2_b", "10_last"]);
}

#[test]
fn the_ledger_is_read() {
    let project =
        plain(&[("001_a.sql", "SELECT 1;"), ("002_b.sql", "SELECT 2;"), ("003_c.sql", "SELECT 3;")]);
    check_standing(
        &project,
        "plain",
        &[
            &["001_a", "2024-01-01 00:00:00+00", "beef", "applied", "ann"],
            &["003_c", "2024-01-02 00:00:00+00", "NULL", "failed", "ann"],
            &["004_d", "2024-01-03 00:00:00+00", "NULL", "NULL", "ann"],
            &["002_b", "2024-01-04 00:00:00+00", "NULL", "rolled back", "ann"],
            &["005_e", "2024-01-04 00:00:00+00", "NULL", "odd", "ann"],
        ],
        [
            &["001_a"],
            &["002_b", "003_c"],
            &[
                "phantom-migration 004_d",
                "half-applied-migration 003_c",
                "edited-migration 001_a migrations/001_a.sql:1",
                "inconsistent-ledger 005_e",
            ],
        ],
    );
}

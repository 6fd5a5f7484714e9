//! Which statement made what, also where a kept shadow goes on.

use super::*;

#[test]
fn tables_and_columns_have_their_statements() {
    for mode in [SINGLE, IMPLICIT, EACH] {
        on_each(|shadow| {
            let history = history(&[
                (mode, "CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (id int); -- the end"),
                (mode, "SELECT 1;\nALTER TABLE a ADD COLUMN price int;\nCREATE INDEX a_price ON a (price);"),
            ]);
            let replay = run(shadow, &history);
            assert_eq!(failures(&replay), NONE);
            assert_eq!(notes(&replay), NONE);
            assert_eq!(replay.statements, 5);
            // The last to write the row of the table counted its new column.
            assert_eq!(provenance(shadow, &replay, &class("a")), "m0:0 m1:1");
            assert_eq!(provenance(shadow, &replay, &class("a_pkey")), "m0:0 m0:0");
            assert_eq!(provenance(shadow, &replay, &class("b")), "m0:1 m0:1");
            assert_eq!(provenance(shadow, &replay, &class("a_price")), "m1:2 m1:2");
            assert_eq!(provenance(shadow, &replay, &column("a", "id")), "- m0:0");
            assert_eq!(provenance(shadow, &replay, &column("a", "price")), "- m1:1");
            assert_eq!(provenance(shadow, &replay, &class("pg_class")), "- -");
        });
    }
}

#[test]
fn code_in_blocks_and_functions_counts_for_the_statement_that_runs_it() {
    on_each(|shadow| {
        let block =
            "DO $$ BEGIN CREATE TYPE mood AS ENUM ('sad'); EXCEPTION WHEN duplicate_object THEN NULL; END $$";
        let history = history(&[
            (SINGLE, &format!("{block}; CREATE TABLE a (m mood); {block}")),
            (
                EACH,
                "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE one (i int); COMMIT; \
                    CREATE TABLE two (i int); END $$; CALL p(); CREATE TABLE three (i int)",
            ),
            (EACH, &block.replace("EXCEPTION WHEN", "PERFORM 1/0; EXCEPTION WHEN division_by_zero OR")),
        ]);
        let replay = run(shadow, &history);
        assert_eq!(failures(&replay), NONE);
        assert_eq!(
            provenance(shadow, &replay, "SELECT oid, xmin FROM pg_type WHERE typname = 'mood'"),
            "m0:0 m0:0"
        );
        assert_eq!(provenance(shadow, &replay, &class("a")), "m0:1 m0:1");
        assert_eq!(provenance(shadow, &replay, &class("one")), "m1:1 m1:1");
        assert_eq!(provenance(shadow, &replay, &class("two")), "m1:1 m1:1");
        assert_eq!(provenance(shadow, &replay, &class("three")), "m1:2 m1:2");
    });
}

#[test]
fn a_kept_shadow_goes_on_where_it_was() {
    let (folder, surroundings) = surroundings();
    let kept = folder.path().join("kept");
    for kind in ["embedded", "local"] {
        let mut shadow = if kind == "embedded" {
            embedded(&["citext", "hstore"], &surroundings)
        } else {
            local(&surroundings)
        };
        let first = history(&[
            (SINGLE, "CREATE EXTENSION citext; CREATE TABLE a (i citext); GRANT SELECT ON a TO reader"),
            (SINGLE, "CREATE TABLE b (i nonsense)"),
        ]);
        let before = run(&mut *shadow, &first);
        let size = shadow.keep(&kept).unwrap();
        assert!(size.bytes < 8_000_000, "{size:?}");

        // A file has come in between: positions have changed, ids have not.
        let mut history =
            history(&[(SINGLE, "CREATE EXTENSION hstore"), (SINGLE, "ALTER TABLE a ADD COLUMN j hstore")]);
        history.migrations[0].id = Text::new("new0");
        history.migrations[1].id = Text::new("new1");
        history.migrations.splice(1..1, first.migrations.iter().cloned());
        for _ in 0..2 {
            let mut shadow = crate::shadow::open_kept(&kept, &surroundings).unwrap().unwrap();
            assert_eq!(shadow.kind(), kind);
            let replay = replay(&mut *shadow, &history, &[0, 3], &mut |_| {}).unwrap();
            assert_eq!(replay.statements, 2);
            assert_eq!(failures(&replay), [format!("m2:0 {}", before.failures[0].error.message)]);
            assert_eq!(replay.failures[0].error, before.failures[0].error);
            assert_eq!(notes(&replay).len(), 1);
            assert_eq!(provenance(&mut *shadow, &replay, &class("a")), "m1:1 m3:0");
            assert_eq!(provenance(&mut *shadow, &replay, &column("a", "i")), "- m1:1");
            assert_eq!(provenance(&mut *shadow, &replay, &column("a", "j")), "- m3:0");
            assert_eq!(
                provenance(
                    &mut *shadow,
                    &replay,
                    "SELECT oid, xmin FROM pg_extension WHERE extname = 'hstore'"
                ),
                "m0:0 m0:0"
            );
        }
    }
}

/// What the tool makes before its first migration is made once: a migration may have dropped it since.
#[test]
fn a_kept_shadow_is_not_prepared_again() {
    let (folder, surroundings) = surroundings();
    let kept = folder.path().join("kept");
    let with_schema = |files: &[(TransactionMode, &str)]| {
        let mut history = history(files);
        history.preparation.schemas = vec!["aux".into()];
        history
    };
    let first = (SINGLE, "DROP SCHEMA aux");
    let mut shadow = embedded(&[], &surroundings);
    assert_eq!(failures(&run(&mut *shadow, &with_schema(&[first]))), NONE);
    shadow.keep(&kept).unwrap();
    let mut shadow = crate::shadow::open_kept(&kept, &surroundings).unwrap().unwrap();
    let both = with_schema(&[first, (SINGLE, "CREATE TABLE a ()")]);
    assert_eq!(failures(&replay(&mut *shadow, &both, &[1], &mut |_| {}).unwrap()), NONE);
    assert_eq!(shadow.session().value("SELECT to_regnamespace('aux')").unwrap(), None);
}

#[test]
fn progress_names_each_migration() {
    let (_folder, surroundings) = surroundings();
    let history = history(&[(SINGLE, "SELECT 1"), (SINGLE, "SELECT 2")]);
    let mut seen = Vec::new();
    replay(&mut *embedded(&[], &surroundings), &history, &[1, 0], &mut |one| {
        seen.push((one.migration, one.done))
    })
    .unwrap();
    assert_eq!(seen, [(1, 0), (0, 1)]);
}

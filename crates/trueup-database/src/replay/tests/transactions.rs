//! Transactions around and inside of files, and statements that fail in them.

use super::*;

#[test]
fn what_cannot_run_in_a_transaction_runs_alone() {
    on_each(|shadow| {
        let history = history(&[
            (
                SINGLE,
                "CREATE TABLE a (id int); CREATE INDEX CONCURRENTLY a_id ON a (id); CREATE TABLE b (id int)",
            ),
            (EACH, "CREATE INDEX CONCURRENTLY b_id ON b (id); VACUUM a; REINDEX INDEX CONCURRENTLY a_id"),
            (IMPLICIT, "DROP INDEX CONCURRENTLY b_id"),
            (EACH, "INSERT INTO a VALUES (1), (1); CREATE UNIQUE INDEX CONCURRENTLY a_once ON a (id)"),
            (EACH, "BEGIN; CREATE INDEX CONCURRENTLY b_never ON b (id); CREATE TABLE c (id int); COMMIT"),
        ]);
        let replay = run(shadow, &history);
        assert_eq!(
            failures(&replay),
            [
                "m3:1 could not create unique index \"a_once\"",
                "m4:1 CREATE INDEX CONCURRENTLY cannot run inside a transaction block"
            ]
        );
        assert_eq!(
            notes(&replay),
            [
                "m0:1 it cannot run inside of a transaction, and the tool opens one around the file; it was run outside"
            ]
        );
        assert_eq!(provenance(shadow, &replay, &class("a")), "m0:0 m0:0");
        // Rebuilding an index puts another one into its place.
        assert_eq!(provenance(shadow, &replay, &class("a_id")), "m1:2 m1:2");
        assert_eq!(provenance(shadow, &replay, &class("b")), "m0:2 m0:2");
        assert_eq!(provenance(shadow, &replay, &class("b_id")), "");
        // What a failed build has left behind is its work too.
        assert_eq!(provenance(shadow, &replay, &class("a_once")), "m3:1 m3:1");
        assert_eq!(provenance(shadow, &replay, &class("c")), "m4:2 m4:2");
    });
}

#[test]
fn transactions_of_a_file_are_its_own() {
    for mode in [SINGLE, IMPLICIT, EACH] {
        on_each(|shadow| {
            let history = history(&[(
                mode,
                "BEGIN; CREATE TABLE kept (i int); COMMIT;
                 BEGIN; CREATE TABLE lost (i int); ROLLBACK;
                 START TRANSACTION;
                 CREATE TABLE a (i int); SAVEPOINT one; CREATE TABLE b (i int); ROLLBACK TO one;
                 CREATE TABLE c (i int); RELEASE SAVEPOINT one; ROLLBACK TO nowhere; CREATE TABLE d (i int);
                 COMMIT AND CHAIN; CREATE TABLE e (i int); COMMIT; CREATE TABLE f (i int)",
            )]);
            let replay = run(shadow, &history);
            assert_eq!(failures(&replay), ["m0:13 savepoint \"nowhere\" does not exist"]);
            let there = shadow
                .session()
                .rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1");
            let there: Vec<String> = there.unwrap().into_iter().flatten().flatten().collect();
            assert_eq!(there, ["a", "c", "d", "e", "f", "kept"], "{mode:?}");
            assert_eq!(provenance(shadow, &replay, &class("a")), "m0:7 m0:7");
            assert_eq!(provenance(shadow, &replay, &class("c")), "m0:11 m0:11");
            assert_eq!(provenance(shadow, &replay, &class("e")), "m0:16 m0:16");
            assert_eq!(provenance(shadow, &replay, &class("f")), "m0:18 m0:18");
        });
    }
}

#[test]
fn a_transaction_left_open_is_committed_and_said() {
    on_each(|shadow| {
        let history = history(&[(EACH, "BEGIN; CREATE TABLE a (i int)"), (EACH, "CREATE TABLE b (i int)")]);
        let replay = run(shadow, &history);
        assert_eq!(failures(&replay), NONE);
        assert_eq!(
            notes(&replay),
            ["m0:1 the file begins a transaction that it does not end; it was committed"]
        );
        assert_eq!(provenance(shadow, &replay, &class("a")), "m0:1 m0:1");
    });
}

#[test]
fn a_failure_takes_only_itself_and_its_followers_are_told() {
    for mode in [SINGLE, IMPLICIT, EACH] {
        on_each(|shadow| {
            let history = history(&[
                (
                    mode,
                    "CREATE TABLE a (i int); CREATE TABLE b (i nonsense); CREATE TABLE c (i int); \
                 ALTER TABLE b ADD COLUMN j int; CREATE TABLE x y; ALTER TABLE a ADD COLUMN k int; SELECT",
                ),
                (mode, "CREATE TABLE"),
                (mode, "INSERT INTO stranger VALUES (1)"),
            ]);
            let replay = run(shadow, &history);
            assert_eq!(
                failures(&replay),
                [
                    "m0:1 type \"nonsense\" does not exist",
                    "m0:3 relation \"b\" does not exist after m0:1",
                    "m0:4 syntax error at or near \"y\"",
                    "m1:0 syntax error at end of input",
                    "m2:0 relation \"stranger\" does not exist",
                ],
                "{mode:?}"
            );
            assert_eq!(replay.failures[0].error.position, Some(19));
            assert_eq!(provenance(shadow, &replay, &class("c")), "m0:2 m0:2");
            assert_eq!(provenance(shadow, &replay, &column("a", "k")), "- m0:5");
        });
    }
}

#[test]
fn a_file_that_cannot_be_committed_is_replayed_piece_by_piece() {
    on_each(|shadow| {
        let history = history(&[
            (
                SINGLE,
                "CREATE TABLE a (i int PRIMARY KEY); CREATE TABLE b (i int REFERENCES a DEFERRABLE INITIALLY \
                      DEFERRED)",
            ),
            (SINGLE, "CREATE TABLE c (i int); INSERT INTO b VALUES (7)"),
        ]);
        let replay = run(shadow, &history);
        let message = "insert or update on table \"b\" violates foreign key constraint \"b_i_fkey\"";
        assert_eq!(failures(&replay), [format!("m1:1 {message}")]);
        assert_eq!(notes(&replay).len(), 1);
        assert_eq!(provenance(shadow, &replay, &class("c")), "m1:0 m1:0");
    });
}

#[test]
fn files_begin_afresh() {
    on_each(|shadow| {
        let history = history(&[
            (
                EACH,
                "CREATE SCHEMA s; SET search_path TO s; SET standard_conforming_strings TO off; \
                    SET statement_timeout TO 0; SET default_transaction_read_only TO on; SELECT 1; \
                    SET default_transaction_read_only TO off; CREATE TEMP TABLE x (i int); LISTEN a; NOTIFY a; \
                    PREPARE q AS SELECT 1; CREATE TABLE in_s (i int); SELECT pg_advisory_lock(1)",
            ),
            (
                EACH,
                "CREATE TABLE in_public (i int DEFAULT length('\\\\')); PREPARE q AS SELECT 2; SELECT * FROM x",
            ),
            (EACH, "DISCARD ALL; CREATE TABLE z (i int)"),
        ]);
        let replay = run(shadow, &history);
        assert_eq!(failures(&replay), ["m1:2 relation \"x\" does not exist"]);
        let places = shadow.session().rows(
            "SELECT oid::regclass::text FROM pg_class WHERE relname IN ('in_s', 'in_public', 'z') ORDER BY 1",
        );
        let places: Vec<String> = places.unwrap().into_iter().flatten().flatten().collect();
        assert_eq!(places, ["in_public", "s.in_s", "z"]);
        let default = shadow.session().value(
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'in_public'::regclass",
        );
        assert_eq!(default.unwrap().as_deref(), Some("length('\\\\'::text)"));
        assert_eq!(shadow.session().value("SHOW statement_timeout").unwrap().as_deref(), Some("0"));
    });
}

#[test]
fn rows_come_with_the_file() {
    for mode in [SINGLE, EACH] {
        on_each(|shadow| {
            let history = history(&[(
                mode,
                "CREATE TABLE a (i int, t text);\nCOPY a (i, t) FROM stdin;\n1\tone\n2\t\\N\n\\.\n\
                 COPY a FROM stdin;\nx\tbad\n\\.\nCOPY a TO stdout;\nCOPY a FROM PROGRAM 'touch /tmp/never';\n\
                 COPY a FROM '/etc/passwd';\nCREATE TABLE b AS SELECT * FROM a;\nCOPY b FROM stdin WITH (FREEZE);\n\
                 3\tthree\n\\.\n",
            )]);
            let replay = run(shadow, &history);
            assert_eq!(failures(&replay), ["m0:2 invalid input syntax for type integer: \"x\""]);
            assert_eq!(shadow.session().value("SELECT count(*) FROM b").unwrap().as_deref(), Some("2"));
            assert_eq!(
                notes(&replay),
                [
                    "m0:4 COPY was not run on the shadow: it runs a program on the server's machine",
                    "m0:5 COPY was not run on the shadow: it reads or writes a file of the server's machine",
                    "m0:7 COPY was not run on the shadow: FREEZE needs a table that was made in the same subtransaction; \
                     its rows are missing",
                ]
            );
            assert_eq!(provenance(shadow, &replay, &class("b")), "m0:6 m0:6");
        });
    }
}

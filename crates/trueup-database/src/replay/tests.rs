//! Replays on real servers: the embedded one and the local ones.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::sync::Arc;
use std::time::Instant;

use trueup_model::history::{Migration, MigrationKind};
use trueup_model::name::Text;
use trueup_sql::{SplitMode, split};

use super::*;
use crate::shadow::Shadow;
use crate::shadow::tests::{embedded, local, surroundings};

const SINGLE: TransactionMode = TransactionMode::Single;
const IMPLICIT: TransactionMode = TransactionMode::Implicit;
const EACH: TransactionMode = TransactionMode::PerStatement;

pub(crate) fn history(files: &[(TransactionMode, &str)]) -> History {
    let migrations = files.iter().enumerate().map(|(index, (transaction, text))| {
        let id = Text::new(format!("m{index}"));
        let file: Arc<str> = format!("m{index}.sql").into();
        let split = split(&file, text, SplitMode::PLAIN);
        Migration {
            key: id.clone(),
            id,
            kind: MigrationKind::Versioned,
            parents: Vec::new(),
            file,
            transaction: *transaction,
            up: split.statements().cloned().collect(),
            down: None,
            checksum: None,
            opaque: None,
        }
    });
    History {
        framework: "plain",
        root: Text::new("migrations"),
        preparation: trueup_model::Preparation::default(),
        migrations: migrations.collect(),
        findings: Vec::new(),
    }
}

pub(crate) fn run(shadow: &mut dyn Shadow, history: &History) -> Replay {
    let order: Vec<usize> = (0..history.migrations.len()).collect();
    replay(shadow, history, &order, &mut |_| {}).unwrap()
}

/// Each kind of shadow that can be had here.
fn on_each(check: impl Fn(&mut dyn Shadow)) {
    let (_folder, surroundings) = surroundings();
    check(&mut *embedded(&[], &surroundings));
    check(&mut *local(&surroundings));
}

/// `m0:2` for the third statement of the first migration.
fn word(statement: Option<StatementRef>) -> String {
    statement.map_or("-".to_owned(), |one| format!("m{}:{}", one.migration, one.statement))
}

/// Who created and who last wrote the rows that a query finds: its first two columns are a number and an xmin.
fn provenance(shadow: &mut dyn Shadow, replay: &Replay, query: &str) -> String {
    let rows = shadow.session().rows(query).unwrap();
    let of_row = |row: &Vec<Option<String>>| {
        let number = |index: usize| row[index].as_deref().and_then(|text| text.parse::<u32>().ok());
        let provenance = replay.provenance(number(0), number(1).unwrap());
        format!("{} {}", word(provenance.created), word(provenance.changed))
    };
    rows.iter().map(of_row).collect::<Vec<_>>().join(", ")
}

fn class(name: &str) -> String {
    format!("SELECT oid, xmin FROM pg_class WHERE relname = '{name}'")
}

fn column(table: &str, name: &str) -> String {
    format!("SELECT NULL, xmin FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attname = '{name}'")
}

pub(crate) fn failures(replay: &Replay) -> Vec<String> {
    let of_one = |failure: &Failure| {
        let follows = failure.follows.map(|one| format!(" after {}", word(Some(one)))).unwrap_or_default();
        let kind = match &failure.kind {
            FailureKind::Other => String::new(),
            kind => format!(" {kind:?}"),
        };
        format!("{} {}{kind}{follows}", word(Some(failure.statement)), failure.error.message)
    };
    replay.failures.iter().map(of_one).collect()
}

pub(crate) fn notes(replay: &Replay) -> Vec<String> {
    replay.notes.iter().map(|note| format!("{} {}", word(Some(note.statement)), note.text)).collect()
}

const NONE: &[&str] = &[];

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
fn roles_that_nobody_made_are_made_up() {
    on_each(|shadow| {
        let history = history(&[
            (
                SINGLE,
                "CREATE TABLE a (i int); GRANT SELECT ON a TO reader, \"Big \"\"One\"; ALTER TABLE a OWNER TO app",
            ),
            (
                EACH,
                "ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES TO auditor; \
                    CREATE POLICY p ON a TO clerk USING (true)",
            ),
            (
                SINGLE,
                "SET ROLE app; CREATE TABLE of_app (i int); SET LOCAL ROLE other; CREATE TABLE of_other (i int)",
            ),
            (SINGLE, "CREATE TABLE ours (i int)"),
            (SINGLE, "SET SESSION AUTHORIZATION app; CREATE SCHEMA AUTHORIZATION CURRENT_USER"),
        ]);
        let replay = run(shadow, &history);
        assert_eq!(failures(&replay), NONE);
        let made_up: Vec<String> =
            notes(&replay).into_iter().filter(|note| note.contains("made up")).collect();
        assert_eq!(made_up.len(), 6, "{made_up:?}");
        assert_eq!(
            made_up[0],
            "m0:1 the role reader is made by no earlier migration; it was made up on the shadow"
        );
        let owners = shadow.session().rows(
            "SELECT relname || ' ' || relowner::regrole FROM pg_class WHERE relkind = 'r' \
             AND relnamespace = 'public'::regnamespace ORDER BY 1",
        );
        let owners: Vec<String> = owners.unwrap().into_iter().flatten().flatten().collect();
        assert_eq!(owners, ["a app", "of_app app", "of_other other", "ours postgres"]);
        assert_eq!(provenance(shadow, &replay, &class("of_app")), "m2:1 m2:1");
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

#[test]
fn what_concerns_the_server_is_left_alone() {
    on_each(|shadow| {
        let history = history(&[(
            EACH,
            "CREATE DATABASE shop; ALTER DATABASE shop SET search_path TO x; ALTER SYSTEM SET work_mem TO '1GB'; \
             GRANT CONNECT ON DATABASE shop TO reader; COMMENT ON DATABASE shop IS 'x'; \
             DO $$ BEGIN EXECUTE 'GRANT CONNECT ON DATABASE shop TO PUBLIC'; END $$; \
             CREATE TABLESPACE fast LOCATION '/fast'; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; \
             REINDEX DATABASE shop; CREATE TABLE a (i int); LOCK TABLE a",
        )]);
        let replay = run(shadow, &history);
        assert_eq!(failures(&replay), NONE);
        assert_eq!(notes(&replay).len(), 7, "{:?}", notes(&replay));
        assert_eq!(provenance(shadow, &replay, &class("a")), "m0:9 m0:9");
    });
}

#[test]
fn tablespaces_are_made_up_where_that_is_possible() {
    let (_folder, surroundings) = surroundings();
    let shadow = &mut *local(&surroundings);
    for mode in [SINGLE, EACH] {
        let name = if mode == SINGLE { "a" } else { "b" };
        let history = history(&[(mode, &format!("CREATE TABLE {name} (i int) TABLESPACE fast_{name}"))]);
        let replay = run(shadow, &history);
        assert_eq!(failures(&replay), NONE);
        assert_eq!(provenance(shadow, &replay, &class(name)), "m0:0 m0:0");
    }
}

#[test]
fn subscriptions_do_not_connect() {
    let (_folder, surroundings) = surroundings();
    let shadow = &mut *local(&surroundings);
    let history = history(&[(
        EACH,
        "CREATE SUBSCRIPTION s CONNECTION 'host=192.0.2.1 dbname=x' PUBLICATION p WITH (copy_data = true); \
         ALTER SUBSCRIPTION s ADD PUBLICATION q; ALTER SUBSCRIPTION s REFRESH PUBLICATION; \
         ALTER SUBSCRIPTION s ENABLE; DROP SUBSCRIPTION IF EXISTS s; DROP SUBSCRIPTION IF EXISTS s; \
         CREATE SUBSCRIPTION s CONNECTION 'host=192.0.2.1' PUBLICATION p; DROP SUBSCRIPTION s",
    )]);
    let began = Instant::now();
    let replay = run(shadow, &history);
    assert_eq!(failures(&replay), NONE);
    assert_eq!(shadow.session().value("SELECT count(*) FROM pg_subscription").unwrap().as_deref(), Some("0"));
    assert!(began.elapsed().as_secs() < 5);
}

#[test]
fn a_history_may_throw_our_schema_away() {
    on_each(|shadow| {
        let history = history(&[
            (SINGLE, "CREATE TABLE a (i int); DROP SCHEMA trueup_shadow CASCADE; CREATE TABLE b (i int)"),
            (EACH, "DROP SCHEMA trueup_shadow CASCADE; CREATE TABLE c (i int)"),
        ]);
        let replay = run(shadow, &history);
        assert_eq!(failures(&replay), NONE);
        assert_eq!(provenance(shadow, &replay, &class("a")), "m0:0 m0:0");
        assert_eq!(provenance(shadow, &replay, &class("b")), "m0:2 m0:2");
        assert_eq!(provenance(shadow, &replay, &class("c")), "m1:1 m1:1");
    });
}

#[test]
fn a_statement_cannot_hang_for_ever() {
    let (_folder, surroundings) = surroundings();
    let options = ReplayOptions { statement_limit: std::time::Duration::from_millis(300) };
    let history = history(&[
        (SINGLE, "SELECT pg_sleep(600); CREATE TABLE a (i int)"),
        (SINGLE, "SET statement_timeout TO 0; SELECT pg_sleep(600); CREATE TABLE b (i int)"),
    ]);
    let shadow = &mut *local(&surroundings);
    let replay = replay_with(&options, shadow, &history, &[0, 1], &mut |_| {}).unwrap();
    assert_eq!(
        failures(&replay),
        [
            "m0:0 canceling statement due to statement timeout TimedOut",
            "m1:1 canceling statement due to user request TimedOut"
        ]
    );
    assert_eq!(provenance(shadow, &replay, &class("b")), "m1:2 m1:2");
}

/// The embedded server cannot interrupt a statement: then the replay ends, and so does the wait for the shadow.
#[test]
fn a_statement_that_hangs_in_the_embedded_server_ends_the_replay() {
    let (_folder, surroundings) = surroundings();
    let options = ReplayOptions { statement_limit: std::time::Duration::from_millis(300) };
    let history = history(&[(SINGLE, "CREATE TABLE a (i int); SELECT pg_sleep(25)")]);
    let mut shadow = embedded(&[], &surroundings);
    let began = Instant::now();
    let error = replay_with(&options, &mut *shadow, &history, &[0], &mut |_| {}).unwrap_err();
    assert!(error.to_string().starts_with("replaying migration m0, statement 2 of it: "), "{error}");
    drop(shadow);
    assert!(began.elapsed().as_secs() < 24, "{:?}", began.elapsed());
}

#[test]
fn a_connection_that_is_cut_is_an_error_with_its_statement() {
    let (_folder, surroundings) = surroundings();
    let history = history(&[(EACH, "SELECT 1; SELECT pg_terminate_backend(pg_backend_pid()); SELECT 2")]);
    let error = replay(&mut *local(&surroundings), &history, &[0], &mut |_| {}).unwrap_err();
    assert!(matches!(
        error,
        ReplayError::Lost { statement: StatementRef { migration: 0, statement: 1 }, .. }
    ));
}

#[test]
fn extensions_that_are_missing_are_failures_of_their_own_kind() {
    on_each(|shadow| {
        let history =
            history(&[(SINGLE, "CREATE EXTENSION IF NOT EXISTS postgis; CREATE TABLE a (g geometry)")]);
        let replay = run(shadow, &history);
        assert_eq!(
            failures(&replay),
            [
                "m0:0 extension \"postgis\" is not available MissingExtension(\"postgis\")",
                "m0:1 type \"geometry\" does not exist"
            ]
        );
    });
}

#[test]
fn extensions_are_created_by_the_history() {
    let (_folder, surroundings) = surroundings();
    let shadow = &mut *embedded(&["citext", "pg_trgm"], &surroundings);
    let history = history(&[(
        SINGLE,
        "CREATE EXTENSION citext; CREATE TABLE a (c citext, id uuid DEFAULT gen_random_uuid()); \
         CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public; CREATE INDEX ON a USING gin (c gin_trgm_ops); \
         CREATE EXTENSION pgcrypto; CREATE EXTENSION \"uuid-ossp\"; \
         CREATE TABLE b (id uuid DEFAULT uuid_generate_v4(), d bytea DEFAULT digest('a', 'sha1')); \
         INSERT INTO b DEFAULT VALUES; CREATE EXTENSION postgres_fdw; \
         CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'x'); \
         CREATE FOREIGN TABLE far (i int) SERVER other; SELECT * FROM far; \
         CREATE EXTENSION pg_stat_statements; CREATE VIEW slow AS SELECT query FROM pg_stat_statements",
    )]);
    let replay = run(shadow, &history);
    assert_eq!(failures(&replay), ["m0:11 cannot accept a value of type fdw_handler"]);
    assert_eq!(
        provenance(shadow, &replay, "SELECT oid, xmin FROM pg_extension WHERE extname = 'citext'"),
        "m0:0 m0:0"
    );
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

/// The journal costs less than three times as much as the statements themselves: mostly it is a tenth.
#[test]
fn the_journal_is_cheap() {
    let (_folder, surroundings) = surroundings();
    let files: Vec<String> = (0..40)
        .map(|n| {
            format!(
                "CREATE TABLE t{n} (id serial PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now()); \
                 CREATE INDEX ON t{n} (name); ALTER TABLE t{n} ADD COLUMN price numeric(10,2); \
                 COMMENT ON TABLE t{n} IS 'x'; INSERT INTO t{n} (name) VALUES ('a')"
            )
        })
        .collect();
    for mode in [SINGLE, EACH] {
        for kind in ["embedded", "local"] {
            let files: Vec<_> = files.iter().map(|text| (mode, text.as_str())).collect();
            let history = history(&files);
            let fresh =
                || if kind == "embedded" { embedded(&[], &surroundings) } else { local(&surroundings) };
            let mut shadow = fresh();
            let began = Instant::now();
            for statement in history.migrations.iter().flat_map(|migration| &migration.up) {
                shadow.session().run(&statement.text).unwrap();
            }
            let alone = began.elapsed();
            drop(shadow);

            let mut shadow = fresh();
            let began = Instant::now();
            let replay = run(&mut *shadow, &history);
            let replayed = began.elapsed();
            assert_eq!(failures(&replay), NONE);
            println!("{kind} {mode:?}: {alone:?} alone, {replayed:?} with the journal");
            assert!(replayed < alone * 4, "{kind} {mode:?}: {alone:?} alone, {replayed:?} with the journal");
        }
    }
}

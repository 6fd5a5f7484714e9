//! Files of each tool, to the letter: a repair with an index that is built outside of a transaction, and one without
//! a way back.

use super::*;

#[test]
fn flyway_has_undo_scripts_and_a_configuration_beside_a_script() {
    check_at(
        0,
        &index_script(),
        r##"== sql/V1.10__repair_public_orders.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
DO $$ BEGIN PERFORM 1; END $$;
== sql/U1.10__repair_public_orders.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
SELECT -1;
== sql/V1.11__repair_public_orders_2.sql
-- made by trueup
-- part 2 of 2: run them in this order

-- does something
CREATE INDEX CONCURRENTLY i ON a (b);
== sql/V1.11__repair_public_orders_2.sql.conf
executeInTransaction=false
== sql/U1.11__repair_public_orders_2.sql
-- made by trueup
-- part 2 of 2: run them in this order

-- does something
DROP INDEX CONCURRENTLY i;
== sql/U1.11__repair_public_orders_2.sql.conf
executeInTransaction=false
"##,
    );
    check_at(
        0,
        &no_way_back(),
        r##"== sql/V1.10__repair_public_orders.sql
-- made by trueup
-- no way back: its rows are gone

-- does something
DROP TABLE a;
"##,
    );
}

#[test]
fn golang_migrate_has_two_files_and_a_way_back_that_fails() {
    check_at(
        1,
        &index_script(),
        r##"== migrations/000010_repair_public_orders.up.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
DO $$ BEGIN PERFORM 1; END $$;
== migrations/000010_repair_public_orders.down.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
SELECT -1;
== migrations/000011_repair_public_orders_2.up.sql
-- made by trueup
-- part 2 of 2: run them in this order
-- one statement and no other: golang-migrate then runs it outside of a transaction

-- does something
CREATE INDEX CONCURRENTLY i ON a (b);
== migrations/000011_repair_public_orders_2.down.sql
-- made by trueup
-- part 2 of 2: run them in this order

-- does something
DROP INDEX CONCURRENTLY i;
"##,
    );
    check_at(
        1,
        &no_way_back(),
        r##"== migrations/000010_repair_public_orders.up.sql
-- made by trueup
-- no way back: its rows are gone

-- does something
DROP TABLE a;
== migrations/000010_repair_public_orders.down.sql
-- made by trueup
-- no way back: its rows are gone

-- fails on purpose, then: migrate force with this version

-- fails, because there is no way back
DO $trueup$ BEGIN RAISE EXCEPTION USING MESSAGE = 'this migration has no way back: its rows are gone'; END $trueup$;
"##,
    );
}

#[test]
fn golang_migrate_that_cuts_at_semicolons_finds_none() {
    check_at(
        2,
        &index_script(),
        r##"== migrations/000010_repair_public_orders.up.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
DO E'BEGIN EXECUTE E''DO $$ BEGIN PERFORM 1\\x3B END $$''\x3B END';
== migrations/000010_repair_public_orders.down.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
SELECT -1;
== migrations/000011_repair_public_orders_2.up.sql
-- made by trueup
-- part 2 of 2: run them in this order
-- one statement and no other: golang-migrate then runs it outside of a transaction

-- does something
CREATE INDEX CONCURRENTLY i ON a (b);
== migrations/000011_repair_public_orders_2.down.sql
-- made by trueup
-- part 2 of 2: run them in this order

-- does something
DROP INDEX CONCURRENTLY i;
"##,
    );
    check_at(
        2,
        &no_way_back(),
        r##"== migrations/000010_repair_public_orders.up.sql
-- made by trueup
-- no way back: its rows are gone

-- does something
DROP TABLE a;
== migrations/000010_repair_public_orders.down.sql
-- made by trueup
-- no way back: its rows are gone

-- fails on purpose, then: migrate force with this version

-- fails, because there is no way back
DO E'BEGIN EXECUTE E''DO $trueup$ BEGIN RAISE EXCEPTION USING MESSAGE = ''''this migration has no way back: its rows are gone''''\\x3B END $trueup$''\x3B END';
"##,
    );
}

#[test]
fn dbmate_has_two_parts_with_options() {
    check_at(
        3,
        &index_script(),
        r##"== db/migrations/20260228235959_repair_public_orders.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- migrate:up
-- does something
DO $$ BEGIN PERFORM 1; END $$;

-- migrate:down
-- does something
SELECT -1;
== db/migrations/20260301000000_repair_public_orders_2.sql
-- made by trueup
-- part 2 of 2: run them in this order

-- migrate:up transaction:false
-- does something
CREATE INDEX CONCURRENTLY i ON a (b);

-- migrate:down transaction:false
-- does something
DROP INDEX CONCURRENTLY i;
"##,
    );
    check_at(
        3,
        &no_way_back(),
        r##"== db/migrations/20260228235959_repair_public_orders.sql
-- made by trueup
-- no way back: its rows are gone

-- migrate:up
-- does something
DROP TABLE a;

-- migrate:down
-- fails, because there is no way back
DO $trueup$ BEGIN RAISE EXCEPTION USING MESSAGE = 'this migration has no way back: its rows are gone'; END $trueup$;
"##,
    );
}

#[test]
fn goose_has_annotations() {
    check_at(
        4,
        &index_script(),
        r##"== migrations/00010_repair_public_orders.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- +goose Up
-- does something
-- +goose StatementBegin
DO $$ BEGIN PERFORM 1; END $$;
-- +goose StatementEnd

-- +goose Down
-- does something
SELECT -1;
== migrations/00011_repair_public_orders_2.sql
-- made by trueup
-- part 2 of 2: run them in this order

-- +goose NO TRANSACTION
-- +goose Up
-- does something
CREATE INDEX CONCURRENTLY i ON a (b);

-- +goose Down
-- does something
DROP INDEX CONCURRENTLY i;
"##,
    );
    check_at(
        4,
        &no_way_back(),
        r##"== migrations/00010_repair_public_orders.sql
-- made by trueup
-- no way back: its rows are gone

-- +goose Up
-- does something
DROP TABLE a;

-- +goose Down
-- fails, because there is no way back
-- +goose StatementBegin
DO $trueup$ BEGIN RAISE EXCEPTION USING MESSAGE = 'this migration has no way back: its rows are gone'; END $trueup$;
-- +goose StatementEnd
"##,
    );
}

#[test]
fn sqlx_has_two_files_and_a_switch_in_the_first_line() {
    check_at(
        6,
        &index_script(),
        r##"== migrations/0010_repair_public_orders.up.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
DO $$ BEGIN PERFORM 1; END $$;
== migrations/0010_repair_public_orders.down.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
SELECT -1;
== migrations/0011_repair_public_orders_2.up.sql
-- no-transaction
-- made by trueup
-- part 2 of 2: run them in this order

-- does something
CREATE INDEX CONCURRENTLY i ON a (b);
== migrations/0011_repair_public_orders_2.down.sql
-- no-transaction
-- made by trueup
-- part 2 of 2: run them in this order

-- does something
DROP INDEX CONCURRENTLY i;
"##,
    );
    check_at(
        6,
        &no_way_back(),
        r##"== migrations/0010_repair_public_orders.up.sql
-- made by trueup
-- no way back: its rows are gone

-- does something
DROP TABLE a;
== migrations/0010_repair_public_orders.down.sql
-- made by trueup
-- no way back: its rows are gone

-- fails, because there is no way back
DO $trueup$ BEGIN RAISE EXCEPTION USING MESSAGE = 'this migration has no way back: its rows are gone'; END $trueup$;
"##,
    );
}

#[test]
fn diesel_has_a_folder_with_metadata() {
    check_at(
        7,
        &index_script(),
        r##"== migrations/2026-02-28-235959_repair_public_orders/up.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
DO $$ BEGIN PERFORM 1; END $$;
== migrations/2026-02-28-235959_repair_public_orders/down.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
SELECT -1;
== migrations/2026-03-01-000000_repair_public_orders_2/up.sql
-- made by trueup
-- part 2 of 2: run them in this order

-- does something
CREATE INDEX CONCURRENTLY i ON a (b);
== migrations/2026-03-01-000000_repair_public_orders_2/down.sql
-- made by trueup
-- part 2 of 2: run them in this order

-- does something
DROP INDEX CONCURRENTLY i;
== migrations/2026-03-01-000000_repair_public_orders_2/metadata.toml
run_in_transaction = false
"##,
    );
    check_at(
        7,
        &no_way_back(),
        r##"== migrations/2026-02-28-235959_repair_public_orders/up.sql
-- made by trueup
-- no way back: its rows are gone

-- does something
DROP TABLE a;
== migrations/2026-02-28-235959_repair_public_orders/down.sql
-- made by trueup
-- no way back: its rows are gone

-- fails, because there is no way back
DO $trueup$ BEGIN RAISE EXCEPTION USING MESSAGE = 'this migration has no way back: its rows are gone'; END $trueup$;
"##,
    );
}

#[test]
fn refinery_has_no_way_back_and_always_a_transaction() {
    let (framework, files) = PROJECTS[8];
    let refused = written(&project(files), framework, &index_script());
    let comment = "does something".to_owned();
    assert_eq!(refused, Err(WriteError::NeedsNoTransaction { tool: "refinery", comment }));
    check_at(
        8,
        &no_way_back(),
        r##"== migrations/V10__repair_public_orders.sql
-- made by trueup
-- no way back: its rows are gone

-- does something
DROP TABLE a;
"##,
    );
}

#[test]
fn prisma_has_a_folder_and_a_way_back_where_others_have_one() {
    check_at(
        9,
        &index_script(),
        r##"== prisma/migrations/20260228235959_repair_public_orders/migration.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
DO $$ BEGIN PERFORM 1; END $$;
== prisma/migrations/20260228235959_repair_public_orders/down.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
SELECT -1;
== prisma/migrations/migration_lock.toml
provider = "postgresql"
== prisma/migrations/20260301000000_repair_public_orders_2/migration.sql
-- made by trueup
-- part 2 of 2: run them in this order
-- one statement and no other: Prisma then runs it outside of a transaction

-- does something
CREATE INDEX CONCURRENTLY i ON a (b);
== prisma/migrations/20260301000000_repair_public_orders_2/down.sql
-- made by trueup
-- part 2 of 2: run them in this order

-- does something
DROP INDEX CONCURRENTLY i;
"##,
    );
    check_at(
        9,
        &no_way_back(),
        r##"== prisma/migrations/20260228235959_repair_public_orders/migration.sql
-- made by trueup
-- no way back: its rows are gone

-- does something
DROP TABLE a;
== prisma/migrations/migration_lock.toml
provider = "postgresql"
"##,
    );
}

#[test]
fn plain_files_are_called_like_their_neighbours() {
    check_at(
        10,
        &index_script(),
        r##"== migrations/010_repair_public_orders.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
DO $$ BEGIN PERFORM 1; END $$;
== migrations/010_repair_public_orders.down.sql
-- made by trueup
-- part 1 of 2: run them in this order

-- does something
SELECT -1;
== migrations/011_repair_public_orders_2.sql
-- made by trueup
-- part 2 of 2: run them in this order
-- not to be run inside of a transaction (psql without --single-transaction)

-- does something
CREATE INDEX CONCURRENTLY i ON a (b);
== migrations/011_repair_public_orders_2.down.sql
-- made by trueup
-- part 2 of 2: run them in this order

-- does something
DROP INDEX CONCURRENTLY i;
"##,
    );
    check_at(
        10,
        &no_way_back(),
        r##"== migrations/010_repair_public_orders.sql
-- made by trueup
-- no way back: its rows are gone

-- does something
DROP TABLE a;
"##,
    );
}

#[track_caller]
fn check_at(index: usize, script: &Script, expected: &str) {
    let (framework, files) = PROJECTS[index];
    check(framework, files, script, expected);
}

#[test]
fn lines_end_as_those_of_the_neighbours() {
    for (framework, files) in PROJECTS {
        let wanted = files.iter().any(|(_, text)| text.contains("\r\n"));
        let written = written(&project(files), framework, &no_way_back()).expect("writable");
        for file in written.iter().flat_map(|migration| &migration.files) {
            let ends = if wanted { file.text.matches('\n').count() } else { 0 };
            if !file.path.as_str().ends_with(".toml") {
                assert_eq!(file.text.matches("\r\n").count(), ends, "{}", file.path);
            }
        }
    }
}

#[test]
fn what_the_ledger_holds_beyond_the_files_is_taken() {
    for (framework, files) in PROJECTS {
        let project = project(files);
        let (detected, history) = project.history(framework);
        let recorded = match *framework {
            "dbmate" | "diesel" => "20270101000000",
            "prisma" => "20270101000000_lost",
            "flyway" => "1.12",
            "plain" => "012_lost",
            _ => "12",
        };
        let (recorded, script) = ([Text::new(recorded)], no_way_back());
        let request = WriteRequest {
            detected: &detected,
            history: &history,
            recorded: &recorded,
            script: &script,
            now: NOW,
        };
        let written = crate::framework(framework).expect("known").write(&request).expect("writable");
        let key = written[0].key.as_str();
        assert!(key.contains("13") || key.contains("20270101000001"), "{framework}: {key}");
    }
}

#[test]
fn plain_files_without_ways_back_get_none_and_keep_their_transactions() {
    let parts = [part("SELECT 2", true)];
    check(
        "plain",
        &[("db/sql/0001_a.sql", "BEGIN;\nSELECT 1;\nCOMMIT;\n")],
        &script(&parts, Ok(&parts)),
        r"== db/sql/0002_repair_public_orders.sql
-- made by trueup
-- its way back is not written: the files here have none, and all of them may be run

BEGIN;

-- does something
SELECT 2;

COMMIT;
",
    );
}

//! What statements are taken for, and which extensions they make.

use super::*;

#[track_caller]
fn check(statement: &str, verb: &str, effect: Effect) {
    let class = classify(statement);
    assert_eq!((class.verb.as_str(), class.effect), (verb, effect), "{statement}");
}

#[test]
fn verbs_and_effects() {
    check("create unique index concurrently i on t (a)", "CREATE INDEX", Effect::Schema);
    check("/* c */ Create -- d\n Or Replace Function f() ...", "CREATE FUNCTION", Effect::Schema);
    check("create constraint trigger x after insert on t ...", "CREATE TRIGGER", Effect::Schema);
    check("create trusted procedural language x", "CREATE LANGUAGE", Effect::Schema);
    check("create or replace recursive view v (a) as select 1", "CREATE VIEW", Effect::Schema);
    check("create default conversion c for 'a' to 'b' from f", "CREATE CONVERSION", Effect::Schema);
    check("create unlogged table t ()", "CREATE TABLE", Effect::Schema);
    check("create table temp (temp int)", "CREATE TABLE", Effect::Schema);
    check("create or replace temporary view v as select 1", "CREATE VIEW", Effect::Session);
    check("create temp table t ()", "CREATE TABLE", Effect::Session);
    check("create foreign data wrapper w", "CREATE FOREIGN DATA WRAPPER", Effect::Schema);
    check("create foreign table t ()", "CREATE FOREIGN TABLE", Effect::Schema);
    check("alter text search dictionary d (a)", "ALTER TEXT SEARCH DICTIONARY", Effect::Schema);
    check("alter default privileges grant select on tables to x", "ALTER DEFAULT PRIVILEGES", Effect::Schema);
    check("drop materialized view m", "DROP MATERIALIZED VIEW", Effect::Schema);
    check("drop owned by x", "DROP OWNED", Effect::Schema);
    check("comment on table t is 'x'", "COMMENT", Effect::Schema);
    check("grant select on t to x", "GRANT", Effect::Schema);
    check("insert into t values (1)", "INSERT", Effect::Data);
    check(
        "with a as (select 1), b as materialized (table c) insert into t select * from a",
        "INSERT",
        Effect::Data,
    );
    check("with a as (delete from t returning *) select * from a", "SELECT", Effect::Data);
    check("refresh materialized view concurrently m", "REFRESH MATERIALIZED VIEW", Effect::Data);
    check("copy t (a) from stdin", "COPY", Effect::Data);
    check("copy (select * from t) to stdout", "COPY", Effect::Query);
    check("select a into b from c", "SELECT INTO", Effect::Schema);
    check("select * into temp b from c", "SELECT INTO", Effect::Session);
    check("(select 1) union (select 2)", "SELECT", Effect::Query);
    check("select count(*) from t", "SELECT", Effect::Query);
    check("select 1, coalesce(a, 'x(')", "SELECT", Effect::Query);
    check("select create_hypertable('t')", "SELECT", Effect::Unknown);
    check("select pg_catalog.set_config('search_path', '', false)", "SELECT", Effect::Session);
    check("select pg_catalog.setval('s', 1, false)", "SELECT", Effect::Data);
    check("set search_path = a", "SET", Effect::Session);
    check("do $$ begin end $$", "DO", Effect::Unknown);
    check("explain select 1", "EXPLAIN", Effect::Query);
    check("explain delete from t", "EXPLAIN", Effect::Query);
    check("explain (costs off, analyze) delete from t", "EXPLAIN", Effect::Data);
    check("explain analyze select 1", "EXPLAIN", Effect::Query);
    check("vacuum full t", "VACUUM", Effect::Query);
    check("selec 1", "SELEC", Effect::Unknown);
    check("", "", Effect::Unknown);
    check("\"create\" table", "\"CREATE\"", Effect::Unknown);
}

#[test]
fn transactions() {
    for (statement, expected) in [
        ("begin", TransactionControl::Begin),
        ("START TRANSACTION read only", TransactionControl::Begin),
        ("commit work", TransactionControl::Commit),
        ("end", TransactionControl::Commit),
        ("commit and chain", TransactionControl::CommitAndChain),
        ("rollback", TransactionControl::Rollback),
        ("abort", TransactionControl::Rollback),
        ("rollback and chain", TransactionControl::RollbackAndChain),
        ("savepoint a", TransactionControl::Savepoint),
        ("release savepoint a", TransactionControl::ReleaseSavepoint),
        ("rollback to a", TransactionControl::RollbackToSavepoint),
        ("rollback work to savepoint a", TransactionControl::RollbackToSavepoint),
        ("prepare transaction 'a'", TransactionControl::PrepareTransaction),
        ("commit prepared 'a'", TransactionControl::CommitPrepared),
        ("rollback prepared 'a'", TransactionControl::RollbackPrepared),
        ("set transaction isolation level serializable", TransactionControl::SetTransaction),
    ] {
        let class = classify(statement);
        assert_eq!(class.transaction, Some(expected), "{statement}");
        assert_eq!(class.effect, Effect::Transaction, "{statement}");
    }
    for statement in
        ["prepare a as select 1", "set session characteristics as transaction read only", "select 1"]
    {
        assert_eq!(classify(statement).transaction, None, "{statement}");
    }
}

#[test]
fn only_outside_of_a_transaction() {
    for statement in [
        "create index concurrently i on t (a)",
        "create unique index concurrently if not exists i on t (a)",
        "drop index concurrently i",
        "reindex table concurrently t",
        "reindex (verbose, concurrently) index i",
        "reindex (verbose) schema s",
        "reindex database d",
        "vacuum",
        "cluster",
        "create database d",
        "drop database if exists d",
        "alter database d set tablespace t",
        "create tablespace t location 'x'",
        "drop tablespace t",
        "alter system set a = b",
        "create subscription s connection 'x' publication p",
        "drop subscription s",
        "alter subscription s refresh publication",
        "alter subscription s set publication p",
        "alter table t detach partition p concurrently",
        "discard all",
        "commit prepared 'x'",
        "do $$ begin commit; end $$",
        "do language plpgsql $x$ begin rollback and chain; end $x$",
    ] {
        assert!(classify(statement).outside_transaction, "{statement}");
    }
    for statement in [
        "create index \"concurrently\" on t (a)",
        "create index i on t (concurrently)",
        "reindex (concurrently false) table t",
        "reindex table t",
        "cluster t",
        "cluster t using i",
        "refresh materialized view concurrently m",
        "alter database d set a = b",
        "create subscription s connection 'x' publication p with (create_slot = false)",
        "create subscription s connection 'x' publication p with (connect = 'off')",
        "alter subscription s set publication p with (refresh = false)",
        "alter subscription s disable",
        "alter table t detach partition p",
        "alter type e add value 'x'",
        "discard temp",
        "do $$ begin perform 'commit;'; -- commit;\n end $$",
        "select 'vacuum'",
    ] {
        assert!(!classify(statement).outside_transaction, "{statement}");
    }
}

#[test]
fn extensions() {
    let name = |statement| extensions_created(statement);
    assert_eq!(name("create extension PostGIS").as_deref(), Some("postgis"));
    assert_eq!(
        name("CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA x").as_deref(),
        Some("uuid-ossp")
    );
    assert_eq!(name("create /* c */ extension hstore cascade").as_deref(), Some("hstore"));
    assert_eq!(name("alter extension hstore update"), None);
    assert_eq!(name("create extension"), None);
}

#[test]
fn schemas() {
    let made = |statement| schema_created(statement).map(|made| (made.name, made.only_if_missing));
    for (statement, expected) in [
        ("create schema Shop", Some(("shop", false))),
        ("CREATE SCHEMA IF NOT EXISTS \"Shop\" AUTHORIZATION ann", Some(("Shop", true))),
        ("create /* c */ schema authorization ann create table t (a int)", Some(("ann", false))),
        ("create schema if not exists authorization ann", Some(("ann", true))),
        ("create schema authorization current_user", None),
        ("drop schema shop", None),
        ("create schema", None),
    ] {
        let expected = expected.map(|(name, only_if_missing)| (name.to_owned(), only_if_missing));
        assert_eq!(made(statement), expected, "{statement}");
    }
}

//! What a history takes from its environment: roles, tablespaces, publishers, extensions.

use std::time::Instant;

use super::*;

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
fn extensions_that_are_missing_are_failures_of_their_own_kind() {
    on_each(|shadow| {
        let history = history(&[(
            SINGLE,
            "CREATE EXTENSION IF NOT EXISTS no_such_one; CREATE TABLE a (g no_such_type)",
        )]);
        let replay = run(shadow, &history);
        assert_eq!(
            failures(&replay),
            [
                "m0:0 extension \"no_such_one\" is not available MissingExtension(\"no_such_one\")",
                "m0:1 type \"no_such_type\" does not exist after m0:0"
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
fn what_the_tool_arranges_comes_first() {
    on_each(|shadow| {
        let mut history = history(&[
            (SINGLE, "CREATE TABLE a (); CREATE TABLE public.b ()"),
            (SINGLE, "SET search_path TO audit; CREATE TABLE c (); RESET search_path; CREATE TABLE d ()"),
            (SINGLE, "CREATE TABLE e ()"),
        ]);
        history.preparation.search_path = vec!["shop".into(), "public".into()];
        history.preparation.schemas = vec!["audit".into(), "shop".into()];
        let replay = run(shadow, &history);
        assert_eq!(failures(&replay), NONE);
        let tables = "SELECT string_agg(schemaname || '.' || tablename, ' ' ORDER BY schemaname, tablename) FROM pg_tables \
            WHERE schemaname IN ('shop', 'audit', 'public')";
        let tables = shadow.session().value(tables).unwrap();
        assert_eq!(tables.as_deref(), Some("audit.c public.b public.d shop.a shop.e"));
    });
}

#[test]
fn the_schema_of_a_search_path_is_made_up_where_nobody_makes_it() {
    on_each(|shadow| {
        let mut made = history(&[(SINGLE, "CREATE SCHEMA shop"), (SINGLE, "CREATE TABLE a ()")]);
        made.preparation.search_path = vec!["shop".into()];
        let replay = run(shadow, &made);
        assert_eq!((failures(&replay), notes(&replay)), (vec![], vec![]));
    });
    on_each(|shadow| {
        let mut not_made = history(&[(SINGLE, "CREATE TABLE a ()"), (EACH, "CREATE TABLE b ()")]);
        not_made.preparation.search_path = vec!["shop".into()];
        let replay = run(shadow, &not_made);
        assert_eq!(failures(&replay), NONE);
        assert_eq!(
            notes(&replay),
            ["m0:0 the schema shop of the search path is made by no migration; it was made up on the shadow"]
        );
    });
}

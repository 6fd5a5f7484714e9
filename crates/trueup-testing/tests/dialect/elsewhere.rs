//! Other environments: other roles, other default privileges, names and texts that are hard to quote.

use trueup_database::Session;
use trueup_database::introspect::introspect_within;
use trueup_engine::compare;
use trueup_engine::dialect::{Written, create};
use trueup_engine::findings::Sides;
use trueup_model::{Ident, ObjectKind};
use trueup_testing::fixture;
use trueup_testing::servers::server;

use crate::common::{live_catalog, open_session};
use crate::rows::check_rows_stay;
use crate::{begin, read, repair, run_all, spoken};

#[test]
fn what_default_privileges_give_is_taken_back_where_it_is_not_wanted() {
    let later = "alter default privileges grant select on tables to app_reader; \
                 alter default privileges in schema public grant usage on sequences to app_writer; \
                 alter default privileges revoke execute on functions from public";
    let objects = "create table t (id integer); grant insert on t to auditor; create view v as select id from t; \
                   create sequence n; create function f() returns integer language sql as 'select 1'; \
                   create procedure p(x integer) language sql as 'select 1'";
    let server = server(18);
    fixture::prepare(&server);
    let (wanted, live) = (server.create_database("wanted"), server.create_database("live"));
    wanted.run(&format!("{objects}; {later}"));
    live.run(later);
    let wanted = live_catalog(&wanted.url());
    let mut session = open_session(&live.url());
    begin(&mut session);
    let found = read(&mut session);
    let sides = Sides { expected: &wanted, found: &found };
    let statements = compare(&wanted, &found)
        .iter()
        .map(|difference| repair(difference, &sides).expect("statements").creation)
        .collect();
    assert_eq!(run_all(&mut session, statements), Vec::<String>::new());
    let differences: Vec<String> = compare(&wanted, &read(&mut session)).iter().map(spoken).collect();
    session.run("rollback").expect("a rollback");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn texts_with_quotes_and_backslashes_stay_as_they_are() {
    check_rows_stay(
        r#"create type "a\b" as enum ('it''s', 'C:\temp', '$$', '$body$');
           create table "t\" ("c\'d" "a\b" default 'C:\temp', e text default E'\\\n\n''', check (e <> 'a\'));
           comment on table "t\" is E'$$ \\ '' "';
           comment on column "t\"."c\'d" is '\';
           create function "f\"(x text default '\') returns text language sql set search_path = "a,b", '"', public
               as $f$ select '$$' || '$body$' || '\' || x || '$' $f$;
           create trigger "tr\" before update on "t\" for each row when (new.e <> '\')
               execute function suppress_redundant_updates_trigger('\', 'it''s');
           create policy "p\" on "t\" using (e <> '\');
           create index "i\" on "t\" ((e || '\')) where e <> '\'"#,
        "select 1",
        r#"select count(*) from public."t\""#,
        &["0"],
    );
}

/// In each environment somebody else migrates. What belongs to that role there belongs to another one here.
#[test]
fn whoever_migrates_owns_what_is_made() {
    let server = server(18);
    let database = fixture::every_kind_applied(&server, true);
    let expected = live_catalog(&database.url());
    server.psql("postgres", "create role \"De\"\"ployer\" superuser login").must("creating a role");
    let empty = server.create_database("made_elsewhere");
    let mut session = open_session(&empty.url_as("De\"ployer"));
    begin(&mut session);
    let read = |session: &mut Session| {
        introspect_within(session).expect("a catalog").migrated_by(Some(Ident::new("De\"ployer")))
    };
    let found = read(&mut session);
    let sides = Sides { expected: &expected, found: &found };
    let statements = expected
        .entries()
        .iter()
        .filter(|entry| entry.path.kind != ObjectKind::Column && !found.contains(&entry.path))
        .filter_map(|entry| match create(entry, &sides) {
            Written::Statements(statements) => Some(statements),
            Written::Impossible(_) => None,
        });
    assert_eq!(run_all(&mut session, statements.collect()), Vec::<String>::new());
    let made = read(&mut session);
    session.run("rollback").expect("a rollback");
    let differences: Vec<String> = compare(&expected, &made)
        .iter()
        .filter(|difference| {
            // The schema is there already, and two kinds hold passwords.
            difference.path.head.as_str() != "public"
                && !matches!(difference.path.kind, ObjectKind::Subscription | ObjectKind::UserMapping)
        })
        .map(spoken)
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

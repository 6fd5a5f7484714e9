//! What the engine writes is what the server needs: every object of a catalog can be made from its entry, and every
//! single change of the table can be taken back by statements made of the two catalogs.

mod common;

use common::{live_catalog, open_session};
use trueup_database::Session;
use trueup_database::introspect::introspect_within;
use trueup_engine::compare;
use trueup_engine::dialect::{
    Alteration, SETTINGS, Written, alter, create, definition_query, remove, rename, set_schema,
};
use trueup_engine::findings::Sides;
use trueup_model::difference::{Change as Differing, Difference, Nature};
use trueup_model::{Catalog, Ident, ObjectKind, ObjectPath};
use trueup_testing::changes::changes;
use trueup_testing::fixture;
use trueup_testing::servers::server;

/// Begins a transaction in which the statements mean what they should.
fn begin(session: &mut Session) {
    session.run("begin").expect("a transaction");
    set_all(session);
}

fn set_all(session: &mut Session) {
    for (name, value) in SETTINGS {
        session.run(&format!("set local {name} = {value}")).expect("a setting");
    }
}

/// Runs statements one after the other, or takes them all back.
fn attempt(session: &mut Session, statements: &[String]) -> Result<(), String> {
    session.run("savepoint attempt").expect("a savepoint");
    for statement in statements {
        if let Err(error) = session.run(statement) {
            session.run("rollback to savepoint attempt").expect("a rollback");
            return Err(format!("{error}\n        {statement}"));
        }
    }
    session.run("release savepoint attempt").expect("a release");
    Ok(())
}

fn migrated(catalog: Catalog) -> Catalog {
    catalog.migrated_by(Some(Ident::new("postgres")))
}

fn read(session: &mut Session) -> Catalog {
    migrated(introspect_within(session).expect("a catalog"))
}

fn spoken(difference: &Difference) -> String {
    format!("    {} {}: {:?}", difference.path.kind, difference.path, difference.change)
}

/// What one difference of two catalogs takes. What is made anew goes before others change, and comes after.
#[derive(Default, PartialEq)]
struct Repair {
    removal: Vec<String>,
    change: Vec<String>,
    creation: Vec<String>,
}

fn repair(difference: &Difference, sides: &Sides<'_>) -> Result<Repair, String> {
    let written = |written: Written| match written {
        Written::Statements(statements) => Ok(statements),
        Written::Impossible(reason) => Err(reason),
    };
    let expected = || sides.expected.find(&difference.path).expect("an entry");
    let found = || sides.found.find(&difference.path).expect("an entry");
    let mut repair = Repair::default();
    match &difference.change {
        Differing::Different(aspect) => match alter(aspect.name, found(), expected(), sides) {
            Alteration::Statements(statements) => repair.change = statements,
            Alteration::Rebuild => {
                repair.removal = written(remove(found(), sides))?;
                repair.creation = written(create(expected(), sides))?;
            }
            Alteration::Impossible(reason) => return Err(reason),
        },
        Differing::Missing => repair.creation = written(create(expected(), sides))?,
        Differing::Unexpected => repair.removal = written(remove(found(), sides))?,
        Differing::Renamed { to } => repair.change = written(rename(to, &difference.path))?,
        Differing::Misplaced { to } => repair.change = written(set_schema(to, &difference.path))?,
    }
    Ok(repair)
}

/// Runs what can be run, in whatever order works, and returns what was refused.
fn run_all(session: &mut Session, mut pending: Vec<Vec<String>>) -> Vec<String> {
    loop {
        let before = pending.len();
        let mut refusals = Vec::new();
        pending.retain(|statements| match attempt(session, statements) {
            Ok(()) => false,
            Err(refusal) => {
                refusals.push(refusal);
                true
            }
        });
        if pending.is_empty() || pending.len() == before {
            return refusals;
        }
    }
}

/// Makes a catalog again in an empty database, in whatever order works, and returns what cannot be made.
fn make_again(
    session: &mut Session,
    expected: &Catalog,
    original: &mut Session,
) -> (Vec<String>, Vec<Difference>) {
    begin(session);
    let empty = read(session);
    let sides = Sides { expected, found: &empty };
    let mut impossible = Vec::new();
    let mut pending: Vec<Vec<String>> = Vec::new();
    for entry in expected.entries() {
        // Columns come with their relation; what is there already is changed below.
        if entry.path.kind == ObjectKind::Column || empty.contains(&entry.path) {
            continue;
        }
        match create(entry, &sides) {
            Written::Statements(statements) => pending.push(statements),
            Written::Impossible(reason) => impossible.push(format!("{}: {reason}", entry.path.kind)),
        }
    }
    let refusals = run_all(session, pending);
    assert!(refusals.is_empty(), "{} objects could not be made:\n{}", refusals.len(), refusals.join("\n"));
    let made = read(session);
    for difference in compare(expected, &made) {
        if empty.contains(&difference.path) {
            let repair = repair(&difference, &Sides { expected, found: &made }).expect("statements");
            attempt(session, &repair.change).expect("a change of what was there before");
        }
    }
    let made = read(session);
    let differences = compare(expected, &made);
    // The same objects have other numbers here, and no definition may say so.
    begin(original);
    let mut otherwise = Vec::new();
    for entry in expected.entries().iter().filter(|entry| made.contains(&entry.path)) {
        let (there, here) = (definition(original, &entry.path), definition(session, &entry.path));
        if there != here {
            otherwise.push(format!("{} {}:\n    {there:?}\n    {here:?}", entry.path.kind, entry.path));
        }
    }
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
    original.run("rollback").expect("a rollback");
    session.run("rollback").expect("a rollback");
    (impossible, differences)
}

fn check_made_again(major: u32) {
    let server = server(major);
    let database = fixture::every_kind_applied(&server, true);
    let expected = live_catalog(&database.url());
    let empty = server.create_database("made_again");
    let mut session = open_session(&empty.url());
    let (mut impossible, differences) =
        make_again(&mut session, &expected, &mut open_session(&database.url()));
    impossible.sort();
    impossible.dedup();
    assert_eq!(
        impossible,
        [
            "subscription: the connection of a subscription holds a password and is not read from a database",
            "user-mapping: the options of a user mapping hold passwords, and only their names are read from a database",
        ],
    );
    let others: Vec<String> = differences
        .iter()
        .filter(|difference| {
            !matches!(difference.path.kind, ObjectKind::Subscription | ObjectKind::UserMapping)
        })
        .map(spoken)
        .collect();
    println!("PostgreSQL {major}: {} entries", expected.entries().len());
    assert!(others.is_empty(), "PostgreSQL {major}:\n{}", others.join("\n"));
}

#[test]
fn everything_can_be_made_again_on_13() {
    check_made_again(13);
}

#[test]
fn everything_can_be_made_again_on_15() {
    check_made_again(15);
}

#[test]
fn everything_can_be_made_again_on_18() {
    check_made_again(18);
}

/// What is still not as expected after a change was repaired, with the reasons that were given.
struct Rest {
    differences: Vec<Difference>,
    reasons: Vec<String>,
}

/// Changes what differs until nothing does, or nothing more can be done. Order is found by trying.
fn repair_all(session: &mut Session, expected: &Catalog) -> Rest {
    let mut reasons = Vec::new();
    let mut found = read(session);
    for _ in 0..6 {
        let mut differences = compare(expected, &found);
        if differences.is_empty() {
            return Rest { differences, reasons: Vec::new() };
        }
        // Whatever was moved is changed under the name that it should have.
        let moved = |difference: &Difference| {
            matches!(difference.change, Differing::Renamed { .. } | Differing::Misplaced { .. })
        };
        if differences.iter().any(moved) {
            differences.retain(moved);
        }
        reasons.clear();
        let sides = Sides { expected, found: &found };
        let mut repairs: Vec<Repair> = Vec::new();
        for difference in &differences {
            match repair(difference, &sides) {
                // Two properties may ask for the same.
                Ok(repair) if repairs.contains(&repair) => {}
                Ok(repair) => repairs.push(repair),
                Err(reason) => reasons.push(reason),
            }
        }
        // An object that could not be removed is not made again.
        repairs.retain(|repair| {
            repair.removal.is_empty() || attempt(session, &repair.removal).is_ok() || {
                reasons.extend(attempt(session, &repair.removal).err());
                false
            }
        });
        let changes = repairs.iter().map(|repair| repair.change.clone()).filter(|list| !list.is_empty());
        reasons.extend(run_all(session, changes.collect()));
        let creations = repairs.into_iter().map(|repair| repair.creation).filter(|list| !list.is_empty());
        reasons.extend(run_all(session, creations.collect()));
        let now = read(session);
        if now == found {
            break;
        }
        found = now;
    }
    Rest { differences: compare(expected, &found), reasons }
}

fn check_taken_back(major: u32, cannot: &[(&str, &str)]) {
    let server = server(major);
    let database = fixture::every_kind_applied(&server, true);
    let expected = live_catalog(&database.url());
    let wanted = || changes().filter(|change| change.applies(major, true) && !change.only_data);
    let mut rests = Vec::new();
    for change in wanted().filter(|change| !change.transactional) {
        let copy = database.copy("taken_back");
        copy.psql(change.sql);
        let mut session = open_session(&copy.url());
        begin(&mut session);
        let mut rest = repair_all(&mut session, &expected);
        session.run("rollback").expect("a rollback");
        // A copy has no subscriptions: they belong to the database that was copied.
        rest.differences.retain(|difference| difference.path.kind != ObjectKind::Subscription);
        rests.push((change, rest));
    }
    let mut session = open_session(&database.url());
    for change in wanted().filter(|change| change.transactional) {
        session.run("begin").expect("a transaction");
        session.run(change.sql).unwrap_or_else(|error| panic!("{}: {error}", change.name()));
        // After ALTER DOMAIN … DROP CONSTRAINT, PostgreSQL 18 cannot begin a savepoint before something was written.
        session.run("select from shop.regions for update").expect("a lock");
        set_all(&mut session);
        rests.push((change, repair_all(&mut session, &expected)));
        session.run("rollback").expect("a rollback");
    }
    let tried = rests.len();
    let mut left: Vec<(String, String)> = Vec::new();
    for (change, Rest { differences, mut reasons }) in rests {
        let [first, ..] = differences.as_slice() else { continue };
        let all: Vec<String> = differences.iter().map(spoken).collect();
        reasons.sort();
        reasons.dedup();
        println!("{}\n{}\n  {}", change.name(), all.join("\n"), reasons.join("\n  "));
        left.push((format!("{} {}", first.path.kind, first.path), known_reason(&reasons)));
    }
    println!("{tried} tried, {} repaired", tried - left.len());
    let left: Vec<(&str, &str)> =
        left.iter().map(|(object, reason)| (object.as_str(), reason.as_str())).collect();
    let mut sorted = left.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, cannot);
}

/// The first reason that is not only an echo of another object's.
fn known_reason(reasons: &[String]) -> String {
    let hangs = reasons.iter().find(|reason| reason.contains("because other objects depend on it"));
    match (reasons.iter().find(|reason| !reason.contains("SQLSTATE")), hangs) {
        (Some(reason), _) => reason.clone(),
        (None, Some(_)) => HANGS.to_owned(),
        (None, None) => reasons.join("; "),
    }
}

/// A matter of order, not of statements: what hangs on an object is removed before it and made after it.
const HANGS: &str = "something hangs on it, and has to be made anew around it";
const LOCAL_AND_INHERITED: &str = "whether a column is its table's own as well as its parent's is settled when it is \
                                   made; only a new column would have it otherwise";
const ORDER: &str =
    "PostgreSQL cannot change the order of columns; the rows would have to be moved to a new table";
const PARTITIONED: &str = "how a table is partitioned is settled when it is made; its rows would have to be moved to a \
                           new table";
const FUNCTIONS: &str = "a type and the functions that read and write its values hold each other: PostgreSQL drops \
                         them only with CASCADE";

const CITEXT_18: &str = "extensions have scripts from a version to later ones, not from 1.8 back to 1.5";
const CITEXT_13: &str = "extensions have scripts from a version to later ones, not from 1.6 back to 1.5";

/// What is left after one of the changes, and why.
const CANNOT_BE_TAKEN_BACK: &[(&str, &str)] = &[
    ("base-type depot.stamp", FUNCTIONS),
    ("collation shop.german_phonebook", HANGS),
    ("collation shop.ignoring_case", HANGS),
    (
        "column depot.boxes.volume",
        "PostgreSQL cannot turn a column into a generated one; it would have to be dropped, with the values that \
         stand in it, and added again",
    ),
    ("column depot.derived.id", LOCAL_AND_INHERITED),
    ("column shop.pets.given_by", LOCAL_AND_INHERITED),
    ("extension citext", CITEXT_18),
    ("function shop.share_end(bigint[], double precision)", HANGS),
    ("range-type depot.span", FUNCTIONS),
    (
        "subscription from_head_office",
        "the connection of a subscription holds a password and is not read from a database",
    ),
    ("table Archive 2024.Order \"Items\"", ORDER),
    ("table depot.leaves", PARTITIONED),
    ("table depot.leaves", PARTITIONED),
    ("table depot.lids", ORDER),
    ("table shop.reviews", ORDER),
    (
        "user-mapping app_reader on depot_server",
        "the options of a user mapping hold passwords, and only their names are read from a database",
    ),
];

#[test]
fn every_change_can_be_taken_back_on_18() {
    check_taken_back(18, CANNOT_BE_TAKEN_BACK);
}

#[test]
fn every_change_can_be_taken_back_on_13() {
    // Collations have rules from PostgreSQL 16 on.
    let cannot: Vec<(&str, &str)> = CANNOT_BE_TAKEN_BACK
        .iter()
        .filter(|(object, _)| *object != "collation shop.german_phonebook")
        .map(|(object, reason)| (*object, if *reason == CITEXT_18 { CITEXT_13 } else { reason }))
        .collect();
    check_taken_back(13, &cannot);
}

fn definition(session: &mut Session, path: &ObjectPath) -> Option<String> {
    let query = format!("select {}", definition_query(path));
    session.value(&query).unwrap_or_else(|error| panic!("{} {path}: {error}\n{query}", path.kind))
}

/// Everything that is there has a definition; what goes has none any more; what becomes different has another. Rights
/// and comments are not part of it.
fn check_definitions(major: u32) {
    let server = server(major);
    let database = fixture::every_kind_applied(&server, true);
    let expected = live_catalog(&database.url());
    let mut session = open_session(&database.url());
    begin(&mut session);
    let without: Vec<String> = expected
        .entries()
        .iter()
        .filter(|entry| definition(&mut session, &entry.path).is_none())
        .map(|entry| format!("{} {}", entry.path.kind, entry.path))
        .collect();
    session.run("rollback").expect("a rollback");
    assert!(without.is_empty(), "PostgreSQL {major}: without a definition:\n{}", without.join("\n"));

    let mut wrong = Vec::new();
    let mut looked = 0;
    for change in
        changes().filter(|change| change.applies(major, true) && !change.only_data && change.transactional)
    {
        begin(&mut session);
        session.run("savepoint before").expect("a savepoint");
        session.run("set local search_path to default").expect("a setting");
        session.run(change.sql).unwrap_or_else(|error| panic!("{}: {error}", change.name()));
        set_all(&mut session);
        let found = read(&mut session);
        let differences = compare(&expected, &found);
        let after: Vec<Option<String>> =
            differences.iter().map(|difference| definition(&mut session, &difference.path)).collect();
        let elsewhere: Vec<Option<String>> = differences
            .iter()
            .map(|difference| match &difference.change {
                Differing::Renamed { to } | Differing::Misplaced { to } => definition(&mut session, to),
                Differing::Missing | Differing::Unexpected | Differing::Different(_) => None,
            })
            .collect();
        session.run("rollback to savepoint before").expect("a rollback");
        for ((difference, after), elsewhere) in differences.iter().zip(after).zip(elsewhere) {
            looked += 1;
            let before = definition(&mut session, &difference.path);
            let right = match &difference.change {
                Differing::Missing => before.is_some() && after.is_none(),
                Differing::Unexpected => before.is_none() && after.is_some(),
                Differing::Renamed { .. } | Differing::Misplaced { .. } => {
                    before.is_some() && after.is_none() && elsewhere.is_some()
                }
                Differing::Different(aspect) => {
                    // Default privileges are nothing but privileges.
                    let beside = (aspect.nature == Nature::Access
                        && difference.path.kind != ObjectKind::DefaultPrivileges)
                        || aspect.name.contains("comment")
                        || change.sql.starts_with("COMMENT ON");
                    match (beside, aspect.nature) {
                        (true, _) => before.is_some() && before == after,
                        (false, Nature::Logical | Nature::Access) => {
                            before.is_some() && after.is_some() && before != after
                        }
                        (false, Nature::Physical) => before.is_some() && after.is_some(),
                    }
                }
            };
            if !right {
                wrong.push(format!(
                    "{}\n{}\n    {before:?}\n    {after:?}",
                    change.name(),
                    spoken(difference)
                ));
            }
        }
        session.run("rollback").expect("a rollback");
    }
    println!("PostgreSQL {major}: {looked} differences looked at");
    assert!(wrong.is_empty(), "PostgreSQL {major}: {} of {looked}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn definitions_follow_what_is_there_on_13() {
    check_definitions(13);
}

#[test]
fn definitions_follow_what_is_there_on_15() {
    check_definitions(15);
}

#[test]
fn definitions_follow_what_is_there_on_18() {
    check_definitions(18);
}

/// Two histories of one table, the second with rows in it: repaired, it is like the first, and no row is lost.
fn check_rows_stay(expected: &str, found: &str, rows: &str, kept: &[&str]) {
    let server = server(18);
    fixture::prepare(&server);
    let (wanted, live) = (server.create_database("wanted"), server.create_database("live"));
    wanted.run(expected);
    live.run(found);
    let wanted = live_catalog(&wanted.url());
    let mut session = open_session(&live.url());
    begin(&mut session);
    let rest = repair_all(&mut session, &wanted);
    let left: Vec<String> = rest.differences.iter().map(spoken).collect();
    assert!(left.is_empty(), "{}\n{}", left.join("\n"), rest.reasons.join("\n"));
    let there: Vec<String> = session
        .rows(rows)
        .expect("rows")
        .into_iter()
        .map(|row| {
            row.into_iter()
                .map(|value| value.unwrap_or_else(|| "null".to_owned()))
                .collect::<Vec<_>>()
                .join("|")
        })
        .collect();
    session.run("rollback").expect("a rollback");
    assert_eq!(there, kept);
}

#[test]
fn rows_stay_when_an_enum_loses_labels_or_their_order() {
    check_rows_stay(
        "create type state as enum ('c', 'a'); create table t (s state default 'a', l state[])",
        "create type state as enum ('a', 'b', 'c'); create table t (s state default 'c', l state[]); \
         insert into t values ('a', '{a,c}'), ('c', null)",
        "select s, l from public.t order by s",
        &["c|null", "a|{a,c}"],
    );
}

#[test]
fn rows_stay_when_a_column_changes_its_type() {
    check_rows_stay(
        "create domain small as smallint; create type one as enum ('a', 'b'); create type other as enum ('b', 'c'); \
         create table t (a integer default 7, b text[], c small, d jsonb, e timestamptz, f numeric(4, 1), g other)",
        "create domain small as smallint; create type one as enum ('a', 'b'); create type other as enum ('b', 'c'); \
         create table t (a text default 'x', b text, c integer, d text, e date, f integer, g one default 'a'); \
         insert into t values ('1', '{x,y}', 3, '{\"k\": 1}', '2024-02-03', 12, 'b')",
        "select a, b, c, d, e::date, f, g from public.t",
        &["1|{x,y}|3|{\"k\": 1}|2024-02-03|12.0|b"],
    );
}

#[test]
fn numbers_go_on_behind_the_rows() {
    check_rows_stay(
        "create table t (id integer generated always as identity, word text); create table s (id serial, word text)",
        "create table t (id serial, word text); create table s (id integer not null, word text); \
         insert into t (word) values ('a'), ('b'); insert into s values (41, 'x')",
        "select id from public.t union all select id from public.s \
         union all select nextval('public.t_id_seq') union all select nextval('public.s_id_seq')",
        &["1", "2", "41", "3", "42"],
    );
}

#[test]
fn rows_stay_in_a_partition_that_was_detached() {
    check_rows_stay(
        "create table p (id integer, at date not null) partition by range (at); \
         create table p1 partition of p for values from ('2024-01-01') to ('2025-01-01'); \
         create index on p (id); alter table p add constraint p_key unique (id, at)",
        "create table p (id integer, at date not null) partition by range (at); \
         create table p1 partition of p for values from ('2024-01-01') to ('2025-01-01'); \
         insert into p values (1, '2024-05-05'); alter table p detach partition p1; create index on p1 (id)",
        "select id, at from public.p",
        &["1|2024-05-05"],
    );
}

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

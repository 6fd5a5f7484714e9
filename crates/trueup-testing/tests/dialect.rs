//! What the engine writes is what the server needs: every object of a catalog can be made from its entry, and every
//! single change of the table can be taken back by statements made of the two catalogs.

mod common;

use common::{live_catalog, open_session};
use trueup_database::Session;
use trueup_database::introspect::introspect_within;
use trueup_engine::compare;
use trueup_engine::dialect::{Alteration, SETTINGS, Written, alter, create};
use trueup_engine::findings::Sides;
use trueup_model::catalog::Entry;
use trueup_model::difference::{Change as Differing, Difference};
use trueup_model::{Catalog, Ident, ObjectKind};
use trueup_testing::fixture;
use trueup_testing::servers::server;

/// Begins a transaction in which the statements mean what they should.
fn begin(session: &mut Session) {
    session.run("begin").expect("a transaction");
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

/// Statements for one difference of two catalogs.
fn repair(difference: &Difference, sides: &Sides<'_>) -> Result<Vec<String>, String> {
    let expected = sides.expected.find(&difference.path);
    let written = |written: Written| match written {
        Written::Statements(statements) => Ok(statements),
        Written::Impossible(reason) => Err(reason),
    };
    match &difference.change {
        Differing::Different(aspect) => {
            let (after, before) =
                (expected.expect("an entry"), sides.found.find(&difference.path).expect("an entry"));
            match alter(aspect.name, before, after, sides) {
                Alteration::Statements(statements) => Ok(statements),
                Alteration::Rebuild => {
                    let mut statements = written(trueup_engine::dialect::remove(before, sides))?;
                    statements.extend(written(create(after, sides))?);
                    Ok(statements)
                }
                Alteration::Impossible(reason) => Err(reason),
            }
        }
        Differing::Missing => written(create(expected.expect("an entry"), sides)),
        Differing::Unexpected => written(trueup_engine::dialect::remove(
            sides.found.find(&difference.path).expect("an entry"),
            sides,
        )),
        Differing::Renamed { to } => written(trueup_engine::dialect::rename(to, &difference.path)),
        Differing::Misplaced { to } => written(trueup_engine::dialect::set_schema(to, &difference.path)),
    }
}

/// Makes a catalog again in an empty database, in whatever order works, and returns what cannot be made.
fn make_again(session: &mut Session, expected: &Catalog) -> (Vec<String>, Vec<Difference>) {
    begin(session);
    let empty = read(session);
    let sides = Sides { expected, found: &empty };
    let mut impossible = Vec::new();
    let mut pending: Vec<(&Entry, Vec<String>)> = Vec::new();
    for entry in expected.entries() {
        // Columns come with their relation; what is there already is changed below.
        if entry.path.kind == ObjectKind::Column || empty.contains(&entry.path) {
            continue;
        }
        match create(entry, &sides) {
            Written::Statements(statements) => pending.push((entry, statements)),
            Written::Impossible(reason) => impossible.push(format!("{}: {reason}", entry.path.kind)),
        }
    }
    loop {
        let before = pending.len();
        let mut refusals = Vec::new();
        pending.retain(|(entry, statements)| match attempt(session, statements) {
            Ok(()) => false,
            Err(refusal) => {
                refusals.push(format!("    {} {}: {refusal}", entry.path.kind, entry.path));
                true
            }
        });
        if pending.is_empty() {
            break;
        }
        assert!(pending.len() < before, "{} objects could not be made:\n{}", before, refusals.join("\n"));
    }
    let made = read(session);
    for difference in compare(expected, &made) {
        if empty.contains(&difference.path) {
            let statements = repair(&difference, &Sides { expected, found: &made }).expect("statements");
            attempt(session, &statements).expect("a change of what was there before");
        }
    }
    let differences = compare(expected, &read(session));
    session.run("rollback").expect("a rollback");
    (impossible, differences)
}

fn check_made_again(major: u32) {
    let server = server(major);
    let database = fixture::every_kind_applied(&server, true);
    let expected = live_catalog(&database.url());
    let empty = server.create_database("made_again");
    let mut session = open_session(&empty.url());
    let (mut impossible, differences) = make_again(&mut session, &expected);
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

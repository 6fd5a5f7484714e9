//! Every object of a catalog can be made from its entry, in an empty database.

use trueup_database::Session;
use trueup_engine::compare;
use trueup_engine::dialect::{Written, create};
use trueup_engine::findings::Sides;
use trueup_model::difference::Difference;
use trueup_model::{Catalog, ObjectKind};
use trueup_testing::fixture;
use trueup_testing::servers::server;

use crate::common::{live_catalog, open_session};
use crate::{attempt, begin, definition, read, repair, run_all, spoken};

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

//! Every single change of the table is taken back by statements made of the two catalogs; what cannot be is listed.

use trueup_model::ObjectKind;
use trueup_testing::changes::changes;
use trueup_testing::fixture;
use trueup_testing::servers::server;

use crate::common::{live_catalog, open_session};
use crate::{Rest, begin, repair_all, set_all, spoken};

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

const NO_SLOT_FAILOVER: &str = "PostgreSQL changes the failover of a subscription only while it has a slot";
const NO_SLOT_TWO_PHASE: &str = "PostgreSQL changes the two-phase of a subscription only while it has a slot";
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
    ("subscription from_head_office", NO_SLOT_FAILOVER),
    ("subscription from_head_office", NO_SLOT_TWO_PHASE),
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
    // Collations have rules from PostgreSQL 16 on, subscriptions these options from 15 and 17 on.
    let cannot: Vec<(&str, &str)> = CANNOT_BE_TAKEN_BACK
        .iter()
        .filter(|(object, _)| *object != "collation shop.german_phonebook")
        .filter(|(_, reason)| ![NO_SLOT_FAILOVER, NO_SLOT_TWO_PHASE].contains(reason))
        .map(|(object, reason)| (*object, if *reason == CITEXT_18 { CITEXT_13 } else { reason }))
        .collect();
    check_taken_back(13, &cannot);
}

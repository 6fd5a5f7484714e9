//! Every change, in a transaction: repaired, measured, taken back.

use std::collections::BTreeSet;

use trueup_database::Session;
use trueup_engine::compare;
use trueup_engine::dialect::SETTINGS;
use trueup_engine::repair::Permissions;
use trueup_model::Difference;
use trueup_model::repair::{Inverse, Reason, Repair};
use trueup_testing::changes::changes;

use super::common::open_session;
use super::measured::{Measured, understated};
use super::{Side, comes_last, differences, planned, read, run, shown, wanted_on};

/// What is wrong with the repair of what the session sees, or what it says cannot be repaired.
fn repaired(session: &mut Session, wanted: &Side, is_copy: bool) -> Result<Vec<(String, String)>, String> {
    let found = read(session);
    let differing = differences(wanted, &found, is_copy);
    let repair = planned(wanted, &found, &differing, &Permissions::All, Some(0));
    let settled: BTreeSet<usize> =
        repair.steps.iter().flat_map(|step| step.settles.iter().copied()).collect();
    let left: BTreeSet<usize> = repair.left.iter().map(|left| left.difference).collect();
    if settled.len() + left.len() != differing.len() || settled.intersection(&left).next().is_some() {
        return Err(format!("not every difference is settled or left\n{}\n{differing:#?}", shown(&repair)));
    }
    for (name, value) in SETTINGS {
        session.run(&format!("set local {name} = {value}")).expect("a setting");
    }
    let at_first = Measured::now(session);
    for step in &repair.steps {
        let mut before = Measured::now(session);
        // Nobody waits for what the repair made itself.
        before.relations.retain(|oid, _| at_first.relations.contains_key(oid));
        let effects = run(session, &step.statements).map(|()| Measured::now(session));
        session.run("rollback to savepoint attempt").expect("a rollback");
        let wrong = match effects {
            Ok(after) => understated(step, &before, &after),
            Err(_) => None,
        };
        if let Some(wrong) = wrong {
            return Err(format!("{wrong}\n{:#?}\n{}", step.safety, shown(&repair)));
        }
        if let Err(error) = run(session, &step.statements) {
            session.run("rollback to savepoint attempt").expect("a rollback");
            return Err(format!("{error}\n{}", shown(&repair)));
        }
    }
    let now = read(session);
    let rest = differences(wanted, &now, is_copy);
    let unsaid: Vec<&Difference> = rest
        .iter()
        .filter(|difference| !repair.left.iter().any(|left| left.object == difference.path))
        .filter(|difference| !comes_last(difference, &repair))
        .collect();
    if !unsaid.is_empty() {
        return Err(format!("still different: {unsaid:#?}\n{}", shown(&repair)));
    }
    let again = planned(wanted, &now, &rest, &Permissions::All, Some(0));
    if !again.steps.is_empty() {
        return Err(format!("planned again:\n{}\nfirst:\n{}", shown(&again), shown(&repair)));
    }
    taken_back(session, &repair, &found)?;
    Ok(repair
        .left
        .iter()
        .map(|left| {
            let reason = match &left.reason {
                Reason::NeedsPermission(reason) | Reason::Impossible(reason) => reason.clone(),
                Reason::Follows(path) => format!("follows {path}"),
            };
            (format!("{} {}", left.object.kind, left.object), reason)
        })
        .collect())
}

/// Where every step has a way back, all of them together lead to where the repair began.
fn taken_back(session: &mut Session, repair: &Repair, found: &Side) -> Result<(), String> {
    let mut back: Vec<&str> = Vec::new();
    for step in repair.steps.iter().rev() {
        match &step.inverse {
            Inverse::Statements(statements) => back.extend(statements.iter().map(String::as_str)),
            Inverse::Impossible(_) => return Ok(()),
        }
    }
    for statement in &back {
        if let Err(error) = session.run(statement) {
            return Err(format!("no way back: {error}\n      {}\n{}", back.join("\n      "), shown(repair)));
        }
    }
    let now = read(session);
    let mut rest = compare(&found.catalog, &now.catalog);
    rest.retain(|difference| !comes_last(difference, repair));
    match rest.is_empty() {
        true => Ok(()),
        false => Err(format!("elsewhere: {rest:#?}\n      {}\n{}", back.join("\n      "), shown(repair))),
    }
}

fn check_repaired(major: u32, cannot: &[(&str, &str)]) {
    let (database, wanted) = wanted_on(major);
    let only = std::env::var("ONLY").unwrap_or_default();
    let tried = || {
        changes().filter(|change| {
            change.applies(major, true) && !change.only_data && change.name().contains(&only)
        })
    };
    let mut outcomes = Vec::new();
    for change in tried().filter(|change| !change.transactional) {
        let copy = database.copy("planned");
        // A build that is meant to fail does fail; what it leaves behind is the change.
        copy.psql(change.sql);
        let mut session = open_session(&copy.url());
        session.run("begin").expect("a transaction");
        outcomes.push((change, repaired(&mut session, &wanted, true)));
        session.run("rollback").expect("a rollback");
    }
    let mut session = open_session(&database.url());
    for change in tried().filter(|change| change.transactional) {
        session.run("begin").expect("a transaction");
        session.run(change.sql).unwrap_or_else(|error| panic!("{}: {error}", change.name()));
        // After ALTER DOMAIN … DROP CONSTRAINT, PostgreSQL 18 cannot begin a savepoint before something was written.
        session.run("select from shop.regions for update").expect("a lock");
        outcomes.push((change, repaired(&mut session, &wanted, false)));
        session.run("rollback").expect("a rollback");
    }
    let count = outcomes.len();
    let mut wrong = Vec::new();
    let mut left: Vec<(String, String)> = Vec::new();
    let mut whole = 0;
    for (change, outcome) in outcomes {
        match outcome {
            Ok(rest) if rest.is_empty() => whole += 1,
            Ok(rest) => left.extend(rest),
            Err(error) => wrong.push(format!("{}\n    {error}", change.name())),
        }
    }
    left.sort();
    println!("PostgreSQL {major}: {whole} of {count} changes repaired");
    for (object, reason) in &left {
        println!("  left: {object}: {reason}");
    }
    assert!(wrong.is_empty(), "{} of {count} repairs are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let left: Vec<(&str, &str)> =
        left.iter().map(|(object, reason)| (object.as_str(), reason.as_str())).collect();
    assert_eq!(left, cannot);
}

/// What no plan repairs, and why.
const CANNOT_BE_REPAIRED: &[(&str, &str)] = &[
    ("base-type depot.stamp", FUNCTIONS),
    (
        "collation shop.german_phonebook",
        "the collation shop.german_phonebook would have to be made anew, and the column shop.phonebook.name needs it \
         all the time",
    ),
    (
        "collation shop.ignoring_case",
        "the collation shop.ignoring_case would have to be made anew, and the column shop.phonebook.nickname needs it \
         all the time",
    ),
    ("column depot.derived.id", LOCAL_AND_INHERITED),
    ("column shop.pets.id", LOCAL_AND_INHERITED),
    ("extension citext", "extensions have scripts from a version to later ones, not from 1.8 back to 1.5"),
    ("function depot.span_canonical(depot.span)", FUNCTIONS),
    ("function depot.stamp_in(cstring)", FUNCTIONS),
    ("function depot.stamp_out(depot.stamp)", FUNCTIONS),
    ("range-type depot.span", FUNCTIONS),
    (
        "subscription from_head_office",
        "PostgreSQL changes the failover of a subscription only while it has a slot",
    ),
    (
        "subscription from_head_office",
        "PostgreSQL changes the two-phase of a subscription only while it has a slot",
    ),
    (
        "subscription from_head_office",
        "the connection of a subscription holds a password and is not read from a database",
    ),
    ("table depot.leaves", PARTITIONED),
    ("table depot.leaves", PARTITIONED),
    (
        "table depot.lids",
        "PostgreSQL cannot change the order of columns; the rows would have to be moved to a new table",
    ),
    (
        "table shop.pets",
        "only without shop.named for a moment could the parents stand in another order, and columns that come only \
         from there would then be the table's own",
    ),
    (
        "user-mapping app_reader on depot_server",
        "the options of a user mapping hold passwords, and only their names are read from a database",
    ),
];

const FUNCTIONS: &str = "a type and the functions that read and write its values hold each other: PostgreSQL drops \
                         them only with CASCADE";
const LOCAL_AND_INHERITED: &str = "whether a column is its table's own as well as its parent's is settled when it is \
                                   made; only a new column would have it otherwise";
const PARTITIONED: &str = "how a table is partitioned is settled when it is made; its rows would have to be moved to a \
                           new table";

#[test]
fn every_change_is_repaired_on_18() {
    check_repaired(18, CANNOT_BE_REPAIRED);
}

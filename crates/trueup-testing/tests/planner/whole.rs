//! Every change the whole way: the script of its repair leads to what is expected, does nothing the second time and
//! nothing on the healthy database, and loses nothing that was not named.

use std::collections::BTreeSet;

use trueup_database::Session;
use trueup_engine::repair::Permissions;
use trueup_model::repair::{Reason, Repair};
use trueup_model::{Difference, ObjectPath};
use trueup_testing::changes::{Change, changes};

use super::common::open_session;
use super::guarded::{changes_nothing, run_parts, says_again, scripted};
use super::{Side, comes_last, differences, planned, read, shown, wanted_on};

/// What came of one change.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Repaired,
    /// Only with a permission, which was asked for by name.
    WithPermission,
    Left,
}

/// The repair of what the session sees, with the script that was run.
fn repaired(
    session: &mut Session,
    wanted: &Side,
    is_copy: bool,
) -> Result<(Repair, trueup_model::repair::Script, Outcome), String> {
    let found = read(session);
    let differing = differences(wanted, &found, is_copy);
    let plan = |allowed: &Permissions| planned(wanted, &found, &differing, allowed, Some(0));
    let mut repair = plan(&Permissions::All);
    let careful = plan(&Permissions::Nothing);
    let named = asked_for(&careful, &repair)?;
    if !named.is_empty() {
        let allowed = plan(&Permissions::Objects(named.clone()));
        if allowed != repair {
            return Err(format!(
                "with permission for {named:?}:\n{}\nwith permission for everything:\n{}",
                shown(&allowed),
                shown(&repair)
            ));
        }
    }
    let script = scripted(session, &mut repair)?;
    let with_plan = |error: String| format!("{error}\n{}", shown(&repair));
    run_parts(session, &script.up).map_err(with_plan)?;
    let now = read(session);
    let rest = differences(wanted, &now, is_copy);
    let unsaid: Vec<&Difference> = rest
        .iter()
        .filter(|difference| !repair.left.iter().any(|left| left.object == difference.path))
        .filter(|difference| !comes_last(difference, &repair))
        .collect();
    if !unsaid.is_empty() {
        return Err(with_plan(format!("still different: {unsaid:#?}")));
    }
    changes_nothing(session, &script, says_again(&repair))
        .map_err(|error| with_plan(format!("the second time: {error}")))?;
    let outcome = match (repair.left.is_empty(), named.is_empty()) {
        (false, _) => Outcome::Left,
        (true, true) => Outcome::Repaired,
        (true, false) => Outcome::WithPermission,
    };
    Ok((repair, script, outcome))
}

/// What has to be named so that it may be lost. Whatever loses something is left without permission, with a reason
/// that names it.
fn asked_for(careful: &Repair, repair: &Repair) -> Result<BTreeSet<ObjectPath>, String> {
    if let Some(step) = careful.steps.iter().find(|step| step.safety.loses.is_some()) {
        return Err(format!("{} is lost without permission\n{}", step.object, shown(careful)));
    }
    let mut named = BTreeSet::new();
    for left in &careful.left {
        let Reason::NeedsPermission(reason) = &left.reason else { continue };
        if !reason.contains(&left.object.to_string()) {
            return Err(format!("{} is left because {reason}", left.object));
        }
        named.insert(left.object.clone());
    }
    // What can be counted needs no permission: then the rows decide.
    let counted = |object: &ObjectPath| {
        careful.steps.iter().any(|step| step.object == *object && !step.safety.violations.is_empty())
    };
    let loses = repair.steps.iter().any(|step| step.safety.loses.is_some() && !counted(&step.object));
    if loses && named.is_empty() {
        return Err(format!("something is lost, and nobody was asked\n{}", shown(repair)));
    }
    Ok(named)
}

/// The healthy database stays as it is.
fn healthy(
    session: &mut Session,
    repair: &Repair,
    script: &trueup_model::repair::Script,
) -> Result<(), String> {
    changes_nothing(session, script, says_again(repair))
        .map_err(|error| format!("on the healthy database: {error}\n{}", shown(repair)))
}

/// Every other change: the two halves run beside each other.
fn check_whole(major: u32, half: usize) {
    let (database, wanted) = wanted_on(major);
    let only = std::env::var("ONLY").unwrap_or_default();
    let tried = || {
        changes().enumerate().filter(|(number, _)| number % 2 == half).map(|(_, change)| change).filter(
            |change| change.applies(major, true) && !change.only_data && change.name().contains(&only),
        )
    };
    let mut session = open_session(&database.url());
    let mut outcomes: Vec<(&Change, Result<Outcome, String>)> = Vec::new();
    for change in tried().filter(|change| change.transactional) {
        session.run("begin").expect("a transaction");
        session.run("savepoint healthy").expect("a savepoint");
        session.run(change.sql).unwrap_or_else(|error| panic!("{}: {error}", change.name()));
        // After ALTER DOMAIN … DROP CONSTRAINT, PostgreSQL 18 cannot begin a savepoint before something was written.
        session.run("select from shop.regions for update").expect("a lock");
        let outcome = repaired(&mut session, &wanted, false).and_then(|(repair, script, outcome)| {
            session.run("rollback to savepoint healthy").expect("a rollback");
            // What is left leads elsewhere.
            if outcome != Outcome::Left {
                healthy(&mut session, &repair, &script)?;
            }
            Ok(outcome)
        });
        outcomes.push((change, outcome));
        session.run("rollback").expect("a rollback");
    }
    drop(session);
    for change in tried().filter(|change| !change.transactional) {
        let copy = database.copy("whole");
        // A build that is meant to fail does fail; what it leaves behind is the change.
        copy.psql(change.sql);
        let mut session = open_session(&copy.url());
        session.run("begin").expect("a transaction");
        let outcome = repaired(&mut session, &wanted, true);
        session.run("rollback").expect("a rollback");
        let outcome = outcome.and_then(|(repair, script, outcome)| {
            let mut session = open_session(&database.url());
            session.run("begin").expect("a transaction");
            let said =
                if outcome == Outcome::Left { Ok(()) } else { healthy(&mut session, &repair, &script) };
            session.run("rollback").expect("a rollback");
            said.map(|()| outcome)
        });
        outcomes.push((change, outcome));
    }
    let count = |wanted: Outcome| {
        outcomes
            .iter()
            .filter(|(_, outcome)| outcome.as_ref().is_ok_and(|outcome| *outcome == wanted))
            .count()
    };
    println!(
        "PostgreSQL {major}: {} of {} changes repaired, {} with permission, {} left",
        count(Outcome::Repaired),
        outcomes.len(),
        count(Outcome::WithPermission),
        count(Outcome::Left)
    );
    let wrong: Vec<String> = outcomes
        .iter()
        .filter_map(|(change, outcome)| {
            outcome.as_ref().err().map(|error| format!("{}\n    {error}", change.name()))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), outcomes.len(), wrong.join("\n"));
}

#[test]
fn one_half_of_the_changes_is_repaired_the_whole_way_on_18() {
    check_whole(18, 0);
}

#[test]
fn the_other_half_of_the_changes_is_repaired_the_whole_way_on_18() {
    check_whole(18, 1);
}

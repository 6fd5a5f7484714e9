//! Every single change of the table is repaired by a plan: its steps run in their order, nothing differs afterwards,
//! and a second plan has no steps.

mod common;

use std::collections::BTreeSet;

use common::{live_catalog, open_session};
use trueup_database::Session;
use trueup_database::introspect::{dependencies, dependencies_within, introspect_within};
use trueup_engine::compare;
use trueup_engine::dialect::SETTINGS;
use trueup_engine::findings::Sides;
use trueup_engine::repair::{Permissions, PlanRequest, plan};
use trueup_model::difference::Change;
use trueup_model::repair::{Dependencies, Reason, Repair};
use trueup_model::{Catalog, Difference, Ident, ObjectKind};
use trueup_testing::changes::changes;
use trueup_testing::fixture;
use trueup_testing::servers::server;

fn read(session: &mut Session) -> Catalog {
    introspect_within(session).expect("a catalog").migrated_by(Some(Ident::new("postgres")))
}

/// What a repair starts from on the expected side.
struct Wanted {
    catalog: Catalog,
    needs: Dependencies,
}

/// A copy has no subscriptions: they belong to the database that was copied.
fn differences(wanted: &Wanted, found: &Catalog, is_copy: bool) -> Vec<Difference> {
    let mut differences = compare(&wanted.catalog, found);
    differences.retain(|difference| !is_copy || difference.path.kind != ObjectKind::Subscription);
    differences
}

fn planned(
    wanted: &Wanted,
    found: &Catalog,
    differences: &[Difference],
    session: &mut Session,
    allowed: &Permissions,
) -> Repair {
    let needs = dependencies_within(session).expect("dependencies");
    let chosen: BTreeSet<usize> = (0..differences.len()).collect();
    plan(&PlanRequest {
        sides: &Sides { expected: &wanted.catalog, found },
        differences,
        chosen: &chosen,
        expected_needs: &wanted.needs,
        found_needs: &needs,
        allowed,
        sizes: &|_| None,
    })
}

fn shown(repair: &Repair) -> String {
    let mut text = String::new();
    for step in &repair.steps {
        let statements = step.statements.join(";\n          ");
        text.push_str(&format!(
            "      {} {} {} {:?}\n          {statements}\n",
            step.verb.word(),
            step.object.kind,
            step.object,
            step.settles
        ));
    }
    for left in &repair.left {
        text.push_str(&format!("      left: {} {}: {:?}\n", left.object.kind, left.object, left.reason));
    }
    text
}

/// What is wrong with the repair of what the session sees, or what it says cannot be repaired.
fn repaired(session: &mut Session, wanted: &Wanted, is_copy: bool) -> Result<Vec<(String, String)>, String> {
    let found = read(session);
    let differing = differences(wanted, &found, is_copy);
    let repair = planned(wanted, &found, &differing, session, &Permissions::All);
    let settled: BTreeSet<usize> =
        repair.steps.iter().flat_map(|step| step.settles.iter().copied()).collect();
    let left: BTreeSet<usize> = repair.left.iter().map(|left| left.difference).collect();
    if settled.len() + left.len() != differing.len() || settled.intersection(&left).next().is_some() {
        return Err(format!("not every difference is settled or left\n{}\n{differing:#?}", shown(&repair)));
    }
    for (name, value) in SETTINGS {
        session.run(&format!("set local {name} = {value}")).expect("a setting");
    }
    session.run("savepoint attempt").expect("a savepoint");
    for statement in repair.steps.iter().flat_map(|step| &step.statements) {
        if let Err(error) = session.run(statement) {
            session.run("rollback to savepoint attempt").expect("a rollback");
            return Err(format!("{error}\n      {statement}\n{}", shown(&repair)));
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
    let again = planned(wanted, &now, &rest, session, &Permissions::All);
    if !again.steps.is_empty() {
        return Err(format!("planned again:\n{}\nfirst:\n{}", shown(&again), shown(&repair)));
    }
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

/// A column that is added stands behind all others, wherever it should stand.
fn comes_last(difference: &Difference, repair: &Repair) -> bool {
    let is_order = matches!(&difference.change, Change::Different(aspect) if aspect.name == "column-order");
    is_order
        && repair.steps.iter().any(|step| {
            step.object.kind == ObjectKind::Column && step.object.relation() == difference.path.qualified()
        })
}

fn check_repaired(major: u32, cannot: &[(&str, &str)]) {
    let server = server(major);
    let database = fixture::every_kind_applied(&server, true);
    let wanted = Wanted {
        catalog: live_catalog(&database.url()),
        needs: dependencies(&mut open_session(&database.url())).expect("dependencies"),
    };
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
const CANNOT_BE_REPAIRED: &[(&str, &str)] = &[];

#[test]
fn every_change_is_repaired_on_18() {
    check_repaired(18, CANNOT_BE_REPAIRED);
}

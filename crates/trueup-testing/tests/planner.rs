//! Every single change of the table is repaired by a plan: its steps run in their order, nothing differs afterwards,
//! and a second plan has no steps.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{live_catalog, open_session};
use trueup_database::Session;
use trueup_database::introspect::{dependencies, dependencies_within, introspect_within};
use trueup_engine::compare;
use trueup_engine::dialect::SETTINGS;
use trueup_engine::findings::Sides;
use trueup_engine::repair::{Permissions, PlanRequest, TableSize, plan};
use trueup_model::difference::Change;
use trueup_model::repair::{Dependencies, Inverse, Lock, Reason, Repair, Step};
use trueup_model::{Catalog, Difference, Ident, ObjectKind, QualifiedName};
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
        sizes: &|_| Some(TableSize { rows: 0, bytes: 0 }),
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
    let again = planned(wanted, &now, &rest, session, &Permissions::All);
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

/// A column that is added stands behind all others, wherever it should stand.
fn comes_last(difference: &Difference, repair: &Repair) -> bool {
    let is_order = matches!(&difference.change, Change::Different(aspect) if aspect.name == "column-order");
    is_order
        && repair.steps.iter().any(|step| {
            step.object.kind == ObjectKind::Column && step.object.relation() == difference.path.qualified()
        })
}

fn run(session: &mut Session, statements: &[String]) -> Result<(), String> {
    session.run("savepoint attempt").expect("a savepoint");
    for statement in statements {
        session.run(statement).map_err(|error| format!("{error}\n      {statement}"))?;
    }
    Ok(())
}

/// Where every step has a way back, all of them together lead to where the repair began.
fn taken_back(session: &mut Session, repair: &Repair, found: &Catalog) -> Result<(), String> {
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
    let mut rest = compare(found, &now);
    rest.retain(|difference| !comes_last(difference, repair));
    match rest.is_empty() {
        true => Ok(()),
        false => Err(format!("elsewhere: {rest:#?}\n      {}\n{}", back.join("\n      "), shown(repair))),
    }
}

/// What a server says of the relations that there are: names, locks of this session that are in the way of others,
/// and files.
struct Measured {
    relations: BTreeMap<String, Relation>,
}

struct Relation {
    name: QualifiedName,
    locks: BTreeSet<String>,
    file: Option<String>,
}

impl Measured {
    fn now(session: &mut Session) -> Self {
        let rows = session
            .rows(
                "select c.oid::text, n.nspname, c.relname,
                        case when c.relkind = 'r' then pg_relation_filenode(c.oid)::text end,
                        (select string_agg(distinct l.mode, ' ') from pg_locks l
                         where l.relation = c.oid and l.granted and l.pid = pg_backend_pid()
                           and l.mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock'))
                 from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where c.relkind in ('r', 'p', 'f', 'v', 'm') and c.oid >= 16384",
            )
            .expect("relations");
        let relations = rows
            .into_iter()
            .map(|row| {
                let text = |at: usize| row[at].clone().unwrap_or_default();
                let locks = text(4).split_whitespace().map(str::to_owned).collect();
                let name = QualifiedName::new(text(1), text(2));
                (text(0), Relation { name, locks, file: row[3].clone() })
            })
            .collect();
        Measured { relations }
    }
}

/// What a step did to others that it does not say.
fn understated(step: &Step, before: &Measured, after: &Measured) -> Option<String> {
    let mut rewritten = Vec::new();
    for (oid, was) in &before.relations {
        let is = after.relations.get(oid);
        let names = [Some(&was.name), is.map(|is| &is.name)];
        let said = step
            .safety
            .locks
            .iter()
            .filter(|(table, _)| names.contains(&Some(table)))
            .map(|(_, lock)| *lock)
            .max();
        let new =
            is.map(|is| is.locks.difference(&was.locks).cloned().collect::<Vec<_>>()).unwrap_or_default();
        for mode in new {
            let lock = Lock::ALL.iter().find(|lock| lock.mode() == mode).copied().expect("a known lock");
            if said.is_none_or(|said| said < lock) {
                return Some(format!("{mode} on {} was not said", was.name));
            }
        }
        if is.is_some_and(|is| is.file != was.file) {
            rewritten.push(was.name.to_string());
        }
    }
    match (step.safety.rewrites, rewritten.is_empty()) {
        (false, false) => Some(format!("was rewritten: {rewritten:?}")),
        (true, true) => Some("nothing was rewritten".to_owned()),
        (true, false) | (false, true) => None,
    }
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

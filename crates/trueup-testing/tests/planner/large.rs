//! The forms for large tables, as they are run: one statement after the other, some outside of a transaction. Questions
//! about rows are asked before.

use trueup_engine::dialect::SETTINGS;
use trueup_engine::repair::Permissions;
use trueup_model::repair::{Step, Verb};
use trueup_model::{Code, ObjectKind};
use trueup_testing::changes::{Change, changes};

use super::common::open_session;
use super::{Side, differences, planned, read_at, shown, wanted_on};

/// What can have a form of its own, or a question.
fn may_be_large(change: &Change) -> bool {
    let kinds = [
        ObjectKind::ForeignKey,
        ObjectKind::CheckConstraint,
        ObjectKind::PrimaryKey,
        ObjectKind::UniqueConstraint,
        ObjectKind::Index,
    ];
    match change.expected.code {
        Code::Missing(kind) | Code::Unexpected(kind) => kinds.contains(&kind),
        Code::Different(ObjectKind::Column) => {
            matches!(change.expected.aspect, Some("type" | "nullability" | "not-null-validated"))
        }
        Code::Different(ObjectKind::Enum) => true,
        Code::Different(kind) => kinds.contains(&kind) && change.expected.aspect == Some("validated"),
        Code::Renamed(_) | Code::Misplaced(_) | Code::Named(_) => false,
    }
}

fn is_special(step: &Step) -> bool {
    !step.transactional || step.verb == Verb::Validate || !step.safety.violations.is_empty()
}

fn check_large(major: u32, at_least: usize) {
    let (database, wanted) = wanted_on(major);
    let mut special = 0;
    let mut wrong = Vec::new();
    for change in changes().filter(|change| change.applies(major, true) && may_be_large(change)) {
        let copy = database.copy("large");
        copy.run(change.sql);
        match repaired(&copy.url(), &wanted) {
            Ok(steps) => special += usize::from(steps),
            Err(error) => wrong.push(format!("{}\n    {error}", change.name())),
        }
    }
    println!("PostgreSQL {major}: {special} plans with forms for large tables");
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(special >= at_least, "{special} plans had something special");
}

/// Whether anything was done in another form than for small tables.
fn repaired(url: &str, wanted: &Side) -> Result<bool, String> {
    let mut session = open_session(url);
    let found = read_at(url);
    let differing = differences(wanted, &found, true);
    let repair = planned(wanted, &found, &differing, &Permissions::All, None);
    let careful = planned(wanted, &found, &differing, &Permissions::Nothing, None);
    for (name, value) in SETTINGS {
        session.run(&format!("set {name} = {value}")).expect("a setting");
    }
    for probe in careful.steps.iter().flat_map(|step| &step.safety.violations) {
        // What is asked about a column that only an earlier step makes is asked after that.
        for question in [&probe.count, &probe.sample] {
            if let Err(error) = session.rows(question) {
                return Err(format!("{}: {error}\n      {question}", probe.meaning));
            }
        }
    }
    for step in &repair.steps {
        for statement in &step.statements {
            if let Err(error) = session.run(statement) {
                return Err(format!("{error}\n      {statement}\n{}", shown(&repair)));
            }
        }
    }
    let rest = differences(wanted, &read_at(url), true);
    if !rest.is_empty() && repair.left.is_empty() {
        return Err(format!("still different: {rest:#?}\n{}", shown(&repair)));
    }
    Ok(repair.steps.iter().chain(&careful.steps).any(is_special))
}

#[test]
fn large_tables_are_repaired_on_18() {
    check_large(18, 15);
}

#[test]
fn large_tables_are_repaired_on_13() {
    check_large(13, 15);
}

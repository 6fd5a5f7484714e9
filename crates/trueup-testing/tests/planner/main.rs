//! Plans do on a server what they say: every single change of the table is repaired by steps run in their order,
//! nothing differs afterwards, and a second plan has no steps.

#[path = "../common/mod.rs"]
mod common;
mod dumped;
mod each;
mod guarded;
mod large;
mod measured;
mod random;
mod whole;

use std::collections::BTreeSet;

use common::open_session;
use trueup_database::Session;
use trueup_database::introspect::{introspect_with_dependencies, introspect_with_dependencies_within};
use trueup_engine::compare;
use trueup_engine::findings::Sides;
use trueup_engine::repair::{Permissions, PlanRequest, TableSize, plan};
use trueup_model::difference::Change;
use trueup_model::repair::Repair;
use trueup_model::{Catalog, Dependencies, Difference, Ident, ObjectKind};
use trueup_testing::fixture;
use trueup_testing::servers::{Database, server};

/// One of the two sides of a repair.
struct Side {
    catalog: Catalog,
    needs: Dependencies,
}

impl Side {
    fn of((catalog, needs): (Catalog, Dependencies)) -> Self {
        let migrator = Ident::new("postgres");
        let needs = needs.migrated_by(Some(&migrator));
        Self { catalog: catalog.migrated_by(Some(migrator)), needs }
    }
}

/// What the running transaction sees.
fn read(session: &mut Session) -> Side {
    Side::of(introspect_with_dependencies_within(session).expect("a catalog"))
}

fn read_at(url: &str) -> Side {
    Side::of(introspect_with_dependencies(&mut open_session(url)).expect("a catalog"))
}

/// A copy has no subscriptions: they belong to the database that was copied.
fn differences(wanted: &Side, found: &Side, is_copy: bool) -> Vec<Difference> {
    let mut differences = compare(&wanted.catalog, &found.catalog);
    differences.retain(|difference| !is_copy || difference.path.kind != ObjectKind::Subscription);
    differences
}

fn planned(
    wanted: &Side,
    found: &Side,
    differences: &[Difference],
    allowed: &Permissions,
    rows: Option<u64>,
) -> Repair {
    let chosen: BTreeSet<usize> = (0..differences.len()).collect();
    plan(&PlanRequest {
        sides: &Sides { expected: &wanted.catalog, found: &found.catalog },
        differences,
        chosen: &chosen,
        expected_needs: &wanted.needs,
        found_needs: &found.needs,
        allowed,
        sizes: &|_| rows.map(|rows| TableSize { rows, bytes: 0 }),
        file: &|_| None,
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

/// The whole of `every_kind` on a server, and what is read of it.
fn wanted_on(major: u32) -> (Database, Side) {
    let server = server(major);
    let database = fixture::every_kind_applied(&server, true);
    let wanted = read_at(&database.url());
    (database, wanted)
}

//! What the engine writes is what the server needs: every object of a catalog can be made from its entry, and every
//! single change of the table can be taken back by statements made of the two catalogs.

mod again;
mod back;
#[path = "../common/mod.rs"]
mod common;
mod definitions;
mod elsewhere;
mod rows;

use trueup_database::Session;
use trueup_database::introspect::introspect_within;
use trueup_engine::compare;
use trueup_engine::dialect::{
    Alteration, SETTINGS, Written, alter, create, definition_query, remove, rename, set_schema,
};
use trueup_engine::findings::Sides;
use trueup_model::difference::{Change as Differing, Difference};
use trueup_model::{Catalog, Ident, ObjectPath};

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

fn definition(session: &mut Session, path: &ObjectPath) -> Option<String> {
    let query = format!("select {}", definition_query(path));
    session.value(&query).unwrap_or_else(|error| panic!("{} {path}: {error}\n{query}", path.kind))
}

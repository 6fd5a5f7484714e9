//! A story from the beginning to the end: a schema is made and damaged, the repair is planned and run, and what has to
//! hold of it is asked.

use std::collections::{BTreeMap, BTreeSet};

use trueup_database::Session;
use trueup_database::sizes::table_sizes;
use trueup_engine::compare;
use trueup_engine::findings::Sides;
use trueup_engine::repair::{Permissions, PlanRequest, TableSize, plan};
use trueup_model::repair::{Repair, Step};
use trueup_model::{Catalog, Difference, ObjectKind, QualifiedName};

use super::kept::Rows;
use super::said::{NO_VALUE, STAYS, all_said, cannot_be_done, listed, unsaid};
use super::{Damage, How, Outcome};
use crate::guarded::{changes_nothing, run_parts, says_again, scripted, set_all};
use crate::{Side, read, shown};

/// Statements, as they were run.
#[derive(Default, Debug)]
pub struct Story {
    pub schema: Vec<String>,
    pub damage: Vec<String>,
    /// Nothing of it is there by chance: what a server does not take is a mistake.
    pub all_is_taken: bool,
}

/// Whether statements were taken.
fn attempt(session: &mut Session, statements: &[String]) -> bool {
    // By itself: of a message that cannot be read nothing is run.
    session.run("savepoint attempt").expect("a savepoint");
    let taken = session.run(&format!("{};\nrelease savepoint attempt", statements.join(";\n"))).is_ok();
    if !taken {
        session.run("rollback to savepoint attempt").expect("the end of a savepoint");
    }
    taken
}

/// A story from the beginning to the end, in one transaction that the caller takes back.
pub fn told(
    session: &mut Session,
    story: &mut Story,
    schema: &[String],
    rows: &[String],
    damage: &mut Damage<'_>,
    how: How,
) -> Result<Outcome, String> {
    set_all(session);
    for statement in schema {
        if attempt(session, std::slice::from_ref(statement)) {
            story.schema.push(statement.clone());
        } else if story.all_is_taken {
            return Err(format!("not taken: {statement}"));
        }
    }
    let wanted = read(session);
    set_all(session);
    session.run("savepoint empty").expect("a savepoint");
    // Foreign keys decide on the order: whatever is refused is tried again.
    let mut open: Vec<&String> = rows.iter().collect();
    for _ in 0..4 {
        open.retain(|statement| !attempt(session, std::slice::from_ref(*statement)));
    }
    session.run("set constraints all immediate").expect("no pending triggers");
    session.run("savepoint healthy").expect("a savepoint");
    let mut found = None;
    while let Some(statements) = damage(&found.as_ref().unwrap_or(&wanted).catalog) {
        set_all(session);
        if !statements.is_empty() && attempt(session, &statements) {
            story.damage.extend(statements);
            found = Some(read(session));
        } else if story.all_is_taken {
            return Err(format!("not taken: {statements:?}"));
        }
    }
    set_all(session);
    session.run("set constraints all immediate").map_err(|error| format!("pending triggers: {error}"))?;
    session.run("savepoint damaged").expect("a savepoint");
    repaired(session, &wanted, found.as_ref().unwrap_or(&wanted), how)
}

fn plan_of(
    session: &mut Session,
    (wanted, found): (&Side, &Side),
    differences: &[Difference],
    chosen: &BTreeSet<usize>,
    (allowed, is_apart): (&Permissions, bool),
) -> Repair {
    set_all(session);
    // On a scratch server there are no rows yet.
    let sizes = match allowed {
        Permissions::Scratch => BTreeMap::new(),
        Permissions::Nothing | Permissions::Objects(_) | Permissions::All => {
            table_sizes(session).expect("sizes")
        }
    };
    plan(&PlanRequest {
        sides: &Sides { expected: &wanted.catalog, found: &found.catalog },
        differences,
        chosen,
        expected_needs: &wanted.needs,
        found_needs: &found.needs,
        allowed,
        sizes: &|table: &QualifiedName| {
            let empty = (*allowed == Permissions::Scratch).then_some(TableSize { rows: 0, bytes: 0 });
            sizes.get(table).map(|size| TableSize { rows: size.rows, bytes: size.bytes }).or(empty)
        },
        file: &|text| is_apart.then(|| file_of(text, &wanted.catalog)).flatten(),
    })
}

/// One of three files, by the table that is named first.
fn file_of(text: &str, wanted: &Catalog) -> Option<String> {
    let tables = wanted.entries().iter().filter(|entry| entry.path.kind == ObjectKind::Table).enumerate();
    let named = tables.filter_map(|(at, table)| Some((text.find(table.path.head.as_str())?, at % 3)));
    named.min().map(|(_, file)| file.to_string())
}

fn repaired(session: &mut Session, wanted: &Side, found: &Side, how: How) -> Result<Outcome, String> {
    let differing = compare(&wanted.catalog, &found.catalog);
    if differing.is_empty() {
        return Ok(Outcome::NotDamaged);
    }
    let chosen: BTreeSet<usize> = match how {
        How::All | How::Apart | How::Nothing => (0..differing.len()).collect(),
        How::Some(number) => {
            (0..differing.len()).filter(|at| (usize::from(number) >> (at % 14)) % 2 == 0).collect()
        }
    };
    let allowed = if how == How::Nothing { Permissions::Nothing } else { Permissions::All };
    let mut repair = plan_of(session, (wanted, found), &differing, &chosen, (&allowed, how == How::Apart));
    all_said(&repair, &chosen, &differing)?;
    for step in &repair.steps {
        for probe in &step.safety.violations {
            let count = session.value(&probe.count).map_err(|error| {
                format!("{}: {error}\n{}\n{}", probe.meaning, probe.count, shown(&repair))
            })?;
            if count.is_some_and(|count| count != "0") {
                let sample = session.rows(&probe.sample);
                let sample =
                    sample.map_err(|error| format!("{}: {error}\n{}", probe.meaning, probe.sample))?;
                if sample.is_empty() {
                    return Err(format!("{}: none of them is shown\n{}", probe.meaning, probe.sample));
                }
                return Ok(Outcome::RowsInTheWay);
            }
        }
    }
    let script = match scripted(session, &mut repair) {
        Ok(script) => script,
        // Of some types nobody can tell beforehand which values fit; a permission was needed for that.
        Err(error) if error.contains("(SQLSTATE 22") && may_not_fit(&repair) => {
            return Ok(Outcome::RowsInTheWay);
        }
        Err(error) => return Err(format!("{error}\n{}", listed(&differing))),
    };
    let plan = format!("{}\n{}", shown(&repair), listed(&differing));
    let with_plan = |error: String| format!("{error}\n{plan}");

    let rows = Rows::now(session);
    run_parts(session, &script.up).map_err(with_plan)?;
    session
        .run("set constraints all immediate")
        .map_err(|error| with_plan(format!("afterwards: {error}")))?;
    let now = read(session).catalog;
    set_all(session);
    let rest = compare(&wanted.catalog, &now);
    let rest = unsaid(&rest, &repair, &differing, &chosen);
    if !rest.is_empty() {
        return Err(with_plan(format!("still different: {}", listed(rest))));
    }
    rows.kept(&Rows::now(session), &repair, allowed == Permissions::Nothing).map_err(with_plan)?;
    let again = says_again(&repair);
    changes_nothing(session, &script, again).map_err(|error| with_plan(format!("second run: {error}")))?;
    let whole = repair.left.is_empty() && chosen.len() == differing.len();

    session.run("rollback to savepoint healthy").expect("a rollback");
    match changes_nothing(session, &script, again) {
        Err(error) if whole => return Err(with_plan(format!("on the healthy database: {error}"))),
        // A part of the way is another place: the script may stop there.
        Err(_) | Ok(()) => {}
    }
    session.run("rollback to savepoint empty").expect("a rollback");
    if let Some((why, rehearsal)) = rehearsed(session, wanted, found).map_err(with_plan)? {
        asked_for(why).map_err(|error| with_plan(format!("rehearsal: {error}\n{rehearsal}")))?;
        return Ok(Outcome::NotRehearsed(why));
    }
    let why = cannot_be_done(&repair);
    why.map_or(Ok(()), asked_for).map_err(with_plan)?;
    Ok(match why {
        _ if whole => Outcome::Whole,
        Some(why) if why == NO_VALUE => Outcome::RowsInTheWay,
        Some(why) if STAYS.contains(&why) => Outcome::Stays(why),
        Some(why) => Outcome::Refused(why),
        None => Outcome::Partly,
    })
}

/// DAMAGE_REFUSED is a part of a reason to refuse that somebody wants to see, as if it were wrong.
fn asked_for(why: &str) -> Result<(), String> {
    match std::env::var("DAMAGE_REFUSED") {
        Ok(asked) if why.contains(&asked) => Err(format!("refused: {why}")),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn may_not_fit(repair: &Repair) -> bool {
    let says = |step: &Step| step.safety.loses.as_ref().is_some_and(|loses| loses.starts_with("values of "));
    repair.steps.iter().any(says)
}

/// Why what was found cannot be made of what is expected, where a shadow has to show what a repair does.
fn rehearsed(
    session: &mut Session,
    wanted: &Side,
    found: &Side,
) -> Result<Option<(&'static str, String)>, String> {
    let opposite = compare(&found.catalog, &wanted.catalog);
    let all: BTreeSet<usize> = (0..opposite.len()).collect();
    let repair = plan_of(session, (found, wanted), &opposite, &all, (&Permissions::Scratch, false));
    all_said(&repair, &all, &opposite).map_err(|error| format!("rehearsal: {error}"))?;
    for statement in repair.steps.iter().flat_map(|step| &step.statements) {
        session
            .run(statement)
            .map_err(|error| format!("rehearsal: {error}\n      {statement}\n{}", shown(&repair)))?;
    }
    let now = read(session).catalog;
    let rest = compare(&found.catalog, &now);
    let rest = unsaid(&rest, &repair, &opposite, &all);
    match rest.is_empty() {
        true => Ok(cannot_be_done(&repair).map(|why| (why, shown(&repair)))),
        false => Err(format!(
            "rehearsal: still different: {}\n{}\n{}",
            listed(rest),
            shown(&repair),
            listed(&opposite)
        )),
    }
}

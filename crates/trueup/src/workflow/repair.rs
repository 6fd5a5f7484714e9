//! Plans a repair and proves it on scratch servers.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use trueup_database::expected::{Plan, expected_on_shadow};
use trueup_database::introspect::dependencies;
use trueup_database::prove::{ProveError, Rehearsal, measure, prove, touched};
use trueup_database::shadow::Shadow;
use trueup_database::sizes::table_sizes;
use trueup_database::{Session, SessionError};
use trueup_engine::choice::{Choices, choose};
use trueup_engine::dialect::SETTINGS;
use trueup_engine::findings::Sides;
use trueup_engine::repair::{Permissions, PlanRequest, TableSize};
use trueup_engine::{compare, plan, script};
use trueup_frameworks::write::psql::write_sql;
use trueup_frameworks::{Clock, WriteError, WriteRequest, WrittenFile};
use trueup_model::difference::{Change, Difference};
use trueup_model::proof::Proof;
use trueup_model::repair::{Dependencies, Guard, Repair, Script};
use trueup_model::{Catalog, History, ObjectPath, QualifiedName, Text};

use super::Progress;
use super::check::replayed;
use super::judge::{Judged, Replays, judge_situation};
use super::load::Setting;
use super::look::look;
use crate::exit::Exit;
use crate::failure::Failure;

/// What was asked for.
pub(crate) struct Wanted {
    pub choices: Choices,
    pub allowed: Permissions,
    pub form: Form,
    pub now: Clock,
}

/// What came out of it.
pub(crate) struct Repaired {
    pub database: String,
    pub repair: Repair,
    /// Rows that are in the way, a sentence each.
    pub violations: Vec<String>,
    /// Where there is something to do and nothing in its way.
    pub proven: Option<(Script, Proof)>,
    /// What is to be written: paths below the root of the project.
    pub files: Vec<WrittenFile>,
    pub root: Utf8PathBuf,
}

/// In which form a repair is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As the next migrations of the project's tool.
    Migration,
    /// As one script for psql.
    Sql,
}

pub(crate) fn repair(
    setting: &Setting,
    wanted: &Wanted,
    progress: Progress<'_>,
) -> Result<Repaired, Failure> {
    progress("reading the migrations");
    let history = setting.read_history()?;
    progress("reading the database");
    let mut session = setting.open()?;
    let situation = look(setting, &history, &mut session)?;
    let reading = |error: SessionError| Failure::new(format!("reading the database: {error}"));
    let found_needs = dependencies(&mut session).map_err(reading)?;
    let sizes = table_sizes(&mut session).map_err(reading)?;
    let live_major = situation.live_major;
    let recorded: Vec<Text> = situation.ledger.entries.iter().map(|entry| entry.key.clone()).collect();
    let judged = replayed(judge_situation(
        setting,
        &history,
        situation,
        Replays::Run { ahead: None, progress: &mut *progress },
    )?)?;
    let chosen = choose(&judged.differences, &judged.outcome.findings, &wanted.choices);
    if let Some(selector) = chosen.unmatched.first() {
        return Err(Failure::new(format!(
            "choosing what to repair: nothing is called {}",
            selector.as_str()
        ))
        .hint("name findings by id, code, object or kind, as `trueup check` shows them"));
    }
    let database = judged.outcome.database.name.to_string();
    let nothing = |repair| Repaired {
        database: database.clone(),
        repair,
        violations: Vec::new(),
        proven: None,
        files: Vec::new(),
        root: setting.detected.root.clone(),
    };
    if chosen.fix.is_empty() {
        return Ok(nothing(Repair::default()));
    }

    progress("replaying the history for the plan");
    let (mut shadow, expected_needs) = fresh_shadow(setting, &judged.replayed, live_major, progress)?;
    let sides = Sides { expected: &judged.expected, found: &judged.found };
    let mut repair = plan(&PlanRequest {
        sides: &sides,
        differences: &judged.differences,
        chosen: &chosen.fix,
        expected_needs: &expected_needs,
        found_needs: &found_needs,
        allowed: &wanted.allowed,
        sizes: &|table: &QualifiedName| {
            sizes.get(table).map(|size| TableSize { rows: size.rows, bytes: size.bytes })
        },
    });
    let violations = violations(&mut session, &repair).map_err(reading)?;
    if repair.steps.is_empty() || !violations.is_empty() {
        return Ok(Repaired { violations, ..nothing(repair) });
    }
    let (mut second, _) = fresh_shadow(setting, &judged.replayed, live_major, progress)?;
    let (script, proof) = prove_repair(
        &judged,
        &mut repair,
        (&expected_needs, &found_needs),
        (shadow.as_mut(), second.as_mut()),
        progress,
    )?;
    let files = written(setting, &history, &recorded, &script, wanted)?;
    Ok(Repaired { proven: Some((script, proof)), files, ..nothing(repair) })
}

fn written(
    setting: &Setting,
    history: &History,
    recorded: &[Text],
    script: &Script,
    wanted: &Wanted,
) -> Result<Vec<WrittenFile>, Failure> {
    let failure = |error: WriteError| Failure::new(error);
    match wanted.form {
        Form::Sql => {
            let text = write_sql(script, SETTINGS).map_err(failure)?;
            Ok(vec![WrittenFile { path: Utf8PathBuf::from("repair.sql"), text }])
        }
        Form::Migration => {
            let tool = trueup_frameworks::framework(setting.detected.framework)
                .ok_or_else(|| Failure::new("writing the repair: the framework is not known"))?;
            let request =
                WriteRequest { detected: &setting.detected, history, recorded, script, now: wanted.now };
            let migrations = tool.write(&request).map_err(failure)?;
            Ok(migrations.into_iter().flat_map(|migration| migration.files).collect())
        }
    }
}

/// A shadow in the expected state, and what needs what there.
fn fresh_shadow(
    setting: &Setting,
    history: &History,
    live_major: u32,
    progress: Progress<'_>,
) -> Result<(Box<dyn Shadow>, Dependencies), Failure> {
    let failure = |error: &dyn std::fmt::Display| {
        Failure::new(format!("replaying the history on a scratch database: {error}"))
    };
    let opener = setting.shadow_opener();
    let plan = Plan {
        request: &setting.shadow,
        opener: opener.as_deref(),
        surroundings: &setting.surroundings,
        remember: setting.remember,
        live_major: Some(live_major),
    };
    let (mut shadow, _) = expected_on_shadow(history, &plan, &mut |step| {
        progress(&format!("replaying {} of {}", step.done + 1, step.total));
    })
    .map_err(|error| failure(&error))?;
    let needs = dependencies(shadow.session()).map_err(|error| failure(&error))?;
    Ok((shadow, needs))
}

/// Rows of the live database that a step would fail on.
fn violations(session: &mut Session, repair: &Repair) -> Result<Vec<String>, SessionError> {
    let mut found = Vec::new();
    for step in &repair.steps {
        for probe in &step.safety.violations {
            let count = session.value(&probe.count)?.unwrap_or_default();
            if count == "0" || count.is_empty() {
                continue;
            }
            let sample: Vec<String> = session
                .rows(&probe.sample)?
                .into_iter()
                .filter_map(|row| row.into_iter().next().flatten())
                .collect();
            found.push(format!(
                "{} {} {}: {count} {} ({})",
                step.verb.word(),
                step.object.kind.word().replace('-', " "),
                step.object,
                probe.meaning,
                sample.join("; ")
            ));
        }
    }
    Ok(found)
}

fn prove_repair(
    judged: &Judged,
    repair: &mut Repair,
    (expected_needs, found_needs): (&Dependencies, &Dependencies),
    // Measuring leaves a shadow as it should not be any more: the proof needs one of its own.
    (shadow, second): (&mut dyn Shadow, &mut dyn Shadow),
    progress: Progress<'_>,
) -> Result<(Script, Proof), Failure> {
    let (expected, found) = (&judged.expected, &judged.found);
    // The found state is made from the expected one by the opposite repair, on scratch servers only.
    let opposite = compare(found, expected);
    let all: BTreeSet<usize> = (0..opposite.len()).collect();
    let make_found = plan(&PlanRequest {
        sides: &Sides { expected: found, found: expected },
        differences: &opposite,
        chosen: &all,
        expected_needs: found_needs,
        found_needs: expected_needs,
        allowed: &Permissions::All,
        sizes: &|_| Some(TableSize { rows: 0, bytes: 0 }),
    });
    let stays = staying(&judged.differences, repair);
    let differ = |wanted: &Catalog, there: &Catalog| -> Vec<String> {
        let differences = compare(wanted, there);
        // What is not repaired stays as it was found.
        let tolerated = |difference: &Difference| {
            is_order_of_columns(difference)
                || std::ptr::eq(wanted, expected) && stays.contains(&key(difference))
        };
        differences.iter().filter(|difference| !tolerated(difference)).map(spoken).collect()
    };
    for step in &mut repair.steps {
        step.guard.query = script::guard_query(&step.object);
    }
    let touched = touched(&repair.steps, found, expected);
    let mut rehearsal = Rehearsal {
        found,
        expected,
        make_found: &make_found,
        settings: SETTINGS,
        differ: &differ,
        touched: &touched,
        says_again: false,
    };
    progress("rehearsing the repair");
    measure(shadow, &rehearsal, repair).map_err(unproven)?;
    guard_by_what_it_makes_way_for(repair);
    rehearsal.says_again = repair.steps.iter().any(|step| step.guard.before == step.guard.after);
    let title = format!("repair {}", judged.outcome.database.name);
    let head = vec![
        format!("Makes the database {} what its migrations say.", judged.outcome.database.name),
        "Each step looks at the definition of its object first: what is as it should be is left alone, and what".to_owned(),
        "is neither as it was nor as it should be stops the run.".to_owned(),
    ];
    let script = script::script(repair, &title, head);
    progress("proving the repair");
    let proven = prove(second, &rehearsal, script).map_err(unproven)?;
    Ok((proven.value().clone(), proven.proof().clone()))
}

/// A step that makes way is to be done as long as the one that needs the way is; what is put back afterwards tells by
/// itself whether it is there.
fn guard_by_what_it_makes_way_for(repair: &mut Repair) {
    let mut mains: BTreeMap<ObjectPath, (usize, Guard)> = BTreeMap::new();
    for (index, step) in repair.steps.iter().enumerate().filter(|(_, step)| step.makes_way_for.is_none()) {
        mains.entry(step.object.clone()).or_insert_with(|| (index, step.guard.clone()));
    }
    for (index, step) in repair.steps.iter_mut().enumerate() {
        let main = step.makes_way_for.as_ref().and_then(|object| mains.get(object));
        if let Some((_, guard)) = main.filter(|(at, _)| index < *at) {
            step.guard = guard.clone();
        }
    }
}

/// A column that comes back comes last: PostgreSQL knows no other place for it.
fn is_order_of_columns(difference: &Difference) -> bool {
    matches!(&difference.change, Change::Different(aspect) if aspect.name == "column-order")
}

type Key = (String, String);

/// What tells a difference from all others, whatever its values are.
fn key(difference: &Difference) -> Key {
    let change = match &difference.change {
        Change::Missing => "missing".to_owned(),
        Change::Unexpected => "unexpected".to_owned(),
        Change::Renamed { to } => format!("renamed {to}"),
        Change::Misplaced { to } => format!("misplaced {to}"),
        Change::Different(aspect) => format!("{} {}", aspect.name, aspect.found),
    };
    (format!("{} {}", difference.path.kind, difference.path), change)
}

/// Differences that no step settles.
fn staying(differences: &[Difference], repair: &Repair) -> BTreeSet<Key> {
    let settled: BTreeSet<usize> =
        repair.steps.iter().flat_map(|step| step.settles.iter().copied()).collect();
    differences
        .iter()
        .enumerate()
        .filter(|(index, _)| !settled.contains(index))
        .map(|(_, difference)| key(difference))
        .collect()
}

fn spoken(difference: &Difference) -> String {
    let (object, change) = key(difference);
    format!("{object}: {change}")
}

fn unproven(error: ProveError) -> Failure {
    match error {
        ProveError::Unproven(_) => {
            let mut failure = Failure::new(format!("proving the repair: {error}"));
            failure.exit = Exit::Refused;
            failure.hint("nothing was written; leave out what cannot be proven with --except OBJECT")
        }
        ProveError::Session(_) => Failure::new(format!("proving the repair: {error}")),
    }
}

//! Plans a repair and proves it on scratch servers.

use camino::Utf8PathBuf;
use trueup_database::introspect::dependencies;
use trueup_database::prove::{ProveError, Rehearsal, measure, prove, touched};
use trueup_database::shadow::Shadow;
use trueup_database::sizes::table_sizes;
use trueup_database::{Session, SessionError};
use trueup_engine::choice::{Choices, choose};
use trueup_engine::dialect::SETTINGS;
use trueup_engine::findings::Sides;
use trueup_engine::repair::{Permissions, PlanRequest, TableSize};
use trueup_engine::tolerance::{Tolerated, differ};
use trueup_engine::{plan, script};
use trueup_frameworks::write::psql::write_sql;
use trueup_frameworks::{Clock, WriteError, WriteRequest, WrittenFile};
use trueup_model::proof::Proof;
use trueup_model::repair::{Dependencies, Repair, Script};
use trueup_model::{Catalog, History, QualifiedName, Text};

use super::Progress;
use super::check::replayed;
use super::judge::{Judged, Replays, judge_situation};
use super::load::Setting;
use super::look::look;
use super::proofs::proof_of;
use super::stage::{fresh_shadow, make_found};
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
    let mut files = written(setting, &history, &recorded, &script, wanted)?;
    files.extend(proof_of(&files, (&script, &proof), &database, wanted.now.written())?);
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
            found.push(format!("{}: {count} {} ({})", step.title(), probe.meaning, sample.join("; ")));
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
    let make_found = make_found((expected, expected_needs), (found, found_needs));
    // What is not repaired stays as it was found.
    let stays = Tolerated::left_by(repair, &judged.differences);
    let differ = |wanted: &Catalog, there: &Catalog| -> Vec<String> {
        if std::ptr::eq(wanted, expected) { stays.others(wanted, there) } else { differ(wanted, there) }
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
    script::guard_by_what_it_makes_way_for(repair);
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

pub(super) fn unproven(error: ProveError) -> Failure {
    match error {
        ProveError::Unproven(_) => {
            let mut failure = Failure::new(format!("proving the repair: {error}"));
            failure.exit = Exit::Refused;
            failure.hint("nothing was written; leave out what cannot be proven with --except OBJECT")
        }
        ProveError::Session(_) => Failure::new(format!("proving the repair: {error}")),
    }
}

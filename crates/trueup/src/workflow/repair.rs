//! Plans a repair and proves it on scratch servers.

mod adopt;

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use trueup_database::prove::{ProveError, Rehearsal, measure, prove, prove_elsewhere, touched};
use trueup_database::shadow::Shadow;
use trueup_database::sizes::table_sizes_during;
use trueup_database::{Session, SessionError};
use trueup_engine::choice::{Choices, choose};
use trueup_engine::dialect::SETTINGS;
use trueup_engine::findings::Sides;
use trueup_engine::repair::PlanRequest;
use trueup_engine::tolerance::{Tolerated, differ};
use trueup_engine::{plan, script};
use trueup_frameworks::write::psql::write_sql;
use trueup_frameworks::{Clock, WriteError, WriteRequest, WrittenFile};
use trueup_model::proof::Proof;
use trueup_model::repair::{Left, Reason, Repair, Script, Step, TableSize};
use trueup_model::{Catalog, Dependencies, Difference, Finding, History, QualifiedName, Severity, Text};
use trueup_report::Planned;

use self::adopt::Aim;
use super::Progress;
use super::apply::named;
use super::check::replayed;
use super::judge::{Replays, judge_situation};
use super::load::Setting;
use super::look::{Situation, look_with_dependencies};
use super::naming::{Allowed, permission, unclear};
use super::proofs::{line_of, place, proof_of};
use super::stage::{fresh_shadow, make_found};
use crate::exit::Exit;
use crate::failure::Failure;

/// What was asked for.
pub(crate) struct Wanted {
    pub choices: Choices,
    /// Pending migrations that count as applied: what is missing of them is repaired.
    pub record: Vec<String>,
    pub allowed: Allowed,
    pub form: Form,
    pub now: Clock,
}

/// What came out of it.
pub(crate) struct Repaired {
    pub database: String,
    pub repair: Repair,
    /// What the history takes over from the database.
    pub adopted: Repair,
    /// Of all tables, as they are now.
    pub sizes: BTreeMap<QualifiedName, TableSize>,
    /// Rows that are in the way, a sentence each.
    pub violations: Vec<String>,
    /// Where there is something to do and nothing in its way.
    pub proven: Option<(Script, Proof)>,
    /// What is to be written: paths below the root of the project.
    pub files: Vec<WrittenFile>,
    pub root: Utf8PathBuf,
    /// Migrations that are pending and will be run before it.
    pub pending: Vec<String>,
    /// What also differs, and may be the doing of migrations that could not be read.
    pub left_open: Vec<Difference>,
    /// What is wrong besides: with files, or with the ledger.
    pub besides: Vec<Finding>,
}

impl Repaired {
    /// What is shown of it.
    pub fn planned(&self) -> Planned<'_> {
        Planned {
            database: &self.database,
            repair: &self.repair,
            adopted: &self.adopted,
            sizes: &self.sizes,
            violations: &self.violations,
            proof: self.proven.as_ref().map(|(_, proof)| proof),
            left_open: &self.left_open,
            besides: &self.besides,
        }
    }
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
    repair_on(setting, &mut setting.open()?, wanted, progress)
}

/// On a connection that there is already.
pub(super) fn repair_on(
    setting: &Setting,
    session: &mut Session,
    wanted: &Wanted,
    progress: Progress<'_>,
) -> Result<Repaired, Failure> {
    progress("reading the migrations");
    let mut history = setting.read_history()?;
    progress("reading the database");
    let (mut situation, found_needs) = look_with_dependencies(setting, &mut history, session)?;
    let taken = take_as_applied(&history, &mut situation, &wanted.record)?;
    let reading = |error: SessionError| Failure::new(format!("reading the database: {error}"));
    let pending: Vec<String> =
        situation.standing.pending.iter().map(|index| history.migrations[*index].id.to_string()).collect();
    let live_major = situation.live_major;
    let recorded: Vec<Text> = situation.ledger.entries.iter().map(|entry| entry.key.clone()).collect();
    let (sizes, judged) = table_sizes_during(session, || {
        let replays = Replays::Run { ahead: None, progress: &mut *progress };
        judge_situation(setting, &history, situation, replays)
    });
    let judged = replayed(judged?)?;
    let sizes = sizes.map_err(reading)?;
    let chosen = choose(&judged.differences, &judged.outcome.findings, &wanted.choices);
    if let Some(error) = &chosen.unclear {
        return Err(unclear("choosing what to repair", error));
    }
    let allowed = wanted.allowed.among(&[&judged.found, &judged.expected])?;
    let database = judged.outcome.database.name.to_string();
    let is_besides = |finding: &&Finding| finding.object.is_none() && finding.severity >= Severity::Warning;
    let besides: Vec<Finding> = judged.outcome.findings.iter().filter(is_besides).cloned().collect();
    let nothing = |repair| Repaired {
        database: database.clone(),
        repair,
        adopted: Repair::default(),
        sizes: sizes.clone(),
        violations: Vec::new(),
        proven: None,
        files: Vec::new(),
        root: setting.detected.root.clone(),
        pending: pending.clone(),
        left_open: judged.left_open.clone(),
        besides: besides.clone(),
    };
    if chosen.fix.is_empty() && chosen.adopt.is_empty() {
        return Ok(nothing(Repair::default()));
    }

    progress("replaying the history for the plan");
    let mut shadow = || fresh_shadow(setting, &judged.replayed, live_major, &mut *progress);
    let (mut first, needs) = shadow()?;
    let mut aim = Aim {
        catalog: judged.expected,
        needs,
        adopted: Repair::default(),
        differences: judged.differences,
        left_open: judged.left_open.clone(),
        fix: chosen.fix,
    };
    let found = (&judged.found, &found_needs);
    let file = match (wanted.form, trueup_frameworks::framework(setting.detected.framework)) {
        (Form::Migration, Some(tool)) => tool.file_of(&history),
        (Form::Migration, None) | (Form::Sql, _) => Box::new(|_: &str| None),
    };
    if !chosen.adopt.is_empty() {
        aim = adopt::adopt(aim, found, &chosen.adopt, &allowed, &file, first.as_mut())?;
        if !aim.adopted.left.is_empty() {
            return Ok(Repaired { adopted: aim.adopted, ..nothing(Repair::default()) });
        }
        (first, _) = shadow()?;
        adopt::bring(first.as_mut(), &aim.adopted)?;
    }
    let sides = Sides { expected: &aim.catalog, found: &judged.found };
    let mut repair = plan(&PlanRequest {
        sides: &sides,
        differences: &aim.differences,
        chosen: &aim.fix,
        expected_needs: &aim.needs,
        found_needs: &found_needs,
        allowed: &allowed,
        sizes: &|table: &QualifiedName| sizes.get(table).copied(),
        file: &file,
    });
    name_permissions(&mut repair, &[&judged.found, &aim.catalog]);
    let violations = violations(session, &repair).map_err(reading)?;
    if repair.steps.is_empty() && aim.adopted.steps.is_empty() || !violations.is_empty() {
        return Ok(Repaired { violations, adopted: aim.adopted, ..nothing(repair) });
    }
    let (mut second, _) = shadow()?;
    adopt::bring(second.as_mut(), &aim.adopted)?;
    let mut healthy = match aim.adopted.steps.is_empty() {
        true => None,
        false => Some(shadow()?.0),
    };
    let shadows = Shadows {
        measuring: first.as_mut(),
        proving: second.as_mut(),
        healthy: healthy.as_mut().map(|shadow| shadow.as_mut() as &mut dyn Shadow),
    };
    let (script, proof) = prove_repair(&database, &aim, &mut repair, found, shadows, progress)?;
    let mut files = written(setting, &history, &recorded, &script, wanted)?;
    files.extend(proof_of(
        &files,
        (&script, &proof),
        (&settled(&repair), &taken),
        &database,
        wanted.now.written(),
    )?);
    Ok(Repaired { proven: Some((script, proof)), files, adopted: aim.adopted, ..nothing(repair) })
}

/// Says how to give the permission that something needs.
fn name_permissions(repair: &mut Repair, catalogs: &[&Catalog]) {
    for Left { object, reason, .. } in &mut repair.left {
        if let Reason::NeedsPermission(why) = reason {
            why.push_str(&format!(" ({})", trueup_report::permission(&permission(object, catalogs))));
        }
    }
}

/// The objects whose differences a repair settles.
fn settled(repair: &Repair) -> Vec<String> {
    let settling = repair.steps.iter().filter(|step| !step.settles.is_empty());
    settling.map(|step| format!("{} {}", step.object.kind, step.object)).collect()
}

/// Makes pending migrations count as applied, also those that stopped in the middle. Gives their ids.
fn take_as_applied(
    history: &History,
    situation: &mut Situation,
    record: &[String],
) -> Result<Vec<String>, Failure> {
    let taken = named(history, &situation.standing.pending, record)?;
    let standing = &mut situation.standing;
    standing.pending.retain(|index| !taken.contains(index));
    standing.applied.extend(&taken);
    standing.applied.sort_unstable();
    Ok(taken.into_iter().map(|index| history.migrations[index].id.to_string()).collect())
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
            let write = |script: &Script| -> Result<Vec<WrittenFile>, Failure> {
                let request =
                    WriteRequest { detected: &setting.detected, history, recorded, script, now: wanted.now };
                let migrations = tool.write(&request).map_err(failure)?;
                Ok(migrations.into_iter().flat_map(|migration| migration.files).collect())
            };
            // The tool decides what its files are called; then they can name their proof.
            let names = write(script)?;
            let mut script = script.clone();
            script.head.extend(names.first().map(|first| line_of(&place(&first.path))));
            write(&script)
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

/// Each of them is of no further use after what it is for.
struct Shadows<'a> {
    measuring: &'a mut dyn Shadow,
    proving: &'a mut dyn Shadow,
    /// What the history says without what it is to take over, where there is such.
    healthy: Option<&'a mut dyn Shadow>,
}

fn prove_repair(
    database: &str,
    aim: &Aim,
    repair: &mut Repair,
    (found, found_needs): (&Catalog, &Dependencies),
    shadows: Shadows<'_>,
    progress: Progress<'_>,
) -> Result<(Script, Proof), Failure> {
    let expected = &aim.catalog;
    let make_found = make_found((expected, &aim.needs), (found, found_needs));
    // What is not repaired stays as it was found.
    let stays = Tolerated::left_by(repair, &aim.differences).and(Tolerated::these(&aim.left_open));
    let differ = |wanted: &Catalog, there: &Catalog| -> Vec<String> {
        if std::ptr::eq(wanted, expected) { stays.others(wanted, there) } else { differ(wanted, there) }
    };
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
    measure(shadows.measuring, &rehearsal, repair).map_err(unproven)?;
    script::guard_by_what_it_makes_way_for(repair);
    let steps: Vec<Step> = aim.adopted.steps.iter().chain(&repair.steps).cloned().collect();
    rehearsal.says_again = steps.iter().any(|step| step.guard.before == step.guard.after);
    let whole = Repair { steps, left: Vec::new() };
    let script = script::script(&whole, &format!("repair {database}"), head(database, aim));
    progress("proving the repair");
    if let Some(healthy) = shadows.healthy {
        prove_elsewhere(healthy, &rehearsal, &script).map_err(unproven)?;
    }
    let proven = prove(shadows.proving, &rehearsal, script).map_err(unproven)?;
    Ok((proven.value().clone(), proven.proof().clone()))
}

fn head(database: &str, aim: &Aim) -> Vec<String> {
    let mut head = vec![
        format!("Makes the database {database} what its migrations say."),
        "Each step looks at the definition of its object first: what is as it should be is left alone, and what".to_owned(),
        "is neither as it was nor as it should be stops the run.".to_owned(),
    ];
    if !aim.adopted.steps.is_empty() {
        head.push(format!("What {database} has and the migrations did not know is made part of them here."));
    }
    head
}

pub(super) fn reading_shadow(error: SessionError) -> Failure {
    Failure::new(format!("reading a scratch server: {error}"))
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

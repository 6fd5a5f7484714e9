//! Runs what is pending: repairs that were proven, and other migrations, each with its row of the ledger.

mod undertakings;

use std::collections::BTreeSet;

use trueup_database::Session;
use trueup_database::apply::{RunMigration, unfinished};
use trueup_database::fingerprint::of_script;
use trueup_database::prove::chain::Begun;
use trueup_frameworks::{Gaps, framework};
use trueup_model::catalog::{Entry, Object};
use trueup_model::finding::NamedCode;
use trueup_model::run::{RunDirection, RunPlan};
use trueup_model::{Code, Finding, History, Migration, ObjectPath, Severity};
use trueup_sql::near::did_you_mean;
use trueup_sql::quote_ident_if_needed;

use self::undertakings::{run_migration, undertakings};
use super::Progress;
use super::journal::unreadable;
use super::judge::{Replays, order_of_all, select};
use super::load::Setting;
use super::look::{Situation, look_with_dependencies};
use super::naming::Allowed;
use super::proofs::{self, Beside};
use super::runs::{Bounds, Ready, Undertaking, must_be_alone, ready};
use crate::exit::Exit;
use crate::failure::Failure;

/// What was asked for.
pub(crate) struct WantedApply {
    /// Migrations whose content is there: only the ledger is told.
    pub record: Vec<String>,
    /// Nothing after this one.
    pub to: Option<String>,
    pub allowed: Allowed,
    pub who: String,
    pub backup: bool,
}

/// What is to be applied, tried; `Err` with an empty plan where nothing is pending.
pub(crate) fn prepare_apply(
    setting: &Setting,
    wanted: &WantedApply,
    progress: Progress<'_>,
) -> Result<Result<Ready, RunPlan>, Failure> {
    let mut session = setting.open()?;
    must_be_alone(&mut session)?;
    prepare_apply_on(setting, &mut session, wanted, progress)
}

/// On a connection that there is already.
pub(super) fn prepare_apply_on(
    setting: &Setting,
    session: &mut Session,
    wanted: &WantedApply,
    progress: Progress<'_>,
) -> Result<Result<Ready, RunPlan>, Failure> {
    progress("reading the migrations");
    let mut history = setting.read_history()?;
    progress("reading the database");
    let (mut situation, needs) = look_with_dependencies(setting, &mut history, session)?;
    let to_record = with_proofs(setting, &history, &situation, &wanted.record)?;
    refuse_faults(setting, &history, &mut situation, &to_record)?;
    let unrecorded = take_repairs_as_pending(setting, &history, &mut situation)?;
    let pending = chosen(&history, &situation, wanted)?;
    if pending.is_empty() {
        return Ok(Err(nothing(&situation)));
    }
    let names: Vec<String> = to_record.into_iter().collect();
    let recorded: BTreeSet<usize> = named(&history, &pending, &names)?;
    let mut undertakings = undertakings(setting, &history, &situation, &pending, &recorded)?;
    if let Some(first) = undertakings.first_mut() {
        first.recorded_with_it = unrecorded;
    }
    if let Some(left_out) = left_out(setting, &history, &pending, &recorded)? {
        situation.notes.push(left_out.to_owned());
    }
    let begun = begun(session, &mut situation, &undertakings)?;

    let prepared =
        |order: &[usize]| History { preparation: situation.preparation.clone(), ..select(&history, order) };
    let applied = prepared(&situation.standing.applied);
    let all = prepared(&order_of_all(history.migrations.len(), &situation.standing.applied, &pending));
    let mut replays = Replays::Run { ahead: None, progress: &mut *progress };
    let mut expect = |history: &History| -> Result<trueup_model::Catalog, Failure> {
        let expected = replays.expect(setting, history, situation.live_major)?;
        Ok(expected.map(|expected| expected.catalog).unwrap_or_default())
    };
    let (expected, goal) = (expect(&applied)?, expect(&all)?);
    let allowed = wanted.allowed.among(&[&situation.live.catalog, &goal])?;
    let bounds = Bounds {
        direction: RunDirection::Apply,
        applied: &applied,
        expected: &expected,
        goal: Some(&goal),
        allowed: &allowed,
        who: &wanted.who,
        begun,
        backup: wanted.backup,
    };
    ready(setting, session, (situation, needs), undertakings, &bounds, progress).map(Ok)
}

/// What the tool would do afterwards, where any of these is more than a repair.
fn left_out(
    setting: &Setting,
    history: &History,
    pending: &[usize],
    recorded: &BTreeSet<usize>,
) -> Result<Option<&'static str>, Failure> {
    let Some(afterwards) = framework(setting.detected.framework).and_then(|tool| tool.does_afterwards())
    else {
        return Ok(None);
    };
    for index in pending.iter().filter(|index| !recorded.contains(index)) {
        if matches!(proofs::beside(setting, &history.migrations[*index].file)?, Beside::Nothing) {
            return Ok(Some(afterwards));
        }
    }
    Ok(None)
}

/// What an earlier run of the first one has done before it was cut off.
fn begun(
    session: &mut Session,
    situation: &mut Situation,
    undertakings: &[Undertaking],
) -> Result<Begun, Failure> {
    let unfinished = unfinished(session).map_err(|error| unreadable(&error))?;
    let Some(run) = unfinished else { return Ok(Begun::default()) };
    let is_first =
        undertakings.first().is_some_and(|first| of_script(&first.script).to_string() == run.script);
    if !is_first {
        situation.notes.push(format!(
            "run {} ({}) stopped after {} of its statements, and is not gone on with: its file is another one now, or \
             it is not pending any more",
            run.run, run.title, run.done
        ));
        return Ok(Begun::default());
    }
    if run.doing {
        // What a build has left that was broken off is taken away before it is built again.
        let left = |entry: &Entry| match &entry.object {
            Object::Index(index) => {
                let name = entry.path.relation().map(|table| {
                    format!(
                        "{}.{}",
                        quote_ident_if_needed(table.schema.as_str()),
                        quote_ident_if_needed(entry.path.part.as_str())
                    )
                });
                !index.valid && name.is_some_and(|name| !run.invalid.contains(&name))
            }
            _ => false,
        };
        let gone: Vec<ObjectPath> = situation
            .live
            .catalog
            .entries()
            .iter()
            .filter(|entry| left(entry))
            .map(|entry| entry.path.clone())
            .collect();
        situation.live.catalog =
            std::mem::take(&mut situation.live.catalog).without(|path| gone.contains(path));
    }
    Ok(Begun { done: run.done, doing: run.doing })
}

fn nothing(situation: &Situation) -> RunPlan {
    RunPlan {
        database: situation.live.surroundings.database.clone(),
        direction: RunDirection::Apply,
        steps: Vec::new(),
        losses: Vec::new(),
        backup: None,
        proven_on: String::new(),
        unproven: Vec::new(),
        notes: situation.notes.clone(),
    }
}

/// What was named, by id, and what proven repairs that are pending have taken as recorded.
fn with_proofs(
    setting: &Setting,
    history: &History,
    situation: &Situation,
    wanted: &[String],
) -> Result<BTreeSet<String>, Failure> {
    let pending = &situation.standing.pending;
    let mut all: BTreeSet<String> = named(history, pending, wanted)?
        .into_iter()
        .map(|index| history.migrations[index].id.to_string())
        .collect();
    for index in pending {
        if let Beside::Proven(_, proof) = proofs::beside(setting, &history.migrations[*index].file)? {
            let is_pending = |id: &&String| {
                pending.iter().any(|index| history.migrations[*index].id.as_str() == id.as_str())
            };
            all.extend(proof.recorded.iter().filter(is_pending).cloned());
        }
    }
    Ok(all)
}

/// Without a ledger every migration is taken as applied. A proven repair can be run all the same: where it was run
/// before, it does nothing. All others are then recorded with it, or they would be pending from then on.
fn take_repairs_as_pending(
    setting: &Setting,
    history: &History,
    situation: &mut Situation,
) -> Result<Vec<RunMigration>, Failure> {
    let standing = &mut situation.standing;
    if situation.ledger.table.is_some() || !standing.pending.is_empty() {
        return Ok(Vec::new());
    }
    let mut repairs = Vec::new();
    for index in &standing.applied {
        let has_proof =
            !matches!(proofs::beside(setting, &history.migrations[*index].file)?, Beside::Nothing);
        repairs.extend(has_proof.then_some(*index));
    }
    if repairs.is_empty() {
        return Ok(Vec::new());
    }
    standing.applied.retain(|index| !repairs.contains(index));
    standing.pending = repairs;
    let others: Vec<RunMigration> =
        standing.applied.iter().map(|index| run_migration(history, &history.migrations[*index])).collect();
    situation.notes.push(format!(
        "a ledger is made, in which what is taken as applied is recorded too: {}",
        match others.len() {
            1 => "1 migration".to_owned(),
            many => format!("{many} migrations"),
        }
    ));
    Ok(others)
}

/// A history or a ledger with faults says nothing reliable about what is to come. What is about to be recorded may be
/// half applied, and a recorded migration without a file is in nobody's way unless only the newest one is recorded.
fn refuse_faults(
    setting: &Setting,
    history: &History,
    situation: &mut Situation,
    recorded: &BTreeSet<String>,
) -> Result<(), Failure> {
    let counts_newest = framework(setting.detected.framework)
        .is_some_and(|tool| matches!(tool.gaps(&setting.detected), Gaps::Skipped { .. }));
    let is_grave = |finding: &&Finding| {
        let is_recorded =
            finding.origin.as_ref().is_some_and(|origin| recorded.contains(origin.migration.as_str()));
        finding.severity == Severity::Error
            && !(is_recorded && finding.code == Code::Named(NamedCode::HalfAppliedMigration))
            && (counts_newest || finding.code != Code::Named(NamedCode::PhantomMigration))
    };
    let all = history.findings.iter().chain(&situation.standing.findings);
    let (grave, others): (Vec<&Finding>, Vec<&Finding>) = all.partition(is_grave);
    if !grave.is_empty() {
        let mut failure = Failure::new(format!(
            "applying: the migrations and their ledger have faults that come first: {}",
            grave.iter().map(|finding| named_fault(finding)).collect::<Vec<_>>().join(", ")
        ));
        failure.exit = Exit::Refused;
        return Err(failure
            .hint("trueup check tells what they are and what to do")
            .hint("one that is half applied is finished by trueup repair --record MIGRATION"));
    }
    let mild = others.iter().filter(|finding| finding.severity >= Severity::Warning);
    let notes: Vec<String> =
        mild.map(|finding| format!("{}: trueup check tells what it is", named_fault(finding))).collect();
    situation.notes.extend(notes);
    Ok(())
}

fn named_fault(finding: &Finding) -> String {
    let migration = finding.origin.as_ref().map(|origin| format!(" ({})", origin.migration));
    format!("{}{}", finding.code, migration.unwrap_or_default())
}

/// Pending migrations up to the one that was named.
fn chosen(history: &History, situation: &Situation, wanted: &WantedApply) -> Result<Vec<usize>, Failure> {
    let pending = &situation.standing.pending;
    let Some(last) = &wanted.to else { return Ok(pending.clone()) };
    let last = named(history, pending, std::slice::from_ref(last))?;
    let end = pending.iter().position(|index| last.contains(index)).map_or(0, |at| at + 1);
    Ok(pending[..end].to_vec())
}

/// Pending migrations by id or key.
pub(super) fn named(
    history: &History,
    pending: &[usize],
    names: &[String],
) -> Result<BTreeSet<usize>, Failure> {
    let migration = |index: &usize| &history.migrations[*index];
    names
        .iter()
        .map(|name| {
            let is_named = |index: &&usize| {
                let Migration { id, key, .. } = migration(index);
                id.as_str() == name || key.as_str() == name
            };
            pending.iter().find(is_named).copied().ok_or_else(|| {
                let failure = Failure::new(format!("applying: no pending migration is called `{name}`"));
                let known: Vec<&str> = pending.iter().map(|index| migration(index).id.as_str()).collect();
                match did_you_mean(name, known.iter().copied()) {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None if known.is_empty() => failure.hint("nothing is pending"),
                    None => failure.hint(format!("pending are {}", known.join(", "))),
                }
            })
        })
        .collect()
}

//! Runs what is pending: repairs that were proven, and other migrations, each with its row of the ledger.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use trueup_database::apply::RunMigration;
use trueup_engine::dialect::schema_if_missing;
use trueup_engine::repair::Permissions;
use trueup_engine::running::as_script;
use trueup_model::repair::{Script, ScriptPart};
use trueup_model::run::{RunDirection, RunPlan};
use trueup_model::{History, Migration, ObjectKind, ObjectPath, Severity};
use trueup_sql::near::did_you_mean;

use super::Progress;
use super::judge::{Replays, order_of_all, select};
use super::load::Setting;
use super::look::{Situation, look};
use super::proofs::{self, Beside};
use super::runs::{Bounds, Ready, Undertaking, ready};
use crate::exit::Exit;
use crate::failure::Failure;

/// What was asked for.
pub(crate) struct WantedApply {
    /// Migrations whose content is there: only the ledger is told.
    pub record: Vec<String>,
    /// Nothing after this one.
    pub to: Option<String>,
    pub allowed: Permissions,
    pub who: String,
}

/// What is to be applied, tried; `Err` with an empty plan where nothing is pending.
pub(crate) fn prepare_apply(
    setting: &Setting,
    wanted: &WantedApply,
    progress: Progress<'_>,
) -> Result<Result<Ready, RunPlan>, Failure> {
    progress("reading the migrations");
    let history = setting.read_history()?;
    progress("reading the database");
    let mut session = setting.open()?;
    let mut situation = look(setting, &history, &mut session)?;
    refuse_faults(&history, &situation)?;
    situation.notes.extend(
        faults(&history, &situation, Severity::Warning)
            .into_iter()
            .map(|fault| format!("{fault}: trueup check tells what it is")),
    );
    let pending = chosen(&history, &situation, wanted)?;
    if pending.is_empty() {
        return Ok(Err(nothing(&situation)));
    }
    let recorded: BTreeSet<usize> = named(&history, &pending, &wanted.record)?;
    let undertakings = undertakings(setting, &history, &situation, &pending, &recorded)?;

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
    let bounds = Bounds {
        direction: RunDirection::Apply,
        applied: &applied,
        expected: &expected,
        goal: Some(&goal),
        allowed: &wanted.allowed,
        who: &wanted.who,
    };
    ready(setting, &mut session, situation, undertakings, &bounds, progress).map(Ok)
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

/// A history or a ledger with faults says nothing reliable about what is to come.
fn refuse_faults(history: &History, situation: &Situation) -> Result<(), Failure> {
    let faults = faults(history, situation, Severity::Error);
    if faults.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::new(format!(
        "applying: the migrations and their ledger have faults that come first: {}",
        faults.join(", ")
    ));
    failure.exit = Exit::Refused;
    Err(failure.hint("trueup check tells what they are and what to do"))
}

fn faults(history: &History, situation: &Situation, severity: Severity) -> Vec<String> {
    history
        .findings
        .iter()
        .chain(&situation.standing.findings)
        .filter(|finding| finding.severity == severity)
        .map(|finding| {
            let migration = finding.origin.as_ref().map(|origin| format!(" ({})", origin.migration));
            format!("{}{}", finding.code, migration.unwrap_or_default())
        })
        .collect()
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
fn named(history: &History, pending: &[usize], names: &[String]) -> Result<BTreeSet<usize>, Failure> {
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

fn undertakings(
    setting: &Setting,
    history: &History,
    situation: &Situation,
    pending: &[usize],
    recorded: &BTreeSet<usize>,
) -> Result<Vec<Undertaking>, Failure> {
    let mut arrangements = missing_schemas(history, situation);
    let mut last: Option<Utf8PathBuf> = None;
    let mut undertakings = Vec::new();
    for index in pending {
        let migration = &history.migrations[*index];
        let only_recorded = recorded.contains(index);
        let proof = match proofs::beside(setting, &migration.file)? {
            Beside::Proven(place, proof) => Some((place, proof)),
            Beside::Changed { proof, file } => return Err(changed(&proof, &file)),
            Beside::Nothing => None,
        };
        let mut script = if only_recorded {
            let why = "recorded without having been run".to_owned();
            Script { title: migration.id.to_string(), head: Vec::new(), up: Vec::new(), down: Err(why) }
        } else {
            as_script(migration).map_err(|error| {
                let mut failure = Failure::new(format!(
                    "applying {}: {}:{}: {}",
                    migration.id, error.place.file, error.place.line, error.reason
                ));
                failure.exit = Exit::Refused;
                failure.hint("run it with its own tool; what comes before it is applied with --to MIGRATION")
            })?
        };
        if !only_recorded {
            script.up.splice(0..0, std::mem::take(&mut arrangements));
        }
        let together = proof.is_some() && proof.as_ref().map(|(place, _)| place) == last.as_ref();
        if let (Some((_, proof)), None) = (&proof, &migration.down) {
            // The first of a repair takes back all of it.
            let whole = proof.way_back_parts();
            let has_one = !whole.is_empty() && !only_recorded;
            let own = if together { Vec::new() } else { whole };
            script.down = if has_one { Ok(own) } else { script.down };
        }
        undertakings.push(Undertaking {
            title: migration.id.to_string(),
            script,
            migration: Some(RunMigration {
                key: migration.key.to_string(),
                file: migration.file.to_string(),
                checksum: migration.checksum.as_ref().map(ToString::to_string),
            }),
            only_recorded,
            is_proven_repair: proof.is_some(),
            together,
            undoes: None,
        });
        last = proof.map(|(place, _)| place);
    }
    Ok(undertakings)
}

/// What the tool makes before its first migration.
fn missing_schemas(history: &History, situation: &Situation) -> Vec<ScriptPart> {
    let is_there = |schema: &&trueup_model::Ident| {
        situation.live.catalog.contains(&ObjectPath::global(ObjectKind::Schema, (*schema).clone()))
    };
    history
        .preparation
        .schemas
        .iter()
        .filter(|schema| !is_there(schema))
        .map(|schema| ScriptPart::new(format!("make the schema {schema}"), schema_if_missing(schema), true))
        .collect()
}

fn changed(proof: &Utf8PathBuf, file: &str) -> Failure {
    let mut failure =
        Failure::new(format!("applying: {file} was changed after it had been proven ({proof})"));
    failure.exit = Exit::Refused;
    failure
        .hint("put back what was written, or make the repair again: trueup repair")
        .hint(format!("to run it as a migration of your own, remove {proof}"))
}

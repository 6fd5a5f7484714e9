//! The main job: history, ledger and database side by side.

use trueup_database::expected::{Remembered, remembered};
use trueup_model::{CheckOutcome, History};

use super::Progress;
use super::judge::{Judged, Replays, judge_situation, select};
use super::load::Setting;
use super::look::look;
use super::models::{Held, hold_models};
use super::rows::say;
use crate::failure::Failure;

/// With `models`, what the project's models say is held against the history as well.
pub(crate) fn check(
    setting: &Setting,
    models: bool,
    progress: Progress<'_>,
) -> Result<CheckOutcome, Failure> {
    progress("reading the migrations");
    let history = setting.read_history()?;
    progress("reading the database");
    // Nearly always everything is applied: then the expected catalog can be loaded while the server still answers.
    let everything: Vec<usize> = (0..history.migrations.len()).collect();
    let (situation, ahead, held) = std::thread::scope(|scope| {
        let held = models.then(|| scope.spawn(|| hold_models(setting, &history)));
        let ahead = scope.spawn(|| load_ahead(setting, &select(&history, &everything)));
        // The ledger can decide what belongs to the history.
        let mut settled = history.clone();
        let situation = setting.open().and_then(|mut session| look(setting, &mut settled, &mut session));
        let held = held.map_or_else(|| Ok(Held::default()), |held| joined(held.join()));
        (situation.map(|situation| (situation, settled)), ahead.join().ok().flatten(), held)
    });
    let (situation, mut settled) = situation.map_err(|failure| without_database(failure, models))?;
    let held = held?;
    let as_thought = situation.standing.applied == everything
        && situation.preparation == history.preparation
        && settled == history;
    let ahead = ahead.filter(|_| as_thought).map(Box::new);
    settled.findings.extend(held.findings);
    let judged = replayed(judge_situation(setting, &settled, situation, Replays::Run { ahead, progress })?)?;
    let Judged { mut outcome, unrecorded_tables, .. } = judged;
    outcome.notes.extend(held.notes);
    say(setting, &mut outcome.findings, &unrecorded_tables);
    Ok(outcome)
}

fn joined<T>(held: std::thread::Result<T>) -> T {
    held.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The models alone would need no database, but a check does.
fn without_database(failure: Failure, models: bool) -> Failure {
    match models {
        true => {
            failure.hint("to look at the models alone: python manage.py makemigrations --check --dry-run")
        }
        false => failure,
    }
}

/// Where replaying is allowed there is always an outcome.
pub(super) fn replayed(judged: Option<Judged>) -> Result<Judged, Failure> {
    judged.ok_or_else(|| Failure::new("replaying the history: nothing was replayed"))
}

fn load_ahead(setting: &Setting, history: &History) -> Option<Remembered> {
    let plan = setting.plan(None, None);
    remembered(history, &plan)
}

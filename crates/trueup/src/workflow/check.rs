//! The main job: history, ledger and database side by side.

use trueup_database::expected::{Remembered, remembered};
use trueup_model::{CheckOutcome, History};

use super::Progress;
use super::judge::{Judged, Replays, judge_situation, select};
use super::load::Setting;
use super::look::look;
use crate::failure::Failure;

pub(crate) fn check(setting: &Setting, progress: Progress<'_>) -> Result<CheckOutcome, Failure> {
    progress("reading the migrations");
    let history = setting.read_history()?;
    progress("reading the database");
    // Nearly always everything is applied: then the expected catalog can be loaded while the server still answers.
    let everything: Vec<usize> = (0..history.migrations.len()).collect();
    let (situation, ahead) = std::thread::scope(|scope| {
        let ahead = scope.spawn(|| load_ahead(setting, &select(&history, &everything)));
        // The ledger can decide what belongs to the history.
        let mut settled = history.clone();
        let situation = setting.open().and_then(|mut session| look(setting, &mut settled, &mut session));
        (situation.map(|situation| (situation, settled)), ahead.join().ok().flatten())
    });
    let (situation, settled) = situation?;
    let as_thought = situation.standing.applied == everything
        && situation.preparation == history.preparation
        && settled == history;
    let ahead = ahead.filter(|_| as_thought).map(Box::new);
    let judged = replayed(judge_situation(setting, &settled, situation, Replays::Run { ahead, progress })?)?;
    Ok(judged.outcome)
}

/// Where replaying is allowed there is always an outcome.
pub(super) fn replayed(judged: Option<Judged>) -> Result<Judged, Failure> {
    judged.ok_or_else(|| Failure::new("replaying the history: nothing was replayed"))
}

fn load_ahead(setting: &Setting, history: &History) -> Option<Remembered> {
    let plan = setting.plan(None, None);
    remembered(history, &plan)
}

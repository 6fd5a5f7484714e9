//! Where a project stands: quick, without replaying anything that is not known already.

use super::Progress;
use super::judge::{Replays, judge_situation};
use super::load::Setting;
use super::look::look;
use crate::failure::Failure;

/// Five lines.
pub(crate) struct StandingLines {
    pub history: String,
    pub database: String,
    pub ledger: String,
    pub schema: String,
    pub next: String,
}

pub(crate) fn standing(setting: &Setting, progress: Progress<'_>) -> Result<StandingLines, Failure> {
    progress("reading the migrations");
    let mut history = setting.read_history()?;
    let problems = match history.findings.len() {
        0 => String::new(),
        1 => ", 1 problem in the files".to_owned(),
        many => format!(", {many} problems in the files"),
    };
    let history_line = format!(
        "{} {} in {} ({}){problems}",
        history.migrations.len(),
        if history.migrations.len() == 1 { "migration" } else { "migrations" },
        history.root,
        history.framework,
    );
    progress("reading the database");
    let mut session = setting.open()?;
    let situation = look(setting, &mut history, &mut session)?;
    let standby = if situation.live.surroundings.standby { ", a standby" } else { "" };
    let database = format!(
        "{} on PostgreSQL {}{standby}, as {}, named by {}",
        situation.live.surroundings.database,
        situation.server_version,
        situation.live.surroundings.user,
        setting.source
    );
    let (applied, pending) = (situation.standing.applied.len(), situation.standing.pending.len());
    let ledger = match &situation.ledger.table {
        Some(table) => {
            let faults = match situation.standing.findings.len() {
                0 => String::new(),
                1 => ", 1 problem".to_owned(),
                many => format!(", {many} problems"),
            };
            format!("{table}: {applied} applied, {pending} pending{faults}")
        }
        None => {
            let others: Vec<String> = situation
                .other_ledgers
                .iter()
                .map(|other| format!("there is that of {} ({}); ", other.framework, other.table))
                .collect();
            format!("none: {}{applied} taken as applied, {pending} pending", others.concat())
        }
    };
    let judged = judge_situation(setting, &history, situation, Replays::Known)?;
    let (schema, next) = match judged.map(|judged| judged.outcome.findings) {
        None => ("not compared since the history changed".to_owned(), "trueup check".to_owned()),
        Some(findings) => match findings.len() {
            0 => ("what the history says it is".to_owned(), "nothing to do".to_owned()),
            1 => ("1 finding".to_owned(), "trueup check".to_owned()),
            many => (format!("{many} findings"), "trueup check".to_owned()),
        },
    };
    let next = if pending > 0 && next == "nothing to do" {
        "apply what is pending: trueup apply".to_owned()
    } else {
        next
    };
    Ok(StandingLines { history: history_line, database, ledger, schema, next })
}

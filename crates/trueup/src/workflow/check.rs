//! The main job: history, ledger and database side by side.

use std::collections::BTreeMap;

use trueup_database::expected::{Remembered, remembered};
use trueup_database::sizes::{RowsHeld, rows_held};
use trueup_model::finding::NamedCode;
use trueup_model::{CheckOutcome, Code, Finding, History, ObjectKind, QualifiedName};

use super::Progress;
use super::judge::{Judged, Replays, judge_situation, select};
use super::load::Setting;
use super::look::look;
use super::models::{Held, hold_models};
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
    say_rows(setting, &mut outcome.findings, &unrecorded_tables);
    Ok(outcome)
}

/// Whoever decides about what no migration has made wants to know what is in it.
fn say_rows(setting: &Setting, findings: &mut [Finding], unrecorded: &BTreeMap<String, Vec<QualifiedName>>) {
    let tables_of = |finding: &Finding| match &finding.object {
        Some(object) if holds_what_nobody_made(finding.code) && object.kind == ObjectKind::Table => {
            object.qualified().into_iter().collect()
        }
        Some(_) => Vec::new(),
        None => unrecorded.get(&finding.id()).cloned().unwrap_or_default(),
    };
    let told = findings.iter_mut().map(|finding| (tables_of(finding), finding));
    let mut session = None;
    for (tables, finding) in told.filter(|(tables, _)| !tables.is_empty()).take(MOST_COUNTED) {
        // Rows are an extra: what may not be read, or is locked, is not said.
        let Some(session) = session.get_or_insert_with(|| setting.open().ok()) else { return };
        let held: Vec<String> = tables
            .iter()
            .filter_map(|table| {
                let rows = words(rows_held(session, table).ok()?);
                Some(if finding.object.is_some() {
                    format!("it holds {rows}")
                } else {
                    format!("{table} holds {rows}")
                })
            })
            .collect();
        if !held.is_empty() {
            let hint = finding.hint.take().map(|hint| format!("{hint}; ")).unwrap_or_default();
            finding.hint = Some(format!("{hint}{}", held.join(", ")));
        }
    }
}

/// Of so many findings tables are counted.
const MOST_COUNTED: usize = 20;

fn holds_what_nobody_made(code: Code) -> bool {
    matches!(
        code,
        Code::Unexpected(_) | Code::Named(NamedCode::ZombieTable) | Code::Named(NamedCode::BackupTable)
    )
}

fn words(rows: RowsHeld) -> String {
    match rows {
        RowsHeld::Exactly(0) => "no rows".to_owned(),
        RowsHeld::Exactly(1) => "1 row".to_owned(),
        RowsHeld::Exactly(rows) => format!("{rows} rows"),
        RowsHeld::About(rows) => format!("about {rows} rows"),
        RowsHeld::MoreThan(rows) => format!("more than {rows} rows"),
    }
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

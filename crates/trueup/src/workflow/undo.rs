//! Takes back what was applied last, where its way back was shown to lead back.

use trueup_database::apply::{WayBack, ways_back};
use trueup_database::prove::chain::Begun;
use trueup_model::history::MigrationKind;
use trueup_model::repair::Script;
use trueup_model::run::RunDirection;
use trueup_model::{History, Migration, Text};

use trueup_database::Session;

use super::Progress;
use super::journal::unreadable;
use super::judge::{Replays, select};
use super::load::Setting;
use super::look::{Situation, look_with_dependencies};
use super::naming::Allowed;
use super::runs::{Bounds, Ready, Undertaking, must_be_alone, ready};
use crate::exit::Exit;
use crate::failure::Failure;

/// What was asked for.
pub(crate) struct WantedUndo {
    pub allowed: Allowed,
    pub who: String,
    pub backup: bool,
}

/// The last runs, tried backwards. `None`: the journal knows of none.
pub(crate) fn prepare_undo(
    setting: &Setting,
    wanted: &WantedUndo,
    progress: Progress<'_>,
) -> Result<Option<Ready>, Failure> {
    let mut session = setting.open()?;
    must_be_alone(&mut session)?;
    prepare_undo_on(setting, &mut session, wanted, progress)
}

/// On a connection that there is already.
pub(super) fn prepare_undo_on(
    setting: &Setting,
    session: &mut Session,
    wanted: &WantedUndo,
    progress: Progress<'_>,
) -> Result<Option<Ready>, Failure> {
    progress("reading the journal");
    let mut history = setting.read_history()?;
    let ways = ways_back(session).map_err(|error| unreadable(&error))?;
    if ways.is_empty() {
        return Ok(None);
    }
    let (situation, needs) = look_with_dependencies(setting, &mut history, session)?;
    let mut undertakings = Vec::new();
    for way in ways {
        must_be_last(&history, &situation, &way, undertakings.len())?;
        undertakings.push(undertaking(way)?);
    }
    let applied = History {
        preparation: situation.preparation.clone(),
        ..select(&history, &situation.standing.applied)
    };
    let mut replays = Replays::Run { ahead: None, progress: &mut *progress };
    let expected = replays
        .expect(setting, &applied, situation.live_major)?
        .map(|expected| expected.catalog)
        .unwrap_or_default();
    let allowed = wanted.allowed.among(&[&situation.live.catalog])?;
    let bounds = Bounds {
        direction: RunDirection::Undo,
        applied: &applied,
        expected: &expected,
        goal: None,
        allowed: &allowed,
        who: &wanted.who,
        begun: Begun::default(),
        backup: wanted.backup,
    };
    ready(setting, session, (situation, needs), undertakings, &bounds, progress).map(Some)
}

fn undertaking(way: WayBack) -> Result<Undertaking, Failure> {
    let Some(parts) = way.parts else {
        let mut failure = Failure::new(format!(
            "taking back run {} ({}): it has no way back that was shown to lead back",
            way.run, way.title
        ));
        failure.exit = Exit::Refused;
        return Err(match &way.backup {
            Some(folder) => failure.hint(format!(
                "what it lost is in its backup: trueup restore {}",
                trueup_report::shell_word(folder)
            )),
            None => failure.hint("no backup was taken before it"),
        });
    };
    Ok(Undertaking {
        title: format!("take back run {}: {}", way.run, way.title),
        script: Script {
            title: format!("undo {}", way.title),
            head: Vec::new(),
            up: parts,
            down: Err("it is a way back".to_owned()),
        },
        migration: way.migration,
        only_recorded: false,
        is_proven_repair: false,
        together: true,
        of_repair: false,
        not_run: Vec::new(),
        settles: Vec::new(),
        undoes: Some(way.run),
        recorded_with_it: Vec::new(),
    })
}

/// What was applied later may need it, and its ledger would have a gap.
fn must_be_last(
    history: &History,
    situation: &Situation,
    way: &WayBack,
    taken_back: usize,
) -> Result<(), Failure> {
    let Some(migration) = &way.migration else { return Ok(()) };
    let is_ours = migration.tool == history.framework
        && history
            .migrations
            .iter()
            .all(|one| one.key.as_str() != migration.key || *one.file == *migration.file);
    if !is_ours {
        let mut failure = Failure::new(format!(
            "taking back run {} ({}): it is of another project ({} of {})",
            way.run, way.title, migration.file, migration.tool
        ));
        failure.exit = Exit::Refused;
        return Err(failure.hint("take it back there; the last run of a database comes first"));
    }
    // Those that run again whenever they change have no place in the order.
    let by_ledger = trueup_frameworks::framework(history.framework)
        .is_some_and(|tool| tool.replays_in_order_of_history());
    let applied: Vec<&Migration> = match by_ledger {
        // The order of such a history says nothing about what came last here.
        true => {
            let find = |key: &Text| history.migrations.iter().find(|one| one.key == *key);
            situation.ledger.entries.iter().filter_map(|entry| find(&entry.key)).collect()
        }
        false => situation.standing.applied.iter().map(|index| &history.migrations[*index]).collect(),
    };
    let last = applied.iter().filter(|one| one.kind != MigrationKind::Repeatable).rev().nth(taken_back);
    match last {
        Some(last) if last.key.as_str() == migration.key => Ok(()),
        Some(last) => {
            let mut failure = Failure::new(format!(
                "taking back run {} ({}): {} was applied after it",
                way.run, way.title, last.id
            ));
            failure.exit = Exit::Refused;
            Err(failure.hint(format!("take that back first, with {}", history.framework)))
        }
        None => {
            let mut failure = Failure::new(format!(
                "taking back run {} ({}): the ledger does not say that it is applied",
                way.run, way.title
            ));
            failure.exit = Exit::Refused;
            Err(failure.hint("trueup check tells how ledger and database differ"))
        }
    }
}

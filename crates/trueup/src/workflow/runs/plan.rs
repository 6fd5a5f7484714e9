//! What is shown before anybody is asked.

use std::collections::BTreeMap;

use trueup_database::prove::ProveError;
use trueup_database::prove::chain::Link;
use trueup_engine::told::told;
use trueup_model::repair::{Lock, TableSize};
use trueup_model::run::{BackupPlan, PlannedRun, RunDirection};
use trueup_model::{Catalog, QualifiedName};

use super::Undertaking;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::workflow::backup::usual_folder;
use crate::workflow::load::Setting;
use crate::workflow::room;

pub(super) fn planned(
    undertakings: &[Undertaking],
    links: &[Link],
    found: &Catalog,
    sizes: &BTreeMap<QualifiedName, TableSize>,
) -> Vec<PlannedRun> {
    let before = std::iter::once(found).chain(links.iter().map(|link| &link.after));
    undertakings
        .iter()
        .zip(links)
        .zip(before)
        .map(|((undertaking, link), before)| PlannedRun {
            title: undertaking.title.clone(),
            file: undertaking.migration.as_ref().map(|migration| migration.file.clone()).unwrap_or_default(),
            only_recorded: undertaking.only_recorded,
            is_proven_repair: undertaking.is_proven_repair,
            statements: undertaking.script.up.len(),
            alone: undertaking.script.up.iter().filter(|part| !part.transactional).count(),
            changes: undertaking
                .not_run
                .iter()
                .map(|place| format!("not run, and not looked at: {place}"))
                .chain(told(before, &link.after, &link.fate))
                .collect(),
            locks: link
                .effects
                .locks
                .iter()
                .map(|(table, lock)| (table.clone(), *lock, sizes.get(table).copied()))
                .collect(),
            rewritten: link.effects.rewritten.clone(),
            way_back: match undertaking.undoes {
                // Its way back is the run that it takes back.
                Some(_) => Some(true),
                None => link.script.proof().way_back,
            },
        })
        .collect()
}

/// Tables that are locked as only their owner may. A foreign key to a table, and a trigger on it, take less.
pub(super) fn owned(steps: &[PlannedRun]) -> Vec<QualifiedName> {
    let takes_owner =
        |lock: &Lock| matches!(lock, Lock::ShareUpdateExclusive | Lock::Share | Lock::AccessExclusive);
    steps
        .iter()
        .flat_map(|step| &step.locks)
        .filter(|(_, lock, _)| takes_owner(lock))
        .map(|(table, _, _)| table.clone())
        .collect()
}

pub(super) fn planned_backup(
    setting: &Setting,
    database: &str,
    tables: Vec<QualifiedName>,
    sizes: &BTreeMap<QualifiedName, TableSize>,
    wanted: bool,
) -> Option<BackupPlan> {
    if tables.is_empty() || !wanted {
        return None;
    }
    let folder = usual_folder(&setting.detected.root.join(".trueup/backups"), Some(database), setting.began);
    let bytes = tables.iter().filter_map(|table| sizes.get(table)).map(|size| size.bytes).sum();
    let free = room::free(&folder);
    Some(BackupPlan { tables, folder: folder.to_string(), bytes, free })
}

pub(super) fn untried(error: ProveError, direction: RunDirection) -> Failure {
    let mut failure = Failure::new(format!("trying it on a scratch server: {error}"));
    if let ProveError::Unproven(_) = error {
        failure.exit = Exit::Refused;
        let is_there = failure.message.contains("already exists") && direction == RunDirection::Apply;
        failure =
            failure.hint("nothing was run; trueup check shows how the database differs from its migrations");
        if is_there {
            failure = failure.hint(
                "a migration whose content is there already is recorded with --record MIGRATION; one that is there in \
                 part is finished by trueup repair --record MIGRATION",
            );
        }
    }
    failure
}

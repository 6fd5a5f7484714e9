//! What a ledger means for a history: which migrations count as applied, which are to come, and what does not fit.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use trueup_model::finding::NamedCode;
use trueup_model::history::MigrationKind;
use trueup_model::ledger::{EntryState, LedgerEntry};
use trueup_model::{Finding, History, Ledger, Migration, Place, Severity, Text};

use crate::detect::Detected;
use crate::framework::{Framework, Gaps, framework};
use crate::reporting::{Fault, file_finding, ledger_finding};

/// Where a database stands in a history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Indexes into [`History::migrations`] in the order in which they have to be replayed: the order of the ledger
    /// where it has one, so that columns come in the order in which they came here; repeatable ones last.
    pub applied: Vec<usize>,
    /// Indexes of what the tool would run next, in its order. A repeatable migration that was changed since it ran
    /// is in both lists.
    pub pending: Vec<usize>,
    pub findings: Vec<Finding>,
}

/// # Panics
///
/// Never for a history that came from one of the [`crate::FRAMEWORKS`].
pub fn standing(detected: &Detected, history: &History, ledger: &Ledger) -> Standing {
    let framework =
        framework(history.framework).expect("a history carries the name of the framework that read it");
    let mut findings = Vec::new();
    let recorded = settle(history, &ledger.entries, &mut findings);
    report_entries(framework, detected, history, &recorded, &mut findings);

    let mut applied = applied(framework, history, &recorded);
    if framework.replays_in_order_of_history() {
        applied.sort_unstable();
        applied.dedup();
    }
    let changed = changed_repeatables(framework, detected, history, &recorded);
    let mut pending = pending(framework, history, &applied, &recorded);
    pending.extend(changed.iter().copied());
    pending.sort_unstable();
    pending.dedup();

    report_order(framework, detected, history, &recorded, &mut findings);
    let keys = recorded.last.iter().filter(|entry| entry.state == EntryState::Applied);
    findings.extend(framework.faults(history, &keys.map(|entry| entry.key.as_str()).collect()));
    report_gaps(framework, detected, history, &applied, &pending, &mut findings);
    findings.sort_by(Finding::report_order);
    Standing { applied, pending, findings }
}

/// What a ledger says in the end.
struct Recorded<'a> {
    /// The last word about every key, in the order in which those words were written.
    last: Vec<&'a LedgerEntry>,
    /// The highest baseline.
    baselines: Vec<&'a LedgerEntry>,
}

impl Recorded<'_> {
    fn state(&self, key: &Text) -> Option<EntryState> {
        self.last.iter().find(|entry| entry.key == *key).map(|entry| entry.state)
    }
}

/// Later rows override earlier ones; a second "applied" without anything between is a fault.
fn settle<'a>(history: &History, entries: &'a [LedgerEntry], findings: &mut Vec<Finding>) -> Recorded<'a> {
    let repeatable: BTreeSet<&Text> = history
        .migrations
        .iter()
        .filter(|migration| migration.kind == MigrationKind::Repeatable)
        .map(|migration| &migration.key)
        .collect();
    let mut last: BTreeMap<&Text, (usize, &LedgerEntry)> = BTreeMap::new();
    let mut baselines = Vec::new();
    for (position, entry) in entries.iter().enumerate() {
        match entry.state {
            EntryState::Baseline => {
                baselines.push(entry);
                continue;
            }
            EntryState::Applied => {
                let twice =
                    last.get(&entry.key).is_some_and(|(_, earlier)| earlier.state == EntryState::Applied);
                if twice && !repeatable.contains(&entry.key) && !entry.key.as_str().starts_with("R__") {
                    findings.push(ledger_finding(
                        NamedCode::DuplicateLedgerRow,
                        Severity::Warning,
                        name_of(history, &entry.key),
                        entry.recorded_at.clone(),
                        format!("the ledger has more than one row for {}", entry.key),
                        "keep one of the rows, once it is clear that they mean the same run",
                    ));
                }
            }
            EntryState::Failed | EntryState::RolledBack => {}
        }
        last.insert(&entry.key, (position, entry));
    }
    let mut last: Vec<_> = last.into_values().collect();
    last.sort_by_key(|(position, _)| *position);
    Recorded { last: last.into_iter().map(|(_, entry)| entry).collect(), baselines }
}

/// Phantoms, failures, and files that were edited after they had been applied.
fn report_entries(
    framework: &dyn Framework,
    detected: &Detected,
    history: &History,
    recorded: &Recorded<'_>,
    findings: &mut Vec<Finding>,
) {
    for entry in &recorded.last {
        let migrations: Vec<&Migration> =
            history.migrations.iter().filter(|migration| migration.key == entry.key).collect();
        match entry.state {
            EntryState::Baseline => unreachable!("baselines are kept apart from the other entries"),
            EntryState::RolledBack => continue,
            EntryState::Applied => {}
            EntryState::Failed => findings.push(half_applied(history, entry)),
        }
        if migrations.is_empty() {
            if let Some(severity) = framework.phantom_severity(detected, entry.key.as_str(), history) {
                let note = entry.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
                findings.push(ledger_finding(
                    NamedCode::PhantomMigration,
                    severity,
                    entry.key.as_str(),
                    entry.recorded_at.clone(),
                    format!("the ledger records {}{note}, and no file defines it", entry.key),
                    "bring the file back, from another branch perhaps; take the row out only if nothing that it made is left",
                ));
            }
            continue;
        }
        if entry.state != EntryState::Applied {
            continue;
        }
        let Some(checksum) = &entry.checksum else { continue };
        let edited = !migrations.iter().any(|migration| agrees(framework, detected, migration, checksum));
        if let (true, Some(migration)) = (edited, migrations.first()) {
            findings.push(edited_migration(migration, entry, checksum));
        }
    }
}

fn agrees(framework: &dyn Framework, detected: &Detected, migration: &Migration, recorded: &Text) -> bool {
    match &migration.checksum {
        // What cannot be computed here cannot disagree.
        None => true,
        Some(checksum) if checksum == recorded => true,
        Some(_) => framework.accepts_checksum(detected, migration, recorded.as_str()),
    }
}

fn half_applied(history: &History, entry: &LedgerEntry) -> Finding {
    let note = entry.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    ledger_finding(
        NamedCode::HalfAppliedMigration,
        Severity::Error,
        name_of(history, &entry.key),
        entry.recorded_at.clone(),
        format!("{} was started and not finished{note}", entry.key),
        "some of its statements may have run: finish or undo them before the tool is told that it is done",
    )
}

fn edited_migration(migration: &Migration, entry: &LedgerEntry, recorded: &Text) -> Finding {
    let (severity, hint) = match migration.kind {
        MigrationKind::Versioned | MigrationKind::Baseline => {
            (Severity::Warning, "restore the file as it was applied, and put the change into a new migration")
        }
        MigrationKind::Repeatable => (Severity::Info, "it runs again with the next migrate"),
    };
    let fault = Fault::new("", Place::start_of(migration.file.clone()));
    let mut finding = file_finding(NamedCode::EditedMigration, severity, migration.id.as_str(), &fault, hint);
    finding.expected = Some(format!("checksum {recorded} as recorded"));
    finding.found = Some(format!(
        "checksum {}",
        migration.checksum.as_ref().map_or("none", |checksum| checksum.as_str())
    ));
    if let Some(origin) = &mut finding.origin {
        origin.recorded_at = entry.recorded_at.clone();
    }
    finding
}

fn applied(framework: &dyn Framework, history: &History, recorded: &Recorded<'_>) -> Vec<usize> {
    let with_key = |key: &Text, repeatable: bool| {
        let key = key.clone();
        history.migrations.iter().enumerate().filter_map(move |(index, migration)| {
            let fits = migration.key == key && (migration.kind == MigrationKind::Repeatable) == repeatable;
            fits.then_some(index)
        })
    };
    let entries = || recorded.last.iter().filter(|entry| entry.state == EntryState::Applied);
    let covered = history.migrations.iter().enumerate().filter(|(_, migration)| {
        migration.kind == MigrationKind::Versioned
            && recorded.state(&migration.key).is_none()
            && recorded.baselines.iter().any(|baseline| {
                framework.compare_keys(migration.key.as_str(), baseline.key.as_str()) != Ordering::Greater
            })
    });
    let mut applied: Vec<usize> = covered.map(|(index, _)| index).collect();
    applied.extend(entries().flat_map(|entry| with_key(&entry.key, false)));
    applied.extend(entries().flat_map(|entry| with_key(&entry.key, true)));
    applied
}

fn changed_repeatables(
    framework: &dyn Framework,
    detected: &Detected,
    history: &History,
    recorded: &Recorded<'_>,
) -> Vec<usize> {
    let changed = |migration: &Migration| {
        migration.kind == MigrationKind::Repeatable
            && recorded.last.iter().any(|entry| {
                entry.key == migration.key
                    && entry.state == EntryState::Applied
                    && entry
                        .checksum
                        .as_ref()
                        .is_some_and(|checksum| !agrees(framework, detected, migration, checksum))
            })
    };
    (0..history.migrations.len()).filter(|index| changed(&history.migrations[*index])).collect()
}

/// What the tool would run next. A baseline migration runs only on a database that has none yet, and then stands
/// for everything up to its version.
fn pending(
    framework: &dyn Framework,
    history: &History,
    applied: &[usize],
    recorded: &Recorded<'_>,
) -> Vec<usize> {
    let is_new = applied.iter().all(|index| history.migrations[*index].kind == MigrationKind::Repeatable)
        && recorded.baselines.is_empty();
    let baselines = || {
        history
            .migrations
            .iter()
            .enumerate()
            .filter(|(_, migration)| migration.kind == MigrationKind::Baseline)
    };
    let below = |migration: &Migration, baseline: &Migration| {
        framework.compare_keys(migration.key.as_str(), baseline.key.as_str()) != Ordering::Greater
    };
    // The baseline that this database started with, or would start with.
    let start = if is_new {
        baselines().next_back()
    } else {
        baselines().rfind(|(index, _)| applied.contains(index))
    };
    let to_run = |index: usize, migration: &Migration| match migration.kind {
        _ if applied.contains(&index) => false,
        MigrationKind::Repeatable => true,
        MigrationKind::Versioned => start.is_none_or(|(_, baseline)| !below(migration, baseline)),
        MigrationKind::Baseline => is_new && start.is_some_and(|(chosen, _)| chosen == index),
    };
    (0..history.migrations.len()).filter(|index| to_run(*index, &history.migrations[*index])).collect()
}

/// Things recorded in another order than the one of their keys, where the tool does not do that by itself.
fn report_order(
    framework: &dyn Framework,
    detected: &Detected,
    history: &History,
    recorded: &Recorded<'_>,
    findings: &mut Vec<Finding>,
) {
    match framework.gaps(detected) {
        Gaps::Allowed => return,
        Gaps::Refused { .. } | Gaps::Skipped { .. } => {}
    }
    let versioned = |key: &Text| {
        history
            .migrations
            .iter()
            .any(|migration| migration.key == *key && migration.kind == MigrationKind::Versioned)
    };
    let mut highest: Option<&LedgerEntry> = None;
    for entry in &recorded.last {
        if entry.state != EntryState::Applied || !versioned(&entry.key) {
            continue;
        }
        match highest {
            Some(above) if framework.compare_keys(entry.key.as_str(), above.key.as_str()).is_lt() => {
                findings.push(ledger_finding(
                    NamedCode::InconsistentLedger,
                    Severity::Info,
                    name_of(history, &entry.key),
                    entry.recorded_at.clone(),
                    format!("{} was recorded after {}", entry.key, above.key),
                    "it was applied out of order; the replay follows the order of the ledger",
                ));
            }
            Some(_) | None => highest = Some(entry),
        }
    }
}

/// Migrations that are older than an applied one and not applied themselves.
fn report_gaps(
    framework: &dyn Framework,
    detected: &Detected,
    history: &History,
    applied: &[usize],
    pending: &[usize],
    findings: &mut Vec<Finding>,
) {
    let hint = match framework.gaps(detected) {
        Gaps::Allowed => return,
        Gaps::Refused { hint } | Gaps::Skipped { hint } => hint,
    };
    let versioned = |index: &&usize| history.migrations[**index].kind == MigrationKind::Versioned;
    let key = |index: usize| history.migrations[index].key.as_str();
    let newest = applied
        .iter()
        .filter(versioned)
        .copied()
        .max_by(|left, right| framework.compare_keys(key(*left), key(*right)));
    let Some(newest) = newest else { return };
    for index in pending.iter().filter(versioned).copied() {
        let migration = &history.migrations[index];
        if framework.compare_keys(key(index), key(newest)).is_lt() && !framework.may_come_late(migration) {
            let message = format!(
                "{} is not applied, but the newer {} is",
                migration.id, history.migrations[newest].id
            );
            findings.push(file_finding(
                NamedCode::InconsistentLedger,
                Severity::Warning,
                migration.id.as_str(),
                &Fault::new(message, Place::start_of(migration.file.clone())),
                hint,
            ));
        }
    }
}

fn name_of<'a>(history: &'a History, key: &'a Text) -> &'a str {
    history
        .migrations
        .iter()
        .find(|migration| migration.key == *key)
        .map_or(key.as_str(), |migration| migration.id.as_str())
}

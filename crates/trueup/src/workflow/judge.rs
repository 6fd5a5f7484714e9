//! Holds a database against its history: differences, findings, diagnoses.

use std::collections::{BTreeMap, BTreeSet};

use trueup_database::expected::{Expected, Remembered, expected_with, known};
use trueup_engine::accepted::accept;
use trueup_engine::findings::Sides;
use trueup_engine::left_open::{leave_open, share};
use trueup_engine::pending::{self, Unrecorded};
use trueup_engine::{Claims, compare, diagnose, judge};
use trueup_model::difference::{Change, Difference};
use trueup_model::outcome::{DatabaseSummary, HistorySummary};
use trueup_model::{Catalog, CheckOutcome, Finding, History, Migration, ObjectKind, QualifiedName, Text};

use super::Progress;
use super::load::Setting;
use super::look::Situation;
use super::record;
use super::refused::{self, Refusals};
use crate::failure::Failure;

/// Where expected catalogs come from.
pub(super) enum Replays<'a> {
    /// Replayed unless they are remembered; one may have been loaded ahead.
    Run { ahead: Option<Box<Remembered>>, progress: Progress<'a> },
    /// Only what is remembered.
    Known,
}

/// What came out, and what it was made of.
pub(super) struct Judged {
    pub outcome: CheckOutcome,
    pub differences: Vec<Difference>,
    /// What also differs, and could not be judged.
    pub left_open: Vec<Difference>,
    pub expected: Catalog,
    pub found: Catalog,
    /// The applied part of the history.
    pub replayed: History,
    /// Tables of migrations that ran without being recorded, by the id of the finding.
    pub unrecorded_tables: BTreeMap<String, Vec<QualifiedName>>,
}

/// `None` where something would have to be replayed and may not be.
pub(super) fn judge_situation(
    setting: &Setting,
    history: &History,
    situation: Situation,
    mut replays: Replays<'_>,
) -> Result<Option<Judged>, Failure> {
    let Situation { live, server_version, live_major, ledger, standing, preparation, mut notes, .. } =
        situation;
    let prepared = |order: &[usize]| History { preparation: preparation.clone(), ..select(history, order) };
    let replayed = prepared(&standing.applied);
    let Some(expected) = replays.expect(setting, &replayed, live_major)? else { return Ok(None) };
    replays.say("comparing");
    let claims = Claims::new(&replayed, &ledger, &expected.journal).knowing(&expected.catalog);
    let mut differences = compare(&expected.catalog, &live.catalog);
    // Whose such a schema is, and who may use it, was decided by whoever made it.
    differences.retain(|difference| {
        difference.path.kind != ObjectKind::Schema || !preparation.schemas.contains(&difference.path.head)
    });
    let mut findings = history.findings.clone();
    findings.extend(standing.findings.iter().cloned());
    let (mut left_open, not_checked) =
        leave_open(&mut differences, &claims, &history.findings, record::way_out(setting));
    findings.extend(not_checked);
    notes.extend(share(&claims, &live.catalog));

    // What pending migrations would make, where the database has something of it or an applied one needs it.
    let anything_new = differences.iter().any(|difference| matches!(difference.change, Change::Unexpected));
    let mut head_failures = None;
    let mut unrecorded_tables = BTreeMap::new();
    if !standing.pending.is_empty() && (anything_new || !expected.failures.is_empty()) {
        let order = order_of_all(history.migrations.len(), &standing.applied, &standing.pending);
        let all = prepared(&order);
        let Some(head) = replays.expect(setting, &all, live_major)? else { return Ok(None) };
        let head_claims = Claims::new(&all, &ledger, &head.journal);
        let numbers = (0..order.len()).filter(|at| !standing.applied.contains(&order[*at])).collect();
        let mut after = |last: usize| {
            let until = prepared(&order[..=last]);
            replays.expect(setting, &until, live_major).ok().flatten().map(|then| then.catalog)
        };
        let unrecorded = pending::explain(
            &mut differences,
            &head.catalog,
            &live.catalog,
            &head_claims,
            &numbers,
            &mut after,
        );
        for Unrecorded { finding, tables } in unrecorded {
            unrecorded_tables.insert(pending::merge(&mut findings, finding), tables);
        }
        notes.extend(head.notes.iter().filter(|note| !expected.notes.contains(note)).cloned());
        head_failures = Some(refused::places(&head.failures, &all));
    }
    let refusals = Refusals {
        failures: &expected.failures,
        history: &replayed,
        claims: &claims,
        found: &live.catalog,
        pending: standing.pending.iter().filter_map(|index| history.migrations.get(*index)).collect(),
        with_pending: head_failures.as_ref(),
    };
    findings.extend(refusals.findings(&mut differences, &mut left_open));
    let sides = Sides { expected: &expected.catalog, found: &live.catalog };
    findings.extend(judge(&differences, &sides, &claims));
    let (accepted, said) = accept(&mut findings, &setting.accepted, &setting.today());
    notes.extend(said);
    findings.sort_by(Finding::report_order);
    let surroundings =
        trueup_engine::Surroundings { search_path: Some(live.surroundings.search_path.clone()) };
    // Nobody asks for the cause of what was accepted.
    let open: Vec<Finding> =
        findings.iter().filter(|finding| !accepted.contains(&finding.id())).cloned().collect();
    let diagnoses = diagnose(&open, &claims, &surroundings);
    notes.extend(expected.notes.iter().cloned());
    if live.surroundings.standby {
        notes.push(
            "the database is a standby: it shows what its primary had when it last heard from it".to_owned(),
        );
    }
    let schemas: BTreeSet<Text> = live
        .catalog
        .entries()
        .iter()
        .filter_map(|entry| entry.path.schema.as_ref())
        .map(|schema| Text::new(schema.as_str()))
        .collect();
    let outcome = CheckOutcome {
        database: DatabaseSummary {
            engine: "postgresql",
            server_version: Text::new(&server_version),
            name: Text::new(setting.called.unwrap_or(&live.surroundings.database)),
            schemas: schemas.into_iter().collect(),
            tables: live.catalog.count(trueup_model::ObjectKind::Table),
        },
        history: HistorySummary {
            framework: history.framework,
            root: history.root.clone(),
            migrations: history.migrations.len(),
            applied: standing.applied.len(),
            pending: standing.pending.len(),
            opaque: history.migrations.iter().filter(|migration| migration.opaque.is_some()).count(),
        },
        shadow: expected.shadow.clone(),
        diagnoses,
        findings,
        notes,
    };
    Ok(Some(Judged {
        outcome,
        differences,
        left_open,
        expected: expected.catalog,
        found: live.catalog,
        replayed,
        unrecorded_tables,
    }))
}

impl Replays<'_> {
    pub(super) fn expect(
        &mut self,
        setting: &Setting,
        history: &History,
        live_major: u32,
    ) -> Result<Option<Expected>, Failure> {
        let opener = setting.shadow_opener();
        let plan = setting.plan(opener.as_deref(), Some(live_major));
        match self {
            Replays::Known => Ok(known(history, &plan)),
            Replays::Run { ahead, progress } => {
                expected_with(history, &plan, ahead.take().map(|ahead| *ahead), &mut |step| {
                    let name =
                        history.migrations.get(step.migration).map_or("", |migration| migration.id.as_str());
                    progress(&format!("replaying {} of {}: {name}", step.done + 1, step.total));
                })
                .map(Some)
                .map_err(|error| {
                    Failure::new(format!("replaying the history on a scratch database: {error}"))
                })
            }
        }
    }

    fn say(&mut self, text: &str) {
        match self {
            Replays::Known => {}
            Replays::Run { progress, .. } => progress(text),
        }
    }
}

/// What is pending comes last, as it would be run now; unless it stands between what was applied, as after a lost row
/// of the ledger: then everything is in the order of the history.
pub(super) fn order_of_all(migrations: usize, applied: &[usize], pending: &[usize]) -> Vec<usize> {
    if applied.iter().max() < pending.iter().min() {
        applied.iter().chain(pending).copied().collect()
    } else {
        (0..migrations).filter(|index| applied.contains(index) || pending.contains(index)).collect()
    }
}

/// The chosen migrations as a history of their own, in the given order.
pub(super) fn select(history: &History, order: &[usize]) -> History {
    let migrations: Vec<Migration> =
        order.iter().filter_map(|index| history.migrations.get(*index)).cloned().collect();
    History { migrations, findings: Vec::new(), ..history.clone() }
}

#[cfg(test)]
mod tests {
    use super::order_of_all;

    #[test]
    fn what_is_pending_comes_last_unless_it_fills_a_gap() {
        assert_eq!(order_of_all(4, &[1, 0], &[2, 3]), [1, 0, 2, 3]);
        assert_eq!(order_of_all(4, &[0, 2], &[1, 3]), [0, 1, 2, 3]);
        assert_eq!(order_of_all(2, &[], &[0, 1]), [0, 1]);
    }
}

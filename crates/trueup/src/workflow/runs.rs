//! What `apply` and `undo` share: scripts are tried on a scratch server in the state of the live database, shown with
//! what they do and lose, and run one after the other, each held to what it did there.

pub(super) mod kept;
mod live;
mod plan;
mod running;
mod weigh;

use trueup_database::Session;
use trueup_database::apply::{self, ApplyError, RunMigration};
use trueup_database::prove::chain::{Begun, Chain, Link, prove_chain};
use trueup_database::prove::{Rehearsal, Touched};
use trueup_database::sizes::table_sizes;
use trueup_engine::dialect::SETTINGS;
use trueup_engine::repair::Permissions;
use trueup_engine::running::mentioned;
use trueup_engine::tolerance::{Tolerated, differ};
use trueup_model::repair::{Probe, Script};
use trueup_model::run::{RunDirection, RunPlan};
use trueup_model::{Catalog, Dependencies, Difference, History, ObjectKind, QualifiedName};

use self::live::LiveState;
use self::plan::{owned, planned, planned_backup, untried};
use self::running::failed;
use self::weigh::{Weighing, weigh};
use super::Progress;
use super::load::Setting;
use super::look::Situation;
use super::stage::{fresh_shadow, make_found};
use crate::failure::Failure;

/// One script that will be run, and what the ledger is told with it.
pub(super) struct Undertaking {
    pub title: String,
    pub script: Script,
    pub migration: Option<RunMigration>,
    pub only_recorded: bool,
    pub is_proven_repair: bool,
    /// It belongs to the one before: both are taken back together.
    pub together: bool,
    /// It is part of a proven repair, or recorded because of one.
    pub of_repair: bool,
    /// Statements about rows that are not run, because it is only recorded: their places.
    pub not_run: Vec<String>,
    /// What it settles, where it is a proven repair: kinds and names of objects.
    pub settles: Vec<String>,
    /// The run that it takes back.
    pub undoes: Option<i64>,
    /// Earlier ones that no ledger knows of yet: they are recorded with it.
    pub recorded_with_it: Vec<RunMigration>,
}

/// What all of them are held to.
pub(super) struct Bounds<'a> {
    pub direction: RunDirection,
    /// The migrations that made the state that the shadow begins with.
    pub applied: &'a History,
    pub expected: &'a Catalog,
    /// What the history makes with them, where it says so.
    pub goal: Option<&'a Catalog>,
    pub allowed: &'a Permissions,
    pub who: &'a str,
    /// What of the first one an earlier run has done.
    pub begun: Begun,
    /// Whether what could be lost is backed up before.
    pub backup: bool,
}

/// Refuses while somebody else is at work: what is read then is gone in a moment.
pub(super) fn must_be_alone(session: &mut Session) -> Result<(), Failure> {
    let at_work = apply::at_work(session)
        .map_err(|error| Failure::new(format!("looking whether somebody is at work: {error}")))?;
    match at_work {
        None => Ok(()),
        Some(who) => Err(failed(&ApplyError::AlreadyRunning { who }, &[])),
    }
}

/// Tried, and ready to be run.
pub(crate) struct Ready {
    pub plan: RunPlan,
    /// What it takes to be allowed: objects by name.
    pub forbidden: Vec<String>,
    undertakings: Vec<Undertaking>,
    links: Vec<Link>,
    live: LiveState,
    settings: Vec<(&'static str, String)>,
    touched: Vec<QualifiedName>,
    /// Of these, the ones that only their owner may change like that.
    owned: Vec<QualifiedName>,
    /// Questions that found no rows: what comes until it is done would be lost.
    empty: Vec<Probe>,
    /// What a scratch server needs so that a backup can be restored there.
    applied: History,
    live_major: u32,
    who: String,
    direction: RunDirection,
}

/// Tries everything on a scratch server.
pub(super) fn ready(
    setting: &Setting,
    session: &mut Session,
    (situation, found_needs): (Situation, Dependencies),
    undertakings: Vec<Undertaking>,
    bounds: &Bounds<'_>,
    progress: Progress<'_>,
) -> Result<Ready, Failure> {
    let reading =
        |error: trueup_database::SessionError| Failure::new(format!("reading the database: {error}"));
    let live = LiveState::of(setting, &situation);
    let found = &situation.live.catalog;
    progress("replaying the history on a scratch server");
    let (mut shadow, expected_needs) = fresh_shadow(setting, bounds.applied, situation.live_major, progress)?;
    let make_found = make_found((bounds.expected, &expected_needs), (found, &found_needs));
    let scripts: Vec<Script> = undertakings.iter().map(|undertaking| undertaking.script.clone()).collect();
    let touched: Vec<Touched> = mentioned(&scripts, found)
        .into_iter()
        .map(|table| Touched { found: table.clone(), expected: table, loses: None })
        .collect();
    let arranged = &situation.preparation.schemas;
    let is_arranged = |difference: &Difference| {
        difference.path.kind == ObjectKind::Schema && arranged.contains(&difference.path.head)
    };
    let before = trueup_engine::compare(bounds.expected, found);
    // What a proven repair settles may not stay.
    let settled: Vec<&String> = undertakings.iter().flat_map(|one| &one.settles).collect();
    let stays =
        Tolerated::these(before.iter().filter(|difference| {
            !settled.contains(&&format!("{} {}", difference.path.kind, difference.path))
        }));
    let strictly = |wanted: &Catalog, there: &Catalog| differ(wanted, there);
    let to_goal = |wanted: &Catalog, there: &Catalog| -> Vec<String> {
        let besides = trueup_engine::compare(wanted, there);
        let of_schemas = Tolerated::these(besides.iter().filter(|difference| is_arranged(difference)));
        stays.clone().and(of_schemas).others(wanted, there)
    };
    let rehearsal = Rehearsal {
        found,
        expected: bounds.expected,
        make_found: &make_found,
        settings: SETTINGS,
        differ: &strictly,
        touched: &touched,
        says_again: true,
    };
    let settings = live.settings();
    progress("trying it on a scratch server");
    let chain = Chain {
        rehearsal: &rehearsal,
        settings: &borrowed(&settings),
        goal: bounds.goal,
        differ: &to_goal,
        scripts,
        begun: bounds.begun,
        repairs: repairs(&undertakings),
    };
    let proven = prove_chain(shadow.as_mut(), chain).map_err(|error| untried(error, bounds.direction))?;
    let outcome = proven.links.last().map_or(found, |link| &link.after);
    let sizes = table_sizes(session).map_err(reading)?;
    let steps = planned(&undertakings, &proven.links, found, &sizes);
    let weighing =
        Weighing { found, outcome, proven: &proven, undertakings: &undertakings, steps: &steps, bounds };
    let weighed = weigh(session, &weighing, &sizes, &settings).map_err(reading)?;
    let owned = owned(&steps);
    let forbidden =
        weighed.losses.iter().filter(|loss| !loss.allowed).map(|loss| loss.object.clone()).collect();
    let shadow = proven.links.first().map(|link| link.script.proof().shadow.clone());
    let plan = RunPlan {
        database: live.database.clone(),
        direction: bounds.direction,
        steps,
        losses: weighed.losses,
        backup: planned_backup(setting, &live.database, weighed.at_risk, &sizes, bounds.backup),
        proven_on: shadow.map_or_else(String::new, |shadow| {
            format!("a scratch PostgreSQL {} ({})", shadow.server_version, shadow.kind)
        }),
        unproven: weighed.unproven,
        notes: situation.notes,
    };
    Ok(Ready {
        plan,
        forbidden,
        undertakings,
        links: proven.links,
        live,
        settings,
        touched: touched.into_iter().map(|table| table.found).collect(),
        owned,
        empty: weighed.empty,
        applied: bounds.applied.clone(),
        live_major: situation.live_major,
        who: bounds.who.to_owned(),
        direction: bounds.direction,
    })
}

fn borrowed<'a>(settings: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    settings.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// Runs of scripts that are one proven repair each.
fn repairs(undertakings: &[Undertaking]) -> Vec<std::ops::Range<usize>> {
    let mut repairs: Vec<std::ops::Range<usize>> = Vec::new();
    for (index, undertaking) in undertakings.iter().enumerate().filter(|(_, one)| one.of_repair) {
        match repairs.last_mut() {
            Some(last) if undertaking.together && last.end == index => last.end = index + 1,
            Some(_) | None => repairs.push(index..index + 1),
        }
    }
    repairs
}

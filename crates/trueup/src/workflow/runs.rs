//! What `apply` and `undo` share: scripts are tried on a scratch server in the state of the live database, shown with
//! what they do and lose, and run one after the other, each held to what it did there.

pub(super) mod kept;
mod live;

use trueup_database::apply::{
    self, Applied, ApplyError, Direction, Event, Keeper, Limits, Run, RunMigration,
};
use trueup_database::backup;
use trueup_database::introspect::dependencies;
use trueup_database::prove::chain::{Begun, Chain, ChangedRows, Link, prove_chain};
use trueup_database::prove::{ProveError, Rehearsal, Touched};
use trueup_database::sizes::table_sizes;
use trueup_database::{Session, SessionError};
use trueup_engine::dialect::SETTINGS;
use trueup_engine::dialect::probes::any_rows;
use trueup_engine::losses::losses;
use trueup_engine::repair::Permissions;
use trueup_engine::running::mentioned;
use trueup_engine::told::{gone, told};
use trueup_engine::tolerance::{Tolerated, differ, is_about_roles};
use trueup_frameworks::LedgerItem;
use trueup_model::repair::{Lock, Probe, Script, ScriptPart, TableSize};
use trueup_model::run::{BackupPlan, Fate, PlannedLoss, PlannedRun, RunDirection, RunPlan};
use trueup_model::{Catalog, Difference, History, ObjectKind, ObjectPath, QualifiedName};

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use self::live::LiveState;
use super::Progress;
use super::backup::usual_folder;
use super::journal::about_journal;
use super::load::Setting;
use super::look::Situation;
use super::naming::permission;
use super::stage::{fresh_shadow, make_found};
use crate::exit::Exit;
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

/// Runs one of them. The connection is there for whoever has no other.
type RunOne<'a> =
    dyn FnMut(&Run<'_>, &mut Session, &mut dyn FnMut(Event)) -> Result<Applied, ApplyError> + 'a;

/// Tries everything on a scratch server.
pub(super) fn ready(
    setting: &Setting,
    session: &mut Session,
    situation: Situation,
    undertakings: Vec<Undertaking>,
    bounds: &Bounds<'_>,
    progress: Progress<'_>,
) -> Result<Ready, Failure> {
    let reading = |error: SessionError| Failure::new(format!("reading the database: {error}"));
    let found_needs = dependencies(session).map_err(reading)?;
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
    let mut at_risk: Vec<QualifiedName> = Vec::new();
    let (mut planned_losses, mut told_lost) = (Vec::new(), Vec::new());
    let mut empty = Vec::new();
    for loss in losses(found, outcome, &proven.fate, converts(&undertakings)) {
        let rows = counted(session, &loss.probe).map_err(reading)?;
        if rows.is_none() {
            empty.push(loss.probe.clone());
        }
        if let Some(rows) = rows {
            at_risk.extend(loss.object.relation().or_else(|| loss.object.qualified()));
            told_lost.push(loss.object.clone());
            planned_losses.push(PlannedLoss {
                object: permission(&loss.object, &[found]),
                what: format!("{rows} {}", loss.probe.meaning),
                allowed: bounds.allowed.allow(&loss.object),
            });
        }
    }
    if bounds.direction == RunDirection::Undo {
        for object in of_others(found, outcome, &proven.fate, bounds.expected) {
            let goes_with_table = object.relation().is_some_and(|table| {
                told_lost.contains(&ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name))
            });
            if !goes_with_table && !told_lost.contains(&object) {
                planned_losses.push(PlannedLoss {
                    object: permission(&object, &[found]),
                    what: format!("no migration makes this {}, and it goes too", object.kind.spoken()),
                    allowed: bounds.allowed.allow(&object),
                });
            }
        }
    }
    let mut unproven: Vec<String> =
        proven.unproven.iter().map(|gap| format!("{}: {}", gap.what, gap.why)).collect();
    for ChangedRows { table, problem, fewer } in proven.changed_rows {
        let path = ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name);
        let probe = any_rows(&table, "could be lost", found);
        if fewer && !told_lost.contains(&path) && counted(session, &probe).map_err(reading)?.is_some() {
            planned_losses.push(PlannedLoss {
                object: permission(&path, &[found]),
                what: format!("rows are deleted: of made-up ones, {problem}"),
                allowed: bounds.allowed.allow(&path),
            });
        } else if !fewer {
            unproven.push(format!("that rows stay as they are: of made-up ones in {table}, {problem}"));
        }
        at_risk.push(table);
    }
    let sizes = table_sizes(session).map_err(reading)?;
    let steps = planned(&undertakings, &proven.links, found, &sizes);
    at_risk.extend(steps.iter().flat_map(|step| step.rewritten.iter().cloned()));
    for part in changing_rows(&undertakings) {
        let estimate = estimated(session, part, &live.settings()).map_err(reading)?;
        for table in mentioned(&[alone(part)], found) {
            let many = match (estimate, sizes.get(&table)) {
                (Some(rows), _) => format!(" (about {rows}, as PostgreSQL estimates)"),
                (None, Some(size)) => format!(" (it has up to about {})", size.rows),
                (None, None) => String::new(),
            };
            unproven.push(format!("which rows of {table} it changes{many}: {}", part.comment));
            at_risk.push(table);
        }
    }
    // A foreign key to a table, and a trigger on it, take less than owning it.
    let takes_owner =
        |lock: &Lock| matches!(lock, Lock::ShareUpdateExclusive | Lock::Share | Lock::AccessExclusive);
    let owned: Vec<QualifiedName> = steps
        .iter()
        .flat_map(|step| &step.locks)
        .filter(|(_, lock, _)| takes_owner(lock))
        .map(|(table, _, _)| table.clone())
        .collect();
    at_risk.retain(|table| {
        found.contains(&ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name))
    });
    at_risk.sort();
    at_risk.dedup();
    let forbidden =
        planned_losses.iter().filter(|loss| !loss.allowed).map(|loss| loss.object.clone()).collect();
    let shadow = proven.links.first().map(|link| link.script.proof().shadow.clone());
    let plan = RunPlan {
        database: live.database.clone(),
        direction: bounds.direction,
        steps,
        losses: planned_losses,
        backup: planned_backup(setting, &live.database, at_risk, bounds.backup),
        proven_on: shadow.map_or_else(String::new, |shadow| {
            format!("a scratch PostgreSQL {} ({})", shadow.server_version, shadow.kind)
        }),
        unproven,
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
        empty,
        applied: bounds.applied.clone(),
        live_major: situation.live_major,
        who: bounds.who.to_owned(),
        direction: bounds.direction,
    })
}

/// What goes and was made by somebody, not by the history.
fn of_others(found: &Catalog, outcome: &Catalog, fate: &Fate, history: &Catalog) -> Vec<ObjectPath> {
    gone(found, outcome, fate).into_iter().filter(|path| !history.contains(path)).collect()
}

/// Whether a column gets its new values from an expression: then nobody knows what becomes of the old ones.
fn converts(undertakings: &[Undertaking]) -> bool {
    let mut parts = undertakings.iter().flat_map(|one| &one.script.up);
    // What the dialect writes itself was asked for value by value when the repair was planned.
    parts.any(|part| {
        let words: Vec<String> = trueup_sql::words(&part.text).collect();
        words.first().is_some_and(|first| first == "alter") && words.iter().any(|word| word == "using")
    })
}

/// Statements that change or remove rows by themselves: somebody meant that, and nobody can see which rows it is.
fn changing_rows(undertakings: &[Undertaking]) -> impl Iterator<Item = &ScriptPart> {
    let parts = undertakings.iter().flat_map(|one| &one.script.up);
    parts.filter(|part| {
        let verb = trueup_sql::classify(&part.text).verb;
        matches!(verb.as_str(), "UPDATE" | "DELETE" | "TRUNCATE" | "MERGE")
    })
}

fn alone(part: &ScriptPart) -> Script {
    Script { title: String::new(), head: Vec::new(), up: vec![part.clone()], down: Ok(Vec::new()) }
}

/// How many rows the planner expects a statement to change. It is not run; where what comes before it has to be run
/// first, nobody knows.
fn estimated(
    session: &mut Session,
    part: &ScriptPart,
    settings: &[(&'static str, String)],
) -> Result<Option<u64>, SessionError> {
    session.run("begin read only; set local lock_timeout = '1s'; set local row_security = off")?;
    for (name, value) in settings {
        session.run(&format!("set local {name} to {value}"))?;
    }
    let lines = session.rows(&format!("explain {}", part.text));
    session.run("rollback")?;
    let lines = match lines {
        Ok(lines) => lines,
        Err(SessionError::Server(_)) => return Ok(None),
        Err(lost @ SessionError::Lost(_)) => return Err(lost),
    };
    // The first line is the change, the second one is where its rows come from.
    let source = lines.get(1).and_then(|line| line.first()?.as_deref());
    let rows = source.and_then(|line| line.split_once(" rows=")?.1.split(' ').next());
    Ok(rows.and_then(|rows| rows.parse().ok()))
}

/// How many rows a question finds, in words; none where there are none. Row security would hide rows from those who
/// count: then nobody knows, and that counts as some.
fn counted(session: &mut Session, probe: &Probe) -> Result<Option<String>, SessionError> {
    session.run("begin; set local row_security = off")?;
    let count = session.value(&probe.count);
    session.run("rollback")?;
    match count {
        Ok(count) => Ok(count.filter(|count| count != "0")),
        Err(SessionError::Server(_)) => Ok(Some("an unknown number of".to_owned())),
        Err(lost @ SessionError::Lost(_)) => Err(lost),
    }
}

fn planned_backup(
    setting: &Setting,
    database: &str,
    tables: Vec<QualifiedName>,
    wanted: bool,
) -> Option<BackupPlan> {
    if tables.is_empty() || !wanted {
        return None;
    }
    let folder = usual_folder(&setting.detected.root.join(".trueup/backups"), Some(database), setting.began);
    Some(BackupPlan { tables, folder: folder.to_string() })
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

fn planned(
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

fn untried(error: ProveError, direction: RunDirection) -> Failure {
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

impl Ready {
    /// Refuses what cannot go well, before anybody is asked. Gives what is worth knowing.
    pub fn look_before(&self, setting: &Setting) -> Result<Vec<String>, Failure> {
        let mut session = setting.connect().map_err(|error| Failure::new(format!("connecting: {error}")))?;
        apply::look_before(&mut session, &self.touched, &self.owned).map_err(|error| failed(&error, &[]))
    }

    /// Backs up what could be lost, and restores it once on a scratch server. Gives what was done, in words.
    pub fn back_up(&self, setting: &Setting, progress: Progress<'_>) -> Result<Vec<String>, Failure> {
        let Some(planned) = &self.plan.backup else { return Ok(Vec::new()) };
        let folder = Utf8PathBuf::from(&planned.folder);
        if let Some(parent) = folder.parent() {
            kept::folder(&setting.detected.root)?;
            std::fs::create_dir_all(parent)
                .map_err(|error| Failure::new(format!("making the folder {parent}: {}", error.kind())))?;
        }
        let (mut shadow, _) = fresh_shadow(setting, &self.applied, self.live_major, progress)?;
        let request = backup::Request {
            database: &setting.database,
            folder: folder.as_std_path(),
            scope: backup::Scope::Tables(&planned.tables),
            method: backup::Method::BestAtHand,
            limits: backup::Limits::default(),
        };
        let backup =
            backup::take(&request, backup::Scratch::Given(shadow.as_mut()), progress).map_err(|error| {
                Failure::backing_up(error).hint("nothing was run; to do it without a backup: --no-backup")
            })?;
        let mut said = vec![format!("backed up {} rows in {folder}", backup.manifest.rows())];
        said.extend(backup.manifest.verified.not_verified.iter().map(|what| format!("not verified: {what}")));
        Ok(said)
    }

    /// Runs everything. What was done before a failure stays done and recorded.
    pub fn run(
        &self,
        setting: &Setting,
        limits: Limits,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Vec<Applied>, Failure> {
        let connecting = |error: SessionError| Failure::new(format!("connecting: {error}"));
        let mut session = setting.connect().map_err(connecting)?;
        let connect = || setting.connect();
        let Some(first) = self.undertakings.first() else { return Ok(Vec::new()) };
        // Nobody comes in between two of them.
        let direction = first.undoes.map_or(Direction::Apply, Direction::Undo);
        let mut keeper = Keeper::take(&connect, direction, &self.who).map_err(|error| failed(&error, &[]))?;
        self.each(setting, &mut session, limits, tell, &mut |run, _, told| {
            apply::apply_held(run, &connect, &mut keeper, told)
        })
    }

    /// As [`Ready::run`], on the one connection to a database that nobody else can reach.
    pub fn run_alone(
        &self,
        setting: &Setting,
        session: &mut Session,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Vec<Applied>, Failure> {
        self.each(setting, session, Limits::default(), tell, &mut |run, session, told| {
            apply::apply_alone(run, session, told)
        })
    }

    fn each(
        &self,
        setting: &Setting,
        session: &mut Session,
        limits: Limits,
        tell: &mut dyn FnMut(&str),
        apply: &mut RunOne<'_>,
    ) -> Result<Vec<Applied>, Failure> {
        let settings = borrowed(&self.settings);
        let mut done: Vec<Applied> = Vec::new();
        for (index, (undertaking, link)) in self.undertakings.iter().zip(&self.links).enumerate() {
            let before = match index {
                0 => &self.live.found,
                _ => &self.links[index - 1].after,
            };
            let ledger = self.ledger_statements(setting, session, undertaking)?;
            let settle = |catalog| self.live.settle(catalog);
            // What is new belongs to whoever made it, also where that is a member of the role that migrates.
            let of_new =
                |difference: &Difference| is_about_roles(difference) && !before.contains(&difference.path);
            let strictly =
                |wanted: &Catalog, there: &Catalog| Tolerated::default().others_but(wanted, there, &of_new);
            let run = Run {
                script: &link.script,
                direction: undertaking.undoes.map_or(Direction::Apply, Direction::Undo),
                found: before,
                expected: &link.after,
                settings: &settings,
                ledger: &ledger,
                settle: &settle,
                differ: &strictly,
                touched: &self.touched,
                owned: &self.owned,
                empty: &self.empty,
                limits,
                who: &self.who,
                migration: undertaking.migration.as_ref(),
                after: done.last(),
                together: undertaking.together,
                backup: self.plan.backup.as_ref().map(|backup| backup.folder.as_str()),
                owner: self.live.owner(),
                redact: &trueup_report::redact,
            };
            tell(&format!("{} of {}: {}", index + 1, self.undertakings.len(), undertaking.title));
            let outcome = apply(&run, session, &mut |event| tell(&spoken(&event)));
            let written = kept::write(setting, &self.live.database, undertaking, self.direction, &outcome);
            done.push(outcome.map_err(|error| failed(&error, &done))?);
            written?;
        }
        Ok(done)
    }

    fn ledger_statements(
        &self,
        setting: &Setting,
        session: &mut Session,
        undertaking: &Undertaking,
    ) -> Result<Vec<String>, Failure> {
        let Some(migration) = &undertaking.migration else { return Ok(Vec::new()) };
        let items: Vec<LedgerItem> =
            undertaking.recorded_with_it.iter().chain([migration]).map(ledger_item).collect();
        let (tool, history, ledger) = self.live.ledger(setting, session)?;
        let statements = match undertaking.undoes {
            None => tool.ledger_record(&setting.detected, &history, &ledger, &items),
            Some(_) => tool.ledger_forget(&setting.detected, &ledger, &items),
        };
        statements.map_err(Failure::new)
    }
}

fn ledger_item(migration: &RunMigration) -> LedgerItem {
    LedgerItem {
        key: migration.key.as_str().into(),
        file: migration.file.as_str().into(),
        checksum: migration.checksum.as_deref().map(Into::into),
    }
}

fn spoken(event: &Event) -> String {
    match event {
        Event::Note(note) => format!("note: {note}"),
        Event::Resumed { run, done, of } => {
            format!("run {run} was cut off after {done} of {of} statements; going on from there")
        }
        Event::Part { number, of, comment } => format!("  {number}/{of} {comment}"),
        Event::Blocked { by, attempt, pause } => {
            let who = if by.is_empty() { String::new() } else { format!(", held by {}", by.join(", ")) };
            format!("  a lock is not to be had{who}; attempt {attempt}, next in {:.1} s", pause.as_secs_f64())
        }
    }
}

fn failed(error: &ApplyError, done: &[Applied]) -> Failure {
    let mut failure = Failure::new(error);
    failure.exit = match error {
        ApplyError::AlreadyRunning { .. } | ApplyError::Locked { .. } => Exit::Locked,
        ApplyError::Changed(_) | ApplyError::NotAsProven { .. } => Exit::Refused,
        ApplyError::Refused(_) | ApplyError::Failed { .. } | ApplyError::Session { .. } => Exit::Failed,
    };
    if let ApplyError::Session { error, .. } = error {
        failure = about_journal(failure, error);
    }
    match done.len() {
        0 => failure,
        1 => failure.hint("what came before it is done and recorded"),
        many => failure.hint(format!("the {many} before it are done and recorded")),
    }
}

//! The main job: history, ledger and database side by side.

use std::collections::BTreeSet;

use trueup_database::expected::{Expected, Plan, Remembered, expected_with, remembered};
use trueup_database::live::{Live, read_live};
use trueup_database::replay::{Failure as ReplayFailure, FailureKind};
use trueup_database::{Session, SessionError};
use trueup_engine::findings::Sides;
use trueup_engine::{Claims, compare, diagnose, judge, pending};
use trueup_frameworks::{Standing, framework, standing};
use trueup_model::difference::{Change, Difference};
use trueup_model::finding::NamedCode;
use trueup_model::outcome::{DatabaseSummary, HistorySummary};
use trueup_model::{CheckOutcome, Code, Finding, History, Ledger, Migration, Severity, Text};

use super::Progress;
use super::load::Setting;
use crate::failure::Failure;

pub(crate) fn check(setting: &Setting, progress: Progress<'_>) -> Result<CheckOutcome, Failure> {
    progress("reading the migrations");
    let history = setting.read_history()?;
    progress("reading the database");
    // Nearly always everything is applied: then the expected catalog can be loaded while the server still answers.
    let everything: Vec<usize> = (0..history.migrations.len()).collect();
    let (situation, ahead) = std::thread::scope(|scope| {
        let ahead = scope.spawn(|| load_ahead(setting, &select(&history, &everything)));
        let situation = setting.open().and_then(|mut session| look(setting, &history, &mut session));
        (situation, ahead.join().ok().flatten())
    });
    let situation = situation?;
    let ahead = ahead.filter(|_| situation.standing.applied == everything);
    judge_situation(setting, &history, situation, ahead, progress)
}

fn load_ahead(setting: &Setting, history: &History) -> Option<Remembered> {
    let plan = Plan {
        request: &setting.shadow,
        opener: None,
        surroundings: &setting.surroundings,
        remember: setting.remember,
        live_major: None,
    };
    remembered(history, &plan)
}

/// The database as it is, and what its ledger means for the history.
pub(super) struct Situation {
    pub live: Live,
    pub server_version: String,
    pub live_major: u32,
    pub ledger: Ledger,
    pub standing: Standing,
    /// Sentences about how the ledger was taken.
    pub notes: Vec<String>,
}

pub(super) fn look(
    setting: &Setting,
    history: &History,
    session: &mut Session,
) -> Result<Situation, Failure> {
    let tool = framework(setting.detected.framework)
        .ok_or_else(|| Failure::new("reading the ledger: the framework is not known"))?;
    let wanted = tool.ledger_table(&setting.detected);
    let live =
        read_live(session, &wanted).map_err(|error| unreadable(setting, wanted.name.as_str(), &error))?;
    let mut notes = Vec::new();
    let reading = match &live.ledger {
        Some(found) => tool.entries(&found.rows, history),
        None => trueup_frameworks::LedgerReading::default(),
    };
    let ledger =
        Ledger { table: live.ledger.as_ref().map(|found| found.table.clone()), entries: reading.entries };
    let mut standing = standing(&setting.detected, history, &ledger);
    standing.findings.extend(reading.findings);
    if ledger.table.is_none() {
        standing = without_ledger(history, &live, &wanted.name, &mut notes, standing);
    }
    if let Some(found) = live.ledger.as_ref().filter(|found| !found.others.is_empty()) {
        let others: Vec<String> = found.others.iter().map(ToString::to_string).collect();
        notes.push(format!("the ledger is taken from {}; there is also {}", found.table, others.join(", ")));
    }
    Ok(Situation {
        server_version: session.version_text().split_whitespace().next().unwrap_or_default().to_owned(),
        live_major: session.version() / 10_000,
        live,
        ledger,
        standing,
        notes,
    })
}

fn unreadable(setting: &Setting, ledger: &str, error: &SessionError) -> Failure {
    let failure = Failure::new(format!("reading the database {}: {error}", setting.database));
    match error {
        // Everybody may read the catalogs: what is closed is the ledger.
        SessionError::Server(error) if error.sqlstate == "42501" => failure.hint(format!(
            "give the role of this URL the right to read the ledger, as its owner: `grant select on {ledger} to ROLE`, \
             and `grant usage on schema SCHEMA to ROLE` where that is missing too"
        )),
        SessionError::Server(_) | SessionError::Lost(_) => failure,
    }
}

/// Without a ledger nothing says what was applied: an empty database has everything before it, any other one is held
/// against the whole history.
fn without_ledger(
    history: &History,
    live: &Live,
    table: &Text,
    notes: &mut Vec<String>,
    standing: Standing,
) -> Standing {
    let everything: Vec<usize> = (0..history.migrations.len()).collect();
    let is_empty = live.catalog.entries().iter().all(|entry| entry.path.schema.is_none());
    if is_empty {
        notes.push(format!(
            "the database has no table {table} and nothing else either: every migration is pending"
        ));
        Standing { applied: Vec::new(), pending: everything, findings: standing.findings }
    } else {
        notes.push(format!("the database has no table {table}: every migration is taken as applied"));
        Standing { applied: everything, pending: Vec::new(), findings: standing.findings }
    }
}

pub(super) fn judge_situation(
    setting: &Setting,
    history: &History,
    situation: Situation,
    ahead: Option<Remembered>,
    progress: Progress<'_>,
) -> Result<CheckOutcome, Failure> {
    let Situation { live, server_version, live_major, ledger, standing, mut notes } = situation;
    let replayed = select(history, &standing.applied);
    let expected = expect(setting, &replayed, live_major, ahead, progress)?;
    progress("comparing");
    let claims = Claims::new(&replayed, &ledger, &expected.journal);
    let mut differences = compare(&expected.catalog, &live.catalog);
    let mut findings = history.findings.clone();
    findings.extend(standing.findings.iter().cloned());
    findings.extend(opaque_findings(&replayed));
    findings.extend(refused(&expected.failures, &claims, &mut differences));
    let unrecorded = unrecorded(
        setting,
        history,
        &standing,
        &ledger,
        (&live.catalog, live_major),
        &mut differences,
        progress,
    )?;
    pending::merge(&mut findings, unrecorded);
    let sides = Sides { expected: &expected.catalog, found: &live.catalog };
    findings.extend(judge(&differences, &sides, &claims));
    findings.sort_by(Finding::report_order);
    let surroundings =
        trueup_engine::Surroundings { search_path: Some(live.surroundings.search_path.clone()) };
    let diagnoses = diagnose(&findings, &claims, &surroundings);
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
    Ok(CheckOutcome {
        database: DatabaseSummary {
            engine: "postgresql",
            server_version: Text::new(&server_version),
            name: Text::new(&live.surroundings.database),
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
    })
}

/// The chosen migrations as a history of their own, in the given order.
pub(super) fn select(history: &History, order: &[usize]) -> History {
    let migrations: Vec<Migration> =
        order.iter().filter_map(|index| history.migrations.get(*index)).cloned().collect();
    History { migrations, findings: Vec::new(), ..history.clone() }
}

pub(super) fn expect(
    setting: &Setting,
    history: &History,
    live_major: u32,
    ahead: Option<Remembered>,
    progress: Progress<'_>,
) -> Result<Expected, Failure> {
    let opener = setting.shadow_opener();
    let plan = Plan {
        request: &setting.shadow,
        opener: opener.as_deref(),
        surroundings: &setting.surroundings,
        remember: setting.remember,
        live_major: Some(live_major),
    };
    expected_with(history, &plan, ahead, &mut |step| {
        let name = history.migrations.get(step.migration).map_or("", |migration| migration.id.as_str());
        progress(&format!("replaying {} of {}: {name}", step.done + 1, step.total));
    })
    .map_err(|error| Failure::new(format!("replaying the history on a scratch database: {error}")))
}

/// Statements that the scratch server refused. What they would have made cannot be expected, so what the database
/// has of it is not held against it, and that is said.
fn refused(
    failures: &[ReplayFailure],
    claims: &Claims<'_>,
    differences: &mut Vec<Difference>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for failure in failures {
        let origin = claims.origin_of(failure.statement);
        let text = origin
            .as_ref()
            .and_then(|origin| origin.excerpt.clone())
            .map(|text| text.to_lowercase())
            .unwrap_or_default();
        let mut left_open = Vec::new();
        differences.retain(|difference| {
            let concerned = matches!(difference.change, Change::Unexpected)
                && trueup_engine::provenance::names(&text, difference.path.name().as_str());
            if concerned {
                left_open.push(difference.path.to_string());
            }
            !concerned
        });
        let (code, severity, hint) = match &failure.kind {
            FailureKind::MissingExtension(name) => (
                NamedCode::NotChecked,
                Severity::Warning,
                format!(
                    "the scratch server has no extension {name}: give one that has it with --shadow local or --shadow URL"
                ),
            ),
            FailureKind::NeedsNewerServer(major) => (
                NamedCode::NotChecked,
                Severity::Warning,
                format!(
                    "it needs PostgreSQL {major}: give a scratch server of that version with --shadow local:FOLDER or --shadow URL"
                ),
            ),
            FailureKind::TimedOut => (
                NamedCode::NotChecked,
                Severity::Warning,
                "it took longer than a statement may take here".to_owned(),
            ),
            FailureKind::MissingLibrary => (
                NamedCode::NotChecked,
                Severity::Warning,
                "the scratch server was built or installed without it: give another one with --shadow local or \
                 --shadow URL"
                    .to_owned(),
            ),
            FailureKind::NotCaught => (
                NamedCode::NotChecked,
                Severity::Warning,
                "its code may catch this error, which the embedded PostgreSQL cannot do: give another scratch \
                 server with --shadow local or --shadow URL"
                    .to_owned(),
            ),
            FailureKind::Other => match root(failure, failures) {
                // Only a fault of the history itself says something about the history.
                Some(root) if root.kind != FailureKind::Other => (
                    NamedCode::NotChecked,
                    Severity::Info,
                    format!("it needs what {} would have made", place_of(claims, root)),
                ),
                Some(root) => (
                    NamedCode::FailedStatement,
                    Severity::Info,
                    format!("it needs what {} would have made", place_of(claims, root)),
                ),
                None => (
                    NamedCode::FailedStatement,
                    Severity::Error,
                    failure.error.hint.clone().unwrap_or_else(|| {
                        "this history cannot be run from the beginning as it stands".to_owned()
                    }),
                ),
            },
        };
        let mut finding = Finding::new(Code::Named(code), severity);
        finding.origin = origin;
        finding.found = Some(failure.error.to_string());
        finding.hint = Some(match left_open.as_slice() {
            [] => hint,
            names => format!("{hint}; not compared: {}", names.join(", ")),
        });
        findings.push(finding);
    }
    findings
}

/// The failure that a failure only follows from, at the end of the chain.
fn root<'a>(failure: &ReplayFailure, failures: &'a [ReplayFailure]) -> Option<&'a ReplayFailure> {
    let mut cause = None;
    let mut follows = failure.follows;
    while let Some(earlier) = failures.iter().find(|other| Some(other.statement) == follows) {
        // Earlier ones come first, so this ends.
        follows = earlier.follows.filter(|next| *next < earlier.statement);
        cause = Some(earlier);
    }
    cause
}

fn place_of(claims: &Claims<'_>, failure: &ReplayFailure) -> String {
    match claims.origin_of(failure.statement).and_then(|origin| origin.place) {
        Some(place) => format!("{}:{}", place.file, place.line),
        None => "an earlier statement".to_owned(),
    }
}

/// Migrations that could not be read completely.
fn opaque_findings(history: &History) -> Vec<Finding> {
    history
        .migrations
        .iter()
        .filter_map(|migration| {
            let opaque = migration.opaque.as_ref()?;
            let mut finding = Finding::new(Code::Named(NamedCode::NotChecked), Severity::Warning);
            finding.found = Some(opaque.reason.clone());
            finding.origin = Some(trueup_model::Origin {
                migration: migration.id.clone(),
                place: Some(opaque.place.clone()),
                excerpt: None,
                recorded_at: None,
            });
            finding.hint = Some("what it makes is not expected, and shows up as unexpected".to_owned());
            Some(finding)
        })
        .collect()
}

/// Pending migrations whose objects are there already.
fn unrecorded(
    setting: &Setting,
    history: &History,
    standing: &Standing,
    ledger: &Ledger,
    (found, live_major): (&trueup_model::Catalog, u32),
    differences: &mut Vec<Difference>,
    progress: Progress<'_>,
) -> Result<Vec<Finding>, Failure> {
    let anything_new = differences.iter().any(|difference| matches!(difference.change, Change::Unexpected));
    if standing.pending.is_empty() || !anything_new {
        return Ok(Vec::new());
    }
    let order: Vec<usize> = standing
        .applied
        .iter()
        .chain(standing.pending.iter().filter(|index| !standing.applied.contains(index)))
        .copied()
        .collect();
    let all = select(history, &order);
    let head = expect(setting, &all, live_major, None, progress)?;
    let claims = Claims::new(&all, ledger, &head.journal);
    let pending_numbers: BTreeSet<usize> = (standing.applied.len()..order.len()).collect();
    Ok(pending::explain(differences, &head.catalog, found, &claims, &pending_numbers))
}

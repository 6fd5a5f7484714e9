//! What is to be checked: the database as it is, and what its ledger means for the history.

use std::collections::BTreeSet;

use trueup_database::live::{
    Live, LiveError, read_live, read_live_with_dependencies, strong_locks, without_table,
};
use trueup_database::{Session, SessionError};
use trueup_engine::trace::trace;
use trueup_frameworks::{Framework, OtherLedger, Standing, detect_named, framework, other_ledgers, standing};
use trueup_model::catalog::{Entry, Object};
use trueup_model::ledger::LedgerTable;
use trueup_model::{Catalog, Dependencies, History, Ledger, ObjectKind, ObjectPath, Preparation, Text};
use trueup_sql::schema_created;

use super::load::Setting;
use crate::exit::Exit;
use crate::failure::Failure;

/// The database as it is, and what its ledger means for the history.
pub(super) struct Situation {
    pub live: Live,
    pub server_version: String,
    pub live_major: u32,
    pub ledger: Ledger,
    pub standing: Standing,
    /// What the tool arranges, with the schemas of its search path that somebody made by hand.
    pub preparation: Preparation,
    /// Ledgers of other tools, where there is none of the one at hand.
    pub other_ledgers: Vec<OtherLedger>,
    /// Sentences about how the ledger was taken.
    pub notes: Vec<String>,
}

pub(super) fn look(
    setting: &Setting,
    history: &mut History,
    session: &mut Session,
) -> Result<Situation, Failure> {
    let (tool, wanted) = tool_with_ledger(setting)?;
    let live = read_live(session, &wanted).map_err(|error| unreadable(setting, &error, session))?;
    situation(setting, (tool, &wanted), history, live, session)
}

/// The same, with what needs what in the database.
pub(super) fn look_with_dependencies(
    setting: &Setting,
    history: &mut History,
    session: &mut Session,
) -> Result<(Situation, Dependencies), Failure> {
    let (tool, wanted) = tool_with_ledger(setting)?;
    let (live, needs) = read_live_with_dependencies(session, &wanted)
        .map_err(|error| unreadable(setting, &error, session))?;
    Ok((situation(setting, (tool, &wanted), history, live, session)?, needs))
}

fn tool_with_ledger(setting: &Setting) -> Result<(&'static dyn Framework, LedgerTable), Failure> {
    let tool = framework(setting.detected.framework)
        .ok_or_else(|| Failure::new("reading the ledger: the framework is not known"))?;
    Ok((tool, tool.ledger_table(&setting.detected)))
}

fn situation(
    setting: &Setting,
    (tool, wanted): (&dyn Framework, &LedgerTable),
    history: &mut History,
    mut live: Live,
    session: &mut Session,
) -> Result<Situation, Failure> {
    let mut notes = Vec::new();
    if let Some(found) = &live.ledger {
        setting.settled(history, &found.rows);
    }
    let history: &History = history;
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
    let mut other_ledgers = Vec::new();
    if ledger.table.is_none() {
        other_ledgers = leave_out_other_ledgers(setting, history, &mut live);
        let is_new = standing.applied.is_empty();
        notes.extend(other_ledgers.iter().map(|other| pointed_out(setting, other, is_new)));
    }
    notes.extend(hidden(&live));
    // Who may not read the journal is not told of it.
    if let Ok(Some(run)) = trueup_database::apply::unfinished(session) {
        notes.push(format!(
            "run {} ({}) stopped after {} of its statements: trueup apply goes on with it",
            run.run, run.title, run.done
        ));
    }
    Ok(Situation {
        preparation: with_schemas_of_path(history, &live.catalog),
        other_ledgers,
        server_version: session.version_text().split_whitespace().next().unwrap_or_default().to_owned(),
        live_major: session.version() / 10_000,
        live,
        ledger,
        standing,
        notes,
    })
}

/// A schema that is first in the search path, that the database has and no migration makes, was there before them.
fn with_schemas_of_path(history: &History, found: &Catalog) -> Preparation {
    let mut preparation = history.preparation.clone();
    let created: BTreeSet<String> = history
        .migrations
        .iter()
        .flat_map(|migration| &migration.up)
        .filter_map(|statement| schema_created(&statement.text))
        .map(|created| created.name)
        .collect();
    for schema in &history.preparation.search_path {
        let is_usual = matches!(schema.as_str(), "$user" | "public");
        let is_there = found.contains(&ObjectPath::global(ObjectKind::Schema, schema));
        if is_there
            && !is_usual
            && !created.contains(schema.as_str())
            && !preparation.schemas.contains(schema)
        {
            preparation.schemas.push(schema.clone());
        }
    }
    preparation
}

/// The database was migrated by another tool than the one that the files are read for: its table is nobody's surprise.
fn leave_out_other_ledgers(setting: &Setting, history: &History, live: &mut Live) -> Vec<OtherLedger> {
    let mut others = other_ledgers(&setting.detected, live.catalog.entries().iter().map(|entry| &entry.path));
    // A history that makes such a table itself has it compared.
    let speaks_of = |name: &str| {
        let mut statements = history.migrations.iter().flat_map(|migration| &migration.up);
        statements.any(|statement| statement.text.contains(name))
    };
    others.retain(|other| !speaks_of(other.table.name.as_str()));
    for other in &others {
        live.catalog = without_table(std::mem::take(&mut live.catalog), &other.table);
    }
    others
}

fn pointed_out(setting: &Setting, other: &OtherLedger, is_new: bool) -> String {
    if is_new {
        return format!(
            "the database has the ledger of {} ({}), and is shared with another project",
            other.framework, other.table
        );
    }
    let said = format!(
        "the migrations are read as those of {}, but the database has the ledger of {} ({})",
        setting.detected.framework, other.framework, other.table
    );
    // Only what can be read so is worth trying.
    match detect_named(&setting.detected.root, other.framework) {
        Ok(found) if !found.is_empty() => {
            format!("{said}: to read them with that, use --framework {}", other.framework)
        }
        Ok(_) | Err(_) => format!("{said}, which has no migrations here"),
    }
}

/// What this role may not see.
fn hidden(live: &Live) -> Option<String> {
    let is_hidden = |entry: &&Entry| match &entry.object {
        Object::Plain(plain) => entry.path.kind == ObjectKind::UserMapping && plain.properties.is_empty(),
        _ => false,
    };
    let hidden = live.catalog.entries().iter().filter(is_hidden).count();
    (hidden > 0).then(|| {
        format!(
            "{} may not see the options of {hidden} user {}: they are not compared",
            live.surroundings.user,
            if hidden == 1 { "mapping" } else { "mappings" }
        )
    })
}

fn unreadable(setting: &Setting, error: &LiveError, session: &mut Session) -> Failure {
    let mut failure = Failure::new(format!("reading the database {}: {error}", setting.database));
    match error {
        LiveError::Catalog(SessionError::Server(error))
        | LiveError::Ledger { error: SessionError::Server(error), .. }
            if error.is_about_a_lock() =>
        {
            failure.exit = Exit::Locked;
            let holders = strong_locks(session).unwrap_or_default();
            failure.hint(match holders.is_empty() {
                true => "try again; it has just been let go".to_owned(),
                false => format!("try again when it is let go: {}", holders.join("; ")),
            })
        }
        LiveError::Ledger { table, error: SessionError::Server(error) } if error.sqlstate == "42501" => {
            let schema = trueup_sql::quote_ident_if_needed(table.schema.as_str());
            let name = trueup_sql::quote_ident_if_needed(table.name.as_str());
            failure.hint(format!(
                "give the role of this URL the right to read the ledger, as its owner: \
                 `grant usage on schema {schema} to ROLE; grant select on {schema}.{name} to ROLE`"
            ))
        }
        LiveError::Ledger { .. } | LiveError::Catalog(_) => failure,
    }
}

/// Without a ledger: an empty database has everything before it. So has one that has nothing of what the migrations
/// make, where their tool keeps a ledger always. Any other one is held against the whole history.
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
        return Standing { applied: Vec::new(), pending: everything, findings: standing.findings };
    }
    match (trace(history, &live.catalog), history.framework) {
        (None, framework) if framework != PLAIN => {
            notes.push(format!(
                "the database has no table {table}, which {framework} makes before anything else, and nothing that \
                 these migrations make: every migration is pending"
            ));
            Standing { applied: Vec::new(), ..standing }
        }
        (Some(path), framework) if framework != PLAIN => {
            notes.push(format!(
                "the database has no table {table}, but {}, as the migrations make it: every migration is taken as \
                 applied",
                path.written()
            ));
            Standing { applied: everything, pending: Vec::new(), findings: standing.findings }
        }
        (Some(_) | None, _) => {
            notes.push(format!("the database has no table {table}: every migration is taken as applied"));
            Standing { applied: everything, pending: Vec::new(), findings: standing.findings }
        }
    }
}

/// Folders of files that anything can run, most of all people: nobody has to keep a ledger.
const PLAIN: &str = "plain";

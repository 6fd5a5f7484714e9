//! Shows on a shadow what a repair does before it may do it anywhere else.
//!
//! The shadow holds the expected state, replayed. The found state is made of it by the opposite repair, and has to be
//! the same as the live catalog: otherwise what follows would be about another database. From there on everything is
//! run as it will be run, with rows in the tables that are touched, and read back by the same code that reads the live
//! database. Only this file can say that something is proven.

pub mod chain;
pub mod effects;
mod identity;
mod marks;
mod roles;
pub(crate) mod rows;
pub(crate) mod run;
mod seed;

use trueup_model::catalog::Object;
use trueup_model::proof::{Fingerprints, NotProven, Proof, ProofShadow, RowsKept};
use trueup_model::repair::{Repair, Script, ScriptPart, Step};
use trueup_model::{Catalog, Dependencies, Ident, ObjectKind, ObjectPath, QualifiedName};
use trueup_sql::quote_literal;

use crate::fingerprint;
use crate::introspect::{introspect, introspect_with_dependencies};
use crate::live::without_runs;
use crate::session::{Session, SessionError};
use crate::shadow::Shadow;

use identity::Numbered;
pub use rows::{Touched, touched};
use run::{run_parts, run_step};

/// What a proof is made from.
#[derive(Clone, Copy)]
pub struct Rehearsal<'a> {
    /// The live catalog, as it was read.
    pub found: &'a Catalog,
    /// What the shadow holds when it is handed over.
    pub expected: &'a Catalog,
    /// The repair of the other direction: from the expected state to the found one. Only a shadow ever sees it.
    pub make_found: &'a Repair,
    /// Names and values under which all statements are run.
    pub settings: &'a [(&'a str, &'a str)],
    /// Where two catalogs differ, expected first, in words.
    pub differ: &'a dyn Fn(&Catalog, &Catalog) -> Vec<String>,
    pub touched: &'a [Touched],
    /// Some steps say again what holds already (a comment, an owner), which changes nothing and writes a row of the
    /// system catalogs: then only rows of tables tell whether a run changed something.
    pub says_again: bool,
}

/// Something that was proven, together with how. It can only be made here.
#[derive(Clone, Debug)]
pub struct Proven<T> {
    value: T,
    proof: Proof,
}

impl<T> Proven<T> {
    pub fn value(&self) -> &T {
        &self.value
    }

    pub fn proof(&self) -> &Proof {
        &self.proof
    }
}

impl Proven<Script> {
    /// The way back, where it was run too and led to where the way began.
    pub fn reversed(&self) -> Option<Proven<Script>> {
        let down = self.value.down.as_ref().ok().filter(|_| self.proof.way_back == Some(true))?;
        let value = Script {
            title: format!("undo {}", self.value.title),
            head: Vec::new(),
            up: down.clone(),
            down: Ok(self.value.up.clone()),
        };
        let Fingerprints { found, expected, script: _ } = self.proof.fingerprints;
        let script = fingerprint::of_script(&value);
        let fingerprints = Fingerprints { found: expected, expected: found, script };
        Some(Proven { value, proof: Proof { fingerprints, ..self.proof.clone() } })
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// It does not do what it should, or nobody can tell.
    #[error("{}", .0.spoken())]
    Unproven(Unproven),
    #[error("proving the repair on a shadow: {0}")]
    Session(#[from] SessionError),
}

/// What did not come out as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unproven {
    pub stage: Stage,
    /// Differences, or the error of a statement.
    pub because: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The shadow does not hold the expected state.
    Expected,
    /// The found state could not be made.
    Found,
    Measured,
    /// One of [`trueup_model::proof::STATEMENTS`], counted from 0.
    Statement(usize),
    /// A migration cannot be run on a shadow, or is refused there.
    Run,
    /// Migrations do not lead where their history says.
    Goal,
    Rows,
    WayBack,
}

impl Unproven {
    fn spoken(&self) -> String {
        let what = match self.stage {
            Stage::Expected => "the shadow does not hold the expected state",
            Stage::Found => "the found state cannot be made again on a shadow",
            Stage::Measured => "the steps of the repair do not lead to the expected state on a shadow",
            Stage::Statement(0) => "the repair does not lead from the found state to the expected one",
            Stage::Statement(1) => "a second run of the repair changes something",
            Stage::Statement(_) => "the repair changes a database that is as expected",
            Stage::Run => "the migrations cannot be run on a shadow",
            Stage::Goal => "the migrations do not lead to what the history makes",
            Stage::Rows => "the repair changes rows that it should keep",
            Stage::WayBack => "the way back does not lead to the found state",
        };
        format!("{what}: {}", self.because.join("; "))
    }
}

/// Runs the steps of a repair one by one from the found state, and writes down for each of them the definition of its
/// object before and after. The shadow holds the expected state before and after.
pub fn measure(
    shadow: &mut dyn Shadow,
    rehearsal: &Rehearsal<'_>,
    repair: &mut Repair,
) -> Result<(), ProveError> {
    must_equal(shadow, rehearsal, Stage::Expected, rehearsal.expected)?;
    make_found(shadow, rehearsal)?;
    measure_steps(shadow, rehearsal.settings, repair)?;
    must_equal(shadow, rehearsal, Stage::Measured, rehearsal.expected)
}

/// Runs steps one by one from the state that a shadow is in, and writes down the definitions around each of them.
pub fn measure_steps(
    shadow: &mut dyn Shadow,
    settings: &[(&str, &str)],
    repair: &mut Repair,
) -> Result<(), ProveError> {
    for step in &mut repair.steps {
        let guarded = !step.guard.query.is_empty();
        if guarded {
            step.guard.before = Some(definition(shadow.session(), settings, step)?);
        }
        run_step(shadow.session(), settings, step).map_err(refused(Stage::Measured))?;
        if guarded {
            step.guard.after = Some(definition(shadow.session(), settings, step)?);
        }
    }
    for step in repair.steps.iter_mut().filter(|step| !step.guard.query.is_empty()) {
        step.guard.finally = Some(definition(shadow.session(), settings, step)?);
    }
    Ok(())
}

/// Runs steps as they are, without guards.
pub fn run_steps(
    shadow: &mut dyn Shadow,
    settings: &[(&str, &str)],
    repair: &Repair,
) -> Result<(), ProveError> {
    repair
        .steps
        .iter()
        .try_for_each(|step| run_step(shadow.session(), settings, step).map_err(refused(Stage::Measured)))
}

/// Shows that a script leads from the state that a shadow is in to the expected one, and then changes nothing more.
pub fn prove_elsewhere(
    shadow: &mut dyn Shadow,
    rehearsal: &Rehearsal<'_>,
    script: &Script,
) -> Result<(), ProveError> {
    run_parts(shadow.session(), rehearsal.settings, &script.up).map_err(refused(Stage::Statement(2)))?;
    must_equal(shadow, rehearsal, Stage::Statement(2), rehearsal.expected)?;
    changes_nothing(shadow, rehearsal, &script.up, Stage::Statement(1))
}

/// Proves a script. The shadow holds the expected state before; afterwards it is of no further use.
pub fn prove(
    shadow: &mut dyn Shadow,
    rehearsal: &Rehearsal<'_>,
    script: Script,
) -> Result<Proven<Script>, ProveError> {
    let mut unproven = Vec::new();
    let tables: Vec<_> = rehearsal.touched.iter().collect();

    must_equal(shadow, rehearsal, Stage::Expected, rehearsal.expected)?;
    changes_nothing(shadow, rehearsal, &script.up, Stage::Statement(2))?;

    make_found(shadow, rehearsal)?;
    seed::seed(shadow.session(), rehearsal, &mut unproven)?;
    let seeded = Numbered::look(shadow.session())?;
    let before = rows::read_all(shadow.session(), &tables, rehearsal, rows::Side::Found)?;
    let after = match run_parts(shadow.session(), rehearsal.settings, &script.up) {
        Err(error) if is_about_rows(&error.error) => {
            unproven.push(NotProven {
                what: "that rows are kept".to_owned(),
                why: format!("the rows that were made up are in the way of the repair: {error}"),
            });
            seed::empty(shadow.session(), rehearsal, &seeded)?;
            run_parts(shadow.session(), rehearsal.settings, &script.up)
                .map_err(refused(Stage::Statement(0)))?;
            None
        }
        outcome => {
            outcome.map_err(refused(Stage::Statement(0)))?;
            Some(rows::read_all(shadow.session(), &tables, rehearsal, rows::Side::Expected)?)
        }
    };
    must_equal(shadow, rehearsal, Stage::Statement(0), rehearsal.expected)?;
    let kept = match &after {
        Some(after) => kept_rows(&tables, &before, after, &mut unproven)?,
        None => Vec::new(),
    };
    changes_nothing(shadow, rehearsal, &script.up, Stage::Statement(1))?;

    let way_back = match &script.down {
        Err(_) => None,
        Ok(down) => Some(leads_back(shadow, rehearsal, down, &mut unproven)?),
    };
    let proof = Proof {
        fingerprints: Fingerprints {
            found: fingerprint::of_catalog(rehearsal.found),
            expected: fingerprint::of_catalog(rehearsal.expected),
            script: fingerprint::of_script(&script),
        },
        rows: kept,
        shadow: ProofShadow {
            kind: shadow.kind(),
            server_version: shadow.capabilities().version_text.clone(),
        },
        way_back,
        unproven,
    };
    Ok(Proven { value: script, proof })
}

/// Whether the way back leads back. A repair is worth having without one, so this is no reason to refuse it.
fn leads_back(
    shadow: &mut dyn Shadow,
    rehearsal: &Rehearsal<'_>,
    down: &[ScriptPart],
    unproven: &mut Vec<NotProven>,
) -> Result<bool, ProveError> {
    let outcome = run_parts(shadow.session(), rehearsal.settings, down)
        .map_err(refused(Stage::WayBack))
        .and_then(|()| must_equal(shadow, rehearsal, Stage::WayBack, rehearsal.found));
    match outcome {
        Ok(()) => Ok(true),
        Err(ProveError::Unproven(problem)) => {
            unproven.push(NotProven { what: "the way back".to_owned(), why: problem.because.join("; ") });
            Ok(false)
        }
        Err(error @ ProveError::Session(_)) => Err(error),
    }
}

fn make_found(shadow: &mut dyn Shadow, rehearsal: &Rehearsal<'_>) -> Result<(), ProveError> {
    roles::supply(shadow, rehearsal.found)?;
    for step in &rehearsal.make_found.steps {
        run_step(shadow.session(), rehearsal.settings, step).map_err(refused(Stage::Found))?;
    }
    break_indexes(shadow.session(), rehearsal.found)?;
    must_equal(shadow, rehearsal, Stage::Found, rehearsal.found)
}

/// No statement makes an index that is not valid: a build has to be broken off for that, or the mark be set.
fn break_indexes(session: &mut Session, found: &Catalog) -> Result<(), ProveError> {
    for entry in found.entries() {
        let Object::Index(index) = &entry.object else { continue };
        let Some(table) = entry.path.relation().filter(|_| !index.valid) else { continue };
        let name = rows::written(&QualifiedName { schema: table.schema, name: entry.path.part.clone() });
        session
            .run(&format!(
                "begin; set local allow_system_table_mods = on; update pg_catalog.pg_index set indisvalid = false \
                 where indexrelid = pg_catalog.to_regclass({}); commit",
                quote_literal(&name)
            ))
            .or_else(|error| {
                session.run("rollback")?;
                Err(error)
            })
            .map_err(|error| refused(Stage::Found)(run::Refused { doing: format!("breaking index {name}"), error }))?;
    }
    Ok(())
}

/// Runs parts that have nothing to do: afterwards no row of the system catalogs and of the tables may be a new one.
fn changes_nothing(
    shadow: &mut dyn Shadow,
    rehearsal: &Rehearsal<'_>,
    parts: &[ScriptPart],
    stage: Stage,
) -> Result<(), ProveError> {
    let before = marks::read(shadow.session(), rehearsal.touched)?;
    run_parts(shadow.session(), rehearsal.settings, parts).map_err(refused(stage))?;
    must_equal(shadow, rehearsal, stage, rehearsal.expected)?;
    let mut written = marks::changed(&before, &marks::read(shadow.session(), rehearsal.touched)?);
    written.retain(|table| !rehearsal.says_again || !table.starts_with("pg_catalog."));
    if written.is_empty() {
        return Ok(());
    }
    let because = written.into_iter().map(|table| format!("rows of {table} were written anew")).collect();
    Err(ProveError::Unproven(Unproven { stage, because }))
}

fn must_equal(
    shadow: &mut dyn Shadow,
    rehearsal: &Rehearsal<'_>,
    stage: Stage,
    wanted: &Catalog,
) -> Result<(), ProveError> {
    let there = state(shadow.session())?;
    let because = (rehearsal.differ)(wanted, &there);
    if because.is_empty() { Ok(()) } else { Err(ProveError::Unproven(Unproven { stage, because })) }
}

/// The catalog of a shadow without what is ours in it.
pub fn state(session: &mut Session) -> Result<Catalog, SessionError> {
    let catalog = introspect(session)?;
    Ok(without_ours(catalog).migrated_by(Some(migrator(session)?)))
}

/// The same, with what needs what.
pub fn state_with_dependencies(session: &mut Session) -> Result<(Catalog, Dependencies), SessionError> {
    let (catalog, needs) = introspect_with_dependencies(session)?;
    let migrator = migrator(session)?;
    let needs = needs.migrated_by(Some(&migrator));
    Ok((without_ours(catalog).migrated_by(Some(migrator)), needs))
}

fn migrator(session: &mut Session) -> Result<Ident, SessionError> {
    Ok(Ident::new(session.value("select current_user")?.unwrap_or_default()))
}

fn without_ours(catalog: Catalog) -> Catalog {
    without_runs(catalog.without(is_replays))
}

fn is_replays(path: &ObjectPath) -> bool {
    let schema = match path.kind {
        ObjectKind::Schema => Some(&path.head),
        _ => path.schema.as_ref(),
    };
    schema.is_some_and(|schema| schema.as_str() == crate::replay::SCHEMA)
}

fn definition(
    session: &mut Session,
    settings: &[(&str, &str)],
    step: &Step,
) -> Result<Option<String>, ProveError> {
    run::begin(session, settings)?;
    let definition = session.value(&step.guard.query);
    session.run("rollback")?;
    definition.map_err(|error| match error {
        SessionError::Server(error) => ProveError::Unproven(Unproven {
            stage: Stage::Measured,
            because: vec![format!("asking for the definition of {}: {error}", step.object)],
        }),
        lost @ SessionError::Lost(_) => lost.into(),
    })
}

fn kept_rows(
    tables: &[&Touched],
    before: &[Option<rows::TableRows>],
    after: &[Option<rows::TableRows>],
    unproven: &mut Vec<NotProven>,
) -> Result<Vec<RowsKept>, ProveError> {
    let mut kept = Vec::new();
    for ((table, before), after) in tables.iter().zip(before).zip(after) {
        if let Some(loses) = &table.loses {
            unproven.push(NotProven {
                what: format!("that the rows of {} are kept", table.found),
                why: loses.clone(),
            });
            continue;
        }
        let (Some(before), Some(after)) = (before, after) else { continue };
        if let Some(problem) = before.lost(after) {
            let because = vec![format!("table {}: {problem}", table.found)];
            return Err(ProveError::Unproven(Unproven { stage: Stage::Rows, because }));
        }
        if before.rows == 0 {
            continue;
        }
        if !before.changed.is_empty() {
            unproven.push(NotProven {
                what: format!("that every value of {} is kept", table.found),
                why: format!("another type: {}", before.changed.join(", ")),
            });
        }
        kept.push(RowsKept { table: table.expected.clone(), rows: before.rows, columns: before.columns });
    }
    Ok(kept)
}

/// Classes 22 and 23: values that cannot be converted, and constraints that they violate.
fn is_about_rows(error: &SessionError) -> bool {
    error.server().is_some_and(|error| error.sqlstate.starts_with("22") || error.sqlstate.starts_with("23"))
}

fn refused(stage: Stage) -> impl FnOnce(run::Refused) -> ProveError {
    move |refused| match refused.error {
        SessionError::Server(_) => {
            ProveError::Unproven(Unproven { stage, because: vec![refused.to_string()] })
        }
        lost @ SessionError::Lost(_) => ProveError::Session(lost),
    }
}

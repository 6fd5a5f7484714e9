//! What a run would cost: what is lost for good, what is backed up before, and what nobody could show.

use std::collections::BTreeMap;

use trueup_database::prove::chain::{ChangedRows, Links};
use trueup_database::{Session, SessionError};
use trueup_engine::dialect::probes::{any_rows, key_of};
use trueup_engine::losses::losses;
use trueup_engine::running::mentioned;
use trueup_engine::told::gone;
use trueup_model::repair::{Probe, Script, ScriptPart, TableSize};
use trueup_model::run::{PlannedLoss, PlannedRun, RunDirection};
use trueup_model::{Catalog, ObjectKind, ObjectPath, QualifiedName};

use super::{Bounds, Undertaking};
use crate::workflow::naming::permission;

/// What is to be weighed.
pub(super) struct Weighing<'a> {
    pub found: &'a Catalog,
    pub outcome: &'a Catalog,
    pub proven: &'a Links,
    pub undertakings: &'a [Undertaking],
    pub steps: &'a [PlannedRun],
    pub bounds: &'a Bounds<'a>,
}

#[derive(Default)]
pub(super) struct Weighed {
    pub losses: Vec<PlannedLoss>,
    /// Tables that are backed up before.
    pub at_risk: Vec<QualifiedName>,
    pub unproven: Vec<String>,
    /// Questions that found no rows.
    pub empty: Vec<Probe>,
    /// What was told already.
    told: Vec<ObjectPath>,
}

/// Asks the database about everything that could be lost.
pub(super) fn weigh(
    session: &mut Session,
    weighing: &Weighing<'_>,
    sizes: &BTreeMap<QualifiedName, TableSize>,
    settings: &[(&'static str, String)],
) -> Result<Weighed, SessionError> {
    let mut weighed = Weighed::default();
    weighed.goes_for_good(session, weighing)?;
    if weighing.bounds.direction == RunDirection::Undo {
        weighed.goes_with_it(weighing);
    }
    let unproven = &weighing.proven.unproven;
    weighed.unproven.extend(unproven.iter().map(|gap| format!("{}: {}", gap.what, gap.why)));
    for changed in &weighing.proven.changed_rows {
        weighed.changed(session, weighing, changed)?;
    }
    weighed.at_risk.extend(weighing.steps.iter().flat_map(|step| step.rewritten.iter().cloned()));
    for part in changing_rows(weighing.undertakings) {
        let estimate = estimated(session, part, settings)?;
        for table in mentioned(&[alone(part)], weighing.found) {
            let many = match (estimate, sizes.get(&table)) {
                (Some(rows), _) => format!(" (about {rows}, as PostgreSQL estimates)"),
                (None, Some(size)) => format!(" (it has up to about {})", size.rows),
                (None, None) => String::new(),
            };
            weighed.unproven.push(format!("which rows of {table} it changes{many}: {}", part.comment));
            weighed.at_risk.push(table);
        }
    }
    weighed.at_risk.retain(|table| weighing.found.contains(&path_of(table)));
    weighed.at_risk.sort();
    weighed.at_risk.dedup();
    Ok(weighed)
}

impl Weighed {
    fn lost(&mut self, weighing: &Weighing<'_>, object: ObjectPath, what: String) {
        self.losses.push(PlannedLoss {
            object: permission(&object, &[weighing.found]),
            what,
            allowed: weighing.bounds.allowed.allow(&object),
        });
        self.told.push(object);
    }

    fn goes_for_good(&mut self, session: &mut Session, weighing: &Weighing<'_>) -> Result<(), SessionError> {
        let Weighing { found, outcome, proven, undertakings, .. } = weighing;
        for loss in losses(found, outcome, &proven.fate, converts(undertakings)) {
            match counted(session, &loss.probe)? {
                None => self.empty.push(loss.probe),
                Some(rows) => {
                    self.at_risk.extend(loss.object.relation().or_else(|| loss.object.qualified()));
                    self.lost(weighing, loss.object, format!("{rows} {}", loss.probe.meaning));
                }
            }
        }
        Ok(())
    }

    /// What was made by somebody, not by the history.
    fn goes_with_it(&mut self, weighing: &Weighing<'_>) {
        let Weighing { found, outcome, proven, bounds, .. } = weighing;
        let all = gone(found, outcome, &proven.fate);
        for object in all.into_iter().filter(|path| !bounds.expected.contains(path)) {
            let table = object.relation().map(|table| path_of(&table));
            if !table.is_some_and(|table| self.told.contains(&table)) && !self.told.contains(&object) {
                let what = format!("no migration makes this {}, and it goes too", object.kind.spoken());
                self.lost(weighing, object, what);
            }
        }
    }

    fn changed(
        &mut self,
        session: &mut Session,
        weighing: &Weighing<'_>,
        ChangedRows { table, problem, fewer }: &ChangedRows,
    ) -> Result<(), SessionError> {
        let path = path_of(table);
        let probe = any_rows(table, "could be lost", key_of(table, weighing.found));
        if !fewer {
            let line = format!("that rows stay as they are: of made-up ones in {table}, {problem}");
            self.unproven.push(line);
        } else if !self.told.contains(&path) && counted(session, &probe)?.is_some() {
            self.lost(weighing, path, format!("rows are deleted: of made-up ones, {problem}"));
        }
        self.at_risk.push(table.clone());
        Ok(())
    }
}

fn path_of(table: &QualifiedName) -> ObjectPath {
    ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name)
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

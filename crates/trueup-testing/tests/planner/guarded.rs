//! A repair as it will be run: steps measured one by one, written as a guarded script, and the script run.

use trueup_database::Session;
use trueup_engine::dialect::SETTINGS;
use trueup_engine::script;
use trueup_model::repair::{Repair, Script, ScriptPart, Step};

use super::shown;

/// Introspection sets what it needs; statements need something else.
pub fn set_all(session: &mut Session) {
    let each: Vec<String> =
        SETTINGS.iter().map(|(name, value)| format!("set local {name} = {value}")).collect();
    session.run(&each.join("; ")).expect("settings");
}

/// The script of a repair from the state that the session sees, which is as it was afterwards.
pub fn scripted(session: &mut Session, repair: &mut Repair) -> Result<Script, String> {
    set_all(session);
    session.run("savepoint measured").expect("a savepoint");
    for number in 0..repair.steps.len() {
        let step = &mut repair.steps[number];
        step.guard.before = Some(definition(session, step)?);
        if let Err(error) = run_statements(session, &step.statements) {
            session.run("rollback to savepoint measured").expect("a rollback");
            return Err(format!("{error}\n{}", shown(repair)));
        }
        let step = &mut repair.steps[number];
        step.guard.after = Some(definition(session, step)?);
    }
    for step in &mut repair.steps {
        step.guard.finally = Some(definition(session, step)?);
    }
    session.run("rollback to savepoint measured").expect("a rollback");
    script::guard_by_what_it_makes_way_for(repair);
    Ok(script::script(repair, "repair", Vec::new()))
}

fn definition(session: &mut Session, step: &Step) -> Result<Option<String>, String> {
    session
        .value(&step.guard.query)
        .map_err(|error| format!("asking for the definition of {}: {error}", step.object))
}

fn run_statements(session: &mut Session, statements: &[String]) -> Result<(), String> {
    for statement in statements {
        session.run(statement).map_err(|error| format!("{error}\n      {statement}"))?;
    }
    Ok(())
}

/// Runs a script within a transaction.
pub fn run_parts(session: &mut Session, parts: &[ScriptPart]) -> Result<(), String> {
    set_all(session);
    for part in parts {
        session.run(&part.text).map_err(|error| format!("{}: {error}\n{}", part.comment, part.text))?;
    }
    Ok(())
}

/// How many rows this transaction has written so far, of the system's tables and of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenRows {
    pub of_system: u64,
    pub of_others: u64,
}

pub fn rows_written(session: &mut Session) -> WrittenRows {
    let rows = session
        .rows(
            "select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del) filter (where schemaname in ('pg_catalog', \
             'pg_toast')), 0), coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del) filter (where schemaname not in \
             ('pg_catalog', 'pg_toast')), 0) from pg_catalog.pg_stat_xact_all_tables",
        )
        .expect("what was written");
    let number = |at: usize| rows[0][at].as_deref().unwrap_or("0").parse().expect("a number");
    WrittenRows { of_system: number(0), of_others: number(1) }
}

/// Runs a script that has nothing to do.
pub fn changes_nothing(session: &mut Session, script: &Script, says_again: bool) -> Result<(), String> {
    let before = rows_written(session);
    run_parts(session, &script.up)?;
    let after = rows_written(session);
    if after.of_others != before.of_others || (!says_again && after.of_system != before.of_system) {
        return Err(format!("wrote rows although there was nothing to do: {before:?} {after:?}"));
    }
    Ok(())
}

/// What it says again, it says whether or not it holds already.
pub fn says_again(repair: &Repair) -> bool {
    repair.steps.iter().any(|step| step.guard.before == step.guard.after)
}

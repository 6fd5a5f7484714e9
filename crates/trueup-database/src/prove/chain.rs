//! Shows on a shadow what migrations do to a database as it is now, one after the other.
//!
//! A repair is proven by more than that (see the file above); a migration that somebody wrote only has to lead where
//! the history says. What it does on the way is what `apply` holds the live database to, migration by migration.

use std::ops::Range;

use trueup_model::proof::{Fingerprints, NotProven, Proof, ProofShadow};
use trueup_model::repair::{Script, ScriptPart};
use trueup_model::run::Fate;
use trueup_model::{Catalog, QualifiedName};

use super::effects::{Before, Effects};
use super::identity::Numbered;
use super::rows::{self, Side, TableRows};
use super::run::{self, Refused};
use super::{
    ProveError, Proven, Rehearsal, Stage, Unproven, changes_nothing, is_about_rows, make_found, must_equal,
    refused, seed, state,
};
use crate::apply::DONE_ALREADY;
use crate::fingerprint;
use crate::replay::untried;
use crate::session::SessionError;
use crate::shadow::Shadow;

/// What is to be run, on what, and where it has to lead.
pub struct Chain<'a> {
    /// The live state, and how a shadow gets there.
    pub rehearsal: &'a Rehearsal<'a>,
    /// Names and values under which the scripts are run: those that the tool would set.
    pub settings: &'a [(&'a str, &'a str)],
    /// What the history makes with these migrations, where it says so.
    pub goal: Option<&'a Catalog>,
    /// Where the outcome is not the goal, in words.
    pub differ: &'a dyn Fn(&Catalog, &Catalog) -> Vec<String>,
    pub scripts: Vec<Script>,
    /// What of the first script an earlier run has done.
    pub begun: Begun,
    /// Positions of scripts that are one repair: together they change nothing when they are run again.
    pub repairs: Vec<Range<usize>>,
}

/// Parts that are done, and whether the next one may be done too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Begun {
    pub done: usize,
    pub doing: bool,
}

/// One migration, and what the database is after it.
#[derive(Clone, Debug)]
pub struct Link {
    pub script: Proven<Script>,
    pub after: Catalog,
    pub effects: Effects,
    pub fate: Fate,
}

/// What becomes of made-up rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRows {
    pub table: QualifiedName,
    pub problem: String,
    /// Some are gone.
    pub fewer: bool,
}

/// All of them, and what they do to rows.
#[derive(Clone, Debug)]
pub struct Links {
    pub links: Vec<Link>,
    /// Tables that lose rows, or whose values become others; of those that were filled for the proof.
    pub changed_rows: Vec<ChangedRows>,
    pub fate: Fate,
    pub unproven: Vec<NotProven>,
}

/// Proves migrations in their order. The shadow holds the expected state before, and is of no further use afterwards.
pub fn prove_chain(shadow: &mut dyn Shadow, chain: Chain<'_>) -> Result<Links, ProveError> {
    let rehearsal = chain.rehearsal;
    let mut unproven = Vec::new();
    can_be_tried(shadow, &chain.scripts)?;
    must_equal(shadow, rehearsal, Stage::Expected, rehearsal.expected)?;
    make_found(shadow, rehearsal)?;
    seed::seed(shadow.session(), rehearsal, &mut unproven)?;
    // Rows are compared in the columns that the database keeps.
    let view = Rehearsal { expected: chain.goal.unwrap_or(rehearsal.found), ..*rehearsal };
    let tables: Vec<_> = rehearsal.touched.iter().collect();
    let before = rows::read_all(shadow.session(), &tables, &view, Side::Found)?;
    let mut seeded = true;
    let numbered = Numbered::look(shadow.session())?;
    let mut states = vec![state(shadow.session())?];
    let mut all_effects = Vec::new();
    for (index, script) in chain.scripts.iter().enumerate() {
        let mut effects = Effects::default();
        let before_it = Numbered::look(shadow.session())?;
        shadow.session().run("discard all")?;
        let Begun { done, doing } = if index == 0 { chain.begun } else { Begun::default() };
        for (number, parts) in run::chunks(script.up.get(done..).unwrap_or_default()).enumerate() {
            let outcome = match chunk(shadow, chain.settings, parts) {
                Err(error) if seeded && is_about_rows(&error.error) => {
                    unproven.push(NotProven {
                        what: "that rows are kept".to_owned(),
                        why: format!("the rows that were made up are in the way: {error}"),
                    });
                    seeded = false;
                    seed::empty(shadow.session(), rehearsal, &numbered)?;
                    chunk(shadow, chain.settings, parts)
                }
                Err(error) if doing && number == 0 && is_done_already(&error) => Ok(Effects::default()),
                outcome => outcome,
            };
            effects.add(outcome.map_err(refused(Stage::Run))?);
        }
        all_effects.push((effects, before_it.fate(shadow.session())?));
        states.push(state(shadow.session())?);
    }
    let outcome = states.last().unwrap_or(rehearsal.found);
    let because = chain.goal.map(|goal| (chain.differ)(goal, outcome)).unwrap_or_default();
    if !because.is_empty() {
        return Err(ProveError::Unproven(Unproven { stage: Stage::Goal, because }));
    }
    let changed_rows = if seeded {
        let after = rows::read_all(shadow.session(), &tables, &view, Side::Expected)?;
        changed(rehearsal, &before, &after)
    } else {
        Vec::new()
    };
    let fate = numbered.fate(shadow.session())?;
    // What comes after a repair may build on it: it is run again only where it is the last.
    for repair in chain.repairs.iter().filter(|repair| repair.end == chain.scripts.len()) {
        let parts: Vec<ScriptPart> =
            chain.scripts[repair.clone()].iter().flat_map(|script| script.up.clone()).collect();
        let there = Rehearsal { expected: outcome, settings: chain.settings, says_again: true, ..*rehearsal };
        changes_nothing(shadow, &there, &parts, Stage::Statement(1))?;
    }
    let ways_back = ways_back(shadow, &chain, &states)?;
    // The first one starts from the very catalog that was read from the live database.
    states[0] = rehearsal.found.clone();
    let links = chain
        .scripts
        .into_iter()
        .zip(all_effects)
        .zip(ways_back)
        .zip(states.windows(2))
        .map(|(((script, (effects, fate)), way_back), states)| {
            let fingerprints = Fingerprints {
                found: fingerprint::of_catalog(&states[0]),
                expected: fingerprint::of_catalog(&states[1]),
                script: fingerprint::of_script(&script),
            };
            let shadow = ProofShadow {
                kind: shadow.kind(),
                server_version: shadow.capabilities().version_text.clone(),
            };
            let proof = Proof { fingerprints, rows: Vec::new(), shadow, way_back, unproven: Vec::new() };
            Link { script: Proven { value: script, proof }, after: states[1].clone(), effects, fate }
        })
        .collect();
    Ok(Links { links, changed_rows, fate, unproven })
}

/// A shadow does not touch what is not its own: such a statement cannot be shown to do anything.
fn can_be_tried(shadow: &mut dyn Shadow, scripts: &[Script]) -> Result<(), ProveError> {
    let parts = || scripts.iter().flat_map(|script| &script.up);
    let reasons = untried(shadow, parts().map(|part| part.text.as_str()))?;
    let because: Vec<String> = parts()
        .zip(reasons)
        .filter_map(|(part, reason)| Some(format!("{}: {}", part.comment, reason?)))
        .collect();
    if because.is_empty() {
        return Ok(());
    }
    Err(ProveError::Unproven(Unproven { stage: Stage::Run, because }))
}

fn is_done_already(refused: &Refused) -> bool {
    refused.error.server().is_some_and(|error| DONE_ALREADY.contains(&error.sqlstate.as_str()))
}

fn chunk(
    shadow: &mut dyn Shadow,
    settings: &[(&str, &str)],
    parts: &[ScriptPart],
) -> Result<Effects, Refused> {
    let session = shadow.session();
    let looking = |error: SessionError| Refused { doing: "looking at the locks".to_owned(), error };
    let before = Before::look(session).map_err(looking)?;
    let mut effects = Effects::default();
    run::run_chunk(session, settings, parts, &mut |session| {
        effects = before.effects(session)?;
        Ok(())
    })?;
    Ok(effects)
}

fn changed(
    rehearsal: &Rehearsal<'_>,
    before: &[Option<TableRows>],
    after: &[Option<TableRows>],
) -> Vec<ChangedRows> {
    let both = before.iter().zip(after);
    rehearsal
        .touched
        .iter()
        .zip(both)
        .filter_map(|(table, (before, after))| {
            let (before, after) = (before.as_ref()?, after.as_ref()?);
            // More rows than before are no loss.
            let problem = before.lost(after).filter(|_| after.rows <= before.rows)?;
            Some(ChangedRows { table: table.found.clone(), problem, fewer: after.rows < before.rows })
        })
        .collect()
}

/// Whether the way back of each script leads to where it began; what is one repair goes back together. From one that
/// does not, nobody gets further back.
fn ways_back(
    shadow: &mut dyn Shadow,
    chain: &Chain<'_>,
    states: &[Catalog],
) -> Result<Vec<Option<bool>>, ProveError> {
    let mut ways = vec![None; chain.scripts.len()];
    let mut end = chain.scripts.len();
    while end > 0 {
        let repair = chain.repairs.iter().find(|repair| repair.end == end);
        let group = repair.cloned().unwrap_or(end - 1..end);
        let mut led = true;
        for script in chain.scripts[group.clone()].iter().rev() {
            let Ok(down) = &script.down else { return Ok(ways) };
            shadow.session().run("discard all")?;
            match run::run_parts(shadow.session(), chain.settings, down) {
                Ok(()) => {}
                Err(Refused { error: SessionError::Server(_), .. }) => led = false,
                Err(Refused { error: lost @ SessionError::Lost(_), .. }) => return Err(lost.into()),
            }
        }
        led &= (chain.rehearsal.differ)(&states[group.start], &state(shadow.session())?).is_empty();
        ways[group.clone()].fill(Some(led));
        if !led {
            break;
        }
        end = group.start;
    }
    Ok(ways)
}

//! Pending migrations as scripts, each with its proof where it is a repair, and with what belongs together.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use trueup_database::apply::RunMigration;
use trueup_engine::dialect::schema_if_missing;
use trueup_engine::running::as_script;
use trueup_model::repair::{Script, ScriptPart};
use trueup_model::{History, Migration, ObjectKind, ObjectPath};
use trueup_report::ProofFile;
use trueup_sql::Effect;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::workflow::load::Setting;
use crate::workflow::look::Situation;
use crate::workflow::proofs::{self, Beside};
use crate::workflow::runs::Undertaking;

/// A proof, and where it stands.
type Placed = (Utf8PathBuf, Box<ProofFile>);

/// The proofs beside migrations. A file that is not what was proven is not run.
fn proofs_of(
    setting: &Setting,
    history: &History,
    (pending, recorded): (&[usize], &BTreeSet<usize>),
) -> Result<Vec<Option<Placed>>, Failure> {
    let proof = |index: &usize| match proofs::beside(setting, &history.migrations[*index].file)? {
        Beside::Proven(place, proof) => Ok(Some((place, proof))),
        Beside::Changed { proof, file } => Err(changed(&proof, &file)),
        Beside::Lost { proof } if !recorded.contains(index) => {
            Err(lost(&history.migrations[*index].file, &proof))
        }
        Beside::Lost { .. } | Beside::Nothing => Ok(None),
    };
    pending.iter().map(proof).collect()
}

pub(super) fn undertakings(
    setting: &Setting,
    history: &History,
    situation: &Situation,
    pending: &[usize],
    recorded: &BTreeSet<usize>,
) -> Result<Vec<Undertaking>, Failure> {
    let mut arrangements = missing_schemas(history, situation);
    let proofs = proofs_of(setting, history, (pending, recorded))?;
    // Of two files of one repair, the first takes back all of it.
    let mut taken_back: BTreeSet<&Utf8PathBuf> = BTreeSet::new();
    let mut last: Option<&Utf8PathBuf> = None;
    let mut undertakings = Vec::new();
    for (index, proof) in pending.iter().zip(&proofs) {
        let migration = &history.migrations[*index];
        let only_recorded = recorded.contains(index);
        let mut script = if only_recorded {
            let why = "recorded without having been run".to_owned();
            Script { title: migration.id.to_string(), head: Vec::new(), up: Vec::new(), down: Err(why) }
        } else {
            as_script(migration).map_err(|error| {
                let mut failure = Failure::new(format!(
                    "applying {}: {}:{}: {}",
                    migration.id, error.place.file, error.place.line, error.reason
                ));
                failure.exit = Exit::Refused;
                failure.hint("run it with its own tool; what comes before it is applied with --to MIGRATION")
            })?
        };
        if !only_recorded {
            script.up.splice(0..0, std::mem::take(&mut arrangements));
        }
        let own = proof.as_ref();
        let because_of = proofs
            .iter()
            .flatten()
            .find(|(_, proof)| proof.recorded.iter().any(|recorded| recorded == migration.id.as_str()));
        let place = own.map(|(place, _)| place).or_else(|| because_of.map(|(place, _)| place));
        match (own, because_of) {
            (Some((place, proof)), _) if migration.down.is_none() && !only_recorded => {
                let whole = proof.way_back_parts();
                if !whole.is_empty() {
                    script.down = Ok(if taken_back.insert(place) { whole } else { Vec::new() });
                }
            }
            // With the repair, only its row of the ledger goes.
            (None, Some((_, proof))) if only_recorded && !proof.way_back_parts().is_empty() => {
                script.down = Ok(Vec::new());
            }
            (Some(_) | None, _) => {}
        }
        undertakings.push(Undertaking {
            title: migration.id.to_string(),
            script,
            migration: Some(run_migration(history, migration)),
            only_recorded,
            is_proven_repair: own.is_some(),
            together: place.is_some() && place == last,
            of_repair: place.is_some(),
            not_run: if only_recorded { about_rows(migration) } else { Vec::new() },
            settles: own.map(|(_, proof)| proof.settles.clone()).unwrap_or_default(),
            undoes: None,
            recorded_with_it: Vec::new(),
        });
        last = place;
    }
    Ok(undertakings)
}

/// What the tool makes before its first migration.
fn missing_schemas(history: &History, situation: &Situation) -> Vec<ScriptPart> {
    let is_there = |schema: &&trueup_model::Ident| {
        situation.live.catalog.contains(&ObjectPath::global(ObjectKind::Schema, (*schema).clone()))
    };
    history
        .preparation
        .schemas
        .iter()
        .filter(|schema| !is_there(schema))
        .map(|schema| ScriptPart::new(format!("make the schema {schema}"), schema_if_missing(schema), true))
        .collect()
}

fn changed(proof: &Utf8PathBuf, file: &str) -> Failure {
    let mut failure =
        Failure::new(format!("applying: {file} was changed after it had been proven ({proof})"));
    failure.exit = Exit::Refused;
    failure
        .hint("put back what was written, or make the repair again: trueup repair")
        .hint(format!(
            "to run it as a migration of your own, remove {proof} and the line in the head of the file that names it"
        ))
}

fn lost(file: &str, proof: &str) -> Failure {
    let mut failure =
        Failure::new(format!("applying: {file} is a proven repair, and its proof is missing ({proof})"));
    failure.exit = Exit::Refused;
    failure
        .hint("bring the proof back from where the file comes from, or make the repair again: trueup repair")
        .hint("to run it as a migration of your own, remove the line in the head of the file that names the proof")
}

/// Statements of which no catalog shows whether they ran.
fn about_rows(migration: &Migration) -> Vec<String> {
    let statements = migration.up.iter().filter(|statement| {
        matches!(trueup_sql::classify(&statement.text).effect, Effect::Data | Effect::Unknown)
    });
    statements
        .map(|statement| {
            let verb = trueup_sql::classify(&statement.text).verb;
            format!("{}:{}: {verb} …", statement.place.file, statement.place.line)
        })
        .collect()
}

pub(super) fn run_migration(history: &History, migration: &Migration) -> RunMigration {
    RunMigration {
        tool: history.framework.to_owned(),
        key: migration.key.to_string(),
        file: migration.file.to_string(),
        checksum: migration.checksum.as_ref().map(ToString::to_string),
    }
}

//! Migrations of a plain folder.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest, Sha256};
use trueup_model::finding::NamedCode;
use trueup_model::history::{Opaque, TransactionMode};
use trueup_model::{History, Migration, Place, Severity, Statement, Text};

use crate::detect::Detected;
use crate::folder::shown;
use crate::framework::ReadError;
use crate::naming::{compare_numbers, leading_digits};
use crate::plain::NAME;
use crate::plain::files::{Candidate, collect};
use crate::plain::follow::{Followed, Surroundings, follow};
use crate::reporting::{Fault, file_finding, ignored_file};
use crate::source::{Reading, UNREADABLE_HINT, hexadecimal, migration};
use crate::words::changes_schema;

pub(crate) fn read(detected: &Detected) -> Result<History, ReadError> {
    let surroundings = Surroundings { root: &detected.root, history: &detected.folder };
    let files = collect(&detected.folder)?;
    let mut read: Vec<(Candidate, Followed)> = files
        .candidates
        .into_iter()
        .map(|candidate| {
            let followed = follow(&surroundings, &candidate.path);
            (candidate, followed)
        })
        .collect();
    drop_included(&mut read);
    let any_numbered = read.iter().any(|(candidate, _)| candidate.numbered);
    place_masters(&mut read);

    let mut reading = Reading::new();
    for (candidate, followed) in read {
        if any_numbered && !candidate.numbered && !followed.only_includes {
            report_unnumbered(&mut reading, &detected.root, &candidate, &followed);
            continue;
        }
        add(&mut reading, &surroundings, &candidate, followed);
    }
    for path in files.stray_downs {
        let problem = "there is no migration that this is the way back from";
        let hint = "restore its migration, or remove the file";
        reading.findings.push(ignored_file(&shown(&detected.root, &path), problem, hint));
    }
    report_same_numbers(&mut reading);
    Ok(reading.finish(NAME, detected))
}

/// What another file includes is not a migration of its own. Of files that include each other the first one stays.
fn drop_included(read: &mut Vec<(Candidate, Followed)>) {
    let includes: Vec<(Utf8PathBuf, BTreeSet<Utf8PathBuf>)> = read
        .iter()
        .map(|(candidate, followed)| (candidate.path.clone(), followed.included.iter().cloned().collect()))
        .collect();
    let mut at = 0;
    read.retain(|_| {
        let (own, own_includes) = &includes[at];
        let included = includes.iter().enumerate().any(|(other_at, (other, other_includes))| {
            other != own && other_includes.contains(own) && (!own_includes.contains(other) || other_at < at)
        });
        at += 1;
        !included
    });
}

/// A file of includes has the place of the first file that it includes.
fn place_masters(read: &mut [(Candidate, Followed)]) {
    read.sort_by(|(left, left_followed), (right, right_followed)| {
        let place = |candidate: &Candidate, followed: &Followed| -> Option<String> {
            if candidate.numbered || !followed.only_includes {
                return None;
            }
            followed.included.first().and_then(|path| path.file_stem()).map(str::to_owned)
        };
        let left_place = place(left, left_followed).unwrap_or_else(|| left.key.clone());
        let right_place = place(right, right_followed).unwrap_or_else(|| right.key.clone());
        crate::naming::compare_naturally(&left_place, &right_place)
    });
}

fn add(reading: &mut Reading, surroundings: &Surroundings<'_>, candidate: &Candidate, followed: Followed) {
    let file = shown(surroundings.root, &candidate.path).into();
    let mut migration = migration(&candidate.key, &candidate.key, &file, TransactionMode::PerStatement);
    migration.checksum = checksum(&candidate.path, &followed.included);
    fill(reading, &mut migration, followed);
    reading.expect_body(&migration);
    if let Some(down) = &candidate.down {
        let way_back = follow(surroundings, down);
        let broken =
            way_back.unreadable.iter().chain(way_back.unfollowed.iter().map(|lost| &lost.fault)).next();
        match broken {
            None => migration.down = Some(way_back.statements),
            Some(fault) => reading.findings.push(file_finding(
                NamedCode::UnreadableMigration,
                Severity::Warning,
                &candidate.key,
                fault,
                "the way back of this migration cannot be used as it is",
            )),
        }
    }
    reading.migrations.push(migration);
}

fn fill(reading: &mut Reading, migration: &mut Migration, followed: Followed) {
    migration.up = followed.statements;
    for fault in &followed.unreadable {
        reading.mar(migration, fault, UNREADABLE_HINT);
    }
    for lost in followed.unfollowed {
        if lost.matters && migration.opaque.is_none() {
            migration.opaque =
                Some(Opaque { reason: lost.fault.message.clone(), place: lost.fault.place.clone() });
        }
        let severity = if lost.matters { Severity::Warning } else { Severity::Info };
        let id = migration.id.clone();
        reading.findings.push(file_finding(
            NamedCode::UnfollowedCommand,
            severity,
            id.as_str(),
            &lost.fault,
            lost.hint,
        ));
    }
}

/// SHA-256 over the file and everything that it includes.
fn checksum(path: &Utf8Path, included: &[Utf8PathBuf]) -> Option<Text> {
    let mut hasher = Sha256::new();
    hasher.update(std::fs::read(path).ok()?);
    for path in included {
        hasher.update(std::fs::read(path).ok()?);
    }
    Some(Text::new(hexadecimal(&hasher.finalize())))
}

/// Beside numbered files one without a number has no place in the order. Only what would change the schema matters.
fn report_unnumbered(reading: &mut Reading, root: &Utf8Path, candidate: &Candidate, followed: &Followed) {
    let first: Option<&Statement> =
        followed.statements.iter().find(|statement| changes_schema(&statement.text));
    if let Some(statement) = first {
        let file = shown(root, &candidate.path);
        let message = format!("{file} has no number, so its place among the migrations is not known");
        reading.findings.push(file_finding(
            NamedCode::NotChecked,
            Severity::Info,
            &candidate.key,
            &Fault::new(message, statement.place.clone()),
            "give it a number, or include it from a numbered file",
        ));
    }
}

/// Two people took the same number: the names decide, and that may not be what they meant.
fn report_same_numbers(reading: &mut Reading) {
    let number = |migration: &Migration| {
        let key = migration.key.as_str();
        let bare = key.strip_prefix(['V', 'v']).unwrap_or(key);
        leading_digits(bare).filter(|_| !key.contains('/')).map(|(digits, _)| digits.to_owned())
    };
    for pair in 1..reading.migrations.len() {
        let (left, right) = (&reading.migrations[pair - 1], &reading.migrations[pair]);
        let (Some(one), Some(two)) = (number(left), number(right)) else { continue };
        if compare_numbers(&one, &two).is_eq() {
            let message = format!("{} and {} have the same number {two}", left.file, right.file);
            let fault = Fault::new(message, Place::start_of(right.file.clone()));
            reading.findings.push(file_finding(
                NamedCode::DuplicateId,
                Severity::Warning,
                right.id.as_str(),
                &fault,
                "they run in the order of their names; give one of them a number of its own",
            ));
        }
    }
}

//! The whole report in a few words: what was compared, how it ended, what to type next.

use trueup_model::Severity;
use trueup_model::outcome::Diagnosis;

use crate::report::Report;
use crate::{escape, plural, words};

/// One side of the comparison: its name, and in brackets what to know about it.
pub struct Side {
    pub name: String,
    pub remark: String,
}

/// The database and the history.
pub fn sides(report: &Report) -> [Side; 2] {
    let (database, history) = (&report.database, &report.history);
    let mut remark = plural::count(history.migrations, &format!("{} migration", history.framework));
    if history.pending > 0 {
        remark.push_str(&format!(", {} not applied", plural::number(history.pending)));
    }
    if history.opaque > 0 {
        remark.push_str(&format!(", {} not readable", plural::number(history.opaque)));
    }
    [
        Side {
            name: escape::line(database.name.as_str()),
            remark: format!(
                "({} {})",
                engine_name(database.engine),
                escape::line(database.server_version.as_str())
            ),
        },
        Side { name: escape::line(history.root.as_str()), remark: format!("({remark})") },
    ]
}

/// Which schemas were compared, and where the expected state comes from.
pub fn surroundings(report: &Report) -> String {
    let shadow = &report.shadow;
    let schemas: Vec<String> =
        report.database.schemas.iter().map(|schema| escape::line(schema.as_str())).collect();
    let schemas = match schemas.as_slice() {
        [] => "no schema".to_owned(),
        [only] => format!("schema {only}"),
        several => format!("schemas {}", several.join(", ")),
    };
    let server = match shadow.kind {
        "embedded" => "an embedded",
        "local" => "a local",
        "url" => "the given",
        other => other,
    };
    let version = escape::line(shadow.server_version.as_str());
    let earlier = if shadow.from_cache { ", known from an earlier run" } else { "" };
    format!("{schemas}; history replayed on {server} PostgreSQL {version}{earlier}")
}

/// The whole report in one line, also the last line of formats that go into a log.
pub fn verdict(report: &Report, threshold: Severity) -> String {
    if !report.findings.is_empty() {
        return format!("{}: {}", counts(report), exit_meaning(report, threshold));
    }
    let history = &report.history;
    let mut parts = vec![plural::count(history.applied, "migration")];
    if report.database.tables > 0 {
        parts.push(plural::count(report.database.tables, "table"));
    }
    let mut verdict = format!("{}: the database is what its history says", parts.join(", "));
    if history.pending > 0 {
        verdict.push_str(&format!("; {} not applied yet", plural::count(history.pending, "migration")));
    }
    if history.opaque > 0 {
        verdict.push_str(&format!("; {} not readable", plural::count(history.opaque, "migration")));
    }
    verdict
}

/// `3 errors, 1 warning`
pub fn counts(report: &Report) -> String {
    plural::by_severity(|severity| report.count(severity))
}

pub fn exit_meaning(report: &Report, threshold: Severity) -> String {
    if report.fails(threshold) {
        "the check fails (exit code 2)".to_owned()
    } else {
        format!("nothing as grave as {threshold}, the check passes (exit code 0)")
    }
}

/// `wrong schema`: the word of the contract, as people write it.
pub fn cause_words(diagnosis: &Diagnosis) -> String {
    diagnosis.cause.word().replace('-', " ")
}

/// The first advice of the first diagnosis that has one; `None` where there is none.
pub fn next_command(report: &Report) -> Option<String> {
    let advice = report.diagnoses.iter().find_map(|numbered| numbered.diagnosis.next.first());
    advice.map(|command| escape::line(command))
}

fn engine_name(engine: &str) -> &str {
    match engine {
        "postgresql" => "PostgreSQL",
        "sqlite" => "SQLite",
        other => other,
    }
}

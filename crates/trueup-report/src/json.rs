//! JSON for programs: the versioned contract, in types of its own.
//!
//! Change it only together with [`VERSION`]. Fields that do not apply are `null`; only `table` and `arguments` of an
//! object are left out where they have no meaning.

use serde::Serialize;

use trueup_model::outcome::{DatabaseSummary, HistorySummary, ShadowSummary};
use trueup_model::{ObjectPath, Origin, Severity};

use crate::report::{NumberedDiagnosis, Report, ReportedFinding};
use crate::{Format, Style, escape};

pub const FORMAT: Format = Format {
    name: "json",
    purpose: "for programs: the versioned contract, trueup.check",
    has_notes: false,
    render,
};

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Check<'a> {
    format: &'static str,
    version: u32,
    database: Database<'a>,
    history: History,
    shadow: Shadow<'a>,
    diagnoses: Vec<Diagnosis<'a>>,
    findings: Vec<Finding<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Database<'a> {
    engine: &'static str,
    server_version: &'a str,
    name: &'a str,
    schemas: Vec<&'a str>,
}

#[derive(Serialize)]
struct History {
    framework: &'static str,
    migrations: usize,
    applied: usize,
    pending: usize,
    opaque: usize,
}

#[derive(Serialize)]
struct Shadow<'a> {
    kind: &'static str,
    server_version: &'a str,
    from_cache: bool,
}

#[derive(Serialize)]
struct Diagnosis<'a> {
    id: &'a str,
    cause: &'static str,
    confidence: &'static str,
    summary: &'a str,
    evidence: &'a [String],
    findings: &'a [String],
    next: &'a [String],
}

#[derive(Serialize)]
struct Finding<'a> {
    id: &'a str,
    code: String,
    severity: &'static str,
    object: Option<Object<'a>>,
    aspect: Option<&'static str>,
    expected: Option<&'a str>,
    found: Option<&'a str>,
    origin: Option<Provenance<'a>>,
    hint: Option<&'a str>,
}

#[derive(Serialize)]
struct Object<'a> {
    kind: &'static str,
    schema: Option<&'a str>,
    /// What a part belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a str>,
}

#[derive(Serialize)]
struct Provenance<'a> {
    migration: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    recorded_at: Option<&'a str>,
}

#[derive(Serialize)]
struct Summary {
    error: usize,
    warning: usize,
    info: usize,
}

fn render(report: &Report, _: &Style) -> String {
    document(&Check {
        format: "trueup.check",
        version: VERSION,
        database: database(&report.database),
        history: history(&report.history),
        shadow: shadow(&report.shadow),
        diagnoses: report.diagnoses.iter().map(diagnosis).collect(),
        findings: report.findings.iter().map(finding).collect(),
        summary: Summary {
            error: report.count(Severity::Error),
            warning: report.count(Severity::Warning),
            info: report.count(Severity::Info),
        },
    })
}

/// Any of our documents as text: indented by two, invisible characters spelled out.
pub fn document(value: &impl Serialize) -> String {
    let document = serde_json::to_string_pretty(value)
        .expect("types made of texts, numbers and lists can always be written as JSON");
    escape::json(&document) + "\n"
}

fn database(database: &DatabaseSummary) -> Database<'_> {
    Database {
        engine: database.engine,
        server_version: database.server_version.as_str(),
        name: database.name.as_str(),
        schemas: database.schemas.iter().map(|schema| schema.as_str()).collect(),
    }
}

fn history(history: &HistorySummary) -> History {
    History {
        framework: history.framework,
        migrations: history.migrations,
        applied: history.applied,
        pending: history.pending,
        opaque: history.opaque,
    }
}

fn shadow(shadow: &ShadowSummary) -> Shadow<'_> {
    Shadow {
        kind: shadow.kind,
        server_version: shadow.server_version.as_str(),
        from_cache: shadow.from_cache,
    }
}

fn diagnosis(numbered: &NumberedDiagnosis) -> Diagnosis<'_> {
    let diagnosis = &numbered.diagnosis;
    Diagnosis {
        id: &numbered.id,
        cause: diagnosis.cause.word(),
        confidence: diagnosis.confidence.word(),
        summary: &diagnosis.summary,
        evidence: &diagnosis.evidence,
        findings: &diagnosis.findings,
        next: &diagnosis.next,
    }
}

fn finding(reported: &ReportedFinding) -> Finding<'_> {
    let finding = &reported.finding;
    Finding {
        id: &reported.id,
        code: finding.code.to_string(),
        severity: finding.severity.word(),
        object: finding.object.as_ref().map(object),
        aspect: finding.aspect,
        expected: finding.expected.as_deref(),
        found: finding.found.as_deref(),
        origin: finding.origin.as_ref().map(provenance),
        hint: finding.hint.as_deref(),
    }
}

fn object(path: &ObjectPath) -> Object<'_> {
    Object {
        kind: path.kind.word(),
        schema: path.schema.as_ref().map(|schema| schema.as_str()),
        table: path.is_part().then(|| path.head.as_str()),
        name: path.name().as_str(),
        arguments: path.arguments.as_ref().map(|arguments| arguments.as_str()),
    }
}

fn provenance(origin: &Origin) -> Provenance<'_> {
    Provenance {
        migration: origin.migration.as_str(),
        file: origin.place.as_ref().map(|place| &*place.file),
        line: origin.place.as_ref().map(|place| place.line),
        recorded_at: origin.recorded_at.as_ref().map(|recorded_at| recorded_at.as_str()),
    }
}

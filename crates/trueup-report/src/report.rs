//! An outcome made ready to be shown: everything redacted, findings with their ids and sentences, diagnoses numbered.
//!
//! Formats receive this type and nothing else, so that none of them can forget to redact.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use trueup_model::outcome::{DatabaseSummary, Diagnosis, HistorySummary, ShadowSummary};
use trueup_model::{CheckOutcome, Finding, Ident, ObjectPath, Origin, Place, Severity, Text};

use crate::redact::redact;
use crate::words;

#[derive(Clone, Debug)]
pub struct Report {
    pub database: DatabaseSummary,
    pub history: HistorySummary,
    pub shadow: ShadowSummary,
    pub diagnoses: Vec<NumberedDiagnosis>,
    /// In report order.
    pub findings: Vec<ReportedFinding>,
    pub notes: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct NumberedDiagnosis {
    /// `d1`, `d2`, …: by position, valid in one report only.
    pub id: String,
    pub diagnosis: Diagnosis,
}

#[derive(Clone, Debug)]
pub struct ReportedFinding {
    /// As [`Finding::id`] of the finding before it was redacted, so that it is the one that diagnoses name.
    pub id: String,
    pub finding: Finding,
    /// As [`crate::sentence`].
    pub sentence: String,
}

/// Findings that are shown together: those of one diagnosis, or those that none explains.
pub(crate) struct Group<'a> {
    pub diagnosis: Option<&'a NumberedDiagnosis>,
    pub findings: Vec<&'a ReportedFinding>,
}

impl Report {
    pub fn new(outcome: &CheckOutcome) -> Self {
        let CheckOutcome { database, history, shadow, diagnoses, findings, notes } = outcome;
        Self {
            database: DatabaseSummary {
                server_version: redacted(&database.server_version),
                name: redacted(&database.name),
                schemas: database.schemas.iter().map(redacted).collect(),
                ..database.clone()
            },
            history: HistorySummary { root: redacted(&history.root), ..history.clone() },
            shadow: ShadowSummary { server_version: redacted(&shadow.server_version), ..shadow.clone() },
            diagnoses: diagnoses.iter().zip(1..).map(numbered).collect(),
            findings: findings.iter().map(reported).collect(),
            notes: notes.iter().map(|note| redact(note)).collect(),
        }
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|reported| reported.finding.severity == severity).count()
    }

    /// Whether something was found that fails the check.
    pub fn fails(&self, threshold: Severity) -> bool {
        self.findings.iter().any(|reported| reported.finding.severity >= threshold)
    }

    /// The findings by diagnosis, in the order of the diagnoses; last those without one. A finding that several
    /// diagnoses explain stands in the first. Within a group, what belongs to one object stands together, at the
    /// place of its gravest finding.
    pub(crate) fn groups(&self) -> Vec<Group<'_>> {
        let mut by_id = HashMap::<&str, Vec<usize>>::new();
        for (index, reported) in self.findings.iter().enumerate() {
            by_id.entry(&reported.id).or_default().push(index);
        }
        let mut taken = HashSet::new();
        let mut groups = Vec::new();
        for numbered in &self.diagnoses {
            let mut indexes = Vec::new();
            for id in &numbered.diagnosis.findings {
                for &index in by_id.get(id.as_str()).into_iter().flatten() {
                    if taken.insert(index) {
                        indexes.push(index);
                    }
                }
            }
            indexes.sort_unstable();
            groups.push(self.group(Some(numbered), indexes));
        }
        groups.push(
            self.group(None, (0..self.findings.len()).filter(|index| !taken.contains(index)).collect()),
        );
        groups.retain(|group| !group.findings.is_empty());
        groups
    }

    fn group<'a>(&'a self, diagnosis: Option<&'a NumberedDiagnosis>, indexes: Vec<usize>) -> Group<'a> {
        let mut first_of_object = HashMap::new();
        let mut findings: Vec<_> = indexes
            .into_iter()
            .map(|index| {
                let reported = &self.findings[index];
                let whole = reported.finding.object.as_ref().map(|path| (&path.schema, &path.head));
                (*first_of_object.entry(whole).or_insert(index), index, reported)
            })
            .collect();
        findings.sort_by_key(|(first, index, _)| (*first, *index));
        Group { diagnosis, findings: findings.into_iter().map(|(_, _, reported)| reported).collect() }
    }
}

fn numbered((diagnosis, number): (&Diagnosis, usize)) -> NumberedDiagnosis {
    let Diagnosis { cause, confidence, summary, evidence, findings, next } = diagnosis;
    NumberedDiagnosis {
        id: format!("d{number}"),
        diagnosis: Diagnosis {
            cause: *cause,
            confidence: *confidence,
            summary: redact(summary),
            evidence: evidence.iter().map(|text| redact(text)).collect(),
            findings: findings.clone(),
            next: next.iter().map(|command| redact(command)).collect(),
        },
    }
}

fn reported(finding: &Finding) -> ReportedFinding {
    let id = finding.id();
    let Finding { code, severity, object, aspect, expected, found, origin, hint } = finding;
    let finding = Finding {
        code: *code,
        severity: *severity,
        object: object.as_ref().map(redacted_path),
        aspect: *aspect,
        expected: expected.as_deref().map(redact),
        found: found.as_deref().map(redact),
        origin: origin.as_ref().map(redacted_origin),
        hint: hint.as_deref().map(redact),
    };
    let sentence = words::sentence(&finding);
    ReportedFinding { id, finding, sentence }
}

fn redacted_path(path: &ObjectPath) -> ObjectPath {
    let ident = |name: &Ident| Ident::new(redact(name.as_str()));
    ObjectPath {
        schema: path.schema.as_ref().map(ident),
        head: ident(&path.head),
        kind_rank: path.kind_rank,
        kind: path.kind,
        part: ident(&path.part),
        arguments: path.arguments.as_ref().map(redacted),
    }
}

fn redacted_origin(origin: &Origin) -> Origin {
    let place = |place: &Place| Place { file: redact(&place.file).into(), ..place.clone() };
    Origin {
        migration: redacted(&origin.migration),
        place: origin.place.as_ref().map(place),
        excerpt: origin.excerpt.as_deref().map(|excerpt| Arc::from(redact(excerpt))),
        recorded_at: origin.recorded_at.as_ref().map(redacted),
    }
}

fn redacted(text: &Text) -> Text {
    Text::new(redact(text.as_str()))
}

//! SARIF 2.1.0 for code scanning: rules from the codes that occur, results with stable fingerprints.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use trueup_model::{Code, Finding, ObjectPath, Origin, Place, Severity};

use crate::report::{Report, ReportedFinding};
use crate::{Format, Style, json, words};

pub const FORMAT: Format = Format {
    name: "sarif",
    purpose: "for code scanning: SARIF 2.1.0 with stable fingerprints",
    has_notes: false,
    render,
};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: Vec<Run<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    invocations: Vec<Invocation<'a>>,
    column_kind: &'static str,
    results: Vec<SarifResult<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    short_description: Message<String>,
}

#[derive(Serialize)]
struct Message<T> {
    text: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
struct Notification<'a> {
    level: &'static str,
    message: Message<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Message<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location<'a>>,
    partial_fingerprints: BTreeMap<&'static str, &'a str>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation<'a> {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region<'a>>,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region<'a> {
    start_line: u32,
    start_column: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Message<&'a str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    name: &'a str,
    fully_qualified_name: String,
    kind: String,
}

#[derive(Serialize)]
struct Properties<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aspect: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    migration: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

fn render(report: &Report, _: &Style) -> String {
    let codes: BTreeSet<Code> = report.findings.iter().map(|reported| reported.finding.code).collect();
    let index_of: BTreeMap<Code, usize> = codes.iter().copied().zip(0..).collect();
    json::document(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: vec![Run {
            tool: Tool {
                driver: Driver {
                    name: "trueup",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: codes.iter().map(|code| rule(*code)).collect(),
                },
            },
            invocations: vec![Invocation {
                execution_successful: true,
                tool_execution_notifications: report.notes.iter().map(|note| notification(note)).collect(),
            }],
            column_kind: "unicodeCodePoints",
            results: report
                .findings
                .iter()
                .map(|reported| result(report, reported, index_of[&reported.finding.code]))
                .collect(),
        }],
    })
}

fn rule(code: Code) -> Rule {
    let text = match code {
        Code::Missing(kind) => {
            format!("In the history, but not in the database: {}.", words::kind_words(kind))
        }
        Code::Unexpected(kind) => {
            format!("In the database, but not in the history: {}.", words::kind_words(kind))
        }
        Code::Different(kind) => {
            format!("Not defined in the database as the history says: {}.", words::kind_words(kind))
        }
        Code::Renamed(kind) => {
            format!("Has another name in the database than in the history: {}.", words::kind_words(kind))
        }
        Code::Misplaced(kind) => {
            format!("In another schema than the history says: {}.", words::kind_words(kind))
        }
        Code::Named(named) => named.meaning().to_owned(),
    };
    Rule { id: code.to_string(), short_description: Message { text } }
}

fn notification(note: &str) -> Notification<'_> {
    Notification { level: "note", message: Message { text: note } }
}

fn result<'a>(report: &'a Report, reported: &'a ReportedFinding, rule_index: usize) -> SarifResult<'a> {
    let finding = &reported.finding;
    SarifResult {
        rule_id: finding.code.to_string(),
        rule_index,
        level: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        },
        message: Message { text: &reported.sentence },
        locations: location(report, finding).into_iter().collect(),
        partial_fingerprints: BTreeMap::from([("trueupFinding/v1", reported.id.as_str())]),
        properties: Properties {
            object: finding.object.as_ref().map(words::object_name),
            aspect: finding.aspect,
            expected: finding.expected.as_deref(),
            found: finding.found.as_deref(),
            migration: finding.origin.as_ref().map(|origin| origin.migration.as_str()),
            hint: finding.hint.as_deref(),
        },
    }
}

/// GitHub refuses a whole file in which one location has no place in a file. What no statement claims is therefore
/// shown at the folder of the history; where even that has no name, the result has no location at all.
fn location<'a>(report: &'a Report, finding: &'a Finding) -> Option<Location<'a>> {
    let root = report.history.root.as_str();
    let physical_location =
        match finding.origin.as_ref().and_then(|origin| Some((origin, origin.place.as_ref()?))) {
            Some((origin, place)) => place_in_file(origin, place),
            None if root.is_empty() || root == "." => return None,
            None => PhysicalLocation { artifact_location: ArtifactLocation { uri: uri(root) }, region: None },
        };
    let logical_locations = finding.object.as_ref().map(logical_location).into_iter().collect();
    Some(Location { physical_location, logical_locations })
}

fn place_in_file<'a>(origin: &'a Origin, place: &Place) -> PhysicalLocation<'a> {
    PhysicalLocation {
        artifact_location: ArtifactLocation { uri: uri(&place.file) },
        region: Some(Region {
            start_line: place.line.max(1),
            start_column: place.column.max(1),
            snippet: origin.excerpt.as_deref().map(|text| Message { text }),
        }),
    }
}

fn logical_location(path: &ObjectPath) -> LogicalLocation<'_> {
    LogicalLocation {
        name: path.name().as_str(),
        fully_qualified_name: words::object_name(path),
        kind: words::kind_words(path.kind),
    }
}

/// A path as a reference in the sense of RFC 3986: everything but letters, digits and a few marks is encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte))
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("shop/migrations/0001_a b#ü:1.sql"), "shop/migrations/0001_a%20b%23%C3%BC%3A1.sql");
    }
}

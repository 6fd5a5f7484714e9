//! What programs rely on: the JSON contract field by field, SARIF's required parts, well-formed XML.

mod fixture;

use serde_json::{Value, json};
use trueup_model::{CheckOutcome, Finding, Severity};
use trueup_report::{Format, Style, render};

fn rendered(outcome: &CheckOutcome, format: &str) -> String {
    render(outcome, Format::named(format).expect("a format of the registry"), &Style::default())
}

fn parsed(outcome: &CheckOutcome, format: &str) -> Value {
    serde_json::from_str(&rendered(outcome, format)).expect("well-formed JSON")
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn sorted<const N: usize>(mut keys: [&'static str; N]) -> [&'static str; N] {
    keys.sort_unstable();
    keys
}

/// The finding of the fixture with this code, and the same as written.
fn pair(code: &str) -> (Finding, Value) {
    let outcome = fixture::rich();
    let written = parsed(&outcome, "json");
    let index = outcome
        .findings
        .iter()
        .position(|finding| finding.code.to_string() == code)
        .expect("a finding with that code");
    (outcome.findings[index].clone(), written["findings"][index].clone())
}

#[test]
fn json_has_the_fields_of_the_contract_and_no_others() {
    let outcome = fixture::rich();
    let check = parsed(&outcome, "json");
    assert_eq!(
        keys(&check),
        sorted(["format", "version", "database", "history", "shadow", "diagnoses", "findings", "summary"])
    );
    assert_eq!(check["format"], "trueup.check");
    assert_eq!(check["version"], 1);
    assert_eq!(
        check["database"],
        json!({"engine": "postgresql", "server_version": "15.8", "name": "shop",
               "schemas": ["public", "tenant"]})
    );
    assert_eq!(
        check["history"],
        json!({"framework": "django", "migrations": 214, "applied": 211, "pending": 3, "opaque": 1})
    );
    assert_eq!(check["shadow"], json!({"kind": "embedded", "server_version": "17.5", "from_cache": true}));
    assert_eq!(check["summary"], json!({"error": 40, "warning": 4, "info": 2}));
    assert_eq!(check["findings"].as_array().expect("a list").len(), outcome.findings.len());
    for finding in check["findings"].as_array().expect("a list") {
        assert_eq!(
            keys(finding),
            sorted(["id", "code", "severity", "object", "aspect", "expected", "found", "origin", "hint"])
        );
    }
}

#[test]
fn json_numbers_diagnoses_and_names_their_findings() {
    let outcome = fixture::rich();
    let check = parsed(&outcome, "json");
    let first = &check["diagnoses"][0];
    assert_eq!(keys(first), sorted(["id", "cause", "confidence", "summary", "evidence", "findings", "next"]));
    assert_eq!(first["id"], "d1");
    assert_eq!(check["diagnoses"][2]["id"], "d3");
    assert_eq!(first["cause"], "wrong-schema");
    assert_eq!(first["confidence"], "certain");
    assert_eq!(first["summary"], outcome.diagnoses[0].summary.as_str());
    assert_eq!(first["evidence"], json!(outcome.diagnoses[0].evidence));
    assert_eq!(first["next"], json!(["trueup check --verbose"]));
    let ids: Vec<&Value> =
        check["findings"].as_array().expect("a list").iter().map(|finding| &finding["id"]).collect();
    for diagnosis in check["diagnoses"].as_array().expect("a list") {
        for id in diagnosis["findings"].as_array().expect("a list") {
            assert!(ids.contains(&id), "{id} is not the id of a finding");
        }
    }
}

#[test]
fn json_findings_keep_every_value() {
    let (finding, written) = pair("misplaced-table");
    assert_eq!(
        written,
        json!({
            "id": finding.id(),
            "code": "misplaced-table",
            "severity": "error",
            "object": {"kind": "table", "schema": "public", "name": "user_profile_showcase"},
            "aspect": null,
            "expected": "public",
            "found": "tenant",
            "origin": {"migration": "user_profile.0031_showcase",
                       "file": "user_profile/migrations/0031_showcase.py", "line": 18,
                       "recorded_at": "2025-11-02T14:03:00Z"},
            "hint": finding.hint,
        })
    );

    let (_, written) = pair("different-column");
    assert_eq!(
        written["object"],
        json!({"kind": "column", "schema": "public", "table": "users", "name": "email"})
    );
    assert_eq!(written["aspect"], "type");

    let (finding, written) = pair("different-function");
    assert_eq!(
        written["object"],
        json!({"kind": "function", "schema": "public", "name": "total", "arguments": "bigint"})
    );
    assert_eq!(written["expected"], json!(finding.expected));
    assert_eq!(written["origin"]["file"], Value::Null);
    assert_eq!(written["origin"]["line"], Value::Null);

    let (_, written) = pair("several-heads");
    assert_eq!(written["object"], Value::Null);
    assert_eq!(written["origin"], Value::Null);

    let (_, written) = pair("not-checked");
    assert_eq!(written["object"], json!({"kind": "extension", "schema": null, "name": "postgis"}));
}

#[test]
fn json_keeps_hostile_names_exactly() {
    let (finding, written) = pair("unexpected-table");
    let object = finding.object.expect("a table");
    assert_eq!(written["object"]["name"], object.name().as_str());
    assert_eq!(written["expected"], "a\u{0}b\tc\u{7f}");
}

#[test]
fn sarif_has_what_the_standard_requires() {
    let log = parsed(&fixture::rich(), "sarif");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "trueup");
    let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), fixture::rich().findings.len());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("a small number");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().expect("a level")));
        assert!(!result["message"]["text"].as_str().expect("a message").is_empty());
        let id = result["partialFingerprints"]["trueupFinding/v1"].as_str().expect("a fingerprint");
        assert!(id.starts_with("f-"));
        for location in result["locations"].as_array().expect("locations") {
            let physical = &location["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str().expect("a reference");
            assert!(!uri.is_empty() && uri.bytes().all(|byte| byte.is_ascii_graphic()));
            if let Some(region) = physical.get("region") {
                assert!(region["startLine"].as_u64().is_some_and(|line| line >= 1));
                assert!(region["startColumn"].as_u64().is_some_and(|column| column >= 1));
            }
        }
    }
}

#[test]
fn sarif_of_a_project_root_has_no_location_without_a_file() {
    let mut outcome = fixture::rich();
    outcome.history.root = ".".into();
    let log = parsed(&outcome, "sarif");
    for result in log["runs"][0]["results"].as_array().expect("a list") {
        for location in result.get("locations").and_then(Value::as_array).into_iter().flatten() {
            assert!(location["physicalLocation"]["region"]["startLine"].is_u64());
        }
    }
}

#[test]
fn gitlab_fingerprints_are_unique_even_when_ids_are_not() {
    let mut outcome = fixture::rich();
    outcome.findings.extend(outcome.findings.clone());
    let problems = parsed(&outcome, "gitlab");
    let problems = problems.as_array().expect("a list");
    let mut fingerprints: Vec<_> =
        problems.iter().map(|problem| problem["fingerprint"].as_str().expect("a text")).collect();
    assert_eq!(fingerprints.len(), outcome.findings.len());
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), outcome.findings.len());
}

#[test]
fn junit_counts_what_fails_the_check() {
    for (threshold, failures) in [(Severity::Info, 46), (Severity::Warning, 44), (Severity::Error, 40)] {
        let style = Style { threshold, ..Style::default() };
        let format = Format::named("junit").expect("a format of the registry");
        let text = render(&fixture::rich(), format, &style);
        let document = roxmltree::Document::parse(&text).expect("well-formed XML");
        let named = |name: &'static str| document.descendants().filter(move |node| node.has_tag_name(name));
        assert_eq!(named("testcase").count(), 46);
        assert_eq!(named("failure").count(), failures);
        assert_eq!(named("skipped").count(), 46 - failures);
        let suite = named("testsuite").next().expect("a suite");
        assert_eq!(suite.attribute("failures"), Some(failures.to_string().as_str()));
    }
    let healthy = rendered(&fixture::healthy(), "junit");
    let document = roxmltree::Document::parse(&healthy).expect("well-formed XML");
    assert_eq!(document.descendants().filter(|node| node.has_tag_name("testcase")).count(), 1);
}

#[test]
fn html_is_well_formed_and_needs_nothing_else() {
    for outcome in [fixture::rich(), fixture::healthy()] {
        let page = rendered(&outcome, "html");
        let page = page.strip_prefix("<!DOCTYPE html>\n").expect("a document type");
        let document = roxmltree::Document::parse(page).expect("well-formed markup");
        let mut ids = Vec::new();
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            assert!(!["script", "link", "img", "iframe", "object"].contains(&node.tag_name().name()));
            assert!(node.attributes().all(|attribute| !attribute.name().starts_with("on")));
            ids.extend(node.attribute("id"));
        }
        for link in document.descendants().filter_map(|node| node.attribute("href")) {
            assert!(ids.contains(&link.trim_start_matches('#')), "{link} leads nowhere");
        }
        assert!(!page.contains("url(") && !page.contains("@import"));
    }
}

//! JUnit XML for build servers: a test case for each finding, one that passes when there is none.

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use crate::report::{Report, ReportedFinding};
use crate::{Format, Style, escape, overview, words};

pub const FORMAT: Format = Format {
    name: "junit",
    purpose: "for build servers: a test case for each finding",
    has_notes: true,
    render,
};

fn render(report: &Report, style: &Style) -> String {
    let mut suite = TestSuite::new("trueup check");
    let name = escape::line(report.database.name.as_str());
    suite.add_property(Property::new("database", name.as_str()));
    suite.add_property(Property::new("framework", report.history.framework));
    if report.findings.is_empty() {
        let mut passed = TestCase::new("the database is what its history says", TestCaseStatus::success());
        passed.set_classname(name);
        suite.add_test_case(passed);
    }
    for reported in &report.findings {
        suite.add_test_case(test_case(reported, style));
    }
    let mut talk: Vec<String> = report.notes.iter().map(|note| escape::line(note)).collect();
    talk.push(overview::verdict(report, style.threshold));
    suite.set_system_out(talk.join("\n"));

    let mut document = quick_junit::Report::new("trueup");
    document.add_test_suite(suite);
    document.to_string().expect("a report without times can always be written as XML")
}

/// What fails the check is a failure; what does not is skipped, which build servers show without turning red.
fn test_case(reported: &ReportedFinding, style: &Style) -> TestCase {
    let finding = &reported.finding;
    let code = finding.code.to_string();
    let mut status = if finding.severity >= style.threshold {
        TestCaseStatus::non_success(NonSuccessKind::Failure)
    } else {
        TestCaseStatus::skipped()
    };
    status.set_type(code.as_str());
    status.set_message(reported.sentence.as_str());
    status.set_description(words::details(finding).join("\n"));

    let mut name = format!("{code} {}", words::subject_name(finding).unwrap_or_default());
    if let Some(aspect) = finding.aspect {
        name.push_str(&format!(" {aspect}"));
    }
    let mut case = TestCase::new(name.trim_end(), status);
    case.set_classname(match &finding.object {
        Some(object) => words::kind_words(object.kind),
        None => "history".to_owned(),
    });
    case.add_property(Property::new("id", reported.id.as_str()));
    if let Some(place) = finding.origin.as_ref().and_then(|origin| origin.place.as_ref()) {
        case.extra.insert("file".into(), escape::line(&place.file).into());
        case.extra.insert("line".into(), place.line.to_string().into());
    }
    case
}

//! Every format over one rich outcome, as it will be read.

mod fixture;

use trueup_model::finding::NamedCode;
use trueup_model::{CheckOutcome, Code, Finding, Origin, Place, Severity, Text};
use trueup_report::{FORMATS, Format, Style, render};

const STYLE: Style = Style { width: 80, colour: false, threshold: Severity::Warning, verbose: false };

fn rendered(outcome: &CheckOutcome, format: &str, style: &Style) -> String {
    render(outcome, Format::named(format).expect("a format of the registry"), style)
}

#[test]
fn rich() {
    for format in FORMATS {
        let text = rendered(&fixture::rich(), format.name, &STYLE);
        let version = format!("\"semanticVersion\": \"{}\"", env!("CARGO_PKG_VERSION"));
        let text = text.replace(&version, "\"semanticVersion\": \"VERSION\"");
        insta::assert_snapshot!(format!("rich-{}", format.name), text);
    }
}

#[test]
fn rich_text_with_colours_and_everything() {
    let style = Style { colour: true, verbose: true, width: 100, ..STYLE };
    insta::assert_snapshot!("rich-text-colour", rendered(&fixture::rich(), "text", &style));
}

#[test]
fn healthy() {
    for format in FORMATS.iter().filter(|format| !["html", "sarif"].contains(&format.name)) {
        insta::assert_snapshot!(
            format!("healthy-{}", format.name),
            rendered(&fixture::healthy(), format.name, &STYLE)
        );
    }
}

#[test]
fn good_news_is_one_line() {
    let mut outcome = fixture::healthy();
    assert_eq!(
        rendered(&outcome, "text", &STYLE),
        "214 migrations, 58 tables: the database is what its history says\n"
    );
    outcome.history.applied = 1;
    outcome.history.pending = 213;
    outcome.notes.push("one thing was not checked".to_owned());
    assert_eq!(
        rendered(&outcome, "text", &STYLE),
        "1 migration, 58 tables: the database is what its history says; 213 migrations\n  not applied yet\n\n\
         note: one thing was not checked\n"
    );
}

#[test]
fn names_of_formats_are_the_contract() {
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    assert_eq!(names, ["text", "json", "sarif", "junit", "github", "gitlab", "markdown", "html"]);
    assert!(Format::named("yaml").is_none());
}

#[test]
fn every_format_ends_with_one_line_break() {
    for outcome in [fixture::rich(), fixture::healthy()] {
        for format in FORMATS {
            let text = rendered(&outcome, format.name, &STYLE);
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{}", format.name);
        }
    }
}

/// Two statements of one line, and one far to the right: every excerpt begins at the rule.
#[test]
fn excerpts_have_one_form() {
    for column in [1, 9, 30, 90] {
        let mut outcome = fixture::healthy();
        let mut finding = Finding::new(Code::Named(NamedCode::FailedStatement), Severity::Error);
        finding.origin = Some(Origin {
            migration: Text::new("0001_all"),
            place: Some(Place::new("0001_all.sql", 3, column)),
            excerpt: Some("CREATE TABLE a (id integer)".into()),
            recorded_at: None,
        });
        outcome.findings.push(finding);
        let text = rendered(&outcome, "text", &STYLE);
        assert!(text.contains("\n  3 | CREATE TABLE a (id integer)\n    | ^^^"), "{column}:\n{text}");
    }
}

//! Names and messages that somebody else wrote: they stay inside their line, and passwords stay at home.

mod fixture;

use proptest::prelude::*;
use trueup_model::{
    CheckOutcome, Finding, Ident, ObjectKind, ObjectPath, Place, QualifiedName, Severity, Text,
};
use trueup_report::{FORMATS, Format, Style, redact, render, sentence};
use unicode_width::UnicodeWidthStr;

const SECRET: &str = "Zq9@Zq9:Zq9";

/// Where a text can come from another hand, it does.
fn outcome_with(text: &str, name: &str) -> CheckOutcome {
    let mut outcome = fixture::rich();
    outcome.database.name = Text::new(name);
    outcome.database.schemas.push(Text::new(name));
    outcome.history.root = Text::new(name);
    outcome.notes.push(text.to_owned());
    let diagnosis = &mut outcome.diagnoses[0];
    diagnosis.summary = text.to_owned();
    diagnosis.evidence.push(text.to_owned());
    diagnosis.next.push(text.to_owned());
    for (index, finding) in outcome.findings.iter_mut().enumerate() {
        finding.hint = Some(text.to_owned());
        finding.object = match index % 4 {
            0 => None,
            1 => Some(ObjectPath::in_schema(ObjectKind::Table, &Ident::new(name), name)),
            2 => Some(ObjectPath::part_of(ObjectKind::Column, &QualifiedName::new(name, name), name)),
            _ => Some(ObjectPath::global(ObjectKind::Function, name).with_arguments(text)),
        };
        finding.expected = (index % 3 != 0).then(|| text.to_owned());
        finding.found = (index % 5 != 0).then(|| format!("{name} {text}"));
        if let Some(origin) = &mut finding.origin {
            origin.migration = Text::new(name);
            origin.recorded_at = Some(Text::new(text));
            origin.excerpt = Some(format!("{text}\n{name}").into());
            origin.place = Some(Place::new(name, 3, u32::try_from(index).expect("a small number") * 7 + 1));
        }
    }
    outcome
}

/// Without the colours that we put in ourselves.
fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |all, piece| {
        let (colour, rest) = piece.split_once('m').expect("a colour ends with m");
        assert!(colour.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'), "not a colour: {colour:?}");
        all + rest
    })
}

fn assert_harmless(outcome: &CheckOutcome) {
    for format in FORMATS {
        for (colour, verbose) in [(false, false), (true, true)] {
            let style = Style { colour, verbose, ..Style::default() };
            let text = without_colours(&render(outcome, format, &style));
            let hidden = |c: char| {
                (c.is_control() && c != '\n')
                    || matches!(c as u32, 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xe0001..=0xe007f)
            };
            if let Some(at) = text.find(hidden) {
                panic!("{}: {:?}", format.name, text[..at].chars().rev().take(60).collect::<String>());
            }
            assert!(!text.contains("Zq9"), "{} shows a password", format.name);
            match format.name {
                "json" | "sarif" | "gitlab" => {
                    serde_json::from_str::<serde_json::Value>(&text).expect("well-formed JSON");
                }
                "junit" => drop(roxmltree::Document::parse(&text).expect("well-formed XML")),
                "html" => {
                    let page = text.strip_prefix("<!DOCTYPE html>\n").expect("a document type");
                    drop(roxmltree::Document::parse(page).expect("well-formed markup"));
                }
                "text" => assert_width(&text, 80),
                "github" => assert_eq!(
                    text.lines().count(),
                    outcome.findings.len() + outcome.notes.len() + 1,
                    "a line of somebody else's: {text}"
                ),
                "markdown" => {}
                other => panic!("a format without a check: {other}"),
            }
        }
    }
}

/// No line is too wide, except what an editor opens and what a person copies.
fn assert_width(text: &str, width: usize) {
    for line in text.lines() {
        let start = line.trim_start();
        let stays_whole = start.starts_with("--> ") || start.starts_with("next: ");
        assert!(stays_whole || line.width() <= width, "{} columns: {line}", line.width());
    }
}

#[test]
fn the_fixture_is_harmless() {
    assert_harmless(&fixture::rich());
    for width in [40, 60, 80, 120] {
        let style = Style { width, ..Style::default() };
        let text = render(&fixture::rich(), Format::named("text").expect("text"), &style);
        assert_width(&text, width);
        assert!(!text.contains("s3cr3t"));
    }
}

#[test]
fn names_as_long_and_as_wide_as_they_get_are_harmless() {
    for name in
        [&"a".repeat(63), &"表".repeat(21), &"🦀".repeat(15), &"❤\u{fe0f}".repeat(10), "", " ", "\u{301}"]
    {
        assert_harmless(&outcome_with(&name.repeat(30), name));
    }
}

#[test]
fn a_sentence_is_one_harmless_line() {
    for finding in &fixture::rich().findings {
        let sentence = sentence(finding);
        assert!(!sentence.is_empty() && !sentence.chars().any(char::is_control), "{sentence:?}");
        assert!(!sentence.ends_with('.') || sentence.ends_with('…'), "{sentence}");
    }
}

#[test]
fn hundreds_of_findings_are_folded_and_shown_when_asked_for() {
    let mut outcome = fixture::healthy();
    outcome.findings = (0..300)
        .map(|number| Finding {
            object: Some(ObjectPath::in_schema(
                ObjectKind::Table,
                &Ident::new("public"),
                format!("t{number:03}"),
            )),
            ..Finding::new(trueup_model::Code::Missing(ObjectKind::Table), Severity::Error)
        })
        .collect();
    let text = Format::named("text").expect("text");
    let brief = render(&outcome, text, &Style::default());
    assert!(brief.contains("and 295 more error[missing-table]: --verbose shows all"), "{brief}");
    assert!(brief.lines().count() < 20, "{brief}");
    let verbose = render(&outcome, text, &Style { verbose: true, ..Style::default() });
    assert!(verbose.contains("public.t299") && !verbose.contains("more"));
    let comment = render(&outcome, Format::named("markdown").expect("markdown"), &Style::default());
    assert!(comment.contains("<details>"));

    outcome.findings = outcome.findings.iter().cycle().take(5_000).cloned().collect();
    let comment = render(&outcome, Format::named("markdown").expect("markdown"), &Style::default());
    assert!(comment.len() < 65_536, "{} bytes do not fit into a comment", comment.len());
    assert!(comment.contains("more."), "what does not fit is counted");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_hidden_and_no_password_gets_out(
        before in "(\\PC|[\\x00-\\x1f\\x7f-\\x9f]|[\u{200b}-\u{200f}\u{202a}-\u{202e}]|[|`<>&\"'*_%:,]){0,20}",
        after in "(\\PC|[\\x00-\\x1f\\x7f-\\x9f]|[|`<>&\"'*_%:,]){0,20}",
        name in "(\\PC|[\\x00-\\x1f\\x7f-\\x9f]|[a-z]){0,20}",
    ) {
        let text = format!("{before} postgres://app:{SECRET}@db/shop {after}\npassword={SECRET} {name}");
        assert_harmless(&outcome_with(&text, &name));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn redacting_twice_shows_no_more(text in "(password|passwd|://|[:@='\"\\\\ $/]|[a-z]|é|\\n){0,30}") {
        let planted = format!("{text} PGPASSWORD={SECRET} x");
        prop_assert!(!redact(&planted).contains("Zq9"), "{planted}");
        prop_assert!(!redact(&redact(&planted)).contains("Zq9"), "{planted}");
    }
}

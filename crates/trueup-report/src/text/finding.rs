//! Findings one below the other: code and object, what differs, where it comes from, what to know about it.

use std::collections::{BTreeMap, HashSet};

use trueup_model::{Code, Origin, Place, Severity};

use super::colours::Label;
use super::page::{Page, Span};
use super::{source, values};
use crate::report::ReportedFinding;
use crate::{Style, escape, words};

/// Of this many findings with one code, some are folded.
const MANY: usize = 12;
const SHOWN: usize = 5;

/// The findings of one group. Many with the same code are folded, the gravest stay.
pub fn write_all(page: &mut Page, findings: &[&ReportedFinding], style: &Style) {
    let mut left = BTreeMap::<(std::cmp::Reverse<Severity>, Code), usize>::new();
    for reported in findings {
        *left.entry(sort(reported)).or_default() += 1;
    }
    let limits: BTreeMap<_, usize> = left
        .iter()
        .map(|(sort, total)| (*sort, if style.verbose || *total <= MANY { *total } else { SHOWN }))
        .collect();
    let mut written = BTreeMap::<_, usize>::new();
    let mut places = HashSet::new();
    let mut was_brief = true;
    for (index, reported) in findings.iter().enumerate() {
        let number = written.entry(sort(reported)).or_default();
        if *number >= limits[&sort(reported)] {
            continue;
        }
        *number += 1;
        let is_brief = is_one_line(reported, style);
        if index > 0 && !(was_brief && is_brief) {
            page.gap();
        }
        was_brief = is_brief;
        write_one(page, reported, &mut places, style);
    }
    let folded: Vec<_> = left.iter().filter(|(sort, total)| limits[*sort] < **total).collect();
    if !folded.is_empty() && !was_brief {
        page.gap();
    }
    for ((severity, code), total) in folded {
        let rest = total - limits[&(*severity, *code)];
        let label = Label::of(severity.0);
        page.paragraph(
            "",
            "  ",
            &[
                Span::plain(format!("and {rest} more")),
                Span::new(label, format!("{}[{code}]:", severity.0)),
                Span::new(Label::Faint, "--verbose shows all"),
            ],
        );
    }
}

fn sort(reported: &ReportedFinding) -> (std::cmp::Reverse<Severity>, Code) {
    (std::cmp::Reverse(reported.finding.severity), reported.finding.code)
}

fn is_one_line(reported: &ReportedFinding, style: &Style) -> bool {
    let finding = &reported.finding;
    let is_named = matches!(finding.code, Code::Named(_));
    let is_bare = finding.expected.is_none() && finding.found.is_none() && finding.origin.is_none();
    !is_named && is_bare && finding.hint.is_none() && !style.verbose
}

fn write_one<'a>(
    page: &mut Page,
    reported: &'a ReportedFinding,
    places: &mut HashSet<&'a Place>,
    style: &Style,
) {
    let finding = &reported.finding;
    let label = Label::of(finding.severity);
    let mut header = vec![Span::new(label, format!("{}[{}]", finding.severity, finding.code))];
    let says_everything = words::says_everything(finding.code);
    let aspect = finding.aspect.filter(|_| !says_everything);
    let colon = if aspect.is_some() { ":" } else { "" };
    header.extend(words::subject_name(finding).map(|name| Span::new(Label::Heading, name + colon)));
    header.extend(aspect.map(Span::plain));
    page.paragraph("", "  ", &header);

    if let Code::Named(code) = finding.code {
        page.paragraph("  ", "  ", &[Span::plain(words::named_statement(code, finding))]);
    }
    if !says_everything {
        values::write(page, finding.expected.as_deref(), finding.found.as_deref(), style.verbose);
    }
    if let Some(origin) = &finding.origin {
        write_origin(page, reported, origin, places);
    }
    if let Some(hint) = &finding.hint {
        page.paragraph("  ", "        ", &[Span::new(Label::Hint, "hint:"), Span::plain(escape::line(hint))]);
    }
    if style.verbose {
        page.paragraph("  ", "  ", &[Span::new(Label::Faint, format!("id: {}", reported.id))]);
    }
}

fn write_origin<'a>(
    page: &mut Page,
    reported: &'a ReportedFinding,
    origin: &'a Origin,
    places: &mut HashSet<&'a Place>,
) {
    if let Some(place) = &origin.place {
        match origin.excerpt.as_deref() {
            // Many findings may come from one statement; it is shown once.
            Some(excerpt) if places.insert(place) => source::write(page, &reported.finding, place, excerpt),
            Some(_) | None => source::write_place(page, place, ""),
        }
    }
    let from = match (&reported.finding.object, &origin.recorded_at) {
        (Some(_), _) => format!("from {}", words::origin_line(reported.finding.code, origin)),
        // The migration itself is what the finding is about.
        (None, Some(recorded_at)) => format!("applied {}", escape::line(recorded_at.as_str())),
        (None, None) => return,
    };
    page.paragraph("  ", "  ", &[Span::new(Label::Faint, from)]);
}

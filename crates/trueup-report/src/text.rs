//! Plain text for people at a terminal: what was compared, why it differs, where it comes from, what to type next.

mod colours;
mod finding;
pub(crate) mod page;
mod source;
mod values;

use crate::report::{Group, NumberedDiagnosis, Report};
use crate::{Format, Style, escape, overview, plural};
use colours::Label;
use page::{Page, Span};

pub const FORMAT: Format = Format {
    name: "text",
    purpose: "for people: causes, findings, places, and what to type next",
    has_notes: true,
    render,
};

/// Of this many pieces of evidence, some are folded.
const MANY_EVIDENCE: usize = 8;
const SHOWN_EVIDENCE: usize = 6;

fn render(report: &Report, style: &Style) -> String {
    let mut page = Page::new(style);
    if report.findings.is_empty() {
        page.paragraph("", "  ", &[Span::new(Label::Good, overview::verdict(report, style.threshold))]);
        if style.verbose {
            write_comparison(&mut page, report);
        }
        write_notes(&mut page, report);
        return page.finish();
    }

    write_comparison(&mut page, report);
    for numbered in &report.diagnoses {
        page.gap();
        write_diagnosis(&mut page, numbered, style);
    }
    let groups = report.groups();
    for group in &groups {
        page.gap();
        write_heading(&mut page, group, report);
        finding::write_all(&mut page, &group.findings, style);
    }
    write_notes(&mut page, report);
    page.gap();
    write_ending(&mut page, report, style);
    page.finish()
}

fn write_comparison(page: &mut Page, report: &Report) {
    let [database, history] = overview::sides(report);
    page.paragraph(
        "",
        "  ",
        &[
            Span::plain("database"),
            Span::new(Label::Heading, database.name),
            Span::plain(database.remark),
            Span::plain("against"),
            Span::new(Label::Heading, history.name),
            Span::plain(history.remark),
        ],
    );
    page.paragraph("", "  ", &[Span::new(Label::Faint, overview::surroundings(report))]);
}

fn write_diagnosis(page: &mut Page, numbered: &NumberedDiagnosis, style: &Style) {
    let diagnosis = &numbered.diagnosis;
    page.paragraph(
        "",
        "   ",
        &[
            Span::new(
                Label::Heading,
                format!("{} {}", numbered.id, overview::cause_words(&numbered.diagnosis)),
            ),
            Span::new(Label::Faint, format!("({})", diagnosis.confidence.word())),
        ],
    );
    page.paragraph("   ", "   ", &[Span::plain(escape::line(&diagnosis.summary))]);
    let total = diagnosis.evidence.len();
    let shown = if style.verbose || total <= MANY_EVIDENCE { total } else { SHOWN_EVIDENCE };
    for evidence in &diagnosis.evidence[..shown] {
        page.paragraph("   - ", "     ", &[Span::plain(escape::line(evidence))]);
    }
    if shown < total {
        let rest = format!("and {} more: --verbose shows all", total - shown);
        page.paragraph("   - ", "     ", &[Span::new(Label::Faint, rest)]);
    }
    for command in &diagnosis.next {
        page.command("   next: ", &escape::line(command));
    }
}

fn write_heading(page: &mut Page, group: &Group<'_>, report: &Report) {
    let number = plural::count(group.findings.len(), "finding");
    let heading = match group.diagnosis {
        Some(numbered) => format!("{} {}: {number}", numbered.id, overview::cause_words(&numbered.diagnosis)),
        None if report.diagnoses.is_empty() => number,
        None => format!("without a diagnosis: {number}"),
    };
    page.heading(&heading);
}

/// What could not be checked is never folded or left out.
fn write_notes(page: &mut Page, report: &Report) {
    if !report.notes.is_empty() {
        page.gap();
    }
    for note in &report.notes {
        page.paragraph("", "      ", &[Span::new(Label::Note, "note:"), Span::plain(escape::line(note))]);
    }
}

fn write_ending(page: &mut Page, report: &Report, style: &Style) {
    let worst = report.findings.iter().map(|reported| reported.finding.severity).max();
    page.paragraph(
        "",
        "  ",
        &[
            Span::new(worst.map_or(Label::Good, Label::of), overview::counts(report) + ":"),
            Span::plain(overview::exit_meaning(report, style.threshold)),
        ],
    );
    if let Some(command) = overview::next_command(report) {
        page.command("next: ", &command);
    }
}

//! One page that needs nothing else: no script, no font, no request; light, dark and on paper.

use trueup_model::{Code, Finding, Origin, Place, Severity};

use crate::escape::html as text;
use crate::report::{Group, NumberedDiagnosis, Report, ReportedFinding};
use crate::{Format, Style, escape, overview, plural, words};

pub const FORMAT: Format =
    Format { name: "html", purpose: "for the browser: one page without scripts", has_notes: true, render };

const STYLESHEET: &str = include_str!("html.css");
/// Lines of a statement that are shown.
const SHOWN_LINES: usize = 12;

fn render(report: &Report, style: &Style) -> String {
    let [database, history] = overview::sides(report);
    let ending = match report.findings.is_empty() {
        true => overview::verdict(report, style.threshold),
        false => overview::exit_meaning(report, style.threshold),
    };
    let mut body = String::new();
    push(&mut body, &format!("<h1>{}</h1>", text(&title(report, &database.name))));
    push(
        &mut body,
        &format!(
            "<p>Database <code>{}</code> {} against <code>{}</code> {}</p>",
            text(&database.name),
            text(&database.remark),
            text(&history.name),
            text(&history.remark),
        ),
    );
    push(&mut body, &format!("<p class=\"soft small\">{}</p>", text(&overview::surroundings(report))));
    push_counts(&mut body, report);
    let colour = if report.fails(style.threshold) { "error" } else { "good" };
    push(&mut body, &format!("<p class=\"{colour}\"><strong>{}</strong></p>", text(&ending)));
    if let Some(command) = overview::next_command(report) {
        push(&mut body, &next(&command));
    }
    push_notes(&mut body, report);
    if !report.diagnoses.is_empty() {
        push(&mut body, "<h2>Diagnoses</h2>");
    }
    let groups = report.groups();
    for numbered in &report.diagnoses {
        push_diagnosis(&mut body, numbered, &groups);
    }
    for group in &groups {
        push_group(&mut body, report, group);
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"referrer\" content=\"no-referrer\"/>\n\
         <title>{}</title>\n<style>\n{STYLESHEET}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        text(&title(report, &database.name)),
    )
}

fn title(report: &Report, database: &str) -> String {
    if report.findings.is_empty() {
        format!("trueup: {database} is what its history says")
    } else {
        format!("trueup: {database} and its history differ")
    }
}

fn push_counts(body: &mut String, report: &Report) {
    if report.findings.is_empty() {
        return;
    }
    push(body, "<ul class=\"counts\">");
    for severity in Severity::ALL.iter().rev().filter(|severity| report.count(**severity) > 0) {
        let count = plural::by_severity(|other| if other == *severity { report.count(other) } else { 0 });
        push(body, &format!("<li class=\"{severity}\">{count}</li>"));
    }
    push(body, "</ul>");
}

fn push_notes(body: &mut String, report: &Report) {
    if report.notes.is_empty() {
        return;
    }
    push(body, "<h2>Notes</h2>\n<ul>");
    for note in &report.notes {
        push(body, &format!("<li>{}</li>", visible(note)));
    }
    push(body, "</ul>");
}

fn push_diagnosis(body: &mut String, numbered: &NumberedDiagnosis, groups: &[Group<'_>]) {
    let diagnosis = &numbered.diagnosis;
    push(body, "<section class=\"card\">");
    push(
        body,
        &format!(
            "<h3>{} {} <span class=\"soft small\">({})</span></h3>",
            numbered.id,
            overview::cause_words(diagnosis),
            diagnosis.confidence.word(),
        ),
    );
    push(body, &format!("<p>{}</p>", visible(&diagnosis.summary)));
    if !diagnosis.evidence.is_empty() {
        push(body, "<ul>");
        for evidence in &diagnosis.evidence {
            push(body, &format!("<li>{}</li>", visible(evidence)));
        }
        push(body, "</ul>");
    }
    for command in &diagnosis.next {
        push(body, &next(&escape::line(command)));
    }
    let explains = |group: &&Group<'_>| group.diagnosis.is_some_and(|other| other.id == numbered.id);
    if let Some(group) = groups.iter().find(explains) {
        let number = plural::count(group.findings.len(), "finding");
        push(body, &format!("<p><a href=\"#{}\">{number}</a></p>", numbered.id));
    }
    push(body, "</section>");
}

fn push_group(body: &mut String, report: &Report, group: &Group<'_>) {
    let number = plural::count(group.findings.len(), "finding");
    let heading = match group.diagnosis {
        Some(numbered) => format!(
            "<h2 id=\"{0}\">{0} {1}: {number}</h2>",
            numbered.id,
            overview::cause_words(&numbered.diagnosis)
        ),
        None if report.diagnoses.is_empty() => format!("<h2>{number}</h2>"),
        None => format!("<h2>Without a diagnosis: {number}</h2>"),
    };
    push(body, &heading);
    for reported in &group.findings {
        push_finding(body, reported);
    }
}

fn push_finding(body: &mut String, reported: &ReportedFinding) {
    let finding = &reported.finding;
    let severity = finding.severity;
    push(body, &format!("<article class=\"card finding is-{severity}\">"));
    let name = words::subject_name(finding).map(|name| format!(" <code>{}</code>", text(&name)));
    push(
        body,
        &format!(
            "<h3><code class=\"id\">{}</code><span class=\"{severity}\">{severity}[{}]</span>{}{}</h3>",
            reported.id,
            finding.code,
            name.unwrap_or_default(),
            finding.aspect.map(|aspect| format!(" {}", text(aspect))).unwrap_or_default(),
        ),
    );
    push(body, &format!("<p>{}</p>", text(&reported.sentence)));
    push_values(body, finding);
    if let Some(origin) = &finding.origin {
        push_origin(body, finding.code, origin);
    }
    if let Some(hint) = &finding.hint {
        push(body, &format!("<p class=\"hint\">{}</p>", visible(hint)));
    }
    push(body, "</article>");
}

fn push_values(body: &mut String, finding: &Finding) {
    let values = [("expected", &finding.expected), ("found", &finding.found)];
    if values.iter().all(|(_, value)| value.is_none()) {
        return;
    }
    push(body, "<table class=\"values\">");
    for (name, value) in values {
        let Some(value) = value else { continue };
        let lines = escape::lines(value);
        let shown = if lines.is_empty() { words::value("") } else { lines.join("\n") };
        push(
            body,
            &format!(
                "<tr class=\"{name}\"><th scope=\"row\">{name}</th><td><pre>{}</pre></td></tr>",
                text(&shown)
            ),
        );
    }
    push(body, "</table>");
}

fn push_origin(body: &mut String, code: Code, origin: &Origin) {
    let from = format!("from {}", words::origin_line(code, origin));
    match (&origin.place, &origin.excerpt) {
        (Some(place), Some(excerpt)) => {
            push(
                body,
                &format!(
                    "<figure class=\"source\"><figcaption class=\"small\"><code>{}</code> <span class=\"soft\">{}</span>\
                     </figcaption><pre>{}</pre></figure>",
                    text(&words::place_words(place)),
                    text(&from),
                    text(&numbered_lines(place, excerpt)),
                ),
            );
        }
        (Some(place), None) => push(
            body,
            &format!(
                "<p class=\"small\"><code>{}</code> <span class=\"soft\">{}</span></p>",
                text(&words::place_words(place)),
                text(&from)
            ),
        ),
        (None, _) => push(body, &format!("<p class=\"soft small\">{}</p>", text(&from))),
    }
}

/// The first lines of a statement with their numbers; the first one put back into its column.
fn numbered_lines(place: &Place, excerpt: &str) -> String {
    let lines = escape::lines(excerpt);
    let last = place.line as usize + lines.len().min(SHOWN_LINES);
    let digits = last.to_string().len();
    let mut numbered: Vec<String> = lines
        .iter()
        .take(SHOWN_LINES)
        .zip(place.line as usize..)
        .map(|(line, number)| {
            let is_first = number == place.line as usize;
            let column = if is_first && place.column <= 60 { place.column.max(1) as usize - 1 } else { 0 };
            format!("{number:>digits$}  {:column$}{line}", "")
        })
        .collect();
    if lines.len() > SHOWN_LINES {
        numbered.push(format!("{:digits$}  … {} more", "", plural::count(lines.len() - SHOWN_LINES, "line")));
    }
    numbered.join("\n")
}

fn next(command: &str) -> String {
    format!("<p class=\"next\">Next: <code>{}</code></p>", text(command))
}

/// A text on one line, with nothing hidden in it.
fn visible(line: &str) -> String {
    text(&escape::line(line))
}

fn push(body: &mut String, line: &str) {
    body.push_str(line);
    body.push('\n');
}

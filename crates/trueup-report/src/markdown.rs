//! A summary for a comment on a pull request: short to look at, the long lists folded.

use trueup_model::Severity;

use crate::report::{Group, NumberedDiagnosis, Report, ReportedFinding};
use crate::{Format, Style, escape, overview, plural, words};

pub const FORMAT: Format = Format {
    name: "markdown",
    purpose: "for pull requests: a summary with folded tables",
    has_notes: true,
    render,
};

/// Longer lists are folded.
const MANY: usize = 10;
/// A comment on GitHub holds 65,536 characters. What does not fit is counted.
const LONGEST: usize = 50_000;

fn render(report: &Report, style: &Style) -> String {
    let mut out = String::new();
    if report.findings.is_empty() {
        push_block(&mut out, &format!("**trueup**: {}", prose(&overview::verdict(report, style.threshold))));
        push_notes(&mut out, report);
        return finished(&out);
    }
    push_block(&mut out, &format!("### trueup: {}", prose(&overview::counts(report))));
    let [database, history] = overview::sides(report);
    push_block(
        &mut out,
        &format!(
            "Database {} {} against {} {}; {}.",
            code(&database.name),
            prose(&database.remark),
            code(&history.name),
            prose(&history.remark),
            prose(&overview::surroundings(report)),
        ),
    );
    for numbered in &report.diagnoses {
        push_diagnosis(&mut out, numbered);
    }
    for group in report.groups() {
        push_group(&mut out, report, &group);
    }
    push_notes(&mut out, report);
    let mut ending = format!("{}.", overview::exit_meaning(report, style.threshold));
    ending[..1].make_ascii_uppercase();
    if let Some(command) = overview::next_command(report) {
        ending.push_str(&format!(" Next: {}", code(&command)));
    }
    push_block(&mut out, &ending);
    finished(&out)
}

fn finished(out: &str) -> String {
    format!("{}\n", out.trim_end())
}

fn push_diagnosis(out: &mut String, numbered: &NumberedDiagnosis) {
    let diagnosis = &numbered.diagnosis;
    push_block(
        out,
        &format!(
            "#### {} {} ({})",
            numbered.id,
            overview::cause_words(diagnosis),
            diagnosis.confidence.word()
        ),
    );
    push_block(out, &prose(&escape::line(&diagnosis.summary)));
    let evidence: Vec<String> =
        diagnosis.evidence.iter().map(|evidence| format!("- {}", prose(&escape::line(evidence)))).collect();
    push_list(out, &plural::count(evidence.len(), "piece of evidence"), evidence);
    for command in &diagnosis.next {
        push_block(out, &format!("Next: {}", code(&escape::line(command))));
    }
}

fn push_group(out: &mut String, report: &Report, group: &Group<'_>) {
    let number = plural::count(group.findings.len(), "finding");
    let title = match group.diagnosis {
        Some(numbered) => format!("{} {}: {number}", numbered.id, overview::cause_words(&numbered.diagnosis)),
        None if report.diagnoses.is_empty() => number,
        None => format!("without a diagnosis: {number}"),
    };
    let is_folded = group.findings.len() > MANY;
    if is_folded {
        out.push_str(&format!("<details><summary>{title}</summary>\n\n"));
    } else {
        push_block(out, &format!("**{title}**"));
    }
    out.push_str("| severity | finding | place |\n|---|---|---|\n");
    let mut rows = group.findings.iter();
    while out.len() < LONGEST {
        let Some(reported) = rows.next() else { break };
        out.push_str(&row(reported));
    }
    out.push('\n');
    let left = rows.count();
    if left > 0 {
        push_block(out, &format!("… and {left} more."));
    }
    if is_folded {
        out.push_str("</details>\n\n");
    }
}

fn row(reported: &ReportedFinding) -> String {
    let finding = &reported.finding;
    let severity = match finding.severity {
        Severity::Error => "**error**",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let mut text = format!("{}<br>{}", code(&finding.code.to_string()), prose(&reported.sentence));
    if let Some(hint) = &finding.hint {
        text.push_str(&format!("<br>*{}*", prose(&escape::line(hint))));
    }
    let place = match &finding.origin {
        Some(origin) => match &origin.place {
            Some(place) => code(&format!("{}:{}", escape::line(&place.file), place.line)),
            None => prose(&words::origin_line(finding.code, origin)),
        },
        None => String::new(),
    };
    format!("| {severity} | {text} | {} |\n", place.replace('|', "\\|"))
}

fn push_notes(out: &mut String, report: &Report) {
    let notes = report.notes.iter().map(|note| format!("- Note: {}", prose(&escape::line(note)))).collect();
    push_list(out, &plural::count(report.notes.len(), "note"), notes);
}

fn push_list(out: &mut String, title: &str, items: Vec<String>) {
    if items.len() > MANY {
        out.push_str(&format!("<details><summary>{title}</summary>\n\n"));
        push_block(out, &items.join("\n"));
        out.push_str("</details>\n\n");
    } else if !items.is_empty() {
        push_block(out, &items.join("\n"));
    }
}

fn push_block(out: &mut String, block: &str) {
    out.push_str(block);
    out.push_str("\n\n");
}

/// Text that is only text: nothing in it is a mark, a tag, a table's border or a call to somebody.
fn prose(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    let text = text.trim_start();
    // At the beginning of a line these would begin a list or underline a heading.
    let number = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    for (at, c) in text.char_indices() {
        match c {
            '+' | '-' | '=' if at == 0 => {
                escaped.push('\\');
                escaped.push(c);
            }
            '.' | ')' if at == number && number > 0 => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // Without the comment, `@name` would send a message to somebody with that name.
            '@' => escaped.push_str("@<!-- -->"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A code span, fenced with more backticks than stand in a row inside it.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(
            prose("a|b *c* <img> [x](y) @all & \\"),
            "a\\|b \\*c\\* &lt;img&gt; \\[x\\](y) @<!-- -->all &amp; \\\\"
        );
        assert_eq!(prose("- a"), "\\- a");
        assert_eq!(prose("12. a 1. b"), "12\\. a 1. b");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
    }
}

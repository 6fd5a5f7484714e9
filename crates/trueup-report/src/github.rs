//! Workflow commands of GitHub Actions: each finding becomes an annotation, at its line where it has one.

use trueup_model::Severity;

use crate::report::{Report, ReportedFinding};
use crate::{Format, Style, escape, overview};

pub const FORMAT: Format = Format {
    name: "github",
    purpose: "for GitHub Actions: annotations at the lines of a change",
    has_notes: true,
    render,
};

fn render(report: &Report, style: &Style) -> String {
    let mut commands = String::new();
    // The gravest first: GitHub shows only the first ten of each sort.
    for reported in &report.findings {
        commands.push_str(&annotation(reported));
        commands.push('\n');
    }
    for note in &report.notes {
        commands.push_str(&command("notice", &[("title", "trueup")], note));
        commands.push('\n');
    }
    // A line that is no command is shown in the log as it is.
    commands.push_str(&overview::verdict(report, style.threshold));
    commands.push('\n');
    commands
}

fn annotation(reported: &ReportedFinding) -> String {
    let finding = &reported.finding;
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let code = finding.code.to_string();
    let message = match &finding.hint {
        Some(hint) => format!("{}; {}", reported.sentence, escape::line(hint)),
        None => reported.sentence.clone(),
    };
    match finding.origin.as_ref().and_then(|origin| origin.place.as_ref()) {
        Some(place) => {
            let (line, column) = (place.line.to_string(), place.column.to_string());
            let file = escape::line(&place.file);
            command(name, &[("file", &file), ("line", &line), ("col", &column), ("title", &code)], &message)
        }
        None => command(name, &[("title", &code)], &message),
    }
}

fn command(name: &str, properties: &[(&str, &str)], message: &str) -> String {
    let properties: Vec<String> =
        properties.iter().map(|(key, value)| format!("{key}={}", property(value))).collect();
    format!("::{name} {}::{}", properties.join(","), data(&escape::line(message)))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_end_its_property_or_its_command() {
        assert_eq!(
            command("error", &[("file", "a,b:c%.sql"), ("title", "x")], "100% ::error::\n::stop-commands::x"),
            "::error file=a%2Cb%3Ac%25.sql,title=x::100%25 ::error::\\n::stop-commands::x"
        );
    }
}

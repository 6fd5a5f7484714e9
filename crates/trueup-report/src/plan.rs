//! A repair as text: its steps with what each takes and costs, what is left, and what was proven.

use trueup_model::proof::{Proof, STATEMENTS};
use trueup_model::repair::{Inverse, Repair, Step};

use crate::escape;
use crate::{Style, redact};

/// What is to be shown.
pub struct Planned<'a> {
    pub database: &'a str,
    pub repair: &'a Repair,
    /// Rows that are in the way, a sentence each.
    pub violations: &'a [String],
    pub proof: Option<&'a Proof>,
}

const STATEMENT: &str = "       ";

pub fn plan(planned: &Planned<'_>, style: &Style) -> String {
    let Planned { database, repair, violations, proof } = planned;
    let mut lines = Vec::new();
    let count = repair.steps.len();
    lines.push(match count {
        0 => format!("nothing to do in {database}"),
        1 => format!("repair of {database}: 1 step"),
        many => format!("repair of {database}: {many} steps"),
    });
    for (number, step) in (1..).zip(&repair.steps) {
        lines.push(String::new());
        lines.push(format!("{number:>3}  {}", title(step)));
        lines.extend(consequences(step).into_iter().map(|line| format!("     {line}")));
        if style.verbose {
            lines.extend(
                step.statements.iter().flat_map(|text| text.lines()).map(|line| format!("{STATEMENT}{line}")),
            );
        }
    }
    if !violations.is_empty() {
        lines.push(String::new());
        lines.push("in the way, in the rows as they are now:".to_owned());
        lines.extend(violations.iter().map(|sentence| format!("  - {sentence}")));
    }
    if !repair.left.is_empty() {
        lines.push(String::new());
        lines.push("left as it is:".to_owned());
        for left in &repair.left {
            lines.push(format!("  - {} {}: {}", left.object.kind.spoken(), left.object, left.reason));
        }
    }
    if let Some(proof) = proof {
        lines.push(String::new());
        lines.extend(certificate(proof));
    }
    let mut text = String::new();
    for line in lines {
        let line = escape::line(&redact(&line));
        // Statements stay as they are.
        let is_statement = line.starts_with(STATEMENT);
        text.push_str(&if is_statement { line } else { wrapped(&line, style.width) });
        text.push('\n');
    }
    text
}

fn title(step: &Step) -> String {
    match &step.makes_way_for {
        Some(object) => format!("{} (to make way for {object})", step.title()),
        None => step.title(),
    }
}

fn consequences(step: &Step) -> Vec<String> {
    let mut lines = Vec::new();
    for (table, lock) in &step.safety.locks {
        let meanwhile = if step.safety.rewrites {
            " while all rows are written anew"
        } else if step.safety.scans {
            " while all rows are read"
        } else {
            ""
        };
        lines.push(format!("locks {table}: blocks {}{meanwhile}", lock.blocks()));
    }
    if !step.transactional {
        lines.push("runs outside of a transaction".to_owned());
    }
    if let Some(loses) = &step.safety.loses {
        lines.push(format!("loses: {loses}"));
    }
    if let Inverse::Impossible(why) = &step.inverse {
        lines.push(format!("no way back: {why}"));
    }
    lines
}

/// What was shown, for people to read and to keep.
fn certificate(proof: &Proof) -> Vec<String> {
    let mut lines = vec![format!(
        "proven on a scratch PostgreSQL {} ({}):",
        proof.shadow.server_version, proof.shadow.kind
    )];
    lines.extend(STATEMENTS.iter().map(|statement| format!("  - {statement}")));
    for kept in &proof.rows {
        lines.push(format!("  - {} made-up rows of {} kept their values", kept.rows, kept.table));
    }
    lines.push(match proof.way_back {
        Some(true) => "  - the way back leads to the found state".to_owned(),
        Some(false) => "  - the way back does not lead to the found state".to_owned(),
        None => "  - there is no way back".to_owned(),
    });
    if !proof.unproven.is_empty() {
        lines.push("not proven:".to_owned());
        lines.extend(proof.unproven.iter().map(|gap| format!("  - {}: {}", gap.what, gap.why)));
    }
    lines
}

/// Breaks a line at blanks; what follows is indented as its beginning is, and a little more.
fn wrapped(line: &str, width: usize) -> String {
    let indent = line.len() - line.trim_start().len();
    let mut lines: Vec<String> = Vec::new();
    let mut current = " ".repeat(indent);
    for word in line.split_whitespace() {
        let long = unicode_width::UnicodeWidthStr::width(current.as_str())
            + 1
            + unicode_width::UnicodeWidthStr::width(word);
        if long > width && !current.trim().is_empty() {
            lines.push(std::mem::replace(&mut current, " ".repeat(indent + 2)));
        }
        if !current.trim().is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

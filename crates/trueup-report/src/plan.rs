//! A repair as text: its steps with what each takes and costs, what is left, and what was proven.

use std::collections::BTreeMap;

use trueup_model::proof::{Proof, ProofShadow, STATEMENTS};
use trueup_model::repair::{Inverse, Repair, Step, TableSize};
use trueup_model::{Difference, Finding, QualifiedName};

use crate::escape;
use crate::plural::count;
use crate::text::page::{Page, Span};
use crate::words::sentence;
use crate::{Style, redact};

/// What is to be shown.
pub struct Planned<'a> {
    pub database: &'a str,
    pub repair: &'a Repair,
    /// What the history takes over from the database.
    pub adopted: &'a Repair,
    pub sizes: &'a BTreeMap<QualifiedName, TableSize>,
    /// Rows that are in the way, a sentence each.
    pub violations: &'a [String],
    pub proof: Option<&'a Proof>,
    /// What also differs, and may be the doing of migrations that could not be read.
    pub left_open: &'a [Difference],
    /// What is wrong besides: with files, or with the ledger.
    pub besides: &'a [Finding],
}

pub fn plan(planned: &Planned<'_>, style: &Style) -> String {
    let Planned { database, repair, adopted, sizes, violations, proof, left_open, besides } = planned;
    let mut page = Page::new(style);
    page.said(
        "",
        &match repair.steps.len() {
            0 if !adopted.steps.is_empty() => format!("nothing to do in {database} itself"),
            0 => format!("nothing to do in {database}"),
            steps => format!("repair of {database}: {}", count(steps, "step")),
        },
    );
    for (number, step) in (1..).zip(&repair.steps) {
        page.gap();
        page.said(&format!("{number:>3}  "), &title(step));
        consequences(step, sizes).iter().for_each(|line| page.said(STEP, line));
        if style.verbose {
            step.statements.iter().for_each(|text| page.verbatim(&format!("{STEP}  "), &escaped(text)));
        }
    }
    if !adopted.steps.is_empty() {
        page.gap();
        page.said("", &format!("taken over into the history from {database}:"));
        for step in &adopted.steps {
            page.said(ITEM, &title(step));
            page.losses(step);
        }
    }
    if !violations.is_empty() {
        page.gap();
        page.said("", "in the way, in the rows as they are now:");
        violations.iter().for_each(|sentence| page.said(ITEM, sentence));
    }
    if !repair.left.is_empty() || !adopted.left.is_empty() {
        page.gap();
        page.said("", "left as it is:");
        for left in repair.left.iter().chain(&adopted.left) {
            page.said(ITEM, &format!("{} {}: {}", left.object.kind.spoken(), left.object, left.reason));
        }
    }
    if !left_open.is_empty() {
        page.gap();
        page.said("", "left open, since a migration that could not be read may have made it so:");
        let name = |left: &Difference| format!("{} {}", left.path.kind.spoken(), left.path);
        page.shortened(left_open.iter().map(name).collect());
    }
    if !besides.is_empty() {
        page.gap();
        page.said("", "not for a repair of the database (trueup check says more):");
        let line =
            |finding: &Finding| format!("{}[{}] {}", finding.severity, finding.code, sentence(finding));
        page.shortened(besides.iter().map(line).collect());
    }
    if let Some(proof) = proof {
        page.gap();
        certificate(proof, &mut page);
    }
    page.finish()
}

/// Of this many lines that somebody else tells in full, the rest is counted.
const MANY: usize = 12;

/// What belongs to a step stands below its title.
pub(crate) const STEP: &str = "     ";

pub(crate) const ITEM: &str = "  - ";

impl Page {
    /// One item for each, and a number for what is too many.
    fn shortened(&mut self, mut lines: Vec<String>) {
        lines.dedup();
        let more = lines.len().saturating_sub(MANY);
        lines.iter().take(MANY).for_each(|line| self.said(ITEM, line));
        if more > 0 {
            self.said(ITEM, &format!("and {more} more"));
        }
    }

    fn losses(&mut self, step: &Step) {
        if let Some(loses) = &step.safety.loses {
            self.said(STEP, &format!("other databases lose: {loses}"));
        }
    }

    /// A sentence with what may be in it: hostile names, and words of a server.
    pub(crate) fn said(&mut self, first: &str, text: &str) {
        let next = " ".repeat(first.len() + if first.trim().is_empty() { 2 } else { 0 });
        self.paragraph(first, &next, &[Span::plain(escape::line(&redact(text)))]);
    }
}

fn escaped(text: &str) -> String {
    escape::lines(&redact(text)).join("\n")
}

fn title(step: &Step) -> String {
    match &step.makes_way_for {
        Some(object) => format!("{} (to make way for {object})", step.title()),
        None => step.title(),
    }
}

fn consequences(step: &Step, sizes: &BTreeMap<QualifiedName, TableSize>) -> Vec<String> {
    let mut lines = Vec::new();
    for (table, lock) in &step.safety.locks {
        let meanwhile = if step.safety.rewrites {
            " while all rows are written anew"
        } else if step.safety.scans {
            " while all rows are read"
        } else {
            ""
        };
        lines.push(format!("locks {table}{}: blocks {}{meanwhile}", size(sizes.get(table)), lock.blocks()));
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
fn certificate(proof: &Proof, page: &mut Page) {
    let ProofShadow { kind, server_version } = &proof.shadow;
    page.said("", &format!("proven on a scratch PostgreSQL {server_version} ({kind}):"));
    STATEMENTS.iter().for_each(|statement| page.said(ITEM, statement));
    for kept in &proof.rows {
        page.said(ITEM, &format!("{} made-up rows of {} kept their values", kept.rows, kept.table));
    }
    page.said(ITEM, way_back(proof.way_back));
    if !proof.unproven.is_empty() {
        page.said("", "not proven:");
        proof.unproven.iter().for_each(|gap| page.said(ITEM, &format!("{}: {}", gap.what, gap.why)));
    }
}

/// ` (12 MB, up to about 40,000 rows)`; nothing of a table that is empty or unknown.
pub(crate) fn size(size: Option<&TableSize>) -> String {
    let Some(size) = size.filter(|size| size.rows > 0) else { return String::new() };
    let rows = usize::try_from(size.rows).unwrap_or(usize::MAX);
    format!(" ({}, up to about {})", bytes(size.bytes), count(rows, "row"))
}

/// `8192 bytes`, `12 MB`.
pub(crate) fn bytes(mut count: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    while count >= 10_240 && unit + 1 < UNITS.len() {
        count /= 1024;
        unit += 1;
    }
    format!("{count} {}", UNITS[unit])
}

pub(crate) fn way_back(led: Option<bool>) -> &'static str {
    match led {
        Some(true) => "the way back leads to the found state",
        Some(false) => "the way back does not lead to the found state",
        None => "there is no way back",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_units_that_people_read() {
        let said = |rows, bytes| size(Some(&TableSize { rows, bytes }));
        assert_eq!(said(1, 8192), " (8192 bytes, up to about 1 row)");
        assert_eq!(said(40_000, 12 << 20), " (12 MB, up to about 40,000 rows)");
        assert_eq!(said(9_000_000, 40 << 30), " (40 GB, up to about 9,000,000 rows)");
        assert_eq!(said(0, 8192), "");
        assert_eq!(size(None), "");
    }
}

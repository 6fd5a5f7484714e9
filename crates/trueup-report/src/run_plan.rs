//! What is about to be done to a live database, as text: each migration with what it makes, locks and loses.

use trueup_model::run::{PlannedRun, RunDirection, RunPlan};

use crate::Style;
use crate::plan::{ITEM, STEP, bytes, size};
use crate::plural::count;
use crate::shell::permission;
use crate::text::page::Page;

/// More lines than that are counted instead, unless all is to be shown.
const SHOWN: usize = 12;

pub fn run_plan(plan: &RunPlan, style: &Style) -> String {
    let mut page = Page::new(style);
    let database = &plan.database;
    page.said(
        "",
        &match (plan.direction, plan.steps.len()) {
            (RunDirection::Apply, 0) => format!("nothing to apply in {database}"),
            (RunDirection::Undo, 0) => format!("nothing to take back in {database}"),
            (RunDirection::Apply, many) => {
                format!("to be applied in {database}: {}", count(many, "migration"))
            }
            (RunDirection::Undo, many) => format!("to be taken back in {database}: {}", count(many, "run")),
        },
    );
    for (number, step) in (1..).zip(&plan.steps) {
        page.gap();
        page.said(&format!("{number:>3}  "), &title(step));
        shown(&step.changes, style, &mut page);
        consequences(step).iter().for_each(|line| page.said(STEP, line));
    }
    if !plan.losses.is_empty() {
        page.gap();
        page.said("", "lost for good:");
        for loss in &plan.losses {
            let permission = if loss.allowed {
                "allowed".to_owned()
            } else {
                format!("not done without {}", permission(&loss.object))
            };
            page.said(ITEM, &format!("{}: {} ({permission})", loss.object, loss.what));
        }
    }
    if let Some(backup) = &plan.backup {
        page.gap();
        let tables: Vec<String> = backup.tables.iter().map(ToString::to_string).collect();
        page.said("", &format!("backed up before, in {}: {}", backup.folder, tables.join(", ")));
        if let Some(free) = backup.free.filter(|free| free / 2 < backup.bytes) {
            let (needed, free) = (bytes(backup.bytes), bytes(free));
            page.said("", &format!("room may be short there: the tables take {needed}, and {free} are free"));
        }
    }
    if !plan.steps.is_empty() {
        page.gap();
        let leads = match plan.direction {
            RunDirection::Apply => "leads where the history says",
            RunDirection::Undo => "leads to what is listed here",
        };
        page.said("", &format!("tried on {}: {leads}", plan.proven_on));
        if !plan.unproven.is_empty() {
            page.said("", "not shown there:");
            plan.unproven.iter().for_each(|line| page.said(ITEM, line));
        }
    }
    plan.notes.iter().for_each(|note| page.said("note: ", note));
    page.finish()
}

fn title(step: &PlannedRun) -> String {
    let proven = if step.is_proven_repair { ", a proven repair" } else { "" };
    let place = if step.file.is_empty() { String::new() } else { format!(" ({}{proven})", step.file) };
    match step.only_recorded {
        true => format!("{}{place}: only recorded, what it makes is there", step.title),
        false => format!("{}{place}: {}", step.title, count(step.statements, "statement")),
    }
}

fn shown(lines: &[String], style: &Style, page: &mut Page) {
    let fits = style.verbose || lines.len() <= SHOWN;
    let some = if fits { lines.len() } else { SHOWN - 1 };
    lines[..some].iter().for_each(|line| page.said(STEP, line));
    if !fits {
        page.said(STEP, &format!("and {} (--verbose shows them)", count(lines.len() - some, "more change")));
    }
}

fn consequences(step: &PlannedRun) -> Vec<String> {
    let mut lines = Vec::new();
    for (table, lock, large) in &step.locks {
        let meanwhile = if step.rewritten.contains(table) { " while all rows are written anew" } else { "" };
        lines.push(format!("locks {table}{}: blocks {}{meanwhile}", size(large.as_ref()), lock.blocks()));
    }
    match step.alone {
        0 => {}
        1 => lines.push("1 statement runs outside of a transaction".to_owned()),
        many => lines.push(format!("{many} statements run outside of a transaction")),
    }
    match step.way_back {
        Some(true) => {}
        Some(false) => lines.push("its way back does not lead back".to_owned()),
        None => lines.push("no way back".to_owned()),
    }
    lines
}

#[cfg(test)]
mod tests {
    use trueup_model::QualifiedName;
    use trueup_model::repair::{Lock, TableSize};
    use trueup_model::run::{BackupPlan, PlannedLoss};

    use super::*;

    fn step(title: &str) -> PlannedRun {
        PlannedRun {
            title: title.to_owned(),
            file: format!("db/{title}.sql"),
            only_recorded: false,
            is_proven_repair: false,
            statements: 2,
            alone: 1,
            changes: (1..=14).map(|number| format!("makes table shop.t{number}")).collect(),
            locks: vec![(
                QualifiedName::new("shop", "orders"),
                Lock::AccessExclusive,
                Some(TableSize { rows: 7, bytes: 8192 }),
            )],
            rewritten: vec![QualifiedName::new("shop", "orders")],
            way_back: None,
        }
    }

    #[test]
    fn everything_that_matters_is_on_the_page() {
        let plan = RunPlan {
            database: "shop".to_owned(),
            direction: RunDirection::Apply,
            steps: vec![
                step("0007"),
                PlannedRun { only_recorded: true, changes: Vec::new(), way_back: Some(true), ..step("0008") },
            ],
            losses: vec![PlannedLoss {
                object: "shop.old".to_owned(),
                what: "12 rows would be lost".to_owned(),
                allowed: false,
            }],
            backup: Some(BackupPlan {
                tables: vec![QualifiedName::new("shop", "old")],
                folder: ".trueup/backups/x".to_owned(),
                bytes: 3 << 30,
                free: Some(5 << 30),
            }),
            proven_on: "a scratch PostgreSQL 17.5 (embedded)".to_owned(),
            unproven: vec!["that rows are kept: postgres://u:hunter2@h/d".to_owned()],
            notes: vec!["a note".to_owned()],
        };
        let style =
            Style { width: 60, colour: false, threshold: trueup_model::Severity::Warning, verbose: false };
        let text = run_plan(&plan, &style);
        for part in [
            "to be applied in shop: 2 migrations",
            "  1  0007 (db/0007.sql): 2 statements",
            "     makes table shop.t11\n     and 3 more changes (--verbose shows them)",
            "locks shop.orders (8192 bytes, up to about 7 rows): blocks reads and writes while all rows",
            "1 statement runs outside of a transaction",
            "     no way back",
            "only recorded, what it",
            "not done without --allow drop:shop.old",
            "backed up before, in .trueup/backups/x: shop.old",
            "room may be short there: the tables take 3072 MB, and 5120 MB are free",
            "note: a note",
        ] {
            let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(flat(&text).contains(&flat(part)), "{part}\n{text}");
        }
        assert!(!text.contains("hunter2"), "{text}");
        let roomy = BackupPlan { free: Some(6 << 30), ..plan.backup.clone().expect("a backup") };
        let text_of_roomy = run_plan(&RunPlan { backup: Some(roomy), ..plan.clone() }, &style);
        assert!(!text_of_roomy.contains("room may be short"), "{text_of_roomy}");
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    }
}

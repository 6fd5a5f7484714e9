//! What once went wrong, found by chance and kept.

mod families;
mod numbers;
mod tables;
mod types;
mod views;

use super::{Bench, How, Outcome};

/// A schema, damage, and what has to come of its repair.
struct Case {
    name: &'static str,
    schema: &'static [&'static str],
    rows: &'static [&'static str],
    damage: &'static [&'static str],
    how: How,
    outcome: Outcome,
}

impl Case {
    /// A case in which all is asked for, and repaired.
    const fn of(name: &'static str) -> Self {
        Case { name, schema: &[], rows: &[], damage: &[], how: How::All, outcome: Outcome::Whole }
    }

    const fn schema(self, schema: &'static [&'static str]) -> Self {
        Case { schema, ..self }
    }

    const fn rows(self, rows: &'static [&'static str]) -> Self {
        Case { rows, ..self }
    }

    const fn damage(self, damage: &'static [&'static str]) -> Self {
        Case { damage, ..self }
    }

    const fn asked_for(self, how: How) -> Self {
        Case { how, ..self }
    }

    const fn leads_to(self, outcome: Outcome) -> Self {
        Case { outcome, ..self }
    }
}

/// Only how a table came to be what it is is not repaired.
const STAYS: &str = "whether a column is its table's own as well as its parent's is settled when it is made";

fn cases() -> impl Iterator<Item = &'static Case> {
    [tables::CASES, views::CASES, families::CASES, numbers::CASES, types::CASES].into_iter().flatten()
}

#[test]
fn what_once_went_wrong_is_repaired() {
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut bench = Bench::new(18);
    let mut wrong = Vec::new();
    for case in cases().filter(|case| case.name.contains(&only)) {
        let owned = |texts: &[&str]| -> Vec<String> { texts.iter().map(ToString::to_string).collect() };
        let mut damage = case.damage.iter().map(|statement| vec![(*statement).to_owned()]);
        let outcome =
            bench.told(&owned(case.schema), &owned(case.rows), &mut |_| damage.next(), case.how, true);
        match outcome {
            Ok(outcome) if outcome == case.outcome => {}
            Ok(outcome) => wrong.push(format!("{}: {outcome:?}, not {:?}", case.name, case.outcome)),
            Err(error) => wrong.push(format!("{}: {error}", case.name)),
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

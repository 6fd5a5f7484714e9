//! What a plan says, and may say: every difference is settled, or left for a reason that is known.

use std::collections::BTreeSet;

use trueup_model::difference::{Change, Nature};
use trueup_model::repair::{Reason, Repair, Step, Verb};
use trueup_model::{Difference, ObjectPath};

use crate::shown;

/// Why something is left for which there is no way. Every proof lets another order of columns pass.
pub fn cannot_be_done(repair: &Repair) -> Option<&'static str> {
    let reasons = repair.left.iter().filter_map(|left| match &left.reason {
        Reason::Impossible(reason) => LEGITIMATE.iter().find(|known| reason.contains(**known)),
        Reason::NeedsPermission(_) | Reason::Follows(_) => None,
    });
    // The worst of them is the one that counts.
    reasons
        .filter(|reason| **reason != ORDER_OF_COLUMNS)
        .max_by_key(|reason| !STAYS.contains(reason))
        .copied()
}

pub fn listed<'d>(differences: impl IntoIterator<Item = &'d Difference>) -> String {
    let each = differences.into_iter().enumerate().map(|(number, difference)| {
        format!("\n  [{number}] {} {}: {:?}", difference.path.kind, difference.path, difference.change)
    });
    each.collect()
}

/// Each chosen difference is settled or left, and nothing is left without a reason that is known.
pub fn all_said(repair: &Repair, chosen: &BTreeSet<usize>, differing: &[Difference]) -> Result<(), String> {
    let settled: BTreeSet<usize> =
        repair.steps.iter().flat_map(|step| step.settles.iter().copied()).collect();
    let left: BTreeSet<usize> = repair.left.iter().map(|left| left.difference).collect();
    let said: BTreeSet<usize> = settled.union(&left).copied().collect();
    if !chosen.is_subset(&said) || settled.intersection(&left).next().is_some() {
        return Err(format!(
            "not every difference is settled or left\n{}\n{}",
            shown(repair),
            listed(differing)
        ));
    }
    for left in &repair.left {
        let Reason::Impossible(reason) = &left.reason else { continue };
        if !LEGITIMATE.iter().any(|known| reason.contains(known)) {
            return Err(format!("left: {}: {reason}\n{}\n{}", left.object, shown(repair), listed(differing)));
        }
    }
    Ok(())
}

const ORDER_OF_COLUMNS: &str = "PostgreSQL cannot change the order of columns";

/// Of rows that are there.
pub const NO_VALUE: &str = "may not be null and has no default, and";

/// What stays, and does not matter for any row.
pub const STAYS: &[&str] =
    &["whether a column is its table's own as well as its parent's is settled when it is made"];

/// Why something may be left.
const LEGITIMATE: &[&str] = &[
    ORDER_OF_COLUMNS,
    "whether a column is its table's own as well as its parent's is settled when it is made",
    "PostgreSQL cannot turn a column into a generated one",
    "how a table is partitioned is settled when it is made",
    NO_VALUE,
    "is not partitioned as it should be, and cannot be changed",
    "and cannot become a partition of it",
    "and cannot inherit from it",
    "and cannot leave it",
    " needs it for arrays",
    "is from before its type got another attribute",
    "is not immutable any more",
    " needs it",
    "and goes only with the parent's own",
    "these need each other, and none can be first: the table",
];

/// What is different and was not said to stay.
pub fn unsaid<'d>(
    rest: &'d [Difference],
    repair: &Repair,
    differing: &[Difference],
    chosen: &BTreeSet<usize>,
) -> Vec<&'d Difference> {
    // What stays of a table that gets another name is said by the name that it had.
    let same = |one: &ObjectPath, other: &ObjectPath| {
        one.kind == other.kind && one.name() == other.name() && (one.is_part() || one == other)
    };
    // Of a relation that stays away another may look like the one that was meant.
    let stays_away = |difference: &Difference| {
        (0..differing.len()).any(|number| {
            (!chosen.contains(&number) || repair.left.iter().any(|left| left.difference == number))
                && matches!(differing[number].change, Change::Missing | Change::Unexpected)
                && differing[number].path.kind.is_relation()
                && difference.path.relation() == differing[number].path.qualified()
        })
    };
    let stays = |difference: &Difference| {
        repair.left.iter().any(|left| same(&left.object, &difference.path))
            || (0..differing.len())
                .any(|number| !chosen.contains(&number) && same(&differing[number].path, &difference.path))
            || stays_away(difference)
    };
    rest.iter()
        .filter(|difference| !stays(difference))
        // What is added stands behind all others.
        .filter(|difference| {
            !matches!(&difference.change, Change::Different(aspect) if aspect.name == "column-order")
        })
        // How the values of a partition are kept is not compared while the column has another name.
        .filter(|difference| {
            let renamed = |step: &Step| step.verb == Verb::Rename && step.object.part == difference.path.part;
            !matches!(&difference.change, Change::Different(aspect) if aspect.nature == Nature::Physical)
                || !repair.steps.iter().any(renamed)
        })
        .collect()
}

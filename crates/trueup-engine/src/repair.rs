//! Plans a repair: differences and dependencies become ordered steps, each with what it takes, breaks and costs.
//!
//! What is moved or renamed comes first in the mind of the planner: all else is decided on the found side as it will
//! stand then ([`known`]). Each difference becomes a creation, a removal or a change ([`draft`]); what stands in the
//! way of these is taken down and put up again around them ([`around`]); what all of that needs puts it into order
//! ([`order`]). What turns out not to be possible is left with its reason, and the rest is planned again without it.

mod altered;
mod around;
mod draft;
mod known;
mod lookup;
mod loss;
mod names;
mod needs;
mod online;
mod order;
mod reworded;
mod safety;
mod scratch;
mod steps;
mod tasks;

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::name::QualifiedName;
use trueup_model::path::ObjectPath;
pub use trueup_model::repair::TableSize;
use trueup_model::repair::{Left, Reason, Repair, Step};
use trueup_model::{Dependencies, Difference};

use crate::findings::Sides;
use draft::Draft;
use known::Known;
use needs::Needs;

/// What a plan is made from.
pub struct PlanRequest<'a> {
    /// The catalogs, expected and found.
    pub sides: &'a Sides<'a>,
    /// All of them, as `compare` gives them.
    pub differences: &'a [Difference],
    /// Which of them to settle: positions in `differences`.
    pub chosen: &'a BTreeSet<usize>,
    /// Of the expected side: what has to be there before something is made.
    pub expected_needs: &'a Dependencies,
    /// Of the found side: what stands in the way of a removal or a change of type.
    pub found_needs: &'a Dependencies,
    /// What may lose something.
    pub allowed: &'a Permissions,
    /// Rows and bytes now, where they are known, by the name that a table is found under.
    pub sizes: &'a (dyn Fn(&QualifiedName) -> Option<TableSize> + Sync),
    /// Of a statement, or a name: which of several files it is written into, where a tool keeps them apart. Where nothing
    /// stands against it, steps of one file are kept together.
    pub file: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

/// What may be dropped, or lose values, because somebody asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permissions {
    Nothing,
    Objects(BTreeSet<ObjectPath>),
    All,
    /// On a scratch server, where no row is worth anything: besides all of that, what cannot be changed is dropped and
    /// made anew, tables too.
    Scratch,
}

impl Permissions {
    pub fn allow(&self, object: &ObjectPath) -> bool {
        match self {
            Permissions::Nothing => false,
            Permissions::Objects(objects) => objects.contains(object),
            Permissions::All | Permissions::Scratch => true,
        }
    }

    fn are_scratch(&self) -> bool {
        match self {
            Permissions::Scratch => true,
            Permissions::Nothing | Permissions::Objects(_) | Permissions::All => false,
        }
    }
}

/// Steps that settle the chosen differences, in an order in which they can be run, and what cannot be settled. Other
/// differences are settled only where that comes with it.
pub fn plan(request: &PlanRequest<'_>) -> Repair {
    let mut refused: BTreeMap<usize, Reason> = BTreeMap::new();
    let mut anew: BTreeSet<ObjectPath> = BTreeSet::new();
    loop {
        let before = (refused.len(), anew.len());
        let steps = attempt(request, &mut refused, &mut anew);
        if (refused.len(), anew.len()) == before {
            // What was refused may have come with something else.
            let settled: BTreeSet<usize> =
                steps.iter().flat_map(|step| step.settles.iter().copied()).collect();
            let left = refused
                .into_iter()
                .filter(|(difference, _)| !settled.contains(difference))
                .map(|(difference, reason)| Left {
                    difference,
                    object: request.differences[difference].path.clone(),
                    reason,
                })
                .collect();
            return Repair { steps, left };
        }
    }
}

/// Plans without what was refused before, and with objects made anew that were in each other's way as they changed.
/// What is refused or in the way now is added, and the steps then mean nothing.
fn attempt(
    request: &PlanRequest<'_>,
    refused: &mut BTreeMap<usize, Reason>,
    anew: &mut BTreeSet<ObjectPath>,
) -> Vec<Step> {
    let wanted: BTreeSet<usize> = request
        .chosen
        .iter()
        .copied()
        .filter(|number| *number < request.differences.len() && !refused.contains_key(number))
        .collect();
    let mut now = BTreeMap::new();
    let known =
        Known::new(request.differences, &wanted, request.sides.expected, request.sides.found, &mut now);
    let sides = Sides { expected: request.sides.expected, found: known.found.as_ref() };
    let expected_needs = Needs::new(request.expected_needs, None);
    let found_needs = Needs::new(request.found_needs, Some(&known));
    let mut draft = Draft::new(request, &known, &wanted, &sides, (&expected_needs, &found_needs));
    draft.refused = now;
    draft.anew = std::mem::take(anew);
    draft.decide(&wanted);
    scratch::make_anew(&mut draft);
    around::make_way(&mut draft);
    scratch::parts_come_with_tables(&mut draft);
    draft.settle_by_creation(&wanted);
    let (tasks, silent) = tasks::tasks(&mut draft);
    let mut tasks = order::in_order(tasks, &mut draft);
    steps::carry_silent(&mut tasks, silent, &mut draft);
    let steps = steps::steps(tasks, &draft);
    let more = scratch::made_anew_instead(&draft);
    *anew = draft.anew;
    if !more.is_empty() {
        anew.extend(more);
        return steps;
    }
    for (number, reason) in draft.refused {
        refused.entry(number).or_insert(reason);
    }
    steps
}

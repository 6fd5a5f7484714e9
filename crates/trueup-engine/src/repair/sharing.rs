//! Guards of steps whose own object cannot tell whether they are still to be done.

use std::collections::BTreeMap;

use trueup_model::path::ObjectPath;
use trueup_model::repair::{Guard, Repair};

/// A step that makes way for another object is to be done as long as that object is as it was: it takes over its
/// measured guard. What is put back afterwards tells by itself whether it is there.
pub fn share_guards(repair: &mut Repair) {
    // From before the first step of an object to after the last one, and where that is.
    let mut whole: BTreeMap<&ObjectPath, (usize, Guard)> = BTreeMap::new();
    for (index, step) in repair.steps.iter().enumerate() {
        // An object that makes way for itself is made anew; all others that make way come again by themselves.
        if step.makes_way_for.as_ref().is_some_and(|object| *object != step.object) {
            continue;
        }
        let (at, guard) = whole.entry(&step.object).or_insert_with(|| (index, step.guard.clone()));
        *at = index;
        guard.after.clone_from(&step.guard.after);
    }
    let shared: Vec<Option<Guard>> = repair
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let object = step.makes_way_for.as_ref().filter(|object| **object != step.object)?;
            whole.get(object).filter(|(at, _)| index < *at).map(|(_, guard)| guard.clone())
        })
        .collect();
    for (step, guard) in repair.steps.iter_mut().zip(shared) {
        if let Some(guard) = guard {
            step.guard = guard;
        }
    }
}

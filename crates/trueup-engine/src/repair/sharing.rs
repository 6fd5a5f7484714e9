//! Guards of steps whose own object cannot tell whether they are still to be done.

use std::collections::BTreeMap;

use trueup_model::path::ObjectPath;
use trueup_model::repair::{Guard, Repair};

/// A step that makes way is to be done as long as the one that needs the way is: it takes over the measured guard of
/// that one. What is put back afterwards tells by itself whether it is there.
pub fn share_guards(repair: &mut Repair) {
    let mut mains: BTreeMap<ObjectPath, (usize, Guard)> = BTreeMap::new();
    for (index, step) in repair.steps.iter().enumerate().filter(|(_, step)| step.makes_way_for.is_none()) {
        mains.entry(step.object.clone()).or_insert_with(|| (index, step.guard.clone()));
    }
    for (index, step) in repair.steps.iter_mut().enumerate() {
        let main = step.makes_way_for.as_ref().and_then(|object| mains.get(object));
        if let Some((_, guard)) = main.filter(|(at, _)| index < *at) {
            step.guard = guard.clone();
        }
    }
}

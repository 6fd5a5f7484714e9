//! Guards of steps that only make way for others.

use std::collections::BTreeMap;

use trueup_model::ObjectPath;
use trueup_model::repair::{Guard, Repair};

/// A step that makes way is to be done as long as the one that needs the way is; what is put back afterwards tells by
/// itself whether it is there.
pub fn guard_by_what_it_makes_way_for(repair: &mut Repair) {
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

#[cfg(test)]
mod tests {
    use trueup_model::repair::{Inverse, Safety, Step, Verb};
    use trueup_model::{Ident, ObjectKind};

    use super::*;

    fn step(name: &str, makes_way_for: Option<&str>) -> Step {
        let view = |name: &str| ObjectPath::in_schema(ObjectKind::View, &Ident::new("shop"), name);
        Step {
            verb: Verb::Alter,
            object: view(name),
            settles: Vec::new(),
            makes_way_for: makes_way_for.map(view),
            statements: Vec::new(),
            inverse: Inverse::Statements(Vec::new()),
            transactional: true,
            safety: Safety::default(),
            guard: Guard { query: format!("about {name}"), before: None, after: None },
        }
    }

    #[test]
    fn what_makes_way_is_guarded_by_what_needs_it_and_what_comes_back_by_itself() {
        let steps = vec![step("view", Some("column")), step("column", None), step("view", Some("column"))];
        let mut repair = Repair { steps, left: Vec::new() };
        guard_by_what_it_makes_way_for(&mut repair);
        let guards: Vec<&str> = repair.steps.iter().map(|step| step.guard.query.as_str()).collect();
        assert_eq!(guards, ["about column", "about column", "about view"]);
    }
}

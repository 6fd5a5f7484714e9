//! Guards of steps that only make way for others.

use std::collections::BTreeMap;

use trueup_model::ObjectPath;
use trueup_model::repair::{Guard, Repair};

/// A step that makes way for another object is to be done as long as that object is as it was: it takes over its
/// measured guard. What is put back afterwards tells by itself whether it is there.
pub fn guard_by_what_it_makes_way_for(repair: &mut Repair) {
    // The steps of each object, and what it is after the last one.
    let mut whole: BTreeMap<&ObjectPath, (Vec<usize>, Guard)> = BTreeMap::new();
    for (index, step) in repair.steps.iter().enumerate() {
        // An object that makes way for itself is made anew; all others that make way come again by themselves.
        if step.makes_way_for.as_ref().is_some_and(|object| *object != step.object) {
            continue;
        }
        let (at, guard) = whole.entry(&step.object).or_insert_with(|| (Vec::new(), step.guard.clone()));
        at.push(index);
        guard.after.clone_from(&step.guard.after);
        guard.finally.clone_from(&step.guard.finally);
    }
    let shared: Vec<Option<Guard>> = repair
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let object = step.makes_way_for.as_ref().filter(|object| **object != step.object)?;
            let (at, guard) = whole.get(object)?;
            // It may have been moved by then.
            let next = at.iter().find(|at| index < **at)?;
            Some(Guard { before: repair.steps[*next].guard.before.clone(), ..guard.clone() })
        })
        .collect();
    for (step, guard) in repair.steps.iter_mut().zip(shared) {
        if let Some(guard) = guard {
            step.guard = guard;
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
            guard: Guard { query: format!("about {name}"), before: None, after: None, finally: None },
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

    #[test]
    fn what_was_moved_before_is_known_as_it_is_then() {
        let of = |guard: &str| Some(Some(guard.to_owned()));
        let mut steps = vec![step("table", None), step("key", Some("table")), step("table", None)];
        steps[0].guard.before = Some(None);
        steps[0].guard.after = of("moved");
        steps[2].guard.before = of("moved");
        steps[2].guard.after = of("attached");
        let mut repair = Repair { steps, left: Vec::new() };
        guard_by_what_it_makes_way_for(&mut repair);
        let guard = &repair.steps[1].guard;
        assert_eq!((&guard.before, &guard.after), (&of("moved"), &of("attached")));
    }

    #[test]
    fn what_is_made_anew_in_two_steps_is_known_by_both() {
        let of = |guard: &str| Some(Some(guard.to_owned()));
        let mut steps = vec![step("other", Some("view")), step("view", Some("view")), step("view", None)];
        steps[1].guard.before = of("old");
        steps[1].guard.after = Some(None);
        steps[2].guard.before = Some(None);
        steps[2].guard.after = of("new");
        let own = steps[1].guard.clone();
        let mut repair = Repair { steps, left: Vec::new() };
        guard_by_what_it_makes_way_for(&mut repair);
        assert_eq!(repair.steps[1].guard, own);
        assert_eq!((&repair.steps[0].guard.before, &repair.steps[0].guard.after), (&of("old"), &of("new")));
    }
}

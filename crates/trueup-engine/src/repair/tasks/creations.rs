//! What is made, or made again: its statements, and what of it cannot be.

use std::collections::BTreeMap;

use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Reason;

use super::prevented::{cannot_be_made_now, cannot_come_again, lacking, says_missing_label};
use super::{Doing, Task};
use crate::dialect::{self, Written};
use crate::findings::Sides;
use crate::repair::draft::{Causes, Creation, Draft};
use crate::repair::scratch::found_then;
use crate::together::for_each;

pub(super) fn creations(draft: &mut Draft<'_>, tasks: &mut Vec<Task>, silent: &mut Vec<(usize, ObjectPath)>) {
    let found = found_then(draft);
    let sides = &Sides { expected: draft.sides.expected, found: &found };
    let as_found = Sides { expected: draft.sides.found, found: &found };
    let all: Vec<(&ObjectPath, &Creation)> = draft.creations.iter().collect();
    let draft_now: &Draft<'_> = draft;
    let made = for_each(&all, |(path, creation)| make(draft_now, path, creation, sides, &as_found));
    let mut refusals: Vec<(Causes, Reason)> = Vec::new();
    for ((path, creation), Made { written, reasons }) in all.into_iter().zip(made) {
        match written {
            // It went along with something, and nobody expects it any more.
            None => {}
            Some(Written::Impossible(reason)) => {
                refusals.push((creation.causes.clone(), Reason::Impossible(reason)));
            }
            Some(Written::Statements(statements)) if statements.is_empty() => {
                silent.extend(creation.settles.iter().map(|number| (*number, path.clone())));
            }
            Some(Written::Statements(statements)) => tasks.push(Task {
                as_found: creation.as_found,
                ..Task::new(Doing::Create, path, &creation.causes, &creation.settles, statements)
            }),
        }
        refusals.extend(reasons.into_iter().map(|reason| (creation.causes.clone(), reason)));
    }
    for (path, changes) in &draft.changes {
        for change in changes {
            if let Some(of) = says_missing_label(draft, path, &change.statements) {
                refusals.push((change.settles.clone(), Reason::Follows(of)));
            }
            if change.aspects.contains(&"generated")
                && let Some(reason) = cannot_be_made_now(draft, path, false)
            {
                refusals.push((change.settles.clone(), reason));
            }
        }
        let Some(missing) = lacking(draft, path) else { continue };
        if draft.found_needs.is_needed(path, &missing) {
            continue;
        }
        for change in changes {
            let everywhere = |aspect: &&str| matches!(*aspect, "comment" | "owner" | "privileges");
            if !change.aspects.iter().all(everywhere) {
                refusals.push((change.settles.clone(), Reason::Follows(missing.clone())));
            }
        }
    }
    for (causes, reason) in refusals {
        draft.refuse(&causes, &reason);
    }
}

/// The statements of a creation, and why it cannot be.
struct Made {
    written: Option<Written>,
    reasons: Vec<Reason>,
}

fn make(
    draft: &Draft<'_>,
    path: &ObjectPath,
    creation: &Creation,
    sides: &Sides<'_>,
    as_found: &Sides<'_>,
) -> Made {
    let written = if creation.as_found {
        draft.sides.found.find(path).map(|entry| dialect::create(entry, as_found))
    } else {
        sides.expected.find(path).map(|entry| dialect::create(entry, sides))
    };
    let mut reasons = Vec::new();
    if let Some(Written::Statements(statements)) = &written
        && !creation.as_found
    {
        reasons.extend(says_missing_label(draft, path, statements).map(Reason::Follows));
    }
    if let Some(reason) = cannot_come_again(draft, path).filter(|_| creation.as_found) {
        // As it should be, it could.
        let expected = sides.expected.contains(path);
        reasons.push(if expected { Reason::Follows(path.clone()) } else { Reason::Impossible(reason) });
    }
    reasons.extend(lacking(draft, path).filter(|_| !creation.as_found).map(Reason::Follows));
    reasons.extend(cannot_be_made_now(draft, path, creation.as_found));
    Made { written, reasons }
}

/// A check that is to be the parent's alone, where the parent's comes anyway: the own one goes before, and the new one
/// brings it again.
pub(super) fn checks_of_heirs(
    draft: &Draft<'_>,
    tasks: &mut Vec<Task>,
    silent: &mut Vec<(usize, ObjectPath)>,
) {
    let sides = draft.sides;
    let comes: BTreeMap<ObjectPath, usize> = (0..tasks.len())
        .filter(|at| tasks[*at].doing == Doing::Create && !tasks[*at].as_found)
        .filter(|at| tasks[*at].path.kind == ObjectKind::CheckConstraint)
        .map(|at| (tasks[at].path.clone(), at))
        .collect();
    let mut brought: BTreeMap<ObjectPath, usize> = BTreeMap::new();
    for at in 0..tasks.len() {
        let task = &tasks[at];
        if task.doing != Doing::Alter || !task.aspects.contains(&"inherited") {
            continue;
        }
        let Some(after) = sides.expected.find(&task.path).filter(|after| after.object.is_inherited()) else {
            continue;
        };
        // The parent may have it from its own parent.
        let mut above = dialect::same_of_parent(after, sides);
        while let Some(inherited) = above.filter(|above| above.object.is_inherited()) {
            above = dialect::same_of_parent(inherited, sides);
        }
        let Some(new) = above.and_then(|above| comes.get(&above.path)).copied() else { continue };
        brought.insert(task.path.clone(), new);
        tasks[at].statements = vec![dialect::drop_check(&after.path, sides)];
        tasks[new].statements.extend(dialect::comment_of_new(after));
    }
    // What is said of the new one is said when it is there.
    tasks.retain(|task| {
        let new =
            brought.get(&task.path).filter(|_| task.doing == Doing::Alter && task.aspects == ["comment"]);
        if let Some(new) = new {
            let path = comes.iter().find(|(_, at)| *at == new).map(|(path, _)| path);
            silent.extend(task.settles.iter().flat_map(|number| path.map(|path| (*number, path.clone()))));
        }
        new.is_none()
    });
}

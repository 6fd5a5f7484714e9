//! Puts steps into an order in which each finds what it needs, and nothing that is in its way.

mod edges;
mod turns;

use std::collections::BTreeSet;

use trueup_model::path::ObjectPath;
use trueup_model::repair::Reason;

use super::around::words;
use super::draft::Draft;
use super::scratch::may_be_made_anew;
use super::tasks::{Doing, Task};
use edges::Edges;
use turns::Turns;

/// Sorted by what has to come first; among what could come next, what goes into the same file as the one before, and
/// by [`Doing`], kind and path. What needs each other is refused.
pub(super) fn in_order(mut tasks: Vec<Task>, draft: &mut Draft<'_>) -> Vec<Task> {
    tasks.sort_by(|a, b| {
        (a.doing, a.path.is_part(), a.path.kind, &a.path).cmp(&(
            b.doing,
            b.path.is_part(),
            b.path.kind,
            &b.path,
        ))
    });
    let Edges { before, better, .. } = Edges::of(&tasks, draft);
    let mut open: Vec<BTreeSet<usize>> = before.clone();
    for (task, earlier) in better.iter().enumerate() {
        open[task].extend(earlier);
    }
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); tasks.len()];
    for (task, befores) in open.iter().enumerate() {
        for other in befores {
            after[*other].push(task);
        }
    }
    let mut turns = Turns::of(&tasks, draft.request.file);
    for task in (0..tasks.len()).filter(|task| open[*task].is_empty()) {
        turns.is_ready(task);
    }
    let mut left: BTreeSet<usize> = (0..tasks.len()).collect();
    let mut order = Vec::with_capacity(tasks.len());
    while !left.is_empty() {
        let Some(next) = turns.take(&open, &after) else {
            let cycle = cycle(&open, &left);
            let gives_in = (0..cycle.len())
                .map(|at| (cycle[at], cycle[(at + 1) % cycle.len()]))
                .find(|(later, earlier)| !before[*later].contains(earlier));
            if let Some((later, earlier)) = gives_in {
                open[later].remove(&earlier);
                if open[later].is_empty() {
                    turns.is_ready(later);
                }
                continue;
            }
            refuse(&tasks, &cycle, draft);
            // The plan is made again without them.
            break;
        };
        left.remove(&next);
        order.push(next);
        for task in &after[next] {
            open[*task].remove(&next);
            if open[*task].is_empty() && left.contains(task) {
                turns.is_ready(*task);
            }
        }
    }
    let mut slots: Vec<Option<Task>> = tasks.into_iter().map(Some).collect();
    order.into_iter().filter_map(|task| slots[task].take()).collect()
}

/// Steps of which each waits for the next, and the last for the first.
fn cycle(open: &[BTreeSet<usize>], left: &BTreeSet<usize>) -> Vec<usize> {
    let mut walked: Vec<usize> = Vec::new();
    let mut at = left.first().copied();
    while let Some(task) = at {
        if let Some(start) = walked.iter().position(|other| *other == task) {
            return walked.split_off(start);
        }
        walked.push(task);
        at = open[task].first().copied();
    }
    walked
}

/// What changes while others of the circle go and come can go and come itself. Otherwise none of them can be done.
fn refuse(tasks: &[Task], cycle: &[usize], draft: &mut Draft<'_>) {
    let anew: Vec<ObjectPath> = cycle
        .iter()
        .map(|task| &tasks[*task])
        .filter(|task| task.doing == Doing::Alter && may_be_made_anew(draft, task.path.kind))
        .map(|task| task.path.clone())
        .filter(|path| !draft.anew.contains(path))
        .collect();
    if !anew.is_empty() {
        draft.anew.extend(anew);
        return;
    }
    let names: BTreeSet<String> = cycle
        .iter()
        .map(|task| format!("the {} {}", words(tasks[*task].path.kind), tasks[*task].path))
        .collect();
    let names: Vec<String> = names.into_iter().collect();
    let reason =
        Reason::Impossible(format!("these need each other, and none can be first: {}", names.join(", ")));
    let causes = cycle.iter().flat_map(|task| tasks[*task].causes.iter().copied()).collect();
    draft.refuse(&causes, &reason);
}

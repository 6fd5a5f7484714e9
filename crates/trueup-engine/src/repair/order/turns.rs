//! Whose turn it is: a tool that keeps apart what is about different tables gets as few files as possible, because steps
//! that go into one of them are taken one after the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::repair::tasks::Task;

/// Steps that are ready, by the file that they go into.
pub(super) struct Turns {
    /// The number of each step's file. What goes into none goes into whichever is being written.
    files: Vec<usize>,
    /// By the numbers of files.
    ready: Vec<BTreeSet<usize>>,
    /// How many steps of each file are still to come.
    left: Vec<usize>,
    now: usize,
}

/// The number of no file.
const NONE: usize = 0;

impl Turns {
    pub(super) fn of(tasks: &[Task], file: &dyn Fn(&str) -> Option<String>) -> Self {
        let name = |task: &Task| {
            let own = file(&task.path.to_string());
            own.or_else(|| task.statements.iter().find_map(|statement| file(statement)))
        };
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        let mut number = |name: String| {
            let next = numbers.len() + 1;
            *numbers.entry(name).or_insert(next)
        };
        let files: Vec<usize> = tasks.iter().map(|task| name(task).map_or(NONE, &mut number)).collect();
        let mut left = vec![0; numbers.len() + 1];
        for file in &files {
            left[*file] += 1;
        }
        Turns { ready: vec![BTreeSet::new(); left.len()], files, left, now: NONE }
    }

    /// A step waits for nothing any more.
    pub(super) fn is_ready(&mut self, task: usize) {
        self.ready[self.files[task]].insert(task);
    }

    /// The first step of the file that is being written, or of none. Where there is no such step, another file begins.
    /// `open` is what each step waits for, `after` what waits for it.
    pub(super) fn take(&mut self, open: &[BTreeSet<usize>], after: &[Vec<usize>]) -> Option<usize> {
        let first = |file: usize| self.ready[file].first().copied();
        let stays = first(NONE).into_iter().chain(first(self.now)).min();
        let next = stays.or_else(|| self.begin(open, after))?;
        let file = self.files[next];
        self.ready[file].remove(&next);
        self.left[file] -= 1;
        if file != NONE {
            self.now = file;
        }
        Some(next)
    }

    /// The first step of a file that can then be finished: it has to be written anyway, and others may wait for it.
    /// Where there is none, the first step of all.
    fn begin(&self, open: &[BTreeSet<usize>], after: &[Vec<usize>]) -> Option<usize> {
        let mut firsts: Vec<usize> = self.ready.iter().filter_map(|ready| ready.first().copied()).collect();
        firsts.sort_unstable();
        let finishes = |task: &&usize| self.can_be_finished(self.files[**task], open, after);
        firsts.iter().find(finishes).or_else(|| firsts.first()).copied()
    }

    /// Whether all steps of a file that are left can be taken now, with others that go into none.
    fn can_be_finished(&self, file: usize, open: &[BTreeSet<usize>], after: &[Vec<usize>]) -> bool {
        let goes_along = |task: &usize| self.files[*task] == file || self.files[*task] == NONE;
        let mut taken: Vec<usize> = self.ready[file].iter().copied().collect();
        let mut waits: BTreeMap<usize, usize> = BTreeMap::new();
        let mut at = 0;
        while let Some(task) = taken.get(at).copied() {
            at += 1;
            // What need not wait for it may have been taken before.
            for later in after[task].iter().filter(|later| goes_along(later) && open[**later].contains(&task))
            {
                let waits = waits.entry(*later).or_insert(open[*later].len());
                *waits -= 1;
                if *waits == 0 {
                    taken.push(*later);
                }
            }
        }
        taken.iter().filter(|task| self.files[**task] == file).count() == self.left[file]
    }
}

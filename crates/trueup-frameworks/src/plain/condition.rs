//! `\if`, `\elif`, `\else` and `\endif` as psql follows them, as far as the conditions stand in the file.

use trueup_model::Place;
use trueup_sql::split::PsqlCommand;

/// The conditions that are open at a place of a file. Each file has its own.
#[derive(Default)]
pub(super) struct Conditions {
    open: Vec<Condition>,
    /// Where the last command stood that decided what runs.
    last: Option<(u32, u32)>,
}

struct Condition {
    begins: Place,
    branch: Branch,
    after_else: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Branch {
    Runs,
    /// No condition has held so far: a later one may.
    Waits,
    /// An earlier branch ran, or nothing around it does.
    Over,
    /// Only psql knows.
    Unknown,
}

/// What a command means for the conditions.
pub(super) enum Step {
    /// It is one of them, and is followed.
    Condition,
    /// It is one of them, and only psql knows whether it holds.
    Unknown,
    /// It stands where it cannot stand: what is wrong.
    Stray(&'static str),
    /// It is another command.
    Other,
}

impl Conditions {
    /// Whether what stands here is known to run.
    pub(super) fn hold(&self) -> bool {
        self.open.iter().all(|condition| condition.branch == Branch::Runs)
    }

    pub(super) fn are_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether a condition stands between the beginning of a statement, which is this place, and its end, which was
    /// just reached.
    pub(super) fn cut(&self, beginning: &Place) -> bool {
        self.last.is_some_and(|last| (beginning.line, beginning.column) < last)
    }

    /// Where conditions begin that have no end.
    pub(super) fn never_ended(self) -> impl Iterator<Item = Place> {
        self.open.into_iter().map(|condition| condition.begins)
    }

    pub(super) fn step(&mut self, command: &PsqlCommand) -> Step {
        let step = match command.name.as_str() {
            "if" => self.begin(command),
            "elif" => self.branch(command, false),
            "else" => self.branch(command, true),
            "endif" => return self.end(command),
            _ => return Step::Other,
        };
        // What is nested in something that does not run decides nothing.
        let around = self.open.split_last().map_or(&[][..], |(_, around)| around);
        if around.iter().all(|condition| condition.branch == Branch::Runs) {
            self.last = Some((command.place.line, command.place.column));
        }
        step
    }

    fn begin(&mut self, command: &PsqlCommand) -> Step {
        let branch = if self.hold() { judged(&command.arguments) } else { Branch::Over };
        self.open.push(Condition { begins: command.place.clone(), branch, after_else: false });
        told(branch)
    }

    fn branch(&mut self, command: &PsqlCommand, is_else: bool) -> Step {
        let Some(condition) = self.open.last_mut() else { return Step::Stray("has no \\if before it") };
        if condition.after_else {
            return Step::Stray("stands after \\else");
        }
        condition.after_else = is_else;
        match condition.branch {
            Branch::Runs | Branch::Over => condition.branch = Branch::Over,
            Branch::Waits if is_else => condition.branch = Branch::Runs,
            Branch::Waits => {
                condition.branch = judged(&command.arguments);
                return told(condition.branch);
            }
            // It was told at the condition that nobody knows.
            Branch::Unknown => {}
        }
        Step::Condition
    }

    fn end(&mut self, command: &PsqlCommand) -> Step {
        if self.open.pop().is_none() {
            return Step::Stray("has no \\if before it");
        }
        if self.hold() {
            self.last = Some((command.place.line, command.place.column));
        }
        Step::Condition
    }
}

fn told(branch: Branch) -> Step {
    match branch {
        Branch::Unknown => Step::Unknown,
        Branch::Runs | Branch::Waits | Branch::Over => Step::Condition,
    }
}

fn judged(condition: &str) -> Branch {
    match literal(condition) {
        Some(true) => Branch::Runs,
        Some(false) => Branch::Waits,
        None => Branch::Unknown,
    }
}

/// A boolean as psql takes it: in any case, and shortened as long as it is clear. Anything else depends on variables,
/// or is a mistake that psql takes for false.
fn literal(condition: &str) -> Option<bool> {
    let word = condition.trim();
    let word = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')).unwrap_or(word);
    let word = word.to_ascii_lowercase();
    let shortens = |whole: &str, least: usize| word.len() >= least && whole.starts_with(word.as_str());
    if shortens("true", 1) || shortens("yes", 1) || word == "on" || word == "1" {
        Some(true)
    } else if shortens("false", 1) || shortens("no", 1) || shortens("off", 2) || word == "0" {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_those_of_psql() {
        for word in ["true", "TRUE", "t", "tru", "yes", "Y", "on", "1", "'true'", " true "] {
            assert_eq!(literal(word), Some(true), "{word}");
        }
        for word in ["false", "f", "no", "n", "off", "of", "0"] {
            assert_eq!(literal(word), Some(false), "{word}");
        }
        for word in ["", "''", "o", "maybe", ":x", ":{?x}", "`true`", "true;", "not true", "10", "truely"] {
            assert_eq!(literal(word), None, "{word}");
        }
    }
}

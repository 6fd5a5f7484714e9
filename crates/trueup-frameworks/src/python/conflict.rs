//! Conflicts of merges that nobody settled: what a parser makes of their marks says nothing to anybody.

use super::source::Span;

/// The first conflict in a text that does not parse: its first line, and what is wrong with it.
pub(super) fn conflict(text: &str) -> Option<(Span, String)> {
    let mut begun: Option<(u32, &str)> = None;
    let mut start: u32 = 0;
    for line in text.split_inclusive('\n') {
        let written = line.trim_end();
        if is_mark(written, "<<<<<<<") {
            begun.get_or_insert((start, written));
        }
        if let Some((at, first)) = begun
            && is_mark(written, "=======")
        {
            let end = at.saturating_add(u32::try_from(first.len()).unwrap_or(u32::MAX));
            let message = format!("a merge left a conflict here that nobody has settled ({first})");
            return Some((Span { start: at, end }, message));
        }
        start = start.saturating_add(u32::try_from(line.len()).unwrap_or(u32::MAX));
    }
    None
}

/// A mark stands at the beginning of a line, and a name may follow it.
fn is_mark(line: &str, mark: &str) -> bool {
    line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_is_found_by_its_marks_at_the_beginning_of_lines() {
        let told = |text: &str| conflict(text).map(|(span, message)| (span.start, message));
        let text = "class A:\n<<<<<<< HEAD\n    a = 1\n=======\n    a = 2\n>>>>>>> other\n";
        let message = "a merge left a conflict here that nobody has settled (<<<<<<< HEAD)".to_owned();
        assert_eq!(told(text), Some((9, message)));
        assert_eq!(told("a = 1 <<<<<<< 2\n=======\n"), None);
        assert_eq!(told("<<<<<<< HEAD\na = 1\n"), None);
    }
}

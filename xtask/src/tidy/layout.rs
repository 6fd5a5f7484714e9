//! How files look: module documentation, blanks at the ends of lines.

use super::Problem;
use super::files::{File, Files};

/// Files of Rust without `//!` at their top.
pub fn module_docs(files: &Files) -> Vec<Problem> {
    let undocumented = files.rust().filter(|file| !opens_with_docs(&file.text));
    undocumented.map(|file| problem(file, 1, "does not open with `//!` and what it is for")).collect()
}

/// Attributes of the whole file may stand before.
fn opens_with_docs(text: &str) -> bool {
    let first = text.lines().find(|line| !line.is_empty() && !line.starts_with("#!["));
    first.and_then(|line| line.strip_prefix("//! ")).is_some_and(|words| !words.trim().is_empty())
}

/// Blanks before the end of a line, and a missing end of the last line.
pub fn trailing_blanks(files: &Files) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files.with_ending(&["rs", "toml", "md", "sql", "sh"]) {
        for (index, line) in file.text.split('\n').enumerate() {
            if line.ends_with([' ', '\t']) {
                problems.push(problem(file, index + 1, "ends with a blank"));
            }
        }
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            problems.push(problem(file, file.text.lines().count(), "the last line has no end"));
        }
    }
    problems
}

fn problem(file: &File, line: usize, text: &str) -> Problem {
    Problem { file: file.path.clone(), line, text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{module_docs, trailing_blanks};
    use crate::tidy::files::Files;

    #[test]
    fn a_file_that_does_not_say_what_it_is_for_is_found() {
        let files = Files::of(&[
            ("crates/a/src/good.rs", "//! What it is for.\n"),
            ("crates/a/tests/good.rs", "#![cfg(unix)]\n\n//! Tests.\n"),
            ("crates/a/src/bare.rs", "fn a() {}\n"),
            ("crates/a/src/empty.rs", ""),
            ("crates/a/src/silent.rs", "//!\nfn a() {}\n"),
        ]);
        let found: Vec<String> = module_docs(&files).into_iter().map(|problem| problem.file).collect();
        assert_eq!(found, ["crates/a/src/bare.rs", "crates/a/src/empty.rs", "crates/a/src/silent.rs"]);
    }

    #[test]
    fn blanks_at_the_end_of_a_line_are_found() {
        let files = Files::of(&[("a.rs", "one\ntwo \nthree\t\n"), ("b.md", "no end"), ("c.snap", "x \n")]);
        let found: Vec<(String, usize)> =
            trailing_blanks(&files).into_iter().map(|problem| (problem.file, problem.line)).collect();
        assert_eq!(found, [("a.rs".to_owned(), 2), ("a.rs".to_owned(), 3), ("b.md".to_owned(), 1)]);
    }
}

//! A dependency that may break us with a small release is named in one file, so that changing it is changing that
//! file.

use super::Problem;
use super::files::Files;
use super::rust::{begins_word, code, line_of};

/// What names of the dependency begin with, and the one file that may use them; `None` while nobody does.
const FRAGILE: &[(&str, Option<&str>)] = &[
    // The embedded server. It takes `virtual_net` with it, which only the manifest names.
    ("pglite_oxide", Some("crates/trueup-database/src/shadow/embedded.rs")),
    ("virtual_net", None),
    // Parsers of Python and of SQL.
    ("ruff_", Some("crates/trueup-frameworks/src/python/parse.rs")),
    ("squawk_", None),
];

pub fn named_once(files: &Files) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files.shipped() {
        let code = code(&file.text);
        for (name, home) in FRAGILE.iter().filter(|(_, home)| *home != Some(file.path.as_str())) {
            for (position, _) in
                code.match_indices(name).filter(|(position, _)| begins_word(&code, *position))
            {
                let text = match home {
                    Some(home) => format!("names {name}, which belongs into {home}"),
                    None => format!("names {name}: say in xtask/src/tidy/dependencies.rs which file may"),
                };
                problems.push(Problem { file: file.path.clone(), line: line_of(&code, position), text });
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::named_once;
    use crate::tidy::files::Files;

    #[test]
    fn a_second_file_that_names_a_fragile_dependency_is_found() {
        let uses = "//! A.\nuse pglite_oxide::PgliteServer;\n";
        let files = Files::of(&[
            ("crates/trueup-database/src/shadow/embedded.rs", uses),
            ("crates/trueup-database/src/shadow/choice.rs", uses),
            ("crates/trueup-sql/src/split.rs", "//! Like squawk_syntax.\nuse squawk_syntax::ast;\n"),
        ]);
        let found: Vec<(String, usize)> =
            named_once(&files).into_iter().map(|problem| (problem.file, problem.line)).collect();
        assert_eq!(
            found,
            [
                ("crates/trueup-database/src/shadow/choice.rs".to_owned(), 2),
                ("crates/trueup-sql/src/split.rs".to_owned(), 2)
            ]
        );
    }
}

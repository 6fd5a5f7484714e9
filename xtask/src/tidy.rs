//! `cargo xtask tidy`: the walls of the code, and sizes to look at.
//!
//! A wall is a function from files to problems. Each has a test below it that feeds it a violation, and the test at
//! the end of this file holds the whole workspace against all of them.

mod arrows;
mod clippy;
mod dependencies;
mod documented;
mod layout;
mod places;
mod printing;
mod sizes;
mod sql_text;

mod files;
mod rust;

use anyhow::{Result, bail};

use crate::no_arguments;
use files::Files;

/// Something that must not be, and where.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    file: String,
    /// The first line is 1; 0 stands for the whole file.
    line: usize,
    text: String,
}

struct Wall {
    name: &'static str,
    find: fn(&Files) -> Vec<Problem>,
}

const WALLS: &[Wall] = &[
    Wall { name: "each file says what it is for", find: layout::module_docs },
    Wall { name: "lines end where their text ends", find: layout::trailing_blanks },
    Wall { name: "only terminal.rs prints", find: printing::printing },
    Wall { name: "pure crates stay pure", find: clippy::walls_of_clippy },
    Wall { name: "a dependency that may break us is named in one file", find: dependencies::named_once },
    Wall { name: "what can be typed is documented", find: documented::documented },
    Wall {
        name: "SQL text is made in the dialect, the script and the writers only",
        find: sql_text::sql_text,
    },
    Wall { name: "no path of somebody's machine", find: places::paths },
    Wall { name: "no host of a registry", find: places::registries },
];

pub fn run(arguments: &[String]) -> Result<()> {
    no_arguments("tidy", arguments)?;
    let files = Files::of_workspace(&crate::root())?;
    let problems = problems(&files)?;
    eprint!("{}", sizes::report(&files));
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{} of the house rules are broken:\n{}", problems.len(), problems.join("\n"))
}

fn problems(files: &Files) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for wall in WALLS {
        let mut found = (wall.find)(files);
        found.sort();
        lines.extend(found.into_iter().map(|problem| line(&problem, wall.name)));
    }
    let arrows = arrows::crossed(&arrows::of_workspace(&crate::root())?);
    lines.extend(arrows.iter().map(|problem| line(problem, "crates see only what the picture shows")));
    Ok(lines)
}

fn line(problem: &Problem, rule: &str) -> String {
    let Problem { file, line, text } = problem;
    match line {
        0 => format!("  {file}: {text} ({rule})"),
        line => format!("  {file}:{line}: {text} ({rule})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        let files = Files::of_workspace(&crate::root()).expect("readable");
        assert!(files.all().len() > 100, "the walk found only {} files", files.all().len());
        let problems = problems(&files).expect("cargo metadata works");
        assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    }

    #[test]
    fn a_problem_is_said_with_its_place_and_rule() {
        let problem = Problem { file: "a.rs".to_owned(), line: 3, text: "wrong".to_owned() };
        assert_eq!(line(&problem, "all is right"), "  a.rs:3: wrong (all is right)");
        assert_eq!(line(&Problem { line: 0, ..problem }, "all is right"), "  a.rs: wrong (all is right)");
    }
}

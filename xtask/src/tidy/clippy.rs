//! Crates that must not touch the world have a `clippy.toml` that says so. Clippy itself holds them to it; here it is
//! seen to that no such file gets lost or loses its teeth.

use super::Problem;
use super::files::Files;

const NO_PROCESS: &[&str] = &["std::process::Command", "std::net::TcpStream", "std::println"];
const PURE: &[&str] = &[
    "std::process::Command",
    "std::net::TcpStream",
    "std::println",
    "std::fs::read",
    "std::fs::File",
    "std::env::var",
    "std::time::SystemTime",
    "std::time::Instant",
    "std::collections::hash_map::RandomState",
];

/// Crates, and what each forbids at least.
const CRATES: &[(&str, &[&str])] = &[
    ("trueup-model", PURE),
    ("trueup-sql", PURE),
    ("trueup-engine", PURE),
    ("trueup-report", PURE),
    ("trueup-frameworks", NO_PROCESS),
];

pub fn walls_of_clippy(files: &Files) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, forbidden) in CRATES {
        let path = format!("crates/{name}/clippy.toml");
        let text = files.all().iter().find(|file| file.path == path).map_or("", |file| &file.text);
        for word in forbidden.iter().filter(|word| !text.contains(&format!("path = \"{word}\""))) {
            problems.push(Problem { file: path.clone(), line: 0, text: format!("does not forbid {word}") });
        }
    }
    for file in files.shipped() {
        let walled = CRATES.iter().any(|(name, _)| file.path.starts_with(&format!("crates/{name}/")));
        if walled && file.text.contains("clippy::disallowed_") {
            problems.push(Problem {
                file: file.path.clone(),
                line: 0,
                text: "climbs over the wall".to_owned(),
            });
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::{CRATES, NO_PROCESS, PURE, walls_of_clippy};
    use crate::tidy::files::Files;

    #[test]
    fn a_lost_wall_a_lower_one_and_a_way_over_it_are_found() {
        let all: String = PURE.iter().map(|word| format!("{{ path = \"{word}\" }},\n")).collect();
        let lower = all.replace("std::fs::read", "std::fs::write");
        let walls: Vec<(String, &str)> =
            CRATES.iter().map(|(name, _)| (format!("crates/{name}/clippy.toml"), all.as_str())).collect();
        let mut files: Vec<(&str, &str)> = walls.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        assert_eq!(walls_of_clippy(&Files::of(&files)), []);

        files[1].1 = &lower;
        files.push((
            "crates/trueup-sql/src/a.rs",
            "//! A.\n#[allow(clippy::disallowed_methods)]\nfn a() {}\n",
        ));
        let last = files.remove(4);
        assert!(last.0.contains("frameworks"), "{last:?}");
        let found: Vec<String> =
            walls_of_clippy(&Files::of(&files)).into_iter().map(|problem| problem.text).collect();
        assert_eq!(found[0], "does not forbid std::fs::read");
        assert_eq!(found.len(), 1 + NO_PROCESS.len() + 1, "{found:?}");
        assert_eq!(found[found.len() - 1], "climbs over the wall");
    }
}

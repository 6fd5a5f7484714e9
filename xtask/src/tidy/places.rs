//! Nothing in the repository knows a machine: no path of somebody's folders, no host of a package registry.

use super::Problem;
use super::files::{File, Files};

/// Folders in which people keep their own. The one of Homebrew is the same on every machine.
const HOMES: &[&str] = &["/home/", "/Users/", "/root/", "C:\\Users\\"];
const SHARED: &[&str] = &["/home/linuxbrew/"];

/// The only source that the lock file may name.
const PUBLIC: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Words in the names of hosts that hand out packages.
const REGISTRIES: &[&str] = &["registry", "artifactory", "nexus", "mirror", "pypi", "npmjs", "crates"];

pub fn paths(files: &Files) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in watched(files) {
        for (index, line) in file.text.lines().enumerate() {
            let home = HOMES.iter().find(|home| {
                line.match_indices(**home).any(|(position, _)| {
                    let path = &line[position..];
                    let somebody = path[home.len()..].starts_with(|c: char| c.is_alphanumeric());
                    somebody && !SHARED.iter().any(|shared| path.starts_with(shared))
                })
            });
            // A root such as `/src` would be found in every second relative path.
            let checkout = files.root.matches(['/', '\\']).count() > 1 && line.contains(&files.root);
            if home.is_some() || checkout {
                problems.push(problem(file, index, "names a folder of one machine".to_owned()));
            }
        }
    }
    problems
}

pub fn registries(files: &Files) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in watched(files) {
        for (index, line) in file.text.lines().enumerate() {
            let source = line.strip_prefix("source = ").map(|source| source.trim_matches('"'));
            if file.path == "Cargo.lock" && source.is_some_and(|source| source != PUBLIC) {
                problems.push(problem(file, index, "is not from the public registry".to_owned()));
            } else if let Some(host) = hosts(line).find(|host| is_registry(host)) {
                problems.push(problem(file, index, format!("names the registry {host}")));
            }
        }
    }
    problems
}

/// This file has to name what it looks for.
fn watched(files: &Files) -> impl Iterator<Item = &File> {
    files.all().iter().filter(|file| file.path != "xtask/src/tidy/places.rs")
}

fn hosts(line: &str) -> impl Iterator<Item = &str> {
    line.split("://").skip(1).map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c)));
        &rest[..end.unwrap_or(rest.len())]
    })
}

fn is_registry(host: &str) -> bool {
    host.contains('.') && host.split(['.', '-']).any(|label| REGISTRIES.contains(&label))
}

fn problem(file: &File, index: usize, text: String) -> Problem {
    Problem { file: file.path.clone(), line: index + 1, text }
}

#[cfg(test)]
mod tests {
    use super::{paths, registries};
    use crate::tidy::files::Files;

    fn lines(problems: Vec<crate::tidy::Problem>) -> Vec<String> {
        problems.into_iter().map(|problem| format!("{}:{}", problem.file, problem.line)).collect()
    }

    #[test]
    fn folders_of_one_machine_are_found() {
        let files = Files::of(&[
            ("a.rs", "//! A.\nconst A: &str = \"/home/ann/trueup\";\n"),
            ("b.md", "cd /srv/build/trueup/crates\n"),
            (
                "c.rs",
                "//! not below /root.\nconst B: &str = \"/home/linuxbrew/bin\"; // $HOME/.cache, /home/\n",
            ),
            ("d.toml", "target-dir = \"C:\\Users\\Ann\\target\"\n"),
        ]);
        assert_eq!(lines(paths(&files)), ["a.rs:2", "b.md:1", "d.toml:1"]);
    }

    #[test]
    fn hosts_of_registries_are_found() {
        let files = Files::of(&[
            (
                ".cargo/config.toml",
                "[source.other]\nregistry = \"sparse+https://crates.example.com/index/\"\n",
            ),
            ("Cargo.lock", "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n"),
            ("a.sh", "npm install --registry http://npm-mirror.example.com:8080/\n"),
            ("b.md", "see https://www.postgresql.org/docs/ and postgresql://registry/shop\n"),
        ]);
        assert_eq!(lines(registries(&files)), [".cargo/config.toml:2", "a.sh:1"]);
        let lock = Files::of(&[("Cargo.lock", "source = \"git+https://github.com/somebody/something\"\n")]);
        assert_eq!(lines(registries(&lock)), ["Cargo.lock:1"]);
    }
}

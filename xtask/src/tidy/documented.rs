//! What people can type stands in the documents for people.

use super::Problem;
use super::files::{File, Files};
use super::rust::strings;

/// Lists of the product, as files of it show them, each held against the README.
pub fn documented(files: &Files) -> Vec<Problem> {
    let readme = files.all().iter().find(|file| file.path == "README.md").map_or("", |file| &file.text);
    let missing = |file: &File, what: &str, name: &str, wanted: &[String]| {
        let is_there = wanted.iter().any(|wanted| readme.contains(wanted.as_str()));
        let text = format!("README.md does not name the {what} {name}");
        (!is_there).then(|| Problem { file: file.path.clone(), line: 0, text })
    };
    let mut problems = Vec::new();
    for file in files.shipped() {
        if let Some(name) = file.path.strip_prefix("crates/trueup/src/commands/") {
            // Without a command, that is what is run.
            if let Some(name) = name.strip_suffix(".rs").filter(|name| *name != "status") {
                let wanted = [format!("trueup {name}"), format!("run --release -- {name}")];
                problems.extend(missing(file, "command", name, &wanted));
            }
        } else if file.path.starts_with("crates/trueup-frameworks/src/") {
            for name in constants(file, "const NAME: ") {
                problems.extend(missing(file, "tool", name, &[format!("| `{name}` |")]));
            }
        } else if file.path.starts_with("crates/trueup-report/src/") {
            for name in constants(file, "FORMAT: Format =") {
                problems.extend(missing(
                    file,
                    "format",
                    name,
                    &[format!("`{name}`"), format!("format {name}`")],
                ));
            }
        } else if file.path == "crates/trueup/src/configuration.rs" {
            for name in constants(file, "const KEYS: ") {
                problems.extend(missing(
                    file,
                    "key",
                    name,
                    &[format!("\n{name} = "), format!("\n[[{name}]]")],
                ));
            }
        }
    }
    problems
}

/// The strings of a constant: all those of a list, or the first one from its line on.
fn constants<'a>(file: &'a File, declaration: &str) -> Vec<&'a str> {
    let Some(position) = file.text.find(declaration) else {
        return Vec::new();
    };
    let rest = &file.text[position..];
    let line = super::rust::line_of(&file.text, position);
    let strings = strings(&file.text);
    let from_line = strings.iter().filter(|(at, _)| *at >= line);
    let is_list = rest.lines().next().is_some_and(|first| first.contains("= &["));
    match rest.find("];").filter(|_| is_list) {
        Some(end) => {
            let last = super::rust::line_of(&file.text, position + end);
            from_line.filter(|(at, _)| *at <= last).map(|(_, string)| *string).collect()
        }
        None => from_line.map(|(_, string)| *string).take(1).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::documented;
    use crate::TASKS;
    use crate::tidy::files::Files;

    #[test]
    fn what_the_readme_does_not_name_is_found() {
        let readme =
            "`trueup check`\n| `goose` | x |\n`--format text`, `json`\n```toml\nshadow = \"x\"\n```\n";
        let keys = "//! A.\nconst KEYS: &[&str] = &[\n    \"shadow\",\n    \"colour\",\n];\nconst NO: &str = \"x\";\n";
        let json =
            "//! A.\npub const FORMAT: Format = Format {\n    name: \"json\",\n    purpose: \"x\",\n};\n";
        let files = Files::of(&[
            ("README.md", readme),
            ("crates/trueup/src/commands/check.rs", "//! A.\n"),
            ("crates/trueup/src/commands/repair.rs", "//! A.\n"),
            ("crates/trueup/src/commands/status.rs", "//! A.\n"),
            ("crates/trueup/src/configuration.rs", keys),
            ("crates/trueup-frameworks/src/goose/mod.rs", "//! A.\nconst NAME: &str = \"goose\";\n"),
            ("crates/trueup-frameworks/src/moose/mod.rs", "//! A.\nconst NAME: &str = \"moose\";\n"),
            ("crates/trueup-report/src/json.rs", json),
            ("crates/trueup-report/src/yaml.rs", &json.replace("\"json\"", "\"yaml\"")),
        ]);
        let found: Vec<String> = documented(&files).into_iter().map(|problem| problem.text).collect();
        let missing = ["command repair", "key colour", "tool moose", "format yaml"];
        assert_eq!(found, missing.map(|missing| format!("README.md does not name the {missing}")));
    }

    #[test]
    fn every_task_is_in_the_guide_for_contributors() {
        let text = std::fs::read_to_string(crate::root().join("CONTRIBUTING.md")).expect("CONTRIBUTING.md");
        for task in TASKS {
            assert!(text.contains(&format!("| `cargo xtask {}` |", task.name)), "{}", task.name);
        }
    }

    #[test]
    fn the_lists_of_the_product_are_where_they_are_looked_for() {
        let files = Files::of_workspace(&crate::root()).expect("readable");
        let without_readme: Vec<(&str, &str)> =
            files.shipped().map(|file| (file.path.as_str(), file.text.as_str())).collect();
        // Commands, tools, formats and keys: with no README all of them are missing.
        let problems = documented(&Files::of(&without_readme));
        for what in ["command check", "tool plain", "format html", "key shadow"] {
            assert!(problems.iter().any(|problem| problem.text.ends_with(what)), "{what}: {problems:?}");
        }
    }
}

//! Which crate may see which: the picture of ARCHITECTURE.md, held against `cargo metadata`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand};

use super::Problem;

/// Each crate of ours with what it may depend on; `None`: everything.
const PICTURE: &[(&str, Option<&[&str]>)] = &[
    ("trueup-model", Some(&[])),
    ("trueup-sql", Some(&["trueup-model"])),
    ("trueup-engine", Some(&["trueup-model", "trueup-sql"])),
    ("trueup-frameworks", Some(&["trueup-model", "trueup-sql"])),
    ("trueup-database", Some(&["trueup-model", "trueup-sql"])),
    ("trueup-report", Some(&["trueup-model"])),
    (
        "trueup",
        Some(&[
            "trueup-model",
            "trueup-sql",
            "trueup-engine",
            "trueup-frameworks",
            "trueup-database",
            "trueup-report",
        ]),
    ),
    ("trueup-testing", None),
    ("xtask", None),
];

/// Crates of ours, each with those of ours that it depends on outside of its tests.
pub type Arrows = BTreeMap<String, Vec<String>>;

pub fn of_workspace(root: &Path) -> Result<Arrows> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("asking cargo for the crates of the workspace")?;
    let names: Vec<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let arrows = metadata.packages.iter().map(|package| {
        let ours = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind != DependencyKind::Development)
            .filter(|dependency| names.contains(&dependency.name.as_str()))
            .map(|dependency| dependency.name.clone());
        (package.name.to_string(), ours.collect())
    });
    Ok(arrows.collect())
}

/// Arrows that the picture does not have, and crates that it does not show.
pub fn crossed(arrows: &Arrows) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (from, to) in arrows {
        let mut problem = |text: String| {
            problems.push(Problem { file: format!("crate {from}"), line: 0, text });
        };
        match PICTURE.iter().find(|(name, _)| name == from) {
            None => problem("is not in the picture".to_owned()),
            Some((_, None)) => {}
            Some((_, Some(allowed))) => {
                for name in to.iter().filter(|name| !allowed.contains(&name.as_str())) {
                    problem(format!("must not depend on {name}"));
                }
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::{Arrows, PICTURE, crossed, of_workspace};

    fn arrows(arrows: &[(&str, &[&str])]) -> Arrows {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        arrows.iter().map(|(from, to)| ((*from).to_owned(), owned(to))).collect()
    }

    #[test]
    fn an_arrow_that_the_picture_does_not_have_is_found() {
        let found = crossed(&arrows(&[
            ("trueup-engine", &["trueup-model", "trueup-database"]),
            ("trueup-frameworks", &["trueup-sql"]),
            ("trueup-report", &["trueup-sql"]),
            ("trueup", &["trueup-testing"]),
            ("trueup-extra", &[]),
            ("xtask", &["trueup"]),
        ]));
        let found: Vec<String> =
            found.into_iter().map(|problem| format!("{} {}", problem.file, problem.text)).collect();
        assert_eq!(
            found,
            [
                "crate trueup must not depend on trueup-testing",
                "crate trueup-engine must not depend on trueup-database",
                "crate trueup-extra is not in the picture",
                "crate trueup-report must not depend on trueup-sql",
            ]
        );
    }

    #[test]
    fn the_picture_shows_what_exists_and_the_documentation_names_it() {
        let root = crate::root();
        let arrows = of_workspace(&root).expect("cargo metadata works");
        let drawn: Vec<&str> = PICTURE.iter().map(|(name, _)| *name).collect();
        assert!(drawn.iter().all(|name| arrows.contains_key(*name)), "{drawn:?} {arrows:?}");
        let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
        for name in drawn {
            assert!(text.contains(&format!("| `{name}` |")), "ARCHITECTURE.md has no line for {name}");
        }
    }
}

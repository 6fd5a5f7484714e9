//! `trueup.toml`, or `[tool.trueup]` in `pyproject.toml`, found by walking upwards.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use trueup_model::acceptance::Acceptance;

use crate::arguments::ProjectArguments;
use crate::failure::{Failure, did_you_mean};

/// What a configuration file can say. Flags beat the environment, the environment beats the file.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", default)]
pub struct Configuration {
    pub database_url: Option<String>,
    pub history: Option<Utf8PathBuf>,
    pub framework: Option<String>,
    pub database_alias: Option<String>,
    pub shadow: Option<String>,
    pub fail_on: Option<String>,
    pub format: Option<String>,
    /// Whether a check holds the models of the project against its migrations, too.
    pub models: bool,
    pub accept: Vec<AcceptEntry>,
    /// The file itself, for messages and as the base of relative paths.
    #[serde(skip)]
    pub file: Option<Utf8PathBuf>,
}

const KEYS: &[&str] = &[
    "database-url",
    "history",
    "framework",
    "database-alias",
    "shadow",
    "fail-on",
    "format",
    "models",
    "accept",
];

/// A finding that somebody has decided to live with.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct AcceptEntry {
    pub finding: String,
    #[serde(default)]
    pub about: Option<String>,
    #[serde(default)]
    pub found: Option<String>,
    pub reason: String,
    pub owner: String,
    pub since: String,
    #[serde(default)]
    pub until: Option<String>,
}

impl AcceptEntry {
    pub fn acceptance(&self) -> Acceptance {
        let Self { finding, about, found, reason, owner, since, until } = self.clone();
        Acceptance {
            about: about.unwrap_or_else(|| finding.clone()),
            finding,
            found,
            reason,
            owner,
            since,
            until,
        }
    }
}

impl Configuration {
    /// The folder that relative paths of the file start from.
    pub fn folder(&self) -> Option<&Utf8Path> {
        self.file.as_deref().and_then(Utf8Path::parent)
    }
}

pub fn load(arguments: &ProjectArguments, from: &Utf8Path) -> Result<Configuration, Failure> {
    if let Some(file) = &arguments.config {
        let table = read(file)?.ok_or_else(|| {
            Failure::new(format!("reading the configuration: {file} has no [tool.trueup] section"))
        })?;
        return parse(file, table);
    }
    for folder in from.ancestors() {
        for name in ["trueup.toml", "pyproject.toml"] {
            let file = folder.join(name);
            if !file.is_file() {
                continue;
            }
            if let Some(table) = read(&file)? {
                return parse(&file, table);
            }
        }
    }
    Ok(Configuration::default())
}

/// The table of ours in a file, if it has one.
fn read(file: &Utf8Path) -> Result<Option<toml::Table>, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("reading the configuration: cannot read {file}: {error}")))?;
    let table: toml::Table = text.parse().map_err(|error| {
        Failure::new(format!("reading the configuration: {file} is not valid TOML: {error}"))
    })?;
    if file.file_name() != Some("pyproject.toml") {
        return Ok(Some(table));
    }
    Ok(table.get("tool").and_then(|tool| tool.get("trueup")).and_then(toml::Value::as_table).cloned())
}

fn parse(file: &Utf8Path, table: toml::Table) -> Result<Configuration, Failure> {
    let mut unknown = Vec::new();
    let parsed: Result<Configuration, _> =
        serde_ignored::deserialize(toml::Value::Table(table), |path| unknown.push(path.to_string()));
    if let Some(key) = unknown.first() {
        let failure = Failure::new(format!("reading the configuration: {file} has an unknown key `{key}`"));
        return Err(match did_you_mean(key, KEYS.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("known keys are {}", KEYS.join(", "))),
        });
    }
    let mut configuration = parsed.map_err(|error| {
        Failure::new(format!("reading the configuration: {file}: {}", error.to_string().trim()))
    })?;
    configuration.file = Some(file.to_owned());
    Ok(configuration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Configuration, String> {
        let table = text.parse().expect("TOML");
        parse(Utf8Path::new("trueup.toml"), table)
            .map_err(|failure| format!("{} | {}", failure.message, failure.hints.join(" | ")))
    }

    #[test]
    fn known_keys_are_read_and_unknown_ones_are_errors() {
        let configuration = check("shadow = 'local'\nfail-on = 'error'").expect("valid");
        assert_eq!(configuration.shadow.as_deref(), Some("local"));
        assert_eq!(configuration.fail_on.as_deref(), Some("error"));
        assert_eq!(
            check("shaddow = 'local'").expect_err("unknown"),
            "reading the configuration: trueup.toml has an unknown key `shaddow` | did you mean `shadow`?"
        );
        assert!(check("shadow = 3").expect_err("a number").contains("trueup.toml"));
    }
}

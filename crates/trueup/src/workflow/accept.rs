//! Decisions to live with a finding: written into the configuration, where a check reads them.

use camino::{Utf8Path, Utf8PathBuf};
use trueup_engine::accepted::acceptances;
use trueup_engine::choice::{Selector, first_unclear};
use trueup_model::acceptance::Acceptance;

use super::Progress;
use super::check::check;
use super::load::Setting;
use super::naming::unclear;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// What was asked for.
pub(crate) struct WantedAcceptance {
    pub named: Vec<Selector>,
    pub reason: String,
    pub owner: String,
    /// Days like `2026-02-28`.
    pub today: String,
    pub until: Option<String>,
}

/// New entries, and the file that they belong into with its new text.
pub(crate) struct Accepting {
    pub entries: Vec<Acceptance>,
    pub file: Utf8PathBuf,
    pub text: String,
}

pub(crate) fn accept(
    setting: &Setting,
    configuration: &Configuration,
    wanted: &WantedAcceptance,
    progress: Progress<'_>,
) -> Result<Accepting, Failure> {
    if let Some(until) = wanted.until.as_ref().filter(|until| **until < wanted.today) {
        return Err(Failure::new(format!("accepting: {until} is over"))
            .hint("name a day that is to come, or leave --until out"));
    }
    let outcome = check(setting, configuration.models, progress)?;
    if let Some(error) = first_unclear(&wanted.named, &outcome.findings) {
        return Err(unclear("accepting", &error));
    }
    let since = (wanted.today.as_str(), wanted.until.as_deref());
    let mut entries = acceptances(&outcome.findings, &wanted.named, (&wanted.reason, &wanted.owner), since);
    // What is accepted already is told mildly; anything else can be accepted again.
    let is_accepted = |entry: &Acceptance| {
        outcome.findings.iter().any(|finding| {
            finding.id() == entry.finding
                && finding.hint.as_deref().is_some_and(|hint| hint.starts_with("accepted by "))
        })
    };
    entries.retain(|entry| !is_accepted(entry));
    if entries.is_empty() {
        let names: Vec<&str> = wanted.named.iter().map(Selector::as_str).collect();
        return Err(Failure::new(format!("accepting: nothing new is called {}", names.join(", ")))
            .hint("name findings by id, code, object or kind, as `trueup check` shows them"));
    }
    let file = configuration.file.clone().unwrap_or_else(|| setting.detected.root.join("trueup.toml"));
    let old = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Failure::new(format!("reading {file}: {}", error.kind()))),
    };
    let text = added(&old, &file, &entries)?;
    Ok(Accepting { entries, file, text })
}

/// The text with more entries at its end; all else stays as somebody has written it.
fn added(old: &str, file: &Utf8Path, entries: &[Acceptance]) -> Result<String, Failure> {
    let table = if file.file_name() == Some("pyproject.toml") { "tool.trueup.accept" } else { "accept" };
    let mut text = old.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for entry in entries {
        text.push_str(&format!("\n[[{table}]]\n"));
        let mut line = |key: &str, value: &str| {
            text.push_str(&format!("{key} = {}\n", toml::Value::from(value)));
        };
        line("finding", &entry.finding);
        line("about", &entry.about);
        entry.found.iter().for_each(|found| line("found", found));
        line("reason", &entry.reason);
        line("owner", &entry.owner);
        line("since", &entry.since);
        entry.until.iter().for_each(|until| line("until", until));
    }
    // A list that was written in another form cannot be added to like this.
    match text.parse::<toml::Table>() {
        Ok(_) => Ok(text.trim_start_matches('\n').to_owned()),
        Err(error) => {
            Err(Failure::new(format!("accepting: {file} would not be valid any more: {}", error.message()))
                .hint("write the list `accept` in the form [[accept]]"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Acceptance {
        Acceptance {
            finding: "f-1".to_owned(),
            about: "unexpected-index shop.orders.\"it's\"".to_owned(),
            found: Some("a\nb".to_owned()),
            reason: "it helps".to_owned(),
            owner: "ann".to_owned(),
            since: "2026-01-01".to_owned(),
            until: None,
        }
    }

    #[test]
    fn entries_are_added_and_all_else_stays() {
        let old = "# ours\nshadow = 'local' # why\n";
        let text = added(old, Utf8Path::new("trueup.toml"), &[entry(), entry()]).expect("a text");
        assert!(text.starts_with(old), "{text}");
        let table: toml::Table = text.parse().expect("TOML");
        assert_eq!(table["accept"].as_array().map(Vec::len), Some(2));
        assert_eq!(table["accept"][0]["found"].as_str(), Some("a\nb"));
        let python =
            added("[tool.other]\nx = 1", Utf8Path::new("pyproject.toml"), &[entry()]).expect("a text");
        let table: toml::Table = python.parse().expect("TOML");
        assert_eq!(table["tool"]["trueup"]["accept"][0]["owner"].as_str(), Some("ann"));
        assert!(added("accept = []\n", Utf8Path::new("trueup.toml"), &[entry()]).is_err());
    }
}

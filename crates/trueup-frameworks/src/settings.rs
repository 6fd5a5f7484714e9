//! Settings that tools keep in files: `.env`, properties, TOML.

use std::collections::BTreeMap;
use std::fmt;

use camino::Utf8Path;
use trueup_model::Ident;

use crate::url;

/// The database that a tool's own configuration names. It may hold a password, so it does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct UrlHint {
    value: String,
    /// The file and the setting, as shown to people.
    pub source: String,
}

impl UrlHint {
    pub(crate) fn new(value: impl Into<String>, source: impl Into<String>) -> Self {
        Self { value: value.into(), source: source.into() }
    }

    /// The URL itself, to be parsed and never to be shown.
    pub fn reveal(&self) -> &str {
        &self.value
    }

    /// The schemas that a connection looks into first, where there is a URL and it says so.
    pub(crate) fn search_path(hint: Option<&UrlHint>) -> Vec<Ident> {
        hint.map(|hint| url::search_path(&hint.value)).unwrap_or_default()
    }
}

impl fmt::Debug for UrlHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UrlHint").field("source", &self.source).finish_non_exhaustive()
    }
}

pub(crate) type Settings = BTreeMap<String, String>;

/// Text of a settings file; `None` where there is none, or where it is not text.
pub(crate) fn read_text(path: &Utf8Path) -> Option<String> {
    let bytes = std::fs::read(path).ok()?;
    trueup_sql::text::decode(&bytes).ok().map(|source| source.text)
}

/// The nearest `.env`: beside the history, or further up, not above the project.
pub(crate) fn dotenv(root: &Utf8Path, folder: &Utf8Path) -> Option<(String, Settings)> {
    nearest(root, folder, ".env")
        .and_then(|path| Some((crate::folder::shown(root, &path), parse_dotenv(&read_text(&path)?))))
}

/// A file of this name in the folder, or in a folder above it up to the project's root.
pub(crate) fn nearest(root: &Utf8Path, folder: &Utf8Path, name: &str) -> Option<camino::Utf8PathBuf> {
    folder
        .ancestors()
        .take_while(|ancestor| ancestor.starts_with(root))
        .chain(std::iter::once(root))
        .map(|ancestor| ancestor.join(name))
        .find(|path| path.is_file())
}

/// A variable of `.env` as a URL.
pub(crate) fn dotenv_url(root: &Utf8Path, folder: &Utf8Path, names: &[&str]) -> Option<UrlHint> {
    let (file, settings) = dotenv(root, folder)?;
    names.iter().find_map(|name| {
        let value = settings.get(*name).filter(|value| !value.is_empty() && !value.contains("${"))?;
        Some(UrlHint::new(value, format!("{name} in {file}")))
    })
}

/// `NAME=value`, `export NAME="value"`, comments; `${OTHER}` is replaced where OTHER is known.
pub(crate) fn parse_dotenv(text: &str) -> Settings {
    let mut settings = Settings::new();
    for line in text.lines() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        if line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        let value = value.trim();
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inner = &value[1..];
                let inner = inner.rfind(quote).map_or(inner, |end| &inner[..end]);
                if quote == '"' { expand(inner, &settings) } else { inner.to_owned() }
            }
            Some(_) | None => expand(value.split(" #").next().unwrap_or_default().trim_end(), &settings),
        };
        settings.insert(name.trim().to_owned(), value);
    }
    settings
}

fn expand(value: &str, settings: &Settings) -> String {
    let mut result = String::new();
    let mut rest = value;
    while let Some(start) = rest.find("${") {
        let (before, reference) = rest.split_at(start);
        result.push_str(before);
        let Some(end) = reference.find('}') else {
            rest = reference;
            break;
        };
        match settings.get(&reference[2..end]) {
            Some(known) => result.push_str(known),
            None => result.push_str(&reference[..=end]),
        }
        rest = &reference[end + 1..];
    }
    result.push_str(rest);
    result
}

/// Java's properties: `name=value` or `name: value`, `\` continues a line, `#` and `!` begin a comment.
pub(crate) fn parse_properties(text: &str) -> Settings {
    let mut settings = Settings::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let mut logical = line.trim_start().to_owned();
        if logical.is_empty() || logical.starts_with(['#', '!']) {
            continue;
        }
        while logical.ends_with('\\') && !logical.ends_with("\\\\") {
            logical.pop();
            let Some(next) = lines.next() else { break };
            logical.push_str(next.trim_start());
        }
        let Some(end) = logical.find(['=', ':']) else { continue };
        let name = logical[..end].trim().to_owned();
        let value = logical[end + 1..].trim().replace("\\:", ":").replace("\\=", "=").replace("\\\\", "\\");
        settings.insert(name, value);
    }
    settings
}

/// A TOML file with its keys written out: `environments.default.url`. Lists are joined with commas.
pub(crate) fn parse_toml(text: &str) -> Option<Settings> {
    fn flatten(prefix: &str, value: &toml::Value, settings: &mut Settings) {
        let text = match value {
            toml::Value::Table(table) => {
                for (name, value) in table {
                    let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                    flatten(&name, value, settings);
                }
                return;
            }
            toml::Value::Array(values) => {
                let texts: Vec<&str> = values.iter().filter_map(toml::Value::as_str).collect();
                texts.join(",")
            }
            toml::Value::String(text) => text.clone(),
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Float(number) => number.to_string(),
            toml::Value::Boolean(flag) => flag.to_string(),
            toml::Value::Datetime(moment) => moment.to_string(),
        };
        settings.insert(prefix.to_owned(), text);
    }
    let table: toml::Table = text.parse().ok()?;
    let mut settings = Settings::new();
    flatten("", &toml::Value::Table(table), &mut settings);
    Some(settings)
}

/// The scalar settings of a YAML file of the plain sort that Spring reads: nested by indentation, `name: value`.
/// Lists are joined with commas; anything richer is left out.
pub(crate) fn parse_yaml(text: &str) -> Settings {
    let mut settings = Settings::new();
    let mut path: Vec<(usize, String)> = Vec::new();
    for line in text.lines() {
        let indentation = line.len() - line.trim_start().len();
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line == "---" {
            continue;
        }
        if let Some(item) = line.strip_prefix("- ") {
            let name = join(&path);
            let list: &mut String = settings.entry(name).or_default();
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(unquote(item));
            continue;
        }
        let Some((name, value)) = line.split_once(':') else { continue };
        path.retain(|(depth, _)| *depth < indentation);
        path.push((indentation, unquote(name).to_owned()));
        let value = value.split(" #").next().unwrap_or_default().trim();
        if !value.is_empty() {
            let value = value.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or(value);
            settings.insert(join(&path), unquote(value).to_owned());
        }
    }
    settings
}

fn join(path: &[(usize, String)]) -> String {
    path.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(".")
}

fn unquote(value: &str) -> &str {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote)) {
            return inner;
        }
    }
    value
}

/// `name` or `schema.name`.
pub(crate) fn split_table(name: &str) -> (Option<String>, String) {
    let bare = |part: &str| part.trim_matches('"').to_owned();
    match name.split_once('.') {
        Some((schema, name)) => (Some(bare(schema)), bare(name)),
        None => (None, bare(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotenv_files_are_read_as_tools_read_them() {
        let settings = parse_dotenv(
            "# a comment\nexport USER_NAME=ann\nDATABASE_URL=\"postgres://${USER_NAME}@h/db\" \nPLAIN=a b # c\nRAW='${X}'\n",
        );
        assert_eq!(settings["DATABASE_URL"], "postgres://ann@h/db");
        assert_eq!(settings["PLAIN"], "a b");
        assert_eq!(settings["RAW"], "${X}");
    }

    #[test]
    fn properties_continue_over_lines() {
        let settings =
            parse_properties("! note\nflyway.locations=filesystem:a,\\\n   filesystem:b\nurl: jdbc\\:x\n");
        assert_eq!(settings["flyway.locations"], "filesystem:a,filesystem:b");
        assert_eq!(settings["url"], "jdbc:x");
    }

    #[test]
    fn yaml_settings_are_nested_by_indentation() {
        let settings = parse_yaml(
            "spring:\n  flyway:\n    locations:\n      - a\n      - \"b\"\n    table: history # x\n  datasource:\n    url: jdbc:postgresql://h/db\n",
        );
        assert_eq!(settings["spring.flyway.locations"], "a,b");
        assert_eq!(settings["spring.flyway.table"], "history");
        assert_eq!(settings["spring.datasource.url"], "jdbc:postgresql://h/db");
    }

    #[test]
    fn a_hint_does_not_print_its_url() {
        let hint = UrlHint::new("postgres://ann:secret@h/db", ".env");
        assert!(!format!("{hint:?}").contains("secret"));
        assert_eq!(hint.reveal(), "postgres://ann:secret@h/db");
    }
}

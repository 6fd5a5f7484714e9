//! `${NAME}` and `$NAME` between `+goose ENVSUB ON` and `OFF`, with values from `.env`.

use std::sync::Arc;

use crate::reporting::Fault;
use crate::settings::Settings;

pub(crate) struct Replaced {
    pub text: String,
    pub unknown: Vec<Fault>,
}

/// Only what `.env` says is known here: the environment in which goose ran is not this one.
pub(crate) fn replace(file: &Arc<str>, line: &str, number: u32, settings: &Settings) -> Replaced {
    let mut text = String::new();
    let mut unknown = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find('$') {
        text.push_str(&rest[..start]);
        let Some((name, fallback, length)) = reference(&rest[start..]) else {
            text.push('$');
            rest = &rest[start + 1..];
            continue;
        };
        let value = settings.get(name).map(String::as_str).filter(|value| !value.is_empty()).or(fallback);
        match value {
            Some(value) => text.push_str(value),
            None => {
                text.push_str(&rest[start..start + length]);
                let message = format!("the value of the variable {name} is not known");
                unknown.push(Fault::at_line(message, file, number, line));
            }
        }
        rest = &rest[start + length..];
    }
    text.push_str(rest);
    Replaced { text, unknown }
}

/// The name, its default, and the length of `${NAME}`, `${NAME:-default}` or `$NAME`.
fn reference(text: &str) -> Option<(&str, Option<&str>, usize)> {
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if let Some(inner) = text.strip_prefix("${") {
        let end = inner.find('}')?;
        let (name, fallback) = match inner[..end].split_once(":-").or_else(|| inner[..end].split_once('-')) {
            Some((name, fallback)) => (name, Some(fallback)),
            None => (&inner[..end], None),
        };
        return is_name(name).then_some((name, fallback, end + 3));
    }
    let inner = text.strip_prefix('$')?;
    let end = inner
        .find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
        .unwrap_or(inner.len());
    // `$body$` is a quote of PostgreSQL, which goose's library would replace as well; nobody can mean that.
    let quote = inner[end..].starts_with('$');
    (is_name(&inner[..end]) && !quote).then_some((&inner[..end], None, end + 1))
}

//! The verb of a statement: its command and the kind of object, without what stands between them.

use super::{OutlineWord, first};

/// What may follow `EXPLAIN` or a list of common table expressions.
pub(super) const STARTS_QUERY: &[&str] = &[
    "select", "insert", "update", "delete", "merge", "values", "table", "with", "create", "execute",
    "declare", "refresh",
];

/// Words between CREATE and the kind of object.
const MODIFIERS: &[&str] = &[
    "or",
    "replace",
    "temp",
    "temporary",
    "local",
    "global",
    "unlogged",
    "unique",
    "trusted",
    "procedural",
    "recursive",
    "constraint",
];

/// Kinds of objects with more than one word, the longer ones first.
const LONG_KINDS: &[&[&str]] = &[
    &["foreign", "data", "wrapper"],
    &["text", "search", "configuration"],
    &["text", "search", "dictionary"],
    &["text", "search", "parser"],
    &["text", "search", "template"],
    &["access", "method"],
    &["default", "privileges"],
    &["event", "trigger"],
    &["foreign", "table"],
    &["large", "object"],
    &["materialized", "view"],
    &["operator", "class"],
    &["operator", "family"],
    &["user", "mapping"],
];

/// Commands of more than one word that are not about a kind of object.
const LONG_COMMANDS: &[&[&str]] = &[
    &["import", "foreign", "schema"],
    &["reassign", "owned"],
    &["drop", "owned"],
    &["refresh", "materialized", "view"],
    &["security", "label"],
    &["start", "transaction"],
    &["prepare", "transaction"],
    &["commit", "prepared"],
    &["rollback", "prepared"],
];

pub(super) fn verb(words: &[OutlineWord]) -> String {
    let start = words.iter().position(|word| word.text != "(").unwrap_or(words.len());
    let words = &words[start..];
    if let Some(command) = LONG_COMMANDS.iter().find(|command| begins_with(words, command)) {
        return upper(command);
    }
    match first(words) {
        ["create" | "alter" | "drop"] => of_object(words),
        ["with"] => behind_with(words),
        ["select"] if selects_into(words) => "SELECT INTO".to_owned(),
        ["analyse"] => "ANALYZE".to_owned(),
        [command] => command.to_ascii_uppercase(),
    }
}

fn of_object(words: &[OutlineWord]) -> String {
    let command = words[0].text.to_ascii_uppercase();
    let mut rest = &words[1..];
    while let Some(word) = rest.first()
        && MODIFIERS.contains(&word.text.as_str())
    {
        rest = &rest[1..];
    }
    // CREATE DEFAULT CONVERSION
    if begins_with(rest, &["default", "conversion"]) {
        rest = &rest[1..];
    }
    let kind = match LONG_KINDS.iter().find(|kind| begins_with(rest, kind)) {
        Some(kind) => upper(kind),
        None => rest.first().map(|word| word.text.to_ascii_uppercase()).unwrap_or_default(),
    };
    format!("{command} {kind}").trim_end().to_owned()
}

/// The command after the common table expressions.
fn behind_with(words: &[OutlineWord]) -> String {
    let depth = words[0].depth;
    let main = words.iter().skip(1).position(|word| {
        word.depth == depth
            && matches!(
                word.text.as_str(),
                "select" | "insert" | "update" | "delete" | "merge" | "values" | "table"
            )
    });
    match main {
        Some(index) => verb(&words[index + 1..]),
        None => "WITH".to_owned(),
    }
}

fn selects_into(words: &[OutlineWord]) -> bool {
    let depth = words[0].depth;
    words
        .iter()
        .filter(|word| word.depth == depth)
        .take_while(|word| !matches!(word.text.as_str(), "from" | "union" | "intersect" | "except"))
        .any(|word| word.text == "into")
}

fn begins_with(words: &[OutlineWord], expected: &[&str]) -> bool {
    words.len() >= expected.len() && words.iter().zip(expected).all(|(word, expected)| word.text == *expected)
}

fn upper(words: &[&str]) -> String {
    words.join(" ").to_ascii_uppercase()
}

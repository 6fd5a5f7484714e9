//! Statements that the server runs only outside of a transaction.

use super::{OutlineWord, contains, first};
use crate::lexer::{TokenKind, significant_tokens};

pub(super) fn outside_transaction(verb: &str, words: &[OutlineWord], statement: &str) -> bool {
    match verb {
        "VACUUM" | "CREATE DATABASE" | "DROP DATABASE" | "CREATE TABLESPACE" | "DROP TABLESPACE"
        | "ALTER SYSTEM" | "COMMIT PREPARED" | "ROLLBACK PREPARED" => true,
        "CREATE INDEX" | "DROP INDEX" => words.iter().take(6).any(|word| word.text == "concurrently"),
        "REINDEX" => reindex(words),
        // Without a table it does all of them, each in a transaction of its own.
        "CLUSTER" => matches!(first(words), ["cluster", ""] | ["cluster", "verbose"]) && words.len() <= 2,
        "ALTER TABLE" => contains(words, &["detach", "partition"]) && ends_with(words, "concurrently"),
        "ALTER DATABASE" => contains(words, &["set", "tablespace"]),
        "DISCARD" => matches!(first(words), ["discard", "all"]),
        "CREATE SUBSCRIPTION" => !switched_off(words, "create_slot") && !switched_off(words, "connect"),
        // It drops the slot on the other side, unless it has none.
        "DROP SUBSCRIPTION" => true,
        "ALTER SUBSCRIPTION" => alter_subscription(words),
        "DO" => ends_transactions(statement),
        _ => false,
    }
}

fn reindex(words: &[OutlineWord]) -> bool {
    let options_end = if words.get(1).is_some_and(|word| word.text == "(") {
        words.iter().position(|word| word.text == ")").map_or(words.len(), |end| end + 1)
    } else {
        1
    };
    let many = words
        .get(options_end)
        .is_some_and(|word| matches!(word.text.as_str(), "schema" | "database" | "system"));
    let concurrently = words[..options_end.min(words.len())].iter().any(|word| word.text == "concurrently")
        && !switched_off(words, "concurrently")
        || words.iter().skip(options_end).take(2).any(|word| word.text == "concurrently");
    many || concurrently
}

fn alter_subscription(words: &[OutlineWord]) -> bool {
    let publications = ["set", "add", "drop"].iter().any(|verb| contains(words, &[verb, "publication"]));
    contains(words, &["refresh", "publication"]) || publications && !switched_off(words, "refresh")
}

fn ends_with(words: &[OutlineWord], last: &str) -> bool {
    words.last().is_some_and(|word| word.text == last)
}

/// `name = false` in a list of options, in any of its spellings.
fn switched_off(words: &[OutlineWord], name: &str) -> bool {
    let Some(index) = words.iter().position(|word| word.text == name) else { return false };
    let value = words[index + 1..].iter().map(|word| word.text.as_str()).find(|word| *word != "=");
    value.is_some_and(|value| matches!(value.trim_matches('\''), "false" | "off" | "0"))
}

/// A `DO` whose own code commits.
fn ends_transactions(statement: &str) -> bool {
    significant_tokens(statement).any(|token| {
        let TokenKind::DollarString { closed: true } = token.kind else { return false };
        let text = token.text(statement);
        let tag = text[1..].find('$').map_or(text.len(), |end| end + 2);
        let body = &text[tag..text.len() - tag];
        let words: Vec<String> = super::words(body).collect();
        words.windows(2).any(|pair| {
            matches!(pair[0].as_str(), "commit" | "rollback") && matches!(pair[1].as_str(), ";" | "and")
        })
    })
}

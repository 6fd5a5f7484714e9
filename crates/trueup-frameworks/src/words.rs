//! The first words of a statement, which is all that is needed here to know what it may do.

/// The leading words in capitals, comments left out; at most `count`.
pub(crate) fn first_words(text: &str, count: usize) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while words.len() < count {
        rest = after_blanks(rest);
        let end = rest
            .find(|character: char| !(character.is_alphanumeric() || character == '_'))
            .unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        words.push(rest[..end].to_uppercase());
        rest = &rest[end..];
    }
    words
}

fn after_blanks(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
        } else if let Some(comment) = rest.strip_prefix("/*") {
            let mut depth = 1;
            let mut inner = comment;
            while depth > 0 {
                let (open, close) = (inner.find("/*"), inner.find("*/"));
                match (open, close) {
                    (Some(open), Some(close)) if open < close => {
                        depth += 1;
                        inner = &inner[open + 2..];
                    }
                    (_, Some(close)) => {
                        depth -= 1;
                        inner = &inner[close + 2..];
                    }
                    (_, None) => return "",
                }
            }
            rest = inner.trim_start();
        } else {
            return rest;
        }
    }
}

/// Whether a statement may change what the catalogs say.
pub(crate) fn changes_schema(text: &str) -> bool {
    const CHANGING: &[&str] = &[
        "CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "COMMENT", "DO", "REASSIGN", "SECURITY", "IMPORT",
        "CALL",
    ];
    first_words(text, 1).first().is_some_and(|word| CHANGING.contains(&word.as_str()))
}

/// Whether PostgreSQL refuses the statement inside a transaction.
pub(crate) fn refuses_transaction(text: &str) -> bool {
    let words = first_words(text, 16);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["CREATE" | "DROP" | "REINDEX", ..] if words.contains(&"CONCURRENTLY") => true,
        ["CREATE" | "DROP", "DATABASE" | "TABLESPACE" | "SUBSCRIPTION", ..]
        | ["ALTER", "SYSTEM", ..]
        | ["ALTER", "DATABASE", _, "SET", "TABLESPACE", ..]
        | ["VACUUM", ..]
        | ["DISCARD", "ALL", ..]
        | ["REINDEX", "SCHEMA" | "DATABASE" | "SYSTEM", ..] => true,
        ["ALTER", "TABLE", ..] => {
            words.windows(2).any(|pair| pair == ["DETACH", "PARTITION"]) && words.contains(&"CONCURRENTLY")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_no_words() {
        assert_eq!(
            first_words("-- a\n/* b /* c */ */ create  /* d */ TABLE x(", 5),
            ["CREATE", "TABLE", "X"]
        );
        assert!(first_words("/* open", 3).is_empty());
    }

    #[test]
    fn statements_that_refuse_transactions_are_known() {
        for text in [
            "create unique index concurrently i on t (a)",
            "vacuum analyze t",
            "REINDEX TABLE CONCURRENTLY t",
            "create database x",
            "alter system set a = 1",
            "drop index concurrently i",
        ] {
            assert!(refuses_transaction(text), "{text}");
        }
        for text in [
            "create index i on t (a)",
            "create table t (a int)",
            "reindex table t",
            "alter table t add a int",
        ] {
            assert!(!refuses_transaction(text), "{text}");
        }
    }
}

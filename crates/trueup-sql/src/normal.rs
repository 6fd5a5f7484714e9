//! Statements without what means nothing: two texts that differ only in comments, white space and the case of
//! unquoted words are the same text here, and have the same hash.

use trueup_model::Statement;

use crate::lexer::{StringKind, Token, TokenKind, significant_tokens};

pub fn semantic_text(statement: &str) -> String {
    let mut text = String::with_capacity(statement.len());
    for token in significant_tokens(statement) {
        if !text.is_empty() {
            // A string goes on with the next one only over a line end.
            text.push(if goes_on(&token) { '\n' } else { ' ' });
        }
        push_folded(&mut text, &token, token.text(statement));
    }
    text
}

/// Of statements in their order, with the data of COPY.
pub fn semantic_hash(statements: &[Statement]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    // Each part with its length in front, so that no two lists can run together into the same bytes.
    let mut feed = |part: &str| {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    };
    for statement in statements {
        feed(&semantic_text(&statement.text));
        match &statement.copy_data {
            Some(data) => {
                feed("with data");
                feed(data);
            }
            None => feed("without data"),
        }
    }
    hasher.finalize().into()
}

fn goes_on(token: &Token) -> bool {
    matches!(token.kind, TokenKind::String { continued: true, .. })
}

fn push_folded(text: &mut String, token: &Token, written: &str) {
    let folded = match token.kind {
        TokenKind::Word | TokenKind::Number => written.len(),
        // `e'…'` is `E'…'`.
        TokenKind::String { kind: StringKind::Standard, .. } => 0,
        TokenKind::String { .. } => written.find('\'').unwrap_or(0),
        TokenKind::UnicodeIdent { .. } => 2,
        TokenKind::Space
        | TokenKind::LineComment
        | TokenKind::BlockComment { .. }
        | TokenKind::QuotedIdent { .. }
        | TokenKind::DollarString { .. }
        | TokenKind::Parameter
        | TokenKind::Operator
        | TokenKind::Punctuation
        | TokenKind::Other => 0,
    };
    text.push_str(&written[..folded].to_ascii_lowercase());
    text.push_str(&written[folded..]);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use trueup_model::Place;

    use super::*;

    fn same(a: &str, b: &str) -> bool {
        semantic_text(a) == semantic_text(b)
    }

    #[test]
    fn what_means_nothing() {
        assert_eq!(
            semantic_text("-- a\r\nSELECT  A.\"B\",\n'C' /* d */||E'X'\n"),
            "select a . \"B\" , 'C' || e'X'"
        );
        assert!(same("select 1E5+x", "SELECT 1e5 + X"));
        assert!(same("create table t(a int)", "CREATE TABLE t (\r\n\ta int\r\n)"));
        assert!(same("select 'a'\n'b'", "select 'a' -- c\r\n  'b'"));
        assert!(same("select U&\"A\"", "select u&\"A\""));
    }

    #[test]
    fn what_means_something() {
        assert!(!same("select 'a'", "select 'A'"));
        assert!(!same("select 'a  b'", "select 'a b'"));
        assert!(!same("select \"a\"", "select \"A\""));
        assert!(!same("do $$ a $$", "do $$ A $$"));
        assert!(!same("do $$ a -- b\n $$", "do $$ a $$"));
        assert!(!same("select a b", "select ab"));
        assert!(!same("select a - -b", "select a"));
        assert!(!same("select a > = b", "select a >= b"));
        assert!(!same("select 'a' 'b'", "select 'a'\n'b'"));
        assert!(!same("select Ä", "select ä"));
    }

    #[test]
    fn hashes() {
        let statement = |text: &str, data: Option<&str>| Statement {
            text: text.into(),
            place: Place::start_of("a.sql"),
            copy_data: data.map(Arc::from),
        };
        let hash = |statements: &[(&str, Option<&str>)]| {
            let statements: Vec<Statement> =
                statements.iter().map(|(text, data)| statement(text, *data)).collect();
            semantic_hash(&statements)
        };
        assert_eq!(hash(&[("SELECT 1", None)]), hash(&[("select /* one */ 1", None)]));
        assert_ne!(hash(&[("select 1", None)]), hash(&[("select 1", None), ("select 1", None)]));
        assert_ne!(hash(&[("a b", None)]), hash(&[("a", None), ("b", None)]));
        assert_ne!(hash(&[("a", None), ("b", None)]), hash(&[("b", None), ("a", None)]));
        assert_ne!(hash(&[("copy t from stdin", Some("1\n"))]), hash(&[("copy t from stdin", Some("2\n"))]));
        assert_ne!(hash(&[("copy t from stdin", Some(""))]), hash(&[("copy t from stdin", None)]));
    }

    proptest! {
        #[test]
        fn normal_text_is_normal(source in r#"([a-eE;'"$()+-]|\n| |/\*|\*/|--|.)*"#) {
            let once = semantic_text(&source);
            prop_assert_eq!(semantic_text(&once), once);
        }
    }
}

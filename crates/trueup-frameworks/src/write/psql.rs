//! A script for psql: `--as sql`.

use trueup_model::repair::{Script, ScriptPart};
use trueup_sql::lexer::{TokenKind, tokens};

use crate::write::sheet::{comment_lines, push_comments, push_head};
use crate::write::{Marks, WriteError, prepare};

/// The way up. `settings` are names and values as they stand in `SET name = value`; they hold for the whole script.
pub fn write_sql(script: &Script, settings: &[(&str, &str)]) -> Result<String, WriteError> {
    write(script, &script.up, settings)
}

/// The way back; `None` where there is none.
pub fn write_sql_back(script: &Script, settings: &[(&str, &str)]) -> Result<Option<String>, WriteError> {
    match &script.down {
        Ok(down) => write(script, down, settings).map(Some),
        Err(_) => Ok(None),
    }
}

fn write(script: &Script, parts: &[ScriptPart], settings: &[(&str, &str)]) -> Result<String, WriteError> {
    if parts.is_empty() {
        return Err(WriteError::Empty);
    }
    let mut text = String::new();
    let mut head: Vec<String> = script.head.iter().flat_map(|line| comment_lines(line)).collect();
    head.push("run with: psql --no-psqlrc --file THIS_FILE DATABASE_URL".to_owned());
    push_head(&mut text, &head);
    text.push_str("\\set ON_ERROR_STOP on\n\\set ON_ERROR_ROLLBACK off\n\\set AUTOCOMMIT on\n");
    text.push_str("SET client_encoding = 'UTF8';\n");
    for (name, value) in settings {
        text.push_str(&format!("SET {name} = {value};\n"));
    }
    let mut open = false;
    for (part, prepared) in parts.iter().zip(prepare(parts, &Marks::NONE)?) {
        if part.transactional != open {
            text.push_str(if open { "\nCOMMIT;\n" } else { "\nBEGIN;\n" });
            open = part.transactional;
        }
        text.push('\n');
        push_comments(&mut text, &prepared.comment);
        text.push_str(&without_variables(&prepared.text));
        text.push_str(";\n");
    }
    if open {
        text.push_str("\nCOMMIT;\n");
    }
    Ok(text)
}

/// psql takes `:name` for one of its variables: in `a[1:n]` a blank keeps it from that.
pub(crate) fn without_variables(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for token in tokens(text) {
        let written = token.text(text);
        result.push_str(written);
        if token.kind == TokenKind::Punctuation && written == ":" {
            result.push(' ');
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(comment: &str, text: &str, transactional: bool) -> ScriptPart {
        ScriptPart::new(comment, text, transactional)
    }

    #[test]
    fn transactions_stand_around_what_may_run_in_one() {
        let script = Script {
            title: "repair".to_owned(),
            head: vec!["what it is for".to_owned()],
            up: vec![
                part("one", "SELECT a[1:n], b::text -- x", true),
                part("two", "SELECT ':n', 2;", true),
                part("three\n\\! rm", "CREATE INDEX CONCURRENTLY i ON a (b)", false),
                part("four", "SELECT 4", true),
            ],
            down: Err("no".to_owned()),
        };
        let expected = r"-- what it is for
-- run with: psql --no-psqlrc --file THIS_FILE DATABASE_URL

\set ON_ERROR_STOP on
\set ON_ERROR_ROLLBACK off
\set AUTOCOMMIT on
SET client_encoding = 'UTF8';
SET search_path = '';

BEGIN;

-- one
SELECT a[1: n], b::text;

-- two
SELECT ':n', 2;

COMMIT;

-- three \! rm
CREATE INDEX CONCURRENTLY i ON a (b);

BEGIN;

-- four
SELECT 4;

COMMIT;
";
        assert_eq!(write_sql(&script, &[("search_path", "''")]).as_deref(), Ok(expected));
        assert_eq!(write_sql_back(&script, &[]), Ok(None));
    }
}

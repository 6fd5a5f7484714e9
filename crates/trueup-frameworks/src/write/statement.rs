//! One statement as it can stand in a file of a tool that looks for marks of its own.

use std::sync::Arc;

use trueup_model::repair::ScriptPart;
use trueup_sql::lexer::tokens;
use trueup_sql::split::{Item, SplitMode, split};

use crate::write::WriteError;
use crate::write::sheet::comment_lines;

/// What a tool does not take as SQL.
pub(crate) struct Marks {
    pub tool: &'static str,
    /// Comments so that the tool passes over them.
    pub tame: fn(&str) -> String,
    /// Whether the tool would take a statement apart, or change it.
    pub harms: fn(&str) -> bool,
}

impl Marks {
    /// For tools that send files as they are.
    pub(crate) const NONE: Marks = Marks { tool: "", tame: |comment| comment.to_owned(), harms: |_| false };
}

pub(crate) struct Prepared {
    pub comment: Vec<String>,
    /// Without its semicolon.
    pub text: String,
}

pub(crate) fn prepare(parts: &[ScriptPart], marks: &Marks) -> Result<Vec<Prepared>, WriteError> {
    parts.iter().map(|part| prepare_one(part, marks)).collect()
}

fn prepare_one(part: &ScriptPart, marks: &Marks) -> Result<Prepared, WriteError> {
    let mut text = tamed(&one_statement(part)?, marks);
    if (marks.harms)(&text) {
        if !part.transactional {
            return Err(WriteError::Marks { tool: marks.tool, comment: part.comment.clone() });
        }
        text = veiled(&text);
    }
    let comment = comment_lines(&part.comment).join(" ");
    let comment = if comment.is_empty() { Vec::new() } else { vec![(marks.tame)(&comment)] };
    Ok(Prepared { comment, text })
}

/// The text without what follows its last word. More than one statement would change the meaning of a file without
/// anybody noticing, and so would half of one.
fn one_statement(part: &ScriptPart) -> Result<String, WriteError> {
    let refuse = |problem: String| WriteError::NotOneStatement { comment: part.comment.clone(), problem };
    let file: Arc<str> = Arc::from("");
    let parts = split(&file, &part.text, SplitMode::PLAIN);
    if let Some(fault) = parts.faults.first() {
        return Err(refuse(fault.message.clone()));
    }
    if part.text.contains('\0') {
        return Err(refuse("it contains a zero byte".to_owned()));
    }
    match parts.items.as_slice() {
        [Item::Statement(statement)] if statement.copy_data.is_none() => Ok(statement.text.to_string()),
        [] => Err(refuse("it is empty".to_owned())),
        [Item::Statement(_) | Item::Command(_)] => Err(refuse("it reads rows from the script".to_owned())),
        [_, _, ..] => Err(refuse(format!("it is {} statements", parts.items.len()))),
    }
}

/// Comments between the words do not count and may be changed.
fn tamed(text: &str, marks: &Marks) -> String {
    let mut result = String::with_capacity(text.len());
    for token in tokens(text) {
        let written = token.text(text);
        if token.is_comment() {
            result.push_str(&(marks.tame)(written));
        } else {
            result.push_str(written);
        }
    }
    result
}

const VEIL: [&str; 2] = ["BEGIN EXECUTE ", "; END"];

/// The same statement on one line without a semicolon, a line end or a mark in it: as a string in a string, to the
/// last byte what it was when it runs.
fn veiled(text: &str) -> String {
    format!("DO {}", on_one_line(&format!("{}{}{}", VEIL[0], on_one_line(text), VEIL[1])))
}

fn on_one_line(text: &str) -> String {
    let mut literal = String::from("E'");
    for character in text.chars() {
        match character {
            '\'' => literal.push_str("''"),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            ';' => literal.push_str("\\x3B"),
            other => literal.push(other),
        }
    }
    literal.push('\'');
    literal
}

const REFUSAL: &str = "RAISE EXCEPTION USING MESSAGE = ";

/// A statement that fails and says why: most tools take an empty way back for done, and would record what is not so.
pub(crate) fn refusal(reason: &str) -> ScriptPart {
    let message = format!("this migration has no way back: {}", comment_lines(reason).join(" "));
    // What stands between dollars ends at the first pair of them.
    let message = trueup_sql::quote_literal(&message.replace("$trueup$", "trueup"));
    let text = format!("DO $trueup$ BEGIN {REFUSAL}{message}; END $trueup$");
    ScriptPart::new("fails, because there is no way back", text, true)
}

/// Whether a statement of a way back is only there to fail.
pub fn is_refusal(statement: &str) -> bool {
    statement.contains(REFUSAL) && statement.contains("this migration has no way back")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// What a statement really runs.
    pub(crate) fn unveiled(text: &str) -> String {
        let inside = |text: &str, before: &str, after: &str| {
            let literal = text.strip_prefix(before)?.strip_suffix(after)?;
            let content = literal.strip_prefix("E'")?.strip_suffix('\'')?;
            let mut result = String::new();
            let mut rest = content.chars();
            while let Some(character) = rest.next() {
                match character {
                    '\'' => result.push(rest.next()?),
                    '\\' => match rest.next()? {
                        'n' => result.push('\n'),
                        'r' => result.push('\r'),
                        'x' => {
                            let code: String = rest.by_ref().take(2).collect();
                            result.push(char::from(u8::from_str_radix(&code, 16).ok()?));
                        }
                        other => result.push(other),
                    },
                    other => result.push(other),
                }
            }
            Some(result)
        };
        inside(text, "DO ", "")
            .and_then(|body| inside(&body, VEIL[0], VEIL[1]))
            .unwrap_or_else(|| text.to_owned())
    }

    fn part(text: &str, transactional: bool) -> ScriptPart {
        ScriptPart::new("does it", text, transactional)
    }

    const MARKS: Marks = Marks {
        tool: "a tool",
        tame: |comment| comment.replace("MARK", "M"),
        harms: |text| text.contains("MARK"),
    };

    #[test]
    fn marks_go_from_comments_and_are_veiled_in_literals() {
        let text = |text: &str| prepare_one(&part(text, true), &MARKS).map(|prepared| prepared.text);
        assert_eq!(text("SELECT 1 -- MARK\n, 2 -- end"), Ok("SELECT 1 -- M\n, 2".to_owned()));
        assert_eq!(
            text("SELECT 'MARK\n\\;'"),
            Ok(r"DO E'BEGIN EXECUTE E''SELECT ''''MARK\\n\\\\\\x3B''''''\x3B END'".to_owned())
        );
        assert_eq!(
            prepare_one(&part("SELECT 'MARK'", false), &MARKS).map(|prepared| prepared.text),
            Err(WriteError::Marks { tool: "a tool", comment: "does it".to_owned() })
        );
    }

    #[test]
    fn only_one_complete_statement_is_taken() {
        for (text, problem) in [
            ("", "it is empty"),
            ("-- only this", "it is empty"),
            ("SELECT 1; SELECT 2", "it is 2 statements"),
            ("COPY a FROM STDIN;\n1\n\\.\n", "it reads rows from the script"),
            ("SELECT '\0'", "it contains a zero byte"),
        ] {
            let expected = WriteError::NotOneStatement { comment: "does it".into(), problem: problem.into() };
            assert_eq!(one_statement(&part(text, true)), Err(expected), "{text}");
        }
        assert!(one_statement(&part("SELECT 'open", true)).is_err());
        assert_eq!(one_statement(&part("SELECT 1;", true)), Ok("SELECT 1".to_owned()));
    }

    #[test]
    fn a_refusal_is_one_statement_whatever_the_reason() {
        for reason in ["rows are lost", "it's $trueup$ \\ gone", "a\nb"] {
            let part = refusal(reason);
            assert!(one_statement(&part).is_ok_and(|text| text == part.text), "{}", part.text);
            assert!(is_refusal(&part.text));
        }
        assert!(!is_refusal("DO $$ BEGIN RAISE EXCEPTION USING MESSAGE = 'x'; END $$"));
    }
}

//! The text of a file: comments, statements, line ends.

use trueup_sql::lexer::tokens;
use trueup_sql::text::{LineEnding, decode};

use crate::detect::Detected;
use crate::write::Prepared;
use trueup_model::Migration;

/// A text as lines that fit behind `-- `.
pub(crate) fn comment_lines(text: &str) -> Vec<String> {
    let is_end = |character: char| character.is_control() && character != '\t';
    text.lines().map(|line| line.replace(is_end, " ").trim_end().to_owned()).collect()
}

/// Comments, then an empty line.
pub(crate) fn push_head(text: &mut String, head: &[String]) {
    push_comments(text, head);
    if !head.is_empty() {
        text.push('\n');
    }
}

pub(crate) fn push_comments(text: &mut String, lines: &[String]) {
    for line in lines {
        text.push_str(if line.is_empty() { "--" } else { "-- " });
        text.push_str(line);
        text.push('\n');
    }
}

/// Each with its comment, an empty line between them.
pub(crate) fn push_statements(text: &mut String, statements: &[Prepared]) {
    for (statement, number) in statements.iter().zip(0usize..) {
        if number > 0 {
            text.push('\n');
        }
        push_comments(text, &statement.comment);
        text.push_str(&statement.text);
        text.push_str(";\n");
    }
}

/// Whether the neighbours' lines end as on Windows.
pub(crate) fn line_ending(detected: &Detected, newest: Option<&Migration>) -> LineEnding {
    newest
        .and_then(|migration| std::fs::read(detected.root.join(&*migration.file)).ok())
        .and_then(|bytes| decode(&bytes).ok())
        .map_or(LineEnding::Lf, |source| source.line_ending)
}

/// The text with these line ends. Inside of literals and quoted names they belong to the content and stay.
pub(crate) fn with_line_ends(text: &str, ending: LineEnding) -> String {
    let end = match ending {
        LineEnding::CrLf => "\r\n",
        LineEnding::Lf | LineEnding::Mixed => "\n",
    };
    let mut result = String::with_capacity(text.len());
    for token in tokens(text) {
        let written = token.text(text);
        if token.is_significant() {
            result.push_str(written);
        } else {
            result.push_str(&written.replace("\r\n", "\n").replace('\n', end));
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_inside_of_literals_are_content() {
        let text = "-- a\nSELECT 'x\ny',\r\n$$p\r\nq\n$$ /* b\nc */;\n";
        assert_eq!(
            with_line_ends(text, LineEnding::CrLf),
            "-- a\r\nSELECT 'x\ny',\r\n$$p\r\nq\n$$ /* b\r\nc */;\r\n"
        );
        assert_eq!(with_line_ends(text, LineEnding::Lf), "-- a\nSELECT 'x\ny',\n$$p\r\nq\n$$ /* b\nc */;\n");
    }

    #[test]
    fn comments_cannot_be_broken_out_of() {
        assert_eq!(comment_lines("a\rDROP TABLE b;\n\tc"), ["a DROP TABLE b;", "\tc"]);
    }
}

//! The data that follows `COPY … FROM STDIN` in a script.

use std::sync::Arc;

use super::cursor::Cursor;
use crate::lexer::significant_tokens;

pub(super) struct CopyData {
    pub(super) lines: Arc<str>,
    /// A line with `\.` closed it.
    pub(super) ended: bool,
}

/// The data begins with the line after the one on which the statement ends. What else stands on that line is
/// read after the data, by psql as well.
pub(super) fn take(cursor: &mut Cursor<'_>) -> CopyData {
    let line_end = cursor.line_end();
    let start = (line_end + 1).min(cursor.text().len());
    let data = &cursor.text()[start..];
    let (length, after) = data_length(data);
    let lines = data[..length].into();
    let end = start + after.unwrap_or(data.len());
    let statement_follows = significant_tokens(&cursor.text()[cursor.position..line_end]).next().is_some();
    if statement_follows {
        cursor.cut_lines(start, end);
    } else {
        cursor.position = end;
    }
    CopyData { lines, ended: after.is_some() }
}

/// How long the data is, and where the line after its end begins, if it has one.
fn data_length(data: &str) -> (usize, Option<usize>) {
    let mut start = 0;
    for line in data.split_inclusive('\n') {
        if matches!(line, "\\.\n" | "\\.\r\n" | "\\." | "\\.\r") {
            return (start, Some(start + line.len()));
        }
        start += line.len();
    }
    (data.len(), None)
}

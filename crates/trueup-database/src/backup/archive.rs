//! An archive of `pg_dump` as what it is made of: statements, and rows between them.
//!
//! `pg_restore` writes it as the script that psql would run. It is run on a session of ours instead: in a transaction
//! of ours, with a look at the outcome before it is committed, and without another connection.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::ChildStdout;
use std::sync::Arc;

use trueup_model::QualifiedName;
use trueup_sql::lexer::significant_tokens;
use trueup_sql::{SplitMode, split, unquote_ident};

use super::programs::{ARCHIVE, Programs};
use super::{BackupError, child};

/// Statements of large objects are handed over when they are this long together.
const ENOUGH: usize = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    PreData,
    Data,
    PostData,
}

impl Section {
    fn argument(self) -> &'static str {
        match self {
            Section::PreData => "--section=pre-data",
            Section::Data => "--section=data",
            Section::PostData => "--section=post-data",
        }
    }
}

/// The next part of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Statement(String),
    /// Its rows come next: [`Script::row`] until there are no more.
    Rows {
        table: QualifiedName,
        copy: String,
    },
}

pub struct Script<R> {
    source: R,
    /// Pieces that were read already, the next one last.
    ready: Vec<Piece>,
    in_rows: bool,
    ended: bool,
}

/// What is done with each piece. Rows that it leaves are passed over.
type Each<'a> = &'a mut dyn FnMut(Piece, &mut Script<BufReader<ChildStdout>>) -> Result<(), BackupError>;

/// Reads one section of the archive in a folder. With `access`, owners and privileges are part of it.
pub fn read(
    programs: &Programs,
    folder: &Path,
    section: Section,
    access: bool,
    each: Each<'_>,
) -> Result<(), BackupError> {
    let mut arguments = vec!["--file=-".to_owned(), section.argument().to_owned()];
    if !access {
        arguments.extend(["--no-owner", "--no-privileges"].map(str::to_owned));
    }
    arguments.push(folder.join(ARCHIVE).to_string_lossy().into_owned());
    let (running, output) = child::start(&programs.restore, &arguments, &[])?;
    let mut script = Script::new(BufReader::with_capacity(1 << 16, output));
    loop {
        let broken = |error| BackupError::file("reading", &folder.join(ARCHIVE))(error);
        let Some(piece) = script.next_piece().map_err(broken)? else { break };
        each(piece, &mut script)?;
        while script.row(&mut Vec::new()).map_err(broken)? {}
    }
    drop(script);
    running.finish()
}

impl<R: BufRead> Script<R> {
    pub fn new(source: R) -> Self {
        Self { source, ready: Vec::new(), in_rows: false, ended: false }
    }

    pub fn next_piece(&mut self) -> io::Result<Option<Piece>> {
        while self.ready.is_empty() && !self.ended {
            self.fill()?;
        }
        let piece = self.ready.pop();
        self.in_rows = matches!(piece, Some(Piece::Rows { .. }));
        Ok(piece)
    }

    /// Adds the next row to `chunk`; false when there are no more.
    pub fn row(&mut self, chunk: &mut Vec<u8>) -> io::Result<bool> {
        if !self.in_rows {
            return Ok(false);
        }
        let begin = chunk.len();
        if self.source.read_until(b'\n', chunk)? == 0 {
            self.in_rows = false;
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ends in the middle of rows"));
        }
        if chunk[begin..] == *b"\\.\n" {
            chunk.truncate(begin);
            self.in_rows = false;
        }
        Ok(self.in_rows)
    }

    /// Reads statements up to the next rows.
    fn fill(&mut self) -> io::Result<()> {
        let mut text = Vec::new();
        loop {
            let begin = text.len();
            if self.source.read_until(b'\n', &mut text)? == 0 {
                self.ended = true;
                return self.cut(text).map(drop);
            }
            let line = text[begin..].trim_ascii_end();
            let may_end = line.ends_with(b" FROM stdin;") || text.len() > ENOUGH && line.ends_with(b";");
            // The end of a line can stand in the middle of a name.
            if may_end && is_whole(&text) {
                return self.cut(text).map(drop);
            }
        }
    }

    fn cut(&mut self, text: Vec<u8>) -> io::Result<()> {
        let text = String::from_utf8(text)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a statement in it is not UTF-8"))?;
        let name: Arc<str> = Arc::from(ARCHIVE);
        let pieces = split(&name, &text, SplitMode::PSQL);
        for statement in pieces.statements() {
            let piece = match (&statement.copy_data, rows_of(&statement.text)) {
                (Some(_), Some(table)) => Piece::Rows { table, copy: statement.text.to_string() },
                _ => Piece::Statement(statement.text.to_string()),
            };
            self.ready.push(piece);
        }
        self.ready.reverse();
        Ok(())
    }
}

fn is_whole(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let mut end = None;
    let mut closed = true;
    for token in trueup_sql::lexer::significant_tokens(text) {
        closed = is_closed(token.kind);
        end = Some(token.text(text));
    }
    closed && end == Some(";")
}

fn is_closed(kind: trueup_sql::lexer::TokenKind) -> bool {
    use trueup_sql::lexer::TokenKind;
    match kind {
        TokenKind::BlockComment { closed }
        | TokenKind::QuotedIdent { closed }
        | TokenKind::UnicodeIdent { closed }
        | TokenKind::String { closed, .. }
        | TokenKind::DollarString { closed } => closed,
        TokenKind::Space
        | TokenKind::LineComment
        | TokenKind::Word
        | TokenKind::Number
        | TokenKind::Parameter
        | TokenKind::Operator
        | TokenKind::Punctuation
        | TokenKind::Other => true,
    }
}

/// The table of `COPY schema.table (columns) FROM stdin`.
fn rows_of(statement: &str) -> Option<QualifiedName> {
    let mut words = significant_tokens(statement).map(|token| token.text(statement));
    if !words.next()?.eq_ignore_ascii_case("copy") {
        return None;
    }
    let schema = words.next()?;
    if words.next()? != "." {
        return None;
    }
    Some(QualifiedName::new(unquote_ident(schema), unquote_ident(words.next()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_and_rows_come_in_their_order() {
        let text = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\nSET row_security = off;\n\n\
            COPY \"public\".\"odd\n FROM stdin;\" (\"a\", \"b;\") FROM stdin;\n1\ta;\n2\t\\\\.\n\\.\n\n\n\
            SELECT pg_catalog.setval('\"public\".\"s\"', 3, true);\n\n\
            COPY \"public\".\"none\"  FROM stdin;\n\\.\n\n\\unrestrict abc\n";
        let mut script = Script::new(text.as_bytes());
        let mut seen = Vec::new();
        while let Some(piece) = script.next_piece().expect("a piece") {
            match piece {
                Piece::Statement(text) => seen.push(text),
                Piece::Rows { table, copy } => {
                    seen.push(copy);
                    seen.push(format!("{:?}", table.name.as_str()));
                    let mut rows = Vec::new();
                    while script.row(&mut rows).expect("a row") {}
                    seen.push(String::from_utf8(rows).expect("UTF-8"));
                }
            }
        }
        assert_eq!(
            seen,
            [
                "SET row_security = off",
                "COPY \"public\".\"odd\n FROM stdin;\" (\"a\", \"b;\") FROM stdin",
                "\"odd\\n FROM stdin;\"",
                "1\ta;\n2\t\\\\.\n",
                "SELECT pg_catalog.setval('\"public\".\"s\"', 3, true)",
                "COPY \"public\".\"none\"  FROM stdin",
                "\"none\"",
                "",
            ]
        );
    }

    #[test]
    fn rows_that_end_too_early_are_an_error() {
        let mut script = Script::new("COPY \"a\".\"b\" (\"c\") FROM stdin;\n1\n".as_bytes());
        script.next_piece().expect("a piece");
        assert!(script.row(&mut Vec::new()).expect("a row"));
        assert!(script.row(&mut Vec::new()).is_err());
    }
}

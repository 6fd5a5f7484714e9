//! Scripts cut into statements and psql commands, at the very places where psql would cut them.

mod command;
mod copy;
mod cursor;

use std::sync::Arc;

use trueup_model::{Place, Statement};

use crate::lexer::{Lexer, Token, TokenKind};
use cursor::Cursor;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitMode {
    /// Whether a backslash outside of quotes begins a command of psql. Only psql itself reads scripts so; the
    /// data of `COPY … FROM STDIN` is recognised either way.
    pub psql_commands: bool,
    /// The number of the first line of the text in its file, counted from 1.
    pub first_line: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// In the order in which psql would run them.
    pub items: Vec<Item>,
    pub faults: Vec<SplitFault>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Statement(Statement),
    Command(PsqlCommand),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PsqlCommand {
    /// `i`, `ir`, `set`, `connect`, … without the backslash.
    pub name: String,
    /// The rest of the line as written.
    pub arguments: String,
    pub place: Place,
}

/// What makes the text end in the middle of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitFault {
    pub message: String,
    pub place: Place,
    /// The line at `place`.
    pub excerpt: String,
}

impl SplitMode {
    /// As `psql -f` reads a file.
    pub const PSQL: Self = Self { psql_commands: true, first_line: 1 };
    /// As a tool reads it that sends the statements to the server itself.
    pub const PLAIN: Self = Self { psql_commands: false, first_line: 1 };
}

impl Split {
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.items.iter().filter_map(|item| match item {
            Item::Statement(statement) => Some(statement),
            Item::Command(_) => None,
        })
    }
}

pub fn split(file: &Arc<str>, text: &str, mode: SplitMode) -> Split {
    let mut splitter = Splitter {
        psql_commands: mode.psql_commands,
        cursor: Cursor::new(file, text, mode.first_line),
        lexer: Lexer::default(),
        statement: Unfinished::default(),
        open_conditions: 0,
        split: Split::default(),
    };
    while splitter.step() {}
    splitter.finish_statement();
    splitter.split
}

struct Splitter<'a> {
    psql_commands: bool,
    cursor: Cursor<'a>,
    lexer: Lexer,
    statement: Unfinished,
    /// How many `\if` are open: a `\quit` inside may never be reached.
    open_conditions: u32,
    split: Split,
}

/// The statement that is being read.
#[derive(Default)]
struct Unfinished {
    text: String,
    /// White space and comments since the last word: part of the text only when another word follows.
    gap: String,
    place: Option<Place>,
    parentheses: u32,
    /// `BEGIN ATOMIC` and each `CASE` inside it, up to their `END`.
    blocks: u32,
    /// The first words, folded, as far as they tell whether this creates a function.
    head: Vec<String>,
    /// The first word is the first token, and is COPY.
    copies: bool,
    /// The last token, folded if it is a word.
    previous: String,
    reads_copy_data: bool,
}

impl Splitter<'_> {
    /// Reads one token, command or block of data. False at the end.
    fn step(&mut self) -> bool {
        let Some(token) = self.lexer.token_at(self.cursor.text(), self.cursor.position) else {
            return false;
        };
        if self.psql_commands && token.text(self.cursor.text()) == "\\" {
            return self.command(token.start);
        }
        self.cursor.position = token.end;
        if let Some(what) = never_closed(token.kind) {
            self.fault(format!("{what} that begins here is never closed"), token.start);
            self.statement = Unfinished::default();
            return false;
        }
        if !token.is_significant() {
            self.statement.gap.push_str(token.text(self.cursor.text()));
        } else if token.text(self.cursor.text()) == ";" && self.statement.ends_at_semicolon() {
            self.finish_statement();
        } else {
            self.add(token);
        }
        true
    }

    fn add(&mut self, token: Token) {
        if self.statement.text.is_empty() {
            self.statement.place = Some(self.cursor.place(token.start));
        }
        let word = match token.kind {
            TokenKind::Word => Some(token.text(self.cursor.text()).to_ascii_lowercase()),
            _ => None,
        };
        self.statement.add(token.text(self.cursor.text()), word);
    }

    /// The text so far is a whole statement; with the data that follows it, if it reads any.
    fn finish_statement(&mut self) {
        let statement = std::mem::take(&mut self.statement);
        let Some(place) = statement.place else { return };
        if let Some(standard) = standard_strings_set(&statement.text) {
            self.lexer.standard_strings = standard;
        }
        let copy_data = statement.reads_copy_data.then(|| self.copy_data(&place));
        let text = statement.text.into();
        self.split.items.push(Item::Statement(Statement { text, place, copy_data }));
    }

    fn copy_data(&mut self, place: &Place) -> Arc<str> {
        let data = copy::take(&mut self.cursor);
        if !data.ended {
            let message = "the data of this COPY has no end: a line with only \\. must follow it";
            self.split.faults.push(SplitFault {
                message: message.into(),
                place: place.clone(),
                excerpt: self.cursor.line_of(place.line),
            });
        }
        data.lines
    }

    fn fault(&mut self, message: String, start: usize) {
        let place = self.cursor.place(start);
        let excerpt = self.cursor.line_of(place.line);
        self.split.faults.push(SplitFault { message, place, excerpt });
    }
}

impl Unfinished {
    fn ends_at_semicolon(&self) -> bool {
        self.parentheses == 0 && self.blocks == 0
    }

    fn add(&mut self, text: &str, word: Option<String>) {
        if !self.text.is_empty() {
            self.text.push_str(&self.gap);
        }
        self.gap.clear();
        if matches!(self.previous.as_str(), "" | ";") {
            self.copies = word.as_deref() == Some("copy");
        }
        self.text.push_str(text);
        match (text, word) {
            ("(", _) => self.parentheses += 1,
            (")", _) => self.parentheses = self.parentheses.saturating_sub(1),
            (_, Some(word)) => {
                self.add_word(&word);
                self.previous = word;
                return;
            }
            (_, None) => {}
        }
        self.previous = text.to_owned();
    }

    fn add_word(&mut self, word: &str) {
        if self.parentheses > 0 {
            return;
        }
        if self.head.len() < 4 {
            self.head.push(word.to_owned());
        }
        // After a dot, and after AS, even a keyword is a name.
        let is_name = matches!(self.previous.as_str(), "." | "as");
        match word {
            "atomic" if self.blocks == 0 && self.previous == "begin" && self.creates_function() => {
                self.blocks = 1;
            }
            "case" if self.blocks > 0 && !is_name => self.blocks += 1,
            "end" if self.blocks > 0 && !is_name => self.blocks -= 1,
            "stdin" | "stdout" if self.previous == "from" && self.copies => {
                self.reads_copy_data = true;
            }
            _ => {}
        }
    }

    fn creates_function(&self) -> bool {
        let head: Vec<&str> = self.head.iter().map(String::as_str).collect();
        matches!(
            head[..],
            ["create", "function" | "procedure", ..] | ["create", "or", "replace", "function" | "procedure"]
        )
    }
}

fn never_closed(kind: TokenKind) -> Option<&'static str> {
    match kind {
        TokenKind::BlockComment { closed: false } => Some("the comment"),
        TokenKind::QuotedIdent { closed: false } | TokenKind::UnicodeIdent { closed: false } => {
            Some("the quoted name")
        }
        TokenKind::String { closed: false, .. } => Some("the string"),
        TokenKind::DollarString { closed: false } => Some("the dollar quote"),
        TokenKind::BlockComment { closed: true }
        | TokenKind::QuotedIdent { closed: true }
        | TokenKind::UnicodeIdent { closed: true }
        | TokenKind::String { closed: true, .. }
        | TokenKind::DollarString { closed: true }
        | TokenKind::Space
        | TokenKind::LineComment
        | TokenKind::Word
        | TokenKind::Number
        | TokenKind::Parameter
        | TokenKind::Operator
        | TokenKind::Punctuation
        | TokenKind::Other => None,
    }
}

/// Old dumps begin with `SET standard_conforming_strings = off`: from there on a backslash escapes.
fn standard_strings_set(statement: &str) -> Option<bool> {
    if !statement.get(..3)?.eq_ignore_ascii_case("set") || statement.len() > 100 {
        return None;
    }
    let folded = statement.to_ascii_lowercase();
    let mut words = folded
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !matches!(*word, "" | "session" | "local" | "to"))
        .skip(1);
    if words.next() != Some("standard_conforming_strings") {
        return None;
    }
    Some(!matches!(words.next(), Some("off" | "false" | "no" | "0" | "f" | "n")))
}

#[cfg(test)]
mod tests;

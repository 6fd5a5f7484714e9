//! Commands of psql: where they end, and what they do to the statement in front of them.

use super::{Item, PsqlCommand, Splitter, Unfinished};
use crate::lexer::{is_space, significant_tokens};

/// Commands that send the statement in front of them, as a semicolon would.
const SENDING: &[&str] =
    &["g", "gx", "gset", "gexec", "gdesc", "watch", "crosstabview", "parse", "sendpipeline"];

/// Commands whose argument is the rest of the line, whatever it contains.
const WHOLE_LINE: &[&str] = &["!", "copy", "ef", "ev", "sf", "sf+", "sv", "sv+", "h", "help"];

/// Commands whose argument is the rest of the line when it is a pipe.
const PIPING: &[&str] = &["g", "gx", "o", "out", "w", "write"];

impl Splitter<'_> {
    /// Reads what begins with the backslash at `start`. False when nothing after it is read any more.
    pub(super) fn command(&mut self, start: usize) -> bool {
        let rest = &self.cursor.text()[start + 1..];
        if rest.starts_with([';', ':']) {
            self.escaped(start);
            return true;
        }
        let name_end = rest.find(|c| is_space(c) || c == '\\').unwrap_or(rest.len());
        let name = rest[..name_end].to_owned();
        let line = rest[name_end..].split('\n').next().unwrap_or_default();
        let length = arguments_length(&name, line);
        let arguments = line[..length].trim().to_owned();
        // Two backslashes end a command and are nothing themselves.
        let used =
            if line[length..].starts_with("\\\\") { length + 2 } else { line[..length].trim_end().len() };
        self.cursor.position = start + 1 + name_end + used;

        if name == "copy" && reads_script(&arguments) {
            self.copy_from_script(start, &arguments);
            return true;
        }
        match name.as_str() {
            "if" => self.open_conditions += 1,
            "endif" => self.open_conditions = self.open_conditions.saturating_sub(1),
            "r" | "reset" => self.statement = Unfinished::default(),
            _ => {}
        }
        let place = self.cursor.place(start);
        let sends = SENDING.contains(&name.as_str());
        let quits = matches!(name.as_str(), "q" | "quit") && self.open_conditions == 0;
        let command = Item::Command(PsqlCommand { name, arguments, place });
        if sends {
            // The data of a COPY comes after the command, the command's item after its statement.
            self.finish_statement();
        }
        self.split.items.push(command);
        !quits
    }

    /// `\;` and `\:` put the bare character into the statement: several statements sent as one.
    fn escaped(&mut self, start: usize) {
        let character = self.cursor.text()[start + 1..start + 2].to_owned();
        if self.statement.text.is_empty() {
            self.statement.place = Some(self.cursor.place(start));
        }
        self.statement.add(&character, None);
        if character == ";" {
            self.statement.head.clear();
        }
        self.cursor.position = start + 2;
    }

    /// `\copy … from stdin` is a COPY with its data in the script, whatever statement is open around it.
    fn copy_from_script(&mut self, start: usize, arguments: &str) {
        let around = std::mem::take(&mut self.statement);
        self.statement.text = format!("COPY {}", arguments.trim_end_matches([';', ' ', '\t', '\r']));
        self.statement.place = Some(self.cursor.place(start));
        self.statement.reads_copy_data = true;
        self.finish_statement();
        self.statement = around;
    }
}

fn arguments_length(name: &str, line: &str) -> usize {
    let pipes = || line.trim_start().starts_with('|');
    if WHOLE_LINE.contains(&name) || (PIPING.contains(&name) && pipes()) {
        return line.len();
    }
    // An unquoted backslash begins the next command. Quotes end with the line.
    let mut quote = None;
    let mut characters = line.char_indices();
    while let Some((index, character)) = characters.next() {
        match (quote, character) {
            (None, '\\') => return index,
            (None, '\'' | '"' | '`') => quote = Some(character),
            (Some('\''), '\\') => {
                characters.next();
            }
            (Some(open), close) if open == close => quote = None,
            (None | Some(_), _) => {}
        }
    }
    line.len()
}

/// Whether `\copy` reads its data from the script itself.
fn reads_script(arguments: &str) -> bool {
    let mut depth = 0;
    let mut previous = String::new();
    for token in significant_tokens(arguments) {
        let text = token.text(arguments).to_ascii_lowercase();
        match text.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            "stdin" if depth == 0 && previous == "from" => return true,
            _ => {}
        }
        previous = text;
    }
    false
}

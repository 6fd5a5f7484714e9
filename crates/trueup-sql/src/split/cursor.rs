//! Where the splitter stands, and how that place is called in the file.

use std::borrow::Cow;
use std::sync::Arc;

use trueup_model::Place;

pub(super) struct Cursor<'a> {
    pub(super) position: usize,
    /// As psql sees it: without the data that was taken out of the middle, see [`Cursor::cut_lines`].
    seen: Cow<'a, str>,
    original: &'a str,
    file: Arc<str>,
    first_line: u32,
    /// Where whole lines were taken out, and how many.
    cuts: Vec<(usize, u32)>,
    /// The last offset that was asked for, with its line and column, both counted from 0.
    known: (usize, u32, u32),
}

impl<'a> Cursor<'a> {
    pub(super) fn new(file: &Arc<str>, text: &'a str, first_line: u32) -> Self {
        Self {
            position: 0,
            seen: Cow::Borrowed(text),
            original: text,
            file: file.clone(),
            first_line,
            cuts: Vec::new(),
            known: (0, 0, 0),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.seen
    }

    pub(super) fn rest(&self) -> &str {
        &self.seen[self.position..]
    }

    /// The end of the current line, before its line end.
    pub(super) fn line_end(&self) -> usize {
        self.rest().find('\n').map_or(self.seen.len(), |length| self.position + length)
    }

    /// Offsets are mostly asked for in rising order: only what is new is counted.
    pub(super) fn place(&mut self, offset: usize) -> Place {
        let (mut from, mut line, mut column) = self.known;
        if offset < from {
            (from, line, column) = (0, 0, 0);
        }
        for character in self.seen[from..offset].chars() {
            if character == '\n' {
                line += 1;
                column = 0;
            } else {
                column += 1;
            }
        }
        self.known = (offset, line, column);
        let cut: u32 = self.cuts.iter().filter(|(at, _)| *at <= offset).map(|(_, lines)| lines).sum();
        Place::new(self.file.clone(), self.first_line.saturating_add(line + cut), column + 1)
    }

    /// The text of a line of the file, to be shown.
    pub(super) fn line_of(&self, line: u32) -> String {
        let index = line.saturating_sub(self.first_line) as usize;
        let shown = self.original.split('\n').nth(index).unwrap_or_default().trim();
        shown.chars().take(160).collect()
    }

    /// Takes whole lines out of the text that is still to be read, as if they were not in the file.
    pub(super) fn cut_lines(&mut self, start: usize, end: usize) {
        let lines = self.seen[start..end].matches('\n').count();
        self.seen.to_mut().replace_range(start..end, "");
        self.cuts.push((start, u32::try_from(lines).unwrap_or(u32::MAX)));
    }
}

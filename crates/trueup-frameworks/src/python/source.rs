//! A file of Python, and places in it.

use std::rc::Rc;
use std::sync::Arc;

use camino::Utf8PathBuf;
use trueup_model::Place;

/// The text of a file, and where its lines begin.
pub struct Source {
    /// Where the file lies; it is also `__file__`.
    pub path: Utf8PathBuf,
    /// As people see it.
    pub shown: Arc<str>,
    pub text: String,
    lines: Vec<u32>,
}

impl Source {
    pub fn new(path: Utf8PathBuf, shown: impl Into<Arc<str>>, text: String) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(ends.map(|(index, _)| as_u32(index + 1))).collect();
        Self { path, shown: shown.into(), text, lines }
    }

    /// Line and column, both counted from 1, the column in characters.
    pub fn place(&self, offset: u32) -> Place {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or_default() as usize;
        let before = self.text.get(start..offset as usize).unwrap_or_default();
        Place::new(self.shown.clone(), as_u32(line), as_u32(before.chars().count() + 1))
    }

    /// The line around an offset, without its end.
    pub fn line(&self, offset: u32) -> &str {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or_default() as usize;
        let rest = self.text.get(start..).unwrap_or_default();
        rest.split(['\n', '\r']).next().unwrap_or_default()
    }
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A stretch of a text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// A stretch of a file.
#[derive(Clone)]
pub struct Spot {
    pub source: Rc<Source>,
    pub span: Span,
}

impl Spot {
    pub fn place(&self) -> Place {
        self.source.place(self.span.start)
    }

    /// The text that stands there.
    pub fn text(&self) -> &str {
        self.source.text.get(self.span.start as usize..self.span.end as usize).unwrap_or_default()
    }

    /// Something that stands in no file: what the caller of the evaluator made up, and says where from.
    pub fn outside(shown: &str) -> Self {
        let source = Source::new(Utf8PathBuf::new(), shown, String::new());
        Self { source: Rc::new(source), span: Span::default() }
    }
}

impl std::fmt::Debug for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = self.place();
        write!(f, "{}:{}:{}", place.file, place.line, place.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_characters() {
        let source = Source::new("/a.py".into(), "a.py", "a = 1\r\nü = 2; é = 3\n".to_owned());
        let at = |text: &str| source.place(source.text.find(text).map_or(0, as_u32));
        assert_eq!(at("a = 1"), Place::new("a.py", 1, 1));
        assert_eq!(at("é"), Place::new("a.py", 2, 8));
        assert_eq!(source.place(99), Place::new("a.py", 3, 1));
        assert_eq!(source.line(9), "ü = 2; é = 3");
    }
}

//! A file of Python, and places in it.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::Place;

use super::files::Files;

/// A file, which is read when somebody asks what stands in it.
pub struct Source {
    /// Where the file lies; it is also `__file__`.
    pub path: Utf8PathBuf,
    /// As people see it.
    pub shown: Arc<str>,
    /// `None` where there is no file to be read.
    files: Option<Rc<dyn Files>>,
    content: OnceCell<Content>,
}

/// The text of a file, and where its lines begin.
#[derive(Default)]
struct Content {
    text: String,
    lines: Vec<u32>,
    fault: Option<(String, u32)>,
}

impl Content {
    fn new(text: String) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(ends.map(|(index, _)| as_u32(index + 1))).collect();
        Self { text, lines, fault: None }
    }

    fn read(files: &dyn Files, path: &Utf8Path) -> Self {
        match files.read(path).as_deref().map(trueup_sql::text::decode) {
            Some(Ok(decoded)) => Self::new(decoded.text),
            Some(Err(error)) => {
                let fault = (format!("the file is not readable as text: {error}"), error.line);
                Self { fault: Some(fault), ..Self::default() }
            }
            None => Self { fault: Some(("the file cannot be read".to_owned(), 1)), ..Self::default() },
        }
    }
}

impl Source {
    pub fn of_file(path: Utf8PathBuf, shown: impl Into<Arc<str>>, files: Rc<dyn Files>) -> Self {
        Self { path, shown: shown.into(), files: Some(files), content: OnceCell::new() }
    }

    /// What stands in no file.
    pub fn empty(shown: impl Into<Arc<str>>) -> Self {
        Self { path: Utf8PathBuf::new(), shown: shown.into(), files: None, content: OnceCell::new() }
    }

    fn content(&self) -> &Content {
        self.content.get_or_init(|| match &self.files {
            Some(files) => Content::read(&**files, &self.path),
            None => Content::default(),
        })
    }

    /// Empty where the file cannot be read.
    pub fn text(&self) -> &str {
        &self.content().text
    }

    /// Why the file cannot be read, and the line.
    pub fn fault(&self) -> Option<(&str, u32)> {
        self.content().fault.as_ref().map(|(reason, line)| (reason.as_str(), *line))
    }

    /// Line and column, both counted from 1, the column in characters.
    pub fn place(&self, offset: u32) -> Place {
        let line = self.content().lines.partition_point(|start| *start <= offset).max(1);
        let start = self.content().lines.get(line - 1).copied().unwrap_or_default() as usize;
        let before = self.text().get(start..offset as usize).unwrap_or_default();
        Place::new(self.shown.clone(), as_u32(line), as_u32(before.chars().count() + 1))
    }

    /// The line around an offset, without its end.
    pub fn line(&self, offset: u32) -> &str {
        let line = self.content().lines.partition_point(|start| *start <= offset).max(1);
        let start = self.content().lines.get(line - 1).copied().unwrap_or_default() as usize;
        let rest = self.text().get(start..).unwrap_or_default();
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
        self.source.text().get(self.span.start as usize..self.span.end as usize).unwrap_or_default()
    }

    /// Something that stands in no file: what the caller of the evaluator made up, and says where from.
    pub fn outside(shown: &str) -> Self {
        Self { source: Rc::new(Source::empty(shown)), span: Span::default() }
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
    use super::super::files::Memory;
    use super::*;

    #[test]
    fn places_are_counted_in_characters() {
        let files = Memory::new([("/a.py", "a = 1\r\nü = 2; é = 3\n")]);
        let source = Source::of_file("/a.py".into(), "a.py", Rc::new(files));
        let at = |text: &str| source.place(source.text().find(text).map_or(0, as_u32));
        assert_eq!(at("a = 1"), Place::new("a.py", 1, 1));
        assert_eq!(at("é"), Place::new("a.py", 2, 8));
        assert_eq!(source.place(99), Place::new("a.py", 3, 1));
        assert_eq!(source.line(9), "ü = 2; é = 3");
    }
}

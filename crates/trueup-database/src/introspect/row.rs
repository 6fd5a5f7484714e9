//! Values of a row as the readers want them.

use std::cell::RefCell;

use rustc_hash::FxHashSet;
use trueup_model::name::{Ident, Text};

use crate::session::{Row, SessionError};

/// A server answered a catalog query with something that no PostgreSQL answers.
#[derive(Debug, Clone, thiserror::Error)]
#[error("reading the catalogs: query `{query}`, value {column}: {problem}")]
pub struct ReadError {
    query: &'static str,
    column: usize,
    problem: String,
}

impl From<ReadError> for SessionError {
    fn from(error: ReadError) -> Self {
        SessionError::Lost(error.to_string())
    }
}

/// Texts that were read already. Names of types, of columns and defaults come again for every table: each is kept
/// once.
#[derive(Default)]
pub(super) struct Shared(RefCell<FxHashSet<Text>>);

/// Longer texts are hardly ever the same twice.
const WORTH_SHARING: usize = 64;

impl Shared {
    fn get(&self, text: &str) -> Text {
        if text.len() > WORTH_SHARING {
            return Text::new(text);
        }
        let mut known = self.0.borrow_mut();
        if let Some(text) = known.get(text) {
            return text.clone();
        }
        let text = Text::new(text);
        known.insert(text.clone());
        text
    }
}

/// A row with the name of its query, for error messages.
pub(super) struct Cells<'a> {
    pub row: &'a Row<'a>,
    pub query: &'static str,
    pub shared: &'a Shared,
}

impl<'a> Cells<'a> {
    pub fn opt(&self, column: usize) -> Option<&str> {
        self.row.get(column)
    }

    pub fn text(&self, column: usize) -> Result<&str, ReadError> {
        self.opt(column).ok_or_else(|| self.wrong(column, "is missing".to_owned()))
    }

    pub fn opt_text(&self, column: usize) -> Option<Text> {
        self.opt(column).map(|text| self.share(text))
    }

    pub fn opt_ident(&self, column: usize) -> Option<Ident> {
        self.opt_text(column).map(Ident::from)
    }

    pub fn shared(&self, column: usize) -> Result<Text, ReadError> {
        Ok(self.share(self.text(column)?))
    }

    pub fn ident(&self, column: usize) -> Result<Ident, ReadError> {
        self.shared(column).map(Ident::from)
    }

    pub fn share(&self, text: &str) -> Text {
        self.shared.get(text)
    }

    pub fn flag(&self, column: usize) -> Result<bool, ReadError> {
        Ok(self.text(column)? == "t")
    }

    /// The first character, for `"char"` columns; a blank where there is none.
    pub fn letter(&self, column: usize) -> char {
        self.opt(column).and_then(|text| text.chars().next()).unwrap_or(' ')
    }

    pub fn oid(&self, column: usize) -> Result<u32, ReadError> {
        self.number(column)
    }

    pub fn number<T: std::str::FromStr>(&self, column: usize) -> Result<T, ReadError> {
        let text = self.text(column)?;
        text.parse().map_err(|_| self.wrong(column, format!("is not a number: {text}")))
    }

    pub fn opt_number<T: std::str::FromStr>(&self, column: usize) -> Result<Option<T>, ReadError> {
        self.opt(column).map(|_| self.number(column)).transpose()
    }

    /// The elements of an `int2vector` (`1 2 3`), an `oidvector` or an array of numbers (`{1,2,3}`).
    pub fn numbers<T: std::str::FromStr>(&self, column: usize) -> Result<Vec<T>, ReadError> {
        let Some(text) = self.opt(column) else { return Ok(Vec::new()) };
        text.trim_matches(['{', '}'])
            .split([' ', ','])
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().map_err(|_| self.wrong(column, format!("is not a number: {part}"))))
            .collect()
    }

    /// The elements of a JSON array of texts, nulls left out.
    pub fn list(&self, column: usize) -> Result<Vec<Text>, ReadError> {
        // Most lists are empty, and most of them are those of columns.
        let Some(text) = self.opt(column).filter(|text| *text != "[]") else { return Ok(Vec::new()) };
        let elements: Vec<Option<String>> =
            serde_json::from_str(text).map_err(|error| self.wrong(column, error.to_string()))?;
        Ok(elements.into_iter().flatten().map(|text| self.share(&text)).collect())
    }

    /// As [`Cells::list`], sorted: for options, whose order means nothing.
    pub fn sorted_list(&self, column: usize) -> Result<Vec<Text>, ReadError> {
        let mut elements = self.list(column)?;
        elements.sort();
        Ok(elements)
    }

    pub fn wrong(&self, column: usize, problem: String) -> ReadError {
        ReadError { query: self.query, column, problem }
    }
}

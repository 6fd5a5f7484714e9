//! Collects the properties of one object that are not the same on both sides.

use trueup_model::Catalog;
use trueup_model::catalog::Entry;
use trueup_model::difference::{Aspect, Nature};
use trueup_model::name::{Ident, QualifiedName, Text};
use trueup_sql::moved::{self, Names};
use trueup_sql::spelling::{self, Kind};

use crate::spoken::Spoken;

/// What is known about the two sides while one object is compared.
#[derive(Clone)]
pub(super) struct Sides<'a> {
    pub expected: &'a Catalog,
    pub found: &'a Catalog,
    /// The names of what was found elsewhere.
    pub names: &'a Names,
    /// The object was found in another schema: names of that schema stand for names of the expected one.
    pub moved: Option<(Ident, Ident)>,
    /// Names of the expected side for which the found one has nothing: no name there stands for one of them.
    pub missing: Option<&'a Names>,
}

impl<'a> Sides<'a> {
    pub fn new(expected: &'a Catalog, found: &'a Catalog, names: &'a Names) -> Self {
        Self { expected, found, names, moved: None, missing: None }
    }

    /// For two objects that may stand in different schemas.
    pub fn between(&self, expected: &Entry, found: &Entry) -> Self {
        let schemas = found.path.schema.clone().zip(expected.path.schema.clone());
        Self { moved: schemas.filter(|(from, to)| from != to), ..self.clone() }
    }

    pub fn without(self, missing: &'a Names) -> Self {
        Self { missing: Some(missing), ..self }
    }

    /// Both servers have at least this major version.
    pub fn both_from(&self, major: u32) -> bool {
        self.expected.major() >= major && self.found.major() >= major
    }

    pub fn same_name(&self, expected: &QualifiedName, found: &QualifiedName) -> bool {
        if expected == found || self.names.known_as(found) == Some(expected) {
            return true;
        }
        match &self.moved {
            Some((from, to)) => {
                found.name == expected.name
                    && found.schema == *from
                    && expected.schema == *to
                    && self.missing.is_none_or(|missing| missing.known_as(expected).is_none())
            }
            None => false,
        }
    }

    /// For texts without a grammar of their own.
    pub fn same_plain_text(&self, expected: &str, found: &str) -> bool {
        self.same_text(expected, found, None)
    }

    /// For texts of a kind that servers of different versions spell differently.
    pub fn same_text(&self, expected: &str, found: &str, kind: Option<Kind>) -> bool {
        let same = |found: &str| match kind {
            Some(kind) => spelling::same(kind, expected, self.expected.major(), found, self.found.major()),
            None => expected == found,
        };
        if same(found) {
            return true;
        }
        let known = self.names.in_text(found);
        if known.as_deref().is_some_and(same) {
            return true;
        }
        // Of what the object names, only what was found can have been moved with it.
        let names_missing = || self.missing.is_some_and(|missing| missing.in_text(expected).is_some());
        self.moved.as_ref().is_some_and(|(from, to)| {
            !names_missing()
                && same(&moved::in_schema(known.as_deref().unwrap_or(found), from.as_str(), to.as_str()))
        })
    }
}

pub(super) struct Aspects<'a> {
    pub sides: &'a Sides<'a>,
    list: Vec<Aspect>,
    nature: Nature,
}

impl<'a> Aspects<'a> {
    pub fn new(sides: &'a Sides<'a>) -> Self {
        Self { sides, list: Vec::new(), nature: Nature::Logical }
    }

    /// Properties that follow until the next call are of this nature.
    pub fn of_nature(&mut self, nature: Nature) -> &mut Self {
        self.nature = nature;
        self
    }

    pub fn plain<T: PartialEq + Spoken>(&mut self, name: &'static str, expected: &T, found: &T) -> &mut Self {
        if expected != found {
            self.push(name, expected.spoken(), found.spoken());
        }
        self
    }

    /// Texts without a grammar of their own that may hold qualified names: types, names of functions.
    pub fn text(&mut self, name: &'static str, expected: &Text, found: &Text) -> &mut Self {
        self.spelled(name, Some(expected), Some(found), None)
    }

    pub fn texts(&mut self, name: &'static str, expected: &[Text], found: &[Text]) -> &mut Self {
        let same = expected.len() == found.len()
            && expected.iter().zip(found).all(|(e, f)| self.sides.same_plain_text(e.as_str(), f.as_str()));
        if !same {
            self.push(name, expected.to_vec().spoken(), found.to_vec().spoken());
        }
        self
    }

    pub fn opt_text(
        &mut self,
        name: &'static str,
        expected: Option<&Text>,
        found: Option<&Text>,
    ) -> &mut Self {
        self.spelled(name, expected, found, None)
    }

    pub fn expression(
        &mut self,
        name: &'static str,
        expected: Option<&Text>,
        found: Option<&Text>,
    ) -> &mut Self {
        self.spelled(name, expected, found, Some(Kind::Expression))
    }

    pub fn view(&mut self, name: &'static str, expected: &Text, found: &Text) -> &mut Self {
        self.spelled(name, Some(expected), Some(found), Some(Kind::View))
    }

    pub fn body(&mut self, name: &'static str, expected: &Text, found: &Text) -> &mut Self {
        self.spelled(name, Some(expected), Some(found), Some(Kind::Body))
    }

    pub fn rule(&mut self, name: &'static str, expected: &Text, found: &Text) -> &mut Self {
        self.spelled(name, Some(expected), Some(found), Some(Kind::Rule))
    }

    pub fn same_expression(&self, expected: &Text, found: &Text) -> bool {
        self.sides.same_text(expected.as_str(), found.as_str(), Some(Kind::Expression))
    }

    fn spelled(
        &mut self,
        name: &'static str,
        expected: Option<&Text>,
        found: Option<&Text>,
        kind: Option<Kind>,
    ) -> &mut Self {
        match (expected, found) {
            (None, None) => {}
            (Some(expected), Some(found)) => {
                if !self.sides.same_text(expected.as_str(), found.as_str(), kind) {
                    // A view that differs by more is shown under the names that the history knows: that something
                    // else was renamed is told there.
                    let known = match kind {
                        Some(Kind::View) => self.sides.names.in_text(found.as_str()).map(Text::new),
                        Some(Kind::Expression | Kind::Body | Kind::Rule) | None => None,
                    };
                    self.push_text(name, expected, known.as_ref().unwrap_or(found), kind);
                }
            }
            (expected, found) => self.push(name, expected.cloned().spoken(), found.cloned().spoken()),
        }
        self
    }

    /// What only the versions of the servers spell differently is not shown as different.
    pub fn push_text(&mut self, name: &'static str, expected: &Text, found: &Text, kind: Option<Kind>) {
        let (expected, found) = match kind {
            Some(kind) => spelling::told_apart(
                kind,
                expected.as_str(),
                self.sides.expected.major(),
                found.as_str(),
                self.sides.found.major(),
            ),
            None => (expected.spoken(), found.spoken()),
        };
        self.push(name, expected, found);
    }

    pub fn name(&mut self, name: &'static str, expected: &QualifiedName, found: &QualifiedName) -> &mut Self {
        if !self.sides.same_name(expected, found) {
            self.push(name, expected.spoken(), found.spoken());
        }
        self
    }

    pub fn names(
        &mut self,
        name: &'static str,
        expected: &[QualifiedName],
        found: &[QualifiedName],
    ) -> &mut Self {
        let same = expected.len() == found.len()
            && expected.iter().zip(found).all(|(expected, found)| self.sides.same_name(expected, found));
        if !same {
            self.push(name, expected.to_vec().spoken(), found.to_vec().spoken());
        }
        self
    }

    pub fn push(&mut self, name: &'static str, expected: String, found: String) {
        self.list.push(Aspect { name, expected, found, nature: self.nature });
    }

    pub fn finish(self) -> Vec<Aspect> {
        self.list
    }
}

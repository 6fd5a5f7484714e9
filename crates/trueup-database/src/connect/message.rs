//! The error that a person reads: what was being done, what is wrong, what can be typed next.

use std::fmt;

use super::problem::Problem;
use super::resolve::Source;
use crate::url::{DatabaseUrl, UrlError};

/// Why no session could be opened. No text of it holds the password.
#[derive(Clone, Debug)]
pub struct ConnectError {
    doing: String,
    problem: Box<Problem>,
    notes: Vec<String>,
}

impl ConnectError {
    pub(super) fn nothing_given() -> Self {
        Self::of("looking for the database", Problem::NothingGiven)
    }

    pub(super) fn url(source: &Source, error: UrlError) -> Self {
        Self::source(source, Problem::Url(error))
    }

    /// Something wrong with what a source says.
    pub(super) fn source(source: &Source, problem: Problem) -> Self {
        let what = match source {
            Source::Explicit | Source::Variable(_) | Source::Libpq => format!("reading {source}"),
            Source::Project(name) => format!("reading the database of {name}"),
        };
        Self::of(what, problem)
    }

    pub(super) fn connecting(url: &DatabaseUrl, problem: Problem) -> Self {
        let mut error = Self::of(format!("could not connect to {url}"), problem);
        // A password file that was passed over explains nothing but passwords.
        if matches!(*error.problem, Problem::PasswordMissing { .. } | Problem::WrongPassword { .. }) {
            error.notes.clone_from(&url.notes);
        }
        error
    }

    fn of(doing: impl Into<String>, problem: Problem) -> Self {
        Self { doing: doing.into(), problem: Box::new(problem), notes: Vec::new() }
    }

    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// What was being done and what is wrong with it.
    pub fn what(&self) -> String {
        let mut text = format!("{}: {}", self.doing, self.problem.what());
        for note in &self.notes {
            text.push_str("; ");
            text.push_str(note);
        }
        text
    }

    /// What can be typed next.
    pub fn next(&self) -> Option<String> {
        self.problem.next()
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what())?;
        match self.next() {
            Some(next) => write!(f, "; {next}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConnectError {}

/// Takes the password out of a text that somebody else wrote.
///
/// Very short passwords are only taken out as whole words: they occur in ordinary words by chance, where hiding
/// them would tell more than it hides. A password that is also the name of the role, the database or the host is
/// left, since the message names those anyway, and hiding one of them would give it away.
pub(super) fn without_password(text: &str, url: &DatabaseUrl) -> String {
    let target = &url.target;
    let shown = |password: &str| {
        [target.user.as_deref(), target.database.as_deref()].contains(&Some(password))
            || target.endpoints.iter().any(|endpoint| endpoint.host.as_deref() == Some(password))
    };
    let mut text = text.to_owned();
    for endpoint in &target.endpoints {
        let Some(password) = endpoint.password.as_ref().map(crate::url::Secret::reveal) else { continue };
        if !password.is_empty() && !shown(password) {
            text = hidden(&text, password);
        }
    }
    text
}

fn hidden(text: &str, password: &str) -> String {
    if password.chars().count() >= 4 {
        return text.replace(password, "***");
    }
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(password) {
        let (before, after) = (&rest[..at], &rest[at + password.len()..]);
        let joined =
            is_part(before.chars().next_back().or(out.chars().next_back())) || is_part(after.chars().next());
        out.push_str(before);
        out.push_str(if joined { password } else { "***" });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_taken_out_of_foreign_texts() {
        for (url, text, expected) in [
            ("postgres://ann:secret@h/d", "cannot use secret here: secrets", "cannot use *** here: ***s"),
            ("postgres://ann:is@h/d", "this is it", "this *** it"),
            ("postgres://ann:no@h/d", "no, nobody", "***, nobody"),
            ("postgres://ann:ann@h/d", "role \"ann\" is gone", "role \"ann\" is gone"),
            ("postgres://ann@h/d", "nothing to hide", "nothing to hide"),
            ("postgres://ann:p%40ss@h/d", "host p@ss", "host ***"),
        ] {
            let url = DatabaseUrl::parse(url).expect("a URL");
            assert_eq!(without_password(text, &url), expected, "{url}");
        }
    }
}

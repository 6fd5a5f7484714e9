//! What is said when the program cannot go on: what it was doing, what is wrong, what can be typed next.

use std::fmt::Display;

pub use trueup_sql::near::did_you_mean;

use crate::exit::Exit;

#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    /// One sentence: what was being done, and what is wrong.
    pub message: String,
    /// What can be done about it.
    pub hints: Vec<String>,
}

impl Failure {
    pub fn new(message: impl Display) -> Self {
        Self { exit: Exit::Failed, message: message.to_string(), hints: Vec::new() }
    }

    pub fn hint(mut self, hint: impl Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// A word that was typed for one of a few known ones.
    pub fn unknown<'a>(what: &str, word: &str, known: impl Iterator<Item = &'a str> + Clone) -> Self {
        let failure = Failure::new(format!("reading the arguments: unknown {what} `{word}`"));
        match did_you_mean(word, known.clone()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("one of {}", known.collect::<Vec<_>>().join(", "))),
        }
    }
}

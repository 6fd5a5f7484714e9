//! What is said when the program cannot go on: what it was doing, what is wrong, what can be typed next.

use std::fmt::Display;

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

/// The nearest of some known words, if one is near enough to have been meant.
pub fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (distance(typed, word), word))
        .filter(|(distance, word)| *distance <= (word.chars().count().max(typed.chars().count()) / 3).max(1))
        .min()
        .map(|(_, word)| word)
}

/// How many characters have to be changed, added, left out or swapped.
fn distance(one: &str, two: &str) -> usize {
    let (one, two): (Vec<char>, Vec<char>) = (one.chars().collect(), two.chars().collect());
    let mut rows = vec![vec![0; two.len() + 1]; one.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=one.len() {
        for j in 1..=two.len() {
            let changed = usize::from(one[i - 1] != two[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + changed);
            if i > 1 && j > 1 && one[i - 1] == two[j - 2] && one[i - 2] == two[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[one.len()][two.len()]
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        assert_eq!(did_you_mean("shdaow", ["database-url", "shadow"]), Some("shadow"));
        assert_eq!(did_you_mean("database_url", ["database-url", "shadow"]), Some("database-url"));
        assert_eq!(did_you_mean("jsno", ["json", "html"]), Some("json"));
        assert_eq!(did_you_mean("yaml", ["json", "html"]), None);
        assert_eq!(did_you_mean("colour", ["database-url", "shadow"]), None);
    }
}

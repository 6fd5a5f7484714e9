//! "Did you mean": how far apart two words are, and which known word was probably meant.

/// The nearest of some known words, if it is near enough to have been meant.
pub fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = typed.chars().count();
    known
        .into_iter()
        .map(|word| (distance(typed, word), word))
        .filter(|(distance, word)| *distance <= (word.chars().count().max(length) / 3).max(1))
        .min()
        .map(|(_, word)| word)
}

/// How many characters have to be changed, added, left out, or exchanged with their neighbours.
pub fn distance(one: &str, two: &str) -> usize {
    let (one, two): (Vec<char>, Vec<char>) = (one.chars().collect(), two.chars().collect());
    let mut rows = vec![vec![0; two.len() + 1]; one.len() + 1];
    for i in 0..=one.len() {
        for j in 0..=two.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let changed = rows[i - 1][j - 1] + usize::from(one[i - 1] != two[j - 1]);
                let mut best = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                if i > 1 && j > 1 && one[i - 1] == two[j - 2] && one[i - 2] == two[j - 1] {
                    best = best.min(rows[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    rows[one.len()][two.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slip_of_a_finger_counts_once() {
        for (one, two, expected) in [
            ("flyway", "flyway", 0),
            ("flywya", "flyway", 1),
            ("goos", "goose", 1),
            ("goosse", "goose", 1),
            ("gaose", "goose", 1),
            ("", "abc", 3),
            ("schön", "schon", 1),
        ] {
            assert_eq!((distance(one, two), distance(two, one)), (expected, expected), "{one} {two}");
        }
    }

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        assert_eq!(did_you_mean("shdaow", ["database-url", "shadow"]), Some("shadow"));
        assert_eq!(did_you_mean("database_url", ["database-url", "shadow"]), Some("database-url"));
        assert_eq!(did_you_mean("jsno", ["json", "html"]), Some("json"));
        assert_eq!(did_you_mean("yaml", ["json", "html"]), None);
        assert_eq!(did_you_mean("colour", ["database-url", "shadow"]), None);
    }
}

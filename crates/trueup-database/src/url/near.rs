//! "Did you mean": the known words that are spelled most like one that is not.

use trueup_sql::near::distance;

/// At most three candidates that a typing error could have made of `word`, the nearest first.
pub(crate) fn near<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    let mut found: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let distance = distance(&word, &lower);
            let contained =
                length >= 3 && (lower.contains(&word) || (lower.len() >= 3 && word.contains(&lower)));
            (distance <= allowed(length) || contained).then_some((distance, candidate))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

/// As [`near`], for keywords: only typing errors, nothing that merely contains the word.
pub(crate) fn misspelled<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter(|candidate| word.len() > 3 && candidate.len() > 3)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| (1..=allowed(word.len()).min(2)).contains(distance))
        .min()
        .map(|(_, candidate)| candidate)
}

fn allowed(length: usize) -> usize {
    (length / 3).clamp(1, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_near_and_other_words_are_not() {
        let databases = ["shop", "shop_staging", "postgres", "billing"];
        assert_eq!(near("shpo", databases), ["shop"]);
        assert_eq!(near("Shop", databases), ["shop", "shop_staging"]);
        assert_eq!(near("shop_stagin", databases), ["shop_staging", "shop"]);
        assert!(near("warehouse", databases).is_empty());
        assert_eq!(misspelled("sslmod", ["sslmode", "sslkey"]), Some("sslmode"));
        assert_eq!(misspelled("pgbouncer", ["sslmode", "port"]), None);
        assert_eq!(misspelled("sslmode", ["sslmode"]), None);
    }
}

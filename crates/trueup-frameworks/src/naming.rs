//! What the names of migration files have in common: numbers, directions, natural order.

use std::cmp::Ordering;

/// The digits at the beginning, and the rest.
pub(crate) fn leading_digits(name: &str) -> Option<(&str, &str)> {
    let end = name.find(|character: char| !character.is_ascii_digit()).unwrap_or(name.len());
    (end > 0).then(|| name.split_at(end))
}

/// Numbers of any length, by value.
pub(crate) fn compare_numbers(left: &str, right: &str) -> Ordering {
    let bare = |digits: &str| digits.trim_start_matches('0').to_owned();
    let (left, right) = (bare(left), bare(right));
    left.len().cmp(&right.len()).then_with(|| left.cmp(&right))
}

/// Versions that are whole numbers in 64 bits, by value; anything else as text.
pub(crate) fn compare_versions(left: &str, right: &str) -> Ordering {
    match (left.parse::<i64>(), right.parse::<i64>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        (_, _) => left.cmp(right),
    }
}

/// The way people sort names: runs of digits by value, everything else by character. Names that differ only in
/// leading zeros are told apart at the end, so that the order is total.
pub(crate) fn compare_naturally(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left, right);
    loop {
        match (leading_digits(a), leading_digits(b)) {
            (Some((number_a, rest_a)), Some((number_b, rest_b))) => {
                let order = compare_numbers(number_a, number_b);
                if order.is_ne() {
                    return order;
                }
                (a, b) = (rest_a, rest_b);
            }
            (None, _) | (_, None) => {
                let (mut characters_a, mut characters_b) = (a.chars(), b.chars());
                match (characters_a.next(), characters_b.next()) {
                    (None, None) => return left.cmp(right),
                    (None, Some(_)) => return Ordering::Less,
                    (Some(_), None) => return Ordering::Greater,
                    (Some(x), Some(y)) if x != y => return x.cmp(&y),
                    (Some(_), Some(_)) => (a, b) = (characters_a.as_str(), characters_b.as_str()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_value_whatever_their_length() {
        assert_eq!(compare_numbers("002", "10"), Ordering::Less);
        assert_eq!(compare_numbers("0002", "2"), Ordering::Equal);
        assert_eq!(compare_numbers("99999999999999999999999", "100000000000000000000000"), Ordering::Less);
    }

    #[test]
    fn versions_are_numbers_where_they_can_be() {
        assert_eq!(compare_versions("9", "10"), Ordering::Less);
        assert_eq!(compare_versions("02", "2"), Ordering::Equal);
        assert_eq!(compare_versions("a", "10"), Ordering::Greater);
    }

    #[test]
    fn names_are_sorted_as_people_sort_them() {
        let mut names = vec!["10_b", "9_z", "1_a", "001_a", "1_a2", "1_a10", "a", "1"];
        names.sort_by(|left, right| compare_naturally(left, right));
        assert_eq!(names, ["1", "001_a", "1_a", "1_a2", "1_a10", "9_z", "10_b", "a"]);
    }
}

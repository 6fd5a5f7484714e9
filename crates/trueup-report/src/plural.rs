//! Numbers with their words: the one place that knows about plurals.

use trueup_model::Severity;

/// `1 migration`, `214 migrations`, `12,000 tables`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{} {}", self::number(number), plural(number, noun))
}

/// `3 errors, 1 warning`: what there is of each severity, gravest first; without anything, `nothing`.
pub fn by_severity(count_of: impl Fn(Severity) -> usize) -> String {
    let counts: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .map(|severity| (*severity, count_of(*severity)))
        .filter(|(_, number)| *number > 0)
        .map(|(severity, number)| severity_count(severity, number))
        .collect();
    if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }
}

fn plural(number: usize, noun: &str) -> String {
    if number == 1 {
        return noun.to_owned();
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if noun.ends_with('s') || noun.ends_with('x') => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// `info` has no plural.
fn severity_count(severity: Severity, number: usize) -> String {
    match severity {
        Severity::Error | Severity::Warning => count(number, severity.word()),
        Severity::Info => format!("{} info", self::number(number)),
    }
}

/// `12,000`
pub fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        assert_eq!(count(0, "migration"), "0 migrations");
        assert_eq!(count(1, "migration"), "1 migration");
        assert_eq!(count(2, "diagnosis line"), "2 diagnosis lines");
        assert_eq!(count(3, "policy"), "3 policies");
        assert_eq!(count(3, "key"), "3 keys");
        assert_eq!(count(3, "index"), "3 indexes");
        assert_eq!(count(1_234_567, "table"), "1,234,567 tables");
    }

    #[test]
    fn severities_that_do_not_occur_are_left_out() {
        let counts = |severity| match severity {
            Severity::Error => 1,
            Severity::Warning => 0,
            Severity::Info => 2,
        };
        assert_eq!(by_severity(counts), "1 error, 2 info");
        assert_eq!(by_severity(|_| 0), "nothing");
    }
}

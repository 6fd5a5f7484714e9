//! The number of the next migration, in the manner of those before it.

use std::cmp::Ordering;

use trueup_model::{History, Migration};

use crate::framework::Framework;
use crate::naming::leading_digits;
use crate::write::{Clock, WriteRequest};

/// How a tool numbers the first migration of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    Sequence {
        width: usize,
    },
    /// `20240131120000`
    Timestamp,
}

/// How a tool sorts numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    ByValue,
    AsText,
}

/// The newest migration that has a number of its own.
pub(crate) fn newest<'a>(framework: &dyn Framework, history: &'a History) -> Option<&'a Migration> {
    history
        .migrations
        .iter()
        .filter(|migration| match migration.kind {
            trueup_model::history::MigrationKind::Versioned
            | trueup_model::history::MigrationKind::Baseline => true,
            trueup_model::history::MigrationKind::Repeatable => false,
        })
        .max_by(|left, right| framework.compare_keys(left.key.as_str(), right.key.as_str()))
}

/// The newest number as written, with what the ledger holds beyond the files in the same width.
pub(crate) fn newest_number(
    framework: &dyn Framework,
    request: &WriteRequest<'_>,
    written: Option<String>,
) -> Option<String> {
    let recorded = request
        .recorded
        .iter()
        .filter_map(|key| leading_digits(key.as_str().trim_start_matches(['V', 'v'])))
        .map(|(digits, _)| digits)
        .max_by(|left, right| framework.compare_keys(left, right));
    match (written, recorded) {
        (Some(written), Some(recorded)) if framework.compare_keys(recorded, &written).is_gt() => {
            Some(format!("{recorded:0>width$}", width = written.len()))
        }
        (None, Some(recorded)) => Some(recorded.to_owned()),
        (written, _) => written,
    }
}

/// Numbers one after the other, each greater than the one before.
pub(crate) struct Numbers {
    last: Option<String>,
    now: Clock,
    first: First,
    order: Order,
}

impl Numbers {
    pub(crate) fn after(newest: Option<String>, now: Clock, first: First, order: Order) -> Self {
        // Zero stands for the state before the first migration: `0_init`, `00000000000000_diesel_initial_setup`.
        let last =
            newest.filter(|number| first != First::Timestamp || number.bytes().any(|byte| byte != b'0'));
        Self { last, now, first, order }
    }

    pub(crate) fn next(&mut self) -> String {
        let number = match &self.last {
            Some(last) => following(last, self.now, self.order),
            None => match self.first {
                First::Sequence { width } => format!("{:0>width$}", 1),
                First::Timestamp => Shape::Second.write(self.now.unix_seconds),
            },
        };
        self.last = Some(number.clone());
        number
    }
}

fn following(last: &str, now: Clock, order: Order) -> String {
    if let Some((shape, moment)) = Shape::of(last) {
        return shape.write(shape.after(moment).max(now.unix_seconds));
    }
    let next = incremented(last);
    match order {
        Order::AsText if next.as_str().cmp(last) != Ordering::Greater => format!("{last}1"),
        Order::AsText | Order::ByValue => next,
    }
}

/// One more, with at least as many digits.
pub(crate) fn incremented(digits: &str) -> String {
    let mut result: Vec<u8> = digits.bytes().collect();
    for digit in result.iter_mut().rev() {
        if *digit == b'9' {
            *digit = b'0';
        } else {
            *digit += 1;
            return String::from_utf8_lossy(&result).into_owned();
        }
    }
    format!("1{}", String::from_utf8_lossy(&result))
}

/// Moments as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// `20240131`
    Day,
    /// `202401311200`
    Minute,
    /// `20240131120000`
    Second,
    /// `20240131120000000`
    Millisecond,
    /// `1706702400`
    Unix,
}

const DAY: u64 = 86_400;

impl Shape {
    fn of(number: &str) -> Option<(Shape, u64)> {
        let shape = match number.len() {
            8 => Shape::Day,
            10 => Shape::Unix,
            12 => Shape::Minute,
            14 => Shape::Second,
            17 => Shape::Millisecond,
            _ => return None,
        };
        if shape == Shape::Unix {
            // From 2001 on, and not a sequence with ten digits.
            return number
                .parse()
                .ok()
                .filter(|moment| *moment >= 1_000_000_000)
                .map(|moment| (shape, moment));
        }
        let field = |start: usize, length: usize| -> Option<u64> {
            number.get(start..start + length).map_or(Some(0), |digits| digits.parse().ok())
        };
        let (year, month, day) = (field(0, 4)?, field(4, 2)?, field(6, 2)?);
        let (hour, minute, second) = (field(8, 2)?, field(10, 2)?, field(12, 2)?);
        let plausible = (1990..2200).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        let moment = days_before(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
        plausible.then_some((shape, moment))
    }

    /// The next moment that is written differently.
    fn after(self, moment: u64) -> u64 {
        match self {
            Shape::Day => moment + DAY,
            Shape::Minute => moment + 60,
            Shape::Second | Shape::Millisecond | Shape::Unix => moment + 1,
        }
    }

    fn write(self, moment: u64) -> String {
        let (year, month, day) = date(moment / DAY);
        let (hour, minute, second) = (moment / 3600 % 24, moment / 60 % 60, moment % 60);
        match self {
            Shape::Day => format!("{year:04}{month:02}{day:02}"),
            Shape::Minute => format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}"),
            Shape::Second => format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}"),
            Shape::Millisecond => format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}000"),
            Shape::Unix => moment.to_string(),
        }
    }
}

impl Clock {
    /// `2026-02-28T23:59:59Z`
    pub fn written(self) -> String {
        let moment = self.unix_seconds;
        let (year, month, day) = date(moment / DAY);
        let (hour, minute, second) = (moment / 3600 % 24, moment / 60 % 60, moment % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from the beginning of 1970 to this one.
fn days_before(year: u64, month: u64, day: u64) -> u64 {
    let years: u64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    years + (1..month).map(|month| days_of(year, month)).sum::<u64>() + day.saturating_sub(1)
}

fn date(mut days: u64) -> (u64, u64, u64) {
    let mut year = 1970;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if days < length {
            break;
        }
        days -= length;
        year += 1;
    }
    let mut month = 1;
    while days >= days_of(year, month) {
        days -= days_of(year, month);
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-02-28 23:59:59
    const NOW: Clock = Clock { unix_seconds: 1_772_323_199 };

    #[track_caller]
    fn check(newest: Option<&str>, first: First, order: Order, expected: [&str; 2]) {
        let mut numbers = Numbers::after(newest.map(str::to_owned), NOW, first, order);
        assert_eq!([numbers.next(), numbers.next()], expected, "{newest:?}");
    }

    #[test]
    fn a_moment_is_written_for_everybody() {
        assert_eq!(NOW.written(), "2026-02-28T23:59:59Z");
    }

    #[test]
    fn sequences_keep_their_width() {
        let first = First::Sequence { width: 4 };
        check(None, first, Order::ByValue, ["0001", "0002"]);
        check(Some("009"), first, Order::ByValue, ["010", "011"]);
        check(Some("98"), first, Order::ByValue, ["99", "100"]);
        check(Some("98"), first, Order::AsText, ["99", "991"]);
        check(Some("0"), first, Order::AsText, ["1", "2"]);
    }

    #[test]
    fn moments_go_on_from_now_or_from_the_newest_where_that_is_later() {
        let first = First::Timestamp;
        check(None, first, Order::AsText, ["20260228235959", "20260301000000"]);
        check(Some("00000000000000"), first, Order::AsText, ["20260228235959", "20260301000000"]);
        check(Some("20240131120000"), first, Order::AsText, ["20260228235959", "20260301000000"]);
        check(Some("20281231235959"), first, Order::AsText, ["20290101000000", "20290101000001"]);
        check(Some("202401311200"), first, Order::AsText, ["202602282359", "202603010000"]);
        check(Some("20240131"), first, Order::AsText, ["20260228", "20260301"]);
        check(Some("20240131120000123"), first, Order::AsText, ["20260228235959000", "20260301000000000"]);
        check(Some("1706702400"), first, Order::ByValue, ["1772323199", "1772323200"]);
        check(Some("20240228"), First::Sequence { width: 1 }, Order::ByValue, ["20260228", "20260301"]);
    }

    #[test]
    fn numbers_that_are_no_moments_are_counted() {
        check(Some("20241301"), First::Timestamp, Order::ByValue, ["20241302", "20241303"]);
        check(Some("00000000000001"), First::Timestamp, Order::AsText, ["00000000000002", "00000000000003"]);
    }

    #[test]
    fn days_come_back() {
        for days in (0..60_000).step_by(7) {
            let (year, month, day) = date(days);
            assert_eq!(days_before(year, month, day), days);
        }
    }
}

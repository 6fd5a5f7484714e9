//! What becomes of a ledger's rows, and the small questions that every tool's reader asks them.

use trueup_model::finding::NamedCode;
use trueup_model::ledger::{EntryState, LedgerEntry, LedgerRows};
use trueup_model::{Finding, Severity, Text};

use crate::reporting::ledger_finding;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerReading {
    pub entries: Vec<LedgerEntry>,
    /// What is wrong with the rows themselves.
    pub findings: Vec<Finding>,
}

impl LedgerReading {
    /// A row that cannot be understood, told in words.
    pub(crate) fn complain(&mut self, key: &str, found: impl Into<String>, hint: &str) {
        self.findings.push(ledger_finding(
            NamedCode::InconsistentLedger,
            Severity::Warning,
            key,
            None,
            found,
            hint,
        ));
    }
}

pub(crate) fn cell(row: &[Option<String>], column: usize) -> Option<&str> {
    row.get(column).and_then(Option::as_deref)
}

/// A boolean as a server writes it.
pub(crate) fn is_true(value: Option<&str>) -> bool {
    matches!(value, Some("t" | "true" | "TRUE" | "1"))
}

pub(crate) fn entry(key: &str, state: EntryState) -> LedgerEntry {
    LedgerEntry { key: Text::new(key), state, recorded_at: None, checksum: None, note: None }
}

/// PostgreSQL writes `2024-05-01 10:00:00+00`; reports want `2024-05-01T10:00:00+00:00`.
pub(crate) fn iso_time(value: &str) -> Text {
    let mut text = value.trim().replacen(' ', "T", 1);
    let offset_at = text.rfind(['+', '-']).filter(|at| *at > 10);
    if let Some(at) = offset_at
        && text.len() - at == 3
    {
        text.push_str(":00");
    }
    Text::new(text)
}

/// Rows that a ledger sorted by time, with those of the very same moment put into the order of their keys: a
/// ledger that was stamped by one statement has one time for everything.
pub(crate) fn settle_ties(
    rows: &LedgerRows,
    time: usize,
    order: impl Fn(&[Option<String>], &[Option<String>]) -> std::cmp::Ordering,
) -> LedgerRows {
    let mut rows = rows.clone();
    let mut start = 0;
    while start < rows.len() {
        let end = (start + 1..rows.len())
            .find(|at| cell(&rows[*at], time) != cell(&rows[start], time))
            .unwrap_or(rows.len());
        rows[start..end].sort_by(|left, right| order(left, right));
        start = end;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_become_iso_8601() {
        assert_eq!(iso_time("2024-05-01 10:00:00+00").as_str(), "2024-05-01T10:00:00+00:00");
        assert_eq!(iso_time("2024-05-01 10:00:00.25").as_str(), "2024-05-01T10:00:00.25");
        assert_eq!(iso_time("2024-05-01T10:00:00+05:30").as_str(), "2024-05-01T10:00:00+05:30");
    }

    #[test]
    fn rows_of_one_moment_are_sorted_by_key_and_others_are_left() {
        let row = |key: &str, time: &str| vec![Some(key.to_owned()), Some(time.to_owned())];
        let rows = vec![row("9", "10:00"), row("3", "11:00"), row("2", "11:00"), row("1", "12:00")];
        let keys: Vec<_> = settle_ties(&rows, 1, |left, right| left[0].cmp(&right[0]))
            .into_iter()
            .map(|row| row[0].clone().unwrap_or_default())
            .collect();
        assert_eq!(keys, ["9", "2", "3", "1"]);
    }
}

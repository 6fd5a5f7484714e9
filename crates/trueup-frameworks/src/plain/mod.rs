//! Plain folders of SQL files, run by hand, by psql, or by trueup itself, ledger `trueup_ledger`.

mod command;
mod condition;
mod files;
mod follow;
mod read;
mod write;

use std::cmp::Ordering;

use camino::Utf8Path;
use trueup_model::ledger::{EntryState, LedgerRows, LedgerTable};
use trueup_model::{History, Text};

use crate::detect::{Certainty, Detected};
use crate::framework::{Framework, Gaps, ReadError, Writer};
use crate::ledger_reading::{LedgerReading, cell, entry, iso_time, settle_ties};
use crate::naming::compare_naturally;
use crate::settings::{UrlHint, dotenv_url};

pub(crate) struct Plain;

const NAME: &str = "plain";

impl Framework for Plain {
    fn name(&self) -> &'static str {
        NAME
    }

    fn detect(&self, root: &Utf8Path, folder: &Utf8Path) -> Option<Detected> {
        let (count, example) = files::numbered(folder)?;
        let reason = format!("{count} numbered SQL files such as {example}");
        Some(Detected::in_folder(NAME, root, folder, Certainty::Plausible, reason))
    }

    fn read(&self, detected: &Detected) -> Result<History, ReadError> {
        read::read(detected)
    }

    /// `version` is the path of the file below the folder without its extension, `applied_at` when it was applied,
    /// `checksum` the SHA-256 of its bytes in hexadecimal, `applied_by` the role, and `state` is `applied`, `failed`,
    /// or `rolled back`.
    fn ledger_table(&self, _detected: &Detected) -> LedgerTable {
        LedgerTable {
            schema: None,
            name: Text::new("trueup_ledger"),
            columns: vec!["version", "applied_at", "checksum", "state", "applied_by"],
            order_by: "applied_at",
        }
    }

    fn entries(&self, rows: &LedgerRows, _history: &History) -> LedgerReading {
        let mut reading = LedgerReading::default();
        let by_version = |left: &[Option<String>], right: &[Option<String>]| {
            compare_naturally(cell(left, 0).unwrap_or_default(), cell(right, 0).unwrap_or_default())
        };
        for row in settle_ties(rows, 1, by_version) {
            let Some(version) = cell(&row, 0) else { continue };
            let state = match cell(&row, 3) {
                None | Some("applied") => EntryState::Applied,
                Some("failed") => EntryState::Failed,
                Some("rolled back") => EntryState::RolledBack,
                Some(other) => {
                    let hint = "it is written by trueup as applied, failed or rolled back";
                    reading.complain(version, format!("the state {other:?} is unknown"), hint);
                    continue;
                }
            };
            let mut entry = entry(version, state);
            entry.recorded_at = cell(&row, 1).map(iso_time);
            entry.checksum = cell(&row, 2).map(Text::new);
            reading.entries.push(entry);
        }
        reading
    }

    fn compare_keys(&self, left: &str, right: &str) -> Ordering {
        compare_naturally(left, right)
    }

    fn gaps(&self, _detected: &Detected) -> Gaps {
        Gaps::Refused { hint: "give it a number after the newest one, or run it by hand and record it" }
    }

    fn database_url_hint(&self, detected: &Detected) -> Option<UrlHint> {
        dotenv_url(&detected.root, &detected.folder, &["DATABASE_URL", "POSTGRES_URL"])
    }

    fn writer(&self) -> Writer {
        Writer {
            compose: write::write,
            record: |detected, _, ledger, items| write::record(detected, ledger, items),
            forget: |detected, ledger, items| Ok(write::forget(detected, ledger, items)),
        }
    }
}

#[cfg(test)]
mod tests;

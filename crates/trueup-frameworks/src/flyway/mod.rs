//! Flyway: `V1_2__name.sql`, `R__name.sql`, `B3__name.sql`, `U1_2__name.sql`, ledger `flyway_schema_history`.

mod checksum;
mod configuration;
mod detect;
mod ledger;
mod name;
mod placeholders;
mod read;
mod write;

use std::cmp::Ordering;

use camino::Utf8Path;
use trueup_model::ledger::{LedgerRows, LedgerTable};
use trueup_model::{History, Migration, Preparation, Severity};

use crate::detect::Detected;
use crate::framework::{Framework, Gaps, ReadError, Writer};
use crate::ledger_reading::LedgerReading;
use crate::settings::UrlHint;

pub(crate) struct Flyway;

const NAME: &str = "flyway";

impl Framework for Flyway {
    fn name(&self) -> &'static str {
        NAME
    }

    fn configured(&self, root: &Utf8Path) -> Vec<Detected> {
        detect::configured(root)
    }

    fn detect(&self, root: &Utf8Path, folder: &Utf8Path) -> Option<Detected> {
        detect::detect(root, folder)
    }

    fn read(&self, detected: &Detected) -> Result<History, ReadError> {
        read::read(detected)
    }

    fn ledger_table(&self, detected: &Detected) -> LedgerTable {
        ledger::table(&configuration::of(detected))
    }

    fn entries(&self, rows: &LedgerRows, _history: &History) -> LedgerReading {
        ledger::entries(rows)
    }

    fn compare_keys(&self, left: &str, right: &str) -> Ordering {
        name::compare_keys(left, right)
    }

    fn gaps(&self, detected: &Detected) -> Gaps {
        if configuration::of(detected).out_of_order {
            Gaps::Allowed
        } else {
            Gaps::Skipped {
                hint: "Flyway ignores it unless outOfOrder is set; give it a version after the newest one",
            }
        }
    }

    fn accepts_checksum(&self, detected: &Detected, migration: &Migration, recorded: &str) -> bool {
        read::other_checksum(detected, migration).is_some_and(|checksum| checksum == recorded)
    }

    fn phantom_severity(&self, detected: &Detected, key: &str, history: &History) -> Option<Severity> {
        ledger::phantom_severity(&configuration::of(detected), key, history)
    }

    fn database_url_hint(&self, detected: &Detected) -> Option<UrlHint> {
        configuration::of(detected).url_hint()
    }

    fn preparation(&self, detected: &Detected) -> Preparation {
        configuration::of(detected).preparation()
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

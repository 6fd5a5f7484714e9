//! Django: migrations of every installed app, read without running them; ledger `django_migrations`.

mod graph;
mod ledger;
mod python_text;
mod write;

use camino::Utf8Path;
use trueup_model::History;
use trueup_model::ledger::{LedgerRows, LedgerTable};

use crate::detect::Detected;
use crate::framework::{Framework, ReadError, Writer};
use crate::ledger_reading::LedgerReading;
use crate::write::{WriteError, WriteRequest, WrittenMigration};

pub(crate) struct Django;

impl Framework for Django {
    fn name(&self) -> &'static str {
        "django"
    }

    fn detect(&self, _root: &Utf8Path, _folder: &Utf8Path) -> Option<Detected> {
        None
    }

    fn read(&self, detected: &Detected) -> Result<History, ReadError> {
        panic!("{detected:?}")
    }

    fn ledger_table(&self, _detected: &Detected) -> LedgerTable {
        ledger::table()
    }

    fn entries(&self, rows: &LedgerRows, _history: &History) -> LedgerReading {
        ledger::entries(rows)
    }

    fn writer(&self) -> Writer {
        Writer {
            compose: write::write,
            record: |detected, _, ledger, items| ledger::record(detected, ledger, items),
            forget: ledger::forget,
        }
    }

    /// Numbers count within an app only: there is no order of all keys to be kept.
    fn write(&self, request: &WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError> {
        write::write(request)
    }
}

//! What has to be known of a live database to run something there and to read it afterwards as it was read before.

use trueup_database::Session;
use trueup_database::live::{read_live, without_table};
use trueup_frameworks::{Framework, framework};
use trueup_model::ledger::LedgerTable;
use trueup_model::{Catalog, History, Ident, Ledger, ObjectKind, ObjectPath, QualifiedName};

use crate::failure::Failure;
use crate::workflow::load::Setting;
use crate::workflow::look::Situation;

pub(super) struct LiveState {
    pub database: String,
    pub found: Catalog,
    wanted: LedgerTable,
    ledger: Option<QualifiedName>,
    /// Ledgers of other tools, which nobody compares.
    others: Vec<QualifiedName>,
    migrator: Option<Ident>,
    search_path: Vec<Ident>,
}

impl LiveState {
    pub fn of(setting: &Setting, situation: &Situation) -> Self {
        let wanted =
            framework(setting.detected.framework).map(|tool| tool.ledger_table(&setting.detected)).unwrap_or(
                LedgerTable { schema: None, name: "trueup_ledger".into(), columns: Vec::new(), order_by: "" },
            );
        Self {
            database: setting.called.unwrap_or(&situation.live.surroundings.database).to_owned(),
            found: situation.live.catalog.clone(),
            wanted,
            ledger: situation.ledger.table.clone(),
            others: situation.other_ledgers.iter().map(|other| other.table.clone()).collect(),
            migrator: situation.live.migrator.clone(),
            search_path: situation.preparation.search_path.clone(),
        }
    }

    /// The role that what is migrated belongs to.
    pub fn owner(&self) -> Option<&str> {
        self.migrator.as_ref().map(Ident::as_str)
    }

    /// What the tool sets for its migrations.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        if self.search_path.is_empty() {
            return Vec::new();
        }
        let path: Vec<String> =
            self.search_path.iter().map(|schema| trueup_sql::quote_ident(schema.as_str())).collect();
        vec![("search_path", path.join(", "))]
    }

    /// A catalog as the first look gave it: without ledgers, and with the role that migrates.
    pub fn settle(&self, catalog: Catalog) -> Catalog {
        let mut catalog = self.others.iter().fold(catalog, without_table);
        let ledgers: Vec<QualifiedName> = match &self.ledger {
            Some(table) => vec![table.clone()],
            None => self.new_ledgers(&catalog),
        };
        for table in &ledgers {
            catalog = without_table(catalog, table);
            // A schema that was made for it.
            let schema = ObjectPath::global(ObjectKind::Schema, &table.schema);
            let is_new = self.ledger.is_none() && !self.found.contains(&schema);
            let is_empty = |catalog: &Catalog| {
                catalog.entries().iter().all(|entry| entry.path.schema.as_ref() != Some(&table.schema))
            };
            if is_new && is_empty(&catalog) {
                catalog = catalog.without(|path| *path == schema);
            }
        }
        catalog.migrated_by(self.migrator.clone())
    }

    /// The ledger that was made meanwhile.
    fn new_ledgers(&self, catalog: &Catalog) -> Vec<QualifiedName> {
        catalog
            .entries()
            .iter()
            .filter(|entry| entry.path.kind == ObjectKind::Table)
            .filter(|entry| entry.path.head.as_str() == self.wanted.name.as_str())
            .filter(|entry| !self.found.contains(&entry.path))
            .filter_map(|entry| entry.path.qualified())
            .collect()
    }

    /// What the ledger says now.
    pub fn ledger(
        &self,
        setting: &Setting,
        session: &mut Session,
    ) -> Result<(&'static dyn Framework, History, Ledger), Failure> {
        let tool = framework(setting.detected.framework)
            .ok_or_else(|| Failure::new("reading the ledger: the framework is not known"))?;
        let history = setting.read_history()?;
        let live = read_live(session, &self.wanted)
            .map_err(|error| Failure::new(format!("reading the ledger: {error}")))?;
        let entries = live.ledger.as_ref().map(|found| tool.entries(&found.rows, &history).entries);
        let table = live.ledger.map(|found| found.table);
        Ok((tool, history, Ledger { table, entries: entries.unwrap_or_default() }))
    }
}

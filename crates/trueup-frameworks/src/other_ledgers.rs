//! Ledgers in a database that another tool keeps than the one whose history was found: they tell with what the
//! database was really migrated.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::{ObjectKind, ObjectPath, QualifiedName};

use crate::detect::{Certainty, Detected};
use crate::framework::{FRAMEWORKS, Framework};

/// A table that is the ledger of a supported tool.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OtherLedger {
    /// The word for `--framework`.
    pub framework: &'static str,
    pub table: QualifiedName,
}

/// The ledgers of all supported tools but the one that was detected, among everything that is in a database. They are
/// known by their names and their columns, so that a table of the project that is only called so is none.
pub fn other_ledgers<'a>(
    detected: &Detected,
    paths: impl IntoIterator<Item = &'a ObjectPath>,
) -> Vec<OtherLedger> {
    let others: Vec<Candidate> = FRAMEWORKS
        .iter()
        .filter(|framework| framework.name() != detected.framework)
        .map(|framework| Candidate::new(*framework, detected))
        .collect();
    let tables = tables_called(&others, paths);
    let mut found: Vec<OtherLedger> = others
        .iter()
        .flat_map(|other| {
            tables
                .iter()
                .filter(|(table, columns)| other.is_ledger(table, columns))
                .map(|(table, _)| OtherLedger { framework: other.framework.name(), table: table.clone() })
        })
        .collect();
    found.sort();
    found
}

/// A tool that may have migrated the database as well.
struct Candidate {
    framework: &'static dyn Framework,
    /// The same project, read as this tool would read it: its configuration may call the ledger something else.
    detected: Detected,
    schema: Option<String>,
    name: String,
}

impl Candidate {
    fn new(framework: &'static dyn Framework, detected: &Detected) -> Self {
        let usual = || {
            let reason = "asked about its ledger";
            let (root, folder) = (&detected.root, &detected.folder);
            Detected::in_folder(framework.name(), root, folder, Certainty::Plausible, reason)
        };
        let detected = framework.configured(&detected.root).into_iter().next().unwrap_or_else(usual);
        let ledger = framework.ledger_table(&detected);
        let schema = ledger.schema.map(|schema| schema.to_string());
        Self { framework, detected, schema, name: ledger.name.to_string() }
    }

    fn is_ledger(&self, table: &QualifiedName, columns: &BTreeSet<&str>) -> bool {
        table.name.as_str() == self.name
            && self.schema.as_deref().is_none_or(|schema| table.schema.as_str() == schema)
            && self.framework.is_ledger(columns, &self.detected)
    }
}

/// Tables that are called like one of the ledgers, with their columns.
fn tables_called<'a>(
    others: &[Candidate],
    paths: impl IntoIterator<Item = &'a ObjectPath>,
) -> BTreeMap<QualifiedName, BTreeSet<&'a str>> {
    let mut tables: BTreeMap<QualifiedName, BTreeSet<&str>> = BTreeMap::new();
    for path in paths {
        if path.kind == ObjectKind::Column
            && others.iter().any(|other| other.name == path.head.as_str())
            && let Some(table) = path.relation()
        {
            tables.entry(table).or_default().insert(path.part.as_str());
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::project;

    /// Tables as `schema.name: columns`; the ledgers as `framework schema.name`.
    fn check(framework: &str, files: &[(&str, &str)], tables: &[&str], expected: &[&str]) {
        let project = project(files);
        let mut paths = Vec::new();
        for table in tables {
            let (name, columns) = table.split_once(": ").expect("a table and its columns");
            let (schema, name) = name.split_once('.').expect("a schema");
            let table = QualifiedName::new(schema, name);
            paths.push(ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name));
            let columns = columns.split(' ');
            paths.extend(columns.map(|column| ObjectPath::part_of(ObjectKind::Column, &table, column)));
        }
        let found: Vec<String> = other_ledgers(&project.detected(framework), &paths)
            .iter()
            .map(|other| format!("{} {}", other.framework, other.table))
            .collect();
        assert_eq!(found, expected, "{framework} {tables:?}");
    }

    const PLAIN: (&str, &str) = ("migrations/1_a.sql", "SELECT 1;");
    const DBMATE: (&str, &str) = ("migrations/1_a.sql", "-- migrate:up\nSELECT 1;\n");
    const GOOSE: (&str, &str) = ("migrations/1_a.sql", "-- +goose Up\nSELECT 1;\n");

    #[test]
    fn each_tool_is_known_by_its_ledger() {
        for (table, expected) in [
            (
                "public.flyway_schema_history: installed_rank version description type script checksum installed_by installed_on execution_time success",
                "flyway public.flyway_schema_history",
            ),
            ("public.schema_migrations: version dirty", "golang-migrate public.schema_migrations"),
            ("public.schema_migrations: version", "dbmate public.schema_migrations"),
            ("ops.goose_db_version: id version_id is_applied tstamp", "goose ops.goose_db_version"),
            (
                "public._sqlx_migrations: version description installed_on success checksum execution_time",
                "sqlx public._sqlx_migrations",
            ),
            ("public.__diesel_schema_migrations: version run_on", "diesel public.__diesel_schema_migrations"),
            (
                "public.refinery_schema_history: version name applied_on checksum",
                "refinery public.refinery_schema_history",
            ),
            (
                "public._prisma_migrations: id checksum finished_at migration_name logs rolled_back_at started_at applied_steps_count",
                "prisma public._prisma_migrations",
            ),
        ] {
            check("plain", &[PLAIN], &[table], &[expected]);
        }
        let own = "public.trueup_ledger: version applied_at checksum state applied_by";
        check("goose", &[GOOSE], &[own], &["plain public.trueup_ledger"]);
    }

    #[test]
    fn the_own_ledger_and_tables_of_the_project_are_none() {
        check(
            "plain",
            &[PLAIN],
            &["public.trueup_ledger: version applied_at checksum state applied_by"],
            &[],
        );
        check("dbmate", &[DBMATE], &["public.schema_migrations: version"], &[]);
        check(
            "dbmate",
            &[DBMATE],
            &["public.schema_migrations: version dirty"],
            &["golang-migrate public.schema_migrations"],
        );
        check("plain", &[PLAIN], &["public.schema_migrations: version author"], &[]);
        check("plain", &[PLAIN], &["public._sqlx_migrations: version"], &[]);
        check("plain", &[PLAIN], &["public.orders: id"], &[]);
    }

    #[test]
    fn a_configured_name_counts() {
        let settings = (".env", "GOOSE_TABLE=ops.done\nGOOSE_MIGRATION_DIR=nowhere\n");
        let columns = "id version_id is_applied tstamp";
        let tables = [format!("ops.done: {columns}"), format!("public.done: {columns}")];
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        check("plain", &[PLAIN, settings], &tables, &["goose ops.done"]);
    }
}

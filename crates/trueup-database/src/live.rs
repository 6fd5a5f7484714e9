//! Reads a live database: its catalog, its ledger and its surroundings, from one snapshot.

use trueup_model::catalog::Object;
use trueup_model::ledger::{LedgerRows, LedgerTable};
use trueup_model::name::{Ident, QualifiedName};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::{Catalog, Dependencies};
use trueup_sql::quote_ident;

use crate::introspect::{introspect_with_dependencies_within, introspect_within};
use crate::session::{Session, SessionError};

/// What one look at a live database shows.
#[derive(Debug)]
pub struct Live {
    /// Without the ledger, and with the role that migrates here.
    pub catalog: Catalog,
    pub ledger: Option<FoundLedger>,
    /// The role that migrates here.
    pub migrator: Option<Ident>,
    pub surroundings: LiveSurroundings,
}

#[derive(Debug)]
pub struct FoundLedger {
    pub table: QualifiedName,
    pub rows: LedgerRows,
    /// Other tables of that name, in other schemas.
    pub others: Vec<QualifiedName>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveSurroundings {
    pub database: String,
    pub user: String,
    pub search_path: String,
    pub standby: bool,
}

/// What could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    #[error(transparent)]
    Catalog(SessionError),
    #[error("reading the ledger {table}: {error}")]
    Ledger { table: QualifiedName, error: SessionError },
}

/// Reads everything in one read-only transaction.
pub fn read_live(session: &mut Session, ledger: &LedgerTable) -> Result<Live, LiveError> {
    let without = |session: &mut Session| Ok((introspect_within(session)?, ()));
    Ok(read_with(session, ledger, without)?.0)
}

/// The same, with what needs what.
pub fn read_live_with_dependencies(
    session: &mut Session,
    ledger: &LedgerTable,
) -> Result<(Live, Dependencies), LiveError> {
    let (live, needs) = read_with(session, ledger, introspect_with_dependencies_within)?;
    let needs = needs.migrated_by(live.migrator.as_ref());
    Ok((live, needs))
}

fn read_with<T>(
    session: &mut Session,
    ledger: &LedgerTable,
    introspect: impl FnOnce(&mut Session) -> Result<(Catalog, T), SessionError>,
) -> Result<(Live, T), LiveError> {
    let outcome = read_in_transaction(session, ledger, introspect);
    let end = session.run("rollback");
    // The first error is the one to report, also when the connection is gone.
    let live = outcome?;
    end.map_err(LiveError::Catalog)?;
    Ok(live)
}

fn read_in_transaction<T>(
    session: &mut Session,
    ledger: &LedgerTable,
    introspect: impl FnOnce(&mut Session) -> Result<(Catalog, T), SessionError>,
) -> Result<(Live, T), LiveError> {
    let mut surroundings = LiveSurroundings::default();
    session
        .for_each_row(
            "begin isolation level repeatable read read only; \
         select current_database(), current_user, current_setting('search_path'), pg_is_in_recovery()",
            |_, row| {
                let text = |index| row.get(index).unwrap_or_default().to_owned();
                surroundings = LiveSurroundings {
                    database: text(0),
                    user: text(1),
                    search_path: text(2),
                    standby: row.get(3) == Some("t"),
                };
                Ok(())
            },
        )
        .map_err(LiveError::Catalog)?;
    let (catalog, besides) = introspect(session).map_err(LiveError::Catalog)?;
    let catalog = without_runs(catalog);
    let ledger = read_ledger(session, &catalog, ledger)?;
    let owner = ledger
        .as_ref()
        .and_then(|ledger| catalog.find(&table_path(&ledger.table)).and_then(|entry| entry.owner.clone()));
    let user = Ident::new(&surroundings.user);
    let migrator = owner.or_else(|| catalog.commonest_owner(&user)).or(Some(user));
    let catalog = match &ledger {
        None => catalog,
        Some(found) => without_table(catalog, &found.table),
    };
    let catalog = catalog.migrated_by(migrator.clone());
    Ok((Live { catalog, ledger, migrator, surroundings }, besides))
}

/// Who holds locks that keep even readers out, as far as this role may see it.
pub fn strong_locks(session: &mut Session) -> Result<Vec<String>, SessionError> {
    let rows = session.rows(include_str!("live/holders.sql"))?;
    Ok(rows.into_iter().flatten().flatten().collect())
}

fn table_path(table: &QualifiedName) -> ObjectPath {
    ObjectPath::in_schema(ObjectKind::Table, &table.schema, table.name.as_str())
}

/// The schema that holds our journal of runs, and nothing else.
pub const RUNS_SCHEMA: &str = "trueup";

/// Its only table.
pub const RUNS_TABLE: &str = "trueup_runs";

/// Takes out our journal of runs. A schema of that name that does not hold it is somebody else's.
pub fn without_runs(catalog: Catalog) -> Catalog {
    let schema = Ident::new(RUNS_SCHEMA);
    if !catalog.contains(&ObjectPath::in_schema(ObjectKind::Table, &schema, RUNS_TABLE)) {
        return catalog;
    }
    let runs = QualifiedName { schema: schema.clone(), name: Ident::new(RUNS_TABLE) };
    let catalog = without_table(catalog, &runs);
    // Whatever else is in there keeps the schema in view, too.
    if catalog.entries().iter().any(|entry| entry.path.schema.as_ref() == Some(&schema)) {
        return catalog;
    }
    catalog.without(|path| path.kind == ObjectKind::Schema && path.head == schema)
}

/// Takes out a table with all of its parts and the sequences that it owns.
pub fn without_table(catalog: Catalog, table: &QualifiedName) -> Catalog {
    let sequences: Vec<ObjectPath> = catalog
        .entries()
        .iter()
        .filter(|entry| match &entry.object {
            Object::Sequence(sequence) => {
                sequence.owned_by.as_ref().is_some_and(|owner| owner.table == *table)
            }
            _ => false,
        })
        .map(|entry| entry.path.clone())
        .collect();
    catalog.without(|path| {
        (path.schema.as_ref() == Some(&table.schema)
            && path.head == table.name
            && (path.is_part() || path.kind == ObjectKind::Table))
            || sequences.contains(path)
    })
}

/// Finds the ledger by name, in the schema that configuration names or in any, and reads it.
fn read_ledger(
    session: &mut Session,
    catalog: &Catalog,
    wanted: &LedgerTable,
) -> Result<Option<FoundLedger>, LiveError> {
    let mut candidates: Vec<(usize, QualifiedName)> = catalog
        .entries()
        .iter()
        .filter(|entry| {
            entry.path.kind == ObjectKind::Table && entry.path.head.as_str() == wanted.name.as_str()
        })
        .filter_map(|entry| entry.path.qualified())
        .filter(|table| wanted.schema.as_ref().is_none_or(|schema| schema.as_str() == table.schema.as_str()))
        .map(|table| {
            let path = table_path(&table);
            let columns = catalog.columns_of(&path);
            let known = wanted.columns.iter().filter(|name| has(&columns, name)).count();
            (known, table)
        })
        .collect();
    // The one that looks most like the tool's; among equals `public` first, as search paths usually have it.
    candidates.sort_by(|(known, table), (other_known, other)| {
        let is_public = |table: &QualifiedName| table.schema.as_str() == "public";
        other_known
            .cmp(known)
            .then_with(|| is_public(other).cmp(&is_public(table)))
            .then_with(|| table.cmp(other))
    });
    let mut tables = candidates.into_iter().filter(|(known, _)| *known > 0).map(|(_, table)| table);
    let Some(table) = tables.next() else { return Ok(None) };
    let path = table_path(&table);
    let columns = catalog.columns_of(&path);
    let values: Vec<String> = wanted
        .columns
        .iter()
        .map(
            |name| {
                if has(&columns, name) { format!("{}::text", quote_ident(name)) } else { "null".to_owned() }
            },
        )
        .collect();
    let order = if has(&columns, wanted.order_by) {
        format!(" order by {}", quote_ident(wanted.order_by))
    } else {
        String::new()
    };
    let rows = session
        .rows(&format!(
            "select {} from {}.{}{order}",
            values.join(", "),
            quote_ident(table.schema.as_str()),
            quote_ident(table.name.as_str()),
        ))
        .map_err(|error| LiveError::Ledger { table: table.clone(), error })?;
    Ok(Some(FoundLedger { table, rows, others: tables.collect() }))
}

fn has(columns: &[(&Ident, &trueup_model::catalog::Column)], name: &str) -> bool {
    columns.iter().any(|(column, _)| column.as_str() == name)
}

//! Indexes whose build was broken off: of no use to anybody, and a cost to every write.

use trueup_model::QualifiedName;
use trueup_sql::{quote_ident, quote_literal};

use crate::session::{Session, SessionError};

/// Broken indexes of these tables that nobody builds right now, as they are written in statements.
pub fn invalid_indexes(session: &mut Session, tables: &[QualifiedName]) -> Result<Vec<String>, SessionError> {
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = tables
        .iter()
        .map(|table| {
            let name = format!("{}.{}", quote_ident(table.schema.as_str()), quote_ident(table.name.as_str()));
            format!("pg_catalog.to_regclass({})", quote_literal(&name))
        })
        .collect();
    let rows = session.rows(&include_str!("leftovers.sql").replace("$tables", &names.join(", ")))?;
    Ok(rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect())
}

/// Drops those that were not there before.
pub fn drop_new(
    session: &mut Session,
    tables: &[QualifiedName],
    before: &[String],
) -> Result<(), SessionError> {
    for index in invalid_indexes(session, tables)?.iter().filter(|index| !before.contains(index)) {
        session.run(&format!("drop index concurrently if exists {index}"))?;
    }
    Ok(())
}

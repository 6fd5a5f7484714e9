//! How large tables are, as far as the server knows without counting.

use std::collections::BTreeMap;

use trueup_model::QualifiedName;

use crate::session::{Session, SessionError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// As of the last time that statistics were gathered.
    pub rows: u64,
    pub bytes: u64,
}

/// Tables whose rows were counted once, and empty ones. What is missing may be of any size.
pub fn table_sizes(session: &mut Session) -> Result<BTreeMap<QualifiedName, Size>, SessionError> {
    let rows = session.rows(
        "select n.nspname, c.relname, \
         case when pg_relation_size(c.oid) = 0 then 0 else c.reltuples::bigint end, pg_total_relation_size(c.oid) \
         from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
         where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')",
    )?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let mut values = row.into_iter().flatten();
            let name = QualifiedName::new(values.next()?, values.next()?);
            // Below 0: never counted.
            let rows = values.next()?.parse().ok()?;
            Some((name, Size { rows, bytes: values.next()?.parse().ok()? }))
        })
        .collect())
}

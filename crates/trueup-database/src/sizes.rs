//! How large tables are, and how many rows they hold, as far as it takes no time to say.

use std::collections::BTreeMap;

use trueup_model::QualifiedName;
use trueup_model::repair::TableSize;
use trueup_sql::{quote_ident, quote_literal};

use crate::session::{Session, SessionError};

/// Of a row: a pointer to it (4 bytes), and its header with nothing behind (24). An empty file may have been counted
/// with rows in it. What a table has besides its own file is not asked for where that file is empty: it would open each
/// of its indexes for nothing.
const SIZES: &str = "
with parts as (
    select c.oid as whole, c.oid as part from pg_catalog.pg_class c where c.relkind = 'r'
    union all
    select c.oid, t.relid from pg_catalog.pg_class c, pg_catalog.pg_partition_tree(c.oid) t where c.relkind = 'p'
)
select n.nspname, c.relname,
       sum(case when p.relkind <> 'r' then 0
                when p.reltuples > 0 and p.relpages > 0
                then p.reltuples / p.relpages * file.main / current_setting('block_size')::integer
                else file.main / (4 + 24) end)::bigint,
       sum(case when file.main > 0 then pg_catalog.pg_total_relation_size(p.oid) else 0 end)::bigint
from parts
join pg_catalog.pg_class c on c.oid = parts.whole
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_class p on p.oid = parts.part
cross join lateral (
    select case when p.relkind = 'r' then pg_catalog.pg_relation_size(p.oid) else 0 end as main
) file
where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
group by c.oid, n.nspname, c.relname";

/// All tables; partitioned ones with what their partitions hold.
pub fn table_sizes(session: &mut Session) -> Result<BTreeMap<QualifiedName, TableSize>, SessionError> {
    let rows = session.rows(SIZES)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let mut values = row.into_iter().flatten();
            let name = QualifiedName::new(values.next()?, values.next()?);
            let (rows, bytes) = (values.next()?, values.next()?);
            Some((name, TableSize { rows: rows.parse().ok()?, bytes: bytes.parse().ok()? }))
        })
        .collect())
}

/// The same, and what is worked out while the server measures; both are waited for.
pub fn table_sizes_during<R>(
    session: &mut Session,
    work: impl FnOnce() -> R,
) -> (Result<BTreeMap<QualifiedName, TableSize>, SessionError>, R) {
    std::thread::scope(|scope| {
        let sizes = scope.spawn(|| table_sizes(session));
        let done = work();
        (sizes.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), done)
    })
}

/// Up to here rows are counted.
const COUNTED: u64 = 1_000;

/// The rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsHeld {
    Exactly(u64),
    /// By the statistics of the server.
    About(u64),
    /// Without such.
    MoreThan(u64),
}

/// Fails where the table may not be read, or not all of its rows, and where somebody keeps it locked.
pub fn rows_held(session: &mut Session, table: &QualifiedName) -> Result<RowsHeld, SessionError> {
    let name = format!("{}.{}", quote_ident(table.schema.as_str()), quote_ident(table.name.as_str()));
    let limit = COUNTED + 1;
    let counting = format!(
        "set row_security = off; set lock_timeout = '1s'; set statement_timeout = '5s'; \
         select count(*) from (select 1 from {name} limit {limit}) counted"
    );
    let counted = session.value(&counting)?.and_then(|text| text.parse().ok()).unwrap_or_default();
    if counted <= COUNTED {
        return Ok(RowsHeld::Exactly(counted));
    }
    let estimate = format!(
        "select sum(p.reltuples)::bigint from pg_catalog.pg_class p where p.relkind = 'r' and p.oid in \
         (select relid from pg_catalog.pg_partition_tree({name}::regclass) \
          union all select {name}::regclass)",
        name = quote_literal(&name)
    );
    let estimated =
        session.value(&estimate)?.and_then(|text| text.parse().ok()).filter(|rows| *rows > COUNTED);
    Ok(estimated.map_or(RowsHeld::MoreThan(COUNTED), RowsHeld::About))
}

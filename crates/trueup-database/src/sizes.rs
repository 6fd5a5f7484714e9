//! How large tables are, as far as the server knows without counting.

use std::collections::BTreeMap;

use trueup_model::QualifiedName;

use crate::session::{Session, SessionError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// As dense as when rows were last counted; where they never were, as many as fit in at most.
    pub rows: u64,
    pub bytes: u64,
}

/// Of a row: a pointer to it (4 bytes), and its header with nothing behind (24). An empty file may have been counted
/// with rows in it.
const SIZES: &str = "
select n.nspname, c.relname, sum(part.rows)::bigint, sum(part.bytes)::bigint
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join lateral (
    select file.bytes,
           case when l.reltuples > 0 and l.relpages > 0
                then l.reltuples / l.relpages * file.main / current_setting('block_size')::integer
                else file.main / (4 + 24) end as rows
    from pg_catalog.pg_class l,
         lateral (select pg_relation_size(l.oid) as main, pg_total_relation_size(l.oid) as bytes) file
    where l.oid = c.oid and c.relkind = 'r'
       or c.relkind = 'p' and l.relkind = 'r' and l.oid in (select relid from pg_partition_tree(c.oid))
    union all select 0, 0
) part
where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
group by c.oid, n.nspname, c.relname";

/// All tables; partitioned ones with what their partitions hold.
pub fn table_sizes(session: &mut Session) -> Result<BTreeMap<QualifiedName, Size>, SessionError> {
    let rows = session.rows(SIZES)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let mut values = row.into_iter().flatten();
            let name = QualifiedName::new(values.next()?, values.next()?);
            let (rows, bytes) = (values.next()?, values.next()?);
            Some((name, Size { rows: rows.parse().ok()?, bytes: bytes.parse().ok()? }))
        })
        .collect())
}

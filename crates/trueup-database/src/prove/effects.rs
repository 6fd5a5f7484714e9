//! What statements do to those who work with the database: locks on tables that were there before, and tables whose
//! rows are written anew. As the server tells, before the transaction ends.

use std::collections::BTreeMap;

use trueup_model::QualifiedName;
use trueup_model::repair::Lock;

use crate::session::{Session, SessionError};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// The strongest lock on each table. Those that are in nobody's way are left out.
    pub locks: BTreeMap<QualifiedName, Lock>,
    pub rewritten: Vec<QualifiedName>,
}

impl Effects {
    pub fn add(&mut self, other: Effects) {
        for (table, lock) in other.locks {
            let strongest = self.locks.entry(table).or_insert(lock);
            *strongest = lock.max(*strongest);
        }
        self.rewritten.extend(other.rewritten);
        self.rewritten.sort();
        self.rewritten.dedup();
    }
}

/// The tables that there are, by the number of the object, with the file that holds their rows.
pub struct Before(BTreeMap<String, (QualifiedName, Option<String>)>);

impl Before {
    pub fn look(session: &mut Session) -> Result<Self, SessionError> {
        let mut tables = BTreeMap::new();
        session.for_each_row(
            "select c.oid, n.nspname, c.relname, case when c.relkind in ('r', 'm') then pg_relation_filenode(c.oid) end \
             from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
             where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')",
            |_, row| {
                let text = |index| row.get(index).unwrap_or_default().to_owned();
                tables.insert(text(0), (QualifiedName::new(text(1), text(2)), row.get(3).map(str::to_owned)));
                Ok(())
            },
        )?;
        Ok(Self(tables))
    }

    /// What has become of them, in the transaction that did it.
    pub fn effects(&self, session: &mut Session) -> Result<Effects, SessionError> {
        let mut effects = Effects::default();
        session.for_each_row(
            "select c.oid, l.mode, case when c.relkind in ('r', 'm') then pg_relation_filenode(c.oid) end \
             from pg_catalog.pg_locks l join pg_catalog.pg_class c on c.oid = l.relation \
             where l.granted and l.pid = pg_backend_pid()",
            |_, row| {
                let Some((name, file)) = row.get(0).and_then(|oid| self.0.get(oid)) else { return Ok(()) };
                let mode = row.get(1).unwrap_or_default();
                let lock = Lock::ALL.iter().copied().find(|lock| lock.mode() == mode);
                if let Some(lock) = lock.filter(|lock| *lock > Lock::RowExclusive) {
                    let strongest = effects.locks.entry(name.clone()).or_insert(lock);
                    *strongest = lock.max(*strongest);
                }
                if row.get(2) != file.as_deref() && !effects.rewritten.contains(name) {
                    effects.rewritten.push(name.clone());
                }
                Ok(())
            },
        )?;
        effects.rewritten.sort();
        Ok(effects)
    }
}

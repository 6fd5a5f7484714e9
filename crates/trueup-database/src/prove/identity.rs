//! Which table and which column is still the same one, whatever it is called: a server numbers them, and what is dropped
//! and made again gets another number.

use std::collections::BTreeMap;

use trueup_model::run::Fate;
use trueup_model::{Ident, QualifiedName};

use crate::session::{Session, SessionError};

/// Tables and columns by their numbers; a table itself is column 0.
pub struct Numbered(BTreeMap<(String, String), (QualifiedName, Ident)>);

impl Numbered {
    pub fn look(session: &mut Session) -> Result<Self, SessionError> {
        let mut all = BTreeMap::new();
        session.for_each_row(
            "select c.oid, coalesce(a.attnum, 0), n.nspname, c.relname, a.attname \
             from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
             left join lateral (select 0 as attnum, null::name as attname union all \
                                select a.attnum, a.attname from pg_catalog.pg_attribute a \
                                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) a on true \
             where c.relkind in ('r', 'p') and c.relpersistence <> 't' \
               and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')",
            |_, row| {
                let text = |index| row.get(index).unwrap_or_default().to_owned();
                all.insert((text(0), text(1)), (QualifiedName::new(text(2), text(3)), Ident::new(text(4))));
                Ok(())
            },
        )?;
        Ok(Self(all))
    }

    /// What has become of them.
    pub fn fate(&self, session: &mut Session) -> Result<Fate, SessionError> {
        let now = Self::look(session)?;
        let mut fate = Fate::default();
        for (number, (table, column)) in &self.0 {
            let is = now.0.get(number).cloned();
            if number.1 == "0" {
                fate.tables.insert(table.clone(), is.map(|(table, _)| table));
            } else {
                fate.columns.insert((table.clone(), column.clone()), is);
            }
        }
        Ok(fate)
    }
}

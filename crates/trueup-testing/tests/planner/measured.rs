//! What a step does to others, as the server tells: locks and files.

use std::collections::{BTreeMap, BTreeSet};

use trueup_database::Session;
use trueup_model::QualifiedName;
use trueup_model::repair::{Lock, Step};

/// What a server says of the relations that there are: names, locks of this session that are in the way of others,
/// and files.
pub(super) struct Measured {
    pub relations: BTreeMap<String, Relation>,
}

pub(super) struct Relation {
    name: QualifiedName,
    locks: BTreeSet<String>,
    file: Option<String>,
}

impl Measured {
    pub fn now(session: &mut Session) -> Self {
        let rows = session
            .rows(
                "select c.oid::text, n.nspname, c.relname,
                        case when c.relkind = 'r' then pg_relation_filenode(c.oid)::text end,
                        (select string_agg(distinct l.mode, ' ') from pg_locks l
                         where l.relation = c.oid and l.granted and l.pid = pg_backend_pid()
                           and l.mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock'))
                 from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where c.relkind in ('r', 'p', 'f', 'v', 'm') and c.oid >= 16384",
            )
            .expect("relations");
        let relations = rows
            .into_iter()
            .map(|row| {
                let text = |at: usize| row[at].clone().unwrap_or_default();
                let locks = text(4).split_whitespace().map(str::to_owned).collect();
                let name = QualifiedName::new(text(1), text(2));
                (text(0), Relation { name, locks, file: row[3].clone() })
            })
            .collect();
        Measured { relations }
    }
}

/// What a step did to others that it does not say.
pub(super) fn understated(step: &Step, before: &Measured, after: &Measured) -> Option<String> {
    let mut rewritten = Vec::new();
    for (oid, was) in &before.relations {
        let is = after.relations.get(oid);
        let names = [Some(&was.name), is.map(|is| &is.name)];
        let said = step
            .safety
            .locks
            .iter()
            .filter(|(table, _)| names.contains(&Some(table)))
            .map(|(_, lock)| *lock)
            .max();
        let new =
            is.map(|is| is.locks.difference(&was.locks).cloned().collect::<Vec<_>>()).unwrap_or_default();
        for mode in new {
            let lock = Lock::ALL.iter().find(|lock| lock.mode() == mode).copied().expect("a known lock");
            if said.is_none_or(|said| said < lock) {
                return Some(format!("{mode} on {} was not said", was.name));
            }
        }
        if is.is_some_and(|is| is.file != was.file) {
            rewritten.push(was.name.to_string());
        }
    }
    match (step.safety.rewrites, rewritten.is_empty()) {
        (false, false) => Some(format!("was rewritten: {rewritten:?}")),
        (true, true) => Some("nothing was rewritten".to_owned()),
        (true, false) | (false, true) => None,
    }
}

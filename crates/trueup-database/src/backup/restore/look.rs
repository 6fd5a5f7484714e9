//! What is there where a backup is to be restored, and what that means for it.

use std::collections::BTreeMap;

use trueup_model::QualifiedName;
use trueup_sql::{quote_ident_if_needed, quote_literal};

use super::super::live::{number, written};
use super::super::manifest::{Manifest, TableHeld, Way};
use super::super::{BackupError, failed};
use super::around::{self, Around};
use super::{Action, Plan, Restore, What, chosen, named};
use crate::session::{Session, SessionError};

/// A relation that stands where a table of the backup belongs.
struct There {
    oid: u32,
    is_table: bool,
    is_ours: bool,
    owner: String,
    columns: Vec<(String, bool)>,
}

const DOING: &str = "looking at the database";

/// Looks, in the transaction that is open.
pub fn look(session: &mut Session, request: &Restore<'_>, manifest: Manifest) -> Result<Plan, BackupError> {
    let tables = chosen(&manifest, request.only)?;
    named(&manifest, request.replace, "choosing what to replace")?;
    let mut plan = Plan {
        database: String::new(),
        server_version: session.version_text().to_owned(),
        actions: Vec::new(),
        whole: false,
        refused: Vec::new(),
        lacking: Vec::new(),
        notes: Vec::new(),
        manifest: manifest.clone(),
    };
    let there = read(session, &tables, &mut plan).map_err(failed(DOING))?;
    for table in &tables {
        let name = table.path();
        let what = match there.get(&name) {
            None => What::Create,
            Some(there) if !there.is_table => {
                plan.refused.push(format!("{name} is there, and is no table that takes rows"));
                continue;
            }
            Some(there) => {
                let lacking = lacking(table, there);
                if !lacking.is_empty() {
                    plan.refused.push(format!(
                        "{name} has no column {} to take the values of the backup",
                        lacking.join(", ")
                    ));
                    plan.lacking.push((name.clone(), lacking));
                }
                match rows(session, &name)? {
                    0 => What::Fill,
                    rows => {
                        if !super::is_named(table, request.replace) {
                            plan.refused.push(format!(
                                "{name} is there with {rows} {}; they go when it is named: --replace {name}",
                                if rows == 1 { "row" } else { "rows" }
                            ));
                        }
                        What::Replace { rows }
                    }
                }
            }
        };
        plan.actions.push(Action { table: name, rows: table.rows, what });
    }
    let is_new = plan.actions.iter().all(|action| action.what == What::Create);
    plan.whole = request.only.is_empty() && is_new && plan.refused.is_empty();
    let taken: Vec<u32> = there.values().filter(|there| there.is_table).map(|there| there.oid).collect();
    around(session, &there, &taken, &mut plan)?;
    notes(session, &mut plan);
    Ok(plan)
}

/// The numbers of tables that are there.
pub fn oids_of(session: &mut Session, tables: &[&QualifiedName]) -> Result<Vec<u32>, BackupError> {
    let mut oids = Vec::new();
    for table in tables {
        let name = quote_literal(&written(table));
        let sql = format!("select pg_catalog.to_regclass({name})::pg_catalog.oid");
        oids.extend(session.value(&sql).map_err(failed(DOING))?.as_deref().map(number));
    }
    Ok(oids)
}

fn read(
    session: &mut Session,
    tables: &[&TableHeld],
    plan: &mut Plan,
) -> Result<BTreeMap<QualifiedName, There>, SessionError> {
    let names: Vec<String> = tables
        .iter()
        .map(|table| format!("({}, {})", quote_literal(&table.schema), quote_literal(&table.name)))
        .collect();
    let names = if names.is_empty() { "(null, null)".to_owned() } else { names.join(", ") };
    let mut there: BTreeMap<QualifiedName, There> = BTreeMap::new();
    session.for_each_row(&include_str!("target.sql").replace("$names", &names), |result, row| {
        let text = |index| row.get(index).unwrap_or_default();
        let is_true = |index| row.get(index) == Some("t");
        match result {
            0 => {
                plan.database = text(0).to_owned();
                if is_true(1) {
                    plan.refused.push("the server is a standby; connect to the primary".to_owned());
                } else if text(2) == "on" {
                    plan.refused
                        .push("the database is read-only; see default_transaction_read_only".to_owned());
                }
            }
            1 => {
                let relation = There {
                    oid: number(text(2)),
                    is_table: text(3) == "r",
                    is_ours: is_true(4),
                    owner: text(5).to_owned(),
                    columns: Vec::new(),
                };
                there.insert(QualifiedName::new(text(0), text(1)), relation);
            }
            _ => {
                if let Some(relation) = there.get_mut(&QualifiedName::new(text(0), text(1))) {
                    relation.columns.push((text(2).to_owned(), is_true(3)));
                }
            }
        }
        Ok(())
    })?;
    Ok(there)
}

/// Columns that have nowhere to go.
fn lacking(table: &TableHeld, there: &There) -> Vec<String> {
    let has = |name: &String| there.columns.iter().any(|(column, generated)| column == name && !generated);
    table.columns.iter().filter(|name| !has(name)).cloned().collect()
}

fn rows(session: &mut Session, table: &QualifiedName) -> Result<u64, BackupError> {
    let sql = format!("select pg_catalog.count(*) from only {}", written(table));
    let count = session.value(&sql).map_err(|error| super::live::locked("counting the rows", error))?;
    Ok(count.and_then(|count| count.parse().ok()).unwrap_or(0))
}

/// Triggers and foreign keys of tables that are there: only who owns them can switch them off.
fn around(
    session: &mut Session,
    there: &BTreeMap<QualifiedName, There>,
    taken: &[u32],
    plan: &mut Plan,
) -> Result<(), BackupError> {
    let Around { triggers, foreign_keys } = around::read(session, taken).map_err(failed(DOING))?;
    for trigger in &triggers {
        plan.notes.push(format!("the trigger {} does not fire", trigger.name));
    }
    for key in &foreign_keys {
        plan.notes.push(format!("the foreign key {} is checked when all rows are there", key.name));
    }
    let has_to_own = triggers.iter().map(|it| (&it.name, &it.foreign_owner));
    let has_to_own = has_to_own.chain(foreign_keys.iter().map(|it| (&it.name, &it.foreign_owner)));
    for (name, owner) in has_to_own {
        if let Some(owner) = owner {
            plan.refused.push(format!(
                "{name} is on a table of {}; connect as that role or as a member of it",
                quote_ident_if_needed(owner)
            ));
        }
    }
    for action in plan.actions.iter().filter(|action| matches!(action.what, What::Replace { .. })) {
        if let Some(there) = there.get(&action.table).filter(|there| !there.is_ours) {
            plan.refused.push(format!(
                "{} belongs to {}; connect as that role or as a member of it",
                action.table,
                quote_ident_if_needed(&there.owner)
            ));
        }
    }
    plan.refused.dedup();
    Ok(())
}

fn notes(session: &Session, plan: &mut Plan) {
    let backed_up = crate::session::version_number(&plan.manifest.database.server_version) / 10_000;
    let here = session.version() / 10_000;
    if here < backed_up {
        plan.notes.push(format!(
            "the backup is of PostgreSQL {backed_up}, and this is {here}: what only the newer one knows fails"
        ));
    }
    let makes = plan.actions.iter().any(|action| action.what == What::Create);
    match &plan.manifest.way {
        Way::PgDump { .. } if makes && !plan.whole => plan.notes.push(
            "tables that are made get their columns, constraints and indexes; their triggers, policies, privileges \
             and comments come back when the whole backup is restored into an empty database"
                .to_owned(),
        ),
        Way::PgDump { .. } => {}
        Way::Copy if makes => {
            plan.notes.extend(plan.manifest.lacks.iter().map(|lack| format!("the backup does not hold {lack}")));
        }
        Way::Copy => {}
    }
}

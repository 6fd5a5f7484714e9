//! Looks whether a run can go well here, before anything is begun.

use trueup_model::QualifiedName;
use trueup_sql::{quote_ident, quote_literal};

use super::{ApplyError, broken};
use crate::session::Session;

/// What is worth knowing. What makes it impossible is an error, all of it at once.
pub fn look(
    session: &mut Session,
    touched: &[QualifiedName],
    owned: &[QualifiedName],
) -> Result<Vec<String>, ApplyError> {
    let sql =
        include_str!("preflight.sql").replace("$tables", &listed(touched)).replace("$owned", &listed(owned));
    let (mut reasons, mut notes) = (Vec::new(), Vec::new());
    session
        .for_each_row(&sql, |result, row| {
            let text = |index| row.get(index).unwrap_or_default();
            match result {
                0 => reasons.extend(of_server(&text)),
                1 => reasons.push(format!(
                    "{} belongs to {}; connect as that role or as a member of it",
                    text(0),
                    text(1)
                )),
                _ => notes.push(in_the_way(&text)),
            }
            Ok(())
        })
        .map_err(broken("looking whether it can be applied here"))?;
    if reasons.is_empty() { Ok(notes) } else { Err(ApplyError::Refused(reasons)) }
}

/// Tables that are there, by number.
fn listed(tables: &[QualifiedName]) -> String {
    let numbers: Vec<String> = tables
        .iter()
        .map(|table| {
            let name = format!("{}.{}", quote_ident(table.schema.as_str()), quote_ident(table.name.as_str()));
            format!("pg_catalog.to_regclass({})", quote_literal(&name))
        })
        .collect();
    if numbers.is_empty() { "null".to_owned() } else { numbers.join(", ") }
}

fn of_server<'a>(text: &dyn Fn(usize) -> &'a str) -> Vec<String> {
    let mut reasons = Vec::new();
    if text(0) == "t" {
        reasons.push("the server is a standby; connect to the primary".to_owned());
    } else if text(1) == "on" {
        reasons.push("the database is read-only here; see default_transaction_read_only".to_owned());
    }
    let can_create = text(3) == "t" || text(4) == "t" || text(5) == "t";
    if !can_create {
        reasons.push(format!(
            "the role {role} may not make the schema that the journal of runs is kept in; let its owner run: \
             GRANT CREATE ON DATABASE {database} TO {role}",
            role = quote_ident(text(2)),
            database = quote_ident(text(6)),
        ));
    }
    reasons
}

fn in_the_way<'a>(text: &dyn Fn(usize) -> &'a str) -> String {
    let who = text(1);
    match (text(3), text(2)) {
        ("t", "") => format!("{who} holds a lock on {}", text(0)),
        ("t", seconds) => format!("{who} has held a lock on {} for {seconds} s", text(0)),
        _ => format!("{who} waits for a lock on {}", text(0)),
    }
}

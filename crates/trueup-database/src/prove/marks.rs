//! When every row of the system catalogs was written, so that it can be said that a run wrote none.
//!
//! Equal catalogs would not say it: what is dropped and made again is equal and was written anew. Each row carries the
//! number of the transaction that wrote it and has a place, and both change whenever it is written.

use std::collections::BTreeMap;

use trueup_sql::{quote_ident, quote_literal};

use super::Touched;
use crate::session::{Session, SessionError};

/// The tables of the catalogs and the ones that are touched, with a hash over all of their rows.
pub type Marks = BTreeMap<String, String>;

/// Statistics are gathered at any time, by the server itself.
const NOT_SCHEMA: &str = "('pg_statistic', 'pg_statistic_ext_data')";

pub fn read(session: &mut Session, touched: &[Touched]) -> Result<Marks, SessionError> {
    let mut names: Vec<String> = session
        .rows(&format!(
            "select relname from pg_catalog.pg_class where relnamespace = 'pg_catalog'::regnamespace \
             and relkind = 'r' and not relisshared and relname not in {NOT_SCHEMA}"
        ))?
        .into_iter()
        .filter_map(|row| row.into_iter().next().flatten())
        .map(|name| format!("pg_catalog.{}", quote_ident(&name)))
        .collect();
    names.extend(touched.iter().map(|table| super::rows::written(&table.expected)));
    names.dedup();
    let there: Vec<String> = session
        .rows(
            &names
                .iter()
                .map(|name| format!("select to_regclass({})", quote_literal(name)))
                .collect::<Vec<_>>()
                .join(" union all "),
        )?
        .into_iter()
        .zip(&names)
        .filter(|(row, _)| row.first().is_some_and(Option::is_some))
        .map(|(_, name)| name.clone())
        .collect();
    let query: Vec<String> = there
        .iter()
        .map(|name| {
            format!(
                "select {}, count(*) || ' ' || coalesce(md5(string_agg(ctid || ' ' || xmin, ',' order by ctid)), '') \
                 from only {name}",
                quote_literal(name)
            )
        })
        .collect();
    let rows = session.rows(&query.join(" union all "))?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let mut values = row.into_iter();
            Some((values.next()??, values.next()??))
        })
        .collect())
}

/// Which tables have other rows now.
pub fn changed(before: &Marks, after: &Marks) -> Vec<String> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

//! What all ledgers have in common when they are written: the name of the table, and values as literals.

use trueup_model::{Ledger, Text};
use trueup_sql::{quote_ident, quote_literal};

use crate::detect::Detected;
use crate::framework::Framework;
use crate::write::{LedgerItem, WriteError};

/// A ledger that is there, or the one that the tool would make.
pub(crate) struct Table {
    pub schema: Option<String>,
    pub name: String,
    pub exists: bool,
}

impl Table {
    pub(crate) fn of(framework: &dyn Framework, detected: &Detected, ledger: &Ledger) -> Self {
        match &ledger.table {
            Some(table) => {
                Self { schema: Some(table.schema.to_string()), name: table.name.to_string(), exists: true }
            }
            None => {
                let table = framework.ledger_table(detected);
                let schema = table.schema.map(|schema| schema.to_string());
                let schema = schema.or_else(|| schema_made(framework, detected));
                Self { schema, name: table.name.to_string(), exists: false }
            }
        }
    }

    /// As SQL. Where nobody names a schema, the search path decides, as it does for the tool.
    pub(crate) fn quoted(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", quote_ident(schema), quote_ident(&self.name)),
            None => quote_ident(&self.name),
        }
    }

    /// What makes the table, with these lines between its parentheses. Nothing where it is there. Where nobody names
    /// its schema it is made in the one that this connection would take, although a repair runs without a search path.
    pub(crate) fn creation(&self, columns: &[&str]) -> Vec<String> {
        if self.exists {
            return Vec::new();
        }
        let schema =
            self.schema.iter().map(|schema| format!("CREATE SCHEMA IF NOT EXISTS {}", quote_ident(schema)));
        let path = self.schema.is_none().then(|| PATH_OF_CONNECTION.to_owned());
        let table = format!("CREATE TABLE {} (\n    {}\n)", self.quoted(), columns.join(",\n    "));
        schema.chain(path).chain([table]).collect()
    }
}

/// Gives a transaction without a search path the one of its connection, and leaves any other one alone.
pub(crate) const PATH_OF_CONNECTION: &str = "SELECT set_config(name, reset_val, true) FROM pg_settings WHERE name = 'search_path' AND setting IN ('', '\"\"')";

/// The schema of the configured URL, where the tool makes it and then keeps its ledger there.
fn schema_made(framework: &dyn Framework, detected: &Detected) -> Option<String> {
    let preparation = framework.preparation(detected);
    let makes = preparation.makes_first_of_path;
    preparation.schemas_on(&[]).first().filter(|_| makes).map(ToString::to_string)
}

pub(crate) fn literal(text: &str) -> String {
    quote_literal(text).trim_start().to_owned()
}

/// The number that is the key. Keys of other tools are never pasted into SQL.
pub(crate) fn number(key: &Text) -> Result<i64, WriteError> {
    key.as_str().parse().map_err(|_| WriteError::Unknown { key: key.clone(), what: "the number" })
}

pub(crate) fn checksum(item: &LedgerItem) -> Result<&str, WriteError> {
    item.checksum
        .as_ref()
        .map(Text::as_str)
        .ok_or_else(|| WriteError::Unknown { key: item.key.clone(), what: "the checksum" })
}

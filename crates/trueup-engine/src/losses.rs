//! What is gone for good when a database has become another one: tables and columns with what stands in them, and
//! values that become others.
//!
//! Only rows tell whether something is lost: an empty table can go. So each loss comes with a question to the database.

use trueup_model::catalog::{Column, Object};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Probe;
use trueup_model::run::Fate;
use trueup_model::{Catalog, Ident, QualifiedName};

use crate::dialect::probes::{self, Fit};

/// Something that goes, if the question finds rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// By the name that it has before.
    pub object: ObjectPath,
    pub probe: Probe,
}

/// What is lost on the way from one catalog to another, given what became of tables and columns on it.
///
/// `converts`: columns may have got their new values from an expression, which can make anything of the old ones.
pub fn losses(before: &Catalog, after: &Catalog, fate: &Fate, converts: bool) -> Vec<Loss> {
    let of_tables = fate.tables.iter().filter(|(_, now)| now.is_none()).filter_map(|(table, _)| {
        let path = ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name);
        let probe = probes::any_rows(table, "rows would be lost", probes::key_of(table, before));
        before.contains(&path).then_some(Loss { object: path, probe })
    });
    let of_columns = fate.columns.iter().filter_map(|((table, name), now)| {
        // What goes with its table is said of the table.
        fate.tables.get(table)?.as_ref()?;
        let path = ObjectPath::part_of(ObjectKind::Column, table, name.clone());
        let Object::Column(column) = &before.find(&path)?.object else { return None };
        if !holds_values(&path, column, before) {
            return None;
        }
        let probe = match now {
            None => probes::values(
                table,
                name,
                &format!("values of {name} would be lost"),
                probes::key_of(table, before),
            ),
            Some((now, called)) => changed(&path, column, before, column_of(after, now, called)?, converts)?,
        };
        Some(Loss { object: path, probe })
    });
    of_tables.chain(of_columns).collect()
}

fn column_of<'c>(catalog: &'c Catalog, table: &QualifiedName, name: &Ident) -> Option<&'c Column> {
    match &catalog.find(&ObjectPath::part_of(ObjectKind::Column, table, name.clone()))?.object {
        Object::Column(column) => Some(column),
        _ => None,
    }
}

/// A column of a view shows values of others, and so does a generated one.
fn holds_values(path: &ObjectPath, column: &Column, catalog: &Catalog) -> bool {
    let is_of_table = path.relation().is_some_and(|table| {
        catalog.contains(&ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name))
    });
    is_of_table && column.generated.is_none()
}

/// Values that another type has to round or to cut. What another type refuses is not lost: the change fails.
fn changed(
    path: &ObjectPath,
    column: &Column,
    before: &Catalog,
    new: &Column,
    converts: bool,
) -> Option<Probe> {
    if column.data_type == new.data_type {
        return None;
    }
    let table = path.relation()?;
    let fit =
        probes::fit(&path.part, column.data_type.as_str(), new.data_type.as_str(), None, before.major());
    let meaning = format!("values of {} would not stay the same as {}", path.part, new.data_type);
    let fit = if converts { Fit::Unknown } else { fit };
    match fit {
        Fit::All | Fit::Fails(_) => None,
        Fit::Changed(condition) => {
            Some(probes::rows_where(&table, &condition, &meaning, probes::key_of(&table, before)))
        }
        Fit::Unknown => Some(probes::values(
            &table,
            &path.part,
            &format!("values of {} would become {}, and nobody can tell how", path.part, new.data_type),
            probes::key_of(&table, before),
        )),
    }
}

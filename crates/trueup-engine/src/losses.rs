//! What is gone for good when a database has become another one: tables and columns with what stands in them, and
//! values that become others.
//!
//! Only rows tell whether something is lost: an empty table can go. So each loss comes with a question to the database.

use trueup_model::catalog::{Column, Object};
use trueup_model::difference::Change;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Probe;
use trueup_model::{Catalog, Difference};

use crate::compare;
use crate::dialect::probes::{self, Fit};

/// Something that goes, if the question finds rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// By the name that it has before.
    pub object: ObjectPath,
    pub probe: Probe,
}

/// What is lost on the way from one catalog to another.
pub fn losses(before: &Catalog, after: &Catalog) -> Vec<Loss> {
    compare(before, after).iter().filter_map(|difference| loss(difference, before, after)).collect()
}

fn loss(difference: &Difference, before: &Catalog, after: &Catalog) -> Option<Loss> {
    let path = &difference.path;
    let probe = match (&difference.change, &before.find(path)?.object) {
        (Change::Missing, Object::Table(_)) => {
            probes::any_rows(&path.qualified()?, "rows would be lost", before)
        }
        (Change::Missing, Object::Column(column)) if holds_values(path, column, before) => {
            let meaning = format!("values of {} would be lost", path.part);
            probes::values(&path.relation()?, &path.part, &meaning, before)
        }
        (Change::Different(aspect), Object::Column(column))
            if aspect.name == "type" && holds_values(path, column, before) =>
        {
            changed(path, column, before, after)?
        }
        _ => return None,
    };
    Some(Loss { object: path.clone(), probe })
}

/// A column of a view shows values of others, and so does a generated one.
fn holds_values(path: &ObjectPath, column: &Column, catalog: &Catalog) -> bool {
    let is_of_table = path.relation().is_some_and(|table| {
        catalog.contains(&ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name))
    });
    is_of_table && column.generated.is_none()
}

/// Values that another type has to round or to cut. What another type refuses is not lost: the change fails.
fn changed(path: &ObjectPath, column: &Column, before: &Catalog, after: &Catalog) -> Option<Probe> {
    let table = path.relation()?;
    let new = after.columns_of(&ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name));
    let (_, new) = new.into_iter().find(|(name, _)| **name == path.part)?;
    let fit =
        probes::fit(&path.part, column.data_type.as_str(), new.data_type.as_str(), None, before.major());
    let meaning = format!("values of {} would not stay the same as {}", path.part, new.data_type);
    match fit {
        Fit::All | Fit::Fails(_) => None,
        Fit::Changed(condition) => Some(probes::rows_where(&table, &condition, &meaning, before)),
        Fit::Unknown => Some(probes::values(
            &table,
            &path.part,
            &format!("values of {} would become {}, and nobody can tell how", path.part, new.data_type),
            before,
        )),
    }
}

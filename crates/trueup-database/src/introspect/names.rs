//! Readers of what the others look up: roles, extension members, comments, inheritance, operator classes.

use trueup_model::catalog::{Extension, Object, Schema};
use trueup_model::name::{Ident, Text};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::reading::{ClassId, Common, Reading};
use super::row::{Cells, ReadError};

pub(super) fn role(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    reading.roles.insert(row.oid(0)?, row.ident(1)?);
    Ok(())
}

pub(super) fn member(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    reading.members.insert((row.oid(0)?, row.oid(1)?));
    Ok(())
}

pub(super) fn comment(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let key = (row.oid(0)?, row.oid(1)?, row.number(2)?);
    reading.comments.insert(key, (row.shared(3)?, row.oid(4)?));
    Ok(())
}

pub(super) fn schema(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let oid = row.oid(0)?;
    let name = row.text(2)?;
    reading.schemas.insert(oid, Ident::new(name));
    if reading.is_member(ClassId::SCHEMA, oid) {
        return Ok(());
    }
    let common = Common {
        catalog: ClassId::SCHEMA,
        oid,
        part: 0,
        xmin: row.oid(1)?,
        owner: Some(row.oid(3)?),
        acl: row.opt(4),
        default_acl: row.opt(5),
    };
    reading.push(ObjectPath::global(ObjectKind::Schema, name), common, Object::Schema(Schema {}));
    Ok(())
}

pub(super) fn extension(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let schema = reading.schemas.get(&row.oid(4)?).cloned().unwrap_or_else(|| Ident::new("pg_catalog"));
    let extension =
        Extension { schema, version: row.shared(5)?, is_default_version: row.opt(6) == Some("t") };
    let common = Common {
        catalog: ClassId::EXTENSION,
        oid: row.oid(0)?,
        part: 0,
        xmin: row.oid(1)?,
        owner: Some(row.oid(3)?),
        acl: None,
        default_acl: None,
    };
    reading.push(
        ObjectPath::global(ObjectKind::Extension, row.text(2)?),
        common,
        Object::Extension(extension),
    );
    Ok(())
}

/// Fills in the parents of a table or partition. Parents of indexes are not looked at: an attached index says so
/// itself.
pub(super) fn inheritance(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let (Some(child), Some(parent)) =
        (reading.our_relation(row.oid(0)?), reading.relations.get(&row.oid(1)?))
    else {
        return Ok(());
    };
    let (entry, parent) = (child.entry, parent.name.clone());
    if let Object::Table(table) = &mut reading.entries[entry].object {
        match &mut table.partition_of {
            Some(partition) => partition.parent = parent,
            None => table.inherits.push(parent),
        }
    }
    Ok(())
}

pub(super) fn operator_class_or_collation(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let (schema, name) = (row.text(2)?, row.text(3)?);
    let text = if schema == "pg_catalog" { Text::new(name) } else { Text::new(format!("{schema}.{name}")) };
    let known = (text, row.flag(4)?);
    match row.letter(0) {
        'o' => reading.operator_classes.insert(row.oid(1)?, known),
        _ => reading.collations.insert(row.oid(1)?, known),
    };
    Ok(())
}

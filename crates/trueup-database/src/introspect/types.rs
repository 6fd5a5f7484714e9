//! Readers of enums, composite types, domains, ranges and base types.

use trueup_model::catalog::{BaseType, CompositeType, Domain, EnumType, Object, RangeType};
use trueup_model::name::Text;
use trueup_model::path::{ObjectKind, ObjectPath};

use super::reading::{ClassId, Common, Reading};
use super::row::{Cells, ReadError};

pub(super) fn read(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let oid = row.oid(0)?;
    let Some(schema) = reading.schemas.get(&row.oid(3)?).cloned() else { return Ok(()) };
    if reading.is_member(ClassId::TYPE, oid) {
        return Ok(());
    }
    let (kind, object) = match row.letter(5) {
        'e' => (ObjectKind::Enum, Object::Enum(EnumType { labels: Vec::new() })),
        'd' => (ObjectKind::Domain, Object::Domain(Box::new(domain(row)?))),
        'r' => (ObjectKind::RangeType, Object::RangeType(Box::new(range(row)?))),
        'c' => {
            let mut attributes = reading.composites.remove(&row.oid(6)?).unwrap_or_default();
            attributes.sort_by_key(|(number, _)| *number);
            let attributes = attributes.into_iter().map(|(_, attribute)| attribute).collect();
            (ObjectKind::CompositeType, Object::CompositeType(CompositeType { attributes }))
        }
        _ => {
            let definition = Text::new(row.opt(17).unwrap_or_default());
            (ObjectKind::BaseType, Object::BaseType(BaseType { definition }))
        }
    };
    let common = Common {
        catalog: ClassId::TYPE,
        oid,
        part: 0,
        xmin: row.oid(1)?,
        owner: Some(row.oid(4)?),
        acl: row.opt(18),
        default_acl: row.opt(19),
    };
    reading.push(ObjectPath::in_schema(kind, &schema, row.text(2)?), common, object);
    reading.types.insert(oid, reading.last());
    Ok(())
}

fn domain(row: &Cells<'_>) -> Result<Domain, ReadError> {
    Ok(Domain {
        base: row.shared(7)?,
        collation: row.opt_text(8),
        not_null: row.flag(9)?,
        default: row.opt_text(10),
        // They follow with the rows of pg_constraint.
        checks: Vec::new(),
    })
}

fn range(row: &Cells<'_>) -> Result<RangeType, ReadError> {
    Ok(RangeType {
        subtype: row.shared(11)?,
        operator_class: row.opt_text(12),
        collation: row.opt_text(13),
        canonical: row.opt_text(14),
        subtype_diff: row.opt_text(15),
        multirange: row.opt_text(16),
    })
}

pub(super) fn enum_label(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let Some(entry) = reading.types.get(&row.oid(0)?).copied() else { return Ok(()) };
    if let Object::Enum(labels) = &mut reading.entries[entry].object {
        labels.labels.push(row.shared(1)?);
    }
    let path = reading.entries[entry].path.clone();
    reading.mark_detail(&path, "labels", row.oid(2)?);
    Ok(())
}

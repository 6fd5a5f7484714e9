//! Reader of sequences.

use trueup_model::catalog::{Object, Sequence, SequenceOptions};
use trueup_model::name::Ident;
use trueup_model::path::{ObjectKind, ObjectPath};

use super::reading::{ClassId, Common, Reading};
use super::relations::persistence;
use super::row::{Cells, ReadError};

/// The sequence of an identity column: a property of the column, not an object of its own.
pub(super) struct OwnedSequence {
    pub name: Ident,
    pub options: SequenceOptions,
}

pub(super) fn read(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let oid = row.oid(0)?;
    let Some(schema) = reading.schemas.get(&row.oid(3)?).cloned() else { return Ok(()) };
    if reading.is_member(ClassId::RELATION, oid) {
        return Ok(());
    }
    let options = SequenceOptions {
        data_type: row.shared(6)?,
        start: row.number(7)?,
        increment: row.number(8)?,
        minimum: row.number(9)?,
        maximum: row.number(10)?,
        cache: row.number(11)?,
        cycle: row.flag(12)?,
    };
    let owner = row.opt_number(13)?.zip(row.opt_number(14)?);
    let name = row.text(2)?;
    if let (Some(owner), 'i') = (owner, row.letter(15)) {
        reading.identities.insert(owner, OwnedSequence { name: Ident::new(name), options });
        return Ok(());
    }
    let sequence = Sequence { options, owned_by: None, persistence: persistence(row.letter(5)) };
    let common = Common {
        catalog: ClassId::RELATION,
        oid,
        part: 0,
        xmin: row.oid(1)?,
        owner: Some(row.oid(4)?),
        acl: row.opt(16),
        default_acl: row.opt(17),
    };
    reading.push(
        ObjectPath::in_schema(ObjectKind::Sequence, &schema, name),
        common,
        Object::Sequence(Box::new(sequence)),
    );
    if let Some((relation, column)) = owner {
        reading.owned_sequences.push((reading.last(), relation, column));
    }
    Ok(())
}

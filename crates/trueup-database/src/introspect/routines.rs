//! Readers of functions, procedures and aggregates.

use trueup_model::catalog::{Aggregate, Object, Parallel, Routine, RoutineKind, Volatility};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::reading::{ClassId, Common, Reading};
use super::row::{Cells, ReadError};

pub(super) fn routine(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let oid = row.oid(0)?;
    let Some(schema) = reading.schemas.get(&row.oid(3)?).cloned() else { return Ok(()) };
    if reading.is_member(ClassId::ROUTINE, oid) {
        return Ok(());
    }
    let (kind, routine_kind) = match row.letter(5) {
        'p' => (ObjectKind::Procedure, RoutineKind::Procedure),
        'w' => (ObjectKind::Function, RoutineKind::WindowFunction),
        _ => (ObjectKind::Function, RoutineKind::Function),
    };
    let routine = Routine {
        kind: routine_kind,
        arguments: row.shared(7)?,
        result: row.opt_text(8),
        language: row.ident(9)?,
        body: row.opt_text(10).unwrap_or_default(),
        body_is_parsed: row.flag(11)?,
        library: row.opt_text(12),
        volatility: match row.letter(13) {
            'i' => Volatility::Immutable,
            's' => Volatility::Stable,
            _ => Volatility::Volatile,
        },
        strict: row.flag(14)?,
        security_definer: row.flag(15)?,
        leakproof: row.flag(16)?,
        parallel: parallel(row.letter(17)),
        cost: row.shared(18)?,
        rows: row.shared(19)?,
        support: row.opt_text(20),
        settings: row.sorted_list(21)?,
        transforms: row.list(22)?,
    };
    let common = Common {
        catalog: ClassId::ROUTINE,
        oid,
        part: 0,
        xmin: row.oid(1)?,
        owner: Some(row.oid(4)?),
        acl: row.opt(23),
        default_acl: row.opt(24),
    };
    let path = ObjectPath::in_schema(kind, &schema, row.text(2)?).with_arguments(row.text(6)?);
    reading.push(path, common, Object::Routine(Box::new(routine)));
    Ok(())
}

pub(super) fn aggregate(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let oid = row.oid(0)?;
    let Some(schema) = reading.schemas.get(&row.oid(3)?).cloned() else { return Ok(()) };
    if reading.is_member(ClassId::ROUTINE, oid) {
        return Ok(());
    }
    let aggregate = Aggregate {
        arguments: row.shared(6)?,
        result: row.shared(7)?,
        properties: row.list(9)?,
        parallel: parallel(row.letter(8)),
    };
    let common = Common {
        catalog: ClassId::ROUTINE,
        oid,
        part: 0,
        xmin: row.oid(1)?,
        owner: Some(row.oid(4)?),
        acl: row.opt(10),
        default_acl: row.opt(11),
    };
    let path =
        ObjectPath::in_schema(ObjectKind::Aggregate, &schema, row.text(2)?).with_arguments(row.text(5)?);
    reading.push(path, common, Object::Aggregate(Box::new(aggregate)));
    Ok(())
}

fn parallel(letter: char) -> Parallel {
    match letter {
        's' => Parallel::Safe,
        'r' => Parallel::Restricted,
        _ => Parallel::Unsafe,
    }
}

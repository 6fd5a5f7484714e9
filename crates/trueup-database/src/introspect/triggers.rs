//! Readers of triggers, rules and event triggers.

use trueup_model::catalog::{EventTrigger, FireState, Object, Rule, Trigger};
use trueup_model::name::{QualifiedName, Text};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::constraints::deferral;
use super::reading::{ClassId, Common, Reading};
use super::row::{Cells, ReadError};

pub(super) fn trigger(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let fires = fires(row.letter(6));
    if row.flag(7)? {
        // One of those that make a foreign key work: its state is the foreign key's.
        if let Some(entry) = reading.constraints.get(&row.oid(8)?).copied()
            && let Object::ForeignKey(foreign_key) = &mut reading.entries[entry].object
        {
            foreign_key.fires = fires;
        }
        return Ok(());
    }
    let (oid, name) = (row.oid(0)?, row.text(2)?);
    let Some(relation) = reading.our_relation(row.oid(3)?) else { return Ok(()) };
    let bits: i16 = row.number(4)?;
    let named = |bit: i16, word: &'static str| (bits & bit != 0).then(|| Text::new(word));
    let trigger = Trigger {
        timing: Text::new(match (bits & BEFORE != 0, bits & INSTEAD != 0) {
            (true, _) => "BEFORE",
            (_, true) => "INSTEAD OF",
            _ => "AFTER",
        }),
        events: [
            named(INSERT, "INSERT"),
            named(DELETE, "DELETE"),
            named(UPDATE, "UPDATE"),
            named(TRUNCATE, "TRUNCATE"),
        ]
        .into_iter()
        .flatten()
        .collect(),
        columns: relation.column_names(&row.numbers(5)?),
        for_each_row: bits & ROW != 0,
        function: QualifiedName::new(row.text(13)?, row.text(12)?),
        arguments: arguments(row)?,
        condition: row.opt(16).and_then(condition).map(Text::new),
        old_table: row.opt_ident(17),
        new_table: row.opt_ident(18),
        constraint: (row.oid(8)? != 0).then_some(deferral(row.flag(9)?, row.flag(10)?)),
        from_table: reading.relations.get(&row.oid(11)?).map(|relation| relation.name.clone()),
        fires,
        inherited: row.flag(19)?,
    };
    let path = ObjectPath::part_of(ObjectKind::Trigger, &relation.name, name);
    reading.push(path, common(ClassId::TRIGGER, oid, row.oid(1)?, None), Object::Trigger(Box::new(trigger)));
    Ok(())
}

// The bits of pg_trigger.tgtype.
const ROW: i16 = 1;
const BEFORE: i16 = 2;
const INSERT: i16 = 4;
const DELETE: i16 = 8;
const UPDATE: i16 = 16;
const TRUNCATE: i16 = 32;
const INSTEAD: i16 = 64;

/// Arguments are stored one after the other, each with a zero byte behind it.
fn arguments(row: &Cells<'_>) -> Result<Vec<Text>, ReadError> {
    let count: usize = row.number(14)?;
    let digits = row.opt(15).unwrap_or_default().as_bytes();
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks(2) {
        let pair = std::str::from_utf8(pair).unwrap_or_default();
        let byte =
            u8::from_str_radix(pair, 16).map_err(|_| row.wrong(15, format!("is not hexadecimal: {pair}")))?;
        bytes.push(byte);
    }
    let parts = bytes.split(|byte| *byte == 0).take(count);
    Ok(parts.map(|part| Text::new(String::from_utf8_lossy(part))).collect())
}

/// What stands in `WHEN (…)` of a trigger's definition.
fn condition(definition: &str) -> Option<&str> {
    let (_, rest) = definition.split_once(" WHEN (")?;
    rest.rsplit_once(") EXECUTE ").map(|(condition, _)| condition)
}

pub(super) fn rule(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let Some(relation) = reading.our_relation(row.oid(3)?) else { return Ok(()) };
    let path = ObjectPath::part_of(ObjectKind::Rule, &relation.name, row.text(2)?);
    let rule = Rule { definition: row.shared(5)?, fires: fires(row.letter(4)) };
    reading.push(path, common(ClassId::RULE, row.oid(0)?, row.oid(1)?, None), Object::Rule(rule));
    Ok(())
}

pub(super) fn event_trigger(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let oid = row.oid(0)?;
    if reading.is_member(ClassId::EVENT_TRIGGER, oid) {
        return Ok(());
    }
    let event_trigger = EventTrigger {
        event: row.shared(4)?,
        tags: row.sorted_list(5)?,
        function: QualifiedName::new(row.text(6)?, row.text(7)?),
        fires: fires(row.letter(8)),
    };
    let path = ObjectPath::global(ObjectKind::EventTrigger, row.text(2)?);
    let common = common(ClassId::EVENT_TRIGGER, oid, row.oid(1)?, Some(row.oid(3)?));
    reading.push(path, common, Object::EventTrigger(Box::new(event_trigger)));
    Ok(())
}

fn common(catalog: ClassId, oid: u32, xmin: u32, owner: Option<u32>) -> Common<'static> {
    Common { catalog, oid, part: 0, xmin, owner, acl: None, default_acl: None }
}

fn fires(letter: char) -> FireState {
    match letter {
        'D' => FireState::Disabled,
        'R' => FireState::Replica,
        'A' => FireState::Always,
        _ => FireState::Origin,
    }
}

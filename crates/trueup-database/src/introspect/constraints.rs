//! Reader of constraints of tables and domains.

use trueup_model::catalog::{
    Check, Deferral, DomainCheck, Exclusion, FireState, ForeignKey, ForeignKeyAction, ForeignKeyMatch, Key,
    NotNull, Object,
};
use trueup_model::name::{Ident, QualifiedName, Text};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::reading::{ClassId, Common, ReadIndex, Reading};
use super::row::{Cells, ReadError};

pub(super) fn read(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let (oid, relation, name) = (row.oid(0)?, row.oid(4)?, row.text(2)?);
    if relation == 0 {
        return domain_constraint(reading, row, oid, name);
    }
    let Some(table) = reading.our_relation(relation) else { return Ok(()) };
    let table = table.name.clone();
    let numbers: Vec<i16> = row.numbers(9)?;
    let inherited = row.flag(7)? || row.flag(18)?;
    let (kind, object) = match row.letter(3) {
        letter @ ('p' | 'u') => {
            let Some(index) = reading.indexes.remove(&row.oid(6)?) else { return Ok(()) };
            let kind = if letter == 'p' { ObjectKind::PrimaryKey } else { ObjectKind::UniqueConstraint };
            let index_comment = reading.comment(ClassId::RELATION, row.oid(6)?, 0);
            (kind, Object::Key(Box::new(key(row, index, index_comment, inherited)?)))
        }
        'x' => {
            let Some(index) = reading.indexes.remove(&row.oid(6)?) else { return Ok(()) };
            let exclusion = Exclusion {
                definition: Text::new(without_options(without_deferral(row.opt(23).unwrap_or_default()))),
                deferral: deferral(row.flag(14)?, row.flag(15)?),
                index_options: index.index.options,
                tablespace: index.index.tablespace,
                index_comment: reading.comment(ClassId::RELATION, row.oid(6)?, 0),
                inherited,
            };
            (ObjectKind::ExclusionConstraint, Object::Exclusion(Box::new(exclusion)))
        }
        'c' => {
            let check = Check {
                expression: row.opt_text(22).unwrap_or_default(),
                validated: row.flag(16)?,
                enforced: row.flag(20)?,
                no_inherit: row.flag(17)?,
                inherited,
            };
            (ObjectKind::CheckConstraint, Object::Check(check))
        }
        'f' => {
            let foreign_key = foreign_key(reading, row, relation, &numbers, inherited)?;
            (ObjectKind::ForeignKey, Object::ForeignKey(Box::new(foreign_key)))
        }
        'n' => return not_null(reading, row, relation, &numbers, name),
        _ => return Ok(()),
    };
    let common = Common {
        catalog: ClassId::CONSTRAINT,
        oid,
        part: 0,
        xmin: row.oid(1)?,
        owner: None,
        acl: None,
        default_acl: None,
    };
    reading.push(ObjectPath::part_of(kind, &table, name), common, object);
    reading.constraints.insert(oid, reading.last());
    Ok(())
}

fn key(
    row: &Cells<'_>,
    index: ReadIndex,
    index_comment: Option<Text>,
    inherited: bool,
) -> Result<Key, ReadError> {
    Ok(Key {
        columns: index.columns,
        include: index.index.include,
        nulls_not_distinct: index.index.nulls_not_distinct,
        without_overlaps: row.flag(21)?,
        deferral: deferral(row.flag(14)?, row.flag(15)?),
        index_options: index.index.options,
        tablespace: index.index.tablespace,
        index_comment,
        inherited,
    })
}

fn foreign_key(
    reading: &Reading,
    row: &Cells<'_>,
    relation: u32,
    numbers: &[i16],
    inherited: bool,
) -> Result<ForeignKey, ReadError> {
    let target = reading.relations.get(&row.oid(8)?);
    let names = |numbers: &[i16]| {
        reading.relations.get(&relation).map(|table| table.column_names(numbers)).unwrap_or_default()
    };
    Ok(ForeignKey {
        columns: names(numbers),
        references: target.map_or_else(|| QualifiedName::new("", "?"), |target| target.name.clone()),
        referenced_columns: target
            .map(|target| row.numbers(10).map(|numbers| target.column_names(&numbers)))
            .transpose()?
            .unwrap_or_default(),
        matching: match row.letter(13) {
            'f' => ForeignKeyMatch::Full,
            'p' => ForeignKeyMatch::Partial,
            _ => ForeignKeyMatch::Simple,
        },
        on_update: action(row.letter(11)),
        on_delete: action(row.letter(12)),
        on_delete_columns: names(&row.numbers(19)?),
        period: row.flag(21)?,
        deferral: deferral(row.flag(14)?, row.flag(15)?),
        validated: row.flag(16)?,
        enforced: row.flag(20)?,
        // Changed by the reader of triggers, where somebody changed it.
        fires: FireState::Origin,
        inherited,
    })
}

/// From PostgreSQL 18 a NOT NULL is a constraint with a name; it stays a property of its column here.
fn not_null(
    reading: &mut Reading,
    row: &Cells<'_>,
    relation: u32,
    numbers: &[i16],
    name: &str,
) -> Result<(), ReadError> {
    let entry = numbers
        .first()
        .and_then(|number| reading.our_relation(relation)?.column(*number))
        .map(|column| column.entry);
    let Some(entry) = entry else { return Ok(()) };
    let not_null =
        NotNull { name: Some(Ident::new(name)), no_inherit: row.flag(17)?, validated: row.flag(16)? };
    if let Object::Column(column) = &mut reading.entries[entry].object {
        column.not_null = Some(not_null);
    }
    let path = reading.entries[entry].path.clone();
    reading.mark_detail(&path, "nullability", row.oid(1)?);
    Ok(())
}

fn domain_constraint(reading: &mut Reading, row: &Cells<'_>, oid: u32, name: &str) -> Result<(), ReadError> {
    let Some(entry) = reading.types.get(&row.oid(5)?).copied() else { return Ok(()) };
    let check = DomainCheck {
        name: Ident::new(name),
        expression: row.opt_text(22).unwrap_or_default(),
        validated: row.flag(16)?,
        comment: reading.comment(ClassId::CONSTRAINT, oid, 0),
    };
    // A NOT NULL of a domain is a constraint too from PostgreSQL 17 on; the type says it as well.
    if row.letter(3) == 'c' {
        if let Object::Domain(domain) = &mut reading.entries[entry].object {
            domain.checks.push(check);
            domain.checks.sort_by(|a, b| a.name.cmp(&b.name));
        }
        let path = reading.entries[entry].path.clone();
        reading.mark_detail(&path, "checks", row.oid(1)?);
    }
    Ok(())
}

pub(super) fn deferral(deferrable: bool, deferred: bool) -> Deferral {
    match (deferrable, deferred) {
        (false, _) => Deferral::NotDeferrable,
        (true, false) => Deferral::InitiallyImmediate,
        (true, true) => Deferral::InitiallyDeferred,
    }
}

fn without_deferral(definition: &str) -> &str {
    definition.trim_end_matches(" INITIALLY DEFERRED").trim_end_matches(" DEFERRABLE")
}

/// Storage parameters are the index's. No operator is written as ` WITH (`, so nothing else can be meant.
fn without_options(definition: &str) -> String {
    let Some((before, rest)) = definition.split_once(" WITH (") else { return definition.to_owned() };
    let after = rest.split_once(')').map_or("", |(_, after)| after);
    format!("{before}{after}")
}

fn action(letter: char) -> ForeignKeyAction {
    match letter {
        'r' => ForeignKeyAction::Restrict,
        'c' => ForeignKeyAction::Cascade,
        'n' => ForeignKeyAction::SetNull,
        'd' => ForeignKeyAction::SetDefault,
        _ => ForeignKeyAction::NoAction,
    }
}

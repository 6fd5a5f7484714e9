//! Reader of columns, of attributes of composite types, and of what columns of indexes carry.

use trueup_model::catalog::{
    Attribute, Column, Generated, GeneratedKind, Identity, IdentityMode, NotNull, Object,
};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::reading::{ClassId, Common, ReadColumn, Reading};
use super::row::{Cells, ReadError};

pub(super) fn read(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let (relation, number) = (row.oid(0)?, row.number::<i16>(1)?);
    match row.letter(4) {
        'i' | 'I' => index_column(reading, row, relation, number),
        'c' => attribute(reading, row, relation, number),
        _ => column(reading, row, relation, number),
    }
}

fn index_column(reading: &mut Reading, row: &Cells<'_>, index: u32, number: i16) -> Result<(), ReadError> {
    let carried = (number, statistics_target(row)?, row.sorted_list(16)?);
    reading.index_columns.entry(index).or_default().push(carried);
    Ok(())
}

fn attribute(reading: &mut Reading, row: &Cells<'_>, relation: u32, number: i16) -> Result<(), ReadError> {
    let attribute = Attribute {
        name: row.ident(3)?,
        data_type: row.shared(5)?,
        collation: row.opt_text(6),
        comment: reading.comment(ClassId::RELATION, relation, i32::from(number)),
    };
    reading.composites.entry(relation).or_default().push((number, attribute));
    Ok(())
}

fn column(reading: &mut Reading, row: &Cells<'_>, oid: u32, number: i16) -> Result<(), ReadError> {
    let entry = reading.entries.len();
    let name = row.ident(3)?;
    let Some(relation) = reading.relations.get_mut(&oid) else { return Ok(()) };
    relation.columns.push(ReadColumn { number, name: name.clone(), collation: row.oid(7)?, entry });
    if !relation.ours {
        return Ok(());
    }
    let path = ObjectPath::part_of(ObjectKind::Column, &relation.name, name);
    let expression = row.opt_text(9);
    let generated = match (row.letter(12), &expression) {
        ('s', Some(expression)) => {
            Some(Generated { expression: expression.clone(), kind: GeneratedKind::Stored })
        }
        ('v', Some(expression)) => {
            Some(Generated { expression: expression.clone(), kind: GeneratedKind::Virtual })
        }
        _ => None,
    };
    let mode = match row.letter(11) {
        'a' => Some(IdentityMode::Always),
        'd' => Some(IdentityMode::ByDefault),
        _ => None,
    };
    let identity = mode.and_then(|mode| {
        let sequence = reading.identities.get(&(oid, number))?;
        let (sequence, options) = (sequence.name.clone(), sequence.options.clone());
        Some(Box::new(Identity { mode, sequence, options }))
    });
    let column = Column {
        // Counted when all columns of the relation are known.
        position: 0,
        data_type: row.shared(5)?,
        collation: row.opt_text(6),
        not_null: row.flag(8)?.then_some(NotNull { name: None, no_inherit: false, validated: true }),
        default: if generated.is_none() { expression } else { None },
        serial: false,
        identity,
        generated,
        storage: row.opt(13).map(storage).map(|word| row.share(word)),
        compression: match row.letter(14) {
            'p' => Some(row.share("pglz")),
            'l' => Some(row.share("lz4")),
            _ => None,
        },
        statistics_target: statistics_target(row)?,
        options: row.sorted_list(16)?,
        foreign_options: row.sorted_list(17)?,
        inherited: row.flag(18)?,
    };
    let common = Common {
        catalog: ClassId::RELATION,
        oid,
        part: i32::from(number),
        xmin: row.oid(2)?,
        owner: None,
        acl: row.opt(19),
        default_acl: None,
    };
    if let Some(xmin) = row.opt_number(10)? {
        reading.mark_detail(&path, "default", xmin);
    }
    reading.push(path, common, Object::Column(Box::new(column)));
    Ok(())
}

/// Up to PostgreSQL 16 "none" is -1, from 17 it is null.
fn statistics_target(row: &Cells<'_>) -> Result<Option<i32>, ReadError> {
    Ok(row.opt_number(15)?.filter(|target| *target >= 0))
}

fn storage(letter: &str) -> &'static str {
    match letter {
        "p" => "plain",
        "e" => "external",
        "x" => "extended",
        _ => "main",
    }
}

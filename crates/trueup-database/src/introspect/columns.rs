//! Reader of columns, of attributes of composite types, and of what columns of indexes carry.

use trueup_model::catalog::{
    Attribute, Column, Generated, GeneratedKind, Identity, IdentityMode, NotNull, Object,
};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::reading::{ClassId, Common, ReadColumn, ReadDefault, Reading};
use super::row::{Cells, ReadError};

pub(super) fn read(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let (relation, number) = (row.oid(0)?, row.number::<i16>(1)?);
    match row.letter(4) {
        'i' | 'I' => index_column(reading, row, relation, number),
        'c' => attribute(reading, row, relation, number),
        _ => column(reading, row, relation, number),
    }
}

/// Reader of what columns have by default.
pub(super) fn defaults(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let text = row.shared(0)?;
    let (relations, numbers) = (row.numbers::<u32>(1)?, row.numbers::<i16>(2)?);
    for ((relation, number), xmin) in relations.into_iter().zip(numbers).zip(row.numbers(3)?) {
        reading.defaults.insert((relation, number), ReadDefault { text: text.clone(), xmin });
    }
    Ok(())
}

fn index_column(reading: &mut Reading, row: &Cells<'_>, index: u32, number: i16) -> Result<(), ReadError> {
    let carried = (number, statistics_target(row)?, row.sorted_list(14)?);
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
    let (expression, written) = match reading.defaults.get(&(oid, number)) {
        Some(default) => (Some(default.text.clone()), Some(default.xmin)),
        None => (None, None),
    };
    let generated = match (row.letter(10), &expression) {
        ('s', Some(expression)) => {
            Some(Generated { expression: expression.clone(), kind: GeneratedKind::Stored })
        }
        ('v', Some(expression)) => {
            Some(Generated { expression: expression.clone(), kind: GeneratedKind::Virtual })
        }
        _ => None,
    };
    let mode = match row.letter(9) {
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
        storage: row.opt(11).map(storage).map(|word| row.share(word)),
        compression: match row.letter(12) {
            'p' => Some(row.share("pglz")),
            'l' => Some(row.share("lz4")),
            _ => None,
        },
        statistics_target: statistics_target(row)?,
        options: row.sorted_list(14)?,
        foreign_options: row.sorted_list(15)?,
        inherited: row.flag(16)?,
    };
    let common = Common {
        catalog: ClassId::RELATION,
        oid,
        part: i32::from(number),
        xmin: row.oid(2)?,
        owner: None,
        acl: row.opt(17),
        default_acl: None,
    };
    if let Some(xmin) = written {
        reading.mark_detail(&path, "default", xmin);
    }
    reading.push(path, common, Object::Column(Box::new(column)));
    Ok(())
}

/// Up to PostgreSQL 16 "none" is -1, from 17 it is null.
fn statistics_target(row: &Cells<'_>) -> Result<Option<i32>, ReadError> {
    Ok(row.opt_number(13)?.filter(|target| *target >= 0))
}

fn storage(letter: &str) -> &'static str {
    match letter {
        "p" => "plain",
        "e" => "external",
        "x" => "extended",
        _ => "main",
    }
}

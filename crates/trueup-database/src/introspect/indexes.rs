//! Reader of indexes. They are kept aside until the constraints have taken theirs.

use trueup_model::catalog::{Index, IndexKey, Object, ReplicaIdentity};
use trueup_model::name::Text;
use trueup_model::path::{ObjectKind, ObjectPath};

use super::reading::{ClassId, Common, ReadIndex, Reading};
use super::row::{Cells, ReadError};

pub(super) fn read(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let (oid, relation_oid) = (row.oid(0)?, row.oid(2)?);
    let mut carried = reading.index_columns.remove(&oid).unwrap_or_default();
    carried.sort_by_key(|(number, ..)| *number);
    let Some(relation) = reading.our_relation(relation_oid) else { return Ok(()) };
    let entry = relation.entry;
    let name = row.ident(3)?;
    let key_count: usize = row.number(10)?;
    let numbers: Vec<i16> = row.numbers(11)?;
    let classes: Vec<u32> = row.numbers(12)?;
    let collations: Vec<u32> = row.numbers(13)?;
    let orders: Vec<i16> = row.numbers(14)?;
    let written = row.list(15)?;

    let mut keys = Vec::with_capacity(key_count);
    for position in 0..key_count {
        let column = numbers.get(position).and_then(|number| relation.column(*number));
        let expression = match (column, written.get(position)) {
            (Some(column), _) => Text::new(quoted_as_needed(column.name.as_str())),
            (None, Some(written)) => written.clone(),
            (None, None) => Text::default(),
        };
        let collation = collations.get(position).copied().unwrap_or(0);
        let own_collation = column.map_or(DEFAULT_COLLATION, |column| column.collation);
        let order = orders.get(position).copied().unwrap_or(0);
        let operator_class_options = carried
            .iter()
            .find(|(number, ..)| usize::try_from(*number) == Ok(position + 1))
            .map(|(_, _, options)| options.clone())
            .unwrap_or_default();
        keys.push(IndexKey {
            expression,
            collation: (collation != 0 && collation != own_collation)
                .then(|| reading.collations.get(&collation).map(|(name, _)| name.clone()))
                .flatten(),
            operator_class: classes
                .get(position)
                .and_then(|class| reading.operator_classes.get(class))
                // Parameters can only be written behind a name.
                .filter(|(_, is_default)| !is_default || !operator_class_options.is_empty())
                .map(|(name, _)| name.clone()),
            operator_class_options,
            descending: order & 1 != 0,
            nulls_first: order & 2 != 0,
        });
    }
    let index = Index {
        method: row.ident(4)?,
        unique: row.flag(5)?,
        nulls_not_distinct: row.flag(9)?,
        include: relation.column_names(numbers.get(key_count..).unwrap_or_default()),
        predicate: row.opt_text(16),
        valid: row.flag(6)?,
        options: row.sorted_list(17)?,
        tablespace: row.opt_ident(18),
        statistics_targets: carried
            .iter()
            .filter_map(|(number, target, _)| target.map(|target| Text::new(format!("{number}={target}"))))
            .collect(),
        inherited: row.flag(19)?,
        keys,
    };
    let columns = relation.column_names(numbers.get(..key_count).unwrap_or_default());
    if row.flag(8)?
        && let Object::Table(table) = &mut reading.entries[entry].object
        && let ReplicaIdentity::Index(chosen) = &mut table.replica_identity
    {
        *chosen = name.clone();
    }
    if row.flag(7)? {
        match &mut reading.entries[entry].object {
            Object::Table(table) => table.clustered_on = Some(name.clone()),
            Object::MaterializedView(view) => view.clustered_on = Some(name.clone()),
            _ => {}
        }
    }
    let read = ReadIndex { relation: relation_oid, name, xmin: row.oid(1)?, columns, index };
    reading.indexes.insert(oid, read);
    Ok(())
}

/// The indexes that no constraint has taken become objects of their own.
pub(super) fn finish(reading: &mut Reading) {
    for (oid, read) in std::mem::take(&mut reading.indexes) {
        let Some(relation) = reading.our_relation(read.relation) else { continue };
        let path = ObjectPath::part_of(ObjectKind::Index, &relation.name, read.name.as_str());
        let common = Common {
            catalog: ClassId::RELATION,
            oid,
            part: 0,
            xmin: read.xmin,
            owner: None,
            acl: None,
            default_acl: None,
        };
        reading.push(path, common, Object::Index(Box::new(read.index)));
    }
}

/// The collation `default`, which every text has unless something else was said.
const DEFAULT_COLLATION: u32 = 100;

/// A column as `pg_get_indexdef` would write it, near enough to be told from an expression.
fn quoted_as_needed(name: &str) -> String {
    let plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '$');
    if plain { name.to_owned() } else { trueup_sql::quote_ident(name) }
}

//! Reader of tables, views, materialized views and foreign tables.

use trueup_model::catalog::{MaterializedView, Object, Partition, Persistence, ReplicaIdentity, Table, View};
use trueup_model::name::{Ident, QualifiedName, Text};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::reading::{ClassId, Common, Reading, Relation};
use super::row::{Cells, ReadError};

pub(super) fn read(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let oid = row.oid(0)?;
    let Some(schema) = reading.schemas.get(&row.oid(3)?).cloned() else { return Ok(()) };
    let name = QualifiedName { schema, name: row.ident(2)? };
    let relkind = row.letter(4);
    let kind = match relkind {
        'v' => ObjectKind::View,
        'm' => ObjectKind::MaterializedView,
        'f' => ObjectKind::ForeignTable,
        'c' => ObjectKind::CompositeType,
        _ => ObjectKind::Table,
    };
    let ours = !reading.is_member(ClassId::RELATION, oid);
    let entry = reading.entries.len();
    reading.relations.insert(oid, Relation { name: name.clone(), ours, entry, columns: Vec::new() });
    // A composite type is listed as the type that it is, with the attributes kept until then.
    if !ours || kind == ObjectKind::CompositeType {
        return Ok(());
    }
    let object = match kind {
        ObjectKind::View => Object::View(View { definition: definition(row), options: row.sorted_list(10)? }),
        ObjectKind::MaterializedView => Object::MaterializedView(Box::new(MaterializedView {
            definition: definition(row),
            populated: row.flag(18)?,
            options: options(row)?,
            access_method: row.opt_ident(12),
            tablespace: row.opt_ident(13),
            clustered_on: None,
        })),
        _ => Object::Table(Box::new(table(row)?)),
    };
    let common = Common {
        catalog: ClassId::RELATION,
        oid,
        part: 0,
        xmin: row.oid(1)?,
        owner: Some(row.oid(5)?),
        acl: row.opt(19),
        default_acl: row.opt(20),
    };
    reading.push(ObjectPath::in_schema(kind, &name.schema, name.name.as_str()), common, object);
    Ok(())
}

fn table(row: &Cells<'_>) -> Result<Table, ReadError> {
    Ok(Table {
        persistence: persistence(row.letter(6)),
        partitioned_by: row.opt_text(16),
        // The parent's name follows with the rows of pg_inherits.
        partition_of: row.opt_text(15).map(|bound| Partition { parent: QualifiedName::new("", ""), bound }),
        inherits: Vec::new(),
        of_type: row.opt_text(14),
        row_security: row.flag(7)?,
        force_row_security: row.flag(8)?,
        replica_identity: match row.letter(9) {
            'n' => ReplicaIdentity::Nothing,
            'f' => ReplicaIdentity::Full,
            // The index's name follows with the rows of pg_index.
            'i' => ReplicaIdentity::Index(Ident::default()),
            _ => ReplicaIdentity::Default,
        },
        options: options(row)?,
        access_method: row.opt_ident(12),
        tablespace: row.opt_ident(13),
        clustered_on: None,
        foreign_server: row.opt_ident(21),
        foreign_options: row.sorted_list(22)?,
    })
}

/// Storage parameters, those of the TOAST table with their prefix.
fn options(row: &Cells<'_>) -> Result<Vec<Text>, ReadError> {
    let mut options = row.list(10)?;
    options.extend(row.list(11)?.iter().map(|option| Text::new(format!("toast.{option}"))));
    options.sort();
    Ok(options)
}

/// The text of a view without the blank before it and the semicolon after it.
fn definition(row: &Cells<'_>) -> Text {
    Text::new(row.opt(17).unwrap_or_default().trim().trim_end_matches(';'))
}

pub(super) fn persistence(letter: char) -> Persistence {
    if letter == 'u' { Persistence::Unlogged } else { Persistence::Permanent }
}

//! Readers of policies, extended statistics and default privileges.

use trueup_model::catalog::{DefaultPrivileges, Object, Policy, PolicyCommand, Statistics};
use trueup_model::name::{Role, Text};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::reading::{ClassId, Common, Reading};
use super::row::{Cells, ReadError};

pub(super) fn policy(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let Some(relation) = reading.our_relation(row.oid(3)?) else { return Ok(()) };
    let path = ObjectPath::part_of(ObjectKind::Policy, &relation.name, row.text(2)?);
    let mut roles: Vec<Role> = row
        .numbers::<u32>(6)?
        .into_iter()
        .map(|oid| if oid == 0 { Role::Public } else { Role::Named(reading.role(oid)) })
        .collect();
    roles.sort();
    let policy = Policy {
        command: match row.letter(4) {
            'r' => PolicyCommand::Select,
            'a' => PolicyCommand::Insert,
            'w' => PolicyCommand::Update,
            'd' => PolicyCommand::Delete,
            _ => PolicyCommand::All,
        },
        permissive: row.flag(5)?,
        roles,
        using: row.opt_text(7),
        with_check: row.opt_text(8),
    };
    let common = Common {
        catalog: ClassId::POLICY,
        oid: row.oid(0)?,
        part: 0,
        xmin: row.oid(1)?,
        owner: None,
        acl: None,
        default_acl: None,
    };
    reading.push(path, common, Object::Policy(Box::new(policy)));
    Ok(())
}

pub(super) fn statistics(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let (Some(schema), Some(relation)) =
        (reading.schemas.get(&row.oid(3)?).cloned(), reading.our_relation(row.oid(5)?))
    else {
        return Ok(());
    };
    let mut kinds: Vec<Text> = row
        .text(6)?
        .chars()
        .filter_map(|letter| match letter {
            'd' => Some(Text::new("ndistinct")),
            'f' => Some(Text::new("dependencies")),
            'm' => Some(Text::new("mcv")),
            // `e` only says that there are expressions.
            _ => None,
        })
        .collect();
    kinds.sort();
    let statistics = Statistics {
        table: relation.name.clone(),
        kinds,
        columns: relation.column_names(&row.numbers(7)?),
        expressions: row.list(9)?,
        target: row.opt_number(8)?.filter(|target| *target >= 0),
    };
    let common = Common {
        catalog: ClassId::STATISTICS,
        oid: row.oid(0)?,
        part: 0,
        xmin: row.oid(1)?,
        owner: Some(row.oid(4)?),
        acl: None,
        default_acl: None,
    };
    let path = ObjectPath::in_schema(ObjectKind::Statistics, &schema, row.text(2)?);
    reading.push(path, common, Object::Statistics(Box::new(statistics)));
    Ok(())
}

pub(super) fn default_privileges(reading: &mut Reading, row: &Cells<'_>) -> Result<(), ReadError> {
    let role = reading.role(row.oid(2)?);
    let schema = reading.schemas.get(&row.oid(3)?).cloned();
    let objects = match row.letter(4) {
        'r' => "tables",
        'S' => "sequences",
        'f' => "functions",
        'T' => "types",
        'n' => "schemas",
        _ => "large objects",
    };
    let name = match &schema {
        Some(schema) => format!("{objects} in {schema} by {role}"),
        None => format!("{objects} by {role}"),
    };
    let common = Common {
        catalog: ClassId::DEFAULT_PRIVILEGES,
        oid: row.oid(0)?,
        part: 0,
        xmin: row.oid(1)?,
        owner: None,
        acl: row.opt(5),
        default_acl: row.opt(6),
    };
    let object = Object::DefaultPrivileges(DefaultPrivileges { role, schema, objects: Text::new(objects) });
    reading.push(ObjectPath::global(ObjectKind::DefaultPrivileges, name), common, object);
    Ok(())
}

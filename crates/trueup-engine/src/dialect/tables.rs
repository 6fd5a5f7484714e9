//! Tables, partitioned tables, partitions and foreign tables, with their columns.

use trueup_model::Catalog;
use trueup_model::catalog::{Check, Column, Entry, Object, Persistence, ReplicaIdentity, Table};
use trueup_model::name::{Ident, QualifiedName};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::names::{alter_only, object, relation, word};
use super::text::{
    change_foreign_options, change_parameters, foreign_options, ident, option_pairs, parameters, qualified,
};
use super::{Alteration, Written, columns, constraints};
use crate::findings::Sides;

/// How a table comes to its columns and parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Alone,
    OfType,
    /// Its columns are its parent's.
    PartitionOf,
    /// A table of its own that was attached.
    Attached,
    Inheriting,
    /// A table of its own that began to inherit.
    InheritingLater,
}

fn way(path: &ObjectPath, table: &Table, catalog: &Catalog) -> Way {
    let columns = catalog.columns_of(path);
    if let Some(partition) = &table.partition_of {
        // Attached or not, its columns count as its parent's; but they keep their order, and their NOT NULLs a name.
        let theirs = catalog.columns_of(&table_path(&partition.parent));
        let name_of = |column: &Column| column.not_null.as_ref().and_then(|not_null| not_null.name.clone());
        let alike = columns.len() == theirs.len()
            && columns.iter().zip(&theirs).all(|((own, column), (their, theirs))| {
                own == their && (theirs.not_null.is_none() || name_of(column) == name_of(theirs))
            });
        return if alike { Way::PartitionOf } else { Way::Attached };
    }
    if !table.inherits.is_empty() {
        let own = columns.iter().all(|(_, column)| !column.inherited);
        return if own && inherited_order(table, &columns, catalog) != names(&columns) {
            Way::InheritingLater
        } else {
            Way::Inheriting
        };
    }
    if table.of_type.is_some() { Way::OfType } else { Way::Alone }
}

fn names<'a>(columns: &[(&'a Ident, &Column)]) -> Vec<&'a Ident> {
    columns.iter().map(|(name, _)| *name).collect()
}

/// The order that `CREATE TABLE … INHERITS` gives: columns of the parents first.
fn inherited_order<'a>(
    table: &Table,
    columns: &[(&'a Ident, &'a Column)],
    catalog: &'a Catalog,
) -> Vec<&'a Ident> {
    let mut order: Vec<&Ident> = Vec::new();
    let of_parents = table.inherits.iter().flat_map(|parent| catalog.columns_of(&table_path(parent)));
    for (name, _) in of_parents.chain(columns.iter().copied()) {
        if !order.contains(&name) {
            order.push(name);
        }
    }
    order
}

pub(super) fn table_path(name: &QualifiedName) -> ObjectPath {
    ObjectPath::in_schema(ObjectKind::Table, &name.schema, name.name.as_str())
}

/// Parents of either sort.
fn parents(table: &Table) -> Vec<&QualifiedName> {
    match &table.partition_of {
        Some(partition) => vec![&partition.parent],
        None => table.inherits.iter().collect(),
    }
}

/// Checks of a parent that a table has to have before it can have that parent, and has not.
pub(crate) fn checks_of_parent<'c>(
    table: &ObjectPath,
    parent: &QualifiedName,
    sides: &Sides<'c>,
) -> Vec<(ObjectPath, &'c Check)> {
    let entries = sides.expected.parts_of(&table_path(parent));
    entries
        .filter_map(|entry| match &entry.object {
            Object::Check(check) if !check.no_inherit && sides.found.contains(&entry.path) => {
                let own = ObjectPath {
                    schema: table.schema.clone(),
                    head: table.head.clone(),
                    ..entry.path.clone()
                };
                (!sides.found.contains(&own)).then_some((own, check))
            }
            _ => None,
        })
        .collect()
}

/// Tables that inherit from a table, and its partitions.
pub(super) fn children(parent: &QualifiedName, catalog: &Catalog) -> Vec<QualifiedName> {
    let entries = catalog.entries().iter().filter(|entry| match &entry.object {
        Object::Table(table) => parents(table).contains(&parent),
        _ => false,
    });
    entries.filter_map(|entry| entry.path.qualified()).collect()
}

/// The column of the first parent that has one of this name.
fn parents_column<'a>(table: &Table, name: &Ident, catalog: &'a Catalog) -> Vec<&'a Column> {
    parents(table)
        .into_iter()
        .filter_map(|parent| {
            let path = ObjectPath::part_of(ObjectKind::Column, parent, name.as_str());
            match &catalog.find(&path)?.object {
                Object::Column(column) => Some(column.as_ref()),
                _ => None,
            }
        })
        .collect()
}

/// A table that is attached to its parent after it was made has to have the parent's checks by then. They are made
/// with the table, not as objects of their own.
pub(super) fn comes_with_table(check: &ObjectPath, catalog: &Catalog) -> bool {
    let path = ObjectPath {
        kind: ObjectKind::Table,
        kind_rank: trueup_model::path::PartRank::Whole,
        part: Ident::default(),
        ..check.clone()
    };
    let entry = catalog
        .find(&path)
        .or_else(|| catalog.find(&ObjectPath { kind: ObjectKind::ForeignTable, ..path.clone() }));
    let Some(Entry { path, object: Object::Table(table), .. }) = entry else { return false };
    matches!(way(path, table, catalog), Way::Attached | Way::InheritingLater)
        && parents(table).into_iter().any(|parent| {
            let path = ObjectPath::part_of(ObjectKind::CheckConstraint, parent, check.part.as_str());
            catalog
                .find(&path)
                .is_some_and(|entry| matches!(&entry.object, Object::Check(check) if !check.no_inherit))
        })
}

pub(super) fn create(entry: &Entry, table: &Table, sides: &Sides<'_>) -> Written {
    let catalog = sides.expected;
    let path = &entry.path;
    let way = way(path, table, catalog);
    let name = object(path);
    let all = catalog.columns_of(path);
    let own = |column: &&(&Ident, &Column)| match way {
        Way::Alone | Way::Attached | Way::InheritingLater => true,
        Way::OfType | Way::PartitionOf => false,
        Way::Inheriting => !column.1.inherited,
    };
    let relation = relation(path);
    let mut elements: Vec<String> = all
        .iter()
        .filter(own)
        .map(|(name, column)| columns::definition(&relation, name, column, sides))
        .collect();
    elements
        .extend(checks_made_with_table(path, catalog).map(|(name, check)| constraints::check(name, check)));
    let elements = format!("({})", elements.join(", "));
    let kind = if path.kind == ObjectKind::ForeignTable { "FOREIGN TABLE" } else { "TABLE" };
    let unlogged = match table.persistence {
        Persistence::Permanent => "",
        Persistence::Unlogged => "UNLOGGED ",
    };
    let mut statement = format!("CREATE {unlogged}{kind} {name} ");
    match (way, &table.partition_of, &table.of_type) {
        (Way::PartitionOf, Some(partition), _) => {
            statement.push_str(&format!("PARTITION OF {} {}", qualified(&partition.parent), partition.bound));
        }
        (Way::OfType, _, Some(of_type)) => statement.push_str(&format!("OF {of_type}")),
        (Way::Inheriting, ..) => {
            let parents: Vec<String> = table.inherits.iter().map(qualified).collect();
            statement.push_str(&format!("{elements} INHERITS ({})", parents.join(", ")));
        }
        _ => statement.push_str(&elements),
    }
    if let Some(key) = &table.partitioned_by {
        statement.push_str(&format!(" PARTITION BY {key}"));
    }
    if let Some(method) = &table.access_method {
        statement.push_str(&format!(" USING {}", ident(method)));
    }
    if !table.options.is_empty() {
        statement.push_str(&format!(" WITH ({})", parameters(&table.options)));
    }
    if let Some(tablespace) = &table.tablespace {
        statement.push_str(&format!(" TABLESPACE {}", ident(tablespace)));
    }
    if let Some(server) = &table.foreign_server {
        statement.push_str(&format!(" SERVER {}", ident(server)));
        if !table.foreign_options.is_empty() {
            statement.push_str(&format!(" OPTIONS ({})", foreign_options(&table.foreign_options)));
        }
    }
    let mut statements = vec![statement];
    for (name, column) in &all {
        let theirs = match way {
            Way::PartitionOf | Way::Inheriting => parents_column(table, name, catalog),
            Way::Alone | Way::OfType | Way::Attached | Way::InheritingLater => Vec::new(),
        };
        if !own(&&(*name, *column)) {
            statements.extend(columns::own_of_inherited(&relation, name, column, &theirs, sides));
        } else if column.default.is_none() {
            statements.extend(columns::without_default(&relation, name, column, &theirs, sides));
        }
        statements.extend(columns::details(&relation, name, column, &theirs, sides));
    }
    match (way, &table.partition_of) {
        (Way::Attached, Some(partition)) => statements.push(attach(&name, partition)),
        (Way::InheritingLater, _) => {
            statements.extend(
                table
                    .inherits
                    .iter()
                    .map(|parent| format!("ALTER {kind} {name} INHERIT {}", qualified(parent))),
            );
        }
        _ => {}
    }
    if table.row_security {
        statements.push(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
    }
    if table.force_row_security {
        statements.push(format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY"));
    }
    // An index that rows are known by, or were clustered on, says so itself when it is made.
    match &table.replica_identity {
        ReplicaIdentity::Default | ReplicaIdentity::Index(_) => {}
        // PostgreSQL says so of every foreign table, and lets nobody say it.
        ReplicaIdentity::Nothing | ReplicaIdentity::Full if path.kind == ObjectKind::ForeignTable => {}
        other => statements.push(replica_identity(&name, other)),
    }
    Written::Statements(statements)
}

fn checks_made_with_table<'a>(
    path: &ObjectPath,
    catalog: &'a Catalog,
) -> impl Iterator<Item = (&'a Ident, &'a Check)> + use<'a> {
    catalog.parts_of(path).filter_map(|entry| match &entry.object {
        Object::Check(check) if comes_with_table(&entry.path, catalog) => Some((&entry.path.part, check)),
        _ => None,
    })
}

fn attach(name: &str, partition: &trueup_model::catalog::Partition) -> String {
    format!("ALTER TABLE {} ATTACH PARTITION {name} {}", qualified(&partition.parent), partition.bound)
}

fn replica_identity(name: &str, identity: &ReplicaIdentity) -> String {
    let identity = match identity {
        ReplicaIdentity::Default => "DEFAULT".to_owned(),
        ReplicaIdentity::Nothing => "NOTHING".to_owned(),
        ReplicaIdentity::Full => "FULL".to_owned(),
        ReplicaIdentity::Index(index) => format!("USING INDEX {}", ident(index)),
    };
    format!("ALTER TABLE {name} REPLICA IDENTITY {identity}")
}

/// What a table says of one of its indexes, which can be said when the index is there.
pub(super) fn said_of_index(relation: &QualifiedName, index: &Ident, catalog: &Catalog) -> Vec<String> {
    let mut statements = Vec::new();
    match super::names::relation_entry(catalog, relation).map(|entry| &entry.object) {
        Some(Object::Table(table)) => {
            if table.clustered_on.as_ref() == Some(index) {
                statements.push(format!("ALTER TABLE {} CLUSTER ON {}", qualified(relation), ident(index)));
            }
            if table.replica_identity == ReplicaIdentity::Index(index.clone()) {
                statements.push(replica_identity(&qualified(relation), &table.replica_identity));
            }
        }
        Some(Object::MaterializedView(view)) if view.clustered_on.as_ref() == Some(index) => {
            statements.push(format!(
                "ALTER MATERIALIZED VIEW {} CLUSTER ON {}",
                qualified(relation),
                ident(index)
            ));
        }
        _ => {}
    }
    statements
}

pub(super) fn alter(
    aspect: &str,
    (before, found): (&Entry, &Table),
    (after, table): (&Entry, &Table),
    sides: &Sides<'_>,
) -> Alteration {
    let path = &after.path;
    let name = object(path);
    let prefix = format!("ALTER {} {name}", word(path.kind));
    let one = |statement: String| Alteration::Statements(vec![statement]);
    let no_rows = path.kind == ObjectKind::ForeignTable;
    match aspect {
        "persistence" => one(format!(
            "{prefix} SET {}",
            match table.persistence {
                Persistence::Permanent => "LOGGED",
                Persistence::Unlogged => "UNLOGGED",
            }
        )),
        "partition-key" => Alteration::Impossible(
            "how a table is partitioned is settled when it is made; its rows would have to be moved to a new table"
                .to_owned(),
        ),
        "inheritance" => {
            let mut statements = inheritance(&prefix, found, table);
            if table.inherits.is_empty() {
                statements.extend(left_behind(&prefix, before, sides));
            }
            Alteration::Statements(statements)
        }
        "of-type" => one(match &table.of_type {
            Some(of_type) => format!("{prefix} OF {of_type}"),
            None => format!("{prefix} NOT OF"),
        }),
        "row-security" => {
            let verb = if table.row_security { "ENABLE" } else { "DISABLE" };
            one(format!("{prefix} {verb} ROW LEVEL SECURITY"))
        }
        "forced-row-security" => {
            let verb = if table.force_row_security { "FORCE" } else { "NO FORCE" };
            one(format!("{prefix} {verb} ROW LEVEL SECURITY"))
        }
        "replica-identity" => one(replica_identity(&name, &table.replica_identity)),
        "server" if no_rows => Alteration::Rebuild,
        "foreign-options" => one(format!(
            "{prefix} OPTIONS ({})",
            change_foreign_options(
                &option_pairs(&found.foreign_options),
                &option_pairs(&table.foreign_options)
            )
        )),
        "partition-of" | "partition-bound" => {
            let mut statements = Vec::new();
            if let Some(partition) = &found.partition_of {
                let parent = moved_parent(&partition.parent, before, after);
                statements.push(format!("ALTER TABLE {} DETACH PARTITION {name}", qualified(&parent)));
            }
            match &table.partition_of {
                Some(partition) => {
                    let missing = checks_of_parent(&after.path, &partition.parent, sides).into_iter();
                    let own = missing
                        .map(|(path, check)| constraints::add(&path, &constraints::check_clause(check), sides));
                    statements.extend(own);
                    statements.push(attach(&name, partition));
                }
                None => statements.extend(left_behind(&prefix, before, sides)),
            }
            Alteration::Statements(statements)
        }
        "options" => Alteration::Statements(change_parameters(&prefix, &found.options, &table.options)),
        "access-method" if sides.found.major() >= 15 => {
            let method = table.access_method.as_ref().map_or("heap".to_owned(), ident);
            one(format!("{prefix} SET ACCESS METHOD {method}"))
        }
        "access-method" => Alteration::Impossible(
            "before PostgreSQL 15 the rows of a table cannot be given to another access method".to_owned(),
        ),
        "tablespace" => one(set_tablespace(&prefix, table.tablespace.as_ref())),
        "clustered-on" => one(match &table.clustered_on {
            Some(index) => format!("{prefix} CLUSTER ON {}", ident(index)),
            None => format!("{prefix} SET WITHOUT CLUSTER"),
        }),
        "column-order" => Alteration::Impossible(
            "PostgreSQL cannot change the order of columns; the rows would have to be moved to a new table"
                .to_owned(),
        ),
        other => Alteration::unknown(other, after),
    }
}

/// What a table had from its parent becomes its own when it leaves it.
fn left_behind(prefix: &str, before: &Entry, sides: &Sides<'_>) -> Vec<String> {
    sides
        .found
        .parts_of(&before.path)
        .filter(|part| part.object.is_inherited() && !sides.expected.contains(&part.path))
        .filter_map(|part| {
            let name = ident(&part.path.part);
            if part.path.kind.is_constraint() {
                return Some(format!("{prefix} DROP CONSTRAINT {name}"));
            }
            let schema = part.path.schema.as_ref().filter(|_| part.path.kind == ObjectKind::Index)?;
            Some(format!("DROP INDEX {}.{name}", ident(schema)))
        })
        .collect()
}

/// The parent of a partition that was itself moved: it is named as it stands now.
fn moved_parent(parent: &QualifiedName, before: &Entry, after: &Entry) -> QualifiedName {
    match (&before.path.schema, &after.path.schema) {
        (Some(from), Some(to)) if from != to && parent.schema == *from => {
            QualifiedName { schema: to.clone(), name: parent.name.clone() }
        }
        _ => parent.clone(),
    }
}

pub(super) fn set_tablespace(prefix: &str, tablespace: Option<&Ident>) -> String {
    let tablespace = tablespace.map_or("pg_default".to_owned(), ident);
    format!("{prefix} SET TABLESPACE {tablespace}")
}

/// A new parent comes last, so the first ones that stand in their order can stay; the others go and come again.
fn inheritance(prefix: &str, found: &Table, table: &Table) -> Vec<String> {
    let mut rest = found.inherits.iter();
    let stay = table.inherits.iter().take_while(|parent| rest.any(|there| there == *parent)).count();
    let (stay, come) = table.inherits.split_at(stay);
    let mut statements = Vec::new();
    for parent in found.inherits.iter().filter(|parent| !stay.contains(parent)) {
        statements.push(format!("{prefix} NO INHERIT {}", qualified(parent)));
    }
    for parent in come {
        statements.push(format!("{prefix} INHERIT {}", qualified(parent)));
    }
    statements
}

/// `ALTER TABLE ONLY "a"."b" ALTER COLUMN "c"`, for what a child does not take over.
pub(super) fn alter_column(catalog: &Catalog, relation: &QualifiedName, column: &Ident) -> String {
    format!("{} ALTER COLUMN {}", alter_only(catalog, relation), ident(column))
}

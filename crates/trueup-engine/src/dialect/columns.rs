//! Columns of tables and views.

mod altering;

use trueup_model::catalog::{
    Column, Entry, Generated, GeneratedKind, Identity, IdentityMode, NotNull, Object,
};
use trueup_model::name::{Ident, QualifiedName, Text};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_sql::unquote_ident;

use super::names::{alter_relation, relation, relation_entry};
use super::tables::alter_column;
use super::text::{foreign_options, ident, literal, parameters, qualified};
use super::{Written, access, sequences};
use crate::findings::Sides;

pub(crate) use altering::converted;
pub(super) use altering::{alter, go_on_after_rows, numbers_in};

/// A column as it stands in `CREATE TABLE` and `ADD COLUMN`. What has to be said in statements of its own is in
/// [`details`].
pub(super) fn definition(
    relation: &QualifiedName,
    name: &Ident,
    column: &Column,
    sides: &Sides<'_>,
) -> String {
    let later = column.default.as_ref().is_some_and(|default| fed_later(relation, default, sides));
    definition_with(relation, name, column, !later, sides)
}

fn definition_with(
    relation: &QualifiedName,
    name: &Ident,
    column: &Column,
    with_default: bool,
    sides: &Sides<'_>,
) -> String {
    let mut text = format!("{} {}", ident(name), column.data_type);
    if !column.foreign_options.is_empty() {
        text.push_str(&format!(" OPTIONS ({})", foreign_options(&column.foreign_options)));
    }
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(generated) = &column.generated {
        text.push_str(&format!(" {}", generation(generated)));
    } else if let Some(identity) = &column.identity {
        text.push_str(&format!(" {}", identity_clause(identity, relation)));
    } else if let Some(default) = column.default.as_ref().filter(|_| with_default) {
        text.push_str(&format!(" DEFAULT {default}"));
    }
    if let Some(not_null) = column.not_null.as_ref().filter(|not_null| not_null.validated) {
        text.push_str(&format!(" {}", not_null_clause(not_null, sides)));
    }
    text
}

fn generation(generated: &Generated) -> String {
    let kind = match generated.kind {
        GeneratedKind::Stored => "STORED",
        GeneratedKind::Virtual => "VIRTUAL",
    };
    format!("GENERATED ALWAYS AS ({}) {kind}", generated.expression)
}

fn mode(mode: IdentityMode) -> &'static str {
    match mode {
        IdentityMode::Always => "ALWAYS",
        IdentityMode::ByDefault => "BY DEFAULT",
    }
}

/// Its sequence has the type of the column.
fn identity_clause(identity: &Identity, relation: &QualifiedName) -> String {
    let Identity { mode: identity_mode, sequence, options } = identity;
    let sequence = QualifiedName { schema: relation.schema.clone(), name: sequence.clone() };
    format!(
        "GENERATED {} AS IDENTITY (SEQUENCE NAME {} {})",
        mode(*identity_mode),
        qualified(&sequence),
        sequences::options(options)
    )
}

/// `CONSTRAINT "orders_id_not_null" NOT NULL NO INHERIT`. Names are for PostgreSQL 18 and later.
fn not_null_clause(not_null: &NotNull, sides: &Sides<'_>) -> String {
    let NotNull { name, no_inherit, validated: _ } = not_null;
    if sides.found.major() < 18 {
        return "NOT NULL".to_owned();
    }
    let name = name.as_ref().map(|name| format!("CONSTRAINT {} ", ident(name))).unwrap_or_default();
    format!("{name}NOT NULL{}", if *no_inherit { " NO INHERIT" } else { "" })
}

fn add_not_null(relation: &QualifiedName, column: &Ident, not_null: &NotNull, sides: &Sides<'_>) -> String {
    let NotNull { name, no_inherit, validated } = not_null;
    let prefix = alter_relation(sides.expected, relation);
    if sides.found.major() < 18 {
        return format!("{prefix} ALTER COLUMN {} SET NOT NULL", ident(column));
    }
    let name = name.as_ref().map(|name| format!("CONSTRAINT {} ", ident(name))).unwrap_or_default();
    format!(
        "{prefix} ADD {name}NOT NULL {}{}{}",
        ident(column),
        if *no_inherit { " NO INHERIT" } else { "" },
        if *validated { "" } else { " NOT VALID" },
    )
}

/// A default that takes from a sequence that this very table owns cannot be set before the sequence is there, and the
/// sequence cannot be owned before the table is: it is set with the sequence.
fn fed_later(relation: &QualifiedName, default: &Text, sides: &Sides<'_>) -> bool {
    sequences_named(default).into_iter().any(|name| {
        let path = ObjectPath::in_schema(ObjectKind::Sequence, &name.schema, name.name.as_str());
        sides.expected.find(&path).is_some_and(|entry| match &entry.object {
            Object::Sequence(sequence) => {
                sequence.owned_by.as_ref().is_some_and(|owner| owner.table == *relation)
            }
            _ => false,
        })
    })
}

/// A default that takes from a sequence of its own table that is still to be made.
pub(crate) fn fed_by_new(relation: &QualifiedName, default: &Text, sides: &Sides<'_>) -> bool {
    fed_later(relation, default, sides)
        && sequences_named(default).iter().any(|name| !sides.found.contains(&sequence(name)))
}

/// Whether a table is there: of a view with its name nothing stays when the table comes.
pub(super) fn is_there(table: &QualifiedName, sides: &Sides<'_>) -> bool {
    let is_view = |entry: &Entry| matches!(&entry.object, Object::View(_) | Object::MaterializedView(_));
    relation_entry(sides.found, table).is_some_and(|entry| !is_view(entry))
}

/// A column that is there, and whose default has a difference of its own.
pub(super) fn is_told_by_default(relation: &QualifiedName, name: &Ident, sides: &Sides<'_>) -> bool {
    if !is_there(relation, sides) {
        return false;
    }
    let path = ObjectPath::part_of(ObjectKind::Column, relation, name);
    let of = |catalog: &trueup_model::Catalog| match catalog.find(&path).map(|entry| &entry.object) {
        Some(Object::Column(column)) => Some(column.as_ref().clone()),
        _ => None,
    };
    match (of(sides.found), of(sides.expected)) {
        (Some(there), Some(wanted)) => {
            there.identity.is_none() && there.default != wanted.default && !(there.serial && wanted.serial)
        }
        _ => false,
    }
}

/// Whether the default of a column takes from a sequence.
pub(crate) fn takes_from(column: &Column, sequence: &ObjectPath) -> bool {
    column.default.as_ref().is_some_and(|default| sequences_named(default).contains(&relation(sequence)))
}

fn sequence(name: &QualifiedName) -> ObjectPath {
    ObjectPath::in_schema(ObjectKind::Sequence, &name.schema, name.name.as_str())
}

/// A sequence that is made with the column that it feeds and that owns it, because its table is there and may have rows.
pub(super) fn comes_with_column(entry: &Entry, sides: &Sides<'_>) -> bool {
    let Object::Sequence(of) = &entry.object else { return false };
    let Some(owner) = &of.owned_by else { return false };
    let column = ObjectPath::part_of(ObjectKind::Column, &owner.table, &owner.column);
    let feeds = match sides.expected.find(&column).map(|entry| &entry.object) {
        Some(Object::Column(column)) => {
            !column.inherited
                && column
                    .default
                    .as_ref()
                    .is_some_and(|default| sequences_named(default).contains(&relation(&entry.path)))
        }
        _ => false,
    };
    feeds
        && !sides.found.contains(&entry.path)
        && !sides.found.contains(&column)
        && is_there(&owner.table, sides)
}

/// Columns of the table that owns a sequence whose default takes from it, with that default.
pub(super) fn fed_by<'a>(
    sequence: &QualifiedName,
    table: &QualifiedName,
    sides: &Sides<'a>,
) -> Vec<(&'a Ident, &'a Text)> {
    let path = ObjectPath::in_schema(ObjectKind::Table, &table.schema, table.name.as_str());
    sides
        .expected
        .columns_of(&path)
        .into_iter()
        .filter_map(|(name, column)| Some((name, column.default.as_ref()?)))
        .filter(|(_, default)| sequences_named(default).contains(sequence))
        .collect()
}

/// The sequences in `nextval('shop.numbers'::regclass)`.
fn sequences_named(default: &Text) -> Vec<QualifiedName> {
    let mut names = Vec::new();
    for (at, start) in default.as_str().match_indices("nextval('") {
        let rest = &default.as_str()[at + start.len()..];
        let Some(end) = rest.find("'::regclass") else { continue };
        let written = rest[..end].replace("''", "'");
        let parts: Vec<String> =
            super::text::split_list(&written, ".").into_iter().map(unquote_ident).collect();
        if let [schema, name] = parts.as_slice() {
            names.push(QualifiedName::new(schema, name));
        }
    }
    names
}

/// What a column that comes from a parent has of its own.
pub(super) fn own_of_inherited(
    relation: &QualifiedName,
    name: &Ident,
    column: &Column,
    parents: &[&Column],
    sides: &Sides<'_>,
) -> Vec<String> {
    let prefix = alter_column(sides.expected, relation, name);
    let mut statements = Vec::new();
    if column.generated.is_none() {
        match &column.default {
            Some(default) => {
                // A parent's default may be set only when its sequence is there.
                let same = parents.first().is_some_and(|parent| parent.default.as_ref() == Some(default))
                    && sequences_named(default).is_empty();
                if !same && !fed_later(relation, default, sides) {
                    statements.push(format!("{prefix} SET DEFAULT {default}"));
                }
            }
            None => statements.extend(without_default(relation, name, column, parents, sides)),
        }
    }
    if let Some(not_null) = column.not_null.as_ref().filter(|not_null| not_null.validated)
        && !parents.iter().any(|parent| parent.not_null.as_ref().is_some_and(|theirs| !theirs.no_inherit))
    {
        statements.push(add_not_null(relation, name, not_null, sides));
    }
    if let Some(identity) = &column.identity {
        statements.push(format!("{prefix} ADD {}", identity_clause(identity, relation)));
    }
    statements
}

/// A default that a parent gives is taken off where it is not wanted.
pub(super) fn without_default(
    relation: &QualifiedName,
    name: &Ident,
    column: &Column,
    parents: &[&Column],
    sides: &Sides<'_>,
) -> Option<String> {
    let given = parents.iter().any(|parent| parent.default.is_some() && parent.generated.is_none());
    (given && column.generated.is_none() && column.identity.is_none())
        .then(|| format!("{} DROP DEFAULT", alter_column(sides.expected, relation, name)))
}

/// What can only be said of a column that exists: storage, compression, statistics, options, an unchecked NOT NULL.
pub(super) fn details(
    relation: &QualifiedName,
    name: &Ident,
    column: &Column,
    parents: &[&Column],
    sides: &Sides<'_>,
) -> Vec<String> {
    let prefix = alter_column(sides.expected, relation, name);
    let mut statements = Vec::new();
    let parent = parents.first();
    if column.storage.is_some() || parent.is_some_and(|parent| parent.storage.is_some()) {
        statements.push(set_storage(&prefix, relation, name, column.storage.as_ref(), sides));
    }
    if sides.found.major() >= 14
        && (column.compression.is_some() || parent.is_some_and(|parent| parent.compression.is_some()))
    {
        statements.push(set_compression(&prefix, column.compression.as_ref()));
    }
    if let Some(target) = column.statistics_target {
        statements.push(format!("{prefix} SET STATISTICS {target}"));
    }
    if !column.options.is_empty() {
        statements.push(format!("{prefix} SET ({})", parameters(&column.options)));
    }
    if let Some(not_null) = column.not_null.as_ref().filter(|not_null| !not_null.validated) {
        statements.push(add_not_null(relation, name, not_null, sides));
    }
    if let Some(identity) = &column.identity
        && identity.options.data_type != column.data_type
    {
        statements.push(identity_type(identity, relation));
    }
    statements
}

/// A new identity counts in the type of its column. LIKE … INCLUDING IDENTITY makes a bigint of all of them.
fn identity_type(identity: &Identity, relation: &QualifiedName) -> String {
    let sequence = QualifiedName { schema: relation.schema.clone(), name: identity.sequence.clone() };
    format!(
        "ALTER SEQUENCE {} AS {} {}",
        qualified(&sequence),
        identity.options.data_type,
        sequences::options(&identity.options)
    )
}

fn set_compression(prefix: &str, compression: Option<&Text>) -> String {
    format!("{prefix} SET COMPRESSION {}", compression.map_or("default", |method| method.as_str()))
}

/// Before PostgreSQL 16 the storage of the type has to be looked up.
fn set_storage(
    prefix: &str,
    relation: &QualifiedName,
    name: &Ident,
    storage: Option<&Text>,
    sides: &Sides<'_>,
) -> String {
    match storage {
        Some(storage) => format!("{prefix} SET STORAGE {}", storage.as_str().to_uppercase()),
        None if sides.found.major() >= 16 => format!("{prefix} SET STORAGE DEFAULT"),
        None => format!(
            "DO {}",
            super::dollar_quoted(&format!(
                "begin execute {} || (select case t.typstorage when 'p' then 'plain' when 'e' then 'external' \
                 when 'x' then 'extended' else 'main' end from pg_catalog.pg_attribute a \
                 join pg_catalog.pg_type t on t.oid = a.atttypid where a.attrelid = {}::pg_catalog.regclass \
                 and a.attname = {}); end",
                literal(&format!("{prefix} SET STORAGE ")),
                literal(&qualified(relation)),
                literal(name.as_str()),
            ))
        ),
    }
}

/// Whether tables that are there inherit from a table. Partitions are no heirs.
pub(crate) fn has_heirs(table: &QualifiedName, sides: &Sides<'_>) -> bool {
    let inherits =
        |entry: &Entry| matches!(&entry.object, Object::Table(heir) if heir.inherits.contains(table));
    sides.found.entries().iter().any(inherits)
}

/// A column for a table that is there. Columns of a view come with its definition, inherited ones with the parent's.
pub(super) fn create(entry: &Entry, column: &Column, sides: &Sides<'_>) -> Written {
    let relation = relation(&entry.path);
    let name = &entry.path.part;
    if let Some(Object::View(_) | Object::MaterializedView(_)) =
        relation_entry(sides.expected, &relation).map(|entry| &entry.object)
    {
        return Written::Impossible("a column of a view comes with the definition of the view".to_owned());
    }
    let mut statements = Vec::new();
    if !column.inherited {
        let prefix = alter_relation(sides.expected, &relation);
        let fed = column.default.as_ref().filter(|default| fed_later(&relation, default, sides));
        let sequences: Vec<ObjectPath> =
            fed.map(sequences_named).unwrap_or_default().iter().map(sequence).collect();
        let own: Vec<&Entry> = sequences
            .iter()
            .filter(|path| !sides.found.contains(path))
            .filter_map(|path| sides.expected.find(path))
            .filter(|entry| comes_with_column(entry, sides))
            .collect();
        // Rows that are there take their numbers from it at once.
        let is_fed = sequences
            .iter()
            .all(|path| sides.found.contains(path) || own.iter().any(|entry| entry.path == *path));
        for entry in &own {
            if let Object::Sequence(sequence) = &entry.object
                && let Written::Statements(more) = sequences::create(entry, sequence)
            {
                statements.extend(more);
                statements.extend(access::of_new(entry, sides));
            }
        }
        if let Some(identity) = column.identity.as_ref().filter(|_| has_heirs(&relation, sides)) {
            // Heirs get the column without the identity, which PostgreSQL adds in a statement of its own alone.
            let bare = Column { identity: None, not_null: None, ..column.clone() };
            statements.push(format!("{prefix} ADD COLUMN {}", definition(&relation, name, &bare, sides)));
            statements.extend(
                column.not_null.as_ref().map(|not_null| add_not_null(&relation, name, not_null, sides)),
            );
            let added = identity_clause(identity, &relation);
            statements.push(format!("{prefix} ALTER COLUMN {} ADD {added}", ident(name)));
        } else {
            let text = definition_with(&relation, name, column, fed.is_none() || is_fed, sides);
            statements.push(format!("{prefix} ADD COLUMN {text}"));
        }
        for entry in &own {
            if let Object::Sequence(sequence) = &entry.object {
                statements.push(sequences::owned_by(entry, sequence));
            }
        }
    }
    statements.extend(details(&relation, name, column, &[], sides));
    Written::Statements(statements)
}

/// Comments, privileges and the like of all columns of a new relation. Those of tables are made with the table; those
/// of views have defaults and statistics that the definition does not say.
pub(super) fn of_new_relation(path: &ObjectPath, sides: &Sides<'_>) -> Vec<String> {
    of_columns(path, sides, |_| true)
}

/// The same of the columns that a relation gets.
pub(super) fn of_more_columns(path: &ObjectPath, sides: &Sides<'_>) -> Vec<String> {
    of_columns(path, sides, |column| !sides.found.contains(&column.path))
}

fn of_columns(path: &ObjectPath, sides: &Sides<'_>, is_new: impl Fn(&Entry) -> bool) -> Vec<String> {
    let relation = relation(path);
    let is_view = matches!(path.kind, ObjectKind::View | ObjectKind::MaterializedView);
    let mut statements = Vec::new();
    for entry in sides.expected.parts_of(path).filter(|entry| is_new(entry)) {
        let Object::Column(column) = &entry.object else { continue };
        if is_view {
            if let Some(default) = &column.default {
                let prefix = alter_column(sides.expected, &relation, &entry.path.part);
                statements.push(format!("{prefix} SET DEFAULT {default}"));
            }
            statements.extend(details(&relation, &entry.path.part, column, &[], sides));
        }
        statements.extend(access::of_new(entry, sides));
    }
    statements
}

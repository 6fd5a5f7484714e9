//! How columns change: type, NOT NULL, where values come from.

use trueup_model::Catalog;
use trueup_model::catalog::{Column, Entry, GeneratedKind, Identity, NotNull, Object, SequenceOptions};
use trueup_model::name::{Ident, QualifiedName};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_sql::unquote_ident;

use super::super::Alteration;
use super::super::names::{alter_relation, relation, relation_entry};
use super::super::tables::alter_column;
use super::super::text::{
    change_foreign_options, change_parameters, ident, literal, option_pairs, qualified,
};
use super::{
    add_not_null, fed_by_new, identity_clause, identity_type, is_told_by_default, mode, set_compression,
    set_storage,
};
use crate::findings::Sides;

pub(in crate::dialect) fn alter(
    aspect: &str,
    found: &Column,
    (after, column): (&Entry, &Column),
    sides: &Sides<'_>,
) -> Alteration {
    let relation = relation(&after.path);
    let name = &after.path.part;
    let table = relation_entry(sides.expected, &relation);
    let whole = alter_relation(sides.expected, &relation);
    let prefix = alter_column(sides.expected, &relation, name);
    // Partitions have to follow in what makes numbers and values.
    let everywhere = format!("{whole} ALTER COLUMN {}", ident(name));
    let one = |statement: String| Alteration::Statements(vec![statement]);
    match aspect {
        "type" | "collation" => match table.map(|entry| &entry.object) {
            Some(Object::View(_) | Object::MaterializedView(_)) => Alteration::Impossible(
                "the type of a column of a view follows from the definition of the view".to_owned(),
            ),
            Some(Object::Table(table)) if table.of_type.is_some() => Alteration::Impossible(
                "the type of a column of a typed table follows from its type".to_owned(),
            ),
            // The parent's statement changes it too.
            _ if column.inherited && found.inherited => Alteration::Statements(Vec::new()),
            _ => one(change_type(&whole, &relation, name, found, column, sides)),
        },
        "nullability" => one(match &column.not_null {
            Some(not_null) => add_not_null(&relation, name, not_null, sides),
            None => format!("{everywhere} DROP NOT NULL"),
        }),
        "not-null-name" | "not-null-no-inherit" | "not-null-validated" => {
            change_not_null(aspect, &whole, &relation, name, (found, column), sides)
        }
        "identity" => change_source(&everywhere, &relation, name, found, column),
        // It comes with the sequence.
        "default"
            if column.default.as_ref().is_some_and(|default| fed_by_new(&relation, default, sides))
                && !is_told_by_default(&relation, name, sides) =>
        {
            Alteration::Statements(Vec::new())
        }
        "default" => one(match &column.default {
            Some(default) => format!("{prefix} SET DEFAULT {default}"),
            None => format!("{prefix} DROP DEFAULT"),
        }),
        "identity-options" => match &column.identity {
            Some(identity)
                if found
                    .identity
                    .as_ref()
                    .is_some_and(|there| there.options.data_type != identity.options.data_type) =>
            {
                let named = found.identity.as_ref().map_or(&identity.sequence, |there| &there.sequence);
                one(identity_type(&Identity { sequence: named.clone(), ..identity.as_ref().clone() }, &relation))
            }
            Some(identity) => one(format!("{everywhere} {}", set_identity_options(&identity.options))),
            None => Alteration::unknown(aspect, after),
        },
        "identity-sequence" => match (&found.identity, &column.identity) {
            (Some(there), Some(wanted)) => {
                let sequence =
                    QualifiedName { schema: relation.schema.clone(), name: there.sequence.clone() };
                one(format!("ALTER SEQUENCE {} RENAME TO {}", qualified(&sequence), ident(&wanted.sequence)))
            }
            _ => Alteration::unknown(aspect, after),
        },
        "generated" | "generated-kind" => change_generation(&everywhere, found, column, sides),
        "foreign-options" => one(format!(
            "ALTER FOREIGN TABLE {} ALTER COLUMN {} OPTIONS ({})",
            qualified(&relation),
            ident(name),
            change_foreign_options(
                &option_pairs(&found.foreign_options),
                &option_pairs(&column.foreign_options)
            )
        )),
        "inherited" => Alteration::Impossible(
            "whether a column is its table's own as well as its parent's is settled when it is made; only a new \
             column would have it otherwise"
                .to_owned(),
        ),
        "storage" => one(set_storage(&prefix, &relation, name, column.storage.as_ref(), sides)),
        "compression" => one(set_compression(&prefix, column.compression.as_ref())),
        "statistics-target" => {
            one(format!("{prefix} SET STATISTICS {}", column.statistics_target.unwrap_or(-1)))
        }
        "options" => Alteration::Statements(change_parameters(&prefix, &found.options, &column.options)),
        other => Alteration::unknown(other, after),
    }
}

/// In one statement, so that the table is rewritten once. A default is taken off before and set again after: its own
/// type need not have a cast to the new one.
fn change_type(
    whole: &str,
    relation: &QualifiedName,
    name: &Ident,
    found: &Column,
    column: &Column,
    sides: &Sides<'_>,
) -> String {
    let each = format!("ALTER COLUMN {}", ident(name));
    let collation =
        column.collation.as_ref().map(|collation| format!(" COLLATE {collation}")).unwrap_or_default();
    let is_table =
        relation_entry(sides.expected, relation).is_none_or(|entry| entry.path.kind == ObjectKind::Table);
    let using = if is_table && found.generated.is_none() && column.data_type != found.data_type {
        format!(" USING {}", converted(name, found, column, sides))
    } else {
        String::new()
    };
    let mut parts = vec![format!("{each} TYPE {}{collation}{using}", column.data_type)];
    if found.generated.is_none() && found.default.is_some() && column.data_type != found.data_type {
        parts.insert(0, format!("{each} DROP DEFAULT"));
        if let Some(default) = column.default.as_ref().filter(|default| !fed_by_new(relation, default, sides))
        {
            parts.push(format!("{each} SET DEFAULT {default}"));
        }
    }
    format!("{whole} {}", parts.join(", "))
}

/// `"c"::bigint`. Where PostgreSQL knows no cast between two types, by way of text, which also takes off the blanks that
/// fill a `character`.
pub(crate) fn converted(name: &Ident, found: &Column, column: &Column, sides: &Sides<'_>) -> String {
    let (from, to) = (found.data_type.as_str(), column.data_type.as_str());
    if has_cast(from, to, sides) {
        format!("{}::{to}", ident(name))
    } else {
        format!("{}::text::{to}", ident(name))
    }
}

fn has_cast(from: &str, to: &str, sides: &Sides<'_>) -> bool {
    let is_text = |name: &str| {
        ["text", "character varying", "character", "name"].iter().any(|text| name.starts_with(text))
            && !name.ends_with("[]")
    };
    if is_text(from) || is_text(to) {
        return is_text(to) || super::super::text::without_arguments(from) != "character";
    }
    let array = |name: &str| name.ends_with("[]");
    if array(from) != array(to) {
        return false;
    }
    let (from, to) = (from.trim_end_matches("[]"), to.trim_end_matches("[]"));
    let without_modifier = |name: &str| super::super::text::without_arguments(name).to_owned();
    if without_modifier(from) == without_modifier(to) {
        return true;
    }
    // A domain is cast like what it is made of.
    if let Some(base) = base_of(from, sides.found) {
        return has_cast(base, to, sides);
    }
    if let Some(base) = base_of(to, sides.expected) {
        return has_cast(from, base, sides);
    }
    let made = |name: &str| name.contains('.');
    let written = |name: &str| ["json", "jsonb", "xml", "uuid"].contains(&name);
    let is_json = |name: &str| ["json", "jsonb"].contains(&name);
    (is_json(from) && is_json(to))
        || (![from, to].into_iter().any(|name| made(name) || written(name))
            && are_cast(&without_modifier(from), &without_modifier(to)))
}

/// Whether PostgreSQL casts one of its own types to another.
fn are_cast(from: &str, to: &str) -> bool {
    let family = |name: &str| -> String {
        match name {
            "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" => "number",
            "bit" | "bit varying" => "bits",
            "inet" | "cidr" => "address",
            _ if name == "date" || name.starts_with("timestamp") => "date",
            _ if name.starts_with("time") => "time",
            other => other,
        }
        .to_owned()
    };
    let pair = (family(from), family(to));
    pair.0 == pair.1
        || matches!(
            (pair.0.as_str(), pair.1.as_str(), from, to),
            (_, _, "boolean", "integer")
                | (_, _, "integer", "boolean")
                | ("time", "interval", _, _)
                | ("interval", "time", _, _)
        )
}

/// What the values of a domain are.
fn base_of<'c>(name: &str, catalog: &'c Catalog) -> Option<&'c str> {
    let parts: Vec<String> =
        super::super::text::split_list(name, ".").into_iter().map(unquote_ident).collect();
    let [schema, name] = parts.as_slice() else { return None };
    let path = ObjectPath::in_schema(ObjectKind::Domain, &Ident::new(schema), name);
    match &catalog.find(&path)?.object {
        Object::Domain(domain) => Some(domain.base.as_str()),
        _ => None,
    }
}

fn change_not_null(
    aspect: &str,
    whole: &str,
    relation: &QualifiedName,
    column_name: &Ident,
    (found, column): (&Column, &Column),
    sides: &Sides<'_>,
) -> Alteration {
    let (Some(there), Some(wanted)) = (&found.not_null, &column.not_null) else {
        return Alteration::Statements(Vec::new());
    };
    let (Some(old), Some(new)) = (&there.name, &wanted.name) else {
        return Alteration::Statements(Vec::new());
    };
    let rename = format!("{whole} RENAME CONSTRAINT {} TO {}", ident(old), ident(new));
    // Whichever of these is asked for first, the constraint still has its old name.
    let mut statements = Vec::new();
    match aspect {
        "not-null-name" => statements.push(rename),
        "not-null-no-inherit" => {
            let inherit = if wanted.no_inherit { "NO INHERIT" } else { "INHERIT" };
            statements.push(format!("{whole} ALTER CONSTRAINT {} {inherit}", ident(old)));
        }
        _ if wanted.validated => statements.push(format!("{whole} VALIDATE CONSTRAINT {}", ident(old))),
        _ => {
            statements.push(format!("{whole} DROP CONSTRAINT {}", ident(old)));
            let again = NotNull { name: Some(old.clone()), ..wanted.clone() };
            statements.push(add_not_null(relation, column_name, &again, sides));
        }
    }
    Alteration::Statements(statements)
}

/// From an identity, a serial or a default to another.
fn change_source(
    prefix: &str,
    relation: &QualifiedName,
    name: &Ident,
    found: &Column,
    column: &Column,
) -> Alteration {
    let mut statements = Vec::new();
    match (&found.identity, &column.identity) {
        (Some(_), Some(wanted)) => statements.push(format!("{prefix} SET GENERATED {}", mode(wanted.mode))),
        (None, Some(wanted)) => {
            if found.default.is_some() {
                statements.push(format!("{prefix} DROP DEFAULT"));
            }
            if found.not_null.is_none() {
                statements.push(format!("{prefix} SET NOT NULL"));
            }
            // The sequence of a serial may stand in the way; it owns nothing but its position.
            let sequence = QualifiedName { schema: relation.schema.clone(), name: wanted.sequence.clone() };
            if found.serial {
                statements.push(format!("DROP SEQUENCE IF EXISTS {}", qualified(&sequence)));
            }
            statements.push(format!("{prefix} ADD {}", identity_clause(wanted, relation)));
            statements.push(go_on_after_rows(relation, &ident(name), &sequence, &wanted.options));
        }
        (Some(_), None) => {
            statements.push(format!("{prefix} DROP IDENTITY"));
            if let Some(default) = column.default.as_ref().filter(|_| !column.serial) {
                statements.push(format!("{prefix} SET DEFAULT {default}"));
            }
        }
        (None, None) => statements.push(match &column.default {
            Some(default) => format!("{prefix} SET DEFAULT {default}"),
            None => format!("{prefix} DROP DEFAULT"),
        }),
    }
    Alteration::Statements(statements)
}

/// The numbers in a column, whose values may go on to be of another type than that of numbers.
pub(in crate::dialect) fn numbers_in(table: &QualifiedName, column: &Ident, sides: &Sides<'_>) -> String {
    let path = ObjectPath::part_of(ObjectKind::Column, table, column);
    let is_number = match sides.found.find(&path).map(|entry| &entry.object) {
        Some(Object::Column(there)) => matches!(there.data_type.as_str(), "smallint" | "integer" | "bigint"),
        _ => true,
    };
    let column = ident(column);
    if is_number {
        return column;
    }
    format!("CASE WHEN {column}::text ~ '^-?[0-9]{{1,18}}$' THEN {column}::text::bigint END")
}

/// A new sequence begins behind the numbers that are taken already.
pub(in crate::dialect) fn go_on_after_rows(
    relation: &QualifiedName,
    numbers: &str,
    sequence: &QualifiedName,
    options: &SequenceOptions,
) -> String {
    let last = if options.increment < 0 { "min" } else { "max" };
    format!(
        "SELECT pg_catalog.setval({}, {last}({numbers})) FROM {} HAVING {last}({numbers}) BETWEEN {} AND {}",
        literal(&qualified(sequence)),
        qualified(relation),
        options.minimum,
        options.maximum,
    )
}

fn set_identity_options(options: &SequenceOptions) -> String {
    let SequenceOptions { data_type: _, start, increment, minimum, maximum, cache, cycle } = options;
    format!(
        "SET INCREMENT BY {increment} SET MINVALUE {minimum} SET MAXVALUE {maximum} SET START WITH {start} \
         SET CACHE {cache} SET {}",
        if *cycle { "CYCLE" } else { "NO CYCLE" }
    )
}

fn change_generation(prefix: &str, found: &Column, column: &Column, sides: &Sides<'_>) -> Alteration {
    match (&found.generated, &column.generated) {
        (Some(there), Some(wanted)) if there.kind == wanted.kind && sides.found.major() >= 17 => {
            Alteration::Statements(vec![format!("{prefix} SET EXPRESSION AS ({})", wanted.expression)])
        }
        // Its values are computed from other columns: made anew, they are the same.
        (Some(_), Some(_)) => Alteration::Rebuild,
        (Some(there), None) => match there.kind {
            GeneratedKind::Stored => {
                let mut statements = vec![format!("{prefix} DROP EXPRESSION")];
                if let Some(default) = &column.default {
                    statements.push(format!("{prefix} SET DEFAULT {default}"));
                }
                Alteration::Statements(statements)
            }
            GeneratedKind::Virtual => Alteration::Rebuild,
        },
        (None, Some(_)) => Alteration::Impossible(
            "PostgreSQL cannot turn a column into a generated one; it would have to be dropped, with the values \
             that stand in it, and added again"
                .to_owned(),
        ),
        (None, None) => Alteration::Statements(Vec::new()),
    }
}

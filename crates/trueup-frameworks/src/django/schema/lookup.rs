//! Blocks that ask the catalog for the names of constraints, as Django does before it drops or renames one.

use std::collections::BTreeSet;

use trueup_sql::quote::quote_literal;

use super::book::Wanted;
use super::names::{quoted, split};

/// What is to be done with what is found.
pub enum Then<'a> {
    DropForeignKey,
    DropConstraint,
    DropIndex,
    /// A unique constraint; where it is the index of one that only has conditions, Django fails as well.
    DropExactlyOne {
        preferred: &'a str,
        index: bool,
    },
    RenameIndex {
        to: &'a str,
    },
}

/// A block that looks up what fits, and does something to each.
pub fn block(
    table: &str,
    columns: Option<&[String]>,
    wanted: Wanted,
    exclude: &BTreeSet<String>,
    then: &Then<'_>,
) -> String {
    let names = query(table, columns, wanted, exclude);
    let quoted_table = quoted(table).replace('%', "%%");
    let drop_constraint =
        format!("EXECUTE format('ALTER TABLE {} DROP CONSTRAINT %I', item);", doubled(&quoted_table));
    let each = match then {
        Then::DropForeignKey | Then::DropConstraint => drop_constraint.clone(),
        Then::DropIndex => "EXECUTE format('DROP INDEX IF EXISTS %I', item);".to_owned(),
        Then::DropExactlyOne { preferred: _, index: false } => drop_constraint.clone(),
        Then::DropExactlyOne { preferred: _, index: true } => {
            "EXECUTE format('DROP INDEX IF EXISTS %I', item);".to_owned()
        }
        Then::RenameIndex { to } => {
            let to = doubled(&quoted(to).replace('%', "%%"));
            format!(
                "IF item <> {} THEN EXECUTE format('ALTER INDEX %I RENAME TO {to}', item); END IF;",
                literal(to_plain(then))
            )
        }
    };
    let preferred = match then {
        Then::DropExactlyOne { preferred, index: _ } if !preferred.is_empty() => {
            format!("  IF {0} = ANY (found) THEN found := ARRAY[{0}]; END IF;\n", literal(preferred))
        }
        Then::DropExactlyOne { .. }
        | Then::DropForeignKey
        | Then::DropConstraint
        | Then::DropIndex
        | Then::RenameIndex { .. } => String::new(),
    };
    let exactly_one = match then {
        Then::DropExactlyOne { .. } | Then::RenameIndex { .. } => format!(
            "  IF cardinality(found) <> 1 THEN\n    RAISE EXCEPTION 'found % constraints or indexes where there should \
             be one: %({})', cardinality(found), {};\n  END IF;\n",
            doubled(&columns.unwrap_or_default().join(", ").replace('%', "%%")),
            literal(table),
        ),
        Then::DropForeignKey | Then::DropConstraint | Then::DropIndex => String::new(),
    };
    format!(
        "DO $trueup$\nDECLARE\n  found text[];\n  item text;\nBEGIN\n  found := ARRAY({names});\n{preferred}{exactly_one}  \
         FOREACH item IN ARRAY found LOOP\n    {each}\n  END LOOP;\nEND\n$trueup$"
    )
}

fn to_plain<'a>(then: &'a Then<'_>) -> &'a str {
    match then {
        Then::RenameIndex { to } => to,
        Then::DropExactlyOne { preferred, index: _ } => preferred,
        Then::DropForeignKey | Then::DropConstraint | Then::DropIndex => "",
    }
}

fn doubled(text: &str) -> String {
    text.replace('\'', "''")
}

fn literal(text: &str) -> String {
    quote_literal(text)
}

/// The names of what fits.
fn query(table: &str, columns: Option<&[String]>, wanted: Wanted, exclude: &BTreeSet<String>) -> String {
    let relation = relation(table);
    let excluded = if exclude.is_empty() {
        String::new()
    } else {
        let names: Vec<String> = exclude.iter().map(|name| literal(name)).collect();
        format!(" AND {{name}} NOT IN ({})", names.join(", "))
    };
    let list = |columns: &[String]| {
        let columns: Vec<String> = columns.iter().map(|column| literal(column)).collect();
        format!("ARRAY[{}]::text[]", columns.join(", "))
    };
    let of_constraint = columns.map_or_else(String::new, |columns| {
        format!(
            " AND ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k(number, place) \
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place) = {}",
            list(columns)
        )
    });
    let of_index = columns.map_or_else(String::new, |columns| {
        format!(
            " AND ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k(number, place) \
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.place) = {}",
            list(columns)
        )
    });
    let constraints = |kinds: &str| {
        format!(
            "SELECT c.conname::text AS name FROM pg_constraint c WHERE c.conrelid = {relation} \
             AND c.contype IN ({kinds}){of_constraint}{}",
            excluded.replace("{name}", "c.conname")
        )
    };
    let indexes = |condition: &str| {
        format!(
            "SELECT x.relname::text AS name FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid \
             JOIN pg_am m ON m.oid = x.relam WHERE i.indrelid = {relation} AND {condition} \
             AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = i.indrelid \
             AND c.conname = x.relname){of_index}{}",
            excluded.replace("{name}", "x.relname")
        )
    };
    match wanted {
        Wanted::ForeignKey => constraints("'f'"),
        Wanted::Check => constraints("'c'"),
        Wanted::Primary => constraints("'p'"),
        Wanted::Unique => {
            format!("{} UNION ALL {}", constraints("'u'"), indexes("i.indisunique AND NOT i.indisprimary"))
        }
        Wanted::UniqueOrPrimary => {
            format!("{} UNION ALL {}", constraints("'u', 'p'"), indexes("i.indisunique"))
        }
        Wanted::Index => indexes("NOT i.indisunique"),
        Wanted::PlainIndex => {
            indexes("m.amname = 'btree' AND x.relname NOT LIKE '%\\_btree' AND x.reloptions IS NULL")
        }
    }
}

/// The number of a table as Django finds it: by its name, on the search path.
fn relation(table: &str) -> String {
    let (schema, name) = split(table);
    if schema.is_empty() {
        return format!("to_regclass({})", literal(&quoted(name)));
    }
    format!("to_regclass({})", literal(&format!("{}.{}", quoted(schema), quoted(name))))
}

//! The same statements in forms that let others go on working: slower, and some of them outside of a transaction.

use trueup_model::catalog::{Entry, Key};
use trueup_model::path::ObjectKind;

use super::access;
use super::constraints::deferral_clause;
use super::names::{alter_relation, relation};
use super::tables::said_of_index;
use super::text::{ident, idents, parameters, qualified};
use crate::findings::Sides;

/// `CREATE INDEX CONCURRENTLY …` and `DROP INDEX CONCURRENTLY …`, of statements that the dialect wrote. Others stay
/// as they are.
pub fn concurrently(statement: &str) -> String {
    for beginning in ["CREATE UNIQUE INDEX ", "CREATE INDEX ", "DROP INDEX "] {
        if let Some(rest) = statement.strip_prefix(beginning) {
            return format!("{beginning}CONCURRENTLY {rest}");
        }
    }
    statement.to_owned()
}

/// A primary key or unique constraint in two steps: the index, which takes its time, and the constraint, which then
/// takes none.
pub fn key_by_index(entry: &Entry, key: &Key, sides: &Sides<'_>) -> Option<(String, Vec<String>)> {
    let Key {
        columns,
        include,
        nulls_not_distinct,
        without_overlaps,
        deferral,
        index_options,
        tablespace,
        index_comment,
        inherited,
    } = key;
    // What else an index comment takes is not worth a form of its own.
    if *without_overlaps || *inherited || index_comment.is_some() {
        return None;
    }
    let table = relation(&entry.path);
    let name = ident(&entry.path.part);
    let mut index = format!(
        "CREATE UNIQUE INDEX CONCURRENTLY {name} ON {} USING btree ({})",
        qualified(&table),
        idents(columns)
    );
    if !include.is_empty() {
        index.push_str(&format!(" INCLUDE ({})", idents(include)));
    }
    if *nulls_not_distinct {
        index.push_str(" NULLS NOT DISTINCT");
    }
    if !index_options.is_empty() {
        index.push_str(&format!(" WITH ({})", parameters(index_options)));
    }
    if let Some(tablespace) = tablespace {
        index.push_str(&format!(" TABLESPACE {}", ident(tablespace)));
    }
    let kind = if entry.path.kind == ObjectKind::PrimaryKey { "PRIMARY KEY" } else { "UNIQUE" };
    let mut statements = vec![format!(
        "{} ADD CONSTRAINT {name} {kind} USING INDEX {name}{}",
        alter_relation(sides.expected, &table),
        deferral_clause(*deferral)
    )];
    statements.extend(said_of_index(&table, &entry.path.part, sides.expected));
    statements.extend(access::comment_of_new(entry));
    Some((index, statements))
}

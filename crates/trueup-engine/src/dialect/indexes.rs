//! Indexes and extended statistics.

use trueup_model::catalog::{Entry, Index, IndexKey, Object, Statistics};
use trueup_model::path::ObjectPath;
use trueup_sql::{quote_ident, unquote_ident};

use super::constraints::come_from_parent;
use super::names::{in_schema, object, relation};
use super::text::{change_parameters, ident, idents, parameters, qualified};
use super::{Alteration, Written, tables};
use crate::findings::Sides;

pub(super) fn create(entry: &Entry, index: &Index, sides: &Sides<'_>) -> Written {
    let Index {
        method,
        unique,
        nulls_not_distinct,
        keys,
        include,
        predicate,
        valid,
        options,
        tablespace,
        statistics_targets,
        inherited,
    } = index;
    if *inherited {
        return Written::Statements(Vec::new());
    }
    let relation = relation(&entry.path);
    let partitioned = matches!(
        sides.expected.find(&tables::table_path(&relation)).map(|entry| &entry.object),
        Some(Object::Table(table)) if table.partitioned_by.is_some()
    );
    // An index of a partitioned table is not valid as long as a partition lacks its own.
    let only = if *valid {
        ""
    } else if partitioned {
        "ONLY "
    } else {
        return Written::Impossible(
            "an index that a failed build left behind cannot be made on purpose".to_owned(),
        );
    };
    let columns = columns_of(&relation, sides);
    let keys: Vec<String> = keys.iter().map(|key| key_clause(key, &columns)).collect();
    let mut statement = format!(
        "CREATE {}INDEX {} ON {only}{} USING {} ({})",
        if *unique { "UNIQUE " } else { "" },
        ident(&entry.path.part),
        qualified(&relation),
        ident(method),
        keys.join(", ")
    );
    if !include.is_empty() {
        statement.push_str(&format!(" INCLUDE ({})", idents(include)));
    }
    if *nulls_not_distinct {
        statement.push_str(" NULLS NOT DISTINCT");
    }
    if !options.is_empty() {
        statement.push_str(&format!(" WITH ({})", parameters(options)));
    }
    if let Some(tablespace) = tablespace {
        statement.push_str(&format!(" TABLESPACE {}", ident(tablespace)));
    }
    if let Some(predicate) = predicate {
        statement.push_str(&format!(" WHERE ({predicate})"));
    }
    let mut statements = vec![statement];
    statements.extend(statistics_targets.iter().map(|target| set_target(&entry.path, target.as_str())));
    statements.extend(tables::said_of_index(&relation, &entry.path.part, sides.expected));
    Written::Statements(statements)
}

fn columns_of(relation: &trueup_model::QualifiedName, sides: &Sides<'_>) -> Vec<String> {
    let path = tables::table_path(relation);
    sides.expected.columns_of(&path).into_iter().map(|(name, _)| name.to_string()).collect()
}

fn key_clause(key: &IndexKey, columns: &[String]) -> String {
    let IndexKey { expression, collation, operator_class, operator_class_options, descending, nulls_first } =
        key;
    // A column may be named like a keyword.
    let name = unquote_ident(expression.as_str());
    let mut clause = if columns.contains(&name) { quote_ident(&name) } else { format!("({expression})") };
    if let Some(collation) = collation {
        clause.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(class) = operator_class {
        clause.push_str(&format!(" {class}"));
        if !operator_class_options.is_empty() {
            clause.push_str(&format!(" ({})", parameters(operator_class_options)));
        }
    }
    match (descending, nulls_first) {
        (false, false) => {}
        (false, true) => clause.push_str(" NULLS FIRST"),
        (true, true) => clause.push_str(" DESC"),
        (true, false) => clause.push_str(" DESC NULLS LAST"),
    }
    clause
}

/// `2=500` says: the statistics of the second column are that detailed.
fn set_target(path: &ObjectPath, target: &str) -> String {
    let (column, target) = target.split_once('=').unwrap_or((target, "-1"));
    format!("ALTER INDEX {} ALTER COLUMN {column} SET STATISTICS {target}", in_schema(path, &path.part))
}

pub(super) fn alter(
    aspect: &str,
    found: &Index,
    (after, index): (&Entry, &Index),
    sides: &Sides<'_>,
) -> Alteration {
    let prefix = format!("ALTER INDEX {}", in_schema(&after.path, &after.path.part));
    match aspect {
        "options" => Alteration::Statements(change_parameters(&prefix, &found.options, &index.options)),
        "tablespace" => {
            Alteration::Statements(vec![tables::set_tablespace(&prefix, index.tablespace.as_ref())])
        }
        "statistics-target" => {
            let column = |target: &str| target.split('=').next().unwrap_or_default().to_owned();
            let reset = found.statistics_targets.iter().filter(|there| {
                !index
                    .statistics_targets
                    .iter()
                    .any(|wanted| column(wanted.as_str()) == column(there.as_str()))
            });
            let reset = reset.map(|there| set_target(&after.path, &format!("{}=-1", column(there.as_str()))));
            let set = index.statistics_targets.iter().map(|target| set_target(&after.path, target.as_str()));
            Alteration::Statements(reset.chain(set).collect())
        }
        "inherited" => come_from_parent(after, index.inherited, sides),
        // It is made anew with the parent's.
        _ if index.inherited => Alteration::Statements(Vec::new()),
        _ => Alteration::Rebuild,
    }
}

pub(super) fn create_statistics(entry: &Entry, statistics: &Statistics) -> Written {
    let Statistics { table, kinds, columns, expressions, target } = statistics;
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    let mut on: Vec<String> = columns.iter().map(ident).collect();
    on.extend(expressions.iter().map(|expression| format!("({expression})")));
    let mut statements = vec![format!(
        "CREATE STATISTICS {}{kinds} ON {} FROM {}",
        object(&entry.path),
        on.join(", "),
        qualified(table)
    )];
    if target.is_some() {
        statements.push(statistics_target(entry, statistics));
    }
    Written::Statements(statements)
}

fn statistics_target(entry: &Entry, statistics: &Statistics) -> String {
    format!("ALTER STATISTICS {} SET STATISTICS {}", object(&entry.path), statistics.target.unwrap_or(-1))
}

pub(super) fn alter_statistics(aspect: &str, (after, statistics): (&Entry, &Statistics)) -> Alteration {
    match aspect {
        "statistics-target" => Alteration::Statements(vec![statistics_target(after, statistics)]),
        _ => Alteration::Rebuild,
    }
}

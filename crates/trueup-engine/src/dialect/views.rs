//! Views and materialized views.

use trueup_model::catalog::{Entry, MaterializedView, View};
use trueup_model::path::ObjectPath;

use super::columns;
use super::names::object;
use super::text::{change_parameters, ident, parameters};
use super::{Alteration, Written, tables};
use crate::findings::Sides;

pub(super) fn create(entry: &Entry, view: &View) -> Written {
    Written::Statements(vec![definition(&entry.path, view, "CREATE VIEW")])
}

fn definition(path: &ObjectPath, view: &View, verb: &str) -> String {
    let options = if view.options.is_empty() {
        String::new()
    } else {
        format!(" WITH ({})", parameters(&view.options))
    };
    format!("{verb} {}{options} AS\n{}", object(path), view.definition)
}

pub(super) fn create_materialized(entry: &Entry, view: &MaterializedView) -> Written {
    let MaterializedView { definition, populated, options, access_method, tablespace, clustered_on: _ } =
        view;
    let mut statement = format!("CREATE MATERIALIZED VIEW {}", object(&entry.path));
    if let Some(method) = access_method {
        statement.push_str(&format!(" USING {}", ident(method)));
    }
    if !options.is_empty() {
        statement.push_str(&format!(" WITH ({})", parameters(options)));
    }
    if let Some(tablespace) = tablespace {
        statement.push_str(&format!(" TABLESPACE {}", ident(tablespace)));
    }
    let data = if *populated { "WITH DATA" } else { "WITH NO DATA" };
    statement.push_str(&format!(" AS\n{definition}\n{data}"));
    Written::Statements(vec![statement])
}

pub(super) fn alter(
    aspect: &str,
    (before, found): (&Entry, &View),
    (after, view): (&Entry, &View),
    sides: &Sides<'_>,
) -> Alteration {
    match aspect {
        "definition" if columns_begin_alike(before, after, sides) => {
            let mut statements = vec![definition(&after.path, view, "CREATE OR REPLACE VIEW")];
            statements.extend(columns::of_more_columns(&after.path, sides));
            Alteration::Statements(statements)
        }
        "definition" => Alteration::Rebuild,
        "options" => {
            let prefix = format!("ALTER VIEW {}", object(&after.path));
            Alteration::Statements(change_parameters(&prefix, &found.options, &view.options))
        }
        other => Alteration::unknown(other, after),
    }
}

/// A view can be replaced by one that has the same columns, and may have more at the end.
fn columns_begin_alike(before: &Entry, after: &Entry, sides: &Sides<'_>) -> bool {
    let there = sides.found.columns_of(&before.path);
    let wanted = sides.expected.columns_of(&after.path);
    there.len() <= wanted.len()
        && there.iter().zip(&wanted).all(|((old, there), (new, wanted))| {
            old == new && there.data_type == wanted.data_type && there.collation == wanted.collation
        })
}

pub(super) fn alter_materialized(
    aspect: &str,
    found: &MaterializedView,
    (after, view): (&Entry, &MaterializedView),
    sides: &Sides<'_>,
) -> Alteration {
    let name = object(&after.path);
    let prefix = format!("ALTER MATERIALIZED VIEW {name}");
    let one = |statement: String| Alteration::Statements(vec![statement]);
    match aspect {
        "populated" => one(format!(
            "REFRESH MATERIALIZED VIEW {name}{}",
            if view.populated { "" } else { " WITH NO DATA" }
        )),
        "options" => Alteration::Statements(change_parameters(&prefix, &found.options, &view.options)),
        "access-method" if sides.found.major() >= 15 => {
            let method = view.access_method.as_ref().map_or("heap".to_owned(), ident);
            one(format!("{prefix} SET ACCESS METHOD {method}"))
        }
        "tablespace" => one(tables::set_tablespace(&prefix, view.tablespace.as_ref())),
        "clustered-on" => one(match &view.clustered_on {
            Some(index) => format!("{prefix} CLUSTER ON {}", ident(index)),
            None => format!("{prefix} SET WITHOUT CLUSTER"),
        }),
        // Its rows are computed: made anew, they are the same.
        _ => Alteration::Rebuild,
    }
}

//! Readers of the kinds that are compared property by property and never taken apart.

use trueup_model::catalog::{Object, Plain, Property};
use trueup_model::name::Ident;
use trueup_model::path::{ObjectKind, ObjectPath};

use super::reading::{ClassId, Common, Reading};
use super::row::{Cells, ReadError};

/// One plain kind: where it is stored, and what its query calls the columns after the first eight.
pub(super) struct PlainKind {
    pub kind: ObjectKind,
    pub name: &'static str,
    pub sql: &'static str,
    catalog: ClassId,
    properties: &'static [&'static str],
}

macro_rules! plain_kinds {
    ($($kind:ident $file:literal $catalog:literal [$($property:literal),*]),+ $(,)?) => {
        /// All plain kinds. A new one is a query file and a line here.
        pub(super) const PLAIN_KINDS: &[PlainKind] = &[$(PlainKind {
            kind: ObjectKind::$kind,
            name: $file,
            sql: include_str!(concat!("plain/", $file, ".sql")),
            catalog: ClassId($catalog),
            properties: &[$($property),*],
        }),+];
    };
}

// The numbers are the OIDs of the system catalogs, fixed since they exist: they key comments and members.
plain_kinds! {
    Collation "collations" 3456 ["provider", "deterministic", "collate", "ctype", "locale", "rules"],
    Conversion "conversions" 2607 ["source-encoding", "target-encoding", "function", "default"],
    Cast "casts" 2605 ["function", "context"],
    Operator "operators" 2617
        ["function", "result", "commutator", "negator", "restrict", "join", "hashes", "merges"],
    OperatorClass "operator_classes" 2616
        ["type", "default", "family", "storage", "operators", "functions"],
    OperatorFamily "operator_families" 2753 ["operators", "functions"],
    Language "languages" 2612 ["handler", "inline-handler", "validator", "trusted"],
    Transform "transforms" 3576 ["from-sql", "to-sql"],
    AccessMethod "access_methods" 2601 ["type", "handler"],
    TextSearchParser "text_search_parsers" 3601 ["start", "token", "end", "lextypes", "headline"],
    TextSearchTemplate "text_search_templates" 3764 ["init", "lexize"],
    TextSearchDictionary "text_search_dictionaries" 3600 ["template", "options"],
    TextSearchConfiguration "text_search_configurations" 3602 ["parser", "mappings"],
    ForeignDataWrapper "foreign_data_wrappers" 2328 ["handler", "validator", "options"],
    ForeignServer "foreign_servers" 1417 ["wrapper", "type", "version", "options"],
    UserMapping "user_mappings" 1418 ["options"],
    Publication "publications" 6104
        ["all-tables", "operations", "via-root", "tables", "schemas", "generated-columns"],
    Subscription "subscriptions" 6100 ["enabled", "slot", "synchronous-commit", "publications", "binary",
        "streaming", "two-phase", "disable-on-error", "password-required", "run-as-owner", "origin", "failover"],
}

pub(super) fn read(reading: &mut Reading, plain: &PlainKind, row: &Cells<'_>) -> Result<(), ReadError> {
    let oid = row.oid(0)?;
    if reading.is_member(plain.catalog, oid) {
        return Ok(());
    }
    let mut path = match row.opt(2) {
        Some(schema) => ObjectPath::in_schema(plain.kind, &Ident::new(schema), row.text(3)?),
        None => ObjectPath::global(plain.kind, row.text(3)?),
    };
    if let Some(arguments) = row.opt(4) {
        path = path.with_arguments(arguments);
    }
    let properties = plain
        .properties
        .iter()
        .enumerate()
        .filter(|(index, _)| row.opt(8 + index) != Some(NOT_KEPT))
        .map(|(index, name)| Property { name, value: row.share(spoken(row.opt(8 + index))) })
        .collect();
    let owner = row.opt(5).is_some().then(|| row.oid(5)).transpose()?;
    reading.push(
        path,
        Common {
            catalog: plain.catalog,
            oid,
            part: 0,
            xmin: row.oid(1)?,
            owner,
            acl: row.opt(6),
            default_acl: row.opt(7),
        },
        Object::Plain(Plain { properties }),
    );
    Ok(())
}

/// What a query gives for a property that its version of the server does not keep.
const NOT_KEPT: &str = "?";

/// Booleans and absent values in words.
fn spoken(value: Option<&str>) -> &str {
    match value {
        None => "none",
        Some("t") => "yes",
        Some("f") => "no",
        Some(other) => other,
    }
}

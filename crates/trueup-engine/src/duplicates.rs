//! Finds constraints and indexes that say what another one of the same table says already.

use trueup_model::Catalog;
use trueup_model::catalog::{Entry, Index, Object};
use trueup_model::name::Ident;
use trueup_model::path::ObjectPath;

/// Another constraint or index of the same table with the same meaning, the first by name. An index that a
/// constraint needs counts as one that is there already.
pub fn twin<'a>(catalog: &'a Catalog, path: &ObjectPath) -> Option<&'a ObjectPath> {
    let entry = catalog.find(path)?;
    let table = ObjectPath {
        part: Ident::default(),
        kind_rank: trueup_model::path::PartRank::Whole,
        ..entry.path.clone()
    };
    catalog
        .parts_of(&table)
        .find(|other| other.path != entry.path && says_the_same(entry, other))
        .map(|other| &other.path)
}

fn says_the_same(entry: &Entry, other: &Entry) -> bool {
    match (&entry.object, &other.object) {
        (Object::ForeignKey(one), Object::ForeignKey(two)) => {
            one.columns == two.columns
                && one.references == two.references
                && one.referenced_columns == two.referenced_columns
        }
        (Object::Check(one), Object::Check(two)) => one.expression == two.expression,
        (Object::Exclusion(one), Object::Exclusion(two)) => one.definition == two.definition,
        (Object::Key(one), Object::Key(two)) => {
            one.columns == two.columns && one.nulls_not_distinct == two.nulls_not_distinct
        }
        (Object::Index(one), Object::Index(two)) => {
            let Index {
                method,
                unique,
                nulls_not_distinct,
                keys,
                include,
                predicate,
                valid: _,
                options: _,
                tablespace: _,
                statistics_targets: _,
                inherited: _,
            } = one.as_ref();
            *method == two.method
                && (*unique == two.unique || !unique)
                && *nulls_not_distinct == two.nulls_not_distinct
                && *keys == two.keys
                && *include == two.include
                && *predicate == two.predicate
        }
        (Object::Index(index), Object::Key(key)) => {
            let plain = |position: usize, column: &Ident| {
                index.keys.get(position).is_some_and(|index_key| {
                    index_key.expression.as_str() == column.as_str()
                        && index_key.operator_class.is_none()
                        && index_key.collation.is_none()
                        && !index_key.descending
                })
            };
            index.method.as_str() == "btree"
                && index.predicate.is_none()
                && index.include.is_empty()
                && index.keys.len() == key.columns.len()
                && key.columns.iter().enumerate().all(|(position, column)| plain(position, column))
        }
        _ => false,
    }
}

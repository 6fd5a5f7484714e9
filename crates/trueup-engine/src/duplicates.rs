//! Finds constraints and indexes that say what another one of the same table says already.

use trueup_model::Catalog;
use trueup_model::catalog::{Check, Deferral, Entry, ForeignKey, Index, Key, Object};
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
            let ForeignKey {
                columns,
                references,
                referenced_columns,
                matching,
                on_update,
                on_delete,
                on_delete_columns,
                period,
                deferral,
                enforced,
                validated: _,
                fires: _,
                inherited: _,
            } = one.as_ref();
            *columns == two.columns
                && *references == two.references
                && *referenced_columns == two.referenced_columns
                && *matching == two.matching
                && *on_update == two.on_update
                && *on_delete == two.on_delete
                && *on_delete_columns == two.on_delete_columns
                && *period == two.period
                && *deferral == two.deferral
                && *enforced == two.enforced
        }
        (Object::Check(one), Object::Check(two)) => {
            let Check { expression, enforced, no_inherit, validated: _, inherited: _ } = one;
            *expression == two.expression && *enforced == two.enforced && *no_inherit == two.no_inherit
        }
        (Object::Exclusion(one), Object::Exclusion(two)) => {
            one.definition == two.definition && one.deferral == two.deferral
        }
        (Object::Key(one), Object::Key(two)) => {
            let Key {
                columns,
                include,
                nulls_not_distinct,
                without_overlaps,
                deferral,
                index_options: _,
                tablespace: _,
                index_comment: _,
                inherited: _,
            } = one.as_ref();
            *columns == two.columns
                && *include == two.include
                && *nulls_not_distinct == two.nulls_not_distinct
                && *without_overlaps == two.without_overlaps
                && *deferral == two.deferral
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
            // A unique index checks at once; a key that waits does not.
            let as_strict = !index.unique
                || (key.deferral == Deferral::NotDeferrable
                    && index.nulls_not_distinct == key.nulls_not_distinct);
            index.method.as_str() == "btree"
                && !key.without_overlaps
                && as_strict
                && index.predicate.is_none()
                && index.include.is_empty()
                && index.keys.len() == key.columns.len()
                && key.columns.iter().enumerate().all(|(position, column)| plain(position, column))
        }
        _ => false,
    }
}

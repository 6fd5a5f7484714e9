//! Compares constraints and indexes.

use trueup_model::catalog::{Check, Exclusion, ForeignKey, Index, IndexKey, Key};
use trueup_model::difference::Nature;

use super::aspects::Aspects;

pub(super) fn key(aspects: &mut Aspects<'_>, expected: &Key, found: &Key) {
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
    } = expected;
    aspects
        .plain("columns", columns, &found.columns)
        .plain("include", include, &found.include)
        .plain("nulls-not-distinct", nulls_not_distinct, &found.nulls_not_distinct)
        .plain("without-overlaps", without_overlaps, &found.without_overlaps)
        .plain("deferrable", deferral, &found.deferral)
        .of_nature(Nature::Physical)
        .plain("inherited", inherited, &found.inherited)
        .plain("options", index_options, &found.index_options)
        .plain("tablespace", tablespace, &found.tablespace)
        .plain("index-comment", index_comment, &found.index_comment);
}

pub(super) fn check(aspects: &mut Aspects<'_>, expected: &Check, found: &Check) {
    let Check { expression, validated, enforced, no_inherit, inherited } = expected;
    aspects
        .expression("expression", Some(expression), Some(&found.expression))
        .plain("enforced", enforced, &found.enforced)
        .plain("no-inherit", no_inherit, &found.no_inherit);
    // A table that is made after its parent's check has nothing to be checked: there it is valid, and nobody can have it
    // otherwise.
    let holds_more = *inherited && found.inherited && found.validated;
    if !holds_more {
        validity(aspects, (*enforced, *validated), (found.enforced, found.validated));
    }
    aspects.of_nature(Nature::Physical).plain("inherited", inherited, &found.inherited);
}

pub(super) fn foreign_key(aspects: &mut Aspects<'_>, expected: &ForeignKey, found: &ForeignKey) {
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
        validated,
        enforced,
        fires,
        inherited,
    } = expected;
    aspects
        .plain("columns", columns, &found.columns)
        .name("references", references, &found.references)
        .plain("referenced-columns", referenced_columns, &found.referenced_columns)
        .plain("match", matching, &found.matching)
        .plain("on-update", on_update, &found.on_update)
        .plain("on-delete", on_delete, &found.on_delete)
        .plain("on-delete-columns", on_delete_columns, &found.on_delete_columns)
        .plain("period", period, &found.period)
        .plain("deferrable", deferral, &found.deferral)
        .plain("enforced", enforced, &found.enforced)
        .plain("enabled", fires, &found.fires);
    validity(aspects, (*enforced, *validated), (found.enforced, found.validated));
    aspects.of_nature(Nature::Physical).plain("inherited", inherited, &found.inherited);
}

/// A constraint that is not enforced is never valid: that is one fact, not two.
fn validity(aspects: &mut Aspects<'_>, (enforced, validated): (bool, bool), found: (bool, bool)) {
    if enforced == found.0 {
        aspects.plain("validated", &validated, &found.1);
    }
}

pub(super) fn exclusion(aspects: &mut Aspects<'_>, expected: &Exclusion, found: &Exclusion) {
    let Exclusion { definition, deferral, index_options, tablespace, index_comment, inherited } = expected;
    aspects
        .expression("definition", Some(definition), Some(&found.definition))
        .plain("deferrable", deferral, &found.deferral)
        .of_nature(Nature::Physical)
        .plain("inherited", inherited, &found.inherited)
        .plain("options", index_options, &found.index_options)
        .plain("tablespace", tablespace, &found.tablespace)
        .plain("index-comment", index_comment, &found.index_comment);
}

pub(super) fn index(aspects: &mut Aspects<'_>, expected: &Index, found: &Index) {
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
    } = expected;
    aspects
        .plain("method", method, &found.method)
        .plain("unique", unique, &found.unique)
        .plain("nulls-not-distinct", nulls_not_distinct, &found.nulls_not_distinct)
        .plain("include", include, &found.include)
        .expression("predicate", predicate.as_ref(), found.predicate.as_ref())
        .plain("valid", valid, &found.valid);
    index_keys(aspects, keys, &found.keys);
    aspects
        .of_nature(Nature::Physical)
        .plain("inherited", inherited, &found.inherited)
        .plain("options", options, &found.options)
        .plain("tablespace", tablespace, &found.tablespace)
        .plain("statistics-target", statistics_targets, &found.statistics_targets);
}

fn index_keys(aspects: &mut Aspects<'_>, expected: &[IndexKey], found: &[IndexKey]) {
    let same = |get: fn(&IndexKey) -> String| expected.iter().map(get).eq(found.iter().map(get));
    let all =
        |keys: &[IndexKey], get: fn(&IndexKey) -> String| keys.iter().map(get).collect::<Vec<_>>().join(", ");
    let same_expressions = expected.len() == found.len()
        && expected.iter().zip(found).all(|(e, f)| aspects.same_expression(&e.expression, &f.expression));
    if !same_expressions {
        let get = |key: &IndexKey| key.expression.to_string();
        aspects.push("columns", all(expected, get), all(found, get));
        return;
    }
    let collation = |key: &IndexKey| key.collation.as_ref().map_or("default".to_owned(), ToString::to_string);
    let class = |key: &IndexKey| {
        let options: Vec<&str> = key.operator_class_options.iter().map(|option| option.as_str()).collect();
        let name = key.operator_class.as_ref().map_or("default", |class| class.as_str());
        if options.is_empty() { name.to_owned() } else { format!("{name} ({})", options.join(", ")) }
    };
    let order = |key: &IndexKey| {
        let direction = if key.descending { "descending" } else { "ascending" };
        let nulls = if key.nulls_first { "nulls first" } else { "nulls last" };
        format!("{direction} {nulls}")
    };
    for (name, get) in
        [("collation", collation as fn(&IndexKey) -> String), ("operator-class", class), ("order", order)]
    {
        if !same(get) {
            aspects.push(name, all(expected, get), all(found, get));
        }
    }
}

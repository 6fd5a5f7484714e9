//! Compares types, extensions, extended statistics and the plain kinds.

use trueup_model::catalog::{
    Attribute, BaseType, CompositeType, Domain, DomainCheck, EnumType, Extension, Plain, RangeType,
    Statistics,
};
use trueup_model::difference::Nature;
use trueup_model::name::Text;

use super::aspects::Aspects;

pub(super) fn enumeration(aspects: &mut Aspects<'_>, expected: &EnumType, found: &EnumType) {
    let EnumType { labels } = expected;
    aspects.plain("labels", labels, &found.labels);
}

pub(super) fn composite_type(aspects: &mut Aspects<'_>, expected: &CompositeType, found: &CompositeType) {
    let CompositeType { attributes } = expected;
    let same = attributes.len() == found.attributes.len()
        && attributes.iter().zip(&found.attributes).all(|(expected, found)| {
            let mut one = Aspects::new(aspects.sides);
            let Attribute { name, data_type, collation, comment: _ } = expected;
            one.plain("name", name, &found.name).text("type", data_type, &found.data_type).opt_text(
                "collation",
                collation.as_ref(),
                found.collation.as_ref(),
            );
            one.finish().is_empty()
        });
    if !same {
        aspects.push("attributes", spoken_attributes(expected), spoken_attributes(found));
        return;
    }
    let comments = |composite: &CompositeType| -> Vec<_> {
        composite.attributes.iter().map(|attribute| attribute.comment.clone()).collect()
    };
    aspects.plain("attribute-comments", &comments(expected), &comments(found));
}

fn spoken_attributes(composite: &CompositeType) -> String {
    let attributes: Vec<String> = composite
        .attributes
        .iter()
        .map(|attribute| match &attribute.collation {
            Some(collation) => format!("{} {} collate {collation}", attribute.name, attribute.data_type),
            None => format!("{} {}", attribute.name, attribute.data_type),
        })
        .collect();
    attributes.join(", ")
}

pub(super) fn domain(aspects: &mut Aspects<'_>, expected: &Domain, found: &Domain) {
    let Domain { base, collation, not_null, default, checks } = expected;
    aspects
        .text("type", base, &found.base)
        .opt_text("collation", collation.as_ref(), found.collation.as_ref())
        .plain("nullability", &spoken_nullability(*not_null), &spoken_nullability(found.not_null))
        .expression("default", default.as_ref(), found.default.as_ref());
    let same = checks.len() == found.checks.len()
        && checks.iter().zip(&found.checks).all(|(expected, found)| {
            let DomainCheck { name, expression, validated, comment } = expected;
            *name == found.name
                && *validated == found.validated
                && *comment == found.comment
                && aspects.same_expression(expression, &found.expression)
        });
    if !same {
        aspects.push("checks", spoken_checks(checks), spoken_checks(&found.checks));
    }
}

fn spoken_nullability(not_null: bool) -> Text {
    Text::new(if not_null { "not null" } else { "nullable" })
}

fn spoken_checks(checks: &[DomainCheck]) -> String {
    if checks.is_empty() {
        return "none".to_owned();
    }
    let spoken = |check: &DomainCheck| {
        let validity = if check.validated { "" } else { " not valid" };
        let comment = check.comment.as_ref().map(|comment| format!(" -- {comment}")).unwrap_or_default();
        format!("{} {}{validity}{comment}", check.name, check.expression)
    };
    checks.iter().map(spoken).collect::<Vec<_>>().join(", ")
}

pub(super) fn range_type(aspects: &mut Aspects<'_>, expected: &RangeType, found: &RangeType) {
    let RangeType { subtype, operator_class, collation, canonical, subtype_diff, multirange } = expected;
    aspects
        .text("subtype", subtype, &found.subtype)
        .opt_text("operator-class", operator_class.as_ref(), found.operator_class.as_ref())
        .opt_text("collation", collation.as_ref(), found.collation.as_ref())
        .opt_text("canonical", canonical.as_ref(), found.canonical.as_ref())
        .opt_text("subtype-diff", subtype_diff.as_ref(), found.subtype_diff.as_ref());
    if aspects.sides.both_from(14) {
        aspects.opt_text("multirange", multirange.as_ref(), found.multirange.as_ref());
    }
}

pub(super) fn base_type(aspects: &mut Aspects<'_>, expected: &BaseType, found: &BaseType) {
    let BaseType { definition } = expected;
    aspects.text("definition", definition, &found.definition);
}

pub(super) fn extension(aspects: &mut Aspects<'_>, expected: &Extension, found: &Extension) {
    let Extension { schema, version, is_default_version } = expected;
    aspects.plain("schema", schema, &found.schema);
    // Asked for no version, each server installs its own newest: that says nothing about the migration.
    if !(*is_default_version && found.is_default_version) {
        aspects.plain("version", version, &found.version);
    }
}

pub(super) fn statistics(aspects: &mut Aspects<'_>, expected: &Statistics, found: &Statistics) {
    let Statistics { table, kinds, columns, expressions, target } = expected;
    aspects.name("table", table, &found.table).plain("kinds", kinds, &found.kinds);
    // PostgreSQL lists them in the order of the table.
    let sorted = |columns: &[_]| -> Vec<_> {
        let mut columns = columns.to_vec();
        columns.sort();
        columns
    };
    if sorted(columns) != sorted(&found.columns) {
        aspects.plain("columns", columns, &found.columns);
    }
    let same = expressions.len() == found.expressions.len()
        && expressions.iter().zip(&found.expressions).all(|(e, f)| aspects.same_expression(e, f));
    if !same {
        aspects.plain("expressions", expressions, &found.expressions);
    }
    aspects.of_nature(Nature::Physical).plain("statistics-target", target, &found.target);
}

pub(super) fn plain(aspects: &mut Aspects<'_>, expected: &Plain, found: &Plain) {
    let Plain { properties } = expected;
    for expected in properties {
        // What only one of two versions keeps cannot be compared.
        if let Some(found) = found.properties.iter().find(|found| found.name == expected.name) {
            aspects.expression(expected.name, Some(&expected.value), Some(&found.value));
        }
    }
}

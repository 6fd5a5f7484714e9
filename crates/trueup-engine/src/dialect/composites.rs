//! Composite types.

use trueup_model::catalog::{Attribute, CompositeType, Entry};
use trueup_model::name::Ident;

use super::names::object;
use super::text::{ident, literal_or_null};
use super::{Alteration, Written};

pub(super) fn create(entry: &Entry, composite: &CompositeType) -> Written {
    let name = object(&entry.path);
    let attributes: Vec<String> = composite.attributes.iter().map(attribute).collect();
    let mut statements = vec![format!("CREATE TYPE {name} AS ({})", attributes.join(", "))];
    statements.extend(
        composite
            .attributes
            .iter()
            .filter(|attribute| attribute.comment.is_some())
            .map(|attribute| attribute_comment(&name, attribute)),
    );
    Written::Statements(statements)
}

fn attribute(attribute: &Attribute) -> String {
    let Attribute { name, data_type, collation, comment: _ } = attribute;
    let collation = collation.as_ref().map(|collation| format!(" COLLATE {collation}")).unwrap_or_default();
    format!("{} {data_type}{collation}", ident(name))
}

fn attribute_comment(type_name: &str, attribute: &Attribute) -> String {
    let text = literal_or_null(attribute.comment.as_ref());
    format!("COMMENT ON COLUMN {type_name}.{} IS {text}", ident(&attribute.name))
}

pub(super) fn alter(
    aspect: &str,
    found: &CompositeType,
    (after, composite): (&Entry, &CompositeType),
) -> Alteration {
    let name = object(&after.path);
    match aspect {
        "attribute-comments" => Alteration::Statements(
            found
                .attributes
                .iter()
                .zip(&composite.attributes)
                .filter(|(there, wanted)| there.comment != wanted.comment)
                .map(|(_, wanted)| attribute_comment(&name, wanted))
                .collect(),
        ),
        "attributes" => alter_attributes(&name, found, composite),
        other => Alteration::unknown(other, after),
    }
}

fn alter_attributes(name: &str, found: &CompositeType, wanted: &CompositeType) -> Alteration {
    let prefix = format!("ALTER TYPE {name}");
    let same_but_name = |there: &Attribute, wanted: &Attribute| {
        there.data_type == wanted.data_type && there.collation == wanted.collation
    };
    let has = |composite: &CompositeType, name: &Ident| composite.attributes.iter().any(|a| a.name == *name);
    let aligned = found.attributes.len() == wanted.attributes.len()
        && found.attributes.iter().zip(&wanted.attributes).all(|(there, wanted_one)| {
            there.name == wanted_one.name
                || (same_but_name(there, wanted_one)
                    && !has(wanted, &there.name)
                    && !has(found, &wanted_one.name))
        });
    let mut statements = Vec::new();
    if aligned {
        for (there, wanted) in found.attributes.iter().zip(&wanted.attributes) {
            if there.name != wanted.name {
                statements.push(format!(
                    "{prefix} RENAME ATTRIBUTE {} TO {}",
                    ident(&there.name),
                    ident(&wanted.name)
                ));
            } else if !same_but_name(there, wanted) {
                statements.push(format!("{prefix} ALTER ATTRIBUTE {}", attribute_type(wanted)));
            }
        }
        return Alteration::Statements(statements);
    }
    let kept: Vec<&Attribute> = found.attributes.iter().filter(|there| has(wanted, &there.name)).collect();
    let begins_alike = kept.iter().zip(&wanted.attributes).all(|(there, wanted)| there.name == wanted.name);
    if !begins_alike {
        // New attributes come last: another order takes another type.
        return Alteration::Rebuild;
    }
    for gone in found.attributes.iter().filter(|there| !has(wanted, &there.name)) {
        statements.push(format!("{prefix} DROP ATTRIBUTE {}", ident(&gone.name)));
    }
    for (there, wanted) in kept.iter().zip(&wanted.attributes) {
        if !same_but_name(there, wanted) {
            statements.push(format!("{prefix} ALTER ATTRIBUTE {}", attribute_type(wanted)));
        }
    }
    for new in wanted.attributes.iter().skip(kept.len()) {
        statements.push(format!("{prefix} ADD ATTRIBUTE {}", attribute(new)));
    }
    Alteration::Statements(statements)
}

fn attribute_type(attribute: &Attribute) -> String {
    let collation =
        attribute.collation.as_ref().map(|collation| format!(" COLLATE {collation}")).unwrap_or_default();
    format!("{} TYPE {}{collation}", ident(&attribute.name), attribute.data_type)
}

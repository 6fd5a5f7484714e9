//! Extensions.

use trueup_model::catalog::{Entry, Extension};
use trueup_model::name::Text;

use super::names::object;
use super::text::{ident, literal};
use super::{Alteration, Written};

pub(super) fn create(entry: &Entry, extension: &Extension) -> Written {
    let Extension { schema, version, is_default_version } = extension;
    let version =
        if *is_default_version { String::new() } else { format!(" VERSION {}", literal(version.as_str())) };
    Written::Statements(vec![format!(
        "CREATE EXTENSION {} WITH SCHEMA {}{version}",
        object(&entry.path),
        ident(schema)
    )])
}

pub(super) fn alter(aspect: &str, found: &Extension, (after, extension): (&Entry, &Extension)) -> Alteration {
    let name = object(&after.path);
    match aspect {
        "schema" => Alteration::Statements(vec![format!(
            "ALTER EXTENSION {name} SET SCHEMA {}",
            ident(&extension.schema)
        )]),
        "version" if numbers(&extension.version) < numbers(&found.version) => {
            Alteration::Impossible(format!(
                "extensions have scripts from a version to later ones, not from {} back to {}",
                found.version, extension.version
            ))
        }
        "version" => Alteration::Statements(vec![format!(
            "ALTER EXTENSION {name} UPDATE TO {}",
            literal(extension.version.as_str())
        )]),
        other => Alteration::unknown(other, after),
    }
}

/// `1.10` is later than `1.9`.
fn numbers(version: &Text) -> Vec<u64> {
    version.as_str().split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

//! Models of a project held against its history: what they say that no migration makes.

use std::sync::Arc;

use camino::Utf8Path;
use trueup_model::finding::NamedCode;
use trueup_model::{
    Code, Finding, Ident, ObjectKind, ObjectPath, Origin, Place, QualifiedName, Severity, Text,
};

use crate::detect::Detected;
use crate::folder::shown;
use crate::framework::ReadError;
use crate::record::Recorder;
use crate::reporting::excerpt_of;

/// How the models of a project can be held against its history.
pub struct Models {
    /// The tool's own comparison, run with the project's own interpreter.
    pub program: Recorder,
    /// The same from the texts alone, as far as they tell.
    pub read: fn(&Detected) -> Result<ModelsRead, ReadError>,
}

/// What came out of reading models.
#[derive(Clone, Debug, Default)]
pub struct ModelsRead {
    pub changes: Vec<ModelChange>,
    /// What is wrong with the files themselves.
    pub findings: Vec<Finding>,
    /// What could not be compared, and why.
    pub notes: Vec<String>,
}

/// Something that models say and migrations do not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelChange {
    pub app: String,
    /// The operation that would be written: `AddField`.
    pub operation: String,
    pub model: String,
    pub field: Option<String>,
    /// In the tool's own words.
    pub description: String,
    pub table: Option<String>,
    pub column: Option<String>,
    pub index: Option<String>,
    pub constraint: Option<String>,
    /// The class of the field or constraint.
    pub class: Option<String>,
    /// What else there is to say: how two fields differ.
    pub details: Option<String>,
    /// Whether the database would see it.
    pub matters: bool,
    /// Whether the app belongs to an installed package.
    pub installed: bool,
    pub file: Option<String>,
    pub line: Option<u32>,
}

impl Models {
    /// Changes as findings, about objects of this schema.
    pub fn findings(changes: &[ModelChange], detected: &Detected, schema: &Ident) -> Vec<Finding> {
        changes.iter().map(|change| finding(change, &detected.folder, schema)).collect()
    }
}

fn finding(change: &ModelChange, root: &Utf8Path, schema: &Ident) -> Finding {
    let severity = if change.matters && !change.installed { Severity::Warning } else { Severity::Info };
    let mut finding = Finding::new(Code::Named(NamedCode::UnmigratedChange), severity);
    finding.object = object(change, schema);
    finding.aspect = Some(aspect(&change.operation));
    finding.found = Some(sentence(change));
    finding.hint = Some(hint(change));
    let file = change.file.as_ref().map(|file| root.join(file));
    let place = file.as_ref().zip(change.line).map(|(file, line)| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let written =
            text.lines().nth(usize::try_from(line).unwrap_or_default().saturating_sub(1)).unwrap_or_default();
        let indent = written.len() - written.trim_start().len();
        let column = u32::try_from(indent + 1).unwrap_or(1);
        (Place::new(shown(root, file), line, column), excerpt_of(written.trim_start()))
    });
    let (place, excerpt): (_, Option<Arc<str>>) =
        place.map_or((None, None), |(place, text)| (Some(place), text));
    finding.origin = Some(Origin {
        migration: Text::new(format!("{}.{}", change.app, change.model)),
        place,
        excerpt,
        recorded_at: None,
    });
    finding
}

/// What the migration would touch.
fn object(change: &ModelChange, schema: &Ident) -> Option<ObjectPath> {
    let table = change.table.as_deref()?;
    // A name in quotes of its own leads to another schema: `"other"."table"`.
    let (schema, table) = match table.trim_matches('"').split_once("\".\"") {
        Some((schema, table)) => (Ident::new(schema), table),
        None => (schema.clone(), table.trim_matches('"')),
    };
    let relation = QualifiedName { schema: schema.clone(), name: Ident::new(table) };
    let part = |kind, name: &String| Some(ObjectPath::part_of(kind, &relation, name.as_str()));
    if let Some(name) = &change.constraint {
        let kind = match change.class.as_deref() {
            Some(class) if class.contains("Unique") => ObjectKind::UniqueConstraint,
            Some(class) if class.contains("Exclusion") => ObjectKind::ExclusionConstraint,
            Some(_) | None => ObjectKind::CheckConstraint,
        };
        return part(kind, name);
    }
    if let Some(name) = &change.index {
        return part(ObjectKind::Index, name);
    }
    if let Some(name) = &change.column {
        return part(ObjectKind::Column, name);
    }
    Some(ObjectPath::in_schema(ObjectKind::Table, &schema, table))
}

/// Operations as they are told apart in written formats.
const ASPECTS: &[(&str, &str)] = &[
    ("CreateModel", "create-model"),
    ("DeleteModel", "delete-model"),
    ("RenameModel", "rename-model"),
    ("AlterModelTable", "alter-model-table"),
    ("AlterModelTableComment", "alter-model-table-comment"),
    ("AlterModelOptions", "alter-model-options"),
    ("AlterModelManagers", "alter-model-managers"),
    ("AlterUniqueTogether", "alter-unique-together"),
    ("AlterIndexTogether", "alter-index-together"),
    ("AlterOrderWithRespectTo", "alter-order-with-respect-to"),
    ("AddField", "add-field"),
    ("AlterField", "alter-field"),
    ("RemoveField", "remove-field"),
    ("RenameField", "rename-field"),
    ("AddIndex", "add-index"),
    ("RemoveIndex", "remove-index"),
    ("RenameIndex", "rename-index"),
    ("AddConstraint", "add-constraint"),
    ("RemoveConstraint", "remove-constraint"),
    ("AlterConstraint", "alter-constraint"),
];

fn aspect(operation: &str) -> &'static str {
    ASPECTS.iter().find(|(known, _)| *known == operation).map_or("other-operation", |(_, aspect)| aspect)
}

fn sentence(change: &ModelChange) -> String {
    let model = format!("{}.{}", change.app, change.model);
    let class = change.class.as_ref().map(|class| format!(" ({class})")).unwrap_or_default();
    let details = change.details.as_ref().map(|details| format!(": {details}")).unwrap_or_default();
    let field = change.field.as_deref().unwrap_or_default();
    match change.operation.as_str() {
        "CreateModel" => format!("no migration makes the model {model}{details}"),
        "DeleteModel" => format!("migrations make the model {model}, and no class defines it{details}"),
        "AddField" => format!("{model} has a field {field}{class}, and no migration adds it{details}"),
        "RemoveField" => {
            format!("migrations give {model} a field {field}{class}, and the class has none{details}")
        }
        "AlterField" if change.matters => {
            format!("{model} has another field {field}{class} than the migrations make{details}")
        }
        "AlterField" => {
            format!("{model} has words on its field {field}{class} that no migration knows{details}")
        }
        _ => format!("no migration of {model} does this: {}{details}", change.description),
    }
}

fn hint(change: &ModelChange) -> String {
    if change.installed {
        return format!(
            "{} is an installed package: its migrations are not yours to write; see whether its version or \
             DEFAULT_AUTO_FIELD is the one that it was made for",
            change.app
        );
    }
    format!("python manage.py makemigrations {}", change.app)
}

//! Judges what no migration makes: duplicates, copies, what is left over from earlier, and all else.

use trueup_model::catalog::Object;
use trueup_model::finding::NamedCode;
use trueup_model::journal::StatementRef;
use trueup_model::path::ObjectKind;
use trueup_model::{Code, Finding, Ident, ObjectPath, Severity};

use super::Bench;
use super::copies::copied_from;
use super::described::described;
use crate::duplicates;

pub(super) fn unexpected(path: &ObjectPath, bench: &Bench<'_>) -> Finding {
    let (sides, claims) = (bench.sides, bench.claims);
    let unusable = sides
        .found
        .find(path)
        .is_some_and(|entry| matches!(&entry.object, Object::Index(index) if !index.valid));
    if unusable {
        let mut finding = Finding::new(Code::Named(NamedCode::InvalidIndex), Severity::Warning);
        finding.found = Some(described(sides.found, path));
        finding.hint = Some(
            "left by a concurrent build that failed: it costs every write and serves no query".to_owned(),
        );
        return finding;
    }
    if let Some(twin) = duplicates::twin(sides.found, path) {
        let code = if path.kind == ObjectKind::Index {
            NamedCode::DuplicateIndex
        } else {
            NamedCode::DuplicateConstraint
        };
        let mut finding = Finding::new(Code::Named(code), Severity::Warning);
        finding.found = Some(described(sides.found, path));
        finding.hint = Some(match bench.known_as(twin) {
            Some(known) if known.name() == twin.name() => {
                format!("{twin}, which the history knows, says the same")
            }
            Some(known) => format!("{twin}, which the history knows as {}, says the same", known.name()),
            None => format!("{twin} says the same, and no migration makes either"),
        });
        return finding;
    }
    if let Some(original) = copied_from(path, sides.found) {
        let mut finding = Finding::new(Code::Named(NamedCode::BackupTable), Severity::Warning);
        finding.found = Some(described(sides.found, path));
        finding.hint = Some(format!("by its name and columns somebody's copy of {original}"));
        return finding;
    }
    if let Some(former) = former(path, bench) {
        let mut finding = Finding::new(Code::Named(NamedCode::ZombieTable), Severity::Warning);
        finding.found = Some(described(sides.found, path));
        finding.origin = claims.origin_of(former);
        finding.hint =
            Some("left over from then, or a new table that somebody gave the same name".to_owned());
        return finding;
    }
    let entry = sides.found.find(path);
    let is_partition = matches!(entry.map(|entry| &entry.object), Some(Object::Table(table))
    if table.partition_of.as_ref().is_some_and(|partition| {
        let parent = ObjectPath::in_schema(ObjectKind::Table, &partition.parent.schema, partition.parent.name.as_str());
        sides.expected.contains(&parent)
    }));
    let (severity, hint) = match path.kind {
        _ if is_partition => (
            Severity::Info,
            Some("a partition of a table that the history knows: partitions come and go".to_owned()),
        ),
        ObjectKind::Schema => {
            let hint = match bench.unlisted(&path.head) {
                0 if !holds_objects(&path.head, bench) => if holds_extensions(&path.head, bench) {
                    "only extensions are in it"
                } else {
                    "it is empty"
                }
                .to_owned(),
                0 => "all that is in it was meant for another schema".to_owned(),
                1 => "with 1 object in it that is not listed".to_owned(),
                many => format!("with {many} objects in it that are not listed"),
            };
            (Severity::Warning, Some(hint))
        }
        ObjectKind::Extension => (Severity::Info, Some("no migration installs it".to_owned())),
        _ => (Severity::Warning, Some(made_by_none(path, bench))),
    };
    let mut finding = Finding::new(Code::Unexpected(path.kind), severity);
    finding.found = Some(described(sides.found, path));
    finding.hint = hint;
    finding
}

/// What was not read may make it: then nobody is told that no migration does.
fn made_by_none(path: &ObjectPath, bench: &Bench<'_>) -> String {
    match bench.claims.may_be_made_by(path) {
        Some(migration) => format!("{migration}, which was not read as a whole, may make it"),
        None if !bench.claims.unread().is_empty() => "no migration that could be read makes it".to_owned(),
        None => "no migration makes it".to_owned(),
    }
}

fn holds_objects(schema: &Ident, bench: &Bench<'_>) -> bool {
    bench.sides.found.entries().iter().any(|entry| entry.path.schema.as_ref() == Some(schema))
}

/// What an extension makes is part of the extension and not listed.
fn holds_extensions(schema: &Ident, bench: &Bench<'_>) -> bool {
    bench
        .sides
        .found
        .entries()
        .iter()
        .any(|entry| matches!(&entry.object, Object::Extension(extension) if extension.schema == *schema))
}

/// The statement that made a table of this name, if the history has no such table any more.
fn former(path: &ObjectPath, bench: &Bench<'_>) -> Option<StatementRef> {
    if path.kind != ObjectKind::Table || bench.expects_table_named(&path.head) {
        return None;
    }
    bench.claims.former(path)
}

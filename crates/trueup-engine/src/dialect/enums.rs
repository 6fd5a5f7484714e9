//! Enums: labels come and change their names; none goes while the type is in use.

use trueup_model::catalog::{Column, Entry, EnumType, Object};
use trueup_model::name::{Ident, Text};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::names::{alter_relation, object, relation, relation_entry};
use super::text::{ident, literal};
use super::types::is_type;
use super::{Alteration, Written, access};
use crate::findings::Sides;

pub(super) fn create(entry: &Entry, labels: &EnumType) -> Written {
    Written::Statements(vec![statement(&entry.path, labels)])
}

fn statement(path: &ObjectPath, labels: &EnumType) -> String {
    let labels: Vec<String> = labels.labels.iter().map(label).collect();
    format!("CREATE TYPE {} AS ENUM ({})", object(path), labels.join(", "))
}

fn label(label: &Text) -> String {
    literal(label.as_str())
}

pub(super) fn alter(found: &EnumType, (after, wanted): (&Entry, &EnumType), sides: &Sides<'_>) -> Alteration {
    let prefix = format!("ALTER TYPE {}", object(&after.path));
    if let Some(pairs) = renamed(&found.labels, &wanted.labels) {
        return Alteration::Statements(
            pairs
                .into_iter()
                .map(|(old, new)| format!("{prefix} RENAME VALUE {} TO {}", label(old), label(new)))
                .collect(),
        );
    }
    if is_part(&found.labels, &wanted.labels) {
        return Alteration::Statements(added(&prefix, &found.labels, &wanted.labels));
    }
    replaced(after, wanted, sides)
}

/// Labels that stand in the same place under another name, where nothing else is the matter.
fn renamed<'a>(found: &'a [Text], wanted: &'a [Text]) -> Option<Vec<(&'a Text, &'a Text)>> {
    if found.len() != wanted.len() {
        return None;
    }
    let pairs: Vec<(&Text, &Text)> = found.iter().zip(wanted).filter(|(old, new)| old != new).collect();
    let clear = pairs.iter().all(|(old, new)| !wanted.contains(old) && !found.contains(new));
    clear.then_some(pairs)
}

/// All labels that are there are wanted, in the same order.
fn is_part(found: &[Text], wanted: &[Text]) -> bool {
    let mut rest = wanted.iter();
    found.iter().all(|label| rest.any(|other| other == label))
}

/// Each new label before the next one that is there, or behind the last.
fn added(prefix: &str, found: &[Text], wanted: &[Text]) -> Vec<String> {
    wanted
        .iter()
        .enumerate()
        .filter(|(_, new)| !found.contains(new))
        .map(|(at, new)| {
            let next = wanted[at..].iter().find(|label| found.contains(label));
            let place = next.map(|next| format!(" BEFORE {}", label(next))).unwrap_or_default();
            format!("{prefix} ADD VALUE {}{place}", label(new))
        })
        .collect()
}

/// A name that nothing else has, for as long as the statements run.
const FORMER: &str = "trueup_former_enum";

/// Labels that go, or stand in another order, take a new type. Columns are converted by their text: a row with a label
/// that is no longer wanted stops it.
fn replaced(after: &Entry, wanted: &EnumType, sides: &Sides<'_>) -> Alteration {
    let columns: Vec<(&Entry, &Column)> = sides
        .found
        .entries()
        .iter()
        .filter_map(|entry| match &entry.object {
            Object::Column(column) if is_type(column.data_type.as_str(), &after.path) => {
                Some((entry, column.as_ref()))
            }
            _ => None,
        })
        .filter(|(entry, column)| {
            let of = relation_entry(sides.found, &relation(&entry.path));
            // Views are the planner's; children follow their parents.
            !column.inherited && of.is_some_and(|of| matches!(of.object, Object::Table(_)))
        })
        .collect();
    if columns.is_empty() {
        return Alteration::Rebuild;
    }
    let former = ObjectPath { head: Ident::new(FORMER), ..after.path.clone() };
    let mut statements = vec![
        format!("ALTER TYPE {} RENAME TO {}", object(&after.path), ident(&former.head)),
        statement(&after.path, wanted),
    ];
    for (entry, column) in columns {
        let prefix = alter_relation(sides.found, &relation(&entry.path));
        let name = ident(&entry.path.part);
        let array = if column.data_type.as_str().ends_with("[]") { "[]" } else { "" };
        let new = format!("{}{array}", object(&after.path));
        let text = format!("text{array}");
        let using = if entry.path.kind == ObjectKind::Column && column.generated.is_none() {
            format!(" USING {name}::{text}::{new}")
        } else {
            String::new()
        };
        let mut parts = Vec::new();
        if column.default.is_some() && column.generated.is_none() {
            parts.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
        }
        parts.push(format!("ALTER COLUMN {name} TYPE {new}{using}"));
        if let (Some(default), None) = (&column.default, &column.generated) {
            parts.push(format!("ALTER COLUMN {name} SET DEFAULT {default}"));
        }
        statements.push(format!("{prefix} {}", parts.join(", ")));
    }
    statements.push(format!("DROP TYPE {}", object(&former)));
    statements.extend(access::of_new(after, sides));
    Alteration::Statements(statements)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: &[&str], wanted: &[&str], expected: &[&str]) {
        let texts = |list: &[&str]| EnumType { labels: list.iter().map(Text::new).collect() };
        let entry = Entry {
            path: ObjectPath::in_schema(ObjectKind::Enum, &Ident::new("s"), "e"),
            owner: None,
            comment: None,
            granted: Vec::new(),
            revoked: Vec::new(),
            object: Object::Enum(texts(wanted)),
        };
        let catalog = trueup_model::Catalog::new(180_000, Vec::new());
        let sides = Sides { expected: &catalog, found: &catalog };
        match alter(&texts(found), (&entry, &texts(wanted)), &sides) {
            Alteration::Statements(statements) => assert_eq!(statements, expected),
            Alteration::Rebuild => assert_eq!(expected, ["rebuild"]),
            Alteration::Impossible(reason) => assert_eq!(expected, [reason]),
        }
    }

    #[test]
    fn labels_come_and_change_their_names() {
        check(
            &["a", "d"],
            &["a", "b", "c", "d", "e"],
            &[
                "ALTER TYPE \"s\".\"e\" ADD VALUE 'b' BEFORE 'd'",
                "ALTER TYPE \"s\".\"e\" ADD VALUE 'c' BEFORE 'd'",
                "ALTER TYPE \"s\".\"e\" ADD VALUE 'e'",
            ],
        );
        check(&["a", "b"], &["a", "it's"], &["ALTER TYPE \"s\".\"e\" RENAME VALUE 'b' TO 'it''s'"]);
        check(&["a", "b"], &["b", "a"], &["rebuild"]);
        check(&["a", "b"], &["a"], &["rebuild"]);
    }
}

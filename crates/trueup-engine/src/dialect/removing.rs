//! Statements that take an object away. Never with CASCADE: what hangs on it stops them.

use trueup_model::catalog::{Entry, Object, Table};
use trueup_model::path::ObjectKind;

use super::names::{alter_relation, named, object, relation, relation_entry};
use super::text::ident;
use super::{Written, default_privileges, plain, sequences};
use crate::findings::Sides;

const HELD_BY_ITS_FUNCTIONS: &str = "a type and the functions that read and write its values hold each other: PostgreSQL drops them only with CASCADE";

/// The entry is one of the found side.
pub fn remove(entry: &Entry, sides: &Sides<'_>) -> Written {
    let path = &entry.path;
    let one = |statement: String| Written::Statements(vec![statement]);
    if entry.object.is_inherited() {
        return Written::Impossible(format!(
            "it comes from a parent of its table and goes only with the parent's own: {path}"
        ));
    }
    match path.kind {
        ObjectKind::Column => {
            let relation = relation(path);
            match relation_entry(sides.found, &relation).map(|entry| entry.path.kind) {
                Some(ObjectKind::View | ObjectKind::MaterializedView) => {
                    Written::Impossible("a column of a view goes with the definition of the view".to_owned())
                }
                _ => one(format!(
                    "{} DROP COLUMN {}",
                    alter_relation(sides.found, &relation),
                    ident(&path.part)
                )),
            }
        }
        ObjectKind::PrimaryKey
        | ObjectKind::UniqueConstraint
        | ObjectKind::CheckConstraint
        | ObjectKind::ForeignKey
        | ObjectKind::ExclusionConstraint => one(format!(
            "{} DROP CONSTRAINT {}",
            alter_relation(sides.found, &relation(path)),
            ident(&path.part)
        )),
        ObjectKind::BaseType => Written::Impossible(HELD_BY_ITS_FUNCTIONS.to_owned()),
        ObjectKind::RangeType => match &entry.object {
            Object::RangeType(range)
                if range.canonical.as_ref().is_some_and(|name| name.as_str().contains('.')) =>
            {
                Written::Impossible(HELD_BY_ITS_FUNCTIONS.to_owned())
            }
            _ => one(format!("DROP {}", named(path))),
        },
        ObjectKind::DefaultPrivileges => match &entry.object {
            Object::DefaultPrivileges(privileges) => default_privileges::remove(entry, privileges, sides),
            _ => unreachable!("an entry's object is of the kind of its path"),
        },
        ObjectKind::Table => match &entry.object {
            Object::Table(table) => Written::Statements(table_removed(entry, table, sides)),
            _ => unreachable!("an entry's object is of the kind of its path"),
        },
        ObjectKind::Sequence => match &entry.object {
            Object::Sequence(sequence) => {
                let mut statements = sequences::let_go(entry, sequence, sides);
                statements.push(format!("DROP {}", named(path)));
                Written::Statements(statements)
            }
            _ => unreachable!("an entry's object is of the kind of its path"),
        },
        ObjectKind::UserMapping => one(format!("DROP {}", plain::user_mapping_name(path, sides))),
        ObjectKind::Schema
        | ObjectKind::Extension
        | ObjectKind::Enum
        | ObjectKind::CompositeType
        | ObjectKind::Domain
        | ObjectKind::ForeignTable
        | ObjectKind::View
        | ObjectKind::MaterializedView
        | ObjectKind::Index
        | ObjectKind::Statistics
        | ObjectKind::Trigger
        | ObjectKind::Rule
        | ObjectKind::Policy
        | ObjectKind::Function
        | ObjectKind::Procedure
        | ObjectKind::Aggregate
        | ObjectKind::EventTrigger
        | ObjectKind::Collation
        | ObjectKind::Conversion
        | ObjectKind::Cast
        | ObjectKind::Operator
        | ObjectKind::OperatorClass
        | ObjectKind::OperatorFamily
        | ObjectKind::Language
        | ObjectKind::Transform
        | ObjectKind::AccessMethod
        | ObjectKind::TextSearchParser
        | ObjectKind::TextSearchTemplate
        | ObjectKind::TextSearchDictionary
        | ObjectKind::TextSearchConfiguration
        | ObjectKind::ForeignDataWrapper
        | ObjectKind::ForeignServer
        | ObjectKind::Publication
        | ObjectKind::Subscription => one(format!("DROP {}", named(path))),
    }
}

/// Foreign keys that refer to a partitioned table refer to each of its partitions, which have to leave it first.
fn table_removed(entry: &Entry, table: &Table, sides: &Sides<'_>) -> Vec<String> {
    let drop = format!("DROP {}", named(&entry.path));
    let parent_of = |table: &Table| table.partition_of.as_ref().map(|partition| partition.parent.clone());
    let Some(parent) = parent_of(table) else { return vec![drop] };
    let mut above = vec![parent.clone()];
    while let Some(next) = above.last().and_then(|name| match &relation_entry(sides.found, name)?.object {
        Object::Table(table) => parent_of(table).filter(|next| !above.contains(next)),
        _ => None,
    }) {
        above.push(next);
    }
    let refers =
        |entry: &Entry| matches!(&entry.object, Object::ForeignKey(key) if above.contains(&key.references));
    if !sides.found.entries().iter().any(refers) {
        return vec![drop];
    }
    vec![format!("{} DETACH PARTITION {}", alter_relation(sides.found, &parent), object(&entry.path)), drop]
}

#[cfg(test)]
mod tests {
    use super::*;
    use trueup_model::Catalog;
    use trueup_model::catalog::{Schema, Trigger};
    use trueup_model::name::{QualifiedName, Text};
    use trueup_model::path::ObjectPath;

    fn entry(path: ObjectPath, object: Object) -> Entry {
        Entry { path, owner: None, comment: None, granted: Vec::new(), revoked: Vec::new(), object }
    }

    #[test]
    fn nothing_is_dropped_with_what_hangs_on_it() {
        let catalog = Catalog::new(180_000, Vec::new());
        let sides = Sides { expected: &catalog, found: &catalog };
        let schema = entry(ObjectPath::global(ObjectKind::Schema, "a\"b"), Object::Schema(Schema {}));
        assert_eq!(remove(&schema, &sides), Written::Statements(vec!["DROP SCHEMA \"a\"\"b\"".to_owned()]));
    }

    #[test]
    fn what_comes_from_a_parent_does_not_go_alone() {
        let catalog = Catalog::new(180_000, Vec::new());
        let sides = Sides { expected: &catalog, found: &catalog };
        let trigger = Trigger {
            timing: Text::new("AFTER"),
            events: Vec::new(),
            columns: Vec::new(),
            for_each_row: true,
            function: QualifiedName::new("s", "f"),
            arguments: Vec::new(),
            condition: None,
            old_table: None,
            new_table: None,
            constraint: None,
            from_table: None,
            fires: trueup_model::catalog::FireState::Origin,
            inherited: true,
        };
        let path = ObjectPath::part_of(ObjectKind::Trigger, &QualifiedName::new("s", "t"), "x");
        let trigger = entry(path, Object::Trigger(Box::new(trigger)));
        assert!(matches!(remove(&trigger, &sides), Written::Impossible(_)));
    }
}

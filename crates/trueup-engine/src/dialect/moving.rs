//! Statements that give an object another name, or put it into another schema.

use trueup_model::path::{ObjectKind, ObjectPath};

use super::Written;
use super::names::{in_schema, named, object};
use super::text::ident;

/// From one path to the other; only the last name may differ.
pub fn rename(from: &ObjectPath, to: &ObjectPath) -> Written {
    let new = ident(to.name());
    let one = |statement: String| Written::Statements(vec![statement]);
    match from.kind {
        // ALTER TABLE knows columns of every relation.
        ObjectKind::Column => {
            one(format!("ALTER TABLE {} RENAME COLUMN {} TO {new}", object(from), ident(&from.part)))
        }
        ObjectKind::PrimaryKey
        | ObjectKind::UniqueConstraint
        | ObjectKind::CheckConstraint
        | ObjectKind::ForeignKey
        | ObjectKind::ExclusionConstraint => {
            one(format!("ALTER TABLE {} RENAME CONSTRAINT {} TO {new}", object(from), ident(&from.part)))
        }
        ObjectKind::Index => one(format!("ALTER INDEX {} RENAME TO {new}", in_schema(from, &from.part))),
        ObjectKind::Extension
        | ObjectKind::DefaultPrivileges
        | ObjectKind::Cast
        | ObjectKind::Operator
        | ObjectKind::Transform
        | ObjectKind::AccessMethod
        | ObjectKind::UserMapping => {
            Written::Impossible(format!("PostgreSQL cannot give {} another name", from.kind.plural()))
        }
        ObjectKind::Schema
        | ObjectKind::Enum
        | ObjectKind::CompositeType
        | ObjectKind::Domain
        | ObjectKind::RangeType
        | ObjectKind::BaseType
        | ObjectKind::Sequence
        | ObjectKind::Table
        | ObjectKind::ForeignTable
        | ObjectKind::View
        | ObjectKind::MaterializedView
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
        | ObjectKind::OperatorClass
        | ObjectKind::OperatorFamily
        | ObjectKind::Language
        | ObjectKind::TextSearchParser
        | ObjectKind::TextSearchTemplate
        | ObjectKind::TextSearchDictionary
        | ObjectKind::TextSearchConfiguration
        | ObjectKind::ForeignDataWrapper
        | ObjectKind::ForeignServer
        | ObjectKind::Publication
        | ObjectKind::Subscription => one(format!("ALTER {} RENAME TO {new}", named(from))),
    }
}

/// Makes a sequence nobody's.
pub fn disown(sequence: &ObjectPath) -> String {
    format!("ALTER {} OWNED BY NONE", named(sequence))
}

/// From one schema to the other, under the same name. What SET SCHEMA leaves behind stays where it is.
pub fn set_schema(from: &ObjectPath, to: &ObjectPath) -> Written {
    match (&from.schema, &to.schema, from.is_part()) {
        (Some(_), Some(schema), false) => {
            Written::Statements(vec![format!("ALTER {} SET SCHEMA {}", named(from), ident(schema))])
        }
        (Some(_) | None, Some(_) | None, _) => {
            Written::Impossible(format!("{} go with what they belong to", from.kind.plural()))
        }
    }
}

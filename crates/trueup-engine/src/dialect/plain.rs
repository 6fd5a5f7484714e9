//! The kinds that are compared property by property: most of them keep nothing and can be made anew.

mod code;
mod foreign;
mod operators;
mod replication;
mod text_search;

use trueup_model::catalog::{Entry, Plain};
use trueup_model::path::ObjectKind;

pub(super) use foreign::user_mapping_name;

use super::{Alteration, Written};
use crate::findings::Sides;

/// A property by its name. What is absent is `none` in the catalog.
fn value<'a>(plain: &'a Plain, name: &str) -> Option<&'a str> {
    plain
        .properties
        .iter()
        .find(|property| property.name == name)
        .map(|property| property.value.as_str())
        .filter(|value| *value != "none")
}

fn is_set(plain: &Plain, name: &str) -> bool {
    value(plain, name) == Some("yes")
}

pub(super) fn create(entry: &Entry, plain: &Plain, sides: &Sides<'_>) -> Written {
    let one = |statement: String| Written::Statements(vec![statement]);
    let path = &entry.path;
    match path.kind {
        ObjectKind::Collation => code::collation(path, plain, sides),
        ObjectKind::Conversion => one(code::conversion(path, plain)),
        ObjectKind::Cast => one(code::cast(path, plain)),
        ObjectKind::Operator => one(operators::operator(path, plain)),
        ObjectKind::OperatorClass => one(operators::class(path, plain)),
        ObjectKind::OperatorFamily => Written::Statements(operators::family(path, plain)),
        ObjectKind::Language => one(code::language(path, plain)),
        ObjectKind::Transform => one(code::transform(path, plain)),
        ObjectKind::AccessMethod => one(code::access_method(path, plain)),
        ObjectKind::TextSearchParser => one(text_search::parser(path, plain)),
        ObjectKind::TextSearchTemplate => one(text_search::template(path, plain)),
        ObjectKind::TextSearchDictionary => one(text_search::dictionary(path, plain)),
        ObjectKind::TextSearchConfiguration => Written::Statements(text_search::configuration(path, plain)),
        ObjectKind::ForeignDataWrapper => one(foreign::wrapper(path, plain)),
        ObjectKind::ForeignServer => one(foreign::server(path, plain)),
        ObjectKind::UserMapping => foreign::user_mapping(path, plain, sides),
        ObjectKind::Publication => one(replication::publication(path, plain)),
        ObjectKind::Subscription => Written::Impossible(
            "the connection of a subscription holds a password and is not read from a database".to_owned(),
        ),
        ObjectKind::Schema
        | ObjectKind::Extension
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
        | ObjectKind::Column
        | ObjectKind::PrimaryKey
        | ObjectKind::UniqueConstraint
        | ObjectKind::CheckConstraint
        | ObjectKind::ForeignKey
        | ObjectKind::ExclusionConstraint
        | ObjectKind::Index
        | ObjectKind::Statistics
        | ObjectKind::Trigger
        | ObjectKind::Rule
        | ObjectKind::Policy
        | ObjectKind::Function
        | ObjectKind::Procedure
        | ObjectKind::Aggregate
        | ObjectKind::EventTrigger
        | ObjectKind::DefaultPrivileges => unreachable!("{} are not plain", path.kind.plural()),
    }
}

pub(super) fn alter(
    aspect: &str,
    found: &Plain,
    (after, plain): (&Entry, &Plain),
    sides: &Sides<'_>,
) -> Alteration {
    let path = &after.path;
    match path.kind {
        ObjectKind::Operator => operators::alter(aspect, path, plain, sides),
        ObjectKind::OperatorFamily => operators::alter_family(aspect, path, found, plain),
        ObjectKind::Language => Alteration::Statements(vec![code::replace_language(path, plain)]),
        ObjectKind::Transform => Alteration::Statements(vec![code::replace_transform(path, plain)]),
        ObjectKind::TextSearchDictionary => text_search::alter_dictionary(aspect, path, found, plain),
        ObjectKind::TextSearchConfiguration => text_search::alter_configuration(aspect, path, found, plain),
        ObjectKind::ForeignDataWrapper => foreign::alter_wrapper(aspect, path, found, plain),
        ObjectKind::ForeignServer => foreign::alter_server(aspect, path, found, plain),
        ObjectKind::UserMapping => foreign::alter_user_mapping(path, found, plain, sides),
        ObjectKind::Publication => replication::alter_publication(aspect, path, plain),
        ObjectKind::Subscription => replication::alter_subscription(aspect, path, plain),
        // Nothing is kept in them.
        ObjectKind::Collation
        | ObjectKind::Conversion
        | ObjectKind::Cast
        | ObjectKind::OperatorClass
        | ObjectKind::AccessMethod
        | ObjectKind::TextSearchParser
        | ObjectKind::TextSearchTemplate => Alteration::Rebuild,
        ObjectKind::Schema
        | ObjectKind::Extension
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
        | ObjectKind::Column
        | ObjectKind::PrimaryKey
        | ObjectKind::UniqueConstraint
        | ObjectKind::CheckConstraint
        | ObjectKind::ForeignKey
        | ObjectKind::ExclusionConstraint
        | ObjectKind::Index
        | ObjectKind::Statistics
        | ObjectKind::Trigger
        | ObjectKind::Rule
        | ObjectKind::Policy
        | ObjectKind::Function
        | ObjectKind::Procedure
        | ObjectKind::Aggregate
        | ObjectKind::EventTrigger
        | ObjectKind::DefaultPrivileges => unreachable!("{} are not plain", path.kind.plural()),
    }
}

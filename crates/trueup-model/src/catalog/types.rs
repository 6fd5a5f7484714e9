//! Types: enums, composite types, domains, ranges, and base types.

use crate::name::{Ident, Text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumType {
    /// In their order.
    pub labels: Vec<Text>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompositeType {
    pub attributes: Vec<Attribute>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: Ident,
    pub data_type: Text,
    /// Where it is not the collation of the type.
    pub collation: Option<Text>,
    pub comment: Option<Text>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    pub base: Text,
    pub collation: Option<Text>,
    pub not_null: bool,
    pub default: Option<Text>,
    /// Sorted by name.
    pub checks: Vec<DomainCheck>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainCheck {
    pub name: Ident,
    pub expression: Text,
    pub validated: bool,
    pub comment: Option<Text>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeType {
    pub subtype: Text,
    /// Where it is not the default of the subtype.
    pub operator_class: Option<Text>,
    pub collation: Option<Text>,
    pub canonical: Option<Text>,
    pub subtype_diff: Option<Text>,
    /// From PostgreSQL 14.
    pub multirange: Option<Text>,
}

/// A type with functions of its own, written in C. Compared, hardly ever met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseType {
    pub definition: Text,
}

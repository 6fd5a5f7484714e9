//! Kinds that are compared property by property and never taken apart: operators, casts, text search
//! configurations, foreign servers, publications and their like.

use crate::name::Text;

/// Named properties in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plain {
    pub properties: Vec<Property>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The stable word of the report.
    pub name: &'static str,
    pub value: Text,
}

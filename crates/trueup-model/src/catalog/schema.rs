//! Schemas. They have a name, an owner and privileges, and nothing else.

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {}

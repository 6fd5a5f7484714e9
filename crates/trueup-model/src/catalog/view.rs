//! Views and materialized views. Their columns are entries of their own.

use crate::name::{Ident, Text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub definition: Text,
    /// `check_option=local`, `security_barrier=true`, …, sorted.
    pub options: Vec<Text>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaterializedView {
    pub definition: Text,
    pub populated: bool,
    pub options: Vec<Text>,
    /// Where it is not `heap`.
    pub access_method: Option<Ident>,
    pub tablespace: Option<Ident>,
    pub clustered_on: Option<Ident>,
}

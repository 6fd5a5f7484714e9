//! Functions, procedures and aggregates.

use crate::name::{Ident, Text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routine {
    pub kind: RoutineKind,
    /// With names, modes and defaults, as `pg_get_function_arguments` writes them.
    pub arguments: Text,
    /// `SETOF integer`, `TABLE(…)`; `None` for procedures.
    pub result: Option<Text>,
    pub language: Ident,
    /// The body as written, or as deparsed for `BEGIN ATOMIC`.
    pub body: Text,
    /// The body is parsed by the server: its spelling follows the server's version.
    pub body_is_parsed: bool,
    /// The object file of a C function.
    pub library: Option<Text>,
    pub volatility: Volatility,
    pub strict: bool,
    pub security_definer: bool,
    pub leakproof: bool,
    pub parallel: Parallel,
    /// As written by the server: `100`.
    pub cost: Text,
    /// For functions that return sets.
    pub rows: Text,
    pub support: Option<Text>,
    /// `search_path=…`, sorted.
    pub settings: Vec<Text>,
    /// Types for which a transform is applied, in their order.
    pub transforms: Vec<Text>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoutineKind {
    Function,
    WindowFunction,
    Procedure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volatility {
    Immutable,
    Stable,
    Volatile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parallel {
    Safe,
    Restricted,
    Unsafe,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    pub arguments: Text,
    pub result: Text,
    /// Everything that `CREATE AGGREGATE` can say, as `name = value` in a fixed order.
    pub properties: Vec<Text>,
    pub parallel: Parallel,
}

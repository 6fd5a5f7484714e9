//! Tables, partitioned tables and foreign tables.

use crate::name::{Ident, QualifiedName, Text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub persistence: Persistence,
    /// How it is partitioned: `RANGE (created_at)`.
    pub partitioned_by: Option<Text>,
    /// What it is a partition of.
    pub partition_of: Option<Partition>,
    /// Parents by plain inheritance, in their order.
    pub inherits: Vec<QualifiedName>,
    /// The composite type of a typed table (`CREATE TABLE … OF`).
    pub of_type: Option<Text>,
    pub row_security: bool,
    pub force_row_security: bool,
    pub replica_identity: ReplicaIdentity,
    /// Storage parameters as `name=value`, sorted; those of the TOAST table begin with `toast.`.
    pub options: Vec<Text>,
    /// Where it is not `heap`.
    pub access_method: Option<Ident>,
    pub tablespace: Option<Ident>,
    /// The index by which the table was last clustered.
    pub clustered_on: Option<Ident>,
    /// The server of a foreign table.
    pub foreign_server: Option<Ident>,
    /// Options of a foreign table as `name=value`, sorted.
    pub foreign_options: Vec<Text>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    pub parent: QualifiedName,
    /// `FOR VALUES FROM (…) TO (…)` or `DEFAULT`.
    pub bound: Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    Permanent,
    Unlogged,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicaIdentity {
    Default,
    Nothing,
    Full,
    Index(Ident),
}

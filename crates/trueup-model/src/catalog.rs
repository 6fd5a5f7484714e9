//! What a database really contains, as plain data: one entry per object, sorted by path.
//!
//! A catalog has no origins and no history. A live one and a replayed one are the same type, read by the same
//! code; that is what makes comparing them honest.

mod column;
mod constraint;
mod event_trigger;
mod extension;
mod index;
mod plain;
mod policy;
mod privileges;
mod relation;
mod routine;
mod rule;
mod schema;
mod sequence;
mod statistics;
mod trigger;
mod types;
mod view;

pub use column::{Column, Generated, GeneratedKind, Identity, IdentityMode, NotNull};
pub use constraint::{
    Check, Deferral, Exclusion, FireState, ForeignKey, ForeignKeyAction, ForeignKeyMatch, Key,
};
pub use event_trigger::EventTrigger;
pub use extension::Extension;
pub use index::{Index, IndexKey};
pub use plain::{Plain, Property};
pub use policy::{Policy, PolicyCommand};
pub use privileges::{DefaultPrivileges, Grant};
pub use relation::{Partition, Persistence, ReplicaIdentity, Table};
pub use routine::{Aggregate, Parallel, Routine, RoutineKind, Volatility};
pub use rule::Rule;
pub use schema::Schema;
pub use sequence::{OwnedBy, Sequence, SequenceOptions};
pub use statistics::Statistics;
pub use trigger::Trigger;
pub use types::{Attribute, BaseType, CompositeType, Domain, DomainCheck, EnumType, RangeType};
pub use view::{MaterializedView, View};

use crate::name::{Ident, Role, Text};
use crate::path::{ObjectKind, ObjectPath};

/// One object with what every object can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub path: ObjectPath,
    /// The owner, for kinds that have one of their own (a column has none).
    pub owner: Option<Ident>,
    pub comment: Option<Text>,
    /// Privileges given beyond those that PostgreSQL gives by default, sorted.
    pub granted: Vec<Grant>,
    /// Default privileges taken away, sorted.
    pub revoked: Vec<Grant>,
    pub object: Object,
}

impl Entry {
    /// The schema that every database is made with.
    fn is_public_schema(&self) -> bool {
        self.path.kind == ObjectKind::Schema && self.path.head.as_str() == "public"
    }
}

/// The definition of an object. A new kind starts here; the compiler then lists what it still needs. Large ones are
/// boxed: a database has a hundred columns for each domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    Schema(Schema),
    Extension(Extension),
    Enum(EnumType),
    CompositeType(CompositeType),
    Domain(Box<Domain>),
    RangeType(Box<RangeType>),
    BaseType(BaseType),
    Sequence(Box<Sequence>),
    Table(Box<Table>),
    View(View),
    MaterializedView(Box<MaterializedView>),
    Column(Box<Column>),
    /// A primary key or a unique constraint, by the kind of its path.
    Key(Box<Key>),
    Check(Check),
    ForeignKey(Box<ForeignKey>),
    Exclusion(Box<Exclusion>),
    Index(Box<Index>),
    Statistics(Box<Statistics>),
    Trigger(Box<Trigger>),
    Rule(Rule),
    Policy(Box<Policy>),
    /// A function or a procedure, by the kind of its path.
    Routine(Box<Routine>),
    Aggregate(Box<Aggregate>),
    EventTrigger(Box<EventTrigger>),
    DefaultPrivileges(DefaultPrivileges),
    /// Kinds whose properties are compared, but never taken apart.
    Plain(Plain),
}

impl Object {
    /// It belongs to a partition or an inheriting table, which has it from its parent: it comes and goes with the
    /// parent's.
    pub fn is_inherited(&self) -> bool {
        match self {
            Object::Column(column) => column.inherited,
            Object::Key(key) => key.inherited,
            Object::Check(check) => check.inherited,
            Object::ForeignKey(key) => key.inherited,
            Object::Exclusion(exclusion) => exclusion.inherited,
            Object::Index(index) => index.inherited,
            Object::Trigger(trigger) => trigger.inherited,
            Object::Schema(_)
            | Object::Extension(_)
            | Object::Enum(_)
            | Object::CompositeType(_)
            | Object::Domain(_)
            | Object::RangeType(_)
            | Object::BaseType(_)
            | Object::Sequence(_)
            | Object::Table(_)
            | Object::View(_)
            | Object::MaterializedView(_)
            | Object::Statistics(_)
            | Object::Rule(_)
            | Object::Policy(_)
            | Object::Routine(_)
            | Object::Aggregate(_)
            | Object::EventTrigger(_)
            | Object::DefaultPrivileges(_)
            | Object::Plain(_) => false,
        }
    }
}

/// All objects of a database that are not PostgreSQL's own or an extension's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// As `server_version_num`: 170005.
    pub server_version: u32,
    /// The role that stands for "whoever migrates" here: two catalogs whose owners differ only by this name
    /// are owned alike.
    pub migrator: Option<Ident>,
    entries: Vec<Entry>,
}

impl Catalog {
    /// Sorts the entries by path.
    pub fn new(server_version: u32, mut entries: Vec<Entry>) -> Self {
        // Paths are unique; a stable sort would take half as much room again.
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Self { server_version, migrator: None, entries }
    }

    /// Says who migrates here. Names that are made of that role's then say "whoever migrates" instead, so that
    /// they are the same in every environment.
    pub fn migrated_by(mut self, role: Option<Ident>) -> Self {
        if let Some(role) = &role {
            for entry in &mut self.entries {
                if let Some(renamed) = entry.path.migrated_by(role) {
                    entry.path = renamed;
                }
            }
            self.entries.sort_by(|a, b| a.path.cmp(&b.path));
        }
        self.migrator = role;
        self
    }

    /// The major version: 17.
    pub fn major(&self) -> u32 {
        self.server_version / 10_000
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn find(&self, path: &ObjectPath) -> Option<&Entry> {
        self.entries.binary_search_by(|entry| entry.path.cmp(path)).ok().map(|index| &self.entries[index])
    }

    pub fn contains(&self, path: &ObjectPath) -> bool {
        self.find(path).is_some()
    }

    /// Everything that belongs to a relation: columns, constraints, indexes, triggers, rules, policies.
    pub fn parts_of<'a>(&'a self, relation: &ObjectPath) -> impl Iterator<Item = &'a Entry> + use<'a> {
        let start = self.entries.partition_point(|entry| {
            (&entry.path.schema, &entry.path.head) < (&relation.schema, &relation.head)
        });
        let rest = &self.entries[start..];
        let is_other =
            |entry: &Entry| (&entry.path.head, &entry.path.schema) != (&relation.head, &relation.schema);
        let length = rest.iter().position(is_other).unwrap_or(rest.len());
        rest[..length].iter().filter(|entry| entry.path.is_part())
    }

    /// The columns of a relation, in their order.
    pub fn columns_of(&self, relation: &ObjectPath) -> Vec<(&Ident, &Column)> {
        let mut columns: Vec<_> = self
            .parts_of(relation)
            .filter_map(|entry| match &entry.object {
                Object::Column(column) => Some((entry.path.name(), column.as_ref())),
                _ => None,
            })
            .collect();
        columns.sort_by_key(|(_, column)| column.position);
        columns
    }

    /// The column that a sequence belongs to.
    pub fn owner_of(&self, sequence: &ObjectPath) -> Option<&OwnedBy> {
        if sequence.kind != ObjectKind::Sequence {
            return None;
        }
        match self.find(sequence).map(|entry| &entry.object) {
            Some(Object::Sequence(sequence)) => sequence.owned_by.as_ref(),
            _ => None,
        }
    }

    /// Leaves out what the caller names: ledgers, and the schemas of our own machinery.
    pub fn without(mut self, mut unwanted: impl FnMut(&ObjectPath) -> bool) -> Self {
        self.entries.retain(|entry| !unwanted(&entry.path));
        self
    }

    /// The role that owns most objects; among several that own as many, `preferred` or else the first by name. Roles
    /// that PostgreSQL brings along do not count: on new databases one of them owns the schema `public`.
    pub fn commonest_owner(&self, preferred: &Ident) -> Option<Ident> {
        let counts = self.owners();
        let most = *counts.values().max()?;
        if counts.get(preferred) == Some(&most) {
            return Some(preferred.clone());
        }
        counts.into_iter().find(|(_, count)| *count == most).map(|(owner, _)| owner.clone())
    }

    /// Whether one role owns more objects than any other: only then does ownership say who migrates here.
    pub fn has_a_commonest_owner(&self) -> bool {
        let counts = self.owners();
        let most = counts.values().max();
        counts.values().filter(|count| Some(*count) == most).count() == 1
    }

    /// How many objects each role owns.
    fn owners(&self) -> std::collections::BTreeMap<&Ident, usize> {
        let mut counts = std::collections::BTreeMap::<&Ident, usize>::new();
        let owners = self.entries.iter().filter(|entry| !entry.is_public_schema());
        for owner in owners.filter_map(|entry| entry.owner.as_ref()) {
            if !owner.as_str().starts_with("pg_") {
                *counts.entry(owner).or_default() += 1;
            }
        }
        counts
    }

    /// Whether a role of this catalog and one of another stand for the same.
    pub fn same_role(&self, own: &Role, other: &Catalog, others: &Role) -> bool {
        match (own, others) {
            (Role::Public, Role::Public) => true,
            (Role::Named(own), Role::Named(others)) => self.same_owner(own, other, others),
            _ => false,
        }
    }

    /// As [`Catalog::same_role`], for owners.
    pub fn same_owner(&self, own: &Ident, other: &Catalog, others: &Ident) -> bool {
        let migrates = self.migrator.as_ref() == Some(own);
        let others_migrates = other.migrator.as_ref() == Some(others);
        (migrates && others_migrates) || (own == others && migrates == others_migrates)
    }

    /// Objects that a person would count: relations, types, routines; not their parts.
    pub fn count(&self, kind: ObjectKind) -> usize {
        self.entries.iter().filter(|entry| entry.path.kind == kind).count()
    }
}

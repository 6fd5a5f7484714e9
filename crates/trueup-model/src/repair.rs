//! What makes a found catalog the expected one: steps in order, and what every step takes, breaks and costs.

use std::fmt;
use std::sync::Arc;

use crate::name::QualifiedName;
use crate::path::ObjectPath;

/// Ordered steps from one catalog to another, and what no step was made for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    pub steps: Vec<Step>,
    pub left: Vec<Left>,
}

/// One thing that is done to one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub verb: Verb,
    /// The object by the name that it has afterwards; by its last name where it goes away.
    pub object: ObjectPath,
    /// Numbers of the differences that it settles: positions in the list that the plan was made from. Steps that only
    /// make way for others settle none.
    pub settles: Vec<usize>,
    /// The object whose own step needs this one out of its way. Such a step is done as long as that one is: its object
    /// comes again later, perhaps just as it was, so that its own definition cannot say whether it is still to be done.
    pub makes_way_for: Option<ObjectPath>,
    /// In their order; to be run under the settings of the dialect.
    pub statements: Vec<String>,
    /// What takes it back exactly. Without it the step cannot be undone, and `loses` or the reason says why.
    pub inverse: Inverse,
    /// Whether it may run inside of a transaction.
    pub transactional: bool,
    pub safety: Safety,
    pub guard: Guard,
}

impl Step {
    /// `create index public.orders.orders_total`
    pub fn title(&self) -> String {
        format!("{} {} {}", self.verb.word(), self.object.kind.spoken(), self.object)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    Create,
    Alter,
    /// Drop and create of something that holds no rows.
    Rebuild,
    Rename,
    Move,
    /// Checks rows against a constraint that new rows obey already.
    Validate,
    Drop,
}

impl Verb {
    pub fn word(self) -> &'static str {
        match self {
            Verb::Create => "create",
            Verb::Alter => "alter",
            Verb::Rebuild => "rebuild",
            Verb::Rename => "rename",
            Verb::Move => "move",
            Verb::Validate => "validate",
            Verb::Drop => "drop",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inverse {
    Statements(Vec<String>),
    Impossible(String),
}

/// What a step does to those who work with the database, and what can be in its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Safety {
    /// The strongest lock that it takes on each table that existed before.
    pub locks: Vec<(QualifiedName, Lock)>,
    /// All rows are written anew.
    pub rewrites: bool,
    /// All rows are read while the lock is held.
    pub scans: bool,
    /// Rows that would make it fail.
    pub violations: Vec<Probe>,
    /// What is lost for good, in words. Such a step needs a permission that names its object.
    pub loses: Option<String>,
}

/// How large a table is, as far as a server knows without counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableSize {
    /// As dense as when rows were last counted; where they never were, as many as fit in at most.
    pub rows: u64,
    pub bytes: u64,
}

/// Locks on tables, weakest first, as PostgreSQL calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lock {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

impl Lock {
    pub const ALL: &'static [Lock] = &[
        Lock::AccessShare,
        Lock::RowShare,
        Lock::RowExclusive,
        Lock::ShareUpdateExclusive,
        Lock::Share,
        Lock::ShareRowExclusive,
        Lock::Exclusive,
        Lock::AccessExclusive,
    ];

    /// As `pg_locks` writes it.
    pub fn mode(self) -> &'static str {
        match self {
            Lock::AccessShare => "AccessShareLock",
            Lock::RowShare => "RowShareLock",
            Lock::RowExclusive => "RowExclusiveLock",
            Lock::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
            Lock::Share => "ShareLock",
            Lock::ShareRowExclusive => "ShareRowExclusiveLock",
            Lock::Exclusive => "ExclusiveLock",
            Lock::AccessExclusive => "AccessExclusiveLock",
        }
    }

    /// What others cannot do in the meantime, in words.
    pub fn blocks(self) -> &'static str {
        match self {
            Lock::AccessShare | Lock::RowShare | Lock::RowExclusive => "nothing that an application does",
            Lock::ShareUpdateExclusive => "other changes of the schema",
            Lock::Share | Lock::ShareRowExclusive | Lock::Exclusive => "writes",
            Lock::AccessExclusive => "reads and writes",
        }
    }
}

/// A question about rows: how many would be in the way, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// `rows in which total is null`: reads after a number.
    pub meaning: String,
    /// One row, one number.
    pub count: String,
    /// A few rows of one text each, which tell them apart.
    pub sample: String,
    /// Columns that have to exist before it can be asked are made by an earlier step: then it is asked after that.
    pub table: QualifiedName,
}

/// How it is known, where the repair runs, whether a step is still to be done: `query` gives the definition of the
/// object as one text, or null where it is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    pub query: String,
    /// The definition before the step and after it, as a server wrote them when the repair was proven. The outer
    /// `None`: not measured yet. The inner one: absent.
    pub before: Option<Option<String>>,
    pub after: Option<Option<String>>,
    /// The same when the whole repair has run: a later step may have changed this object with another one.
    pub finally: Option<Option<String>>,
}

/// A difference that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The position in the list that the plan was made from.
    pub difference: usize,
    pub object: ObjectPath,
    pub reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It would lose something: it has to be asked for object by object (`drop:OBJECT`).
    NeedsPermission(String),
    /// There is no way, and why.
    Impossible(String),
    /// What it needs is left as well.
    Follows(ObjectPath),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NeedsPermission(what) => f.write_str(what),
            Reason::Impossible(why) => f.write_str(why),
            Reason::Follows(object) => write!(f, "it needs {object}, which is left as well"),
        }
    }
}

/// A repair as text that runs anywhere: guarded statements in order, and the way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What it is for, in a few words: becomes part of a file name (`repair public orders`).
    pub title: String,
    /// What a reader should know first: lines without comment marks.
    pub head: Vec<String>,
    pub up: Vec<ScriptPart>,
    /// Why there is no way back, where there is none.
    pub down: Result<Vec<ScriptPart>, String>,
}

/// One statement, without its final semicolon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptPart {
    /// What it does, in one line.
    pub comment: String,
    pub text: String,
    /// The lines that follow `COPY … FROM STDIN`.
    pub copy_data: Option<Arc<str>>,
    /// Whether it may run inside of a transaction.
    pub transactional: bool,
}

impl ScriptPart {
    pub fn new(comment: impl Into<String>, text: impl Into<String>, transactional: bool) -> Self {
        Self { comment: comment.into(), text: text.into(), copy_data: None, transactional }
    }
}

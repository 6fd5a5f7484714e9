//! What a person is told: a difference, a ledger fault or a hit of a rule, with code, severity and origin.

use std::fmt;

use crate::origin::Origin;
use crate::path::{ObjectKind, ObjectPath};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Info,
    Warning,
    Error,
}

impl Severity {
    /// From the mildest to the gravest.
    pub const ALL: &'static [Severity] = &[Severity::Info, Severity::Warning, Severity::Error];

    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The stable, kebab-case name of a sort of finding: either a verb and a kind of object, or a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    Missing(ObjectKind),
    Unexpected(ObjectKind),
    Different(ObjectKind),
    Renamed(ObjectKind),
    Misplaced(ObjectKind),
    Named(NamedCode),
}

macro_rules! named_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident $word:literal),+ $(,)?) => {
        /// Codes with a name of their own. All are part of the written formats; those of graphs and rows are given by
        /// nothing that looks at a history of SQL files.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum NamedCode { $($(#[doc = $doc])+ $variant),+ }

        impl NamedCode {
            pub const ALL: &'static [NamedCode] = &[$(NamedCode::$variant),+];

            pub fn word(self) -> &'static str {
                match self { $(NamedCode::$variant => $word),+ }
            }

            /// One sentence for people: what a finding with this code means.
            pub fn meaning(self) -> &'static str {
                match self { $(NamedCode::$variant => concat!($($doc),+).trim_ascii()),+ }
            }
        }
    };
}

named_codes! {
    /// A table that the history made once, and dropped or renamed later.
    ZombieTable "zombie-table",
    /// A table that looks like somebody's copy of another one.
    BackupTable "backup-table",
    /// Two constraints of one table that say the same.
    DuplicateConstraint "duplicate-constraint",
    /// Two indexes of one table that do the same.
    DuplicateIndex "duplicate-index",
    /// An index that PostgreSQL does not use, left by a build that failed.
    InvalidIndex "invalid-index",
    /// A constraint that existing rows were never checked against.
    UnvalidatedConstraint "unvalidated-constraint",
    /// A sequence whose next value is already used in the column that it feeds.
    LaggingSequence "lagging-sequence",
    /// An object that belongs to another role than the one that seems to migrate.
    ForeignOwner "foreign-owner",
    /// A trigger that exists but does not fire.
    DisabledTrigger "disabled-trigger",
    /// A migration whose objects are all there, but which the ledger does not know.
    UnrecordedMigration "unrecorded-migration",
    /// A migration that the ledger knows and no file defines.
    PhantomMigration "phantom-migration",
    /// A migration that was started and not finished.
    HalfAppliedMigration "half-applied-migration",
    /// A migration whose file was changed after it had been applied.
    EditedMigration "edited-migration",
    /// Rows of a ledger that contradict each other or the order of the history.
    InconsistentLedger "inconsistent-ledger",
    /// The same migration recorded more than once.
    DuplicateLedgerRow "duplicate-ledger-row",
    /// Several heads recorded where the history has one.
    SeveralRecordedHeads "several-recorded-heads",
    /// A history that ends in more than one place.
    SeveralHeads "several-heads",
    /// A migration that names a parent which does not exist.
    MissingParent "missing-parent",
    /// Migrations that wait for each other.
    DependencyCycle "dependency-cycle",
    /// Two migrations with the same id.
    DuplicateId "duplicate-id",
    /// A migration that refers to a model which no migration makes.
    UnresolvedModel "unresolved-model",
    /// A change of the models that no migration makes.
    UnmigratedChange "unmigrated-change",
    /// A migration file that could not be read.
    UnreadableMigration "unreadable-migration",
    /// Models of the project that could not be read.
    UnreadableModels "unreadable-models",
    /// Settings of the project that could not be read, or not all of them.
    UnreadSettings "unread-settings",
    /// A command of psql that cannot be followed outside of psql.
    UnfollowedCommand "unfollowed-command",
    /// What the project does to the schema beside its migrations, which could not be checked.
    UnfollowedHandler "unfollowed-handler",
    /// A statement of the history that the scratch server refused.
    FailedStatement "failed-statement",
    /// A part of the history that could not be checked here, and why.
    NotChecked "not-checked",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Code::Missing(kind) => write!(f, "missing-{kind}"),
            Code::Unexpected(kind) => write!(f, "unexpected-{kind}"),
            Code::Different(kind) => write!(f, "different-{kind}"),
            Code::Renamed(kind) => write!(f, "renamed-{kind}"),
            Code::Misplaced(kind) => write!(f, "misplaced-{kind}"),
            Code::Named(code) => f.write_str(code.word()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    pub object: Option<ObjectPath>,
    /// Which property differs, for `different-…` codes.
    pub aspect: Option<&'static str>,
    pub expected: Option<String>,
    pub found: Option<String>,
    pub origin: Option<Origin>,
    /// What to know or to do about it, in one sentence.
    pub hint: Option<String>,
}

impl Finding {
    pub fn new(code: Code, severity: Severity) -> Self {
        Self {
            code,
            severity,
            object: None,
            aspect: None,
            expected: None,
            found: None,
            origin: None,
            hint: None,
        }
    }

    /// The same on every run and every machine as long as the same thing is found: made of the code, the object,
    /// the property and the migration (line numbers, times and values do not count).
    pub fn id(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut feed = |part: &str| {
            hasher.update(part.as_bytes());
            hasher.update(&[0]);
        };
        feed(&self.code.to_string());
        if let Some(object) = &self.object {
            feed(object.kind.word());
            feed(object.schema.as_ref().map_or("", |schema| schema.as_str()));
            feed(object.head.as_str());
            feed(object.part.as_str());
            feed(object.arguments.as_ref().map_or("", |arguments| arguments.as_str()));
        } else if let Some(origin) = &self.origin {
            // Without an object the place is all there is to tell two findings apart.
            feed(origin.migration.as_str());
            feed(origin.excerpt.as_deref().unwrap_or_default());
            feed(self.found.as_deref().unwrap_or_default());
        } else {
            feed(self.expected.as_deref().unwrap_or_default());
            feed(self.found.as_deref().unwrap_or_default());
        }
        feed(self.aspect.unwrap_or_default());
        format!("f-{}", &hasher.finalize().to_hex().as_str()[..12])
    }

    /// The order of reports: gravest first, then by object, then by code.
    pub fn report_order(&self, other: &Self) -> std::cmp::Ordering {
        other
            .severity
            .cmp(&self.severity)
            .then_with(|| self.object.cmp(&other.object))
            .then_with(|| self.code.cmp(&other.code))
            .then_with(|| self.aspect.cmp(&other.aspect))
            .then_with(|| {
                let migration =
                    |finding: &Self| finding.origin.as_ref().map(|origin| origin.migration.clone());
                migration(self).cmp(&migration(other))
            })
            .then_with(|| {
                let place = |finding: &Self| finding.origin.as_ref().and_then(|origin| origin.place.clone());
                place(self).cmp(&place(other))
            })
            .then_with(|| self.found.cmp(&other.found))
    }
}

//! Values of the model in the words of a report.

use trueup_model::catalog::{
    Deferral, FireState, ForeignKeyAction, ForeignKeyMatch, Generated, GeneratedKind, Identity, IdentityMode,
    OwnedBy, Parallel, Partition, Persistence, PolicyCommand, ReplicaIdentity, RoutineKind, SequenceOptions,
    Volatility,
};
use trueup_model::name::{Ident, QualifiedName, Role, Text};

/// How a value is written in a finding.
pub(crate) trait Spoken {
    fn spoken(&self) -> String;
}

impl Spoken for bool {
    fn spoken(&self) -> String {
        if *self { "yes" } else { "no" }.to_owned()
    }
}

macro_rules! spoken_by_display {
    ($($type:ty),+) => { $(impl Spoken for $type { fn spoken(&self) -> String { self.to_string() } })+ };
}

spoken_by_display!(i32, i64, u16, Ident, Text, QualifiedName, Role);

impl<T: Spoken> Spoken for Option<T> {
    fn spoken(&self) -> String {
        self.as_ref().map_or_else(|| "none".to_owned(), Spoken::spoken)
    }
}

impl<T: Spoken> Spoken for Vec<T> {
    fn spoken(&self) -> String {
        if self.is_empty() {
            return "none".to_owned();
        }
        self.iter().map(Spoken::spoken).collect::<Vec<_>>().join(", ")
    }
}

macro_rules! spoken_words {
    ($($type:ident { $($variant:ident => $word:literal),+ $(,)? })+) => { $(
        impl Spoken for $type {
            fn spoken(&self) -> String {
                match self { $($type::$variant => $word),+ }.to_owned()
            }
        }
    )+ };
}

spoken_words! {
    Persistence { Permanent => "permanent", Unlogged => "unlogged" }
    Deferral {
        NotDeferrable => "not deferrable",
        InitiallyImmediate => "deferrable, initially immediate",
        InitiallyDeferred => "deferrable, initially deferred",
    }
    FireState {
        Origin => "enabled", Disabled => "disabled", Replica => "enabled on replicas only", Always => "always enabled",
    }
    ForeignKeyAction {
        NoAction => "no action", Restrict => "restrict", Cascade => "cascade", SetNull => "set null",
        SetDefault => "set default",
    }
    ForeignKeyMatch { Simple => "simple", Full => "full", Partial => "partial" }
    GeneratedKind { Stored => "stored", Virtual => "virtual" }
    IdentityMode { Always => "always", ByDefault => "by default" }
    Parallel { Safe => "safe", Restricted => "restricted", Unsafe => "unsafe" }
    PolicyCommand { All => "all", Select => "select", Insert => "insert", Update => "update", Delete => "delete" }
    RoutineKind { Function => "function", WindowFunction => "window function", Procedure => "procedure" }
    Volatility { Immutable => "immutable", Stable => "stable", Volatile => "volatile" }
}

impl Spoken for ReplicaIdentity {
    fn spoken(&self) -> String {
        match self {
            ReplicaIdentity::Default => "default".to_owned(),
            ReplicaIdentity::Nothing => "nothing".to_owned(),
            ReplicaIdentity::Full => "full".to_owned(),
            ReplicaIdentity::Index(name) => format!("index {name}"),
        }
    }
}

impl Spoken for Partition {
    fn spoken(&self) -> String {
        format!("{} {}", self.parent, self.bound)
    }
}

impl Spoken for Generated {
    fn spoken(&self) -> String {
        format!("{} {}", self.expression, self.kind.spoken())
    }
}

impl Spoken for OwnedBy {
    fn spoken(&self) -> String {
        format!("{}.{}", self.table, self.column)
    }
}

impl Spoken for SequenceOptions {
    fn spoken(&self) -> String {
        format!(
            "{} start {} increment {} minimum {} maximum {} cache {}{}",
            self.data_type,
            self.start,
            self.increment,
            self.minimum,
            self.maximum,
            self.cache,
            if self.cycle { " cycle" } else { "" }
        )
    }
}

impl Spoken for Identity {
    fn spoken(&self) -> String {
        format!("identity ({})", self.mode.spoken())
    }
}

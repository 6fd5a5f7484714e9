//! Short ways to write down a change. The tables in the neighbouring files are made of these.

use trueup_model::finding::NamedCode;
use trueup_model::{Code, ObjectKind};

use super::{Change, Claim, Expected};

/// The files of the history, by what is in them.
pub(super) const TYPES: &str = "001_schemas_and_types.sql";
pub(super) const SEQUENCES: &str = "002_sequences.sql";
pub(super) const TABLES: &str = "003_tables.sql";
pub(super) const PARTITIONS: &str = "004_partitions_and_inheritance.sql";
pub(super) const CONSTRAINTS: &str = "005_constraints.sql";
pub(super) const INDEXES: &str = "006_indexes_and_statistics.sql";
pub(super) const VIEWS: &str = "007_views.sql";
pub(super) const ROUTINES: &str = "008_routines.sql";
pub(super) const TRIGGERS: &str = "009_triggers_and_rules.sql";
pub(super) const PRIVILEGES: &str = "010_policies_and_privileges.sql";
pub(super) const OPERATORS: &str = "011_operators_and_collations.sql";
pub(super) const FOREIGN: &str = "012_text_search_and_foreign_data.sql";
pub(super) const PUBLICATIONS: &str = "013_publications_and_event_triggers.sql";
pub(super) const LATER: &str = "014_second_thoughts.sql";
pub(super) const DEPOT: &str = "015_depot.sql";
pub(super) const SINCE_14: &str = "020_postgresql_14.sql";
pub(super) const SINCE_15: &str = "021_postgresql_15.sql";
pub(super) const SINCE_16: &str = "022_postgresql_16.sql";
pub(super) const SINCE_17: &str = "023_postgresql_17.sql";
pub(super) const SINCE_18: &str = "024_postgresql_18.sql";
pub(super) const CONTRIB: &str = "030_contrib.sql";
pub(super) const SUBSCRIPTIONS: &str = "032_subscriptions.sql";
pub(super) const CONVERSIONS: &str = "035_conversions.sql";
pub(super) const ICU: &str = "033_icu_collations.sql";

const fn change(code: Code, kind: ObjectKind, object: &'static str, sql: &'static str) -> Change {
    Change {
        sql,
        needs: 13,
        needs_full: false,
        needs_tablespace: false,
        transactional: true,
        only_data: false,
        expected: Expected { code, kind, object, aspect: None },
        also: &[],
        found_as: None,
        claimed_by: None,
    }
}

/// The history makes it, the database does not have it.
pub(super) const fn missing(
    kind: ObjectKind,
    object: &'static str,
    file: &'static str,
    fragment: &'static str,
    sql: &'static str,
) -> Change {
    change(Code::Missing(kind), kind, object, sql).claimed_by(file, fragment)
}

/// The database has it, the history does not make it.
pub(super) const fn unexpected(kind: ObjectKind, object: &'static str, sql: &'static str) -> Change {
    change(Code::Unexpected(kind), kind, object, sql)
}

/// One property is another.
pub(super) const fn different(
    kind: ObjectKind,
    object: &'static str,
    aspect: &'static str,
    file: &'static str,
    fragment: &'static str,
    sql: &'static str,
) -> Change {
    change(Code::Different(kind), kind, object, sql).aspect(aspect).claimed_by(file, fragment)
}

pub(super) const fn renamed(
    kind: ObjectKind,
    object: &'static str,
    found_as: &'static str,
    file: &'static str,
    fragment: &'static str,
    sql: &'static str,
) -> Change {
    change(Code::Renamed(kind), kind, object, sql).found_as(found_as).claimed_by(file, fragment)
}

pub(super) const fn misplaced(
    kind: ObjectKind,
    object: &'static str,
    found_as: &'static str,
    file: &'static str,
    fragment: &'static str,
    sql: &'static str,
) -> Change {
    change(Code::Misplaced(kind), kind, object, sql).found_as(found_as).claimed_by(file, fragment)
}

/// A finding with a name of its own.
pub(super) const fn named(
    code: NamedCode,
    kind: ObjectKind,
    object: &'static str,
    sql: &'static str,
) -> Change {
    change(Code::Named(code), kind, object, sql)
}

/// Another owner than the one of the history.
pub(super) const fn owner(
    kind: ObjectKind,
    object: &'static str,
    file: &'static str,
    fragment: &'static str,
    sql: &'static str,
) -> Change {
    named(NamedCode::ForeignOwner, kind, object, sql).aspect("owner").claimed_by(file, fragment)
}

/// For [`Change::also`].
pub(super) const fn also(code: Code, kind: ObjectKind, object: &'static str) -> Expected {
    Expected { code, kind, object, aspect: None }
}

/// For [`Change::also`].
pub(super) const fn also_different(kind: ObjectKind, object: &'static str, aspect: &'static str) -> Expected {
    Expected { code: Code::Different(kind), kind, object, aspect: Some(aspect) }
}

impl Change {
    pub(super) const fn needs(self, needs: u32) -> Self {
        Self { needs, ..self }
    }

    pub(super) const fn needs_full(self) -> Self {
        Self { needs_full: true, ..self }
    }

    pub(super) const fn needs_tablespace(self) -> Self {
        Self { needs_tablespace: true, ..self }
    }

    pub(super) const fn not_transactional(self) -> Self {
        Self { transactional: false, ..self }
    }

    pub(super) const fn only_data(self) -> Self {
        Self { only_data: true, ..self }
    }

    pub(super) const fn also(self, also: &'static [Expected]) -> Self {
        Self { also, ..self }
    }

    pub(super) const fn aspect(self, aspect: &'static str) -> Self {
        Self { expected: Expected { aspect: Some(aspect), ..self.expected }, ..self }
    }

    pub(super) const fn found_as(self, found_as: &'static str) -> Self {
        Self { found_as: Some(found_as), ..self }
    }

    pub(super) const fn claimed_by(self, file: &'static str, fragment: &'static str) -> Self {
        Self { claimed_by: Some(Claim { file, fragment }), ..self }
    }
}

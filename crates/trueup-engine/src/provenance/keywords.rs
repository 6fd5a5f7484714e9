//! By which words statements speak of objects and of their properties.

use trueup_model::path::ObjectKind;

/// The last words of what CREATE and ALTER name when they make or change an object of a kind.
pub(super) fn stated_as(kind: ObjectKind) -> &'static [&'static str] {
    match kind {
        ObjectKind::Schema => &["schema"],
        ObjectKind::Extension => &["extension"],
        ObjectKind::Enum | ObjectKind::CompositeType | ObjectKind::RangeType | ObjectKind::BaseType => {
            &["type"]
        }
        ObjectKind::Domain => &["domain"],
        ObjectKind::Sequence => &["sequence", "table"],
        ObjectKind::Table | ObjectKind::ForeignTable | ObjectKind::Column => &["table", "view"],
        ObjectKind::View | ObjectKind::MaterializedView => &["view"],
        ObjectKind::PrimaryKey
        | ObjectKind::UniqueConstraint
        | ObjectKind::CheckConstraint
        | ObjectKind::ForeignKey
        | ObjectKind::ExclusionConstraint => &["table", "index"],
        ObjectKind::Index => &["index", "table"],
        ObjectKind::Statistics => &["statistics"],
        ObjectKind::Trigger => &["trigger", "table"],
        ObjectKind::Rule => &["rule", "table"],
        ObjectKind::Policy => &["policy"],
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate => {
            &["function", "procedure", "routine", "aggregate"]
        }
        ObjectKind::EventTrigger => &["event trigger"],
        ObjectKind::DefaultPrivileges => &["privileges"],
        ObjectKind::Collation => &["collation"],
        ObjectKind::Conversion => &["conversion"],
        ObjectKind::Cast => &["cast"],
        ObjectKind::Operator => &["operator"],
        ObjectKind::OperatorClass => &["class"],
        ObjectKind::OperatorFamily => &["family", "class"],
        ObjectKind::Language => &["language"],
        ObjectKind::Transform => &["transform"],
        ObjectKind::AccessMethod => &["method"],
        ObjectKind::TextSearchParser => &["parser"],
        ObjectKind::TextSearchTemplate => &["template"],
        ObjectKind::TextSearchDictionary => &["dictionary"],
        ObjectKind::TextSearchConfiguration => &["configuration"],
        ObjectKind::ForeignDataWrapper => &["wrapper"],
        ObjectKind::ForeignServer => &["server"],
        ObjectKind::UserMapping => &["mapping"],
        ObjectKind::Publication => &["publication"],
        ObjectKind::Subscription => &["subscription"],
    }
}

/// Words by which a CREATE or ALTER speaks of a property, in lower case. A property without an entry is one that only
/// the statement sets which makes the object.
pub(super) fn keywords(aspect: &str) -> &'static [&'static str] {
    match aspect {
        "name" => &["rename"],
        "type" => &[" type "],
        "nullability" => &["not null", "primary key", "serial"],
        "default" => &["set default", "drop default", " default "],
        "identity" | "identity-options" | "identity-sequence" => &["identity", "serial"],
        "generated" | "generated-kind" => &["generated"],
        "storage" => &["set storage", " storage "],
        "compression" => &["compression"],
        "statistics-target" => &["set statistics"],
        "options" | "foreign-options" => &["set (", "set(", "reset (", "with (", "with(", "options"],
        "row-security" | "forced-row-security" => &["row level security"],
        "replica-identity" => &["replica identity"],
        "persistence" => &["logged"],
        "inheritance" => &["inherit "],
        "partition-of" | "partition-bound" => &["partition of", "attach partition"],
        "tablespace" => &["tablespace"],
        "validated" | "not-null-validated" => &["validate", "not valid"],
        "enabled" => &["enable", "disable"],
        "labels" => &["add value", "rename value", "as enum"],
        "checks" => &["add constraint", "drop constraint", "validate constraint", " check "],
        "schema" => &["set schema"],
        "version" => &["update", "version"],
        "start" | "increment" | "minimum" | "maximum" | "cache" | "cycle" => {
            &["start", "increment", "minvalue", "maxvalue", "cache", "cycle"]
        }
        "owned-by" => &["owned by"],
        "deferrable" => &["deferrable"],
        "mappings" => &["mapping"],
        "tables" | "schemas" => &["add table", "drop table", "set table", "for table"],
        "volatility" => &["volatile", "stable", "immutable"],
        "strict" => &["strict", "null input"],
        "security-definer" => &["security"],
        "leakproof" => &["leakproof"],
        "parallel" => &["parallel"],
        "cost" => &["cost "],
        "rows" => &["rows "],
        "settings" => &[" set ", "reset "],
        "attributes" => &["attribute"],
        "roles" => &[" to "],
        "using" => &["using"],
        "with-check" => &["with check"],
        _ => &["or replace"],
    }
}

//! What an object is and where it stands: the key of everything that is said about it.

use std::fmt;

use crate::name::{Ident, QualifiedName, Text};

macro_rules! object_kinds {
    ($($variant:ident $word:literal $plural:literal),+ $(,)?) => {
        /// Every kind of object that a catalog can hold.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ObjectKind { $($variant),+ }

        impl ObjectKind {
            /// All kinds, in the order in which they are listed in reports.
            pub const ALL: &'static [ObjectKind] = &[$(ObjectKind::$variant),+];

            /// The word in codes and written formats: `missing-foreign-key`.
            pub fn word(self) -> &'static str {
                match self { $(ObjectKind::$variant => $word),+ }
            }

            /// The same for people, in the plural: `foreign keys`.
            pub fn plural(self) -> &'static str {
                match self { $(ObjectKind::$variant => $plural),+ }
            }
        }
    };
}

object_kinds! {
    Schema "schema" "schemas",
    Extension "extension" "extensions",
    Enum "enum" "enums",
    CompositeType "composite-type" "composite types",
    Domain "domain" "domains",
    RangeType "range-type" "range types",
    BaseType "base-type" "base types",
    Sequence "sequence" "sequences",
    Table "table" "tables",
    ForeignTable "foreign-table" "foreign tables",
    View "view" "views",
    MaterializedView "materialized-view" "materialized views",
    Column "column" "columns",
    PrimaryKey "primary-key" "primary keys",
    UniqueConstraint "unique-constraint" "unique constraints",
    CheckConstraint "check-constraint" "check constraints",
    ForeignKey "foreign-key" "foreign keys",
    ExclusionConstraint "exclusion-constraint" "exclusion constraints",
    Index "index" "indexes",
    Statistics "statistics" "extended statistics",
    Trigger "trigger" "triggers",
    Rule "rule" "rules",
    Policy "policy" "policies",
    Function "function" "functions",
    Procedure "procedure" "procedures",
    Aggregate "aggregate" "aggregates",
    EventTrigger "event-trigger" "event triggers",
    DefaultPrivileges "default-privileges" "default privileges",
    Collation "collation" "collations",
    Conversion "conversion" "conversions",
    Cast "cast" "casts",
    Operator "operator" "operators",
    OperatorClass "operator-class" "operator classes",
    OperatorFamily "operator-family" "operator families",
    Language "language" "languages",
    Transform "transform" "transforms",
    AccessMethod "access-method" "access methods",
    TextSearchParser "text-search-parser" "text search parsers",
    TextSearchTemplate "text-search-template" "text search templates",
    TextSearchDictionary "text-search-dictionary" "text search dictionaries",
    TextSearchConfiguration "text-search-configuration" "text search configurations",
    ForeignDataWrapper "foreign-data-wrapper" "foreign-data wrappers",
    ForeignServer "foreign-server" "foreign servers",
    UserMapping "user-mapping" "user mappings",
    Publication "publication" "publications",
    Subscription "subscription" "subscriptions",
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl ObjectKind {
    /// Relations that have columns and may have indexes, triggers, rules and policies.
    pub fn is_relation(self) -> bool {
        matches!(
            self,
            ObjectKind::Table | ObjectKind::ForeignTable | ObjectKind::View | ObjectKind::MaterializedView
        )
    }

    /// The word for people: `foreign key`.
    pub fn spoken(self) -> String {
        self.word().replace('-', " ")
    }

    pub fn is_constraint(self) -> bool {
        matches!(
            self,
            ObjectKind::PrimaryKey
                | ObjectKind::UniqueConstraint
                | ObjectKind::CheckConstraint
                | ObjectKind::ForeignKey
                | ObjectKind::ExclusionConstraint
        )
    }
}

/// The full name of an object. Field order is sort order: schema, then relation, then its parts, so that
/// a relation stands directly before everything that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectPath {
    /// The schema, for kinds that live in one.
    pub schema: Option<Ident>,
    /// The name of the relation (or the domain) itself, or of the one that a part belongs to; for kinds without
    /// parts, the name of the object.
    pub head: Ident,
    pub kind_rank: PartRank,
    pub kind: ObjectKind,
    /// The name of the part: column, constraint, index, trigger, rule, policy. Empty for whole objects.
    pub part: Ident,
    /// Argument types of functions, operand types of operators: what tells namesakes apart.
    pub arguments: Option<Text>,
}

/// Whole objects sort before parts of the same head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartRank {
    Whole,
    Part,
}

impl ObjectPath {
    /// An object that lives in no schema: a schema, an extension, a cast.
    pub fn global(kind: ObjectKind, name: impl Into<Ident>) -> Self {
        Self {
            schema: None,
            head: name.into(),
            kind_rank: PartRank::Whole,
            kind,
            part: Ident::default(),
            arguments: None,
        }
    }

    /// An object that lives in a schema.
    pub fn in_schema(kind: ObjectKind, schema: &Ident, name: impl Into<Ident>) -> Self {
        Self { schema: Some(schema.clone()), ..Self::global(kind, name) }
    }

    /// A function, procedure, aggregate or operator: an object with argument types in its name.
    pub fn with_arguments(mut self, arguments: impl AsRef<str>) -> Self {
        self.arguments = Some(Text::new(arguments));
        self
    }

    /// Something that belongs to a relation: a column, constraint, index, trigger, rule or policy.
    pub fn part_of(kind: ObjectKind, relation: &QualifiedName, name: impl Into<Ident>) -> Self {
        Self {
            schema: Some(relation.schema.clone()),
            head: relation.name.clone(),
            kind_rank: PartRank::Part,
            kind,
            part: name.into(),
            arguments: None,
        }
    }

    pub fn is_part(&self) -> bool {
        self.kind_rank == PartRank::Part
    }

    /// The last name: of the part where it is one, else of the object.
    pub fn name(&self) -> &Ident {
        if self.is_part() { &self.part } else { &self.head }
    }

    /// The relation that a part belongs to.
    pub fn relation(&self) -> Option<QualifiedName> {
        match (&self.schema, self.is_part()) {
            (Some(schema), true) => Some(QualifiedName { schema: schema.clone(), name: self.head.clone() }),
            _ => None,
        }
    }

    /// Schema and head, for objects that live in a schema.
    pub fn qualified(&self) -> Option<QualifiedName> {
        self.schema.as_ref().map(|schema| QualifiedName { schema: schema.clone(), name: self.head.clone() })
    }

    /// The same object where a role stands for whoever migrates, if its name is made of that role's.
    pub fn migrated_by(&self, role: &Ident) -> Option<Self> {
        let head = self.head.as_str();
        let renamed = match self.kind {
            ObjectKind::DefaultPrivileges => {
                let objects = head.strip_suffix(role.as_str()).filter(|rest| rest.ends_with(" by "))?;
                format!("{objects}whoever migrates")
            }
            ObjectKind::UserMapping => {
                let server = head.strip_prefix(role.as_str()).filter(|rest| rest.starts_with(" on "))?;
                format!("whoever migrates{server}")
            }
            _ => return None,
        };
        Some(Self { head: Ident::new(renamed), ..self.clone() })
    }

    /// The name with quotes where SQL needs them: `public."Extra one".id`. Of one kind, no other object has the same.
    pub fn written(&self) -> String {
        let part = self.is_part().then_some(&self.part);
        let names: Vec<String> =
            self.schema.iter().chain([&self.head]).chain(part).map(Ident::written).collect();
        let arguments = self.arguments.as_ref().map(|arguments| format!("({arguments})"));
        format!("{}{}", names.join("."), arguments.unwrap_or_default())
    }

    /// The same object in another schema.
    pub fn moved_to(&self, schema: &Ident) -> Self {
        Self { schema: Some(schema.clone()), ..self.clone() }
    }
}

/// `public.orders.total`, `public.add(integer, integer)`, `hstore`: the name only, without the kind.
impl fmt::Display for ObjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        write!(f, "{}", self.head)?;
        if self.is_part() {
            write!(f, ".{}", self.part)?;
        }
        if let Some(arguments) = &self.arguments {
            write!(f, "({arguments})")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_sorts_directly_before_its_parts() {
        let public = Ident::new("public");
        let orders = QualifiedName::new("public", "orders");
        let mut paths = [
            ObjectPath::in_schema(ObjectKind::View, &public, "orders_today"),
            ObjectPath::part_of(ObjectKind::Index, &orders, "a_index"),
            ObjectPath::in_schema(ObjectKind::Table, &public, "orders"),
            ObjectPath::part_of(ObjectKind::Column, &orders, "id"),
        ];
        paths.sort();
        let names: Vec<String> = paths.iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            ["public.orders", "public.orders.id", "public.orders.a_index", "public.orders_today"]
        );
    }

    #[test]
    fn a_written_name_is_quoted_where_sql_needs_it() {
        let dotted = ObjectPath::in_schema(ObjectKind::Table, &Ident::new("public"), "a.x");
        let column = ObjectPath::part_of(ObjectKind::Column, &QualifiedName::new("public", "a"), "x");
        assert_eq!((dotted.to_string(), column.to_string()), ("public.a.x".into(), "public.a.x".into()));
        assert_eq!((dotted.written(), column.written()), ("public.\"a.x\"".into(), "public.a.x".into()));
        let hostile = ObjectPath::part_of(ObjectKind::Index, &QualifiedName::new("S", "7up"), "b\"");
        assert_eq!(hostile.written(), "\"S\".\"7up\".\"b\"\"\"");
    }

    #[test]
    fn words_of_kinds_are_kebab_case_and_unique() {
        let mut words: Vec<&str> = ObjectKind::ALL.iter().map(|kind| kind.word()).collect();
        assert!(words.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ObjectKind::ALL.len());
    }
}

//! How an object is named in `COMMENT ON`, `ALTER … OWNER TO`, `GRANT … ON` and `DROP`.

use trueup_model::Catalog;
use trueup_model::catalog::Entry;
use trueup_model::name::{Ident, QualifiedName, Role};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_sql::quote_ident;

use super::text::{find_last_outside, find_outside, ident, qualified, split_list};
use crate::findings::Sides;

/// The object itself: `"shop"."orders"`, `"hstore"`.
pub(super) fn object(path: &ObjectPath) -> String {
    match &path.schema {
        Some(schema) => format!("{}.{}", ident(schema), ident(&path.head)),
        None => ident(&path.head),
    }
}

/// An object with the name that it has in its schema, where that is the name of a part: an index.
pub(super) fn in_schema(path: &ObjectPath, name: &Ident) -> String {
    match &path.schema {
        Some(schema) => format!("{}.{}", ident(schema), ident(name)),
        None => ident(name),
    }
}

/// A routine, aggregate or operator with the types that tell it from its namesakes.
pub(super) fn signature(path: &ObjectPath) -> String {
    let arguments = path.arguments.as_ref().map_or("", |arguments| arguments.as_str());
    let prefix = path.schema.as_ref().map(|schema| format!("{}.", ident(schema))).unwrap_or_default();
    match path.kind {
        ObjectKind::Operator => format!("{prefix}{} ({arguments})", path.head),
        ObjectKind::Aggregate if arguments.is_empty() => format!("{prefix}{}(*)", ident(&path.head)),
        // Without `IN`, types of arguments that come out could be meant as well.
        ObjectKind::Procedure => {
            let modes: Vec<String> =
                split_list(arguments, ", ").iter().map(|each| format!("IN {each}")).collect();
            format!("{prefix}{}({})", ident(&path.head), modes.join(", "))
        }
        _ => format!("{prefix}{}({arguments})", ident(&path.head)),
    }
}

/// The word for a kind where it is named with a plain name behind it.
pub(super) fn word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Schema => "SCHEMA",
        ObjectKind::Extension => "EXTENSION",
        ObjectKind::Enum | ObjectKind::CompositeType | ObjectKind::RangeType | ObjectKind::BaseType => "TYPE",
        ObjectKind::Domain => "DOMAIN",
        ObjectKind::Sequence => "SEQUENCE",
        ObjectKind::Table => "TABLE",
        ObjectKind::ForeignTable => "FOREIGN TABLE",
        ObjectKind::View => "VIEW",
        ObjectKind::MaterializedView => "MATERIALIZED VIEW",
        ObjectKind::Column => "COLUMN",
        ObjectKind::PrimaryKey
        | ObjectKind::UniqueConstraint
        | ObjectKind::CheckConstraint
        | ObjectKind::ForeignKey
        | ObjectKind::ExclusionConstraint => "CONSTRAINT",
        ObjectKind::Index => "INDEX",
        ObjectKind::Statistics => "STATISTICS",
        ObjectKind::Trigger => "TRIGGER",
        ObjectKind::Rule => "RULE",
        ObjectKind::Policy => "POLICY",
        ObjectKind::Function => "FUNCTION",
        ObjectKind::Procedure => "PROCEDURE",
        ObjectKind::Aggregate => "AGGREGATE",
        ObjectKind::EventTrigger => "EVENT TRIGGER",
        ObjectKind::DefaultPrivileges => "DEFAULT PRIVILEGES",
        ObjectKind::Collation => "COLLATION",
        ObjectKind::Conversion => "CONVERSION",
        ObjectKind::Cast => "CAST",
        ObjectKind::Operator => "OPERATOR",
        ObjectKind::OperatorClass => "OPERATOR CLASS",
        ObjectKind::OperatorFamily => "OPERATOR FAMILY",
        ObjectKind::Language => "LANGUAGE",
        ObjectKind::Transform => "TRANSFORM",
        ObjectKind::AccessMethod => "ACCESS METHOD",
        ObjectKind::TextSearchParser => "TEXT SEARCH PARSER",
        ObjectKind::TextSearchTemplate => "TEXT SEARCH TEMPLATE",
        ObjectKind::TextSearchDictionary => "TEXT SEARCH DICTIONARY",
        ObjectKind::TextSearchConfiguration => "TEXT SEARCH CONFIGURATION",
        ObjectKind::ForeignDataWrapper => "FOREIGN DATA WRAPPER",
        ObjectKind::ForeignServer => "SERVER",
        ObjectKind::UserMapping => "USER MAPPING",
        ObjectKind::Publication => "PUBLICATION",
        ObjectKind::Subscription => "SUBSCRIPTION",
    }
}

/// The object with its word, as `COMMENT ON` and `DROP` know it: `TABLE "shop"."orders"`, `TRIGGER "t" ON "a"."b"`.
/// User mappings and default privileges are named in ways of their own.
pub(super) fn named(path: &ObjectPath) -> String {
    let word = word(path.kind);
    match path.kind {
        ObjectKind::Column => format!("{word} {}.{}", object(path), ident(&path.part)),
        ObjectKind::PrimaryKey
        | ObjectKind::UniqueConstraint
        | ObjectKind::CheckConstraint
        | ObjectKind::ForeignKey
        | ObjectKind::ExclusionConstraint
        | ObjectKind::Trigger
        | ObjectKind::Rule
        | ObjectKind::Policy => format!("{word} {} ON {}", ident(&path.part), object(path)),
        ObjectKind::Index => format!("{word} {}", in_schema(path, &path.part)),
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate | ObjectKind::Operator => {
            format!("{word} {}", signature(path))
        }
        ObjectKind::OperatorClass | ObjectKind::OperatorFamily => {
            format!("{word} {} USING {}", object(path), quote_ident(access_method(path)))
        }
        ObjectKind::Cast => {
            let (source, target) = cast_types(path);
            format!("{word} ({source} AS {target})")
        }
        ObjectKind::Transform => {
            let (data_type, language) = transform_parts(path);
            format!("{word} FOR {data_type} LANGUAGE {}", quote_ident(language))
        }
        ObjectKind::Schema
        | ObjectKind::Extension
        | ObjectKind::Enum
        | ObjectKind::CompositeType
        | ObjectKind::Domain
        | ObjectKind::RangeType
        | ObjectKind::BaseType
        | ObjectKind::Sequence
        | ObjectKind::Table
        | ObjectKind::ForeignTable
        | ObjectKind::View
        | ObjectKind::MaterializedView
        | ObjectKind::Statistics
        | ObjectKind::EventTrigger
        | ObjectKind::DefaultPrivileges
        | ObjectKind::Collation
        | ObjectKind::Conversion
        | ObjectKind::Language
        | ObjectKind::AccessMethod
        | ObjectKind::TextSearchParser
        | ObjectKind::TextSearchTemplate
        | ObjectKind::TextSearchDictionary
        | ObjectKind::TextSearchConfiguration
        | ObjectKind::ForeignDataWrapper
        | ObjectKind::ForeignServer
        | ObjectKind::UserMapping
        | ObjectKind::Publication
        | ObjectKind::Subscription => format!("{word} {}", object(path)),
    }
}

/// The access method in `using btree`, which tells namesakes of operator classes and families apart.
pub(super) fn access_method(path: &ObjectPath) -> &str {
    let arguments = path.arguments.as_ref().map_or("", |arguments| arguments.as_str());
    arguments.strip_prefix("using ").unwrap_or(arguments)
}

/// The types in `text as shop.address`.
pub(super) fn cast_types(path: &ObjectPath) -> (&str, &str) {
    let head = path.head.as_str();
    find_outside(head, " as ").map_or((head, ""), |at| (&head[..at], &head[at + 4..]))
}

/// Type and language in `for integer language sql`. The language is not quoted there.
pub(super) fn transform_parts(path: &ObjectPath) -> (&str, &str) {
    let head = path.head.as_str();
    let head = head.strip_prefix("for ").unwrap_or(head);
    find_outside(head, " language ").map_or((head, ""), |at| (&head[..at], &head[at + 10..]))
}

/// User and server in `app_reader on warehouse`: neither is quoted there, so the servers of the catalog decide.
pub(super) fn user_mapping(path: &ObjectPath, catalog: &Catalog) -> (Role, Ident) {
    let head = path.head.as_str();
    let known = head.match_indices(" on ").find(|(at, separator)| {
        let server = &head[at + separator.len()..];
        catalog.contains(&ObjectPath::global(ObjectKind::ForeignServer, server))
    });
    let at = known.map(|(at, _)| at).or_else(|| find_last_outside(head, " on ")).unwrap_or(head.len());
    let server = Ident::new(head.get(at + 4..).unwrap_or_default());
    let role = match &head[..at] {
        "public" => Role::Public,
        "whoever migrates" => match &catalog.migrator {
            Some(migrator) => Role::Named(migrator.clone()),
            None => Role::Named(Ident::new("whoever migrates")),
        },
        name => Role::Named(Ident::new(name)),
    };
    (role, server)
}

/// The relation that a part belongs to.
pub(super) fn relation(path: &ObjectPath) -> QualifiedName {
    path.relation().or_else(|| path.qualified()).unwrap_or_else(|| QualifiedName::new("", path.head.as_str()))
}

const RELATION_KINDS: [ObjectKind; 4] =
    [ObjectKind::Table, ObjectKind::ForeignTable, ObjectKind::View, ObjectKind::MaterializedView];

/// The entry of a relation, whatever kind of relation it is.
pub(super) fn relation_entry<'a>(catalog: &'a Catalog, name: &QualifiedName) -> Option<&'a Entry> {
    RELATION_KINDS
        .iter()
        .find_map(|kind| catalog.find(&ObjectPath::in_schema(*kind, &name.schema, name.name.as_str())))
}

/// `ALTER TABLE "a"."b"`, with the word that fits the kind of the relation that a part belongs to.
pub(super) fn alter_relation(catalog: &Catalog, name: &QualifiedName) -> String {
    let kind = relation_entry(catalog, name).map_or(ObjectKind::Table, |entry| entry.path.kind);
    format!("ALTER {} {}", word(kind), qualified(name))
}

/// As [`alter_relation`], without the tables that inherit from it.
pub(super) fn alter_only(catalog: &Catalog, name: &QualifiedName) -> String {
    match relation_entry(catalog, name).map(|entry| entry.path.kind) {
        Some(kind @ (ObjectKind::View | ObjectKind::MaterializedView)) => {
            format!("ALTER {} {}", word(kind), qualified(name))
        }
        Some(ObjectKind::ForeignTable) => format!("ALTER FOREIGN TABLE ONLY {}", qualified(name)),
        _ => format!("ALTER TABLE ONLY {}", qualified(name)),
    }
}

/// A role of the expected side, by the name that it has where the statements will run.
pub(super) fn role(sides: &Sides<'_>, role: &Role) -> String {
    match role {
        Role::Public => "PUBLIC".to_owned(),
        Role::Named(name) => ident(&role_there(sides, name)),
    }
}

/// As [`role`]: whoever migrates has another name in each environment.
pub(super) fn role_there(sides: &Sides<'_>, name: &Ident) -> Ident {
    match (&sides.expected.migrator, &sides.found.migrator) {
        (Some(own), Some(there)) if own == name => there.clone(),
        _ => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &ObjectPath, expected: &str) {
        assert_eq!(named(path), expected);
    }

    #[test]
    fn objects_are_named_as_the_server_knows_them() {
        let shop = Ident::new("shop");
        let orders = QualifiedName::new("shop", "or\"ders");
        check(&ObjectPath::in_schema(ObjectKind::Table, &shop, "or\"ders"), r#"TABLE "shop"."or""ders""#);
        check(&ObjectPath::part_of(ObjectKind::Index, &orders, "by 🙂"), r#"INDEX "shop"."by 🙂""#);
        check(&ObjectPath::part_of(ObjectKind::Policy, &orders, "p"), r#"POLICY "p" ON "shop"."or""ders""#);
        check(
            &ObjectPath::in_schema(ObjectKind::Operator, &shop, "===").with_arguments("none, integer"),
            r#"OPERATOR "shop".=== (none, integer)"#,
        );
        check(
            &ObjectPath::in_schema(ObjectKind::Procedure, &shop, "p")
                .with_arguments("integer, shop.\"a, b\""),
            r#"PROCEDURE "shop"."p"(IN integer, IN shop."a, b")"#,
        );
        check(
            &ObjectPath::in_schema(ObjectKind::Aggregate, &shop, "all").with_arguments(""),
            r#"AGGREGATE "shop"."all"(*)"#,
        );
        check(
            &ObjectPath::global(ObjectKind::Cast, r#"shop."x as y" as text"#),
            r#"CAST (shop."x as y" AS text)"#,
        );
        check(
            &ObjectPath::global(ObjectKind::Transform, "for double precision language My sql"),
            r#"TRANSFORM FOR double precision LANGUAGE "My sql""#,
        );
    }

    #[test]
    fn the_servers_decide_where_a_user_ends() {
        let server = Entry {
            path: ObjectPath::global(ObjectKind::ForeignServer, "b on c"),
            owner: None,
            comment: None,
            granted: Vec::new(),
            revoked: Vec::new(),
            object: trueup_model::catalog::Object::Plain(trueup_model::catalog::Plain::default()),
        };
        let catalog = Catalog::new(180_000, vec![server]);
        let path = ObjectPath::global(ObjectKind::UserMapping, "a on b on c");
        assert_eq!(user_mapping(&path, &catalog), (Role::Named(Ident::new("a")), Ident::new("b on c")));
    }
}

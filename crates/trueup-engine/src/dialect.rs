//! Entries of a catalog as SQL: statements that make an object, take it away, give it another name or place, or change
//! one property of it. Texts only; nothing is run here.
//!
//! A catalog holds texts that a server wrote while its search path was empty, so every name in them is qualified. The
//! statements made of them mean what they say under [`SETTINGS`], and only there. Order is the caller's business: an
//! object is made when what it needs is there.

mod access;
pub(crate) mod columns;
mod composites;
mod constraints;
mod default_privileges;
mod definition;
mod domains;
mod enums;
mod extensions;
mod foreign_keys;
mod indexes;
mod moving;
mod names;
mod online;
mod plain;
pub mod probes;
mod removing;
mod routines;
mod sequences;
mod tables;
mod text;
mod triggers;
mod types;
mod views;

use trueup_model::Ident;
use trueup_model::catalog::{Entry, Object};

use crate::findings::Sides;

pub(crate) use access::comment_of_new;
pub(crate) use constraints::{drop_check, same_of_parent};
pub use definition::definition_query;
pub(crate) use moving::disown;
pub use moving::{rename, set_schema};
pub use online::{concurrently, key_by_index};
pub use removing::remove;
pub(crate) use sequences::owned_again;
pub(crate) use tables::checks_of_parent;
pub use text::dollar_quoted;
pub(crate) use types::is_type;

/// What has to be set, for a session or a transaction, where the statements run: names mean what they meant when they
/// were read, bodies of functions are taken as they are, and nothing comes from defaults of the session.
pub const SETTINGS: &[(&str, &str)] = &[
    ("search_path", "''"),
    ("check_function_bodies", "off"),
    ("standard_conforming_strings", "on"),
    ("default_tablespace", "''"),
    ("default_table_access_method", "heap"),
];

/// Statements, or why there can be none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// In their order. None at all: it comes with something else.
    Statements(Vec<String>),
    Impossible(String),
}

/// How one property becomes what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alteration {
    /// In their order. None at all: it follows when something else is changed.
    Statements(Vec<String>),
    /// The object has to be dropped and created, which loses nothing of its own.
    Rebuild,
    Impossible(String),
}

impl Alteration {
    fn unknown(aspect: &str, entry: &Entry) -> Self {
        Alteration::Impossible(format!(
            "PostgreSQL has no statement that changes the {aspect} of {}",
            entry.path.kind.plural()
        ))
    }
}

/// Statements that make an object exactly as its entry says, where it is absent: with owner, comment, privileges and
/// all properties. A relation comes with its columns; what else belongs to it has entries of its own. The entry is one
/// of the expected side; the found side is where the statements will run.
///
/// What comes with something else (a part of a partition, with the parent's) takes no statements but its comment.
pub fn create(entry: &Entry, sides: &Sides<'_>) -> Written {
    if columns::comes_with_column(entry, sides) {
        return Written::Statements(Vec::new());
    }
    let written = match &entry.object {
        Object::Schema(_) => {
            Written::Statements(vec![format!("CREATE SCHEMA {}", names::object(&entry.path))])
        }
        Object::Extension(extension) => extensions::create(entry, extension),
        Object::Enum(labels) => enums::create(entry, labels),
        Object::CompositeType(composite) => composites::create(entry, composite),
        Object::Domain(domain) => domains::create(entry, domain),
        Object::RangeType(range) => types::create_range(entry, range, sides),
        Object::BaseType(base) => types::create_base(entry, base, sides),
        Object::Sequence(sequence) => sequences::create(entry, sequence),
        Object::Table(table) => tables::create(entry, table, sides),
        Object::View(view) => views::create(entry, view),
        Object::MaterializedView(view) => views::create_materialized(entry, view),
        Object::Column(column) => columns::create(entry, column, sides),
        Object::Key(key) => constraints::create_key(entry, key, sides),
        Object::Check(check) => constraints::create_check(entry, check, sides),
        Object::ForeignKey(key) => foreign_keys::create(entry, key, sides),
        Object::Exclusion(exclusion) => constraints::create_exclusion(entry, exclusion, sides),
        Object::Index(index) => indexes::create(entry, index, sides),
        Object::Statistics(statistics) => indexes::create_statistics(entry, statistics),
        Object::Trigger(trigger) => triggers::create(entry, trigger),
        Object::Rule(rule) => triggers::create_rule(entry, rule),
        Object::Policy(policy) => triggers::create_policy(entry, policy, sides),
        Object::Routine(routine) => routines::create(entry, routine, sides),
        Object::Aggregate(aggregate) => routines::create_aggregate(entry, aggregate),
        Object::EventTrigger(trigger) => triggers::create_event_trigger(entry, trigger),
        Object::DefaultPrivileges(privileges) => default_privileges::create(entry, privileges, sides),
        Object::Plain(plain) => plain::create(entry, plain, sides),
    };
    match written {
        Written::Statements(mut statements) => {
            statements.extend(access::of_new(entry, sides));
            if let Object::Sequence(sequence) = &entry.object {
                statements.extend(sequences::of_new(entry, sequence, sides));
            }
            if entry.path.kind.is_relation() {
                statements.extend(columns::of_new_relation(&entry.path, sides));
            }
            Written::Statements(statements)
        }
        impossible @ Written::Impossible(_) => impossible,
    }
}

/// Makes a schema, whatever it is to hold.
pub fn schema_if_missing(name: &Ident) -> String {
    format!("CREATE SCHEMA IF NOT EXISTS {}", text::ident(name))
}

/// How one property of an object, by the word that the comparison has for it, becomes as expected. `before` is the
/// found entry, `after` the expected one, under whose name the object has to stand by now.
pub fn alter(aspect: &str, before: &Entry, after: &Entry, sides: &Sides<'_>) -> Alteration {
    match aspect {
        "comment" => return access::alter_comment(after),
        "owner" => return access::alter_owner(after, sides),
        "privileges" => return access::alter_privileges(before, after, sides),
        _ => {}
    }
    match (&before.object, &after.object) {
        (Object::Extension(b), Object::Extension(a)) => extensions::alter(aspect, b, (after, a)),
        (Object::Enum(b), Object::Enum(a)) => enums::alter(b, (after, a), sides),
        (Object::CompositeType(b), Object::CompositeType(a)) => composites::alter(aspect, b, (after, a)),
        (Object::Domain(b), Object::Domain(a)) => domains::alter(aspect, b, (after, a)),
        (Object::RangeType(b), Object::RangeType(a)) => types::alter_range(aspect, b, a),
        (Object::BaseType(b), Object::BaseType(a)) => types::alter_base(b, (after, a)),
        (Object::Sequence(_), Object::Sequence(a)) => sequences::alter(aspect, (after, a), sides),
        (Object::Table(b), Object::Table(a)) => tables::alter(aspect, (before, b), (after, a), sides),
        (Object::View(b), Object::View(a)) => views::alter(aspect, (before, b), (after, a), sides),
        (Object::MaterializedView(b), Object::MaterializedView(a)) => {
            views::alter_materialized(aspect, b, (after, a), sides)
        }
        (Object::Column(b), Object::Column(a)) => columns::alter(aspect, b, (after, a), sides),
        (Object::Key(b), Object::Key(a)) => constraints::alter_key(aspect, b, (after, a), sides),
        (Object::Check(_), Object::Check(a)) => constraints::alter_check(aspect, (after, a), sides),
        (Object::ForeignKey(_), Object::ForeignKey(a)) => foreign_keys::alter(aspect, (after, a), sides),
        (Object::Exclusion(b), Object::Exclusion(a)) => {
            constraints::alter_exclusion(aspect, b, (after, a), sides)
        }
        (Object::Index(b), Object::Index(a)) => indexes::alter(aspect, b, (after, a), sides),
        (Object::Statistics(_), Object::Statistics(a)) => indexes::alter_statistics(aspect, (after, a)),
        (Object::Trigger(_), Object::Trigger(a)) => triggers::alter(aspect, (after, a), sides),
        (Object::Rule(_), Object::Rule(a)) => triggers::alter_rule(aspect, (after, a)),
        (Object::Policy(_), Object::Policy(a)) => triggers::alter_policy(aspect, (after, a), sides),
        (Object::Routine(b), Object::Routine(a)) => routines::alter(aspect, b, (after, a), sides),
        (Object::Aggregate(b), Object::Aggregate(a)) => routines::alter_aggregate(aspect, b, (after, a)),
        (Object::EventTrigger(_), Object::EventTrigger(a)) => {
            triggers::alter_event_trigger(aspect, (after, a))
        }
        (Object::Plain(b), Object::Plain(a)) => plain::alter(aspect, b, (after, a), sides),
        // They are a name, and what every object has.
        (Object::Schema(_), Object::Schema(_))
        | (Object::DefaultPrivileges(_), Object::DefaultPrivileges(_)) => Alteration::unknown(aspect, after),
        (
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
            | Object::Column(_)
            | Object::Key(_)
            | Object::Check(_)
            | Object::ForeignKey(_)
            | Object::Exclusion(_)
            | Object::Index(_)
            | Object::Statistics(_)
            | Object::Trigger(_)
            | Object::Rule(_)
            | Object::Policy(_)
            | Object::Routine(_)
            | Object::Aggregate(_)
            | Object::EventTrigger(_)
            | Object::DefaultPrivileges(_)
            | Object::Plain(_),
            _,
        ) => unreachable!("objects with one path have one kind"),
    }
}

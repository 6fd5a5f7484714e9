//! What every object can have: an owner, a comment, privileges.

use trueup_model::catalog::{Entry, Grant, Object};
use trueup_model::name::{Ident, Role, Text};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::names::{self, named, role_there};
use super::text::{ident, literal_or_null};
use super::{Alteration, default_privileges};
use crate::findings::Sides;

/// What a new object still needs: it belongs to whoever made it, and has the privileges that it got by default.
pub(super) fn of_new(entry: &Entry, sides: &Sides<'_>) -> Vec<String> {
    let mut statements = Vec::new();
    if let Some(owner) = &entry.owner
        && entry.path.kind != ObjectKind::Extension
        && sides.expected.migrator.as_ref() != Some(owner)
    {
        statements.push(set_owner(&entry.path, &role_there(sides, owner)));
    }
    if let Some(on) = privileges_on(&entry.path) {
        let wanted = Privileges::wanted(entry, sides);
        statements.extend(change_privileges(&on, sides, &given_by_default(entry, sides), &wanted));
    }
    statements.extend(comment_of_new(entry));
    statements
}

/// The comment, where there is one. An extension brings one along, which may have been taken away.
pub(crate) fn comment_of_new(entry: &Entry) -> Option<String> {
    match (&entry.comment, entry.path.kind) {
        (Some(comment), _) => Some(set_comment(&entry.path, Some(comment))),
        (None, ObjectKind::Extension) => Some(set_comment(&entry.path, None)),
        (None, _) => None,
    }
}

pub(super) fn set_comment(path: &ObjectPath, comment: Option<&Text>) -> String {
    let text = literal_or_null(comment);
    format!("COMMENT ON {} IS {text}", named(path))
}

pub(super) fn set_owner(path: &ObjectPath, owner: &Ident) -> String {
    format!("ALTER {} OWNER TO {}", named(path), ident(owner))
}

pub(super) fn alter_comment(after: &Entry) -> Alteration {
    Alteration::Statements(vec![set_comment(&after.path, after.comment.as_ref())])
}

pub(super) fn alter_owner(after: &Entry, sides: &Sides<'_>) -> Alteration {
    if after.path.kind == ObjectKind::Extension {
        return Alteration::Impossible(
            "PostgreSQL has no statement that gives an extension to another owner".to_owned(),
        );
    }
    let Some(owner) = &after.owner else {
        return Alteration::Statements(Vec::new());
    };
    if let Object::Sequence(sequence) = &after.object
        && sequence.owned_by.is_some()
    {
        // The owner of its table owns it, and only the table can be given away.
        return Alteration::Statements(Vec::new());
    }
    let new = role_there(sides, owner);
    let mut statements = vec![set_owner(&after.path, &new)];
    statements.extend(columns_of_new_owner(after, &new, sides));
    Alteration::Statements(statements)
}

/// What the former owner of a relation was given on a column is the new one's by then: it is given as it should be.
fn columns_of_new_owner(after: &Entry, new: &Ident, sides: &Sides<'_>) -> Vec<String> {
    let former = sides.found.find(&after.path).and_then(|there| there.owner.clone());
    let Some(former) = former.filter(|_| after.path.kind.is_relation()) else { return Vec::new() };
    let owned = |grant: &Grant| grant.role == Role::Named(former.clone());
    let columns = sides
        .found
        .parts_of(&after.path)
        .filter(|part| part.path.kind == ObjectKind::Column && part.granted.iter().any(owned));
    columns
        .flat_map(|column| {
            let of_former = Entry { owner: Some(former.clone()), ..column.clone() };
            let wanted = sides.expected.find(&column.path).map(|wanted| Privileges::wanted(wanted, sides));
            match (privileges_on(&column.path), wanted) {
                (Some(on), Some(wanted)) => {
                    change_privileges(&on, sides, &Privileges::found(&of_former, Some(new)), &wanted)
                }
                (Some(_) | None, _) => Vec::new(),
            }
        })
        .collect()
}

/// What privileges are on.
pub(super) struct On {
    /// Privileges on a column name it, and are on its table.
    pub column: Option<String>,
    /// `TABLE "a"."b"`, or `TABLES` for default privileges.
    pub object: String,
}

fn privileges_on(path: &ObjectPath) -> Option<On> {
    let word = privileges_word(path.kind)?;
    let object = match path.kind {
        // GRANT has no `*` for no arguments.
        ObjectKind::Aggregate
            if path.arguments.as_ref().is_none_or(|arguments| arguments.as_str().is_empty()) =>
        {
            format!("{word} {}()", names::object(path))
        }
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate => {
            format!("{word} {}", names::signature(path))
        }
        _ => format!("{word} {}", names::object(path)),
    };
    Some(On { column: (path.kind == ObjectKind::Column).then(|| ident(&path.part)), object })
}

fn privileges_word(kind: ObjectKind) -> Option<&'static str> {
    match kind {
        ObjectKind::Schema => Some("SCHEMA"),
        ObjectKind::Enum
        | ObjectKind::CompositeType
        | ObjectKind::Domain
        | ObjectKind::RangeType
        | ObjectKind::BaseType => Some("TYPE"),
        ObjectKind::Sequence => Some("SEQUENCE"),
        ObjectKind::Table
        | ObjectKind::ForeignTable
        | ObjectKind::View
        | ObjectKind::MaterializedView
        | ObjectKind::Column => Some("TABLE"),
        // GRANT knows aggregates as functions.
        ObjectKind::Function | ObjectKind::Aggregate => Some("FUNCTION"),
        ObjectKind::Procedure => Some("PROCEDURE"),
        ObjectKind::Language => Some("LANGUAGE"),
        ObjectKind::ForeignDataWrapper => Some("FOREIGN DATA WRAPPER"),
        ObjectKind::ForeignServer => Some("FOREIGN SERVER"),
        ObjectKind::Extension
        | ObjectKind::PrimaryKey
        | ObjectKind::UniqueConstraint
        | ObjectKind::CheckConstraint
        | ObjectKind::ForeignKey
        | ObjectKind::ExclusionConstraint
        | ObjectKind::Index
        | ObjectKind::Statistics
        | ObjectKind::Trigger
        | ObjectKind::Rule
        | ObjectKind::Policy
        | ObjectKind::EventTrigger
        | ObjectKind::DefaultPrivileges
        | ObjectKind::Collation
        | ObjectKind::Conversion
        | ObjectKind::Cast
        | ObjectKind::Operator
        | ObjectKind::OperatorClass
        | ObjectKind::OperatorFamily
        | ObjectKind::Transform
        | ObjectKind::AccessMethod
        | ObjectKind::TextSearchParser
        | ObjectKind::TextSearchTemplate
        | ObjectKind::TextSearchDictionary
        | ObjectKind::TextSearchConfiguration
        | ObjectKind::UserMapping
        | ObjectKind::Publication
        | ObjectKind::Subscription => None,
    }
}

/// What is given beyond the default, and what of the default is taken, with the names that roles have where the
/// statements will run.
#[derive(Default)]
pub(super) struct Privileges {
    given: Vec<Grant>,
    taken: Vec<Grant>,
}

impl Privileges {
    pub fn wanted(entry: &Entry, sides: &Sides<'_>) -> Self {
        let there = |grants: &[Grant]| grants.iter().map(|grant| grant_there(sides, grant)).collect();
        Self { given: there(&entry.granted), taken: there(&entry.revoked) }
    }

    /// Rights of an owner on its own object move with the ownership.
    pub fn found(before: &Entry, new_owner: Option<&Ident>) -> Self {
        let moved = |grants: &[Grant]| -> Vec<Grant> {
            grants
                .iter()
                .map(|grant| match (&grant.role, &before.owner, new_owner) {
                    (Role::Named(name), Some(owner), Some(new)) if name == owner => {
                        Grant { role: Role::Named(new.clone()), ..grant.clone() }
                    }
                    _ => grant.clone(),
                })
                .collect()
        };
        Self { given: moved(&before.granted), taken: moved(&before.revoked) }
    }
}

fn grant_there(sides: &Sides<'_>, grant: &Grant) -> Grant {
    match &grant.role {
        Role::Public => grant.clone(),
        Role::Named(name) => Grant { role: Role::Named(role_there(sides, name)), ..grant.clone() },
    }
}

/// Statements that bring privileges from one state to the other.
pub(super) fn change_privileges(
    on: &On,
    sides: &Sides<'_>,
    before: &Privileges,
    after: &Privileges,
) -> Vec<String> {
    let known = |grant: &&Grant| {
        grant.privilege.as_str() != "MAINTAIN" || (sides.expected.major() >= 17 && sides.found.major() >= 17)
    };
    let same = |a: &Grant, b: &Grant| a.role == b.role && a.privilege == b.privilege;
    let mut revoke: Vec<(&Grant, &str)> = Vec::new();
    let mut grant: Vec<(&Grant, &str)> = Vec::new();
    for there in before.given.iter().filter(known) {
        match after.given.iter().find(|wanted| same(wanted, there)) {
            Some(wanted) if there.grantable && !wanted.grantable => {
                revoke.push((there, "GRANT OPTION FOR "));
            }
            Some(_) => {}
            None => revoke.push((there, "")),
        }
    }
    for wanted in after.taken.iter().filter(known) {
        if !before.taken.iter().any(|there| same(wanted, there)) {
            revoke.push((wanted, ""));
        }
    }
    for there in before.taken.iter().filter(known) {
        let wanted = after.taken.iter().any(|wanted| same(wanted, there));
        if !wanted && !after.given.iter().any(|wanted| same(wanted, there)) {
            grant.push((there, ""));
        }
    }
    for wanted in after.given.iter().filter(known) {
        let there = before.given.iter().find(|there| same(wanted, there));
        if there.is_none_or(|there| wanted.grantable && !there.grantable) {
            grant.push((wanted, if wanted.grantable { " WITH GRANT OPTION" } else { "" }));
        }
    }
    let mut statements = Vec::new();
    for (role, option, privileges) in grouped(revoke) {
        statements.push(format!(
            "REVOKE {option}{} FROM {}",
            privileges_with(&privileges, on),
            spelled(role)
        ));
    }
    for (role, option, privileges) in grouped(grant) {
        statements.push(format!("GRANT {} TO {}{option}", privileges_with(&privileges, on), spelled(role)));
    }
    statements
}

/// `SELECT, INSERT ON TABLE "a"`, `SELECT ("c"), INSERT ("c") ON TABLE "a"`.
fn privileges_with(privileges: &[&str], on: &On) -> String {
    let On { column, object } = on;
    match column {
        Some(column) => {
            let each: Vec<String> =
                privileges.iter().map(|privilege| format!("{privilege} ({column})")).collect();
            format!("{} ON {object}", each.join(", "))
        }
        None => format!("{} ON {object}", privileges.join(", ")),
    }
}

fn spelled(role: &Role) -> String {
    match role {
        Role::Public => "PUBLIC".to_owned(),
        Role::Named(name) => ident(name),
    }
}

/// Privileges of one role and with one option go into one statement.
fn grouped<'a>(list: Vec<(&'a Grant, &'a str)>) -> Vec<(&'a Role, &'a str, Vec<&'a str>)> {
    let mut groups: Vec<(&Role, &str, Vec<&str>)> = Vec::new();
    for (grant, option) in list {
        match groups.iter_mut().find(|(role, other, _)| **role == grant.role && *other == option) {
            Some((.., privileges)) => privileges.push(grant.privilege.as_str()),
            None => groups.push((&grant.role, option, vec![grant.privilege.as_str()])),
        }
    }
    groups
}

/// What `ALTER DEFAULT PRIVILEGES` gives to whatever whoever migrates makes: it has to be taken back where it is
/// not wanted. Of both sides, for the ones of the expected side may be there already.
fn given_by_default(entry: &Entry, sides: &Sides<'_>) -> Privileges {
    let mut by_default = Privileges::default();
    let Some(objects) = objects_word(entry.path.kind) else {
        return by_default;
    };
    for catalog in [sides.expected, sides.found] {
        for candidate in catalog.entries() {
            let Object::DefaultPrivileges(privileges) = &candidate.object else { continue };
            let fits = privileges.objects.as_str() == objects
                && catalog.migrator.as_ref() == Some(&privileges.role)
                && (privileges.schema.is_none() || privileges.schema == entry.path.schema);
            if fits {
                // What the owner is given it has anyway.
                let others = |grant: &&Grant| grant.role != Role::Named(privileges.role.clone());
                let here = |grant: &Grant| match std::ptr::eq(catalog, sides.expected) {
                    true => grant_there(sides, grant),
                    false => grant.clone(),
                };
                by_default.given.extend(candidate.granted.iter().filter(others).map(here));
                by_default.taken.extend(candidate.revoked.iter().filter(others).map(here));
            }
        }
    }
    for list in [&mut by_default.given, &mut by_default.taken] {
        list.sort();
        list.dedup();
    }
    by_default
}

/// The word of default privileges for a kind of object.
fn objects_word(kind: ObjectKind) -> Option<&'static str> {
    match privileges_word(kind)? {
        "TABLE" => (kind != ObjectKind::Column).then_some("tables"),
        "SEQUENCE" => Some("sequences"),
        "FUNCTION" | "PROCEDURE" => Some("functions"),
        "TYPE" => Some("types"),
        "SCHEMA" => Some("schemas"),
        _ => None,
    }
}

/// What is taken from a role on a table is taken from it on all columns as well, and given again where it was.
fn columns_again(after: &Entry, sides: &Sides<'_>, there: &Privileges, wanted: &Privileges) -> Vec<String> {
    if !after.path.kind.is_relation() {
        return Vec::new();
    }
    let is_taken = |grant: &Grant| {
        let same = |other: &Grant| other.role == grant.role && other.privilege == grant.privilege;
        there.given.iter().any(same) && !wanted.given.iter().any(same)
    };
    let columns = sides.found.parts_of(&after.path).filter(|part| part.path.kind == ObjectKind::Column);
    columns
        .flat_map(|column| {
            let on = privileges_on(&column.path);
            column.granted.iter().filter(|grant| is_taken(grant)).filter_map(move |grant| {
                let option = if grant.grantable { " WITH GRANT OPTION" } else { "" };
                let given = privileges_with(&[grant.privilege.as_str()], on.as_ref()?);
                Some(format!("GRANT {given} TO {}{option}", spelled(&grant.role)))
            })
        })
        .collect()
}

pub(super) fn alter_privileges(before: &Entry, after: &Entry, sides: &Sides<'_>) -> Alteration {
    let new_owner = after.owner.as_ref().map(|owner| role_there(sides, owner));
    let there = Privileges::found(before, new_owner.as_ref());
    let mut wanted = Privileges::wanted(after, sides);
    // What an owner has anyway it keeps; only the right to hand it on is taken.
    for own in there.given.iter().filter(
        |grant| matches!((&grant.role, &new_owner), (Role::Named(name), Some(owner)) if name == owner),
    ) {
        let same = |other: &Grant| other.role == own.role && other.privilege == own.privilege;
        if !wanted.given.iter().any(same) && !wanted.taken.iter().any(same) {
            wanted.given.push(Grant { grantable: false, ..own.clone() });
        }
    }
    if let Object::DefaultPrivileges(privileges) = &after.object {
        return Alteration::Statements(default_privileges::change(privileges, sides, &there, &wanted));
    }
    match privileges_on(&after.path) {
        Some(on) => {
            let mut statements = change_privileges(&on, sides, &there, &wanted);
            statements.extend(columns_again(after, sides, &there, &wanted));
            Alteration::Statements(statements)
        }
        None => Alteration::Impossible(format!("{} have no privileges", after.path.kind.plural())),
    }
}

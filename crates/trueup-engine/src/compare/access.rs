//! Compares what every object can have: owner, comment, privileges.

use trueup_model::catalog::{Entry, Grant, Object};
use trueup_model::difference::Nature;
use trueup_model::name::Role;
use trueup_model::path::ObjectKind;

use super::aspects::{Aspects, Sides};
use crate::spoken::Spoken;

pub(super) fn compare(aspects: &mut Aspects<'_>, expected: &Entry, found: &Entry) {
    aspects.of_nature(Nature::Logical);
    if !comment_comes_with_version(expected, found) {
        aspects.plain("comment", &expected.comment, &found.comment);
    }
    aspects.of_nature(Nature::Access);
    let sides = aspects.sides;
    if let (Some(own), Some(others)) = (&expected.owner, &found.owner) {
        // Who owns the schema `public` is initdb's choice, and changed with PostgreSQL 15.
        let initial = is_public(expected);
        if !initial && !sides.expected.same_owner(own, sides.found, others) {
            aspects.push("owner", own.spoken(), others.spoken());
        }
    }
    let granted =
        (kept(sides, &expected.granted, expected, found), kept(sides, &found.granted, expected, found));
    let revoked = (
        [kept(sides, &expected.revoked, expected, found), from_owner(sides, expected, expected, found)]
            .concat(),
        [kept(sides, &found.revoked, expected, found), from_owner(sides, found, expected, found)].concat(),
    );
    if !same(sides, &granted.0, &granted.1) || !same(sides, &revoked.0, &revoked.1) {
        aspects.push("privileges", spoken(&granted.0, &revoked.0), spoken(&granted.1, &revoked.1));
    }
}

/// The comment of an extension comes with the extension, in the words of its version.
fn comment_comes_with_version(expected: &Entry, found: &Entry) -> bool {
    match (&expected.object, &found.object) {
        (Object::Extension(expected), Object::Extension(found)) => expected.version != found.version,
        _ => false,
    }
}

fn is_public(entry: &Entry) -> bool {
    entry.path.kind == ObjectKind::Schema && entry.path.head.as_str() == "public"
}

/// Leaves out what says nothing about the migrations: rights of an owner on its own object, a privilege that one
/// of the servers does not know, and what initdb gave to everybody on the schema `public` up to PostgreSQL 14.
fn kept(sides: &Sides<'_>, grants: &[Grant], expected: &Entry, found: &Entry) -> Vec<Grant> {
    let owns = |grant: &Grant| match &grant.role {
        Role::Named(role) => [&expected.owner, &found.owner].into_iter().flatten().any(|owner| owner == role),
        Role::Public => false,
    };
    grants
        .iter()
        .filter(|grant| sides.both_from(17) || grant.privilege.as_str() != "MAINTAIN")
        .filter(|grant| {
            let initial = is_public(expected)
                && grant.role == Role::Public
                && grant.privilege.as_str() == "CREATE"
                && (sides.expected.major() < 15) != (sides.found.major() < 15);
            !initial
        })
        .filter(|grant| {
            let same_owner = match (&expected.owner, &found.owner) {
                (Some(own), Some(others)) => own == others,
                _ => true,
            };
            same_owner || !owns(grant)
        })
        .cloned()
        .collect()
}

/// What owners took from themselves, where the owners are not the same: whoever gets the object lacks it too.
fn from_owner(sides: &Sides<'_>, of: &Entry, expected: &Entry, found: &Entry) -> Vec<Grant> {
    let (Some(own), Some(others), Some(owner)) = (&expected.owner, &found.owner, &of.owner) else {
        return Vec::new();
    };
    let is_told = own != others && !is_public(expected);
    of.revoked
        .iter()
        .filter(|grant| is_told && grant.role == Role::Named(owner.clone()))
        .filter(|grant| sides.both_from(17) || grant.privilege.as_str() != "MAINTAIN")
        .map(|grant| match sides.expected.same_owner(own, sides.found, others) {
            true => grant.clone(),
            false => Grant { role: Role::Named(own.clone()), ..grant.clone() },
        })
        .collect()
}

fn same(sides: &Sides<'_>, expected: &[Grant], found: &[Grant]) -> bool {
    expected.len() == found.len()
        && expected.iter().all(|grant| {
            found.iter().any(|other| {
                grant.privilege == other.privilege
                    && grant.grantable == other.grantable
                    && sides.expected.same_role(&grant.role, sides.found, &other.role)
            })
        })
}

/// `SELECT, INSERT to app; not EXECUTE to public`.
fn spoken(granted: &[Grant], revoked: &[Grant]) -> String {
    let mut phrases = Vec::new();
    for (grants, prefix) in [(granted, ""), (revoked, "not ")] {
        let mut rest = grants;
        while let Some(first) = rest.first() {
            let count = rest.iter().take_while(|grant| grant.role == first.role).count();
            let (of_role, others) = rest.split_at(count);
            let privileges: Vec<String> = of_role
                .iter()
                .map(|grant| {
                    let option = if grant.grantable { " with grant option" } else { "" };
                    format!("{}{option}", grant.privilege)
                })
                .collect();
            phrases.push(format!("{prefix}{} to {}", privileges.join(", "), first.role));
            rest = others;
        }
    }
    if phrases.is_empty() { "default".to_owned() } else { phrases.join("; ") }
}

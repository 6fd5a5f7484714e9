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
    let found_there = with_other_owner(sides, expected, found);
    let (granted_there, revoked_there) = match &found_there {
        Some((granted, revoked)) => (granted.as_slice(), revoked.as_slice()),
        None => (found.granted.as_slice(), found.revoked.as_slice()),
    };
    let is_changed = found_there.is_some();
    let kept = |grants: &[Grant]| kept(sides, grants, (expected, found), is_changed);
    let granted = (kept(&expected.granted), kept(granted_there));
    let revoked = (kept(&expected.revoked), kept(revoked_there));
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
fn kept(
    sides: &Sides<'_>,
    grants: &[Grant],
    (expected, found): (&Entry, &Entry),
    owner_is_changed: bool,
) -> Vec<Grant> {
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
            same_owner || owner_is_changed || !owns(grant)
        })
        .cloned()
        .collect()
}

/// What is given and taken once the object has the owner that it should have: the rights of the former owner become
/// those of the new one.
fn with_other_owner(sides: &Sides<'_>, expected: &Entry, found: &Entry) -> Option<(Vec<Grant>, Vec<Grant>)> {
    let (own, others) = (expected.owner.as_ref()?, found.owner.as_ref()?);
    if is_public(expected) || sides.expected.same_owner(own, sides.found, others) {
        return None;
    }
    let new = Role::Named(own.clone());
    let handed_on = |grants: &[Grant]| {
        let mut grants: Vec<Grant> = grants
            .iter()
            // An owner has these anyway; only what it may hand on is said.
            .filter(|grant| grant.role != new || grant.grantable)
            .map(|grant| match grant.role == Role::Named(others.clone()) {
                true => Grant { role: new.clone(), ..grant.clone() },
                false => grant.clone(),
            })
            .collect();
        grants.sort();
        grants.dedup();
        grants
    };
    Some((handed_on(&found.granted), handed_on(&found.revoked)))
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

//! Roles that the found state names and a shadow does not have.

use std::collections::BTreeSet;

use trueup_model::Catalog;
use trueup_model::catalog::Object;
use trueup_model::name::{Ident, Role};
use trueup_sql::quote_ident;

use crate::session::SessionError;
use crate::shadow::Shadow;

/// Makes roles that cannot log in. A role that cannot be made is missed by the statement that names it.
pub fn supply(shadow: &mut dyn Shadow, found: &Catalog) -> Result<(), SessionError> {
    let there: BTreeSet<String> = shadow
        .session()
        .rows("select rolname from pg_catalog.pg_roles")?
        .into_iter()
        .filter_map(|row| row.into_iter().next().flatten())
        .collect();
    let mut made = Vec::new();
    for role in named(found).into_iter().filter(|role| !there.contains(role.as_str())) {
        match shadow.session().run(&format!("create role {}", quote_ident(role.as_str()))) {
            Ok(()) => made.push(role.as_str().to_owned()),
            Err(SessionError::Server(_)) => {}
            Err(lost @ SessionError::Lost(_)) => return Err(lost),
        }
    }
    shadow.made_roles(&made);
    Ok(())
}

fn named(catalog: &Catalog) -> BTreeSet<&Ident> {
    let mut roles = BTreeSet::new();
    for entry in catalog.entries() {
        roles.extend(&entry.owner);
        let grants = entry.granted.iter().chain(&entry.revoked);
        let of_policy =
            if let Object::Policy(policy) = &entry.object { policy.roles.as_slice() } else { &[] };
        let addressed = grants.map(|grant| &grant.role).chain(of_policy);
        roles.extend(addressed.filter_map(|role| match role {
            Role::Named(name) => Some(name),
            Role::Public => None,
        }));
        if let Object::DefaultPrivileges(privileges) = &entry.object {
            roles.insert(&privileges.role);
        }
    }
    roles
}

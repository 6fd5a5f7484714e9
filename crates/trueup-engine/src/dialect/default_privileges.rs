//! Default privileges as objects of their own: `ALTER DEFAULT PRIVILEGES`.

use trueup_model::catalog::{DefaultPrivileges, Entry};

use super::Written;
use super::access::{On, Privileges, change_privileges};
use super::names::role_there;
use super::text::ident;
use crate::findings::Sides;

pub(super) fn create(entry: &Entry, privileges: &DefaultPrivileges, sides: &Sides<'_>) -> Written {
    let wanted = Privileges::wanted(entry, sides);
    Written::Statements(change(privileges, sides, &Privileges::default(), &wanted))
}

/// They are gone when they say what PostgreSQL does by itself.
pub(super) fn remove(entry: &Entry, privileges: &DefaultPrivileges, sides: &Sides<'_>) -> Written {
    let there = Privileges::found(entry, None);
    Written::Statements(change(privileges, sides, &there, &Privileges::default()))
}

pub(super) fn change(
    privileges: &DefaultPrivileges,
    sides: &Sides<'_>,
    before: &Privileges,
    after: &Privileges,
) -> Vec<String> {
    let schema =
        privileges.schema.as_ref().map(|schema| format!(" IN SCHEMA {}", ident(schema))).unwrap_or_default();
    let prefix =
        format!("ALTER DEFAULT PRIVILEGES FOR ROLE {}{schema}", ident(&role_there(sides, &privileges.role)));
    let on = On { column: None, object: privileges.objects.as_str().to_uppercase() };
    change_privileges(&on, sides, before, after)
        .into_iter()
        .map(|statement| format!("{prefix} {statement}"))
        .collect()
}

//! Roles on a server that is not the shadow's own: those that were there are left as they are, and those that the
//! replay made are handed to the shadow, which drops them again.

use std::collections::BTreeSet;

use trueup_model::History;
use trueup_sql::{unquote_ident, words};

use crate::session::{Session, SessionError};
use crate::shadow::{Capabilities, Shadow};

/// The roles that are there before the replay. Empty where all of them are the shadow's own.
pub(super) fn roles(
    session: &mut Session,
    capabilities: &Capabilities,
) -> Result<BTreeSet<String>, SessionError> {
    if capabilities.owns_roles { Ok(BTreeSet::new()) } else { all_roles(session) }
}

fn all_roles(session: &mut Session) -> Result<BTreeSet<String>, SessionError> {
    let rows = session.rows("SELECT rolname FROM pg_catalog.pg_roles")?;
    Ok(rows.into_iter().flatten().flatten().collect())
}

/// Whether a statement changes a role that is not the history's: its attributes, its memberships, or what belongs
/// to it all over the server.
pub(super) fn touches_known_role(verb: &str, text: &str, known_roles: &BTreeSet<String>) -> bool {
    let changes_roles = match verb {
        "ALTER ROLE" | "ALTER USER" | "ALTER GROUP" | "DROP ROLE" | "DROP USER" | "DROP GROUP"
        | "DROP OWNED" | "REASSIGN OWNED" => true,
        // Membership: privileges on objects say ON.
        "GRANT" | "REVOKE" => !words(text).any(|word| word == "on"),
        // A new role can be made a member or have members at once: its options begin after `CREATE ROLE name`.
        "CREATE ROLE" | "CREATE USER" | "CREATE GROUP" => {
            words(text).skip(3).any(|word| matches!(word.as_str(), "role" | "in" | "admin" | "user"))
        }
        _ => false,
    };
    changes_roles
        && words(text).skip(1).any(|word| {
            known_roles.contains(&unquote_ident(&word))
                || matches!(word.as_str(), "current_user" | "session_user" | "current_role" | "all")
        })
}

/// Tells the shadow which roles the replay made. On a busy server others may have made roles meanwhile: a role
/// counts as made here only if the history names it.
pub(super) fn hand_over(
    shadow: &mut dyn Shadow,
    capabilities: &Capabilities,
    known_roles: &BTreeSet<String>,
    history: &History,
    made_up: &[String],
) -> Result<(), SessionError> {
    if capabilities.owns_roles {
        return Ok(());
    }
    let new: Vec<String> =
        all_roles(shadow.session())?.into_iter().filter(|role| !known_roles.contains(role)).collect();
    let ours: Vec<String> =
        new.into_iter().filter(|role| made_up.contains(role) || is_named(history, role)).collect();
    shadow.made_roles(&ours);
    Ok(())
}

fn is_named(history: &History, role: &str) -> bool {
    let mut statements = history.migrations.iter().flat_map(|migration| &migration.up);
    statements.any(|statement| statement.text.contains(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_touches_roles_that_are_not_the_historys() {
        let known: BTreeSet<String> = ["admin".to_owned()].into();
        let touches = |text: &str| touches_known_role(&trueup_sql::classify(text).verb, text, &known);
        assert!(touches("ALTER ROLE admin SET search_path TO x"));
        assert!(touches("GRANT app TO \"admin\""));
        assert!(touches("DROP OWNED BY current_user"));
        assert!(touches("CREATE ROLE app IN ROLE admin"));
        assert!(!touches("GRANT SELECT ON t TO admin"));
        assert!(!touches("ALTER ROLE app NOLOGIN"));
        assert!(!touches("CREATE ROLE app LOGIN"));
        // There already: the server says so.
        assert!(!touches("CREATE ROLE admin LOGIN"));
    }
}

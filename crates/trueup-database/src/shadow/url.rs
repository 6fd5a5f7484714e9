//! A scratch database on a server given by its URL.
//!
//! It carries our name and a comment that says whose it is and since when. Nothing without that comment is ever
//! dropped: neither a database nor a role.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use trueup_sql::{quote_ident, quote_literal};

use super::snapshots::Kept;
use super::{Address, Capabilities, Opener, Shadow, ShadowError};
use crate::session::{Session, SessionError};

const PREFIX: &str = "trueup_shadow_";

/// The comment, before the time in seconds since 1970.
const MARK: &str = "trueup scratch database, may be dropped; made at ";

/// What crashed runs have left is removed when it is this old and nobody is connected to it.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// The scratch databases of this process that are there now.
static IN_USE: Mutex<Vec<(String, Opener)>> = Mutex::new(Vec::new());

const SQLSTATE_NO_PRIVILEGE: &str = "42501";

pub struct UrlShadow {
    session: Option<Session>,
    opener: Opener,
    database: String,
    roles: Vec<String>,
    capabilities: Capabilities,
}

/// Makes the scratch database and connects to it.
pub fn open(opener: Opener) -> Result<UrlShadow, ShadowError> {
    let mut server =
        opener(None).map_err(ShadowError::session("connecting to the server of the shadow's URL"))?;
    // Somebody else's leftovers may not be ours to drop; that is no reason to stop.
    let _ = remove_leftovers(&mut server);

    let database = new_name();
    in_use().push((database.clone(), opener.clone()));
    create(&mut server, &database)?;
    drop(server);
    match connect(&opener, &database) {
        Ok((session, mut capabilities)) => {
            capabilities.owns_roles = false;
            Ok(UrlShadow { session: Some(session), opener, database, roles: Vec::new(), capabilities })
        }
        Err(error) => {
            let _ = opener(None).and_then(|mut server| server.run(&drop_database(&database)));
            Err(error)
        }
    }
}

/// Drops them all, in the middle of whatever happens there.
pub(super) fn abandon() {
    for (database, opener) in std::mem::take(&mut *in_use()) {
        let _ = opener(None).and_then(|mut server| server.run(&drop_database(&database)));
    }
}

fn in_use() -> MutexGuard<'static, Vec<(String, Opener)>> {
    // The list is as good after a panic as before.
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(opener: &Opener, database: &str) -> Result<(Session, Capabilities), ShadowError> {
    let mut session =
        opener(Some(database)).map_err(ShadowError::session("connecting to the scratch database"))?;
    let capabilities = Capabilities::ask(&mut session)?;
    Ok((session, capabilities))
}

fn create(server: &mut Session, database: &str) -> Result<(), ShadowError> {
    let name = quote_ident(database);
    // Encoding and locale are those of the other kinds of shadow, so that all of them make the same catalogs.
    let made = server.run(&format!(
        "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    ));
    match made {
        Ok(()) => {}
        Err(SessionError::Server(error)) if error.sqlstate == SQLSTATE_NO_PRIVILEGE => {
            let role = server.value("SELECT current_user").ok().flatten().unwrap_or_default();
            return Err(ShadowError::NoPrivilege { role: quote_ident(&role) });
        }
        Err(error) => return Err(ShadowError::session("creating a scratch database")(error)),
    }
    let comment = quote_literal(&format!("{MARK}{}", now()));
    server
        .run(&format!("COMMENT ON DATABASE {name} IS {comment}"))
        .and_then(|()| server.run(&settings(&name)))
        .map_err(ShadowError::session("marking the scratch database"))
}

/// What a session in the scratch database begins with, whatever the server's own defaults are.
fn settings(name: &str) -> String {
    [
        ("TimeZone", "'UTC'"),
        ("DateStyle", "'ISO, MDY'"),
        ("IntervalStyle", "'postgres'"),
        ("standard_conforming_strings", "'on'"),
        ("search_path", "\"$user\", public"),
        ("row_security", "'on'"),
        ("check_function_bodies", "'on'"),
        ("default_transaction_isolation", "'read committed'"),
        ("default_transaction_read_only", "'off'"),
        ("default_table_access_method", "'heap'"),
        ("default_tablespace", "''"),
        // What a crash of the server would take is made again.
        ("synchronous_commit", "'off'"),
    ]
    .map(|(setting, value)| format!("ALTER DATABASE {name} SET {setting} TO {value};"))
    .join("\n")
}

fn drop_database(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quote_ident(name))
}

/// Drops marked databases that are old and unused, then marked roles that are old.
fn remove_leftovers(server: &mut Session) -> Result<(), SessionError> {
    let before = now().saturating_sub(ABANDONED.as_secs());
    let mark = quote_literal(MARK);
    let databases = server.rows(&format!(
        "SELECT d.datname, pg_catalog.shobj_description(d.oid, 'pg_database') \
         FROM pg_catalog.pg_database d \
         WHERE pg_catalog.starts_with(d.datname::text, '{PREFIX}') \
         AND pg_catalog.starts_with(pg_catalog.shobj_description(d.oid, 'pg_database'), {mark}) \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)"
    ))?;
    for name in older_than(databases, before) {
        // Without FORCE: somebody may have connected in the meantime.
        server.run(&format!("DROP DATABASE IF EXISTS {}", quote_ident(&name)))?;
    }
    let roles = server.rows(&format!(
        "SELECT r.rolname, pg_catalog.shobj_description(r.oid, 'pg_authid') \
         FROM pg_catalog.pg_roles r \
         WHERE pg_catalog.starts_with(pg_catalog.shobj_description(r.oid, 'pg_authid'), {mark})"
    ))?;
    for name in older_than(roles, before) {
        server.run(&format!("DROP ROLE IF EXISTS {}", quote_ident(&name)))?;
    }
    Ok(())
}

fn older_than(rows: Vec<Vec<Option<String>>>, before: u64) -> Vec<String> {
    rows.into_iter()
        .filter_map(|row| {
            let mut cells = row.into_iter().flatten();
            let (name, comment) = (cells.next()?, cells.next()?);
            let made_at: u64 = comment.strip_prefix(MARK)?.parse().ok()?;
            (made_at < before).then_some(name)
        })
        .collect()
}

fn new_name() -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{PREFIX}{}_{:016x}", now(), RandomState::new().hash_one(std::process::id()))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Shadow for UrlShadow {
    fn kind(&self) -> &'static str {
        "url"
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("a shadow has its session until a new one cannot be had")
    }

    fn renew(&mut self) -> Result<(), SessionError> {
        self.session = None;
        self.session = Some((self.opener)(Some(&self.database))?);
        Ok(())
    }

    fn lend(&mut self) -> Result<Address, ShadowError> {
        Err(ShadowError::NotAtHand(
            "the server of --shadow is not lent to other programs; use --shadow local or --shadow embedded"
                .to_owned(),
        ))
    }

    fn made_roles(&mut self, names: &[String]) {
        let comment = quote_literal(&format!("{MARK}{}", now()));
        for name in names.iter().filter(|name| !self.roles.contains(name)).cloned().collect::<Vec<_>>() {
            // The mark is for the case that we do not live to drop it. Without it the name in our memory does.
            let _ = self.session().run(&format!("COMMENT ON ROLE {} IS {comment}", quote_ident(&name)));
            self.roles.push(name);
        }
    }

    fn keep(self: Box<Self>, _folder: &Path) -> Result<Kept, ShadowError> {
        Err(ShadowError::NotKept)
    }
}

impl Drop for UrlShadow {
    fn drop(&mut self) {
        // A database with subscriptions or replication slots cannot be dropped.
        if let Some(mut session) = self.session.take() {
            let _ = session.run(include_str!("unhook.sql"));
        }
        // Nobody is left who could be told about an error; the mark lets the next run try again.
        in_use().retain(|(database, _)| *database != self.database);
        let Ok(mut server) = (self.opener)(None) else { return };
        let _ = server.run(&drop_database(&self.database));
        for role in &self.roles {
            let _ = server.run(&format!("DROP ROLE IF EXISTS {}", quote_ident(role)));
        }
    }
}

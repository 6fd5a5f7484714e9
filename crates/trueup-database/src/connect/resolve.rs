//! Which database: the first source that names one, with its gaps filled the way libpq fills them.

use std::fmt;
use std::path::{Path, PathBuf};

use super::passfile::{self, Passfile};
use super::{ConnectError, host, service};
use crate::url::keyword::{KEYWORDS, Settings};
use crate::url::{DatabaseUrl, Secret, UrlError, target};

/// Who named the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `--database-url`.
    Explicit,
    /// One of [`URL_VARIABLES`].
    Variable(&'static str),
    /// The project's own configuration, in the words of whoever read it: `settings.py`, `alembic.ini`.
    Project(String),
    /// Only libpq's variables: PGHOST, PGDATABASE, PGSERVICE and their like.
    Libpq,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Explicit => f.write_str("--database-url"),
            Source::Variable(name) => f.write_str(name),
            Source::Project(name) => f.write_str(name),
            Source::Libpq => f.write_str("the PG* variables"),
        }
    }
}

/// The environment variables that hold a whole URL, the first one first.
pub const URL_VARIABLES: &[&str] = &["TRUEUP_DATABASE_URL", "DATABASE_URL"];

/// Variables of libpq that say which database is meant. Others, such as PGSSLMODE, only say how to get there.
const NAMING_VARIABLES: &[&str] = &["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE"];

/// Finds the target. `hint` is what the project's configuration says, and where it says so.
pub fn resolve(
    explicit: Option<&str>,
    hint: Option<(&str, &str)>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<(DatabaseUrl, Source), ConnectError> {
    let surroundings = Surroundings {
        environment,
        system_user: &|| whoami::username().ok(),
        socket_exists: &|file| file.exists(),
    };
    resolve_in(explicit, hint, &surroundings)
}

/// What the machine knows.
pub(super) struct Surroundings<'a> {
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
    pub(super) system_user: &'a dyn Fn() -> Option<String>,
    pub(super) socket_exists: &'a dyn Fn(&Path) -> bool,
}

impl Surroundings<'_> {
    /// Set and empty is as good as not set.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.environment)(name).filter(|value| !value.is_empty())
    }

    /// A file in the folder where libpq keeps the user's files, by its names on Unix and on Windows.
    pub(super) fn user_file(&self, unix: &str, windows: &str) -> Option<PathBuf> {
        if cfg!(windows) {
            self.variable("APPDATA").map(|folder| Path::new(&folder).join("postgresql").join(windows))
        } else {
            self.variable("HOME").map(|home| Path::new(&home).join(unix))
        }
    }

    fn user(&self) -> Option<String> {
        (self.system_user)()
            .filter(|name| !name.is_empty())
            .or_else(|| ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| self.variable(name)))
    }
}

fn resolve_in(
    explicit: Option<&str>,
    hint: Option<(&str, &str)>,
    surroundings: &Surroundings<'_>,
) -> Result<(DatabaseUrl, Source), ConnectError> {
    let (text, source) = chosen(explicit, hint, surroundings).ok_or_else(ConnectError::nothing_given)?;
    let wrong = |error: UrlError| ConnectError::url(&source, error);
    let mut settings = match &text {
        Some(text) => DatabaseUrl::parse(text).map_err(wrong)?.settings,
        None => Settings::default(),
    };
    fill(&mut settings, surroundings).map_err(|problem| ConnectError::source(&source, problem))?;
    let mut url = DatabaseUrl::from_settings(settings).map_err(wrong)?;
    for endpoint in &mut url.target.endpoints {
        if endpoint.host.is_none() && endpoint.address.is_none() {
            endpoint.host = Some(host::default_host(endpoint.port, surroundings.socket_exists));
        }
    }
    find_passwords(&mut url, surroundings);
    Ok((url, source))
}

/// The text of the first source that says anything; none where only libpq's variables do.
fn chosen(
    explicit: Option<&str>,
    hint: Option<(&str, &str)>,
    surroundings: &Surroundings<'_>,
) -> Option<(Option<String>, Source)> {
    if let Some(text) = explicit {
        return Some((Some(text.to_owned()), Source::Explicit));
    }
    for variable in URL_VARIABLES {
        if let Some(text) = surroundings.variable(variable) {
            return Some((Some(text), Source::Variable(variable)));
        }
    }
    if let Some((text, name)) = hint {
        return Some((Some(text.to_owned()), Source::Project(name.to_owned())));
    }
    let named = NAMING_VARIABLES.iter().any(|name| surroundings.variable(name).is_some());
    named.then_some((None, Source::Libpq))
}

/// In libpq's order: what was said, the service, the environment, files at their usual places, defaults.
fn fill(settings: &mut Settings, surroundings: &Surroundings<'_>) -> Result<(), super::Problem> {
    if let Some(name) =
        settings.value("service").map(str::to_owned).or_else(|| surroundings.variable("PGSERVICE"))
    {
        service::fill(settings, &name, surroundings)?;
    }
    for keyword in KEYWORDS {
        if let Some(value) = keyword.variable.and_then(|variable| surroundings.variable(variable)) {
            settings.fill(keyword.name, value);
        }
    }
    if surroundings.variable("PGREQUIRESSL").is_some_and(|value| value.starts_with('1')) {
        settings.fill("sslmode", "require");
    }
    for (keyword, file) in [
        ("sslrootcert", "root.crt"),
        ("sslcrl", "root.crl"),
        ("sslcert", "postgresql.crt"),
        ("sslkey", "postgresql.key"),
    ] {
        let path = surroundings.user_file(&format!(".postgresql/{file}"), file).filter(|path| path.exists());
        if let Some(path) = path.as_deref().and_then(Path::to_str)
            && settings.value(keyword).is_none()
        {
            settings.set(keyword, path);
        }
    }
    if settings.value("user").is_none()
        && let Some(user) = surroundings.user()
    {
        settings.set("user", user);
    }
    if settings.value("dbname").is_none()
        && let Some(user) = settings.value("user").map(str::to_owned)
    {
        settings.set("dbname", user);
    }
    Ok(())
}

/// Looks into the password file where no password was said.
fn find_passwords(url: &mut DatabaseUrl, surroundings: &Surroundings<'_>) {
    // A password that was said is for all places.
    if url.has_password() {
        return;
    }
    let path = match url.settings.value("passfile") {
        Some(path) => Some(PathBuf::from(path)),
        None => surroundings.user_file(".pgpass", "pgpass.conf"),
    };
    let lines = match path.as_deref().map(passfile::read) {
        Some(Passfile::Lines(lines)) => lines,
        Some(Passfile::Refused(why)) => {
            url.notes.push(why);
            return;
        }
        Some(Passfile::Absent) | None => return,
    };
    let user = url.target.user.clone().unwrap_or_default();
    let database = url.target.database.clone().unwrap_or_default();
    for endpoint in &mut url.target.endpoints {
        let address = endpoint.address.map(|address| address.to_string());
        let host = match endpoint.host.as_deref() {
            // A socket at a usual place is `localhost` in password files.
            Some(folder) if target::is_socket(folder) && host::is_usual_folder(folder) => "localhost",
            Some(host) => host,
            None => address.as_deref().unwrap_or("localhost"),
        };
        endpoint.password =
            passfile::password(&lines, host, endpoint.port, &database, &user).map(Secret::new);
    }
}

#[cfg(test)]
mod tests;

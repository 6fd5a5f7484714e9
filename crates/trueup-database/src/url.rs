//! Where a database is and how to get in: a connection target that cannot print its password.
//!
//! A target is written in many ways: the URLs of libpq, SQLAlchemy, Django, JDBC and Prisma, and libpq's
//! `key=value` strings. All of them end up as the same settings, named as libpq names them.

mod conninfo;
mod engine;
mod error;
pub(crate) mod keyword;
pub(crate) mod near;
mod parameter;
mod percent;
mod secret;
mod spelling;
mod split;
pub(crate) mod target;

pub use error::UrlError;

pub(crate) use secret::Secret;
pub(crate) use target::{Endpoint, Target};

use std::fmt;

use keyword::Settings;

/// A connection target. `Debug` and `Display` mask the password; only [`crate::connect::open`] can use it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    pub(crate) settings: Settings,
    pub(crate) target: Target,
    /// What was passed over on the way and may explain a failure, such as a password file that others may read.
    pub(crate) notes: Vec<String>,
}

impl DatabaseUrl {
    /// Reads any of the spellings above. What the text leaves open stays open; [`crate::connect::resolve`] fills
    /// it the way libpq does.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        Self::from_settings(spelling::read(text)?)
    }

    pub(crate) fn from_settings(settings: Settings) -> Result<Self, UrlError> {
        let target = Target::from_settings(&settings)?;
        Ok(Self { settings, target, notes: Vec::new() })
    }

    /// The host name, address or socket folder that is tried first.
    pub fn host(&self) -> Option<&str> {
        self.target.endpoints.first().and_then(|endpoint| endpoint.host.as_deref())
    }

    /// The port that is tried first.
    pub fn port(&self) -> u16 {
        self.target.endpoints.first().map_or(target::DEFAULT_PORT, |endpoint| endpoint.port)
    }

    pub fn user(&self) -> Option<&str> {
        self.target.user.as_deref()
    }

    pub fn database(&self) -> Option<&str> {
        self.target.database.as_deref()
    }

    /// Whether a password was found. Which one, nobody learns.
    pub fn has_password(&self) -> bool {
        self.target.endpoints.iter().any(|endpoint| endpoint.password.is_some())
    }

    /// The schemas that the application looks into first, where the URL says so (`schema`, `currentSchema`,
    /// `search_path`, or `options=-c search_path=…`). The server is not told.
    pub fn search_path(&self) -> &[String] {
        &self.target.search_path
    }

    /// The same server, role and password, with another database.
    pub fn with_database(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.settings.set("dbname", name);
        other.target.database = Some(name.to_owned());
        other
    }
}

/// A URL that says where, with `***` for the password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = &self.target;
        f.write_str("postgresql://")?;
        let user = target.user.as_deref().unwrap_or_default();
        f.write_str(&percent::encoded(user))?;
        if self.has_password() {
            f.write_str(":***")?;
        }
        if !user.is_empty() || self.has_password() {
            f.write_str("@")?;
        }
        let mut parameters = Vec::new();
        match target.endpoints.as_slice() {
            [Endpoint { host: Some(folder), port, .. }] if target::is_socket(folder) => {
                parameters.push(format!("host={folder}"));
                if *port != target::DEFAULT_PORT {
                    parameters.push(format!("port={port}"));
                }
            }
            endpoints => {
                let places: Vec<String> = endpoints.iter().map(place_in_url).collect();
                f.write_str(&places.join(","))?;
            }
        }
        if let Some(database) = &target.database {
            write!(f, "/{}", percent::encoded(database))?;
        }
        if let Some(mode) = self.settings.value("sslmode") {
            parameters.push(format!("sslmode={mode}"));
        }
        if !parameters.is_empty() {
            let slash = if target.database.is_none() { "/" } else { "" };
            write!(f, "{slash}?{}", parameters.join("&"))?;
        }
        Ok(())
    }
}

fn place_in_url(endpoint: &Endpoint) -> String {
    match (&endpoint.host, endpoint.address) {
        (Some(folder), _) if target::is_socket(folder) => {
            format!("{}:{}", percent::encoded_all(folder), endpoint.port)
        }
        (Some(host), _) if host.contains(':') => format!("[{host}]:{}", endpoint.port),
        (Some(host), _) => format!("{host}:{}", endpoint.port),
        (None, Some(std::net::IpAddr::V6(address))) => format!("[{address}]:{}", endpoint.port),
        (None, Some(address)) => format!("{address}:{}", endpoint.port),
        (None, None) if endpoint.port == target::DEFAULT_PORT => String::new(),
        (None, None) => format!(":{}", endpoint.port),
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests;

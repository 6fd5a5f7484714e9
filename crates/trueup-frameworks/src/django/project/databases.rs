//! DATABASES: which servers the project works with.

use std::collections::BTreeMap;

use trueup_model::{Finding, Place};

use super::Settings;
use crate::python::{Kind, Value, World};
use crate::settings::UrlHint;
use crate::url::encoded;

/// An entry of DATABASES. It may hold a password, which only its URL shows.
#[derive(Clone, Debug)]
pub struct Database {
    pub alias: String,
    pub engine: Option<String>,
    pub host: Option<String>,
    pub port: Option<String>,
    pub user: Option<String>,
    pub name: Option<String>,
    /// What leads to it, or why nothing does.
    pub url: Result<UrlHint, DatabaseProblem>,
}

/// Why a database cannot be reached with what the settings say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseProblem {
    /// The engine is another one.
    NotPostgres { engine: String, place: Place },
    /// A part of it is not known, for a reason that stands at this place.
    NotKnown { part: &'static str, reason: String, place: Place },
}

impl DatabaseProblem {
    fn not_known(part: &'static str, value: &Value, usual: &str) -> Self {
        match value.why_unknown() {
            Some(why) => Self::NotKnown { part, reason: why.reason.clone(), place: why.place.clone() },
            None => Self::NotKnown { part, reason: usual.to_owned(), place: value.place() },
        }
    }
}

impl std::fmt::Display for DatabaseProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotPostgres { engine, place: _ } => {
                write!(f, "its engine is {engine}, which is not PostgreSQL")
            }
            Self::NotKnown { part, reason, place: _ } => write!(f, "{part} is not known: {reason}"),
        }
    }
}

const HINT: &str = "set the variable that it is read from, or give the database with --database-url";

pub(super) fn read(
    world: &World,
    settings: &Settings,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, Database> {
    let mut found = BTreeMap::new();
    let module = settings.module().name.to_string();
    let Some(value) = settings.get("DATABASES") else { return found };
    let Some(entries) = value.entries() else {
        let why =
            value.why_unknown().map_or_else(|| "it is not a dictionary".to_owned(), |why| why.reason.clone());
        findings.push(super::about(
            &value,
            &module,
            format!("the setting DATABASES is not known: {why}"),
            HINT,
        ));
        return found;
    };
    for (alias, entry) in entries {
        let Some(alias) = alias.as_str() else { continue };
        let database = database(world, alias, &entry);
        if let Err(problem @ DatabaseProblem::NotKnown { .. }) = &database.url {
            let message = format!("the database {alias} cannot be reached with the settings: {problem}");
            findings.push(super::about(&entry, &module, message, HINT));
        }
        found.insert(alias.to_owned(), database);
    }
    found
}

fn database(_world: &World, alias: &str, entry: &Value) -> Database {
    let known = entry.entries().is_some();
    let part = |name: &'static str| -> Result<Option<String>, DatabaseProblem> {
        let Some(value) = entry.entry(name) else { return Ok(None) };
        let text = match &value.kind {
            Kind::None => return Ok(None),
            Kind::Str(text) | Kind::Path(text) => text.to_string(),
            Kind::Int(number) => number.to_string(),
            _ => return Err(DatabaseProblem::not_known(name, &value, "it is not a text")),
        };
        Ok((!text.is_empty()).then_some(text))
    };
    let shown = |name: &'static str| part(name).ok().flatten();
    let url = if known {
        url(alias, entry, &part)
    } else {
        Err(DatabaseProblem::not_known("the whole entry", entry, "it is not a dictionary"))
    };
    Database {
        alias: alias.to_owned(),
        engine: shown("ENGINE"),
        host: shown("HOST"),
        port: shown("PORT"),
        user: shown("USER"),
        name: shown("NAME"),
        url,
    }
}

/// Whether an engine is PostgreSQL, by its own name or that of a package around it.
fn is_postgres(engine: &str) -> bool {
    engine.contains("postg") || engine.contains("psqlextra") || engine.contains("psycopg")
}

type Part<'a> = dyn Fn(&'static str) -> Result<Option<String>, DatabaseProblem> + 'a;

fn url(alias: &str, entry: &Value, part: &Part<'_>) -> Result<UrlHint, DatabaseProblem> {
    let engine = part("ENGINE")?.unwrap_or_else(|| "django.db.backends.dummy".to_owned());
    if !is_postgres(&engine) {
        let place = entry.entry("ENGINE").map_or_else(|| entry.place(), |value| value.place());
        return Err(DatabaseProblem::NotPostgres { engine, place });
    }
    let (host, port) = (part("HOST")?, part("PORT")?);
    let mut url = "postgresql://".to_owned();
    if let Some(user) = part("USER")? {
        url.push_str(&encoded(&user));
        if let Some(password) = part("PASSWORD")? {
            url.push(':');
            url.push_str(&encoded(&password));
        }
        url.push('@');
    }
    let mut parameters: Vec<(String, String)> = Vec::new();
    match host {
        // A folder of sockets has no place where a host stands.
        Some(folder) if folder.starts_with('/') => parameters.push(("host".to_owned(), folder)),
        Some(host) if host.contains(':') => url.push_str(&format!("[{host}]")),
        Some(host) => url.push_str(&encoded(&host)),
        None => {}
    }
    if let Some(port) = port {
        if url.ends_with(['/', '@']) {
            parameters.push(("port".to_owned(), port));
        } else {
            url.push(':');
            url.push_str(&port);
        }
    }
    url.push('/');
    url.push_str(&encoded(&part("NAME")?.unwrap_or_default()));
    if let Some(options) = entry.entry("OPTIONS") {
        parameters.extend(self::parameters(&options)?);
    }
    for (index, (name, value)) in parameters.iter().enumerate() {
        let mark = if index == 0 { '?' } else { '&' };
        url.push_str(&format!("{mark}{}={}", encoded(name), encoded(value)));
    }
    let place = entry.place();
    Ok(UrlHint::new(url, format!("DATABASES[{alias:?}] in {}", place.file)))
}

/// What libpq understands of OPTIONS; the rest is for Django and its driver.
const PARAMETERS: &[&str] = &[
    "options",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "service",
    "passfile",
    "connect_timeout",
    "target_session_attrs",
    "application_name",
    "gssencmode",
    "channel_binding",
    "host",
    "port",
];

fn parameters(options: &Value) -> Result<Vec<(String, String)>, DatabaseProblem> {
    let Some(entries) = options.entries() else {
        return match options.why_unknown().is_some() {
            true => Err(DatabaseProblem::not_known("OPTIONS", options, "it is not a dictionary")),
            false => Ok(Vec::new()),
        };
    };
    let mut found = Vec::new();
    for (name, value) in entries {
        let Some(name) = name.as_str().filter(|name| PARAMETERS.contains(name)) else { continue };
        match &value.kind {
            Kind::Str(text) => found.push((name.to_owned(), text.to_string())),
            Kind::Int(number) => found.push((name.to_owned(), number.to_string())),
            // The search path decides where tables are; the rest only how one connects.
            _ if name == "options" => {
                return Err(DatabaseProblem::not_known("OPTIONS", &value, "it is not a text"));
            }
            _ => {}
        }
    }
    Ok(found)
}

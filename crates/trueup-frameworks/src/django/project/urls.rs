//! URLs of databases as dj-database-url and django-environ take them apart.

use crate::python::value::Dict;
use crate::python::{Spot, Value};
use crate::url::decoded;

/// A part of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Number(i128),
    Parameters(Vec<(String, String)>),
}

/// The engines of the schemes that Django knows.
const SCHEMES: &[(&str, &str)] = &[
    ("postgres", "django.db.backends.postgresql"),
    ("postgresql", "django.db.backends.postgresql"),
    ("psql", "django.db.backends.postgresql"),
    ("pgsql", "django.db.backends.postgresql"),
    ("psycopg2", "django.db.backends.postgresql"),
    ("postgis", "django.contrib.gis.db.backends.postgis"),
    ("timescale", "timescale.db.backends.postgresql"),
    ("timescalegis", "timescale.db.backends.postgis"),
    ("sqlite", "django.db.backends.sqlite3"),
    ("spatialite", "django.contrib.gis.db.backends.spatialite"),
    ("mysql", "django.db.backends.mysql"),
    ("mysql2", "django.db.backends.mysql"),
    ("mysqlgis", "django.contrib.gis.db.backends.mysql"),
    ("oracle", "django.db.backends.oracle"),
    ("mssql", "mssql"),
];

/// The entry of DATABASES that a URL stands for; `None` where its scheme is not known.
pub(super) fn database(url: &str) -> Option<Vec<(&'static str, Part)>> {
    let (scheme, rest) = url.trim().split_once(':')?;
    let (_, engine) = SCHEMES.iter().find(|(known, _)| *known == scheme)?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|digit| digit.is_ascii_digit()) => (host, port),
        Some(_) | None => (place, ""),
    };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    // A plus is a blank in parameters only.
    let text = |text: &str| Part::Text(decoded(&text.replace('+', "%2B")));
    let mut found = vec![
        ("ENGINE", Part::Text((*engine).to_owned())),
        ("NAME", text(name)),
        ("USER", text(user)),
        ("PASSWORD", text(password)),
        ("HOST", text(host)),
        ("PORT", port.parse().map_or(Part::Text(String::new()), Part::Number)),
    ];
    let mut options: Vec<(String, String)> = Vec::new();
    for pair in parameters.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), decoded(value));
        // Both libraries give PostgreSQL a search path through its options.
        match name.as_str() {
            "currentSchema" | "search_path" => {
                options.push(("options".to_owned(), format!("-c search_path={value}")))
            }
            _ => options.push((name, value)),
        }
    }
    if !options.is_empty() {
        found.push(("OPTIONS", Part::Parameters(options)));
    }
    Some(found)
}

pub(super) fn as_dict(parts: Vec<(&'static str, Part)>, spot: &Spot) -> Value {
    let mut dict = Dict::new();
    for (name, part) in parts {
        let value = match part {
            Part::Text(text) => Value::str(text, spot),
            Part::Number(number) => Value::int(number, spot),
            Part::Parameters(parameters) => {
                let mut options = Dict::new();
                for (name, value) in parameters {
                    options.insert_str(&name, Value::str(value, spot));
                }
                Value::dict(options, spot)
            }
        };
        dict.insert_str(name, value);
    }
    Value::dict(dict, spot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let parts =
            database("postgres://ann:p%40s+s@db.example.com:6432/shop?currentSchema=a&sslmode=require");
        let options = vec![
            ("options".to_owned(), "-c search_path=a".to_owned()),
            ("sslmode".to_owned(), "require".to_owned()),
        ];
        let text = |text: &str| Part::Text(text.to_owned());
        assert_eq!(
            parts,
            Some(vec![
                ("ENGINE", text("django.db.backends.postgresql")),
                ("NAME", text("shop")),
                ("USER", text("ann")),
                ("PASSWORD", text("p@s+s")),
                ("HOST", text("db.example.com")),
                ("PORT", Part::Number(6432)),
                ("OPTIONS", Part::Parameters(options)),
            ])
        );
        assert_eq!(database("redis://x"), None);
        let host = |url: &str| {
            database(url)
                .and_then(|parts| parts.into_iter().find(|(name, _)| *name == "HOST"))
                .map(|(_, part)| part)
        };
        assert_eq!(host("postgres://%2Fvar%2Frun/shop"), Some(text("/var/run")));
        assert_eq!(host("postgres://[::1]:5432/shop"), Some(text("::1")));
    }
}

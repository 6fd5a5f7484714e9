//! From any spelling of a connection target to settings.

use super::keyword::Settings;
use super::percent::decoded;
use super::split::{host_and_port, split};
use super::{UrlError, conninfo, engine, parameter};

pub(super) fn read(text: &str) -> Result<Settings, UrlError> {
    let text = unquoted(text.trim());
    if text.is_empty() {
        return Err(UrlError::Empty);
    }
    if text.contains('\0') {
        return Err(UrlError::ZeroByte);
    }
    match scheme(text) {
        Some(("jdbc", rest)) => match scheme(rest) {
            Some((inner, rest)) if engine::is_postgresql(inner) => jdbc(rest),
            Some((inner, _)) => Err(not_postgresql(inner)),
            None => Err(UrlError::NotAUrl),
        },
        Some((scheme, rest)) if engine::is_postgresql(scheme) => {
            url(rest.strip_prefix("//").ok_or(UrlError::NotAUrl)?, decoded)
        }
        Some((scheme, rest)) if engine::other(scheme).is_some() || rest.starts_with("//") => {
            Err(not_postgresql(scheme))
        }
        _ if engine::is_sqlite_file(text) => Err(UrlError::OtherEngine { engine: "SQLite" }),
        _ if text.contains('=') && !text.contains("://") => key_values(text),
        _ => Err(UrlError::NotAUrl),
    }
}

/// Quotes that came along from a `.env` file or a shell.
fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)) {
            return inner.trim();
        }
    }
    text
}

/// What stands before the first colon, where it can be the scheme of a URL.
fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "+.-_".contains(c);
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(fits))
        .then_some((scheme, rest))
}

fn not_postgresql(scheme: &str) -> UrlError {
    match engine::other(scheme) {
        Some(engine) => UrlError::OtherEngine { engine },
        None => UrlError::UnknownScheme,
    }
}

/// JDBC also writes `jdbc:postgresql:database`, and decodes its parameters as web forms do.
fn jdbc(rest: &str) -> Result<Settings, UrlError> {
    let decode = |text: &str| decoded(&text.replace('+', " "));
    match rest.strip_prefix("//") {
        Some(rest) => url(rest, decode),
        None => url(&format!("/{}", rest.trim_start_matches('/')), decode),
    }
}

fn url(rest: &str, decode: impl Fn(&str) -> String) -> Result<Settings, UrlError> {
    let pieces = split(rest)?;
    let mut settings = Settings::default();
    if let Some(user) = pieces.user {
        let (user, password) = user.split_once(':').unwrap_or((user, ""));
        set_if_given(&mut settings, "user", &decoded(user));
        set_if_given(&mut settings, "password", &decoded(password));
    }
    let mut hosts = Vec::new();
    let mut ports = Vec::new();
    for place in pieces.places.split(',') {
        let (host, port) = host_and_port(place)?;
        hosts.push(decoded(host));
        ports.push(port.unwrap_or_default());
    }
    if hosts.iter().any(|host| host.contains(',')) {
        return Err(UrlError::Host);
    }
    set_list(&mut settings, "host", &hosts);
    set_list(&mut settings, "port", &ports);
    // Nobody calls a database `shop/`; a slash at the end is a habit from web addresses.
    set_if_given(
        &mut settings,
        "dbname",
        &decoded(pieces.database.strip_suffix('/').unwrap_or(pieces.database)),
    );
    if pieces.query.is_empty() {
        return Ok(settings);
    }
    // Parameters win over the rest of the URL, but several `host=` make one list.
    let mut parameters = Settings::default();
    for pair in pieces.query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or(UrlError::Pair)?;
        parameter::take(&mut parameters, &decode(key), &decode(value))?;
    }
    for keyword in super::keyword::KEYWORDS {
        if let Some(value) = parameters.value(keyword.name) {
            settings.set(keyword.name, value);
        }
    }
    Ok(settings)
}

fn set_if_given(settings: &mut Settings, keyword: &'static str, value: &str) {
    if !value.is_empty() {
        settings.set(keyword, value);
    }
}

/// A list with commas, where at least one of its entries says something.
fn set_list(settings: &mut Settings, keyword: &'static str, values: &[impl AsRef<str>]) {
    if values.iter().any(|value| !value.as_ref().is_empty()) {
        settings.set(keyword, values.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(","));
    }
}

fn key_values(text: &str) -> Result<Settings, UrlError> {
    let mut settings = Settings::default();
    for (key, value) in conninfo::pairs(text)? {
        match key.as_str() {
            // The last one counts, unlike in URLs.
            "host" | "port" => settings.set(super::keyword::known(&key).expect("a keyword"), value),
            _ => parameter::take(&mut settings, &key, &value)?,
        }
    }
    if settings == Settings::default() {
        return Err(UrlError::NotAUrl);
    }
    Ok(settings)
}

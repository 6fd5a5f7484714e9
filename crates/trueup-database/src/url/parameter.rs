//! Parameters after the `?`, in the dialects of the drivers that people copy their URLs from.

use trueup_sql::quote_ident;

use super::UrlError;
use super::keyword::{IGNORED, KEYWORDS, Settings, known};
use super::near::misspelled;

/// Takes over one parameter. What only a driver understands is left out.
pub(super) fn take(settings: &mut Settings, key: &str, value: &str) -> Result<(), UrlError> {
    let key = key.to_ascii_lowercase();
    match key.as_str() {
        "host" => hosts(settings, value),
        "port" => settings.append("port", value),
        "sslmode" => settings.set("sslmode", ssl_mode(value)),
        "ssl" => {
            // libpq turns JDBC's `ssl=true` into `require`; asyncpg takes a mode here.
            match value.to_ascii_lowercase().as_str() {
                "true" | "1" | "on" | "" => settings.fill("sslmode", "require"),
                "false" | "0" | "off" => {}
                mode => settings.fill("sslmode", ssl_mode(mode)),
            }
        }
        "database" => settings.set("dbname", value),
        "username" => settings.set("user", value),
        // Prisma takes the name to the letter.
        "schema" => settings.set("search_path", quote_ident(value)),
        "currentschema" | "search_path" => settings.set("search_path", value),
        "applicationname" => settings.set("application_name", value),
        "connecttimeout" | "logintimeout" => settings.set("connect_timeout", value),
        "channelbinding" => settings.set("channel_binding", value.to_ascii_lowercase()),
        "targetservertype" => settings.set("target_session_attrs", target_server_type(value)),
        _ => match known(&key) {
            Some(keyword) => settings.set(keyword, value),
            None if IGNORED.contains(&key.as_str()) => {}
            None => {
                if let Some(suggestion) = misspelled(&key, KEYWORDS.iter().map(|keyword| keyword.name)) {
                    return Err(UrlError::Misspelled { suggestion });
                }
            }
        },
    }
    Ok(())
}

/// Whether a parameter means something here, or to libpq.
pub(super) fn is_known(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    known(&key).is_some()
        || IGNORED.contains(&key.as_str())
        || ["ssl", "database", "username", "schema", "currentschema", "applicationname"]
            .contains(&key.as_str())
}

/// SQLAlchemy repeats `host=name:port`; libpq has one list with commas.
fn hosts(settings: &mut Settings, value: &str) {
    let several = settings.is_set("host");
    match value.rsplit_once(':') {
        Some((host, port))
            if !value.starts_with('/') && !host.contains(':') && port.chars().all(|c| c.is_ascii_digit()) =>
        {
            settings.append("host", host);
            if several && !settings.is_set("port") {
                settings.set("port", "");
            }
            settings.append("port", port);
        }
        _ => settings.append("host", value),
    }
}

/// node-postgres calls `no-verify` what libpq calls `require`.
fn ssl_mode(value: &str) -> String {
    match value.to_ascii_lowercase().as_str() {
        "no-verify" => "require".to_owned(),
        mode => mode.to_owned(),
    }
}

/// JDBC's names for `target_session_attrs`.
fn target_server_type(value: &str) -> String {
    match value.to_ascii_lowercase().as_str() {
        "master" | "primary" => "primary".to_owned(),
        "slave" | "secondary" => "standby".to_owned(),
        "preferslave" | "prefersecondary" => "prefer-standby".to_owned(),
        // There is no "prefer the primary" in libpq; any server will do for that.
        "preferprimary" => "any".to_owned(),
        other => other.to_owned(),
    }
}

//! From what a server or the driver says to what is wrong.
//!
//! SQLSTATE decides, and the routine of the server where one code stands for several things; never the words, which
//! come in the server's language. Poolers are the exception: they have one code for everything and one language.

use std::error::Error as _;
use std::io;

use rustls::{AlertDescription, CertificateError};
use tokio_postgres::error::DbError;

use super::attempt::Way;
use super::message::without_password;
use super::problem::{PoolerAdvice, Problem};
use super::socket::Address;
use super::tls;
use crate::session::{ServerError, SessionError};

/// Nothing could be connected to.
pub(super) fn of_address(error: &io::Error, way: &Way<'_>) -> Problem {
    if let Address::Socket(file) = way.address {
        let file = file.clone();
        return match error.kind() {
            io::ErrorKind::PermissionDenied => Problem::SocketDenied { file },
            io::ErrorKind::Unsupported => Problem::SocketsUnsupported,
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Problem::NoSocket { file },
            _ => Problem::Unreachable { place: file, said: io_text(error) },
        };
    }
    let place = way.place();
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Problem::Refused { place },
        io::ErrorKind::TimedOut => match way.url.target.timeout {
            Some(limit) => Problem::TimedOut { place, seconds: limit.as_secs() },
            None => Problem::Unreachable { place, said: io_text(error) },
        },
        _ => Problem::Unreachable { place, said: io_text(error) },
    }
}

/// The connection broke while the server was asked for encryption.
pub(super) fn of_socket(error: &io::Error, way: &Way<'_>, seen: Vec<u8>) -> Problem {
    match foreign(&seen) {
        Some(_) => of_foreign_answer(way, &seen),
        None => closed(error, way),
    }
}

/// Something answered that is not PostgreSQL.
pub(super) fn of_foreign_answer(way: &Way<'_>, seen: &[u8]) -> Problem {
    Problem::NotPostgres { place: way.place(), speaks: foreign(seen).flatten() }
}

/// The driver gave up.
pub(super) fn of_driver(
    error: &tokio_postgres::Error,
    way: &Way<'_>,
    encrypted: bool,
    seen: &[u8],
) -> Problem {
    if let Some(refusal) = error.as_db_error() {
        return of_server(refusal, way, encrypted);
    }
    if let Some(problem) = rustls_error(error).map(|error| of_tls(error, way, seen)) {
        return problem;
    }
    if foreign(seen).is_some() {
        return of_foreign_answer(way, seen);
    }
    if let Some(io) = sources(error).find_map(|cause| cause.downcast_ref::<io::Error>())
        && matches!(
            io.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
        )
    {
        return closed(io, way);
    }
    if error.is_closed() {
        return Problem::Closed { place: way.place(), said: None };
    }
    // The driver has no types for these; a test of each holds its words fast.
    match error.source().map(ToString::to_string).as_deref() {
        Some("password missing") => Problem::PasswordMissing { user: way.user() },
        Some("unsupported authentication method" | "unsupported SASL mechanism") => {
            Problem::AuthenticationUnsupported
        }
        Some("server did not use channel binding") => Problem::NoChannelBinding,
        _ => {
            let said = match SessionError::from_driver(error) {
                SessionError::Lost(said) => said,
                SessionError::Server(error) => error.to_string(),
            };
            Problem::Other { said: without_password(&said, way.url) }
        }
    }
}

fn of_server(refusal: &DbError, way: &Way<'_>, encrypted: bool) -> Problem {
    let said = without_password(refusal.message(), way.url);
    let (user, database) = (way.user(), way.database());
    // A server says in which file of its source and in which routine it refused; poolers have nothing to say there.
    let from_pooler = refusal.file().is_none() && refusal.routine().is_none();
    match refusal.code().code() {
        "3D000" => Problem::NoDatabase { database, similar: Vec::new(), existing: Vec::new() },
        "28P01" => Problem::WrongPassword { user },
        "28000" if !from_pooler => match refusal.routine() {
            Some("ClientAuthentication") => Problem::NoEntry { user, database, encrypted, said },
            Some("InitializeSessionUserId") => Problem::RoleRefused { user, said },
            _ => Problem::IdentityRefused { user, said },
        },
        "42501" => Problem::DatabaseDenied { user, database, said },
        "53300" => Problem::TooManyConnections { said },
        "57P03" | "57P01" | "57P02" => Problem::NotAccepting { said },
        _ if from_pooler => Problem::Pooler { next: advice(&said), said },
        sqlstate => Problem::Server(Box::new(ServerError {
            sqlstate: sqlstate.to_owned(),
            message: said,
            detail: refusal.detail().map(|text| without_password(text, way.url)),
            hint: refusal.hint().map(|text| without_password(text, way.url)),
            position: None,
            context: None,
        })),
    }
}

/// Only the advice depends on these words, and they are not translated.
fn advice(said: &str) -> PoolerAdvice {
    let said = said.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&["parameter"]) {
        PoolerAdvice::Parameter
    } else if has(&["no such database", "database"]) {
        PoolerAdvice::Database
    } else if has(&["ssl", "tls"]) {
        PoolerAdvice::Encryption
    } else if has(&["no more connections", "too many", "max_client"]) {
        PoolerAdvice::Full
    } else if has(&["password", "user", "auth", "login"]) {
        PoolerAdvice::Login
    } else {
        PoolerAdvice::Unknown
    }
}

fn of_tls(error: &rustls::Error, way: &Way<'_>, seen: &[u8]) -> Problem {
    let place = way.place();
    let said = || error.to_string();
    match error {
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => Problem::CertificateForOtherHost { host: tls::host(way), names: presented_names(error) },
        rustls::Error::InvalidCertificate(why) => Problem::CertificateNotTrusted {
            place,
            said: certificate_text(why),
            roots: tls::roots_text(&way.url.target.tls.roots),
        },
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        ) => Problem::ClientCertificateRefused { said: said() },
        rustls::Error::InvalidMessage(_) if foreign(seen).is_some() => of_foreign_answer(way, seen),
        _ => Problem::TlsFailed { place, said: said() },
    }
}

fn presented_names(error: &rustls::Error) -> Vec<String> {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }) => {
            presented.iter().map(|name| readable_name(name)).collect()
        }
        _ => Vec::new(),
    }
}

/// `DnsName("db.example.com")` as people write it.
fn readable_name(name: &str) -> String {
    match name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')) {
        Some(inner) => inner.trim_matches('"').to_owned(),
        None => name.to_owned(),
    }
}

fn certificate_text(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => {
            "it is signed by an authority that is not among the trusted ones".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; check this machine's clock".to_owned()
        }
        CertificateError::Revoked => "it was revoked".to_owned(),
        CertificateError::UnknownRevocationStatus => "no revocation list of sslcrl speaks for it".to_owned(),
        CertificateError::ExpiredRevocationList | CertificateError::ExpiredRevocationListContext { .. } => {
            "the revocation list of sslcrl has expired".to_owned()
        }
        CertificateError::BadSignature => "its signature does not fit".to_owned(),
        other => rustls::Error::InvalidCertificate(other.clone()).to_string(),
    }
}

fn closed(error: &io::Error, way: &Way<'_>) -> Problem {
    let said = match error.kind() {
        io::ErrorKind::UnexpectedEof => None,
        _ => Some(io_text(error)),
    };
    Problem::Closed { place: way.place(), said }
}

/// Whether the first bytes cannot be PostgreSQL's, and what they are then.
pub(super) fn foreign(seen: &[u8]) -> Option<Option<&'static str>> {
    const BEGINNINGS: &[(&[u8], &str)] = &[
        (b"HTTP", "HTTP"),
        (b"<htm", "HTTP"),
        (b"SSH-", "SSH"),
        (b"-ERR", "the protocol of Redis"),
        (b"AMQP", "AMQP"),
        (b"220", "SMTP or FTP"),
        (b"* OK", "IMAP"),
    ];
    if let Some((_, name)) = BEGINNINGS.iter().find(|(beginning, _)| seen.starts_with(beginning)) {
        return Some(Some(name));
    }
    // A greeting of MySQL: three bytes of length, number 0, protocol 10 (or an error).
    if seen.len() > 4 && seen[3] == 0 && (seen[4] == 10 || seen[4] == 0xff) {
        return Some(Some("the protocol of MySQL"));
    }
    // An answer to the question for encryption may stand first.
    let first = match seen {
        [b'S' | b'N', next, ..] if !matches!(next, 0 | 0x14..=0x17) => *next,
        [first, ..] => *first,
        [] => return None,
    };
    (!b"ENRSvKZ\x14\x15\x16\x17".contains(&first)).then_some(None)
}

/// The reason without the number that the operating system has for it.
pub(super) fn io_text(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    match text.split_once(" (os error") {
        Some((text, _)) => text.to_lowercase(),
        None => text.to_lowercase(),
    }
}

fn rustls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    sources(error).find_map(|cause| {
        cause.downcast_ref::<rustls::Error>().or_else(|| {
            let inner = cause.downcast_ref::<io::Error>()?.get_ref()?;
            inner.downcast_ref::<rustls::Error>()
        })
    })
}

fn sources<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn std::error::Error + 'static)| (*error).source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_protocols_are_known_by_their_first_bytes() {
        for (seen, expected) in [
            (b"HTTP/1.1 400 Bad" as &[u8], Some(Some("HTTP"))),
            (b"SSH-2.0-OpenSSH", Some(Some("SSH"))),
            (b"J\0\0\0\n8.0.36\0", Some(Some("the protocol of MySQL"))),
            (b"N\0\0\0\n8.0.36\0", Some(Some("the protocol of MySQL"))),
            (b"-ERR unknown", Some(Some("the protocol of Redis"))),
            (b"\x01\x02", Some(None)),
            (b"", None),
            (b"S", None),
            (b"S\x16\x03\x03", None),
            (b"S\x15\x03\x03", None),
            (b"NR\0\0\0\x08", None),
            (b"NE\0\0\0\x50", None),
            (b"R\0\0\0\x08", None),
            (b"R\0\0\0\x17\0\0\0\x0a", None),
            (b"S\0\0\0\x19application", None),
        ] {
            assert_eq!(foreign(seen), expected, "{}", seen.escape_ascii());
        }
    }

    #[test]
    fn names_of_certificates_are_shown_as_people_write_them() {
        assert_eq!(readable_name("DnsName(\"db.example.com\")"), "db.example.com");
        assert_eq!(readable_name("IpAddress(10.0.0.1)"), "10.0.0.1");
        assert_eq!(readable_name("plain"), "plain");
    }
}

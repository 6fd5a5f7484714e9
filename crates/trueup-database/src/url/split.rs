//! Taking a URL apart where its password was not percent-encoded.
//!
//! The rules for URLs say that `@`, `/` and `?` cannot stand in a password. People paste passwords that hold them
//! all the same, and a URL that is then split by the rules takes the tail of the password for a host name, which
//! the next error message prints. So the rules are followed only where what follows looks like a host; elsewhere
//! the last `@` that makes sense ends the password, and where both readings make sense nobody guesses.

use std::net::Ipv6Addr;

use super::{UrlError, parameter};

/// The pieces between `//` and the end, still encoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pieces<'a> {
    pub(super) user: Option<&'a str>,
    pub(super) places: &'a str,
    pub(super) database: &'a str,
    pub(super) query: &'a str,
}

pub(super) fn split(rest: &str) -> Result<Pieces<'_>, UrlError> {
    let authority_ends = rest.find(['/', '?']).unwrap_or(rest.len());
    let by_the_rules = pieces(rest, rest[..authority_ends].rfind('@'));
    let path_ends = rest.find('?').unwrap_or(rest.len());

    if let Ok(found) = &by_the_rules {
        let last = rest[..path_ends].rfind('@');
        if last.is_some_and(|at| at > authority_ends) {
            return match pieces(rest, last) {
                // `password/rest@host/database`: a second path says where the first one ended.
                Ok(other) if !other.database.is_empty() && found.user.is_none_or(has_password) => Ok(other),
                Ok(_) => Err(UrlError::AmbiguousAt),
                Err(_) => by_the_rules,
            };
        }
        let suspicious = found.query.split('&').any(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            value.contains('@') && !parameter::is_known(key)
        });
        return if suspicious { Err(UrlError::AmbiguousAt) } else { by_the_rules };
    }

    // Before the first `?`, the last `@` is the likeliest; after it, an `@` may belong to a parameter.
    let (before, after): (Vec<_>, Vec<_>) =
        rest.rmatch_indices('@').map(|(at, _)| at).partition(|at| *at < path_ends);
    for at in before.into_iter().chain(after) {
        if let Ok(found) = pieces(rest, Some(at)) {
            return Ok(found);
        }
    }
    by_the_rules
}

fn has_password(user: &str) -> bool {
    user.contains(':')
}

/// The pieces if the credentials end at `at`, provided that what follows can be a place.
fn pieces(rest: &str, at: Option<usize>) -> Result<Pieces<'_>, UrlError> {
    let (user, tail) = match at {
        Some(at) => (Some(&rest[..at]), &rest[at + 1..]),
        None => (None, rest),
    };
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let (places, database) = path.split_once('/').unwrap_or((path, ""));
    for place in places.split(',') {
        host_and_port(place)?;
    }
    let is_parameter = |pair: &str| {
        let name = |c: char| c.is_ascii_alphanumeric() || "_-.%".contains(c);
        pair.split_once('=').is_some_and(|(key, _)| !key.is_empty() && key.chars().all(name))
    };
    if !query.split('&').all(|pair| pair.is_empty() || is_parameter(pair)) {
        return Err(UrlError::Host);
    }
    Ok(Pieces { user, places, database, query })
}

/// One place of a list: `host`, `host:port`, `[::1]:port`, `%2Fsocket%2Ffolder`, or `:port`.
pub(super) fn host_and_port(place: &str) -> Result<(&str, Option<&str>), UrlError> {
    let (host, port) = if let Some(inner) = place.strip_prefix('[') {
        let (address, after) = inner.split_once(']').ok_or(UrlError::Host)?;
        // A zone may follow, as in fe80::1%eth0.
        let number = address.split('%').next().unwrap_or_default();
        number.parse::<Ipv6Addr>().map_err(|_| UrlError::Host)?;
        let port = match after.strip_prefix(':') {
            Some(port) => Some(port),
            None if after.is_empty() => None,
            None => return Err(UrlError::Host),
        };
        (address, port)
    } else if place.parse::<Ipv6Addr>().is_ok() {
        (place, None)
    } else {
        match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        }
    };
    let fits = |c: char| c.is_alphanumeric() || ".-_%:~".contains(c);
    if !host.chars().all(fits) {
        return Err(UrlError::Host);
    }
    match port {
        Some(port) if !port.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0) => {
            Ok((host, Some(port)))
        }
        Some("") | None => Ok((host, None)),
        Some(_) => Err(UrlError::Port),
    }
}

//! What is wrong with a connection URL, without repeating any of it.

/// Nothing of the text itself is kept, since any part of it may belong to a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    #[error("it is empty; {EXAMPLE}")]
    Empty,
    #[error("it names a {engine} database, and only PostgreSQL can be read; {EXAMPLE}")]
    OtherEngine { engine: &'static str },
    #[error("it does not begin with postgresql://; {EXAMPLE}")]
    UnknownScheme,
    #[error("it is not a connection URL; {EXAMPLE}")]
    NotAUrl,
    #[error("the host is not a host name, an address or a socket folder; {ENCODE}; {EXAMPLE}")]
    Host,
    #[error(
        "it cannot be told which `@` ends the password; write `@` in the password as %40, `/` as %2F and `?` as %3F"
    )]
    AmbiguousAt,
    #[error("the port is not a number from 1 to 65535; {ENCODE}; {EXAMPLE}")]
    Port,
    #[error(
        "the numbers of hosts, addresses and ports do not match: {hosts}, {addresses} and {ports}; give one port for all, or one for each"
    )]
    Counts { hosts: usize, addresses: usize, ports: usize },
    #[error("`hostaddr` is not a numeric address such as 192.0.2.7 or 2001:db8::7; use `host` for names")]
    Address,
    #[error("`{keyword}` has a value that is not known; it can be {allowed}")]
    Value { keyword: &'static str, allowed: &'static str },
    #[error("a parameter has a name that is not known; did you mean `{suggestion}`?")]
    Misspelled { suggestion: &'static str },
    #[error(
        "a `key=value` pair is incomplete; quote values with spaces, as in host=localhost password='two words'"
    )]
    Pair,
    #[error("a quoted value does not end; write a quote inside of a value as \\'")]
    Quote,
    #[error("sslmode={mode} is too weak for sslrootcert=system; use sslmode=verify-full")]
    WeakMode { mode: &'static str },
    #[error("sslnegotiation=direct needs sslmode=require, verify-ca or verify-full")]
    DirectNeedsTls,
    #[error(
        "`{keyword}` cannot be honoured here, and ignoring it would be less safe than asked for; {instead}"
    )]
    Unsupported { keyword: &'static str, instead: &'static str },
    #[error("it holds a zero byte")]
    ZeroByte,
}

const EXAMPLE: &str = "a right one looks like postgresql://user:password@localhost:5432/shop";
const ENCODE: &str = "special characters in the password must be percent-encoded (`/` is %2F, `@` is %40)";

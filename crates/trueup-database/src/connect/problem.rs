//! What can be in the way of a connection, and how each of it is said.

use crate::session::ServerError;
use crate::url::UrlError;

/// Why there is no session. Texts of servers and drivers are kept without the password.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Neither a flag nor the environment nor the project names a database.
    NothingGiven,
    Url(UrlError),
    NoService {
        name: String,
        files: Vec<String>,
        similar: Vec<String>,
    },
    ServiceFile {
        file: String,
        line: usize,
        what: String,
    },
    UnknownHost {
        host: String,
        said: String,
    },
    Refused {
        place: String,
    },
    Unreachable {
        place: String,
        said: String,
    },
    /// Nothing answered the attempt to connect.
    TimedOut {
        place: String,
        seconds: u64,
    },
    /// Something took the connection and then kept silent.
    Silent {
        place: String,
        seconds: u64,
    },
    /// It began to answer and did not go on.
    Stalled {
        place: String,
        seconds: u64,
    },
    NoSocket {
        file: String,
    },
    SocketDenied {
        file: String,
    },
    SocketsUnsupported,
    /// What answered speaks another protocol.
    NotPostgres {
        place: String,
        speaks: Option<&'static str>,
    },
    /// It spoke PostgreSQL's protocol at most up to here.
    Closed {
        place: String,
        said: Option<String>,
    },
    NoDatabase {
        database: String,
        similar: Vec<String>,
        existing: Vec<String>,
    },
    WrongPassword {
        user: String,
    },
    PasswordMissing {
        user: String,
    },
    NoEntry {
        user: String,
        database: String,
        encrypted: bool,
        said: String,
    },
    /// The role does not exist or may not log in; the server has one code for both.
    RoleRefused {
        user: String,
        said: String,
    },
    /// Another way to prove who one is was asked for: peer, ident, a certificate.
    IdentityRefused {
        user: String,
        said: String,
    },
    DatabaseDenied {
        user: String,
        database: String,
        said: String,
    },
    TooManyConnections {
        said: String,
    },
    /// Starting up, shutting down or recovering; the server has one code for all of them.
    NotAccepting {
        said: String,
    },
    TlsRefused {
        place: String,
    },
    TlsFailed {
        place: String,
        said: String,
    },
    CertificateNotTrusted {
        place: String,
        said: String,
        roots: String,
    },
    CertificateForOtherHost {
        host: String,
        names: Vec<String>,
    },
    NoRootCertificates {
        mode: &'static str,
    },
    CertificateFile {
        file: String,
        what: String,
    },
    ClientCertificateRefused {
        said: String,
    },
    /// GSSAPI, SSPI or Kerberos.
    AuthenticationUnsupported,
    NoChannelBinding,
    TooOld {
        version: String,
    },
    OtherEngine {
        engine: &'static str,
        version: String,
    },
    /// A connection pooler answered in place of the server.
    Pooler {
        said: String,
        next: PoolerAdvice,
    },
    /// No host is of the sort that `target_session_attrs` asks for.
    NotTheWantedServer {
        place: String,
        wanted: &'static str,
    },
    Server(Box<ServerError>),
    /// Whatever the driver says that has no name here.
    Other {
        said: String,
    },
    /// Several hosts, each with its own problem.
    Everywhere(Vec<(String, Problem)>),
}

/// What a pooler's message is about. Poolers have one SQLSTATE for everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolerAdvice {
    Database,
    Parameter,
    Login,
    Encryption,
    Full,
    Unknown,
}

impl Problem {
    /// What is wrong, in a clause that follows "could not connect to …:".
    pub fn what(&self) -> String {
        match self {
            Problem::NothingGiven => "no database is named anywhere".to_owned(),
            Problem::Url(error) => error.to_string(),
            Problem::NoService { name, files, .. } if files.is_empty() => {
                format!("the service {name:?} is not defined: there is no service file")
            }
            Problem::NoService { name, files, .. } => {
                format!("the service {name:?} is not defined in {}", files.join(" or "))
            }
            Problem::ServiceFile { file, line, what } => format!("{file}, line {line}: {what}"),
            Problem::UnknownHost { host, said } => {
                format!("the host name {host:?} cannot be resolved ({said})")
            }
            Problem::Refused { place } => format!("no server listens on {place}"),
            Problem::Unreachable { place, said } => format!("{place} cannot be reached ({said})"),
            Problem::TimedOut { place, seconds } => {
                format!("{place} did not answer within {}", plural(*seconds, "second"))
            }
            Problem::Silent { place, seconds } => {
                format!("{place} took the connection, but said nothing for {}", plural(*seconds, "second"))
            }
            Problem::Stalled { place, seconds } => {
                format!("{place} began to answer and stopped for {}", plural(*seconds, "second"))
            }
            Problem::NoSocket { file } => format!("no server listens on the socket {file}"),
            Problem::SocketDenied { file } => format!("the socket {file} may not be used by this account"),
            Problem::SocketsUnsupported => "there are no Unix sockets on this system".to_owned(),
            Problem::NotPostgres { place, speaks: Some(speaks) } => {
                format!("what listens on {place} is not a PostgreSQL server: it speaks {speaks}")
            }
            Problem::NotPostgres { place, speaks: None } => {
                format!("what listens on {place} is not a PostgreSQL server")
            }
            Problem::Closed { place, said: Some(said) } => format!("{place} cut the connection ({said})"),
            Problem::Closed { place, said: None } => {
                format!("{place} took the connection and closed it without a word")
            }
            Problem::NoDatabase { database, .. } => {
                format!("there is no database {database:?} on this server")
            }
            Problem::WrongPassword { user } => {
                format!("the password for the role {user:?} is wrong, or there is no such role")
            }
            Problem::PasswordMissing { user } => {
                format!("the server asks for the password of the role {user:?}, and none was given")
            }
            Problem::NoEntry { user, database, encrypted, said } => {
                let how = if *encrypted { "with encryption" } else { "without encryption" };
                format!(
                    "the server's pg_hba.conf does not let the role {user:?} into the database {database:?} \
                     from this machine {how} (it said: {said})"
                )
            }
            Problem::RoleRefused { user, said } => {
                format!("the role {user:?} does not exist or may not log in (the server said: {said})")
            }
            Problem::IdentityRefused { user, said } => {
                format!(
                    "the server does not believe that this account is the role {user:?} (it said: {said})"
                )
            }
            Problem::DatabaseDenied { user, database, said } => {
                format!(
                    "the role {user:?} may not connect to the database {database:?} (the server said: {said})"
                )
            }
            Problem::TooManyConnections { said } => {
                format!("the server has no connection left (it said: {said})")
            }
            Problem::NotAccepting { said } => {
                format!("the server is starting up, shutting down or recovering (it said: {said})")
            }
            Problem::TlsRefused { place } => {
                format!("{place} does not offer encryption, and sslmode asks for it")
            }
            Problem::TlsFailed { place, said } => {
                format!("no encryption could be agreed on with {place} ({said})")
            }
            Problem::CertificateNotTrusted { place, said, roots } => {
                format!("the certificate of {place} is not trusted: {said} (checked against {roots})")
            }
            Problem::CertificateForOtherHost { host, names } if names.is_empty() => {
                format!("the server's certificate is not for the host {host:?}")
            }
            Problem::CertificateForOtherHost { host, names } => {
                format!("the server's certificate is not for the host {host:?}, but for {}", names.join(", "))
            }
            Problem::NoRootCertificates { mode } => {
                format!(
                    "sslmode={mode} needs root certificates to check the server's against, and there are none"
                )
            }
            Problem::CertificateFile { file, what } => format!("{file}: {what}"),
            Problem::ClientCertificateRefused { said } => {
                format!("the server does not take the client certificate, or misses one ({said})")
            }
            Problem::AuthenticationUnsupported => {
                "the server asks for a way to log in that trueup does not speak (GSSAPI, SSPI or Kerberos)"
                    .to_owned()
            }
            Problem::NoChannelBinding => {
                "channel_binding=require, and the server did not offer it on this connection".to_owned()
            }
            Problem::TooOld { version } => {
                format!(
                    "the server is PostgreSQL {version}, and trueup reads {} and later",
                    super::OLDEST_MAJOR
                )
            }
            Problem::OtherEngine { engine, version } => {
                format!("the server is {engine} ({version}), and only PostgreSQL can be read")
            }
            Problem::Pooler { said, .. } => format!("the connection pooler refused: {said}"),
            Problem::NotTheWantedServer { place, wanted } => {
                format!("{place} is not what target_session_attrs={wanted} asks for")
            }
            Problem::Server(error) => format!("the server refused: {error}"),
            Problem::Other { said } => said.clone(),
            Problem::Everywhere(problems) => {
                let each: Vec<String> =
                    problems.iter().map(|(place, problem)| format!("{place}: {}", problem.what())).collect();
                format!("none of {} hosts can be used: {}", problems.len(), each.join("; "))
            }
        }
    }
}

fn plural(count: u64, word: &str) -> String {
    if count == 1 { format!("{count} {word}") } else { format!("{count} {word}s") }
}

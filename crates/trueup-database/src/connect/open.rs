//! Opening a session: hosts in order, each with the encryption that `sslmode` asks for.

use std::net::SocketAddr;

use super::attempt::{Connected, Encryption, Way, attempt};
use super::problem::Problem;
use super::socket::Address;
use super::{ConnectError, host, pooler};
use crate::session::{Session, SessionError};
use crate::url::near::near;
use crate::url::target::{SslMode, WantedServer, is_socket};
use crate::url::{DatabaseUrl, Endpoint};

/// How a session should be.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// What the server lists the session as, where the user has not chosen a name (PGAPPNAME or the URL).
    pub application_name: String,
    /// Makes transactions read-only where nothing else is said, so that a mistake of ours cannot write. Behind a
    /// transaction pooler this is left out: the setting would stay on a connection that others get next.
    pub read_only: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { application_name: "trueup".to_owned(), read_only: false }
    }
}

/// Connects. What the target leaves open and [`super::resolve`] has not filled gets plain defaults.
pub fn open(url: &DatabaseUrl, options: &OpenOptions) -> Result<Session, ConnectError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        ConnectError::connecting(
            url,
            Problem::Other { said: format!("no runtime could be started: {error}") },
        )
    })?;
    match runtime.block_on(connect(url, options)) {
        Ok(connected) => Ok(Session::new(runtime, connected.client, &connected.version)),
        Err(problem) => {
            // A look-up of a name cannot be interrupted, and nobody should wait for it any longer.
            runtime.shutdown_background();
            Err(ConnectError::connecting(url, problem))
        }
    }
}

async fn connect(url: &DatabaseUrl, options: &OpenOptions) -> Result<Connected, Problem> {
    let wanted = url.target.wanted;
    let connected = match wanted {
        WantedServer::PreferStandby => match first_server(url, options, WantedServer::Standby).await {
            Ok(connected) => Ok(connected),
            Err(_) => first_server(url, options, WantedServer::Any).await,
        },
        WantedServer::Any
        | WantedServer::ReadWrite
        | WantedServer::ReadOnly
        | WantedServer::Primary
        | WantedServer::Standby => first_server(url, options, wanted).await,
    }?;
    if options.read_only {
        make_read_only(&connected.client).await.map_err(problem_of)?;
    }
    Ok(connected)
}

/// The first server that can be used.
async fn first_server(
    url: &DatabaseUrl,
    options: &OpenOptions,
    wanted: WantedServer,
) -> Result<Connected, Problem> {
    let mut problems = Vec::new();
    for endpoint in &url.target.endpoints {
        let mut endpoint = endpoint.clone();
        if endpoint.host.is_none() && endpoint.address.is_none() {
            endpoint.host = Some(host::default_host(endpoint.port, &|file| file.exists()));
        }
        match endpoint_server(url, options, &endpoint, wanted).await {
            Ok(connected) => return Ok(connected),
            Err(problem) => {
                let last = !problem.consequence().next_host();
                problems.push((endpoint.name(), problem));
                if last {
                    break;
                }
            }
        }
    }
    match problems.len() {
        // One host, or the one whose refusal ended the search.
        1 => Err(problems.remove(0).1),
        _ => match problems.last() {
            Some((_, problem)) if !problem.consequence().next_host() => Err(problem.clone()),
            _ => Err(Problem::Everywhere(problems)),
        },
    }
}

/// A server at one of the addresses of an endpoint.
async fn endpoint_server(
    url: &DatabaseUrl,
    options: &OpenOptions,
    endpoint: &Endpoint,
    wanted: WantedServer,
) -> Result<Connected, Problem> {
    let mut last = None;
    for address in addresses(url, endpoint).await? {
        let way = Way { url, endpoint, address: &address, application_name: &options.application_name };
        let tried = match encrypted_as_asked(&way).await {
            Ok(connected) => match fits(&connected, wanted, endpoint).await {
                Ok(()) => return Ok(connected),
                Err(problem) => problem,
            },
            Err(problem) => problem,
        };
        if !tried.consequence().next_host() {
            return Err(match tried {
                Problem::NoDatabase { database, .. } => with_neighbours(&way, database).await,
                other => other,
            });
        }
        last = Some(tried);
    }
    Err(last.unwrap_or_else(|| Problem::UnknownHost {
        host: endpoint.host.clone().unwrap_or_default(),
        said: "it has no address".to_owned(),
    }))
}

/// The socket, or the addresses behind the name.
async fn addresses(url: &DatabaseUrl, endpoint: &Endpoint) -> Result<Vec<Address>, Problem> {
    if let Some(address) = endpoint.address {
        return Ok(vec![Address::Tcp(SocketAddr::new(address, endpoint.port))]);
    }
    let host = endpoint.host.as_deref().unwrap_or("localhost");
    if is_socket(host) {
        return Ok(vec![Address::Socket(endpoint.socket_file(host))]);
    }
    let look_up = tokio::net::lookup_host((host, endpoint.port));
    let unknown = |said: String| Problem::UnknownHost { host: host.to_owned(), said };
    let found = match url.target.timeout {
        Some(limit) => tokio::time::timeout(limit, look_up)
            .await
            .map_err(|_| unknown(format!("no name server answered within {} s", limit.as_secs())))?,
        None => look_up.await,
    };
    let found = found.map_err(|error| unknown(super::refusal::io_text(&error)))?;
    Ok(found.map(Address::Tcp).collect())
}

/// Tries what the mode allows, in libpq's order.
async fn encrypted_as_asked(way: &Way<'_>) -> Result<Connected, Problem> {
    let plan: &[Encryption] = match (way.address, way.url.target.tls.mode) {
        // There is nothing to protect on a socket of this machine, and servers do not offer it there.
        (Address::Socket(_), _) | (Address::Tcp(_), SslMode::Disable) => &[Encryption::Off],
        (Address::Tcp(_), SslMode::Allow) => &[Encryption::Off, Encryption::On],
        (Address::Tcp(_), SslMode::Prefer) => &[Encryption::IfOffered, Encryption::Off],
        (Address::Tcp(_), SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull) => &[Encryption::On],
    };
    let mut first: Option<Problem> = None;
    for encryption in plan {
        let mut encrypted = false;
        match (attempt(way, *encryption, &mut encrypted).await, first.take()) {
            (Ok(connected), _) => return Ok(connected),
            (Err(problem), None) => {
                let was_plain_anyway = *encryption == Encryption::IfOffered && !encrypted;
                if plan.len() == 1 || was_plain_anyway || !problem.consequence().other_encryption() {
                    return Err(problem);
                }
                first = Some(problem);
            }
            // The one that got further tells more.
            (Err(second), Some(first)) => {
                return Err(if is_about_encryption(&second) { first } else { second });
            }
        }
    }
    Err(first.expect("every plan has a step, and each step connects or fails"))
}

/// Whether a second refusal only says that the first attempt was the right one.
fn is_about_encryption(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::NoEntry { .. }
            | Problem::TlsRefused { .. }
            | Problem::TlsFailed { .. }
            | Problem::Closed { .. }
    )
}

/// Whether this is the sort of server that was asked for.
async fn fits(connected: &Connected, wanted: WantedServer, endpoint: &Endpoint) -> Result<(), Problem> {
    if matches!(wanted, WantedServer::Any | WantedServer::PreferStandby) {
        return Ok(());
    }
    let sql = "select pg_catalog.pg_is_in_recovery(), \
               pg_catalog.current_setting('default_transaction_read_only') = 'on'";
    let answer = pooler::first_row(&connected.client, sql).await.map_err(problem_of)?;
    let is_true = |index: usize| answer.get(index).is_some_and(|value| value.as_deref() == Some("t"));
    let (standby, read_only) = (is_true(0), is_true(0) || is_true(1));
    let fits = match wanted {
        WantedServer::Any | WantedServer::PreferStandby => true,
        WantedServer::ReadWrite => !read_only,
        WantedServer::ReadOnly => read_only,
        WantedServer::Primary => !standby,
        WantedServer::Standby => standby,
    };
    if fits {
        Ok(())
    } else {
        Err(Problem::NotTheWantedServer { place: endpoint.name(), wanted: wanted.word() })
    }
}

/// What the server has instead of a database that it does not have, where it lets us look.
async fn with_neighbours(way: &Way<'_>, database: String) -> Problem {
    let maintenance = way.url.with_database("postgres");
    let way = Way { url: &maintenance, ..*way };
    let sql =
        "select datname from pg_catalog.pg_database where datallowconn and not datistemplate order by 1";
    let mut existing = Vec::new();
    // No answer is an answer too: then there is nothing to suggest.
    if let Ok(connected) = encrypted_as_asked(&way).await
        && let Ok(rows) = pooler::rows(&connected.client, sql).await
    {
        existing = rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
    }
    let similar =
        near(&database, existing.iter().map(String::as_str)).into_iter().map(str::to_owned).collect();
    Problem::NoDatabase { database, similar, existing }
}

async fn make_read_only(client: &tokio_postgres::Client) -> Result<(), tokio_postgres::Error> {
    if pooler::stands_between(client).await? {
        return Ok(());
    }
    client.batch_execute("set default_transaction_read_only = on").await
}

fn problem_of(error: tokio_postgres::Error) -> Problem {
    match SessionError::from_driver(&error) {
        SessionError::Server(error) => Problem::Server(error),
        SessionError::Lost(said) => Problem::Other { said },
    }
}

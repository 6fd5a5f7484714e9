//! One attempt: one address, one decision about encryption.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_postgres::config::{ChannelBinding as DriverBinding, SslMode as DriverMode, SslNegotiation};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Config, NoTls};

use super::problem::Problem;
use super::socket::{Address, Socket};
use super::{refusal, socket, tls, version};
use crate::url::target::ChannelBinding;
use crate::url::{DatabaseUrl, Endpoint, Secret};

/// Where an attempt goes, and as whom.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    pub(super) url: &'a DatabaseUrl,
    pub(super) endpoint: &'a Endpoint,
    pub(super) address: &'a Address,
    pub(super) application_name: &'a str,
}

impl Way<'_> {
    pub(super) fn place(&self) -> String {
        self.endpoint.name()
    }

    pub(super) fn user(&self) -> String {
        self.url.target.user.clone().or_else(|| whoami::username().ok()).unwrap_or_default()
    }

    /// The server takes the database that is named like the user where none is named.
    pub(super) fn database(&self) -> String {
        self.url.target.database.clone().unwrap_or_else(|| self.user())
    }

    fn seconds(&self) -> u64 {
        self.url.target.timeout.unwrap_or_default().as_secs()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    Off,
    IfOffered,
    On,
}

/// A client whose connection is already driven by the runtime of the caller.
pub(super) struct Connected {
    pub(super) client: Client,
    /// As the server writes it.
    pub(super) version: String,
}

/// `encrypted` is left saying whether encryption was tried: where it was not, trying without it is no news.
pub(super) async fn attempt(
    way: &Way<'_>,
    encryption: Encryption,
    encrypted: &mut bool,
) -> Result<Connected, Problem> {
    *encrypted = false;
    let limit = way.url.target.timeout;
    let connected = within(limit, socket::connect(way.address)).await;
    let socket = match connected {
        Some(Ok(socket)) => socket,
        Some(Err(error)) => return Err(refusal::of_address(&error, way)),
        None => return Err(Problem::TimedOut { place: way.place(), seconds: way.seconds() }),
    };
    let seen = socket.seen_later();
    match within(limit, log_in(way, encryption, socket, encrypted)).await {
        Some(outcome) => outcome,
        // Poolers log a client in on their own, and then wait for a server that does not come.
        None if seen.bytes().len() > 1 => {
            Err(Problem::Stalled { place: way.place(), seconds: way.seconds() })
        }
        None => Err(Problem::Silent { place: way.place(), seconds: way.seconds() }),
    }
}

async fn within<T>(limit: Option<Duration>, future: impl Future<Output = T>) -> Option<T> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, future).await.ok(),
        None => Some(future.await),
    }
}

async fn log_in(
    way: &Way<'_>,
    encryption: Encryption,
    mut socket: Socket,
    encrypted: &mut bool,
) -> Result<Connected, Problem> {
    let mut config = config(way);
    if encryption == Encryption::Off {
        config.ssl_mode(DriverMode::Disable);
        return start(way, &config, socket, NoTls, false).await;
    }
    *encrypted = true;
    // Read before the server is asked: a broken certificate file is a problem of its own.
    let (mut connector, name) = tls::connector(way)?;
    if !way.url.target.tls.direct && !offers_encryption(way, &mut socket).await? {
        if encryption == Encryption::On {
            return Err(Problem::TlsRefused { place: way.place() });
        }
        *encrypted = false;
        config.ssl_mode(DriverMode::Disable);
        return start(way, &config, socket, NoTls, false).await;
    }
    // The question has been asked and answered; what is left is what the driver calls direct negotiation.
    config.ssl_mode(DriverMode::Require).ssl_negotiation(SslNegotiation::Direct);
    let connect = <_ as MakeTlsConnect<Socket>>::make_tls_connect(&mut connector, &name)
        .expect("the connector takes every name");
    start(way, &config, socket, connect, true).await
}

/// Asks for encryption. The driver could ask too, but would take whatever answers for a PostgreSQL.
async fn offers_encryption(way: &Way<'_>, socket: &mut Socket) -> Result<bool, Problem> {
    /// The length of the message, and a protocol version that stands for this question.
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    let mut answer = [0];
    let asked = async {
        socket.write_all(&SSL_REQUEST).await?;
        socket.flush().await?;
        // Exactly one byte: what follows must come through the encrypted channel.
        socket.read_exact(&mut answer).await
    };
    asked.await.map_err(|error| refusal::of_socket(&error, way, socket.seen()))?;
    match answer[0] {
        b'S' => Ok(true),
        b'N' => Ok(false),
        other => {
            // A little more of it tells which protocol this is.
            let mut more = [0; 15];
            if other != b'E' {
                let _ = socket.read(&mut more).await;
            }
            Err(refusal::of_foreign_answer(way, &socket.seen()))
        }
    }
}

async fn start<T>(
    way: &Way<'_>,
    config: &Config,
    mut socket: Socket,
    tls: T,
    encrypted: bool,
) -> Result<Connected, Problem>
where
    T: TlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    socket.guard();
    let seen = socket.seen_later();
    let (client, connection) = config
        .connect_raw(socket, tls)
        .await
        .map_err(|error| refusal::of_driver(&error, way, encrypted, &seen.bytes()))?;
    let version = connection.parameter("server_version").unwrap_or_default().to_owned();
    let cockroach = connection.parameter("crdb_version").map(str::to_owned);
    // Polled whenever the runtime runs: that is, while the session waits for something. It ends with the client.
    tokio::spawn(async move {
        // What cuts the connection is reported to whoever waits for an answer.
        let _ = connection.await;
    });
    version::check(&version, cockroach.as_deref())?;
    Ok(Connected { client, version })
}

fn config(way: &Way<'_>) -> Config {
    let target = &way.url.target;
    let mut config = Config::new();
    config.user(way.user()).dbname(way.database());
    config.application_name(target.application_name.as_deref().unwrap_or(way.application_name));
    if let Some(options) = &target.options {
        config.options(options);
    }
    if let Some(password) =
        way.endpoint.password.as_ref().map(Secret::reveal).filter(|password| !password.is_empty())
    {
        config.password(password);
    }
    config.channel_binding(match target.channel_binding {
        ChannelBinding::Disable => DriverBinding::Disable,
        ChannelBinding::Prefer => DriverBinding::Prefer,
        ChannelBinding::Require => DriverBinding::Require,
    });
    config
}

//! Whether a connection pooler stands between us and the server.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};
use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// Poolers make up a process number for their clients; a server tells its own. Where the two differ, whatever is
/// set on the session stays behind on a connection that somebody else gets.
pub(crate) async fn stands_between(client: &Client) -> Result<bool, Error> {
    let answer = first_row(client, "select pg_catalog.pg_backend_pid()").await?;
    let server = answer.into_iter().next().flatten().and_then(|text| text.parse::<i32>().ok());
    Ok(server.is_none() || server != told_process(client).await)
}

/// The process number that was told when the session began. The driver keeps it to itself and gives it away only
/// in requests to cancel something, so one is written into thin air.
async fn told_process(client: &Client) -> Option<i32> {
    let written = Written::default();
    client.cancel_token().cancel_query_raw(written.clone(), NoEncryption).await.ok()?;
    let bytes = written.0.lock().unwrap_or_else(PoisonError::into_inner);
    // Length, code, process, key: four bytes each.
    let process: [u8; 4] = bytes.get(8..12)?.try_into().ok()?;
    Some(i32::from_be_bytes(process))
}

pub(super) async fn first_row(client: &Client, sql: &str) -> Result<Vec<Option<String>>, Error> {
    Ok(rows(client, sql).await?.into_iter().next().unwrap_or_default())
}

pub(super) async fn rows(client: &Client, sql: &str) -> Result<Vec<Vec<Option<String>>>, Error> {
    let messages = client.simple_query(sql).await?;
    Ok(messages
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|index| row.get(index).map(str::to_owned)).collect())
            }
            _ => None,
        })
        .collect())
}

/// Keeps what is written to it.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl AsyncRead for Written {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Written {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl TlsStream for Written {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

/// The driver insists on encrypting where the session is encrypted; thin air needs none.
struct NoEncryption;

impl TlsConnect<Written> for NoEncryption {
    type Stream = Written;
    type Error = Infallible;
    type Future = Ready<Result<Written, Infallible>>;

    fn connect(self, stream: Written) -> Self::Future {
        ready(Ok(stream))
    }
}

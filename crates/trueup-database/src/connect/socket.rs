//! A connection to a server, over TCP or a Unix socket, that remembers how the other side began.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::refusal;

#[derive(Clone, Debug)]
pub(super) enum Address {
    Tcp(SocketAddr),
    /// The file of the socket, or `@…` for Linux's abstract names.
    Socket(String),
}

pub(super) struct Socket {
    stream: Stream,
    seen: Seen,
    /// Whether reading fails as soon as what came cannot be PostgreSQL's.
    guarded: bool,
}

enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// The first bytes that came: what is not PostgreSQL usually says what it is.
#[derive(Clone, Default)]
pub(super) struct Seen(Arc<Mutex<Vec<u8>>>);

impl Seen {
    const KEPT: usize = 16;

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, bytes: &[u8]) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = Self::KEPT.saturating_sub(seen.len());
        seen.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

pub(super) async fn connect(address: &Address) -> io::Result<Socket> {
    let stream = match address {
        Address::Tcp(address) => {
            let stream = TcpStream::connect(address).await?;
            // Small questions that wait for their answers: collecting them only delays both.
            stream.set_nodelay(true)?;
            Stream::Tcp(stream)
        }
        #[cfg(unix)]
        Address::Socket(file) => Stream::Unix(match file.strip_prefix('@') {
            Some(name) => UnixStream::connect(format!("\0{name}")).await?,
            None => UnixStream::connect(file).await?,
        }),
        #[cfg(not(unix))]
        Address::Socket(_) => return Err(io::ErrorKind::Unsupported.into()),
    };
    Ok(Socket { stream, seen: Seen::default(), guarded: false })
}

impl Socket {
    pub(super) fn seen(&self) -> Vec<u8> {
        self.seen.bytes()
    }

    /// From here on, fails to read what cannot be PostgreSQL's. The driver would take `HTTP` for the beginning of a
    /// message of a gigabyte, and wait for the rest.
    pub(super) fn guard(&mut self) {
        self.guarded = true;
    }

    /// What will have been seen, for when the driver owns the socket.
    pub(super) fn seen_later(&self) -> Seen {
        self.seen.clone()
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = match &mut self.stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            #[cfg(unix)]
            Stream::Unix(stream) => Pin::new(stream).poll_read(context, buffer),
        };
        self.seen.keep(&buffer.filled()[before..]);
        if self.guarded && buffer.filled().len() > before {
            // Once is enough: the beginning does not change.
            self.guarded = false;
            if refusal::foreign(&self.seen.bytes()).is_some() {
                return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
            }
        }
        outcome
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            #[cfg(unix)]
            Stream::Unix(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_flush(context),
            #[cfg(unix)]
            Stream::Unix(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            #[cfg(unix)]
            Stream::Unix(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

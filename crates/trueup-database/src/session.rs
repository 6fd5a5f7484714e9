//! One connection, used from ordinary blocking code.
//!
//! Everything goes through the simple query protocol: several statements travel in one message and are answered
//! while the next one runs, every value arrives as text, nothing is prepared unless the connection is our own. That is
//! what makes a whole introspection one round trip, and what works unchanged through transaction poolers.

use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt, pin_mut};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage, SimpleQueryRow, SimpleQueryStream};

/// How long a server may take to answer a request to cancel.
const PATIENCE: Duration = Duration::from_secs(3);

/// A connection with the runtime that drives it.
pub struct Session {
    // Dropped before the runtime, so that the server sees an orderly end.
    client: Client,
    runtime: tokio::runtime::Runtime,
    /// As `server_version_num`: 170005.
    version: u32,
    /// As the server writes it: `17.5 (Debian 17.5-1)`.
    version_text: String,
    /// How long one message may take.
    limit: Option<Duration>,
    pub(crate) keeps_plans: bool,
    /// The size of the catalogs when the plans that are kept were made.
    pub(crate) planned_for: u64,
}

/// What went wrong with a statement or the connection.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Server(Box<ServerError>),
    /// The connection is gone.
    #[error("the connection to the database was lost: {0}")]
    Lost(String),
}

/// An error that the server reported, in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerError {
    pub sqlstate: String,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// Characters into the statement, counted from 1.
    pub position: Option<u32>,
    /// The call stack, for errors inside of functions.
    pub context: Option<String>,
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SQLSTATE {})", self.message, self.sqlstate)
    }
}

impl std::error::Error for ServerError {}

impl ServerError {
    /// A lock was waited for, and not to be had in time.
    pub fn is_about_a_lock(&self) -> bool {
        self.sqlstate == "55P03"
    }

    /// A server repeats words of a statement that it refuses, and these can be a password.
    pub fn without_secrets_of(self, statement: &str) -> Self {
        if !trueup_sql::holds_password(statement) {
            return self;
        }
        Self {
            message:
                "it was refused; the server's words are not shown, because the statement holds a password"
                    .to_owned(),
            detail: None,
            hint: None,
            position: None,
            context: None,
            sqlstate: self.sqlstate,
        }
    }
}

impl SessionError {
    pub fn server(&self) -> Option<&ServerError> {
        match self {
            SessionError::Server(error) => Some(error),
            SessionError::Lost(_) => None,
        }
    }

    /// What may be shown of the refusal of a statement.
    pub fn without_secrets_of(self, statement: &str) -> Self {
        match self {
            SessionError::Server(error) => {
                SessionError::Server(Box::new(error.without_secrets_of(statement)))
            }
            lost @ SessionError::Lost(_) => lost,
        }
    }

    pub fn from_driver(error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(db) => SessionError::Server(Box::new(ServerError {
                sqlstate: db.code().code().to_owned(),
                message: db.message().to_owned(),
                detail: db.detail().map(str::to_owned),
                hint: db.hint().map(str::to_owned),
                position: match db.position() {
                    Some(tokio_postgres::error::ErrorPosition::Original(position)) => Some(*position),
                    _ => None,
                },
                context: db.where_().map(str::to_owned),
            })),
            None => {
                let mut text = error.to_string();
                let mut source = std::error::Error::source(error);
                while let Some(cause) = source {
                    text.push_str(": ");
                    text.push_str(&cause.to_string());
                    source = cause.source();
                }
                SessionError::Lost(text)
            }
        }
    }
}

/// One row of a result, every value as text.
pub enum Row<'a> {
    Wire(&'a SimpleQueryRow),
    /// From a recording.
    Recorded(&'a [Option<&'a str>]),
}

impl Row<'_> {
    pub fn get(&self, index: usize) -> Option<&str> {
        match self {
            Row::Wire(row) => row.get(index),
            Row::Recorded(cells) => cells[index],
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Row::Wire(row) => row.len(),
            Row::Recorded(cells) => cells.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Why rows could not be copied: one of the two ends failed.
#[derive(Debug)]
pub(crate) enum CopyError {
    Session(SessionError),
    /// Where they come from, or are brought to.
    Ours(io::Error),
}

impl From<tokio_postgres::Error> for CopyError {
    fn from(error: tokio_postgres::Error) -> Self {
        CopyError::Session(SessionError::from_driver(&error))
    }
}

impl Session {
    /// Takes over a connected client. The connection itself must already be driven by `runtime`.
    pub fn new(runtime: tokio::runtime::Runtime, client: Client, version_text: &str) -> Self {
        Self {
            client,
            runtime,
            version: version_number(version_text),
            version_text: version_text.to_owned(),
            limit: None,
            keeps_plans: false,
            planned_for: 0,
        }
    }

    /// From now on, what is asked again and again is planned by the server only once. For a connection that is nobody
    /// else's: the plans have names there, and stay until it ends.
    pub fn keep_plans(&mut self) {
        self.keeps_plans = true;
    }

    pub fn version(&self) -> u32 {
        self.version
    }

    pub fn version_text(&self) -> &str {
        &self.version_text
    }

    /// Runs one or more statements and throws their rows away.
    pub fn run(&mut self, sql: &str) -> Result<(), SessionError> {
        self.for_each_row(sql, |_, _| Ok(()))
    }

    /// Runs one or more statements. `visit` gets every row with the number of the result it belongs to, counted
    /// from 0 over all statements, those without rows included; rows are dropped as soon as they were visited.
    pub fn for_each_row(
        &mut self,
        sql: &str,
        visit: impl FnMut(usize, &Row<'_>) -> Result<(), SessionError>,
    ) -> Result<(), SessionError> {
        self.for_each_row_counted(sql, visit).1
    }

    /// As [`Session::for_each_row`]; says also how many of the statements were completed, so that a caller who
    /// sent several in one message knows which of them failed.
    pub fn for_each_row_counted(
        &mut self,
        sql: &str,
        mut visit: impl FnMut(usize, &Row<'_>) -> Result<(), SessionError>,
    ) -> (usize, Result<(), SessionError>) {
        let mut result = 0;
        let outcome = self.runtime.block_on(within(self.limit, &self.client, async {
            let stream =
                self.client.simple_query_raw(sql).await.map_err(|e| SessionError::from_driver(&e))?;
            each_row(stream, &mut result, &mut visit).await
        }));
        (result, outcome)
    }

    /// Sends several messages without waiting for the answers in between: the server takes them in order, whatever
    /// becomes of those before. `visit` gets every row with the number of its message. Of each, how many of its
    /// statements were completed, and the outcome; after a lost connection no more come.
    pub(crate) fn run_all(
        &mut self,
        messages: &[String],
        mut visit: impl FnMut(usize, &Row<'_>),
    ) -> Vec<(usize, Result<(), SessionError>)> {
        let (limit, client) = (self.limit, &self.client);
        self.runtime.block_on(async {
            let mut sent = Vec::with_capacity(messages.len());
            for message in messages {
                sent.push(client.simple_query_raw(message).await);
            }
            let mut outcomes = Vec::with_capacity(messages.len());
            for (number, stream) in sent.into_iter().enumerate() {
                let mut completed = 0;
                let outcome = within(limit, client, async {
                    let stream = stream.map_err(|e| SessionError::from_driver(&e))?;
                    let mut visit = |_, row: &Row<'_>| {
                        visit(number, row);
                        Ok(())
                    };
                    each_row(stream, &mut completed, &mut visit).await
                });
                let outcome = outcome.await;
                outcomes.push((completed, outcome));
                if let Some((_, Err(SessionError::Lost(_)))) = outcomes.last() {
                    break;
                }
            }
            outcomes
        })
    }

    /// How long one message may take from now on. What takes longer is cancelled; where the server does not
    /// react to that either, the connection counts as lost. The runtime must have its timer enabled.
    pub fn set_limit(&mut self, limit: Option<Duration>) {
        self.limit = limit;
    }

    /// All rows of one statement.
    pub fn rows(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, SessionError> {
        let mut rows = Vec::new();
        self.for_each_row(sql, |_, row| {
            rows.push((0..row.len()).map(|index| row.get(index).map(str::to_owned)).collect());
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first value of the first row.
    pub fn value(&mut self, sql: &str) -> Result<Option<String>, SessionError> {
        Ok(self.rows(sql)?.into_iter().next().and_then(|row| row.into_iter().next().flatten()))
    }

    /// Runs `COPY … FROM STDIN` with its data.
    pub fn copy_in(&mut self, sql: &str, data: &str) -> Result<(), SessionError> {
        self.runtime.block_on(within(self.limit, &self.client, async {
            let sink = self.client.copy_in(sql).await.map_err(|e| SessionError::from_driver(&e))?;
            pin_mut!(sink);
            let bytes = std::io::Cursor::new(data.as_bytes().to_vec());
            sink.send(bytes).await.map_err(|e| SessionError::from_driver(&e))?;
            sink.finish().await.map_err(|e| SessionError::from_driver(&e))?;
            Ok(())
        }))
    }
}

/// How much of a COPY is put together before it is sent.
const CHUNK: usize = 1 << 16;

impl Session {
    /// Whether a connection pooler stands between us and the server.
    pub(crate) fn is_pooled(&mut self) -> Result<bool, SessionError> {
        let asked = self.runtime.block_on(crate::connect::pooler::stands_between(&self.client));
        asked.map_err(|error| SessionError::from_driver(&error))
    }

    /// Runs `COPY … TO STDOUT` and hands over its data as it comes. The limit is for each piece of it.
    pub(crate) fn copy_out(
        &mut self,
        sql: &str,
        visit: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(), CopyError> {
        let limit = self.limit;
        self.runtime.block_on(async {
            let stream = in_time(limit, self.client.copy_out(sql)).await?;
            pin_mut!(stream);
            while let Some(piece) = in_time(limit, async { stream.next().await.transpose() }).await? {
                visit(&piece).map_err(CopyError::Ours)?;
            }
            Ok(())
        })
    }

    /// Runs `COPY … FROM STDIN` and asks for its data as they are needed: `next` adds to what it is given, and says
    /// whether there is more. What it fails on is not copied.
    pub(crate) fn copy_in_from(
        &mut self,
        sql: &str,
        next: &mut dyn FnMut(&mut Vec<u8>) -> io::Result<bool>,
    ) -> Result<(), CopyError> {
        let limit = self.limit;
        self.runtime.block_on(async {
            let sink = in_time(limit, self.client.copy_in(sql)).await?;
            pin_mut!(sink);
            let mut more = true;
            while more {
                let mut chunk = Vec::with_capacity(CHUNK);
                while more && chunk.len() < CHUNK {
                    more = next(&mut chunk).map_err(CopyError::Ours)?;
                }
                if !chunk.is_empty() {
                    in_time(limit, sink.send(io::Cursor::new(chunk))).await?;
                }
            }
            in_time(limit, sink.finish()).await?;
            Ok(())
        })
    }
}

/// Visits the rows of an answer, and counts its results.
async fn each_row(
    stream: SimpleQueryStream,
    result: &mut usize,
    visit: &mut impl FnMut(usize, &Row<'_>) -> Result<(), SessionError>,
) -> Result<(), SessionError> {
    pin_mut!(stream);
    while let Some(message) = stream.next().await {
        match message.map_err(|e| SessionError::from_driver(&e))? {
            SimpleQueryMessage::Row(row) => visit(*result, &Row::Wire(&row))?,
            SimpleQueryMessage::CommandComplete(_) => *result += 1,
            _ => {}
        }
    }
    Ok(())
}

async fn in_time<T>(
    limit: Option<Duration>,
    work: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, CopyError> {
    match limit {
        None => Ok(work.await?),
        Some(limit) => match tokio::time::timeout(limit, work).await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => {
                let said = format!("no answer within {} s", limit.as_secs());
                Err(CopyError::Session(SessionError::Lost(said)))
            }
        },
    }
}

/// Waits for `work`, but not for ever.
async fn within<T>(
    limit: Option<Duration>,
    client: &Client,
    work: impl Future<Output = Result<T, SessionError>>,
) -> Result<T, SessionError> {
    let Some(limit) = limit else { return work.await };
    pin_mut!(work);
    if let Ok(outcome) = tokio::time::timeout(limit, &mut work).await {
        return outcome;
    }
    // A request to cancel carries no secret beyond the key of this connection, and a server that insists on an
    // encrypted one refuses it: then the wait below ends the matter.
    let _ = tokio::time::timeout(PATIENCE, client.cancel_token().cancel_query(NoTls)).await;
    match tokio::time::timeout(PATIENCE, &mut work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(SessionError::Lost(format!(
            "no answer within {} s, and a request to cancel had no effect",
            limit.as_secs()
        ))),
    }
}

/// `17.5 (Debian …)` and `18beta1` as `server_version_num`.
pub(crate) fn version_number(text: &str) -> u32 {
    let digits = |part: &str| {
        part.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u32>().unwrap_or(0)
    };
    let first = text.split_whitespace().next().unwrap_or_default();
    let mut parts = first.split('.');
    let major = parts.next().map_or(0, digits);
    let minor = parts.next().map_or(0, digits);
    major * 10_000 + minor
}

#[cfg(test)]
mod tests {
    use super::version_number;

    #[test]
    fn versions_as_servers_write_them() {
        assert_eq!(version_number("17.5 (Debian 17.5-1.pgdg120+1)"), 170_005);
        assert_eq!(version_number("13.23"), 130_023);
        assert_eq!(version_number("18beta1"), 180_000);
    }
}

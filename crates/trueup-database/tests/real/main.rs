//! Sessions on real servers: logging in, encryption, and what is said when either fails.

#![cfg(unix)]

mod encryption;
mod logins;
mod secure;
mod sessions;

use trueup_database::{ConnectError, DatabaseUrl, OpenOptions, Session, open};

/// Opens a session, or says why not; no text of it may hold the password.
fn connect(url: &str) -> Result<Session, ConnectError> {
    let url = DatabaseUrl::parse(url).expect("a URL");
    open(&url, &OpenOptions::default()).inspect_err(|error| {
        let texts = format!("{error} {error:?}");
        assert!(
            !texts.contains(secure::PASSWORD) && !texts.contains("hunter2"),
            "the password shows: {texts}"
        );
    })
}

#[track_caller]
fn session(url: &str) -> Session {
    connect(url).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn refusal(url: &str) -> ConnectError {
    match connect(url) {
        Ok(_) => panic!("{url} can be opened"),
        Err(error) => error,
    }
}

#[track_caller]
fn value(session: &mut Session, sql: &str) -> String {
    session.value(sql).expect("an answer").expect("a value")
}

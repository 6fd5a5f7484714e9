//! Everything that can be in the way of a connection has a message of its own, and none of them has the password.

mod fake;

use std::sync::{Arc, Mutex};

use fake::{Behaviour, authentication, error, serve, session};
use trueup_database::connect::{ConnectError, Problem};
use trueup_database::{DatabaseUrl, OpenOptions, open};

const PASSWORD: &str = "hunter2@secret";

/// The error of connecting to this URL. Checks on the way that the password is not in it.
fn refusal(url: &str) -> ConnectError {
    let url = DatabaseUrl::parse(url).expect("a URL");
    match open(&url, &OpenOptions::default()) {
        Ok(_) => panic!("{url} can be opened"),
        Err(error) => {
            for text in [error.to_string(), format!("{error:?}"), format!("{error:#?}")] {
                for part in [PASSWORD, "hunter2", "@secret", "hunter2%40secret"] {
                    assert!(!text.contains(part), "the password shows: {text}");
                }
            }
            error
        }
    }
}

fn refusal_by(behaviour: Behaviour, parameters: &str) -> ConnectError {
    let port = serve(behaviour);
    refusal(&format!("postgres://ann:{PASSWORD}@127.0.0.1:{port}/shop?{parameters}"))
}

/// Checks the message, with `{place}` for where the server listens.
fn check(behaviour: Behaviour, parameters: &str, expected: &str) {
    let port = serve(behaviour);
    let error = refusal(&format!("postgres://ann:{PASSWORD}@127.0.0.1:{port}/shop?{parameters}"));
    let message = error.to_string();
    let (doing, rest) = message.split_once(": ").expect("doing: what");
    assert!(doing.starts_with("could not connect to postgresql://ann:***@127.0.0.1:"), "{message}");
    let expected = expected.replace("{place}", &format!("127.0.0.1:{port}"));
    assert!(rest.contains(&expected), "{expected}\nis not in\n{rest}");
    assert!(!message.ends_with('.') && !message.contains('\n'), "{message}");
}

#[test]
fn refusals_of_a_server_are_told_apart_by_their_code() {
    // In a language of the server's own: no word of it can decide anything.
    let said = format!("geht nicht, {PASSWORD}");
    for (sqlstate, routine, expected) in [
        ("28P01", "auth_failed", "the password for the role \"ann\" is wrong"),
        (
            "28000",
            "ClientAuthentication",
            "pg_hba.conf does not let the role \"ann\" into the database \"shop\"",
        ),
        ("28000", "InitializeSessionUserId", "the role \"ann\" does not exist or may not log in"),
        ("28000", "auth_failed", "does not believe that this account is the role \"ann\""),
        ("42501", "CheckMyDatabase", "`grant connect on database shop to ann`"),
        ("53300", "InitPostgres", "no connection left (it said: geht nicht, ***)"),
        ("57P03", "BackendInitialize", "starting up, shutting down or recovering (it said: geht nicht, ***)"),
        ("57P01", "ProcessInterrupts", "starting up, shutting down or recovering"),
        ("3D000", "InitPostgres", "there is no database \"shop\" on this server"),
        ("08P01", "ProcessStartupPacket", "the server refused: geht nicht, *** (SQLSTATE 08P01)"),
        ("XX000", "elog", "the server refused: geht nicht, *** (SQLSTATE XX000)"),
    ] {
        check(Behaviour::Starts(error(sqlstate, &said, Some(routine))), "", expected);
    }
}

#[test]
fn refusals_of_a_pooler_say_what_to_change() {
    for (sqlstate, said, expected) in [
        (
            "08P01",
            "no such database: shop",
            "pooler refused: no such database: shop; add the database to the pooler",
        ),
        ("08P01", "unsupported startup parameter: options", "remove `options` and PGOPTIONS"),
        ("08P01", "unsupported startup parameter in options: geqo", "ignore_startup_parameters"),
        ("08P01", "SSL required", "say sslmode=require"),
        ("08P01", "no more connections allowed (max_client_conn)", "raise max_client_conn"),
        ("08P01", "password authentication failed", "auth_query"),
        ("08P01", "bouncer config error", "look into the pooler's log"),
        ("3D000", "no such database: shop", "there is no database \"shop\""),
        ("28P01", "password authentication failed", "the password for the role \"ann\" is wrong"),
        ("28000", "no such user", "pooler refused: no such user"),
        ("53300", "too many", "no connection left"),
    ] {
        check(Behaviour::Starts(error(sqlstate, said, None)), "", expected);
    }
}

#[test]
fn a_password_that_is_asked_for_and_not_given() {
    for (number, rest) in [(3, &[][..]), (5, b"salt"), (10, b"SCRAM-SHA-256\0\0")] {
        let port = serve(Behaviour::Starts(authentication(number, rest)));
        for user in ["ann", "ann:"] {
            let error = refusal(&format!("postgres://{user}@127.0.0.1:{port}/shop"));
            assert_eq!(*error.problem(), Problem::PasswordMissing { user: "ann".to_owned() }, "{number}");
            assert!(error.to_string().contains("PGPASSWORD"), "{error}");
        }
    }
}

#[test]
fn ways_to_log_in_that_are_not_spoken() {
    for (number, rest) in [(7, &[][..]), (9, &[]), (2, &[]), (10, b"OAUTHBEARER\0\0")] {
        let error = refusal_by(Behaviour::Starts(authentication(number, rest)), "");
        assert_eq!(*error.problem(), Problem::AuthenticationUnsupported, "{number}: {error}");
    }
    for (number, rest) in [(0, &[][..]), (3, &[]), (10, b"SCRAM-SHA-256\0\0")] {
        let error = refusal_by(Behaviour::Starts(authentication(number, rest)), "channel_binding=require");
        assert_eq!(*error.problem(), Problem::NoChannelBinding, "{number}: {error}");
    }
}

#[test]
fn what_is_not_postgresql_is_named() {
    let http = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_vec();
    let mysql = b"J\0\0\0\x0a8.0.36\0\x08\0\0\0salt\0".to_vec();
    for mode in ["sslmode=disable", "sslmode=prefer", "sslmode=require"] {
        let speaks =
            |name: &str| format!("what listens on {{place}} is not a PostgreSQL server: it speaks {name}");
        check(Behaviour::Answers(http.clone()), mode, &speaks("HTTP"));
        check(Behaviour::Greets(b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec()), mode, &speaks("SSH"));
        check(Behaviour::Greets(mysql.clone()), mode, &speaks("the protocol of MySQL"));
        check(
            Behaviour::Answers(b"-ERR unknown command\r\n".to_vec()),
            mode,
            &speaks("the protocol of Redis"),
        );
        check(
            Behaviour::Answers(b"\x01\x02\x03\x04\x05\x06\x07\x08".to_vec()),
            mode,
            "what listens on {place} is not a PostgreSQL server; check the port",
        );
    }
}

#[test]
fn a_server_that_keeps_silent_is_given_up() {
    check(
        Behaviour::Silent,
        "connect_timeout=1",
        "{place} took the connection, but said nothing for 1 second; check that this is the port",
    );
}

#[test]
fn servers_that_cannot_be_read_are_refused() {
    let server = |parameters: &[(&str, &str)]| Behaviour::Starts(session(parameters));
    check(
        server(&[("server_version", "12.22 (Debian)")]),
        "",
        "PostgreSQL 12.22 (Debian), and trueup reads 13",
    );
    check(server(&[("server_version", "8.0.2")]), "", "PostgreSQL 8.0.2");
    check(
        server(&[("server_version", "13.0.0"), ("crdb_version", "CockroachDB CCL v23.1.11")]),
        "",
        "the server is CockroachDB (CockroachDB CCL v23.1.11), and only PostgreSQL can be read",
    );
}

#[test]
fn servers_that_are_too_new_are_read_with_a_warning() {
    let open = |version: &str| {
        let port = serve(Behaviour::Starts(session(&[("server_version", version)])));
        let url = DatabaseUrl::parse(&format!("postgres://ann@127.0.0.1:{port}/shop")).expect("a URL");
        open(&url, &OpenOptions::default()).expect("a session")
    };
    let warning = open("19beta1").version_warning().expect("a warning");
    assert!(warning.contains("19beta1") && warning.contains("18"), "{warning}");
    assert_eq!(open("18.4").version_warning(), None);
}

#[test]
fn encryption_that_is_not_offered() {
    check(
        Behaviour::Starts(session(&[])),
        "sslmode=require",
        "{place} does not offer encryption, and sslmode asks for it",
    );
    check(
        Behaviour::Starts(session(&[])),
        "sslmode=verify-full",
        "sslmode=verify-full needs root certificates",
    );
    check(
        Behaviour::Starts(session(&[])),
        "sslmode=verify-ca&sslrootcert=/absent.crt",
        "/absent.crt: there is no such file",
    );
}

#[test]
fn nothing_listens() {
    // A port that was free a moment ago.
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let error = refusal(&format!("postgres://ann:{PASSWORD}@127.0.0.1:{port}/shop"));
    assert_eq!(*error.problem(), Problem::Refused { place: format!("127.0.0.1:{port}") });
    assert!(error.to_string().contains("no server listens on 127.0.0.1"), "{error}");

    let error = refusal(&format!("postgres://ann:{PASSWORD}@no-such-host.invalid/shop"));
    assert!(
        matches!(error.problem(), Problem::UnknownHost { host, .. } if host == "no-such-host.invalid"),
        "{error}"
    );
}

#[test]
fn the_tail_of_a_password_is_not_taken_for_a_host() {
    for password in ["hunter2@secret", "hunter2/@secret", "x@hunter2?@secret", "hunter2@secret/x"] {
        let text = format!("postgres://ann:{password}@no-such-host.invalid/shop");
        let url = DatabaseUrl::parse(&text).expect("a URL");
        assert_eq!(url.host(), Some("no-such-host.invalid"), "{password}");
        let message = open(&url, &OpenOptions::default()).err().expect("no such host").to_string();
        assert!(!message.contains("hunter2") && !message.contains("secret"), "{message}");
    }
}

#[cfg(unix)]
#[test]
fn no_socket() {
    let error = refusal(&format!("postgres://ann:{PASSWORD}@/shop?host=/nowhere/at/all&port=1"));
    assert_eq!(*error.problem(), Problem::NoSocket { file: "/nowhere/at/all/.s.PGSQL.1".to_owned() });
    // What is not a socket is not listened on either.
    let folder = std::env::temp_dir().join(format!("trueup-no-socket-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(".s.PGSQL.5432"), "").expect("written");
    let error = refusal(&format!("postgres://ann@/shop?host={}", folder.display()));
    std::fs::remove_dir_all(&folder).expect("removed");
    assert!(matches!(error.problem(), Problem::NoSocket { .. }), "{error}");
}

#[test]
fn a_connection_that_is_closed_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let error = refusal(&format!("postgres://ann:{PASSWORD}@127.0.0.1:{port}/shop"));
    assert!(matches!(error.problem(), Problem::Closed { .. }), "{error}");
}

#[test]
fn the_next_host_is_tried_where_the_first_cannot_be_used() {
    let free =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let starting = serve(Behaviour::Starts(error("57P03", "starting up", Some("BackendInitialize"))));
    let refusing = serve(Behaviour::Starts(error("28P01", "no", Some("auth_failed"))));
    let good = serve(Behaviour::Starts(session(&[("server_version", "17.5")])));
    let url = |ports: &[u16]| {
        let places: Vec<String> = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        format!("postgres://ann:{PASSWORD}@{}/shop?sslmode=disable", places.join(","))
    };
    let parsed = DatabaseUrl::parse(&url(&[free, starting, good])).expect("a URL");
    assert_eq!(open(&parsed, &OpenOptions::default()).expect("the third").version(), 170_005);
    // A server that was reached and says no ends the search, as it does in libpq.
    let error = refusal(&url(&[free, refusing, good]));
    assert_eq!(*error.problem(), Problem::WrongPassword { user: "ann".to_owned() });
    let error = refusal(&url(&[free, starting]));
    assert!(matches!(error.problem(), Problem::Everywhere(both) if both.len() == 2), "{error}");
    assert!(error.to_string().contains("none of 2 hosts can be used: "), "{error}");
}

#[test]
fn allow_tries_encryption_only_after_a_refusal() {
    // The server declines encryption, so what counts is what it said first.
    let no = error("28000", "nein", Some("ClientAuthentication"));
    let error = refusal_by(Behaviour::Starts(no), "sslmode=allow");
    assert!(matches!(error.problem(), Problem::NoEntry { encrypted: false, .. }), "{error}");
}

#[test]
fn prefer_does_not_repeat_what_was_not_encrypted() {
    // The server declines encryption, so that the first attempt was all that there is to try.
    let port = serve(Behaviour::StartsInTurn(vec![
        error("28000", "nein", Some("ClientAuthentication")),
        session(&[("server_version", "17.5")]),
    ]));
    let error = refusal(&format!("postgres://ann@127.0.0.1:{port}/shop?sslmode=prefer"));
    assert!(matches!(error.problem(), Problem::NoEntry { encrypted: false, .. }), "{error}");
}

#[test]
fn a_pooler_without_a_server_behind_it() {
    check(
        Behaviour::Starts(authentication(0, &[])),
        "connect_timeout=1",
        "{place} began to answer and stopped for 1 second; a pooler that cannot reach its server",
    );
}

#[test]
fn nothing_is_left_behind_on_the_connections_of_a_pooler() {
    let statements_of = |process: i32, read_only: bool| {
        let statements = Arc::new(Mutex::new(Vec::new()));
        let port = serve(Behaviour::Converses { process, statements: Arc::clone(&statements) });
        let url = DatabaseUrl::parse(&format!("postgres://ann@127.0.0.1:{port}/shop")).expect("a URL");
        open(&url, &OpenOptions { read_only, ..OpenOptions::default() }).expect("a session");
        statements.lock().expect("whole").clone()
    };
    let asked = "select pg_catalog.pg_backend_pid()";
    // The process that was told when the session began is number 77.
    assert_eq!(statements_of(77, true), [asked, "set default_transaction_read_only = on"]);
    assert_eq!(statements_of(78, true), [asked]);
    assert!(statements_of(77, false).is_empty());
}

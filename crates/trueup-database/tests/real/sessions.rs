//! What a session can do once it is open.

use trueup_database::{DatabaseUrl, OpenOptions, Source, open, resolve};
use trueup_testing::servers::{MAJORS, own_server_with, server};

use super::{refusal, session, value};

#[test]
fn sessions_open_on_every_version() {
    for &major in MAJORS {
        let server = server(major);
        let mut session = session(&server.url("postgres"));
        assert_eq!(session.version() / 10_000, major);
        assert_eq!(session.version_warning(), None);
        let number = value(&mut session, "show server_version_num");
        assert_eq!(number, session.version().to_string());
        assert_eq!(value(&mut session, "show client_encoding"), "UTF8");
    }
}

#[test]
fn the_connection_moves_on_whenever_something_is_asked() {
    let mut session = session(&server(15).url("postgres"));
    session
        .run("create temporary table t (n int); insert into t select generate_series(1, 100000)")
        .expect("made");
    assert_eq!(session.rows("select n from t order by n").expect("rows").len(), 100_000);
    // Notices and notifications in between do not disturb anybody.
    session.run("do $$ begin raise notice 'heard?'; end $$; listen x; notify x, 'y'").expect("run");
    assert!(session.run("select 1/0").is_err());
    assert_eq!(value(&mut session, "select count(*) from t"), "100000");
}

#[test]
fn the_application_has_the_name_that_the_user_chose() {
    let server = server(15);
    let name = "show application_name";
    assert_eq!(value(&mut session(&server.url("postgres")), name), "trueup");
    assert_eq!(
        value(&mut session(&format!("{}?application_name=mine", server.url("postgres"))), name),
        "mine"
    );
}

#[test]
fn options_of_the_user_reach_the_server() {
    let server = server(15);
    let url = format!("{}?options=-c%20geqo%3Doff%20-c%20search_path%3Da", server.url("postgres"));
    let mut session = session(&url);
    assert_eq!(value(&mut session, "show geqo"), "off");
    assert_eq!(value(&mut session, "show search_path"), "a");
    // What Prisma calls a schema is for us, not for the server.
    let mut session = super::session(&format!("{}?schema=shop", server.url("postgres")));
    assert_eq!(value(&mut session, "show search_path"), "\"$user\", public");
}

#[test]
fn read_only_sessions_cannot_write_by_mistake() {
    let url = DatabaseUrl::parse(&server(15).url("postgres")).expect("a URL");
    let options = |read_only| OpenOptions { read_only, ..OpenOptions::default() };
    let mut session = open(&url, &options(true)).expect("a session");
    let error = session.run("create table written (n int)").expect_err("read-only");
    assert_eq!(error.server().expect("the server's word").sqlstate, "25006");
    assert_eq!(
        value(&mut open(&url, &options(false)).expect("a session"), "show transaction_read_only"),
        "off"
    );
}

#[test]
fn sockets_work_and_need_no_encryption() {
    let server = server(15);
    let folder = server.socket_folder().display().to_string();
    for url in [
        format!("postgresql://postgres@/postgres?host={folder}&port={}", server.port()),
        format!("postgresql://postgres@{}:{}/postgres", folder.replace('/', "%2F"), server.port()),
        format!("host={folder} port={} user=postgres dbname=postgres sslmode=verify-full", server.port()),
    ] {
        assert_eq!(value(&mut session(&url), "select inet_server_addr() is null"), "t", "{url}");
    }
}

#[test]
fn names_are_resolved_and_all_their_addresses_tried() {
    let server = server(15);
    // `localhost` may stand for ::1 first, where this server does not listen.
    session(&format!("postgres://postgres@localhost:{}/postgres", server.port()));
    session(&format!(
        "host=unheard.invalid hostaddr=127.0.0.1 port={} user=postgres dbname=postgres",
        server.port()
    ));
}

#[test]
fn the_wanted_sort_of_server_is_looked_for() {
    let writable = server(15);
    let read_only = own_server_with(16, &["default_transaction_read_only=on"]);
    let both = format!("postgres@127.0.0.1:{},127.0.0.1:{}/postgres", read_only.port(), writable.port());
    for (wanted, expected) in
        [("any", 16), ("read-only", 16), ("read-write", 15), ("primary", 16), ("prefer-standby", 16)]
    {
        let session = session(&format!("postgres://{both}?target_session_attrs={wanted}"));
        assert_eq!(session.version() / 10_000, expected, "{wanted}");
    }
    let error = refusal(&format!("postgres://{both}?target_session_attrs=standby")).to_string();
    assert!(error.contains("none of 2 hosts can be used"), "{error}");
    let error = refusal(&format!("{}?target_session_attrs=standby", writable.url("postgres"))).to_string();
    assert!(error.contains("is not what target_session_attrs=standby asks for"), "{error}");
}

#[test]
fn what_is_resolved_from_variables_can_be_opened() {
    let server = server(15);
    let environment = |name: &str| match name {
        "PGHOST" => Some("127.0.0.1".to_owned()),
        "PGPORT" => Some(server.port().to_string()),
        "PGUSER" => Some("postgres".to_owned()),
        _ => None,
    };
    let (url, source) = resolve(None, None, &environment).expect("a target");
    assert_eq!(source, Source::Libpq);
    let mut session = open(&url, &OpenOptions::default()).expect("a session");
    assert_eq!(value(&mut session, "select current_user || '@' || current_database()"), "postgres@postgres");
}

//! Servers start, serve, and leave nothing behind.

use std::net::TcpStream;

use trueup_testing::servers::{MAJORS, own_server, own_server_with, server};

#[test]
fn every_major_starts_and_says_its_version() {
    for &major in MAJORS {
        let database = server(major).create_database("version");
        assert_eq!(
            database.value("SELECT current_setting('server_version_num')::int / 10000;"),
            major.to_string()
        );
    }
}

#[test]
fn the_servers_of_one_process_are_shared() {
    assert_eq!(server(17).port(), server(17).port());
    assert_ne!(server(17).port(), own_server(17).port());
}

#[test]
fn a_dropped_server_is_gone_with_its_folder() {
    let own = own_server(15);
    let (port, folder) = (own.port(), own.socket_folder().to_owned());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    assert!(folder.join("data/postmaster.pid").exists());
    drop(own);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(!folder.exists());
}

#[test]
fn a_server_takes_settings() {
    let own = own_server_with(16, &["max_connections=7"]);
    assert_eq!(own.psql("postgres", "\\pset tuples_only\n SHOW max_connections;").stdout.trim(), "7");
}

#[test]
fn a_taken_name_gets_a_number_and_a_database_goes_with_its_value() {
    let server = server(18);
    let (first, second) =
        (server.create_database("a \"taken\" näme"), server.create_database("a \"taken\" näme"));
    assert_ne!(first.name(), second.name());
    assert_eq!(second.value("SELECT current_database();"), second.name());
    let gone = second.name().to_owned();
    drop(second);
    let output = server.psql(&gone, "SELECT 1;");
    assert!(!output.success);
    assert!(output.stderr.contains("does not exist"), "{}", output.stderr);
}

#[test]
fn rows_keep_line_breaks_and_empty_fields() {
    let database = server(18).create_database("rows");
    let rows = database.rows("VALUES (E'one\\ntwo', NULL), ('', 'x');");
    assert_eq!(rows, [["one\ntwo", ""], ["", "x"]]);
}

#[test]
fn a_failed_script_stops_at_its_error() {
    let database = server(13).create_database("failed");
    let output = database.psql("CREATE TABLE one ();\nSELECT 1/0;\nCREATE TABLE two ();");
    assert!(!output.success);
    assert!(output.stderr.contains("division by zero"), "{}", output.stderr);
    assert_eq!(database.rows("SELECT relname FROM pg_class WHERE relname IN ('one', 'two');"), [["one"]]);
}

#[test]
fn roles_are_made_once() {
    let server = server(14);
    server.create_roles(&["a role", "a role"]);
    server.create_roles(&["a role"]);
    let database = server.create_database("roles");
    assert_eq!(database.value("SELECT count(*) FROM pg_roles WHERE rolname = 'a role';"), "1");
}

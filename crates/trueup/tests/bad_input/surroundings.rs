//! Databases that cannot be reached, entered or read, and words that nobody knows.

use std::io::{Read, Write};
use std::net::TcpListener;

use trueup_testing::servers;

use crate::common::{command, finish, project, read, trueup, with_password, write};
use crate::{GOOD, GOOD_LEDGER, check, database};

#[test]
fn no_database_is_named() {
    let folder = project(&[GOOD]);
    trueup(folder.path(), &["check"]).exits(1).says(&[
        "error:",
        "database",
        "--database-url",
        "DATABASE_URL",
    ]);
}

#[test]
fn nothing_listens() {
    let folder = project(&[GOOD]);
    // Bound and let go: nobody answers there.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
    let url = with_password(&format!("postgresql://ann@127.0.0.1:{port}/shop"));
    check(folder.path(), &url, &[]).exits(1).says(&[
        "error: could not connect to",
        &format!("127.0.0.1:{port}"),
        "no server listens",
        "hint:",
    ]);
}

#[test]
fn the_database_does_not_exist() {
    let folder = project(&[GOOD]);
    let near = database("bookshop_production", "");
    let url = with_password(&near.server().url("bookshop_prodution"));
    check(folder.path(), &url, &[]).exits(1).says(&[
        "could not connect to",
        "there is no database \"bookshop_prodution\" on this server",
        "did you mean \"bookshop_production\"",
    ]);
}

#[test]
fn passwords_that_are_wrong_and_such_with_an_at_sign() {
    let folder = project(&[GOOD]);
    let server = servers::own_server(15);
    let shop = server.create_database("shop");
    shop.run(GOOD_LEDGER);
    shop.run(
        "set password_encryption = 'scram-sha-256';
         create role ann login password 'p@ss@w0rd';
         grant select on all tables in schema public to ann;
         copy (values ('local all postgres trust'), ('host all postgres all trust'), ('host all all all scram-sha-256'))
             to program 'cat > pg_hba.conf';
         select pg_reload_conf();",
    );
    let base = format!("127.0.0.1:{}/shop", server.port());
    // The reload is over when a wrong password is no longer taken.
    let wrong = format!("postgresql://ann:pl4nted-hunter2@{base}");
    let refused = || check(folder.path(), &wrong, &[]).code == 1;
    assert!((0..50).any(|_| refused()), "passwords are never asked for: {}", server.log());
    check(folder.path(), &wrong, &[]).exits(1).says(&["could not connect to", "password", "ann", "hint:"]);
    check(folder.path(), &format!("postgresql://ann:p%40ss%40w0rd@{base}"), &[])
        .exits(0)
        .does_not_say(&["p@ss", "p%40ss"]);
    check(folder.path(), &format!("postgresql://ann:p@ss@w0rd@{base}"), &[])
        .exits(0)
        .does_not_say(&["p@ss", "w0rd"]);
    check(folder.path(), &format!("postgresql://ann@{base}"), &[]).exits(1).says(&["password", "hint:"]);
}

#[test]
fn the_ledger_may_not_be_read() {
    let folder = project(&[GOOD]);
    let shop = database("no_privilege", GOOD_LEDGER);
    shop.server().psql("postgres", "create role reader_of_nothing login").must("a role");
    check(folder.path(), &shop.url_as("reader_of_nothing"), &[]).exits(1).says(&[
        "reading the database",
        "schema_migrations",
        "hint:",
        "grant select on public.schema_migrations",
    ]);
}

#[test]
fn a_database_that_only_reads_is_fine() {
    let folder = project(&[GOOD]);
    let shop = database("read_only", GOOD_LEDGER);
    shop.run("alter database read_only set default_transaction_read_only = on");
    check(folder.path(), &shop.url(), &["--fail-on", "info"]).exits(0);
}

#[test]
fn the_server_is_too_old() {
    let folder = project(&[GOOD]);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // A client that goes away early is no fault of the test.
            let _ = stream.and_then(|mut stream| {
                loop {
                    let mut length = [0; 4];
                    stream.read_exact(&mut length)?;
                    let mut message = vec![0; u32::from_be_bytes(length) as usize - 4];
                    stream.read_exact(&mut message)?;
                    if message != [0x04, 0xd2, 0x16, 0x2f] {
                        break;
                    }
                    stream.write_all(b"N")?;
                }
                stream.write_all(b"R\0\0\0\x08\0\0\0\0")?;
                stream.write_all(b"S\0\0\0\x19server_version\x0012.22\0")?;
                stream.write_all(b"K\0\0\0\x0c\0\0\0\x4d\x01\x02\x03\x04Z\0\0\0\x05I")?;
                std::io::copy(&mut stream, &mut std::io::sink())
            });
        }
    });
    check(folder.path(), &format!("postgresql://ann@127.0.0.1:{port}/shop?sslmode=disable"), &[])
        .exits(1)
        .says(&["could not connect to", "PostgreSQL 12.22", "13"]);
}

#[test]
fn urls_of_other_databases() {
    let folder = project(&[GOOD]);
    for (url, name) in
        [("sqlite:///shop.db", "SQLite"), ("mysql://root:pl4nted-hunter2@localhost/shop", "MySQL")]
    {
        check(folder.path(), url, &[]).exits(1).says(&[name, "PostgreSQL", "error:"]);
    }
}

#[test]
fn unknown_words_are_answered_with_near_ones() {
    let folder = project(&[GOOD]);
    let url = "postgresql://ann@127.0.0.1:1/shop";
    check(folder.path(), url, &["--framework", "flywya"]).exits(1).says(&["flywya", "flyway"]);
    check(folder.path(), url, &["--format", "jsno"])
        .exits(1)
        .says(&["unknown format `jsno`", "did you mean `json`?"]);
    check(folder.path(), url, &["--format", "yaml"])
        .exits(1)
        .says(&["unknown format `yaml`", "one of text, json"]);
    check(folder.path(), url, &["--shadow", "docker"])
        .exits(1)
        .says(&["unknown shadow `docker`", "one of embedded"]);
    trueup(folder.path(), &["demo", "--format", "jsno"])
        .exits(1)
        .says(&["unknown format `jsno`", "did you mean `json`?"]);
    write(folder.path(), "trueup.toml", b"shaddow = 'local'\n");
    check(folder.path(), url, &[]).exits(1).says(&[
        "trueup.toml",
        "unknown key `shaddow`",
        "did you mean `shadow`?",
    ]);
    write(folder.path(), "trueup.toml", b"shadow = \n");
    check(folder.path(), url, &[]).exits(1).says(&["trueup.toml", "is not valid TOML", "line 1"]);
}

#[test]
fn a_report_has_nowhere_to_go() {
    let folder = project(&[GOOD]);
    let shop = database("nowhere", GOOD_LEDGER);
    check(folder.path(), &shop.url(), &["--output", "missing/report.json", "--format", "json"])
        .exits(1)
        .says(&["writing missing/report.json", "there is no folder missing"])
        .does_not_say(&[".tmp"]);
    check(folder.path(), &shop.url(), &["--output", ".", "--format", "json"])
        .exits(1)
        .says(&["writing .: it is a folder"]);
    assert!(!folder.path().join("missing").exists());
    // What was there before stays whole when the new one cannot be made.
    write(folder.path(), "old.json", b"old");
    check(folder.path(), "postgresql://ann@127.0.0.1:1/shop", &["--output", "old.json"]).exits(1);
    assert_eq!(read(&folder.path().join("old.json")), "old");
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).expect("a folder").map(|it| it.expect("it").file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn an_extension_that_no_shadow_offers() {
    let folder = project(&[
        GOOD,
        (
            "db/migrations/20250102000000_geo.sql",
            "-- migrate:up\ncreate extension nobody_has_this;\ncreate table b (id integer);\n\
             create table places (id integer, at thing_of_that_extension);\n",
        ),
    ]);
    let shop = database("extension", GOOD_LEDGER);
    shop.run("insert into schema_migrations values ('20250102000000')");
    // The rest of that migration is still held against the database.
    check(folder.path(), &shop.url(), &["--shadow", "embedded"])
        .exits(2)
        .says(&[
            "not-checked",
            "nobody_has_this",
            "db/migrations/20250102000000_geo.sql:2",
            "--shadow local or --shadow URL",
            "error[missing-table] public.b",
            "it needs what db/migrations/20250102000000_geo.sql:2 would have made",
        ])
        .does_not_say(&["failed-statement"]);
}

/// Everything that the environment says has to be said by nobody else.
#[test]
fn the_environment_names_the_database() {
    let folder = project(&[GOOD]);
    let shop = database("by_variable", GOOD_LEDGER);
    let mut command = command(folder.path());
    command.arg("check").env("DATABASE_URL", with_password(&shop.url()));
    finish(&mut command).exits(0);
}

/// The embedded server has no way back from that; what comes later is replayed all the same.
#[test]
fn a_migration_goes_on_as_another_role() {
    let folder = project(&[
        ("migrations/001_a.sql", "create table a (id integer);"),
        ("migrations/002_b.sql", "set session authorization pg_monitor;\ncreate table b (id integer);"),
        ("migrations/003_c.sql", "create table c (id integer);"),
    ]);
    let shop = database("another_role", "create table a (id integer); create table c (id integer)");
    check(folder.path(), &shop.url(), &["--shadow", "embedded"])
        .exits(2)
        .says(&["002_b.sql:2:1", "permission denied for schema public", "1 error"])
        .does_not_say(&["journal", "public.c"]);
}

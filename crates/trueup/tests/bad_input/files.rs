//! Folders and files that are missing, unreadable, wrong or ambiguous.

use std::fmt::Write as _;

use crate::common::{project, write};
use crate::{GOOD, GOOD_LEDGER, check, database};

const URL: &str = "postgresql://ann@127.0.0.1:1/shop";

#[test]
fn folders_without_migrations() {
    let folder = project(&[]);
    check(folder.path(), URL, &[]).exits(1).says(&[
        "looking for migrations below",
        "there are none",
        "--history PATH",
    ]);
    check(folder.path(), URL, &["--history", "nowhere"]).exits(1).says(&[
        "reading the history",
        "no folder",
        "nowhere",
        "check the path given with --history",
    ]);
    write(folder.path(), "notes.txt", b"x");
    check(folder.path(), URL, &["--history", "notes.txt"])
        .exits(1)
        .says(&["notes.txt is a file, not a folder", "give the folder that holds the migrations"]);
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    check(folder.path(), URL, &["--history", "empty"]).exits(1).says(&["empty", "holds no"]);
}

#[test]
fn a_binary_file_among_good_ones() {
    let folder = project(&[GOOD]);
    write(
        folder.path(),
        "db/migrations/20250102000000_b.sql",
        &[0x7f, b'E', b'L', b'F', 0, 1, 0xff, 0xfe, 0, 0, 3],
    );
    let shop = database("binary", GOOD_LEDGER);
    shop.run("insert into schema_migrations values ('20250102000000'); alter table a add column note text");
    check(folder.path(), &shop.url(), &[]).exits(2).says(&[
        "error[unreadable-migration]",
        "20250102000000_b",
        "unexpected-column] public.a.note",
    ]);
}

#[test]
fn a_syntax_error_in_one_of_sixty() {
    let folder = project(&[]);
    let mut live = String::from("create table schema_migrations (version varchar(128) primary key);\n");
    for number in 10..70 {
        let create = match number {
            33 => "create table t33 (\n    id integer,\n    name txet\n);\ncreat table oops (id integer);"
                .to_owned(),
            _ => format!("create table t{number} (id integer);"),
        };
        let name = format!("db/migrations/202501{number}000000_t.sql");
        write(folder.path(), &name, format!("-- migrate:up\n{create}\n").as_bytes());
        let _ = writeln!(live, "insert into schema_migrations values ('202501{number}000000');");
        if ![33, 50].contains(&number) {
            let _ = writeln!(live, "create table t{number} (id integer);");
        }
    }
    let shop = database("sixty", &live);
    check(folder.path(), &shop.url(), &[]).exits(2).says(&[
        "error[failed-statement]",
        "db/migrations/20250133000000_t.sql:2",
        "type \"txet\" does not exist",
        "db/migrations/20250133000000_t.sql:6",
        "syntax error at or near \"creat\"",
        "error[missing-table] public.t50",
        "db/migrations/20250150000000_t.sql:2",
    ]);
}

#[test]
fn two_frameworks_in_one_folder() {
    let folder = project(&[
        ("migrations/000001_a.up.sql", "create table a (id integer);"),
        ("migrations/000001_a.down.sql", "drop table a;"),
        ("sql/V1__a.sql", "create table a (id integer);"),
    ]);
    check(folder.path(), URL, &[]).exits(1).says(&[
        "migrations of golang-migrate",
        "sql of flyway",
        "equally likely",
        "choose one: trueup check --history PATH, or --framework NAME",
    ]);
}

#[test]
fn two_folders_of_one_framework() {
    let migration = "-- +goose Up\ncreate table a (id integer);\n";
    let folder =
        project(&[("svc_a/migrations/00001_a.sql", migration), ("svc_b/migrations/00001_a.sql", migration)]);
    check(folder.path(), URL, &[]).exits(1).says(&[
        "svc_a/migrations of goose",
        "svc_b/migrations of goose",
        "equally likely",
        "--history PATH",
    ]);
}

/// A name that is typed is taken at its word, whatever the files look like.
#[test]
fn a_framework_by_name_needs_no_sign_of_it() {
    let folder = project(&[("migrations/20250101000000_a.sql", "create table a (id integer primary key);")]);
    let shop = database(
        "by_name",
        "create table a (id integer primary key);
         create table _sqlx_migrations (version bigint primary key, description text not null,
            installed_on timestamptz not null default now(), success boolean not null, checksum bytea not null,
            execution_time bigint not null);
         insert into _sqlx_migrations values (20250101000000, 'a', now(), true,
            sha384('create table a (id integer primary key);'), 1);",
    );
    check(folder.path(), &shop.url(), &["--framework", "sqlx"]).exits(0).says(&["1 migration"]);
}

#[test]
fn a_ledger_in_another_schema() {
    let folder = project(&[GOOD]);
    let shop = database(
        "elsewhere",
        "create table a (id integer primary key);
         create schema ops;
         create table ops.schema_migrations (version varchar(128) primary key);
         insert into ops.schema_migrations values ('20250101000000');",
    );
    let run = check(folder.path(), &shop.url(), &[]);
    // The schema is not the history's; the ledger in it is found.
    run.says(&["ops"]).does_not_say(&["has no table schema_migrations", "missing-table"]);
}

#[test]
fn a_ledger_that_is_newer_than_the_files() {
    let folder = project(&[GOOD]);
    let shop = database("newer", GOOD_LEDGER);
    shop.run("insert into schema_migrations values ('20260101000000')");
    check(folder.path(), &shop.url(), &[]).exits(2).says(&["phantom-migration", "20260101000000", "hint:"]);
}

#[test]
fn other_encodings_are_read_without_a_word() {
    let text = "-- migrate:up\r\ncreate table \"größe\" (\r\n    id integer default 1\r\n);\r\n";
    let wide = |bytes: fn(u16) -> [u8; 2]| {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect::<Vec<u8>>()
    };
    let shop = database(
        "encodings",
        "create table \"größe\" (id integer default 1);
         create table schema_migrations (version varchar(128) primary key);
         insert into schema_migrations values ('20250101000000');",
    );
    for (what, bytes) in [
        ("CRLF", text.as_bytes().to_vec()),
        ("a byte order mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("UTF-16, little end first", wide(u16::to_le_bytes)),
        ("UTF-16, big end first", wide(u16::to_be_bytes)),
    ] {
        let folder = project(&[]);
        write(folder.path(), "db/migrations/20250101000000_a.sql", &bytes);
        let run = check(folder.path(), &shop.url(), &["--fail-on", "info"]);
        assert_eq!(run.code, 0, "{what}: {}{}", run.stdout, run.stderr);
    }
}

//! `trueup backup` and `trueup restore` as users meet them: in any folder, with a connection and nothing else.

mod common;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use common::{PASSWORD, Run, command, finish, project, trueup, with_password};
use tempfile::TempDir;
use trueup_testing::servers::{Database, server};

fn shop(name: &str) -> Database {
    let database = server(15).create_database(name);
    database.run(
        "create table customers (id serial primary key, email text);
         create table orders (id serial primary key, customer int references customers, total numeric);
         insert into customers (email) values ('a@example.org'), ('b@example.org');
         insert into orders (customer, total) values (1, 10), (2, 20), (2, 30);",
    );
    database
}

/// In an empty folder, with a password in the URL.
fn run(folder: &TempDir, database: &Database, arguments: &[&str]) -> Run {
    let url = with_password(&database.url());
    let mut all = arguments.to_vec();
    all.extend(["--database-url", &url]);
    trueup(folder.path(), &all)
}

/// What stands on standard output is the folder and nothing else.
fn made(run: &Run) -> &Path {
    Path::new(run.stdout.strip_suffix('\n').expect("a line"))
}

#[test]
fn there_and_back_without_a_project() {
    for (method, word) in [("auto", "by pg_dump"), ("copy", "by COPY")] {
        let (folder, database) = (project(&[]), shop("program_backup"));
        let backup = run(&folder, &database, &["backup", "--method", method]).exits(0).says(&[
            "backed up 2 tables with 5 rows of program_backup",
            word,
            "all rows came back",
        ]);
        let place = made(&backup);
        assert_eq!(place.parent(), Some(folder.path()));
        assert!(place.file_name().is_some_and(|name| name.to_string_lossy().starts_with("program_backup-")));
        for entry in fs::read_dir(place).expect("the folder") {
            let bytes = fs::read(entry.expect("a file").path()).expect("a file");
            let shows = bytes.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes());
            assert!(!shows, "the password is in the backup");
        }
        let place = place.to_str().expect("a path");

        let empty = server(15).create_database("program_backup_empty");
        run(&folder, &empty, &["restore", place]).exits(0).says(&[
            "create public.customers with 2 rows",
            "nothing was done: nobody is there to be asked. To do it: --yes",
        ]);
        assert_eq!(empty.value("select count(*) from pg_tables where schemaname = 'public'"), "0");
        run(&folder, &empty, &["restore", place, "--yes"])
            .exits(0)
            .says(&["restored 2 tables with 5 rows into program_backup_empty"]);
        assert_eq!(empty.value("select sum(total) from orders join customers c on c.id = customer"), "60");

        run(&folder, &empty, &["restore", place, "--yes"]).exits(3).says(&[
            "public.customers is there with 2 rows; they go when it is named: --replace public.customers",
        ]);
        empty.run("update orders set total = 0");
        run(&folder, &empty, &["restore", place, "--only", "orders", "--replace", "orders", "--yes"])
            .exits(0)
            .says(&["replace 3 rows of public.orders by 3 rows", "restored 1 table with 3 rows"]);
        assert_eq!(empty.value("select sum(total) from orders"), "60");
    }
}

#[test]
fn the_connection_comes_from_where_it_always_comes_from() {
    let database = shop("program_backup_connection");
    let url = with_password(&database.url());
    let folder = project(&[("trueup.toml", &format!("database-url = \"{url}\""))]);
    trueup(folder.path(), &["backup", "--output", "one"]).exits(0);
    let folder =
        project(&[("db/migrations/20250101000000_a.sql", "-- migrate:up\ncreate table a (id int);\n")]);
    fs::write(folder.path().join(".env"), format!("DATABASE_URL={url}\n")).expect("a file");
    trueup(folder.path(), &["backup", "--output", "two"]).exits(0);
    let folder = project(&[]);
    let mut variables = command(folder.path());
    finish(variables.args(["backup", "--output", "three"]).env("DATABASE_URL", &url)).exits(0);
    // libpq's own spelling, and a socket.
    let socket = format!(
        "host={} port={} user=postgres dbname={} password={PASSWORD}",
        database.server().socket_folder().display(),
        database.server().port(),
        database.name()
    );
    trueup(folder.path(), &["backup", "--output", "four", "--database-url", &socket])
        .exits(0)
        .says(&["by pg_dump"]);
    trueup(folder.path(), &["backup", "--history", "none", "--database-url", &url]).exits(1);
}

#[test]
fn what_is_typed_wrong_is_said() {
    let (folder, database) = (project(&[]), shop("program_backup_wrong"));
    let says = |arguments: &[&str], code: i32, texts: &[&str]| {
        run(&folder, &database, arguments).exits(code).says(texts);
    };
    says(
        &["backup", "--only", "oders"],
        1,
        &["there is no table public.oders", "did you mean `public.orders`?"],
    );
    says(&["backup", "--only", "a.b.c"], 1, &["`a.b.c` is no name of a table"]);
    says(&["backup", "--output", "no/such"], 1, &["there is no folder", "--output FOLDER"]);
    says(&["backup", "--method", "pgdump"], 1, &["pg-dump"]);
    says(&["backup", "--output", "."], 1, &["is there already"]);
    says(&["restore", "nowhere"], 1, &["there is no such folder", "that `trueup backup` has made"]);
    says(&["backup", "--output", "b"], 0, &[]);
    says(&["restore", "b", "--only", "order"], 1, &["did you mean `public.orders`?"]);
    fs::write(folder.path().join("b/definition.json"), "[]").expect("a file");
    says(&["restore", "b", "--yes"], 1, &["definition.json was changed since it was made"]);
    let left: Vec<_> = fs::read_dir(folder.path()).expect("the folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

/// What pg_dump says is passed on, and the password is not.
#[test]
fn what_pg_dump_says_is_passed_on_without_the_password() {
    let (folder, database) = (project(&[]), shop("program_backup_policy"));
    database.server().create_roles(&["program_backup_reader"]);
    database.run(&format!(
        "alter role program_backup_reader login password '{PASSWORD}';
         grant select on all tables in schema public to program_backup_reader;
         grant select on all sequences in schema public to program_backup_reader;
         alter table orders enable row level security"
    ));
    let url = with_password(&database.url_as("program_backup_reader"));
    trueup(folder.path(), &["backup", "--database-url", &url]).exits(1).says(&[
        "pg_dump",
        "row-level security policy for table \"orders\"",
        "--method copy",
    ]);
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

/// Runs the program in a shell that allows it only so much.
fn limited(limit: &str, folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Run {
    let program = command(folder);
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("{limit}; exec \"$@\""), "sh"]).arg(program.get_program()).args(arguments);
    shell.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    finish(shell.current_dir(folder))
}

fn large(name: &str) -> Database {
    let database = server(15).create_database(name);
    // Texts that cannot be made smaller: 100 MB of them.
    database.run(
        "create table large as select i, (select string_agg(md5(i::text || j), '') from generate_series(1, 31) j) x
         from generate_series(1, 100000) i",
    );
    database
}

#[test]
fn a_large_table_is_never_in_memory() {
    let database = large("program_backup_large");
    // A scratch server of its own would be under the same limit.
    let (url, shadow) = (database.url(), server(15).url("postgres"));
    for method in ["pg-dump", "copy"] {
        let folder = project(&[]);
        let arguments =
            ["backup", "--output", "b", "--method", method, "--database-url", &url, "--shadow", &shadow];
        limited("ulimit -v 120000", folder.path(), &arguments).exits(0).says(&["100000 rows"]);
        let empty = server(15).create_database("program_backup_large_empty");
        let arguments = ["restore", "b", "--yes", "--database-url", &empty.url()];
        limited("ulimit -v 120000", folder.path(), &arguments).exits(0).says(&["100000 rows"]);
    }
}

/// As on a disk that is full: what is written does not fit.
#[test]
fn what_does_not_fit_leaves_nothing() {
    let database = server(15).create_database("program_backup_full");
    database.run("create table a as select md5(i::text) x from generate_series(1, 20000) i");
    for method in ["pg-dump", "copy"] {
        let folder = project(&[]);
        let arguments = ["backup", "--output", "b", "--method", method, "--database-url", &database.url()];
        limited("trap '' XFSZ; ulimit -f 100", folder.path(), &arguments).exits(1).says(&["writing"]);
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
    }
}

#[test]
fn help_says_what_they_do() {
    let folder = project(&[]);
    trueup(folder.path(), &["--help"]).exits(0).says(&["backup", "restore"]);
    trueup(folder.path(), &["backup", "--help"]).exits(0).says(&["--only <TABLE>", "--method <METHOD>"]);
    trueup(folder.path(), &["restore", "--help"]).exits(0).says(&["--replace <TABLE>", "<FOLDER>"]);
}

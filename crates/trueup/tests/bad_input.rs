//! Bad input: what is said, whether it is complete, and how the program ends. A message says what trueup was doing,
//! what is wrong, where, and what can be typed next.

#![cfg(unix)]

mod common;
#[path = "bad_input/files.rs"]
mod files;
#[path = "bad_input/names.rs"]
mod names;
#[path = "bad_input/surroundings.rs"]
mod surroundings;

use std::path::Path;

use common::{Run, trueup};
use trueup_testing::servers::{self, Database};

/// A project of dbmate with one table.
const GOOD: (&str, &str) =
    ("db/migrations/20250101000000_a.sql", "-- migrate:up\ncreate table a (id integer primary key);\n");

const GOOD_LEDGER: &str = "create table a (id integer primary key);
create table schema_migrations (version varchar(128) primary key);
insert into schema_migrations values ('20250101000000');";

fn database(name: &str, script: &str) -> Database {
    let database = servers::server(15).create_database(name);
    database.run(script);
    database
}

fn check(folder: &Path, url: &str, more: &[&str]) -> Run {
    trueup(folder, &[&["check", "--database-url", url][..], more].concat())
}

//! A history that uses every kind of object and every property.

use std::fs;
use std::path::{Path, PathBuf};

use crate::servers::{Database, Server};

/// The files of `data/every_kind` that apply to a server, in their order: name and SQL. Those that need a `full`
/// installation use what the embedded server was built without: ICU, subscriptions, conversions of encodings.
///
/// What a file needs is said by its first line: `-- needs: 15`, `-- needs: full`, or both, with a comma.
pub fn every_kind(major: u32, full: bool) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = fs::read_dir(every_kind_folder())
        .expect("reading the folder data/every_kind")
        .map(|entry| entry.expect("reading the folder data/every_kind").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .map(|path| (file_name(&path), read(&path)))
        .filter(|(name, sql)| applies(name, sql, major, full))
        .collect();
    files.sort();
    files
}

/// The roles that the history refers to. They belong to a server rather than to a database, so the history does
/// not make them: [`prepare`] does.
pub fn roles() -> Vec<String> {
    read(&every_kind_folder().join("roles.txt")).lines().map(str::to_owned).collect()
}

/// A tablespace that the history does not use, for changes that move something.
pub const TABLESPACE: &str = "slow_disk";

/// Makes what belongs to a server rather than to a database: the roles and the tablespace.
pub fn prepare(server: &Server) {
    server.create_roles(&roles());
    server.create_tablespace(TABLESPACE);
}

/// A database with the whole history applied, statement by statement.
pub fn every_kind_applied(server: &Server, full: bool) -> Database {
    prepare(server);
    let database = server.create_database("every_kind");
    for (name, sql) in every_kind(server.major(), full) {
        database.psql(&sql).must(&format!("replaying {name} on PostgreSQL {}", server.major()));
    }
    database
}

/// Where the files lie, for tests that read a folder. It holds the files for all servers: see [`every_kind`].
pub fn every_kind_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/every_kind")
}

fn applies(name: &str, sql: &str, major: u32, full: bool) -> bool {
    let Some(needs) = sql.lines().next().and_then(|line| line.strip_prefix("-- needs: ")) else {
        return true;
    };
    needs.split(", ").all(|need| match need {
        "full" => full,
        number => {
            number.parse::<u32>().unwrap_or_else(|_| panic!("{name} needs {number}, which is no version"))
                <= major
        }
    })
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("a file has a name").to_string_lossy().into_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("reading {}: {error}", path.display()))
}

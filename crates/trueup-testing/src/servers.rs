//! Real PostgreSQL servers, 13 to 18, for tests.
//!
//! A server belongs to one test process: the first call for a major starts it in well under a second from a
//! prepared data folder, later calls share it. It listens on 127.0.0.1 at a free port, keeps nothing on disk that
//! matters, and is gone, with its folder, when the process ends, however it ends.

mod account;
mod around;
pub(crate) mod clients;
mod database;
pub(crate) mod kept;
mod packages;
mod running;

pub use account::cache_folder;
pub use around::{Pooler, pooler_of, standby_of};
pub use clients::{Output, ensure_clients, find};
pub use database::Database;
pub use packages::{MAJORS, package_version};

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use packages::Package;
use running::Running;

/// A running server. Clones are the same server; it stops when the last one goes.
#[derive(Clone, Debug)]
pub struct Server {
    package: Package,
    running: Arc<Running>,
}

/// The server of this major that all tests of this process share.
pub fn server(major: u32) -> Server {
    static SHARED: OnceLock<Mutex<BTreeMap<u32, Arc<OnceLock<Server>>>>> = OnceLock::new();
    let cell = {
        let mut shared = SHARED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(shared.entry(major).or_default())
    };
    cell.get_or_init(|| own_server(major)).clone()
}

/// A server that nobody else uses: for tests that change settings, exhaust connections or pull the plug.
pub fn own_server(major: u32) -> Server {
    own_server_with(major, &[])
}

/// As [`own_server`], with settings as `name=value`.
pub fn own_server_with(major: u32, settings: &[&str]) -> Server {
    let package = packages::package(major);
    Server { running: Arc::new(running::start(&package, settings, None)), package }
}

/// Whether this machine has a server with PostGIS.
pub fn has_postgis() -> bool {
    packages::installed_with_postgis().is_some()
}

/// A server with PostGIS that all tests of this process share: of the version that this machine has.
pub fn server_with_postgis() -> Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    let start = || {
        let package = packages::with_postgis().expect(
            "PostGIS is there: `cargo xtask test` installs it on Debian, else it has to be installed there",
        );
        Server { running: Arc::new(running::start(&package, &[], None)), package }
    };
    SHARED.get_or_init(start).clone()
}

/// The folder of `libpq`, as it comes with the servers.
pub(crate) fn client_libraries() -> std::path::PathBuf {
    let newest = MAJORS.iter().max().copied().unwrap_or_default();
    packages::package(newest).programs.with_file_name("lib")
}

impl Server {
    pub fn major(&self) -> u32 {
        self.running.major
    }

    pub fn port(&self) -> u16 {
        self.running.port
    }

    /// The folder of its `initdb` and `postgres`.
    pub fn binaries(&self) -> std::path::PathBuf {
        self.package.programs.clone()
    }

    /// Where its Unix socket lies, for tests that connect without TCP.
    pub fn socket_folder(&self) -> &Path {
        &self.running.folder
    }

    /// What it wrote to its log so far.
    pub fn log(&self) -> String {
        self.running.log()
    }

    /// A URL for the superuser `postgres`, who needs no password.
    pub fn url(&self, database: &str) -> String {
        self.url_as("postgres", database)
    }

    /// A URL for another role, which needs no password either.
    pub fn url_as(&self, role: &str, database: &str) -> String {
        format!(
            "postgresql://{}@127.0.0.1:{}/{}",
            percent_encoded(role),
            self.port(),
            percent_encoded(database)
        )
    }

    /// Runs a script in psql and returns what came of it. It stops at the first error.
    pub fn psql(&self, database: &str, script: &str) -> Output {
        clients::psql(&self.url(database), &[], script)
    }

    /// Makes an empty database. Where the name is taken, a number is appended: ask the result for its name.
    pub fn create_database(&self, name: &str) -> Database {
        Database::create(self, name, "template0")
    }

    /// Makes roles that cannot log in, where they do not exist yet. Roles belong to the whole server.
    pub fn create_roles(&self, names: &[impl AsRef<str>]) {
        // Two tests may ask for the same role at the same moment; the second then finds it made.
        let script: String = names
            .iter()
            .map(|name| {
                format!(
                    "do $$ begin create role {}; exception when duplicate_object or unique_violation then end $$;\n",
                    quoted(name.as_ref())
                )
            })
            .collect();
        self.psql("postgres", &script).must("creating roles");
    }

    /// Makes a tablespace inside of the data folder, where it does not exist yet.
    pub fn create_tablespace(&self, name: &str) {
        // It cannot be made in a transaction, so there is no block that could catch the error.
        let script =
            format!("SET allow_in_place_tablespaces = on;\nCREATE TABLESPACE {} LOCATION '';", quoted(name));
        let output = self.psql("postgres", &script);
        let taken = ["already exists", "pg_tablespace_spcname_index"];
        assert!(
            output.success || taken.iter().any(|text| output.stderr.contains(text)),
            "creating the tablespace {name}: {}",
            output.stderr
        );
    }
}

/// An identifier in double quotes.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

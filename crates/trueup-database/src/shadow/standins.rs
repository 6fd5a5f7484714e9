//! Declarations of extensions that the embedded server was built without.
//!
//! A history that creates `pgcrypto` does so for a default or a column that calls one of its functions. For the
//! shape of a schema the function has to be there with its arguments, its result and its volatility; what it
//! computes does not matter. These extensions have that much; a function that is really called says that it is a
//! stand-in, unless what it computes is easy.

use std::fs;
use std::path::Path;

use super::ShadowError;

struct StandIn {
    name: &'static str,
    /// The real one's: it becomes the comment of the extension.
    comment: &'static str,
    version: &'static str,
    relocatable: bool,
    trusted: bool,
    script: &'static str,
}

const ALL: &[StandIn] = &[
    StandIn {
        name: "moddatetime",
        comment: "functions for tracking last modification time",
        version: "1.0",
        relocatable: true,
        trusted: false,
        script: include_str!("standins/moddatetime.sql"),
    },
    StandIn {
        name: "pg_stat_statements",
        comment: "track planning and execution statistics of all SQL statements executed",
        version: "1.11",
        relocatable: true,
        trusted: false,
        script: include_str!("standins/pg_stat_statements.sql"),
    },
    StandIn {
        name: "pgcrypto",
        comment: "cryptographic functions",
        version: "1.3",
        relocatable: true,
        trusted: true,
        script: include_str!("standins/pgcrypto.sql"),
    },
    StandIn {
        name: "postgres_fdw",
        comment: "foreign-data wrapper for remote PostgreSQL servers",
        version: "1.1",
        relocatable: true,
        trusted: false,
        script: include_str!("standins/postgres_fdw.sql"),
    },
    StandIn {
        name: "uuid-ossp",
        comment: "generate universally unique identifiers (UUIDs)",
        version: "1.1",
        relocatable: true,
        trusted: true,
        script: include_str!("standins/uuid-ossp.sql"),
    },
];

pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|stand_in| stand_in.name)
}

/// Changes whenever a declaration does: what was replayed with other ones is made again.
pub fn fingerprint() -> String {
    let mut hasher = blake3::Hasher::new();
    for StandIn { name, comment, version, relocatable, trusted, script } in ALL {
        hasher.update(format!("{name}\0{comment}\0{version}\0{relocatable}{trusted}\0{script}\0").as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// Writes them where the server looks for extensions.
pub fn install(folder: &Path) -> Result<(), ShadowError> {
    fs::create_dir_all(folder).map_err(ShadowError::file("creating", folder))?;
    for StandIn { name, comment, version, relocatable, trusted, script } in ALL {
        let control = format!(
            "comment = '{comment}'\ndefault_version = '{version}'\nrelocatable = {relocatable}\n\
             trusted = {trusted}\n"
        );
        write(&folder.join(format!("{name}.control")), &control)?;
        write(&folder.join(format!("{name}--{version}.sql")), script)?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), ShadowError> {
    fs::write(path, text).map_err(ShadowError::file("writing", path))
}

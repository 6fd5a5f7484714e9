//! Which `pg_dump` can be had for a server, and how it is told where that is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::live::{About, Snapshot};
use super::manifest::Way;
use super::{BackupError, Method};
use crate::connect::host::default_host;
use crate::session::version_number;
use crate::shadow::local::find::{everywhere, output_of, program};
use crate::url::{DatabaseUrl, Endpoint, Secret, keyword};

/// The archive of pg_dump in the folder of a backup.
pub const ARCHIVE: &str = "archive.dump";

/// How the rows are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    PgDump(Programs),
    Copy {
        /// Why it is not pg_dump.
        because: String,
    },
}

/// `pg_dump` and the `pg_restore` beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    pub dump: PathBuf,
    pub restore: PathBuf,
    pub version: u32,
    pub version_text: String,
}

impl Chosen {
    pub fn as_held(&self) -> Way {
        match self {
            Chosen::PgDump(programs) => {
                Way::PgDump { program_version: programs.version_text.clone(), file: ARCHIVE.to_owned() }
            }
            Chosen::Copy { .. } => Way::Copy,
        }
    }

    /// What belongs to the tables and is not in such a backup.
    pub fn lacks(&self, about: &About, everything: bool) -> Vec<String> {
        let mut lacks = Vec::new();
        match self {
            Chosen::PgDump(_) => {}
            Chosen::Copy { because } => {
                lacks.push(format!(
                    "triggers, policies, rules, owners, privileges and comments of the tables, because {because}"
                ));
                if everything {
                    lacks.push("views, functions and whatever else is no table".to_owned());
                }
                if everything && about.large_objects > 0 {
                    lacks.push(format!("{} large objects", about.large_objects));
                }
                if everything && about.extension_tables > 0 {
                    lacks.push("the rows of tables that belong to extensions".to_owned());
                }
            }
        }
        lacks
    }
}

pub fn choose(method: Method, live: &Snapshot) -> Result<Chosen, BackupError> {
    let copy = |because: &str| Ok(Chosen::Copy { because: because.to_owned() });
    let about = &live.about;
    match method {
        Method::Copy => return copy("it was asked for"),
        Method::BestAtHand if about.pooled => return copy("a connection pooler stands before the server"),
        Method::PgDump if about.pooled => {
            return Err(BackupError::NoProgram(
                "a connection pooler stands before the server, and settings of pg_dump would stay on its connections"
                    .to_owned(),
            ));
        }
        Method::BestAtHand | Method::PgDump => {}
    }
    let found = find();
    let fitting = found.iter().filter(|programs| programs.version / 10_000 >= about.major);
    // The nearest to the server says what it holds in words that this server knows.
    let best = fitting.min_by_key(|programs| (programs.version / 10_000, u32::MAX - programs.version));
    match (best, method) {
        (Some(programs), _) => Ok(Chosen::PgDump(programs.clone())),
        (None, Method::PgDump) => Err(BackupError::NoProgram(why_none(&found, about.major))),
        (None, Method::BestAtHand | Method::Copy) => copy(&why_none(&found, about.major)),
    }
}

fn why_none(found: &[Programs], major: u32) -> String {
    match found.iter().max_by_key(|programs| programs.version) {
        None => "no pg_dump is installed where trueup looks".to_owned(),
        Some(newest) => format!(
            "the pg_dump of PostgreSQL {} is older than the server, which is {major}",
            newest.version / 10_000
        ),
    }
}

/// The programs that can read an archive which this version has written.
pub fn to_restore(made_by: &str) -> Result<Programs, BackupError> {
    let wanted = version_number(made_by);
    let found = find();
    let fitting = found.iter().filter(|programs| programs.version / 10_000 >= wanted / 10_000);
    fitting.min_by_key(|programs| programs.version).cloned().ok_or_else(|| {
        BackupError::Refused(vec![format!(
            "its rows are in an archive of pg_dump {made_by}, and there is no pg_restore of PostgreSQL {} or newer \
             where trueup looks; install the client programs of PostgreSQL",
            wanted / 10_000
        )])
    })
}

fn find() -> Vec<Programs> {
    let mut found: Vec<Programs> = everywhere().iter().filter_map(|folder| at(folder)).collect();
    found.sort_by(|a, b| a.dump.cmp(&b.dump));
    found.dedup();
    found
}

fn at(folder: &Path) -> Option<Programs> {
    // On Debian the path leads to a wrapper that chooses a version by the servers of this machine.
    let dump = fs::canonicalize(program(folder, "pg_dump")?).ok()?;
    let restore = program(dump.parent()?, "pg_restore")?;
    if dump.file_stem()? != "pg_dump" {
        return None;
    }
    let said = output_of(Command::new(&dump).arg("--version"))?;
    let version_text = said.split_once("(PostgreSQL)")?.1.trim().to_owned();
    Some(Programs { dump, restore, version: version_number(&version_text), version_text })
}

/// The connection in the words of libpq. Nothing of it can be seen in the list of processes.
pub fn variables(url: &DatabaseUrl) -> Vec<(&'static str, String)> {
    let settings = &url.settings;
    let mut variables: Vec<(&'static str, String)> = keyword::KEYWORDS
        .iter()
        // What these stand for is among the others by now.
        .filter(|keyword| !matches!(keyword.name, "service" | "servicefile" | "password"))
        .filter_map(|keyword| Some((keyword.variable?, settings.value(keyword.name)?.to_owned())))
        .collect();
    let passwords: Vec<&Secret> =
        url.target.endpoints.iter().filter_map(|endpoint| endpoint.password.as_ref()).collect();
    // Where places have passwords of their own, they are in the password file, and libpq looks there itself.
    if let [first, rest @ ..] = passwords.as_slice()
        && rest.iter().all(|password| password == first)
    {
        variables.push(("PGPASSWORD", first.reveal().to_owned()));
    }
    // Which folder sockets lie in was decided when the programs were built: ours and theirs may differ.
    if let [Endpoint { host: None, address: None, port, .. }] = url.target.endpoints.as_slice() {
        variables.push(("PGHOST", default_host(*port, &|file| file.exists())));
    }
    for (name, usual) in [("PGCONNECT_TIMEOUT", "10"), ("PGAPPNAME", "trueup backup")] {
        if !variables.iter().any(|(known, _)| *known == name) {
            variables.push((name, usual.to_owned()));
        }
    }
    variables.push(("PGCLIENTENCODING", "UTF8".to_owned()));
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: &[(&str, &str)]) {
        let url = DatabaseUrl::parse(url).expect("a URL");
        let variables = variables(&url);
        for (name, value) in expected {
            let found = variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
            assert_eq!(found, Some(*value), "{name}");
        }
    }

    #[test]
    fn libpq_is_told_all_that_a_url_says() {
        check(
            "postgresql://ann:p%40ss@db.example.org:5433/shop?sslmode=verify-full&sslrootcert=/etc/root.pem&connect_timeout=3",
            &[
                ("PGHOST", "db.example.org"),
                ("PGPORT", "5433"),
                ("PGUSER", "ann"),
                ("PGPASSWORD", "p@ss"),
                ("PGDATABASE", "shop"),
                ("PGSSLMODE", "verify-full"),
                ("PGSSLROOTCERT", "/etc/root.pem"),
                ("PGCONNECT_TIMEOUT", "3"),
                ("PGAPPNAME", "trueup backup"),
            ],
        );
        check(
            "host=/var/run/postgresql dbname=shop options='-c role=reader'",
            &[
                ("PGHOST", "/var/run/postgresql"),
                ("PGOPTIONS", "-c role=reader"),
                ("PGCONNECT_TIMEOUT", "10"),
            ],
        );
    }
}

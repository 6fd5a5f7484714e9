//! PostgreSQL's own client programs, which tests use instead of a driver: what they say is what a person would see.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::account::is_root;

/// What a client program did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// The standard output of a run that has to succeed.
    #[track_caller]
    pub fn must(self, doing: &str) -> String {
        assert!(self.success, "{doing}: failed\n{}", self.stderr);
        self.stdout
    }
}

/// Makes sure that `psql` and `pg_dump` are there. As root on Debian and its kin they are installed when missing;
/// elsewhere the message says what to install.
pub fn ensure_clients() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        if find("psql").is_some() && find("pg_dump").is_some() {
            return;
        }
        let advice =
            "install PostgreSQL's client programs (on Debian and Ubuntu: apt-get install postgresql-client)";
        assert!(
            is_root(),
            "looking for psql and pg_dump: not in PATH and not in /usr/lib/postgresql; {advice}"
        );
        for arguments in [&["update", "-qq"][..], &["install", "-y", "-qq", "postgresql-client"][..]] {
            let status = Command::new("apt-get")
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .status();
            assert!(
                status.as_ref().is_ok_and(|status| status.success()),
                "installing psql and pg_dump: apt-get failed ({status:?}); {advice}"
            );
        }
        assert!(find("psql").is_some(), "installing psql and pg_dump: apt-get installed no psql; {advice}");
    });
}

/// Runs a script from standard input. Settings of the caller's environment and start-up files do not count.
pub(super) fn psql(url: &str, arguments: &[&str], script: &str) -> Output {
    let mut command = client("psql");
    command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"]).args(arguments).arg(url);
    run(command, script)
}

/// The schema as pg_dump writes it. It refuses servers newer than itself.
pub(super) fn pg_dump(url: &str, arguments: &[&str]) -> Output {
    let mut command = client("pg_dump");
    command.args(arguments).arg(url);
    run(command, "")
}

fn client(program: &str) -> Command {
    ensure_clients();
    let path = find(program).unwrap_or_else(|| panic!("looking for {program}: it is not installed"));
    let mut command = Command::new(path);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
        command.env_remove(name);
    }
    command.env("PGCLIENTENCODING", "UTF8").env("PGAPPNAME", "trueup-testing").env("LC_ALL", "C");
    command
}

/// Runs a program to its end, whatever comes of it.
pub(crate) fn run(mut command: Command, input: &str) -> Output {
    let program = command.get_program().to_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("starting {}: {error}", program.display()));
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // Written beside the reading: a long script and a long answer would otherwise wait for each other. A program
    // that stops at an error does not read the rest, which is no fault here.
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input.as_bytes()));
        child.wait_with_output()
    });
    let output = output.unwrap_or_else(|error| panic!("running {}: {error}", program.display()));
    Output {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// In Debian's folders for each version of PostgreSQL, the newest first; else in PATH. (Debian's own `/usr/bin/psql`
/// chooses a version by the servers of this machine.)
pub fn find(program: &str) -> Option<PathBuf> {
    let debian = installed(program).into_iter().next().map(|(_, path)| path);
    debian.or_else(|| in_path(program, &std::env::var_os("PATH")?))
}

/// In Debian's folders, with the version of PostgreSQL that each belongs to: the newest first.
pub(super) fn installed(program: &str) -> Vec<(u32, PathBuf)> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin").join(program)))
        })
        .filter(|(_, path)| path.is_file())
        .collect();
    versions.sort_by(|one, other| other.cmp(one));
    versions
}

fn in_path(program: &str, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path).map(|folder| Path::new(&folder).join(program)).find(|path| path.is_file())
}

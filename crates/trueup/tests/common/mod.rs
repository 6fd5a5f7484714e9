//! Runs the built program as nobody's own: an empty environment, a fixed width, a cache of its own.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;
use trueup_testing::servers::Database;

/// A password that must not appear anywhere. The servers of the tests ask for none, so it opens every door.
pub const PASSWORD: &str = "pl4nted-hunter2";

/// What a run of the program left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// The exit code has to be this one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "the exit code\n--- stdout\n{}--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// Every one of these has to be in what was said or printed. Line breaks and indents do not count: they
    /// depend on the width.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Self {
        let all = flat(&format!("{}\n{}", self.stdout, self.stderr));
        for text in texts {
            assert!(
                all.contains(&flat(text)),
                "not said: {text}\n--- stdout\n{}--- stderr\n{}",
                self.stdout,
                self.stderr
            );
        }
        self
    }

    #[track_caller]
    pub fn does_not_say(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(
                !self.stdout.contains(text) && !self.stderr.contains(text),
                "said: {text}\n--- stdout\n{}--- stderr\n{}",
                self.stdout,
                self.stderr
            );
        }
        self
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n--- stdout\n{}--- stderr\n{}", self.stdout, self.stderr))
    }
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The program, ready to be given arguments.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("TRUEUP_CACHE", cache())
        .env("NO_COLOR", "1")
        .env("COLUMNS", "80")
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

/// Runs the program in a folder.
pub fn trueup(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Run {
    let mut command = command(folder);
    command.args(arguments);
    finish(&mut command)
}

/// Runs it and looks for the planted password in everything that it wrote.
pub fn finish(command: &mut Command) -> Run {
    let output = command.output().expect("starting the program");
    let run = Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8 on standard error"),
    };
    assert!(
        !run.stdout.contains(PASSWORD) && !run.stderr.contains(PASSWORD),
        "the password shows\n--- stdout\n{}--- stderr\n{}",
        run.stdout,
        run.stderr
    );
    run
}

/// Replays are remembered from one run to the next, so one folder serves the whole test binary.
fn cache() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // Statics are not dropped: what a run leaves lies in cargo's folder for tests, and the next one, whose
        // program may be another, begins without it.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache").join(env!("CARGO_CRATE_NAME"));
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                panic!("emptying the cache: {error}")
            }
            _ => std::fs::create_dir_all(&folder).expect("making the cache"),
        }
        folder
    })
}

/// A URL with the planted password in it.
pub fn with_password(url: &str) -> String {
    url.replacen("@", &format!(":{PASSWORD}@"), 1)
}

/// A folder with these files.
pub fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        write(folder.path(), name, text.as_bytes());
    }
    folder
}

pub fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("making a folder");
    std::fs::write(&path, bytes).expect("writing a file");
}

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("reading {}: {error}", path.display()))
}

/// The schema in pg_dump's words, without the random key that it puts around them.
pub fn dump(database: &Database) -> String {
    let dump = database.dump_schema().must("dumping the schema");
    let is_key = |line: &&str| line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ");
    dump.lines().filter(|line| !is_key(line)).fold(String::new(), |text, line| text + line + "\n")
}

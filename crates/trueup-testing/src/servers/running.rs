//! One running server and the small shell that watches over it.
//!
//! The shell waits for the end of its standard input, of which this process holds the other end. Whether the last
//! handle is dropped, the process returns, panics, or is killed: the pipe closes, the shell stops the server and
//! removes its folder. (A signal on the death of the parent would not do: it comes when the *thread* ends that
//! started the server, which in a test binary is a test.)

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use super::account::{Account, give_to, other_account, run_as, run_folder};
use super::packages::Package;

#[derive(Debug)]
pub(super) struct Running {
    pub major: u32,
    pub port: u16,
    pub folder: PathBuf,
    watcher: Child,
    log: Arc<Mutex<String>>,
}

/// PostgreSQL ends at once on QUIT, PgBouncer on TERM. Arguments: the folder to remove, the data folder to copy, the program, its arguments.
const WATCHER: &str = r#"
folder=$1 template=$2
shift 2
trap '' HUP INT TERM
umask 077
cp -R "$template" "$folder/data" || { rm -rf "$folder"; exit 1; }
"$@" </dev/null &
server=$!
exec >/dev/null 2>&1
while read -r _; do :; done
kill -QUIT "$server"
kill -TERM "$server"
wait "$server"
rm -rf "$folder"
"#;

/// What makes a throwaway server quick and small.
const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=16MB",
    "max_wal_size=256MB",
    "jit=off",
    // Publications can be made without a warning.
    "wal_level=logical",
    // Nothing may change behind the back of a test that compares.
    "autovacuum=off",
    "timezone=UTC",
    "lc_messages=C",
];

/// What a server, a standby and a pooler say when they can be connected to.
const READY: &[&str] = &["database system is ready to accept", "process up: PgBouncer"];

/// How often to try again when somebody else took the free port between finding and using it.
const ATTEMPTS: usize = 5;

/// A server on a copy of a data folder: by default of an empty one.
pub(super) fn start(package: &Package, settings: &[&str], data: Option<&Path>) -> Running {
    start_copy(package.major, data.unwrap_or(&package.template), |folder, port| {
        let mut words =
            vec![package.programs.join("postgres").into(), "-D".into(), folder.join("data").into()];
        let places = [format!("port={port}"), format!("unix_socket_directories={}", folder.display())];
        let settings = SETTINGS.iter().chain(settings).map(|setting| (*setting).to_owned());
        words.extend(places.into_iter().chain(settings).flat_map(|setting| ["-c".into(), setting.into()]));
        words
    })
}

/// Copies a folder as `data` into a new one and starts a program there; its words are made of that folder and a port.
pub(super) fn start_copy(
    major: u32,
    template: &Path,
    words: impl Fn(&Path, u16) -> Vec<OsString>,
) -> Running {
    let account = other_account();
    for _ in 0..ATTEMPTS {
        match attempt(major, template, account, &words) {
            Ok(running) => return running,
            Err(log) if log.contains("could not bind") || log.contains("already in use") => {}
            Err(log) => panic!("starting a test server for PostgreSQL {major}: it stopped at once\n{log}"),
        }
    }
    panic!("starting a test server for PostgreSQL {major}: found no free port in {ATTEMPTS} attempts")
}

/// The log, where the server did not come up.
fn attempt(
    major: u32,
    template: &Path,
    account: Option<Account>,
    words: &impl Fn(&Path, u16) -> Vec<OsString>,
) -> Result<Running, String> {
    let port = free_port();
    let folder = fresh_folder(major, account);
    let mut command = Command::new("sh");
    command.args(["-c", WATCHER, "watcher"]).arg(&folder).arg(template).args(words(&folder, port));
    command
        .current_dir(&folder)
        .env("HOME", &folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // A signal to the test's group, from a terminal or a test runner, must not hit the one that cleans up.
        .process_group(0);
    let mut watcher = run_as(&mut command, account)
        .spawn()
        .unwrap_or_else(|error| panic!("starting a test server: cannot start sh: {error}"));
    let log = Arc::new(Mutex::new(String::new()));
    let came_up = follow_log(watcher.stderr.take().expect("stderr is piped"), Arc::clone(&log));
    // From here on the folder goes with the value.
    let running = Running { major, port, folder, watcher, log };
    if came_up.recv_timeout(Duration::from_secs(120)).unwrap_or(false) {
        Ok(running)
    } else {
        Err(running.log())
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("binding to a free port of 127.0.0.1");
    listener.local_addr().expect("asking for the address of a bound socket").port()
}

pub(super) fn fresh_folder(major: u32, account: Option<Account>) -> PathBuf {
    let below: &Path = &run_folder();
    let folder =
        tempfile::Builder::new().prefix(&format!("trueup-server-{major}-")).tempdir_in(below).unwrap_or_else(
            |error| panic!("creating a folder for a test server in {}: {error}", below.display()),
        );
    give_to(folder.path(), account);
    folder.keep()
}

/// Keeps what the server writes and tells once whether it accepts connections. The pipe ends when the server and
/// all its children are gone: the watching shell lets go of its own end.
fn follow_log(stderr: ChildStderr, log: Arc<Mutex<String>>) -> mpsc::Receiver<bool> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut lines = BufReader::new(stderr);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line);
            log.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
            if READY.iter().any(|ready| text.contains(ready)) {
                let _ = sender.send(true);
            }
            line.clear();
        }
        let _ = sender.send(false);
    });
    receiver
}

impl Running {
    pub(super) fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        let _ = self.watcher.wait();
    }
}

//! A server that cannot outlive us.
//!
//! Between us and the server stands a small shell script that waits at the end of a pipe. When we end, however we
//! end, the system closes the pipe, and the script stops the server and removes its folder.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::account::Account;
use super::find::{LocalServer, program};
use crate::shadow::ShadowError;

/// $1 is the scratch folder; the rest is the command of the server.
#[cfg(unix)]
const SCRIPT: &str = r#"
folder=$1; shift
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
(
    read -r word <&3
    if [ "$word" = stop ]; then
        kill -INT "$server"
    else
        : >"$folder/ended"
        kill -QUIT "$server"
    fi
) &
watcher=$!
exec 3<&-
wait "$server"
kill "$watcher" 2>/dev/null
[ -e "$folder/ended" ] && rm -rf -- "$folder"
"#;

pub struct Watched {
    child: Child,
    pub port: u16,
    #[cfg(not(unix))]
    pub password: String,
}

/// Settings that differ from what `initdb` wrote: nothing here has to survive a crash, nobody outside may
/// connect, and what ends up in catalogs does not depend on the machine.
fn settings(folder: &Path) -> Vec<String> {
    let mut settings: Vec<String> = [
        "fsync=off",
        "full_page_writes=off",
        "synchronous_commit=off",
        "autovacuum=off",
        "jit=off",
        "wal_level=logical",
        "max_wal_size=256MB",
        "min_wal_size=2MB",
        "wal_recycle=off",
        "max_connections=20",
        "max_locks_per_transaction=2048",
        "max_parallel_workers_per_gather=0",
        "max_parallel_maintenance_workers=0",
        "max_logical_replication_workers=0",
        "shared_buffers=32MB",
        // In the data folder, so that a server that is killed leaves nothing in the memory of the machine.
        "dynamic_shared_memory_type=mmap",
        "TimeZone=UTC",
        "log_timezone=UTC",
        "lc_messages=C",
        "DateStyle=ISO, MDY",
        "IntervalStyle=postgres",
        "standard_conforming_strings=on",
        "log_min_messages=warning",
        "log_min_error_statement=panic",
    ]
    .map(str::to_owned)
    .to_vec();
    if cfg!(unix) {
        settings.push("listen_addresses=".to_owned());
        settings.push(format!("unix_socket_directories=\"{}\"", folder.display()));
    } else {
        settings.push("listen_addresses=127.0.0.1".to_owned());
    }
    settings
}

#[cfg(unix)]
pub fn start(
    server: &LocalServer,
    folder: &Path,
    data: &Path,
    account: Option<&Account>,
) -> Result<Watched, ShadowError> {
    use std::os::unix::process::CommandExt;

    // The socket's name is all that the port is good for: it lies in a folder of its own.
    let port = 5432;
    let mut command = Command::new("/bin/sh");
    command.args(["-c", SCRIPT, "sh"]).arg(folder);
    command.args(server_command(server, folder, data, port)?);
    // A group of its own: an interrupt typed at the terminal ends us, and the pipe ends the server.
    command.process_group(0).stdin(Stdio::piped());
    let child = spawn(command, server, folder, account)?;
    Ok(Watched { child, port })
}

#[cfg(not(unix))]
pub fn start(
    server: &LocalServer,
    folder: &Path,
    data: &Path,
    account: Option<&Account>,
) -> Result<Watched, ShadowError> {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map_err(ShadowError::file("looking for a free port for", folder))?
        .port();
    let mut words = server_command(server, folder, data, port)?.into_iter();
    let mut command = Command::new(words.next().expect("a command begins with its program"));
    command.args(words).stdin(Stdio::null());
    let child = spawn(command, server, folder, account)?;
    let password = super::cluster::password(data)?;
    Ok(Watched { child, port, password })
}

fn server_command(
    server: &LocalServer,
    folder: &Path,
    data: &Path,
    port: u16,
) -> Result<Vec<std::ffi::OsString>, ShadowError> {
    let postgres = program(&server.bin, "postgres").ok_or_else(|| {
        ShadowError::NotAtHand(format!("there is no postgres in {} any more", server.bin.display()))
    })?;
    let mut words =
        vec![postgres.into_os_string(), "-D".into(), data.into(), "-p".into(), port.to_string().into()];
    for setting in settings(folder) {
        words.push("-c".into());
        words.push(setting.into());
    }
    Ok(words)
}

fn spawn(
    mut command: Command,
    server: &LocalServer,
    folder: &Path,
    account: Option<&Account>,
) -> Result<Child, ShadowError> {
    let log = folder.join("log");
    let log_file = File::create(&log).map_err(ShadowError::file("creating", &log))?;
    let log_again = log_file.try_clone().map_err(ShadowError::file("opening", &log))?;
    in_own_environment(&mut command, folder);
    if let Some(account) = account {
        account.run(&mut command);
    }
    command.stdout(log_file).stderr(log_again).spawn().map_err(|error| ShadowError::Program {
        doing: "starting a scratch server",
        program: server.bin.join("postgres"),
        said: error.to_string(),
    })
}

/// Programs of PostgreSQL listen to many variables (`PGDATA`, `PGPORT`, `LC_ALL`, …). Ours get only what the
/// system needs to start a program at all.
pub fn in_own_environment(command: &mut Command, folder: &Path) {
    let kept: Vec<_> = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "SystemDrive", "TEMP"]
        .into_iter()
        .filter_map(|name| std::env::var_os(name).map(|value| (name, value)))
        .collect();
    command.env_clear().envs(kept).env("LC_ALL", "C").env("TZ", "UTC").current_dir(folder);
}

/// What a server that did not start has said.
pub fn last_lines(folder: &Path) -> String {
    let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().rev().take(5).collect();
    let said = lines.into_iter().rev().collect::<Vec<_>>().join(" / ");
    if said.is_empty() { "it ended without a word".to_owned() } else { said }
}

impl Watched {
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Stops the server so that its cluster can be started again, and waits for that.
    pub fn stop_in_order(&mut self) -> Result<(), ShadowError> {
        if cfg!(unix) {
            if let Some(pipe) = self.child.stdin.as_mut() {
                // A broken pipe means that there is nothing left to stop.
                let _ = pipe.write_all(b"stop\n");
            }
        } else {
            // Killed, the cluster recovers from its log when it is started again.
            let _ = self.child.kill();
        }
        self.child.wait().map(|_| ()).map_err(ShadowError::file("waiting for", Path::new("postgres")))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if cfg!(not(unix)) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

//! What stands around servers in production: standbys and connection poolers.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use super::account::{give_to, other_account, run_as};
use super::clients::find;
use super::running::{Running, fresh_folder, start, start_copy};
use super::{Database, Server};

/// A standby that follows a server, with everything that the server has now.
pub fn standby_of(server: &Server) -> Server {
    let account = other_account();
    let folder = fresh_folder(server.major(), account);
    let data = folder.join("data");
    let program = find("pg_basebackup").expect("pg_basebackup is there with psql");
    let mut command = Command::new(program);
    command.arg("--pgdata").arg(&data).args(["--write-recovery-conf", "--wal-method=stream"]);
    command
        .args(["--checkpoint=fast", "--no-sync", "--dbname", &server.url("postgres")])
        .current_dir(&folder);
    let output = run_as(&mut command, account).output().expect("starting pg_basebackup");
    assert!(output.status.success(), "copying a server: {}", String::from_utf8_lossy(&output.stderr));
    let standby = Server {
        running: Arc::new(start(&server.package, &[], Some(&data))),
        package: server.package.clone(),
    };
    fs::remove_dir_all(&folder).expect("removing the copy");
    standby
}

/// A connection pooler before a server.
#[derive(Debug)]
pub struct Pooler {
    running: Running,
    /// Its settings.
    folder: PathBuf,
}

/// PgBouncer, in the mode in which each transaction may go to another connection.
pub fn pooler_of(server: &Server) -> Pooler {
    let account = other_account();
    let folder = fresh_folder(server.major(), account);
    let program = find("pgbouncer")
        .expect("pgbouncer is there: `cargo xtask test` installs it on Debian, else it has to be installed");
    let settings = folder.join("settings");
    fs::create_dir(&settings).expect("a folder for the pooler");
    fs::write(settings.join("users"), "\"postgres\" \"\"\n").expect("writing the users of the pooler");
    give_to(&settings, account);
    let port = server.port();
    let running = start_copy(server.major(), &settings, |own, listens| {
        // It has to be readable for the server's account; what is in it is no secret.
        let file = folder.join(format!("pgbouncer-{listens}.ini"));
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {listens}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = transaction\ndefault_pool_size = 2\n\
             ignore_startup_parameters = extra_float_digits\n",
            own.join("data/users").display()
        );
        fs::write(&file, text).expect("writing the pooler's settings");
        give_to(&file, account);
        vec![program.clone().into(), file.into()]
    });
    Pooler { running, folder }
}

impl Pooler {
    /// The URL of a database of the server, through the pooler.
    pub fn url(&self, database: &Database) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{}", self.running.port, database.name())
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // What stays lies among temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

//! A shadow from PostgreSQL binaries that are installed here: a cluster of our own, which nobody else can reach
//! and which ends with us.

mod account;
mod cluster;
pub(crate) mod find;
mod watch;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::scratch::{self, ScratchFolder};
use super::snapshots::{self, Kept, Manifest};
use super::{Address, Capabilities, Shadow, ShadowError, Surroundings};
use crate::session::{Session, SessionError};

pub use find::{LocalServer, find};

use watch::Watched;

/// How long a server may take to start, crash recovery of a kept cluster on a slow disk included.
const START_LIMIT: Duration = Duration::from_secs(60);

pub struct LocalShadow {
    // In the order in which they have to end.
    session: Option<Session>,
    server: Watched,
    scratch: ScratchFolder,
    template: cluster::Template,
    capabilities: Capabilities,
}

/// Starts a fresh cluster.
pub fn open(server: &LocalServer, surroundings: &Surroundings) -> Result<LocalShadow, ShadowError> {
    start(server, surroundings, None)
}

/// Starts the cluster that was kept in a folder; `None` when it was made from another template than the one at
/// hand now, so that it cannot be put together again.
pub fn open_kept(
    folder: &Path,
    manifest: &Manifest,
    surroundings: &Surroundings,
) -> Result<Option<LocalShadow>, ShadowError> {
    let Some(server) = manifest.value("binaries").map(PathBuf::from).and_then(|bin| find::at(&bin)) else {
        return Ok(None);
    };
    let key = cluster::template_key(&server);
    if manifest.value("template") != Some(key.as_str()) {
        return Ok(None);
    }
    start(&server, surroundings, Some((folder, manifest))).map(Some)
}

fn start(
    server: &LocalServer,
    surroundings: &Surroundings,
    kept: Option<(&Path, &Manifest)>,
) -> Result<LocalShadow, ShadowError> {
    scratch::remove_leftovers(&surroundings.temporary);
    let scratch = ScratchFolder::create(&cluster::short_enough(&surroundings.temporary))?;
    let account = account::to_run_as(scratch.path())?;
    if let Some(account) = &account {
        account.give(scratch.path())?;
    }
    let template = cluster::template(server, surroundings, &scratch, account.as_ref())?;
    let data = scratch.path().join("data");
    cluster::put_together(&template, kept, &data, account.as_ref())?;
    let mut running = watch::start(server, scratch.path(), &data, account.as_ref())?;
    let mut session = connect(server, scratch.path(), &mut running)?;
    let mut capabilities = Capabilities::ask(&mut session)?;
    capabilities.owns_roles = true;
    capabilities.tablespaces = capabilities.major() >= 15;
    Ok(LocalShadow { session: Some(session), server: running, scratch, template, capabilities })
}

impl LocalShadow {
    /// One more session, of any role in any database of the cluster.
    pub fn connect(&self, role: &str, database: &str) -> Result<Session, SessionError> {
        connect_as(&self.server, self.scratch.path(), role, database)
    }
}

impl Shadow for LocalShadow {
    fn kind(&self) -> &'static str {
        "local"
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("a shadow has its session until it is kept or a new one cannot be had")
    }

    fn renew(&mut self) -> Result<(), SessionError> {
        self.session = None;
        self.session = Some(connect_once(&self.server, self.scratch.path())?);
        Ok(())
    }

    fn lend(&mut self) -> Result<Address, ShadowError> {
        self.session = None;
        #[cfg(unix)]
        let (host, password) = (self.scratch.path().to_string_lossy().into_owned(), String::new());
        #[cfg(not(unix))]
        let (host, password) = ("127.0.0.1".to_owned(), self.server.password.clone());
        Ok(Address {
            host,
            port: self.server.port,
            user: "postgres".to_owned(),
            password,
            database: "postgres".to_owned(),
        })
    }

    fn made_roles(&mut self, _names: &[String]) {}

    fn keep(mut self: Box<Self>, folder: &Path) -> Result<Kept, ShadowError> {
        snapshots::shorten_log(self.session())?;
        self.session = None;
        self.server.stop_in_order()?;
        let mut manifest = Manifest::new("local", &self.capabilities);
        manifest.set("binaries", &self.template.server.bin.to_string_lossy());
        manifest.set("template", &self.template.key);
        snapshots::write(folder, manifest, &self.scratch.path().join("data"), Some(&self.template.folder))
    }
}

/// Waits until the server answers, or has ended, or has had its time.
fn connect(server: &LocalServer, scratch: &Path, running: &mut Watched) -> Result<Session, ShadowError> {
    let failed = |said: String| ShadowError::Program {
        doing: "starting a scratch server",
        program: server.bin.join("postgres"),
        said,
    };
    let began = Instant::now();
    let mut pause = Duration::from_millis(2);
    loop {
        let error = match connect_once(running, scratch) {
            Ok(session) => return Ok(session),
            Err(error) => error,
        };
        if running.has_ended() {
            return Err(failed(watch::last_lines(scratch)));
        }
        if began.elapsed() > START_LIMIT {
            return Err(failed(format!("no connection within {} s: {error}", START_LIMIT.as_secs())));
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

fn connect_once(running: &Watched, scratch: &Path) -> Result<Session, SessionError> {
    connect_as(running, scratch, "postgres", "postgres")
}

fn connect_as(
    running: &Watched,
    scratch: &Path,
    role: &str,
    database: &str,
) -> Result<Session, SessionError> {
    let mut config = tokio_postgres::Config::new();
    config.user(role).dbname(database).application_name("trueup").port(running.port);
    #[cfg(unix)]
    config.host_path(scratch);
    #[cfg(not(unix))]
    {
        let _ = scratch;
        config.host("127.0.0.1").password(&running.password);
    }
    crate::shadow::connect_plainly(&config)
}

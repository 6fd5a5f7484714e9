//! The PostgreSQL inside this program. The only file that names the crate it comes from.
//!
//! It is a 32-bit build that runs in this process and answers one connection. It has no ICU, cannot interrupt a
//! statement, and knows the extensions that were built with it. Errors always go up to the statement: code in
//! PL/pgSQL cannot catch them, and what other code does on the way up does not happen either, so that a connection
//! in which a function has failed is not to be trusted any more. Its own cache (the unpacked runtime) lies where
//! that crate puts it: it asks the system for a folder and offers no way to name one.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use pglite_oxide::PgliteServer;
use pglite_oxide::extensions::{self, Extension};

use super::capabilities::Sessions;
use super::scratch::{self, ScratchFolder};
use super::snapshots::{self, Kept, Manifest};
use super::{Address, Capabilities, Offer, Shadow, ShadowError, Surroundings, standins};
use crate::session::{Session, SessionError};

/// What is inside, known without starting it.
const VERSION: u32 = 170_005;
const VERSION_TEXT: &str = "17.5";

/// Bundled, but not usable as a shadow's extension: `age` changes the search path of whoever enables it, and
/// `auto_explain` is a library and not an extension.
const UNSUITABLE: &[&str] = &["age", "auto_explain"];

/// How long the server may take to end. One that is stuck in a statement never does: its thread is left behind,
/// and ends with the process.
const END_LIMIT: Duration = Duration::from_secs(10);

pub struct EmbeddedShadow {
    // In the order in which they have to end.
    session: Option<Session>,
    server: Option<PgliteServer>,
    scratch: ScratchFolder,
    bundled: Vec<Extension>,
    capabilities: Capabilities,
}

pub fn offer() -> Offer {
    let mut names: std::collections::BTreeSet<String> =
        suitable().map(|extension| extension.sql_name().to_owned()).collect();
    names.insert("plpgsql".to_owned());
    let stand_ins = standins::names().map(str::to_owned).collect();
    Offer {
        version: VERSION,
        version_text: VERSION_TEXT.to_owned(),
        extensions: names,
        stand_ins,
        icu: false,
    }
}

/// Starts a fresh one in which the named extensions can be created.
pub fn open(wanted: &[String], surroundings: &Surroundings) -> Result<EmbeddedShadow, ShadowError> {
    scratch::remove_leftovers(&surroundings.temporary);
    let scratch = ScratchFolder::create(&surroundings.temporary)?;
    start(scratch, bundled(wanted))
}

/// Starts the one that was kept in a folder; `None` when it was kept by another version of the server.
pub fn open_kept(
    files: &Path,
    manifest: &Manifest,
    surroundings: &Surroundings,
) -> Result<Option<EmbeddedShadow>, ShadowError> {
    if manifest.value("build") != Some(build()) {
        return Ok(None);
    }
    scratch::remove_leftovers(&surroundings.temporary);
    let scratch = ScratchFolder::create(&surroundings.temporary)?;
    snapshots::copy_tree(files, &scratch.path().join(DATA), &mut |_| Ok(()))?;
    let wanted: Vec<String> = manifest.values("bundled").map(str::to_owned).collect();
    start(scratch, bundled(&wanted)).map(Some)
}

/// Where the server keeps its data below the folder that it is given. It holds only the files that differ from a
/// fresh cluster, which is why keeping it is cheap.
const DATA: &str = "tmp/pglite/base";

/// Where extensions lie below that folder.
const EXTENSIONS: &str = "tmp/pglite/share/postgresql/extension";

/// What a kept state depends on.
fn build() -> &'static str {
    concat!("17.5 ", env!("CARGO_PKG_VERSION"))
}

fn suitable() -> impl Iterator<Item = &'static Extension> {
    extensions::ALL.iter().filter(|extension| !UNSUITABLE.contains(&extension.sql_name()))
}

fn bundled(wanted: &[String]) -> Vec<Extension> {
    suitable().filter(|extension| wanted.iter().any(|name| name == extension.sql_name())).copied().collect()
}

fn start(scratch: ScratchFolder, bundled: Vec<Extension>) -> Result<EmbeddedShadow, ShadowError> {
    let server = PgliteServer::builder()
        .path(scratch.path())
        .database("postgres")
        .relaxed_durability(true)
        .extensions(bundled.iter().copied())
        .postgres_configs([
            ("search_path", "\"$user\", public"),
            ("max_locks_per_transaction", "1024"),
            ("wal_recycle", "off"),
        ])
        .start()
        .map_err(|error| ShadowError::Embedded { doing: "starting", said: format!("{error:#}") })?;
    standins::install(&scratch.path().join(EXTENSIONS))?;

    let mut session =
        connect(&server).map_err(ShadowError::session("connecting to the embedded PostgreSQL"))?;
    let mut capabilities = Capabilities::ask(&mut session)?;
    debug_assert!(!capabilities.icu, "the embedded server is built without ICU");
    capabilities.stand_ins = standins::names().map(str::to_owned).collect();
    capabilities.sessions = Sessions::One;
    capabilities.owns_roles = true;
    capabilities.catches_errors = false;
    Ok(EmbeddedShadow { session: Some(session), server: Some(server), scratch, bundled, capabilities })
}

fn port(server: &PgliteServer) -> Result<u16, SessionError> {
    let address = server
        .tcp_addr()
        .ok_or_else(|| SessionError::Lost("the server does not say where it listens".to_owned()))?;
    Ok(address.port())
}

/// Connects. The server creates the extensions that it is told to provide, with each connection. A history has to
/// create them itself: so those that were not there before are dropped again.
fn connect(server: &PgliteServer) -> Result<Session, SessionError> {
    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(port(server)?).user("postgres").dbname("postgres");
    config.application_name("trueup");
    let mut session = super::connect_plainly(&config)?;
    let new: Vec<String> = session
        .rows(include_str!("new_extensions.sql"))?
        .into_iter()
        .flatten()
        .flatten()
        .map(|name| trueup_sql::quote_ident(&name))
        .collect();
    if !new.is_empty() {
        session.run(&format!("DROP EXTENSION {} CASCADE", new.join(", ")))?;
    }
    Ok(session)
}

impl EmbeddedShadow {
    fn end(&mut self) {
        // Without its connection the server writes everything down and ends.
        self.session = None;
        let Some(server) = self.server.take() else { return };
        let (done, ended) = mpsc::channel();
        std::thread::spawn(move || {
            let _ = done.send(server.shutdown());
        });
        let _ = ended.recv_timeout(END_LIMIT);
    }
}

impl Shadow for EmbeddedShadow {
    fn kind(&self) -> &'static str {
        "embedded"
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("a shadow has its session until it is kept or a new one cannot be had")
    }

    fn renew(&mut self) -> Result<(), SessionError> {
        let server = self
            .server
            .as_ref()
            .ok_or_else(|| SessionError::Lost("the embedded server has ended".to_owned()))?;
        self.session = None;
        self.session = Some(connect(server)?);
        Ok(())
    }

    fn lend(&mut self) -> Result<Address, ShadowError> {
        let server = self.server.as_ref();
        let server = server.ok_or_else(|| SessionError::Lost("the embedded server has ended".to_owned()));
        let port = server.and_then(port).map_err(ShadowError::session("lending the embedded PostgreSQL"))?;
        // It answers one connection.
        self.session = None;
        Ok(Address {
            host: "127.0.0.1".to_owned(),
            port,
            user: "postgres".to_owned(),
            password: String::new(),
            database: "postgres".to_owned(),
        })
    }

    fn made_roles(&mut self, _names: &[String]) {}

    fn keep(mut self: Box<Self>, folder: &Path) -> Result<Kept, ShadowError> {
        let mut manifest = Manifest::new("embedded", &self.capabilities);
        manifest.set("build", build());
        for extension in &self.bundled {
            manifest.set("bundled", extension.sql_name());
        }
        snapshots::shorten_log(self.session())?;
        self.end();
        snapshots::write(folder, manifest, &self.scratch.path().join(DATA), None)
    }
}

impl Drop for EmbeddedShadow {
    fn drop(&mut self) {
        self.end();
    }
}

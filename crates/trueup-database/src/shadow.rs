//! Throwaway databases on which a history is replayed, and how one is chosen.
//!
//! Three kinds: the PostgreSQL inside this program, a server started from binaries that are installed here, and a
//! scratch database on a server given by its URL. What each of them can do is said by its [`Capabilities`].

pub mod capabilities;
pub mod choice;
pub mod error;
pub mod snapshots;

#[cfg(feature = "embedded")]
mod embedded;
pub mod local;
pub mod url;

mod scratch;
#[cfg(feature = "embedded")]
mod standins;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::session::{Session, SessionError};

pub use capabilities::{Capabilities, Sessions};
pub use choice::{AtHand, Choice, Need, Offer, ShadowRequest, Which, choose};
pub use error::ShadowError;
pub use local::LocalServer;
pub use snapshots::{Kept, open_kept};

/// A throwaway database. It is gone when this is dropped.
pub trait Shadow {
    /// `embedded`, `local` or `url`: the word of the reports.
    fn kind(&self) -> &'static str;

    fn capabilities(&self) -> &Capabilities;

    fn session(&mut self) -> &mut Session;

    /// Begins a new connection in place of the one at hand. A transaction that was open is rolled back.
    fn renew(&mut self) -> Result<(), SessionError>;

    /// Ends our own connection, so that another program may have the database, and says where it is. [`Shadow::renew`]
    /// brings ours back.
    fn lend(&mut self) -> Result<Address, ShadowError>;

    /// Roles that a replay made. Roles belong to the whole server: where that is not the shadow's own, they are
    /// dropped together with the shadow.
    fn made_roles(&mut self, names: &[String]);

    /// Ends the shadow and keeps its state in a folder, from which [`open_kept`] brings it back. The folder is
    /// written beside and renamed: it exists whole or not at all.
    fn keep(self: Box<Self>, folder: &Path) -> Result<Kept, ShadowError>;
}

/// Where another program finds a shadow. Only this machine can reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// A name, or the folder of a socket.
    pub host: String,
    pub port: u16,
    pub user: String,
    /// Empty where none is needed.
    pub password: String,
    pub database: String,
}

/// Where shadows may put what they need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// For what is worth keeping from one run to the next.
    pub cache: PathBuf,
    /// For what is gone with the run.
    pub temporary: PathBuf,
}

impl Surroundings {
    /// The usual folders of this system: `$XDG_CACHE_HOME/trueup` or what stands for it, and the temporary folder.
    pub fn usual() -> Self {
        let variable =
            |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let temporary = memory_folder().unwrap_or_else(std::env::temp_dir);
        let cache = match variable("XDG_CACHE_HOME") {
            Some(folder) if folder.is_absolute() => Some(folder),
            Some(_) | None if cfg!(windows) => variable("LOCALAPPDATA"),
            Some(_) | None if cfg!(target_os = "macos") => {
                variable("HOME").map(|home| home.join("Library").join("Caches"))
            }
            Some(_) | None => variable("HOME").map(|home| home.join(".cache")),
        };
        let cache = cache.map_or_else(|| temporary.join("trueup-cache"), |folder| folder.join("trueup"));
        Self { cache, temporary }
    }
}

/// A folder in memory, where there is a large one. Most of the time of a replay goes into making files, five for a
/// table with a key; in memory that takes a quarter of the time.
fn memory_folder() -> Option<PathBuf> {
    let mounts = std::fs::read_to_string("/proc/mounts").ok()?;
    let folder = roomy_memory(&mounts)?;
    // Not every sandbox lets us write there.
    tempfile::tempfile_in(&folder).ok().map(|_| folder)
}

/// `/dev/shm` if its size is given and is enough. Containers often have 64 MB of it.
fn roomy_memory(mounts: &str) -> Option<PathBuf> {
    const ENOUGH: u64 = 2 << 20;
    mounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(' ').collect();
        let [_, "/dev/shm", "tmpfs", options, ..] = fields.as_slice() else { return None };
        let size = options.split(',').find_map(|option| option.strip_prefix("size="))?;
        let kilobytes: u64 = size.strip_suffix('k')?.parse().ok()?;
        (kilobytes >= ENOUGH).then(|| PathBuf::from("/dev/shm"))
    })
}

/// Connects to the server that a URL names: to the database of the URL, or to another one on the same server.
pub type Opener = Arc<dyn Fn(Option<&str>) -> Result<Session, SessionError> + Send + Sync>;

/// Lists what could be a shadow here. Starts nothing.
pub fn at_hand(request: &ShadowRequest) -> AtHand {
    let local = match request {
        ShadowRequest::Auto => local::find(None),
        ShadowRequest::Local(folder) => local::find(folder.as_deref()),
        ShadowRequest::Embedded | ShadowRequest::Url => Vec::new(),
    };
    AtHand { embedded: embedded_offer(), local }
}

/// Starts the shadow that was chosen. `opener` is needed for one given by URL.
pub fn open(
    choice: &Choice,
    surroundings: &Surroundings,
    opener: Option<Opener>,
) -> Result<Box<dyn Shadow>, ShadowError> {
    match &choice.which {
        Which::Embedded { extensions } => open_embedded(extensions, surroundings),
        Which::Local(server) => Ok(Box::new(local::open(server, surroundings)?)),
        Which::Url => match opener {
            Some(opener) => Ok(Box::new(url::open(opener)?)),
            None => Err(ShadowError::NotAtHand(
                "a shadow by URL was asked for without a URL; pass --shadow postgresql://…".to_owned(),
            )),
        },
    }
}

/// Removes whatever shadows of this process are on somebody else's server or disk: for a process that was told to end
/// while it uses them. What a shadow was doing fails.
pub fn abandon() {
    url::abandon();
    scratch::abandon();
}

/// A session without encryption, for servers that only this machine can reach.
fn connect_plainly(config: &tokio_postgres::Config) -> Result<Session, SessionError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| SessionError::Lost(format!("no runtime for the connection: {error}")))?;
    let (client, version) = runtime.block_on(async {
        let (client, connection) =
            config.connect(tokio_postgres::NoTls).await.map_err(|error| SessionError::from_driver(&error))?;
        // The server tells its version while connecting; the connection knows it, the client does not.
        let version = connection.parameter("server_version").unwrap_or_default().to_owned();
        tokio::spawn(connection);
        Ok::<_, SessionError>((client, version))
    })?;
    let mut session = Session::new(runtime, client, &version);
    session.keep_plans();
    Ok(session)
}

#[cfg(feature = "embedded")]
pub fn embedded_offer() -> Option<Offer> {
    Some(embedded::offer())
}

#[cfg(not(feature = "embedded"))]
pub fn embedded_offer() -> Option<Offer> {
    None
}

/// What the embedded server knows of extensions that it lacks; changes whenever that does.
#[cfg(feature = "embedded")]
pub fn stand_ins_fingerprint() -> String {
    standins::fingerprint()
}

#[cfg(not(feature = "embedded"))]
pub fn stand_ins_fingerprint() -> String {
    String::new()
}

#[cfg(feature = "embedded")]
fn open_embedded(extensions: &[String], surroundings: &Surroundings) -> Result<Box<dyn Shadow>, ShadowError> {
    Ok(Box::new(embedded::open(extensions, surroundings)?))
}

#[cfg(not(feature = "embedded"))]
fn open_embedded(_: &[String], _: &Surroundings) -> Result<Box<dyn Shadow>, ShadowError> {
    Err(ShadowError::NotAtHand(
        "this build of trueup has no embedded PostgreSQL; use --shadow local or --shadow postgresql://…"
            .to_owned(),
    ))
}

#[cfg(all(test, feature = "embedded"))]
pub(crate) mod tests;

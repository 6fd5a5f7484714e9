//! As whom servers run, and where they may keep their files.
//!
//! PostgreSQL refuses to run as root. There the servers run as `postgres`, or as `nobody` where that does not
//! exist, and everything they read must lie in folders that such an account may enter: not below /root.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The account for servers, where it is not the one of this process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    user: u32,
    group: u32,
}

/// `None`: servers can run as whoever runs the tests.
pub(super) fn other_account() -> Option<Account> {
    if !is_root() {
        return None;
    }
    let found = ["postgres", "nobody"]
        .iter()
        .find_map(|name| Some(Account { user: id_of(&["-u", name])?, group: id_of(&["-g", name])? }));
    assert!(
        found.is_some(),
        "starting a test server: running as root, and there is neither an account `postgres` nor `nobody` to run it \
         as; run the tests as another user"
    );
    found
}

pub(super) fn is_root() -> bool {
    own_user() == 0
}

fn own_user() -> u32 {
    fs::metadata("/proc/self").expect("reading /proc/self").uid()
}

fn id_of(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Lets the program run as the account for servers.
pub(super) fn run_as(command: &mut Command, account: Option<Account>) -> &mut Command {
    match account {
        Some(account) => command.uid(account.user).gid(account.group),
        None => command,
    }
}

/// Gives a file or folder to the account for servers.
pub(super) fn give_to(path: &Path, account: Option<Account>) {
    if let Some(account) = account {
        chown(path, Some(account.user), Some(account.group))
            .unwrap_or_else(|error| panic!("giving {} to the server's account: {error}", path.display()));
    }
}

/// The folder that keeps what was unpacked from one run to the next: `servers` or `tools`.
pub fn cache_folder(kind: &str) -> PathBuf {
    let below = Path::new("trueup").join(kind);
    let usual = std::env::var_os("XDG_CACHE_HOME")
        .filter(|folder| Path::new(folder).is_absolute())
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")))
        .map(|cache| cache.join(below));
    if let Some(folder) = usual.filter(|folder| !is_root() || everybody_enters(folder)) {
        fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("creating {}: {error}", folder.display()));
        return folder;
    }
    let own = PathBuf::from(format!("/var/tmp/trueup-{}", own_user()));
    let folder = own.join(kind);
    fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("creating {}: {error}", folder.display()));
    // Everybody may write to /var/tmp: programs must not be taken from a folder that somebody else laid there.
    let metadata =
        fs::symlink_metadata(&own).unwrap_or_else(|error| panic!("reading {}: {error}", own.display()));
    assert!(
        metadata.is_dir() && metadata.uid() == own_user() && metadata.mode() & 0o022 == 0,
        "unpacking for tests: {} belongs to somebody else or can be written by others; remove it",
        own.display()
    );
    folder
}

/// The folder for data and sockets of running servers.
pub(super) fn run_folder() -> PathBuf {
    let usual = std::env::temp_dir();
    // The path of a Unix socket may have 107 bytes, of which the name of the folder and the file need about 60.
    let short = usual.as_os_str().len() <= 45;
    if short && (!is_root() || everybody_enters(&usual)) { usual } else { PathBuf::from("/tmp") }
}

/// Whether every folder on the way that exists can be entered by everybody.
fn everybody_enters(folder: &Path) -> bool {
    folder
        .ancestors()
        .filter_map(|ancestor| fs::metadata(ancestor).ok())
        .all(|metadata| metadata.permissions().mode() & 0o001 != 0)
}

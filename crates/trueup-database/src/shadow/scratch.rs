//! Folders that are gone with the run: made, marked as in use, removed, and swept up after a crash.
//!
//! Each holds a file that its owner keeps locked. A folder whose lock can be taken belongs to nobody any more,
//! however its owner ended.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::ShadowError;

const PREFIX: &str = "trueup-shadow-";
const LOCK: &str = "lock";

/// A folder younger than this may not have got its lock yet.
const NEWBORN: Duration = Duration::from_secs(60);

/// The folders of this process that are there now.
static IN_USE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn in_use() -> MutexGuard<'static, Vec<PathBuf>> {
    // The list is as good after a panic as before.
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes them all, with the servers that run in them.
pub(super) fn abandon() {
    for path in std::mem::take(&mut *in_use()) {
        stop_server(&path.join("data"));
        let _ = fs::remove_dir_all(path);
    }
}

pub struct ScratchFolder {
    path: PathBuf,
    /// Locked as long as the folder is in use.
    _lock: File,
}

impl ScratchFolder {
    pub fn create(temporary: &Path) -> Result<Self, ShadowError> {
        fs::create_dir_all(temporary).map_err(ShadowError::file("creating", temporary))?;
        let path = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(temporary)
            .map_err(ShadowError::file("creating a scratch folder in", temporary))?
            .keep();
        in_use().push(path.clone());
        let lock_path = path.join(LOCK);
        let lock = File::create(&lock_path)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(ShadowError::file("locking", &lock_path))?;
        Ok(Self { path, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        in_use().retain(|path| *path != self.path);
        // What is left over is swept up by the next run.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes what runs that crashed have left in the temporary folder: servers first, then their folders.
/// Whatever cannot be removed (it may be somebody else's) is left alone.
pub fn remove_leftovers(temporary: &Path) {
    let Ok(entries) = fs::read_dir(temporary) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && is_abandoned(&entry.path()) {
            stop_server(&entry.path().join("data"));
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_abandoned(folder: &Path) -> bool {
    let old = |path: &Path| {
        fs::metadata(path)
            .and_then(|data| data.modified())
            .is_ok_and(|modified| SystemTime::now().duration_since(modified).is_ok_and(|age| age > NEWBORN))
    };
    let lock = folder.join(LOCK);
    match File::options().read(true).write(true).open(&lock) {
        Ok(file) => match file.try_lock() {
            Ok(()) => old(&lock),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => old(folder),
        Err(_) => false,
    }
}

/// Stops a server that still runs on an abandoned data folder. Its process number may belong to somebody else by
/// now, so the command line has to name the folder.
#[cfg(unix)]
fn stop_server(data: &Path) {
    let Ok(file) = fs::read_to_string(data.join("postmaster.pid")) else { return };
    let Some(process) = file.lines().next().and_then(|line| line.trim().parse::<u32>().ok()) else { return };
    let process = process.to_string();
    let listed = Command::new("ps").args(["-o", "args=", "-p", &process]).stderr(Stdio::null()).output();
    let is_ours =
        listed.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(&*data.to_string_lossy()));
    if is_ours {
        let _ = Command::new("kill").args(["-QUIT", &process]).stderr(Stdio::null()).status();
    }
}

/// Without a way to make sure whose process it is, none is ended; its folder then cannot be removed either.
#[cfg(not(unix))]
fn stop_server(_data: &Path) {}

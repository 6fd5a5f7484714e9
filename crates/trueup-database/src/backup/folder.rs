//! The folder of a backup while it is made: beside its place, for nobody else to read, and gone if it does not get
//! there.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::BackupError;
use super::manifest::FileHeld;

const PREFIX: &str = ".trueup-unfinished-backup-";
const LOCK: &str = "lock";

/// What a version control should see of the rows of a production database that lie in a project.
const IGNORE: &str = "# Rows of a database: not to be committed.\n*\n";

/// The unfinished folders of this process.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    // The list is as good after a panic as before.
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what is unfinished: for a process that was told to end.
pub fn abandon() {
    for path in std::mem::take(&mut *unfinished()) {
        let _ = fs::remove_dir_all(path);
    }
}

/// A folder that is not at its place yet.
pub struct Beside {
    path: PathBuf,
    place: PathBuf,
    lock: Option<File>,
}

impl Beside {
    pub fn make(place: &Path) -> Result<Self, BackupError> {
        refuse_existing(place)?;
        let parent = match place.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) => Path::new("."),
            None => return Err(BackupError::Exists(place.to_owned())),
        };
        if !parent.is_dir() {
            return Err(BackupError::NoFolder(parent.to_owned()));
        }
        sweep(parent);
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o700));
        }
        let path =
            builder.tempdir_in(parent).map_err(BackupError::file("making a folder in", parent))?.keep();
        unfinished().push(path.clone());
        let mut beside = Self { path, place: place.to_owned(), lock: None };
        let lock = beside.path.join(LOCK);
        let file = create(&lock).and_then(|file| file.lock().map(|()| file));
        beside.lock = Some(file.map_err(BackupError::file("locking", &lock))?);
        Ok(beside)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file whose content is at hand.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<FileHeld, BackupError> {
        let path = self.path.join(name);
        let mut file = NewFile::create(&self.path, name).map_err(BackupError::file("writing", &path))?;
        file.write_all(bytes).and_then(|()| file.finish()).map_err(BackupError::file("writing", &path))
    }

    /// Gives the folder its name.
    pub fn place(mut self) -> Result<PathBuf, BackupError> {
        self.write(".gitignore", IGNORE.as_bytes())?;
        let lock = self.path.join(LOCK);
        drop(self.lock.take());
        fs::remove_file(&lock).map_err(BackupError::file("removing", &lock))?;
        sync_folder(&self.path).map_err(BackupError::file("writing", &self.path))?;
        refuse_existing(&self.place)?;
        fs::rename(&self.path, &self.place).map_err(BackupError::file("giving its name to", &self.place))?;
        if let Some(parent) = self.place.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_folder(parent).map_err(BackupError::file("writing", parent))?;
        }
        Ok(self.place.clone())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        unfinished().retain(|path| *path != self.path);
        // Gone already where it got its name.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn refuse_existing(place: &Path) -> Result<(), BackupError> {
    match fs::symlink_metadata(place) {
        Ok(_) => Err(BackupError::Exists(place.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(BackupError::file("looking at", place)(error)),
    }
}

/// Removes what runs that were killed have left: whose lock can be had belongs to nobody.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let Ok(lock) = File::options().write(true).open(entry.path().join(LOCK)) else { continue };
        match lock.try_lock() {
            Ok(()) => drop(fs::remove_dir_all(entry.path())),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        }
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Only systems that can open a folder can also be told to write it down.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// A file that is hashed while it is written.
pub struct NewFile {
    name: String,
    file: io::BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl NewFile {
    pub fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let file = io::BufWriter::with_capacity(1 << 16, create(&folder.join(name))?);
        Ok(Self { name: name.to_owned(), file, hasher: blake3::Hasher::new(), bytes: 0 })
    }

    /// Waits until it is on the disk.
    pub fn finish(mut self) -> io::Result<FileHeld> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        Ok(FileHeld {
            name: self.name,
            bytes: self.bytes,
            blake3: self.hasher.finalize().to_hex().to_string(),
        })
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Reads a file again as it is listed in a manifest.
pub fn is_as_listed(folder: &Path, held: &FileHeld) -> io::Result<bool> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(folder.join(&held.name))?);
    let (mut hasher, mut bytes, mut buffer) = (blake3::Hasher::new(), 0, vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(bytes == held.bytes && hasher.finalize().to_hex().as_str() == held.blake3),
            count => {
                hasher.update(&buffer[..count]);
                bytes += count as u64;
            }
        }
    }
}

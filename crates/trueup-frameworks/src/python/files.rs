//! Where the evaluator reads files: from the disk, or, in tests, from memory. It knows no other way to the world.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

pub trait Files {
    /// The bytes of a file; `None` where there is none that can be read.
    fn read(&self, path: &Utf8Path) -> Option<Vec<u8>>;
    fn is_file(&self, path: &Utf8Path) -> bool;
    fn is_folder(&self, path: &Utf8Path) -> bool;
    /// The names in a folder, sorted.
    fn list(&self, folder: &Utf8Path) -> Vec<String>;
    /// The names in a folder in the order in which the system tells them: what a program sees that does not sort them.
    fn list_unsorted(&self, folder: &Utf8Path) -> Vec<String>;
}

/// Larger files are not read.
const LARGEST: u64 = 16_000_000;

/// The disk.
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Utf8Path) -> Option<Vec<u8>> {
        let regular = std::fs::metadata(path).is_ok_and(|data| data.is_file() && data.len() <= LARGEST);
        if regular { std::fs::read(path).ok() } else { None }
    }

    fn is_file(&self, path: &Utf8Path) -> bool {
        path.is_file()
    }

    fn is_folder(&self, path: &Utf8Path) -> bool {
        path.is_dir()
    }

    fn list(&self, folder: &Utf8Path) -> Vec<String> {
        let mut names = self.list_unsorted(folder);
        names.sort();
        names
    }

    fn list_unsorted(&self, folder: &Utf8Path) -> Vec<String> {
        let entries = folder.read_dir_utf8().into_iter().flatten().filter_map(Result::ok);
        entries.map(|entry| entry.file_name().to_owned()).collect()
    }
}

/// Files that are given: paths and contents.
#[derive(Default)]
pub struct Memory {
    files: BTreeMap<Utf8PathBuf, Vec<u8>>,
}

impl Memory {
    pub fn new<P: Into<Utf8PathBuf>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        Self { files: files.into_iter().map(|(path, bytes)| (path.into(), bytes.into())).collect() }
    }
}

impl Files for Memory {
    fn read(&self, path: &Utf8Path) -> Option<Vec<u8>> {
        self.files.get(path).cloned()
    }

    fn is_file(&self, path: &Utf8Path) -> bool {
        self.files.contains_key(path)
    }

    fn is_folder(&self, path: &Utf8Path) -> bool {
        self.files.keys().any(|file| file != path && file.starts_with(path))
    }

    fn list(&self, folder: &Utf8Path) -> Vec<String> {
        let mut names: Vec<String> = self
            .files
            .keys()
            .filter_map(|file| file.strip_prefix(folder).ok())
            .filter_map(|inside| inside.components().next())
            .map(|first| first.as_str().to_owned())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// As if what begins with the last letter had come first: whoever sorts can be told from who does not.
    fn list_unsorted(&self, folder: &Utf8Path) -> Vec<String> {
        let mut names = self.list(folder);
        names.reverse();
        names
    }
}

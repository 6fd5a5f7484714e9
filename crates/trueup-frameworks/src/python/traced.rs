//! What was asked of the disk, and what it answered: as long as every answer stays the same, so does whatever was worked
//! out from them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::Metadata;
use std::time::{SystemTime, UNIX_EPOCH};

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use super::files::{Disk, Files};

/// The disk, with a record of what it was asked.
pub struct Traced {
    /// By path, as text: paths are compared part by part, which takes long.
    seen: RefCell<BTreeMap<String, Seen>>,
    began: SystemTime,
}

/// Answers of the disk.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// In nanoseconds since the beginning of 1970.
    began: i64,
    seen: BTreeMap<String, Seen>,
}

/// What was asked about one path, and the answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Seen {
    /// How it lay on the disk before it was first looked into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stamp: Option<Stamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_file: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_folder: Option<bool>,
    /// A hash of its bytes; one of nothing where it cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
    /// A hash of the names in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    names: Option<String>,
    /// The same, in the order of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unsorted: Option<String>,
}

/// What a file system changes whenever it changes a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    device: u64,
    number: u64,
    size: u64,
    modified: i64,
    changed: i64,
}

/// What was changed so shortly before it was looked at may have been changed once more with the same stamp: clocks of
/// file systems are coarse. In nanoseconds.
const TOO_FRESH: i64 = 2_000_000_000;

impl Default for Traced {
    fn default() -> Self {
        Self { seen: RefCell::default(), began: SystemTime::now() }
    }
}

impl Traced {
    /// What was asked so far.
    pub fn trace(&self) -> Trace {
        Trace { began: nanoseconds(self.began), seen: self.seen.borrow().clone() }
    }

    fn note(&self, path: &Utf8Path, note: impl FnOnce(&mut Seen)) {
        let mut seen = self.seen.borrow_mut();
        match seen.get_mut(path.as_str()) {
            Some(known) => note(known),
            None => note(seen.entry(path.as_str().to_owned()).or_default()),
        }
    }

    /// Before the disk is asked, so that a change in between is seen.
    fn stamp(&self, path: &Utf8Path) {
        self.note(path, |seen| {
            if seen.stamp.is_none() {
                seen.stamp = std::fs::metadata(path).ok().and_then(|data| Stamp::of(&data));
            }
        });
    }
}

impl Files for Traced {
    fn read(&self, path: &Utf8Path) -> Option<Vec<u8>> {
        self.stamp(path);
        let bytes = Disk.read(path);
        self.note(path, |seen| seen.bytes = Some(hash_of_bytes(bytes.as_deref())));
        bytes
    }

    fn is_file(&self, path: &Utf8Path) -> bool {
        let is_file = Disk.is_file(path);
        self.note(path, |seen| seen.is_file = Some(is_file));
        is_file
    }

    fn is_folder(&self, path: &Utf8Path) -> bool {
        let is_folder = Disk.is_folder(path);
        self.note(path, |seen| seen.is_folder = Some(is_folder));
        is_folder
    }

    fn list(&self, folder: &Utf8Path) -> Vec<String> {
        self.stamp(folder);
        let names = Disk.list(folder);
        self.note(folder, |seen| seen.names = Some(hash_of_names(&names)));
        names
    }

    fn list_unsorted(&self, folder: &Utf8Path) -> Vec<String> {
        self.stamp(folder);
        let names = Disk.list_unsorted(folder);
        self.note(folder, |seen| seen.unsorted = Some(hash_of_names(&names)));
        names
    }
}

impl Trace {
    /// Whether the disk would give the same answers now.
    pub fn holds(&self) -> bool {
        self.seen.iter().all(|(path, seen)| seen.holds(Utf8Path::new(path), self.began))
    }
}

impl Seen {
    fn holds(&self, path: &Utf8Path, began: i64) -> bool {
        let now = std::fs::metadata(path).ok();
        let same_kind = self.is_file.is_none_or(|is| is == now.as_ref().is_some_and(Metadata::is_file))
            && self.is_folder.is_none_or(|is| is == now.as_ref().is_some_and(Metadata::is_dir));
        if !same_kind {
            return false;
        }
        let stamp = now.as_ref().and_then(Stamp::of);
        if stamp.is_some_and(|stamp| Some(stamp) == self.stamp && stamp.is_settled(began)) {
            return true;
        }
        self.bytes.as_ref().is_none_or(|hash| *hash == hash_of_bytes(Disk.read(path).as_deref()))
            && self.names.as_ref().is_none_or(|hash| *hash == hash_of_names(&Disk.list(path)))
            && self.unsorted.as_ref().is_none_or(|hash| *hash == hash_of_names(&Disk.list_unsorted(path)))
    }
}

impl Stamp {
    #[cfg(unix)]
    fn of(data: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds =
            |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Some(Self {
            device: data.dev(),
            number: data.ino(),
            size: data.size(),
            modified: nanoseconds(data.mtime(), data.mtime_nsec()),
            changed: nanoseconds(data.ctime(), data.ctime_nsec()),
        })
    }

    /// Where nothing tells every change, bytes and names are compared.
    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Option<Self> {
        None
    }

    /// Whether it is old enough, seen from then, to change with the next change of the file.
    fn is_settled(self, began: i64) -> bool {
        self.modified.max(self.changed).saturating_add(TOO_FRESH) < began
    }
}

fn nanoseconds(moment: SystemTime) -> i64 {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

fn hash_of_bytes(bytes: Option<&[u8]>) -> String {
    bytes.map_or_else(String::new, |bytes| shortened(blake3::hash(bytes)))
}

fn hash_of_names(names: &[String]) -> String {
    let mut hasher = blake3::Hasher::new();
    for name in names {
        hasher.update(name.as_bytes());
        hasher.update(&[0]);
    }
    shortened(hasher.finalize())
}

/// Long enough that no two files share it by chance.
fn shortened(hash: blake3::Hash) -> String {
    hash.to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use camino::Utf8PathBuf;

    use super::*;

    /// What is asked of a folder with a package in it.
    fn ask(files: &Traced, root: &Utf8Path) {
        files.list(root);
        files.list_unsorted(&root.join("shop"));
        files.read(&root.join("shop/models.py"));
        files.read(&root.join("absent.py"));
        files.is_file(&root.join("shop/__init__.py"));
        files.is_folder(&root.join("shop"));
        files.is_folder(&root.join("blog"));
    }

    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).expect("a path");
        fs::create_dir(root.join("shop")).expect("a package");
        fs::write(root.join("shop/models.py"), "x = 1\n").expect("a file");
        fs::write(root.join("ab"), "").expect("a file");
        fs::write(root.join("c"), "").expect("a file");
        fs::write(root.join("shop/views.py"), "").expect("a file");
        (folder, root)
    }

    /// Written and read back, as it is kept; `began` says when it was taken.
    fn trace(root: &Utf8Path, began: SystemTime) -> Trace {
        let files = Traced { began, ..Traced::default() };
        ask(&files, root);
        let trace = files.trace();
        let written = serde_json::to_vec(&trace).expect("a written trace");
        let read: Trace = serde_json::from_slice(&written).expect("a read trace");
        assert_eq!(read, trace);
        read
    }

    #[test]
    fn every_change_of_an_answer_is_seen_and_no_other_change() {
        type Change = fn(&Utf8Path) -> std::io::Result<()>;
        let changes: [(&str, Change, bool); 11] = [
            ("nothing", |_| Ok(()), true),
            ("a file that was not read", |root| fs::write(root.join("shop/views.py"), ""), true),
            ("the same text once more", |root| fs::write(root.join("shop/models.py"), "x = 1\n"), true),
            ("as many other bytes", |root| fs::write(root.join("shop/models.py"), "x = 2\n"), false),
            ("a file more in the other folder", |root| fs::write(root.join("shop/more.py"), ""), false),
            ("a file more in the folder", |root| fs::write(root.join("other.py"), ""), false),
            (
                "names that are one text with the old ones",
                |root| {
                    fs::rename(root.join("ab"), root.join("a"))?;
                    fs::rename(root.join("c"), root.join("bc"))
                },
                false,
            ),
            ("a file that was missing", |root| fs::write(root.join("absent.py"), ""), false),
            ("a package of it", |root| fs::write(root.join("shop/__init__.py"), ""), false),
            ("a folder that was missing", |root| fs::create_dir(root.join("blog")), false),
            ("a file that is gone", |root| fs::remove_file(root.join("shop/models.py")), false),
        ];
        // Taken while the files were new, and long after: by their bytes, and by their stamps.
        for later in [0, 60] {
            for (what, change, same) in changes {
                let (_kept, root) = folder();
                let trace = trace(&root, SystemTime::now() + Duration::from_secs(later));
                change(&root).expect("a change");
                assert_eq!(trace.holds(), same, "{what}, taken {later} s later");
            }
        }
    }

    #[test]
    fn what_was_fresh_is_compared_by_its_bytes() {
        let (_kept, root) = folder();
        let path = root.join("shop/models.py");
        let mut trace = trace(&root, SystemTime::now());
        fs::write(&path, "x = 2\n").expect("a change");
        // As if the clock of the file system had not moved on in between.
        let now = Stamp::of(&fs::metadata(&path).expect("a file"));
        trace.seen.get_mut(path.as_str()).expect("what was seen").stamp = now;
        assert!(!trace.holds());
    }
}

//! The state of a shadow in a folder, to be opened again: so that a new migration replays only itself.
//!
//! Only what differs from a fresh cluster is kept. A fresh one is at hand wherever the kept one can be used at all,
//! and most of a small database is the system's own catalogs as they were made.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{Capabilities, Shadow, ShadowError, Surroundings};
use crate::session::Session;

const FIRST_LINE: &str = "trueup shadow 1";
const MANIFEST: &str = "shadow";
const FILES: &str = "files";

/// What was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub files: usize,
    /// Without what is empty in them.
    pub bytes: u64,
}

/// Opens the shadow that was kept in a folder. `None`: there is none, or it was made by something that is not at
/// hand any more; then the history has to be replayed from its beginning.
pub fn open_kept(folder: &Path, surroundings: &Surroundings) -> Result<Option<Box<dyn Shadow>>, ShadowError> {
    let Some(manifest) = Manifest::read(folder)? else { return Ok(None) };
    match manifest.value("kind") {
        Some("local") => {
            let shadow = super::local::open_kept(&folder.join(FILES), &manifest, surroundings)?;
            Ok(shadow.map(|shadow| Box::new(shadow) as Box<dyn Shadow>))
        }
        #[cfg(feature = "embedded")]
        Some("embedded") => {
            let shadow = super::embedded::open_kept(&folder.join(FILES), &manifest, surroundings)?;
            Ok(shadow.map(|shadow| Box::new(shadow) as Box<dyn Shadow>))
        }
        Some(_) | None => Ok(None),
    }
}

/// What has to be known to use a kept shadow: names and values, a line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    lines: Vec<(String, String)>,
}

impl Manifest {
    pub fn new(kind: &str, capabilities: &Capabilities) -> Self {
        let mut manifest = Self::default();
        manifest.set("kind", kind);
        manifest.set("version", &capabilities.version_text);
        manifest
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.lines.push((name.to_owned(), value.to_owned()));
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.lines.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.lines.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// `None` when there is none, or one of a format that is not ours.
    fn read(folder: &Path) -> Result<Option<Self>, ShadowError> {
        let path = folder.join(MANIFEST);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ShadowError::file("reading", &path)(error)),
        };
        let mut lines = text.lines();
        if lines.next() != Some(FIRST_LINE) {
            return Ok(None);
        }
        let lines = lines.filter_map(|line| line.split_once(' ')).map(|(a, b)| (a.to_owned(), b.to_owned()));
        Ok(Some(Self { lines: lines.collect() }))
    }

    fn text(&self) -> String {
        let mut text = format!("{FIRST_LINE}\n");
        for (name, value) in &self.lines {
            text.push_str(&format!("{name} {value}\n"));
        }
        text
    }
}

/// Leaves the write-ahead log behind that nobody needs after an orderly stop: a new file of it is begun, and all
/// others are removed.
pub(super) fn shorten_log(session: &mut Session) -> Result<(), ShadowError> {
    session.set_limit(None);
    session
        .run("SELECT pg_catalog.pg_switch_wal()")
        .and_then(|()| session.run("CHECKPOINT"))
        .map_err(ShadowError::session("preparing the shadow to be kept"))
}

/// Keeps the files of a stopped cluster; those that are the same in `template` are left out.
pub(super) fn write(
    folder: &Path,
    mut manifest: Manifest,
    data: &Path,
    template: Option<&Path>,
) -> Result<Kept, ShadowError> {
    let mut kept = Kept { files: 0, bytes: 0 };
    if let Some(template) = template {
        for gone in list(template)?.into_iter().filter(|path| !data.join(path).exists()) {
            manifest.set("gone", &gone.to_string_lossy());
        }
    }
    place(folder, |beside| {
        for relative in list(data)? {
            let from = data.join(&relative);
            let to = beside.join(FILES).join(&relative);
            if from.is_dir() {
                // An empty folder means something to a server, and most are empty.
                fs::create_dir_all(&to).map_err(ShadowError::file("creating", &to))?;
            } else if !template.is_some_and(|template| same_content(&from, &template.join(&relative))) {
                kept.bytes += copy_file(&from, &to)?;
                kept.files += 1;
            }
        }
        let path = beside.join(MANIFEST);
        fs::write(&path, manifest.text()).map_err(ShadowError::file("writing", &path))
    })?;
    Ok(kept)
}

/// Puts kept files over a copy of the template that they were compared with.
pub(super) fn lay_over(
    files: &Path,
    manifest: &Manifest,
    data: &Path,
    made: &mut dyn FnMut(&Path) -> Result<(), ShadowError>,
) -> Result<(), ShadowError> {
    for gone in manifest.values("gone") {
        let path = data.join(gone);
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(ShadowError::file("removing", &path)(error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    copy_tree(files, data, made)
}

/// Writes a folder beside its place and renames it. Where somebody else was faster, theirs stays.
pub(super) fn place(
    folder: &Path,
    fill: impl FnOnce(&Path) -> Result<(), ShadowError>,
) -> Result<(), ShadowError> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(ShadowError::file("creating", parent))?;
    let beside = tempfile::Builder::new()
        .prefix(".partial-")
        .tempdir_in(parent)
        .map_err(ShadowError::file("creating a folder in", parent))?;
    fill(beside.path())?;
    if folder.join(MANIFEST).exists() {
        fs::remove_dir_all(folder).map_err(ShadowError::file("replacing", folder))?;
    }
    match fs::rename(beside.path(), folder) {
        Ok(()) => {
            // Renamed away: there is nothing left to remove.
            let _ = beside.keep();
            Ok(())
        }
        Err(_) if folder.is_dir() => Ok(()),
        Err(error) => Err(ShadowError::file("renaming to", folder)(error)),
    }
}

/// Copies everything in a folder, and tells of each file and folder that it made.
pub(super) fn copy_tree(
    from: &Path,
    to: &Path,
    made: &mut dyn FnMut(&Path) -> Result<(), ShadowError>,
) -> Result<(), ShadowError> {
    fs::create_dir_all(to).map_err(ShadowError::file("creating", to))?;
    made(to)?;
    for entry in fs::read_dir(from).map_err(ShadowError::file("reading", from))? {
        let entry = entry.map_err(ShadowError::file("reading", from))?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type().map_err(ShadowError::file("reading", from))?;
        if kind.is_dir() {
            copy_tree(&entry.path(), &target, made)?;
        } else {
            copy_file(&entry.path(), &target)?;
            made(&target)?;
        }
    }
    Ok(())
}

/// Copies a file without what is empty in it: a write-ahead log is mostly zeros that were never written to, and
/// so are the ends of many tables. Says how much was written.
fn copy_file(from: &Path, to: &Path) -> Result<u64, ShadowError> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(ShadowError::file("creating", parent))?;
    }
    copy_content(from, to).map_err(ShadowError::file("copying", from))
}

fn copy_content(from: &Path, to: &Path) -> std::io::Result<u64> {
    let mut source = fs::File::open(from)?;
    let mut target = fs::File::create(to)?;
    let mut block = vec![0; 1 << 16];
    let (mut length, mut written) = (0, 0);
    loop {
        let count = source.read(&mut block)?;
        if count == 0 {
            break;
        }
        if block[..count].iter().all(|byte| *byte == 0) {
            target.seek(SeekFrom::Current(count as i64))?;
        } else {
            target.write_all(&block[..count])?;
            written += count as u64;
        }
        length += count as u64;
    }
    target.set_len(length)?;
    target.set_permissions(source.metadata()?.permissions())?;
    Ok(written)
}

/// Everything in a folder, folders before what is in them, relative and sorted.
fn list(folder: &Path) -> Result<Vec<PathBuf>, ShadowError> {
    let mut found = Vec::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(relative) = waiting.pop() {
        let path = folder.join(&relative);
        for entry in fs::read_dir(&path).map_err(ShadowError::file("reading", &path))? {
            let entry = entry.map_err(ShadowError::file("reading", &path))?;
            let inner = relative.join(entry.file_name());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                waiting.push(inner.clone());
            }
            found.push(inner);
        }
    }
    found.sort();
    Ok(found)
}

fn same_content(a: &Path, b: &Path) -> bool {
    let (Ok(first), Ok(second)) = (fs::metadata(a), fs::metadata(b)) else { return false };
    if first.len() != second.len() || !second.is_file() {
        return false;
    }
    let (Ok(first), Ok(second)) = (fs::File::open(a), fs::File::open(b)) else { return false };
    same_bytes(first, second).unwrap_or(false)
}

fn same_bytes(mut first: fs::File, mut second: fs::File) -> std::io::Result<bool> {
    let (mut left, mut right) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let length = first.read(&mut left)?;
        if length == 0 {
            return Ok(true);
        }
        if second.read_exact(&mut right[..length]).is_err() || left[..length] != right[..length] {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_and_laid_over_is_what_was_there() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        let put = |path: &str, text: &str| {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), text).unwrap();
        };
        for (path, text) in [("template/same", "1"), ("template/changed", "2"), ("template/old/gone", "3")] {
            put(path, text);
        }
        for (path, text) in [("data/same", "1"), ("data/changed", "x"), ("data/new", "4")] {
            put(path, text);
        }
        fs::create_dir_all(at("data/empty")).unwrap();

        let manifest = Manifest { lines: vec![("kind".to_owned(), "local".to_owned())] };
        let kept = write(&at("kept"), manifest, &at("data"), Some(&at("template"))).unwrap();
        assert_eq!(kept, Kept { files: 2, bytes: 2 });

        let manifest = Manifest::read(&at("kept")).unwrap().unwrap();
        copy_tree(&at("template"), &at("again"), &mut |_| Ok(())).unwrap();
        lay_over(&at("kept").join(FILES), &manifest, &at("again"), &mut |_| Ok(())).unwrap();
        assert_eq!(list(&at("again")).unwrap(), list(&at("data")).unwrap());
        assert!(same_content(&at("again/changed"), &at("data/changed")));
    }

    #[test]
    fn a_manifest_of_another_format_is_none() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::read(root.path()).unwrap(), None);
        fs::write(root.path().join(MANIFEST), "trueup shadow 2\nkind local\n").unwrap();
        assert_eq!(Manifest::read(root.path()).unwrap(), None);
    }
}

//! Writes files whole: beside the place, then renamed.

use std::io::Write;

use camino::Utf8Path;

use crate::failure::Failure;

pub(crate) fn write_whole(file: &Utf8Path, text: &str) -> Result<(), Failure> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_str().is_empty() => folder,
        _ => Utf8Path::new("."),
    };
    if file.is_dir() {
        return Err(Failure::new(format!("writing {file}: it is a folder")).hint("name a file in it"));
    }
    if !folder.is_dir() {
        return Err(Failure::new(format!("writing {file}: there is no folder {folder}"))
            .hint("make the folder first, or name another one"));
    }
    let failure = |error: std::io::Error| {
        // The error names the file beside; only what went wrong is of interest.
        Failure::new(format!("writing {file}: {}", error.kind()))
            .hint(format!("check that the folder {folder} can be written to"))
    };
    let mut beside = tempfile::NamedTempFile::new_in(folder).map_err(failure)?;
    beside.write_all(text.as_bytes()).map_err(failure)?;
    beside.as_file().sync_all().map_err(failure)?;
    beside.persist(file).map_err(|error| failure(error.error))?;
    Ok(())
}

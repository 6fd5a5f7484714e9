//! Writes files whole: beside the place, then renamed.

use std::fs::{self, File};
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};

use crate::failure::Failure;

pub(crate) fn write_whole(file: &Utf8Path, text: &str) -> Result<(), Failure> {
    if file.as_str().is_empty() {
        return Err(Failure::new("writing the report: its file has no name").hint("--output FILE"));
    }
    if file.is_dir() {
        return Err(Failure::new(format!("writing {file}: it is a folder")).hint("name a file in it"));
    }
    // A link stays one: what it points to is replaced.
    let target = file.canonicalize_utf8().unwrap_or_else(|_| file.to_owned());
    // Errors name the file beside; only what went wrong is of interest.
    let written = match fs::metadata(&target) {
        Ok(there) if there.is_file() => replace(&target, text, Some(there.permissions())),
        // A pipe or a device cannot be replaced, and nothing in it can be half written.
        Ok(_) => {
            File::options().write(true).open(&target).and_then(|mut open| open.write_all(text.as_bytes()))
        }
        Err(_) => {
            let folder = folder_of(&target);
            if !folder.is_dir() {
                return Err(Failure::new(format!("writing {file}: there is no folder {folder}"))
                    .hint("make the folder first, or name another one"));
            }
            replace(&target, text, None)
        }
    };
    written.map_err(|error| {
        Failure::new(format!("writing {file}: {}", error.kind()))
            .hint(format!("check that {} can be written to", folder_of(file)))
    })
}

fn folder_of(file: &Utf8Path) -> Utf8PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_str().is_empty() => folder.to_owned(),
        _ => Utf8PathBuf::from("."),
    }
}

/// What was there keeps its permissions; a new file gets those that any program would give it.
fn replace(target: &Utf8Path, text: &str, permissions: Option<fs::Permissions>) -> std::io::Result<()> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    let usual = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(usual);
    let mut beside = builder.tempfile_in(folder_of(target))?;
    beside.write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        beside.as_file().set_permissions(permissions)?;
    }
    beside.as_file().sync_all()?;
    beside.persist(target).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).expect("UTF-8");
        (folder, path)
    }

    #[test]
    fn a_link_stays_and_what_it_points_to_is_replaced() {
        let (_keep, folder) = folder();
        let (real, link) = (folder.join("real.txt"), folder.join("link.txt"));
        fs::write(&real, "old").expect("a file");
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("permissions");
        std::os::unix::fs::symlink(&real, &link).expect("a link");
        write_whole(&link, "new").expect("written");
        assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
        assert_eq!(fs::read_to_string(&real).expect("a file"), "new");
        assert_eq!(fs::metadata(&real).expect("a file").permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_pipe_is_written_into() {
        let (_keep, folder) = folder();
        let pipe = folder.join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
        let reader = {
            let pipe = pipe.clone();
            std::thread::spawn(move || {
                let mut text = String::new();
                File::open(pipe).expect("the pipe").read_to_string(&mut text).expect("text");
                text
            })
        };
        write_whole(&pipe, "report").expect("written");
        assert_eq!(reader.join().expect("a reader"), "report");
        assert!(!fs::metadata(&pipe).expect("the pipe").is_file());
    }

    #[test]
    fn a_new_file_is_as_readable_as_any_other() {
        let (_keep, folder) = folder();
        let (ours, any) = (folder.join("ours"), folder.join("any"));
        write_whole(&ours, "text").expect("written");
        fs::write(&any, "text").expect("a file");
        let mode = |path: &Utf8Path| fs::metadata(path).expect("a file").permissions().mode();
        assert_eq!(mode(&ours), mode(&any));
    }

    #[test]
    fn a_file_needs_a_name() {
        assert!(write_whole(Utf8Path::new(""), "text").is_err());
    }
}

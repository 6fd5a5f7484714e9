//! What is fetched or built once and kept in the cache from one run to the next.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::account::cache_folder;

/// The folder of this name in the cache, made by the first who asks for it.
pub(crate) fn kept(kind: &str, name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let cache = cache_folder(kind);
    let folder = cache.join(name);
    if folder.is_dir() {
        return folder;
    }
    // Several test processes start at once; one makes it, the others wait for it and find the folder there.
    let lock_path = cache.join(format!("{name}.lock"));
    let lock =
        File::create(&lock_path).unwrap_or_else(|error| panic!("creating {}: {error}", lock_path.display()));
    lock.lock().unwrap_or_else(|error| panic!("locking {}: {error}", lock_path.display()));
    if !folder.is_dir() {
        let fresh = cache.join(format!("{name}.new"));
        remove_leftovers(&fresh);
        fs::create_dir_all(&fresh).unwrap_or_else(|error| panic!("creating {}: {error}", fresh.display()));
        make(&fresh);
        fs::rename(&fresh, &folder).unwrap_or_else(|error| panic!("renaming {}: {error}", fresh.display()));
    }
    folder
}

/// What a run left that was killed while it unpacked.
fn remove_leftovers(fresh: &Path) {
    if fresh.exists() {
        fs::remove_dir_all(fresh).unwrap_or_else(|error| panic!("removing {}: {error}", fresh.display()));
    }
}

/// Unpacks packages into `node_modules` of a folder. No script of theirs is run.
pub(crate) fn npm(folder: &Path, packages: &[&str]) {
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"])
        .arg("--prefix")
        .arg(folder)
        .args(packages)
        .current_dir(folder);
    must(&mut npm, "unpacking packages for the tests", "install Node.js with npm, version 16 or newer");
}

/// Runs a program that has to succeed.
pub(crate) fn must(command: &mut Command, doing: &str, advice: &str) {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{doing}: cannot start {:?}: {error}; {advice}", command.get_program())
    });
    assert!(
        output.status.success(),
        "{doing}: {:?} failed; {advice}\n{}{}",
        command.get_program(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

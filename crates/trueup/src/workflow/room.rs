//! How much room there is on a disk.

use camino::Utf8Path;

/// The bytes that are free where a folder is or would be made; `None` where the system does not tell.
pub(super) fn free(folder: &Utf8Path) -> Option<u64> {
    folder.ancestors().find(|folder| folder.exists()).and_then(free_in)
}

#[cfg(unix)]
fn free_in(folder: &Utf8Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder.as_std_path()).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free_in(_: &Utf8Path) -> Option<u64> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_yet_is_on_a_disk_too() {
        let temporary = Utf8Path::from_path(&std::env::temp_dir()).map(Utf8Path::to_owned).expect("a path");
        assert!(free(&temporary.join("not/there")).is_some_and(|bytes| bytes > 0));
    }
}

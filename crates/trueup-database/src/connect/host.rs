//! The host where nothing names one.

use std::path::Path;

/// Where the packages of the systems put the sockets of their servers.
const USUAL_FOLDERS: &[&str] = &["/var/run/postgresql", "/run/postgresql", "/tmp"];

/// The first usual folder with a socket for this port, else `localhost`.
pub(crate) fn default_host(port: u16, exists: &dyn Fn(&Path) -> bool) -> String {
    let found = |folder: &&&str| exists(&Path::new(folder).join(format!(".s.PGSQL.{port}")));
    let folder = if cfg!(unix) { USUAL_FOLDERS.iter().find(found) } else { None };
    (*folder.unwrap_or(&"localhost")).to_owned()
}

pub(super) fn is_usual_folder(folder: &str) -> bool {
    USUAL_FOLDERS.contains(&folder.trim_end_matches('/'))
}

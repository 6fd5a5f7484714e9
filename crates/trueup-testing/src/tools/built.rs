//! Tools that are built from their crates, with the lock files that they were published with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::servers::client_libraries;
use crate::servers::kept::{kept, must};

pub(super) const DIESEL: &str = "2.3.14";
pub(super) const REFINERY: &str = "0.10.0";
pub(super) const SQLX: &str = "0.9.0";

/// Crate, version, and the features that are needed for PostgreSQL without TLS.
const CRATES: &[(&str, &str, &str)] = &[
    ("sqlx-cli", SQLX, "postgres"),
    ("refinery_cli", REFINERY, "postgresql"),
    ("diesel_cli", DIESEL, "postgres"),
];

pub(super) fn ensure() {
    folder();
}

pub(super) fn command(program: &str) -> Command {
    let mut command = Command::new(folder().join("bin").join(program));
    command.env_clear().env("LD_LIBRARY_PATH", client_libraries());
    command
}

/// One build for all of them, which share many of their dependencies.
fn folder() -> PathBuf {
    let name = format!("sqlx-{SQLX}-refinery-{REFINERY}-diesel-{DIESEL}");
    kept("tools", &name, |fresh| {
        let target = fresh.join("target");
        for (name, version, features) in CRATES {
            must(
                &mut install(fresh, &target, name, version, features),
                "building a tool",
                "look at the message",
            );
        }
        fs::remove_dir_all(&target).unwrap_or_else(|error| panic!("removing {}: {error}", target.display()));
    })
}

/// Started in the cache, so that settings of this project do not count.
fn install(root: &Path, target: &Path, name: &str, version: &str, features: &str) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["install", "--quiet", "--locked", "--debug", "--no-default-features"])
        .args(["--features", features, "--version", version, name])
        .arg("--root")
        .arg(root)
        .arg("--target-dir")
        .arg(target)
        .current_dir(root)
        // Built once and run for moments: what makes building quick.
        .envs([
            ("CARGO_PROFILE_DEV_DEBUG", "0"),
            ("CARGO_PROFILE_DEV_STRIP", "symbols"),
            ("CARGO_INCREMENTAL", "0"),
        ])
        // Diesel stands on PostgreSQL's own library of clients; the one of a test server will do.
        .env("PQ_LIB_DIR", client_libraries());
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
        cargo.env_remove(name);
    }
    cargo
}

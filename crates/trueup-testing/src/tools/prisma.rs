//! Prisma's command line, with its engine as WebAssembly: the usual one is fetched from a server of Prisma's own.
//!
//! Only the connection is another one: the engine speaks through a driver adapter, which is set up in
//! `data/tools/prisma.config.mjs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::servers::kept::{kept, npm};

pub(super) const VERSION: &str = "6.19.3";

/// Its dependencies are those of this day.
const DAY: &str = "2026-04-30";

const CONFIGURATION: &str = include_str!("../../data/tools/prisma.config.mjs");

pub(super) fn ensure() {
    folder();
}

fn folder() -> PathBuf {
    kept("tools", &format!("prisma-{VERSION}-{DAY}"), |fresh| {
        let adapter = format!("@prisma/adapter-pg@{VERSION}");
        npm(fresh, &[&format!("prisma@{VERSION}"), &adapter, &format!("--before={DAY}")]);
    })
}

/// `prisma` with a configuration beside the folder of the project.
pub(super) fn command(project: &Path) -> Command {
    let modules = folder().join("node_modules");
    let configuration = project.with_extension("prisma.config.mjs");
    let text = CONFIGURATION.replace("NODE_MODULES", &modules.to_string_lossy());
    fs::write(&configuration, text)
        .unwrap_or_else(|error| panic!("writing {}: {error}", configuration.display()));
    let program = modules.join("prisma/build/index.js");
    let mut command = Command::new("node");
    command.arg(&program).arg("--config").arg(&configuration);
    command
        .env_clear()
        .env("PROJECT", project)
        .env("CHECKPOINT_DISABLE", "1")
        // Where these are named, nothing is fetched; with an adapter, nothing starts them.
        .env("PRISMA_QUERY_ENGINE_LIBRARY", &program)
        .env("PRISMA_SCHEMA_ENGINE_BINARY", &program);
    command
}

//! The migration tools themselves, for tests that ask them what they make of what we write and read.
//!
//! dbmate and Prisma come as npm packages, sqlx, Diesel and refinery are built from their crates. Versions are pinned,
//! and everything is kept in the cache from one run to the next: the builds take some minutes the first time.
//! Flyway, golang-migrate and goose are in no package registry that carries their programs.

mod built;
mod prisma;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::servers::kept::{kept, npm};
use crate::servers::{Output, clients};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Dbmate,
    Diesel,
    Prisma,
    Refinery,
    Sqlx,
}

/// All that can be asked.
pub const TOOLS: &[Tool] = &[Tool::Dbmate, Tool::Diesel, Tool::Prisma, Tool::Refinery, Tool::Sqlx];

const DBMATE: &str = "2.36.0";

impl Tool {
    pub fn name(self) -> &'static str {
        match self {
            Tool::Dbmate => "dbmate",
            Tool::Diesel => "diesel",
            Tool::Prisma => "prisma",
            Tool::Refinery => "refinery",
            Tool::Sqlx => "sqlx",
        }
    }

    /// The pinned version.
    pub fn version(self) -> &'static str {
        match self {
            Tool::Dbmate => DBMATE,
            Tool::Diesel => built::DIESEL,
            Tool::Prisma => prisma::VERSION,
            Tool::Refinery => built::REFINERY,
            Tool::Sqlx => built::SQLX,
        }
    }

    /// Fetches or builds it, unless an earlier run did.
    pub fn ensure(self) {
        match self {
            Tool::Dbmate => drop(dbmate()),
            Tool::Prisma => prisma::ensure(),
            Tool::Diesel | Tool::Refinery | Tool::Sqlx => built::ensure(),
        }
    }

    /// Runs it in the folder of a project, with the URL of a database in `DATABASE_URL` and nothing else of the
    /// caller's environment.
    pub fn run(self, folder: &Path, url: &str, arguments: &[&str]) -> Output {
        let mut command = match self {
            Tool::Dbmate => Command::new(dbmate()),
            Tool::Prisma => prisma::command(folder),
            Tool::Diesel | Tool::Refinery | Tool::Sqlx => built::command(self.name()),
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.args(arguments).current_dir(folder);
        command.env("DATABASE_URL", url).env("PATH", path).env("HOME", folder).env("NO_COLOR", "1");
        clients::run(command, "")
    }
}

fn dbmate() -> PathBuf {
    const PACKAGE: &str = "@dbmate/linux-x64";
    let folder = kept("tools", &format!("dbmate-{DBMATE}"), |fresh| {
        npm(fresh, &[&format!("{PACKAGE}@{DBMATE}")]);
    });
    folder.join("node_modules").join(PACKAGE).join("bin/dbmate")
}

//! `cargo xtask oracle`: prepares what the tests compare with, and says which versions these are.

use anyhow::Result;
use trueup_testing::servers::{MAJORS, find, package_version, server};
use trueup_testing::tools::TOOLS;
use xshell::{Shell, cmd};

use crate::needs;
use crate::no_arguments;
use crate::steps::shell;

pub fn run(arguments: &[String]) -> Result<()> {
    no_arguments("oracle", arguments)?;
    let shell = shell()?;
    needs::ensure(&shell)?;
    for program in ["psql", "pg_dump"] {
        println!("{program:<8} {}", version_of(&shell, program)?);
    }
    for tool in TOOLS {
        println!("{:<8} {}", tool.name(), tool.version());
    }
    for &major in MAJORS {
        let version = needs::speaking(|| {
            let script = "\\pset tuples_only\n\\pset format unaligned\nSHOW server_version;";
            server(major).psql("postgres", script).must("asking for the version")
        })?;
        println!("server   {} (package {})", version.trim(), package_version(major));
    }
    Ok(())
}

/// What a program answers to `--version`.
pub fn version_of(shell: &Shell, program: &str) -> Result<String> {
    let path = find(program).unwrap_or_else(|| program.into());
    Ok(cmd!(shell, "{path} --version").quiet().read()?)
}

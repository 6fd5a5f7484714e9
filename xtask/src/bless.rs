//! `cargo xtask bless`: runs the tests and accepts what they produce as what is expected. What changed is listed,
//! to be read before it is committed.

use anyhow::{Context, Result};
use xshell::cmd;

use crate::needs;
use crate::steps::shell;

/// How each kind of expectation is told to take what it gets.
const SWITCHES: &[(&str, &str)] = &[
    // Snapshots of insta.
    ("INSTA_UPDATE", "always"),
    ("INSTA_FORCE_PASS", "1"),
    // Snapshots of snapbox.
    ("SNAPSHOTS", "overwrite"),
    // The expected files of stories.
    ("UPDATE_EXPECT", "1"),
];

/// Arguments are for `cargo test`: `cargo xtask bless -p trueup-report`.
pub fn run(arguments: &[String]) -> Result<()> {
    let shell = shell()?;
    needs::ensure(&shell)?;
    for (name, value) in SWITCHES {
        shell.set_var(name, value);
    }
    let chosen: Vec<&str> = match arguments {
        [] => vec!["--workspace"],
        given => given.iter().map(String::as_str).collect(),
    };
    cmd!(shell, "cargo test --locked --no-fail-fast {chosen...}")
        .run()
        .context("running the tests: some fail for another reason than a changed expectation")?;
    let changed = cmd!(shell, "git status --short").quiet().read()?;
    match changed.as_str() {
        "" => eprintln!("\nnothing changed"),
        changed => eprintln!("\nchanged now, to be read before it is committed:\n{changed}"),
    }
    Ok(())
}

//! `cargo xtask test`: everything that has to pass before a change is handed in, from a fresh clone on.

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::steps::{Steps, shell};
use crate::{needs, no_arguments, tidy};

pub fn run(arguments: &[String]) -> Result<()> {
    no_arguments("test", arguments)?;
    let shell = shell()?;
    let mut steps = Steps::default();
    all(&shell, &mut steps);
    steps.finish()
}

/// The quick steps come first. Tests run with plain `cargo test`, which everybody has.
pub fn all(shell: &Shell, steps: &mut Steps) {
    steps.command("format", cmd!(shell, "cargo fmt --all --check"));
    steps.step("tidy", "cargo xtask tidy", || tidy::run(&[]));
    steps
        .command("clippy", cmd!(shell, "cargo clippy --locked --workspace --all-targets -- --deny warnings"));
    steps.step("needs", "cargo xtask test", || needs::ensure(shell));
    steps.command("tests", cmd!(shell, "cargo test --locked --workspace --no-fail-fast"));
}

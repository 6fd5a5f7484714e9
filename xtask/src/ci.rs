//! `cargo xtask ci`: what `test` does, and what takes too long for every day or needs a tool of its own.

use anyhow::Result;
use trueup_testing::servers::find;
use xshell::cmd;

use crate::steps::{Steps, shell};
use crate::{no_arguments, test};

pub fn run(arguments: &[String]) -> Result<()> {
    no_arguments("ci", arguments)?;
    let shell = shell()?;
    // Snapshots that differ fail here and are never written.
    shell.set_var("CI", "1");
    shell.set_var("INSTA_UPDATE", "no");
    let mut steps = Steps::default();
    test::all(&shell, &mut steps);
    steps.command(
        "small",
        cmd!(shell, "cargo clippy --locked --package trueup --no-default-features -- --deny warnings"),
    );
    steps.command(
        "docs",
        cmd!(shell, "cargo doc --locked --workspace --no-deps").env("RUSTDOCFLAGS", "--deny warnings"),
    );
    if find("cargo-deny").is_some() {
        steps.command("deny", cmd!(shell, "cargo deny --locked check licenses bans sources"));
    } else {
        eprintln!("\n== deny\nnot checked: cargo-deny is not installed (cargo install --locked cargo-deny)");
    }
    steps.finish()
}

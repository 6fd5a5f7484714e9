//! A difference of many tables: how long diff and plan take beside migra.
//!
//! Both programs do the same job as whole processes: they say what makes one database like another. Ours is
//! `examples/plan.rs` of `trueup-testing`, which does with catalogs what `trueup repair` does before it proves anything:
//! it reads both sides with what needs what, compares, plans, and prints the statements. The expected side is read as
//! `trueup` keeps it once a history was replayed; migra has no history, and reads a second database.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use trueup_testing::servers::{Database, Server, cache_folder, find};
use xshell::{Shell, cmd};

use super::measure::{Program, Run, median, run_once};
use super::{Options, command, project, results, revision, server_version};
use crate::needs;

/// Ours may take so much of the time of migra.
const BUDGET: f64 = 0.1;

const TABLES: usize = 1_000;

/// migra is no longer kept up: these are the last versions that work together.
const PACKAGES: &[&str] = &[
    "migra==3.0.1663481299",
    "schemainspect==3.1.1663587362",
    "sqlbag==0.1.1617247075",
    "psycopg2-binary==2.9.13",
    "SQLAlchemy<2.1",
    "setuptools<81",
];

const HEAD: &str = "# Diff and plan beside migra

Each run of `cargo xtask bench --migra` appends its row here. Two databases of 1,000 tables of which every one differs
are compared by both programs in turns, whole processes, and the statements that make one like the other are printed. Ours
reads the expected side as it was kept (`check` is measured the same way). The ratio of the medians may be at most 0.1.
The server has the memory that PostgreSQL gives itself; up to 0f2147374b it had an eighth of that.

| date | commit | tables | pairs | diff and plan | migra | ratio | versions | command |
|---|---|---|---|---|---|---|---|---|
";

pub fn run(shell: &Shell, server: &Server, options: &Options, arguments: &[String]) -> Result<()> {
    let migra = environment(shell)?.join("bin/migra");
    let ours = built(shell)?;
    eprintln!("{TABLES} tables: making the databases");
    let (live, wanted) = databases(server)?;
    let urls = [&live, &wanted].map(|database| server.url(database.name()));
    let folder = tempfile::tempdir().context("making a folder for the expected side")?;
    let kept = folder.path().join("expected.trueup");
    let (kept, wanted_url) = (kept.to_string_lossy().into_owned(), &urls[1]);
    cmd!(shell, "{ours} --record {kept} {wanted_url}").quiet().run().context("keeping the expected side")?;
    let ours = Program::planner(&ours, &[], &urls[0], &kept);
    let theirs = Program::planner(&migra, &["--unsafe"], &urls[0], &urls[1]);
    for program in [&ours, &theirs] {
        run_once(program)?;
    }
    eprintln!("{TABLES} tables: {} pairs", options.pairs);
    let (mut plans, mut migras): (Vec<Run>, Vec<Run>) = (Vec::new(), Vec::new());
    for pair in 0..options.pairs {
        // Whoever comes second may find something warm: they take turns.
        if pair % 2 == 0 {
            plans.push(run_once(&ours)?);
            migras.push(run_once(&theirs)?);
        } else {
            migras.push(run_once(&theirs)?);
            plans.push(run_once(&ours)?);
        }
    }
    let plan = median(plans.iter().map(|run| run.seconds));
    let other = median(migras.iter().map(|run| run.seconds));
    let ratio = plan / other;
    println!(
        "{TABLES} tables: diff and plan {plan:.3} s, migra {other:.3} s (medians of {} pairs), ratio {ratio:.2} (at \
         most {BUDGET})",
        options.pairs
    );
    let row = format!(
        "| {} | {} | {TABLES} | {} | {plan:.3} s | {other:.3} s | {ratio:.2} | server {}, {}, {} | `{}` |\n",
        cmd!(shell, "date -u +%Y-%m-%d").quiet().read()?,
        revision(shell),
        options.pairs,
        server_version(server)?,
        PACKAGES[0].replace("==", " "),
        cmd!(shell, "rustc --version").quiet().read()?,
        command(arguments)
    );
    results::append_to(&crate::root().join("benches/results.md"), HEAD, &row)?;
    if options.check && ratio > BUDGET {
        bail!("the ratio is above the budget of {BUDGET}: {ratio:.2}");
    }
    Ok(())
}

/// migra in an environment of its own, made once in the cache folder.
fn environment(shell: &Shell) -> Result<PathBuf> {
    let folder = cache_folder("migra");
    let ready = folder.join("ready");
    let wanted = PACKAGES.join("\n");
    if std::fs::read_to_string(&ready).is_ok_and(|made| made == wanted) {
        return Ok(folder);
    }
    let Some(python) = find("python3") else {
        bail!(
            "making the environment of migra: python3 is not here; install it (on Debian and Ubuntu: apt-get install \
             python3-venv)"
        );
    };
    eprintln!("making the environment of migra");
    cmd!(shell, "{python} -m venv --clear {folder}").run().context("making the environment of migra")?;
    let pip = folder.join("bin/pip");
    cmd!(shell, "{pip} install --quiet --disable-pip-version-check {PACKAGES...}")
        .run()
        .context("installing migra")?;
    std::fs::write(&ready, wanted).with_context(|| format!("writing {}", ready.display()))?;
    Ok(folder)
}

fn built(shell: &Shell) -> Result<PathBuf> {
    cmd!(shell, "cargo build --locked --release --package trueup-testing --example plan").run()?;
    Ok(super::target_folder()?.join("release/examples").join(format!("plan{}", std::env::consts::EXE_SUFFIX)))
}

/// A database that drifted in every table, and what it should be.
fn databases(server: &Server) -> Result<(Database, Database)> {
    let folder = tempfile::tempdir().context("making a folder for the project")?;
    let files = project::write(Path::new(folder.path()), TABLES)?;
    needs::speaking(|| {
        let wanted = server.create_database("bench_wanted");
        for text in &files {
            wanted.psql(text).must("loading the history");
        }
        wanted.psql("ANALYZE;").must("analyzing the database");
        let live = wanted.copy("bench_live");
        live.psql(&project::drift(TABLES)).must("drifting");
        (live, wanted)
    })
}

//! `cargo xtask bench`: how long `trueup check` takes beside `pg_dump -s` of the same database.
//!
//! The history is generated, loaded by psql into a real server and checked once, so that the expected catalog is
//! known; then both programs run in turns. What counts is the ratio of their medians, measured in one run on one
//! machine. Each run appends its rows to `benches/results.md`.

mod measure;
mod migra;
mod project;
pub mod results;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use trueup_testing::servers::{Server, find, own_server_with};
use xshell::{Shell, cmd};

use crate::steps::shell;
use crate::{needs, oracle};
use measure::{Program, Run, median, run_once, run_watched};
use results::Row;

/// As PostgreSQL itself has it: the servers of the tests are smaller.
const MEMORY: &[&str] = &["shared_buffers=128MB"];

/// The server that is measured on.
const MAJOR: u32 = 15;

/// `check` may take so much of the time of `pg_dump -s`.
const BUDGET: f64 = 0.5;

const FEWEST_PAIRS: usize = 10;

#[derive(Debug, PartialEq, Eq)]
struct Options {
    /// Also with ten times as many tables.
    big: bool,
    /// A ratio above the budget is an error.
    check: bool,
    /// Diff and plan beside migra instead.
    migra: bool,
    pairs: usize,
    /// Measure this program instead of building one.
    program: Option<PathBuf>,
}

pub fn run(arguments: &[String]) -> Result<()> {
    let options = options(arguments)?;
    let shell = shell()?;
    needs::ensure(&shell)?;
    if options.migra {
        let server = needs::speaking(|| own_server_with(MAJOR, MEMORY))?;
        return migra::run(&shell, &server, &options, arguments);
    }
    let program = match &options.program {
        Some(program) => program.clone(),
        None => built(&shell)?,
    };
    let server = needs::speaking(|| own_server_with(MAJOR, MEMORY))?;
    let mut over = Vec::new();
    for tables in [Some(1_000), options.big.then_some(10_000)].into_iter().flatten() {
        let row = measured(&shell, &server, &program, tables, &options, arguments)?;
        println!("{}", row.sentence());
        results::append(&crate::root().join("benches/results.md"), &row)?;
        if row.ratio() > BUDGET {
            over.push(format!("{tables} tables: {:.2}", row.ratio()));
        }
    }
    if options.check && !over.is_empty() {
        bail!("the ratio is above the budget of {BUDGET}: {}", over.join(", "));
    }
    Ok(())
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options { big: false, check: false, migra: false, pairs: FEWEST_PAIRS, program: None };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value =
            || rest.next().with_context(|| format!("reading the arguments: {argument} needs a value"));
        match argument.as_str() {
            "--big" => options.big = true,
            "--check" => options.check = true,
            "--migra" => options.migra = true,
            "--pairs" => {
                options.pairs = value()?.parse().context("reading the arguments: --pairs needs a number")?
            }
            "--program" => options.program = Some(PathBuf::from(value()?)),
            other => bail!(
                "reading the arguments: `bench` does not know `{other}`; it takes --big, --check, --migra, --pairs \
                 N and --program FILE"
            ),
        }
    }
    ensure!(
        options.pairs >= FEWEST_PAIRS,
        "reading the arguments: fewer than {FEWEST_PAIRS} pairs say nothing"
    );
    Ok(options)
}

/// The program as people get it.
pub fn built(shell: &Shell) -> Result<PathBuf> {
    cmd!(shell, "cargo build --locked --release --package trueup").run()?;
    Ok(target_folder()?.join("release").join(format!("trueup{}", std::env::consts::EXE_SUFFIX)))
}

/// An example of `trueup-testing`, as fast as the program.
pub fn built_example(shell: &Shell, name: &str) -> Result<PathBuf> {
    cmd!(shell, "cargo build --locked --release --package trueup-testing --example {name}").run()?;
    Ok(target_folder()?.join("release/examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

fn target_folder() -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(crate::root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("asking cargo for its target folder")?;
    Ok(metadata.target_directory.into())
}

fn measured(
    shell: &Shell,
    server: &Server,
    program: &Path,
    tables: usize,
    options: &Options,
    arguments: &[String],
) -> Result<Row> {
    eprintln!("{tables} tables: writing and loading the history");
    let folder = tempfile::tempdir().context("making a folder for the project")?;
    let project = folder.path().join("project");
    let files = project::write(&project, tables)?;
    let database = needs::speaking(|| {
        let database = server.create_database("bench");
        for text in &files {
            database.psql(text).must("loading the history");
        }
        database.psql("ANALYZE;").must("analyzing the database");
        database
    })?;
    let url = server.url(database.name());
    let check = Program::check(program, &project, &folder.path().join("cache"), &url);
    let dump = Program::schema_dump(&find("pg_dump").context("looking for pg_dump: it is not here")?, &url);

    eprintln!("{tables} tables: checking once, so that the expected catalog is known");
    let first = run_once(&check)?;
    eprintln!("{tables} tables: {} pairs", options.pairs);
    let (mut checks, mut dumps): (Vec<Run>, Vec<Run>) = (Vec::new(), Vec::new());
    for pair in 0..options.pairs {
        // Whoever comes second may find something warm: they take turns.
        if pair % 2 == 0 {
            checks.push(run_once(&check)?);
            dumps.push(run_once(&dump)?);
        } else {
            dumps.push(run_once(&dump)?);
            checks.push(run_once(&check)?);
        }
    }
    Ok(Row {
        date: cmd!(shell, "date -u +%Y-%m-%d").quiet().read()?,
        revision: revision(shell),
        tables,
        pairs: options.pairs,
        first: first.seconds,
        check: median(checks.iter().map(|run| run.seconds)),
        dump: median(dumps.iter().map(|run| run.seconds)),
        memory: run_watched(&check)?.memory,
        versions: format!(
            "server {}, {}, {}",
            server_version(server)?,
            oracle::version_of(shell, "pg_dump")?,
            cmd!(shell, "rustc --version").quiet().read()?
        ),
        command: command(arguments),
    })
}

/// What was typed, without the path of the program, which is of this machine.
fn command(arguments: &[String]) -> String {
    let mut words = vec!["cargo xtask bench".to_owned()];
    let mut is_path = false;
    for argument in arguments {
        words.push(if is_path { "FILE".to_owned() } else { argument.clone() });
        is_path = argument == "--program";
    }
    words.join(" ")
}

pub fn server_version(server: &Server) -> Result<String> {
    let script = "\\pset tuples_only\n\\pset format unaligned\nSHOW server_version;";
    let output = needs::speaking(|| server.psql("postgres", script).must("asking for the version"))?;
    Ok(output.trim().to_owned())
}

/// The commit that is measured, with a mark where files are changed.
pub fn revision(shell: &Shell) -> String {
    let described = cmd!(shell, "git describe --always --dirty --abbrev=10").quiet().ignore_stderr().read();
    described.unwrap_or_else(|_| "unknown".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{command, options};

    fn parsed(words: &[&str]) -> Result<super::Options, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        options(&words).map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_are_read() {
        let all = parsed(&["--big", "--check", "--pairs", "20", "--program", "x"]).expect("valid");
        assert!(all.big && all.check && all.pairs == 20 && all.program.is_some());
        assert!(!parsed(&[]).expect("valid").big);
        assert!(parsed(&["--pairs", "3"]).expect_err("too few").contains("fewer than 10"));
        assert!(parsed(&["--pairs"]).expect_err("no value").contains("needs a value"));
        assert!(parsed(&["--large"]).expect_err("unknown").contains("`--large`"));
    }

    #[test]
    fn the_written_command_names_no_path() {
        let words = ["--program", "/srv/x/trueup", "--big"].map(str::to_owned);
        assert_eq!(command(&words), "cargo xtask bench --program FILE --big");
    }
}

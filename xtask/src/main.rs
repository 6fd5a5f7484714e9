//! Tasks for the people who work on trueup: `cargo xtask` lists them. Continuous integration calls these and
//! nothing else.

mod bench;
mod bless;
mod ci;
mod corpora;
mod oracle;
mod test;
mod tidy;

mod needs;
mod steps;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};

/// Something that can be typed after `cargo xtask`.
struct Task {
    name: &'static str,
    purpose: &'static str,
    run: fn(&[String]) -> Result<()>,
}

/// Every task, in the order of the help text. A new one is a file and a line here.
const TASKS: &[Task] = &[
    Task {
        name: "test",
        purpose: "everything that has to pass: format, tidy, clippy, tests",
        run: test::run,
    },
    Task { name: "ci", purpose: "the same, and what is too slow for every day", run: ci::run },
    Task { name: "tidy", purpose: "the walls of the code, and sizes to look at", run: tidy::run },
    Task { name: "bless", purpose: "accept what the tests produce now as expected", run: bless::run },
    Task {
        name: "bench",
        purpose: "check beside pg_dump -s: bench [--big] [--check] [--pairs N] [--program FILE]",
        run: bench::run,
    },
    Task {
        name: "corpora",
        purpose: "real projects, migrated by Django and checked: corpora [--program FILE] [--reader FILE] [NAME…]",
        run: corpora::run,
    },
    Task {
        name: "oracle",
        purpose: "prepare the real servers, clients and tools and say their versions",
        run: oracle::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let (name, rest) = match arguments {
        [] => ("--help", &[][..]),
        [name, rest @ ..] => (name.as_str(), rest),
    };
    if ["--help", "-h", "help"].contains(&name) {
        print!("{}", help());
        return Ok(());
    }
    match TASKS.iter().find(|task| task.name == name) {
        Some(task) => (task.run)(rest),
        None => bail!("reading the arguments: there is no task `{name}`\n\n{}", help()),
    }
}

fn help() -> String {
    let mut text = String::from("Tasks of trueup: cargo xtask TASK\n\n");
    for task in TASKS {
        text.push_str(&format!("  {:<8} {}\n", task.name, task.purpose));
    }
    text
}

/// For tasks that take no arguments.
fn no_arguments(task: &str, arguments: &[String]) -> Result<()> {
    match arguments {
        [] => Ok(()),
        [first, ..] => bail!("reading the arguments: `{task}` takes none, but there is `{first}`"),
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{TASKS, help, run};

    #[test]
    fn help_names_every_task_and_an_unknown_one_is_an_error() {
        assert!(TASKS.iter().all(|task| help().contains(task.name) && help().contains(task.purpose)));
        let error = run(&["tset".to_owned()]).expect_err("no such task").to_string();
        assert!(error.contains("no task `tset`") && error.contains("cargo xtask TASK"), "{error}");
    }

    #[test]
    fn arguments_that_a_task_does_not_know_are_errors() {
        for task in ["test", "ci", "tidy", "oracle", "bench"] {
            let error = run(&[task.to_owned(), "--no-such-flag".to_owned()]).expect_err("no such flag");
            assert!(error.to_string().contains("--no-such-flag"), "{error}");
        }
    }
}

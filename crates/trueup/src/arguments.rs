//! What can be typed. Texts here are the help texts.

use camino::Utf8PathBuf;
use clap::{Args, Parser, ValueEnum};

use crate::commands::Command;

/// Finds where a database and its migration history drifted apart, says why, and repairs it.
///
/// Without a command it says in five lines where the project in this folder stands.
#[derive(Debug, Parser)]
#[command(name = "trueup", version, max_term_width = 100, after_help = exit_codes())]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub common: Common,

    #[command(flatten)]
    pub project: ProjectArguments,
}

/// Options of every command.
#[derive(Args, Debug, Clone)]
pub struct Common {
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: ColourChoice,

    /// Say nothing but the result.
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColourChoice {
    Auto,
    Always,
    Never,
}

/// Which project, which history, which database.
#[derive(Args, Debug, Clone, Default)]
pub struct ProjectArguments {
    /// The database: a URL, or libpq's `key=value` pairs. Otherwise TRUEUP_DATABASE_URL, DATABASE_URL, the
    /// project's own configuration, the PG* variables.
    #[arg(long, value_name = "URL", global = true)]
    pub database_url: Option<String>,

    /// The folder of the migrations, instead of looking for it.
    #[arg(long, value_name = "PATH", global = true)]
    pub history: Option<Utf8PathBuf>,

    /// The tool that the migrations are written for, instead of recognising it.
    #[arg(long, value_name = "NAME", global = true)]
    pub framework: Option<String>,

    /// Which of several databases that the project's own configuration knows is meant: with Django, an entry of
    /// DATABASES. Its routers decide which migrations are to be found there.
    #[arg(long, value_name = "ALIAS", global = true)]
    pub database_alias: Option<String>,

    /// Where the history is replayed: `embedded`, `local`, `local:FOLDER` (of initdb and postgres), or the URL of a
    /// server on which a scratch database may be made. Chosen by need when not given.
    #[arg(long, value_name = "SHADOW", global = true)]
    pub shadow: Option<String>,

    /// Read this configuration file instead of looking for trueup.toml or pyproject.toml.
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<Utf8PathBuf>,

    /// What is replayed: `files`, the migrations as they are read from their files, or `framework`, what the project's own
    /// tool sends when it runs them on a throwaway database. That runs the project's code.
    #[arg(long, value_name = "SOURCE", global = true)]
    pub replay: Option<String>,

    /// Replay the history even if its result is known.
    #[arg(long, global = true)]
    pub no_cache: bool,
}

impl ProjectArguments {
    /// The first one that was typed.
    pub fn typed(&self) -> Option<&'static str> {
        let Self { database_url, history, framework, database_alias, shadow, config, replay, no_cache } =
            self;
        [
            ("--database-url", database_url.is_some()),
            ("--database-alias", database_alias.is_some()),
            ("--history", history.is_some()),
            ("--framework", framework.is_some()),
            ("--shadow", shadow.is_some()),
            ("--config", config.is_some()),
            ("--replay", replay.is_some()),
            ("--no-cache", *no_cache),
        ]
        .into_iter()
        .find(|(_, typed)| *typed)
        .map(|(name, _)| name)
    }
}

/// Where a report goes and how it looks.
#[derive(Args, Debug, Clone)]
pub struct ReportArguments {
    /// text, json, sarif, junit, github, gitlab, markdown or html.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,

    /// Write the report to a file.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<Utf8PathBuf>,

    /// The mildest severity that makes the exit code 2: info, warning, error, or never.
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<String>,

    /// Fold nothing.
    #[arg(long, short)]
    pub verbose: bool,
}

fn exit_codes() -> String {
    let mut text = String::from("Exit codes:\n");
    for (exit, meaning) in crate::exit::Exit::ALL {
        text.push_str(&format!("  {:<4} {meaning}\n", exit.code()));
    }
    text
}

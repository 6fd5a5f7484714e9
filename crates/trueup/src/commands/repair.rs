//! `trueup repair`: what makes the database what its history says, planned, proven and written.

use camino::Utf8PathBuf;
use clap::Args;
use trueup_engine::choice::{Choices, Selector};
use trueup_frameworks::Clock;
use trueup_model::Severity;
use trueup_report::{Planned, Style};

use super::consent::permissions;
use crate::arguments::ProjectArguments;
use crate::configuration;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::workflow::{self, Form, Repaired};

/// Plan a repair of the database, prove it on scratch servers, and write it as a migration.
///
/// Without options, findings from warning upwards are repaired, and nothing is dropped. The plan is shown with what
/// each step locks, costs and loses, and files are written only with --yes. Nothing is written to the database.
#[derive(Args, Debug)]
pub struct RepairArguments {
    /// Repair this and nothing else: a finding by id or code, an object (`public.orders`), all of its parts
    /// (`public.orders.*`), a kind (`index`), or both (`index:public.orders.total_idx`). Can be repeated.
    #[arg(long, value_name = "FINDING")]
    pub only: Vec<String>,

    /// Leave this as it is. Can be repeated.
    #[arg(long, value_name = "FINDING")]
    pub except: Vec<String>,

    /// The mildest findings that are repaired without being named: info, warning or error.
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    pub include: String,

    /// Let something be lost: `drop:public.old_orders`, or `drop` for everything. Can be repeated.
    #[arg(long, value_name = "PERMISSION")]
    pub allow: Vec<String>,

    /// `migration`, for the project's own tool, or `sql`, one script for psql.
    #[arg(long = "as", value_name = "FORM", default_value = "migration")]
    pub form: String,

    /// The file for `--as sql`, instead of `repair.sql` in the project.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<Utf8PathBuf>,

    /// Write the files.
    #[arg(long)]
    pub yes: bool,

    /// Show the statements of each step.
    #[arg(long, short)]
    pub verbose: bool,
}

pub(crate) fn run(
    arguments: &RepairArguments,
    project: &ProjectArguments,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let configuration = configuration::load(project, &environment.current_folder)?;
    let wanted = workflow::Wanted {
        choices: choices(arguments)?,
        allowed: permissions(&arguments.allow)?,
        form: form(arguments)?,
        now: Clock { unix_seconds: environment.began },
    };
    let setting = workflow::Setting::new(project, &configuration, environment)?;
    let repaired = workflow::repair(&setting, &wanted, &mut |text| terminal.progress(text))?;
    let style = Style {
        width: terminal.width,
        colour: terminal.colour,
        threshold: Severity::Warning,
        verbose: arguments.verbose,
    };
    let planned = Planned {
        database: &repaired.database,
        repair: &repaired.repair,
        violations: &repaired.violations,
        proof: repaired.proven.as_ref().map(|(_, proof)| proof),
    };
    terminal.print(&trueup_report::plan(&planned, &style));
    write(arguments, &repaired, terminal)?;
    let refused = !repaired.violations.is_empty() || !repaired.repair.left.is_empty();
    Ok(if refused { Exit::Refused } else { Exit::Success })
}

/// Writes what was proven, if it was asked for; nothing that is there already is replaced.
fn write(arguments: &RepairArguments, repaired: &Repaired, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut files = Vec::new();
    for file in &repaired.files {
        let is_proof = file.path.as_str().ends_with(".toml");
        let path = match &arguments.output {
            Some(output) if is_proof => workflow::place_of_proof(output),
            Some(output) => output.clone(),
            None => repaired.root.join(&file.path),
        };
        if path.exists() {
            return Err(Failure::new(format!("writing the repair: {path} is there already"))
                .hint("move it away, or name another file with --as sql --output FILE"));
        }
        files.push((path, &file.text));
    }
    if files.is_empty() {
        return Ok(());
    }
    if !arguments.yes {
        terminal.say("to be written, with --yes:");
        files.iter().for_each(|(path, _)| terminal.say(&format!("  {path}")));
        return Ok(());
    }
    for (path, text) in files {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|error| Failure::new(format!("making the folder {folder}: {}", error.kind())))?;
        }
        workflow::write_whole(&path, text)?;
        terminal.say(&format!("wrote {path}"));
    }
    Ok(())
}

fn form(arguments: &RepairArguments) -> Result<Form, Failure> {
    match arguments.form.as_str() {
        "sql" => Ok(Form::Sql),
        "migration" if arguments.output.is_some() => {
            Err(Failure::new("reading the arguments: the tool decides what its migrations are called")
                .hint("--output FILE goes with --as sql"))
        }
        "migration" => Ok(Form::Migration),
        other => Err(Failure::unknown("form", other, ["migration", "sql"].into_iter())),
    }
}

fn choices(arguments: &RepairArguments) -> Result<Choices, Failure> {
    let selectors = |names: &[String]| names.iter().map(Selector::new).collect();
    let least =
        Severity::ALL.iter().copied().find(|severity| severity.word() == arguments.include).ok_or_else(
            || {
                let known = Severity::ALL.iter().map(|severity| severity.word());
                Failure::unknown("severity", &arguments.include, known)
            },
        )?;
    Ok(Choices {
        only: selectors(&arguments.only),
        except: selectors(&arguments.except),
        adopt: Vec::new(),
        least,
    })
}

//! `trueup repair`: what makes the database what its history says, planned, proven and written.

use camino::Utf8PathBuf;
use clap::Args;
use trueup_engine::choice::{Choices, Selector};
use trueup_frameworks::Clock;
use trueup_model::Severity;
use trueup_report::Style;

use crate::arguments::ProjectArguments;
use crate::configuration::Configuration;
use crate::consent::permissions;
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

    /// Take over what the database has instead: the migration makes it so on every other database, and finds it done
    /// here. Named as for --only. Can be repeated.
    #[arg(long, value_name = "FINDING")]
    pub adopt: Vec<String>,

    /// Take this pending migration as applied, whether it ran in part or under another name: what is missing of it is
    /// repaired, and `trueup apply` records it without running it. Can be repeated.
    #[arg(long, value_name = "MIGRATION")]
    pub record: Vec<String>,

    /// Live with this: a check tells it mildly from now on, with who and why. Needs --reason, and takes nothing else
    /// into account. Can be repeated.
    #[arg(long, value_name = "FINDING", requires = "reason", conflicts_with_all = ["only", "except", "adopt", "record", "allow"])]
    pub accept: Vec<String>,

    /// Why it is accepted.
    #[arg(long, value_name = "TEXT", requires = "accept")]
    pub reason: Option<String>,

    /// Who accepts it, if not the user of this machine.
    #[arg(long, value_name = "NAME", requires = "accept")]
    pub owner: Option<String>,

    /// The last day on which it is accepted: 2027-01-31.
    #[arg(long, value_name = "DAY", requires = "accept")]
    pub until: Option<String>,

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
    let wanted = workflow::Wanted {
        choices: choices(arguments)?,
        record: arguments.record.clone(),
        allowed: permissions(&arguments.allow)?,
        form: form(arguments)?,
        now: Clock { unix_seconds: environment.began },
    };
    let (setting, configuration) = workflow::Setting::load(project, environment)?;
    if !arguments.accept.is_empty() {
        return accept(arguments, &configuration, &setting, environment, terminal);
    }
    let repaired = workflow::repair(&setting, &wanted, &mut |text| terminal.progress(text))?;
    let style = Style {
        width: terminal.width,
        colour: terminal.colour,
        threshold: Severity::Warning,
        verbose: arguments.verbose,
    };
    terminal.print(&trueup_report::plan(&repaired.planned(), &style));
    write(arguments, &repaired, terminal)?;
    if repaired.files.is_empty() && !arguments.record.is_empty() && repaired.violations.is_empty() {
        let record: Vec<String> = arguments.record.iter().map(|name| format!("--record {name}")).collect();
        terminal
            .say(&format!("nothing is missing of what counts as applied: trueup apply {}", record.join(" ")));
    }
    let refused = !repaired.violations.is_empty()
        || !repaired.repair.left.is_empty()
        || !repaired.adopted.left.is_empty();
    Ok(if refused { Exit::Refused } else { Exit::Success })
}

fn accept(
    arguments: &RepairArguments,
    configuration: &Configuration,
    setting: &workflow::Setting,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let wanted = workflow::WantedAcceptance {
        named: arguments.accept.iter().map(Selector::new).collect(),
        reason: trueup_report::redact(arguments.reason.as_deref().unwrap_or_default()),
        owner: trueup_report::redact(&arguments.owner.clone().unwrap_or_else(|| environment.user())),
        today: setting.today(),
        until: arguments.until.as_deref().map(day).transpose()?,
    };
    let accepting = workflow::accept(setting, configuration, &wanted, &mut |text| terminal.progress(text))?;
    for entry in &accepting.entries {
        terminal.print(&format!("{} {}\n", entry.finding, trueup_report::redact(&entry.about)));
    }
    if arguments.yes {
        workflow::write_whole(&accepting.file, &accepting.text)?;
        terminal.say(&format!("wrote {}", accepting.file));
    } else {
        terminal.say(&format!("to be accepted in {}, with --yes", accepting.file));
    }
    Ok(Exit::Success)
}

/// Days are compared as they are written.
fn day(text: &str) -> Result<String, Failure> {
    let parts: Vec<&str> = text.split('-').collect();
    let is_number =
        |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [year, month, day] if is_number(year, 4) && is_number(month, 2) && is_number(day, 2) => {
            Ok(text.to_owned())
        }
        _ => Err(Failure::new(format!("reading the arguments: `{text}` is no day"))
            .hint("year, month and day: --until 2027-01-31")),
    }
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
    if !repaired.pending.is_empty() && arguments.form != "sql" {
        terminal.say(&format!(
            "note: {} will be run before it; where they need what it repairs, write it with --as sql and run that first",
            repaired.pending.join(", ")
        ));
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
        adopt: selectors(&arguments.adopt),
        least,
    })
}

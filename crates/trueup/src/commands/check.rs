//! `trueup check`: history, ledger and database side by side.

use clap::Args;
use trueup_model::Severity;
use trueup_report::{Format, Style};

use crate::arguments::{ProjectArguments, ReportArguments};
use crate::configuration::{self, Configuration};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::workflow;

/// Compare the database with what its migration history says it should be.
///
/// The applied part of the history is replayed on a scratch PostgreSQL, and both catalogs are read by the same
/// code. Nothing is written to the database.
#[derive(Args, Debug)]
pub struct CheckArguments {
    /// Hold the project's models against its migrations as well: a change that no migration makes is a finding. The
    /// project's own code is run for that; where it cannot start, the models are read from their files.
    #[arg(long)]
    pub models: bool,

    #[command(flatten)]
    pub report: ReportArguments,
}

pub(crate) fn run(
    arguments: &CheckArguments,
    project: &ProjectArguments,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let configuration = configuration::load(project, &environment.current_folder)?;
    // Said before anything is looked for.
    let report = ReportChoice::of(&arguments.report, &configuration)?;
    let setting = workflow::Setting::new(project, &configuration, environment)?;
    let outcome = workflow::check(&setting, arguments.models || configuration.models, &mut |text| {
        terminal.progress(text)
    })?;
    let style = Style {
        width: terminal.width,
        colour: terminal.colour && report.file.is_none(),
        threshold: report.threshold.unwrap_or(Severity::Error),
        verbose: arguments.report.verbose,
    };
    let text = trueup_report::render(&outcome, report.format, &style);
    if !report.format.has_notes {
        outcome.notes.iter().for_each(|note| terminal.say(&format!("note: {}", trueup_report::redact(note))));
    }
    match &report.file {
        None => terminal.print(&text),
        Some(file) => {
            workflow::write_whole(file, &text)?;
            terminal.say(&format!("wrote {file}"));
        }
    }
    let fails = report.threshold.is_some_and(|threshold| outcome.worst() >= Some(threshold));
    Ok(if fails { Exit::Findings } else { Exit::Success })
}

struct ReportChoice {
    format: &'static Format,
    file: Option<camino::Utf8PathBuf>,
    /// `None` when findings never fail the run.
    threshold: Option<Severity>,
}

impl ReportChoice {
    fn of(arguments: &ReportArguments, configuration: &Configuration) -> Result<Self, Failure> {
        let name = arguments.format.as_deref().or(configuration.format.as_deref()).unwrap_or("text");
        let names = || trueup_report::FORMATS.iter().map(|format| format.name);
        let format = Format::named(name).ok_or_else(|| Failure::unknown("format", name, names()))?;
        let fail_on = arguments.fail_on.as_deref().or(configuration.fail_on.as_deref()).unwrap_or("warning");
        let severities = || Severity::ALL.iter().map(|severity| severity.word()).chain(["never"]);
        let threshold = match fail_on {
            "never" => None,
            word => Some(
                Severity::ALL
                    .iter()
                    .copied()
                    .find(|severity| severity.word() == word)
                    .ok_or_else(|| Failure::unknown("severity", word, severities()))?,
            ),
        };
        Ok(Self { format, file: arguments.output.clone(), threshold })
    }
}

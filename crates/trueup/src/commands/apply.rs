//! `trueup apply`: pending migrations and proven repairs, tried first and held to what was tried.

use clap::Args;
use trueup_report::run_plan;

use crate::arguments::ProjectArguments;
use crate::consent::{ConsentArguments, carry_out};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::workflow::{self, WantedApply};

/// Run what is pending: repairs that were proven, and other migrations of the project.
///
/// Everything is tried on a scratch server in the state of this database first. Each migration runs in one transaction
/// with its row of the ledger, and is committed only where it has made of the database what it made of the scratch
/// server's. One run at a time; a lock that is not to be had is waited for briefly, and tried again.
#[derive(Args, Debug)]
pub struct ApplyArguments {
    /// Stop after this migration.
    #[arg(long, value_name = "MIGRATION")]
    pub to: Option<String>,

    /// Do not run this migration, only record it as applied: its content is there already. That is checked. Can be
    /// repeated.
    #[arg(long, value_name = "MIGRATION")]
    pub record: Vec<String>,

    #[command(flatten)]
    pub consent: ConsentArguments,
}

pub(crate) fn run(
    arguments: &ApplyArguments,
    project: &ProjectArguments,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let (setting, _) = workflow::Setting::load(project, environment)?;
    let wanted = WantedApply {
        record: arguments.record.clone(),
        to: arguments.to.clone(),
        allowed: arguments.consent.permissions()?,
        who: environment.user(),
        backup: !arguments.consent.no_backup,
    };
    // Said before anything takes its time.
    let limits = arguments.consent.limits()?;
    let ready = match workflow::prepare_apply(&setting, &wanted, &mut |text| terminal.progress(text))? {
        Ok(ready) => ready,
        Err(nothing) => {
            terminal.print(&run_plan(&nothing, &arguments.consent.style(terminal)));
            return Ok(Exit::Success);
        }
    };
    carry_out(&ready, &setting, &arguments.consent, limits, ("apply this?", "applied"), terminal)
}

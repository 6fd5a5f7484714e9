//! `trueup undo`: what was applied last, taken back.

use clap::Args;

use crate::arguments::ProjectArguments;
use crate::consent::{ConsentArguments, carry_out};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::workflow::{self, WantedUndo};

/// Take back what `trueup apply` did last, where its way back was shown to lead back.
///
/// All migrations of one repair are taken back together. As with apply, it is tried on a scratch server in the state of
/// this database first. Rows that were written since can be lost: then nothing is done without permission.
#[derive(Args, Debug)]
pub struct UndoArguments {
    #[command(flatten)]
    pub consent: ConsentArguments,
}

pub(crate) fn run(
    arguments: &UndoArguments,
    project: &ProjectArguments,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let (setting, _) = workflow::Setting::load(project, environment)?;
    let wanted = WantedUndo {
        allowed: arguments.consent.permissions()?,
        who: environment.user(),
        backup: !arguments.consent.no_backup,
    };
    // Said before anything takes its time.
    let limits = arguments.consent.limits()?;
    let ready = workflow::prepare_undo(&setting, &wanted, &mut |text| terminal.progress(text))?;
    let Some(ready) = ready else {
        terminal.say("nothing to take back: the journal of this database has no run that is applied");
        return Ok(Exit::Success);
    };
    carry_out(&ready, &setting, &arguments.consent, limits, ("take this back?", "taken back"), terminal)
}

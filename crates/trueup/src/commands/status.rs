//! `trueup` without a command: where the project stands, in five lines.

use crate::arguments::ProjectArguments;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::workflow;

pub(crate) fn run(
    project: &ProjectArguments,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let (setting, _) = workflow::Setting::load(project, environment)?;
    let standing = workflow::standing(&setting, &mut |text| terminal.progress(text))?;
    let mut text = String::new();
    for (label, line) in [
        ("history", standing.history),
        ("database", standing.database),
        ("ledger", standing.ledger),
        ("schema", standing.schema),
        ("next", standing.next),
    ] {
        text.push_str(&format!("{label:<9} {}\n", trueup_report::redact(&line)));
    }
    terminal.print(&text);
    Ok(Exit::Success)
}

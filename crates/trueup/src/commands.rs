//! The commands: one file each, one line here.

mod apply;
mod backup;
mod check;
mod demo;
mod repair;
mod restore;
mod status;
mod undo;

use clap::Subcommand;

use crate::arguments::Arguments;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

#[derive(Debug, Subcommand)]
pub enum Command {
    Check(check::CheckArguments),
    Repair(Box<repair::RepairArguments>),
    Apply(apply::ApplyArguments),
    Undo(undo::UndoArguments),
    Backup(backup::BackupArguments),
    Restore(restore::RestoreArguments),
    Demo(demo::DemoArguments),
}

pub(crate) fn run(
    arguments: &Arguments,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let project = &arguments.project;
    match &arguments.command {
        Some(Command::Check(command)) => check::run(command, project, environment, terminal),
        Some(Command::Repair(command)) => repair::run(command, project, environment, terminal),
        Some(Command::Apply(command)) => apply::run(command, project, environment, terminal),
        Some(Command::Undo(command)) => undo::run(command, project, environment, terminal),
        Some(Command::Backup(command)) => backup::run(command, project, environment, terminal),
        Some(Command::Restore(command)) => restore::run(command, project, environment, terminal),
        Some(Command::Demo(command)) => demo::run(command, project, environment, terminal),
        None => status::run(project, environment, terminal),
    }
}

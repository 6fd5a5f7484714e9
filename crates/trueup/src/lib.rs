//! `trueup`: finds where a database and its migration history drifted apart, says why, and repairs it.
//!
//! This crate joins the others: it parses what was typed, reads the configuration, runs a workflow and prints the
//! report. Decisions are made in the engine, not here.

mod arguments;
mod configuration;
mod consent;
mod environment;
mod exit;
mod failure;
mod interrupt;
mod terminal;

mod commands;
mod workflow;

pub use environment::Environment;
pub use exit::Exit;

use clap::Parser;

/// Runs the program with the arguments and the environment of the process.
pub fn run_program() -> std::process::ExitCode {
    let environment = Environment::of_process();
    let mut terminal = terminal::Terminal::of_process(&environment);
    let arguments = match arguments::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return terminal.show_usage(&error).into(),
    };
    interrupt::clean_up_on_interrupt();
    let exit = run(&arguments, &environment, &mut terminal);
    match trueup_database::apply::interrupt::is_interrupted() {
        true => Exit::Interrupted.into(),
        false => exit.into(),
    }
}

fn run(
    arguments: &arguments::Arguments,
    environment: &Environment,
    terminal: &mut terminal::Terminal,
) -> Exit {
    terminal.obey(&arguments.common);
    match commands::run(arguments, environment, terminal) {
        Ok(exit) => exit,
        Err(failure) => {
            terminal.show_failure(&failure);
            failure.exit
        }
    }
}

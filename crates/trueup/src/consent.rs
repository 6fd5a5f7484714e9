//! What commands that write to a database ask for before they do.

use std::time::Duration;

use clap::Args;
use trueup_database::apply::{Applied, Limits};
use trueup_model::Severity;
use trueup_report::{Style, run_plan};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::workflow::{Allowed, Ready, Setting};

#[derive(Args, Debug)]
pub struct ConsentArguments {
    /// Let something be lost: `drop:public.old_orders`, or `drop` for everything. Can be repeated.
    #[arg(long, value_name = "PERMISSION")]
    pub allow: Vec<String>,

    /// Do not back up first what could be lost.
    #[arg(long)]
    pub no_backup: bool,

    /// How many seconds a statement waits for a lock; everybody else queues behind it.
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0)]
    pub lock_timeout: f64,

    /// How often it is tried where a lock is not to be had, after longer and longer pauses.
    #[arg(long, value_name = "TIMES", default_value_t = 5)]
    pub attempts: u32,

    /// Do it without asking.
    #[arg(long, short)]
    pub yes: bool,

    /// Fold nothing.
    #[arg(long, short)]
    pub verbose: bool,
}

impl ConsentArguments {
    pub fn permissions(&self) -> Result<Allowed, Failure> {
        permissions(&self.allow)
    }

    pub fn limits(&self) -> Result<Limits, Failure> {
        let lock = Duration::try_from_secs_f64(self.lock_timeout).ok().filter(|lock| !lock.is_zero());
        let lock = lock.ok_or_else(|| {
            Failure::new(format!(
                "reading the arguments: {} is no time to wait for a lock",
                self.lock_timeout
            ))
            .hint("a number of seconds above 0: --lock-timeout 2.5")
        })?;
        Ok(Limits { lock, attempts: self.attempts.max(1), ..Limits::default() })
    }

    pub fn style(&self, terminal: &Terminal) -> Style {
        Style {
            width: terminal.width,
            colour: terminal.colour,
            threshold: Severity::Warning,
            verbose: self.verbose,
        }
    }
}

/// What was typed after `--allow`.
pub(crate) fn permissions(allowed: &[String]) -> Result<Allowed, Failure> {
    let mut objects = Vec::new();
    for permission in allowed {
        match permission.split_once(':') {
            None if permission == "drop" => return Ok(Allowed::All),
            Some(("drop", object)) if !object.is_empty() => {
                objects.push(object.to_owned());
            }
            Some(_) | None => {
                return Err(Failure::new(format!(
                    "reading the arguments: unknown permission `{permission}`"
                ))
                .hint("`--allow drop:OBJECT`, or `--allow drop` for everything"));
            }
        }
    }
    Ok(Allowed::Named(objects))
}

/// Shows what would be done, and does it if it may be: looked at, agreed to, backed up, run.
pub(crate) fn carry_out(
    ready: &Ready,
    setting: &Setting,
    consent: &ConsentArguments,
    limits: Limits,
    (question, what): (&str, &str),
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    terminal.print(&run_plan(&ready.plan, &consent.style(terminal)));
    for note in ready.look_before(setting)? {
        terminal.say(&format!("note: {note}"));
    }
    if !agreed(ready, consent, question, terminal)? {
        return Ok(Exit::Refused);
    }
    for line in ready.back_up(setting, &mut |text| terminal.progress(text))? {
        terminal.say(&line);
    }
    let runs = ready.run(setting, limits, &mut |text| terminal.say(text))?;
    terminal.say(&done(what, &runs));
    Ok(Exit::Success)
}

/// Whether it may be done: nothing is lost without permission, and somebody has said yes.
fn agreed(
    ready: &Ready,
    consent: &ConsentArguments,
    question: &str,
    terminal: &mut Terminal,
) -> Result<bool, Failure> {
    if !ready.forbidden.is_empty() {
        let permissions: Vec<String> =
            ready.forbidden.iter().map(|object| trueup_report::permission(object)).collect();
        terminal.say(&format!(
            "nothing was done: something would be lost. To do it all the same: {}",
            permissions.join(" ")
        ));
        return Ok(false);
    }
    if consent.yes {
        return Ok(true);
    }
    match terminal.confirmed(question) {
        Some(true) => Ok(true),
        Some(false) => {
            terminal.say("nothing was done");
            Ok(false)
        }
        None => {
            terminal.say("nothing was done: nobody is there to be asked. To do it: --yes");
            Ok(false)
        }
    }
}

fn done(what: &str, runs: &[Applied]) -> String {
    let numbers: Vec<String> = runs.iter().map(|run| run.run.to_string()).collect();
    match numbers.as_slice() {
        [one] => format!("{what}: run {one} in the journal (trueup.trueup_runs)"),
        many => format!("{what}: runs {} in the journal (trueup.trueup_runs)", many.join(", ")),
    }
}

//! The only place that prints. Standard output carries data, standard error carries talk.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use crate::arguments::{ColourChoice, Common};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;

pub struct Terminal {
    output: anstream::AutoStream<std::io::Stdout>,
    talk: anstream::AutoStream<std::io::Stderr>,
    pub width: usize,
    pub colour: bool,
    quiet: bool,
    shows_progress: bool,
    asks: bool,
    /// A progress line stands on the terminal and has to be wiped.
    line_is_open: bool,
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();
const FAINT: Style = Style::new().dimmed();

impl Terminal {
    pub fn of_process(environment: &Environment) -> Self {
        let wanted = environment.variable("NO_COLOR").is_none()
            && environment.variable("TERM").as_deref() != Some("dumb")
            && (environment.output_is_terminal || environment.variable("CLICOLOR_FORCE").is_some());
        let talk_wanted = environment.variable("NO_COLOR").is_none() && environment.talk_is_terminal;
        Self {
            output: anstream::AutoStream::new(std::io::stdout(), choice(wanted)),
            talk: anstream::AutoStream::new(std::io::stderr(), choice(talk_wanted)),
            width: environment.width.clamp(40, 160),
            colour: wanted,
            quiet: false,
            shows_progress: environment.talk_is_terminal,
            asks: environment.talk_is_terminal && environment.input_is_terminal,
            line_is_open: false,
        }
    }

    /// What flags say beats what the environment says.
    pub fn obey(&mut self, common: &Common) {
        self.quiet = common.quiet;
        let wanted = match common.color {
            ColourChoice::Auto => return,
            ColourChoice::Always => true,
            ColourChoice::Never => false,
        };
        self.colour = wanted;
        self.output = anstream::AutoStream::new(std::io::stdout(), choice(wanted));
        self.talk = anstream::AutoStream::new(std::io::stderr(), choice(wanted));
    }

    /// Data. A reader that went away is not an error: `trueup check | head` ends well.
    pub fn print(&mut self, text: &str) {
        self.wipe();
        let _ = self.output.write_all(text.as_bytes()).and_then(|()| self.output.flush());
    }

    /// Talk: a line for people.
    pub fn say(&mut self, text: &str) {
        if !self.quiet {
            self.wipe();
            let _ = writeln!(self.talk, "{text}");
        }
    }

    /// What is going on, on a terminal only; the next line replaces it.
    pub fn progress(&mut self, text: &str) {
        if self.quiet || !self.shows_progress {
            return;
        }
        let short: String = text.chars().take(self.width.saturating_sub(1)).collect();
        let _ = write!(self.talk, "\r\x1b[2K{FAINT}{short}{FAINT:#}").and_then(|()| self.talk.flush());
        self.line_is_open = true;
    }

    /// Asks, where somebody is there to answer. Anything but a yes is a no.
    pub fn confirmed(&mut self, question: &str) -> Option<bool> {
        if !self.asks {
            return None;
        }
        self.wipe();
        let _ = write!(self.talk, "{question} [y/N] ").and_then(|()| self.talk.flush());
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        Some(read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    pub fn show_failure(&mut self, failure: &Failure) {
        self.wipe();
        let message = trueup_report::redact(&failure.message);
        let _ = writeln!(self.talk, "{ERROR}error:{ERROR:#} {}", indented(&message));
        for hint in &failure.hints {
            let _ = writeln!(self.talk, "{HINT}hint:{HINT:#} {}", indented(&trueup_report::redact(hint)));
        }
    }

    /// Help, version and usage errors, in clap's own words.
    pub fn show_usage(&mut self, error: &clap::Error) -> Exit {
        use clap::error::ErrorKind;
        let text = error.render();
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                let _ = write!(self.output, "{}", text.ansi());
                Exit::Success
            }
            _ => {
                let _ = write!(self.talk, "{}", text.ansi());
                Exit::Failed
            }
        }
    }

    fn wipe(&mut self) {
        if std::mem::take(&mut self.line_is_open) {
            let _ = write!(self.talk, "\r\x1b[2K").and_then(|()| self.talk.flush());
        }
    }
}

fn choice(wanted: bool) -> anstream::ColorChoice {
    if wanted { anstream::ColorChoice::AlwaysAnsi } else { anstream::ColorChoice::Never }
}

fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n  ")
}

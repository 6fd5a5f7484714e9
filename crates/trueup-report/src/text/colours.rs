//! The one table of labels and colours. A report without colours says the same.

use anstyle::{AnsiColor, Style};

use trueup_model::Severity;

/// What a piece of text is; how it looks is decided here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    Plain,
    Error,
    Warning,
    Info,
    Good,
    Heading,
    /// A line of the history in a comparison.
    Expected,
    /// A line of the database in a comparison.
    Found,
    Place,
    Hint,
    Note,
    Command,
    Faint,
}

impl Label {
    pub fn of(severity: Severity) -> Self {
        match severity {
            Severity::Error => Label::Error,
            Severity::Warning => Label::Warning,
            Severity::Info => Label::Info,
        }
    }

    pub const fn style(self) -> Style {
        match self {
            Label::Plain => Style::new(),
            Label::Error => AnsiColor::Red.on_default().bold(),
            Label::Warning => AnsiColor::Yellow.on_default().bold(),
            Label::Info => AnsiColor::Blue.on_default().bold(),
            Label::Good => AnsiColor::Green.on_default().bold(),
            Label::Heading => Style::new().bold(),
            Label::Expected => AnsiColor::Green.on_default(),
            Label::Found => AnsiColor::Red.on_default(),
            Label::Place => AnsiColor::Blue.on_default(),
            Label::Hint => AnsiColor::Cyan.on_default(),
            Label::Note => AnsiColor::Cyan.on_default().bold(),
            Label::Command => AnsiColor::Cyan.on_default().bold(),
            Label::Faint => Style::new().dimmed(),
        }
    }
}

//! How the program ends. Scripts rely on these numbers.

/// The meaning of an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing found, or done.
    Success,
    /// It could not be done: usage, configuration, surroundings.
    Failed,
    /// Findings at or above `--fail-on`.
    Findings,
    /// Refused as unsafe or unproven.
    Refused,
    /// A lock could not be had in time: try again.
    Locked,
    Interrupted,
}

impl Exit {
    /// Code, name and meaning, in the order of the help text.
    pub const ALL: &'static [(Exit, &'static str)] = &[
        (Exit::Success, "nothing found, or done"),
        (Exit::Failed, "failed: usage, configuration or surroundings"),
        (Exit::Findings, "findings at or above --fail-on"),
        (Exit::Refused, "refused as unsafe or unproven"),
        (Exit::Locked, "could not get a lock in time: try again"),
        (Exit::Interrupted, "interrupted"),
    ];

    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Failed => 1,
            Exit::Findings => 2,
            Exit::Refused => 3,
            Exit::Locked => 4,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

//! What the process was given: variables, folders, terminals. Read once, here, and passed along, so that tests can
//! give another one.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::{SystemTime, UNIX_EPOCH};

use camino::Utf8PathBuf;

#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    pub current_folder: Utf8PathBuf,
    pub output_is_terminal: bool,
    pub talk_is_terminal: bool,
    pub input_is_terminal: bool,
    pub width: usize,
    /// When the process began, in seconds since the beginning of 1970.
    pub began: u64,
}

impl Environment {
    pub fn of_process() -> Self {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let current_folder = std::env::current_dir()
            .ok()
            .and_then(|folder| Utf8PathBuf::from_path_buf(folder).ok())
            .unwrap_or_else(|| Utf8PathBuf::from("."));
        let output_is_terminal = std::io::stdout().is_terminal();
        let asked = variables.get("COLUMNS").and_then(|columns| columns.parse().ok());
        let measured = output_is_terminal.then(terminal_width).flatten();
        Self {
            width: asked.or(measured).unwrap_or(80),
            current_folder,
            output_is_terminal,
            talk_is_terminal: std::io::stderr().is_terminal(),
            input_is_terminal: std::io::stdin().is_terminal(),
            began: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            variables,
        }
    }

    /// Who runs this, as far as the surroundings say.
    pub fn user(&self) -> String {
        let names = ["USER", "LOGNAME", "USERNAME"];
        names.iter().find_map(|name| self.variable(name)).unwrap_or_else(|| "somebody".to_owned())
    }

    /// All of them, for settings of projects that ask for some.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).filter(|value| !value.is_empty()).cloned()
    }
}

fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

//! Steps that all run, whatever becomes of the ones before, and a list at the end of what failed.

use anyhow::{Result, bail};
use xshell::{Cmd, Shell};

/// What has been run so far.
#[derive(Default)]
pub struct Steps {
    failed: Vec<Failed>,
    passed: usize,
}

struct Failed {
    name: String,
    /// What can be typed to run this step alone.
    again: String,
}

impl Steps {
    /// Runs a command, showing what it says.
    pub fn command(&mut self, name: &str, command: Cmd<'_>) {
        let again = command.to_string();
        self.step(name, &again, || Ok(command.run()?));
    }

    pub fn step(&mut self, name: &str, again: &str, run: impl FnOnce() -> Result<()>) {
        eprintln!("\n== {name}");
        match run() {
            Ok(()) => self.passed += 1,
            Err(error) => {
                eprintln!("error: {error:#}");
                self.failed.push(Failed { name: name.to_owned(), again: again.to_owned() });
            }
        }
    }

    /// Says how it went; an error where anything failed.
    pub fn finish(self) -> Result<()> {
        if self.failed.is_empty() {
            eprintln!("\nall {} steps passed", self.passed);
            return Ok(());
        }
        let total = self.passed + self.failed.len();
        let mut text = format!("{} of {total} steps failed; to run one of them alone:", self.failed.len());
        for failed in &self.failed {
            text.push_str(&format!("\n  {:<8} {}", failed.name, failed.again));
        }
        bail!(text)
    }
}

/// A shell in the folder of the workspace, whatever folder the task was called from.
pub fn shell() -> Result<Shell> {
    let shell = Shell::new()?;
    shell.change_dir(crate::root());
    Ok(shell)
}

#[cfg(test)]
mod tests {
    use super::Steps;

    #[test]
    fn what_failed_is_named_with_the_way_to_repeat_it_and_the_rest_still_runs() {
        let mut steps = Steps::default();
        steps.step("first", "cargo first", || anyhow::bail!("no"));
        let mut ran = false;
        steps.step("second", "cargo second", || {
            ran = true;
            Ok(())
        });
        assert!(ran);
        let text = steps.finish().expect_err("one failed").to_string();
        assert!(text.contains("1 of 2 steps failed") && text.contains("first    cargo first"), "{text}");
        assert!(!text.contains("cargo second"), "{text}");
        assert!(Steps::default().finish().is_ok());
    }
}

//! A program of PostgreSQL that reads for us and cannot outlive us.
//!
//! As with a scratch server, a small shell waits at the end of a pipe: however we end, the system closes the pipe,
//! and the shell ends the program, even one that waits for the server and writes nothing.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use super::BackupError;

#[cfg(unix)]
const SCRIPT: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
( read -r word <&3; kill -TERM "$child" ) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$child"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
"#;

/// More of what a program complains about is not kept.
const LONGEST_COMPLAINT: u64 = 8192;

pub struct Running {
    program: PathBuf,
    child: Child,
    complaint: Option<JoinHandle<String>>,
    /// Must not show in what the program says.
    secret: Option<String>,
}

/// Starts a program whose standard output is read by us. Settings of libpq are those given and no others.
pub fn start(
    program: &Path,
    arguments: &[String],
    variables: &[(&'static str, String)],
) -> Result<(Running, ChildStdout), BackupError> {
    let mut command = watched(program);
    command.args(arguments);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C").envs(variables.iter().map(|(name, value)| (name, value)));
    let failed =
        |error: &io::Error| BackupError::Program { program: program.to_owned(), said: error.to_string() };
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error))?;
    let output = child.stdout.take().expect("its standard output is a pipe");
    let errors = child.stderr.take().expect("its standard error is a pipe");
    let complaint = std::thread::spawn(move || {
        let mut errors = errors;
        let mut text = Vec::new();
        let _ = errors.by_ref().take(LONGEST_COMPLAINT).read_to_end(&mut text);
        // The rest is taken in and dropped, so that the program does not wait for a reader.
        let _ = io::copy(&mut errors, &mut io::sink());
        String::from_utf8_lossy(&text).into_owned()
    });
    let secret = variables.iter().find(|(name, _)| *name == "PGPASSWORD").map(|(_, value)| value.clone());
    Ok((Running { program: program.to_owned(), child, complaint: Some(complaint), secret }, output))
}

#[cfg(unix)]
fn watched(program: &Path) -> Command {
    use std::os::unix::process::CommandExt;

    let mut command = Command::new("/bin/sh");
    // A group of its own: an interrupt typed at the terminal ends us, and the pipe ends the program.
    command.args(["-c", SCRIPT, "sh"]).arg(program).process_group(0);
    command
}

#[cfg(not(unix))]
fn watched(program: &Path) -> Command {
    Command::new(program)
}

impl Running {
    /// Waits for the end of a program whose output was read to its end.
    pub fn finish(mut self) -> Result<(), BackupError> {
        let status = self.child.wait();
        let said = self.complaint.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => {
                let said = if said.trim().is_empty() { status.to_string() } else { said };
                Err(BackupError::Program { program: self.program.clone(), said: self.told(&said) })
            }
            Err(error) => {
                Err(BackupError::Program { program: self.program.clone(), said: error.to_string() })
            }
        }
    }

    /// In one line, without the name of the program and without the password.
    fn told(&self, said: &str) -> String {
        let name = self.program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let lines = said.lines().map(|line| {
            let line = line.trim();
            let rest = line.strip_prefix(&*name).and_then(|rest| rest.strip_prefix(": "));
            rest.unwrap_or(line).trim_start_matches("error: ")
        });
        let text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" / ");
        match self.secret.as_deref().filter(|secret| !secret.is_empty()) {
            Some(secret) => text.replace(secret, "***"),
            None => text,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if cfg!(not(unix)) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn sh(script: &str, variables: &[(&'static str, String)]) -> (Running, ChildStdout) {
        start(Path::new("/bin/sh"), &["-c".to_owned(), script.to_owned()], variables).expect("a shell")
    }

    #[test]
    fn what_a_program_writes_and_how_it_ends_comes_through() {
        let (running, mut output) = sh("echo rows", &[]);
        let mut text = String::new();
        output.read_to_string(&mut text).expect("its output");
        running.finish().expect("success");
        assert_eq!(text, "rows\n");

        let (running, mut output) = sh("echo 'sh: error: no such thing' >&2; exit 3", &[]);
        output.read_to_string(&mut text).expect("its output");
        let error = running.finish().expect_err("a failure").to_string();
        assert_eq!(error, "running /bin/sh: no such thing");
    }

    #[test]
    fn a_password_that_a_program_says_is_not_passed_on() {
        let variables = [("PGPASSWORD", "pl4nted".to_owned())];
        let (running, mut output) = sh("echo \"wrong password $PGPASSWORD\" >&2; exit 1", &variables);
        output.read_to_end(&mut Vec::new()).expect("its output");
        let error = running.finish().expect_err("a failure").to_string();
        assert_eq!(error, "running /bin/sh: wrong password ***");
    }

    #[test]
    fn a_program_that_is_not_wanted_any_more_ends() {
        let (running, mut output) = sh("echo $$; exec tail -f /dev/null", &[]);
        let mut number = [0; 32];
        let count = output.read(&mut number).expect("its number");
        let number = String::from_utf8_lossy(&number[..count]).trim().to_owned();
        assert!(Path::new("/proc").join(&number).exists());
        let began = Instant::now();
        drop(running);
        assert!(began.elapsed() < Duration::from_secs(10));
        assert!(!Path::new("/proc").join(&number).exists(), "the program is gone");
    }
}

//! Lets the project's own tool run its migrations on a throwaway database, and takes down what it sends.
//!
//! Code of a project runs here and in `models.rs` only, and only because somebody asked for it: in a process of its own,
//! with its own interpreter, and with nothing but the throwaway database to write to.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

use serde::Deserialize;
use trueup_database::expected::empty_shadow;
use trueup_database::shadow::Address;
use trueup_frameworks::record::{Recorded, Recorder};
use trueup_model::History;

use super::load::Setting;
use crate::failure::Failure;

/// More of what a program complains about is not kept.
const LONGEST_COMPLAINT: u64 = 1 << 16;

/// What can be done where migrations cannot be read, if something can.
pub(super) fn way_out(setting: &Setting) -> Option<&'static str> {
    recorder(setting).map(|_| "`--replay framework` lets the project's own tool run it")
}

fn recorder(setting: &Setting) -> Option<Recorder> {
    trueup_frameworks::framework(setting.detected.framework)?.recorder(&setting.detected)
}

/// Every migration of the project as it ran on an empty database, in that order.
pub(super) fn record(setting: &Setting, history: &History) -> Result<Vec<Recorded>, Failure> {
    let name = setting.detected.framework;
    let Some(recorder) = recorder(setting) else {
        return Err(Failure::new(format!("replaying with {name}: it is not known how to ask it to"))
            .hint("without --replay the migrations are read from their files"));
    };
    let failed = |error: &dyn std::fmt::Display| Failure::new(format!("replaying with {name}: {error}"));
    let opener = setting.shadow_opener();
    let plan = setting.plan(opener.as_deref(), None);
    let mut shadow = empty_shadow(history, &plan).map_err(|error| failed(&error))?;
    let address = shadow.lend().map_err(|error| failed(&error))?;
    run(&recorder, &address).map_err(|failure| Failure {
        message: format!("replaying with {name}: {}", failure.message),
        ..failure
    })
}

/// A line of what a recorder says.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    migration: Option<String>,
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    line: Option<u32>,
    #[serde(default)]
    atomic: bool,
    #[serde(default)]
    statements: Vec<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    done: bool,
}

fn run(recorder: &Recorder, address: &Address) -> Result<Vec<Recorded>, Failure> {
    let mut child = start(recorder)?;
    let input = child.stdin.take();
    let output = child.stdout.take().expect("its standard output is a pipe");
    let complaint = complaint(&mut child);
    if let Some(mut input) = input {
        // A program that has ended already says why below.
        let _ = input.write_all(request(recorder, address).to_string().as_bytes());
    }
    let said = listen(output);
    if said.is_err() {
        let _ = child.kill();
    }
    let status = child.wait();
    let complaint = complaint.join().unwrap_or_default();
    let said = said?;
    if let Some(recorded) = said {
        return Ok(recorded);
    }
    let last = last_line(&complaint);
    let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
    Err(Failure::new(format!("{} ended too early ({status}): {last}", recorder.program))
        .hint("run the project's own migrate on an empty database, and look at what it says"))
}

/// What it complains about. The rest is taken in and dropped, so that the program does not wait for a reader.
pub(super) fn complaint(child: &mut Child) -> std::thread::JoinHandle<String> {
    let mut errors = child.stderr.take().expect("its standard error is a pipe");
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = errors.by_ref().take(LONGEST_COMPLAINT).read_to_end(&mut text);
        let _ = std::io::copy(&mut errors, &mut std::io::sink());
        String::from_utf8_lossy(&text).into_owned()
    })
}

pub(super) fn last_line(complaint: &str) -> &str {
    complaint.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing")
}

pub(super) fn start(recorder: &Recorder) -> Result<Child, Failure> {
    let mut command = Command::new(&recorder.program);
    // Settings of libpq would lead somewhere else.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
        command.env_remove(name);
    }
    command
        .args(&recorder.arguments)
        .current_dir(&recorder.folder)
        .envs(recorder.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Failure::new(format!("{} cannot be started: {error}", recorder.program)))
}

fn request(recorder: &Recorder, address: &Address) -> serde_json::Value {
    let Address { host, port, user, password, database } = address;
    let mut request = serde_json::json!({
        "database": {"host": host, "port": port, "user": user, "password": password, "name": database},
    });
    for (name, value) in &recorder.request {
        request[*name] = serde_json::json!(value);
    }
    request
}

/// `None` where it ended without saying that it was done.
fn listen(output: impl Read) -> Result<Option<Vec<Recorded>>, Failure> {
    let mut recorded = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.map_err(|error| Failure::new(format!("reading what it says: {error}")))?;
        let line: Line = serde_json::from_str(&line)
            .map_err(|error| Failure::new(format!("it says what is not understood: {error}")))?;
        if let Some(error) = line.error {
            return Err(refused(&error, line.migration.as_deref(), line.file.zip(line.line)));
        }
        if line.done {
            return Ok(Some(recorded));
        }
        if let (Some(key), Some(file)) = (line.migration, line.file) {
            recorded.push(Recorded { key, file, atomic: line.atomic, statements: line.statements });
        }
    }
    Ok(None)
}

fn refused(error: &str, migration: Option<&str>, place: Option<(String, u32)>) -> Failure {
    let at = migration.map(|migration| format!(" at {migration}")).unwrap_or_default();
    let place = place.map(|(file, line)| format!(" ({file}:{line})")).unwrap_or_default();
    Failure::new(format!("it stops{at}: {error}{place}")).hint(
        "without --replay the migrations are read from their files, whether or not the project can start",
    )
}

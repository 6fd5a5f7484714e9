//! Holds the models of a project against its history. The project's own tool is asked, in a process of its own and
//! without a database; where that cannot start, the models are read from their files.

use std::io::{BufRead, BufReader, Write};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde::Deserialize;
use trueup_frameworks::models::{ModelChange, Models, ModelsRead};
use trueup_frameworks::record::Recorder;
use trueup_model::{Finding, History, Ident};

use super::load::Setting;
use super::record::{complaint, last_line, start};
use crate::failure::Failure;

/// A project that takes longer to start has something else in mind.
const PATIENCE: Duration = Duration::from_secs(180);

/// What the models say that no migration does, and what is to be known about how that was found out.
#[derive(Default)]
pub(super) struct Held {
    pub findings: Vec<Finding>,
    pub notes: Vec<String>,
}

pub(super) fn hold_models(setting: &Setting, history: &History) -> Result<Held, Failure> {
    let name = setting.detected.framework;
    let tool = trueup_frameworks::framework(name);
    let Some(models) = tool.and_then(|tool| tool.models(&setting.detected)) else {
        return Err(Failure::new(format!(
            "looking at the models: {name} has no models that could be compared"
        ))
        .hint("leave --models out"));
    };
    let read = match ask(&models.program) {
        Ok(read) => read,
        Err(why) => {
            let mut read = (models.read)(&setting.detected).map_err(Failure::reading)?;
            read.notes.insert(0, format!("the models are read without {name}, which cannot tell: {why}"));
            read
        }
    };
    let mut path = history.preparation.search_path.iter();
    let schema = path.find(|schema| schema.as_str() != "$user").cloned();
    let schema = schema.unwrap_or_else(|| Ident::new("public"));
    let mut findings = read.findings;
    findings.extend(Models::findings(&read.changes, &setting.detected, &schema));
    Ok(Held { findings, notes: read.notes })
}

/// A line of what the program says.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Line {
    conflicts: Option<std::collections::BTreeMap<String, Vec<String>>>,
    app: Option<String>,
    operation: Option<String>,
    model: Option<String>,
    field: Option<String>,
    description: Option<String>,
    table: Option<String>,
    column: Option<String>,
    index: Option<String>,
    constraint: Option<String>,
    class: Option<String>,
    details: Option<String>,
    matters: bool,
    installed: bool,
    file: Option<String>,
    line: Option<u32>,
    error: Option<String>,
    done: bool,
}

/// What the project's own tool says; else why it says nothing.
fn ask(program: &Recorder) -> Result<ModelsRead, String> {
    let mut child = start(program).map_err(|failure| failure.message)?;
    let complaint = complaint(&mut child);
    if let Some(mut input) = child.stdin.take() {
        // A program that has ended already says why below.
        let _ = input.write_all(serde_json::json!(program.request).to_string().as_bytes());
    }
    let said = listen(&lines(&mut child), Instant::now() + PATIENCE);
    // Whatever it still does is of no use to anybody.
    let _ = child.kill();
    let _ = child.wait();
    match said {
        Ok(Some(read)) => Ok(read),
        Ok(None) => {
            let complaint = complaint.join().unwrap_or_default();
            Err(format!("{} ended too early: {}", program.program, last_line(&complaint)))
        }
        Err(why) => Err(why),
    }
}

fn lines(child: &mut Child) -> Receiver<std::io::Result<String>> {
    let output = child.stdout.take().expect("its standard output is a pipe");
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// `None` where it ended without saying that it was done.
fn listen(lines: &Receiver<std::io::Result<String>>, until: Instant) -> Result<Option<ModelsRead>, String> {
    let mut read = ModelsRead::default();
    loop {
        let line = match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => line.map_err(|error| format!("what it says cannot be read: {error}"))?,
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {
                return Err(format!("it did not answer within {} seconds", PATIENCE.as_secs()));
            }
        };
        let line: Line =
            serde_json::from_str(&line).map_err(|error| format!("it is not understood: {error}"))?;
        if let Some(error) = line.error {
            let place = match (line.file, line.line) {
                (Some(file), Some(line)) => format!(" ({file}:{line})"),
                (Some(_) | None, _) => String::new(),
            };
            return Err(format!("{error}{place}"));
        }
        if line.done {
            return Ok(Some(read));
        }
        for (app, names) in line.conflicts.into_iter().flatten() {
            read.notes.push(format!(
                "{app} ends in {}: its models are compared with what these make together, as after \
                 `makemigrations --merge`",
                names.join(" and ")
            ));
        }
        if let (Some(app), Some(operation), Some(model)) = (line.app, line.operation, line.model) {
            read.changes.push(ModelChange {
                app,
                operation,
                model,
                field: line.field,
                description: line.description.unwrap_or_default(),
                table: line.table,
                column: line.column,
                index: line.index,
                constraint: line.constraint,
                class: line.class,
                details: line.details,
                matters: line.matters,
                installed: line.installed,
                file: line.file,
                line: line.line,
            });
        }
    }
}

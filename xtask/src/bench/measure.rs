//! Runs a program and measures the whole process: its time from start to end, and how large it grew where that is asked
//! for.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

#[derive(Debug)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
    folder: Option<PathBuf>,
    environment: Vec<(&'static str, OsString)>,
    /// What it may end with besides 0.
    found_something: Option<i32>,
}

#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub seconds: f64,
    /// The maximum resident size in bytes, where it was asked for and the system tells it.
    pub memory: Option<u64>,
}

impl Program {
    pub fn check(program: &Path, project: &Path, cache: &Path, url: &str) -> Self {
        let history = project.join("migrations");
        Self {
            path: program.to_owned(),
            arguments: vec![
                "check".into(),
                "--database-url".into(),
                url.into(),
                "--history".into(),
                history.into(),
            ],
            folder: Some(project.to_owned()),
            environment: vec![("TRUEUP_CACHE", cache.into())],
            found_something: None,
        }
    }

    pub fn schema_dump(program: &Path, url: &str) -> Self {
        Self {
            path: program.to_owned(),
            arguments: vec!["--schema-only".into(), url.into()],
            folder: None,
            environment: Vec::new(),
            found_something: None,
        }
    }

    /// A program that says what makes one database like the other, where they differ.
    pub fn planner(program: &Path, options: &[&str], from: &str, to: &str) -> Self {
        Self {
            path: program.to_owned(),
            arguments: options.iter().copied().chain([from, to]).map(OsString::from).collect(),
            folder: None,
            environment: Vec::new(),
            found_something: Some(2),
        }
    }
}

/// Runs it once. It has to succeed: a check that finds something on this database is no measurement.
pub fn run_once(program: &Program) -> Result<Run> {
    run(program, |_| None)
}

/// The same, with its size. Asking for that again and again takes some of the time of a program that uses all
/// processors.
pub fn run_watched(program: &Program) -> Result<Run> {
    run(program, |process| Some(watch(process)))
}

fn run(program: &Program, watch: impl Fn(u32) -> Option<JoinHandle<Option<u64>>>) -> Result<Run> {
    let name = program.path.display();
    let output = tempfile::tempfile().context("making a file for what the program says")?;
    let errors = output.try_clone().context("making a file for what the program says")?;
    let mut command = Command::new(&program.path);
    // Settings of whoever measures must not count.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("PG") || text.starts_with("TRUEUP_") || text == "DATABASE_URL" {
            command.env_remove(&name);
        }
    }
    command.args(&program.arguments).envs(program.environment.iter().map(|(name, value)| (name, value)));
    if let Some(folder) = &program.folder {
        command.current_dir(folder);
    }
    let begun = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(errors)
        .spawn()
        .with_context(|| format!("starting {name}"))?;
    let watched = watch(child.id());
    let status = child.wait().with_context(|| format!("waiting for {name}"))?;
    let seconds = begun.elapsed().as_secs_f64();
    let memory = watched.and_then(|watched| watched.join().ok().flatten());
    let found_something = status.code().is_some() && status.code() == program.found_something;
    if !status.success() && !found_something {
        bail!("measuring {name}: it ended with {status}\n{}", said(output)?);
    }
    Ok(Run { seconds, memory })
}

fn said(mut file: std::fs::File) -> Result<String> {
    use std::io::{Read, Seek};
    file.rewind()?;
    let mut text = String::new();
    file.by_ref().take(4_000).read_to_string(&mut text)?;
    Ok(text)
}

/// Asks for the largest size so far until the process is gone. The number only grows, so the last answer is at most
/// a few milliseconds old.
fn watch(process: u32) -> JoinHandle<Option<u64>> {
    std::thread::spawn(move || {
        let file = format!("/proc/{process}/status");
        let mut largest = None;
        while let Some(size) = std::fs::read_to_string(&file).ok().and_then(|text| largest_size(&text)) {
            largest = largest.max(Some(size));
            std::thread::sleep(Duration::from_millis(2));
        }
        largest
    })
}

/// A process that has ended and was not waited for yet has no such line.
fn largest_size(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Program, largest_size, median, run_once};

    fn shell(script: &str) -> Program {
        Program {
            path: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
            folder: None,
            environment: vec![("TRUEUP_CACHE", "given".into())],
            found_something: None,
        }
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
    }

    #[test]
    fn the_largest_size_is_read_from_the_kernel() {
        assert_eq!(
            largest_size("Name:\ttrueup\nVmHWM:\t    2048 kB\nVmRSS:\t 1024 kB\n"),
            Some(2 * 1024 * 1024)
        );
        assert_eq!(largest_size("Name:\ttrueup\nState:\tZ (zombie)\n"), None);
    }

    #[test]
    fn a_program_is_measured_in_the_environment_that_it_is_given() {
        let run = run_once(&shell("test \"$TRUEUP_CACHE\" = given")).expect("it succeeds");
        assert!(run.seconds > 0.0);
    }

    #[test]
    fn a_program_that_fails_is_no_measurement_and_is_quoted() {
        let error = run_once(&shell("echo found something; exit 2")).expect_err("it fails").to_string();
        assert!(error.contains("found something") && error.contains('2'), "{error}");
    }
}

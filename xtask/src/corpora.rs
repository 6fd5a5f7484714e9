//! Real projects: Django migrates a database, and `trueup check` of it has to find nothing. What could be read, and how
//! long both took, becomes a row of `benches/corpora.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use trueup_testing::servers::{Server, cache_folder, find, own_server};
use xshell::{Shell, cmd};

use crate::bench::{results, revision, server_version};
use crate::needs;

const MAJOR: u32 = 15;

const MANAGE: &str = "import os
import sys

if __name__ == \"__main__\":
    os.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"settings\")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
";

/// Where the program keeps what it remembers.
const OUR_CACHE: &str = "TRUEUP_CACHE";

const HEAD: &str = "# Real projects

Each run of `cargo xtask corpora` appends its rows here. Django migrates an empty database, and `trueup check` looks at
it: first with nothing known, then again. Whole processes, one run each. A finding is an error or a warning; what is
opaque could not be read from the text of its migration. The first ratio is that of a first check that replays on the
same server to `migrate`. Reading and ordering the migrations is measured beside `showmigrations`, like with like: again,
where nothing has changed since and Python has compiled its modules; and for the first time, where neither of them has
anything, not even what pip compiled. The embedded server is the one of a check without options; it starts with nothing known, too.

| date | commit | project | migrations | opaque | read | findings | migrate | first check, same server | ratio | showmigrations | reading | ratio | showmigrations, first | reading, first | ratio | first check, embedded | second check | versions |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
";

#[derive(Default)]
struct Options {
    program: Option<PathBuf>,
    reader: Option<PathBuf>,
    only: Vec<String>,
}

/// What is measured: the program, and the example that only reads.
struct Programs {
    check: PathBuf,
    read: PathBuf,
}

pub fn run(arguments: &[String]) -> Result<()> {
    let options = options(arguments)?;
    let shell = Shell::new().context("starting a shell")?;
    shell.change_dir(crate::root());
    needs::ensure(&shell)?;
    let programs = Programs {
        check: options.program.map_or_else(|| crate::bench::built(&shell), Ok)?,
        read: options.reader.map_or_else(|| crate::bench::built_example(&shell, "read"), Ok)?,
    };
    let server = needs::speaking(|| own_server(MAJOR))?;
    // Before the first row changes a file.
    let revision = revision(&shell);
    let mut wrong = Vec::new();
    let (mut migrations, mut opaque) = (0, 0);
    for name in names(&options.only)? {
        let corpus = Corpus::prepare(&shell, &name)?;
        let outcome = corpus.measured(&server, &programs)?;
        println!("{}", outcome.sentence(&name));
        let row = outcome.row(&shell, &revision, &server, &name)?;
        results::append_to(&crate::root().join("benches/corpora.md"), HEAD, &row)?;
        migrations += outcome.migrations;
        opaque += outcome.opaque;
        if outcome.findings > 0 {
            wrong.push(format!("{name}: {} findings\n{}", outcome.findings, outcome.report));
        }
    }
    println!("all: {migrations} migrations, {opaque} opaque: {:.1} % are read", share(migrations, opaque));
    if !wrong.is_empty() {
        bail!("a database that was just migrated has findings\n{}", wrong.join("\n"));
    }
    Ok(())
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--program" | "--reader" => {
                let needs = || format!("reading the arguments: {argument} needs a file");
                let file = fs::canonicalize(rest.next().with_context(needs)?).with_context(needs)?;
                let place = if argument == "--program" { &mut options.program } else { &mut options.reader };
                *place = Some(file);
            }
            other if other.starts_with('-') => {
                bail!(
                    "reading the arguments: `corpora` does not know `{other}`; it takes --program FILE, \
                     --reader FILE (the example `read`), and names"
                )
            }
            name => options.only.push(name.to_owned()),
        }
    }
    Ok(options)
}

/// The folders beside the files that all projects share.
fn names(only: &[String]) -> Result<Vec<String>> {
    let folder = crate::root().join("corpora");
    let entries = fs::read_dir(&folder).with_context(|| format!("listing {}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok())
        .filter(|entry| entry.path().join("requirements.txt").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    if let Some(unknown) = only.iter().find(|name| !names.contains(name)) {
        bail!("reading the arguments: there is no project `{unknown}`; one of {}", names.join(", "));
    }
    names.retain(|name| only.is_empty() || only.contains(name));
    Ok(names)
}

struct Corpus {
    python: PathBuf,
    project: PathBuf,
}

struct Outcome {
    migrations: u64,
    opaque: u64,
    findings: u64,
    report: String,
    migrate: f64,
    show: f64,
    read: f64,
    /// The same where nothing is known yet.
    first_show: f64,
    first_read: f64,
    same: f64,
    first: f64,
    second: f64,
    django: String,
}

impl Corpus {
    /// An environment of its own, made once in the cache folder, and the project written anew.
    fn prepare(shell: &Shell, name: &str) -> Result<Self> {
        let source = crate::root().join("corpora").join(name);
        let folder = cache_folder("corpora").join(name);
        let requirements = fs::read_to_string(source.join("requirements.txt"))
            .with_context(|| format!("reading what {name} needs"))?;
        let environment = folder.join("environment");
        let ready = folder.join("ready");
        if fs::read_to_string(&ready).ok().as_deref() != Some(requirements.as_str()) {
            eprintln!("{name}: installing");
            let Some(python) = find("python3") else {
                bail!("making the environment of {name}: python3 is not here");
            };
            cmd!(shell, "{python} -m venv --clear {environment}").quiet().run()?;
            let pip = environment.join("bin/pip");
            let file = source.join("requirements.txt");
            cmd!(shell, "{pip} install --quiet --disable-pip-version-check -r {file}")
                .quiet()
                .run()
                .with_context(|| format!("installing what {name} needs"))?;
            fs::write(&ready, &requirements).with_context(|| format!("writing {}", ready.display()))?;
        }
        let project = folder.join("project");
        if project.exists() {
            fs::remove_dir_all(&project).with_context(|| format!("removing {}", project.display()))?;
        }
        fs::create_dir_all(&project).with_context(|| format!("making {}", project.display()))?;
        fs::write(project.join("manage.py"), MANAGE).context("writing manage.py")?;
        fs::copy(crate::root().join("corpora/base.py"), project.join("base.py"))
            .context("writing base.py")?;
        for name in ["manage.py", "settings.py"].iter().filter(|name| source.join(name).is_file()) {
            fs::copy(source.join(name), project.join(name)).with_context(|| format!("writing {name}"))?;
        }
        Ok(Self { python: environment.join("bin/python"), project })
    }

    fn measured(&self, server: &Server, programs: &Programs) -> Result<Outcome> {
        let database = server.create_database("corpus");
        let folder = || tempfile::tempdir().context("making a folder for what is remembered");
        let (of_reading, of_same, of_checks, of_python) = (folder()?, folder()?, folder()?, folder()?);
        let url = server.url(database.name());
        let variables = [
            ("CORPUS_PORT", server.port().to_string()),
            ("CORPUS_NAME", database.name().to_owned()),
            ("CORPUS_USER", "postgres".to_owned()),
            ("CORPUS_PASSWORD", password_in(&url).to_owned()),
            ("VIRTUAL_ENV", self.python.ancestors().nth(2).unwrap_or(Path::new("")).display().to_string()),
            ("PYTHONDONTWRITEBYTECODE", String::new()),
        ];
        let remembering = |program: &Path,
                           arguments: &[&str],
                           fine: &[i32],
                           (variable, cache): (&str, &Path)|
         -> Result<(f64, Output)> {
            let mut command = Command::new(program);
            command.env(variable, cache);
            command.args(arguments).current_dir(&self.project).stdin(Stdio::null());
            command.envs(
                variables.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value)),
            );
            let began = Instant::now();
            let output = command.output().with_context(|| format!("starting {}", program.display()))?;
            if !output.status.code().is_some_and(|code| fine.contains(&code)) {
                let said = String::from_utf8_lossy(&output.stderr);
                bail!("{} {}: {}", program.display(), arguments.join(" "), said.trim_end());
            }
            Ok((began.elapsed().as_secs_f64(), output))
        };
        let timed = |program: &Path, arguments: &[&str], fine: &[i32]| {
            remembering(program, arguments, fine, (OUR_CACHE, of_checks.path()))
        };
        // Compiled once, as on a machine where the project is at work.
        timed(&self.python, &["manage.py", "check"], &[0, 1])?;
        let (migrate, _) = timed(&self.python, &["manage.py", "migrate", "--verbosity", "0"], &[0])?;
        let show = ["manage.py", "showmigrations"];
        let (first_show, _) =
            remembering(&self.python, &show, &[0], ("PYTHONPYCACHEPREFIX", of_python.path()))?;
        let (show, _) = timed(&self.python, &show, &[0])?;
        let (_, version) = timed(&self.python, &["manage.py", "version"], &[0])?;
        let memory = of_reading.path().to_string_lossy();
        let read = ["django", ".", "--memory", &memory];
        let ((first_read, _), (read, _)) =
            (timed(&programs.read, &read, &[0])?, timed(&programs.read, &read, &[0])?);
        let check = ["check", "--database-url", &url, "--format", "json"];
        let shadow = server.url("postgres");
        let same = [&check[..], &["--shadow", &shadow]].concat();
        let (same, _) = remembering(&programs.check, &same, &[0, 2], (OUR_CACHE, of_same.path()))?;
        let (first, report) = timed(&programs.check, &check, &[0, 2])?;
        let (second, _) = timed(&programs.check, &check, &[0, 2])?;
        let (_, text) = timed(&programs.check, &["check", "--database-url", &url], &[0, 2])?;
        let json = String::from_utf8_lossy(&report.stdout).into_owned();
        Ok(Outcome {
            migrations: number(&json, "\"history\"", "\"migrations\"")?,
            opaque: number(&json, "\"history\"", "\"opaque\"")?,
            findings: number(&json, "\"summary\"", "\"error\"")?
                + number(&json, "\"summary\"", "\"warning\"")?,
            report: String::from_utf8_lossy(&text.stdout).into_owned(),
            migrate,
            show,
            read,
            first_show,
            first_read,
            same,
            first,
            second,
            // Some projects say more than they are asked for.
            django: String::from_utf8_lossy(&version.stdout).trim().lines().last().unwrap_or("?").to_owned(),
        })
    }
}

fn password_in(url: &str) -> &str {
    let account =
        url.split_once("://").and_then(|(_, rest)| rest.split_once('@')).map_or("", |(account, _)| account);
    account.split_once(':').map_or("", |(_, password)| password)
}

/// A number of a report: the first one of this name after a word that stands once.
fn number(json: &str, after: &str, name: &str) -> Result<u64> {
    let rest = json.rsplit_once(after).map(|(_, rest)| rest);
    let value =
        rest.and_then(|rest| rest.split_once(name)).map(|(_, rest)| rest.trim_start_matches([':', ' ']));
    let digits = value.map(|value| value.chars().take_while(char::is_ascii_digit).collect::<String>());
    digits
        .and_then(|digits| digits.parse().ok())
        .with_context(|| format!("reading a report: it has no {name}"))
}

/// How many of a hundred are read.
fn share(migrations: u64, opaque: u64) -> f64 {
    100.0 * (migrations - opaque) as f64 / migrations.max(1) as f64
}

impl Outcome {
    fn sentence(&self, name: &str) -> String {
        format!(
            "{name}: {} migrations, {} opaque, {} findings; migrate {:.1} s, first check on the same server {:.2} s (ratio \
             {:.3}), showmigrations {:.1} s, reading {:.3} s (ratio {:.3}), for the first time {:.1} s and {:.2} s (ratio {:.3}), first check, \
             embedded, {:.2} s, second {:.2} s",
            self.migrations,
            self.opaque,
            self.findings,
            self.migrate,
            self.same,
            self.same / self.migrate,
            self.show,
            self.read,
            self.read / self.show,
            self.first_show,
            self.first_read,
            self.first_read / self.first_show,
            self.first,
            self.second
        )
    }

    fn row(&self, shell: &Shell, revision: &str, server: &Server, name: &str) -> Result<String> {
        Ok(format!(
            "| {} | {} | {name} | {} | {} | {:.1} % | {} | {:.1} s | {:.2} s | {:.3} | {:.1} s | {:.3} s | {:.3} | {:.1} s | {:.2} s | {:.3} | {:.2} s | {:.2} s | Django {}, server {} |\n",
            cmd!(shell, "date -u +%Y-%m-%d").quiet().read()?,
            revision,
            self.migrations,
            self.opaque,
            share(self.migrations, self.opaque),
            self.findings,
            self.migrate,
            self.same,
            self.same / self.migrate,
            self.show,
            self.read,
            self.read / self.show,
            self.first_show,
            self.first_read,
            self.first_read / self.first_show,
            self.first,
            self.second,
            self.django,
            server_version(server)?
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{number, password_in};

    #[test]
    fn numbers_are_found_in_a_report() {
        let json = r#"{"history": {"migrations": 12, "opaque": 3}, "summary": {"error": 1, "warning": 20}}"#;
        assert_eq!(number(json, "\"history\"", "\"opaque\"").expect("a number"), 3);
        assert_eq!(number(json, "\"summary\"", "\"warning\"").expect("a number"), 20);
        assert!(number(json, "\"summary\"", "\"none\"").is_err());
    }

    #[test]
    fn the_password_of_a_url_is_found() {
        assert_eq!(password_in("postgresql://postgres:secret@127.0.0.1:1/x"), "secret");
        assert_eq!(password_in("postgresql://postgres@127.0.0.1:1/x"), "");
    }
}

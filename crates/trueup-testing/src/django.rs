//! Django itself, in pinned environments: what it sends and makes is what our reading of its migrations is held to.
//!
//! Each version lives in an environment of its own in the cache, made once with `pip`. The project is written by
//! `data/django/matrix.py`, or the one of another [`Cases`]: one app for each case.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::servers::Database;
use crate::servers::kept::{kept, must};

/// The versions that are asked, and the Python that each of them needs: those that live long and the newest, then those
/// between them.
pub const VERSIONS: &[(&str, (u32, u32))] = &[
    ("3.2.25", (3, 11)),
    ("4.2.30", (3, 11)),
    ("5.2.19", (3, 11)),
    ("6.0.10", (3, 12)),
    ("4.0.10", (3, 11)),
    ("4.1.13", (3, 11)),
    ("5.0.14", (3, 11)),
    ("5.1.15", (3, 11)),
];

/// Lets Django connect.
const DRIVER: &str = "psycopg2-binary==2.9.10";

/// The newer one, which writes values otherwise.
const DRIVER_3: &str = "psycopg[binary]==3.2.10";

/// What Django is asked to make, and what has to be on the server before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cases {
    script: &'static str,
    /// What the migrations of real projects need is on every server of theirs.
    pub extensions: &'static [&'static str],
    /// Whether the database is one for maps to Django.
    pub spatial: bool,
}

/// All that migrations do on any server.
pub const CASES: Cases =
    Cases { script: "matrix.py", extensions: &["hstore", "citext", "btree_gist", "pg_trgm"], spatial: false };

/// What they do with places on a map.
pub const SPATIAL: Cases =
    Cases { script: "spatial.py", extensions: &["postgis", "postgis_raster"], spatial: true };

/// One migration that Django ran, or tried to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    pub app: String,
    pub name: String,
    /// Why Django stopped in the middle of it. It took it back, and left the rest of the app out.
    pub error: Option<String>,
}

pub struct Django {
    pub version: &'static str,
    python: PathBuf,
}

/// An object of the schema `public`: a table, or a column, constraint or index of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thing {
    pub kind: String,
    pub table: String,
    pub name: String,
}

impl Django {
    /// This version of [`VERSIONS`], installed unless an earlier run did.
    pub fn of(version: &'static str) -> Self {
        Self::with(version, DRIVER, &format!("django-{version}"))
    }

    /// The same, connecting by psycopg 3.
    pub fn with_psycopg_3(version: &'static str) -> Self {
        Self::with(version, DRIVER_3, &format!("django-{version}-psycopg-3"))
    }

    fn with(version: &'static str, driver: &str, name: &str) -> Self {
        let needs = VERSIONS.iter().find(|(known, _)| *known == version);
        let (_, needs) =
            needs.unwrap_or_else(|| panic!("Django {version} is not among those that are asked"));
        let folder = kept("oracles", name, |fresh| install(fresh, version, driver, *needs));
        Self { version, python: folder.join("bin/python") }
    }

    /// The same by a version that is only known when the test runs.
    pub fn named(version: &str) -> Self {
        let known = VERSIONS.iter().find(|(known, _)| *known == version);
        let (known, _) =
            known.unwrap_or_else(|| panic!("Django {version} is not among those that are asked"));
        Self::of(known)
    }

    /// The virtual environment.
    pub fn folder(&self) -> &Path {
        self.python.parent().and_then(Path::parent).expect("a folder with bin/python")
    }

    /// Runs `manage.py` of a project whose settings ask for `DBNAME`, `DBHOST`, `DBPORT` and `DBUSER`.
    pub fn manage(
        &self,
        project: &Path,
        database: &Database,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Output {
        let mut command = Command::new(&self.python);
        command
            .arg("manage.py")
            .args(arguments)
            .current_dir(project)
            .env_remove("DJANGO_SETTINGS_MODULE")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("DBNAME", database.name())
            .env("DBHOST", "127.0.0.1")
            .env("DBPORT", database.server().port().to_string())
            .env("DBUSER", "postgres")
            .envs(variables.iter().copied());
        command.output().expect("starting Django")
    }

    /// Writes the project with all cases into a folder, and gives the names of the apps with those of their cases.
    pub fn write_cases(&self, cases: Cases, folder: &Path) -> Vec<(String, String)> {
        let mut command = self.python(cases.script);
        must(command.arg(folder), "writing the cases for Django", "see data/django");
        let names = std::fs::read_to_string(folder.join("names.txt")).expect("the names of the cases");
        let pair = |line: &str| line.split_once(' ').map(|(app, name)| (app.to_owned(), name.to_owned()));
        names.lines().filter_map(pair).collect()
    }

    /// Migrates the apps from the first to the last on an empty database.
    pub fn migrate(
        &self,
        cases: Cases,
        folder: &Path,
        (first, last): (&str, &str),
        database: &Database,
    ) -> Vec<Ran> {
        let server = database.server();
        let mut command = self.python("record.py");
        command
            .arg(folder)
            .arg("--brief")
            .env("CASES", format!("{first}-{last}"))
            .env("EXTENSIONS", cases.extensions.join(" "))
            .env("DBNAME", database.name())
            .env("DBHOST", "127.0.0.1")
            .env("DBPORT", server.port().to_string())
            .env("DBUSER", "postgres");
        let output = command.output().expect("starting Django");
        assert!(
            output.status.success(),
            "Django {} failed:\n{}",
            self.version,
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().filter_map(ran).collect()
    }

    /// Migrates a project one migration after the other; what is there after each.
    pub fn stages(&self, folder: &Path, database: &Database) -> Vec<(String, BTreeSet<Thing>)> {
        let mut command = self.python("stages.py");
        command
            .arg(folder)
            .env("DBNAME", database.name())
            .env("DBHOST", "127.0.0.1")
            .env("DBPORT", database.server().port().to_string())
            .env("DBUSER", "postgres");
        let output = command.output().expect("starting Django");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "Django {} failed:\n{said}", self.version);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut stages: Vec<(String, BTreeSet<Thing>)> = Vec::new();
        for (migration, thing) in text.lines().filter_map(thing) {
            match stages.last_mut() {
                Some((last, things)) if *last == migration => drop(things.insert(thing)),
                Some(_) | None => stages.push((migration, BTreeSet::from([thing]))),
            }
        }
        stages
    }

    fn python(&self, script: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/django").join(script));
        command.env_remove("DJANGO_SETTINGS_MODULE").env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

fn thing(line: &str) -> Option<(String, Thing)> {
    let [migration, kind, table, name] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
    let thing = Thing { kind: kind.to_owned(), table: table.to_owned(), name: name.to_owned() };
    Some((migration.to_owned(), thing))
}

fn ran(line: &str) -> Option<Ran> {
    let mut parts = line.splitn(3, '\t');
    let (app, name, error) = (parts.next()?, parts.next()?, parts.next()?);
    let error = (!error.is_empty()).then(|| error.to_owned());
    Some(Ran { app: app.to_owned(), name: name.to_owned(), error })
}

fn install(folder: &Path, version: &str, driver: &str, needs: (u32, u32)) {
    let advice = "install Python with its modules venv and pip";
    must(
        Command::new(interpreter(needs)).args(["-m", "venv"]).arg(folder),
        "making an environment for Django",
        advice,
    );
    must(
        Command::new(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .arg(format!("django=={version}"))
            .arg(driver),
        "installing Django",
        advice,
    );
}

/// A Python of at least this version: from the search path, or one of those that pyenv keeps.
fn interpreter((major, minor): (u32, u32)) -> PathBuf {
    let mut candidates: Vec<PathBuf> = vec![format!("python{major}.{minor}").into(), "python3".into()];
    if let Some(home) = std::env::var_os("HOME") {
        let kept = Path::new(&home).join(".pyenv/versions");
        let mut folders: Vec<PathBuf> =
            std::fs::read_dir(kept).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        folders.sort();
        candidates.extend(folders.into_iter().map(|folder| folder.join("bin/python3")));
    }
    let asks = format!("import sys; sys.exit(sys.version_info[:2] != ({major}, {minor}))");
    let fits = |candidate: &PathBuf| {
        Command::new(candidate).args(["-c", &asks]).output().is_ok_and(|output| output.status.success())
    };
    let found = candidates.into_iter().find(fits);
    found.unwrap_or_else(|| {
        panic!("looking for Python {major}.{minor}: there is none; install it, with pyenv for example")
    })
}

//! What keeps a project from being judged at all, and why its settings lead to no database: the cause, its place, and
//! what can be done.
//!
//! Where nobody knows which apps there are, or Django's own are not at hand, a database would look as if nobody had made
//! its tables.

use trueup_model::Place;

use super::{DatabaseProblem, Project};
use crate::framework::Obstacle;
use crate::python::{Problem, ProblemKind, Value};
use crate::reporting::pointed;

/// Apps of Django's own that have migrations.
const WITH_MIGRATIONS: &[&str] = &[
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.flatpages",
    "django.contrib.redirects",
    "django.contrib.sessions",
    "django.contrib.sites",
];

const NAME_A_DATABASE: &str =
    "name the database with --database-url postgresql://user:***@localhost:5432/shop";

impl Project {
    /// Why its history cannot be known.
    pub fn obstacle(&self) -> Option<Obstacle> {
        let doing = format!("reading the settings {}", self.settings_module);
        if let Some(obstacle) = self.unknown_apps(&doing) {
            return Some(obstacle);
        }
        let of_django = |entry: &str| {
            WITH_MIGRATIONS.iter().any(|known| {
                entry.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        let wanted = self.apps.iter().find(|app| of_django(&app.entry))?;
        if self.django.is_some() {
            return None;
        }
        let entries = self.settings.get("INSTALLED_APPS").and_then(|value| value.items()).unwrap_or_default();
        let at = entries.iter().find(|entry| entry.as_str() == Some(&wanted.entry)).map(Value::place);
        let at = at.map(|place| format!(" ({}:{})", place.file, place.line)).unwrap_or_default();
        Some(Obstacle {
            what: format!(
                "{doing}: no installed Django was found, and {} of INSTALLED_APPS{at} is a part of it: which tables \
                 its migrations make is not known",
                wanted.entry
            ),
            next: "activate the environment in which the project runs, or set VIRTUAL_ENV to its folder, the one with \
                   lib/python3.…/site-packages/django in it"
                .to_owned(),
        })
    }

    /// INSTALLED_APPS, where nobody knows what is in it.
    fn unknown_apps(&self, doing: &str) -> Option<Obstacle> {
        let broken = self.world.problems().into_iter().find(|problem| problem.kind == ProblemKind::Syntax);
        let Some(value) = self.settings.get("INSTALLED_APPS") else {
            return Some(Obstacle {
                what: format!("{doing}: INSTALLED_APPS is not set"),
                next: self.another_module(),
            });
        };
        match value.items() {
            Some(entries) if entries.is_empty() => Some(Obstacle {
                what: format!("{doing}: INSTALLED_APPS is empty, so that there are no migrations"),
                next: self.another_module(),
            }),
            Some(_) => None,
            None => Some(match broken {
                Some(problem) => Obstacle {
                    what: format!(
                        "{doing}: {}\n{}",
                        problem.message,
                        pointed(shown(&problem.line), &problem.place)
                    ),
                    next: "mend the file: Django does not start before that".to_owned(),
                },
                None => {
                    let (reason, place) = why(&value, "it is no list");
                    let line = self.world.line_at(&place).unwrap_or_default();
                    let at = pointed(shown(&line), &place);
                    Obstacle {
                        what: format!("{doing}: INSTALLED_APPS is not known: {reason}\n{at}"),
                        next: "install what is missing in the project's environment, or set the variable that this \
                               is read from: which apps there are decides everything else"
                            .to_owned(),
                    }
                }
            }),
        }
    }

    fn another_module(&self) -> String {
        format!(
            "set the variable DJANGO_SETTINGS_MODULE to the module with the apps, where it is another one ({} names \
             this one)",
            self.settings_source
        )
    }

    /// Why the settings lead to no PostgreSQL under this alias; nothing where they do.
    pub fn why_no_database(&self, alias: &str) -> Option<Obstacle> {
        let doing = "looking for the database";
        let named = |what: String, next: String| Some(Obstacle { what: format!("{doing}: {what}"), next });
        let Some(value) = self.settings.get("DATABASES") else {
            return named(
                format!("the settings {} have no DATABASES", self.settings_module),
                NAME_A_DATABASE.to_owned(),
            );
        };
        if value.entries().is_none() {
            let (reason, place) = why(&value, "it is not a dictionary");
            let in_its_file =
                |problem: &Problem| problem.kind == ProblemKind::Syntax && problem.place.file == place.file;
            if let Some(problem) = self.world.problems().into_iter().find(in_its_file) {
                let what =
                    format!("DATABASES is not known: {}\n{}", problem.message, pointed("", &problem.place));
                return named(what, format!("mend the file, or {NAME_A_DATABASE}"));
            }
            let at = format!("{}:{}", place.file, place.line);
            return named(
                format!("the setting DATABASES is not known: {reason} ({at})"),
                format!("set what it is read from, or {NAME_A_DATABASE}"),
            );
        }
        let Some(database) = self.databases.get(alias) else {
            let known: Vec<&str> = self.databases.keys().map(String::as_str).collect();
            let (what, next) = match known[..] {
                [] => (
                    format!("DATABASES of the settings {} is empty", self.settings_module),
                    NAME_A_DATABASE.to_owned(),
                ),
                [..] => (
                    format!("DATABASES has no {alias:?}: it has {}", known.join(", ")),
                    format!("choose one of them with --database-alias, or {NAME_A_DATABASE}"),
                ),
            };
            return named(what, next);
        };
        let problem = database.url.as_ref().err()?;
        let (place, next) = match problem {
            DatabaseProblem::NotPostgres { place, .. } => (place, "take the settings of another environment"),
            DatabaseProblem::NotKnown { place, .. } => (place, "set the variable that it is read from"),
        };
        named(
            format!("DATABASES[{alias:?}] leads to no PostgreSQL: {problem} ({}:{})", place.file, place.line),
            format!("{next}, or {NAME_A_DATABASE}"),
        )
    }
}

/// A line of settings, where it surely says nothing that is secret: a password may stand in any other, and what hides
/// passwords goes by how such lines are written.
fn shown(line: &str) -> &str {
    const HARMLESS: &[&str] = &["import ", "from ", "INSTALLED_APPS", "<<<<<<<", "=======", ">>>>>>>"];
    let is_harmless = HARMLESS.iter().any(|word| line.trim_start().starts_with(word)) && !line.contains(':');
    if is_harmless { line } else { "" }
}

/// Why a value is not known, and where the reason stands.
fn why(value: &Value, usual: &str) -> (String, Place) {
    match value.why_unknown() {
        Some(unknown) => (unknown.reason.clone(), unknown.place.clone()),
        None => (usual.to_owned(), value.place()),
    }
}

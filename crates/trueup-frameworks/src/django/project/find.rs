//! Which project and which settings: `manage.py`, the environment, and the configuration of tools.

use std::collections::BTreeSet;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Environment, Request, environment};
use crate::framework::Obstacle;
use crate::python::syntax::{
    Argument, Expression, ExpressionKind, Statement, StatementKind, expressions, parts, statements,
};
use crate::python::{Files, Module, SetVariables, Surroundings, World};
use crate::settings::{parse_dotenv, parse_toml};

/// What names the settings module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsSource {
    /// The variable DJANGO_SETTINGS_MODULE.
    Environment,
    /// A file of the project, as shown.
    File(String),
}

impl std::fmt::Display for SettingsSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Environment => f.write_str("the variable DJANGO_SETTINGS_MODULE"),
            Self::File(file) => f.write_str(file),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    #[error("reading the Django project: there is no manage.py in {root} or below it")]
    NoProject { root: Utf8PathBuf },
    #[error("reading the Django project: nothing in {root} names its settings")]
    NoSettings { root: Utf8PathBuf },
    #[error("reading the Django project: {source_of_name} names the settings {module}: {reason}")]
    Settings { module: String, source_of_name: SettingsSource, reason: String },
}

impl From<ProjectError> for Obstacle {
    fn from(error: ProjectError) -> Self {
        let next = match &error {
            ProjectError::NoProject { .. } => "name the project's folder: --history PATH",
            ProjectError::NoSettings { .. } => "set the variable DJANGO_SETTINGS_MODULE",
            ProjectError::Settings { source_of_name: SettingsSource::Environment, .. } => {
                "set the variable DJANGO_SETTINGS_MODULE to a module of the project"
            }
            ProjectError::Settings { source_of_name: SettingsSource::File(_), .. } => {
                "bring the file back, or set the variable DJANGO_SETTINGS_MODULE to the module that is meant"
            }
        };
        Obstacle { what: error.to_string(), next: next.to_owned() }
    }
}

pub(super) struct Found {
    /// The folder of `manage.py`.
    pub root: Utf8PathBuf,
    /// Folders that `manage.py` puts before all others.
    pub first_roots: Vec<Utf8PathBuf>,
    /// Other folders from which modules are imported.
    pub further_roots: Vec<Utf8PathBuf>,
    pub module: String,
    pub source: SettingsSource,
    /// What `manage.py` sets in the environment.
    pub variables: SetVariables,
    pub environment: Environment,
    /// Variables of the environment that all this was found by.
    pub asked: BTreeSet<String>,
}

/// What `manage.py` does before Django starts.
struct Managed {
    module: Option<String>,
    variables: SetVariables,
    path: Vec<Utf8PathBuf>,
    asked: BTreeSet<String>,
}

const VARIABLE: &str = "DJANGO_SETTINGS_MODULE";

/// Folders from which Python imports.
const PATH_VARIABLE: &str = "PYTHONPATH";

/// Folders that hold other people's files.
const FOREIGN: &[&str] =
    &["node_modules", "site-packages", "venv", "env", "__pycache__", "build", "dist", "target"];

/// How far below the root `manage.py` is looked for.
const DEEPEST: usize = 3;

pub(super) fn has_manage(files: &dyn Files, folder: &Utf8Path) -> bool {
    let text = files.read(&folder.join("manage.py")).and_then(|bytes| String::from_utf8(bytes).ok());
    text.is_some_and(|text| text.contains("django") || text.contains(VARIABLE))
}

pub(super) fn find(request: &Request) -> Result<Found, ProjectError> {
    let files = &*request.files;
    let managed = folder_of_manage(files, &request.root);
    let named = request.environment.get(VARIABLE).filter(|module| !module.is_empty());
    let root = match (&managed, named) {
        (Some(root), _) => root.clone(),
        (None, Some(_)) => request.root.clone(),
        (None, None) => {
            // A project without manage.py can still say what its settings are.
            if from_tools(files, &request.root).is_none() {
                return Err(ProjectError::NoProject { root: request.root.clone() });
            }
            request.root.clone()
        }
    };
    let environment = environment::find(request, &root);
    let Managed { module: managed_module, variables, path, mut asked } =
        from_manage(request, &root, &environment);
    let (module, source) = if let Some(module) = named {
        (module.clone(), SettingsSource::Environment)
    } else if let Some(module) = managed_module {
        (module, SettingsSource::File("manage.py".to_owned()))
    } else if let Some((module, file)) = from_tools(files, &root).or_else(|| from_servers(files, &root)) {
        (module, SettingsSource::File(file))
    } else {
        return Err(ProjectError::NoSettings { root });
    };
    let named_path = request.environment.get(PATH_VARIABLE).map(String::as_str).unwrap_or_default();
    let separator = if named_path.contains(';') { ';' } else { ':' };
    let named_path = named_path.split(separator).filter(|folder| !folder.is_empty());
    let usual = [root.join("src"), request.root.clone(), request.root.join("src")];
    let further_roots = named_path
        .map(|folder| root.join(folder))
        .chain(usual)
        .filter(|folder| *folder != root && files.is_folder(folder))
        .collect();
    asked.extend([VARIABLE, PATH_VARIABLE].map(str::to_owned));
    Ok(Found { root, first_roots: path, further_roots, module, source, variables, environment, asked })
}

/// The nearest folder with a `manage.py`: here, or in a folder below.
pub(super) fn folder_of_manage(files: &dyn Files, root: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut level = vec![root.to_owned()];
    for _ in 0..=DEEPEST {
        if let Some(found) = level.iter().find(|folder| has_manage(files, folder)) {
            return Some(found.clone());
        }
        let below = level.iter().flat_map(|folder| {
            let names = files.list(folder).into_iter();
            let own = names.filter(|name| !name.starts_with('.') && !FOREIGN.contains(&name.as_str()));
            own.map(|name| folder.join(name)).collect::<Vec<_>>()
        });
        level = below.filter(|folder| files.is_folder(folder)).take(500).collect();
    }
    None
}

/// The only settings that `manage.py` names, where variables that were set under unknown names may be these, too: files of
/// variables hardly ever name the settings. `None` where it names others, or some that are worked out.
fn named_in_text(main: &Module) -> Option<String> {
    let body = main.statements()?;
    let outside = statements([&body]);
    let functions = outside.iter().filter_map(|statement| match &statement.kind {
        StatementKind::Function(function) => Some(function.statements()),
        _ => None,
    });
    let all: Vec<&Statement> = functions.flatten().chain(outside.iter().copied()).collect();
    let is_variable = |expression: &Expression| match &expression.kind {
        ExpressionKind::Str(name) => **name == *VARIABLE,
        _ => false,
    };
    let text = |expression: &Expression| match &expression.kind {
        ExpressionKind::Str(text) => Some(text.to_string()),
        _ => None,
    };
    let set = all.iter().filter_map(|statement| match &statement.kind {
        StatementKind::Assign { targets, value } => match targets.first().map(|target| &target.kind) {
            Some(ExpressionKind::Subscript(_, key)) if is_variable(key) => Some(text(value)),
            _ => None,
        },
        _ => None,
    });
    let given = expressions(all.iter().flat_map(|statement| parts(statement).0));
    let given = given.into_iter().filter_map(|expression| match &expression.kind {
        ExpressionKind::Call(call) => match (&call.function.kind, &call.arguments[..]) {
            (
                ExpressionKind::Attribute(_, method),
                [Argument::Positional(key), Argument::Positional(value)],
            ) if **method == *"setdefault" && is_variable(key) => Some(text(value)),
            _ => None,
        },
        _ => None,
    });
    let named: Option<BTreeSet<String>> = set.chain(given).collect();
    let mut named = named?.into_iter();
    named.next().filter(|_| named.next().is_none())
}

/// What `manage.py` does to the environment, found by reading it as `__main__`.
fn from_manage(request: &Request, root: &Utf8Path, environment: &Environment) -> Managed {
    let mut surroundings = Surroundings::new(request.files.clone(), root);
    surroundings.installed.clone_from(&environment.packages);
    surroundings.environment = request.environment.clone();
    surroundings.arguments = vec!["manage.py".to_owned(), "migrate".to_owned()];
    surroundings.opaque = super::OPAQUE.iter().map(|name| (*name).to_owned()).collect();
    surroundings.answers = Some(Rc::new(super::libraries::Libraries::new(request.files.clone())));
    let world = World::new(surroundings);
    let Some(main) = world.run_file(&root.join("manage.py"), "__main__") else {
        return Managed {
            module: None,
            variables: world.set_variables(),
            path: Vec::new(),
            asked: world.asked(),
        };
    };
    let module = match world.variable(VARIABLE) {
        Some(value) if value.why_unknown().is_some() && world.set_variables().more.is_some() => {
            named_in_text(&main)
        }
        value => value.and_then(|value| value.as_str().map(str::to_owned)),
    };
    let known = |folder: &Utf8PathBuf| folder == root || environment.packages.contains(folder);
    let path = world.search_path().into_iter().map(|folder| root.join(folder));
    let path = path.filter(|folder| !known(folder) && request.files.is_folder(folder)).collect();
    let mut variables = world.set_variables();
    // Whoever names the settings was decided by then.
    variables.known.retain(|(name, _)| name != VARIABLE);
    Managed { module, variables, path, asked: world.asked() }
}

/// Files in which tools for tests and types are told the settings.
fn from_tools(files: &dyn Files, root: &Utf8Path) -> Option<(String, String)> {
    let text = |name: &str| files.read(&root.join(name)).and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(settings) = text(".env").map(|text| parse_dotenv(&text))
        && let Some(module) = settings.get(VARIABLE)
    {
        return Some((module.clone(), ".env".to_owned()));
    }
    if let Some(settings) = text("pyproject.toml").and_then(|text| parse_toml(&text)) {
        let keys =
            ["tool.pytest.ini_options.DJANGO_SETTINGS_MODULE", "tool.django-stubs.django_settings_module"];
        if let Some(module) = keys.iter().find_map(|key| settings.get(*key)) {
            return Some((module.clone(), "pyproject.toml".to_owned()));
        }
    }
    for name in ["pytest.ini", "setup.cfg", "tox.ini"] {
        for line in text(name).unwrap_or_default().lines() {
            let Some((key, value)) = line.split_once('=') else { continue };
            let value = value.trim();
            if key.trim().eq_ignore_ascii_case(VARIABLE) && !value.is_empty() {
                return Some((value.to_owned(), name.to_owned()));
            }
        }
    }
    None
}

/// `wsgi.py` and `asgi.py` of a package at the top of the project.
fn from_servers(files: &dyn Files, root: &Utf8Path) -> Option<(String, String)> {
    for folder in files.list(root) {
        for file in ["wsgi.py", "asgi.py"] {
            let shown = format!("{folder}/{file}");
            let Some(bytes) = files.read(&root.join(&shown)) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            let Some((_, after)) = text.split_once(VARIABLE) else { continue };
            let quoted = after.split(['"', '\'']).nth(2);
            if let Some(module) =
                quoted.filter(|module| !module.is_empty() && !module.contains(char::is_whitespace))
            {
                return Some((module.to_owned(), shown));
            }
        }
    }
    None
}

//! Models against history: what the models of a project say that none of its migrations makes.
//!
//! Django itself is asked first (`ask.py`, run by the program). Where it cannot start, the classes are read like
//! everything else, and held against the models after all migrations. What cannot be read is not compared, and said.

mod classes;
mod compare;
mod fields;
mod meta;
mod texts;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use trueup_model::finding::NamedCode;
use trueup_model::{Finding, Severity};

use super::project::{Migrations, Project};
use super::{environment, history, project, read_project};
use crate::detect::Detected;
use crate::framework::ReadError;
use crate::models::{Models, ModelsRead};
use crate::python::{ProblemKind, World};
use crate::record::Recorder;
use crate::reporting::{Fault, excerpt_at, file_finding};

/// What of Django stays closed while models are read: of the rest, classes of models are followed like the project's.
const CLOSED: &[&str] = &[
    "apps",
    "conf",
    "contrib.contenttypes.fields",
    "contrib.gis",
    "contrib.postgres",
    "core",
    "db",
    "dispatch",
    "forms",
    "http",
    "middleware",
    "shortcuts",
    "tasks",
    "template",
    "templatetags",
    "test",
    "urls",
    "utils",
    "views",
];

pub(super) fn models(detected: &Detected) -> Option<Models> {
    let project = read_project(detected).ok()?;
    Some(Models {
        program: Recorder {
            program: super::python(&project),
            arguments: vec!["-c".to_owned(), include_str!("ask.py").to_owned()],
            folder: project.root,
            environment: Vec::new(),
            request: BTreeMap::from([("settings", Some(project.settings_module))]),
        },
        read: |detected| super::on_a_deep_stack(|| read(detected)),
    })
}

fn read(detected: &Detected) -> Result<ModelsRead, ReadError> {
    Ok(of_apps(&read_project(detected)?, |app| app.of_project))
}

/// The classes of the wanted apps, held against the models after all migrations.
fn of_apps(project: &Project, wanted: impl Fn(&project::App) -> bool) -> ModelsRead {
    let all = history::read_all(project);
    let environment = environment(project, super::DEFAULT);
    let (state, doubts) = all.models(environment.clone());
    let mut read = ModelsRead::default();
    let mut compared: Vec<&project::App> = Vec::new();
    for app in project.apps.iter().filter(|app| wanted(app)) {
        match &app.migrations {
            Migrations::Disabled => {
                read.notes.push(format!(
                    "the models of {} are not compared: MIGRATION_MODULES turns its migrations off",
                    app.label
                ));
                continue;
            }
            // What no migration makes is told of each model.
            Migrations::Package { .. } | Migrations::Missing { .. } | Migrations::Uninitialised { .. } => {}
        }
        match doubts.get(&app.label) {
            Some(why) => read.notes.push(format!(
                "the models of {} are not compared: what its migrations make is not certain ({}:{}: {})",
                app.label, why.place.file, why.place.line, why.reason
            )),
            None => compared.push(app),
        }
    }
    let found = classes::find(project, &compared);
    compare::compare(project, &environment, &state, &compared, &found, &mut read);
    read.findings = broken(&found.world, &compared);
    let installed = project.apps.iter().filter(|app| !app.of_project && !app.files().is_empty()).count();
    let left_out = match installed {
        0 => String::new(),
        1 => "; the models of one installed package are not".to_owned(),
        several => format!("; the models of {several} installed packages are not"),
    };
    read.notes.push(format!(
        "the models were read from their files: fields are compared with their columns, and the indexes, constraints \
         and unique_together of Meta{left_out}"
    ));
    read
}

/// Modules that do not parse: nobody knows which models are in them.
fn broken(world: &World, apps: &[&project::App]) -> Vec<Finding> {
    let modules = world.found_modules();
    let problems = world.problems().into_iter().filter(|problem| problem.kind == ProblemKind::Syntax);
    let told = problems.filter_map(|problem| {
        let module = modules.iter().find(|module| module.source.shown == problem.place.file)?;
        let is_of = |app: &&&project::App| {
            module.name.strip_prefix(&app.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        apps.iter().find(is_of)?;
        let excerpt = excerpt_at(&problem.line, &problem.place);
        let fault = Fault { message: problem.message, place: problem.place, excerpt };
        let hint = "mend the file: Django does not start before that, and the models in it are not compared";
        Some(file_finding(NamedCode::UnreadableModels, Severity::Error, &module.name, &fault, hint))
    });
    told.collect()
}

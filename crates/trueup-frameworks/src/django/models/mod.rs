//! Models against history: what the models of a project say that none of its migrations makes.
//!
//! Django itself is asked first (`ask.py`, run by the program). Where it cannot start, the classes are read like
//! everything else, and held against the models after all migrations. What cannot be read is not compared, and said.

mod classes;
mod compare;
mod fields;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::project::{Migrations, Project};
use super::{environment, history, project, read_project};
use crate::detect::Detected;
use crate::framework::ReadError;
use crate::models::{Models, ModelsRead};
use crate::record::Recorder;

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
        // An app without migrations has no history that could say anything.
        if !matches!(&app.migrations, Migrations::Package { files, .. } if !files.is_empty()) {
            continue;
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
    read.notes.push(
        "the models were read from their files: fields are compared with their columns; indexes, constraints and \
         unique_together of Meta are not"
            .to_owned(),
    );
    read
}

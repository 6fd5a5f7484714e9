//! The classes of models: in the modules that Django would import, those that descend from its `Model`.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::project::{App, Project};
use super::CLOSED;
use super::fields::{self, Meta};
use crate::python::value::Class;
use crate::python::{Kind, Module, Surroundings, Unknown, Value, World};

/// What was found.
pub(super) struct Found {
    pub world: World,
    /// By the label of the app.
    pub classes: BTreeMap<String, Vec<Defined>>,
    /// Names that stand for something unknown, in small letters: of a model, perhaps.
    pub unknown: BTreeMap<String, BTreeMap<String, Rc<Unknown>>>,
    /// Apps in whose modules there may be more than what was found, and why.
    pub more: BTreeMap<String, Rc<Unknown>>,
    /// Labels by the package of the app.
    pub labels: Vec<(String, String)>,
    /// Where the classes went that say themselves to which app they belong, by their dotted path in small letters.
    pub moved: BTreeMap<String, String>,
}

/// A class of a model that has a table, or would have one.
pub(super) struct Defined {
    pub class: Rc<Class>,
    pub meta: Result<Meta, Rc<Unknown>>,
}

pub(super) fn find(project: &Project, apps: &[&App]) -> Found {
    let mut found = Found {
        world: world(project),
        classes: BTreeMap::new(),
        unknown: BTreeMap::new(),
        more: BTreeMap::new(),
        labels: project.apps.iter().map(|app| (app.name.clone(), app.label.clone())).collect(),
        moved: BTreeMap::new(),
    };
    // The longest name first: an app may lie within the package of another one.
    found.labels.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    found.world.set_eager(true);
    for app in apps {
        // Where there is no such module, there are no models; one that is broken says so below.
        let _ = found.world.module(&format!("{}.models", app.name));
    }
    found.world.set_eager(false);
    for module in found.world.found_modules() {
        if module.is_read() && !is_of_migrations(&module.name) {
            found.look_into(&module, found.label_of(&module.name).as_deref());
        }
    }
    found
}

fn is_of_migrations(module: &str) -> bool {
    module.split('.').any(|part| part == "migrations")
}

/// The world of the project, where Django's own models are followed.
fn world(project: &Project) -> World {
    let known = project.world.surroundings();
    let mut surroundings = Surroundings::new(known.files.clone(), known.project.clone());
    surroundings.roots.clone_from(&known.roots);
    surroundings.installed.clone_from(&known.installed);
    surroundings.complete = known.complete;
    let kept = known.opaque.iter().filter(|name| *name != "django").cloned();
    surroundings.opaque = kept.chain(CLOSED.iter().map(|name| format!("django.{name}"))).collect();
    surroundings.transparent.clone_from(&known.transparent);
    surroundings.environment.clone_from(&known.environment);
    surroundings.arguments.clone_from(&known.arguments);
    surroundings.python = known.python;
    surroundings.answers.clone_from(&known.answers);
    World::new(surroundings)
}

impl Found {
    /// The app in whose package a module lies.
    pub fn label_of(&self, module: &str) -> Option<String> {
        let is_within = |name: &str| {
            module.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.labels.iter().find(|(name, _)| is_within(name)).map(|(_, label)| label.clone())
    }

    /// `label` is that of the app in whose package the module lies, if it does in one.
    fn look_into(&mut self, module: &Rc<Module>, label: Option<&str>) {
        let more = module.why_broken().or_else(|| module.scope.may_have_more());
        if let (Some(label), Some(unknown)) = (label, more) {
            self.more.entry(label.to_owned()).or_insert(unknown);
        }
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for (name, value) in module.scope.entries() {
            match &value.kind {
                Kind::Class(class) if Rc::ptr_eq(&class.spot.source, &module.source) => {
                    if seen.insert(class.dotted.to_string()) {
                        self.look_at(class, label);
                    }
                }
                Kind::Unknown(unknown) => self.not_known(label, &name, unknown.clone()),
                // Imported: what it is stands elsewhere.
                Kind::Lazy(_) => {}
                // `Forum = model_factory(AbstractForum)`
                _ => {
                    let reason = "what this makes is not followed".to_owned();
                    self.not_known(label, &name, Rc::new(Unknown { reason, place: value.place() }));
                }
            }
        }
    }

    fn not_known(&mut self, label: Option<&str>, name: &str, unknown: Rc<Unknown>) {
        let Some(label) = label else { return };
        self.unknown.entry(label.to_owned()).or_default().insert(name.to_lowercase(), unknown);
    }

    fn look_at(&mut self, class: &Rc<Class>, label: Option<&str>) {
        match is_model(class) {
            Ok(false) => return,
            Ok(true) => {}
            Err(unknown) => return self.not_known(label, &class.name, unknown),
        }
        let meta = Meta::of(class);
        let mut label = label.map(str::to_owned);
        if let Ok(Meta { app_label: Some(own), .. }) = &meta {
            self.moved.insert(class.dotted.to_lowercase(), own.to_string());
            label = Some(own.to_string());
        }
        // In no app, Django would refuse it, unless it has no table anyway.
        let Some(label) = label else { return };
        if meta.as_ref().is_ok_and(|meta| meta.is_abstract) {
            return;
        }
        self.classes.entry(label).or_default().push(Defined { class: class.clone(), meta });
    }
}

/// Whether a class descends from Django's `Model`; unknown where an ancestor is.
pub(super) fn is_model(class: &Rc<Class>) -> Result<bool, Rc<Unknown>> {
    Ok(class.mro()?.iter().any(is_base_of_all))
}

pub(super) fn is_base_of_all(value: &Value) -> bool {
    let Kind::Name(name) = &value.kind else { return false };
    fields::BASES.contains(&&**name)
}

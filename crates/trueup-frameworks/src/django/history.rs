//! The migrations of a project, in Django's order, as the statements that Django would send.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use camino::Utf8Path;
use trueup_model::finding::NamedCode;
use trueup_model::history::{Opaque, TransactionMode};
use trueup_model::{Finding, History, Migration, Place, Severity, Statement, Text};

use super::graph::{Apps, Dependency, Graph, Key, Node, graph};
use super::handlers::{self, Suspect};
use super::project::{App, MigrationFile, Project};
use super::reach;
use super::read::{self, Dependency as On};
use super::routers::Routers;
use super::schema::{Environment, Schema, State, StepKind};
use super::unresolved;
use crate::folder::shown;
use crate::python::{Kind, Problem, ProblemKind, Source, World};
use crate::reporting::{Fault, excerpt_at, excerpt_of, file_finding};
use crate::source;

/// All migrations that were read, whichever of them count.
pub(super) struct Read {
    nodes: Vec<Node>,
    migrations: BTreeMap<Key, One>,
    apps: Apps,
    /// Whether every entry of INSTALLED_APPS could be read.
    all_apps_known: bool,
    /// What was read, by the path that people see.
    sources: BTreeMap<Arc<str>, Rc<Source>>,
    /// What runs beside the migrations.
    handlers: Vec<Suspect>,
    findings: Vec<Finding>,
}

struct One {
    file: Arc<str>,
    /// `None` where the file could not be read at all.
    read: Option<read::Migration>,
    why_not: Option<Opaque>,
}

/// Reads every file. What is wrong with one of them is a finding, and the others are read all the same.
pub(super) fn read_all(project: &Project) -> Read {
    let (with, without): (Vec<&App>, Vec<&App>) =
        project.apps.iter().partition(|app| !app.files().is_empty());
    let labels = |apps: Vec<&App>| apps.into_iter().map(|app| app.label.clone()).collect();
    let mut all = Read {
        nodes: Vec::new(),
        migrations: BTreeMap::new(),
        apps: Apps { with_migrations: labels(with), without_migrations: labels(without) },
        all_apps_known: project.knows_all_apps(),
        sources: BTreeMap::new(),
        handlers: Vec::new(),
        findings: Vec::new(),
    };
    for app in &project.apps {
        let mut before: Option<Key> = None;
        for source in app.files() {
            let key = Key::new(&app.label, &source.name);
            let file: Arc<str> = shown(&project.root, &source.path).into();
            let one = read_one(&project.world, source, &key, &file, &mut all.findings);
            let mut node = one.read.as_ref().map_or_else(
                || Node {
                    key: key.clone(),
                    place: Place::start_of(file.clone()),
                    dependencies: Vec::new(),
                    run_before: Vec::new(),
                    replaces: Vec::new(),
                    is_placed: false,
                },
                |migration| node(&key, migration),
            );
            if !node.is_placed {
                // Nothing says where it stands: after the file before it.
                let place = node.place.clone();
                node.dependencies
                    .extend(before.iter().map(|on| Dependency { on: on.clone(), place: place.clone() }));
            }
            all.nodes.push(node);
            all.migrations.insert(key.clone(), one);
            before = Some(key);
        }
    }
    let modules = project.world.found_modules();
    all.sources = modules.iter().map(|module| (module.source.shown.clone(), module.source.clone())).collect();
    all
}

fn read_one(
    world: &World,
    source: &MigrationFile,
    key: &Key,
    file: &Arc<str>,
    findings: &mut Vec<Finding>,
) -> One {
    let unreadable = |fault: &Fault| {
        file_finding(
            NamedCode::UnreadableMigration,
            Severity::Error,
            &key.to_string(),
            fault,
            "mend the file; Django starts no migration before that",
        )
    };
    let mut without = |fault: Fault| {
        findings.push(unreadable(&fault));
        let why_not = Opaque { reason: fault.message, place: fault.place };
        One { file: file.clone(), read: None, why_not: Some(why_not) }
    };
    let module = match world.module_in(&source.module, &source.path) {
        Ok(module) => module,
        Err(unknown) => return without(Fault::new(unknown.reason.clone(), unknown.place.clone())),
    };
    let problems = world.problems();
    let problems = problems.iter().filter(|problem| problem.place.file == *file);
    let fault = |problem: &Problem| Fault {
        message: problem.message.clone(),
        place: problem.place.clone(),
        excerpt: excerpt_at(&problem.line, &problem.place),
    };
    if let Some(problem) = problems.clone().find(|problem| problem.kind == ProblemKind::Syntax) {
        return without(fault(problem));
    }
    let read = match world.get(&module, "Migration").map(|value| value.kind) {
        Some(Kind::Class(class)) => {
            let read = read::migration(world, &key.app, &key.name, &class);
            One { file: file.clone(), read: Some(read), why_not: None }
        }
        Some(Kind::Unknown(unknown)) => without(Fault::new(unknown.reason.clone(), unknown.place.clone())),
        Some(_) | None => without(Fault::new("it has no class Migration", Place::start_of(file.clone()))),
    };
    for problem in problems.filter(|problem| problem.kind == ProblemKind::Import) {
        let fault = fault(problem);
        findings.push(file_finding(
            NamedCode::UnreadableMigration,
            Severity::Error,
            &key.to_string(),
            &Fault { message: format!("{}: Django cannot import the migration", fault.message), ..fault },
            "install it in the project's environment, or take the import out where nothing needs it any more",
        ));
    }
    read
}

fn node(key: &Key, migration: &read::Migration) -> Node {
    let pair = |(app, name): &(Rc<str>, Rc<str>)| Key::new(&**app, &**name);
    let on = |on: &On| match on {
        On::Migration { app, name } => Key::new(&**app, &**name),
        On::First { app } | On::Swappable { app, .. } => Key::new(&**app, "__first__"),
        On::Latest { app } => Key::new(&**app, "__latest__"),
    };
    Node {
        key: key.clone(),
        place: migration.place.clone(),
        dependencies: migration
            .dependencies
            .iter()
            .map(|(dependency, place)| Dependency { on: on(dependency), place: place.clone() })
            .collect(),
        run_before: migration
            .run_before
            .iter()
            .map(|other| Dependency { on: pair(other), place: migration.place.clone() })
            .collect(),
        replaces: migration.replaces.iter().map(pair).collect(),
        is_placed: migration.is_placed,
    }
}

impl Read {
    /// With what runs beside the migrations.
    pub fn find_handlers(&mut self, project: &Project, alias: &str) {
        self.handlers = handlers::handlers(project, alias);
    }

    /// Keeps what the routers let run on a database.
    pub fn route(&mut self, routers: &Routers) {
        for one in self.migrations.values_mut() {
            if let Some(read) = &mut one.read {
                *read = routers.routed(read);
            }
        }
    }

    /// The history as a database with this ledger sees it.
    pub fn history(&self, root: &Utf8Path, environment: Environment, applied: &BTreeSet<Key>) -> History {
        let graph = graph(&self.nodes, &self.apps, applied);
        let mut schema = Schema::new(environment);
        let mut findings = self.findings.clone();
        let migrations = graph
            .order
            .iter()
            .filter_map(|key| Some((key, self.migrations.get(key)?)))
            .map(|(key, one)| self.compiled(key, one, &graph, &mut schema, root))
            .collect();
        let read = |key| Some((key, self.migrations.get(key)?.read.as_ref()));
        let order: Vec<_> = graph.order.iter().filter_map(read).collect();
        let missing = unresolved::findings(&order, &self.apps, self.all_apps_known, &schema.environment);
        findings.extend(missing.into_iter().chain(graph.findings).map(|finding| self.shown(finding)));
        findings.sort_by(Finding::report_order);
        History {
            framework: super::NAME,
            root: Text::new(shown(root, root)),
            preparation: trueup_model::Preparation::default(),
            migrations,
            handlers: self.handlers.iter().map(|handler| handler.told(&schema)).collect(),
            findings,
        }
    }

    /// The models after all migrations, and the apps whose models are not certain, with the first reason of each.
    pub fn models(&self, environment: Environment) -> (State, BTreeMap<String, Opaque>) {
        let graph = graph(&self.nodes, &self.apps, &BTreeSet::new());
        let mut schema = Schema::new(environment);
        let mut doubts: BTreeMap<String, Opaque> = BTreeMap::new();
        for (key, one) in graph.order.iter().filter_map(|key| Some((key, self.migrations.get(key)?))) {
            let why = match &one.read {
                Some(migration) => schema.follow(migration).into_iter().next(),
                None => one.why_not.clone(),
            };
            if let Some(why) = why {
                doubts.entry(key.app.clone()).or_insert(why);
            }
        }
        (schema.state, doubts)
    }

    /// With the line that stands at its place.
    fn shown(&self, mut finding: Finding) -> Finding {
        if let Some(origin) = &mut finding.origin
            && let Some(place) = &origin.place
            && let Some(source) = self.sources.get(&place.file)
        {
            let line = usize::try_from(place.line).unwrap_or(1).saturating_sub(1);
            let text = source.text().lines().nth(line).unwrap_or_default();
            let column = usize::try_from(place.column).unwrap_or(1).saturating_sub(1);
            let start = text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
            origin.excerpt = excerpt_of(&text[start..]);
        }
        finding
    }

    fn compiled(
        &self,
        key: &Key,
        one: &One,
        graph: &Graph,
        schema: &mut Schema,
        root: &Utf8Path,
    ) -> Migration {
        let id = key.to_string();
        let atomic = one.read.as_ref().is_none_or(|read| read.atomic);
        let transaction = if atomic { TransactionMode::Single } else { TransactionMode::PerStatement };
        let mut migration = source::migration(&id, &id, &one.file, transaction);
        let parents = graph.parents.get(key).into_iter().flatten();
        migration.parents = parents.map(|parent| Text::new(parent.to_string())).collect();
        let replaced = graph.replacing.get(key).into_iter().flatten();
        migration.replaces = replaced.map(|key| Text::new(key.to_string())).collect();
        migration.opaque.clone_from(&one.why_not);
        let Some(read) = &one.read else {
            schema.doubt();
            migration.reach = reach::of_file(root, key, &one.file, schema);
            return migration;
        };
        let compiled = schema.migrate(read);
        if let Some(first) = compiled.opaque().next() {
            migration.opaque = Some(first.clone());
            migration.reach = reach::of_unread(root, key, read, &compiled, schema);
        }
        migration.only_by_tool = compiled.steps.iter().find_map(|step| match &step.kind {
            StepKind::Data { function } if !function.ends_with("RunPython.noop") => Some(Opaque {
                reason: format!("only Django can run {function}, which may change rows"),
                place: step.place.clone(),
            }),
            StepKind::Data { .. } | StepKind::Schema | StepKind::Sql | StepKind::Opaque(_) => None,
        });
        migration.up = compiled
            .statements
            .iter()
            .map(|sent| Statement {
                text: sent.text.trim_end().trim_end_matches(';').into(),
                place: compiled
                    .steps
                    .get(sent.step)
                    .map_or_else(|| Place::start_of(one.file.clone()), |step| step.place.clone()),
                copy_data: None,
            })
            .collect();
        migration
    }
}

#[cfg(test)]
mod tests;

//! The order in which Django runs migrations: what each depends on over all apps, what squashed migrations stand for,
//! and what the ledger has to say about that.
//!
//! It follows Django's own loader step by step, since the order decides which state of the models an operation finds.
//! Where Django stops with an error, this goes on without the edge that is wrong, and says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use trueup_model::finding::NamedCode;
use trueup_model::{Finding, Place, Severity};

use crate::reporting::{Fault, file_finding};

/// A migration by the label of its app and its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub app: String,
    pub name: String,
}

impl Key {
    pub fn new(app: impl Into<String>, name: impl Into<String>) -> Self {
        Self { app: app.into(), name: name.into() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.app, self.name)
    }
}

/// What a file says about its place among the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub key: Key,
    pub place: Place,
    pub dependencies: Vec<Dependency>,
    pub run_before: Vec<Dependency>,
    pub replaces: Vec<Key>,
    /// Whether all of what it depends on is known.
    pub is_placed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// Its name may also be `__first__` or `__latest__`.
    pub on: Key,
    pub place: Place,
}

const FIRST: &str = "__first__";
const LATEST: &str = "__latest__";

/// The apps of a project.
#[derive(Clone, Debug, Default)]
pub(crate) struct Apps {
    pub with_migrations: BTreeSet<String>,
    pub without_migrations: BTreeSet<String>,
}

/// The migrations that count, in the order in which Django runs them on an empty database.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub order: Vec<Key>,
    pub parents: BTreeMap<Key, BTreeSet<Key>>,
    /// Squashed migrations that stand for others here, with those.
    pub replacing: BTreeMap<Key, Vec<Key>>,
    pub findings: Vec<Finding>,
}

/// What `applied` holds decides whether a squashed migration counts, or those that it replaces: all of them applied, or
/// none, and it does.
pub(crate) fn graph(nodes: &[Node], apps: &Apps, applied: &BTreeSet<Key>) -> Graph {
    let mut work = Work::default();
    for node in nodes {
        work.real.insert(node.key.clone());
        work.touch(&node.key);
    }
    let mut findings = Vec::new();
    for node in nodes {
        for dependency in &node.dependencies {
            if dependency.on.app == node.key.app && dependency.on.name != FIRST {
                work.add(&node.key, &dependency.on);
            }
        }
    }
    for node in nodes {
        for dependency in node.dependencies.iter().filter(|dependency| dependency.on.app != node.key.app) {
            match work.resolved(dependency, &node.key, apps) {
                Ok(Some(parent)) => work.add(&node.key, &parent),
                Ok(None) => {}
                Err(message) => findings.push(missing(node, &dependency.place, message)),
            }
        }
        for dependency in &node.run_before {
            match work.resolved(dependency, &node.key, apps) {
                Ok(Some(child)) => work.add(&child, &node.key),
                Ok(None) => {}
                Err(message) => findings.push(missing(node, &dependency.place, message)),
            }
        }
    }
    let mut replacing = BTreeMap::new();
    for node in nodes.iter().filter(|node| !node.replaces.is_empty()) {
        let done = node.replaces.iter().filter(|key| applied.contains(key)).count();
        if done == 0 || done == node.replaces.len() {
            work.remove_replaced(&node.key, &node.replaces);
            replacing.insert(node.key.clone(), node.replaces.clone());
        } else {
            work.remove_replacement(&node.key, &node.replaces);
        }
    }
    findings.extend(work.drop_missing(nodes));
    let order = work.order(nodes, &mut findings);
    let leaves = work.leaves();
    // Where a link is missing or not known, what should hang together does not.
    let unplaced = nodes.iter().filter(|node| !node.is_placed).map(|node| node.key.app.as_str());
    let torn: BTreeSet<&str> = findings
        .iter()
        .filter_map(|finding| finding.origin.as_ref()?.migration.as_str().split('.').next())
        .chain(unplaced)
        .collect();
    let conflicts = conflicts(leaves.iter().filter(|(app, _)| !torn.contains(app.as_str())), nodes);
    findings.extend(conflicts);
    findings.sort_by(Finding::report_order);
    replacing.retain(|key, _| work.real.contains(key));
    Graph { order, parents: work.parents, replacing, findings }
}

fn missing(node: &Node, place: &Place, message: String) -> Finding {
    file_finding(
        NamedCode::MissingParent,
        Severity::Error,
        &node.key.to_string(),
        &Fault::new(message, place.clone()),
        "bring the missing file back, or correct the dependency; Django starts no migration before that",
    )
}

/// The graph while it is made. A key that something refers to and no file defines is in the maps, but not real.
#[derive(Default)]
struct Work {
    real: BTreeSet<Key>,
    parents: BTreeMap<Key, BTreeSet<Key>>,
    children: BTreeMap<Key, BTreeSet<Key>>,
}

impl Work {
    fn touch(&mut self, key: &Key) {
        self.parents.entry(key.clone()).or_default();
        self.children.entry(key.clone()).or_default();
    }

    fn add(&mut self, child: &Key, parent: &Key) {
        self.touch(child);
        self.touch(parent);
        self.parents.entry(child.clone()).or_default().insert(parent.clone());
        self.children.entry(parent.clone()).or_default().insert(child.clone());
    }

    fn remove(&mut self, child: &Key, parent: &Key) {
        if let Some(parents) = self.parents.get_mut(child) {
            parents.remove(parent);
        }
        if let Some(children) = self.children.get_mut(parent) {
            children.remove(child);
        }
    }

    /// `__first__` and `__latest__` are what they are when they are asked for. An app without migrations has nothing
    /// to wait for.
    fn resolved(&self, dependency: &Dependency, own: &Key, apps: &Apps) -> Result<Option<Key>, String> {
        let Key { app, name } = &dependency.on;
        if name != FIRST && name != LATEST || self.real.contains(&dependency.on) {
            return Ok(Some(dependency.on.clone()));
        }
        if *app == own.app || apps.without_migrations.contains(app) {
            return Ok(None);
        }
        if !apps.with_migrations.contains(app) {
            return Err(format!("depends on the app {app}, which is not installed"));
        }
        let ends = if name == FIRST { &self.parents } else { &self.children };
        let mut own_ends = self.real.iter().filter(|key| {
            key.app == *app
                && ends.get(*key).is_none_or(|others| others.iter().all(|other| other.app != *app))
        });
        Ok(own_ends.next().cloned())
    }

    fn remove_replaced(&mut self, replacement: &Key, replaced: &[Key]) {
        for key in replaced {
            self.real.remove(key);
            for child in self.children.remove(key).unwrap_or_default() {
                self.remove(&child, key);
                if !replaced.contains(&child) && child != *replacement {
                    self.add(&child, replacement);
                }
            }
            for parent in self.parents.remove(key).unwrap_or_default() {
                self.remove(key, &parent);
                if !replaced.contains(&parent) && parent != *replacement {
                    self.add(replacement, &parent);
                }
            }
            self.parents.remove(key);
            self.children.remove(key);
        }
    }

    fn remove_replacement(&mut self, replacement: &Key, replaced: &[Key]) {
        self.real.remove(replacement);
        let there: BTreeSet<&Key> = replaced.iter().filter(|key| self.parents.contains_key(key)).collect();
        let before: BTreeSet<Key> = there.iter().flat_map(|key| self.parents[*key].iter().cloned()).collect();
        let last: Vec<Key> = there.into_iter().filter(|key| !before.contains(key)).cloned().collect();
        for child in self.children.remove(replacement).unwrap_or_default() {
            self.remove(&child, replacement);
            for key in &last {
                self.add(&child, key);
            }
        }
        for parent in self.parents.remove(replacement).unwrap_or_default() {
            self.remove(replacement, &parent);
        }
    }

    /// Takes out what no file defines, and says who refers to it.
    fn drop_missing(&mut self, nodes: &[Node]) -> Vec<Finding> {
        let dangling: Vec<Key> =
            self.parents.keys().filter(|key| !self.real.contains(key)).cloned().collect();
        let mut findings = Vec::new();
        for key in dangling {
            for child in self.children.remove(&key).unwrap_or_default() {
                self.remove(&child, &key);
                let Some(node) = nodes.iter().find(|node| node.key == child) else { continue };
                let place = node.dependencies.iter().find(|dependency| dependency.on == key);
                let place = place.map_or(&node.place, |dependency| &dependency.place);
                findings.push(missing(node, place, format!("depends on {key}, which no file defines")));
            }
            for parent in self.parents.remove(&key).unwrap_or_default() {
                self.remove(&key, &parent);
                if let Some(node) = nodes.iter().find(|node| node.key == parent) {
                    let place = node.run_before.iter().find(|dependency| dependency.on == key);
                    let place = place.map_or(&node.place, |dependency| &dependency.place);
                    findings.push(missing(
                        node,
                        place,
                        format!("is to run before {key}, which no file defines"),
                    ));
                }
            }
        }
        findings
    }

    /// Depth first, from the last migration of each app, as Django does it.
    fn order(&mut self, nodes: &[Node], findings: &mut Vec<Finding>) -> Vec<Key> {
        let mut order = Vec::with_capacity(self.real.len());
        let mut done: BTreeSet<Key> = BTreeSet::new();
        let targets: Vec<Key> = self.leaves().into_values().flatten().collect();
        // What waits for itself has no leaf to be found from.
        let starts: Vec<Key> = targets.into_iter().chain(self.real.iter().cloned()).collect();
        for start in starts {
            self.visit(start, &mut done, &mut order, nodes, findings);
        }
        order
    }

    fn visit(
        &mut self,
        start: Key,
        done: &mut BTreeSet<Key>,
        order: &mut Vec<Key>,
        nodes: &[Node],
        findings: &mut Vec<Finding>,
    ) {
        let mut open: Vec<Key> = Vec::new();
        let mut stack = vec![(start, false)];
        while let Some((key, left)) = stack.pop() {
            if left {
                open.pop();
                if done.insert(key.clone()) {
                    order.push(key);
                }
                continue;
            }
            if done.contains(&key) || open.contains(&key) {
                continue;
            }
            open.push(key.clone());
            let parents: Vec<Key> = self.parents.get(&key).into_iter().flatten().cloned().collect();
            stack.push((key.clone(), true));
            for parent in parents {
                if let Some(at) = open.iter().position(|other| *other == parent) {
                    findings.extend(cycle(&open[at..], nodes));
                    self.remove(&key, &parent);
                } else {
                    stack.push((parent, false));
                }
            }
        }
    }

    fn leaves(&self) -> BTreeMap<String, Vec<Key>> {
        let mut leaves: BTreeMap<String, Vec<Key>> = BTreeMap::new();
        for key in &self.real {
            if self.children.get(key).is_none_or(|children| children.iter().all(|child| child.app != key.app))
            {
                leaves.entry(key.app.clone()).or_default().push(key.clone());
            }
        }
        leaves
    }
}

/// Each waits for the next, and the last for the first.
fn cycle(members: &[Key], nodes: &[Node]) -> Option<Finding> {
    let first = members.first()?;
    let node = nodes.iter().find(|node| node.key == *first)?;
    let path: Vec<String> = members.iter().chain([first]).map(Key::to_string).collect();
    Some(file_finding(
        NamedCode::DependencyCycle,
        Severity::Error,
        &first.to_string(),
        &Fault::new(format!("these wait for each other: {}", path.join(" → ")), node.place.clone()),
        "take one of the dependencies out; Django starts no migration before that",
    ))
}

fn conflicts<'a>(leaves: impl Iterator<Item = (&'a String, &'a Vec<Key>)>, nodes: &[Node]) -> Vec<Finding> {
    let several = leaves.filter(|(_, leaves)| leaves.len() > 1);
    let finding = |(app, leaves): (&String, &Vec<Key>)| {
        let last = leaves.last()?;
        let node = nodes.iter().find(|node| node.key == *last)?;
        let names: Vec<&str> = leaves.iter().map(|key| key.name.as_str()).collect();
        Some(file_finding(
            NamedCode::SeveralHeads,
            Severity::Error,
            &last.to_string(),
            &Fault::new(
                format!("the app {app} ends in {} migrations: {}", names.len(), names.join(", ")),
                node.place.clone(),
            ),
            "bring them together: python manage.py makemigrations --merge",
        ))
    };
    several.filter_map(finding).collect()
}

#[cfg(test)]
mod tests;

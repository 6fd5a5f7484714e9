//! DATABASE_ROUTERS: which operations Django carries out on which of several databases.
//!
//! A router is asked as Django asks it, by reading its `allow_migrate`. Where that cannot be known, the operation is
//! opaque. The models change whatever the routers say.

use std::rc::Rc;

use trueup_model::history::Opaque;

use super::project::Project;
use super::read::{Migration, Operation, Placed};
use super::unresolved::model_of;
use crate::python::value::Arguments;
use crate::python::{Kind, Spot, Unknown, Value, World};

/// The routers of a project, asked about one database.
pub(super) struct Routers {
    world: Rc<World>,
    /// Objects with a method `allow_migrate`, or why one of them is not known.
    routers: Vec<Result<Value, Rc<Unknown>>>,
    alias: Rc<str>,
}

/// What the routers say about an operation.
enum Answer {
    Allowed,
    Refused,
    NotKnown(Rc<Unknown>),
}

impl Routers {
    /// `None` where no router has a say.
    pub fn of(project: &Project, alias: &str) -> Option<Self> {
        let world = project.world.clone();
        let known = project.database_routers.iter().filter_map(|value| router(&world, value));
        let routers: Vec<_> = known.collect();
        (!routers.is_empty()).then(|| Self { world, routers, alias: alias.into() })
    }

    /// The migration as it runs on this database.
    pub fn routed(&self, migration: &Migration) -> Migration {
        let operations = migration.operations.iter().map(|placed| self.placed(&migration.app, placed));
        Migration { operations: operations.collect(), ..migration.clone() }
    }

    fn placed(&self, app: &str, placed: &Placed) -> Placed {
        let place = placed.place.clone();
        let operation = match &placed.operation {
            Operation::Separate { database, state } => Operation::Separate {
                database: database.iter().map(|inner| self.placed(app, inner)).collect(),
                state: state.clone(),
            },
            // Nothing of it reaches the database anyway.
            Operation::AlterModelOptions { .. } | Operation::AlterModelManagers | Operation::Opaque(_) => {
                return placed.clone();
            }
            operation => match self.asked(app, operation, &place) {
                Answer::Allowed => return placed.clone(),
                Answer::Refused => Operation::Separate { database: Vec::new(), state: of_state(placed) },
                Answer::NotKnown(unknown) => {
                    let reason = format!("whether a router lets it run is not known: {}", unknown.reason);
                    let opaque = Operation::Opaque(Opaque { reason, place: unknown.place.clone() });
                    let database = vec![Placed { operation: opaque, place: place.clone() }];
                    Operation::Separate { database, state: of_state(placed) }
                }
            },
        };
        Placed { operation, place }
    }

    /// The first router that has an opinion decides, and without any it is allowed.
    fn asked(&self, app: &str, operation: &Operation, place: &trueup_model::Place) -> Answer {
        let spot = Spot::outside(&format!("{}:{}", place.file, place.line));
        let model = match operation {
            Operation::CreateModel(create) => Some(&create.name),
            Operation::RenameModel { new, .. } => Some(new),
            other => model_of(other),
        };
        let mut kwargs: Vec<(Rc<str>, Value)> = Vec::new();
        if let Some(model) = model {
            kwargs.push(("model_name".into(), Value::str(model.to_lowercase(), &spot)));
            let class = format!("the model {app}.{model}, as a router sees it, is not followed");
            kwargs.push(("model".into(), Value::unknown(class, &spot)));
        }
        if let Operation::RunSql { hints, .. } | Operation::RunPython { hints, .. } = operation {
            kwargs.extend(hints.iter().cloned());
        }
        for router in &self.routers {
            let router = match router {
                Ok(router) => router,
                Err(unknown) => return Answer::NotKnown(unknown.clone()),
            };
            let method = self.world.attribute(router, "allow_migrate");
            let args = vec![Value::str(self.alias.clone(), &spot), Value::str(app, &spot)];
            let answer = self.world.call(&method, Arguments { args, kwargs: kwargs.clone() });
            if answer.is_none() {
                continue;
            }
            return match self.world.is_true(&answer) {
                Some(true) => Answer::Allowed,
                Some(false) => Answer::Refused,
                None => Answer::NotKnown(answer.why_unknown().unwrap_or_else(|| {
                    let reason = format!("the router answers with {}", answer.type_name());
                    Rc::new(Unknown { reason, place: answer.place() })
                })),
            };
        }
        Answer::Allowed
    }
}

/// What an operation does to the models.
fn of_state(placed: &Placed) -> Vec<Placed> {
    match placed.operation.own_state() {
        Some(state) => state.to_vec(),
        None => vec![placed.clone()],
    }
}

/// The object of an entry; `None` for one that has nothing to say about migrations.
fn router(world: &World, entry: &Value) -> Option<Result<Value, Rc<Unknown>>> {
    let found = match entry.as_str() {
        Some(path) => world.by_path(path),
        None => entry.clone(),
    };
    let object = match &found.kind {
        Kind::Class(_) => world.call(&found, Arguments::default()),
        _ => found,
    };
    match &object.kind {
        Kind::Object(made) => match &made.class {
            crate::python::value::ClassRef::Class(class) => match class.attribute("allow_migrate") {
                Ok(Some(_)) => Some(Ok(object)),
                Ok(None) => None,
                Err(unknown) => Some(Err(unknown)),
            },
            crate::python::value::ClassRef::Name(_) | crate::python::value::ClassRef::Attribute(_) => {
                Some(Err(not_followed(&object)))
            }
        },
        _ => Some(Err(not_followed(&object))),
    }
}

fn not_followed(value: &Value) -> Rc<Unknown> {
    value.why_unknown().unwrap_or_else(|| {
        let reason = format!("the router {} is not followed", value.type_name());
        Rc::new(Unknown { reason, place: value.place() })
    })
}

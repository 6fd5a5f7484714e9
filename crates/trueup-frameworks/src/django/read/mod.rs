//! From evaluated Python to typed migrations: what operations there are, on what, with what.

mod arguments;
mod expression;
mod expression_call;
mod field;
mod field_call;
mod field_class;
mod follow;
mod index;
mod literal;
mod operation;
mod operation_call;
mod own_methods;
mod run_python;

pub use expression::{Child, Condition, Connector, Expression, Function, Nulls, Operand};
pub use field::{Column, Default, Field, Geometry, ManyToMany, Relation, Target};
pub use field_class::{FIELD_CLASSES, by_internal, field_class};
pub use index::{Constraint, Deferrable, Exclusion, Index, Unique, constraint, index_of_model};
pub use literal::Literal;
pub use operation::{
    Collation, CreateModel, OldIndex, Operation, Options, Parameters, Placed, Sql, TABLE_MARK, Together,
    table_mark,
};
pub use operation_call::together;
pub use run_python::{Work, work_with};

use std::rc::Rc;

use trueup_model::Place;
use trueup_model::history::Opaque;

use crate::python::value::Class;
use crate::python::{Kind, Spot, Unknown, Value, World};
use arguments::Expect;
use own_methods::{Applied, Made};

/// App and name of a migration.
pub type Node = (Rc<str>, Rc<str>);

/// A migration as its file says.
#[derive(Clone, Debug)]
pub struct Migration {
    pub app: Rc<str>,
    pub name: Rc<str>,
    pub place: Place,
    pub dependencies: Vec<(Dependency, Place)>,
    pub replaces: Vec<Node>,
    pub run_before: Vec<Node>,
    pub atomic: bool,
    pub initial: Option<bool>,
    pub operations: Vec<Placed>,
    /// Where the operations are written.
    pub spots: Vec<Spot>,
    /// Whether it is not known which of the operations run.
    pub is_undecided: bool,
    /// What could not be read of all but the operations; these say so themselves.
    pub unread: Vec<Opaque>,
    /// Whether all of what it depends on is known.
    pub is_placed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependency {
    Migration {
        app: Rc<str>,
        name: Rc<str>,
    },
    /// `__first__`
    First {
        app: Rc<str>,
    },
    /// `__latest__`
    Latest {
        app: Rc<str>,
    },
    /// On the first migration of the app of the model that a setting names.
    Swappable {
        app: Rc<str>,
        setting: Rc<str>,
    },
}

/// Reads the class `Migration` of a file.
pub fn migration(world: &World, app: &str, name: &str, class: &Rc<Class>) -> Migration {
    let mut migration = Migration {
        app: app.into(),
        name: name.into(),
        place: class.spot.place(),
        dependencies: Vec::new(),
        replaces: Vec::new(),
        run_before: Vec::new(),
        atomic: true,
        initial: None,
        operations: Vec::new(),
        spots: Vec::new(),
        is_undecided: false,
        unread: Vec::new(),
        is_placed: true,
    };
    let opaque =
        |unknown: Rc<Unknown>| Opaque { reason: unknown.reason.clone(), place: unknown.place.clone() };
    let made = match own_methods::made(world, class, app, name) {
        Ok(made) => made,
        Err(unknown) => {
            migration.is_placed = false;
            migration.unread.push(opaque(unknown));
            return migration;
        }
    };
    if let Err(unknown) = place(&made, &mut migration) {
        migration.is_placed = false;
        migration.unread.push(opaque(unknown));
    }
    if let Err(unknown) = fill(world, &made, &mut migration) {
        migration.unread.push(opaque(unknown));
    }
    match own_methods::applied(world, &made) {
        Ok(Applied::AsUsual) => {}
        Ok(Applied::Nothing) => migration.operations.clear(),
        Err(unknown) => {
            migration.is_undecided = true;
            migration.unread.push(opaque(unknown));
        }
    }
    migration
}

/// Where it stands among the others.
fn place(made: &Made, migration: &mut Migration) -> Result<(), Rc<Unknown>> {
    if let Some(value) = made.attribute("replaces")? {
        migration.replaces = pairs(&value)?;
    }
    if let Some(value) = made.attribute("run_before")? {
        migration.run_before = pairs(&value)?;
    }
    if let Some(value) = made.attribute("dependencies")? {
        for value in value.list()? {
            migration.dependencies.push((dependency(&value)?, value.place()));
        }
    }
    Ok(())
}

/// A field as a model writes it.
pub fn model_field(world: &World, value: &Value) -> Result<Field, Rc<Unknown>> {
    field_call::field(world, value)
}

fn fill(world: &World, made: &Made, migration: &mut Migration) -> Result<(), Rc<Unknown>> {
    if let Some(value) = made.attribute("atomic")? {
        migration.atomic = value.flag()?;
    }
    if let Some(value) = made.attribute("initial")? {
        migration.initial = if value.is_none() { None } else { Some(value.flag()?) };
    }
    if let Some(value) = made.attribute("operations")? {
        for value in value.list()? {
            migration.operations.push(operation_call::operation(world, &value));
            migration.spots.push(value.spot);
        }
    }
    Ok(())
}

fn pairs(value: &Value) -> Result<Vec<Node>, Rc<Unknown>> {
    value.list()?.iter().map(pair).collect()
}

fn pair(value: &Value) -> Result<Node, Rc<Unknown>> {
    match value.list()?.as_slice() {
        [app, name] => Ok((app.text()?, name.text()?)),
        _ => Err(value.wrong("an app and a name")),
    }
}

fn dependency(value: &Value) -> Result<Dependency, Rc<Unknown>> {
    if let Some(object) = value.as_object()
        && object.class.dotted().ends_with("swappable_dependency")
    {
        let model = object.args.first().or_else(|| object.keyword("value"));
        let model = model.ok_or_else(|| value.wrong("a model"))?;
        return swappable(model);
    }
    let (app, name) = pair(value)?;
    Ok(match &*name {
        "__first__" => Dependency::First { app },
        "__latest__" => Dependency::Latest { app },
        _ => Dependency::Migration { app, name },
    })
}

fn swappable(model: &Value) -> Result<Dependency, Rc<Unknown>> {
    let Some(name) = model.as_str() else {
        // The settings could not be read, and this is what they say by default.
        return match &model.kind {
            Kind::Name(name) if name.ends_with("AUTH_USER_MODEL") => {
                Ok(Dependency::Swappable { app: "auth".into(), setting: "auth.User".into() })
            }
            _ => Err(model.wrong("the name of a model")),
        };
    };
    let app = name.split('.').next().unwrap_or_default();
    Ok(Dependency::Swappable { app: app.into(), setting: name.into() })
}

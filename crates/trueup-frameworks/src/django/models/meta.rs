//! What `Meta` says of a table beyond its name: indexes, constraints, `unique_together`, `index_together` and the comment,
//! held against the model after all migrations.
//!
//! Indexes and constraints of one name are the same where Django would send the same statement for them.

use std::collections::BTreeSet;
use std::rc::Rc;

use trueup_model::Place;

use super::super::read::{Constraint, Index, Operation, Together, constraint, index_of_model, together};
use super::super::schema::{Environment, Model, Schema, View, automatic_index_name};
use super::classes::Defined;
use super::compare::Sides;
use crate::models::{ModelChange, ModelsRead};
use crate::python::value::Class;
use crate::python::{Unknown, Value, World};

type Read<T> = Result<T, Rc<Unknown>>;

/// Each part by itself: what is not known of one says nothing about the others.
pub(super) struct Extras {
    place: Place,
    indexes: Read<Vec<Index>>,
    constraints: Read<Vec<Constraint>>,
    unique_together: Read<Together>,
    index_together: Read<Together>,
    comment: Read<Option<Rc<str>>>,
}

impl Extras {
    pub fn of(world: &World, app: &str, defined: &Defined) -> Self {
        let class = &defined.class;
        let written = defined.meta.as_ref().ok().and_then(|meta| meta.written.clone());
        let get = |name: &str| -> Read<Option<Value>> {
            written.as_ref().map_or(Ok(None), |written| written.attribute(name))
        };
        Self {
            place: class.spot.place(),
            indexes: each(get("indexes"), |value| {
                let index = index_of_model(world, value)?;
                Ok(Index { name: named(&index.name, app, class), ..index })
            }),
            constraints: each(get("constraints"), |value| {
                let constraint = constraint(world, value)?;
                let name = named(constraint.name(), app, class);
                Ok(constraint.called(name))
            }),
            unique_together: get("unique_together").and_then(of_together),
            index_together: get("index_together").and_then(of_together),
            comment: get("db_table_comment").and_then(|value| match value {
                Some(value) if !value.is_none() => match value.as_str() {
                    Some("") => Ok(None),
                    Some(text) => Ok(Some(text.into())),
                    None => Err(super::fields::unknown("Meta.db_table_comment is not known", &value)),
                },
                Some(_) | None => Ok(None),
            }),
        }
    }

    pub fn compare(
        &self,
        sides: &Sides<'_>,
        usual: &ModelChange,
        model: &Rc<Model>,
        former: &Rc<Model>,
        read: &mut ModelsRead,
        gaps: &mut Vec<String>,
    ) {
        let mut gap = |what: &str, why: &Unknown| {
            gaps.push(format!(
                "{what} of the model {}.{} are not compared: {} ({}:{})",
                model.app, model.name, why.reason, why.place.file, why.place.line
            ));
        };
        match self.indexes(sides, model, former) {
            Ok(changes) => read.changes.extend(changes.into_iter().map(|change| change.told(usual, model))),
            Err(why) => gap("indexes", &why),
        }
        match self.constraints(sides, model, former) {
            Ok(changes) => read.changes.extend(changes.into_iter().map(|change| change.told(usual, model))),
            Err(why) => gap("constraints", &why),
        }
        let altered = |operation: &str, description: String, details: Option<String>| ModelChange {
            operation: operation.to_owned(),
            description,
            details,
            ..usual.clone()
        };
        let environment: &Environment = sides.ours.environment;
        let together = [
            (
                "AlterUniqueTogether",
                "unique_together",
                &self.unique_together,
                &former.options.unique_together,
            ),
            ("AlterIndexTogether", "index_together", &self.index_together, &former.options.index_together),
        ];
        for (operation, what, ours, theirs) in together {
            // Newer ones refuse it.
            if operation == "AlterIndexTogether" && environment.version.at_least(5, 1) {
                continue;
            }
            match ours {
                Ok(ours) if sets(ours) != sets(theirs) => {
                    let details = format!("it is {}, in the migrations {}", shown(ours), shown(theirs));
                    let description = format!("Alter {what} for {}", model.name);
                    read.changes.push(altered(operation, description, Some(details)));
                }
                Ok(_) => {}
                Err(why) => gap(what, why),
            }
        }
        match &self.comment {
            Ok(comment) if *comment != former.options.comment => {
                let description = format!("Alter {} table comment", model.name);
                read.changes.push(altered("AlterModelTableComment", description, None));
            }
            Ok(_) => {}
            Err(why) => gap("comments", why),
        }
    }

    fn indexes(&self, sides: &Sides<'_>, model: &Rc<Model>, former: &Rc<Model>) -> Read<Vec<Change>> {
        let mut ours = Vec::new();
        for index in self.indexes.clone()? {
            let name = match index.name.is_empty() {
                true => automatic_index_name(&sides.ours, model, &index)
                    .map_err(|stop| Rc::new(Unknown { reason: stop.reason, place: self.place.clone() }))?,
                false => index.name.clone(),
            };
            ours.push(Index { name, ..index });
        }
        let add = |model: &Rc<Model>, index: &Index| Operation::AddIndex {
            model: model.name.clone(),
            index: Box::new(index.clone()),
            concurrently: false,
        };
        let described = |index: &Index| Described { what: "Index", name: index.name.clone(), class: None };
        held(&ours, &former.options.indexes, described, |ours, theirs| {
            let ours = self.sent(&sides.ours, model, add(model, ours))?;
            Ok(ours == self.sent(&sides.theirs, former, add(former, theirs))?)
        })
    }

    fn constraints(&self, sides: &Sides<'_>, model: &Rc<Model>, former: &Rc<Model>) -> Read<Vec<Change>> {
        let ours = self.constraints.clone()?;
        let add = |model: &Rc<Model>, constraint: &Constraint| Operation::AddConstraint {
            model: model.name.clone(),
            constraint: Box::new(constraint.clone()),
            not_valid: false,
        };
        let described = |constraint: &Constraint| {
            let class = match constraint {
                Constraint::Check { .. } => "CheckConstraint",
                Constraint::Unique(_) => "UniqueConstraint",
                Constraint::Exclusion(_) => "ExclusionConstraint",
            };
            Described { what: "Constraint", name: constraint.name().clone(), class: Some(class) }
        };
        held(&ours, &former.options.constraints, described, |ours, theirs| {
            let ours = self.sent(&sides.ours, model, add(model, ours))?;
            Ok(ours == self.sent(&sides.theirs, former, add(former, theirs))?)
        })
    }

    fn sent(&self, view: &View<'_>, model: &Model, operation: Operation) -> Read<Vec<String>> {
        Schema::sent_for(view, &model.app, operation, &self.place).map_err(|opaque| {
            let reason = format!("what Django would send is not known: {}", opaque.reason);
            Rc::new(Unknown { reason, place: opaque.place })
        })
    }
}

/// What is in one list and not in the other; what is another thing under the same name goes and comes.
fn held<T: std::fmt::Debug>(
    ours: &[T],
    theirs: &[T],
    described: impl Fn(&T) -> Described,
    same: impl Fn(&T, &T) -> Read<bool>,
) -> Read<Vec<Change>> {
    let is_called = |one: &T, other: &T| described(one).name == described(other).name;
    let mut changes = Vec::new();
    for one in ours {
        let other = theirs.iter().find(|other| is_called(one, other));
        if let Some(other) = other {
            if format!("{one:?}") == format!("{other:?}") || same(one, other)? {
                continue;
            }
            changes.push(Change { of: described(other), adds: false });
        }
        changes.push(Change { of: described(one), adds: true });
    }
    let gone = theirs.iter().filter(|other| !ours.iter().any(|one| is_called(one, other)));
    changes.extend(gone.map(|one| Change { of: described(one), adds: false }));
    Ok(changes)
}

/// An index or a constraint.
struct Described {
    what: &'static str,
    name: Rc<str>,
    class: Option<&'static str>,
}

/// It comes or goes.
struct Change {
    of: Described,
    adds: bool,
}

impl Change {
    fn told(self, usual: &ModelChange, model: &Model) -> ModelChange {
        let Described { what, name, class } = self.of;
        let word = what.to_lowercase();
        let (operation, description) = match self.adds {
            true => ("Add", format!("Create {word} {name} on model {}", model.name)),
            false => ("Remove", format!("Remove {word} {name} from model {}", model.name)),
        };
        let (index, constraint) = match class {
            None => (Some(name.to_string()), None),
            Some(_) => (None, Some(name.to_string())),
        };
        ModelChange {
            operation: format!("{operation}{what}"),
            description,
            index,
            constraint,
            class: class.map(str::to_owned),
            ..usual.clone()
        }
    }
}

fn each<T>(value: Read<Option<Value>>, read: impl Fn(&Value) -> Read<T>) -> Read<Vec<T>> {
    let Some(value) = value?.filter(|value| !value.is_none()) else { return Ok(Vec::new()) };
    let items = value.items().ok_or_else(|| super::fields::unknown("a list of Meta is not known", &value))?;
    items.iter().map(read).collect()
}

fn of_together(value: Option<Value>) -> Read<Together> {
    value.filter(|value| !value.is_none()).map_or(Ok(Vec::new()), |value| together(&value))
}

/// A name as the class completes it.
fn named(name: &str, app: &str, class: &Class) -> Rc<str> {
    name.replace("%(app_label)s", &app.to_lowercase()).replace("%(class)s", &class.name.to_lowercase()).into()
}

fn sets(together: &Together) -> BTreeSet<&[Rc<str>]> {
    together.iter().map(Vec::as_slice).collect()
}

fn shown(together: &Together) -> String {
    let shown: Vec<String> = together.iter().map(|fields| format!("({})", fields.join(", "))).collect();
    if shown.is_empty() { "empty".to_owned() } else { shown.join(", ") }
}

//! What operations do to the models.

use std::rc::Rc;

use super::super::read::{Column, Default, Field, Index, OldIndex, Operation, Placed, Target, Together};
use super::environment::Environment;
use super::state::{Attempt, Key, Model, State, Stop, resolved};

/// The state after an operation.
pub fn forwards(
    state: &mut State,
    app: &str,
    operation: &Operation,
    environment: &Environment,
) -> Attempt<()> {
    match operation {
        Operation::CreateModel(create) => {
            state.create(app, create);
            Ok(())
        }
        Operation::DeleteModel { name } => {
            let key: Key = (app.into(), name.to_lowercase().into());
            state.remove(&key).map(|_| ()).ok_or_else(|| missing(&key))
        }
        Operation::RenameModel { old, new } => rename_model(state, app, old, new),
        Operation::AlterModelTable { name, table } => {
            state.change(app, name, |model| model.options.db_table.clone_from(&filled(table)))
        }
        Operation::AlterModelTableComment { name, comment } => {
            state.change(app, name, |model| model.options.comment.clone_from(&filled(comment)))
        }
        Operation::AlterUniqueTogether { name, fields } => {
            state.change(app, name, |model| model.options.unique_together.clone_from(fields))
        }
        Operation::AlterIndexTogether { name, fields } => {
            state.change(app, name, |model| model.options.index_together.clone_from(fields))
        }
        Operation::AlterOrderWithRespectTo { name, field } => {
            state.change(app, name, |model| model.options.order_with_respect_to.clone_from(field))
        }
        Operation::AlterModelOptions { name, managed } => {
            state.change(app, name, |model| model.options.managed = managed.unwrap_or(true))
        }
        Operation::AddField { model, name, field, preserve_default } => {
            let field = Rc::new(kept(field, *preserve_default));
            state.change(app, model, |model| {
                model.fields.retain(|(known, _)| known != name);
                model.fields.push((name.clone(), field));
            })
        }
        Operation::RemoveField { model, name } => state
            .change(app, model, |model| {
                let before = model.fields.len();
                model.fields.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
                before != model.fields.len()
            })?
            .then_some(())
            .ok_or_else(|| Stop::new(format!("{app}.{model} has no field {name}"))),
        Operation::AlterField { model, name, field, preserve_default } => {
            let field = Rc::new(kept(field, *preserve_default));
            state.change(app, model, |model| replace(model, name, field))?
        }
        Operation::RenameField { model, old, new } => rename_field(state, app, model, old, new, environment),
        Operation::AddIndex { model, index, concurrently: _ } => {
            state.change(app, model, |model| model.options.indexes.push((**index).clone()))
        }
        Operation::RemoveIndex { model, name, concurrently: _ } => {
            state.change(app, model, |model| model.options.indexes.retain(|index| index.name != *name))
        }
        Operation::RenameIndex { model, new, old } => {
            state.change(app, model, |model| rename_index(model, new, old))
        }
        Operation::AddConstraint { model, constraint, not_valid: _ } => {
            state.change(app, model, |model| model.options.constraints.push((**constraint).clone()))
        }
        Operation::RemoveConstraint { model, name } => {
            state.change(app, model, |model| model.options.constraints.retain(|known| known.name() != name))
        }
        Operation::AlterConstraint { model, name, constraint } => state.change(app, model, |model| {
            for known in &mut model.options.constraints {
                if known.name() == name {
                    *known = (**constraint).clone();
                }
            }
        }),
        Operation::Separate { database: _, state: inner }
        | Operation::RunSql { sql: _, state: inner, hints: _ } => all(state, app, inner, environment),
        Operation::AlterModelManagers
        | Operation::ValidateConstraint { .. }
        | Operation::RunPython { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateCollation(_)
        | Operation::RemoveCollation { .. }
        | Operation::Opaque(_) => Ok(()),
    }
}

pub fn all(state: &mut State, app: &str, inner: &[Placed], environment: &Environment) -> Attempt<()> {
    for placed in inner {
        if let Operation::Opaque(opaque) = &placed.operation {
            return Err(Stop::at(opaque.reason.clone(), &opaque.place));
        }
        forwards(state, app, &placed.operation, environment)?;
    }
    Ok(())
}

fn missing(key: &Key) -> Stop {
    Stop::new(format!("the model {}.{} is in no migration before this one", key.0, key.1))
}

fn filled(text: &Option<Rc<str>>) -> Option<Rc<str>> {
    text.clone().filter(|text| !text.is_empty())
}

/// A field as later migrations know it.
fn kept(field: &Field, preserve_default: bool) -> Field {
    let mut field = field.clone();
    if !preserve_default {
        field.default = Default::None;
    }
    field
}

fn replace(model: &mut Model, name: &str, field: Rc<Field>) -> Attempt<()> {
    let found = model.fields.iter_mut().find(|(known, _)| **known == *name);
    match found {
        Some((_, known)) => {
            *known = field;
            Ok(())
        }
        None => Err(Stop::new(format!("{}.{} has no field {name}", model.app, model.name))),
    }
}

fn rename_model(state: &mut State, app: &str, old: &str, new: &str) -> Attempt<()> {
    let from: Key = (app.into(), old.to_lowercase().into());
    let to: Key = (app.into(), new.to_lowercase().into());
    let model = state.remove(&from).ok_or_else(|| missing(&from))?;
    let mut model = (*model).clone();
    model.name = new.into();
    state.insert(model);
    let target = Target::Far { app: to.0.clone(), model: to.1.clone() };
    state.change_all(|model| {
        let own = model.key();
        // `self` of the renamed model is the new one already.
        let leads = |known: &Target| *known != Target::Own && resolved(known, &own) == from;
        for base in &mut model.bases {
            if *base == from {
                *base = to.clone();
            }
        }
        for (_, field) in &mut model.fields {
            if !field.targets().into_iter().any(leads) {
                continue;
            }
            for known in Rc::make_mut(field).targets_mut() {
                if leads(known) {
                    known.clone_from(&target);
                }
            }
        }
    });
    Ok(())
}

fn rename_field(
    state: &mut State,
    app: &str,
    name: &str,
    old: &str,
    new: &str,
    _environment: &Environment,
) -> Attempt<()> {
    let renamed = |together: &mut Together| {
        for field in together.iter_mut().flatten() {
            if **field == *old {
                *field = new.into();
            }
        }
    };
    state.change(app, name, |model| {
        let Some(found) = model.fields.iter_mut().find(|(known, _)| **known == *old) else {
            return Err(Stop::new(format!("{}.{} has no field {old}", model.app, model.name)));
        };
        found.0 = new.into();
        renamed(&mut model.options.unique_together);
        renamed(&mut model.options.index_together);
        if model.options.order_with_respect_to.as_deref() == Some(old) {
            model.options.order_with_respect_to = Some(new.into());
        }
        for (_, field) in &mut model.fields {
            if let Column::Composite(names) = &field.column {
                let names = names.iter().map(|name| if **name == *old { new.into() } else { name.clone() });
                let names = names.collect();
                Rc::make_mut(field).column = Column::Composite(names);
            }
        }
        Ok(())
    })??;
    let renamed: Key = (app.into(), name.to_lowercase().into());
    state.change_all(|model| {
        let own = model.key();
        for (_, field) in &mut model.fields {
            let Some(relation) = field.relation() else { continue };
            if relation.to_field.as_deref() != Some(old) || resolved(&relation.to, &own) != renamed {
                continue;
            }
            if let Column::Relation(relation) = &mut Rc::make_mut(field).column {
                relation.to_field = Some(new.into());
            }
        }
    });
    Ok(())
}

fn rename_index(model: &mut Model, new: &Rc<str>, old: &OldIndex) {
    match old {
        OldIndex::Name(old) => {
            for index in &mut model.options.indexes {
                if index.name == *old {
                    index.name = new.clone();
                }
            }
        }
        OldIndex::Fields(fields) => {
            model.options.index_together.retain(|known| known != fields);
            model.options.indexes.push(Index {
                name: new.clone(),
                method: None,
                fields: fields.iter().map(|field| (field.clone(), false)).collect(),
                expressions: Vec::new(),
                opclasses: Vec::new(),
                condition: None,
                include: Vec::new(),
                tablespace: None,
                parameters: Vec::new(),
            });
        }
    }
}

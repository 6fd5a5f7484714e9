//! Carries out an operation: first on the models, then on the tables.

use std::rc::Rc;

use trueup_model::Place;
use trueup_model::history::Opaque;

use super::super::read::{Field, Operation, Placed};
use super::constraints::create_constraint;
use super::editor::Editor;
use super::indexes::index_statement;
use super::models;
use super::names::quoted;
use super::run_sql;
use super::signature::Change;
use super::state::{Attempt, Local, Model, State, Stop, order_field, resolved};
use super::{Step, StepKind};

/// Carries out an operation. Where that cannot be done, it is opaque, and none of its statements are kept.
pub fn apply(editor: &mut Editor<'_>, state: &mut State, app: &str, placed: &Placed, steps: &mut Vec<Step>) {
    let operation = &placed.operation;
    if let Operation::Separate { database, state: _ } = operation {
        // The statements come from one list, and the models from the other.
        let mut own = state.clone();
        for inner in database {
            apply(editor, &mut own, app, inner, steps);
        }
        let kind = StepKind::Schema;
        steps.push(Step { place: placed.place.clone(), kind });
        if let Err(stop) = models::forwards(state, app, operation, editor.environment) {
            fail(editor, steps, &placed.place, stop);
        }
        return;
    }
    editor.step = steps.len();
    steps.push(Step { place: placed.place.clone(), kind: kind(operation) });
    if let Operation::Opaque(_) = operation {
        editor.book.doubt_all();
        return;
    }
    let (sent, deferred) = (editor.sent.len(), editor.deferred.len());
    let before = state.clone();
    let done = models::forwards(state, app, operation, editor.environment)
        .and_then(|()| database(editor, &before, state, app, operation));
    if let Err(stop) = done {
        editor.sent.truncate(sent);
        editor.deferred.truncate(deferred);
        let place = place_of_relation(state, app, operation).unwrap_or(&placed.place);
        fail(editor, steps, place, stop);
    }
}

/// The field whose relation leads nowhere, where there is one: it says more than the whole operation.
fn place_of_relation<'o>(state: &State, app: &str, operation: &'o Operation) -> Option<&'o Place> {
    let leads_nowhere = |model: &str, field: &Field| {
        let own = (app.into(), model.to_lowercase().into());
        field.relation().is_some_and(|relation| state.find(&resolved(&relation.to, &own)).is_none())
    };
    let fields = operation.fields().into_iter();
    fields
        .map(|(model, _, field)| (model, field))
        .find(|(model, field)| leads_nowhere(model, field))
        .map(|(_, field)| &field.place)
}

fn kind(operation: &Operation) -> StepKind {
    match operation {
        Operation::RunSql { .. } => StepKind::Sql,
        Operation::RunPython { function, hints: _ } => StepKind::Data { function: function.to_string() },
        Operation::Opaque(opaque) => StepKind::Opaque(opaque.clone()),
        Operation::CreateModel(_)
        | Operation::DeleteModel { .. }
        | Operation::RenameModel { .. }
        | Operation::AlterModelTable { .. }
        | Operation::AlterModelTableComment { .. }
        | Operation::AlterUniqueTogether { .. }
        | Operation::AlterIndexTogether { .. }
        | Operation::AlterOrderWithRespectTo { .. }
        | Operation::AlterModelOptions { .. }
        | Operation::AlterModelManagers
        | Operation::AddField { .. }
        | Operation::RemoveField { .. }
        | Operation::AlterField { .. }
        | Operation::RenameField { .. }
        | Operation::AddIndex { .. }
        | Operation::RemoveIndex { .. }
        | Operation::RenameIndex { .. }
        | Operation::AddConstraint { .. }
        | Operation::RemoveConstraint { .. }
        | Operation::AlterConstraint { .. }
        | Operation::ValidateConstraint { .. }
        | Operation::Separate { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateCollation(_)
        | Operation::RemoveCollation { .. } => StepKind::Schema,
    }
}

fn fail(editor: &mut Editor<'_>, steps: &mut [Step], place: &Place, stop: Stop) {
    // Whatever Django would have done here is missing from now on.
    editor.book.doubt_all();
    let place = stop.place.unwrap_or_else(|| place.clone());
    if let Some(step) = steps.last_mut() {
        step.kind = StepKind::Opaque(Opaque { reason: stop.reason, place });
    }
}

/// The statements of one operation.
fn database(
    editor: &mut Editor<'_>,
    before: &State,
    after: &State,
    app: &str,
    operation: &Operation,
) -> Attempt<()> {
    // The model as it is afterwards, unless Django leaves it alone.
    let tended = |editor: &Editor<'_>, state: &State, name: &str| -> Attempt<Option<Rc<Model>>> {
        let model = state.model(app, name)?.clone();
        Ok((!editor.view(state).is_left_alone(&model)).then_some(model))
    };
    match operation {
        Operation::CreateModel(create) => {
            let Some(model) = tended(editor, after, &create.name)? else { return Ok(()) };
            if model.options.abstracted {
                return Ok(());
            }
            editor.create_model(after, &model)?;
            if editor.environment.version.at_least(5, 1) {
                editor.alter_index_together(after, &model, &[], &model.options.index_together)?;
            }
            Ok(())
        }
        Operation::DeleteModel { name } => match tended(editor, before, name)? {
            Some(model) => editor.delete_model(before, &model),
            None => Ok(()),
        },
        Operation::RenameModel { old, new } => {
            let Some(model) = tended(editor, after, new)? else { return Ok(()) };
            rename_model(editor, before, after, &before.model(app, old)?.clone(), &model)
        }
        Operation::AlterModelTable { name, table: _ } => {
            let Some(model) = tended(editor, after, name)? else { return Ok(()) };
            alter_table(editor, before, after, &before.model(app, name)?.clone(), &model)
        }
        Operation::AlterModelTableComment { name, comment } => {
            if let Some(model) = tended(editor, after, name)? {
                let table = editor.view(after).table(&model)?;
                editor.comment_table(&table, comment.as_deref());
            }
            Ok(())
        }
        Operation::AlterUniqueTogether { name, fields } => {
            let Some(model) = tended(editor, after, name)? else { return Ok(()) };
            let old = before.model(app, name)?.options.unique_together.clone();
            editor.alter_unique_together(after, &model, &old, fields)
        }
        Operation::AlterIndexTogether { name, fields } => {
            let Some(model) = tended(editor, after, name)? else { return Ok(()) };
            let old = before.model(app, name)?.options.index_together.clone();
            editor.alter_index_together(after, &model, &old, fields)
        }
        Operation::AlterOrderWithRespectTo { name, field: _ } => {
            let Some(model) = tended(editor, after, name)? else { return Ok(()) };
            order(editor, before, after, &before.model(app, name)?.clone(), &model)
        }
        Operation::AddField { model, name, field, preserve_default: _ } => {
            let Some(_) = tended(editor, after, model)? else { return Ok(()) };
            let before = before.model(app, model)?.clone();
            editor.add_field(after, &before, name, &Rc::new((**field).clone()))
        }
        Operation::RemoveField { model, name } => match tended(editor, before, model)? {
            Some(model) => editor.remove_field(before, &model, name),
            None => Ok(()),
        },
        Operation::AlterField { model, name, field, preserve_default: _ } => {
            let Some(_) = tended(editor, after, model)? else { return Ok(()) };
            let old = any_field(editor, before, before.model(app, model)?, name)?;
            let mut new = any_field(editor, after, after.model(app, model)?, name)?;
            Rc::make_mut(&mut new.field).default = field.default.clone();
            let change = Change { before, after, old: &old, new: &new };
            let model = before.model(app, model)?.clone();
            editor.alter_field(before, &model, &change)
        }
        Operation::RenameField { model, old, new } => {
            let Some(_) = tended(editor, after, model)? else { return Ok(()) };
            let old = any_field(editor, before, before.model(app, model)?, old)?;
            let new = any_field(editor, after, after.model(app, model)?, new)?;
            let change = Change { before, after, old: &old, new: &new };
            let model = before.model(app, model)?.clone();
            editor.alter_field(before, &model, &change)
        }
        Operation::AddIndex { model, index, concurrently } => {
            let Some(model) = tended(editor, after, model)? else { return Ok(()) };
            let statement = index_statement(editor, after, &model, index, *concurrently)?;
            editor.execute(&statement);
            Ok(())
        }
        Operation::RemoveIndex { model, name, concurrently } => {
            let Some(model) = tended(editor, before, model)? else { return Ok(()) };
            if !model.options.indexes.iter().any(|index| index.name == *name) {
                return Err(Stop::new(format!("{app}.{} has no index {name}", model.name)));
            }
            let table = editor.view(before).table(&model)?;
            editor.drop_index(&table, name, *concurrently);
            Ok(())
        }
        Operation::RenameIndex { model, new, old } => {
            let Some(_) = tended(editor, after, model)? else { return Ok(()) };
            let model = before.model(app, model)?.clone();
            editor.rename_model_index(before, &model, new, old)
        }
        Operation::AddConstraint { model, constraint, not_valid } => {
            let Some(model) = tended(editor, after, model)? else { return Ok(()) };
            let Some(statement) = create_constraint(editor, after, &model, constraint)? else {
                return Ok(());
            };
            if *not_valid {
                editor.book.note(&statement);
                editor.send(format!("{} NOT VALID", statement.text()));
            } else {
                editor.execute(&statement);
            }
            Ok(())
        }
        Operation::RemoveConstraint { model, name } => {
            let Some(model) = tended(editor, after, model)? else { return Ok(()) };
            let old = before.model(app, &model.name)?;
            let constraint =
                old.options.constraints.iter().find(|constraint| constraint.name() == name).cloned();
            let constraint = constraint
                .ok_or_else(|| Stop::new(format!("{app}.{} has no constraint {name}", model.name)))?;
            let table = editor.view(after).table(&model)?;
            editor.remove_constraint(&table, &constraint);
            Ok(())
        }
        Operation::ValidateConstraint { model, name } => {
            if let Some(model) = tended(editor, before, model)? {
                let table = editor.view(before).table(&model)?;
                editor.send(format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", quoted(&table), quoted(name)));
            }
            Ok(())
        }
        Operation::RunSql { sql, state: _, hints: _ } => run_sql::run(editor, before, sql),
        Operation::CreateExtension { name } => {
            editor.send(format!("CREATE EXTENSION IF NOT EXISTS {}", quoted(name)));
            Ok(())
        }
        Operation::CreateCollation(collation) => {
            editor.create_collation(collation);
            Ok(())
        }
        Operation::RemoveCollation { name } => {
            editor.send(format!("DROP COLLATION {}", quoted(name)));
            Ok(())
        }
        Operation::AlterModelOptions { .. }
        | Operation::AlterModelManagers
        | Operation::AlterConstraint { .. }
        | Operation::RunPython { .. }
        | Operation::Separate { .. }
        | Operation::Opaque(_) => Ok(()),
    }
}

/// A field by name, with or without a column.
fn any_field(editor: &Editor<'_>, state: &State, model: &Rc<Model>, name: &str) -> Attempt<Local> {
    if let Ok(local) = editor.view(state).local(model, name) {
        return Ok(local);
    }
    let field = model
        .field(name)
        .ok_or_else(|| Stop::new(format!("{}.{} has no field {name}", model.app, model.name)))?;
    Ok(Local::new(name, field.clone(), model.key()))
}

fn rename_model(
    editor: &mut Editor<'_>,
    before: &State,
    after: &State,
    old: &Rc<Model>,
    new: &Rc<Model>,
) -> Attempt<()> {
    let (old_table, new_table) = (editor.view(before).table(old)?, editor.view(after).table(new)?);
    editor.rename_table(&old_table, &new_table);
    // Every field that leads here; those that cannot be reached from here only where they are many to many.
    let mut leading: Vec<(String, Rc<Model>, Local)> = Vec::new();
    for model in before.models() {
        if model.options.proxy {
            continue;
        }
        for (name, field) in &model.fields {
            let (to, shown) = match (field.relation(), field.many_to_many()) {
                (Some(relation), _) => {
                    let hidden = relation.related_name.as_deref().is_some_and(|name| name.ends_with('+'));
                    if hidden {
                        continue;
                    }
                    (&relation.to, relation.related_query_name.as_ref().or(relation.related_name.as_ref()))
                }
                (None, Some(many)) => (&many.to, many.related_name.as_ref()),
                (None, None) => continue,
            };
            let target = resolved(to, &model.key());
            let concrete = editor.view(before).concrete(&target);
            if concrete.is_ok_and(|model| model.key() == old.key()) {
                let shown = shown.map_or_else(|| model.name.to_lowercase(), ToString::to_string);
                leading.push((shown, model.clone(), Local::new(name, field.clone(), model.key())));
            }
        }
    }
    for (_, model, old_local) in &leading {
        let key = if model.key() == old.key() { new.key() } else { model.key() };
        let owner = after.get(&key)?.clone();
        let new_local = any_field(editor, after, &owner, &old_local.name)?;
        let old_local = any_field(editor, before, model, &old_local.name)?;
        let change = Change { before, after, old: &old_local, new: &new_local };
        let (of, model) = if model.key() == old.key() || editor.environment.version.at_least(5, 2) {
            (after, &owner)
        } else {
            (before, model)
        };
        editor.alter_field(of, model, &change)?;
    }
    let view = editor.view(before);
    let own: Vec<Rc<str>> = view.own_many_to_many(old).into_iter().map(|(name, _)| name.clone()).collect();
    for name in own {
        let old_local = any_field(editor, before, old, &name)?;
        let new_local = any_field(editor, after, new, &name)?;
        let to_itself =
            new_local.field.many_to_many().is_some_and(|many| resolved(&many.to, &new.key()) == new.key());
        if to_itself {
            continue;
        }
        editor.alter_many_to_many(&Change { before, after, old: &old_local, new: &new_local })?;
    }
    Ok(())
}

fn alter_table(
    editor: &mut Editor<'_>,
    before: &State,
    after: &State,
    old: &Rc<Model>,
    new: &Rc<Model>,
) -> Attempt<()> {
    let (old_table, new_table) = (editor.view(before).table(old)?, editor.view(after).table(new)?);
    editor.rename_table(&old_table, &new_table);
    let mut renames = Vec::new();
    for (name, field) in editor.view(before).own_many_to_many(old) {
        let Some(many) = field.many_to_many() else { continue };
        let through = |state: &State, owner: &Model| -> Attempt<String> {
            let view = editor.view(state);
            view.table(&view.through(owner, name, field, many)?)
        };
        renames.push((through(before, old)?, through(after, new)?));
    }
    for (old, new) in renames {
        editor.rename_table(&old, &new);
    }
    Ok(())
}

fn order(
    editor: &mut Editor<'_>,
    before: &State,
    after: &State,
    old: &Rc<Model>,
    new: &Rc<Model>,
) -> Attempt<()> {
    match (&old.options.order_with_respect_to, &new.options.order_with_respect_to) {
        (Some(_), None) => editor.remove_field(before, old, "_order"),
        (None, Some(_)) => {
            let mut local = order_field(new);
            let zero = super::super::read::Literal::Int(0);
            Rc::make_mut(&mut local.field).default = super::super::read::Default::Literal(zero);
            editor.add_column(after, new, &local)
        }
        (Some(_), Some(_)) | (None, None) => Ok(()),
    }
}

//! Models that migrations refer to and that none of them makes: Django stops there with "Related model cannot be
//! resolved", and says neither where nor why.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use trueup_model::finding::NamedCode;
use trueup_model::{Finding, Place, Severity};
use trueup_sql::near::did_you_mean;

use super::graph::{Apps, Key};
use super::read::{Field, Migration, Operation, Placed};
use super::schema::{Environment, Key as Model, Schema, resolved};
use crate::reporting::{Fault, file_finding};

/// A field or an operation that is about a model which is not there.
struct Reference {
    model: Model,
    /// Of the migration.
    key: Key,
    /// `the field owner (ForeignKey) of shop.order`
    what: String,
    place: Place,
}

/// One finding for each model that is missing, at the first reference to it. Where an app has migrations that could not
/// be read, nobody knows what they make, and nothing is said about its models.
pub(super) fn findings(
    order: &[(&Key, Option<&Migration>)],
    apps: &Apps,
    all_apps_known: bool,
    environment: &Environment,
) -> Vec<Finding> {
    let mut schema = Schema::new(environment.clone());
    let mut doubted: BTreeSet<Rc<str>> = BTreeSet::new();
    let mut missing: Vec<Reference> = Vec::new();
    for (key, migration) in order {
        let Some(migration) = migration else {
            doubted.insert(key.app.as_str().into());
            continue;
        };
        if !migration.unread.is_empty() {
            doubted.insert(migration.app.clone());
        }
        for placed in &migration.operations {
            if is_opaque(placed) {
                doubted.insert(migration.app.clone());
            }
            missing.extend(own_model(&schema, key, migration, placed));
            let _ = schema.carry_out(&migration.app, placed);
            missing.extend(targets(&schema, key, migration, placed));
        }
    }
    let known = |model: &Model| {
        let app = model.0.to_string();
        if apps.without_migrations.contains(&app) || doubted.contains(&model.0) {
            return false;
        }
        apps.with_migrations.contains(&app) || all_apps_known
    };
    missing.retain(|reference| known(&reference.model) && !doubted.contains(reference.key.app.as_str()));
    let mut said: BTreeMap<Model, (usize, usize)> = BTreeMap::new();
    for (at, reference) in missing.iter().enumerate() {
        said.entry(reference.model.clone()).or_insert((at, 0)).1 += 1;
    }
    let finding = |(model, (at, count)): (&Model, &(usize, usize))| {
        let first = missing.get(*at)?;
        let more = match count - 1 {
            0 => String::new(),
            1 => "; one more operation refers to it".to_owned(),
            more => format!("; {more} more operations refer to it"),
        };
        let message = format!(
            "{} refers to {}.{}, which no migration before it makes{more}",
            first.what, model.0, model.1
        );
        let hint = hint(model, order, apps, &schema);
        let code = NamedCode::UnresolvedModel;
        let fault = Fault::new(message, first.place.clone());
        Some(file_finding(code, Severity::Error, &first.key.to_string(), &fault, &hint))
    };
    said.iter().filter_map(finding).collect()
}

fn is_opaque(placed: &Placed) -> bool {
    // What is opaque in the database leaves the models alone.
    match placed.operation.own_state() {
        Some(state) => state.iter().any(is_opaque),
        None => matches!(placed.operation, Operation::Opaque(_)),
    }
}

/// An operation on a model of its own app that is not there.
fn own_model(schema: &Schema, key: &Key, migration: &Migration, placed: &Placed) -> Option<Reference> {
    let name = model_of(&placed.operation)?;
    let model: Model = (migration.app.clone(), name.to_lowercase().into());
    schema.state.find(&model).is_none().then(|| Reference {
        what: format!("the operation on {}.{name}", migration.app),
        model,
        key: key.clone(),
        place: placed.place.clone(),
    })
}

/// The model that has to be there before an operation can change it.
pub(super) fn model_of(operation: &Operation) -> Option<&Rc<str>> {
    match operation {
        Operation::DeleteModel { name }
        | Operation::AlterModelTable { name, .. }
        | Operation::AlterModelTableComment { name, .. }
        | Operation::AlterUniqueTogether { name, .. }
        | Operation::AlterIndexTogether { name, .. }
        | Operation::AlterOrderWithRespectTo { name, .. }
        | Operation::AlterModelOptions { name, .. } => Some(name),
        Operation::RenameModel { old, .. } => Some(old),
        Operation::AddField { model, .. }
        | Operation::RemoveField { model, .. }
        | Operation::AlterField { model, .. }
        | Operation::RenameField { model, .. }
        | Operation::AddIndex { model, .. }
        | Operation::RemoveIndex { model, .. }
        | Operation::RenameIndex { model, .. }
        | Operation::AddConstraint { model, .. }
        | Operation::RemoveConstraint { model, .. }
        | Operation::AlterConstraint { model, .. }
        | Operation::ValidateConstraint { model, .. } => Some(model),
        Operation::CreateModel(_)
        | Operation::AlterModelManagers
        | Operation::Separate { .. }
        | Operation::RunSql { .. }
        | Operation::RunPython { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateCollation(_)
        | Operation::RemoveCollation { .. }
        | Operation::Opaque(_) => None,
    }
}

/// The fields that an operation brings, with the model that they are of.
fn fields_of(operation: &Operation) -> Vec<(&Rc<str>, &Rc<str>, &Field)> {
    if let Operation::Separate { database: inner, state: _ } = operation {
        return inner.iter().flat_map(|placed| fields_of(&placed.operation)).collect();
    }
    let has_no_table = matches!(operation, Operation::CreateModel(create) if !create.options.managed || create.options.proxy);
    if has_no_table { Vec::new() } else { operation.fields() }
}

/// Relations of new fields that lead nowhere. `schema` has carried the operation out.
fn targets(schema: &Schema, key: &Key, migration: &Migration, placed: &Placed) -> Vec<Reference> {
    let mut found = Vec::new();
    for (model, name, field) in fields_of(&placed.operation) {
        let own: Model = (migration.app.clone(), model.to_lowercase().into());
        for target in field.targets() {
            let target = resolved(target, &own);
            if schema.state.find(&target).is_none() {
                found.push(Reference {
                    what: format!("the field {name} ({}) of {}.{model}", field.class, migration.app),
                    model: target,
                    key: key.clone(),
                    place: field.place.clone(),
                });
            }
        }
    }
    found
}

/// What would make it resolve.
fn hint(model: &Model, order: &[(&Key, Option<&Migration>)], apps: &Apps, schema: &Schema) -> String {
    let (app, name) = model;
    let operations = || {
        order.iter().filter_map(|(key, migration)| Some((key, (*migration)?))).flat_map(|(key, migration)| {
            migration.operations.iter().map(move |placed| (*key, migration, placed))
        })
    };
    let at = |key: &Key, placed: &Placed| format!("{key} ({}:{})", placed.place.file, placed.place.line);
    let is_it = |found: Option<&Rc<str>>| found.is_some_and(|found| found.eq_ignore_ascii_case(name));
    let made = operations()
        .find(|(_, migration, placed)| migration.app == *app && is_it(placed.operation.made_and_gone().0));
    let gone = operations()
        .find(|(_, migration, placed)| migration.app == *app && is_it(placed.operation.made_and_gone().1));
    if let Some((key, _, placed)) = gone {
        return format!(
            "{} takes it away: let this migration run before it, or change what refers to it in one before that",
            at(key, placed)
        );
    }
    if let Some((key, _, placed)) = made {
        return format!(
            "{} makes it: add (\"{}\", \"{}\") to the dependencies of this migration",
            at(key, placed),
            key.app,
            key.name
        );
    }
    let known: Vec<String> =
        schema.state.models().map(|model| format!("{}.{}", model.app, model.name)).collect();
    let elsewhere = known
        .iter()
        .find(|known| known.split_once('.').is_some_and(|(_, other)| other.eq_ignore_ascii_case(name)));
    let wanted = format!("{app}.{name}");
    let near =
        elsewhere.map(String::as_str).or_else(|| did_you_mean(&wanted, known.iter().map(String::as_str)));
    let near = near.map(|near| format!(" (there is {near})")).unwrap_or_default();
    if apps.with_migrations.contains(&**app) {
        format!(
            "write a migration of {app} that makes it, and add that to the dependencies here; or change this field \
             to what the model has now{near}"
        )
    } else {
        format!(
            "no installed app has the label {app}: put it back into INSTALLED_APPS with its migrations, or change \
             this field here to what the model has now{near}"
        )
    }
}

//! The classes that were read beside the models after all migrations: field by field, with their columns.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::project::{App, Project};
use super::super::read::{Column, Field, Options, Target, model_field};
use super::super::schema::{Environment, Key, Local, Model, State, View, resolved};
use super::classes::{Defined, Found};
use super::fields::{Collector, Meta};
use super::meta::Extras;
use super::texts::Texts;
use crate::models::{ModelChange, ModelsRead};
use crate::python::Unknown;
use crate::python::value::Class;

pub(super) fn compare(
    project: &Project,
    environment: &Environment,
    state: &State,
    apps: &[&App],
    found: &Found,
    read: &mut ModelsRead,
) {
    let mut models = state.clone();
    let mut reader = Reader { project, found, collector: Collector::default() };
    // By key: the models that can be compared, and why others cannot.
    let mut classes: BTreeMap<Key, (Rc<Class>, Extras)> = BTreeMap::new();
    let mut unread: BTreeMap<Key, (Rc<str>, Rc<Unknown>)> = BTreeMap::new();
    for app in apps {
        for defined in found.classes.get(&app.label).into_iter().flatten() {
            let key: Key = (app.label.as_str().into(), defined.class.name.to_lowercase().into());
            match reader.model(app, defined) {
                Ok(model) => {
                    models.insert(model);
                    let extras = Extras::of(&found.world, &app.label, defined);
                    classes.insert(key, (defined.class.clone(), extras));
                }
                Err(unknown) => drop(unread.insert(key, (defined.class.name.clone(), unknown))),
            }
        }
    }
    let sides = Sides {
        theirs: View { state, environment },
        ours: View { state: &models, environment },
        texts: Texts { project, found, apps, files: std::cell::OnceCell::new() },
    };
    let names: BTreeSet<&str> = unread.keys().map(|(_, name)| &**name).collect();
    let mut gaps: Vec<String> =
        unread.iter().map(|((app, _), (name, why))| gap(&format!("{app}.{name}"), why)).collect();
    for app in apps {
        for (key, (class, extras)) in classes.iter().filter(|(key, _)| *key.0 == *app.label) {
            let Some(model) = models.find(key) else { continue };
            if let Some(base) = model.bases.iter().find(|base| models.find(base).is_none()) {
                let reason = format!("its ancestor {}.{} is in no migration", base.0, base.1);
                let why = Unknown { reason, place: class.spot.place() };
                gaps.push(gap(&format!("{}.{}", key.0, model.name), &why));
                continue;
            }
            sides.compare(class, model, extras, read, &mut gaps);
        }
        for model in state.models().filter(|model| *model.app == *app.label) {
            let key = model.key();
            if classes.contains_key(&key) || unread.contains_key(&key) {
                continue;
            }
            let unknown = found.unknown.get(&app.label).and_then(|names| names.get(&*key.1));
            if let Some(why) = unknown.or_else(|| found.more.get(&app.label)) {
                gaps.push(gap(&format!("{}.{}", key.0, model.name), why));
            } else if names.iter().any(|name| key.1.contains(name)) || is_generated(&key.1, &classes) {
                gaps.push(format!(
                    "the model {}.{} is not compared: no class of this name is there, but another one may make it",
                    key.0, model.name
                ));
            } else if let Some(file) = sides.texts.class(&model.name) {
                gaps.push(format!(
                    "the model {}.{} is not compared: {file} defines it, and no models module imports that",
                    key.0, model.name
                ));
            } else {
                read.changes.push(gone(&sides.theirs, model));
            }
        }
    }
    read.notes.extend(said(gaps));
}

/// What django-simple-history makes of the name of a model.
fn is_generated<C>(name: &str, classes: &BTreeMap<Key, C>) -> bool {
    name.strip_prefix("historical").is_some_and(|of| classes.keys().any(|(_, known)| **known == *of))
}

fn gap(model: &str, why: &Unknown) -> String {
    format!("the model {model} is not compared: {} ({}:{})", why.reason, why.place.file, why.place.line)
}

fn said(mut gaps: Vec<String>) -> Vec<String> {
    const SHOWN: usize = 8;
    gaps.sort();
    gaps.dedup();
    let more = gaps.len().saturating_sub(SHOWN);
    gaps.truncate(SHOWN);
    if more > 0 {
        gaps.push(format!("{more} more models cannot be read and are not compared"));
    }
    gaps
}

fn gone(view: &View<'_>, model: &Rc<Model>) -> ModelChange {
    ModelChange {
        app: model.app.to_string(),
        operation: "DeleteModel".to_owned(),
        model: model.name.to_string(),
        description: format!("Delete model {}", model.name),
        table: view.table(model).ok(),
        matters: !view.is_left_alone(model),
        ..ModelChange::default()
    }
}

struct Reader<'a> {
    project: &'a Project,
    found: &'a Found,
    collector: Collector,
}

impl Reader<'_> {
    /// The model that Django would make of a class.
    fn model(&mut self, app: &App, defined: &Defined) -> Result<Model, Rc<Unknown>> {
        let class = &defined.class;
        let meta: &Meta = match &defined.meta {
            Ok(meta) => meta,
            Err(unknown) => return Err(unknown.clone()),
        };
        let collected = self.collector.collect(class)?;
        let mut fields: Vec<(Rc<str>, Rc<Field>)> = Vec::new();
        for (name, value) in &collected.fields {
            let mut field = model_field(&self.found.world, value)?;
            self.settle(&mut field);
            fields.push((name.clone(), Rc::new(field)));
        }
        let bases: Vec<Key> = collected.bases.iter().map(|base| self.key_of(base)).collect();
        let has_key = fields.iter().any(|(_, field)| field.primary_key);
        if !has_key && bases.is_empty() && !meta.is_proxy {
            let usual = app.default_auto_field.as_deref().unwrap_or(&self.project.default_auto_field);
            let internal = usual.rsplit('.').next().unwrap_or(usual);
            let mut field = Field::bare(internal, internal, Column::Internal, class.spot.place());
            field.primary_key = true;
            field.empty_strings_allowed = false;
            fields.insert(0, ("id".into(), Rc::new(field)));
        }
        Ok(Model {
            app: app.label.as_str().into(),
            name: class.name.clone(),
            fields,
            bases: if meta.is_proxy { self.of_proxy(class) } else { bases },
            options: Options {
                db_table: meta.db_table.clone(),
                managed: meta.managed,
                proxy: meta.is_proxy,
                swappable: meta.swappable.clone(),
                order_with_respect_to: meta.order_with_respect_to.clone(),
                ..Options::default()
            },
            through: false,
        })
    }

    /// The models that a proxy may stand for.
    fn of_proxy(&self, class: &Rc<Class>) -> Vec<Key> {
        let classes = class.bases.iter().filter_map(|base| base.as_class());
        classes
            .filter(|base| Meta::of(base).is_ok_and(|meta| !meta.is_abstract))
            .map(|base| self.key_of(base))
            .collect()
    }

    fn key_of(&self, class: &Rc<Class>) -> Key {
        let target = class.dotted.rsplit_once('.').unwrap_or(("", &class.dotted));
        (self.label(target.0, target.1), class.name.to_lowercase().into())
    }

    /// The label of the app of a class in this module.
    fn label(&self, module: &str, name: &str) -> Rc<str> {
        let moved = self.found.moved.get(&format!("{module}.{name}").to_lowercase()).cloned();
        moved.or_else(|| self.found.label_of(module)).map_or_else(|| module.into(), Into::into)
    }

    /// Classes that relations name become app and model.
    fn settle(&self, field: &mut Field) {
        for target in field.targets_mut() {
            if let Target::Far { app, model } = target
                && app.contains('.')
            {
                *app = self.label(app, model);
            }
        }
    }
}

/// What the migrations make, and what the classes say.
pub(super) struct Sides<'a> {
    pub theirs: View<'a>,
    pub ours: View<'a>,
    texts: Texts<'a>,
}

impl Sides<'_> {
    fn compare(
        &self,
        class: &Rc<Class>,
        model: &Rc<Model>,
        extras: &Extras,
        read: &mut ModelsRead,
        gaps: &mut Vec<String>,
    ) {
        let place = class.spot.place();
        let usual = ModelChange {
            app: model.app.to_string(),
            model: model.name.to_string(),
            table: self.ours.table(model).ok(),
            matters: true,
            file: Some(place.file.to_string()),
            line: Some(place.line),
            ..ModelChange::default()
        };
        let Some(former) = self.theirs.state.find(&model.key()) else {
            read.changes.push(ModelChange {
                operation: "CreateModel".to_owned(),
                description: format!("Create model {}", model.name),
                matters: !self.ours.is_left_alone(model),
                ..usual
            });
            return;
        };
        if self.ours.is_left_alone(model) || self.theirs.is_left_alone(former) {
            return;
        }
        if let (Ok(table), Ok(old)) = (self.ours.table(model), self.theirs.table(former))
            && table != old
        {
            read.changes.push(ModelChange {
                operation: "AlterModelTable".to_owned(),
                description: format!("Rename table for {} to {table}", model.name),
                table: Some(old),
                ..usual.clone()
            });
        }
        // What the database has stands in the table of the migrations.
        let usual = ModelChange { table: self.theirs.table(former).ok(), ..usual };
        self.compare_fields(&usual, model, former, read);
        extras.compare(self, &usual, model, former, read, gaps);
    }

    fn compare_fields(
        &self,
        usual: &ModelChange,
        model: &Rc<Model>,
        former: &Rc<Model>,
        read: &mut ModelsRead,
    ) {
        let (ours, theirs) = (fields_of(&self.ours, model), fields_of(&self.theirs, former));
        let mut new: Vec<&Local> = ours.iter().filter(|local| !has(&theirs, local)).collect();
        let mut gone: Vec<&Local> = theirs.iter().filter(|local| !has(&ours, local)).collect();
        for local in &ours {
            let Some(old) = theirs.iter().find(|old| old.name == local.name) else { continue };
            if let Some(details) = self.differs(local, old) {
                read.changes.push(self.altered(usual, local, old, details));
            }
        }
        // `author = ForeignKey` that became `author_id = IntegerField` is the same column.
        new.retain(|local| {
            let at = gone.iter().position(|old| has_column(local, old));
            let Some(old) = at.map(|at| gone.remove(at)) else { return true };
            let details = self.differs(local, old).unwrap_or_else(|| "the field has another name".to_owned());
            read.changes.push(self.altered(usual, local, old, format!("it was {}; {details}", old.name)));
            false
        });
        for local in new {
            let (file, line) = self.place(usual, local);
            let change = of_field(&self.ours, model, local, usual);
            read.changes.push(ModelChange {
                operation: "AddField".to_owned(),
                description: format!("Add field {} to {}", local.name, model.name),
                file,
                line,
                ..change
            });
        }
        for local in gone {
            if let Some(file) = self.texts.adds(&local.name) {
                read.notes.push(format!(
                    "the field {} of {}.{} is not compared: {file} may add it",
                    local.name, model.app, model.name
                ));
                continue;
            }
            read.changes.push(ModelChange {
                operation: "RemoveField".to_owned(),
                description: format!("Remove field {} from {}", local.name, model.name),
                ..of_field(&self.theirs, former, local, usual)
            });
        }
    }

    fn altered(&self, usual: &ModelChange, local: &Local, old: &Local, details: String) -> ModelChange {
        let (file, line) = self.place(usual, local);
        ModelChange {
            operation: "AlterField".to_owned(),
            field: Some(local.name.to_string()),
            description: format!("Alter field {} on {}", local.name, usual.model),
            column: old.field.many_to_many().is_none().then(|| old.column.clone()),
            class: Some(class_of(local)),
            details: Some(details),
            file,
            line,
            ..usual.clone()
        }
    }

    /// Where a field stands: with the class, where nobody wrote it.
    fn place(&self, usual: &ModelChange, local: &Local) -> (Option<String>, Option<u32>) {
        let place = &local.field.place;
        if place.file.is_empty() {
            return (usual.file.clone(), usual.line);
        }
        (Some(place.file.to_string()), Some(place.line))
    }

    /// How two fields differ as columns; nothing where one of them is not known well enough.
    fn differs(&self, ours: &Local, theirs: &Local) -> Option<String> {
        let mut said: Vec<String> = Vec::new();
        let mut differ = |what: &str, ours: String, theirs: String| {
            if ours != theirs {
                said.push(format!("{what} {ours}, in the migrations {theirs}"));
            }
        };
        let is = |field: &Field| match (field.many_to_many(), field.relation()) {
            (Some(_), _) => "a many-to-many field",
            (None, Some(_)) => "a foreign key",
            (None, None) => "a plain field",
        };
        let leads = |local: &Local| -> Option<String> {
            let to = match (local.field.relation(), local.field.many_to_many()) {
                (Some(relation), _) => &relation.to,
                (None, Some(many)) => &many.to,
                (None, None) => return None,
            };
            let (app, model) = resolved(to, &local.model);
            Some(format!("{app}.{model}"))
        };
        let shown = |local: &Local| match leads(local) {
            Some(target) => format!("{} to {target}", is(&local.field)),
            None => is(&local.field).to_owned(),
        };
        differ("it is", shown(ours), shown(theirs));
        if ours.field.many_to_many().is_some() || theirs.field.many_to_many().is_some() {
            return (!said.is_empty()).then(|| said.join("; "));
        }
        differ("its column is", ours.column.clone(), theirs.column.clone());
        let kind = |view: &View<'_>, local: &Local| view.db_type(&local.model, &local.field).ok().flatten();
        // That a primary key changed is said there, and not of all that lead to it.
        let follows = ours.field.relation().is_some() && theirs.field.relation().is_some();
        if let (false, Some(ours), Some(theirs)) =
            (follows, kind(&self.ours, ours), kind(&self.theirs, theirs))
        {
            differ("its type is", ours, theirs);
        }
        let word = |flag: bool, yes: &str, no: &str| if flag { yes.to_owned() } else { no.to_owned() };
        let null = |local: &Local| word(local.field.null && !local.field.primary_key, "null", "not null");
        differ("it is", null(ours), null(theirs));
        let key = |local: &Local| word(local.field.primary_key, "the primary key", "no primary key");
        differ("it is", key(ours), key(theirs));
        let unique = |local: &Local| word(local.field.is_unique(), "unique", "not unique");
        differ("it is", unique(ours), unique(theirs));
        let index =
            |local: &Local| word(local.field.db_index && !local.field.is_unique(), "indexed", "not indexed");
        differ("it is", index(ours), index(theirs));
        (!said.is_empty()).then(|| said.join("; "))
    }
}

/// What there is to say of a field that one side alone has: that of `view`.
fn of_field(view: &View<'_>, owner: &Model, local: &Local, usual: &ModelChange) -> ModelChange {
    let many = local.field.many_to_many();
    let between = many
        .filter(|many| many.through.is_none())
        .and_then(|many| view.table(&view.through(owner, &local.name, &local.field, many).ok()?).ok());
    ModelChange {
        field: Some(local.name.to_string()),
        column: many.is_none().then(|| local.column.clone()),
        table: between.or_else(|| usual.table.clone()),
        class: Some(class_of(local)),
        ..usual.clone()
    }
}

/// Fields with columns, and many-to-many fields.
fn fields_of(view: &View<'_>, model: &Model) -> Vec<Local> {
    let many = model.fields.iter().filter(|(_, field)| field.many_to_many().is_some());
    let many = many.map(|(name, field)| Local::new(name, field.clone(), model.key()));
    view.locals(model).into_iter().chain(many).collect()
}

fn has(fields: &[Local], local: &Local) -> bool {
    fields.iter().any(|other| other.name == local.name)
}

fn has_column(one: &Local, other: &Local) -> bool {
    let many = one.field.many_to_many().is_some() || other.field.many_to_many().is_some();
    !many && one.column == other.column
}

fn class_of(local: &Local) -> String {
    local.field.class.rsplit('.').next().unwrap_or_default().to_owned()
}

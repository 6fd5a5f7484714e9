//! The models of a project as the migrations so far make them.

use std::collections::BTreeMap;
use std::rc::Rc;

use trueup_model::Place;

use super::super::read::{Column, CreateModel, Field, ManyToMany, Options, Relation, Target};
use super::environment::Environment;
use super::names::{truncated, unquoted};

/// App and name of a model, the name in small letters.
pub type Key = (Rc<str>, Rc<str>);

/// Why an operation cannot be carried out: Django would stop there, or something is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    pub reason: String,
    /// Where; the operation itself if nowhere else.
    pub place: Option<Place>,
}

impl Stop {
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), place: None }
    }

    pub fn at(reason: impl Into<String>, place: &Place) -> Self {
        Self { reason: reason.into(), place: Some(place.clone()) }
    }
}

pub type Attempt<T> = Result<T, Stop>;

#[derive(Clone, Debug)]
pub struct Model {
    pub app: Rc<str>,
    /// As written: `OrderLine`.
    pub name: Rc<str>,
    pub fields: Vec<(Rc<str>, Rc<Field>)>,
    /// Models that it inherits from, each with a table of its own.
    pub bases: Vec<Key>,
    pub options: Options,
    /// The table of a many-to-many field that nobody wrote.
    pub through: bool,
}

impl Model {
    pub fn key(&self) -> Key {
        (self.app.clone(), self.name.to_lowercase().into())
    }

    pub fn field(&self, name: &str) -> Option<&Rc<Field>> {
        self.fields.iter().find(|(known, _)| **known == *name).map(|(_, field)| field)
    }
}

/// A field with a column in the table of its model.
#[derive(Clone, Debug)]
pub struct Local {
    pub name: Rc<str>,
    pub column: String,
    pub field: Rc<Field>,
    /// The model that it stands in.
    pub model: Key,
}

impl Local {
    pub fn new(name: &str, field: Rc<Field>, model: Key) -> Self {
        let attribute = if field.relation().is_some() { format!("{name}_id") } else { name.to_owned() };
        let column = field.db_column.as_deref().map_or(attribute, str::to_owned);
        Self { name: name.into(), column, field, model }
    }

    fn is_called(&self, name: &str) -> bool {
        *self.name == *name
            || (self.field.relation().is_some() && name.strip_suffix("_id") == Some(&*self.name))
    }
}

/// All models at one point of the history. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct State {
    models: Rc<BTreeMap<Key, Rc<Model>>>,
}

impl State {
    pub fn models(&self) -> impl Iterator<Item = &Rc<Model>> {
        self.models.values()
    }

    pub fn find(&self, key: &Key) -> Option<&Rc<Model>> {
        self.models.get(key)
    }

    pub fn model(&self, app: &str, name: &str) -> Attempt<&Rc<Model>> {
        let key: Key = (app.into(), name.to_lowercase().into());
        self.get(&key)
    }

    pub fn get(&self, key: &Key) -> Attempt<&Rc<Model>> {
        self.models.get(key).ok_or_else(|| {
            Stop::new(format!("the model {}.{} is in no migration before this one", key.0, key.1))
        })
    }

    pub fn insert(&mut self, model: Model) {
        Rc::make_mut(&mut self.models).insert(model.key(), Rc::new(model));
    }

    pub fn remove(&mut self, key: &Key) -> Option<Rc<Model>> {
        Rc::make_mut(&mut self.models).remove(key)
    }

    /// Changes a model; copies it if somebody else still holds it.
    pub fn change<R>(&mut self, app: &str, name: &str, change: impl FnOnce(&mut Model) -> R) -> Attempt<R> {
        self.model(app, name)?;
        let key: Key = (app.into(), name.to_lowercase().into());
        let models = Rc::make_mut(&mut self.models);
        let model = models.get_mut(&key).ok_or_else(|| Stop::new("the model is gone"))?;
        Ok(change(Rc::make_mut(model)))
    }

    pub fn change_all(&mut self, mut change: impl FnMut(&mut Model)) {
        for model in Rc::make_mut(&mut self.models).values_mut() {
            change(Rc::make_mut(model));
        }
    }

    pub fn create(&mut self, app: &str, create: &CreateModel) {
        let near = |target: &Target| resolved(target, &(app.into(), create.name.to_lowercase().into()));
        let fields = create.fields.iter();
        let mut options = create.options.clone();
        if options.proxy {
            // A proxy has no columns; what is written there belongs to its ancestor.
            options.unique_together.clear();
        }
        self.insert(Model {
            app: app.into(),
            name: create.name.clone(),
            fields: fields.map(|(name, field)| (name.clone(), Rc::new(field.clone()))).collect(),
            bases: create.bases.iter().map(near).collect(),
            options,
            through: false,
        });
    }
}

/// The model that a relation of the model `from` leads to.
pub fn resolved(target: &Target, from: &Key) -> Key {
    match target {
        Target::Own => from.clone(),
        Target::Near(model) => (from.0.clone(), model.clone()),
        Target::Far { app, model } => (app.clone(), model.clone()),
    }
}

/// The models, seen by the rules of a version and of settings.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub state: &'a State,
    pub environment: &'a Environment,
}

impl View<'_> {
    /// The model whose table a proxy uses; any other is its own.
    pub fn concrete(&self, key: &Key) -> Attempt<Rc<Model>> {
        let mut model = self.state.get(key)?.clone();
        let mut left = 32;
        while model.options.proxy && left > 0 {
            let base = model.bases.first().cloned().ok_or_else(|| Stop::new("a proxy of no model"))?;
            model = self.state.get(&base)?.clone();
            left -= 1;
        }
        Ok(model)
    }

    pub fn table(&self, model: &Model) -> Attempt<String> {
        if model.options.proxy {
            let concrete = self.concrete(&model.key())?;
            if !concrete.options.proxy {
                return self.table(&concrete);
            }
        }
        Ok(match &model.options.db_table {
            Some(table) => table.to_string(),
            None => truncated(&format!("{}_{}", model.app, model.name.to_lowercase())),
        })
    }

    /// Whether Django leaves the tables of this model alone.
    pub fn is_left_alone(&self, model: &Model) -> bool {
        model.options.proxy || !model.options.managed || self.is_swapped(model)
    }

    pub fn is_swapped(&self, model: &Model) -> bool {
        let Some(setting) = &model.options.swappable else { return false };
        self.environment.swapped.get(setting).is_some_and(|by| {
            let own = format!("{}.{}", model.app, model.name);
            !by.eq_ignore_ascii_case(&own)
        })
    }

    /// The fields with columns, in the order of the table's columns.
    pub fn locals(&self, model: &Model) -> Vec<Local> {
        let key = model.key();
        let with_column = model.fields.iter().filter(|(_, field)| has_column(field));
        let (created, others): (Vec<_>, Vec<_>) = with_column.partition(|(_, field)| field.auto_created);
        let in_order = created.into_iter().rev().chain(others);
        let mut locals: Vec<Local> =
            in_order.map(|(name, field)| Local::new(name, field.clone(), key.clone())).collect();
        if model.options.proxy {
            return locals;
        }
        let mut implicit = Vec::new();
        for base in &model.bases {
            let leads_there = |local: &Local| {
                local.field.relation().is_some_and(|to| to.parent_link && resolved(&to.to, &key) == *base)
            };
            if !locals.iter().any(leads_there) && self.state.find(base).is_some() {
                implicit.push(parent_link(base, &key, &implicit_place(model)));
            }
        }
        implicit.append(&mut locals);
        let mut locals = implicit;
        if !locals.iter().any(|local| local.field.primary_key) && composite(model).is_none() {
            let parent =
                locals.iter_mut().find(|local| local.field.relation().is_some_and(|to| to.parent_link));
            match parent {
                Some(parent) => Rc::make_mut(&mut parent.field).primary_key = true,
                None => locals.insert(0, self.implicit_id(model)),
            }
        }
        if model.options.order_with_respect_to.is_some()
            && !locals.iter().any(|local| &*local.name == "_order")
        {
            locals.push(order_field(model));
        }
        locals
    }

    fn implicit_id(&self, model: &Model) -> Local {
        let internal = self.environment.auto_field();
        let mut field = Field::bare(internal, internal, Column::Internal, implicit_place(model));
        field.primary_key = true;
        field.empty_strings_allowed = false;
        Local::new("id", Rc::new(field), model.key())
    }

    /// A field by its name; of an ancestor as well.
    pub fn local(&self, model: &Model, name: &str) -> Attempt<Local> {
        // Where a primary key that nobody wrote has the name of another field, that one is meant.
        if let Some(local) = self.locals(model).into_iter().rev().find(|local| local.is_called(name)) {
            return Ok(local);
        }
        if name == "pk" {
            return self.primary_key(model);
        }
        for base in &model.bases {
            if let Ok(local) = self.local(self.state.get(base)?, name) {
                return Ok(local);
            }
        }
        Err(Stop::new(format!("{}.{} has no field {name}", model.app, model.name)))
    }

    pub fn primary_key(&self, model: &Model) -> Attempt<Local> {
        if model.options.proxy {
            let concrete = self.concrete(&model.key())?;
            return self.primary_key(&concrete);
        }
        let found = self.locals(model).into_iter().find(|local| local.field.primary_key);
        found.ok_or_else(|| {
            Stop::new(format!("{}.{} has a primary key over several fields", model.app, model.name))
        })
    }

    /// The field that a relation refers to.
    pub fn target(&self, owner: &Key, relation: &Relation) -> Attempt<Local> {
        let key = resolved(&relation.to, owner);
        let model = self.state.get(&key).map_err(|_| {
            Stop::new(format!("the related model {}.{} is in no migration before this one", key.0, key.1))
        })?;
        match &relation.to_field {
            Some(name) => self.local(model, name),
            None => self.primary_key(model),
        }
    }

    pub fn target_table(&self, target: &Local) -> Attempt<String> {
        self.table(self.state.get(&target.model)?)
    }

    /// Many-to-many fields that have a table which no model stands for.
    pub fn own_many_to_many<'m>(&self, model: &'m Model) -> Vec<(&'m Rc<str>, &'m Rc<Field>)> {
        let fields = model
            .fields
            .iter()
            .filter(|(_, field)| field.many_to_many().is_some_and(|many| many.through.is_none()));
        fields.map(|(name, field)| (name, field)).collect()
    }

    /// The model behind a many-to-many field that names none.
    pub fn through(&self, owner: &Model, name: &str, field: &Field, many: &ManyToMany) -> Attempt<Model> {
        let own = owner.key();
        let to_key = resolved(&many.to, &own);
        let own_table = self.table(owner)?;
        let table = match &many.db_table {
            Some(table) => table.to_string(),
            None => truncated(&format!("{}_{name}", unquoted(&own_table))),
        };
        let (mut to, mut from) = (to_key.1.to_string(), own.1.to_string());
        if to == from {
            (to, from) = (format!("to_{to}"), format!("from_{from}"));
        }
        let link = |target: &Key| {
            let relation = Relation {
                to: Target::Far { app: target.0.clone(), model: target.1.clone() },
                to_field: None,
                db_constraint: many.db_constraint,
                parent_link: false,
                related_name: Some(format!("{}_{name}+", owner.name).into()),
                related_query_name: None,
                one_to_one: false,
            };
            let mut link =
                Field::bare("ForeignKey", "ForeignKey", Column::Relation(relation), field.place.clone());
            link.db_index = true;
            link.empty_strings_allowed = false;
            link.tablespace = field.tablespace.clone();
            Rc::new(link)
        };
        let related = self.state.find(&to_key);
        let options = Options {
            db_table: Some(table.into()),
            tablespace: owner.options.tablespace.clone(),
            unique_together: vec![vec![from.as_str().into(), to.as_str().into()]],
            managed: owner.options.managed || related.is_some_and(|model| model.options.managed),
            ..Options::default()
        };
        Ok(Model {
            app: owner.app.clone(),
            name: format!("{}_{name}", owner.name).into(),
            fields: vec![(from.into(), link(&own)), (to.into(), link(&to_key))],
            bases: Vec::new(),
            options,
            through: true,
        })
    }

    /// Every foreign key that refers to a model, with the model that has it, in the order of Django.
    pub fn relations_to(&self, key: &Key) -> Attempt<Vec<(Rc<Model>, Local)>> {
        let mut found: Vec<(String, Rc<Model>, Local)> = Vec::new();
        let mut look = |model: &Rc<Model>| -> Attempt<()> {
            for local in self.locals(model) {
                let Some(relation) = local.field.relation() else { continue };
                let target = resolved(&relation.to, &local.model);
                let Ok(concrete) = self.concrete(&target) else { continue };
                if concrete.key() == *key {
                    let query = relation.related_query_name.as_ref().or(relation.related_name.as_ref());
                    let name = query.map_or_else(|| model.name.to_lowercase(), ToString::to_string);
                    found.push((name, model.clone(), local));
                }
            }
            Ok(())
        };
        for model in self.state.models() {
            if model.options.proxy {
                continue;
            }
            look(model)?;
        }
        for model in self.state.models() {
            for (name, field) in self.own_many_to_many(model) {
                if let Some(many) = field.many_to_many() {
                    look(&Rc::new(self.through(model, name, field, many)?))?;
                }
            }
        }
        if self.environment.version.at_least(4, 1) {
            found.sort_by(|(one, ..), (other, ..)| one.cmp(other));
        }
        Ok(found.into_iter().map(|(_, model, local)| (model, local)).collect())
    }
}

pub fn has_column(field: &Field) -> bool {
    match &field.column {
        Column::Internal
        | Column::Fixed(_)
        | Column::Array { .. }
        | Column::Geometry(_)
        | Column::Relation(_)
        | Column::Generated { .. } => true,
        Column::ManyToMany(_) | Column::Composite(_) | Column::Nothing => false,
    }
}

/// The names of the fields of a primary key over several.
pub fn composite(model: &Model) -> Option<&[Rc<str>]> {
    model.fields.iter().find_map(|(_, field)| match &field.column {
        Column::Composite(names) => Some(names.as_slice()),
        Column::Internal
        | Column::Fixed(_)
        | Column::Array { .. }
        | Column::Geometry(_)
        | Column::Relation(_)
        | Column::ManyToMany(_)
        | Column::Generated { .. }
        | Column::Nothing => None,
    })
}

fn parent_link(base: &Key, key: &Key, place: &Place) -> Local {
    let relation = Relation {
        to: Target::Far { app: base.0.clone(), model: base.1.clone() },
        to_field: None,
        db_constraint: true,
        parent_link: true,
        related_name: None,
        related_query_name: None,
        one_to_one: true,
    };
    let mut field = Field::bare("OneToOneField", "OneToOneField", Column::Relation(relation), place.clone());
    field.unique = true;
    field.db_index = true;
    field.empty_strings_allowed = false;
    Local::new(&format!("{}_ptr", base.1), Rc::new(field), key.clone())
}

pub fn order_field(model: &Model) -> Local {
    let mut field = Field::bare("OrderWrt", "IntegerField", Column::Internal, implicit_place(model));
    field.empty_strings_allowed = false;
    Local::new("_order", Rc::new(field), model.key())
}

/// Where a field stands that nobody wrote: with the first that somebody did.
fn implicit_place(model: &Model) -> Place {
    model.fields.first().map_or_else(|| Place::start_of(""), |(_, field)| field.place.clone())
}

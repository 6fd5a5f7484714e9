//! What Django compares before it alters a field: nothing happens where only words for people changed.

use std::collections::BTreeMap;

use super::super::read::{Column, Field, ManyToMany, Relation, Target};
use super::editor::Editor;
use super::state::{Attempt, Local, State, View, resolved};

/// A field before and after an operation.
pub struct Change<'c> {
    pub before: &'c State,
    pub after: &'c State,
    pub old: &'c Local,
    pub new: &'c Local,
}

impl Editor<'_> {
    /// Whether there is anything to do for the database.
    pub fn should_be_altered(&self, change: &Change<'_>, but_comment: bool) -> Attempt<bool> {
        let (old, new) = (change.old, change.new);
        let version = self.environment.version;
        let (many, column) =
            (new.field.many_to_many().is_some(), has_name(&old.field) && has_name(&new.field));
        if version.at_least(5, 0) && !has_name(&old.field) && !has_name(&new.field) {
            return Ok(false);
        }
        if column && old.column != new.column && (version.before(6, 0) || !many) {
            return Ok(true);
        }
        if version.at_least(6, 0) && many && old.field.many_to_many().is_some() && old.name != new.name {
            return Ok(true);
        }
        let mut before = self.signature(change.before, old)?;
        let mut after = self.signature(change.after, new)?;
        if but_comment {
            before.remove("db_comment");
            after.remove("db_comment");
        }
        if version.at_least(5, 0)
            && let (Some(one), Some(other)) = (old.field.relation(), new.field.relation())
        {
            let table = |state: &State, local: &Local, relation: &Relation| -> Attempt<String> {
                let view = self.view(state);
                view.table(state.get(&resolved(&relation.to, &local.model))?)
            };
            if table(change.before, old, one)? == table(change.after, new, other)? {
                before.remove("to");
                after.remove("to");
            }
        }
        Ok(before != after)
    }

    /// What `deconstruct` tells about a field, but for what the database never sees.
    fn signature(&self, state: &State, local: &Local) -> Attempt<BTreeMap<&'static str, String>> {
        let field = &local.field;
        let view = self.view(state);
        let mut told: BTreeMap<&'static str, String> = BTreeMap::new();
        told.insert("class", field.class.to_string());
        let mut flag = |name: &'static str, value: bool, usual: bool| {
            if value != usual {
                told.insert(name, value.to_string());
            }
        };
        let relation = field.relation();
        let one_to_one = relation.is_some_and(|relation| relation.one_to_one);
        flag("null", field.null, false);
        flag("primary_key", field.primary_key, false);
        flag("unique", field.unique, one_to_one);
        flag("db_index", field.db_index, relation.is_some() || &*field.class == "SlugField");
        flag("auto_now", field.auto_now, false);
        let mut text = |name: &'static str, value: Option<String>| {
            if let Some(value) = value {
                told.insert(name, value);
            }
        };
        let owned = |value: &Option<std::rc::Rc<str>>| value.as_deref().map(str::to_owned);
        text("db_tablespace", owned(&field.tablespace));
        text("db_comment", owned(&field.comment));
        text("db_collation", owned(&field.collation));
        text("max_length", field.max_length.map(|number| number.to_string()));
        text("max_digits", field.max_digits.map(|number| number.to_string()));
        text("decimal_places", field.decimal_places.map(|number| number.to_string()));
        match &field.default {
            super::super::read::Default::None => {}
            default => text("default", Some(format!("{default:?}"))),
        }
        text("db_default", self.default_text(state, local)?);
        text("column", column_signature(&view, local)?);
        if let Some(relation) = relation {
            let (app, model) = resolved(&relation.to, &local.model);
            text("to", Some(format!("{app}.{model}")));
        }
        let choices = self.environment.version.at_least(4, 1);
        let others: Vec<String> = field
            .others
            .iter()
            .filter(|(name, _)| !(choices && &***name == "choices"))
            .filter(|(name, value)| !is_usual(name, value))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        text("others", Some(others.join(", ")));
        Ok(told)
    }

    /// The default of the database, as SQL.
    pub fn default_text(&self, state: &State, local: &Local) -> Attempt<Option<String>> {
        let Some(default) = &local.field.db_default else { return Ok(None) };
        let Some(model) = state.find(&local.model) else { return Ok(None) };
        let writer = super::expression::Writer::new(self.view(state), model);
        Ok(Some(writer.database_default(&local.field, default)?.text))
    }
}

fn is_usual(name: &str, value: &str) -> bool {
    matches!((name, value), ("serialize" | "editable" | "symmetrical" | "swappable", "True") | ("_", "None"))
        || value == "None"
}

/// A column, or the table of a many-to-many field.
fn has_name(field: &Field) -> bool {
    super::state::has_column(field) || field.many_to_many().is_some()
}

fn column_signature(view: &View<'_>, local: &Local) -> Attempt<Option<String>> {
    let key = |target: &Target| {
        let (app, model) = resolved(target, &local.model);
        format!("{app}.{model}")
    };
    Ok(Some(match &local.field.column {
        Column::Internal => return Ok(None),
        Column::Fixed(name) => name.to_string(),
        Column::Array { base, size } => {
            format!("{:?} {size:?}", view.db_type(&local.model, base)?)
        }
        Column::Geometry(geometry) => format!("{geometry:?}"),
        Column::Relation(relation) => return Ok(Some(relation_signature(view, local, relation)?)),
        Column::ManyToMany(ManyToMany { to, through, db_table, db_constraint, related_name: _ }) => {
            let through = through.as_ref().map(&key);
            format!("{} {through:?} {db_table:?} {db_constraint}", key(to))
        }
        Column::Generated { expression, output, stored } => {
            format!("{expression:?} {} {stored}", output.internal)
        }
        Column::Composite(names) => names.join(" "),
        Column::Nothing => return Ok(None),
    }))
}

fn relation_signature(view: &View<'_>, local: &Local, relation: &Relation) -> Attempt<String> {
    // The primary key is what is meant where nothing is said.
    let target = view.target(&local.model, relation)?;
    let field = relation.to_field.as_deref().filter(|_| !target.field.primary_key);
    Ok(format!("{field:?} {} {}", relation.db_constraint, relation.parent_link))
}
